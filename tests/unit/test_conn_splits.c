/* How bytes were split over reads changes nothing: every request of a corpus
 * goes through the whole connection unsplit, in two parts at every place, and
 * byte by byte.  What the client gets and what the console is told must be the
 * same. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fake_server.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* SPAN is an expression, and no constant one. */
#define S(literal)                                                             \
	{                                                                      \
		(literal), sizeof(literal) - 1                                 \
	}
#define FIELDS(fields) "GET /a.txt HTTP/1.1\r\nHost: h\r\n" fields "\r\n\r\n"
#define LENGTH(n, content)                                                     \
	"POST /a.txt HTTP/1.1\r\nHost: h\r\nContent-Length: " #n               \
	"\r\n\r\n" content
#define CHUNKED(content)                                                       \
	"POST /a.txt HTTP/1.1\r\nHost: h\r\n"                                  \
	"Transfer-Encoding: chunked\r\n\r\n" content
#define NEXT GET("/sub/")
#define A50  "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee"
#define A400 A50 A50 A50 A50 A50 A50 A50 A50

static const struct span corpus[] = {
	/* one request, answered */
	S(GET("/a.txt")),
	S(GET("/big.bin")),
	S(GET("/sub?x=y")),
	S(GET("/none")),
	S(GET("/%61.txt")),
	S(GET("/%00")),
	S(GET("/a.txt%")),
	S("HEAD /a.txt HTTP/1.1\r\nHost: h\r\n\r\n"),
	S("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"),
	S("BREW / HTTP/1.1\r\nHost: h\r\n\r\n"),
	S("GET http://h/a.txt HTTP/1.1\r\nHost: h\r\n\r\n"),
	S("GET https://h/a.txt HTTP/1.1\r\nHost: h\r\n\r\n"),
	S("GET /a.txt HTTP/1.0\r\n\r\n"),
	S("GET /a.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" NEXT),
	S(FIELDS("Connection: close")),
	S(FIELDS("Connection: close") NEXT),
	S(FIELDS("Range: bytes=7-106")),
	S(FIELDS("Range: bytes=0-9,20-29,-1")),
	S(FIELDS("If-None-Match: *") NEXT),
	/* several */
	S(GET("/a.txt") GET("/none") NEXT),
	S(GET("/big.bin") "HEAD /big.bin HTTP/1.1\r\nHost: h\r\n\r\n" NEXT),
	S("\r\n" GET("/a.txt") "\r\n" NEXT),
	S(GET("/a.txt") "\r\n\r\n" NEXT),
	S(GET("/a.txt") "\r\n\r\n\r\n" NEXT),
	S("\r\n\r\n" GET("/a.txt")),
	S(LENGTH(2, "xx") "\r\n" NEXT),
	S(LENGTH(2, "xx") "\r\n\r\n" NEXT),
	S(LENGTH(2, "xx") "\r\n\r\n\r\n" NEXT),
	S(GET("/a.txt") "\r\n\r\nGET /a b HTTP/1.1\r\n\r\n"),
	S(GET("/a.txt") "\r\n" FIELDS("A") NEXT),
	S(GET("/a.txt") "\r\n\r"),
	S(GET("/a.txt") "\r"),
	S(GET("/a.txt") "\r\n"),
	S(GET("/a.txt") "\rGET / HTTP/1.1\r\n"),
	S(GET("/a.txt") "\n" NEXT),
	S(GET("/a.txt") "\x16\x03\x01" NEXT),
	/* content */
	S(LENGTH(11, "hello world") NEXT),
	S(LENGTH(0, "") NEXT),
	S(LENGTH(50, A50) LENGTH(3, "abc") NEXT),
	S(LENGTH(4, "\r\n\r\n") NEXT),
	S(LENGTH(301, "abc")),
	S(LENGTH(30, "abc")),
	S(CHUNKED("0\r\n\r\n") NEXT),
	S(CHUNKED("5;a=b;c=\"d\\\"\"\r\nhello\r\n06\r\n world\r\n0\r\n"
		  "T: x\r\nU: y\r\n\r\n") NEXT),
	S(CHUNKED("5\r\nhelloX\r\n0\r\n\r\n") NEXT),
	S(CHUNKED("5\nhello\r\n0\r\n\r\n") NEXT),
	S(CHUNKED("5 \r\nhello\r\n0\r\n\r\n") NEXT),
	S(CHUNKED("g\r\n") NEXT),
	S(CHUNKED("fffffffffffffffff\r\n") NEXT),
	S(CHUNKED("12d\r\n") NEXT),
	S(CHUNKED("3\r\nabc\r\n0\r\nT : x\r\n\r\n") NEXT),
	S(CHUNKED("3\r\nabc\r\n0\r\n x\r\n\r\n") NEXT),
	S(CHUNKED("3\r\nab")),
	S(FIELDS("Expect: 100-continue\r\nContent-Length: 5") "hello" NEXT),
	S(FIELDS("Expect: tea") NEXT),
	/* refused */
	S("GET / HTTP/1.1\r\n\r\n" NEXT),
	S("GET / HTTP/1.1\nHost: h\r\n\r\n" NEXT),
	S("GET / HTTP/1.1\r\nHost: h\n\r\n" NEXT),
	S("GET / HTTP/1.1\r\nHost: h\r\n\n" NEXT),
	S("GET / HTTP/1.1\r\nHost: h\r\n\r" NEXT),
	S("GET / HTTP/1.1\r\r\nHost: h\r\n\r\n" NEXT),
	S("GET /a b HTTP/1.1\r\nHost: h\r\n\r\n" NEXT),
	S("GET / HTTP/2.0\r\nHost: h\r\n\r\n" NEXT),
	S("GET / HTTP/1.10\r\nHost: h\r\n\r\n" NEXT),
	S("GET / HTTP/1"),
	S("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
	S("\x16\x03\x01\x02\x00\x01\x00\x01"),
	S("\n" NEXT),
	S("\r\r\n" NEXT),
	S(FIELDS("A : b") NEXT),
	S(FIELDS("A: b\r\n c") NEXT),
	S(FIELDS("A: b\x01") NEXT),
	S(FIELDS("A: b\rc") NEXT),
	S(FIELDS("A") NEXT),
	S(FIELDS("Host: i") NEXT),
	S(FIELDS("Content-Length: 1\r\nContent-Length: 1") "x" NEXT),
	S(FIELDS("Content-Length: +1") "x" NEXT),
	S(FIELDS("Content-Length: 3\r\nTransfer-Encoding: chunked") NEXT),
	S(FIELDS("Transfer-Encoding: gzip") NEXT),
	S("GET /" A400 " HTTP/1.1\r\nHost: h\r\n\r\n" NEXT),
	S(FIELDS("A: " A400 "\r\nB: " A400 "\r\nC: " A400) NEXT),
	S(FIELDS("A:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\n"
		 "A:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:") NEXT),
};

/* ---- one run, and what came of it ---- */

struct told {
	uint16_t status, why;
	uint32_t refused_at;
	uint64_t a;
	uint32_t number;
};

struct outcome {
	char *out;
	size_t out_n;
	bool ended; /* the server ended its side before the client did */
	struct told told[8];
	unsigned exchanges;
	unsigned close; /* enum close_reason */
};

/* A boundary is made of the time: it may be any, of the same length. */
static void
mask_boundary(struct outcome *o)
{
	static const struct span name = S("boundary=");
	char boundary[70], *p = memmem(o->out, o->out_n, name.p, name.n);
	size_t n;

	if (p == NULL)
		return;
	p += name.n;
	n = strcspn(p, "\r\n");
	assert_in_range(n, 1, sizeof(boundary));
	memcpy(boundary, p, n);
	while ((p = memmem(o->out, o->out_n, boundary, n)) != NULL)
		memset(p, '=', n);
}

static void
note_event(struct outcome *o, const struct event *e)
{
	struct told *t = &o->told[o->exchanges];

	if (e->kind != EVENT_EXCHANGE) {
		o->close = e->close;
		return;
	}
	assert_in_range(o->exchanges, 0, N(o->told) - 1);
	*t = (struct told){ e->status, e->trail.r[e->trail.why].id,
		e->refused_at, e->trail.r[e->trail.why].a, e->number };
	o->exchanges++;
}

static void
take_events(struct outcome *o)
{
	struct ring *ring = &net.cs.watch->ring;
	struct event e;
	struct span s;

	watch_publish(net.cs.watch);
	for (; (s = ring_peek(ring)).p != NULL; ring_pop(ring)) {
		event_copy(&e, (const void *)s.p);
		note_event(o, &e);
	}
}

static void
turns(void)
{
	if (!fake_settle(&net, 10000))
		fake_wrong(&net, "turns without end");
	check_turn();
}

/* The bytes arrive `first` and then `step` at a time; then the client ends. */
static struct outcome
run(struct span bytes, size_t first, size_t step)
{
	struct outcome o = { .out_n = 0 };
	struct fake_socket *s;

	begin();
	s = fake_connect(&net, bytes.p, bytes.n);
	if (s == NULL)
		abort();
	s->window = FAKE_OUT;
	for (s->arrived = first;; s->arrived += step) {
		if (s->arrived > bytes.n)
			s->arrived = bytes.n;
		turns();
		if (s->arrived == bytes.n || s->closed)
			break;
	}
	o.ended = s->closed || s->shut;
	s->arrived = bytes.n;
	s->fin = true;
	turns();
	check_end();
	take_events(&o);
	o.out_n = s->out_n;
	o.out = malloc(o.out_n + 1);
	if (o.out == NULL)
		abort();
	memcpy(o.out, s->out, o.out_n);
	o.out[o.out_n] = '\0';
	mask_boundary(&o);
	fake_end(&net);
	if (net.wrong != NULL)
		fail_msg("%s", net.wrong);
	return o;
}

static bool
told_same(const struct told *a, const struct told *b)
{
	return a->status == b->status && a->why == b->why && a->a == b->a &&
	    a->refused_at == b->refused_at && a->number == b->number;
}

/* Which part of the outcome differs, or NULL. */
static const char *
difference(const struct outcome *a, const struct outcome *b)
{
	if (a->out_n != b->out_n || memcmp(a->out, b->out, a->out_n) != 0)
		return "the bytes that were sent";
	if (a->ended != b->ended)
		return "whether the connection is kept";
	if (a->exchanges != b->exchanges)
		return "how many exchanges were told";
	for (unsigned i = 0; i < a->exchanges; i++)
		if (!told_same(&a->told[i], &b->told[i]))
			return "what was told of an exchange";
	return a->close == b->close ? NULL : "why the connection ended";
}

static void
expect_same(const struct outcome *whole, size_t row, size_t first, size_t step)
{
	struct span bytes = corpus[row];
	struct outcome split = run(bytes, first, step);
	const char *what = difference(whole, &split);

	if (what != NULL)
		fail_msg("%s, row %zu: %zu bytes and then %zu at a time:\n%s\n"
			 "unsplit:\n%s\nsplit:\n%s",
		    what, row, first, step, bytes.p, whole->out, split.out);
	free(split.out);
}

static void
a_split_at_every_place_changes_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(corpus); i++) {
		struct outcome whole = run(corpus[i], corpus[i].n, 1);

		assert_true(whole.exchanges > 0);
		for (size_t at = 1; at < corpus[i].n; at++)
			expect_same(&whole, i, at, corpus[i].n);
		free(whole.out);
	}
}

static void
single_bytes_and_other_small_pieces_change_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(corpus); i++) {
		struct outcome whole = run(corpus[i], corpus[i].n, 1);

		for (size_t step = 1; step <= 9; step++)
			expect_same(&whole, i, step, step);
		free(whole.out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_split_at_every_place_changes_nothing),
		cmocka_unit_test(
		    single_bytes_and_other_small_pieces_change_nothing),
	};
	return cmocka_run_group_tests_name(
	    "conn_splits", tests, make_root, remove_root);
}
