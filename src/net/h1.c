#include "net/h1.h"

#include <errno.h>

#include "base/check.h"
#include "http/response.h"
#include "net/exchange.h"
#include "net/lab.h"
#include "site/resolve.h"

/* Whether the same turn goes on with the connection. */
enum step { STEP_AGAIN, STEP_WAIT };

/* What came of a read. */
enum fill { FILL_SOME, FILL_NONE, FILL_END, FILL_RESET };

static const char *
h1_message(const struct work *w)
{
	return w->in + w->in_at;
}

/* A message begins with the bytes that are in the buffer. */
static void
h1_begin(struct conns *cs, struct conn *c)
{
	struct work *w = c->work;

	head_init(&w->head);
	memset(&w->request, 0, sizeof(w->request));
	memset(&w->plan, 0, offsetof(struct plan, trail.r));
	w->plan.ranges = 0;
	w->head_done = false;
	w->out_n = w->out_at = w->out_head = 0;
	w->file_left = w->body_sent = 0;
	w->part = 0;
	w->began = cs->now;
	w->head_ns = w->decided_ns = w->first_ns = 0;
	w->bytes_in = 0;
	c->requests++;
	conn_enter(cs, c, CONN_HEAD);
}

/* An empty line after a message, as old clients send it behind content, is no
 * request begun (RFC 9112 2.2). */
static void
h1_skip_empty_line(struct work *w)
{
	if (w->in_n - w->in_at >= 2 && memcmp(h1_message(w), "\r\n", 2) == 0)
		w->in_at += 2;
}

static void
h1_move_to_front(struct work *w)
{
	memmove(w->in, w->in + w->in_at, w->in_n - w->in_at);
	w->in_n -= w->in_at;
	w->in_at = 0;
}

/* Read once into the buffer, behind what is there. */
static enum fill
h1_fill(struct conns *cs, struct conn *c)
{
	struct work *w = c->work;
	ssize_t n;

	if (c->state == CONN_HEAD && w->in_at != 0)
		h1_move_to_front(w);
	CHECK(w->in_n < cs->in_cap);
	n = cs->io.ops->recv(
	    &cs->io, c->fd, w->in + w->in_n, cs->in_cap - w->in_n);
	if (n < 0)
		return errno == EAGAIN ? FILL_NONE : FILL_RESET;
	if (n == 0)
		return FILL_END;
	w->in_n += (uint32_t)n;
	c->bytes_in += (uint64_t)n;
	counter_add(&cs->watch->counters.v[COUNTER_BYTES_IN], (uint64_t)n);
	return FILL_SOME;
}

/* The exchange ends without, or within, its answer. */
static void
h1_cut(struct conns *cs, struct conn *c, enum reason_id why, uint64_t a,
    uint32_t b, enum close_reason close)
{
	trail_why(&c->work->plan.trail, why, a, b);
	exchange_end(cs, c, close);
	conn_close(cs, c, close);
}

/* ---- sending ---- */

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
 * once, unless it sent more. */
static bool
h1_may_lose_answer(struct conns *cs, struct conn *c, enum close_reason close)
{
	const struct work *w = c->work;

	if ((close != CLOSE_ASKED && close != CLOSE_HTTP10) ||
	    w->in_at < w->in_n || !w->request.framing_sure ||
	    w->plan.length > LIMIT_RESPONSE_BUFFER)
		return true;
	return conn_drop_input(cs, c) > 0;
}

