/* Whom a connection or a request is from, when a trusted proxy says so. */
#include "http/forwarded.h"
#include "http/proxy.h"
#include "net/h1_parts.h"

/* The connection is now that of the address in the PROXY line: it is shown,
 * logged, counted and asked for its limit. */
static bool
h1_take_source(
    struct conns *cs, struct conn *c, const struct http_address *source)
{
	if (source->version == ADDRESS_NONE)
		return true;
	peer_from_address(&c->peer, source);
	c->trusted = trust_has(&cs->settings.trust, &c->peer);
	return tally_take(cs->tally, &c->peer, cs->settings.connections_per_ip,
	    &c->tally_cell);
}

/* The line is complete.  Without a byte behind it the connection is as new as
 * one that has just been accepted: browsers open some ahead of need. */
static void
h1_proxy_done(struct conns *cs, struct conn *c, const struct proxy_head *p)
{
	struct work *w = c->work;

	c->proxy_due = false;
	c->proxied = p->version;
	if (!h1_take_source(cs, c, &p->source)) {
		counter_add(&cs->watch->counters.v[COUNTER_REFUSED_IP], 1);
		h1_refuse(cs, c, 503, REASON_CLIENT_FULL,
		    cs->settings.connections_per_ip, 0);
		return;
	}
	c->requests = 0; /* that was none */
	w->in_at += p->length;
	/* What follows may be younger than files_refresh. */
	cs->files_stale = true;
	if (w->in_n > w->in_at) {
		h1_begin(cs, c, CONN_HEAD);
		return;
	}
	conn_work_release(cs, c);
	conn_enter(cs, c, CONN_NEW);
	conn_watch(cs, c, true, false);
}

enum step
h1_read_proxy(struct conns *cs, struct conn *c, bool *readable)
{
	struct work *w = c->work;
	struct proxy_head p;

	switch (proxy_parse(span_of(h1_message(w), w->in_n - w->in_at), &p)) {
	case PROXY_DONE:
		h1_proxy_done(cs, c, &p);
		return STEP_AGAIN;
	case PROXY_BAD:
		w->head.error = p.error;
		w->head.error_at = p.error_at;
		h1_cut(cs, c, (enum reason_id)p.error, p.error_at, 0,
		    CLOSE_PROXY_REFUSED);
		return STEP_WAIT;
	case PROXY_MORE:
		break;
	}
	return h1_read_more(cs, c, readable,
	    &(struct h1_more){
		REASON_PROXY_CUT, CLOSE_CLIENT_IN_HEAD, w->in_n - w->in_at });
}

static bool
h1_trusts(const void *settings, const struct http_address *a)
{
	const struct net_settings *s = settings;
	struct peer peer;

	peer_from_address(&peer, a);
	return trust_has(&s->trust, &peer);
}

void
h1_note_client(const struct conns *cs, struct conn *c)
{
	const struct forwarded_trust trust = { h1_trusts, &cs->settings };
	struct work *w = c->work;
	struct trail *t = &w->plan.trail;
	struct http_address a;

	if (c->proxied != 0 && c->requests == 1)
		trail_add(t, REASON_PROXY_READ, c->proxied, 0);
	if (!c->trusted)
		return;
	switch (forwarded_read(&w->request, &trust, &a)) {
	case FORWARDED_FOUND:
		w->forwarded = true;
		peer_from_address(&w->client, &a);
		trail_add(t, REASON_FORWARDED, 0, 0);
		break;
	case FORWARDED_BAD:
		trail_add(t, REASON_FORWARDED_BAD, 0, 0);
		break;
	case FORWARDED_DIFFERS:
		trail_add(t, REASON_FORWARDED_DIFFERS, 0, 0);
		break;
	case FORWARDED_NONE:
		break;
	}
}
