/* What views are made of: a pen that fills a line, rules, bars, columns, and
 * figures for people. */
#ifndef UI_WIDGET_H
#define UI_WIDGET_H

#include "ui/grid.h"
#include "ui/series.h"

/* Writes along one line up to, not including, column `end`. */
struct pen {
	struct grid *g;
	int y;
	int x;
	int end;
};

/* Write, cut at the end. */
void pen_put(struct pen *p, enum style style, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* "label value" and two blanks, whole or not at all; false when there was no
 * room.  An empty label is left out. */
bool pen_pair(struct pen *p, const char *label, enum style style,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The same at the right end, which moves left. */
bool pen_right(struct pen *p, const char *label, enum style style,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* "── title ─────── note ──" over the whole line. */
void widget_rule(struct grid *g, struct rect line, bool focus,
    const char *title, const char *note);

/* The last `w` seconds, the newest at the right; the highest fills. */
void widget_spark(
    struct pen *p, int w, enum style style, const struct series *s);

/* The same `h` lines high, from p->y on; `floor`: so high at least is full. */
void widget_chart(struct pen *p, int w, int h, enum style style,
    const struct series *s, uint64_t floor);

/* A line of `w` columns of which `part` of `whole` is filled. */
void widget_bar(
    struct pen *p, int w, enum style style, uint64_t part, uint64_t whole);

/* Bytes of `s` that fill at most `w` columns, broken behind a blank; at least
 * one unless s is empty. */
size_t text_break(const char *s, int w);

/* How many lines of `w` columns a text takes; at least 1. */
int text_lines(const char *s, int w);

/* Put a text into the rectangle's lines, the last one cut behind a word. */
void text_wrap(
    struct grid *g, struct rect r, enum style style, const char *text);

/* In the order in which people think of them.
 * NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding) */
struct column {
	const char *title;
	int width;	  /* least columns */
	int grow;	  /* share of what is left over; 0: fixed */
	int most;	  /* a growing column's bound; 0: none */
	int priority;	  /* the lowest is left out first; 0: never */
	bool right;	  /* right-aligned */
	const char *name; /* to sort by or put away; NULL: neither */
	bool rising;	  /* sorts from the least on, as texts do */
};

#define COLUMNS_MAX 16

/* Give each column its width within `w` with one blank between; -1: left out,
 * as are those with their bit in `hidden`.  The first column starts at 0. */
void columns_fit(
    const struct column *c, int n, int w, uint32_t hidden, int *width);

/* What a list is sorted by; -1: nothing. */
struct sorted {
	int column;
	bool up;
};

/* The titles, with an arrow at the one that is sorted by. */
void columns_head(struct grid *g, struct rect line, const struct column *c,
    int n, const int *width, struct sorted by);

/* One cell of a row; advances the pen past it and its blank. */
void column_put(struct pen *p, const struct column *c, int width,
    enum style style, const char *text);

#define FIGURE 16

/* "312us" "4.1ms" "412ms" "5.91s" "12m03" "3h12": at most 6 columns. */
void figure_duration(char out[FIGURE], int64_t ns);

/* "0:12:41", from a day on "3d 04:05". */
void figure_age(char out[FIGURE], int64_t ns);

/* "41s" "12m" "3h05" "2d04": what then changes once a minute, so that a screen
 * on which nothing happens stands still. */
void figure_uptime(char out[FIGURE], int64_t ns);

/* "9s" "59s" "2m03" "1h02": whole seconds. */
void figure_seconds(char out[FIGURE], int64_t ns);

/* Thousands set apart: "1,035". */
void figure_count(char out[32], uint64_t n);

/* "1 byte", "1,035 bytes": of a word that takes an s. */
#define FIGURE_MANY 48
void figure_many(char out[FIGURE_MANY], uint64_t n, const char *one);

/* The style of a status code. */
enum style style_of_status(int status);

#endif
