/* All that can be seen of the running server, in one place: what each worker
 * publishes, and the history that the recorder keeps. */
#ifndef WATCH_WATCH_H
#define WATCH_WATCH_H

#include <pthread.h>

#include "base/ring.h"
#include "watch/accesslog.h"
#include "watch/counters.h"
#include "watch/journal.h"
#include "watch/rows.h"

/* Connections of a worker whose path can be asked for at a time. */
#define WATCH_PATHS 64

/* One worker's side.  The worker writes; everybody may read.
 * NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding) */
struct watch_worker {
	_Alignas(64) struct counters counters;
	struct ring ring; /* worker -> recorder */
	struct row_cell *rows;
	struct path_cell paths[WATCH_PATHS]; /* in the order asked for */
	uint32_t rows_n;		     /* slots */
	_Atomic uint32_t rows_top;	     /* slots that were ever used */
	_Atomic int64_t busy_since; /* ns monotonic; 0: waiting for events */
	/* How many more exchanges the history takes for now: others, and those
	 * that went wrong.  The worker takes, the recorder gives. */
	_Atomic int64_t room[2];
	bool told; /* of something that watch_publish has yet to show */
	struct watch *watch;
};

struct watch {
	unsigned workers;
	struct watch_worker *worker; /* [workers] */
	struct journal *journal;
	bool keeps; /* there is a history: events come with both heads */
	struct accesslog *log;
	_Atomic int recorder_asleep;
	int wake_fd; /* eventfd */
	int bell_fd; /* eventfd: see watch_bell_arm */
	_Atomic int bell_armed;
	_Atomic int stop;
	pthread_t recorder;
	bool recorder_runs;
	bool recorder_left; /* see watch_stop */
	/* What is above workers read with each request, what is below the
	 * recorder writes with each: not on one line of the cache. */
	char apart[64];
	_Atomic uint64_t recorded;   /* events that reached the recorder */
	_Atomic uint64_t journalled; /* of these put into the history */
	_Atomic uint64_t lines;	     /* of these handed to the access log */
	int64_t gave;		     /* when it last gave room; ns monotonic */
};

/* Allocate for `workers` with `slots` connection rows each; false (nothing
 * held, *w all zero; log and journal stay the caller's) when memory or
 * descriptors are short.  `log` and journal pass to the watch. */
bool watch_init(struct watch *w, unsigned workers, uint32_t slots,
    struct journal *journal, struct accesslog *log);

/* Start the recorder thread; false with errno. */
bool watch_start(struct watch *w);

/* Empty the rings, flush the log, end the recorder; the journal can still be
 * read.  The workers have ended.  Takes 2 s at most: a recorder that hangs in a
 * call that a dead disk holds is left there for good. */
void watch_stop(struct watch *w);

/* Frees nothing that such a recorder still uses, but *w may be freed.  A watch
 * that is all zero is left alone. */
void watch_fini(struct watch *w);

/* Of all workers a second, beyond a burst: what a history of thousands could
 * still show to anybody. */
#define WATCH_KEPT_RATE	 4000
#define WATCH_KEPT_BURST 4096

/* Worker: an event of that kind to be written, with room behind it for these
 * heads: see event_init.  NULL when the ring is full, which is counted, or when
 * nobody wants to know of it: the end of a connection is no event where no
 * history has room for what was on it. */
struct event *watch_begin(struct watch_worker *w, enum event_kind kind,
    struct span request, struct span response);

/* Worker: it is written, and has that trail and these heads.  When thousands a
 * second pass, only so many go into the history; the rest is marked as sampled,
 * counted, and goes to the log. */
void watch_end(struct watch_worker *w, struct event *e,
    const struct trail *trail, struct span request, struct span response);

/* Worker: something else is to be seen, such as a new connection. */
void watch_touch(struct watch_worker *w);

/* Worker: what was told since the last time can be seen from now on, by a
 * recorder that is woken if it sleeps.  To be called before waiting. */
void watch_publish(struct watch_worker *w);

/* A front end that has nothing to draw: make bell_fd readable when the next
 * thing happens, once.  It reads the eventfd itself. */
void watch_bell_arm(struct watch *w);

/* Ring it, if it is armed: whoever puts something into the history. */
void watch_ring(struct watch *w);

/* Sum of all workers' counters into *out (zeroed first). */
void watch_counters(const struct watch *w, struct counters *out);

/* Where everything went that was there to be seen.  What is missing is not
 * shown: the two sums tell whether anything is. */
struct watch_account {
	/* events = journalled + passed + dropped + waiting */
	uint64_t events;     /* produced by the workers */
	uint64_t journalled; /* in the history */
	uint64_t passed;     /* sampled, or there is no history */
	uint64_t dropped;    /* a ring was full */
	uint64_t waiting;    /* in the rings; after the end 0 */
	/* lines = written + lost + suppressed + pending */
	uint64_t lines; /* exchanges that reached the access log */
	uint64_t written, lost, suppressed;
	uint64_t pending; /* after the end 0 */
};

/* While it runs, waiting and pending are what is left over; after watch_stop
 * they are 0, or the account does not hold. */
void watch_account(const struct watch *w, struct watch_account *out);

/* After watch_stop: whether every event and every line is accounted for. */
bool watch_account_holds(const struct watch_account *a);

/* Show `take` a copy of each live connection's row, in slot order, until it
 * returns false. */
void watch_rows(const struct watch *w,
    bool (*take)(void *ctx, const struct conn_row *row), void *ctx);

/* Copy the row of connection `conn`, which had that worker and that slot; false
 * when it has ended, or is written to all the time. */
bool watch_row(const struct watch *w, unsigned worker, uint32_t slot,
    uint64_t conn, struct conn_row *out);

/* Copy what the workers last found out about paths, at most `max`; returns how
 * many. */
unsigned watch_paths(
    const struct watch *w, struct conn_path *out, unsigned max);

#endif
