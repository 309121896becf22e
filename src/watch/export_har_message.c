/* Request and response of a HAR's entry. */
#include "http/lines.h"
#include "http/status.h"
#include "watch/export_har_parts.h"

static json_t *
headers(struct har *h, struct span head)
{
	json_t *list = har_array(h);
	struct head_line line;
	struct span rest;

	lines_first(head, &rest);
	while (lines_next(&rest, &line))
		har_append(h, list, har_pair(h, line.name, line.value));
	return list;
}

/* Take the part of *s before `sep`; false at the end. */
static bool
take_part(struct span *s, char sep, struct span *part)
{
	const char *at;

	if (s->n == 0)
		return false;
	at = memchr(s->p, sep, s->n);
	*part = span_of(s->p, at ? (size_t)(at - s->p) : s->n);
	*s = span_skip(*s, at ? part->n + 1 : part->n);
	return true;
}

static json_t *
pair_of(struct har *h, struct span s)
{
	struct span rest = s;
	struct span name = { "", 0 };

	take_part(&rest, '=', &name);
	return har_pair(h, name, rest);
}

/* As they travelled: not decoded. */
static json_t *
query(struct har *h, struct span target)
{
	json_t *list = har_array(h);
	const char *mark = target.n ? memchr(target.p, '?', target.n) : NULL;
	struct span part;

	if (mark == NULL)
		return list;
	target = span_skip(target, (size_t)(mark - target.p) + 1);
	while (take_part(&target, '&', &part))
		if (part.n)
			har_append(h, list, pair_of(h, part));
	return list;
}

/* Cookie has all of them, Set-Cookie one with its attributes. */
static json_t *
cookies(struct har *h, struct span head, struct span field, bool all)
{
	json_t *list = har_array(h);
	struct head_line line;
	struct span rest;

	if (export_is_named(export_names(h->o), field))
		return list;
	lines_first(head, &rest);
	while (lines_next(&rest, &line)) {
		struct span part;

		if (!span_eq_nocase(line.name, field))
			continue;
		while (take_part(&line.value, ';', &part)) {
			har_append(h, list, pair_of(h, span_trim(part)));
			if (!all)
				break;
		}
	}
	return list;
}

/* What follows the authority in a target that has one. */
static struct span
behind_authority(struct span target)
{
	if (target.n < 8 ||
	    !span_eq_nocase(span_of(target.p, 7), SPAN("http://")))
		return target;
	target = span_skip(target, 7);
	while (target.n && target.p[0] != '/' && target.p[0] != '?')
		target = span_skip(target, 1);
	return target;
}

/* The URL; a target that is not the end of it as it is, beside it. */
static void
put_url(struct har *h, json_t *request)
{
	struct span target = export_target(h->e);
	struct span rest = behind_authority(target);
	char mem[3 * LIMIT_HEAD_MAX + 4096];
	struct buf b = buf_over(mem, sizeof(mem));
	size_t at;

	buf_put(&b, event_scheme(&h->e->e));
	buf_put(&b, export_authority(h->e, h->o));
	if (rest.n == 0 || rest.p[0] != '/')
		buf_putc(&b, '/');
	at = b.n;
	buf_put_uri(&b, rest);
	har_put(h, request, "url", har_text(buf_span(&b)));
	if (target.n && (target.p[0] != '/' || b.n - at != target.n))
		har_put(h, request, "_target", har_text(target));
}

static json_t *
version(struct har *h)
{
	char mem[16];
	struct buf b = buf_over(mem, sizeof(mem));

	if (h->e->e.major)
		buf_printf(&b, "HTTP/%u.%u", h->e->e.major, h->e->e.minor);
	return har_text(buf_span(&b));
}

json_t *
har_request(struct har *h)
{
	const struct event *e = &h->e->e;
	json_t *r = har_object(h);
	struct span method = export_method(h->e);
	bool whole = har_knows(h, FACT_REQUEST) && export_is_wellformed(h->e);

	har_put(h, r, "method", har_text(method.n ? method : SPAN("-")));
	put_url(h, r);
	har_put(h, r, "httpVersion", version(h));
	har_put(h, r, "cookies", cookies(h, h->request, SPAN("Cookie"), true));
	har_put(h, r, "headers", headers(h, h->request));
	har_put(h, r, "queryString", query(h, export_target(h->e)));
	har_put(h, r, "headersSize",
	    json_integer(whole ? (json_int_t)h->e->request.n : -1));
	har_put(h, r, "bodySize",
	    whole && har_knows(h, FACT_BYTES) && e->bytes_in >= e->request_n
		? har_integer(e->bytes_in - e->request_n)
		: json_integer(-1));
	return r;
}

/* "Not Found" of "HTTP/1.1 404 Not Found", or as the table has it. */
static struct span
status_text(const struct har *h)
{
	struct span rest;
	struct span line = lines_first(h->response, &rest);

	if (line.n > 13)
		return span_skip(line, 13);
	for (unsigned i = 0; i < STATUS_N; i++)
		if (status_rows[i].code == h->e->e.status)
			return span_str(status_rows[i].phrase);
	return span_of("", 0);
}

/* "HTTP/1.1" */
static struct span
response_version(const struct har *h)
{
	struct span rest;
	struct span line = lines_first(h->response, &rest);

	if (!span_starts(line, SPAN("HTTP/")))
		return span_of("", 0);
	line.n = line.n < 8 ? line.n : 8;
	return line;
}

static json_t *
content(struct har *h)
{
	struct span type = lines_value(h->response, SPAN("Content-Type"));
	/* of coded content nobody counted what it decodes to */
	bool plain = lines_value(h->response, SPAN("Content-Encoding")).n == 0;
	json_t *c = har_object(h);

	har_put(h, c, "size",
	    plain && har_knows(h, FACT_SIZE) ? har_integer(h->e->e.body_sent)
					     : json_integer(-1));
	har_put(h, c, "mimeType", har_text(type.n ? type : SPAN("x-unknown")));
	return c;
}

json_t *
har_response(struct har *h)
{
	const struct event *e = &h->e->e;
	bool answered = e->status != 0;
	json_t *r = har_object(h);

	har_put(h, r, "status", json_integer(e->status));
	har_put(
	    h, r, "statusText", har_text(answered ? status_text(h) : SPAN("")));
	har_put(h, r, "httpVersion", har_text(response_version(h)));
	har_put(h, r, "cookies",
	    cookies(h, h->response, SPAN("Set-Cookie"), false));
	har_put(h, r, "headers", headers(h, h->response));
	har_put(h, r, "content", content(h));
	har_put(h, r, "redirectURL",
	    har_text(lines_value(h->response, SPAN("Location"))));
	har_put(h, r, "headersSize",
	    json_integer(h->response.n && har_knows(h, FACT_RESPONSE)
		    ? (json_int_t)h->e->response.n
		    : -1));
	har_put(h, r, "bodySize",
	    har_knows(h, FACT_SIZE) && answered ? har_integer(e->body_sent)
						: json_integer(-1));
	if (har_knows(h, FACT_BYTES))
		har_put(h, r, "_transferSize", har_integer(e->bytes_out));
	return r;
}
