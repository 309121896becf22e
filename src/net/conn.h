/* A connection: its slot, its state, its end.  A worker owns it alone. */
#ifndef NET_CONN_H
#define NET_CONN_H

#include "http/body.h"
#include "http/plan.h"
#include "http/target.h"
#include "net/io.h"
#include "net/jobs.h"
#include "net/settings.h"
#include "net/tally.h"
#include "net/timers.h"
#include "site/files.h"
#include "watch/watch.h"

#define CONN_MAGIC 0xc0220001u

/* Connections that are read from, then answered, then sent to together.  Their
 * buffers must stay in the cache meanwhile, and the first waits for the last.
 */
#define CONNS_TOGETHER 8

/* What a connection needs while a request is on it, and only then: attached
 * with the first byte, given back when the connection goes idle. */
struct work {
	struct work *next_free;
	/* the request: the message begins at in[in_at] */
	uint32_t in_at;
	uint32_t in_n; /* bytes in the buffer */
	bool head_done;

	struct http_head head;
	struct http_request request;
	struct body_reader body;
	/* the response */
	struct plan plan;
	const char *out;   /* what is sent: `mem`, or an image of the entry */
	uint32_t out_n;	   /* bytes in out */
	uint32_t out_at;   /* of these taken by the kernel */
	uint32_t out_head; /* of these the head */
	struct files_entry *entry; /* a reference, or NULL */
	int content_fd; /* what is sent from: the entry's or a listing's */
	uint64_t file_at;
	uint64_t file_left; /* of the part under way */
	uint64_t body_sent; /* content bytes taken by the kernel */
	unsigned part;	    /* of a multipart answer: next to send */
	bool corked;	    /* io_ops.cork, until it is sent */
	bool forwarded;	    /* the request is from `client` */
	struct peer client;
	struct site *site;	 /* a reference while parts are sent, or NULL */
	struct listing *listing; /* a reference while it is sent, or NULL */
	struct file_facts facts; /* of a listing */
	/* the exchange's times */
	struct moment began;
	int64_t queued_ns;				 /* before `began` */
	int64_t head_ns, asked_ns, decided_ns, first_ns; /* see struct event */
	/* ns monotonic, of the only call so far that sent; 0: none, several, or
	 * it was waited since */
	int64_t sent;
	uint64_t bytes_in;
	bool recheck; /* what follows in the buffer arrived after files_refresh
		       */
	/* Not just before the end of a page, where the C library's searches
	 * and copies are careful, and slower. */
	_Alignas(64) char mem[LIMIT_PARTS_BUFFER];
	char in[]; /* owner->in_cap bytes */
};

/* What a connection in WAITING waits for. */
enum conn_wait { WAIT_LAB, WAIT_LISTING, WAIT_CODING };

/* What of one empty line behind a message may still be skipped. */
enum conn_behind { BEHIND_NOTHING, BEHIND_MESSAGE, BEHIND_CR };

struct conn {
	uint32_t magic;
	uint32_t slot;
	uint32_t generation;
	int fd;
	uint64_t id; /* 0: the slot is free */
	struct timer timer;
	struct work *work; /* NULL between requests */
	int64_t opened;	   /* ns, monotonic */
	int64_t since;	   /* in this state */
	uint64_t bytes_in;
	uint64_t bytes_out;
	uint64_t acked; /* io_acked.bytes when that was last asked for */
	int64_t moved; /* SENDING: when the client last took a byte, as known */
	uint32_t requests;
	uint32_t next_free;  /* slot + 1; 0: the one behind, never used */
	uint32_t tally_cell; /* net/tally.h; 0: not counted */
	struct peer peer;
	uint8_t state;		 /* enum conn_state */
	uint8_t closing;	 /* enum close_reason to end with */
	uint8_t behind;		 /* enum conn_behind */
	bool readable, writable; /* what is waited for */
	bool watched;		 /* the kernel knows of that */
	bool unread;	 /* there may be more to read than it has told of */
	bool unpushed;	 /* the kernel holds bytes back: more was to follow */
	uint8_t waits;	 /* enum conn_wait: WAITING for what */
	bool held;	 /* not read from, because the server is paused */
	bool unsettled;	 /* its state is new: see conn_settle */
	bool gathered;	 /* an answer is made, and sent after those of others */
	bool proxy_due;	 /* a PROXY line comes before the first request */
	uint8_t proxied; /* the version of the one that came; 0: none */
	bool trusted;	 /* `peer` is one of trusted_proxies */
};
_Static_assert(sizeof(struct conn) <= 192, "a slot is small");

