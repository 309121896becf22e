#include "net/worker_parts.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/check.h"
#include "base/error.h"
#include "base/notice.h"
#include "base/thread.h"
#include "net/admit.h"
#include "net/lab.h"

/* Slots of epoll tags that are not connections. */
#define SLOT_MAILBOX  0xffffffffu
#define SLOT_LISTENER 0xffff0000u
_Static_assert(SLOT_LISTENER > LIMIT_CONNECTIONS &&
	SLOT_LISTENER + LIMIT_LISTENERS < LAB_SLOT,
    "tags do not meet");

/* How long accepting rests when the process has no descriptor left. */
#define ACCEPT_REST (100 * NS_PER_MS)
/* How long nothing has failed when it is said that it goes on. */
#define ACCEPT_CALM NS_PER_S

/* A worker that wakes takes the processor from a thread with longer turns
 * (Linux 6.12 and later): that of the jobs or the recorder would keep it until
 * the next tick of the clock, which may be 4 ms away. */
#define WORKER_SLICE (100 * NS_PER_US)

static struct notice_gate accept_gate, full_gate;

static bool
worker_watch(struct worker *w, int fd, uint64_t tag, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.u64 = tag };

	return epoll_ctl(w->cs.io.epoll_fd, EPOLL_CTL_ADD, fd, &ev) == 0;
}

static void
worker_unlisten(struct worker *w)
{
	w->accepting = false;
	for (unsigned i = 0; i < w->shared->n; i++)
		epoll_ctl(w->cs.io.epoll_fd, EPOLL_CTL_DEL,
		    w->shared->listeners[i].fd, NULL);
}

/* Accept nothing for a while: there is no descriptor, or no memory. */
static void
worker_park(struct worker *w, int error)
{
	counter_add(&w->cs.watch->counters.v[COUNTER_ACCEPT_PARKED], 1);
	worker_unlisten(w);
	w->accept_again = w->cs.now.mono + ACCEPT_REST;
	atomic_store(&w->shared->accept_at, w->accept_again);
	atomic_store(&w->shared->accept_failed, w->cs.now.mono);
	notice_gated(&accept_gate, NOTICE_WARN,
	    "cannot accept connections: %s (trying again)", error_text(error));
}

void
worker_accepting(struct worker *w, bool on)
{
	if (w->accepting == on)
		return;
	if (!on) {
		worker_unlisten(w);
		return;
	}
	w->accepting = true;
	w->refusing = w->full;
	for (unsigned i = 0; i < w->shared->n; i++)
		if (!worker_watch(w, w->shared->listeners[i].fd,
			SLOT_LISTENER + i,
			w->full ? EPOLLIN : EPOLLIN | EPOLLEXCLUSIVE)) {
			worker_park(w, errno);
			return;
		}
}

/* Note whether this worker has a slot; without one it leaves the listeners to
 * the others.  When no worker has, new clients wait in the kernel's queue. */
static void
worker_note_full(struct worker *w)
{
	bool full = conns_full(&w->cs);

	if (full == w->full)
		return;
	w->full = full;
	if (!full) {
		atomic_fetch_sub(&w->shared->full, 1);
		return;
	}
	counter_add(&w->cs.watch->counters.v[COUNTER_CONN_FULL], 1);
	if (atomic_fetch_add(&w->shared->full, 1) + 1 == w->shared->workers)
		notice_gated(&full_gate, NOTICE_WARN,
		    "all connections are taken (limits.connections): new "
		    "clients %s",
		    w->cs.settings.when_full_refuse ? "get 503" : "wait");
}

/* Whether clients that no worker has a slot for are to be told so.  Those who
 * are connected already when the server drains are not: nobody serves them. */
static bool
worker_refuses(const struct worker *w)
{
	return w->cs.settings.when_full_refuse && !w->cs.draining &&
	    atomic_load(&w->shared->full) == w->shared->workers;
}

static bool
accept_error_is_passing(int error)
{
	return error == EINTR || error == ECONNABORTED || error == EPROTO ||
	    error == ENETDOWN || error == ENOPROTOOPT || error == EHOSTDOWN ||
	    error == ENONET || error == EHOSTUNREACH || error == ENETUNREACH ||
	    error == EPERM;
}

