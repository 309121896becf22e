#include "net/h1_parts.h"

#include <errno.h>

#include "base/check.h"
#include "net/exchange.h"
#include "net/lab.h"

/* What came of a read. */
enum fill { FILL_SOME, FILL_NONE, FILL_END, FILL_RESET };

void
h1_begin(struct conns *cs, struct conn *c, enum conn_state state)
{
	struct work *w = c->work;

	head_init(&w->head);
	memset(&w->request, 0, sizeof(w->request));
	memset(&w->plan, 0, offsetof(struct plan, trail.r));
	w->plan.ranges = 0;
	w->head_done = false;
	w->out = w->mem;
	w->out_n = w->out_at = w->out_head = 0;
	w->file_left = w->body_sent = 0;
	w->part = 0;
	w->corked = w->forwarded = false;
	w->began = cs->now;
	w->queued_ns = cs->now.mono - cs->woke;
	w->head_ns = w->asked_ns = w->decided_ns = w->first_ns = w->sent = 0;
	w->bytes_in = 0;
	c->requests++;
	conn_enter(cs, c, state);
}

void
h1_skip_empty_line(struct conn *c)
{
	struct work *w = c->work;
	const char *p = h1_message(w);
	uint32_t n = w->in_n - w->in_at;

	if (c->behind == BEHIND_NOTHING || n == 0)
		return;
	c->behind = BEHIND_NOTHING;
	if (p[0] != '\r')
		return;
	if (n == 1) {
		c->behind = BEHIND_CR;
		w->in_at++;
	} else if (p[1] == '\n') {
		w->in_at += 2;
	}
}

/* The CR whose LF is still to come stands before what is read now. */
static void
h1_put_back_cr(struct conn *c)
{
	struct work *w = c->work;

	if (c->behind == BEHIND_CR)
		w->in[w->in_n++] = '\r';
}

static void
h1_move_to_front(struct work *w)
{
	memmove(w->in, w->in + w->in_at, w->in_n - w->in_at);
	w->in_n -= w->in_at;
	w->in_at = 0;
}

/* The call that reads into the buffer, behind what is there. */
static void
h1_call(const struct conns *cs, const struct conn *c, struct io_call *call)
{
	struct work *w = c->work;

	CHECK(w->in_n < cs->in_cap);
	*call = (struct io_call){
		.fd = c->fd, .to = w->in + w->in_n, .n = cs->in_cap - w->in_n
	};
}

/* That call has come to so many bytes, or to -errno. */
static enum fill
h1_filled(struct conns *cs, struct conn *c, ssize_t n)
{
	struct work *w = c->work;

	if (n < 0)
		return n == -EAGAIN ? FILL_NONE : FILL_RESET;
	if (n == 0)
		return FILL_END;
	w->in_n += (uint32_t)n;
	if (w->in_n == cs->in_cap)
		c->unread = true; /* there was no room for more */
	/* Of what was read now only the first byte is known to be older than
	 * this turn of the loop, and that only if it was waited for. */
	w->recheck = true;
	c->bytes_in += (uint64_t)n;
	counter_add(&cs->watch->counters.v[COUNTER_BYTES_IN], (uint64_t)n);
	return FILL_SOME;
}

static enum fill
h1_fill(struct conns *cs, struct conn *c)
{
	struct io_call call;

	if (c->state == CONN_HEAD && c->work->in_at != 0)
		h1_move_to_front(c->work);
	h1_call(cs, c, &call);
	return h1_filled(cs, c, io_transfer(&cs->io, &call));
}

void
h1_cut(struct conns *cs, struct conn *c, enum reason_id why, uint64_t a,
    uint32_t b, enum close_reason close)
{
	plan_not_kept(&c->work->plan);
	trail_why(&c->work->plan.trail, why, a, b);
	exchange_end(cs, c, close);
	conn_close(cs, c, close);
}