/* The answer is with the kernel: what next? */
static enum step
h1_sent(struct conns *cs, struct conn *c)
{
	struct work *w = c->work;
	enum close_reason close = h1_close_reason(c);

	exchange_end(cs, c, close);
	if (w->head_done)
		w->in_at += w->head.length;
	h1_skip_empty_line(w);
	conn_work_clear(cs, w);
	if (close == CLOSE_NONE && w->in_at < w->in_n) {
		h1_begin(cs, c);
		return STEP_AGAIN;
	}
	if (close == CLOSE_NONE) {
		conn_work_release(cs, c);
		conn_enter(cs, c, CONN_IDLE);
		conn_watch(cs, c, true, false);
		/* Draining: one more read, for what was sent before. */
		return cs->draining ? STEP_AGAIN : STEP_WAIT;
	}

	if (h1_may_lose_answer(cs, c, close))
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

/* The kernel takes no more for now. */
static enum step
h1_send_later(struct conns *cs, struct conn *c)
{
	conn_watch(cs, c, false, true);
	return STEP_WAIT;
}

/* `n` bytes went to the kernel, `body` of them content. */
static void
h1_count_out(struct conns *cs, struct conn *c, size_t n, size_t body)
{
	struct work *w = c->work;

	if (w->first_ns == 0)
		w->first_ns = cs->io.ops->now(&cs->io).mono - w->began.mono;
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
		    &cs->io, c->fd, w->file, w->file_at, n);

		if (sent < 0 && errno == EAGAIN)
			return h1_send_later(cs, c);
		if (sent < 0 && h1_error_is_client(errno))
			return h1_send_failed(cs, c, errno);
		if (sent < 0) {
			h1_cut(cs, c, REASON_FILE_ERROR, (uint64_t)errno, 0,
			    CLOSE_IO_ERROR);
			return STEP_WAIT;
		}
		if (sent == 0) {
			h1_cut(cs, c, REASON_SEND_TRUNCATED, w->file_left, 0,
			    CLOSE_TRUNCATED);
			return STEP_WAIT;
		}
		h1_count_out(cs, c, (size_t)sent, (size_t)sent);
		w->file_at += (uint64_t)sent;
		w->file_left -= (uint64_t)sent;
		budget -= (uint64_t)sent;
	}
	*more = w->file_left > 0;
	return *more ? h1_send_later(cs, c) : STEP_AGAIN;
}

/* Send what is in the buffer; *more is false when it is all with the kernel. */
static enum step
h1_send_buffer(struct conns *cs, struct conn *c, bool *more)
{
	struct work *w = c->work;

	*more = true;
	while (w->out_at < w->out_n) {
		uint32_t head =
		    w->out_at < w->out_head ? w->out_head - w->out_at : 0;
		ssize_t n = cs->io.ops->send(&cs->io, c->fd, w->out + w->out_at,
		    w->out_n - w->out_at, w->file_left > 0);

		if (n < 0 && errno == EAGAIN)
			return h1_send_later(cs, c);
		if (n < 0)
			return h1_send_failed(cs, c, errno);
		h1_count_out(
		    cs, c, (size_t)n, (size_t)n > head ? (size_t)n - head : 0);
		w->out_at += (uint32_t)n;
	}
	*more = false;
	return STEP_AGAIN;
}

/* Put the next part of a multipart answer behind the head, which the event
 * still wants; false when there is none. */
static bool
h1_next_part(struct work *w)
{
	struct buf b =
	    buf_over(w->out + w->out_head, sizeof(w->out) - w->out_head);
	struct response_facts f = { .plan = &w->plan, .file = &w->facts };
	unsigned i = w->part;

	if (w->plan.ranges < 2 || i > w->plan.ranges)
		return false;
	f.rules = &w->site->rules;
	response_put_part(&b, &f, i);
	w->out_at = w->out_head;
	w->out_n = w->out_head + (uint32_t)b.n;
	w->part++;
	if (i < w->plan.ranges) {
		w->file_at = w->plan.range[i].first;
		w->file_left = w->plan.range[i].last - w->file_at + 1;
	}
	return true;
}

static enum step
h1_send(struct conns *cs, struct conn *c)
{
	bool more;

	do {
		enum step s = h1_send_buffer(cs, c, &more);

		if (!more)
			s = h1_send_file(cs, c, &more);
		if (more)
			return s;
	} while (h1_next_part(c->work));
	return h1_sent(cs, c);
}

/* ---- deciding ---- */

/* The content: a page, the beginning of a small file, or a file to come. */
static void
h1_put_content(
    struct conns *cs, struct conn *c, struct buf *out, struct span page)
{
	struct work *w = c->work;
	const struct plan *p = &w->plan;
	ssize_t n;

	if (p->head)
		return;
	if (p->source == BODY_SOURCE_PAGE || p->source == BODY_SOURCE_GIVEN)
		buf_put(out, page);
	if (p->source != BODY_SOURCE_FILE || p->ranges > 1)
		return; /* h1_next_part goes on with the parts */
	w->file_at = p->offset;
	w->file_left = p->length;
	if (p->length == 0 || p->length > out->cap - out->n)
		return;
	/* One system call sends head and content together.  Less than was
	 * announced: sendfile then finds the end of the file. */
	n = cs->io.ops->pread(
	    &cs->io, w->file, out->p + out->n, (size_t)p->length, p->offset);
	if (n > 0) {
		out->n += (size_t)n;
		w->file_at += (uint64_t)n;
		w->file_left -= (uint64_t)n;
	}
}

