/* HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), entry by entry, so
 * that memory does not grow with their number.  Fields whose names begin with
 * '_' are ours, as the specification lets them be. */
#include <arpa/inet.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/clock.h"
#include "http/date.h"
#include "watch/export_har_parts.h"

#define DUMP (JSON_ENSURE_ASCII | JSON_COMPACT | JSON_REAL_PRECISION(15))

static int64_t
between(int64_t low, int64_t v, int64_t high)
{
	v = v < low ? low : v;
	return v > high ? high : v;
}

/* Sending lasts to the end of what the client sent and was waited for, waiting
 * to the first byte of the answer; together exactly the time of the entry. */
static json_t *
timings(struct har *h)
{
	const struct event *e = &h->e->e;
	int64_t done =
	    har_knows(h, FACT_TIME) && e->done_ns > 0 ? e->done_ns : 0;
	int64_t asked = between(0, e->asked_ns, done);
	int64_t first =
	    e->first_ns > 0 ? between(asked, e->first_ns, done) : done;
	json_t *t = har_object(h);

	if (!har_knows(h, FACT_PHASES))
		asked = 0, first = done;
	har_put(h, t, "blocked", json_integer(-1));
	har_put(h, t, "dns", json_integer(-1));
	har_put(h, t, "connect", json_integer(-1));
	har_put(h, t, "ssl", json_integer(-1));
	har_put(h, t, "send", har_ms(asked));
	har_put(h, t, "wait", har_ms(first - asked));
	har_put(h, t, "receive", har_ms(done - first));
	return t;
}

/* RFC 3339 with milliseconds. */
static json_t *
started(int64_t wall)
{
	int64_t secs = wall / NS_PER_S - (wall % NS_PER_S < 0);
	char iso[DATE_ISO_LEN];
	char mem[32];
	struct buf b = buf_over(mem, sizeof(mem));

	date_format_iso(iso, secs);
	buf_put(&b, span_of(iso, DATE_ISO_LEN - 1));
	buf_printf(&b, ".%03dZ", (int)((wall - secs * NS_PER_S) / NS_PER_MS));
	return har_text(buf_span(&b));
}

static const char *const reason_names[] = {
#define X(id, why, text) #id,
	REASON_TABLE(X)
#undef X
};

static json_t *
step(struct har *h, const struct reason *r)
{
	json_t *o = har_object(h);
	char mem[512];
	struct buf b = buf_over(mem, sizeof(mem));

	reason_put_text(&b, r);
	har_put(h, o, "id",
	    har_text(span_str(r->id < REASON_N ? reason_names[r->id] : "")));
	har_put(h, o, "a", har_integer(r->a));
	har_put(h, o, "b", har_integer(r->b));
	har_put(h, o, "text", har_text(buf_span(&b)));
	return o;
}

static void
put_trail(struct har *h, json_t *entry)
{
	const struct trail *t = &h->e->e.trail;
	char mem[256];
	struct buf b = buf_over(mem, sizeof(mem));
	json_t *list;

	if (!har_knows(h, FACT_TRAIL)) {
		if (h->e->why.n)
			har_put(h, entry, "_why", har_text(h->e->why));
		return;
	}
	list = har_array(h);
	for (unsigned i = 0; i < t->n && i < LIMIT_TRAIL; i++)
		har_append(h, list, step(h, &t->r[i]));
	if (t->why < t->n)
		reason_put_why(&b, &t->r[t->why]);
	har_put(h, entry, "_why", har_text(buf_span(&b)));
	har_put(h, entry, "_whyStep", json_integer(t->why));
	har_put(h, entry, "_trail", list);
}

static void
put_closed(struct har *h, json_t *entry)
{
	uint16_t close = h->e->e.close;
	struct span label = h->e->closed;

	if (har_knows(h, FACT_CLOSE))
		label = span_str(
		    close < CLOSE_N ? close_reason_rows[close].label : "");
	if (har_knows(h, FACT_CLOSE) || label.n)
		har_put(h, entry, "_close", har_text(label));
	/* DevTools shows this of a request that failed */
	if (h->e->e.status == 0 && har_knows(h, FACT_STATUS))
		har_put(h, entry, "_error",
		    har_text(label.n ? label : SPAN("no answer")));
}

/* The bytes that came, where the members above cannot have them all. */
static void
put_head(struct har *h, json_t *entry)
{
	size_t cap = (h->request.n + 2) / 3 * 4;
	struct buf b;

	if (!har_knows(h, FACT_REQUEST) ||
	    (export_is_wellformed(h->e) && har_is_text(h->request)))
		return;
	b = buf_over(malloc(cap + 1), cap);
	if (b.p == NULL) {
		h->failed = true;
		return;
	}
	base64_put(&b, h->request);
	har_put(h, entry, "_head", har_text(buf_span(&b)));
	free(b.p);
	if (h->e->e.refused_at != EVENT_NOWHERE)
		har_put(
		    h, entry, "_refusedAt", json_integer(h->e->e.refused_at));
}

