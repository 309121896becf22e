#include "ui/term.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/check.h"
#include "ui/crash.h"
#include "ui/term_name.h"
#include "ui/term_say.h"

#define TERM_MAGIC  0x7e2a11edu
#define CURSES_CODE (KEY_MAX + 1) /* free for define_key */

struct look {
	attr_t attr;
	int pair;
};

struct term {
	uint32_t magic;
	SCREEN *screen;
	WINDOW *keys; /* a pad: reading from it never refreshes the screen */
	struct termios saved;
	struct termios raw;
	struct look look[STYLE_N][2]; /* [chosen] */
	struct grid shown;	      /* what curses was told */
	bool ascii;
	bool left;
	bool colors;
	enum theme theme;
	bool mouse;
	struct term_mouse at;
	int link_y;
	char link[160];
	bool linked; /* the line was drawn as a link, and not since */
};

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
		t->look[i][0] = (struct look){ a, 0 };
		t->look[i][1] = (struct look){ a ^ A_REVERSE, 0 };
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
		t->look[i][0] = (struct look){ a, pair_of(fg, bg) };
		if (many)
			t->look[i][1] = (struct look){ a | A_BOLD,
				pair_of(theme_drowns(t->theme, fg) ? ink : fg,
				    ground) };
		else
			t->look[i][1] = (struct look){ a | A_REVERSE, 0 };
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

static void
paint_first(struct term *t, int color)
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

static bool
refuse(char err[256], const char *why)
{
	(void)snprintf(err, 256, "%s", why);
	return false;
}

static bool
usable(struct term *t, char err[256])
{
	const char *name = term_variable("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return refuse(err, "stdin and stdout are not a terminal");
	if (*name == '\0' || strcmp(name, "dumb") == 0)
		return refuse(err, "TERM names no terminal with a screen");
	if (tcgetpgrp(STDIN_FILENO) != getpgrp())
		return refuse(err, "the terminal belongs to another job");
	if (tcgetattr(STDIN_FILENO, &t->saved) != 0)
		return refuse(err, "the terminal does not tell its modes");
	return true;
}

/* curses takes signals over that are main's, or have their default action:
 * give them back. */
static bool
open_screen(struct term *t, char err[256])
{
	static const int taken[] = { SIGINT, SIGTERM, SIGTSTP, SIGWINCH };
	struct sigaction before[4];
	const char *place;

	for (int i = 0; i < 4; i++)
		(void)sigaction(taken[i], NULL, &before[i]);
	t->screen = newterm(NULL, stdout, stdin);
	for (int i = 0; i < 4; i++)
		(void)sigaction(taken[i], &before[i], NULL);
	if (t->screen == NULL)
		return refuse(err, "no description of this TERM is installed");
	(void)set_term(t->screen);
	place = tigetstr("cup");
	if (place == NULL || (intptr_t)place == -1) {
		(void)endwin();
		delscreen(t->screen);
		return refuse(err, "this TERM cannot place its cursor");
	}
	return true;
}

/* Signals come as keys (main's SIGINT stays for kill(1)), and Ctrl-S must not
 * stop the console for ever. */
static void
set_modes(struct term *t)
{
	(void)cbreak();
	(void)noecho();
	(void)nonl();
	(void)tcgetattr(STDIN_FILENO, &t->raw);
	t->raw.c_lflag &= ~(tcflag_t)(ISIG | IEXTEN);
	t->raw.c_iflag &= ~(tcflag_t)(IXON | IXOFF | ICRNL | INLCR);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &t->raw);
	(void)def_prog_mode();
}

static void
set_keys(struct term *t)
{
	t->keys = newpad(1, 1);
	(void)keypad(t->keys, TRUE);
	(void)nodelay(t->keys, TRUE);
	(void)set_escdelay(25);
	(void)typeahead(-1); /* no half-drawn frames */
	(void)define_key("\033[200~", CURSES_CODE);
	(void)define_key("\033[201~", CURSES_CODE + 1);
	(void)define_key("\033[<", CURSES_CODE + 2); /* a mouse: SGR 1006 */
	say_pastes(true);
}

