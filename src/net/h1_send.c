#include <errno.h>

#include "http/response.h"
#include "net/exchange.h"
#include "net/h1_parts.h"

/* Which end of the connection a plan's last reason asks for. */
static enum close_reason
h1_close_reason(const struct conn *c)
{
	static const struct {
		enum reason_id reason;
		enum close_reason close;
	} rows[] = {
		{ REASON_CLOSE_ASKED, CLOSE_ASKED },
		{ REASON_CLOSE_10, CLOSE_HTTP10 },
		{ REASON_CLOSE_LIMIT, CLOSE_REQUEST_LIMIT },
		{ REASON_CLOSE_DRAIN, CLOSE_DRAIN },
		{ REASON_CLOSE_CONTENT, CLOSE_CONTENT },
	};
	const struct trail *t = &c->work->plan.trail;

	if (c->work->plan.keep)
		return CLOSE_NONE;
	if (c->closing != CLOSE_NONE)
		return (enum close_reason)c->closing;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (t->r[t->n - 1].id == rows[i].reason)
			return rows[i].close;
	return CLOSE_REFUSED;
}

/* Closing a socket with unread bytes, or to which bytes still come, resets it,
 * and the answer may be lost with what the kernel has yet to send (RFC 9112
 * 9.6).  A client that asked for the close and has a small answer is closed at
 * once, unless it sent more: the last read took all that there was. */
static bool
h1_may_lose_answer(const struct conn *c, enum close_reason close)
{
	const struct work *w = c->work;

	return (close != CLOSE_ASKED && close != CLOSE_HTTP10) ||
	    w->in_at < w->in_n || !w->request.framing_sure ||
	    w->plan.length > LIMIT_RESPONSE_BUFFER;
}

/* The answer is with the kernel: what next? */
static enum step
h1_sent(struct conns *cs, struct conn *c)
{
	struct work *w = c->work;
	enum close_reason close = h1_close_reason(c);

	if (w->corked)
		cs->io.ops->cork(&cs->io, c->fd, false);
	exchange_end(cs, c, close);
	if (w->head_done)
		w->in_at += w->head.length;
	c->behind = BEHIND_MESSAGE;
	h1_skip_empty_line(c);
	conn_work_clear(cs, w);
	if (close == CLOSE_NONE && w->in_at < w->in_n) {
		cs->files_stale = cs->files_stale || w->recheck;
		w->recheck = false;
		h1_begin(cs, c, CONN_HEAD);
		return STEP_AGAIN;
	}
	if (close == CLOSE_NONE) {
		conn_work_release(cs, c);
		conn_enter(cs, c, CONN_IDLE);
		conn_watch(cs, c, true, false);
		/* Draining: one more read, for what was sent before. */
		return cs->draining ? STEP_AGAIN : STEP_WAIT;
	}

	if (h1_may_lose_answer(c, close))
		conn_linger(cs, c, close);
	else
		conn_close(cs, c, close);
	return STEP_WAIT;
}

static enum step
h1_send_failed(struct conns *cs, struct conn *c, int error)
{
	h1_cut(cs, c, REASON_SEND_FAILED, exchange_left(c->work),
	    (uint32_t)error, CLOSE_CLIENT_IN_RESPONSE);
	return STEP_WAIT;
}

/* An image gets another date, while the client is waited for; what was sent
 * is still to be told (exchange_end). */
static void
h1_own_bytes(struct work *w)
{
	if (w->out == w->mem)
		return;
	memcpy(w->mem, w->out, w->out_n);
	w->out = w->mem;
}

/* The kernel takes no more for now. */
static enum step
h1_send_later(struct conns *cs, struct conn *c)
{
	h1_own_bytes(c->work);
	c->work->sent = 0;
	conn_watch(cs, c, false, true);
	return STEP_WAIT;
}

/* `n` bytes went to the kernel, `body` of them content; at that time (ns,
 * monotonic), 0 for now. */
static void
h1_count_out(
    struct conns *cs, struct conn *c, size_t n, size_t body, int64_t at)
{
	struct work *w = c->work;

	if (w->first_ns == 0) {
		w->sent = at != 0 ? at : cs->io.ops->mono(&cs->io);
		w->first_ns = w->sent - w->began.mono;
	} else {
		w->sent = 0;
	}
	w->body_sent += body;
	c->bytes_out += n;
	counter_add(&cs->watch->counters.v[COUNTER_BYTES_OUT], n);
}

/* Whether an errno of sendfile(2) is about the socket, not the file. */
static bool
h1_error_is_client(int error)
{
	return error == EPIPE || error == ECONNRESET || error == ECONNABORTED ||
	    error == ENOTCONN || error == ETIMEDOUT || error == EHOSTUNREACH ||
	    error == ENETUNREACH || error == EHOSTDOWN || error == ENETDOWN;
}

/* Whether what is sent is a listing that is still being written: then the end
 * of its file is not its end. */
static bool
h1_listing_grows(const struct work *w)
{
	const struct listing *l = w->listing;

	return l != NULL && atomic_load(&l->state) != LISTING_FAILED &&
	    w->file_at < l->size;
}

/* The next result of its job goes on with it: nothing is lost if more has come
 * since the last look. */
static void
h1_wait_for_more(struct conns *cs, struct conn *c)
{
	c->work->sent = 0;
	conn_watch(cs, c, false, false);
}

