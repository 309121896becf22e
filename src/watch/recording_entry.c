/* An entry of a HAR as an exchange. */
#include "base/base64.h"
#include "base/clock.h"
#include "base/num.h"
#include "watch/recording_parts.h"

/* Milliseconds, whole or not, as ns; false when there are none. */
static bool
take_ms(const json_t *o, const char *name, int64_t *ns)
{
	const json_t *v = json_object_get(o, name);
	double ms = json_number_value(v);

	/* up to a year; "-1" is: does not apply */
	if (!json_is_number(v) || !(ms >= 0) || ms > 3.2e10)
		return false;
	*ns = (int64_t)(ms * (double)NS_PER_MS + 0.5);
	return true;
}

/* A size that is -1 when it is not known. */
static bool
take_size(const json_t *o, const char *name, uint64_t *out)
{
	return recording_number(o, name, out);
}

/* The phases, from the end: whatever came before "send" then ends where that
 * begins.  Counted from the start a handshake would be missing in what Firefox
 * writes, which has "ssl" beside "connect", not in it as HAR 1.2 wants. */
static void
put_times(struct made *m, const json_t *entry)
{
	struct event *e = &m->out->x.e;
	const json_t *t = json_object_get(entry, "timings");
	int64_t send, wait, receive;

	/* 0 is written where nothing was measured */
	if (!take_ms(entry, "time", &e->done_ns) || e->done_ns <= 0)
		return;
	m->out->x.known |= FACT_TIME;
	if (!take_ms(t, "send", &send) || !take_ms(t, "wait", &wait) ||
	    !take_ms(t, "receive", &receive))
		return;
	e->first_ns = receive < e->done_ns ? e->done_ns - receive : 0;
	e->asked_ns = wait < e->first_ns ? e->first_ns - wait : 0;
	e->head_ns = e->asked_ns; /* which of both is not told */
	/* ours alone says it, and not of old */
	if (!take_ms(entry, "_decided", &e->decided_ns) ||
	    e->decided_ns < e->asked_ns || e->decided_ns > e->first_ns)
		e->decided_ns = -1;
	if (e->status == 0)
		e->first_ns = 0; /* no answer: all was waiting */
	m->out->x.known |= FACT_PHASES;
}

/* The target of "http://host/x?y#z", its host in *host. */
static struct span
target_of(struct span url, struct span *host)
{
	const char *at = url.n ? memmem(url.p, url.n, "://", 3) : NULL;
	const char *hash = url.n ? memchr(url.p, '#', url.n) : NULL;

	*host = span_of(NULL, 0);
	if (hash)
		url.n = (size_t)(hash - url.p);
	if (at == NULL || (hash && at > hash))
		return url;
	url = span_skip(url, (size_t)(at - url.p) + 3);
	*host = url;
	for (size_t i = 0; i < url.n; i++) {
		if (url.p[i] != '/' && url.p[i] != '?')
			continue;
		host->n = i;
		return span_skip(url, i);
	}
	return SPAN("/");
}

static struct span
item_text(const json_t *list, size_t i, const char *name)
{
	return recording_text(json_array_get(list, i), name);
}

/* The field lines; those of HTTP/2 that stand for the request line are passed
 * over. */
static void
put_fields(struct made *m, const json_t *list, bool answer)
{
	size_t n = json_array_size(list);

	for (size_t i = 0; i < n; i++) {
		struct span name = item_text(list, i, "name");
		struct span value = item_text(list, i, "value");

		if (name.n == 0 || name.p[0] == ':')
			continue;
		if (answer)
			made_answer_field(m, name, value);
		else
			made_field(m, name, value);
	}
}

/* The bytes that came, of a request that was not HTTP. */
static bool
put_head(struct made *m, const json_t *entry)
{
	struct span text = recording_text(entry, "_head");
	char url_safe[LIMIT_HEAD_MAX / 3 * 4 + 8];
	char head[LIMIT_HEAD_MAX];
	struct buf b = buf_over(head, sizeof(head));
	uint64_t at;

	if (text.n == 0 || text.n > sizeof(url_safe))
		return false;
	while (text.n && text.p[text.n - 1] == '=')
		text.n--;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		url_safe[i] = c;
		if (c == '+')
			url_safe[i] = '-';
		else if (c == '/')
			url_safe[i] = '_';
	}
	if (!base64url_decode(&b, span_of(url_safe, text.n)))
		return false;
	made_raw(m, buf_span(&b));
	m->out->x.known |= FACT_REQUEST;
	if (recording_number(entry, "_refusedAt", &at) && at < EVENT_NOWHERE)
		m->out->x.e.refused_at = (uint32_t)at;
	return true;
}

/* Whether a head that was made of its fields is as long as the one that came:
 * then it is the same, but for the case that nobody writes. */
static bool
is_whole(const struct buf *b, const json_t *message)
{
	uint64_t size;

	return !b->full && take_size(message, "headersSize", &size) &&
	    size == b->n + 2;
}

static bool
put_request(struct made *m, const json_t *entry)
{
	const json_t *r = json_object_get(entry, "request");
	struct exchange_copy *x = &m->out->x;
	struct span host;
	struct span url = recording_text(r, "url");
	struct span target = target_of(url, &host);
	struct span method = recording_text(r, "method");
	struct span own = recording_text(r, "_target");

	x->e.secure =
	    url.n > 8 && span_eq_nocase(span_of(url.p, 8), SPAN("https://"));
	if (put_head(m, entry))
		return true;
	if (method.n == 0 || target.n == 0)
		return false;
	if (span_eq(method, SPAN("-")))
		return true; /* there was none */
	made_request(
	    m, method, own.n ? own : target, recording_text(r, "httpVersion"));
	put_fields(m, json_object_get(r, "headers"), false);
	if (x->e.major < 2 && is_whole(&m->request, r)) {
		buf_puts(&m->request, "\r\n");
		x->known |= FACT_REQUEST;
	} else if (x->e.host.n == 0 && host.n &&
	    json_object_get(entry, "_unknown") == NULL) {
		/* HTTP/2 has it elsewhere, and what came from a browser's cache
		 * has no fields; our own export knew of none */
		made_field(m, SPAN("Host"), host);
	}
	return true;
}