struct term *
term_start(int color, char err[256])
{
	struct term *t = calloc(1, sizeof *t);
	const char *codeset;

	if (t == NULL) {
		(void)refuse(err, "out of memory");
		return NULL;
	}
	t->magic = TERM_MAGIC;
	(void)setlocale(LC_ALL, ""); /* NOLINT(concurrency-mt-unsafe) */
	if (!usable(t, err) || !open_screen(t, err)) {
		free(t);
		return NULL;
	}
	crash_guard(STDOUT_FILENO, &t->saved);
	codeset = nl_langinfo(CODESET); /* NOLINT(concurrency-mt-unsafe) */
	t->ascii = strcmp(codeset, "UTF-8") != 0 || term_poor_font();
	set_modes(t);
	set_keys(t);
	(void)curs_set(0);
	(void)leaveok(stdscr, FALSE);
	(void)scrollok(stdscr, FALSE);
	paint_first(t, color);
	return t;
}

/* Some terminals keep a cursor for each screen: the one that comes back with
 * the main screen is shown too. */
static void
give_back(struct term *t)
{
	const char *shown = tigetstr("cnorm");

	say_pastes(false);
	if (t->mouse)
		say_mouse(false);
	(void)curs_set(1);
	(void)endwin();
	if (shown != NULL && (intptr_t)shown != -1 && !strchr(shown, '$'))
		say(shown);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &t->saved);
}

void
term_stop(struct term *t)
{
	CHECK_MAGIC(t, TERM_MAGIC);
	/* In the background the screen and its modes are another's. */
	if (!t->left && term_in_front(t))
		give_back(t);
	crash_unguard();
	(void)delwin(t->keys);
	delscreen(t->screen);
	grid_free(&t->shown);
	t->magic = 0;
	free(t);
}

void
term_abandon(struct term *t)
{
	CHECK_MAGIC(t, TERM_MAGIC);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &t->saved);
}

void
term_leave(struct term *t, const char *message)
{
	CHECK_MAGIC(t, TERM_MAGIC);
	give_back(t);
	t->left = true;
	if (message) {
		say(message);
		say("\n");
	}
}

void
term_return(struct term *t)
{
	CHECK_MAGIC(t, TERM_MAGIC);
	/* The shell may have changed the modes that a start would find. */
	if (t->left)
		(void)tcgetattr(STDIN_FILENO, &t->saved);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &t->raw);
	t->left = false;
	(void)reset_prog_mode();
	(void)clearok(curscr, TRUE);
	(void)curs_set(0);
	say_pastes(true);
	if (t->mouse)
		say_mouse(true);
	grid_free(&t->shown);
}

bool
term_in_front(const struct term *t)
{
	pid_t front = tcgetpgrp(STDIN_FILENO);

	CHECK_MAGIC(t, TERM_MAGIC);
	/* No answer means no terminal: reading will say so. */
	return front < 0 || front == getpgrp();
}

bool
term_ascii(const struct term *t)
{
	return t->ascii;
}

void
term_resize(struct term *t, int *w, int *h)
{
	struct winsize size;

	CHECK_MAGIC(t, TERM_MAGIC);
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row &&
	    size.ws_col && (size.ws_row != LINES || size.ws_col != COLS))
		(void)resizeterm(size.ws_row, size.ws_col);
	*w = COLS < 1 ? 1 : COLS;
	*h = LINES < 1 ? 1 : LINES;
}

void
term_mouse_on(struct term *t, bool on)
{
	CHECK_MAGIC(t, TERM_MAGIC);
	if (on == t->mouse)
		return;
	t->mouse = on;
	if (!t->left)
		say_mouse(on);
}

struct term_mouse
term_mouse(const struct term *t)
{
	return t->at;
}

