#include "watch/recorder.h"

#include <poll.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/thread.h"

/* Events taken from one ring before the next has its turn. */
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

/* Take up to BATCH events from each ring; the most that one gave. */
static unsigned
take_batches(struct watch *w)
{
	unsigned most = 0;

	for (unsigned i = 0; i < w->workers; i++) {
		struct ring *ring = &w->worker[i].ring;
		unsigned n = 0;

		for (struct span s; n < BATCH && (s = ring_peek(ring)).p; n++) {
			record(w, s);
			ring_pop(ring);
		}
		if (n > most)
			most = n;
	}
	return most;
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
		unsigned most = take_batches(w);
		int64_t now = clock_mono();

		give_room(w, now);
		if (w->log)
			accesslog_flush(w->log, now);
		if (most > 0)
			watch_ring(w);
		if (most == 0) {
			sleep_until_woken(w);
			watch_ring(w);
		} else if (most < BATCH) {
			doze(w, NAP_MS);
		}
	}
	recorder_finish(w);
	return NULL;
}

void
recorder_finish(struct watch *w)
{
	while (take_batches(w) > 0)
		continue;
	if (w->log)
		accesslog_finish(w->log);
}
