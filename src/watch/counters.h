/* What is counted.  One set per worker, written by it alone at the line that
 * decides; readers sum them.  Never derived from events. */
#ifndef WATCH_COUNTERS_H
#define WATCH_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/hist.h"
#include "http/status.h"
#include "watch/conn_state.h"

/* id, name for people and machines */
#define COUNTER_TABLE(X)                                                       \
	X(ACCEPTED, "connections accepted")                                    \
	X(ACCEPT_PARKED, "times accepting paused for want of descriptors")     \
	X(CONN_FULL, "times all connection slots were taken")                  \
	X(REFUSED_FULL, "connections refused, all slots taken")                \
	X(REFUSED_IP, "connections refused, too many of one address")          \
	X(REQUESTS, "exchanges ended")                                         \
	X(REUSED, "requests on a connection used before")                      \
	X(FIRST, "requests on a new connection")                               \
	X(BYTES_IN, "bytes received")                                          \
	X(BYTES_OUT, "bytes sent")                                             \
	X(UNWATCHED, "times a file could not be watched, inotify used up")     \
	X(EVENTS, "events produced")                                           \
	X(EVENTS_DROPPED, "events lost, ring full")                            \
	X(EVENTS_SAMPLED, "exchanges left out of the history, too many")       \
	X(WAKEUPS, "turns of the event loop")                                  \
	X(BUSY_NS, "nanoseconds not waiting")                                  \
	X(TOGETHER, "receives and sends by io_uring, several at once")

enum counter_id {
#define X(id, name) COUNTER_##id,
	COUNTER_TABLE(X)
#undef X
	    COUNTER_N
};
extern const char *const counter_names[COUNTER_N];

struct counters {
	_Atomic uint64_t v[COUNTER_N];
	_Atomic uint64_t status[STATUS_N];   /* responses by status */
	_Atomic uint64_t open[CONN_STATE_N]; /* connections by state, now */
	_Atomic uint64_t closed[CLOSE_N];    /* connections by reason */
	/* ns, of answers to whole heads: what lay in the worker, and from the
	 * request's last byte (that came until it was refused) to the answer's
	 * first.  Of a recording: time taken. */
	struct hist latency;
};

/* Single writer: no locked instruction. */
static inline void
counter_add(_Atomic uint64_t *c, uint64_t v)
{
	atomic_store_explicit(c,
	    atomic_load_explicit(c, memory_order_relaxed) + v,
	    memory_order_relaxed);
}

static inline uint64_t
counter_get(const _Atomic uint64_t *c)
{
	return atomic_load_explicit(
	    (_Atomic uint64_t *)c, memory_order_relaxed);
}

/* Add every figure of `from` to `to`, which only the caller uses. */
void counters_sum(struct counters *to, const struct counters *from);

#endif
