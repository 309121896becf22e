/* A grid of cells that views draw on and a terminal (or a test) shows.
 * Everything clips: drawing outside is an ordinary nothing. */
#ifndef UI_GRID_H
#define UI_GRID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* What a cell means; how it looks is decided in term.c. */
enum style {
	STYLE_PLAIN,
	STYLE_DIM,    /* labels and what matters less */
	STYLE_STRONG, /* the figure to look at */
	STYLE_TITLE,
	STYLE_TITLE_STRONG,
	STYLE_LIVE,
	STYLE_PAUSED,
	STYLE_DRAINING,
	STYLE_RULE,
	STYLE_RULE_FOCUS,
	STYLE_COLUMN, /* column titles */
	STYLE_GOOD,   /* 2xx */
	STYLE_MOVED,  /* 3xx */
	STYLE_CLIENT, /* 4xx */
	STYLE_SERVER, /* 5xx */
	STYLE_CUT,    /* no answer */
	STYLE_SPARK,
	STYLE_BAR,     /* progress */
	STYLE_TIMEOUT, /* a countdown */
	STYLE_REST,    /* the rest of a bar */
	STYLE_KEY,
	STYLE_LABEL,
	STYLE_INFO,
	STYLE_WARN,
	STYLE_BAD,
	STYLE_FIELD,   /* field name in a head */
	STYLE_UNSAFE,  /* an escaped byte */
	STYLE_LINEEND, /* visible CR LF */
	STYLE_CARET,
	STYLE_FOUND, /* what was looked for */
	STYLE_BOX,
	STYLE_QR, /* light on dark, in every theme */
	STYLE_INPUT,
	STYLE_N
};

struct cell {
	uint32_t cp;
	uint32_t mark; /* one combining mark, 0: none */
	uint8_t style; /* enum style */
	uint8_t chosen;
	uint8_t width; /* 1, 2, or 0: right half of the cell before */
	uint8_t reserved;
};

struct grid {
	int w;
	int h;
	bool ascii;	   /* only 0x20 to 0x7E may be shown */
	struct cell *cell; /* owned, row by row */
	int cursor_y;	   /* -1: hidden */
	int cursor_x;
};

struct rect {
	int y;
	int x;
	int h;
	int w;
};

/* Width and height are clamped to 1..1000.  False when memory is short. */
bool grid_init(struct grid *g, int w, int h, bool ascii);
void grid_free(struct grid *g);

/* Blank, cursor hidden. */
void grid_clear(struct grid *g);

/* NULL outside. */
struct cell *grid_at(const struct grid *g, int y, int x);

/* Put UTF-8 at most `room` columns wide; what does not fit is cut and the cut
 * shown by an ellipsis.  Control and broken bytes become '?'.  Returns the
 * columns used. */
int grid_put(
    struct grid *g, int y, int x, int room, enum style style, const char *text);

/* Put `n` times the same code point of width 1. */
void grid_fill(
    struct grid *g, int y, int x, int n, enum style style, uint32_t cp);

/* Blank a rectangle in a style. */
void grid_blank(struct grid *g, struct rect r, enum style style);

/* Mark a run of cells as chosen. */
void grid_choose(struct grid *g, int y, int x, int n);

/* Whether line `y` is another than in `was`, a grid of the same size, and its
 * text is to be found there, or was taken from there, in another line. */
bool grid_line_moved(const struct grid *g, const struct grid *was, int y);

/* The text alone, lines without trailing blanks: for tests. */
void grid_text(const struct grid *g, struct buf *out);

#endif
