#include "net/exchange.h"

static struct head_part
exchange_field(const struct http_head *h, enum field_id id)
{
	if (h->first[id] == 0)
		return (struct head_part){ 0, 0 };
	return h->field[h->first[id] - 1].value;
}

uint64_t
exchange_left(const struct work *w)
{
	if (w->plan.status == 0 || w->plan.head)
		return 0;
	return w->plan.length - w->body_sent;
}

/* What of all that was sent the client does not have; the kernel tells even
 * after a reset. */
static uint32_t
exchange_unacked(struct conns *cs, const struct conn *c)
{
	struct io_acked acked;

	if (!cs->io.ops->acked(&cs->io, c->fd, &acked))
		return EVENT_UNTOLD;
	if (acked.bytes >= c->bytes_out)
		return 0;
	return c->bytes_out - acked.bytes < EVENT_UNTOLD
	    ? (uint32_t)(c->bytes_out - acked.bytes)
	    : EVENT_UNTOLD;
}

static void
exchange_count(struct conns *cs, struct conn *c, const struct work *w)
{
	struct counters *n = &cs->watch->counters;

	counter_add(&n->v[COUNTER_REQUESTS], 1);
	counter_add(&n->v[c->requests > 1 ? COUNTER_REUSED : COUNTER_FIRST], 1);
	if (w->plan.status == 0)
		return;
	counter_add(&n->status[status_slot(w->plan.status)], 1);
	/* The client's own time is not in it: how long it took to send a head
	 * and content, or does to read an answer. */
	if (w->head_done && w->first_ns != 0)
		hist_add(&n->latency,
		    (uint64_t)(w->queued_ns + w->first_ns - w->asked_ns));
}

/* Of a head that was refused or cut, all that came: the reader wants to see
 * what follows the place too. */
static struct span
exchange_request(const struct work *w)
{
	return span_of(w->in + w->in_at,
	    w->head_done ? w->head.length : w->in_n - w->in_at);
}

/* As much of the response's head as was sent. */
static struct span
exchange_response(const struct work *w)
{
	return span_of(
	    w->out, w->out_at < w->out_head ? w->out_at : w->out_head);
}

/* What was asked. */
static void
exchange_tell_request(struct event *e, const struct work *w)
{
	const struct http_head *h = &w->head;

	e->major = h->major;
	e->minor = h->minor;
	e->method_id = h->method_id;
	if (h->error != 0)
		e->refused_at = h->error_at;
	if (w->request.status != 0)
		e->refused_at = w->request.error_at;
	e->method = h->method;
	e->target = h->target;
	e->host = exchange_field(h, FIELD_HOST);
	e->referer = exchange_field(h, FIELD_REFERER);
	e->user_agent = exchange_field(h, FIELD_USER_AGENT);
	e->bytes_in = w->head_done ? w->bytes_in : exchange_request(w).n;
}

/* What was answered. */
static void
exchange_tell_response(struct event *e, const struct work *w)
{
	bool answered = w->plan.status != 0;

	e->status = w->plan.status;
	e->queued_ns = w->queued_ns;
	e->head_ns = w->head_ns;
	e->asked_ns = w->asked_ns;
	e->decided_ns = w->decided_ns;
	e->first_ns = w->first_ns;
	e->body_length = answered && !w->plan.head ? w->plan.length : 0;
	e->body_sent = w->body_sent;
	e->bytes_out = w->body_sent + exchange_response(w).n;
}

static void
exchange_tell(struct conns *cs, const struct conn *c, enum close_reason close)
{
	const struct work *w = c->work;
	struct span request = exchange_request(w);
	struct span response = exchange_response(w);
	struct event *e =
	    watch_begin(cs->watch, EVENT_EXCHANGE, request, response);

	if (e == NULL)
		return;
	e->worker = cs->worker;
	e->close = (uint16_t)close;
	e->conn = c->id;
	e->number = c->requests;
	e->wall = w->began.wall;
	e->peer = *conn_client(c);
	exchange_tell_request(e, w);
	exchange_tell_response(e, w);
	if (w->body_sent > 0 && exchange_left(w) > 0)
		e->unacked = exchange_unacked(cs, c);
	e->done_ns = cs->now.mono - w->began.mono;
	watch_end(cs->watch, e, &w->plan.trail, request, response);
}

/* Whether the client had not sent its request to the end. */
static bool
exchange_arrives(const struct conn *c)
{
	return c->state == CONN_PROXY || c->state == CONN_HEAD ||
	    c->state == CONN_BODY;
}

void
exchange_end(struct conns *cs, struct conn *c, enum close_reason close)
{
	/* An answer that one call sent was done with it. */
	if (c->work->sent != 0)
		conns_at(cs, c->work->sent);
	else
		conns_look_at_clock(cs);
	if (exchange_arrives(c))
		c->work->asked_ns = cs->now.mono - c->work->began.mono;
	exchange_count(cs, c, c->work);
	exchange_tell(cs, c, close);
}
