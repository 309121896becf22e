#include "net/lab.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/check.h"
#include "http/reply.h"
#include "net/h1.h"

enum lab_outcome {
	OUTCOME_REFUSED, /* not sent: the connection was closed before */
	OUTCOME_RESPONSE,
	OUTCOME_CLOSED,
	OUTCOME_TIMEOUT,
};
static const char *const outcome_names[] = { "refused", "response", "closed",
	"timeout" };

/* One `send` and what came of it. */
struct lab_step {
	struct span send; /* in the place's memory */
	struct span kept; /* likewise: the beginning of the answer */
	uint64_t received;
	int64_t began, ended; /* ns, monotonic */
	enum lab_outcome outcome;
};

/* One exchange with ourselves. */
struct lab_place {
	bool used;
	bool closed; /* the server has closed */
	int fd;
	uint32_t slot, generation; /* who waits for the transcript */
	unsigned steps, step;
	size_t sent; /* of the step's bytes */
	struct lab_step s[LAB_STEPS];
	struct sockaddr_storage self;
	struct http_reply reply;
	struct buf out; /* over sends */
	struct buf in;	/* over keeps */
	char sends[LAB_SEND_MAX];
	char keeps[LAB_KEEP_ALL];
};

struct lab {
	struct sockaddr_storage server;
	socklen_t server_n;
	struct lab_place place[LAB_PLACES];
};