/* Write the answer that was planned and begin to send it.  `given`: content
 * of BODY_SOURCE_GIVEN. */
static void
h1_respond(struct conns *cs, struct conn *c, const struct target_path *path,
    const struct file_facts *file, struct span given)
{
	struct work *w = c->work;
	const struct http_request *r = w->head_done ? &w->request : NULL;
	struct buf out = buf_over(w->out, sizeof(w->out));
	struct buf page = buf_over(cs->scratch, sizeof(cs->scratch) / 2);
	struct plan_turn turn = {
		.number = c->requests,
		.limit = cs->settings.requests_per_connection,
		.draining = cs->draining,
	};
	struct response_facts f = {
		.plan = &w->plan,
		.rules = &cs->site->rules,
		.request = r,
		.path = path,
		.file = file,
		.given_type = "application/json",
		.now = cs->now.wall / NS_PER_S,
		.keep_alive_timeout =
		    (unsigned)(cs->settings.timeout[conns_keepalive(cs)] /
			NS_PER_S),
	};

	plan_finish(&w->plan, r, &turn);
	if (w->plan.source == BODY_SOURCE_PAGE) {
		response_put_page(&page, &f);
		given = buf_span(&page);
	}
	if (w->plan.source != BODY_SOURCE_FILE)
		w->plan.length = given.n;
	else if (w->plan.ranges > 1)
		w->plan.length = response_multipart_length(&f);
	response_put_head(&out, &f);
	w->out_head = (uint32_t)out.n;
	h1_put_content(cs, c, &out, given);
	CHECK(!out.full);
	w->out_n = (uint32_t)out.n;
	w->decided_ns = cs->io.ops->now(&cs->io).mono - w->began.mono;
	conn_enter(cs, c, CONN_SENDING);
}

/* A request that is refused with what was read of it. */
static void
h1_refuse(struct conns *cs, struct conn *c, uint16_t status, enum reason_id why,
    uint64_t a, uint32_t b)
{
	struct plan *p = &c->work->plan;

	plan_refusal(p, status, why, a, b, false);
	if (!c->work->head_done)
		c->work->head_ns = cs->now.mono - c->work->began.mono;
	/* The method may have been understood before the fault. */
	p->head = c->work->head.method_id == METHOD_HEAD;
	h1_respond(cs, c, NULL, NULL, span_of(NULL, 0));
}

/* The target, decoded, or a refusal with the place in the head. */
static bool
h1_decode_target(struct work *w, struct target_path *path)
{
	struct http_request *r = &w->request;
	size_t at;
	enum reason_id why = target_decode(r->path, path, &at);

	if (why == REASON_NONE)
		return true;
	r->status = why == REASON_PATH_LONG ? 414 : 400;
	r->error = (uint16_t)why;
	if (why == REASON_PATH_LONG) {
		r->error_at = w->head.target.at;
	} else {
		at += (size_t)(r->path.p - h1_message(w));
		r->error_at = (uint32_t)at;
	}
	plan_refusal(&w->plan, r->status, why, at, 0, true);
	path->n = 0;
	return false;
}

/* A folder without index: have its listing made.  False when it is not to be,
 * or cannot. */
static bool
h1_start_listing(struct conns *cs, struct conn *c,
    const struct target_path *path, const struct file_facts *facts)
{
	struct http_request *r = &c->work->request;
	struct job job = { .to = cs->jobs_to,
		.slot = c->slot,
		.generation = c->generation,
		.path = *path };

	if (facts->reason != REASON_FOLDER_NO_INDEX || !cs->site->o.listing ||
	    cs->jobs == NULL)
		return false;
	listing_query(&job.request, r->query);
	job.request.format = plan_wants_json(r) ? LISTING_JSON : LISTING_HTML;
	job.site = site_ref(cs->site);
	if (cs->jobs_out == JOBS_QUEUE || !jobs_post(cs->jobs, &job)) {
		site_unref(job.site);
		plan_refusal(
		    &c->work->plan, 503, REASON_OVERLOADED, 0, 0, true);
		h1_respond(cs, c, path, NULL, span_of(NULL, 0));
		return true;
	}
	cs->jobs_out++;
	c->listing = true;
	conn_enter(cs, c, CONN_WAITING);
	conn_watch(cs, c, false, false);
	return true;
}