/* What one worker lacks all lack: of those that rest one tries first. */
static bool
worker_may_accept(struct worker *w)
{
	int64_t at =
	    atomic_load_explicit(&w->shared->accept_at, memory_order_relaxed);

	if (at == 0)
		return true;
	if (at <= w->cs.now.mono &&
	    atomic_compare_exchange_strong(
		&w->shared->accept_at, &at, w->cs.now.mono + ACCEPT_REST))
		return true;
	worker_unlisten(w);
	w->accept_again = at;
	return false;
}

/* There is room again: for good, if nothing has failed for a while. */
static void
worker_accepted(struct worker *w)
{
	int64_t failed = atomic_load_explicit(
	    &w->shared->accept_failed, memory_order_relaxed);

	if (atomic_load_explicit(&w->shared->accept_at, memory_order_relaxed))
		atomic_store(&w->shared->accept_at, 0);
	if (failed != 0 && w->cs.now.mono - failed > ACCEPT_CALM &&
	    atomic_compare_exchange_strong(
		&w->shared->accept_failed, &failed, 0))
		notice(NOTICE_INFO, "connections are accepted again");
}

/* Accept one; false when that is over for now. */
static bool
worker_accept_one(struct worker *w, int listener, struct conn **c)
{
	struct sockaddr_storage sa;
	socklen_t n = sizeof(sa);
	struct peer peer;
	int fd;

	*c = NULL;
	fd = accept4(
	    listener, (struct sockaddr *)&sa, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0 && accept_error_is_passing(errno))
		return true;
	if (fd < 0) {
		if (errno != EAGAIN)
			worker_park(w, errno);
		return false;
	}
	worker_accepted(w);
	peer_from_sockaddr(&peer, (struct sockaddr *)&sa);
	*c = admit_socket(&w->cs, fd, &peer);
	return true;
}

void
worker_accept(struct worker *w, int listener, uint32_t max)
{
	struct conn *c[CONNS_TOGETHER] = { NULL };
	const bool draining = w->cs.draining;
	unsigned n = 0;

	if (!worker_may_accept(w))
		return;
	/* With those begun with may have come the order to pause; or to drain:
	 * then all that waited is accepted, and the listener is no more. */
	while (max-- > 0 && !w->cs.paused && w->cs.draining == draining &&
	    (!conns_full(&w->cs) || worker_refuses(w)) &&
	    worker_accept_one(w, listener, &c[n])) {
		n += c[n] != NULL;
		if (n == CONNS_TOGETHER) {
			conns_begin(&w->cs, c, n);
			n = 0;
		}
	}
	conns_begin(&w->cs, c, n);
}

/* How many to accept in a wake-up.  Of workers that wait the kernel wakes the
 * one that has watched the listener for longest (EPOLLEXCLUSIVE): that would be
 * the same one each time, and all connections its.  Who was woken goes to the
 * end of that queue, and does not take all that came at once.  Not while
 * connections are short: there is nothing to share out then, and each costs. */
static uint32_t
worker_share(struct worker *w)
{
	if (w->shared->workers == 1 || w->defer.on)
		return LIMIT_ACCEPTS_PER_WAKE;
	w->had_turn = true;
	return LIMIT_ACCEPTS_IN_TURN;
}

/* The connection of that event, NULL when it is no more, or of something
 * else. */
static struct conn *
worker_conn(struct worker *w, const struct epoll_event *ev)
{
	return conn_find(
	    &w->cs, (uint32_t)ev->data.u64, (uint32_t)(ev->data.u64 >> 32));
}

/* EPOLL* as enum io_events. */
static unsigned
worker_told(uint32_t events)
{
	return (events & EPOLLIN ? IO_READABLE : 0u) |
	    (events & EPOLLOUT ? IO_WRITABLE : 0u) |
	    (events & EPOLLRDHUP ? IO_ENDED : 0u) |
	    (events & EPOLLPRI ? IO_MARKED : 0u) |
	    (events & (EPOLLHUP | EPOLLERR) ? IO_GONE : 0u);
}

