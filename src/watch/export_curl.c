/* Commands that send a request again. */
#include "http/lines.h"
#include "http/token.h"
#include "watch/export_parts.h"

static bool
is_shell_plain(char c)
{
	char low = ascii_lower(c);

	return (low >= 'a' && low <= 'z') || ascii_is_digit(c) || c == '/' ||
	    c == '.' || c == ':' || c == '_' || c == '=' || c == ',';
}

/* 'printf FORMAT' that writes these bytes: octal is the one escape for bytes
 * that POSIX has there. */
static void
put_printf(struct buf *b, struct span s)
{
	buf_puts(b, "printf '");
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		char octal[4] = { '\\', (char)('0' + (c >> 6)),
			(char)('0' + (c >> 3 & 7)), (char)('0' + (c & 7)) };

		if (is_shell_plain(s.p[i]) || (c == ' ' && i > 0))
			buf_putc(b, s.p[i]);
		else
			buf_put(b, span_of(octal, 4));
	}
	buf_putc(b, '\'');
}

static bool
is_printable(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	return true;
}

void
export_put_sh(struct buf *b, struct span s)
{
	if (!is_printable(s)) {
		buf_puts(b, "\"$(");
		put_printf(b, s);
		buf_puts(b, ")\"");
		return;
	}
	buf_putc(b, '\'');
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\'')
			buf_puts(b, "'\\''");
		else
			buf_putc(b, s.p[i]);
	buf_putc(b, '\'');
}

/* " -H 'name: value'"; curl has ways of its own to say a field with no value
 * ("name;") and to leave one out that it would add ("name:"). */
static void
put_field(
    struct buf *b, struct span name, const char *between, struct span value)
{
	char mem[LIMIT_HEAD_MAX + 4];
	struct buf text = buf_over(mem, sizeof(mem));

	buf_put(&text, name);
	buf_puts(&text, between);
	buf_put(&text, value);
	b->full |= text.full;
	buf_puts(b, " -H ");
	export_put_sh(b, buf_span(&text));
}

/* Fields that say something of content, which is not sent, and those that curl
 * itself makes of the URL. */
static bool
is_left_out(struct span name)
{
	return span_eq_nocase(name, SPAN("Content-Length")) ||
	    span_eq_nocase(name, SPAN("Transfer-Encoding")) ||
	    span_eq_nocase(name, SPAN("Expect"));
}

static void
put_fields(struct buf *b, const struct exchange_copy *e,
    const struct export_options *o)
{
	static const char *const own[] = { "User-Agent", "Accept", "Host" };
	struct span authority = export_authority(e, o);
	bool seen[3] = { false };
	struct head_line line;
	struct span rest;

	lines_first(e->request, &rest);
	while (lines_next(&rest, &line)) {
		bool host = span_eq_nocase(line.name, SPAN("Host"));

		for (unsigned i = 0; i < 3; i++)
			seen[i] |= span_eq_nocase(line.name, span_str(own[i]));
		if (line.name.n == 0 || is_left_out(line.name) ||
		    (host && span_eq(line.value, authority)))
			continue;
		if (export_is_named(export_names(o), line.name) && line.value.n)
			line.value = SPAN("[redacted]");
		put_field(b, line.name, line.value.n ? ": " : ";", line.value);
	}
	/* of a head that is no longer kept nobody knows */
	for (unsigned i = 0; i < 3 && (e->known & FACT_REQUEST); i++)
		if (!seen[i])
			put_field(b, span_str(own[i]), ":", span_of(NULL, 0));
}

static void
put_method(struct buf *b, const struct exchange_copy *e)
{
	struct span method = export_method(e);

	if (span_eq(method, SPAN("HEAD"))) {
		buf_puts(b, " --head");
	} else if (!span_eq(method, SPAN("GET"))) {
		buf_puts(b, " -X ");
		export_put_sh(b, method);
	}
	/* of a later version curl finds out itself whether it can be had */
	if (((e->known & FACT_REQUEST) == 0 && e->e.major == 0) ||
	    e->e.major > 1)
		return;
	buf_puts(b, e->e.minor == 0 ? " --http1.0" : " --http1.1");
}

/* The URL; a target that is not a path goes beside it as it was. */
static void
put_url(struct buf *b, const struct exchange_copy *e,
    const struct export_options *o)
{
	struct span target = export_target(e);
	bool path = target.n && target.p[0] == '/';
	char mem[LIMIT_HEAD_MAX + 4096];
	struct buf url = buf_over(mem, sizeof(mem));

	buf_put(&url, event_scheme(&e->e));
	buf_put(&url, export_authority(e, o));
	if (path)
		buf_put(&url, target);
	else
		buf_putc(&url, '/');
	b->full |= url.full;
	if (!path) {
		buf_puts(b, " --request-target ");
		export_put_sh(b, target);
	}
	buf_putc(b, ' ');
	export_put_sh(b, buf_span(&url));
}

/* curl refuses what it would not send: a target with other bytes than visible
 * ASCII, a method that is no token. */
static bool
can_curl(const struct exchange_copy *e)
{
	struct span method = export_method(e);
	struct span target = export_target(e);

	if (method.n == 0 || token_length(method) != method.n || target.n == 0)
		return false;
	for (size_t i = 0; i < target.n; i++)
		if (target.p[i] <= 0x20 || target.p[i] > 0x7e ||
		    target.p[i] == '#')
			return false;
	return e->request.n == 0 || export_is_wellformed(e);
}

/* To a server that wants TLS. */
static void
put_openssl(struct buf *b, struct span server)
{
	buf_puts(b, " | openssl s_client -quiet -connect ");
	export_put_sh(b, server);
	if (!server.n || memrchr(server.p, ':', server.n) == NULL)
		buf_puts(b, ":443");
}

/* "127.0.0.1:8000", "[::1]:80" as nc wants it. */
static void
put_nc(struct buf *b, struct span server)
{
	const char *colon = server.n ? memrchr(server.p, ':', server.n) : NULL;
	size_t n = colon ? (size_t)(colon - server.p) : server.n;
	struct span host = span_of(server.p, n);

	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = span_of(host.p + 1, host.n - 2);
	buf_puts(b, " | nc ");
	export_put_sh(b, host);
	buf_putc(b, ' ');
	if (colon)
		export_put_sh(b, span_skip(server, n + 1));
	else
		buf_puts(b, "80");
}

bool
export_lacks_content(const struct exchange_copy *e)
{
	return e->known & FACT_BYTES && e->request.n &&
	    e->e.bytes_in > e->request.n;
}

static bool
is_cut(struct span text)
{
	return text.n == JOURNAL_TARGET - 1 && span_ends(text, SPAN("..."));
}

bool
export_put_curl(struct buf *b, const struct exchange_copy *e,
    const struct export_options *o)
{
	struct buf before = *b;

	if (can_curl(e) && (e->request.n || !is_cut(e->target))) {
		buf_puts(b, "curl -i --path-as-is --globoff");
		put_method(b, e);
		put_fields(b, e, o);
		put_url(b, e, o);
	} else if (e->request.n) {
		char mem[2 * LIMIT_HEAD_MAX + 64];
		struct buf head = buf_over(mem, sizeof(mem));

		export_put_redacted(&head, e->request, export_names(o));
		b->full |= head.full;
		put_printf(b, buf_span(&head));
		(e->e.secure ? put_openssl : put_nc)(b, export_authority(e, o));
	} else {
		return false;
	}
	if (!b->full)
		return true;
	*b = before;
	return false;
}