static void
h1_refuse_head(struct conns *cs, struct conn *c)
{
	struct http_head *h = &c->work->head;
	const struct head_limits *l = &cs->settings.head;
	uint64_t a = h->error_at;
	uint32_t b = 0;

	switch (h->error) {
	case REASON_VERSION_UNSUPPORTED:
		a = h->major;
		b = h->minor;
		break;
	case REASON_LINE_TOO_LONG:
		a = l->request_line;
		break;
	case REASON_HEADER_TOO_LARGE:
		a = l->header_size;
		break;
	case REASON_TOO_MANY_FIELDS:
		a = l->header_count;
		break;
	default:
		break;
	}
	h1_refuse(cs, c, h->status, (enum reason_id)h->error, a, b);
}

/* How long after a pause what it held has been read. */
#define PAUSE_ECHO (20 * NS_PER_MS)

/* Who had begun before a pause, which ended behind `since` of its time, looks
 * as if it were slow. */
static void
h1_note_pause_within(struct conns *cs, struct work *w, int64_t since)
{
	int64_t from = cs->paused_at;

	if (cs->resumed_at <= w->began.mono + since)
		return;
	if (from < w->began.mono)
		from = w->began.mono;
	trail_add(&w->plan.trail, REASON_PAUSED_WITHIN,
	    (uint64_t)((cs->resumed_at - from) / NS_PER_MS), 0);
}

/* What came first after a pause looks as if it had not waited. */
static void
h1_note_pause(struct conns *cs, struct work *w)
{
	int64_t since = w->began.mono - cs->resumed_at;

	if (cs->resumed_at != 0 && since >= 0 && since < PAUSE_ECHO)
		trail_add(&w->plan.trail, REASON_PAUSED,
		    (uint64_t)((cs->resumed_at - cs->paused_at) / NS_PER_MS),
		    0);
	h1_note_pause_within(cs, w, 0);
}

/* The head is complete: read the content, or answer. */
static void
h1_head_done(struct conns *cs, struct conn *c)
{
	struct work *w = c->work;
	struct http_request *r = &w->request;

	w->head_done = true;
	w->head_ns = w->asked_ns = cs->now.mono - w->began.mono;
	w->bytes_in = w->head.length;
	trail_add(
	    &w->plan.trail, REASON_HEAD_READ, w->head.length, w->head.fields);
	h1_note_pause(cs, w);
	request_read(r, &w->head, h1_message(w), &cs->last_host);
	if (c->proxied != 0 || c->trusted)
		h1_note_client(cs, c);
	if (r->framing == BODY_NONE || !r->framing_sure ||
	    r->expects_continue) {
		h1_decide(cs, c);
		return;
	}
	/* The request points into the buffer: make room for its content now,
	 * so that nothing moves later. */
	if (w->in_at != 0) {
		h1_move_to_front(w);
		request_read(r, &w->head, h1_message(w), &cs->last_host);
	}
	body_init(
	    &w->body, r->framing, r->content_length, cs->settings.discard_body);
	conn_enter(cs, c, CONN_BODY);
}

static enum step
h1_parse_head(struct conns *cs, struct conn *c)
{
	struct work *w = c->work;

	switch (head_parse(&w->head, &cs->settings.head, &cs->kept_lines,
	    h1_message(w), w->in_n - w->in_at)) {
	case HEAD_MORE:
		conn_watch(cs, c, true, false);
		if (!c->unsettled)
			conn_publish(cs, c);
		return STEP_WAIT;
	case HEAD_BAD:
		h1_refuse_head(cs, c);
		break;
	case HEAD_DONE:
		h1_head_done(cs, c);
		break;
	}
	return STEP_AGAIN;
}

void
h1_ask(struct conns *cs, struct conn *c, struct io_call *call)
{
	conn_work_attach(cs, c);
	h1_put_back_cr(c);
	h1_call(cs, c, call);
}

