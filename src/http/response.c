#include "http/response.h"

#include "base/clock.h"
#include "http/date.h"
#include "http/scan.h"
#include "http/token.h"

/* Whether no rule of the operator sets this field itself, or leaves it out. */
static bool
response_is_ours(const struct response_facts *f, const char *name)
{
	struct span n = span_str(name);

	for (unsigned i = 0; i < f->edits_n; i++) {
		const char *const *set = f->edits[i]->set;
		const char *const *unset = f->edits[i]->unset;

		for (; set != NULL && *set != NULL; set += 2)
			if (span_eq_nocase(span_str(*set), n))
				return false;
		for (; unset != NULL && *unset != NULL; unset++)
			if (span_eq_nocase(span_str(*unset), n))
				return false;
	}
	return true;
}

/* Whether a later rule sets the field of rule `i` again, or leaves it out. */
static bool
response_edit_lasts(
    const struct response_facts *f, unsigned i, const char *name)
{
	struct response_facts later = *f;

	later.edits = f->edits + i + 1;
	later.edits_n = f->edits_n - i - 1;
	return response_is_ours(&later, name);
}

/* What is not a constant of ours.  Each has been looked at where it came from,
 * a configuration or a request; were one to have a control byte all the same,
 * that becomes a blank, and no field begins behind it (RFC 9110 5.5). */
static void
response_put_value(struct buf *b, struct span v)
{
	size_t i;

	while ((i = scan_value(v.p, 0, v.n, v.n)) < v.n) {
		buf_put(b, span_of(v.p, i));
		buf_putc(b, ' ');
		v = span_skip(v, i + 1);
	}
	buf_put(b, v);
}

static void
response_put_field(struct buf *b, const char *name, const char *value)
{
	response_put_value(b, span_str(name));
	buf_put(b, SPAN(": "));
	response_put_value(b, span_str(value));
	buf_put(b, SPAN("\r\n"));
}

/* A field of ours, unless a rule has its say. */
static void
response_put_ours(struct buf *b, const struct response_facts *f,
    const char *name, const char *value)
{
	if (response_is_ours(f, name))
		response_put_field(b, name, value);
}

/* What the operator's rules set: of the same field the last rule's. */
static void
response_put_edits(struct buf *b, const struct response_facts *f)
{
	for (unsigned i = 0; i < f->edits_n; i++) {
		const char *const *set = f->edits[i]->set;

		for (; set != NULL && *set != NULL; set += 2)
			if (response_edit_lasts(f, i, set[0]))
				response_put_field(b, set[0], set[1]);
	}
}

static void
response_put_date(struct buf *b, const char *name, int64_t secs)
{
	char date[DATE_LEN];

	date_format(date, secs);
	buf_puts(b, name);
	buf_put(b, SPAN(": "));
	buf_put(b, span_of(date, sizeof(date)));
	buf_put(b, SPAN("\r\n"));
}

void
response_put_address(struct buf *b, const struct response_facts *f)
{
	struct span to = f->location, fragment = { NULL, 0 };
	const char *hash = to.n ? memchr(to.p, '#', to.n) : NULL;

	if (hash != NULL) {
		fragment = span_skip(to, (size_t)(hash - to.p));
		to.n -= fragment.n;
	}
	if (to.n != 0) {
		response_put_value(b, to);
	} else {
		buf_put_pct(b, span_of(f->path->s, f->path->n));
		buf_putc(b, '/');
	}
	if (f->request->query.p != NULL &&
	    (to.n == 0 || memchr(to.p, '?', to.n) == NULL)) {
		buf_putc(b, '?');
		buf_put_uri(b, f->request->query);
	}
	response_put_value(b, fragment);
}

static void
response_put_location(struct buf *b, const struct response_facts *f)
{
	buf_put(b, SPAN("Location: "));
	response_put_address(b, f);
	buf_put(b, SPAN("\r\n"));
}

/* Content-Range of one range, or of none (416). */
static void
response_put_content_range(
    struct buf *b, const struct byte_range *r, uint64_t size)
{
	buf_put(b, SPAN("Content-Range: bytes "));
	if (r != NULL) {
		buf_putu(b, r->first);
		buf_putc(b, '-');
		buf_putu(b, r->last);
	} else {
		buf_putc(b, '*');
	}
	buf_putc(b, '/');
	buf_putu(b, size);
	buf_put(b, SPAN("\r\n"));
}

