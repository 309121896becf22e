#include "ui/filtering.h"

#include <stdio.h>

#define TEXT 512

/* Texts that are made only when a term asks for them. */
struct owner {
	const struct journal_view *v;
	char client[PEER_TEXT];
	char why[TEXT];
	char closed[TEXT];
};

static void
know(struct filter_subject *s, uint32_t fact, struct span *to, struct span text)
{
	*to = text;
	s->filled |= fact;
	if (text.n)
		s->known |= fact;
}

/* What is in the heads, while they are kept. */
static void
fill_parts(struct filter_subject *s, uint32_t facts, const struct owner *o)
{
	const struct journal_view *v = o->v;
	const struct event *e = &v->entry->e;

	if (facts & FILTER_HOST)
		know(s, FILTER_HOST, &s->host, event_part(v->request, e->host));
	if (facts & FILTER_REFERER)
		know(s, FILTER_REFERER, &s->referer,
		    event_part(v->request, e->referer));
	if (facts & FILTER_AGENT)
		know(s, FILTER_AGENT, &s->agent,
		    event_part(v->request, e->user_agent));
	if (facts & FILTER_REQUEST)
		know(s, FILTER_REQUEST, &s->request, v->request);
	if (facts & FILTER_RESPONSE)
		know(s, FILTER_RESPONSE, &s->response, v->response);
}

static struct span
why_text(struct owner *o)
{
	const struct trail *t = &o->v->entry->e.trail;
	struct buf b = buf_over(o->why, sizeof o->why - 1);

	if (t->why < t->n && t->n <= LIMIT_TRAIL) {
		reason_put_why(&b, &t->r[t->why]);
		buf_puts(&b, ": ");
		reason_put_text(&b, &t->r[t->why]);
	}
	return buf_span(&b);
}

static struct span
closed_text(struct owner *o)
{
	unsigned close = o->v->entry->e.close;

	if (close == CLOSE_NONE || close >= CLOSE_N)
		return span_of(NULL, 0);
	(void)snprintf(o->closed, sizeof o->closed, "%s: %s",
	    close_reason_rows[close].label, close_reason_rows[close].text);
	return span_str(o->closed);
}

static void
fill(struct filter_subject *s, uint32_t facts)
{
	struct owner *o = s->owner;

	if (facts & FILTER_CLIENT_TEXT) {
		peer_host_text(o->client, &o->v->entry->e.peer);
		know(s, FILTER_CLIENT_TEXT, &s->client, span_str(o->client));
	}
	if (facts & FILTER_WHY_TEXT)
		know(s, FILTER_WHY_TEXT, &s->why, why_text(o));
	if (facts & FILTER_CLOSE_TEXT)
		know(s, FILTER_CLOSE_TEXT, &s->closed, closed_text(o));
	fill_parts(s, facts, o);
}

bool
filtering_match(struct filter *f, const struct journal_view *v, bool marked)
{
	struct owner o;
	struct filter_subject s;

	o.v = v;
	s.fill = fill;
	s.owner = &o;
	filter_subject_entry(&s, v->entry, marked);
	return filter_match(f, &s);
}

bool
filtering_wants(void *model, const struct journal_view *v)
{
	const struct model *m = model;

	return filtering_match(
	    m->filter, v, marks_has(&m->marks, v->entry->seq));
}

bool
filtering_set(struct model *m, const char *text, struct filter_error *err)
{
	struct filter *f = NULL;

	if (*text) {
		f = filter_compile(span_str(text), err);
		if (f == NULL)
			return false;
	}
	filter_free(m->filter);
	m->filter = f;
	m->gave_up = false;
	(void)snprintf(m->filter_text, sizeof m->filter_text, "%s", text);
	model_pick(m);
	return true;
}
