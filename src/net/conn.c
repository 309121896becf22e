#include "net/conn.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"
#include "net/h1.h"

/* Works whose memory is not given back when all are free. */
#define WORKS_KEPT 64

/* How often in timeouts.write the kernel is asked what a client has taken:
 * since when it takes no more is known so well. */
#define WRITE_LOOKS 4

static uint64_t
conn_tag(const struct conn *c)
{
	return (uint64_t)c->generation << 32 | c->slot;
}

struct conn *
conn_find(struct conns *cs, uint32_t slot, uint32_t generation)
{
	struct conn *c;

	if (slot >= cs->max)
		return NULL;
	c = &cs->slots[slot];
	return c->id != 0 && c->generation == generation ? c : NULL;
}

/* Of a connection that is only read from the kernel tells each arrival once: it
 * does not look at it again at the next wait, which would be a hundredth of a
 * request's time. */
static bool
conn_is_told_once(const struct conn *c)
{
	return c->readable && !c->writable;
}

/* Have the kernel wait for what the connection waits for, and tell of what is
 * there already. */
static bool
conn_have_watched(struct conns *cs, struct conn *c)
{
	bool first = !c->watched;
	unsigned events = (c->readable ? IO_READABLE : 0u) |
	    (c->writable ? IO_WRITABLE : 0u) |
	    (conn_is_told_once(c) ? IO_EDGE : 0u);

	c->watched = true;
	c->unread = false;
	return cs->io.ops->watch(&cs->io, c->fd, conn_tag(c), first, events);
}

struct conn *
conn_open(
    struct conns *cs, int fd, const struct peer *peer, uint32_t tally_cell)
{
	struct conn *c;
	uint32_t slot;

	if (conns_full(cs))
		return NULL;
	/* A page of slots costs memory when the first of them is used: their
	 * list is in order as they come from the kernel, all zero. */
	slot = cs->first_free;
	c = &cs->slots[slot];
	cs->first_free = c->next_free != 0 ? c->next_free - 1 : slot + 1;
	if (slot == cs->slots_made)
		cs->slots_made++;
	*c = (struct conn){
		.magic = CONN_MAGIC,
		.slot = slot,
		.generation = c->generation + 1,
		.fd = fd,
		.id = conns_next_id(cs),
		.opened = cs->now.mono,
		.peer = *peer,
		.tally_cell = tally_cell,
		.readable = true,
		.proxy_due = cs->settings.proxy_required,
		.trusted = trust_has(&cs->settings.trust, peer),
	};
	cs->open++;
	counter_add(&cs->watch->counters.v[COUNTER_ACCEPTED], 1);
	conn_enter(cs, c, CONN_NEW);
	return c;
}

void
conns_begin(struct conns *cs, struct conn *const c[], unsigned n)
{
	struct conn *received[CONNS_TOGETHER] = { NULL };
	unsigned m = 0;

	CHECK(n <= CONNS_TOGETHER);
	if (n == 0)
		return;
	for (unsigned i = 0; i < n; i++)
		if (conn_receives(cs, c[i]))
			received[m++] = c[i];
		else
			conn_step(cs, c[i], true, false);
	conns_receive(cs, received, m);
	/* They come later than what files_refresh has seen. */
	cs->files_stale = true;
	conns_answer(cs, received, m);
	for (unsigned i = 0; i < n; i++)
		if (c[i]->id != 0 && !conn_have_watched(cs, c[i]))
			conn_abort(cs, c[i], CLOSE_NO_MEMORY);
	watch_touch(cs->watch);
}

/* While the server is paused, what is held has no time that runs out. */
static int64_t
conn_shown_deadline(const struct conns *cs, const struct conn *c)
{
	enum deadline_class class = conn_state_rows[c->state].deadline;

	if (cs->paused && conns_class_is_held(class))
		return 0;
	if (class == DEADLINE_WRITE && cs->settings.timeout[class] != 0)
		return c->moved + cs->settings.timeout[class];
	return c->timer.deadline;
}