/* The connections of one worker and all they share. */
struct conns {
	struct io io;
	struct net_settings settings;
	struct site *site; /* a reference of its own */
	struct watch_worker *watch;
	uint8_t worker;
	_Atomic uint64_t *next_id; /* shared by all workers */
	struct moment now;	   /* of this turn of the loop */
	int64_t woke;		   /* when that turn began, ns monotonic */
	bool paused;
	int64_t paused_at;  /* ns, monotonic */
	int64_t resumed_at; /* the same; 0: it never was paused */
	bool draining;
	uint32_t max;
	uint32_t open;
	uint32_t first_free; /* slot; max: none */
	uint32_t slots_made; /* of max, the first that were ever used */
	struct conn *slots;  /* [max] */
	struct work *free_work;
	unsigned char *work_mem;
	size_t work_size;
	uint32_t work_made; /* of max, handed out since all were free */
	uint32_t work_used; /* attached now */
	uint32_t in_cap;
	struct files *files;
	uint32_t files_kept; /* at most; set before conns_init */
	/* Bytes of the next request may have come after files_refresh, so it is
	 * called again before that is answered.  True from each wait on, each
	 * accept, a first read that nobody waited for (a drain's) or that
	 * skipped an empty line, a PROXY line, and for what any read brought
	 * behind its request (work.recheck). */
	bool files_stale;
	bool gather; /* answers are made now, and sent after that */
	struct timers timers;
	struct tally *tally;	     /* shared by all workers; NULL: none */
	struct lab *lab;	     /* NULL: none */
	struct jobs *jobs;	     /* shared; NULL: none */
	void *owner;		     /* whom results are delivered to */
	void (*heed)(void *owner);   /* do what it was told; NULL: nothing */
	unsigned jobs_out;	     /* posted and not delivered yet */
	struct http_host last_host;  /* see request_read */
	struct head_kept kept_lines; /* see head_parse */
	char scratch[LIMIT_RESPONSE_BUFFER];
};

/* Allocate for at most `max` connections; what a request needs is touched when
 * it is used.  False when memory is short. */
bool conns_init(
    struct conns *cs, uint32_t max, const struct net_settings *settings);
void conns_fini(struct conns *cs);

/* Whom the request under way is from: the client that a trusted proxy has
 * named in it, else who is connected. */
static inline const struct peer *
conn_client(const struct conn *c)
{
	return c->work != NULL && c->work->forwarded ? &c->work->client
						     : &c->peer;
}

/* Whether every slot is taken. */
static inline bool
conns_full(const struct conns *cs)
{
	return cs->first_free == cs->max;
}

/* The number of the next connection, from 1: of all workers' no two are the
 * same. */
static inline uint64_t
conns_next_id(struct conns *cs)
{
	return atomic_fetch_add_explicit(cs->next_id, 1, memory_order_relaxed) +
	    1;
}

/* Take over an accepted socket; nothing is read yet.  NULL (and the socket and
 * the cell stay the caller's) when no slot is free. */
struct conn *conn_open(
    struct conns *cs, int fd, const struct peer *peer, uint32_t tally_cell);

/* Answer what has come already on those just opened, at most CONNS_TOGETHER: a
 * connection for one request may begin and end here, and the kernel is not
 * asked to watch it.  Orders are carried out amid that, as by conns_receive. */
void conns_begin(struct conns *cs, struct conn *const c[], unsigned n);

/* The connection of an epoll tag, NULL when it has ended meanwhile. */
struct conn *conn_find(struct conns *cs, uint32_t slot, uint32_t generation);

