/* Where events and lines of the log went: watch.h. */
#include "watch/watch.h"

static uint64_t
rest(uint64_t all, uint64_t found)
{
	return all > found ? all - found : 0;
}

/* What is further on its way is asked first: what moves on meanwhile is then
 * seen twice at most as waiting, never as more than there was. */
void
watch_account(const struct watch *w, struct watch_account *out)
{
	struct accesslog_status log = { 0 };
	struct counters *n;
	uint64_t recorded;

	*out = (struct watch_account){ 0 };
	if (w->log != NULL)
		accesslog_status(w->log, &log);
	out->written = log.written;
	out->lost = log.lost;
	out->suppressed = log.suppressed;
	out->lines = atomic_load(&w->lines);
	out->journalled = atomic_load(&w->journalled);
	recorded = atomic_load(&w->recorded);
	out->passed = rest(recorded, out->journalled);
	for (unsigned i = 0; i < w->workers; i++) {
		n = &w->worker[i].counters;
		out->dropped += counter_get(&n->v[COUNTER_EVENTS_DROPPED]);
	}
	for (unsigned i = 0; i < w->workers; i++) {
		n = &w->worker[i].counters;
		out->events += counter_get(&n->v[COUNTER_EVENTS]);
	}
	out->waiting = rest(out->events, recorded + out->dropped);
	out->pending =
	    rest(out->lines, out->written + out->lost + out->suppressed);
}

bool
watch_account_holds(const struct watch_account *a)
{
	return a->events == a->journalled + a->passed + a->dropped &&
	    a->lines == a->written + a->lost + a->suppressed;
}
