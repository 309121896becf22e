#include "http/accept.h"

#include "http/token.h"

/* How closely a range names a type; a closer one outranks a wider. */
enum closeness { NO_MATCH, ANY, ANY_SUBTYPE, EXACT };

struct media_range {
	struct span type;
	struct span subtype;
	unsigned quality;
};

bool
accept_quality_read(struct span s, unsigned *quality)
{
	if (s.n == 0 || s.n > 5 || (s.p[0] != '0' && s.p[0] != '1') ||
	    (s.n > 1 && s.p[1] != '.'))
		return false;
	unsigned q = s.p[0] == '1' ? ACCEPT_QUALITY_MAX : 0;
	unsigned place = ACCEPT_QUALITY_MAX / 10;
	for (size_t i = 2; i < s.n; i++, place /= 10) {
		if (!ascii_is_digit(s.p[i]))
			return false;
		q += (unsigned)(s.p[i] - '0') * place;
	}
	if (q > ACCEPT_QUALITY_MAX)
		return false;
	*quality = q;
	return true;
}

/* The member of a list that *s begins with, cut off with its comma.  Commas in
 * quoted strings do not separate; a quote that is never closed takes the rest,
 * which keeps the work linear too. */
static struct span
member_take(struct span *s)
{
	size_t n = 0;
	while (n < s->n && s->p[n] != ',') {
		size_t step = 1;
		if (s->p[n] == '"')
			step = token_quoted_length(span_skip(*s, n));
		n = step ? n + step : s->n;
	}
	struct span member = span_of(s->p, n);
	*s = span_skip(*s, n < s->n ? n + 1 : n);
	return span_trim(member);
}

/* Take `token "=" ( token / quoted-string )`, or nothing at all.  Of the
 * parameters only the weight counts. */
static bool
parameter_take(struct span *s, unsigned *quality)
{
	struct span name = span_of(s->p, token_length(*s));
	if (name.n == 0)
		return true;
	*s = span_skip(*s, name.n);
	if (s->n == 0 || s->p[0] != '=')
		return false;
	*s = span_skip(*s, 1);
	size_t n = token_length(*s);
	if (n == 0)
		n = token_quoted_length(*s);
	if (n == 0)
		return false;
	struct span value = span_of(s->p, n);
	*s = span_skip(*s, n);
	return !span_eq_nocase(name, SPAN("q")) ||
	    accept_quality_read(value, quality);
}

static bool
range_read(struct span s, struct media_range *r)
{
	r->quality = ACCEPT_QUALITY_MAX;
	r->type = span_of(s.p, token_length(s));
	s = span_skip(s, r->type.n);
	if (r->type.n == 0 || s.n == 0 || s.p[0] != '/')
		return false;
	s = span_skip(s, 1);
	r->subtype = span_of(s.p, token_length(s));
	s = span_trim(span_skip(s, r->subtype.n));
	if (r->subtype.n == 0 ||
	    (span_eq(r->type, SPAN("*")) && !span_eq(r->subtype, SPAN("*"))))
		return false;
	while (s.n) {
		if (s.p[0] != ';')
			return false;
		s = span_trim(span_skip(s, 1));
		if (!parameter_take(&s, &r->quality))
			return false;
		s = span_trim(s);
	}
	return true;
}

static enum closeness
closeness_of(const struct media_range *r, struct span type)
{
	const char *slash = type.n ? memchr(type.p, '/', type.n) : NULL;
	size_t n = slash ? (size_t)(slash - type.p) : type.n;

	if (span_eq(r->type, SPAN("*")))
		return ANY;
	if (!slash || !span_eq_nocase(r->type, span_of(type.p, n)))
		return NO_MATCH;
	if (span_eq(r->subtype, SPAN("*")))
		return ANY_SUBTYPE;
	if (span_eq_nocase(r->subtype, span_skip(type, n + 1)))
		return EXACT;
	return NO_MATCH;
}

/* What the ranges read so far say of the type. */
struct verdict {
	enum closeness best;
	unsigned quality;
	bool any_range;
};

static void
verdict_read(struct verdict *v, struct span accept, struct span type)
{
	while (accept.n) {
		struct media_range r;
		if (!range_read(member_take(&accept), &r))
			continue;
		v->any_range = true;
		enum closeness c = closeness_of(&r, type);
		if (c == NO_MATCH || c < v->best)
			continue;
		if (c > v->best || r.quality > v->quality)
			v->quality = r.quality;
		v->best = c;
	}
}

static unsigned
verdict_quality(const struct verdict *v)
{
	return v->any_range ? v->quality : ACCEPT_QUALITY_MAX;
}

unsigned
accept_quality(struct span accept, struct span type)
{
	struct verdict v = { .best = NO_MATCH };

	verdict_read(&v, accept, type);
	return verdict_quality(&v);
}

unsigned
accept_request_quality(const struct http_request *r, struct span type)
{
	struct verdict v = { .best = NO_MATCH };
	struct span line;
	int i = 0;

	while (request_each(r, FIELD_ACCEPT, &i, &line))
		verdict_read(&v, line, type);
	return verdict_quality(&v);
}