/* The first bytes of a message, or the end. */
static enum step
h1_received(struct conns *cs, struct conn *c, ssize_t n)
{
	enum fill got = h1_filled(cs, c, n);

	h1_skip_empty_line(c);
	/* The request's first byte is not what this turn was waited for: it may
	 * be younger than files_refresh. */
	if (cs->draining || c->work->in_at != 0)
		cs->files_stale = true;
	if (c->work->in_n > c->work->in_at) {
		h1_begin(cs, c, c->proxy_due ? CONN_PROXY : CONN_HEAD);
		return STEP_AGAIN;
	}
	conn_work_release(cs, c);
	if (got == FILL_END)
		conn_close(
		    cs, c, c->requests ? CLOSE_CLIENT : CLOSE_CLIENT_SILENT);
	else if (got == FILL_RESET)
		conn_close(cs, c, CLOSE_RESET);
	return STEP_WAIT;
}

static enum step
h1_read_first(struct conns *cs, struct conn *c)
{
	struct io_call call;

	h1_ask(cs, c, &call);
	return h1_received(cs, c, io_transfer(&cs->io, &call));
}

enum step
h1_read_more(struct conns *cs, struct conn *c, bool *readable,
    const struct h1_more *more)
{
	enum fill got;

	conn_watch(cs, c, true, false);
	if (!*readable)
		return STEP_WAIT;
	*readable = false;
	got = h1_fill(cs, c);
	if (got == FILL_SOME)
		return STEP_AGAIN;
	if (got != FILL_NONE)
		h1_cut(cs, c, more->cut, more->bytes, 0,
		    got == FILL_END ? more->end : CLOSE_RESET);
	return STEP_WAIT;
}

/* HEAD: what is in the buffer already comes first. */
static enum step
h1_read_head(struct conns *cs, struct conn *c, bool *readable)
{
	struct work *w = c->work;

	if (w->in_n - w->in_at > w->head.scanned)
		return h1_parse_head(cs, c);
	return h1_read_more(cs, c, readable,
	    &(struct h1_more){
		REASON_CUT_HEAD, CLOSE_CLIENT_IN_HEAD, w->in_n - w->in_at });
}

/* Give the content that is in the buffer to the reader and drop it. */
static enum body_result
h1_drop_body(struct work *w)
{
	uint32_t begin = w->in_at + w->head.length;
	size_t used = 0;
	enum body_result r =
	    body_read(&w->body, w->in + begin, w->in_n - begin, &used);

	memmove(w->in + begin, w->in + begin + used, w->in_n - begin - used);
	w->in_n -= (uint32_t)used;
	w->bytes_in += used;
	return r;
}

static enum step
h1_read_body(struct conns *cs, struct conn *c, bool *readable)
{
	struct work *w = c->work;

	w->asked_ns = cs->now.mono - w->began.mono;
	switch (h1_drop_body(w)) {
	case BODY_COMPLETE:
		trail_add(
		    &w->plan.trail, REASON_BODY_DISCARDED, w->body.content, 0);
		h1_note_pause_within(cs, w, w->head_ns);
		h1_decide(cs, c);
		return STEP_AGAIN;
	case BODY_BAD:
		h1_refuse(cs, c, 400, REASON_CHUNK_BAD, w->body.seen, 0);
		return STEP_AGAIN;
	case BODY_OVER:
		h1_refuse(cs, c, 413, REASON_BODY_TOO_LARGE,
		    cs->settings.discard_body, 0);
		return STEP_AGAIN;
	case BODY_MORE:
		break;
	}
	return h1_read_more(cs, c, readable,
	    &(struct h1_more){
		REASON_CUT_BODY, CLOSE_CLIENT_IN_BODY, w->body.seen });
}

/* One turn of a connection, which does not wait. */
static enum step
h1_turn(struct conns *cs, struct conn *c, bool *readable)
{
	enum step next = STEP_WAIT;

	switch (c->state) {
	case CONN_NEW:
	case CONN_IDLE:
		if (*readable || cs->draining)
			next = h1_read_first(cs, c);
		*readable = false;
		if (cs->draining && c->id != 0 &&
		    (c->state == CONN_NEW || c->state == CONN_IDLE))
			conn_close(cs, c, CLOSE_DRAIN);
		return next;
	case CONN_PROXY:
		return h1_read_proxy(cs, c, readable);
	case CONN_HEAD:
		return h1_read_head(cs, c, readable);
	case CONN_BODY:
		return h1_read_body(cs, c, readable);
	case CONN_SENDING:
		return h1_send(cs, c);
	default:
		return STEP_WAIT; /* closed, lingering, or waiting */
	}
}