struct lab *
lab_new(const struct sockaddr *server, socklen_t n)
{
	struct lab *lab = mmap(NULL, sizeof(*lab), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (lab == MAP_FAILED)
		return NULL;
	CHECK(n <= sizeof(lab->server));
	memcpy(&lab->server, server, n);
	lab->server_n = n;
	return lab;
}

static void
lab_give_back(struct conns *cs, struct lab_place *p)
{
	if (p->fd >= 0)
		cs->io.ops->close(&cs->io, p->fd);
	p->fd = -1;
	p->used = false;
}

void
lab_free(struct conns *cs, struct lab *lab)
{
	if (lab == NULL)
		return;
	for (unsigned i = 0; i < LAB_PLACES; i++)
		if (lab->place[i].used)
			lab_give_back(cs, &lab->place[i]);
	munmap(lab, sizeof(*lab));
}

bool
lab_takes(struct span path)
{
	return span_eq(path, SPAN("/.httpconsole/exchange"));
}

/* Only a page that this server itself has served may ask. */
static bool
lab_allowed(const struct conn *c)
{
	const struct http_request *r = &c->work->request;
	struct span origin = request_value(r, FIELD_ORIGIN);
	struct span site = request_value(r, FIELD_SEC_FETCH_SITE);

	if (request_count(r, FIELD_ORIGIN) > 1 ||
	    request_count(r, FIELD_SEC_FETCH_SITE) > 1)
		return false;
	if (site.p != NULL && !span_eq(site, SPAN("same-origin")) &&
	    !span_eq(site, SPAN("none")))
		return false;
	if (origin.p == NULL)
		return true;
	return span_starts(origin, SPAN("http://")) &&
	    span_eq_nocase(span_skip(origin, 7), r->host);
}

/* Decode send=...&send=...; false when that is not what the query is. */
static bool
lab_parse(struct lab_place *p, struct span query)
{
	p->steps = 0;
	while (query.n > 0) {
		const char *amp = memchr(query.p, '&', query.n);
		size_t n = amp ? (size_t)(amp - query.p) : query.n;
		struct span part = span_of(query.p, n);
		size_t from = p->out.n;

		if (!span_starts(part, SPAN("send=")) ||
		    p->steps == LAB_STEPS ||
		    !base64url_decode(&p->out, span_skip(part, 5)))
			return false;
		p->s[p->steps++] = (struct lab_step){
			.send = span_of(p->sends + from, p->out.n - from),
		};
		query = span_skip(query, n + (amp != NULL));
	}
	return p->steps > 0;
}

static void
lab_put_step(struct buf *b, const struct lab_step *s)
{
	buf_put(b, SPAN("{\"sent\":\""));
	base64_put(b, s->send);
	buf_put(b, SPAN("\",\"received\":\""));
	base64_put(b, s->kept);
	buf_put(b, SPAN("\",\"received_bytes\":"));
	buf_putu(b, s->received);
	buf_printf(b, ",\"ms\":%.3f,\"outcome\":\"%s\"}",
	    (double)(s->ended - s->began) / (double)NS_PER_MS,
	    outcome_names[s->outcome]);
}

static void
lab_put_peer(struct buf *b, const char *name, const struct sockaddr_storage *sa)
{
	char text[PEER_TEXT];
	struct peer peer;

	peer_from_sockaddr(&peer, (const struct sockaddr *)sa);
	peer_text(text, &peer);
	buf_printf(b, "\"%s\":\"%s\",", name, text);
}

/* All steps are done, or none will be: answer the page. */
static void
lab_finish(struct conns *cs, struct lab_place *p)
{
	struct conn *c = conn_find(cs, p->slot, p->generation);
	char mem[LIMIT_RESPONSE_BUFFER - 1024];
	struct buf b = buf_over(mem, sizeof(mem));

	buf_putc(&b, '{');
	lab_put_peer(&b, "client", &p->self);
	lab_put_peer(&b, "server", &cs->lab->server);
	buf_put(&b, SPAN("\"steps\":["));
	for (unsigned i = 0; i < p->steps; i++) {
		if (i > 0)
			buf_putc(&b, ',');
		lab_put_step(&b, &p->s[i]);
	}
	buf_puts(
	    &b, p->closed ? "],\"closed\":true}\n" : "],\"closed\":false}\n");
	CHECK(!b.full);
	lab_give_back(cs, p);
	if (c != NULL)
		h1_answer_given(cs, c, 200, REASON_LAB, buf_span(&b));
}

static struct lab_place *
lab_find_place(struct lab *lab)
{
	for (unsigned i = 0; i < LAB_PLACES; i++)
		if (!lab->place[i].used)
			return &lab->place[i];
	return NULL;
}

/* Connect to our own listener; EINPROGRESS is the ordinary case. */
static bool
lab_connect(struct conns *cs, struct lab_place *p)
{
	struct lab *lab = cs->lab;
	socklen_t n = sizeof(p->self);

	p->fd = socket(lab->server.ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd < 0)
		return false;
	if (connect(p->fd, (struct sockaddr *)&lab->server, lab->server_n) !=
		0 &&
	    errno != EINPROGRESS)
		return false;
	(void)getsockname(p->fd, (struct sockaddr *)&p->self, &n);
	return cs->io.ops->watch(&cs->io, p->fd,
	    LAB_SLOT + (uint64_t)(p - lab->place), true,
	    IO_READABLE | IO_WRITABLE);
}

static void
lab_begin_step(struct conns *cs, struct lab_place *p)
{
	struct lab_step *s = &p->s[p->step];

	s->began = s->ended = cs->now.mono;
	s->outcome = OUTCOME_TIMEOUT;
	s->kept = span_of(p->in.p + p->in.n, 0);
	p->sent = 0;
	reply_init(&p->reply, span_starts(s->send, SPAN("HEAD ")));
}

void
lab_start(struct conns *cs, struct conn *c)
{
	struct lab_place *p = lab_find_place(cs->lab);

	if (!lab_allowed(c)) {
		h1_answer_given(cs, c, 403, REASON_LAB_REFUSED,
		    SPAN("{\"error\":\"not from a page of this server\"}\n"));
		return;
	}
	if (p == NULL) {
		h1_answer_given(cs, c, 503, REASON_LAB_BUSY,
		    SPAN("{\"error\":\"all places are taken\"}\n"));
		return;
	}
	p->fd = -1;
	p->closed = false;
	p->step = 0;
	p->slot = c->slot;
	p->generation = c->generation;
	p->out = buf_over(p->sends, sizeof(p->sends));
	p->in = buf_over(p->keeps, sizeof(p->keeps));
	if (!lab_parse(p, c->work->request.query)) {
		h1_answer_given(cs, c, 400, REASON_LAB_BAD,
		    SPAN("{\"error\":\"send=BASE64URL, up to 8 times\"}\n"));
		return;
	}
	if (!lab_connect(cs, p)) {
		lab_give_back(cs, p);
		h1_answer_given(cs, c, 503, REASON_FILE_EXHAUSTED,
		    SPAN("{\"error\":\"cannot connect\"}\n"));
		return;
	}
	p->used = true;
	lab_begin_step(cs, p);
	c->waits = WAIT_LAB;
	conn_enter(cs, c, CONN_WAITING);
	conn_watch(cs, c, false, false);
}

/* The step is over; true when there is another. */
static bool
lab_end_step(struct conns *cs, struct lab_place *p, enum lab_outcome outcome)
{
	struct lab_step *s = &p->s[p->step++];
	struct conn *c = conn_find(cs, p->slot, p->generation);

	s->outcome = outcome;
	conns_look_at_clock(cs);
	s->ended = cs->now.mono;
	if (outcome == OUTCOME_CLOSED)
		p->closed = true;
	if (p->closed || p->step == p->steps)
		return false;
	if (c != NULL)
		conn_progress(cs, c);
	lab_begin_step(cs, p);
	return true;
}

/* Keep the beginning of what came. */
static void
lab_keep(struct lab_place *p, const char *data, size_t n)
{
	struct lab_step *s = &p->s[p->step];
	size_t room = LAB_KEEP - s->kept.n, left = p->in.cap - p->in.n;

	s->received += n;
	if (n > room)
		n = room;
	if (n > left)
		n = left;
	buf_put(&p->in, span_of(data, n));
	s->kept.n += n;
}

/* Send the rest of the step; false when the connection is gone. */
static bool
lab_send(struct conns *cs, struct lab_place *p)
{
	struct lab_step *s = &p->s[p->step];

	while (p->sent < s->send.n) {
		ssize_t n = io_transfer(&cs->io,
		    &(struct io_call){
			.fd = p->fd,
			.send = true,
			.from = s->send.p + p->sent,
			.n = s->send.n - p->sent,
		    });

		if (n < 0)
			return n == -EAGAIN;
		p->sent += (size_t)n;
	}
	(void)cs->io.ops->watch(&cs->io, p->fd,
	    LAB_SLOT + (uint64_t)(p - cs->lab->place), false, IO_READABLE);
	return true;
}

/* Read what there is.  True when the step goes on. */
static bool
lab_receive(struct conns *cs, struct lab_place *p, enum lab_outcome *outcome)
{
	for (int i = 0; i < LAB_READS; i++) {
		ssize_t n = io_transfer(&cs->io,
		    &(struct io_call){
			.fd = p->fd,
			.to = cs->scratch,
			.n = sizeof(cs->scratch),
		    });
		size_t used;

		if (n == -EAGAIN)
			return true;
		*outcome = OUTCOME_CLOSED;
		if (n <= 0)
			return false;
		lab_keep(p, cs->scratch, (size_t)n);
		if (p->reply.progress == REPLY_MORE)
			reply_read(&p->reply, cs->scratch, (size_t)n, &used);
		/* A response that announces the close: see it happen. */
		if (p->reply.progress == REPLY_COMPLETE &&
		    p->reply.closes == NULL) {
			*outcome = OUTCOME_RESPONSE;
			return false;
		}
	}
	return true; /* others' turn; level triggering comes back */
}

void
lab_ready(struct conns *cs, unsigned place)
{
	struct lab_place *p = &cs->lab->place[place];
	struct conn *c;

	if (!p->used)
		return;
	for (;;) {
		enum lab_outcome outcome = OUTCOME_CLOSED;

		if (lab_send(cs, p) && lab_receive(cs, p, &outcome))
			return;
		if (!lab_end_step(cs, p, outcome))
			break;
	}
	c = conn_find(cs, p->slot, p->generation);
	lab_finish(cs, p);
	if (c != NULL)
		conn_step(cs, c, false, false);
}

static struct lab_place *
lab_place_of(struct conns *cs, const struct conn *c)
{
	for (unsigned i = 0; i < LAB_PLACES; i++) {
		struct lab_place *p = &cs->lab->place[i];

		if (p->used && p->slot == c->slot &&
		    p->generation == c->generation)
			return p;
	}
	check_failed(__FILE__, __LINE__, "each waiting one has a place");
}

void
lab_timeout(struct conns *cs, struct conn *c)
{
	struct lab_place *p = lab_place_of(cs, c);

	p->s[p->step].ended = cs->now.mono; /* the outcome is TIMEOUT yet */
	lab_finish(cs, p);
}

void
lab_forget(struct conns *cs, struct conn *c)
{
	lab_give_back(cs, lab_place_of(cs, c));
}
