/* Orders to a worker, from any thread: what it shall be like is overwritten,
 * what it shall do is added to a bounded list.  It takes them over in
 * worker.c. */
#include <errno.h>

#include "base/bell.h"
#include "base/check.h"
#include "base/error.h"
#include "base/notice.h"
#include "net/worker.h"

static void
mailbox_post(struct worker *w)
{
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