void
conn_publish(struct conns *cs, struct conn *c)
{
	const struct work *w = c->work;
	struct conn_row row = {
		.conn = c->state == CONN_CLOSED ? 0 : c->id,
		.opened = c->opened,
		.since = c->since,
		.deadline = conn_shown_deadline(cs, c),
		.bytes_in = c->bytes_in,
		.bytes_out = c->bytes_out,
		.requests = c->requests,
		.slot = c->slot,
		.generation = c->generation,
		.state = c->state,
		.worker = cs->worker,
		.peer = c->peer,
	};

	if (w != NULL && c->state != CONN_CLOSED) {
		size_t n = w->head.target.n;

		row.head_bytes = w->in_n - w->in_at;
		row.target_n = (uint8_t)(n < ROW_TARGET ? n : ROW_TARGET);
		memcpy(row.target, w->in + w->in_at + w->head.target.at,
		    row.target_n);
		if (c->state == CONN_SENDING) {
			row.moved = c->moved;
			row.body_total = w->plan.head ? 0 : w->plan.length;
			row.body_sent = w->body_sent;
		}
	}
	row_write(&cs->watch->rows[c->slot], &row);
	if (atomic_load_explicit(&cs->watch->rows_top, memory_order_relaxed) <=
	    c->slot)
		atomic_store_explicit(
		    &cs->watch->rows_top, c->slot + 1, memory_order_release);
}

enum deadline_class
conns_keepalive(const struct conns *cs)
{
	bool full = cs->open > (uint64_t)cs->max * 4 / 5;

	return full && cs->settings.timeout[DEADLINE_KEEPALIVE] != 0
	    ? DEADLINE_KEEPALIVE_FULL
	    : DEADLINE_KEEPALIVE;
}

void
conn_progress(struct conns *cs, struct conn *c)
{
	enum deadline_class class = conn_state_rows[c->state].deadline;
	int64_t t;

	if (class == DEADLINE_KEEPALIVE)
		class = conns_keepalive(cs);
	if (class == DEADLINE_LAB && c->waits != WAIT_LAB)
		class = DEADLINE_LISTING;
	t = cs->settings.timeout[class];
	if (class == DEADLINE_WRITE) {
		c->moved = cs->now.mono;
		t /= WRITE_LOOKS; /* conn_stalled looks so often */
	}
	if (t == 0)
		timer_disarm(&c->timer);
	else
		timer_arm(&cs->timers, &c->timer, class, cs->now.mono + t);
}

void
conn_took(struct conns *cs, struct conn *c)
{
	struct io_acked acked;

	if (!cs->io.ops->acked(&cs->io, c->fd, &acked) ||
	    acked.bytes == c->acked)
		return;
	c->acked = acked.bytes;
	conns_look_at_clock(cs);
	if (cs->now.mono - acked.idle <= c->moved)
		return;
	c->moved = cs->now.mono - acked.idle;
	conn_publish(cs, c);
}

bool
conn_stalled(struct conns *cs, struct conn *c)
{
	int64_t timeout = cs->settings.timeout[DEADLINE_WRITE], left, look;

	conn_took(cs, c);
	left = c->moved + timeout - cs->now.mono;
	if (left <= 0)
		return true;
	look = timeout / WRITE_LOOKS;
	timer_arm(&cs->timers, &c->timer, DEADLINE_WRITE,
	    cs->now.mono + (left < look ? left : look));
	return false;
}

void
conn_enter(struct conns *cs, struct conn *c, enum conn_state state)
{
	struct counters *n = &cs->watch->counters;

	CHECK_MAGIC(c, CONN_MAGIC);
	CHECK(conn_state_follows(c->state, state));
	if (c->state != CONN_CLOSED)
		counter_add(&n->open[c->state], (uint64_t)-1);
	if (state != CONN_CLOSED)
		counter_add(&n->open[state], 1);
	c->state = (uint8_t)state;
	c->since = cs->now.mono;
	c->unsettled = true;
}

/* The state in which a step ends: arm its deadline, publish the row.  A request
 * that is answered in one step passes through states that nobody could see; so
 * does one whose answer waits to be sent with others (conns_answer): its step
 * ends there. */
static void
conn_settle(struct conns *cs, struct conn *c)
{
	if (c->gathered)
		return;
	if (c->unread && c->watched && conn_is_told_once(c))
		(void)conn_have_watched(cs, c); /* told anew of what is there */
	if (!c->unsettled)
		return;
	c->unsettled = false;
	conn_progress(cs, c);
	conn_publish(cs, c);
}

void
conn_watch(struct conns *cs, struct conn *c, bool readable, bool writable)
{
	if (c->readable == readable && c->writable == writable)
		return;
	c->readable = readable;
	c->writable = writable;
	if (c->watched)
		(void)conn_have_watched(cs, c);
}

void
conn_work_attach(struct conns *cs, struct conn *c)
{
	struct work *w = cs->free_work;

	if (w != NULL)
		cs->free_work = w->next_free;
	else {
		CHECK(cs->work_made < cs->max);
		w = (struct work *)(void *)(cs->work_mem +
		    cs->work_size * cs->work_made++);
	}
	w->in_at = w->in_n = 0;
	w->entry = NULL;
	w->content_fd = -1;
	w->site = NULL;
	w->listing = NULL;
	cs->work_used++;
	c->work = w;
}

