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
#include "ui/filter.h"
#include "ui/marks.h"
#include "ui/history.h"
#include "ui/menu.h"
#include "ui/pick.h"
#include "ui/prompt.h"
#include "ui/series.h"
#include "ui/theme.h"
#include "ui/top.h"

#define MODEL_WINDOW 512 /* list rows on one screen, at most */
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
enum screen {
	SCREEN_MAIN,
	SCREEN_DETAIL,
	SCREEN_CONN,
	SCREEN_REPLAY,
	SCREEN_STATS,
	SCREEN_HELP,
	SCREEN_N
};

struct toast {
	enum notice_level level;
	int64_t until; /* monotonic ns; an error stays until dismissed */
	char text[NOTICE_TEXT + 16];
};

struct keymap;

/* How a list is shown. */
struct list_look {
	int sort;		/* column, -1: the list's own order */
	bool reverse;		/* the other way round than that column's own */
	uint32_t hidden;	/* columns that were put away, as bits */
	bool chosen;		/* by a person, in this run or before */
	uint32_t chosen_hidden; /* so, which is kept */
};

/* What the person looks at. */
struct look {
	enum screen screen;
	enum pane pane;
	bool zoom;
	unsigned shown; /* panes in the last picture, as bits */
	struct list_look list[PANE_N];
	bool frozen;
	bool hex;	      /* heads as bytes */
	bool follow;	      /* the newest request stays in sight */
	uint64_t request;     /* chosen, by its number; 0: none */
	uint64_t request_top; /* place of the first in sight, see ui/pick.h */
	uint64_t cleared;     /* requests up to here are hidden */
	uint64_t conn;	      /* chosen connection; 0: none */
	unsigned conn_at;     /* its number in place[] */
	unsigned conn_top;
	enum top_kind top_kind;	    /* the table in front */
	char top_name[TOP_NAME];    /* chosen in it; "": none */
	unsigned top_at;	    /* its place */
	enum screen from[SCREEN_N]; /* what each was opened over */
	uint64_t conn_detail;	    /* the connection that is looked at */
	uint64_t conn_request;	 /* chosen in a connection's detail; 0: none */
	char find[MODEL_FIND];	 /* what is looked for, "": nothing */
	enum screen find_screen; /* where it was typed */
	int scroll;		 /* of detail and help, in lines */
	int scroll_max;		 /* as the last drawing found it */
	int page;		 /* lines of the pane in front, likewise */
	int page_w;		 /* columns of the screen */
	int page_h;
	bool qr; /* the address as a QR code lies over the screen */
	bool no_mouse;
	enum theme theme;
};

/* A line of the list of requests. */
struct request_row {
	struct journal_entry entry; /* kind 0: gone from the history */
	char agent[AGENT_TEXT];
	bool marked;
};

#define DETAIL_EARLIER 5
#define DETAIL_LOOKED  100000 /* exchanges looked at for these */

struct detail {
	bool there; /* the entry could be copied */
	bool heads_there;
	struct journal_entry entry;
	size_t request_n; /* bytes of the request head, the first in heads */
	size_t heads_n;
	bool live; /* its connection is */
	struct conn_row row;
	enum close_reason end; /* of its connection */
	int64_t end_wall;
	/* for the same target, the newest first */
	unsigned earlier_n;
	struct event earlier[DETAIL_EARLIER];
	uint64_t earlier_seq[DETAIL_EARLIER];
	char heads[MODEL_HEADS];
};

/* A request that was sent again. */
struct replaying {
	struct replay *under_way; /* NULL: none, or it is answered */
	char error[128];
	struct detail then;
	struct detail now; /* there: it was answered */
};

#define CONN_REQUESTS 256 /* of one connection, the newest */
#define CONN_SAMPLES  64  /* of its path */

/* An exchange on the connection that is looked at. */
struct conn_request {
	uint64_t seq;
	int64_t wall;
	int64_t asked_ns, first_ns, done_ns; /* as in struct event */
	uint64_t body;
	uint16_t status;
	char method[JOURNAL_METHOD];
	char target[JOURNAL_TARGET];
};

/* A live connection in its order.  Its row is read where the worker publishes
 * it when it comes into sight: a copy of every row was a third of what a
 * waiting connection costs.  With the view frozen all rows are kept as they
 * were, in model.still. */
struct conn_place {
	uint64_t key; /* what it is sorted by, or a part of that */
	uint64_t conn;
	uint32_t slot; /* of its worker's rows; with model.still, of that */
	uint16_t worker;
	bool alike; /* like the one before, as far as they are sorted */
};

/* A connection and what it did. */
struct conn_detail {
	uint64_t conn; /* 0: none was looked at */
	bool live;
	struct conn_row row; /* as it was last seen */
	struct conn_path path;
	enum close_reason end;
	int64_t end_wall;
	uint64_t scanned; /* exchanges up to here were looked at */
	uint64_t all;	  /* exchanges of it, request[] has the newest */
	unsigned n;
	struct conn_request request[CONN_REQUESTS]; /* oldest first */
	unsigned samples;
	uint32_t rtt[CONN_SAMPLES]; /* us, oldest first */
	uint64_t rate[CONN_SAMPLES];
};

/* How fast a client acknowledges.  The kernel's own figure (tcpi_delivery_rate)
 * is of the fastest burst: over loopback gigabytes a second of a client that
 * reads 300 KB/s. */
struct pace {
	uint64_t conn;
	int64_t from, mid, last; /* ns, monotonic: the beginning; a second or
				    more later; the last look */
	uint64_t from_acked, mid_acked;
	uint64_t rate; /* bytes a second of the last one or two; 0: unknown */
};

