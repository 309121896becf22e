#include "ui/grid.h"

#include <stdlib.h>

#include "base/printable.h"
#include "ui/glyph.h"

#define GRID_SIDE 1000
#define ELLIPSIS  0x2026

static int
clamp_side(int n)
{
	return n < 1 ? 1 : n > GRID_SIDE ? GRID_SIDE : n;
}

bool
grid_init(struct grid *g, int w, int h, bool ascii)
{
	*g = (struct grid){
		.w = clamp_side(w), .h = clamp_side(h), .ascii = ascii
	};
	g->cell = malloc((size_t)g->w * (size_t)g->h * sizeof *g->cell);
	if (g->cell == NULL)
		return false;
	grid_clear(g);
	return true;
}

void
grid_free(struct grid *g)
{
	free(g->cell);
	*g = (struct grid){ 0 };
}

void
grid_clear(struct grid *g)
{
	grid_blank(g, (struct rect){ 0, 0, g->h, g->w }, STYLE_PLAIN);
	g->cursor_y = -1;
	g->cursor_x = -1;
}

struct cell *
grid_at(const struct grid *g, int y, int x)
{
	if (y < 0 || x < 0 || y >= g->h || x >= g->w)
		return NULL;
	return &g->cell[(size_t)y * (size_t)g->w + (size_t)x];
}

/* Put one code point; wide ones take two cells, and never half of one. */
static void
put_cell(struct grid *g, int y, int x, enum style style, uint32_t cp)
{
	struct cell *c = grid_at(g, y, x);
	struct cell *right;
	int width = glyph_width(cp);

	if (c == NULL)
		return;
	if (g->ascii && cp > 0x7E) {
		cp = (unsigned char)glyph_ascii(cp);
		if (width == 2 && (right = grid_at(g, y, x + 1)) != NULL)
			*right = (struct cell){
				.cp = ' ', .style = (uint8_t)style, .width = 1
			};
		width = 1;
	}
	if (c->width == 0 && x > 0) /* the left half of what we cut */
		c[-1].cp = ' ', c[-1].width = 1;
	right = grid_at(g, y, x + 1);
	if (c->width == 2 && right != NULL && width != 2)
		right->cp = ' ', right->width = 1;
	if (width == 2 && right == NULL)
		cp = ' ', width = 1;
	*c = (struct cell){ .cp = cp,
		.style = (uint8_t)style,
		.width = (uint8_t)(width == 2 ? 2 : 1) };
	if (width == 2 && right->width == 2 && x + 2 < g->w)
		right[1].cp = ' ', right[1].width = 1;
	if (width == 2)
		*right = (struct cell){ .style = (uint8_t)style, .width = 0 };
}

static void
put_mark(struct grid *g, int y, int x, uint32_t cp)
{
	struct cell *c = grid_at(g, y, x - 1);

	if (c == NULL || g->ascii)
		return;
	if (c->width == 0)
		c--;
	if (c->mark == 0)
		c->mark = cp;
}

/* The next code point of *s, '?' for what is none or a control. */
static uint32_t
next_cp(struct span *s)
{
	uint32_t cp;
	size_t n = utf8_decode(*s, &cp);

	*s = span_skip(*s, n ? n : 1);
	if (n == 0 || cp < 0x20 || (cp >= 0x7F && cp < 0xA0))
		return '?';
	return cp;
}

int
grid_put(
    struct grid *g, int y, int x, int room, enum style style, const char *text)
{
	struct span rest = span_str(text);
	int used = 0;
	bool cut = glyph_text_width(text) > room;

	if (room <= 0)
		return 0;
	while (rest.n) {
		uint32_t cp = next_cp(&rest);
		int width = glyph_width(cp);
		if (width == 0) {
			if (used > 0)
				put_mark(g, y, x + used, cp);
			continue;
		}
		if (used + width > room - (cut ? 1 : 0))
			break;
		put_cell(g, y, x + used, style, cp);
		used += width;
	}
	if (cut) {
		put_cell(g, y, x + used, style, ELLIPSIS);
		used++;
	}
	return used;
}

void
grid_fill(struct grid *g, int y, int x, int n, enum style style, uint32_t cp)
{
	for (int i = 0; i < n; i++)
		put_cell(g, y, x + i, style, cp);
}

void
grid_blank(struct grid *g, struct rect r, enum style style)
{
	const struct cell blank = {
		.cp = ' ', .style = (uint8_t)style, .width = 1
	};
	int left = r.x > 0 ? r.x : 0;
	int right = r.x + r.w < g->w ? r.x + r.w : g->w;

	for (int y = r.y; y < r.y + r.h; y++) {
		struct cell *row = grid_at(g, y, 0);

		for (int x = left; row != NULL && x < right; x++)
			row[x] = blank;
	}
}

void
grid_choose(struct grid *g, int y, int x, int n)
{
	for (int i = 0; i < n; i++) {
		struct cell *c = grid_at(g, y, x + i);
		if (c != NULL)
			c->chosen = 1;
	}
}

static bool
same_line(const struct grid *a, int y, const struct grid *b, int by)
{
	const struct cell *l = grid_at(a, y, 0), *r = grid_at(b, by, 0);

	if (l == NULL || r == NULL)
		return false;
	for (int x = 0; x < a->w; x++)
		if (l[x].cp != r[x].cp)
			return false;
	return true;
}

bool
grid_line_moved(const struct grid *g, const struct grid *was, int y)
{
	if (same_line(g, y, was, y))
		return false;
	for (int by = 0; by < g->h; by++)
		if (same_line(g, y, was, by) || same_line(g, by, was, y))
			return true;
	return false;
}

void
grid_text(const struct grid *g, struct buf *out)
{
	for (int y = 0; y < g->h; y++) {
		const struct cell *row = grid_at(g, y, 0);
		int end = g->w;
		while (end > 0 && row[end - 1].cp == ' ')
			end--;
		for (int x = 0; x < end; x++) {
			if (row[x].width == 0)
				continue;
			glyph_put(out, row[x].cp);
			if (row[x].mark)
				glyph_put(out, row[x].mark);
		}
		buf_putc(out, '\n');
	}
}