void
conn_work_entry(struct conns *cs, struct work *w, struct files_entry *e)
{
	if (w->entry != NULL)
		files_release(cs->files, w->entry);
	w->entry = e;
}

void
conn_work_clear(struct conns *cs, struct work *w)
{
	conn_work_entry(cs, w, NULL);
	w->content_fd = -1;
	if (w->listing != NULL)
		jobs_release(cs->jobs, w->listing);
	w->listing = NULL;
	site_unref(w->site);
	w->site = NULL;
}

void
conn_work_release(struct conns *cs, struct conn *c)
{
	struct work *w = c->work;

	if (w == NULL)
		return;
	conn_work_clear(cs, w);
	w->next_free = cs->free_work;
	cs->free_work = w;
	c->work = NULL;
	if (--cs->work_used > 0 || cs->work_made <= WORKS_KEPT)
		return;
	/* All are free after a crowd: give its memory back. */
	cs->free_work = NULL;
	cs->work_made = 0;
	(void)madvise(cs->work_mem + WORKS_KEPT * cs->work_size,
	    (cs->max - WORKS_KEPT) * cs->work_size, MADV_DONTNEED);
}

static void
conn_report_end(struct conns *cs, struct conn *c, enum close_reason why)
{
	const struct trail none = { .n = 0 };
	const struct span nothing = span_of(NULL, 0);
	struct event *e =
	    watch_begin(cs->watch, EVENT_CONN_CLOSED, nothing, nothing);

	if (e == NULL)
		return;
	e->worker = cs->worker;
	e->close = (uint16_t)why;
	e->conn = c->id;
	e->number = c->requests;
	e->wall = cs->now.wall;
	e->done_ns = cs->now.mono - c->opened;
	e->bytes_in = c->bytes_in;
	e->bytes_out = c->bytes_out;
	e->peer = c->peer;
	watch_end(cs->watch, e, &none, nothing, nothing);
}

void
conn_close(struct conns *cs, struct conn *c, enum close_reason why)
{
	CHECK_MAGIC(c, CONN_MAGIC);
	CHECK(why != CLOSE_NONE);
	counter_add(&cs->watch->counters.closed[why], 1);
	conn_report_end(cs, c, why);
	conn_enter(cs, c, CONN_CLOSED);
	c->unsettled = c->gathered = c->unread = false;
	timer_disarm(&c->timer);
	conn_publish(cs, c);
	conn_work_release(cs, c);
	cs->io.ops->close(&cs->io, c->fd);
	tally_give(cs->tally, c->tally_cell);
	c->fd = -1;
	c->id = 0;
	c->next_free = cs->first_free + 1;
	cs->first_free = c->slot;
	cs->open--;
}

void
conn_linger(struct conns *cs, struct conn *c, enum close_reason why)
{
	if (cs->settings.timeout[DEADLINE_LINGER] == 0) {
		conn_close(cs, c, why); /* nobody would end the waiting */
		return;
	}
	conn_work_release(cs, c);
	c->closing = (uint8_t)why;
	cs->io.ops->shutdown(&cs->io, c->fd);
	conn_enter(cs, c, CONN_LINGER);
	conn_watch(cs, c, true, false);
}

/* Read once and throw it away; as io_call.result. */
static ssize_t
conn_drop_input(struct conns *cs, struct conn *c)
{
	ssize_t n = io_transfer(&cs->io,
	    &(struct io_call){
		.fd = c->fd, .to = cs->scratch, .n = sizeof(cs->scratch) });

	if (n > 0) {
		c->bytes_in += (uint64_t)n;
		counter_add(
		    &cs->watch->counters.v[COUNTER_BYTES_IN], (uint64_t)n);
	}
	return n;
}

/* Throw away what still comes, until the client closes. */
static void
conn_linger_read(struct conns *cs, struct conn *c)
{
	for (int i = 0; i < 16; i++) {
		ssize_t n = conn_drop_input(cs, c);

		if (n == -EAGAIN)
			return;
		if (n <= 0) {
			conn_close(cs, c, (enum close_reason)c->closing);
			return;
		}
	}
	c->unread = true;
}

bool
conn_hold(struct conns *cs, struct conn *c)
{
	if (!cs->paused)
		return false;
	switch (c->state) {
	case CONN_NEW:
	case CONN_PROXY:
	case CONN_IDLE:
	case CONN_HEAD:
	case CONN_BODY:
		c->held = true;
		conn_watch(cs, c, false, false);
		return true;
	default:
		return false;
	}
}

