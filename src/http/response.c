#include "http/response.h"

#include "base/clock.h"
#include "base/printable.h"
#include "http/date.h"

/* Longer addresses are not repeated on a page: escaped twice they would fill
 * it. */
#define RESPONSE_LINK 400

static void
response_put_field(struct buf *b, const char *name, const char *value)
{
	buf_puts(b, name);
	buf_put(b, SPAN(": "));
	buf_puts(b, value);
	buf_put(b, SPAN("\r\n"));
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

/* The address of a folder: the path as it was understood, encoded again, with
 * one leading slash (never //host) and the query as it came. */
static void
response_put_address(struct buf *b, const struct response_facts *f)
{
	buf_put_pct(b, span_of(f->path->s, f->path->n));
	buf_putc(b, '/');
	if (f->request->query.p != NULL) {
		buf_putc(b, '?');
		buf_put_uri(b, f->request->query);
	}
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
		buf_puts(b, f->file->type);
		text = f->file->charset && f->rules->charset != NULL;
	} else if (p->source == BODY_SOURCE_GIVEN) {
		buf_puts(b, f->given_type);
		text = false;
	} else {
		buf_puts(b, p->page_html ? "text/html" : "text/plain");
	}
	if (text) {
		buf_put(b, SPAN("; charset="));
		buf_puts(b,
		    p->source == BODY_SOURCE_FILE ? f->rules->charset
						  : "utf-8");
	}
	buf_put(b, SPAN("\r\n"));
}

/* Validators and freshness: of 200 and 304 alike (RFC 9110 15.4.5). */
static void
response_put_file_fields(struct buf *b, const struct response_facts *f)
{
	int64_t modified = f->file->mtime_ns / NS_PER_S;

	/* Never in the future (RFC 9110 8.8.2.1). */
	response_put_date(
	    b, "Last-Modified", modified < f->now ? modified : f->now);
	buf_put(b, SPAN("ETag: "));
	etag_put(b, f->file->size, f->file->mtime_ns);
	buf_put(b, SPAN("\r\n"));
	if (f->rules->cache_control)
		response_put_field(b, "Cache-Control", f->rules->cache_control);
	if (f->file->coding && f->plan->status != 304)
		response_put_field(b, "Content-Encoding", f->file->coding);
}

