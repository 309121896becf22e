/* Where a run of bytes of one class ends: the inner loops of the head parser,
 * and of the access log.
 * With SSE2, which every x86-64 has, 16 bytes at a time; else, and where fewer
 * are left, by a table.  Both give the same (tests/unit/test_scan.c). */
#ifndef HTTP_SCAN_H
#define HTTP_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* What a byte may be part of. */
enum scan_class {
	SCAN_TOKEN = 1,	 /* tchar (RFC 9110 5.6.2) */
	SCAN_TARGET = 2, /* visible ASCII without '#' (RFC 9112 3.2) */
	SCAN_VALUE = 4,	 /* field-content, blanks, obs-text (RFC 9110 5.5) */
	SCAN_HOST = 8,	 /* reg-name but for '%' (RFC 3986 3.2.2) */
	SCAN_PLAIN = 16, /* printable ASCII that needs no escape in quotes */
};

extern const unsigned char scan_classes[256];

static inline bool
scan_is(char c, enum scan_class class)
{
	return (scan_classes[(unsigned char)c] & class) != 0;
}

/* As scan_token and the others, byte by byte. */
size_t scan_bytes(const char *p, size_t from, size_t to, enum scan_class class);

#ifdef __SSE2__

/* Bytes of v in [low, high], which are ASCII: all bits set. */
static inline __m128i
scan_in_range(__m128i v, char low, char high)
{
	/* what is above becomes negative, as what is not ASCII is, or small */
	const char up = (char)(0x7f - high);

	return _mm_cmpgt_epi8(_mm_add_epi8(v, _mm_set1_epi8(up)),
	    _mm_set1_epi8((char)(low + up - 1)));
}

static inline __m128i
scan_each_is(__m128i v, char c)
{
	return _mm_cmpeq_epi8(v, _mm_set1_epi8(c));
}

/* A bit for each byte that is of the class for sure: of tokens letters and '-',
 * which nearly all names are made of, of values what is neither tab nor
 * obs-text. */
static inline unsigned
scan_sure(__m128i v, enum scan_class class)
{
	__m128i ok;

	switch (class) {
	case SCAN_TOKEN:
		ok = scan_in_range(
		    _mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 'z');
		ok = _mm_or_si128(ok, scan_each_is(v, '-'));
		break;
	case SCAN_TARGET:
		ok = _mm_andnot_si128(
		    scan_each_is(v, '#'), scan_in_range(v, 0x21, 0x7e));
		break;
	case SCAN_PLAIN:
		ok = scan_in_range(v, 0x20, 0x7e);
		ok = _mm_andnot_si128(scan_each_is(v, '"'), ok);
		ok = _mm_andnot_si128(scan_each_is(v, '\\'), ok);
		break;
	case SCAN_VALUE:
	default:
		ok = scan_in_range(v, 0x20, 0x7e);
		break;
	}
	return (unsigned)_mm_movemask_epi8(ok);
}

static inline size_t
scan(const char *p, size_t from, size_t to, size_t n, enum scan_class class)
{
	for (; n - from >= 16; from += 16) {
		__m128i v =
		    _mm_loadu_si128((const __m128i *)(const void *)(p + from));
		unsigned bad = ~scan_sure(v, class) & 0xffff;

		if (bad != 0) {
			from += (size_t)__builtin_ctz(bad);
			break;
		}
	}
	/* What may lie behind `to` does not count; what is not sure is asked.
	 */
	if (from >= to)
		return to;
	return scan_is(p[from], class) ? scan_bytes(p, from + 1, to, class)
				       : from;
}

#else

static inline size_t
scan(const char *p, size_t from, size_t to, size_t n, enum scan_class class)
{
	(void)n;
	return scan_bytes(p, from, to, class);
}

#endif

/* The first offset in [from, to) whose byte is not of the class, else `to`.
 * Bytes up to n may be read: from <= to <= n. */
static inline size_t
scan_token(const char *p, size_t from, size_t to, size_t n)
{
	return scan(p, from, to, n, SCAN_TOKEN);
}

static inline size_t
scan_target(const char *p, size_t from, size_t to, size_t n)
{
	return scan(p, from, to, n, SCAN_TARGET);
}

static inline size_t
scan_value(const char *p, size_t from, size_t to, size_t n)
{
	return scan(p, from, to, n, SCAN_VALUE);
}

static inline size_t
scan_plain(const char *p, size_t from, size_t to, size_t n)
{
	return scan(p, from, to, n, SCAN_PLAIN);
}

#endif
