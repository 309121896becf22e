/* All connections of a worker: memory, deadlines, and what is asked of every
 * one of them. */
#include <sys/mman.h>

#include "base/check.h"
#include "net/conn.h"

/* Memory that costs nothing until it is touched. */
static void *
conns_map(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

bool
conns_init(struct conns *cs, uint32_t max, const struct net_settings *settings)
{
	/* A head of any allowed size, the empty line before it, and room to
	 * read content behind it. */
	size_t in_cap =
	    settings->head.request_line + settings->head.header_size + 4096;

	in_cap = (sizeof(struct work) + in_cap + 4095) / 4096 * 4096;
	cs->work_size = in_cap;
	cs->in_cap = (uint32_t)(in_cap - sizeof(struct work));
	cs->settings = *settings;
	cs->max = max;
	cs->slots = conns_map(max * sizeof(struct conn));
	cs->work_mem = conns_map(max * cs->work_size);
	cs->files = files_new(max, cs->files_kept);
	cs->files_stale = true;
	timers_init(&cs->timers);
	if (cs->slots == NULL || cs->work_mem == NULL || cs->files == NULL) {
		conns_fini(cs);
		return false;
	}
	return true;
}

void
conns_fini(struct conns *cs)
{
	if (cs->slots != NULL)
		munmap(cs->slots, cs->max * sizeof(struct conn));
	if (cs->work_mem != NULL)
		munmap(cs->work_mem, cs->max * cs->work_size);
	files_free(cs->files);
	cs->slots = NULL;
	cs->work_mem = NULL;
	cs->files = NULL;
}

void
conns_at(struct conns *cs, int64_t mono)
{
	cs->now.wall += mono - cs->now.mono;
	cs->now.mono = mono;
}

void
conns_look_at_clock(struct conns *cs)
{
	conns_at(cs, cs->io.ops->mono(&cs->io));
}

bool conns_class_is_held(enum deadline_class class)
{
	return class == DEADLINE_HEADER || class == DEADLINE_BODY ||
	    class == DEADLINE_KEEPALIVE || class == DEADLINE_KEEPALIVE_FULL;
}

void
conns_expire(struct conns *cs)
{
	uint32_t unwatched;

	uint32_t left = timers_used(&cs->timers);

	for (; left != 0; left &= left - 1) {
		enum deadline_class class =
		    (enum deadline_class)__builtin_ctz(left);
		struct timer *t;

		if (cs->paused && conns_class_is_held(class))
			continue;
		while ((t = timers_due(&cs->timers, class, cs->now.mono))) {
			struct conn *c = (struct conn *)(void *)((char *)t -
			    offsetof(struct conn, timer));

			timer_disarm(t);
			conn_timeout(cs, c);
		}
	}
	files_expire(cs->files, cs->now.mono);
	unwatched = files_take_unwatched(cs->files);
	if (unwatched > 0)
		counter_add(
		    &cs->watch->counters.v[COUNTER_UNWATCHED], unwatched);
}

int64_t
conns_next_deadline(struct conns *cs)
{
	int64_t next = files_next_expiry(cs->files);
	uint32_t left = timers_used(&cs->timers);

	for (; left != 0; left &= left - 1) {
		enum deadline_class class =
		    (enum deadline_class)__builtin_ctz(left);
		int64_t first = timers_next(&cs->timers, class);

		if (first < next && !(cs->paused && conns_class_is_held(class)))
			next = first;
	}
	return next;
}

/* Deadlines have moved: show it. */
static void
conns_publish(struct conns *cs)
{
	for (uint32_t i = 0; i < cs->slots_made; i++)
		if (cs->slots[i].id != 0)
			conn_publish(cs, &cs->slots[i]);
}

void
conns_slept(struct conns *cs, int64_t gap_ns)
{
	for (int k = 0; k < DEADLINE_N; k++)
		if (!cs->paused || !conns_class_is_held((enum deadline_class)k))
			timers_shift(
			    &cs->timers, (enum deadline_class)k, gap_ns);
	for (uint32_t i = 0; i < cs->slots_made; i++)
		if (cs->slots[i].id != 0)
			cs->slots[i].moved += gap_ns;
	conns_publish(cs);
}

/* A timeout was switched on or off: arm or disarm to match. */
static void
conn_reconfigure(struct conns *cs, struct conn *c)
{
	enum deadline_class class = conn_state_rows[c->state].deadline;
	bool armed = c->timer.next != NULL;

	if (c->id != 0 && armed != (cs->settings.timeout[class] != 0))
		conn_progress(cs, c);
}

void
conns_configure(struct conns *cs, const struct net_settings *settings)
{
	bool switched = false;

	for (int k = 0; k < DEADLINE_N; k++) {
		int64_t old = cs->settings.timeout[k];
		int64_t new = settings->timeout[k];

		if (old != 0 && new != 0)
			timers_shift(
			    &cs->timers, (enum deadline_class)k, new - old);
		switched = switched || (old == 0) != (new == 0);
	}
	cs->settings = *settings;
	for (uint32_t i = 0; switched && i < cs->slots_made; i++)
		conn_reconfigure(cs, &cs->slots[i]);
	for (uint32_t i = 0; i < cs->slots_made; i++)
		if (cs->slots[i].id != 0)
			cs->slots[i].trusted =
			    trust_has(&cs->settings.trust, &cs->slots[i].peer);
	conns_publish(cs);
}

/* Let go of a connection that the pause has held. */
static void
conn_resume(struct conns *cs, struct conn *c)
{
	c->held = false;
	conn_watch(cs, c, true, false);
	conn_publish(cs, c);
	conn_step(cs, c, false, false);
}

void
conns_pause(struct conns *cs, bool paused)
{
	if (cs->paused == paused)
		return;
	cs->paused = paused;
	if (paused) {
		cs->paused_at = cs->now.mono;
		conns_publish(cs);
		return;
	}
	cs->resumed_at = cs->now.mono;
	for (int k = 0; k < DEADLINE_N; k++)
		if (conns_class_is_held((enum deadline_class)k))
			timers_resume(&cs->timers, (enum deadline_class)k,
			    cs->settings.timeout[k], cs->paused_at,
			    cs->now.mono);
	conns_publish(cs);
	for (uint32_t i = 0; i < cs->slots_made; i++)
		if (cs->slots[i].id != 0 && cs->slots[i].held)
			conn_resume(cs, &cs->slots[i]);
}

void
conns_drain(struct conns *cs)
{
	cs->draining = true;
	for (uint32_t i = 0; i < cs->slots_made; i++) {
		struct conn *c = &cs->slots[i];

		/* One last read: what was sent before is still answered. */
		if (c->id != 0 &&
		    (c->state == CONN_IDLE || c->state == CONN_NEW))
			conn_step(cs, c, true, false);
		if (c->id != 0 &&
		    (c->state == CONN_IDLE || c->state == CONN_NEW))
			conn_close(cs, c, CLOSE_DRAIN);
	}
}

void
conns_cut(struct conns *cs, enum close_reason why)
{
	for (uint32_t i = 0; i < cs->slots_made; i++)
		if (cs->slots[i].id != 0)
			conn_abort(cs, &cs->slots[i], why);
}
