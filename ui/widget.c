#include "ui/widget.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "ui/glyph.h"

void
pen_put(struct pen *p, enum style style, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	p->x += grid_put(p->g, p->y, p->x, p->end - p->x, style, text);
}

bool
pen_pair(
    struct pen *p, const char *label, enum style style, const char *fmt, ...)
{
	char text[256];
	int need, label_w = glyph_text_width(label);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	need = glyph_text_width(text) + label_w + (label_w ? 1 : 0);
	if (need > p->end - p->x)
		return false;
	if (label_w)
		pen_put(p, STYLE_DIM, "%s ", label);
	pen_put(p, style, "%s", text);
	p->x += 2;
	return true;
}

bool
pen_right(
    struct pen *p, const char *label, enum style style, const char *fmt, ...)
{
	char text[256];
	int need, label_w = glyph_text_width(label);
	va_list ap;
	struct pen sub = *p;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	need = glyph_text_width(text) + label_w + (label_w ? 1 : 0);
	if (need > p->end - p->x)
		return false;
	sub.x = p->end - need;
	p->end = sub.x - 2;
	if (label_w)
		pen_put(&sub, STYLE_DIM, "%s ", label);
	pen_put(&sub, style, "%s", text);
	return true;
}

void
widget_rule(struct grid *g, struct rect line, bool focus, const char *title,
    const char *note)
{
	enum style title_style = focus ? STYLE_RULE_FOCUS : STYLE_STRONG;
	int end = line.x + line.w, note_w = glyph_text_width(note);
	struct pen p = { g, line.y, line.x, end };

	grid_fill(g, line.y, line.x, line.w,
	    focus ? STYLE_RULE_FOCUS : STYLE_RULE, focus ? 0x2501 : 0x2500);
	p.x += 2;
	pen_put(&p, title_style, " %s ", title);
	if (note_w && p.x + note_w + 4 <= end) {
		p.x = end - note_w - 4;
		pen_put(&p, STYLE_DIM, " %s ", note);
	}
}

/* Column `x` of a chart, `eighths` high of h * 8; something is never shown as
 * nothing. */
static void
put_column(struct pen *p, int h, enum style style, int eighths, bool something)
{
	static const uint32_t level[] = { 0x2581, 0x2582, 0x2583, 0x2584,
		0x2585, 0x2586, 0x2587, 0x2588 };

	for (int i = 0; i < h; i++) {
		int here = eighths - 8 * (h - 1 - i);
		bool base = i == h - 1;

		if (here > 8)
			here = 8;
		if (here >= 1)
			grid_fill(
			    p->g, p->y + i, p->x, 1, style, level[here - 1]);
		else if (base)
			grid_fill(p->g, p->y + i, p->x, 1,
			    something ? style : STYLE_REST, level[0]);
	}
}

void
widget_chart(struct pen *p, int w, int h, enum style style,
    const struct series *s, uint64_t floor)
{
	uint64_t most = floor;
	int steps = h * 8 - 2;

	if (w > SERIES_SECONDS - 1)
		w = SERIES_SECONDS - 1;
	for (int i = 0; i < w; i++)
		if (series_get(s, i) > most)
			most = series_get(s, i);
	for (int i = 0; i < w && p->x < p->end; i++, p->x++) {
		uint64_t v = series_get(s, w - 1 - i);
		int high = v && most
		    ? 2 + (int)((double)v / (double)most * steps + 0.5)
		    : 0;
		put_column(p, h, style, high > h * 8 ? h * 8 : high, v > 0);
	}
}

void
widget_spark(struct pen *p, int w, enum style style, const struct series *s)
{
	widget_chart(p, w, 1, style, s, 0);
}

void
widget_bar(
    struct pen *p, int w, enum style style, uint64_t part, uint64_t whole)
{
	int full;

	if (w > p->end - p->x)
		w = p->end - p->x;
	if (w <= 0)
		return;
	if (part > whole)
		part = whole;
	full = whole ? (int)((double)part / (double)whole * w + 0.5) : 0;
	grid_fill(p->g, p->y, p->x, full, style, 0x2501);
	grid_fill(p->g, p->y, p->x + full, w - full, STYLE_REST, 0x2500);
	p->x += w;
}

/* The columns that are kept, with their blanks; the least important kept. */
static int
columns_need(const struct column *c, int n, const int *width, int *least)
{
	int need = -1, low = 0;

	*least = -1;
	for (int i = 0; i < n; i++) {
		if (width[i] < 0)
			continue;
		need += width[i] + 1;
		if (c[i].priority && (*least < 0 || c[i].priority < low)) {
			*least = i;
			low = c[i].priority;
		}
	}
	return need;
}

/* Hand out what is left, a column at a time to the growing ones. */
static void
columns_grow(const struct column *c, int n, int left, int *width)
{
	bool gave = true;

	while (left > 0 && gave) {
		gave = false;
		for (int i = 0; i < n; i++)
			for (int k = 0; k < c[i].grow && left > 0; k++) {
				if (width[i] < 0 ||
				    (c[i].most && width[i] >= c[i].most))
					break;
				width[i]++;
				left--;
				gave = true;
			}
	}
}

void
columns_fit(const struct column *c, int n, int w, uint32_t hidden, int *width)
{
	int least, need;

	for (int i = 0; i < n; i++)
		width[i] = hidden >> i & 1 ? -1 : c[i].width;
	need = columns_need(c, n, width, &least);
	while (need > w && least >= 0) {
		width[least] = -1;
		need = columns_need(c, n, width, &least);
	}
	columns_grow(c, n, w - need, width);
}

void
column_put(struct pen *p, const struct column *c, int width, enum style style,
    const char *text)
{
	int x = p->x, room = width, text_w = glyph_text_width(text);

	if (width < 0)
		return;
	if (room > p->end - p->x)
		room = p->end - p->x;
	if (c->right && text_w < room)
		x += room - text_w, room = text_w;
	(void)grid_put(p->g, p->y, x, room, style, text);
	p->x += width + 1;
}

/* A title that leaves no room for the arrow gives it its last letter. */
static void
sorted_title(char out[40], const struct column *c, int width, bool up)
{
	int room = width - 1 > 0 ? width - 1 : 0;

	(void)snprintf(out, 40, "%.*s%s", room, c->title, up ? "↑" : "↓");
}

void
columns_head(struct grid *g, struct rect line, const struct column *c, int n,
    const int *width, struct sorted by)
{
	struct pen p = { g, line.y, line.x, line.x + line.w };

	for (int i = 0; i < n; i++) {
		char title[40];

		if (i != by.column || width[i] < 0) {
			column_put(
			    &p, &c[i], width[i], STYLE_COLUMN, c[i].title);
			continue;
		}
		sorted_title(title, &c[i], width[i], by.up);
		column_put(&p, &c[i], width[i], STYLE_KEY, title);
	}
}

enum style
style_of_status(int status)
{
	switch (status / 100) {
	case 2:
		return STYLE_GOOD;
	case 3:
		return STYLE_MOVED;
	case 4:
		return STYLE_CLIENT;
	case 5:
		return STYLE_SERVER;
	default:
		return STYLE_CUT;
	}
}
