#include "base/check.h"
#include "base/num.h"
#include "base/printable.h"
#include "http/date.h"
#include "site/listing_entry.h"

/* At most six bytes ("&quot;") for one of a name, three for one of its
 * address. */
#define HTML_ROW(name_n) ((name_n)*9 + 512)

/* Steps of the path that are links, counted from its end: a link has "../" for
 * each, and a path may have two thousand. */
#define HTML_CRUMBS 32

_Static_assert(HTML_ROW(LIMIT_PATH) < sizeof((struct listing_out){ 0 }.bytes),
    "a path fits the buffer");

static const char head[] =
    "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n"
    "<style>\n"
    ":root{color-scheme:light dark;--paper:#fbfaf7;--ink:#21262b;"
    "--soft:#5d656d;--rule:#e2ded5;--link:#0c5f66;--over:#f0eee8}\n"
    "@media(prefers-color-scheme:dark){:root{--paper:#14181b;--ink:#dde2e5;"
    "--soft:#98a2aa;--rule:#2d343a;--link:#74c3c6;--over:#1d2327}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:60rem;padding:1.5rem 1.25rem 3rem;"
    "background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,"
    "sans-serif;-webkit-text-size-adjust:100%}\n"
    "a{color:var(--link);text-decoration:none}"
    "a:hover{text-decoration:underline}\n"
    "h1{margin:0 0 1rem -.2em;font-size:1.3rem;font-weight:600;line-height:1.6;"
    "overflow-wrap:anywhere}\n"
    "h1 a,h1 b{padding:.15em .2em}h1 b{font-weight:inherit}"
    "i{color:var(--soft);font-style:normal;font-weight:400}\n"
    "table{width:100%;border-collapse:collapse}\n"
    "th,td{padding:0 0 0 1.25rem;text-align:right;vertical-align:top;"
    "border-bottom:1px solid var(--rule);white-space:nowrap;"
    "font-variant-numeric:tabular-nums}\n"
    "th:first-child,td:first-child{width:100%;padding:0;text-align:left}\n"
    "th{font-size:.875rem;font-weight:600}"
    "td+td{padding-top:.375rem;padding-bottom:.3rem;color:var(--soft);font-"
    "size:.875rem}\n"
    "th a{display:block;padding:.375rem 0}"
    "td a{display:block;padding:.3rem .5rem .3rem 0;white-space:pre-wrap;"
    "overflow-wrap:anywhere;text-align:left;unicode-bidi:plaintext}\n"
    "tbody tr:hover{background:var(--over)}.d a{font-weight:600}\n"
    "[aria-sort=ascending] a::after{content:\" \\2191\";"
    "content:\" \\2191\"/\"\"}"
    "[aria-sort=descending] a::after{content:\" \\2193\";"
    "content:\" \\2193\"/\"\"}\n"
    "footer,td.none{padding:.75rem 0;color:var(--soft);font-size:.875rem;"
    "white-space:normal}\n"
    "@media(max-width:34rem){body{padding:1rem .875rem 2rem}"
    "th,td{padding-left:.625rem}td.t "
    "i{display:block;line-height:1}th.t{white-space:normal}}\n"
    "</style>\n";

/* Code points that change how other text looks, or are not seen. */
static bool
is_treacherous(uint32_t cp)
{
	static const struct {
		uint32_t first, last;
	} range[] = {
		{ 0, 0x1f },
		{ '\\', '\\' }, /* or an escape could be forged */
		{ 0x7f, 0x9f },
		{ 0x61c, 0x61c }, /* bidirectional, as four of the next */
		{ 0x200b, 0x200b },
		{ 0x200e, 0x200f },
		{ 0x2028, 0x202e },
		{ 0x2060, 0x206f },
		{ 0xfeff, 0xfeff },
	};

	for (size_t i = 0; i < sizeof(range) / sizeof(range[0]); i++)
		if (cp >= range[i].first && cp <= range[i].last)
			return true;
	return false;
}

/* Not printable_put for all: in a browser the joiners and wide blanks of many
 * scripts are harmless, and names are to be read as they were written. */
static bool
is_plain(struct span s)
{
	while (s.n) {
		uint32_t cp;
		size_t n = utf8_decode(s, &cp);

		if (n == 0 || is_treacherous(cp))
			return false;
		s = span_skip(s, n);
	}
	return true;
}

static void
put_name(struct buf *b, struct span name)
{
	char mem[4 * LIMIT_PATH];
	struct buf shown = buf_over(mem, sizeof(mem));

	if (listing_name_is_plain(name)) {
		buf_put(b, name);
		return;
	}
	if (!is_plain(name)) {
		printable_put(&shown, name, PRINTABLE_UTF8);
		name = buf_span(&shown);
	}
	buf_put_html(b, name);
}

/* ---- above the table ---- */

static size_t
count_slashes(struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '/';
	return n;
}

