/* Orders to a worker, from any thread: what it shall be like is overwritten,
 * what it shall do is added to a bounded list.  The worker takes them over
 * when its eventfd wakes it, and when it is awake before it answers: a request
 * that was sent after an order was given is answered by it. */
#include "net/worker_parts.h"

#include <errno.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/check.h"
#include "base/error.h"
#include "base/notice.h"
#include "net/h1.h"
#include "net/path.h"

static void
mailbox_post(struct worker *w)
{
	atomic_store_explicit(&w->box.posted, true, memory_order_release);
	pthread_mutex_unlock(&w->box.lock);
	if (!bell_ring(w->event_fd))
		notice(NOTICE_ERROR, "worker: eventfd: %s", error_text(errno));
}

void
worker_set_site(struct worker *w, struct site *site)
{
	pthread_mutex_lock(&w->box.lock);
	site_unref(w->box.orders.site);
	w->box.orders.site = site;
	mailbox_post(w);
}

void
worker_set_settings(struct worker *w, const struct net_settings *s)
{
	pthread_mutex_lock(&w->box.lock);
	w->box.orders.settings = *s;
	w->box.orders.new_settings = true;
	mailbox_post(w);
}

void
worker_pause(struct worker *w, bool paused)
{
	pthread_mutex_lock(&w->box.lock);
	w->box.orders.paused = paused;
	mailbox_post(w);
}

void
worker_drain(struct worker *w)
{
	pthread_mutex_lock(&w->box.lock);
	w->box.orders.draining = true;
	mailbox_post(w);
}

void
worker_cut(struct worker *w, enum close_reason why)
{
	pthread_mutex_lock(&w->box.lock);
	w->box.orders.draining = true;
	w->box.orders.cut = why;
	mailbox_post(w);
}

void
worker_slept(struct worker *w, int64_t gap_ns)
{
	pthread_mutex_lock(&w->box.lock);
	w->box.orders.slept += gap_ns;
	mailbox_post(w);
}

/* More of what is in the mailbox already: true, and the new reference is one
 * too many. */
static bool
mailbox_add_to_result(struct worker_orders *o, const struct job_result *r)
{
	for (unsigned i = 0; i < o->results; i++) {
		struct job_result *before = &o->result[i];

		if (!before->last && before->slot == r->slot &&
		    before->generation == r->generation &&
		    before->turn == r->turn && before->listing == r->listing) {
			before->last = r->last;
			return true;
		}
	}
	return false;
}

void
worker_deliver(void *to, const struct job_result *r)
{
	struct worker *w = to;

	pthread_mutex_lock(&w->box.lock);
	if (r->listing != NULL && mailbox_add_to_result(&w->box.orders, r)) {
		listing_unref(r->listing); /* not the last one */
	} else {
		CHECK(w->box.orders.results < WORKER_RESULTS);
		w->box.orders.result[w->box.orders.results++] = *r;
	}
	mailbox_post(w);
}

void
worker_look(struct worker *w, const struct worker_name *name, unsigned n)
{
	pthread_mutex_lock(&w->box.lock);
	for (unsigned i = 0; i < n && i < WATCH_PATHS; i++)
		w->box.orders.look[i] = name[i];
	w->box.orders.looks = n < WATCH_PATHS ? n : WATCH_PATHS;
	w->box.orders.look_now = true;
	mailbox_post(w);
}

bool
worker_close(struct worker *w, uint32_t slot, uint32_t generation)
{
	bool room;

	pthread_mutex_lock(&w->box.lock);
	room = w->box.orders.closes < WORKER_CLOSES;
	if (room)
		w->box.orders.close[w->box.orders.closes++] =
		    (struct worker_name){ slot, generation };
	mailbox_post(w);
	return room;
}

/* --- the worker --- */

static void
worker_take_closes(struct worker *w, const struct worker_orders *o)
{
	for (unsigned i = 0; i < o->closes; i++) {
		struct conn *c =
		    conn_find(&w->cs, o->close[i].slot, o->close[i].generation);

		if (c != NULL)
			conn_abort(&w->cs, c, CLOSE_OPERATOR);
	}
}

