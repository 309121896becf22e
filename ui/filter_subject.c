/* Exchanges as a filter looks at them. */
#include "ui/filter.h"

/* A fact of an exchange as one of a filter. */
static const struct {
	enum fact fact;
	uint32_t filter;
} same[] = {
	{ FACT_STATUS, FILTER_STATUS },
	{ FACT_SIZE, FILTER_SIZE },
	{ FACT_TIME, FILTER_TIME },
	{ FACT_PHASES, FILTER_FIRST },
	{ FACT_CONN, FILTER_CONN },
	{ FACT_NUMBER, FILTER_NUMBER },
	{ FACT_PEER, FILTER_PEER },
	{ FACT_TRAIL, FILTER_TRAIL },
	{ FACT_CLOSE, FILTER_CLOSE },
};

void
filter_subject_entry(
    struct filter_subject *s, const struct journal_entry *e, bool marked)
{
	s->filled = ~(uint32_t)(FILTER_COSTLY | FILTER_METHOD | FILTER_TARGET);
	s->known = s->filled;
	s->entry = e;
	s->status = e->e.status;
	s->close = e->e.close;
	s->major = e->e.major;
	s->minor = e->e.minor;
	s->marked = marked;
	s->number = e->e.number;
	s->conn = e->e.conn;
	s->size = e->e.body_sent;
	s->time_ns = e->e.done_ns;
	s->first_ns = e->e.first_ns;
	s->peer = &e->e.peer;
	s->trail = &e->e.trail;
	for (size_t i = 0; e->e.unknown && i < sizeof same / sizeof *same; i++)
		if (!event_knows(&e->e, same[i].fact))
			s->known &= ~same[i].filter;
}

/* A text is known when it is there. */
static void
set_text(
    struct filter_subject *s, uint32_t fact, struct span *to, struct span text)
{
	*to = text;
	if (text.n)
		s->known |= fact;
}

static void
set_texts(struct filter_subject *s, const struct exchange_copy *x)
{
	struct span head = x->request;
	const struct event *e = &x->e;
	bool shown = head.n == 0 && !span_eq(x->target, SPAN("-"));

	set_text(s, FILTER_METHOD, &s->method,
	    shown ? x->method : event_part(head, e->method));
	set_text(s, FILTER_TARGET, &s->target,
	    shown ? x->target : event_part(head, e->target));
	set_text(s, FILTER_HOST, &s->host, event_part(head, e->host));
	set_text(s, FILTER_REFERER, &s->referer, event_part(head, e->referer));
	set_text(s, FILTER_AGENT, &s->agent, event_part(head, e->user_agent));
	set_text(s, FILTER_CLIENT_TEXT, &s->client, x->client);
	set_text(s, FILTER_WHY_TEXT, &s->why, x->why);
	set_text(s, FILTER_CLOSE_TEXT, &s->closed, x->closed);
	set_text(s, FILTER_REQUEST, &s->request, head);
	set_text(s, FILTER_RESPONSE, &s->response, x->response);
}

void
filter_subject_copy(
    struct filter_subject *s, const struct exchange_copy *x, bool marked)
{
	*s = (struct filter_subject){
		.filled = ~(uint32_t)0,
		.known = FILTER_MARK | (x->e.major ? FILTER_VERSION : 0u),
		.status = x->e.status,
		.close = x->e.close,
		.major = x->e.major,
		.minor = x->e.minor,
		.marked = marked,
		.number = x->e.number,
		.conn = x->e.conn,
		.size = x->e.body_sent,
		.time_ns = x->e.done_ns,
		.first_ns = x->e.first_ns,
		.peer = &x->e.peer,
		.trail = &x->e.trail,
	};
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (x->known & same[i].fact)
			s->known |= same[i].filter;
	set_texts(s, x);
}
