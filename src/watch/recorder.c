#include "watch/recorder.h"

#include <poll.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/thread.h"

/* Events taken between two looks at anything else. */
#define BATCH 256

/* While events keep coming the recorder sleeps that long between two looks,
 * with recorder_asleep unset: no worker pays for waking it.  In that time a
 * ring takes some 2000 exchanges. */
#define NAP_MS 10

/* How often a log in trouble is looked after when nothing else happens. */
#define RETRY_MS 1000

static void
record(struct watch *w, struct span s)
{
	/* the ring aligns to 8 and keeps it unchanged until popped */
	const struct event *e = (const void *)s.p;

	CHECK(s.n >= offsetof(struct event, trail.r) &&
	    s.n == event_size(e) + e->request_n + e->response_n);

	struct span request = span_of(s.p + event_size(e), e->request_n);
	struct span response = span_of(request.p + request.n, e->response_n);

	if (w->journal && !e->sampled) {
		journal_add(w->journal, e, request, response);
		counter_add(&w->journalled, 1);
	}
	if (w->log && e->kind == EVENT_EXCHANGE) {
		accesslog_write(w->log, e, request);
		counter_add(&w->lines, 1);
	}
	counter_add(&w->recorded, 1);
}

#define NOTHING INT64_MAX

/* When the oldest event of those that were seen in the ring happened. */
static int64_t
oldest_in(struct ring *ring)
{
	struct span s = ring_next(ring);

	return s.p ? event_at((const void *)s.p) : NOTHING;
}

/* The ring with the oldest event of all, and when the next one in the others
 * happened. */
static unsigned
oldest_of(const int64_t *at, unsigned n, int64_t *next)
{
	unsigned oldest = 0;

	*next = NOTHING;
	for (unsigned i = 1; i < n; i++) {
		int64_t later = at[i];

		if (at[i] < at[oldest]) {
			later = at[oldest];
			oldest = i;
		}
		if (later < *next)
			*next = later;
	}
	return oldest;
}

/* Take up to BATCH events, in the order in which they happened, whoever told of
 * them; how many.  What is told after all rings were looked at is left for the
 * next time: it overtakes nothing. */
static unsigned
take_batch(struct watch *w)
{
	const unsigned workers = w->workers;
	int64_t at[LIMIT_WORKERS];
	unsigned n = 0;

	at[0] = NOTHING; /* a watch that is all zero has no worker */
	for (unsigned i = 0; i < workers; i++)
		ring_look(&w->worker[i].ring);
	for (unsigned i = 0; i < workers; i++)
		at[i] = oldest_in(&w->worker[i].ring);
	while (n < BATCH) {
		int64_t next;
		unsigned i = oldest_of(at, workers, &next);
		struct ring *ring;

		if (at[i] == NOTHING)
			break;
		ring = &w->worker[i].ring;
		for (; n < BATCH && at[i] != NOTHING && at[i] <= next; n++) {
			record(w, ring_next(ring));
			ring_pop(ring);
			at[i] = oldest_in(ring);
		}
	}
	return n;
}

static bool
rings_empty(struct watch *w)
{
	for (unsigned i = 0; i < w->workers; i++)
		if (ring_peek(&w->worker[i].ring).p)
			return false;
	return true;
}

/* Sleep until woken or `ms` have gone (-1: for ever). */
static void
doze(struct watch *w, int ms)
{
	struct pollfd p = { .fd = w->wake_fd, .events = POLLIN };
	uint64_t count;

	if (poll(&p, 1, ms) > 0 && read(w->wake_fd, &count, sizeof(count)) < 0)
		return; /* taken already; it is only a bell */
}

/* Nothing came during a whole nap: sleep until a worker rings.  The flag is
 * set before the rings are looked at for the last time, and a worker looks at
 * the flag after it published; all four sequentially consistent, so one of the
 * two sees the other. */
static void
sleep_until_woken(struct watch *w)
{
	bool pending = w->log && accesslog_pending(w->log);

	atomic_store(&w->recorder_asleep, 1);
	if (rings_empty(w) && !atomic_load(&w->stop))
		doze(w, pending ? RETRY_MS : -1);
	atomic_store(&w->recorder_asleep, 0);
}

/* Give the workers room in the history for the time that has gone. */
static void
give_room(struct watch *w, int64_t now)
{
	int64_t n = (now - w->gave) / NS_PER_US * WATCH_KEPT_RATE / 1000000 /
	    w->workers;

	if (n <= 0)
		return;
	w->gave = now;
	for (unsigned i = 0; i < w->workers; i++)
		for (int k = 0; k < 2; k++) {
			_Atomic int64_t *room = &w->worker[i].room[k];
			int64_t left =
			    atomic_load_explicit(room, memory_order_relaxed);

			left += n < WATCH_KEPT_BURST ? n : WATCH_KEPT_BURST;
			atomic_store_explicit(room,
			    left < WATCH_KEPT_BURST ? left : WATCH_KEPT_BURST,
			    memory_order_relaxed);
		}
}

void *
recorder_run(void *watch)
{
	struct watch *w = watch;

	thread_name("recorder");
	while (!atomic_load(&w->stop)) {
		unsigned n = take_batch(w);
		int64_t now = clock_mono();

		give_room(w, now);
		if (w->log)
			accesslog_flush(w->log, now);
		if (n > 0)
			watch_ring(w);
		if (n == 0) {
			sleep_until_woken(w);
			watch_ring(w);
		} else if (n < BATCH) {
			doze(w, NAP_MS);
		}
	}
	recorder_finish(w);
	return NULL;
}

void
recorder_finish(struct watch *w)
{
	while (take_batch(w) > 0)
		continue;
	if (w->log)
		accesslog_finish(w->log);
}