/* The path, each folder above the last one a link. */
static void
put_crumbs(struct listing_out *o, struct span path)
{
	size_t above = count_slashes(path) - 1;

	while (path.n) {
		const char *slash = memchr(path.p, '/', path.n);
		size_t n = (size_t)(slash - path.p) + 1;
		struct buf *b = listing_out_room(o, HTML_ROW(n));
		bool link = above > 0 && above <= HTML_CRUMBS;

		buf_puts(b, link ? "<a href=\"" : above ? "" : "<b>");
		for (size_t i = 0; link && i < above; i++)
			buf_put(b, SPAN("../"));
		buf_puts(b, link ? "\">" : "");
		if (n == 1)
			buf_putc(b, '/');
		else
			put_name(b, span_of(path.p, n - 1));
		buf_puts(b, link ? "</a>" : above ? "" : "</b>");
		if (n > 1)
			buf_put(b, SPAN("<i>/</i><wbr>"));
		path = span_skip(path, n);
		above--;
	}
}

static void
put_column(
    struct buf *b, const struct listing_request *r, enum listing_sort sort)
{
	/* the first click gives what people look for: newest, largest */
	static const struct {
		const char *key, *label;
		bool descending_first;
	} columns[] = {
		[LISTING_BY_NAME] = { "name", "Name", false },
		[LISTING_BY_SIZE] = { "size", "Size", true },
		[LISTING_BY_TIME] = { "time", "Modified (UTC)", true },
	};
	bool here = sort == r->sort;
	bool next_descending =
	    here ? !r->descending : columns[sort].descending_first;

	buf_put(b, SPAN("<th scope=col"));
	if (sort == LISTING_BY_TIME)
		buf_put(b, SPAN(" class=t"));
	if (here)
		buf_puts(b,
		    r->descending ? " aria-sort=descending"
				  : " aria-sort=ascending");
	buf_put(b, SPAN("><a href=\"?sort="));
	buf_puts(b, columns[sort].key);
	buf_puts(b, next_descending ? "&amp;order=desc" : "&amp;order=asc");
	buf_put(b, SPAN("\">"));
	buf_puts(b, columns[sort].label);
	buf_put(b, SPAN("</a></th>"));
}

static void
put_above(struct listing_out *o, const struct listing_request *r)
{
	struct span path = span_of(r->path->s, r->path->n);
	struct buf *b = listing_out_room(o, HTML_ROW(path.n));

	buf_put(b,
	    SPAN("<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n"
		 "<title>Folder "));
	put_name(b, path);
	buf_put(b, SPAN("</title>\n"));
	b = listing_out_room(o, sizeof(head) + HTML_ROW(0));
	buf_put(b, SPAN(head));
	buf_put(b, SPAN("<h1>"));
	put_crumbs(o, path);
	b = listing_out_room(o, HTML_ROW(64));
	buf_put(b, SPAN("</h1>\n<table>\n<thead><tr>"));
	put_column(b, r, LISTING_BY_NAME);
	put_column(b, r, LISTING_BY_SIZE);
	put_column(b, r, LISTING_BY_TIME);
	buf_put(b, SPAN("</tr></thead>\n<tbody>\n"));
	if (path.n > 1)
		buf_put(b,
		    SPAN("<tr class=d><td><a href=\"../\" title=\"Parent "
			 "folder\">..</a><td><td>\n"));
}

/* ---- the rows ---- */

static void
put_size(struct buf *b, uint64_t size)
{
	char text[8];

	buf_put(b, SPAN("<td title=\""));
	buf_putu(b, size);
	buf_puts(b, size == 1 ? " byte\">" : " bytes\">");
	if (size < 1024) {
		buf_putu(b, size);
		return;
	}
	num_human(text, size);
	buf_puts(b, text);
}

static void
put_time(struct buf *b, int64_t mtime)
{
	char date[DATE_ISO_LEN];

	date_format_iso(date, mtime);
	buf_put(b, SPAN("<td class=t><time datetime=\""));
	buf_put(b, span_of(date, sizeof(date)));
	buf_put(b, SPAN("\">"));
	buf_put(b, span_of(date, 10));
	buf_put(b, SPAN(" <i>"));
	buf_put(b, span_of(date + 11, 5));
	buf_put(b, SPAN("</i></time>"));
}

/* All but the end of its line. */
static void
put_row(struct buf *b, const struct listing_entry *entry, struct span name)
{
	buf_puts(b, entry->folder ? "<tr class=d>" : "<tr>");
	buf_put(b, SPAN("<td><a href=\""));
	listing_put_href(b, entry, name);
	buf_put(b, SPAN("\">"));
	put_name(b, name);
	buf_puts(b, entry->folder ? "/</a>" : "</a>");
	if (entry->folder)
		buf_put(b, SPAN("<td>&ndash;"));
	else
		put_size(b, entry->size);
	put_time(b, entry->mtime);
}

