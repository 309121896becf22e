#include "http/scan.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* clang-format off */
const unsigned char scan_classes[256] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, /* 00 */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 10 */
	4, 15, 6, 5, 15, 7, 15, 15, 14, 14, 15, 15, 14, 15, 15, 6, /* 20 */
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 6, 14, 6, 14, 6, 6, /* 30 */
	6, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, /* 40 */
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 6, 6, 6, 7, 15, /* 50 */
	7, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, /* 60 */
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 6, 7, 6, 15, 0, /* 70 */
	4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, /* 80 */
	4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, /* 90 */
	4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, /* a0 */
	4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, /* b0 */
	4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, /* c0 */
	4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, /* d0 */
	4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, /* e0 */
	4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, /* f0 */
};
/* clang-format on */

size_t
scan_bytes(const char *p, size_t from, size_t to, enum scan_class class)
{
	while (from < to && scan_is(p[from], class))
		from++;
	return from;
}

#ifdef __SSE2__

/* Bytes of v in [low, high], as unsigned: all bits set. */
static inline __m128i
in_range(__m128i v, unsigned char low, unsigned char high)
{
	__m128i from = _mm_sub_epi8(v, _mm_set1_epi8((char)low));
	__m128i span = _mm_set1_epi8((char)(high - low));

	return _mm_cmpeq_epi8(_mm_min_epu8(from, span), from);
}

static inline __m128i
is(__m128i v, char c)
{
	return _mm_cmpeq_epi8(v, _mm_set1_epi8(c));
}

/* A bit for each byte of the class; of tokens only letters, digits and '-',
 * which nearly all names are made of. */
static inline unsigned
sure(__m128i v, enum scan_class class)
{
	__m128i ok;

	switch (class) {
	case SCAN_TOKEN:
		ok = in_range(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 'z');
		ok = _mm_or_si128(ok, in_range(v, '0', '9'));
		ok = _mm_or_si128(ok, is(v, '-'));
		break;
	case SCAN_TARGET:
		ok = _mm_andnot_si128(is(v, '#'), in_range(v, 0x21, 0x7e));
		break;
	case SCAN_VALUE:
	default:
		ok = in_range(v, 0x20, 0xff);
		ok = _mm_andnot_si128(is(v, 0x7f), ok);
		ok = _mm_or_si128(ok, is(v, '\t'));
		break;
	}
	return (unsigned)_mm_movemask_epi8(ok);
}

static inline size_t
scan(const char *p, size_t from, size_t to, size_t n, enum scan_class class)
{
	while (from < to && from + 16 <= n) {
		__m128i v;
		unsigned bad;

		v = _mm_loadu_si128((const __m128i *)(const void *)(p + from));
		bad = ~sure(v, class) & 0xffff;
		if (bad != 0) {
			from += (size_t)__builtin_ctz(bad);
			break;
		}
		from += 16;
	}
	/* What may lie behind `to` does not count; what is not sure is asked.
	 */
	return from < to ? scan_bytes(p, from, to, class) : to;
}

#else

static inline size_t
scan(const char *p, size_t from, size_t to, size_t n, enum scan_class class)
{
	(void)n;
	return scan_bytes(p, from, to, class);
}

#endif

size_t
scan_token(const char *p, size_t from, size_t to, size_t n)
{
	return scan(p, from, to, n, SCAN_TOKEN);
}

size_t
scan_target(const char *p, size_t from, size_t to, size_t n)
{
	return scan(p, from, to, n, SCAN_TARGET);
}

size_t
scan_value(const char *p, size_t from, size_t to, size_t n)
{
	return scan(p, from, to, n, SCAN_VALUE);
}