static void
response_put_boundary(struct buf *b, const struct plan *p)
{
	for (int shift = 60; shift >= 0; shift -= 4)
		buf_putc(b, "0123456789abcdef"[p->boundary >> shift & 15]);
}

static void
response_put_content_type(struct buf *b, const struct response_facts *f)
{
	const struct plan *p = f->plan;
	bool text = true;

	buf_put(b, SPAN("Content-Type: "));
	if (p->source == BODY_SOURCE_FILE) {
		response_put_value(b, span_str(f->file->type));
		text = f->file->charset && f->rules->charset != NULL;
	} else if (p->source == BODY_SOURCE_GIVEN) {
		buf_puts(b, f->given_type);
		text = false;
	} else {
		buf_puts(b, p->page_html ? "text/html" : "text/plain");
	}
	if (text) {
		buf_put(b, SPAN("; charset="));
		response_put_value(b,
		    span_str(p->source == BODY_SOURCE_FILE ? f->rules->charset
							   : "utf-8"));
	}
	buf_put(b, SPAN("\r\n"));
}

/* Validators and freshness: of 200 and 304 alike (RFC 9110 15.4.5). */
static void
response_put_file_fields(struct buf *b, const struct response_facts *f)
{
	const struct representation *rep = &f->plan->rep;
	int64_t modified = rep->mtime_ns / NS_PER_S;
	const char *coding = rep->coding == CODING_IDENTITY
	    ? f->file->coding
	    : coding_name(rep->coding);

	/* Never in the future (RFC 9110 8.8.2.1). */
	if (response_is_ours(f, "Last-Modified"))
		response_put_date(
		    b, "Last-Modified", modified < f->now ? modified : f->now);
	if (response_is_ours(f, "ETag")) {
		buf_put(b, SPAN("ETag: "));
		representation_put_etag(b, rep);
		buf_put(b, SPAN("\r\n"));
	}
	if (f->file->cache_control)
		response_put_ours(
		    b, f, "Cache-Control", f->file->cache_control);
	if (coding != NULL && f->plan->status != 304)
		response_put_field(b, "Content-Encoding", coding);
}

/* Which fields of the request the answer depends on (RFC 9110 12.5.5). */
static void
response_put_vary(struct buf *b, const struct response_facts *f)
{
	const struct plan *p = f->plan;
	const char *const *origins = f->rules->origins;
	const struct {
		bool on;
		const char *name;
	} rows[] = {
		/* a page is HTML or text, a listing HTML or JSON */
		{ p->source == BODY_SOURCE_PAGE || p->listing || p->vary_accept,
		    "Accept" },
		{ p->vary_coding, "Accept-Encoding" },
		{ origins != NULL && origins[0] != NULL &&
			strcmp(origins[0], "*") != 0,
		    "Origin" },
	};
	bool some = false;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!rows[i].on)
			continue;
		buf_puts(b, some ? ", " : "Vary: ");
		buf_puts(b, rows[i].name);
		some = true;
	}
	if (some)
		buf_put(b, SPAN("\r\n"));
}

/* Names of fields, as a preflight lists them; passed on as they came. */
static bool
response_is_name_list(struct span list)
{
	struct span name;

	if (list.n == 0 || list.n > LIMIT_CORS_FIELDS)
		return false;
	while (list_next(&list, &name))
		if (token_length(name) != name.n)
			return false;
	return true;
}

