/* All that the screen shows, copied from the server, and what the person
 * chose to look at.  Views read it and nothing else. */
#ifndef UI_MODEL_H
#define UI_MODEL_H

#include "app/control.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/notice.h"
#include "ui/agent.h"
#include "ui/dialog.h"
#include "ui/marks.h"
#include "ui/menu.h"
#include "ui/pick.h"
#include "ui/prompt.h"
#include "ui/series.h"
#include "ui/top.h"

#define MODEL_ROWS   8192 /* live connections looked at */
#define MODEL_WINDOW 512  /* list rows on one screen, at most */
#define MODEL_ERRORS                                                           \
	4		/* errors shown, the first of those that came at once  \
			 */
#define MODEL_NEWS    5 /* anything else, the last of them */
#define MODEL_TOASTS  (MODEL_ERRORS + MODEL_NEWS)
#define MODEL_TOAST_S 5
#define MODEL_FIND    128
#define MODEL_HEADS   (LIMIT_HEAD_MAX + LIMIT_RESPONSE_BUFFER)

/* ui/pane.h has what each is. */
enum pane { PANE_TRAFFIC, PANE_CONNECTIONS, PANE_REQUESTS, PANE_TOP, PANE_N };
enum screen { SCREEN_MAIN, SCREEN_DETAIL, SCREEN_HELP };

struct toast {
	enum notice_level level;
	int64_t until; /* monotonic ns; an error stays until dismissed */
	char text[NOTICE_TEXT + 16];
};

/* How a list is shown. */
struct list_look {
	int sort;	 /* column, -1: the list's own order */
	bool reverse;	 /* the other way round than that column's own */
	uint32_t hidden; /* columns that were put away, as bits */
};

/* What the person looks at. */
struct look {
	enum screen screen;
	enum pane pane;
	bool zoom;
	unsigned shown; /* panes in the last picture, as bits */
	struct list_look list[PANE_N];
	bool frozen;
	bool follow;	      /* the newest request stays in sight */
	uint64_t request;     /* chosen, by its number; 0: none */
	uint64_t request_top; /* place of the first in sight, see ui/pick.h */
	uint64_t cleared;     /* requests up to here are hidden */
	uint64_t conn;	      /* chosen connection; 0: none */
	unsigned conn_at;     /* its place in rows */
	unsigned conn_top;
	enum top_kind top_kind;	 /* the table in front */
	char top_name[TOP_NAME]; /* chosen in it; "": none */
	unsigned top_at;	 /* its place */
	char find[MODEL_FIND];	 /* what is looked for, "": nothing */
	int scroll;		 /* of detail and help, in lines */
	int scroll_max;		 /* as the last drawing found it */
	int page;		 /* lines of the pane in front, likewise */
	int page_w;		 /* columns of the screen */
};

/* A line of the list of requests. */
struct request_row {
	struct journal_entry entry; /* kind 0: gone from the history */
	char agent[AGENT_TEXT];
	bool marked;
};

struct detail {
	bool there; /* the entry could be copied */
	bool heads_there;
	struct journal_entry entry;
	size_t request_n; /* bytes of the request head, the first in heads */
	size_t heads_n;
	enum close_reason end; /* of its connection */
	int64_t end_wall;
	char heads[MODEL_HEADS];
};

struct model {
	struct moment clock; /* now */
	struct moment at;    /* of the copies: earlier when frozen */
	struct control_status status;
	struct counters sum;
	struct series requests;
	struct series bytes;
	uint64_t quantile[3];	   /* p50 p90 p99, ns */
	struct series open_series; /* connections open, the most in a second */
	unsigned busy;		   /* of all workers' time, permille */
	uint16_t busy_of[LIMIT_WORKERS];
	int64_t worked[LIMIT_WORKERS]; /* ns, as of load_at */
	int64_t load_at;	       /* when these were reckoned */
	struct control_load load;

	struct conn_row *rows; /* owned */
	unsigned rows_n;
	unsigned rows_cap;
	unsigned open; /* connections, by the counters */

	uint64_t first; /* numbers of requests that can be shown */
	uint64_t last;
	struct pick *pick; /* which of them are */
	bool picking;	   /* there is more to look through */
	struct marks marks;
	struct request_row *window; /* owned; from look.request_top on */
	unsigned window_n;

	struct top *top;
	unsigned top_n[TOP_KINDS];
	struct top_line top_line[TOP_KINDS][TOP_KEPT];

	struct toast toast[MODEL_TOASTS]; /* oldest first */
	unsigned toasts;
	unsigned errors_more; /* errors that there was no place for */
	int64_t error_at;     /* when the last one came, monotonic */
	uint64_t notice_seen;

	struct look look;
	struct prompt prompt;
	struct dialog dialog;
	struct menu menu;
	struct detail detail;
};

/* With room for `connections` rows (bounded by MODEL_ROWS).  NULL when memory
 * is short. */
struct model *model_new(uint32_t connections);
void model_free(struct model *m);

/* Copy what is shown now; with the view frozen only the state of the server
 * and the notices.  Returns whether anything but the time has changed. */
bool model_sample(struct model *m, struct control *c, struct moment now);

/* Show the requests as list[PANE_REQUESTS] says from now on. */
void model_pick(struct model *m);

/* Copy the requests that `lines` lines of list show, and move the top so that
 * the chosen (or the newest, following) is among them. */
void model_fill_window(struct model *m, struct journal *j, int lines);

/* Move conn_top so that the chosen connection is within `lines` lines. */
void model_fill_rows(struct model *m, int lines);

/* Put the most frequent into order. */
void model_fill_top(struct model *m);

/* Copy the chosen request whole. */
void model_fill_detail(struct model *m, struct journal *j);

/* Show a text for a few seconds; an error stays until dismissed, or another
 * comes more than a second later. */
void model_say(struct model *m, enum notice_level level, const char *text);

/* Take over what the program said since; let go what has been read. */
void model_sample_notices(struct model *m);

/* Take the errors away; false when there was none. */
bool model_dismiss(struct model *m);

/* The row of a live connection, or NULL. */
const struct conn_row *model_row(const struct model *m, uint64_t conn);

#endif
