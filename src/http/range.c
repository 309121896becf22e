#include "http/range.h"

#include "base/num.h"
#include "http/token.h"

enum range_spec { SPEC_OK, SPEC_BEYOND, SPEC_BAD };

/* A number of any length: one that is greater than all files is as good as any
 * other that is (RFC 9110 14.1.2). */
static bool
range_number(struct span s, uint64_t *out)
{
	if (num_dec(s, out))
		return true;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_digit(s.p[i]))
			return false;
	*out = UINT64_MAX;
	return s.n != 0;
}

/* One range-spec: int-range or suffix-range (RFC 9110 14.1.1). */
static enum range_spec
range_spec(struct span s, uint64_t size, struct byte_range *r)
{
	const char *dash = s.n ? memchr(s.p, '-', s.n) : NULL;
	struct span first, last;

	if (dash == NULL)
		return SPEC_BAD;
	first = span_of(s.p, (size_t)(dash - s.p));
	last = span_skip(s, first.n + 1);
	if (first.n == 0) {
		if (!range_number(last, &r->last))
			return SPEC_BAD;
		if (r->last == 0 || size == 0)
			return SPEC_BEYOND;
		r->first = r->last < size ? size - r->last : 0;
		r->last = size - 1;
		return SPEC_OK;
	}
	r->last = UINT64_MAX;
	if (!range_number(first, &r->first) ||
	    (last.n != 0 && !range_number(last, &r->last)) ||
	    r->last < r->first)
		return SPEC_BAD;
	if (r->first >= size)
		return SPEC_BEYOND;
	if (r->last >= size)
		r->last = size - 1;
	return SPEC_OK;
}

enum range_result
range_parse(struct span value, uint64_t size, unsigned max,
    struct byte_range *out, unsigned *n)
{
	static const struct span unit = { "bytes=", 6 };
	uint64_t bytes = 0, length;
	unsigned asked = 0;
	struct byte_range r;
	struct span member;
	bool over = false;

	*n = 0;
	if (value.n < unit.n || !span_eq_nocase(span_of(value.p, unit.n), unit))
		return RANGE_IGNORED;
	value = span_skip(value, unit.n);
	while (list_next(&value, &member)) {
		enum range_spec spec;

		if (member.n == 0)
			continue; /* empty list members count for nothing */
		spec = range_spec(member, size, &r);
		if (spec == SPEC_BAD)
			return RANGE_IGNORED;
		asked++;
		if (spec == SPEC_BEYOND)
			continue;
		length = r.last - r.first + 1;
		if (*n == max || length > size - bytes) {
			over = true;
			continue;
		}
		bytes += length;
		out[(*n)++] = r;
	}
	if (asked == 0)
		return RANGE_IGNORED;
	if (over || asked > max)
		return RANGE_TOO_MUCH;
	return *n ? RANGE_OK : RANGE_UNSATISFIABLE;
}