/* What lets a page of another origin read the answer (the Fetch standard). */
static void
response_put_cors(struct buf *b, const struct response_facts *f)
{
	const struct plan *p = f->plan;
	struct span names;

	if (p->cors == CORS_NONE)
		return;
	if (response_is_ours(f, "Access-Control-Allow-Origin")) {
		buf_put(b, SPAN("Access-Control-Allow-Origin: "));
		response_put_value(b,
		    p->cors == CORS_ANY
			? SPAN("*")
			: request_value(f->request, FIELD_ORIGIN));
		buf_put(b, SPAN("\r\n"));
	}
	if (!p->preflight) {
		response_put_ours(b, f, "Access-Control-Expose-Headers",
		    "Accept-Ranges, Content-Encoding, Content-Range, ETag");
		return;
	}
	response_put_field(
	    b, "Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
	response_put_field(b, "Access-Control-Max-Age", "600");
	names = request_value(f->request, FIELD_ACCESS_CONTROL_REQUEST_HEADERS);
	if (!response_is_name_list(names))
		return;
	buf_put(b, SPAN("Access-Control-Allow-Headers: "));
	response_put_value(b, names);
	buf_put(b, SPAN("\r\n"));
}

static void
response_put_security(struct buf *b, const struct response_facts *f)
{
	if (!f->rules->security_headers)
		return;
	response_put_ours(b, f, "X-Content-Type-Options", "nosniff");
	response_put_ours(
	    b, f, "Referrer-Policy", "strict-origin-when-cross-origin");
	if (f->plan->source == BODY_SOURCE_PAGE || f->plan->listing)
		response_put_ours(b, f, "Content-Security-Policy",
		    "default-src 'none'; style-src 'unsafe-inline'");
}

static void
response_put_connection(struct buf *b, const struct response_facts *f)
{
	if (!f->plan->keep) {
		buf_put(b, SPAN("Connection: close\r\n"));
		return;
	}
	buf_put(b, SPAN("Connection: keep-alive\r\n"));
	if (f->keep_alive_timeout != 0) {
		buf_put(b, SPAN("Keep-Alive: timeout="));
		buf_putu(b, f->keep_alive_timeout);
		buf_put(b, SPAN("\r\n"));
	}
}

/* The same in the head of a 206 with several parts, where each part has the
 * type of the file. */
static void
response_put_multipart_type(struct buf *b, const struct response_facts *f)
{
	buf_put(b, SPAN("Content-Type: multipart/byteranges; boundary="));
	response_put_boundary(b, f->plan);
	buf_put(b, SPAN("\r\n"));
}

void
response_put_part(struct buf *b, const struct response_facts *f, unsigned i)
{
	const struct plan *p = f->plan;

	buf_put(b, SPAN("\r\n--"));
	response_put_boundary(b, p);
	if (i == p->ranges) {
		buf_put(b, SPAN("--\r\n"));
		return;
	}
	buf_put(b, SPAN("\r\n"));
	response_put_content_type(b, f);
	response_put_content_range(b, &p->range[i], p->rep.size);
	buf_put(b, SPAN("\r\n"));
}

uint64_t
response_multipart_length(const struct response_facts *f)
{
	char mem[RESPONSE_PART];
	uint64_t n = 0;

	for (unsigned i = 0; i <= f->plan->ranges; i++) {
		struct buf b = buf_over(mem, sizeof(mem));
		const struct byte_range *r = &f->plan->range[i];

		response_put_part(&b, f, i);
		n += b.n;
		if (i < f->plan->ranges)
			n += r->last - r->first + 1;
	}
	return n;
}

void
response_put_head(struct buf *b, const struct response_facts *f)
{
	const struct plan *p = f->plan;
	const struct status_row *row = &status_rows[status_slot(p->status)];

	buf_put(b, SPAN("HTTP/1.1 "));
	buf_putu(b, p->status);
	buf_putc(b, ' ');
	buf_puts(b, row->phrase);
	buf_put(b, SPAN("\r\n"));
	response_put_date(b, "Date", f->now);
	if (f->rules->server_header)
		response_put_ours(b, f, "Server", "httpconsole");
	if (p->ranges > 1)
		response_put_multipart_type(b, f);
	else if (p->source != BODY_SOURCE_NONE &&
	    response_is_ours(f, "Content-Type"))
		response_put_content_type(b, f);
	if (p->content_length) {
		buf_put(b, SPAN("Content-Length: "));
		buf_putu(b, p->length);
		buf_put(b, SPAN("\r\n"));
	}
	if (p->file_fields)
		response_put_file_fields(b, f);
	else if (p->source == BODY_SOURCE_GIVEN)
		response_put_field(b, "Cache-Control", "no-store");
	else if (p->source != BODY_SOURCE_NONE || p->status == 304)
		/* What is missing or elsewhere now may be here soon; a 304
		 * without a file is that of a listing. */
		response_put_ours(b, f, "Cache-Control", "no-cache");
	response_put_vary(b, f);
	if (p->accept_ranges)
		response_put_ours(b, f, "Accept-Ranges", "bytes");
	if (p->ranges == 1)
		response_put_content_range(b, &p->range[0], p->rep.size);
	else if (p->status == 416)
		response_put_content_range(b, NULL, p->complete_length);
	if (p->status == 503) /* RFC 9110 10.2.3: a moment, in seconds */
		response_put_ours(b, f, "Retry-After", "1");
	if (p->allow)
		response_put_field(b, "Allow", "GET, HEAD, OPTIONS");
	if (p->location)
		response_put_location(b, f);
	response_put_cors(b, f);
	response_put_security(b, f);
	response_put_edits(b, f);
	response_put_connection(b, f);
	buf_put(b, SPAN("\r\n"));
}