/* The whole request is here: decide and answer. */
static void
h1_decide(struct conns *cs, struct conn *c)
{
	struct work *w = c->work;
	struct http_request *r = &w->request;
	struct target_path path = { .n = 0 };
	struct site_file file = { .fd = -1 };

	if (!plan_request(&w->plan, r, &cs->site->rules)) {
		if (cs->settings.lab && lab_takes(r->path)) {
			lab_start(cs, c);
			return;
		}
		if (h1_decode_target(w, &path)) {
			site_resolve(cs->site, &path, &file);
			if (h1_start_listing(cs, c, &path, &file.facts))
				return;
			plan_file(&w->plan, r, &file.facts, &cs->site->rules,
			    cs->now.wall / NS_PER_S);
		}
	}
	if (w->plan.source == BODY_SOURCE_FILE && !w->plan.head)
		w->file = file.fd;
	else if (file.fd >= 0)
		cs->io.ops->close_file(&cs->io, file.fd);
	w->facts = file.facts;
	/* Between the parts the site may change; these keep theirs. */
	if (w->plan.ranges > 1)
		w->site = site_ref(cs->site);
	w->plan.boundary = ((uint64_t)cs->now.wall ^ c->id << 40) + c->requests;
	h1_respond(cs, c, &path, &w->facts, span_of(NULL, 0));
}

void
h1_answer_listing(
    struct conns *cs, struct conn *c, const struct listing *listing)
{
	struct work *w = c->work;
	bool json = plan_wants_json(&w->request);

	c->listing = false;
	w->facts = (struct file_facts){
		.kind = FILE_KIND_NONE,
		.reason = listing->reason,
		.reason_a = listing->reason_a,
		.size = listing->size,
		.type = json ? "application/json" : "text/html",
		.charset = !json,
	};
	if (listing->fd < 0) {
		plan_file(&w->plan, &w->request, &w->facts, &cs->site->rules,
		    cs->now.wall / NS_PER_S);
	} else {
		w->plan.keep = w->request.framing_sure;
		w->plan.head = w->request.method == METHOD_HEAD;
		plan_listing(&w->plan, listing->size, listing->entries);
		w->file = listing->fd;
		w->listing = listing->size;
	}
	h1_respond(cs, c, NULL, &w->facts, span_of(NULL, 0));
}

void
h1_answer_given(struct conns *cs, struct conn *c, uint16_t status,
    enum reason_id why, struct span body)
{
	struct plan *p = &c->work->plan;

	trail_why(&p->trail, why, LAB_PLACES, 0);
	p->status = status;
	p->source = BODY_SOURCE_GIVEN;
	p->content_length = true;
	p->keep = c->work->request.framing_sure;
	h1_respond(cs, c, NULL, NULL, body);
}

/* ---- reading ---- */

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

/* The head is complete: read the content, or answer. */
static void
h1_head_done(struct conns *cs, struct conn *c)
{
	struct work *w = c->work;
	struct http_request *r = &w->request;

	w->head_done = true;
	w->head_ns = cs->now.mono - w->began.mono;
	w->bytes_in = w->head.length;
	trail_add(
	    &w->plan.trail, REASON_HEAD_READ, w->head.length, w->head.fields);
	request_read(r, &w->head, h1_message(w));
	if (r->framing == BODY_NONE || !r->framing_sure ||
	    r->expects_continue) {
		h1_decide(cs, c);
		return;
	}
	/* The request points into the buffer: make room for its content now,
	 * so that nothing moves later. */
	if (w->in_at != 0) {
		h1_move_to_front(w);
		request_read(r, &w->head, h1_message(w));
	}
	body_init(
	    &w->body, r->framing, r->content_length, cs->settings.discard_body);
	conn_enter(cs, c, CONN_BODY);
}

