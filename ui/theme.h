/* How what a cell means looks: colours for terminals with 256 and with 8 of
 * them, and without. */
#ifndef UI_THEME_H
#define UI_THEME_H

#include "ui/grid.h"

/* Bits, any together. */
#define INK_BOLD      1u
#define INK_DIM	      2u
#define INK_REVERSE   4u
#define INK_UNDERLINE 8u

/* Colours by their number; -1: the terminal's own. */
struct ink {
	short fg256, bg256;
	short fg8, bg8;
	unsigned how;  /* with colours */
	unsigned mono; /* without */
};

enum theme { THEME_DARK, THEME_LIGHT, THEME_PLAIN, THEME_N };

struct theme_row {
	const char *name;
	const char *text;
};
extern const struct theme_row themes[THEME_N];

/* PLAIN has no colours: only `mono` counts. */
const struct ink *theme_ink(enum theme theme, enum style style);

/* The background of a chosen row, of 256, and the ink of its greys. */
short theme_chosen(enum theme theme, short *ink);

/* Whether greys of that number would drown in a chosen row. */
bool theme_drowns(enum theme theme, int fg);

/* False, *out unchanged, when there is none of that name. */
bool theme_find(const char *name, enum theme *out);

#endif