static bool
put_response(struct made *m, const json_t *entry)
{
	const json_t *r = json_object_get(entry, "response");
	struct exchange_copy *x = &m->out->x;
	uint64_t status;

	if (!recording_number(r, "status", &status) || status > 999)
		return false;
	made_status(m, recording_text(r, "httpVersion"), (unsigned)status,
	    recording_text(r, "statusText"));
	if (status)
		put_fields(m, json_object_get(r, "headers"), true);
	if (take_size(r, "bodySize", &x->e.body_sent) ||
	    take_size(json_object_get(r, "content"), "size", &x->e.body_sent))
		x->known |= FACT_SIZE;
	take_size(entry, "_announced", &x->e.body_length);
	if (status && x->e.major < 2 && is_whole(&m->response, r)) {
		buf_puts(&m->response, "\r\n");
		x->known |= FACT_RESPONSE;
	}
	return true;
}

static void
put_bytes(struct made *m, const json_t *entry)
{
	const json_t *request = json_object_get(entry, "request");
	const json_t *response = json_object_get(entry, "response");
	struct exchange_copy *x = &m->out->x;
	uint64_t head;
	uint64_t body;

	if (take_size(response, "_transferSize", &x->e.bytes_out) &&
	    take_size(request, "headersSize", &head) &&
	    take_size(request, "bodySize", &body) && head < UINT32_MAX) {
		x->e.bytes_in = head + body;
		x->known |= FACT_BYTES;
	}
}

static void
put_numbers(struct made *m, const json_t *entry)
{
	struct exchange_copy *x = &m->out->x;
	uint64_t v;

	if (num_dec(recording_text(entry, "connection"), &x->e.conn))
		x->known |= FACT_CONN;
	if (recording_number(entry, "_number", &v) && v <= UINT32_MAX) {
		x->e.number = (uint32_t)v;
		x->known |= FACT_NUMBER;
	}
	if (!recording_number(entry, "_clientPort", &v) || v > UINT16_MAX)
		v = 0;
	made_client(m, recording_text(entry, "_client"), (uint16_t)v);
}

static enum reason_id
reason_of(struct span name)
{
	static const char *const names[] = {
#define X(id, why, text) #id,
		REASON_TABLE(X)
#undef X
	};

	for (unsigned i = 1; i < REASON_N; i++)
		if (span_eq(name, span_str(names[i])))
			return (enum reason_id)i;
	return REASON_NONE;
}

/* The reasons with their numbers, if all of them are known to this program. */
static bool
put_trail(struct made *m, const json_t *entry)
{
	const json_t *list = json_object_get(entry, "_trail");
	struct trail t = { 0 };
	size_t n = json_array_size(list);
	uint64_t why;

	if (n == 0 || n > LIMIT_TRAIL ||
	    !recording_number(entry, "_whyStep", &why))
		return false;
	for (size_t i = 0; i < n; i++) {
		const json_t *step = json_array_get(list, i);
		enum reason_id id = reason_of(recording_text(step, "id"));
		uint64_t a;
		uint64_t b;

		if (id == REASON_NONE || !recording_number(step, "a", &a) ||
		    !recording_number(step, "b", &b) || b > UINT32_MAX)
			return false;
		t.r[t.n++] = (struct reason){
			.id = (uint16_t)id, .a = a, .b = (uint32_t)b
		};
	}
	t.why = why < n ? (uint8_t)why : t.n;
	m->out->x.e.trail = t;
	m->out->x.known |= FACT_TRAIL;
	return true;
}

static void
put_reasons(struct made *m, const json_t *entry)
{
	if (!put_trail(m, entry))
		made_why(m, recording_text(entry, "_why"));
	if (json_is_string(json_object_get(entry, "_close")))
		made_closed(m, recording_text(entry, "_close"));
}

/* What our own export did not know either: there are zeros for it. */
static void
forget_unknown(struct made *m, const json_t *entry)
{
	static const char *const names[] = {
#define X(id, text) text,
		FACT_TABLE(X)
#undef X
	};
	const json_t *list = json_object_get(entry, "_unknown");
	size_t n = json_array_size(list);

	for (size_t i = 0; i < n; i++) {
		const json_t *item = json_array_get(list, i);
		struct span name =
		    span_of(json_string_value(item), json_string_length(item));

		for (unsigned k = 0; k < FACT_BITS; k++)
			if (span_eq(name, span_str(names[k])))
				m->out->x.known &= ~((uint32_t)1 << k);
	}
}

enum recording_result
recording_entry_har(struct made *m, const json_t *entry)
{
	if (!made_time_iso(m, recording_text(entry, "startedDateTime")))
		return made_fault(m,
		    "\"startedDateTime\" like \"2026-11-23T14:02:11.123Z\" is "
		    "wanted");
	if (!put_request(m, entry))
		return made_fault(
		    m, "\"request\" with \"method\" and \"url\" is wanted");
	if (!put_response(m, entry))
		return made_fault(
		    m, "\"response\" with a \"status\" like 200 is wanted");
	put_times(m, entry);
	put_bytes(m, entry);
	put_numbers(m, entry);
	put_reasons(m, entry);
	enum recording_result got = made_end(m);
	forget_unknown(m, entry);
	return got;
}
