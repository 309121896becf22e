/* From the short text of a reason back to the reason. */
#include "base/num.h"
#include "http/coding.h"
#include "watch/recording_parts.h"

/* Take a number that `s` begins with. */
static bool
take_number(struct span *s, uint64_t *out)
{
	size_t n = 0;

	while (n < s->n && ascii_is_digit(s->p[n]))
		n++;
	if (!num_dec(span_of(s->p, n), out))
		return false;
	*s = span_skip(*s, n);
	return true;
}

static bool
take_coding(struct span *s, uint64_t *a)
{
	for (unsigned c = 0; c < CODING_N; c++) {
		struct span name = span_str(coding_name((enum coding)c));

		if (!span_starts(*s, name))
			continue;
		*a = reason_coding(c, 0, CODING_N, 0);
		*s = span_skip(*s, name.n);
		return true;
	}
	return false;
}

/* Take from `s` what the brace that *text begins with stands for. */
static bool
take_filler(struct span *s, struct span *text, struct reason *r)
{
	struct span brace = *text;
	const char *end = memchr(brace.p, '}', brace.n);
	uint64_t b;

	brace.n = end ? (size_t)(end - brace.p) + 1 : brace.n;
	*text = span_skip(*text, brace.n);
	if (span_eq(brace, SPAN("{a}")))
		return take_number(s, &r->a);
	if (span_eq(brace, SPAN("{coding}")))
		return take_coding(s, &r->a);
	if (!span_eq(brace, SPAN("{b}")) || !take_number(s, &b) ||
	    b > UINT32_MAX)
		return false;
	r->b = (uint32_t)b;
	return true;
}

/* Whether `s` is `text` with its braces filled in, and with what. */
static bool
is_text(struct span s, struct span text, struct reason *r)
{
	while (text.n) {
		if (text.p[0] == '{') {
			if (!take_filler(&s, &text, r))
				return false;
			continue;
		}
		if (s.n == 0 || s.p[0] != text.p[0])
			return false;
		s = span_skip(s, 1);
		text = span_skip(text, 1);
	}
	return s.n == 0;
}

struct reason
recording_reason(struct span text)
{
	static const char *const texts[] = {
#define X(id, why, text) why,
		REASON_TABLE(X)
#undef X
	};

	for (unsigned i = 1; i < REASON_N; i++) {
		struct reason r = { .id = (uint16_t)i };

		if (is_text(text, span_str(texts[i]), &r))
			return r;
	}
	return (struct reason){ .id = REASON_NONE };
}
