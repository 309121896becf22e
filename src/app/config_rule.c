/* What the operator's rules may be like: patterns, fields, addresses, paths. */
#include "app/config_key.h"
#include "base/num.h"
#include "http/token.h"
#include "site/glob.h"

const char *
config_wrong_match(struct span s)
{
	struct glob g;

	return !config_has_control(s) && glob_compile(&g, s, false)
	    ? NULL
	    : "a pattern (such as '**', /assets/** or '*.wasm', at most 255 "
	      "bytes and 9 stars)";
}

/* --- fields --- */

#define MAY_SET "a field that a rule may set "

/* What no rule may set or leave out: what frames the message, and what is true
 * or false of each answer by itself. */
static const struct {
	const char *name;
	bool may_leave_out;
	const char *expected;
} own_fields[] = {
	{ "Accept-Ranges", true, MAY_SET "(use limits.ranges)" },
	{ "Allow", false, NULL },
	{ "Connection", false, NULL },
	{ "Content-Encoding", false, NULL },
	{ "Content-Length", false, NULL },
	{ "Content-Range", false, NULL },
	{ "Content-Type", false, MAY_SET "(use files.types)" },
	{ "Date", false, NULL },
	{ "ETag", true, NULL },
	{ "Keep-Alive", false, NULL },
	{ "Last-Modified", true, NULL },
	{ "Location", false, MAY_SET "(use redirects)" },
	{ "Proxy-Connection", false, NULL },
	{ "TE", false, NULL },
	{ "Trailer", false, NULL },
	{ "Transfer-Encoding", false, NULL },
	{ "Upgrade", false, NULL },
	{ "Vary", false, NULL },
};

static const char *
wrong_name(struct span s, bool to_set)
{
	if (s.n == 0 || s.n >= CONFIG_NAME_MAX || token_length(s) < s.n)
		return "a field's name (letters, digits and -, such as "
		       "X-Robots-Tag)";
	for (size_t i = 0; i < sizeof(own_fields) / sizeof(*own_fields); i++) {
		if (!span_eq_nocase(s, span_str(own_fields[i].name)))
			continue;
		if (!to_set && own_fields[i].may_leave_out)
			return NULL;
		if (to_set && own_fields[i].expected)
			return own_fields[i].expected;
		return to_set
		    ? MAY_SET "(the server decides it for each answer)"
		    : "a field that a rule may leave out (an answer needs it)";
	}
	return NULL;
}

const char *
config_wrong_field_name(struct span s)
{
	return wrong_name(s, true);
}

const char *
config_wrong_unset_name(struct span s)
{
	return wrong_name(s, false);
}

/* RFC 9110 5.5. */
const char *
config_wrong_field_value(struct span s)
{
	bool right = s.n <= CONFIG_VALUE_MAX && span_trim(s).n == s.n;

	for (size_t i = 0; i < s.n; i++)
		right &= token_text_char(s.p[i]);
	return right ? NULL
		     : "a field value (no line breaks or other control bytes, "
		       "no blanks around it, at most 1024 bytes)";
}

const char *
config_wrong_header(const struct config_entry *e, unsigned *part)
{
	const struct config_list *set = &e->part[HEADER_SET];
	const struct config_list *unset = &e->part[HEADER_UNSET];

	*part = HEADER_SET;
	if (set->n == 0 && unset->n == 0)
		return "neither sets nor unsets a field (write set: {NAME: "
		       "VALUE} or unset: [NAME])";
	*part = HEADER_UNSET;
	for (size_t i = 0; i < unset->n; i++)
		if (config_list_find(set, 2, span_str(unset->v[i])) < set->n)
			return "the same field is set and unset";
	return NULL;
}

/* --- addresses --- */

/* The bytes of scheme and authority that the text begins with, the scheme one
 * of the web's or, with `any`, any (RFC 3986 3.1); 0 when there are none. */
static size_t
origin_length(struct span s, bool any)
{
	const char *colon = s.n ? memchr(s.p, ':', s.n) : NULL;
	struct span scheme = span_of(s.p, colon ? (size_t)(colon - s.p) : 0);
	size_t from = scheme.n + 3, to = from;

	if (!config_is_made_of(scheme, "+-.") ||
	    !span_starts(span_skip(s, scheme.n), SPAN("://")) ||
	    (!any && !span_eq(scheme, SPAN("http")) &&
		!span_eq(scheme, SPAN("https"))))
		return 0;
	while (to < s.n && strchr("/?#", s.p[to]) == NULL)
		to++;
	return config_is_authority(span_of(s.p + from, to - from)) ? to : 0;
}

/* A port that the scheme implies is never said (RFC 6454 6.2). */
static bool
says_default_port(struct span s)
{
	return (span_starts(s, SPAN("http:")) && span_ends(s, SPAN(":80"))) ||
	    (span_starts(s, SPAN("https:")) && span_ends(s, SPAN(":443")));
}

const char *
config_wrong_origin(struct span s)
{
	bool small = true;

	for (size_t i = 0; i < s.n; i++)
		small &= ascii_lower(s.p[i]) == s.p[i];
	if (span_eq(s, SPAN("*")) ||
	    (s.n > 0 && s.n < 256 && small && origin_length(s, true) == s.n &&
		!says_default_port(s)))
		return NULL;
	return "an origin as browsers send it (such as https://example.org or "
	       "http://localhost:3000, no path, small letters; or '*')";
}

const char *
config_wrong_target(struct span s)
{
	bool path = s.n > 0 && s.p[0] == '/' &&
	    (s.n == 1 || (s.p[1] != '/' && s.p[1] != '\\'));

	if (s.n <= CONFIG_VALUE_MAX && !config_has_control(s) &&
	    (path || origin_length(s, false) > 0))
		return NULL;
	return "a path or an address (such as /new/:1 or "
	       "https://example.org/:1, no :1 before the path)";
}

