/* The terminal: the only module that knows curses.  One thread at a time. */
#ifndef UI_TERM_H
#define UI_TERM_H

#include <stdbool.h>
#include <stdint.h>

#include "ui/grid.h"
#include "ui/theme.h"

/* Keys: a code point, or one of these. */
enum term_key {
	TERM_KEY_NONE = 0,
	TERM_KEY_CTRL_A = 1,
	TERM_KEY_CTRL_C = 3,
	TERM_KEY_CTRL_E = 5,
	TERM_KEY_CTRL_K = 11,
	TERM_KEY_CTRL_L = 12,
	TERM_KEY_CTRL_U = 21,
	TERM_KEY_CTRL_W = 23,
	TERM_KEY_CTRL_Z = 26,
	TERM_KEY_TAB = 9,
	TERM_KEY_ENTER = 13,
	TERM_KEY_ESCAPE = 27,
	TERM_KEY_SPECIAL = 0x110000,
	TERM_KEY_UP,
	TERM_KEY_DOWN,
	TERM_KEY_LEFT,
	TERM_KEY_RIGHT,
	TERM_KEY_HOME,
	TERM_KEY_END,
	TERM_KEY_PAGE_UP,
	TERM_KEY_PAGE_DOWN,
	TERM_KEY_BACK_TAB,
	TERM_KEY_BACKSPACE, /* backspace */
	TERM_KEY_DELETE,    /* delete */
	TERM_KEY_F1,	    /* and eleven more */
	TERM_KEY_F12 = TERM_KEY_F1 + 11,
	TERM_KEY_PASTE_BEGIN,
	TERM_KEY_PASTE_END,
	TERM_KEY_MOUSE, /* term_mouse says what and where */
	TERM_KEY_OTHER, /* a key that means nothing here */
};

enum term_button { TERM_LEFT, TERM_WHEEL_UP, TERM_WHEEL_DOWN };

struct term_mouse {
	enum term_button button;
	int y;
	int x;
};

struct term;

/* Take over the terminal on stdin and stdout.  color: -1 never, 0 as it can
 * (NO_COLOR honoured), 1 always.  NULL with a reason in err when it cannot be
 * used. */
struct term *term_start(int color, char err[256]);

/* Give it back as it was and free.  Blocks while the terminal is stopped. */
void term_stop(struct term *t);

/* The saved modes alone, without a byte written: for a terminal that takes
 * none.  Any thread. */
void term_abandon(struct term *t);

/* Leave the screen for a while (suspend), and come back. */
void term_leave(struct term *t, const char *message);
void term_return(struct term *t);

/* Whether this process may use the terminal now (it is in the foreground). */
bool term_in_front(const struct term *t);

/* Whether only ASCII can be shown. */
bool term_ascii(const struct term *t);

/* Ask for the size and take it; it is at least 1 x 1. */
void term_resize(struct term *t, int *w, int *h);

/* The next key, TERM_KEY_NONE when there is none now. */
uint32_t term_key(struct term *t);

/* Where the mouse was, for the last TERM_KEY_MOUSE. */
struct term_mouse term_mouse(const struct term *t);

/* Have the terminal tell of the mouse, or leave it to the terminal, whose user
 * can then select text with it. */
void term_mouse_on(struct term *t, bool on);

/* Other colours from the next picture on, which is then drawn anew. */
void term_theme(struct term *t, enum theme theme);

/* Offer a text to the terminal's clipboard (OSC 52); some ignore that. */
void term_copy(const struct term *t, const char *text, size_t n);

void term_bell(const struct term *t);

/* The line of the screen that is a link (OSC 8) to this address, printable
 * ASCII; NULL: none. */
void term_link(struct term *t, int y, const char *url);

/* Show the grid; writes nothing when it shows what is there.  `all`: repaint
 * every cell. */
void term_show(struct term *t, const struct grid *g, bool all);

#endif