static void
worker_dispatch(struct worker *w, const struct epoll_event *ev)
{
	uint32_t slot = (uint32_t)ev->data.u64;
	struct conn *c;

	if (slot == SLOT_MAILBOX) {
		worker_take_orders(w);
	} else if (slot >= LAB_SLOT) {
		lab_ready(&w->cs, slot - LAB_SLOT);
	} else if (slot >= SLOT_LISTENER) {
		if (w->accepting && !w->cs.paused)
			worker_accept(w,
			    w->shared->listeners[slot - SLOT_LISTENER].fd,
			    worker_share(w));
	} else {
		c = worker_conn(w, ev);
		if (c != NULL)
			conn_ready(&w->cs, c, worker_told(ev->events));
	}
}

/* Events of at most CONNS_TOGETHER: requests first, then what else there is. */
static void
worker_turn(struct worker *w, struct epoll_event *ev, unsigned n)
{
	struct conn *c, *received[CONNS_TOGETHER] = { NULL };
	unsigned m = 0;

	for (unsigned i = 0; i < n; i++) {
		c = ev[i].events == EPOLLIN ? worker_conn(w, &ev[i]) : NULL;
		if (c == NULL || !conn_receives(&w->cs, c))
			continue;
		received[m++] = c;
		ev[i].events = 0;
	}
	conns_receive(&w->cs, received, m);
	conns_answer(&w->cs, received, m);
	/* What is done next may hang, on a disk that is opened from. */
	if (m < n)
		watch_publish(w->cs.watch);
	for (unsigned i = 0; i < n; i++) {
		if (ev[i].events == 0)
			continue;
		worker_heed_orders(w);
		worker_dispatch(w, &ev[i]);
	}
	watch_publish(w->cs.watch);
}

/* Of several workers that want it the first switches it on, the last off. */
static void
worker_note_short(struct worker *w)
{
	const struct counters *n = &w->cs.watch->counters;
	uint64_t ended = counter_get(&n->closed[CLOSE_ASKED]) +
	    counter_get(&n->closed[CLOSE_HTTP10]);
	bool turned;

	if (!defer_note(&w->defer, w->cs.now.mono, ended))
		return;
	turned = w->defer.on ? atomic_fetch_add(&w->shared->deferring, 1) == 0
			     : atomic_fetch_sub(&w->shared->deferring, 1) == 1;
	for (unsigned i = 0; turned && i < w->shared->n; i++)
		listener_defer(&w->shared->listeners[i], w->defer.on);
}

/* Milliseconds until something is due, -1 for never. */
static int
worker_timeout(struct worker *w)
{
	int64_t next = conns_next_deadline(&w->cs), ms;
	int64_t defer = defer_next(&w->defer);

	if (w->accept_again != 0 && w->accept_again < next)
		next = w->accept_again;
	if (defer < next)
		next = defer;
	if (next == INT64_MAX)
		return -1;
	ms = (next - w->cs.now.mono + NS_PER_MS - 1) / NS_PER_MS;
	return ms < 0 ? 0 : ms > 3600000 ? 3600000 : (int)ms;
}

/* Wait, noting for others how busy the worker is. */
static unsigned
worker_wait(struct worker *w, struct epoll_event *ev)
{
	struct watch_worker *ww = w->cs.watch;
	int64_t since =
	    atomic_load_explicit(&ww->busy_since, memory_order_relaxed);
	int n;

	watch_publish(ww);
	w->cs.now = clock_now();
	counter_add(&ww->counters.v[COUNTER_BUSY_NS],
	    (uint64_t)(w->cs.now.mono - since));
	atomic_store_explicit(&ww->busy_since, 0, memory_order_relaxed);
	do
		n = epoll_wait(w->cs.io.epoll_fd, ev, LIMIT_EVENTS_PER_WAKE,
		    worker_timeout(w));
	while (n < 0 && errno == EINTR);
	w->cs.now = clock_now();
	w->cs.woke = w->cs.now.mono;
	w->cs.files_stale = true;
	atomic_store_explicit(
	    &ww->busy_since, w->cs.now.mono, memory_order_relaxed);
	counter_add(&ww->counters.v[COUNTER_WAKEUPS], 1);
	return n < 0 ? 0 : (unsigned)n;
}