/* What came in each second. */
struct traffic {
	struct series requests;
	struct series bytes;
	struct series open; /* connections, the most in a second */
};

/* Connections whose path is known. */
#define MODEL_PATHS 256

/* One of them: order is for readers.
 * NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding) */
struct model {
	struct moment clock; /* now */
	struct moment at;    /* of the copies: earlier when frozen */
	struct control_status status;
	struct counters sum;
	struct traffic traffic;
	struct traffic now;   /* goes on while the view is frozen */
	bool missed;	      /* nobody looked for longer than a second */
	uint64_t quantile[3]; /* p50 p90 p99, ns */
	unsigned busy;	      /* of all workers' time, permille */
	uint16_t busy_of[LIMIT_WORKERS];
	int64_t worked[LIMIT_WORKERS]; /* ns, as of load_at */
	int64_t load_at;	       /* when these were reckoned */
	struct control_load load;
	struct watch_account account; /* this and the next: while looked at */
	struct control_sandbox sandbox;

	struct rows_basis {
		uint64_t turns; /* of all workers */
		int sort;
		bool reverse;
		bool quiet; /* no worker was at work, nothing goes on */
	} rows_basis;
	int64_t rows_at;	  /* when they were gone through, monotonic */
	struct conn_place *place; /* owned; in their order */
	unsigned places;
	unsigned places_cap;
	struct conn_row *still; /* owned; see conn_place; NULL: none */
	struct conn_row *sight; /* owned; from look.conn_top on */
	unsigned sight_n;
	unsigned paths_n;
	struct conn_path path[MODEL_PATHS];
	struct pace pace[MODEL_PATHS]; /* of these */
	int64_t looked; /* when paths were asked for, monotonic */
	unsigned open;	/* connections, by the counters */

	uint64_t first; /* numbers of requests that can be shown */
	uint64_t last;
	struct pick *pick; /* which of them are */
	bool picking;	   /* there is more to look through */
	struct marks marks;
	struct filter *filter; /* NULL: none */
	char filter_text[FILTER_TEXT + 1];
	bool gave_up; /* it did, of some texts, and that was said */
	struct journal_use kept;
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
	const struct keymap *keys; /* NULL: as they come */
	bool columns_given; /* by the configuration: before a kept state */
	struct prompt prompt;
	struct history lines;  /* typed before */
	struct notify *notify; /* NULL: nothing rings */
	struct dialog dialog;
	struct menu menu;
	struct detail detail;
	struct conn_detail conn;
	struct exporting *exporting; /* NULL: none is being written */
	int export_format;
	int export_set; /* enum export_set: what it writes */
	struct replaying replay;
};

/* With room for as many live connections.  NULL when memory is short. */
struct model *model_new(uint32_t connections);
void model_free(struct model *m);

/* Copy what is shown now; with the view frozen only the state of the server
 * and the notices.  Returns whether anything but the time has changed. */
bool model_sample(struct model *m, struct control *c, struct moment now);

/* Sample what only the page of stats shows. */
void model_stats(struct model *m, struct control *c);

/* Show a screen over the present one, or go back to it if it lies beneath. */
void look_open(struct look *l, enum screen screen);

/* Show what the present screen was opened over. */
void look_back(struct look *l);

/* Show the requests as list[PANE_REQUESTS] says from now on. */
void model_pick(struct model *m);

/* Copy the requests that `lines` lines of list show, and move the top so that
 * the chosen (or the newest, following) is among them. */
void model_fill_window(struct model *m, struct journal *j, int lines);

/* Move conn_top so that the chosen connection is within `lines` lines, and copy
 * the rows of these that are open still. */
void model_fill_rows(struct model *m, const struct watch *w, int lines);

/* Go through the live connections and put them in order, unless nothing has
 * moved; with the view frozen only in order. */
void model_sample_rows(struct model *m, const struct watch *w);

/* Freeze the view, or let it go on. */
void model_freeze(struct model *m, const struct watch *w);

/* The row at a place; false when it has ended. */
bool model_row_at(const struct model *m, const struct watch *w,
    const struct conn_place *at, struct conn_row *row);

/* The row of a live connection; false when there is none. */
bool model_row(const struct model *m, const struct watch *w, uint64_t conn,
    struct conn_row *row);

/* Put the most frequent into order. */
void model_fill_top(struct model *m);

/* Ask for, and copy, what the kernel knows of the connections in sight: of the
 * list's, or of the one whose detail is open.  What stands still is asked about
 * once. */
void model_look(struct model *m, struct control *c);

/* The path of a connection, NULL when it is not known. */
const struct conn_path *model_path(const struct model *m, uint64_t conn);

/* Bytes a second that it has acknowledged lately; 0 when that is not known. */
uint64_t model_rate(const struct model *m, uint64_t conn);

/* What that is made of; NULL: it is not looked at. */
const struct pace *model_pace(const struct model *m, uint64_t conn);

/* Bring the detail of the chosen connection up to date. */
void model_fill_conn(struct model *m, const struct watch *w);

/* Copy the chosen request whole. */
void model_fill_detail(struct model *m, const struct watch *w);

/* Copy request `seq` whole; d->there says whether it could be. */
void model_copy_detail(struct detail *d, struct journal *j, uint64_t seq);

/* Show a text for a few seconds; an error stays until dismissed, or another
 * comes more than a second later. */
void model_say(struct model *m, enum notice_level level, const char *text);

/* Take over what the program said since; let go what has been read. */
void model_sample_notices(struct model *m);

/* Take the errors away; false when there was none. */
bool model_dismiss(struct model *m);

#endif