/* The rest of a report: "button;column;row" and M, or m when it was let go. */
static uint32_t
read_mouse(struct term *t)
{
	unsigned n[3] = { 0 }, field = 0;
	wint_t c = 0;

	for (int i = 0; i < 20; i++) {
		if (wget_wch(t->keys, &c) == ERR)
			return TERM_KEY_OTHER;
		if (c >= '0' && c <= '9' && n[field] < 100000)
			n[field] = n[field] * 10 + (unsigned)(c - '0');
		else if (c == ';' && field < 2)
			field++;
		else
			break;
	}
	if (c != 'M' || field != 2 || n[1] == 0 || n[2] == 0)
		return TERM_KEY_OTHER;
	t->at.y = (int)n[2] - 1;
	t->at.x = (int)n[1] - 1;
	switch (n[0] & ~0x1Cu) { /* without Shift, Alt and Ctrl */
	case 0:
		t->at.button = TERM_LEFT;
		return TERM_KEY_MOUSE;
	case 64:
		t->at.button = TERM_WHEEL_UP;
		return TERM_KEY_MOUSE;
	case 65:
		t->at.button = TERM_WHEEL_DOWN;
		return TERM_KEY_MOUSE;
	default:
		return TERM_KEY_OTHER;
	}
}

void
term_bell(const struct term *t)
{
	CHECK_MAGIC(t, TERM_MAGIC);
	if (!t->left)
		say("\a");
}

void
term_copy(const struct term *t, const char *text, size_t n)
{
	CHECK_MAGIC(t, TERM_MAGIC);
	if (!t->left)
		say_copy(text, n);
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

static uint32_t
special_key(wint_t code)
{
	static const struct {
		wint_t curses;
		uint32_t key;
	} table[] = {
		{ KEY_UP, TERM_KEY_UP },
		{ KEY_DOWN, TERM_KEY_DOWN },
		{ KEY_LEFT, TERM_KEY_LEFT },
		{ KEY_RIGHT, TERM_KEY_RIGHT },
		{ KEY_HOME, TERM_KEY_HOME },
		{ KEY_FIND, TERM_KEY_HOME },
		{ KEY_END, TERM_KEY_END },
		{ KEY_SELECT, TERM_KEY_END },
		{ KEY_PPAGE, TERM_KEY_PAGE_UP },
		{ KEY_NPAGE, TERM_KEY_PAGE_DOWN },
		{ KEY_BTAB, TERM_KEY_BACK_TAB },
		{ KEY_BACKSPACE, TERM_KEY_BACKSPACE },
		{ KEY_DC, TERM_KEY_DELETE },
		{ KEY_ENTER, TERM_KEY_ENTER },
		{ CURSES_CODE, TERM_KEY_PASTE_BEGIN },
		{ CURSES_CODE + 1, TERM_KEY_PASTE_END },
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].curses == code)
			return table[i].key;
	if (code >= KEY_F(1) && code <= KEY_F(12))
		return TERM_KEY_F1 + (uint32_t)(code - KEY_F(1));
	return TERM_KEY_OTHER;
}

uint32_t
term_key(struct term *t)
{
	wint_t code;
	int kind;

	CHECK_MAGIC(t, TERM_MAGIC);
	kind = wget_wch(t->keys, &code);
	if (kind == ERR)
		return TERM_KEY_NONE;
	if (kind == KEY_CODE_YES && code == CURSES_CODE + 2)
		return read_mouse(t);
	if (kind == KEY_CODE_YES)
		return special_key(code);
	if (code == 0x7F || code == 8)
		return TERM_KEY_BACKSPACE;
	if (code == '\n')
		return TERM_KEY_ENTER;
	return code == 0 || code >= TERM_KEY_SPECIAL ? TERM_KEY_OTHER
						     : (uint32_t)code;
}

static void
show_cell(const struct term *t, int y, int x, const struct cell *c)
{
	const struct look *look = &t->look[c->style][c->chosen ? 1 : 0];
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