const char *
config_wrong_redirect(struct span s)
{
	static const char *const right[] = { "301", "302", "303", "307",
		"308" };

	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		if (span_eq(s, span_str(right[i])))
			return NULL;
	return "a redirect's status (301, 302, 303, 307 or 308)";
}

/* The number of the star that the text names at its start (":1"), or 0. */
static unsigned
star_at(struct span s)
{
	return s.n > 1 && s.p[0] == ':' && s.p[1] >= '1' && s.p[1] <= '9'
	    ? (unsigned)(s.p[1] - '0')
	    : 0;
}

/* The greatest star that is named.  In the authority of an address none can
 * be. */
static unsigned
greatest_star(struct span to)
{
	unsigned most = 0;

	if (to.p[0] != '/')
		to = span_skip(to, origin_length(to, false));
	for (; to.n > 0; to = span_skip(to, 1))
		if (star_at(to) > most)
			most = star_at(to);
	return most;
}

/* Whether what it leads to is redirected by it again, and again.  A byte that
 * no pattern can have stands for what stars match. */
static bool
is_circle(const struct glob *from, struct span to)
{
	char path[CONFIG_VALUE_MAX];
	struct buf b = buf_over(path, sizeof(path));

	if (to.p[0] != '/')
		return false;
	while (to.n > 0 && to.p[0] != '?' && to.p[0] != '#') {
		bool star = star_at(to) > 0;

		buf_put(&b, star ? SPAN("\x01") : span_of(to.p, 1));
		to = span_skip(to, star ? 2 : 1);
	}
	return glob_match(from, buf_span(&b), NULL);
}

const char *
config_wrong_redirection(const struct config_entry *e, unsigned *part)
{
	struct span from = span_str(e->part[REDIRECT_FROM].v[0]);
	struct span to = span_str(e->part[REDIRECT_TO].v[0]);
	struct glob g;

	*part = REDIRECT_TO;
	if (!glob_compile(&g, from, true))
		return NULL;
	if (greatest_star(to) > (unsigned)g.stars - g.floating)
		return "names more stars than 'from' has (:1 is the first)";
	return is_circle(&g, to)
	    ? "leads to what 'from' matches: a circle without end"
	    : NULL;
}

/* --- files --- */

const char *
config_wrong_error_status(struct span s)
{
	uint64_t v;

	return s.n == 3 && num_dec(s, &v) && v >= 400 && v <= 599
	    ? NULL
	    : "an error's status (400 to 599)";
}

/* A file's path beneath the root, as the site looks for it. */
const char *
config_wrong_site_path(struct span s)
{
	struct span rest = s;
	bool right = s.n > 1 && s.n <= CONFIG_VALUE_MAX && s.p[0] == '/' &&
	    !config_has_control(s);

	while (right && rest.n > 0) {
		const char *slash;
		size_t n;

		rest = span_skip(rest, 1);
		slash = rest.n ? memchr(rest.p, '/', rest.n) : NULL;
		n = slash ? (size_t)(slash - rest.p) : rest.n;
		right = config_wrong_file_name(span_of(rest.p, n)) == NULL;
		rest = span_skip(rest, n);
	}
	return right ? NULL
		     : "a file's path beneath the root (such as /404.html)";
}

const char *
config_wrong_spa(struct span s)
{
	bool v;

	return config_value_bool(s, &v) || config_wrong_site_path(s) == NULL
	    ? NULL
	    : "false, true or a file's path beneath the root (such as "
	      "/index.html)";
}

const char *
config_wrong_extension(struct span s)
{
	return s.n <= 32 && config_is_made_of(s, "-_+~")
	    ? NULL
	    : "an extension (letters and digits without the dot, such as "
	      "webp)";
}

const char *
config_wrong_coding(struct span s)
{
	return span_eq(s, SPAN("br")) || span_eq(s, SPAN("zstd")) ||
		span_eq(s, SPAN("gzip"))
	    ? NULL
	    : "br, zstd or gzip";
}

const char *
config_wrong_codec(struct span s)
{
	return span_eq(s, SPAN("gzip")) ? NULL : "gzip (or [] for none)";
}

/* --- in short --- */

const char *
config_short_cache(struct config_entry *e, struct span text)
{
	if (config_list_add(&e->part[CACHE_MATCH], SPAN("**")) && text.p)
		config_list_add(&e->part[CACHE_VALUE], text);
	return NULL;
}

const char *
config_short_header(struct config_entry *e, struct span text)
{
	const char *colon = text.n ? memchr(text.p, ':', text.n) : NULL;
	struct config_list *set = &e->part[HEADER_SET];
	size_t n = colon ? (size_t)(colon - text.p) : 0;

	if (colon == NULL)
		return "a field (such as 'X-Robots-Tag: noindex')";
	config_list_add(&e->part[HEADER_MATCH], SPAN("**"));
	if (config_list_add(set, span_of(text.p, n)))
		config_list_add(set, span_trim(span_skip(text, n + 1)));
	return NULL;
}

const char *
config_short_redirect(struct config_entry *e, struct span text)
{
	const char *blank = text.n ? memchr(text.p, ' ', text.n) : NULL;
	size_t n = blank ? (size_t)(blank - text.p) : 0;

	if (blank == NULL)
		return "a redirect (such as '/old/* /new/:1')";
	config_list_add(&e->part[REDIRECT_FROM], span_of(text.p, n));
	config_list_add(&e->part[REDIRECT_TO], span_trim(span_skip(text, n)));
	return NULL;
}