static void
response_put_security(struct buf *b, const struct response_facts *f)
{
	if (!f->rules->security_headers)
		return;
	response_put_field(b, "X-Content-Type-Options", "nosniff");
	response_put_field(
	    b, "Referrer-Policy", "strict-origin-when-cross-origin");
	if (f->plan->source == BODY_SOURCE_PAGE || f->plan->listing)
		response_put_field(b, "Content-Security-Policy",
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
	response_put_content_range(b, &p->range[i], f->file->size);
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
		buf_put(b, SPAN("Server: httpconsole\r\n"));
	if (p->ranges > 1)
		response_put_multipart_type(b, f);
	else if (p->source != BODY_SOURCE_NONE)
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
	else if (p->source == BODY_SOURCE_PAGE || p->listing)
		/* What is missing or elsewhere now may be here soon; and HTML
		 * or text was chosen by Accept (RFC 9110 12.5.5). */
		buf_put(b, SPAN("Cache-Control: no-cache\r\nVary: Accept\r\n"));
	if (p->accept_ranges)
		buf_put(b, SPAN("Accept-Ranges: bytes\r\n"));
	if (p->ranges == 1)
		response_put_content_range(b, &p->range[0], f->file->size);
	else if (p->status == 416)
		response_put_content_range(b, NULL, p->complete_length);
	if (p->allow)
		response_put_field(b, "Allow", "GET, HEAD, OPTIONS");
	if (p->location)
		response_put_location(b, f);
	response_put_security(b, f);
	response_put_connection(b, f);
	buf_put(b, SPAN("\r\n"));
}

/* Whether the page may say why: of the request's own faults, yes; of what the
 * file system holds, no (a 404 must look like every other 404). */
static bool
response_tells_why(uint16_t status)
{
	return status >= 400 && status != 403 && status != 404 &&
	    status != 500 && status != 503;
}

/* The decoded path, as text: a bounded beginning of it. */
static size_t
response_path_text(char out[256], const struct response_facts *f)
{
	if (f->path == NULL || f->path->n == 0)
		return 0;
	return printable_str(
	    out, 256, span_of(f->path->s, f->path->n), PRINTABLE_UTF8);
}

/* Where a redirect leads; nothing when it is too long for a page. */
static struct span
response_short_address(struct buf *b, const struct response_facts *f)
{
	response_put_address(b, f);
	return b->full ? span_of(NULL, 0) : buf_span(b);
}

static void
response_put_page_text(struct buf *b, const struct response_facts *f)
{
	const struct plan *p = f->plan;
	const struct status_row *row = &status_rows[status_slot(p->status)];
	char path[256], mem[RESPONSE_LINK];
	struct buf address = buf_over(mem, sizeof(mem));
	size_t n = response_path_text(path, f);

	buf_putu(b, p->status);
	buf_putc(b, ' ');
	buf_puts(b, row->phrase);
	buf_put(b, SPAN("\n\n"));
	buf_puts(b, row->text);
	buf_putc(b, '\n');
	if (response_tells_why(p->status)) {
		buf_put(b, SPAN("Why: "));
		reason_put_text(b, &p->trail.r[p->trail.why]);
		buf_putc(b, '\n');
	}
	if (p->location) {
		buf_put(b, response_short_address(&address, f));
		buf_putc(b, '\n');
	} else if (n != 0) {
		buf_put(b, SPAN("Path: "));
		buf_put(b, span_of(path, n));
		buf_putc(b, '\n');
	}
}

static const char page_style[] =
    "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n"
    "<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,"
    "sans-serif;max-width:38rem;margin:12vh auto;padding:0 1.25rem}"
    "h1{font-size:1.6rem;margin:0 0 .5rem}code{overflow-wrap:anywhere}"
    "footer{margin-top:2rem;opacity:.6;font-size:.875rem}</style>\n";

static void
response_put_link(struct buf *b, const struct response_facts *f)
{
	char mem[RESPONSE_LINK];
	struct buf m = buf_over(mem, sizeof(mem));
	struct span address = response_short_address(&m, f);

	if (address.n == 0)
		return;
	buf_put(b, SPAN("<p><a href=\""));
	buf_put_html(b, address);
	buf_put(b, SPAN("\">"));
	buf_put_html(b, address);
	buf_put(b, SPAN("</a></p>\n"));
}

static void
response_put_page_html(struct buf *b, const struct response_facts *f)
{
	const struct plan *p = f->plan;
	const struct status_row *row = &status_rows[status_slot(p->status)];
	char path[256], why[512];
	size_t n = response_path_text(path, f);

	buf_put(b,
	    SPAN("<!doctype html>\n<html lang=en>\n"
		 "<meta charset=utf-8>\n<title>"));
	buf_putu(b, p->status);
	buf_putc(b, ' ');
	buf_puts(b, row->phrase);
	buf_put(b, SPAN("</title>\n"));
	buf_put(b, span_of(page_style, sizeof(page_style) - 1));
	buf_put(b, SPAN("<h1>"));
	buf_putu(b, p->status);
	buf_putc(b, ' ');
	buf_puts(b, row->phrase);
	buf_put(b, SPAN("</h1>\n<p>"));
	buf_puts(b, row->text);
	buf_put(b, SPAN("</p>\n"));
	if (response_tells_why(p->status)) {
		struct buf w = buf_over(why, sizeof(why));

		reason_put_text(&w, &p->trail.r[p->trail.why]);
		buf_put(b, SPAN("<p>Why: "));
		buf_put_html(b, buf_span(&w));
		buf_put(b, SPAN("</p>\n"));
	}
	if (p->location) {
		response_put_link(b, f);
	} else if (n != 0) {
		buf_put(b, SPAN("<p><code>"));
		buf_put_html(b, span_of(path, n));
		buf_put(b, SPAN("</code></p>\n"));
	}
	buf_put(b, SPAN("<footer>httpconsole</footer>\n"));
}

void
response_put_page(struct buf *b, const struct response_facts *f)
{
	if (f->plan->page_html)
		response_put_page_html(b, f);
	else
		response_put_page_text(b, f);
}
