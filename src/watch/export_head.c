/* What exports ask of a head: its parts, and its secrets taken out. */
#include "http/lines.h"
#include "http/token.h"
#include "watch/export_parts.h"

const char *const export_secrets[] = { "Authorization", "Proxy-Authorization",
	"Cookie", "Set-Cookie", NULL };

const char *const *
export_names(const struct export_options *o)
{
	return o->redact ? o->redact : export_secrets;
}

bool
export_is_named(const char *const *names, struct span name)
{
	for (; *names; names++)
		if (span_eq_nocase(name, span_str(*names)))
			return true;
	return false;
}

/* The name of a field line however badly it is written: a secret is one in a
 * malformed head too, so any control byte or blank around it is passed over. */
static struct span
loose_name(struct span line)
{
	size_t n = 0;

	while (line.n && !token_char(line.p[0]))
		line = span_skip(line, 1);
	n = token_length(line);
	return span_of(line.p, n);
}

static bool
is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

static size_t
line_length(struct span s)
{
	size_t n = 0;

	while (n < s.n && !is_line_end(s.p[n]))
		n++;
	return n;
}

static void
put_line(struct buf *b, struct span line, struct span name)
{
	size_t at = (size_t)(name.p - line.p) + name.n;

	while (at < line.n && (line.p[at] == ' ' || line.p[at] == '\t'))
		at++;
	if (at < line.n && line.p[at] == ':')
		at++;
	if (at < line.n && line.p[at] == ' ')
		at++;
	buf_put(b, span_of(line.p, at));
	if (at < line.n)
		buf_puts(b, "[redacted]");
}

void
export_put_redacted(struct buf *b, struct span head, const char *const *names)
{
	bool secret = false;

	while (head.n) {
		struct span line = span_of(head.p, line_length(head));
		bool folded = line.n && (line.p[0] == ' ' || line.p[0] == '\t');
		struct span name = loose_name(line);

		if (export_is_named(names, name)) {
			secret = true;
			put_line(b, line, name);
		} else if (secret && folded) {
			buf_puts(b, " [redacted]");
		} else {
			secret = secret && line.n == 0;
			buf_put(b, line);
		}
		head = span_skip(head, line.n);
		/* CR, LF, in whatever order a malformed head has them */
		if (head.n) {
			buf_putc(b, head.p[0]);
			head = span_skip(head, 1);
		}
	}
}

bool
export_is_wellformed(const struct exchange_copy *e)
{
	/* HTTP/2 and 3 do not come as text: theirs is one that was made of what
	 * a recording has */
	bool later = e->e.major > 1 && !(e->known & FACT_REQUEST);

	return e->e.refused_at == EVENT_NOWHERE && e->e.method.n &&
	    e->e.target.n && (e->e.major == 1 || later);
}

static struct span
kept(const struct exchange_copy *e, struct head_part part, struct span text)
{
	struct span s = event_part(e->request, part);

	if (e->request.n)
		return s;
	return span_eq(text, SPAN("-")) ? span_of(NULL, 0) : text;
}

struct span
export_method(const struct exchange_copy *e)
{
	return kept(e, e->e.method, e->method);
}

struct span
export_target(const struct exchange_copy *e)
{
	return kept(e, e->e.target, e->target);
}

/* host [":" port] of letters, digits, and what addresses are written with. */
static bool
is_authority(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = ascii_lower(s.p[i]);

		if (!(c >= 'a' && c <= 'z') && !ascii_is_digit(c) &&
		    (c == '\0' || strchr(".-_:[]", c) == NULL))
			return false;
	}
	return s.n > 0 && s.p[0] != '-' && s.p[0] != ':';
}

struct span
export_authority(const struct exchange_copy *e, const struct export_options *o)
{
	struct span host = event_part(e->request, e->e.host);

	if (*o->server)
		return span_str(o->server);
	return is_authority(host) ? host : SPAN("localhost");
}