static void
put_client(struct har *h, json_t *entry)
{
	char host[PEER_TEXT];

	if (!har_knows(h, FACT_PEER)) {
		if (h->e->client.n)
			har_put(h, entry, "_client", har_text(h->e->client));
		return;
	}
	peer_host_text(host, &h->e->e.peer);
	har_put(h, entry, "_client", har_text(span_str(host)));
	if (h->e->e.peer.port)
		har_put(
		    h, entry, "_clientPort", json_integer(h->e->e.peer.port));
}

/* serverIPAddress: without port and brackets, and only when it is one. */
static void
put_server(struct har *h, json_t *entry)
{
	struct span s = span_str(h->o->server);
	const char *colon = s.n ? memrchr(s.p, ':', s.n) : NULL;
	char host[INET6_ADDRSTRLEN];
	unsigned char addr[16];

	if (colon)
		s.n = (size_t)(colon - s.p);
	if (s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		s = span_of(s.p + 1, s.n - 2);
	if (s.n >= sizeof(host))
		return;
	memcpy(host, s.p, s.n);
	host[s.n] = '\0';
	if (inet_pton(AF_INET, host, addr) == 1 ||
	    inet_pton(AF_INET6, host, addr) == 1)
		har_put(h, entry, "serverIPAddress", har_text(s));
}

/* What the numbers above cannot say. */
static void
put_unknown(struct har *h, json_t *entry)
{
	static const char *const name[] = {
#define X(id, text) text,
		FACT_TABLE(X)
#undef X
	};
	json_t *list;

	if (h->e->known == FACTS_ALL)
		return;
	list = har_array(h);
	for (unsigned i = 0; i < FACT_BITS; i++)
		if (!(h->e->known >> i & 1))
			har_append(h, list, json_string(name[i]));
	har_put(h, entry, "_unknown", list);
}

static json_t *
entry_of(struct har *h)
{
	const struct event *e = &h->e->e;
	json_t *entry = har_object(h);
	bool timed = har_knows(h, FACT_TIME) && e->done_ns > 0;
	char id[24];

	har_put(h, entry, "startedDateTime", started(e->wall));
	har_put(h, entry, "time", har_ms(timed ? e->done_ns : 0));
	har_put(h, entry, "request", har_request(h));
	har_put(h, entry, "response", har_response(h));
	har_put(h, entry, "cache", har_object(h));
	har_put(h, entry, "timings", timings(h));
	/* within "wait": from when the first byte of the head was read */
	if (timed && har_knows(h, FACT_PHASES) && e->decided_ns > 0)
		har_put(h, entry, "_decided", har_ms(e->decided_ns));
	put_server(h, entry);
	if (har_knows(h, FACT_CONN)) {
		snprintf(id, sizeof(id), "%llu", (unsigned long long)e->conn);
		har_put(h, entry, "connection", json_string(id));
	}
	if (har_knows(h, FACT_NUMBER))
		har_put(h, entry, "_number", json_integer(e->number));
	if (e->body_length && har_knows(h, FACT_SIZE))
		har_put(h, entry, "_announced", har_integer(e->body_length));
	put_client(h, entry);
	put_trail(h, entry);
	put_closed(h, entry);
	put_head(h, entry);
	put_unknown(h, entry);
	return entry;
}

bool
export_har_begin(FILE *f)
{
	return fputs("{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":"
		     "\"httpconsole\",\"version\":\"1\"},\"entries\":[",
		   f) >= 0;
}

bool
export_har_end(FILE *f)
{
	return fputs("\n]}}\n", f) >= 0;
}

bool
export_har_entry(FILE *f, bool first, const struct exchange_copy *e,
    const struct export_options *o)
{
	size_t cap = 2 * (e->request.n + e->response.n) + 64;
	struct buf heads = buf_over(malloc(cap), cap);
	struct har h = { .e = e, .o = o, .failed = heads.p == NULL };
	json_t *entry = NULL;
	bool ok = false;

	if (heads.p) {
		export_put_redacted(&heads, e->request, export_names(o));
		h.request = buf_span(&heads);
		export_put_redacted(&heads, e->response, export_names(o));
		h.response = span_skip(buf_span(&heads), h.request.n);
		h.failed = heads.full;
		entry = entry_of(&h);
	}
	if (entry && !h.failed)
		ok = fputs(first ? "\n" : ",\n", f) >= 0 &&
		    json_dumpf(entry, f, DUMP) == 0;
	json_decref(entry);
	free(heads.p);
	return ok;
}
