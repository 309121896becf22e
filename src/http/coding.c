#include "http/coding.h"

#include "http/accept.h"
#include "http/token.h"

static const struct {
	const char *name;
	const char *suffix;
} rows[CODING_N] = {
#define X(id, name, suffix) [CODING_##id] = { name, suffix },
	CODING_TABLE(X)
#undef X
};

const char *
coding_name(enum coding c)
{
	return rows[c].name;
}

const char *
coding_suffix(enum coding c)
{
	return rows[c].suffix;
}

enum coding
coding_find(struct span name)
{
	/* By length, which tells nearly all of them apart. */
	switch (name.n) {
	case 2:
		return span_eq_nocase(name, SPAN("br")) ? CODING_BR : CODING_N;
	case 4:
		return span_eq_nocase(name, SPAN("gzip")) ? CODING_GZIP
		    : span_eq_nocase(name, SPAN("zstd"))  ? CODING_ZSTD
							  : CODING_N;
	case 6: /* RFC 9110 8.4.1.3: an old name of the same */
		return span_eq_nocase(name, SPAN("x-gzip")) ? CODING_GZIP
							    : CODING_N;
	case 8:
		return span_eq_nocase(name, SPAN("identity")) ? CODING_IDENTITY
							      : CODING_N;
	default:
		return CODING_N;
	}
}

/* One member: codings [ OWS ";" OWS "q=" qvalue ]. */
static bool
member_read(struct span s, struct span *name, unsigned *quality)
{
	*name = span_of(s.p, token_length(s));
	*quality = ACCEPT_QUALITY_MAX;
	s = span_trim(span_skip(s, name->n));
	if (name->n == 0 || s.n == 0)
		return name->n != 0;
	if (s.p[0] != ';')
		return false;
	s = span_trim(span_skip(s, 1));
	if (s.n < 2 || ascii_lower(s.p[0]) != 'q' || s.p[1] != '=')
		return false;
	return accept_quality_read(span_skip(s, 2), quality);
}

/* What nearly all clients send, to the byte; false for what has to be read. */
static bool
usual_read(struct coding_wishes *w, struct span line)
{
	bool all = span_eq(line, SPAN("gzip, deflate, br, zstd"));
	bool br = all || span_eq(line, SPAN("gzip, deflate, br"));

	if (!br && !span_eq(line, SPAN("gzip, deflate")) &&
	    !span_eq(line, SPAN("gzip")))
		return false;
	w->given = true;
	w->q[CODING_IDENTITY] = w->q[CODING_GZIP] = ACCEPT_QUALITY_MAX;
	w->q[CODING_BR] = br ? ACCEPT_QUALITY_MAX : 0;
	w->q[CODING_ZSTD] = all ? ACCEPT_QUALITY_MAX : 0;
	return true;
}

void
coding_read(struct coding_wishes *w, const struct http_request *r)
{
	bool named[CODING_N] = { false }, star_named = false;
	unsigned star = 0;
	struct span line, member, name;
	int i = 0;

	*w = (struct coding_wishes){ .given = false };
	if (request_count(r, FIELD_ACCEPT_ENCODING) == 1 &&
	    usual_read(w, request_value(r, FIELD_ACCEPT_ENCODING)))
		return;
	while (request_each(r, FIELD_ACCEPT_ENCODING, &i, &line)) {
		w->given = true;
		while (list_next(&line, &member)) {
			enum coding c;
			unsigned q;

			if (!member_read(member, &name, &q))
				continue;
			c = coding_find(name);
			if (span_eq(name, SPAN("*")) && !star_named) {
				star_named = true;
				star = q;
			} else if (c != CODING_N && !named[c]) {
				named[c] = true;
				w->q[c] = (uint16_t)q;
			}
		}
	}
	for (int c = 0; star_named && c < CODING_N; c++)
		if (!named[c])
			w->q[c] = (uint16_t)star;
	w->identity_named = named[CODING_IDENTITY] || star_named;
	if (!w->identity_named)
		w->q[CODING_IDENTITY] = ACCEPT_QUALITY_MAX;
}
