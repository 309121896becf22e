#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <signal.h>
#include <cmocka.h>

#include "fake_server.h"
#include "one_inotify.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* SPAN is an expression, and no constant one. */
#define S(literal)                                                             \
	{                                                                      \
		(literal), sizeof(literal) - 1                                 \
	}

/* ---- schedules: what a network may do, from a seed ---- */

/* What a client can send, and what comes of it on a kept connection. */
static const struct row {
	struct span bytes;
	int status;
	bool closes;
	const char *file; /* whose bytes are the content, from `from` on */
	size_t from, length;
} rows[] = {
	{ S(GET("/a.txt")), 200, false, "a", 0, SMALL },
	{ S(GET("/a.txt")), 200, false, "a", 0, SMALL },
	{ S(GET("/big.bin")), 200, false, "big", 0, BIG },
	{ S(GET("/empty.txt")), 200, false, "empty", 0, 0 },
	{ S(GET("/sub/")), 200, false, "sub", 0, 50 },
	{ S(GET("/sub?x=y")), 301, false, NULL, 0, 0 },
	{ S(GET("/none")), 404, false, NULL, 0, 0 },
	{ S(GET("/a.txt/")), 404, false, NULL, 0, 0 },
	{ S(GET("/")), 403, false, NULL, 0, 0 },
	{ S(GET("/%00")), 400, false, NULL, 0, 0 },
	{ S(GET("/../x")), 400, false, NULL, 0, 0 },
	{ S("\r\n" GET("/a.txt")), 200, false, "a", 0, SMALL },
	{ S("HEAD /a.txt HTTP/1.1\r\nHost: h\r\n\r\n"), 200, false, NULL, 0,
	    0 },
	{ S("HEAD /none HTTP/1.1\r\nHost: h\r\n\r\n"), 404, false, NULL, 0, 0 },
	{ S("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"), 204, false, NULL, 0, 0 },
	{ S("BREW / HTTP/1.1\r\nHost: h\r\n\r\n"), 501, false, NULL, 0, 0 },
	{ S("GET / HTTP/1.1\r\n\r\n"), 400, false, NULL, 0, 0 },
	{ S("GET /a.txt HTTP/1.1\r\nHost: h\r\nIf-None-Match: *\r\n\r\n"), 304,
	    false, NULL, 0, 0 },
	{ S("GET /a.txt HTTP/1.1\r\nHost: h\r\nIf-Match: \"x\"\r\n\r\n"), 412,
	    false, NULL, 0, 0 },
	{ S("GET /a.txt HTTP/1.1\r\nHost: h\r\nRange: bytes=7-106\r\n\r\n"),
	    206, false, "a", 7, 100 },
	{ S("GET /big.bin HTTP/1.1\r\nHost: h\r\n"
	    "Range: bytes=0-99,5000-5999,-1\r\n\r\n"),
	    206, false, NULL, 0, 0 },
	{ S("GET /a.txt HTTP/1.1\r\nHost: h\r\nRange: bytes=9999-\r\n\r\n"),
	    416, false, NULL, 0, 0 },
	{ S("GET /a.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), 200,
	    false, "a", 0, SMALL },
	{ S("POST /a.txt HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n"
	    "hello world"),
	    405, false, NULL, 0, 0 },
	{ S("POST /a.txt HTTP/1.1\r\nHost: h\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n"
	    "5;a=b\r\nhello\r\n06\r\n world\r\n0\r\nT: x\r\n\r\n"),
	    405, false, NULL, 0, 0 },
	{ S("GET /a.txt HTTP/1.1\r\nHost: h\r\nContent-Length: 20\r\n\r\n"
	    "GET / HTTP/1.1\r\n\r\nxx"),
	    200, false, "a", 0, SMALL },
	{ S("HEAD /a.txt HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"),
	    200, false, NULL, 0, 0 },
	{ S("GET / HTTP/1.1\r\nHost: h\r\nExpect: tea\r\n\r\n"), 417, false,
	    NULL, 0, 0 },
	/* from here on the connection closes */
	{ S("GET /a.txt HTTP/1.0\r\n\r\n"), 200, true, "a", 0, SMALL },
	{ S("GET /big.bin HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
	    200, true, "big", 0, BIG },
	{ S("GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"), 400, true, NULL, 0, 0 },
	{ S("\x16\x03\x01\x02\x00\x01\x00\x01"), 400, true, NULL, 0, 0 },
	{ S("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505, true, NULL, 0, 0 },
	{ S("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	    400, true, NULL, 0, 0 },
	{ S("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 301\r\n\r\nabc"),
	    413, true, NULL, 0, 0 },
	{ S("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "5\r\nhelloworld"),
	    400, true, NULL, 0, 0 },
	{ S("POST / HTTP/1.1\r\nHost: h\r\n"
	    "Transfer-Encoding: gzip, chunked\r\n\r\n"),
	    501, true, NULL, 0, 0 },
	{ S("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
	    "Content-Length: 5\r\n\r\n"),
	    405, true, NULL, 0, 0 },
};
enum { CLOSING = 28 };

/* Two roots with the same names; in the second each byte is the next letter. */
static struct site *roots[2];
static int64_t swapped; /* when the last one took over, wall ns; 0: never */

struct client {
	struct fake_socket *s;
	uint64_t id;
	unsigned n; /* requests */
	const struct row *row[12];
	size_t start[13]; /* of each in bytes */
	char bytes[8192];
	/* what the events have told */
	unsigned exchanges;
	unsigned whole;
	size_t out;
	bool ended;
};
static struct client clients[FAKE_SOCKETS];

/* What a schedule has in store. */
enum {
	MAY_CUT = 1,	 /* clients close early and reset */
	MAY_WAIT = 2,	 /* deadlines pass */
	MAY_COMMAND = 4, /* drain, close by hand, cut */
	MAY_PAUSE = 8,	 /* pause, resume */
	MAY_BREAK = 16,	 /* files shrink and fail */
	MAY_SETTLE = 32, /* reloads, sleep */
	HARMLESS = MAY_PAUSE,
};
static unsigned may;

static struct client *
client_of(uint64_t id)
{
	for (unsigned i = 0; i < net.sockets; i++)
		if (clients[i].id == id)
			return &clients[i];
	fake_wrong(&net, "an event of nobody");
	return &clients[0];
}

/* The value of Content-Length in a response head, or -1. */
static int64_t
announced(struct span head)
{
	static const struct span name = S("\r\nContent-Length: ");
	const char *p = memmem(head.p, head.n, name.p, name.n);

	return p ? (int64_t)strtoull(p + name.n, NULL, 10) : -1;
}

/* Whether all of it is the file's under one root; under the present one, if
 * that was there when the request began. */
static bool
is_content(const struct row *r, struct span body, int64_t began)
{
	bool next = body.n > 0 && body.p[0] != pattern(r->from);

	if (r->file == NULL || body.n == 0)
		return true;
	if (began > swapped && next != (net.cs.site == roots[1]))
		return false;
	for (size_t i = 0; i < body.n; i++)
		if (body.p[i] != pattern(r->from + i) + next)
			return false;
	return body.n <= r->length;
}

/* The response as the client has it, against the row and the event. */
static void
check_response(struct client *c, const struct row *r, const struct event *e)
{
	struct span got = span_of(c->s->out + c->out, e->bytes_out);
	struct span head = span_of(got.p, e->response_n);
	bool whole = e->body_sent == e->body_length;
	bool late = e->status == 408 && (may & MAY_WAIT);

	if (e->status != r->status && !late)
		fake_wrong(&net, "another status than the request deserves");
	if (c->out + e->bytes_out > c->s->out_n)
		fake_wrong(&net, "the event knows of bytes nobody got");
	else if (!late && !is_content(r, span_skip(got, head.n), e->wall))
		fake_wrong(&net, "the content is not the file's");
	if (e->bytes_out != e->response_n + e->body_sent)
		fake_wrong(&net, "the event's bytes do not add up");
	if (whole && !span_ends(head, SPAN("\r\n\r\n")))
		whole = false;
	if (!whole) {
		if (e->close == CLOSE_NONE)
			fake_wrong(&net, "kept after half an answer");
		return;
	}
	c->whole++;
	if (e->method_id != METHOD_HEAD &&
	    announced(head) !=
		(e->status == 204 || e->status == 304
			? -1
			: (int64_t)e->body_length))
		fake_wrong(&net, "Content-Length is not the content's");
	if (e->close == CLOSE_NONE &&
	    memmem(head.p, head.n, "\r\nConnection: close", 19) != NULL)
		fake_wrong(&net, "kept, and said the contrary");
	if (e->close == CLOSE_NONE && r->closes)
		fake_wrong(&net, "kept where framing is unsure");
}

static void
check_exchange(struct client *c, const struct event *e, struct span request,
    struct span response)
{
	const struct row *r = c->row[c->exchanges];
	size_t start;

	if (e->number != ++c->exchanges || c->exchanges > c->n || c->ended) {
		fake_wrong(&net, "an exchange that nobody asked for");
		return;
	}
	start = c->start[c->exchanges - 1];
	/* an empty line behind an earlier message belongs to neither */
	if (c->exchanges > 1 && memcmp(c->bytes + start, "\r\n", 2) == 0 &&
	    !span_starts(request, SPAN("\r\n")))
		start += 2;
	if (start + request.n > c->s->in_n ||
	    memcmp(c->bytes + start, request.p, request.n) != 0)
		fake_wrong(&net, "the event's request is not the client's");
	if (c->out + response.n > c->s->out_n ||
	    memcmp(c->s->out + c->out, response.p, response.n) != 0)
		fake_wrong(&net, "the event's response is not what was sent");
	else if (e->status != 0)
		check_response(c, r, e);
	else if (e->bytes_out != 0 || e->close == CLOSE_NONE)
		fake_wrong(&net, "no answer, and yet bytes or no end");
	if (e->unacked != 0 &&
	    (e->body_sent == e->body_length ||
		e->unacked != c->s->out_n - c->s->acked))
		fake_wrong(&net, "not what the client has acknowledged");
	c->out += e->bytes_out;
	if (e->trail.n == 0 || e->trail.r[e->trail.why].id == REASON_NONE)
		fake_wrong(&net, "an exchange without a reason");
	if (e->head_ns < 0 || e->asked_ns < e->head_ns ||
	    e->done_ns < e->asked_ns ||
	    (e->status != 0 && e->decided_ns < e->asked_ns) ||
	    (e->bytes_out != 0 &&
		(e->first_ns < e->decided_ns || e->done_ns < e->first_ns)))
		fake_wrong(&net, "the exchange's times are out of order");
}

/* Whether a schedule of that kind can end a connection so. */
static bool
may_end(enum close_reason why)
{
	switch (why) {
	case CLOSE_RESET:
	case CLOSE_CLIENT_IN_RESPONSE:
		return may & MAY_CUT;
	case CLOSE_IDLE_TIMEOUT:
	case CLOSE_SILENT_TIMEOUT:
	case CLOSE_HEAD_TIMEOUT:
	case CLOSE_BODY_TIMEOUT:
	case CLOSE_WRITE_TIMEOUT:
	case CLOSE_LINGER_TIMEOUT:
		return may & MAY_WAIT;
	case CLOSE_TRUNCATED:
	case CLOSE_IO_ERROR:
		return may & MAY_BREAK;
	case CLOSE_DRAIN:
	case CLOSE_DRAIN_DEADLINE:
	case CLOSE_OPERATOR:
		return may & MAY_COMMAND;
	case CLOSE_NONE:
	case CLOSE_NO_MEMORY:
		return false;
	default:
		return true;
	}
}

static void
check_event(struct span s)
{
	struct event e;
	struct client *c;
	struct span request, response;

	event_copy(&e, (const void *)s.p);
	request = span_of(s.p + event_size(&e), e.request_n);
	response = span_of(request.p + request.n, e.response_n);
	c = client_of(e.conn);
	if (e.kind == EVENT_EXCHANGE) {
		check_exchange(c, &e, request, response);
		return;
	}
	if (c->ended || e.number != c->exchanges)
		fake_wrong(&net, "a connection's end is told wrongly");
	if (e.bytes_in != c->s->taken || e.bytes_out != c->s->out_n ||
	    c->out != c->s->out_n)
		fake_wrong(&net, "a connection's bytes are told wrongly");
	if (!may_end((enum close_reason)e.close))
		fake_wrong(&net, "closed for a reason that there was not");
	if (e.close == CLOSE_WRITE_TIMEOUT &&
	    net.now.mono - c->s->took < WRITE_S * NS_PER_S)
		fake_wrong(&net, "cut, and yet it had taken something");
	c->ended = true;
}

static void
check_events(void)
{
	struct ring *ring = &net.cs.watch->ring;
	struct span s;

	watch_publish(net.cs.watch);
	for (; (s = ring_peek(ring)).p != NULL; ring_pop(ring))
		check_event(s);
}

static void
client_connects(void)
{
	struct client *c = &clients[net.sockets];
	size_t most = net.grain && net.grain < 100 ? 2 : N(rows), k;
	bool closes = false;

	*c = (struct client){ .n = 1 + (unsigned)fake_below(&net, 8) };
	for (unsigned i = 0; i < c->n; i++) {
		do
			k = fake_below(&net,
			    closes || fake_chance(&net, 200) ? CLOSING
							     : N(rows));
		while (most == 2 && rows[k].length > SMALL);
		c->row[i] = &rows[k];
		closes |= rows[k].closes;
		memcpy(
		    c->bytes + c->start[i], rows[k].bytes.p, rows[k].bytes.n);
		c->start[i + 1] = c->start[i] + rows[k].bytes.n;
	}
	c->s = fake_connect(&net, c->bytes, c->start[c->n]);
	if (c->s == NULL)
		return;
	c->s->window = fake_below(&net, 3000);
	c->id = net.next_id; /* it may have ended already */
}

/* A turn for one that is ready; while paused no request goes on to be
 * answered. */
static void
sim_turn(void)
{
	unsigned i = (unsigned)fake_below(&net, net.sockets);
	struct conn *c = fake_conn(&net, &net.socket[i]);
	bool reading;

	if (net.gather) {
		(void)fake_turn(&net, i);
		return;
	}
	if (c == NULL)
		return;
	reading = c->state != CONN_SENDING && c->state != CONN_LINGER;
	if (!fake_wake(&net, i))
		return;
	c = fake_conn(&net, &net.socket[i]);
	if (net.cs.paused && reading && c != NULL &&
	    (c->state == CONN_SENDING || c->state == CONN_LINGER))
		fake_wrong(&net, "answered in spite of the pause");
}

static void
sim_traffic(void)
{
	struct fake_socket *s = &net.socket[fake_below(&net, net.sockets)];
	size_t left = s->in_n - s->arrived;

	switch (fake_below(&net, 8)) {
	case 0:
	case 1:
	case 2:
		if (left > 0 && !s->closed)
			s->arrived += 1 + fake_below(&net, left);
		break;
	case 3:
		s->window +=
		    fake_below(&net, net.grain ? net.grain * 8 : 50000);
		break;
	case 4:
		fake_ack(&net, s, fake_below(&net, 3));
		break;
	default:
		sim_turn();
	}
}

static void
sim_time(void)
{
	int64_t next = conns_next_deadline(&net.cs);

	if (fake_chance(&net, 128) && next != INT64_MAX && next > net.now.mono)
		fake_pass(&net, next - net.now.mono);
	else
		fake_pass(&net, (int64_t)fake_below(&net, 2000) * NS_PER_MS);
}

static void
sim_reload(void)
{
	struct net_settings s = settings_of_test();

	if (fake_chance(&net, 64)) {
		net.now.mono += 100 * NS_PER_S;
		net.cs.now = fake_now(&net.cs.io);
		conns_slept(&net.cs, 100 * NS_PER_S);
		return;
	}
	if (fake_chance(&net, 128)) { /* as worker_take_orders does */
		site_unref(net.cs.site);
		net.cs.site = site_ref(roots[fake_below(&net, 2)]);
		swapped = net.now.wall;
		return;
	}
	for (int k = DEADLINE_NONE + 1; k < DEADLINE_N; k++)
		s.timeout[k] += (int64_t)fake_below(&net, 5) * NS_PER_S;
	conns_configure(&net.cs, &s);
}

static void
sim_command(void)
{
	struct fake_socket *s = &net.socket[fake_below(&net, net.sockets)];
	struct conn *c = fake_conn(&net, s);

	net.cs.now = fake_now(&net.cs.io);
	switch (fake_below(&net, 8)) {
	case 0:
		conns_pause(&net.cs, false); /* as a worker does */
		conns_drain(&net.cs);
		break;
	case 1:
		conns_cut(&net.cs, CLOSE_DRAIN_DEADLINE);
		break;
	case 2:
	case 3:
		if (c != NULL)
			conn_abort(&net.cs, c, CLOSE_OPERATOR);
		break;
	default:
		break;
	}
}

static void
sim_trouble(void)
{
	struct fake_socket *s = &net.socket[fake_below(&net, net.sockets)];
	unsigned what = 1u << fake_below(&net, 6);

	switch (may & what) {
	case MAY_CUT:
		if (fake_chance(&net, 128)) {
			s->gone = true;
		} else if (!s->fin) {
			s->in_n = s->arrived;
			s->fin = true;
		}
		break;
	case MAY_WAIT:
		sim_time();
		break;
	case MAY_COMMAND:
		sim_command();
		break;
	case MAY_PAUSE:
		net.cs.now = fake_now(&net.cs.io);
		if (!net.cs.draining)
			conns_pause(&net.cs, !net.cs.paused);
		break;
	case MAY_BREAK:
		if (fake_chance(&net, 100))
			net.files_empty = true;
		else
			net.file_fault = 30;
		break;
	case MAY_SETTLE:
		sim_reload();
		break;
	default:
		break;
	}
}

static void
sim_begin(uint64_t seed)
{
	static const size_t grains[] = { 1, 7, 60, 1000, 20000, 0 };

	struct net_settings s = settings_of_test();

	if (!fake_begin(&net, site_ref(roots[0]), SLOTS, &s))
		fail_msg("no memory");
	swapped = 0;
	net.random = (seed + 1) * 0x9e3779b97f4a7c15u;
	for (int i = 0; i < 8; i++)
		fake_random(&net);
	net.grain = grains[fake_below(&net, N(grains))];
	net.spurious = (unsigned)fake_below(&net, 3) * 40;
	may = (unsigned)fake_below(&net, 64);
	net.gather = fake_chance(&net, 128);
	if (fake_chance(&net, 80))
		may &= HARMLESS;
	if (fake_chance(&net, 60))
		net.cs.settings.requests_per_connection =
		    1 + (uint32_t)fake_below(&net, 4);
	client_connects();
}

/* Everything arrives, and everybody reads: what was asked is answered. */
static void
sim_answer_all(void)
{
	net.cs.now = fake_now(&net.cs.io);
	conns_pause(&net.cs, false);
	net.spurious /= 2;
	for (unsigned i = 0; i < net.sockets; i++) {
		net.socket[i].arrived = net.socket[i].in_n;
		net.socket[i].window = FAKE_OUT;
	}
	if (!fake_settle(&net, 200000))
		fake_wrong(&net, "turns without end");
	check_turn();
	check_events();
}

static void
check_all_answered(void)
{
	uint32_t limit = net.cs.settings.requests_per_connection;

	for (unsigned i = 0; i < net.sockets; i++) {
		const struct client *c = &clients[i];
		unsigned n = 0;

		while (n < c->n && (n == 0 || !c->row[n - 1]->closes) &&
		    (limit == 0 || n < limit))
			n++;
		if (c->whole != n || c->exchanges != n)
			fake_wrong(&net, "not every request was answered");
	}
}

/* Who is still there closes, or does nothing until it is closed. */
static void
sim_end_all(bool silent)
{
	for (unsigned i = 0; i < net.sockets && !silent; i++)
		net.socket[i].fin = true;
	for (int i = 0; i < 100 && net.cs.open > 0; i++) {
		int64_t next = conns_next_deadline(&net.cs);

		if (!fake_settle(&net, 200000))
			fake_wrong(&net, "turns without end");
		if (silent && next != INT64_MAX)
			fake_pass(&net,
			    next > net.now.mono ? next - net.now.mono : 0);
	}
	check_events();
	check_end();
	for (unsigned i = 0; i < net.sockets; i++)
		if (!clients[i].ended)
			fake_wrong(&net, "nobody was told of the end");
}

static void
run_schedule(uint64_t seed)
{
	size_t steps;

	sim_begin(seed);
	steps = 20 + fake_below(&net, 200);
	while (steps-- > 0 && net.wrong == NULL) {
		if (net.sockets < SLOTS && fake_chance(&net, 8))
			client_connects();
		if (fake_chance(&net, 24))
			sim_trouble();
		else
			sim_traffic();
		check_turn();
		check_events();
	}
	sim_answer_all();
	if ((may & ~(unsigned)HARMLESS) == 0)
		check_all_answered();
	if (fake_chance(&net, 128)) {
		may |= MAY_WAIT;
		sim_end_all(true);
	} else {
		sim_end_all(false);
	}
	fake_end(&net);
}

static volatile sig_atomic_t current_seed;

/* A failed CHECK ends the process: say which schedule it was. */
static void
tell_seed(int sig)
{
	char text[] = "SEED=0000000000\n";
	unsigned long v = (unsigned long)current_seed;

	for (size_t i = sizeof(text) - 3; v > 0 && text[i] != '='; i--) {
		text[i] = (char)('0' + v % 10);
		v /= 10;
	}
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(1);
	signal(sig, SIG_DFL);
	raise(sig);
}

#define SCHEDULES 4000

/* A number that the environment may give. */
static sig_atomic_t
number_of(const char *name, sig_atomic_t otherwise)
{
	const char *text = getenv(name);

	return text ? atoi(text) : otherwise;
}

/* SEED: this one alone.  SCHEDULES: so many, from FIRST_SEED on. */
static void
whatever_the_network_does_every_promise_is_kept(void **state)
{
	bool only = getenv("SEED") != NULL;
	unsigned before;
	sig_atomic_t first = number_of(only ? "SEED" : "FIRST_SEED", 0);
	sig_atomic_t last =
	    first + (only ? 1 : number_of("SCHEDULES", SCHEDULES));

	(void)state;
	signal(SIGABRT, tell_seed);
	sim_begin(0);
	fake_end(&net); /* what is kept between servers is there */
	before = fake_descriptors();
	for (current_seed = first; current_seed < last; current_seed++) {
		run_schedule((uint64_t)current_seed);
		if (net.wrong == NULL && fake_descriptors() != before)
			net.wrong = "a descriptor was left open";
		if (net.wrong != NULL)
			fail_msg("%s (run again with SEED=%d)", net.wrong,
			    (int)current_seed);
	}
	signal(SIGABRT, SIG_DFL);
}

static bool
copy_of_next_letters(const char *name)
{
	char path[128];
	FILE *in, *out;
	int c;

	(void)snprintf(path, sizeof(path), "%s/%s", root, name);
	in = fopen(path, "r");
	(void)snprintf(path, sizeof(path), "%s/next/%s", root, name);
	out = fopen(path, "w");
	if (in == NULL || out == NULL)
		return false;
	while ((c = getc(in)) != EOF)
		(void)putc(c + 1, out);
	return fclose(in) == 0 && fclose(out) == 0;
}

static int
make_roots(void **state)
{
	static const char *const folders[] = { "next", "next/sub" };
	static const char *const files[] = { "a.txt", "big.bin", "empty.txt",
		"sub/index.html" };
	char path[128];

	if (make_root(state) != 0)
		return -1;
	for (size_t i = 0; i < N(folders); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", root, folders[i]);
		if (mkdir(path, 0755) < 0)
			return -1;
	}
	for (size_t i = 0; i < N(files); i++)
		if (!copy_of_next_letters(files[i]))
			return -1;
	(void)snprintf(path, sizeof(path), "%s/next", root);
	roots[0] = open_site();
	roots[1] = open_site_at(path);
	return roots[0] == NULL || roots[1] == NULL ? -1 : 0;
}

static int
remove_roots(void **state)
{
	site_unref(roots[0]);
	site_unref(roots[1]);
	return remove_root(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    whatever_the_network_does_every_promise_is_kept),
	};
	return cmocka_run_group_tests_name(
	    "conn_schedules", tests, make_roots, remove_roots);
}