/* Send from the open file; *more is false when it is all with the kernel. */
static enum step
h1_send_file(struct conns *cs, struct conn *c, bool *more)
{
	struct work *w = c->work;
	uint64_t budget = LIMIT_SEND_PER_TURN;

	*more = true;
	while (w->file_left > 0 && budget > 0) {
		size_t n = w->file_left < budget ? w->file_left : budget;
		ssize_t sent = cs->io.ops->sendfile(
		    &cs->io, c->fd, w->content_fd, w->file_at, n);

		if (sent < 0 && errno == EAGAIN)
			return h1_send_later(cs, c);
		if (sent < 0 && h1_error_is_client(errno))
			return h1_send_failed(cs, c, errno);
		if (sent < 0) {
			h1_cut(cs, c, REASON_FILE_ERROR, (uint64_t)errno, 0,
			    CLOSE_IO_ERROR);
			return STEP_WAIT;
		}
		if (sent == 0 && h1_listing_grows(w)) {
			h1_wait_for_more(cs, c);
			return STEP_WAIT;
		}
		if (sent == 0) {
			h1_cut(cs, c, REASON_SEND_TRUNCATED, w->file_left, 0,
			    CLOSE_TRUNCATED);
			return STEP_WAIT;
		}
		h1_count_out(cs, c, (size_t)sent, (size_t)sent, 0);
		c->unpushed = false;
		w->file_at += (uint64_t)sent;
		w->file_left -= (uint64_t)sent;
		budget -= (uint64_t)sent;
		/* Less than asked for: the kernel's buffer is full, or the
		 * file is shorter, which the next call will tell. */
		if ((size_t)sent < n)
			break;
	}
	*more = w->file_left > 0;
	return *more ? h1_send_later(cs, c) : STEP_AGAIN;
}

/* Whether another request is in the buffer already: its answer follows at once,
 * and the kernel need not send this one alone. */
static bool
h1_more_follows(const struct work *w)
{
	return w->plan.keep && w->head_done &&
	    w->in_at + w->head.length + 2 < w->in_n;
}

/* Whether a multipart answer has parts, or its end, still to be put. */
static bool
h1_parts_follow(const struct work *w)
{
	return w->plan.ranges > 1 && w->part <= w->plan.ranges;
}

/* The call that sends what is in the buffer. */
static void
h1_rest(const struct conn *c, struct io_call *call)
{
	struct work *w = c->work;

	*call = (struct io_call){
		.fd = c->fd,
		.send = true,
		.more = w->file_left > 0 || h1_parts_follow(w) ||
		    h1_more_follows(w),
		.from = w->out + w->out_at,
		.n = w->out_n - w->out_at,
	};
}

bool
h1_offers(const struct conn *c, struct io_call *call)
{
	h1_rest(c, call);
	return call->n > 0 && !call->more;
}

/* The kernel took `n` bytes of what is in the buffer, at that time (as
 * h1_count_out has it). */
static void
h1_took(struct conns *cs, struct conn *c, size_t n, int64_t at)
{
	struct work *w = c->work;
	size_t head = w->out_at < w->out_head ? w->out_head - w->out_at : 0;

	h1_count_out(cs, c, n, n > head ? n - head : 0, at);
	w->out_at += (uint32_t)n;
}

void
h1_handed(struct conns *cs, struct conn *c, ssize_t result, int64_t at)
{
	if (result > 0) {
		h1_took(cs, c, (size_t)result, at);
		c->unpushed = false;
	} else if (result != -EAGAIN) {
		(void)h1_send_failed(cs, c, (int)-result);
	}
}

/* Send what is in the buffer; *more is false when it is all with the kernel. */
static enum step
h1_send_buffer(struct conns *cs, struct conn *c, bool *more)
{
	struct work *w = c->work;

	*more = true;
	while (w->out_at < w->out_n) {
		struct io_call call;
		ssize_t n;

		h1_rest(c, &call);
		n = io_transfer(&cs->io, &call);
		if (n == -EAGAIN)
			return h1_send_later(cs, c);
		if (n < 0)
			return h1_send_failed(cs, c, (int)-n);
		h1_took(cs, c, (size_t)n, 0);
		c->unpushed = call.more;
	}
	*more = false;
	return STEP_AGAIN;
}

void
h1_put_parts(struct conns *cs, struct work *w, struct buf *out)
{
	struct response_facts f = { .plan = &w->plan,
		.rules = &w->site->rules,
		.file = &w->entry->file.facts };

	while (w->file_left == 0 && h1_parts_follow(w) &&
	    out->cap - out->n >= RESPONSE_PART) {
		unsigned i = w->part++;

		response_put_part(out, &f, i);
		if (i == w->plan.ranges)
			break;
		w->file_at = w->plan.range[i].first;
		w->file_left = w->plan.range[i].last - w->file_at + 1;
		h1_put_content(cs, w, out);
	}
}

/* Put the next parts of a multipart answer behind the head, which the event
 * still wants; false when there are none. */
static bool
h1_next_parts(struct conns *cs, struct work *w)
{
	struct buf b =
	    buf_over(w->mem + w->out_head, sizeof(w->mem) - w->out_head);

	if (!h1_parts_follow(w))
		return false;
	h1_put_parts(cs, w, &b);
	w->out_at = w->out_head;
	w->out_n = w->out_head + (uint32_t)b.n;
	return true;
}

enum step
h1_send(struct conns *cs, struct conn *c)
{
	struct work *w = c->work;
	bool more;

	if (h1_parts_follow(w) && !w->corked) {
		w->corked = true;
		cs->io.ops->cork(&cs->io, c->fd, true);
	}
	do {
		enum step s = h1_send_buffer(cs, c, &more);

		if (!more)
			s = h1_send_file(cs, c, &more);
		if (more)
			return s;
	} while (h1_next_parts(cs, w));
	return h1_sent(cs, c);
}