void
h1_receive(struct conns *cs, struct conn *c, ssize_t result)
{
	(void)h1_received(cs, c, result);
}

void
h1_step(struct conns *cs, struct conn *c, bool readable, bool writable)
{
	enum step next = STEP_AGAIN;

	if (c->state == CONN_SENDING && writable)
		conn_progress(cs, c);
	/* A request takes two turns of this loop: reading, sending; one that
	 * nothing was read of before takes one more. */
	for (int i = 0; i < LIMIT_REQUESTS_PER_TURN * 2 + 1; i++) {
		if (conn_hold(cs, c))
			next = STEP_WAIT;
		else
			next = h1_turn(cs, c, &readable);
		if (next == STEP_WAIT || c->id == 0)
			break;
		if (cs->gather && c->state == CONN_SENDING) {
			c->gathered = true;
			return;
		}
	}
	if (c->id == 0)
		return;
	/* What was to follow does not, or not yet. */
	if (c->unpushed) {
		cs->io.ops->push(&cs->io, c->fd);
		c->unpushed = false;
	}
	if (next == STEP_AGAIN) /* others' turn; be woken at once */
		conn_watch(cs, c, true, true);
	else if (c->state == CONN_SENDING && !c->unsettled)
		conn_publish(cs, c);
}

static uint32_t
h1_timeout_ms(const struct conns *cs, const struct conn *c)
{
	enum deadline_class class = conn_state_rows[c->state].deadline;

	return (uint32_t)(cs->settings.timeout[class] / NS_PER_MS);
}

void
h1_timeout(struct conns *cs, struct conn *c)
{
	struct work *w = c->work;
	uint32_t ms = h1_timeout_ms(cs, c);

	switch (c->state) {
	case CONN_PROXY:
		h1_cut(cs, c, REASON_PROXY_TIMEOUT, w->in_n - w->in_at, ms,
		    CLOSE_HEAD_TIMEOUT);
		return;
	case CONN_HEAD:
		c->closing = CLOSE_HEAD_TIMEOUT;
		h1_refuse(
		    cs, c, 408, REASON_HEAD_TIMEOUT, w->in_n - w->in_at, ms);
		break;
	case CONN_BODY:
		c->closing = CLOSE_BODY_TIMEOUT;
		w->asked_ns = cs->now.mono - w->began.mono;
		h1_refuse(cs, c, 408, REASON_BODY_TIMEOUT, w->body.seen, ms);
		break;
	case CONN_WAITING:
		if (c->waits == WAIT_LAB)
			lab_timeout(cs, c);
		else
			h1_refuse(cs, c, 503, REASON_JOBS_LATE, ms, 0);
		break;
	case CONN_SENDING:
		if (!conn_stalled(cs, c))
			return;
		h1_cut(cs, c, REASON_SEND_STALLED, exchange_left(w), ms,
		    CLOSE_WRITE_TIMEOUT);
		return;
	default:
		check_failed(__FILE__, __LINE__, "no deadline here");
	}
	h1_step(cs, c, false, false);
}

/* Why an exchange is cut, by why its connection is. */
static enum reason_id
h1_abort_reason(enum close_reason why)
{
	switch (why) {
	case CLOSE_OPERATOR:
		return REASON_CLOSED_BY_HAND;
	case CLOSE_ENDED_NOW:
		return REASON_ENDED_NOW;
	case CLOSE_RESET:
		return REASON_CUT_WAITING;
	default:
		return REASON_SEND_STOPPED;
	}
}

void
h1_abort(struct conns *cs, struct conn *c, enum close_reason why)
{
	struct work *w = c->work;

	if (c->state == CONN_WAITING && c->waits == WAIT_LAB)
		lab_forget(cs, c);
	plan_not_kept(&w->plan);
	trail_why(&w->plan.trail, h1_abort_reason(why), exchange_left(w), 0);
	exchange_end(cs, c, why);
	conn_close(cs, c, why);
}