/* The one place where the state changes: checks the edge, and counts. */
void conn_enter(struct conns *cs, struct conn *c, enum conn_state state);

/* Arm the state's deadline again: there was progress. */
void conn_progress(struct conns *cs, struct conn *c);

/* SENDING: ask whether the client has taken more since that was last asked, as
 * the kernel's buffer, which is the only progress seen otherwise, may be full
 * for minutes while a slow client reads from it.  If so c->moved is when. */
void conn_took(struct conns *cs, struct conn *c);

/* SENDING, its timer has come: whether the client has taken nothing for
 * timeouts.write.  If it has, that is looked at again later. */
bool conn_stalled(struct conns *cs, struct conn *c);

/* Publish the row as it is now. */
void conn_publish(struct conns *cs, struct conn *c);

/* It is that time (ns, monotonic) now; look at the clock for it. */
void conns_at(struct conns *cs, int64_t mono);
void conns_look_at_clock(struct conns *cs);

/* Wait for these; no system call when nothing changes. */
void conn_watch(struct conns *cs, struct conn *c, bool readable, bool writable);

/* End it, for that reason: counted, published, the slot free again. */
void conn_close(struct conns *cs, struct conn *c, enum close_reason why);

/* Whether the server's pause holds it where it is: no new request is read, a
 * response under way goes on.  It is then not woken until the pause ends. */
bool conn_hold(struct conns *cs, struct conn *c);

/* Half close and wait for the client to close, so that it gets the answer. */
void conn_linger(struct conns *cs, struct conn *c, enum close_reason why);

/* Which class idle connections are in now: nearly full, they make room
 * sooner. */
enum deadline_class conns_keepalive(const struct conns *cs);

/* Answer from this entry (its reference passes; NULL: none) instead of the one
 * before. */
void conn_work_entry(struct conns *cs, struct work *w, struct files_entry *e);

/* Give back the entry, the listing and what else the answer held. */
void conn_work_clear(struct conns *cs, struct work *w);

/* Attach a work, one of as many as there are slots; give it back. */
void conn_work_attach(struct conns *cs, struct conn *c);
void conn_work_release(struct conns *cs, struct conn *c);

/* The whole life of a connection: go on with it, told what is ready (neither:
 * nothing new, only time or a command).  It may be closed afterwards. */
void conn_step(struct conns *cs, struct conn *c, bool readable, bool writable);

/* The same, told by epoll: some of enum io_events. */
void conn_ready(struct conns *cs, struct conn *c, unsigned events);

/* The same as conn_step for up to CONNS_TOGETHER that are readable, and new or
 * idle, unless they must not be read from (conn_receives): first what has come
 * is received on all of them, then all are answered, and the answers sent after
 * that. Where there is a ring (net/io_ring.h) that takes two system calls for
 * all; and the kernel's instructions and ours, which evict each other from the
 * processor's caches, do it once for all.  What has been ordered meanwhile
 * (cs->heed) is done in between, as what was received may be younger; nothing
 * else may be done with the connections there. */
bool conn_receives(const struct conns *cs, const struct conn *c);
void conns_receive(struct conns *cs, struct conn *const c[], unsigned n);
void conns_answer(struct conns *cs, struct conn *const c[], unsigned n);

/* Its deadline has come. */
void conn_timeout(struct conns *cs, struct conn *c);

/* End it and the exchange under way, for that reason. */
void conn_abort(struct conns *cs, struct conn *c, enum close_reason why);

/* Whether the pause stops the clock of connections in that class. */
bool conns_class_is_held(enum deadline_class class);

/* Commands to all of them. */
void conns_pause(struct conns *cs, bool paused);
void conns_drain(struct conns *cs);
void conns_cut(struct conns *cs, enum close_reason why);
void conns_expire(struct conns *cs);
void conns_slept(struct conns *cs, int64_t gap_ns);

/* New settings; running deadlines move by the difference.  What sizes memory
 * (head limits) must not grow: the caller sees to that. */
void conns_configure(struct conns *cs, const struct net_settings *settings);

/* When something is due; INT64_MAX for never. */
int64_t conns_next_deadline(struct conns *cs);

#endif
