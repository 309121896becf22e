/* The content of errors and redirects: a small page, HTML or plain text. */
#include "base/printable.h"
#include "http/response.h"

/* Longer addresses are not repeated on a page: escaped twice they would fill
 * it. */
#define RESPONSE_LINK 400

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