static enum step
h1_parse_head(struct conns *cs, struct conn *c)
{
	struct work *w = c->work;

	switch (head_parse(
	    &w->head, &cs->settings.head, h1_message(w), w->in_n - w->in_at)) {
	case HEAD_MORE:
		conn_watch(cs, c, true, false);
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

/* NEW or IDLE: the first bytes of a message, or the end. */
static enum step
h1_read_first(struct conns *cs, struct conn *c)
{
	enum fill got;

	conn_work_attach(cs, c);
	got = h1_fill(cs, c);
	if (got == FILL_SOME && c->requests > 0)
		h1_skip_empty_line(c->work);
	if (c->work->in_n > c->work->in_at) {
		h1_begin(cs, c);
		return h1_parse_head(cs, c);
	}
	conn_work_release(cs, c);
	if (got == FILL_END)
		conn_close(
		    cs, c, c->requests ? CLOSE_CLIENT : CLOSE_CLIENT_SILENT);
	else if (got == FILL_RESET)
		conn_close(cs, c, CLOSE_RESET);
	return STEP_WAIT;
}

/* HEAD: more of it; what is in the buffer already comes first. */
static enum step
h1_read_head(struct conns *cs, struct conn *c, bool *readable)
{
	struct work *w = c->work;
	enum fill got;

	if (w->in_n - w->in_at > w->head.scanned)
		return h1_parse_head(cs, c);
	if (!*readable)
		return STEP_WAIT;
	*readable = false;
	got = h1_fill(cs, c);
	if (got == FILL_SOME)
		return h1_parse_head(cs, c);
	if (got != FILL_NONE)
		h1_cut(cs, c, REASON_CUT_HEAD, w->in_n - w->in_at, 0,
		    got == FILL_END ? CLOSE_CLIENT_IN_HEAD : CLOSE_RESET);
	return STEP_WAIT;
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
	enum fill got;

	switch (h1_drop_body(w)) {
	case BODY_COMPLETE:
		trail_add(
		    &w->plan.trail, REASON_BODY_DISCARDED, w->body.seen, 0);
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
	conn_watch(cs, c, true, false);
	if (!*readable)
		return STEP_WAIT;
	*readable = false;
	got = h1_fill(cs, c);
	if (got == FILL_SOME)
		return STEP_AGAIN;
	if (got != FILL_NONE)
		h1_cut(cs, c, REASON_CUT_BODY, w->body.seen, 0,
		    got == FILL_END ? CLOSE_CLIENT_IN_BODY : CLOSE_RESET);
	return STEP_WAIT;
}

void
h1_step(struct conns *cs, struct conn *c, bool readable, bool writable)
{
	enum step next = STEP_AGAIN;

	if (c->state == CONN_SENDING && writable)
		conn_progress(cs, c);
	/* A request takes two turns of this loop: reading, sending. */
	for (int i = 0; i < LIMIT_REQUESTS_PER_TURN * 2; i++) {
		if (conn_hold(cs, c))
			return;
		switch (c->state) {
		case CONN_NEW:
		case CONN_IDLE:
			next = readable || cs->draining ? h1_read_first(cs, c)
							: STEP_WAIT;
			readable = false;
			if (cs->draining && c->id != 0 &&
			    (c->state == CONN_NEW || c->state == CONN_IDLE))
				conn_close(cs, c, CLOSE_DRAIN);
			break;
		case CONN_HEAD:
			next = h1_read_head(cs, c, &readable);
			break;
		case CONN_BODY:
			next = h1_read_body(cs, c, &readable);
			break;
		case CONN_SENDING:
			next = h1_send(cs, c);
			break;
		default:
			return; /* closed, lingering, or waiting */
		}
		if (next == STEP_WAIT || c->id == 0)
			break;
	}
	if (c->id == 0)
		return;
	if (next == STEP_AGAIN) /* others' turn; be woken at once */
		conn_watch(cs, c, true, true);
	else if (c->state == CONN_SENDING)
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
	case CONN_HEAD:
		c->closing = CLOSE_HEAD_TIMEOUT;
		h1_refuse(
		    cs, c, 408, REASON_HEAD_TIMEOUT, w->in_n - w->in_at, ms);
		break;
	case CONN_BODY:
		c->closing = CLOSE_BODY_TIMEOUT;
		h1_refuse(cs, c, 408, REASON_BODY_TIMEOUT, w->body.seen, ms);
		break;
	case CONN_WAITING:
		if (c->listing)
			h1_refuse(cs, c, 503, REASON_OVERLOADED, 0, 0);
		else
			lab_timeout(cs, c);
		c->listing = false;
		break;
	case CONN_SENDING:
		h1_cut(cs, c, REASON_SEND_STALLED, exchange_left(w), ms,
		    CLOSE_WRITE_TIMEOUT);
		return;
	default:
		check_failed(__FILE__, __LINE__, "no deadline here");
	}
	h1_step(cs, c, false, false);
}

void
h1_abort(struct conns *cs, struct conn *c, enum close_reason why)
{
	struct work *w = c->work;

	if (c->state == CONN_WAITING && !c->listing)
		lab_forget(cs, c);
	trail_why(&w->plan.trail,
	    why == CLOSE_OPERATOR    ? REASON_CLOSED_BY_HAND
		: why == CLOSE_RESET ? REASON_CUT_WAITING
				     : REASON_SEND_STOPPED,
	    exchange_left(w), 0);
	exchange_end(cs, c, why);
	conn_close(cs, c, why);
}
