#include "ui/head_text.h"

#include "base/printable.h"
#include "ui/glyph.h"

#define INDENT 1

struct head_text {
	struct pager *page;
	struct pen pen;
	bool open;	  /* a screen line has been begun */
	bool visible;	  /* and it is in sight */
	int used;	  /* columns of it */
	int mark_x;	  /* column of the marked byte on it, -1: not there */
	uint32_t mark_at; /* its offset in the head */
	uint32_t line;	  /* of the head, from 0 */
	bool value;	  /* behind the colon of a field */
};

static void
begin_line(struct head_text *t, int indent)
{
	t->visible = pager_line(t->page, &t->pen);
	t->pen.x += indent;
	t->used = indent;
	t->open = true;
}

/* Leave the line; when the marked byte is on it, a caret line follows. */
static void
end_line(struct head_text *t)
{
	struct pen pen;
	int x = t->mark_x;

	t->open = false;
	t->mark_x = -1;
	if (x < 0 || !pager_line(t->page, &pen))
		return;
	if (x > t->page->r.w - 24 && x > 20) {
		pen.x += x - 18;
		pen_put(
		    &pen, STYLE_CARET, "refused at byte %-2u ▲", t->mark_at);
		return;
	}
	pen.x += x;
	pen_put(&pen, STYLE_CARET, "▲ refused at byte %u", t->mark_at);
}

/* One byte or character, as it is shown; `unit` is never split. */
static void
put_unit(struct head_text *t, enum style style, const char *unit)
{
	int w = glyph_text_width(unit);

	if (!t->open)
		begin_line(t, INDENT);
	if (t->used + w > t->page->r.w - 1) {
		end_line(t);
		begin_line(t, INDENT + 4);
	}
	if (t->visible)
		pen_put(&t->pen, style, "%s", unit);
	t->used += w;
}

static enum style
text_style(const struct head_text *t)
{
	if (t->line == 0)
		return STYLE_STRONG;
	return t->value ? STYLE_PLAIN : STYLE_FIELD;
}

/* Show what is at s.p; returns how many bytes that were. */
static size_t
put_char(struct head_text *t, struct span s)
{
	bool ascii = t->page->g->ascii;
	char out[40];
	struct buf b = buf_over(out, sizeof out - 1);
	uint32_t cp;
	size_t n = ascii ? 1 : utf8_decode(s, &cp);
	struct span raw;

	if (n == 0)
		n = 1;
	raw = span_of(s.p, n);
	printable_put(&b, raw, ascii ? PRINTABLE_ASCII : PRINTABLE_UTF8);
	out[b.n] = '\0';
	put_unit(
	    t, span_eq(raw, buf_span(&b)) ? text_style(t) : STYLE_UNSAFE, out);
	if (s.p[0] == ':')
		t->value = true;
	return n;
}

static void
put_line_end(struct head_text *t, bool cr, bool lf)
{
	bool ascii = t->page->g->ascii;
	enum style style = cr && lf ? STYLE_LINEEND : STYLE_UNSAFE;

	if (cr)
		put_unit(t, style, ascii ? "\\r" : "␍");
	if (lf)
		put_unit(t, style, ascii ? "\\n" : "␊");
	if (!lf)
		return;
	t->line++;
	t->value = false;
}

void
head_text_put(struct pager *p, struct span head, uint32_t mark)
{
	struct head_text t = { .page = p, .mark_x = -1, .mark_at = mark };
	size_t at = 0;

	while (at < head.n) {
		struct span s = span_skip(head, at);
		size_t n = 1;
		int x;
		bool crlf = span_starts(s, SPAN("\r\n"));
		if (!t.open)
			begin_line(&t, INDENT);
		x = t.used;
		if (crlf || s.p[0] == '\n' || s.p[0] == '\r') {
			n = crlf ? 2 : 1;
			put_line_end(
			    &t, s.p[0] == '\r', crlf || s.p[0] == '\n');
		} else {
			n = put_char(&t, s);
		}
		if (mark >= at && mark < at + n)
			t.mark_x = t.used < x ? INDENT + 4 : x;
		at += n;
		if (crlf || s.p[0] == '\n')
			end_line(&t);
	}
	if (mark != EVENT_NOWHERE && mark >= head.n) {
		if (!t.open)
			begin_line(&t, INDENT);
		t.mark_x = t.used; /* what was missing would stand there */
	}
	if (t.open)
		end_line(&t);
}
