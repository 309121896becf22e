/* A worker: one thread, one epoll loop, and every connection that it has
 * accepted. */
#ifndef NET_WORKER_H
#define NET_WORKER_H

#include <pthread.h>

#include "net/conn.h"
#include "net/defer.h"
#include "net/listener.h"

#define WORKER_CLOSES 16 /* connections asked to be closed, not yet done */

/* Results that wait for the worker: no more than it asked for. */
#define WORKER_RESULTS JOBS_QUEUE

struct worker_name {
	uint32_t slot;
	uint32_t generation;
};

/* What the worker shall be like, and what it shall do. */
struct worker_orders {
	struct site *site; /* NULL: no new one */
	struct net_settings settings;
	bool new_settings;
	bool paused;
	bool draining;
	enum close_reason cut; /* NONE, or: close every connection now */
	int64_t slept;	       /* ns by which deadlines move */
	struct worker_name close[WORKER_CLOSES];
	unsigned closes;
	struct worker_name look[WATCH_PATHS];
	unsigned looks;
	bool look_now;
	struct job_result result[WORKER_RESULTS]; /* one for each job */
	unsigned results;
};

/* Orders are written by others under the lock, and taken over by the worker
 * when its eventfd wakes it, or, if it is awake, before it answers what may be
 * younger. */
struct worker_mailbox {
	pthread_mutex_t lock;
	_Atomic bool posted; /* there are some that were not taken over */
	struct worker_orders orders;
};

struct worker_shared {
	struct listener *listeners;
	unsigned n;
	unsigned workers;	       /* how many there will be */
	uint32_t connections;	       /* that they take together */
	uint32_t files_kept;	       /* open files that each worker keeps */
	_Atomic uint64_t next_id;      /* of connections */
	_Atomic unsigned accepting;    /* workers that still accept */
	_Atomic unsigned full;	       /* workers without a free slot */
	_Atomic unsigned deferring;    /* workers that want it (net/defer.h) */
	_Atomic int64_t accept_at;     /* ns monotonic; 0: at any time */
	_Atomic int64_t accept_failed; /* when last; 0: it was said to go on */
	struct jobs *jobs;
	struct tally *tally; /* connections by address */
	int done_fd;	     /* eventfd: counts workers whose loop has ended */
	/* of each worker; the server's (app/rings.h).  NULL: without */
	struct io_ring *ring[LIMIT_WORKERS];
};

struct worker {
	struct conns cs;
	struct worker_shared *shared;
	struct worker_mailbox box;
	int event_fd;
	bool full;	/* counted in shared->full */
	bool accepting; /* the listeners are in the epoll set */
	/* They are watched to refuse, beside others' watches: nobody takes the
	 * connection that this worker is woken for if another has room. */
	bool refusing;
	bool had_turn;	      /* woken to accept: others are to be first now */
	int64_t accept_again; /* ns monotonic; 0: not parked */
	struct defer defer;
	pthread_t thread;
	bool runs;
};

/* How many connections the worker of that number takes: what does not go round
 * is the first ones'. */
uint32_t worker_slots(const struct worker_shared *shared, unsigned number);

/* Make ready: connection slots, epoll, eventfd.  The site's reference passes
 * to the worker.  False with errno; worker_fini cleans up. */
bool worker_init(struct worker *w, uint8_t number, struct worker_shared *shared,
    struct watch_worker *watch, struct site *site,
    const struct net_settings *settings);
bool worker_start(struct worker *w);

/* Wait for the end of the thread (after drain or cut) / free. */
void worker_join(struct worker *w);
void worker_fini(struct worker *w);

/* From any thread.  A site's reference passes to the worker. */
void worker_set_site(struct worker *w, struct site *site);
void worker_set_settings(struct worker *w, const struct net_settings *s);
void worker_pause(struct worker *w, bool paused);
void worker_drain(struct worker *w);
void worker_cut(struct worker *w, enum close_reason why);
void worker_slept(struct worker *w, int64_t gap_ns);
/* A job's result, for jobs_start; `to` is a worker. */
void worker_deliver(void *to, const struct job_result *r);
/* Find out about the paths of these, at most WATCH_PATHS; an order that was not
 * carried out yet is replaced. */
void worker_look(struct worker *w, const struct worker_name *name, unsigned n);
/* False when too many closes are pending. */
bool worker_close(struct worker *w, uint32_t slot, uint32_t generation);

#endif
