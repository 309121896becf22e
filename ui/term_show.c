/* What the terminal shows: colours, cells and the one link. */
#include <stdio.h>
#include <string.h>

#include "ui/crash.h"
#include "ui/term_name.h"
#include "ui/term_parts.h"
#include "ui/term_say.h"

static int
pair_of(int fg, int bg)
{
	int pair;

	if (fg == -1 && bg == -1)
		return 0;
	pair = alloc_pair(fg, bg);
	return pair < 0 ? 0 : pair;
}

static attr_t
attributes(unsigned how)
{
	return (how & INK_BOLD ? A_BOLD : 0) | (how & INK_DIM ? A_DIM : 0) |
	    (how & INK_REVERSE ? A_REVERSE : 0) |
	    (how & INK_UNDERLINE ? A_UNDERLINE : 0);
}

static void
paint_mono(struct term *t)
{
	for (int i = 0; i < STYLE_N; i++) {
		attr_t a = attributes(theme_ink(t->theme, (enum style)i)->mono);
		t->look[i][0] = (struct term_look){ a, 0 };
		t->look[i][1] = (struct term_look){ a ^ A_REVERSE, 0 };
	}
}

static void
paint_color(struct term *t)
{
	bool many = COLORS >= 256;
	short ink, ground = theme_chosen(t->theme, &ink);

	for (int i = 0; i < STYLE_N; i++) {
		const struct ink *p = theme_ink(t->theme, (enum style)i);
		int fg = many ? p->fg256 : p->fg8;
		int bg = many ? p->bg256 : p->bg8;
		attr_t a =
		    attributes(p->how) | (i == STYLE_DIM && !many ? A_DIM : 0);
		t->look[i][0] = (struct term_look){ a, pair_of(fg, bg) };
		if (many)
			t->look[i][1] = (struct term_look){ a | A_BOLD,
				pair_of(theme_drowns(t->theme, fg) ? ink : fg,
				    ground) };
		else
			t->look[i][1] = (struct term_look){ a | A_REVERSE, 0 };
	}
}

static void
paint(struct term *t)
{
	if (t->colors && t->theme != THEME_PLAIN)
		paint_color(t);
	else
		paint_mono(t);
}

void
term_show_begin(struct term *t, int color)
{
	const char *no = term_variable("NO_COLOR");

	t->colors = color >= 0 && !(color == 0 && *no) && has_colors() &&
	    start_color() != ERR;
	if (t->colors)
		(void)use_default_colors();
	paint(t);
}

void
term_theme(struct term *t, enum theme theme)
{
	CHECK_MAGIC(t, TERM_MAGIC);
	if (t->theme == theme)
		return;
	t->theme = theme;
	paint(t);
	grid_free(&t->shown);
}

void
term_link(struct term *t, int y, const char *url)
{
	t->link_y = y;
	if (url && strcmp(url, t->link) == 0)
		return;
	(void)snprintf(t->link, sizeof t->link, "%s", url ? url : "");
	t->linked = false;
}

/* Write the line once more within a link: curses does not know of links, and
 * leaves them in peace where nothing changes. */
static void
draw_link(struct term *t)
{
	if (t->linked || t->link[0] == '\0' || !term_pastes())
		return;
	say_link(t->link);
	(void)wredrawln(stdscr, t->link_y, 1);
	(void)wnoutrefresh(stdscr);
	(void)doupdate();
	say_link("");
	t->linked = true;
}

static void
show_cell(const struct term *t, int y, int x, const struct cell *c)
{
	const struct term_look *look = &t->look[c->style][c->chosen ? 1 : 0];
	wchar_t text[3] = { (wchar_t)c->cp, (wchar_t)c->mark, 0 };
	cchar_t cell;

	(void)setcchar(&cell, text, look->attr, (short)look->pair, NULL);
	(void)mvadd_wch(y, x, &cell);
}

/* Make room for the picture of what is shown. */
static bool
shown_fits(struct term *t, const struct grid *g)
{
	if (t->shown.cell && t->shown.w == g->w && t->shown.h == g->h)
		return true;
	grid_free(&t->shown);
	(void)erase();
	return grid_init(&t->shown, g->w, g->h, g->ascii);
}

/* Where lines have moved curses would scroll, and with it save and restore the
 * cursor: the terminal has one place for that, which the main screen's cursor
 * may be in.  No option of curses turns it off; it scrolls only lines that it
 * believes to know. */
static void
forget_moved(struct term *t, const struct grid *g)
{
	for (int y = 0; y < g->h; y++)
		if (grid_line_moved(g, &t->shown, y))
			(void)wredrawln(stdscr, y, 1);
}

static bool
copy_cells(struct term *t, const struct grid *g)
{
	bool changed = false;

	for (int y = 0; y < g->h; y++)
		for (int x = 0; x < g->w; x++) {
			const struct cell *c = grid_at(g, y, x);
			struct cell *was = grid_at(&t->shown, y, x);
			if (memcmp(c, was, sizeof *c) == 0)
				continue;
			*was = *c;
			changed = true;
			if (y == t->link_y && x < g->w / 2)
				t->linked = false;
			if (c->width)
				show_cell(t, y, x, c);
		}
	return changed;
}

void
term_show(struct term *t, const struct grid *g, bool all)
{
	bool changed = all || t->shown.cell == NULL;
	bool cursor = g->cursor_y >= 0;

	CHECK_MAGIC(t, TERM_MAGIC);
	if (t->left || crash_under_way() || !shown_fits(t, g))
		return;
	if (!all)
		forget_moved(t, g);
	changed |= copy_cells(t, g);
	changed |= g->cursor_y != t->shown.cursor_y ||
	    g->cursor_x != t->shown.cursor_x;
	if (!changed)
		return;
	if (all) {
		(void)clearok(curscr, TRUE);
		t->linked = false;
	}
	if (cursor != (t->shown.cursor_y >= 0))
		(void)curs_set(cursor ? 1 : 0);
	t->shown.cursor_y = g->cursor_y;
	t->shown.cursor_x = g->cursor_x;
	(void)move(cursor ? g->cursor_y : 0, cursor ? g->cursor_x : 0);
	(void)wnoutrefresh(stdscr);
	(void)doupdate();
	draw_link(t);
}
