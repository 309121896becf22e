/* The inside of a terminal, for its own files only, which alone know curses:
 * ui/term.c takes it over and gives it back, ui/term_key.c reads from it,
 * ui/term_show.c draws on it. */
#ifndef UI_TERM_PARTS_H
#define UI_TERM_PARTS_H

#include <curses.h>
#include <termios.h>

#include "base/check.h"
#include "ui/term.h"

#define TERM_MAGIC 0x7e2a11edu

struct term_look {
	attr_t attr;
	int pair;
};

struct term {
	uint32_t magic;
	SCREEN *screen;
	WINDOW *keys; /* a pad: reading from it never refreshes the screen */
	struct termios saved;
	struct termios raw;
	struct term_look look[STYLE_N][2]; /* [chosen] */
	struct grid shown;		   /* what curses was told */
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

/* Begin reading: after the screen is open. */
void term_key_begin(struct term *t);

/* Begin drawing; `color` as for term_start. */
void term_show_begin(struct term *t, int color);

#endif