void
conn_step(struct conns *cs, struct conn *c, bool readable, bool writable)
{
	CHECK_MAGIC(c, CONN_MAGIC);
	switch (c->state) {
	case CONN_LINGER:
		if (readable)
			conn_linger_read(cs, c);
		break;
	case CONN_WAITING:
		break;
	default:
		h1_step(cs, c, readable, writable);
	}
	conn_settle(cs, c);
}

void
conn_ready(struct conns *cs, struct conn *c, unsigned events)
{
	bool gone = events & IO_GONE;

	/* it waits for nothing that the client could send or take */
	if (gone && !c->readable && !c->writable) {
		conn_abort(cs, c, CLOSE_RESET);
		return;
	}
	/* The end is behind what is read first, and so is what is behind a
	 * mark. */
	if (events & (IO_ENDED | IO_MARKED | IO_GONE))
		c->unread = true;
	conn_step(cs, c,
	    (events & (IO_READABLE | IO_ENDED | IO_MARKED)) || gone,
	    (events & IO_WRITABLE) || gone);
}

bool
conn_receives(const struct conns *cs, const struct conn *c)
{
	return (c->state == CONN_NEW || c->state == CONN_IDLE) && !cs->paused &&
	    !cs->draining;
}

static void
conns_transfer(struct conns *cs, struct io_call calls[], unsigned n)
{
	unsigned together = cs->io.ops->transfer(&cs->io, calls, n);

	counter_add(&cs->watch->counters.v[COUNTER_TOGETHER], together);
}

void
conns_receive(struct conns *cs, struct conn *const c[], unsigned n)
{
	struct io_call calls[CONNS_TOGETHER];

	CHECK(n <= CONNS_TOGETHER);
	if (n == 0)
		return;
	for (unsigned i = 0; i < n; i++)
		h1_ask(cs, c[i], &calls[i]);
	conns_transfer(cs, calls, n);
	for (unsigned i = 0; i < n; i++)
		h1_receive(cs, c[i], calls[i].result);
	if (cs->heed != NULL)
		cs->heed(cs->owner);
}

/* Send what is made, or tell of it if that was done with others'. */
static void
conn_send_gathered(struct conns *cs, struct conn *c)
{
	if (!c->gathered)
		return;
	c->gathered = false;
	conn_step(cs, c, false, false);
}

/* Send the answers that one call each may send whole, then tell of them.
 * Nothing else is done in between, and those with a request behind them go
 * after: it makes no other answer late, nor changes the date of one that others
 * share before what was sent of it is kept. */
static void
conns_hand_over(struct conns *cs, struct conn *const c[], unsigned n)
{
	struct io_call calls[CONNS_TOGETHER];
	struct conn *to[CONNS_TOGETHER];
	unsigned m = 0;
	int64_t at;

	for (unsigned i = 0; i < n; i++)
		if (c[i]->gathered && h1_offers(c[i], &calls[m]))
			to[m++] = c[i];
	if (m == 0)
		return;
	conns_transfer(cs, calls, m);
	at = cs->io.ops->mono(&cs->io);
	for (unsigned i = 0; i < m; i++)
		h1_handed(cs, to[i], calls[i].result, at);
	for (unsigned i = 0; i < m; i++)
		conn_send_gathered(cs, to[i]);
}

void
conns_answer(struct conns *cs, struct conn *const c[], unsigned n)
{
	cs->gather = true;
	for (unsigned i = 0; i < n; i++)
		if (c[i]->id != 0)
			conn_step(cs, c[i], false, false);
	cs->gather = false;
	if (n > 1)
		conns_hand_over(cs, c, n);
	for (unsigned i = 0; i < n; i++)
		conn_send_gathered(cs, c[i]);
}

void
conn_timeout(struct conns *cs, struct conn *c)
{
	switch (c->state) {
	case CONN_NEW:
		conn_close(cs, c, CLOSE_SILENT_TIMEOUT);
		break;
	case CONN_IDLE:
		conn_close(cs, c, CLOSE_IDLE_TIMEOUT);
		break;
	case CONN_LINGER:
		conn_close(cs, c, CLOSE_LINGER_TIMEOUT);
		break;
	default:
		h1_timeout(cs, c);
	}
	conn_settle(cs, c);
}

void
conn_abort(struct conns *cs, struct conn *c, enum close_reason why)
{
	if (c->work != NULL)
		h1_abort(cs, c, why);
	else
		conn_close(cs, c, why);
}