/* Ask the kernel about the connections that somebody looks at.  Only here,
 * where they are owned, is it certain that a descriptor is still theirs. */
static void
worker_take_looks(struct worker *w, const struct worker_orders *o)
{
	for (unsigned i = 0; i < WATCH_PATHS; i++) {
		struct conn_path path = { 0 };
		struct conn *c = i < o->looks
		    ? conn_find(&w->cs, o->look[i].slot, o->look[i].generation)
		    : NULL;

		if (c != NULL)
			conn_path(c, w->cs.now.mono, &path);
		if (c != NULL && c->state == CONN_SENDING)
			conn_took(&w->cs, c);
		path_write(&w->cs.watch->paths[i], &path);
	}
}

/* A job's result, or more of it. */
static void
worker_take_result(struct worker *w, const struct job_result *r)
{
	static const enum conn_wait wait_for[] = {
		[JOB_LISTING] = WAIT_LISTING,
		[JOB_CODING] = WAIT_CODING,
	};

	struct conn *c = conn_find(&w->cs, r->slot, r->generation);

	w->cs.jobs_out -= r->last;
	if (c != NULL && c->state == CONN_WAITING &&
	    c->waits == wait_for[r->kind] && c->requests == r->turn) {
		h1_answer_job(&w->cs, c, r);
		conn_step(&w->cs, c, false, false);
		return;
	}
	if (c != NULL && c->work != NULL && c->work->listing != NULL &&
	    c->work->listing == r->listing) {
		conn_progress(&w->cs, c);
		conn_step(&w->cs, c, false, true);
	}
	jobs_release(w->cs.jobs, r->listing);
}

static void
worker_take_results(struct worker *w, const struct worker_orders *o)
{
	for (unsigned i = 0; i < o->results; i++)
		worker_take_result(w, &o->result[i]);
}

/* Accept what waits already, and no more.  The last worker to do so ends the
 * listening sockets: who comes now is refused at once. */
static void
worker_drain_begin(struct worker *w)
{
	for (unsigned i = 0; i < w->shared->n && !w->cs.draining; i++)
		worker_accept(w, w->shared->listeners[i].fd, w->cs.max);
	if (w->cs.draining)
		return; /* an order that came amid that has done it all */
	worker_accepting(w, false);
	conns_drain(&w->cs);
	if (atomic_fetch_sub(&w->shared->accepting, 1) != 1)
		return;
	for (unsigned i = 0; i < w->shared->n; i++)
		(void)shutdown(w->shared->listeners[i].fd, SHUT_RD);
}

void
worker_heed_orders(void *worker)
{
	struct worker *w = worker;

	if (atomic_load_explicit(&w->box.posted, memory_order_acquire))
		worker_take_orders(w);
}

void
worker_take_orders(struct worker *w)
{
	struct worker_orders o;
	uint64_t n;

	if (read(w->event_fd, &n, sizeof(n)) < 0)
		n = 0;
	pthread_mutex_lock(&w->box.lock);
	atomic_store_explicit(&w->box.posted, false, memory_order_relaxed);
	o = w->box.orders;
	w->box.orders.site = NULL;
	w->box.orders.new_settings = false;
	w->box.orders.closes = 0;
	w->box.orders.look_now = false;
	w->box.orders.results = 0;
	w->box.orders.slept = 0;
	pthread_mutex_unlock(&w->box.lock);

	if (o.site != NULL) {
		site_unref(w->cs.site);
		w->cs.site = o.site;
	}
	if (o.new_settings)
		conns_configure(&w->cs, &o.settings);
	if (o.slept != 0)
		conns_slept(&w->cs, o.slept);
	worker_take_closes(w, &o);
	if (o.look_now)
		worker_take_looks(w, &o);
	worker_take_results(w, &o);
	conns_pause(&w->cs, o.paused && !o.draining);
	if (o.draining && !w->cs.draining)
		worker_drain_begin(w);
	if (o.cut != CLOSE_NONE)
		conns_cut(&w->cs, o.cut);
}
