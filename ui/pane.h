/* The panes: one table that layout, drawing, moving, sorting and the commands
 * go by. */
#ifndef UI_PANE_H
#define UI_PANE_H

#include "ui/view.h"

/* Columns of lists, in the order of the screen; WHERE in their tables. */
enum conn_column {
	CONN_COL_ID,
	CONN_COL_CLIENT,
	CONN_COL_STATE,
	CONN_COL_PROGRESS,
	CONN_COL_REQUESTS,
	CONN_COL_OUT,
	CONN_COL_RTT,
	CONN_COL_RETRANSMITS,
	CONN_COL_CWND,
	CONN_COL_RATE,
	CONN_COL_AGE,
	CONN_COL_TARGET,
	CONN_COL_N
};

enum request_column {
	REQUEST_COL_TIME,
	REQUEST_COL_CONN,
	REQUEST_COL_CLIENT,
	REQUEST_COL_METHOD,
	REQUEST_COL_STATUS,
	REQUEST_COL_SIZE,
	REQUEST_COL_IN,
	REQUEST_COL_TOOK,
	REQUEST_COL_FIRST,
	REQUEST_COL_END,
	REQUEST_COL_TARGET,
	REQUEST_COL_WHY,
	REQUEST_COL_AGENT,
	REQUEST_COL_WATERFALL,
	REQUEST_COL_N
};

/* Put away until they are asked for. */
#define REQUEST_HIDDEN                                                         \
	(1u << REQUEST_COL_CLIENT | 1u << REQUEST_COL_IN |                     \
	    1u << REQUEST_COL_FIRST | 1u << REQUEST_COL_AGENT)

struct pane_row {
	const char *name;  /* as :view knows it */
	const char *title; /* with the key that brings it to the front */
	const struct column *columns; /* NULL: nothing to sort */
	int columns_n;
	void (*draw)(const struct model *m, struct grid *g, struct rect r);
	/* the columns of a list `w` wide, at most COLUMNS_MAX, and the width of
	 * each; NULL: no list */
	void (*fit)(const struct model *m, int w, struct column *c, int *width);
	/* move the choice; NULL: there is none */
	void (*move)(struct model *m, int64_t by);
};
extern const struct pane_row panes[PANE_N];

void conn_fit(const struct model *m, int w, struct column *c, int *width);
void request_fit(const struct model *m, int w, struct column *c, int *width);
void top_fit(const struct model *m, int w, struct column *c, int *width);

extern const struct column conn_columns[CONN_COL_N];
extern const struct column request_columns[REQUEST_COL_N];
extern const struct column top_columns[TOP_NAMES + 1];

#endif