/* What a row has at most beside its name. */
static size_t
row_rest(void)
{
	static const struct listing_entry file = { .size = UINT64_MAX },
					  folder = { .folder = true };
	char mem[HTML_ROW(0)];
	struct buf b = buf_over(mem, sizeof(mem));
	size_t n;

	put_row(&b, &file, SPAN(""));
	n = b.n;
	b.n = 0;
	put_row(&b, &folder, SPAN(""));
	CHECK(!b.full);
	return n > b.n ? n : b.n;
}

/* Bytes that the name takes, as address and as text. */
static size_t
row_names(struct span name)
{
	static const struct listing_entry file = { .folder = false };
	char mem[HTML_ROW(LISTING_NAME)];
	struct buf b = buf_over(mem, sizeof(mem));

	if (listing_name_is_plain(name))
		return 2 * name.n;
	listing_put_href(&b, &file, name);
	put_name(&b, name);
	CHECK(!b.full);
	return b.n - 2; /* "./" is of the rest */
}

/* The row, or blanks in its place when the file is not there any more. */
static void
put_late_row(struct listing_out *o, struct listing_entries *e, size_t i,
    struct span name, size_t width)
{
	struct buf *b = listing_out_room(o, HTML_ROW(name.n));
	size_t from = b->n;
	int error = listing_entries_look(e, i);

	if (error != 0)
		o->error = error;
	if (e->p[i].look == LISTING_SEEN)
		put_row(b, &e->p[i], name);
	listing_put_blanks(b, from, width);
	buf_putc(b, '\n');
}

static void
put_rows(struct listing_out *o, struct listing_entries *e)
{
	size_t rest = row_rest();

	for (size_t i = 0; i < e->n && o->error == 0; i++) {
		struct span name = listing_entry_name(e, i);
		struct buf *b;

		if (e->late) {
			put_late_row(o, e, i, name, rest + row_names(name));
			continue;
		}
		b = listing_out_room(o, HTML_ROW(name.n));
		put_row(b, &e->p[i], name);
		buf_putc(b, '\n');
	}
}

/* ---- below ---- */

static void
put_count(struct buf *b, uint64_t n, const char *one, const char *more)
{
	buf_putu(b, n);
	buf_puts(b, n == 1 ? one : more);
}

static void
put_sums(struct buf *b, uint64_t folders, uint64_t files, uint64_t bytes,
    uint64_t omitted)
{
	char text[8];

	num_human(text, bytes);
	buf_put(b, SPAN("</tbody>\n</table>\n<footer>"));
	put_count(b, folders, " folder, ", " folders, ");
	put_count(b, files, " file, ", " files, ");
	buf_put(b, SPAN("<span title=\""));
	put_count(b, bytes, " byte\">", " bytes\">");
	buf_puts(b, text);
	buf_puts(b, bytes >= 1024 ? "</span>" : " bytes</span>");
	if (omitted) {
		buf_put(b, SPAN("; <b>"));
		buf_putu(b, omitted);
		buf_put(b, SPAN(" more are not shown</b>"));
	}
	buf_put(b, SPAN("</footer>"));
}

/* Its bytes at most. */
static size_t
below_width(const struct listing_entries *e)
{
	char mem[HTML_ROW(0)];
	struct buf b = buf_over(mem, sizeof(mem));

	put_sums(&b, LISTING_ENTRIES, LISTING_ENTRIES, UINT64_MAX, e->omitted);
	CHECK(!b.full);
	return b.n + sizeof(" bytes") - 1;
}

static void
put_below(struct buf *b, const struct listing_entries *e)
{
	uint64_t folders = 0, files = 0, bytes = 0;
	size_t from = b->n;

	for (size_t i = 0; i < e->n; i++) {
		if (e->p[i].look != LISTING_SEEN)
			continue;
		folders += e->p[i].folder;
		files += !e->p[i].folder;
		bytes += e->p[i].size;
	}
	put_sums(b, folders, files, bytes, e->omitted);
	if (e->late)
		listing_put_blanks(b, from, below_width(e));
	buf_putc(b, '\n');
}

/* Bytes of the whole page, when its rows are still to be written. */
static uint64_t
late_total(const struct listing_out *o, const struct listing_entries *e)
{
	size_t row = row_rest() + 1;
	uint64_t n = listing_out_at(o) + below_width(e) + 1;

	for (size_t i = 0; i < e->n; i++)
		n += row + row_names(listing_entry_name(e, i));
	return n;
}

void
listing_put_html(struct listing_out *o, const struct listing_request *r,
    struct listing_entries *e)
{
	put_above(o, r);
	if (e->late)
		o->total = late_total(o, e);
	put_rows(o, e);
	if (e->n == 0)
		buf_put(listing_out_room(o, HTML_ROW(0)),
		    SPAN(
			"<tr><td class=none colspan=3>Nothing to list here\n"));
	put_below(listing_out_room(o, HTML_ROW(0)), e);
}