/* All that a wake-up brought, so many at a time as are answered together. */
static void
worker_events(struct worker *w, struct epoll_event ev[], unsigned n)
{
	for (unsigned m; n > 0; ev += m, n -= m) {
		m = n < CONNS_TOGETHER ? n : CONNS_TOGETHER;
		worker_turn(w, ev, m);
	}
}

static void *
worker_run(void *arg)
{
	struct epoll_event ev[LIMIT_EVENTS_PER_WAKE];
	struct worker *w = arg;
	char name[16];

	snprintf(name, sizeof(name), "worker-%u", w->cs.worker);
	thread_name(name);
	thread_schedule(SCHED_OTHER, 0, WORKER_SLICE);
	w->cs.now = clock_now();
	atomic_store(&w->cs.watch->busy_since, w->cs.now.mono);
	worker_accepting(w, true);
	while (!w->cs.draining || w->cs.open > 0) {
		worker_events(w, ev, worker_wait(w, ev));
		conns_expire(&w->cs);
		worker_note_short(w);
		if (w->accept_again != 0 && w->cs.now.mono >= w->accept_again)
			w->accept_again = 0;
		worker_note_full(w);
		if (w->had_turn || w->refusing != w->full)
			worker_accepting(w, false); /* and on again */
		w->had_turn = false;
		worker_accepting(w,
		    !w->cs.paused && !w->cs.draining &&
			(!w->full || worker_refuses(w)) &&
			w->accept_again == 0);
	}
	worker_accepting(w, false);
	watch_publish(w->cs.watch);
	atomic_store(&w->cs.watch->busy_since, 0);
	if (!bell_ring(w->shared->done_fd))
		notice(NOTICE_ERROR, "worker: eventfd: %s", error_text(errno));
	return NULL;
}

uint32_t
worker_slots(const struct worker_shared *shared, unsigned number)
{
	return shared->connections / shared->workers +
	    (number < shared->connections % shared->workers);
}

bool
worker_init(struct worker *w, uint8_t number, struct worker_shared *shared,
    struct watch_worker *watch, struct site *site,
    const struct net_settings *settings)
{
	*w = (struct worker){ .event_fd = -1, .shared = shared };
	w->cs.worker = number;
	w->cs.next_id = &shared->next_id;
	w->cs.watch = watch;
	w->cs.site = site;
	w->cs.files_kept = shared->files_kept;
	w->cs.jobs = shared->jobs;
	w->cs.owner = w;
	w->cs.heed = worker_heed_orders;
	w->cs.tally = shared->tally;
	w->cs.io.ops = &io_socket_ops;
	w->cs.io.ring = shared->ring[number];
	pthread_mutex_init(&w->box.lock, NULL);
	w->cs.io.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	w->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (w->cs.io.epoll_fd < 0 || w->event_fd < 0 ||
	    !worker_watch(w, w->event_fd, SLOT_MAILBOX, EPOLLIN) ||
	    !conns_init(&w->cs, worker_slots(shared, number), settings))
		return false;
	w->cs.lab = lab_new((const struct sockaddr *)&shared->listeners[0].addr,
	    shared->listeners[0].addr_n);
	return w->cs.lab != NULL;
}

bool
worker_start(struct worker *w)
{
	int error = pthread_create(&w->thread, NULL, worker_run, w);

	if (error != 0) {
		errno = error;
		return false;
	}
	w->runs = true;
	return true;
}

void
worker_join(struct worker *w)
{
	if (w->runs)
		pthread_join(w->thread, NULL);
	w->runs = false;
}

void
worker_fini(struct worker *w)
{
	lab_free(&w->cs, w->cs.lab);
	for (unsigned i = 0; i < w->box.orders.results; i++)
		listing_unref(w->box.orders.result[i].listing);
	conns_fini(&w->cs);
	if (w->event_fd >= 0)
		close(w->event_fd);
	if (w->cs.io.epoll_fd >= 0)
		close(w->cs.io.epoll_fd);
	site_unref(w->box.orders.site);
	site_unref(w->cs.site);
	pthread_mutex_destroy(&w->box.lock);
}
