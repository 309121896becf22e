#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fake_server.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* ---- events ---- */

struct seen {
	struct event e;
	char request[2048];
	char response[2048];
};
static struct seen seen[64];

/* Take what was produced since; only the first of each head is kept. */
static unsigned
take_events(void)
{
	struct ring *ring = &net.cs.watch->ring;
	unsigned n = 0;
	struct span s;

	watch_publish(net.cs.watch);
	for (; (s = ring_peek(ring)).p != NULL; ring_pop(ring)) {
		struct seen *to = &seen[n++ % N(seen)];

		memset(to, 0, sizeof(*to));
		event_copy(&to->e, (const void *)s.p);
		s = span_skip(s, event_size(&to->e));
		memcpy(to->request, s.p,
		    to->e.request_n < 2047 ? to->e.request_n : 2047);
		s = span_skip(s, to->e.request_n);
		memcpy(to->response, s.p, s.n < 2047 ? s.n : 2047);
	}
	return n;
}

static enum reason_id
why_of(const struct event *e)
{
	assert_true(e->trail.n > 0 && e->trail.why < e->trail.n);
	return (enum reason_id)e->trail.r[e->trail.why].id;
}

static bool
has_reason(const struct event *e, enum reason_id id)
{
	for (unsigned i = 0; i < e->trail.n; i++)
		if (e->trail.r[i].id == id)
			return true;
	return false;
}

/* ---- single stories ---- */

static const char *
sent_to(struct fake_socket *s)
{
	s->out[s->out_n] = '\0';
	return s->out;
}

static unsigned
answers(struct fake_socket *s, const char *status_line)
{
	const char *p = sent_to(s);
	unsigned n = 0;

	while ((p = strstr(p, status_line)) != NULL)
		p++, n++;
	return n;
}

static void
a_connection_for_one_request_is_never_watched(void **state)
{
	const char *once = "GET /a.txt HTTP/1.0\r\n\r\n";
	struct fake_socket *s;

	(void)state;
	begin();
	net.early = true;
	s = arrive(once);
	assert_true(s->closed);
	assert_int_equal(s->tag, 0);
	assert_memory_equal(s->out, "HTTP/1.1 200 OK\r\n", 17);
	assert_int_equal(take_events(), 2);
	assert_int_equal(seen[0].e.status, 200);
	assert_int_equal(seen[1].e.close, CLOSE_HTTP10);
	/* one that stays is */
	s = arrive(GET("/a.txt"));
	assert_false(s->closed);
	assert_int_not_equal(s->tag, 0);
	assert_true(s->watched & IO_READABLE);

	finish();
}

/* Two calls for all of them, whatever they ask for. */
static void
what_comes_at_once_is_received_and_sent_at_once(void **state)
{
	static const char *const texts[] = { GET("/a.txt"), GET("/nowhere"),
		GET("/a.txt"), "HEAD /a.txt HTTP/1.1\r\nHost: x\r\n\r\n" };
	struct fake_socket *s[N(texts)];

	(void)state;
	begin();
	for (size_t i = 0; i < N(texts); i++)
		s[i] = arrive_in_part(texts[i], 0);
	settle();
	for (size_t i = 0; i < N(texts); i++)
		s[i]->arrived = s[i]->in_n;
	net.transfers = 0;
	assert_int_equal(fake_turn(&net, 0), N(texts));
	assert_int_equal(net.transfers, 2);
	assert_int_equal(
	    counter_get(&net.cs.watch->counters.v[COUNTER_TOGETHER]),
	    2 * N(texts));
	assert_int_equal(answers(s[0], "HTTP/1.1 200 OK\r\n"), 1);
	assert_int_equal(answers(s[1], "HTTP/1.1 404 Not Found\r\n"), 1);
	assert_string_equal(sent_to(s[2]), sent_to(s[0]));
	assert_int_equal(answers(s[3], "HTTP/1.1 200 OK\r\n"), 1);
	assert_int_equal(take_events(), N(texts));
	/* sent by one call, they were sent at one time */
	for (size_t i = 1; i < N(texts); i++)
		assert_int_equal(seen[i].e.wall + seen[i].e.first_ns,
		    seen[0].e.wall + seen[0].e.first_ns);
	finish();
}

/* Who has left meanwhile is not sent to again. */
static void
what_fails_among_others_ends_with_its_own_reason(void **state)
{
	struct fake_socket *left, *stays;
	unsigned first;

	(void)state;
	begin();
	left = arrive_in_part(GET("/a.txt"), 0);
	stays = arrive_in_part(GET("/a.txt"), 0);
	settle();
	left->arrived = left->in_n;
	stays->arrived = stays->in_n;
	left->deaf = true;
	net.transfers = 0;
	assert_int_equal(fake_turn(&net, 0), 2);
	assert_int_equal(net.transfers, 2);
	assert_true(left->closed);
	assert_int_equal(answers(stays, "HTTP/1.1 200 OK\r\n"), 1);
	assert_int_equal(take_events(), 3);
	first = seen[0].e.status == 200 && seen[0].e.bytes_out > 0 ? 1 : 0;
	assert_int_equal(why_of(&seen[first].e), REASON_SEND_FAILED);
	assert_int_equal(
	    seen[first].e.trail.r[seen[first].e.trail.why].b, EPIPE);
	finish();
}

static void
so_is_what_new_connections_bring(void **state)
{
	static const struct peer peer = { .family = 2, .port = 4711 };
	static const char text[] = GET("/a.txt");
	struct conn *c[3];

	(void)state;
	begin();
	for (unsigned i = 0; i < 3; i++) {
		struct fake_socket *s = &net.socket[net.sockets];

		*s = (struct fake_socket){ .in = text,
			.in_n = strlen(text),
			.arrived = strlen(text),
			.window = FAKE_OUT,
			.out = s->out != NULL ? s->out : malloc(FAKE_OUT) };
		c[i] =
		    conn_open(&net.cs, FAKE_FD + (int)net.sockets++, &peer, 0);
	}
	net.transfers = 0;
	conns_begin(&net.cs, c, 3);
	assert_int_equal(net.transfers, 2);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(
		    answers(&net.socket[i], "HTTP/1.1 200 OK\r\n"), 1);
	finish();
}

/* Parts that fit the buffer together, which one call sends; larger ones go out
 * of the file. */
static void
small_parts_are_sent_at_once(void **state)
{
	static const struct {
		const char *text;
		unsigned transfers;
	} rows[] = {
		{ "GET /big.bin HTTP/1.1\r\nHost: x\r\n"
		  "Range: bytes=0-9999,20000-29999,40000-49999\r\n\r\n",
		    2 },
		{ "GET /big.bin HTTP/1.1\r\nHost: x\r\n"
		  "Range: bytes=0-9999,20000-99999,110000-119999\r\n\r\n",
		    3 },
	};

	(void)state;
	begin();
	for (size_t i = 0; i < N(rows); i++) {
		struct fake_socket *s = arrive(rows[i].text);

		net.transfers = 0;
		assert_true(fake_wake(&net, net.sockets - 1));
		assert_int_equal(net.transfers, rows[i].transfers);
		assert_int_equal(
		    answers(s, "HTTP/1.1 206 Partial Content\r\n"), 1);
		assert_int_equal(answers(s, "Content-Range: "), 3);
		assert_int_equal(take_events(), 1);
		assert_int_equal(seen[0].e.bytes_out, s->out_n);
	}
	finish();
}

/* Who sends more behind a request makes nobody else's answer late, nor is what
 * happened told out of order. */
static void
what_follows_a_request_comes_after_the_others(void **state)
{
	struct fake_socket *s[4];

	(void)state;
	begin();
	s[0] = arrive_in_part(GET("/a.txt") GET("/nowhere") GET("/a.txt"), 0);
	for (int i = 1; i < 4; i++)
		s[i] = arrive_in_part(GET("/a.txt"), 0);
	settle();
	for (int i = 0; i < 4; i++)
		s[i]->arrived = s[i]->in_n;
	assert_int_equal(fake_turn(&net, 0), 4);
	assert_int_equal(answers(s[0], "HTTP/1.1 "), 3);
	assert_int_equal(take_events(), 6);
	for (int i = 1; i < 6; i++)
		assert_true(seen[i - 1].e.wall + seen[i - 1].e.done_ns <=
		    seen[i].e.wall + seen[i].e.done_ns);
	for (int i = 0; i < 3; i++)
		assert_int_not_equal(seen[i].e.conn, seen[5].e.conn);
	finish();
}

/* A network on which a second ends while answers are sent together. */
static bool second_ends;

static unsigned
transfer_at_a_seconds_end(struct io *io, struct io_call *calls, unsigned n)
{
	second_ends = n > 1 && calls[0].send;
	return fake_transfer(io, calls, n);
}

static int64_t
mono_at_a_seconds_end(struct io *io)
{
	int64_t ns = second_ends ? NS_PER_MS : 0;

	second_ends = false;
	net.now.mono += ns;
	net.now.wall += ns;
	return fake_mono(io);
}

/* An answer that others share gets its date with the next request: what one of
 * them was sent in part stays as it was. */
static void
a_date_that_was_sent_in_part_is_sent_to_its_end(void **state)
{
	static const char date[] = "Date: Sun, 17 Mar 2030 17:46:49 GMT\r\n";
	const int64_t second = 1900000009 * NS_PER_S;
	struct io_ops ops = fake_ops;
	struct fake_socket *behind, *in_part[2];
	unsigned from;

	(void)state;
	begin();
	net.now.wall = second;
	for (int i = 0; i < 6; i++) { /* kept, and its image made */
		arrive(GET("/a.txt"));
		fake_pass(&net, 100 * NS_PER_MS);
		settle();
	}
	from = net.sockets;
	behind = arrive_in_part(GET("/a.txt") GET("/a.txt"), 0);
	in_part[0] = arrive_in_part(GET("/a.txt"), 0);
	in_part[1] = arrive_in_part(GET("/a.txt"), 0);
	settle();
	behind->arrived = behind->in_n;
	for (int i = 0; i < 2; i++) {
		in_part[i]->arrived = in_part[i]->in_n;
		in_part[i]->window = i == 0 ? 47 : 0;
	}
	take_events();
	fake_pass(&net, second + 999500000 - net.now.wall);
	ops.transfer = transfer_at_a_seconds_end;
	ops.mono = mono_at_a_seconds_end;
	net.cs.io.ops = &ops;
	fake_turn(&net, from);
	net.cs.io.ops = &fake_ops;
	for (int i = 0; i < 2; i++)
		in_part[i]->window = FAKE_OUT;
	settle();
	for (int i = 0; i < 2; i++)
		assert_int_equal(answers(in_part[i], date), 1);
	assert_int_equal(answers(behind, "17:46:50 GMT\r\n"), 1);
	assert_int_equal(take_events(), 4);
	for (int i = 0; i < 4; i++) {
		if (seen[i].e.number == 1)
			assert_non_null(strstr(seen[i].response, date));
	}
	finish();
}

static void
a_request_is_answered_and_the_connection_kept(void **state)
{
	struct fake_socket *s;
	struct conn_row row;

	(void)state;
	begin();
	s = arrive(GET("/a.txt"));
	settle();
	assert_int_equal(answers(s, "HTTP/1.1 200 OK\r\n"), 1);
	assert_true(s->out_n > SMALL);
	assert_int_equal(
	    counter_get(&net.cs.watch->counters.open[CONN_IDLE]), 1);
	assert_null(fake_open_conn(&net, s)->work);
	assert_int_equal(take_events(), 1);
	assert_int_equal(seen[0].e.kind, EVENT_EXCHANGE);
	assert_int_equal(seen[0].e.status, 200);
	assert_int_equal(seen[0].e.close, CLOSE_NONE);
	assert_int_equal(seen[0].e.number, 1);
	assert_int_equal(seen[0].e.body_sent, SMALL);
	assert_int_equal(seen[0].e.bytes_out, s->out_n);
	assert_int_equal(seen[0].e.bytes_in, s->in_n);
	assert_string_equal(seen[0].request, s->in);
	assert_true(row_read(&net.cs.watch->rows[0], &row));
	assert_int_equal(row.requests, 1);
	assert_int_equal(row.bytes_out, s->out_n);
	finish();
}

static void
pipelined_requests_are_answered_in_order(void **state)
{
	struct fake_socket *s;
	const char *p;

	(void)state;
	begin();
	s = arrive(GET("/a.txt") GET("/none") "BREW / HTTP/1.1\r\nHost: h\r\n"
					      "\r\n" GET("/sub"));
	settle();
	p = strstr(sent_to(s), "HTTP/1.1 200 ");
	assert_non_null(p);
	p = strstr(p, "HTTP/1.1 404 ");
	assert_non_null(p);
	p = strstr(p, "HTTP/1.1 501 ");
	assert_non_null(p);
	assert_non_null(strstr(p, "HTTP/1.1 301 "));
	assert_int_equal(take_events(), 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(seen[i].e.number, i + 1);
	assert_int_equal(counted(COUNTER_FIRST), 1);
	assert_int_equal(counted(COUNTER_REUSED), 3);
	finish();
}

static void
a_request_that_comes_byte_by_byte_is_answered_once(void **state)
{
	static const char text[] = GET("/a.txt") GET("/empty.txt");
	struct fake_socket *s;

	(void)state;
	begin();
	s = arrive(text);
	s->arrived = 0;
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		s->arrived++;
		settle();
	}
	assert_int_equal(answers(s, "HTTP/1.1 200 OK\r\n"), 2);
	finish();
}

static void
one_turn_does_not_serve_one_client_for_ever(void **state)
{
	static char text[300 * (sizeof(GET("/empty.txt")) - 1) + 1];
	struct fake_socket *s;

	(void)state;
	for (size_t i = 0; i < 300; i++)
		strcat(text, GET("/empty.txt"));
	begin();
	s = arrive(text);
	assert_true(fake_wake(&net, 0));
	check_turn();
	assert_true(
	    answers(s, "HTTP/1.1 200 OK\r\n") <= 2 * LIMIT_REQUESTS_PER_TURN);
	settle();
	assert_int_equal(answers(s, "HTTP/1.1 200 OK\r\n"), 300);
	finish();
}

/* Of what came at once the kernel tells once; a read ends where the buffer
 * does, or a turn where others are to have theirs. */
static void
what_one_read_does_not_take_is_read_on(void **state)
{
	static char text[1 << 20];
	struct fake_socket *s;
	int n;

	enum { CONTENT = 300000 };

	(void)state;
	begin();
	net.cs.settings.discard_body = CONTENT;
	/* content that is read whole, and dropped */
	memset(text, 'x', sizeof(text) - 1);
	n = sprintf(text,
	    "POST /a.txt HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n",
	    CONTENT);
	text[n] = 'x';
	text[n + CONTENT] = '\0';
	assert_true(CONTENT > (int)net.cs.in_cap);
	s = arrive(text);
	settle();
	assert_int_equal(s->taken, s->in_n);
	assert_int_equal(answers(s, "HTTP/1.1 405 "), 1);
	/* what is behind urgent data */
	s = arrive(GET("/a.txt") GET("/a.txt"));
	s->mark = 30;
	settle();
	assert_int_equal(answers(s, "HTTP/1.1 200 "), 2);
	/* what still comes after a refusal */
	memset(text, 'x', sizeof(text) - 1);
	n = sprintf(text, "GET / HTTP/1.1 \r\n\r\n");
	text[n] = 'x';
	s = arrive(text);
	settle();
	assert_int_equal(answers(s, "HTTP/1.1 400 "), 1);
	assert_int_equal(s->taken, s->in_n);
	finish();
}

static void
one_turn_does_not_send_a_whole_large_file(void **state)
{
	struct fake_socket *s;

	(void)state;
	begin();
	s = arrive(GET("/huge.bin"));
	assert_true(fake_wake(&net, 0));
	check_turn();
	assert_in_range(s->out_n, LIMIT_SEND_PER_TURN / 2,
	    LIMIT_SEND_PER_TURN + LIMIT_RESPONSE_BUFFER);
	settle();
	assert_true(s->out_n > HUGE);
	assert_int_equal(s->out[s->out_n - 1], pattern(HUGE - 1));
	finish();
}

/* ---- how a connection ends ---- */

static const struct ending {
	const char *text;
	enum close_reason close;
	enum reason_id why; /* of the last exchange; NONE: there is none */
} endings[] = {
	{ "", CLOSE_CLIENT_SILENT, REASON_NONE },
	{ "GET / HT", CLOSE_CLIENT_IN_HEAD, REASON_CUT_HEAD },
	{ "\r\n", CLOSE_CLIENT_IN_HEAD, REASON_CUT_HEAD },
	{ GET("/empty.txt"), CLOSE_CLIENT, REASON_FILE_FOUND },
	{ GET("/empty.txt") "G", CLOSE_CLIENT_IN_HEAD, REASON_CUT_HEAD },
	{ "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc",
	    CLOSE_CLIENT_IN_BODY, REASON_CUT_BODY },
	{ "GET /empty.txt HTTP/1.0\r\n\r\n", CLOSE_HTTP10, REASON_FILE_FOUND },
	{ "GET /empty.txt HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
	    CLOSE_ASKED, REASON_FILE_FOUND },
	{ "GET /empty.txt HTTP/1.1\r\nHost : h\r\n\r\n", CLOSE_REFUSED,
	    REASON_SPACE_BEFORE_COLON },
	{ "GET /empty.txt HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
	  "Content-Length: 5\r\n\r\n",
	    CLOSE_CONTENT, REASON_FILE_FOUND },
	{ "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n",
	    CLOSE_CONTENT, REASON_BODY_TOO_LARGE },
};

static void
each_way_to_end_has_its_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(endings); i++) {
		const struct ending *t = &endings[i];
		struct fake_socket *s;
		unsigned n;

		begin();
		s = arrive(t->text);
		s->fin = true;
		settle();
		if (!s->closed || closed_for(t->close) != 1)
			print_error("ending %zu\n", i);
		assert_true(s->closed);
		assert_int_equal(closed_for(t->close), 1);
		n = take_events();
		assert_int_equal(seen[n - 1].e.kind, EVENT_CONN_CLOSED);
		assert_int_equal(seen[n - 1].e.close, t->close);
		assert_int_equal(seen[n - 1].e.number, n - 1);
		if (t->why != REASON_NONE)
			assert_int_equal(why_of(&seen[n - 2].e), t->why);
		finish();
	}
}

static void
a_head_that_was_cut_is_shown_with_all_that_came(void **state)
{
	struct fake_socket *s;

	(void)state;
	begin();
	s = arrive("GET /x HTTP/1.1\r\nHos");
	settle();
	s->fin = true;
	settle();
	assert_int_equal(take_events(), 2);
	assert_int_equal(seen[0].e.status, 0);
	assert_int_equal(seen[0].e.close, CLOSE_CLIENT_IN_HEAD);
	assert_string_equal(seen[0].request, s->in);
	assert_int_equal(seen[0].e.bytes_in, s->in_n);
	finish();
}

static void
a_reset_is_told_apart_from_a_close(void **state)
{
	struct fake_socket *s;

	(void)state;
	begin();
	s = arrive("GET ");
	settle();
	s->gone = true;
	settle();
	assert_int_equal(closed_for(CLOSE_RESET), 1);
	s = arrive(GET("/big.bin"));
	s->window = 5000;
	settle();
	s->gone = true;
	settle();
	assert_int_equal(closed_for(CLOSE_CLIENT_IN_RESPONSE), 1);
	assert_int_equal(take_events(), 4);
	assert_int_equal(why_of(&seen[2].e), REASON_SEND_FAILED);
	/* the trail does not go on saying that it was kept */
	for (unsigned i = 0; i < seen[2].e.trail.n; i++)
		assert_int_not_equal(
		    seen[2].e.trail.r[i].id, REASON_KEEP_11_UNLIMITED);
	assert_int_equal(seen[2].e.bytes_out, 5000);
	assert_int_equal(seen[2].e.body_length, BIG);
	assert_true(seen[2].e.body_sent < 5000);
	finish();
}

static void
a_file_that_shrank_or_fails_ends_the_connection(void **state)
{
	struct fake_socket *s;

	(void)state;
	begin();
	s = arrive(GET("/big.bin"));
	s->window = 5000;
	settle();
	net.files_empty = true;
	s->window = FAKE_OUT;
	settle();
	assert_int_equal(closed_for(CLOSE_TRUNCATED), 1);
	take_events();
	assert_int_equal(why_of(&seen[0].e), REASON_SEND_TRUNCATED);
	s = arrive(GET("/a.txt")); /* a small one, likewise */
	settle();
	assert_int_equal(closed_for(CLOSE_TRUNCATED), 2);
	net.files_empty = false;
	net.file_fault = 256;
	s = arrive(GET("/a.txt"));
	settle();
	assert_int_equal(closed_for(CLOSE_IO_ERROR), 1);
	assert_true(s->closed);
	finish();
}

static void
after_a_refusal_it_waits_until_the_client_has_the_answer(void **state)
{
	static const char text[] = "GET / / HTTP/1.1\r\n\r\nmore and more";
	struct fake_socket *s;

	(void)state;
	begin();
	s = arrive(text);
	s->arrived = 20;
	settle();
	assert_int_equal(answers(s, "HTTP/1.1 400 "), 1);
	assert_int_equal(answers(s, "\r\nConnection: close\r\n"), 1);
	assert_true(s->shut);
	assert_false(s->closed);
	s->arrived = s->in_n; /* read and thrown away: no reset */
	settle();
	assert_int_equal(s->taken, s->in_n);
	assert_false(s->closed);
	s->fin = true;
	settle();
	assert_true(s->closed);
	assert_int_equal(closed_for(CLOSE_REFUSED), 1);
	assert_int_equal(take_events(), 2);
	finish();
}

static void
a_head_request_gets_no_content_whatever_happens(void **state)
{
	static const char *const texts[] = {
		"HEAD /a.txt HTTP/1.1\r\nHost: h\r\n\r\n",
		"HEAD /none HTTP/1.1\r\nHost: h\r\n\r\n",
		"HEAD /sub HTTP/1.1\r\nHost: h\r\n\r\n",
		"HEAD /%00 HTTP/1.1\r\nHost: h\r\n\r\n",
		"HEAD / HTTP/1.1\r\n\r\n",
		("HEAD / HTTP/1.1\r\nHost: h\r\n"
		 "Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
		"HEAD / HTTP/1.1\r\nHost: h\r\nContent-Length: 999999\r\n\r\n",
		"HEAD / HTTP/1.1\r\nHost : h\r\n\r\n",
		"HEAD / HTTP/7.1\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < N(texts); i++) {
		struct fake_socket *s;

		begin();
		s = arrive(texts[i]);
		settle();
		if (strcmp(sent_to(s) + s->out_n - 4, "\r\n\r\n") != 0)
			print_error("%s", texts[i]);
		assert_string_equal(s->out + s->out_n - 4, "\r\n\r\n");
		take_events();
		assert_int_equal(seen[0].e.body_sent, 0);
		assert_int_equal(seen[0].e.body_length, 0);
		finish();
	}
}

static void
the_last_request_that_is_allowed_closes(void **state)
{
	struct fake_socket *s;

	(void)state;
	begin();
	net.cs.settings.requests_per_connection = 2;
	s = arrive(GET("/empty.txt") GET("/empty.txt") GET("/empty.txt"));
	settle();
	assert_int_equal(answers(s, "HTTP/1.1 200 OK\r\n"), 2);
	assert_int_equal(answers(s, "Connection: close\r\n"), 1);
	s->fin = true;
	settle();
	assert_int_equal(closed_for(CLOSE_REQUEST_LIMIT), 1);
	finish();
}

static void
content_is_not_waited_for_when_nobody_said_continue(void **state)
{
	struct fake_socket *s;

	(void)state;
	begin();
	s = arrive("PUT /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
		   "Content-Length: 5\r\n\r\n");
	settle();
	assert_int_equal(answers(s, "HTTP/1.1 405 "), 1);
	assert_int_equal(answers(s, "Connection: close\r\n"), 1);
	assert_int_equal(answers(s, "HTTP/1.1 100"), 0);
	take_events();
	assert_true(has_reason(&seen[0].e, REASON_EXPECT_ANSWERED));
	finish();
}

/* Content in chunks is counted without them, and its time is not that of the
 * head or of the decision. */
static void
content_has_its_bytes_and_its_time(void **state)
{
	static const char text[] =
	    "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "5\r\nhello\r\n0\r\n\r\n";
	const struct event *e = &seen[0].e;
	struct fake_socket *s;

	(void)state;
	begin();
	s = arrive(text);
	s->arrived -= 7;
	settle();
	fake_pass(&net, 3 * NS_PER_S);
	s->arrived = s->in_n;
	settle();
	assert_int_equal(take_events(), 1);
	assert_true(e->head_ns < NS_PER_S);
	assert_true(e->asked_ns >= 3 * NS_PER_S);
	assert_true(e->decided_ns >= e->asked_ns);
	for (unsigned i = 0; i < e->trail.n; i++)
		if (e->trail.r[i].id == REASON_BODY_DISCARDED)
			assert_int_equal(e->trail.r[i].a, 5);
	assert_true(has_reason(e, REASON_BODY_DISCARDED));
	finish();
}

/* ---- deadlines ---- */

static void
who_never_sends_a_byte_is_closed(void **state)
{
	struct fake_socket *s;

	(void)state;
	begin();
	s = arrive("");
	fake_pass(&net, IDLE_S * NS_PER_S - NS_PER_MS);
	assert_false(s->closed);
	fake_pass(&net, NS_PER_MS);
	assert_true(s->closed);
	assert_int_equal(closed_for(CLOSE_SILENT_TIMEOUT), 1);
	finish();
}

static void
a_slow_head_is_answered_408_at_an_absolute_deadline(void **state)
{
	static const char text[] = "GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	struct fake_socket *s;
	int seconds = 0;

	(void)state;
	begin();
	s = arrive(text);
	s->arrived = 1;
	settle();
	while (s->out_n == 0 && seconds < 20) {
		fake_pass(&net, NS_PER_S);
		s->arrived++;
		settle();
		seconds++;
	}
	assert_int_equal(seconds, HEADER_S);
	assert_int_equal(answers(s, "HTTP/1.1 408 "), 1);
	take_events();
	assert_int_equal(seen[0].e.close, CLOSE_HEAD_TIMEOUT);
	assert_int_equal(why_of(&seen[0].e), REASON_HEAD_TIMEOUT);
	assert_int_equal(seen[0].e.trail.r[seen[0].e.trail.why].a, HEADER_S);
	finish();
}

static void
slow_content_is_answered_408_at_an_absolute_deadline(void **state)
{
	static const char head[] =
	    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 200\r\n\r\n"
	    "0123456789012345678901234567890123456789";
	struct fake_socket *s;
	int seconds = 0;

	(void)state;
	begin();
	s = arrive(head);
	s->arrived -= 40;
	settle();
	while (s->out_n == 0 && seconds < 39) {
		fake_pass(&net, NS_PER_S);
		s->arrived++;
		settle();
		seconds++;
	}
	assert_int_equal(seconds, BODY_S);
	assert_int_equal(answers(s, "HTTP/1.1 408 "), 1);
	take_events();
	assert_int_equal(seen[0].e.close, CLOSE_BODY_TIMEOUT);
	finish();
}

static void
who_stops_reading_is_cut_and_who_reads_slowly_is_not(void **state)
{
	struct fake_socket *s;

	(void)state;
	begin();
	s = arrive(GET("/big.bin"));
	s->window = 100;
	settle();
	for (int i = 0; i < 10; i++) {
		fake_pass(&net, (WRITE_S - 1) * NS_PER_S);
		assert_false(s->closed);
		s->window = 1;
		settle();
	}
	fake_pass(&net, WRITE_S * NS_PER_S);
	assert_true(s->closed);
	assert_int_equal(closed_for(CLOSE_WRITE_TIMEOUT), 1);
	take_events();
	assert_int_equal(why_of(&seen[0].e), REASON_SEND_STALLED);
	assert_int_equal(seen[0].e.bytes_out, 110);
	finish();
}

/* When the row says that it is cut. */
static int64_t
deadline_shown(const struct conn *c)
{
	struct conn_row row;

	assert_true(row_read(&net.cs.watch->rows[c->slot], &row));
	return row.deadline;
}

static struct fake_socket *
asks_for_more_than_the_kernel_takes(void)
{
	struct fake_socket *s = arrive(GET("/big.bin"));

	s->window = 10000;
	settle();
	return s;
}

static void
who_takes_from_the_kernels_buffer_is_not_cut(void **state)
{
	struct fake_socket *s;
	struct conn *c;
	int64_t took;

	(void)state;
	begin();
	s = asks_for_more_than_the_kernel_takes();
	c = fake_open_conn(&net, s);
	for (int i = 0; i < 10; i++) {
		fake_pass(&net, (WRITE_S - 1) * NS_PER_S);
		assert_false(s->closed);
		fake_ack(&net, s, 1);
	}
	took = net.now.mono;
	fake_pass(&net, WRITE_S / 4 * NS_PER_S + NS_PER_S);
	check_turn();
	assert_in_range(deadline_shown(c) - took, WRITE_S * NS_PER_S,
	    WRITE_S * NS_PER_S + NS_PER_MS);
	fake_pass(&net, deadline_shown(c) - net.now.mono - NS_PER_MS);
	assert_false(s->closed);
	fake_pass(&net, NS_PER_MS);
	assert_true(s->closed);
	assert_int_equal(closed_for(CLOSE_WRITE_TIMEOUT), 1);
	take_events();
	assert_int_equal(why_of(&seen[0].e), REASON_SEND_STALLED);
	finish();
}

static void
answers_that_acknowledge_nothing_are_no_progress(void **state)
{
	struct fake_socket *s;

	(void)state;
	begin();
	s = asks_for_more_than_the_kernel_takes();
	fake_ack(&net, s, 5000);
	for (int i = 0; i < WRITE_S; i++) {
		fake_pass(&net, NS_PER_S);
		assert_false(s->closed);
		fake_ack(&net, s, 0); /* its window is closed, it says */
	}
	/* Since when it is so was not known when that was first asked for, a
	 * quarter of that time after it had sent. */
	for (int i = 0; i < WRITE_S / 4 + 1; i++) {
		fake_pass(&net, NS_PER_S);
		fake_ack(&net, s, 0);
	}
	assert_true(s->closed);
	assert_int_equal(net.asked, 6); /* five looks, and at the end */
	assert_int_equal(closed_for(CLOSE_WRITE_TIMEOUT), 1);
	finish();
}

static void
what_is_seen_to_be_taken_moves_the_deadline_that_is_shown(void **state)
{
	struct fake_socket *s, *other;
	struct conn *c;
	int64_t shown;

	(void)state;
	begin();
	s = asks_for_more_than_the_kernel_takes();
	c = fake_open_conn(&net, s);
	fake_pass(&net, 10 * NS_PER_S);
	other = asks_for_more_than_the_kernel_takes();
	fake_pass(&net, 10 * NS_PER_S);
	shown = deadline_shown(c);
	conn_took(&net.cs, c);
	assert_true(deadline_shown(c) == shown);
	s->acked = 100; /* five seconds ago */
	s->moved = net.now.mono - 5 * NS_PER_S;
	conn_took(&net.cs, c);
	assert_in_range(deadline_shown(c) - s->moved, WRITE_S * NS_PER_S,
	    WRITE_S * NS_PER_S + NS_PER_MS);
	/* of the two it is now the later one */
	fake_pass(&net, (WRITE_S - 10) * NS_PER_S);
	assert_true(other->closed);
	assert_false(s->closed);
	fake_pass(&net, 5 * NS_PER_S);
	assert_true(s->closed);
	finish();
}

static void
what_was_taken_before_the_deadline_was_armed_is_no_progress(void **state)
{
	struct fake_socket *s;
	struct conn *c;
	int64_t shown;

	(void)state;
	begin();
	s = asks_for_more_than_the_kernel_takes();
	c = fake_open_conn(&net, s);
	fake_pass(&net, 5 * NS_PER_S);
	fake_ack(&net, s, 9000);
	fake_pass(&net, 5 * NS_PER_S);
	s->window = 1; /* the kernel's buffer has opened */
	settle();
	shown = deadline_shown(c);
	conn_took(&net.cs, c);
	assert_true(deadline_shown(c) == shown);
	fake_pass(&net, NS_PER_S);
	fake_ack(&net, s, 1);
	s->moved -= 2 * NS_PER_S;
	fake_pass(&net, shown - net.now.mono);
	assert_true(s->closed);
	finish();
}

static void
a_deadline_takes_its_place_before_later_ones(void **state)
{
	struct fake_socket *s, *later;

	(void)state;
	begin();
	s = asks_for_more_than_the_kernel_takes();
	fake_pass(&net, 2 * NS_PER_S);
	fake_ack(&net, s, 1);
	fake_pass(&net, 10 * NS_PER_S);
	later = asks_for_more_than_the_kernel_takes();
	fake_pass(&net, (WRITE_S - 12) * NS_PER_S);
	assert_false(s->closed); /* its deadline is moved by 2 s */
	fake_pass(&net, 2 * NS_PER_S + NS_PER_MS);
	assert_true(s->closed);
	assert_false(later->closed);
	finish();
}

static void
a_response_that_is_cut_tells_what_the_client_has(void **state)
{
	struct fake_socket *s;

	(void)state;
	begin();
	s = arrive(GET("/a.txt") GET("/big.bin"));
	s->window = 12000;
	settle();
	fake_ack(&net, s, 7000);
	assert_int_equal(net.asked, 0);
	s->gone = true;
	settle();
	assert_true(s->closed);
	assert_int_equal(net.asked, 1);
	take_events();
	assert_int_equal(seen[0].e.unacked, 0); /* it was sent as a whole */
	assert_int_equal(seen[1].e.close, CLOSE_CLIENT_IN_RESPONSE);
	assert_int_equal(seen[1].e.unacked, 5000);
	finish();
}

static void
an_idle_connection_is_closed_and_sooner_when_room_is_short(void **state)
{
	struct fake_socket *first, *last = NULL;

	(void)state;
	begin();
	first = arrive(GET("/empty.txt"));
	settle();
	for (int i = 1; i < 9; i++) {
		last = arrive(GET("/empty.txt"));
		settle();
	}
	fake_pass(&net, IDLE_FULL_S * NS_PER_S);
	assert_true(last->closed);
	assert_false(first->closed);
	fake_pass(&net, (IDLE_S - IDLE_FULL_S) * NS_PER_S);
	assert_true(first->closed);
	assert_int_equal(closed_for(CLOSE_IDLE_TIMEOUT), 9);
	finish();
}

static void
lingering_has_an_end(void **state)
{
	static char text[1000] = "BAD\r\n\r\n";
	struct fake_socket *s;

	(void)state;
	memset(text + 7, 'x', sizeof(text) - 8);
	begin();
	s = arrive(text);
	s->arrived = 7;
	settle();
	for (int i = 0; i < LINGER_S * 2 - 1; i++) {
		fake_pass(&net, NS_PER_S / 2);
		s->arrived++; /* which does not help */
		settle();
	}
	assert_false(s->closed);
	fake_pass(&net, NS_PER_S / 2);
	assert_true(s->closed);
	assert_int_equal(closed_for(CLOSE_LINGER_TIMEOUT), 1);
	finish();
}

static void
the_machine_s_sleep_costs_nobody_the_connection(void **state)
{
	struct fake_socket *s;

	(void)state;
	begin();
	s = arrive(GET("/empty.txt"));
	settle();
	net.now.mono += 3600 * NS_PER_S;
	net.cs.now = fake_now(&net.cs.io);
	conns_slept(&net.cs, 3600 * NS_PER_S);
	conns_expire(&net.cs);
	assert_false(s->closed);
	fake_pass(&net, IDLE_S * NS_PER_S);
	assert_true(s->closed);
	finish();
}

static void
nor_a_download(void **state)
{
	struct fake_socket *s;

	(void)state;
	begin();
	s = asks_for_more_than_the_kernel_takes();
	fake_pass(&net, (WRITE_S - 1) * NS_PER_S);
	net.now.mono += 3600 * NS_PER_S;
	net.cs.now = fake_now(&net.cs.io);
	conns_slept(&net.cs, 3600 * NS_PER_S);
	check_turn();
	conns_expire(&net.cs);
	fake_pass(&net, NS_PER_S / 2);
	assert_false(s->closed);
	fake_pass(&net, NS_PER_S / 2);
	assert_true(s->closed);
	finish();
}

static void
a_reload_moves_deadlines_that_run(void **state)
{
	struct net_settings longer = settings_of_test();
	struct fake_socket *s;

	(void)state;
	begin();
	s = arrive(GET("/empty.txt"));
	settle();
	longer.timeout[DEADLINE_KEEPALIVE] += 5 * NS_PER_S;
	conns_configure(&net.cs, &longer);
	fake_pass(&net, (IDLE_S + 4) * NS_PER_S);
	assert_false(s->closed);
	fake_pass(&net, NS_PER_S);
	assert_true(s->closed);
	finish();
}

static void
a_reload_that_switches_a_timeout_off_closes_nobody(void **state)
{
	struct net_settings off = settings_of_test();
	struct fake_socket *s;

	(void)state;
	begin();
	s = arrive(GET("/empty.txt"));
	settle();
	fake_pass(&net, NS_PER_S);
	off.timeout[DEADLINE_KEEPALIVE] = 0;
	conns_configure(&net.cs, &off);
	fake_pass(&net, NS_PER_MS);
	assert_false(s->closed);
	fake_pass(&net, 3600 * NS_PER_S);
	assert_false(s->closed);
	finish();
}

/* ---- pause ---- */

static void
a_pause_holds_new_requests_and_lets_answers_finish(void **state)
{
	struct fake_socket *fresh, *idle, *half, *busy, *late;

	(void)state;
	begin();
	idle = arrive(GET("/empty.txt") GET("/empty.txt"));
	idle->arrived = idle->in_n / 2;
	half = arrive(GET("/empty.txt"));
	half->arrived = 5;
	busy = arrive(GET("/big.bin") GET("/empty.txt"));
	busy->window = 5000;
	fresh = arrive(GET("/empty.txt"));
	fresh->arrived = 0;
	settle();
	conns_pause(&net.cs, true);
	idle->arrived = idle->in_n;
	half->arrived = half->in_n;
	fresh->arrived = fresh->in_n;
	busy->window = FAKE_OUT;
	settle();
	late = arrive(GET("/empty.txt")); /* was accepted just before */
	settle();
	assert_int_equal(answers(idle, "HTTP/1.1 200 "), 1);
	assert_int_equal(half->out_n, 0);
	assert_int_equal(fresh->out_n, 0);
	assert_int_equal(late->out_n, 0);
	assert_int_equal(answers(busy, "HTTP/1.1 200 "), 1);
	assert_true(busy->out_n > BIG);
	conns_pause(&net.cs, false);
	settle();
	assert_int_equal(answers(idle, "HTTP/1.1 200 "), 2);
	assert_int_equal(answers(half, "HTTP/1.1 200 "), 1);
	assert_int_equal(answers(fresh, "HTTP/1.1 200 "), 1);
	assert_int_equal(answers(late, "HTTP/1.1 200 "), 1);
	assert_int_equal(answers(busy, "HTTP/1.1 200 "), 2);
	finish();
}

/* Its own times do not have it, so it is said. */
static void
a_request_that_a_pause_held_says_so(void **state)
{
	const struct event *e = &seen[0].e;
	struct fake_socket *s;

	(void)state;
	begin();
	s = arrive(GET("/empty.txt") GET("/empty.txt"));
	s->arrived = 0;
	settle();
	conns_pause(&net.cs, true);
	s->arrived = s->in_n / 2;
	fake_pass(&net, 3 * NS_PER_S);
	settle();
	conns_pause(&net.cs, false);
	settle();
	assert_int_equal(take_events(), 1);
	assert_true(has_reason(e, REASON_PAUSED));
	for (unsigned i = 0; i < e->trail.n; i++)
		if (e->trail.r[i].id == REASON_PAUSED)
			assert_int_equal(e->trail.r[i].a, 3000);
	fake_pass(&net, NS_PER_S);
	s->arrived = s->in_n;
	settle();
	assert_int_equal(take_events(), 1);
	assert_false(has_reason(e, REASON_PAUSED));
	finish();
}

/* The times of who had begun before have it: whose it is is said. */
static void
a_request_within_which_a_pause_was_says_so(void **state)
{
	static const char head[] =
	    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n";

	(void)state;
	for (size_t cut = 5; cut < sizeof(head) + 3; cut += sizeof(head) - 3) {
		const struct event *e = &seen[0].e;
		struct fake_socket *s;
		unsigned times = 0;

		begin();
		s = arrive("POST / HTTP/1.1\r\nHost: h\r\n"
			   "Content-Length: 4\r\n\r\nabcd");
		s->arrived = cut;
		settle();
		fake_pass(&net, NS_PER_S);
		conns_pause(&net.cs, true);
		s->arrived = s->in_n;
		fake_pass(&net, 3 * NS_PER_S);
		settle();
		conns_pause(&net.cs, false);
		settle();
		assert_int_equal(take_events(), 1);
		assert_true(e->asked_ns >= 4 * NS_PER_S);
		for (unsigned i = 0; i < e->trail.n; i++)
			if (e->trail.r[i].id == REASON_PAUSED_WITHIN) {
				assert_int_equal(e->trail.r[i].a, 3000);
				times++;
			}
		assert_int_equal(times, 1);
		assert_false(has_reason(e, REASON_PAUSED));
		finish();
	}
}

static void
a_pause_stops_the_clock_of_those_it_holds(void **state)
{
	struct fake_socket *idle, *half, *fresh;

	(void)state;
	begin();
	idle = arrive(GET("/empty.txt"));
	half = arrive(GET("/empty.txt"));
	half->arrived = 5;
	fresh = arrive("");
	settle();
	fake_pass(&net, 5 * NS_PER_S);
	conns_pause(&net.cs, true);
	assert_true(conns_next_deadline(&net.cs) == INT64_MAX);
	fake_pass(&net, 3600 * NS_PER_S);
	settle();
	assert_false(idle->closed || half->closed || fresh->closed);
	conns_pause(&net.cs, false);
	fake_pass(&net, 0);
	assert_false(idle->closed || half->closed || fresh->closed);
	fake_pass(&net, (HEADER_S - 5) * NS_PER_S);
	settle();
	assert_int_equal(answers(half, "HTTP/1.1 408 "), 1);
	assert_false(idle->closed);
	fake_pass(&net, (IDLE_S - HEADER_S) * NS_PER_S);
	assert_true(idle->closed && fresh->closed);
	finish();
}

static void
a_held_connection_that_is_reset_is_let_go(void **state)
{
	struct fake_socket *s;

	(void)state;
	begin();
	s = arrive(GET("/empty.txt"));
	s->arrived = 5;
	settle();
	conns_pause(&net.cs, true);
	s->arrived = s->in_n;
	settle();
	assert_true(fake_open_conn(&net, s)->held);
	s->gone = true;
	settle();
	assert_true(s->closed);
	assert_int_equal(closed_for(CLOSE_RESET), 1);
	conns_pause(&net.cs, false);
	finish();
}

/* ---- drain, cut ---- */

static void
a_drain_answers_what_was_sent_and_closes_the_rest(void **state)
{
	struct fake_socket *quiet, *fresh, *asked, *first, *half, *busy, *last;

	(void)state;
	begin();
	quiet = arrive(GET("/empty.txt"));
	asked = arrive(GET("/empty.txt") GET("/empty.txt"));
	asked->arrived = asked->in_n / 2;
	fresh = arrive(GET("/empty.txt"));
	fresh->arrived = 0;
	first = arrive(GET("/empty.txt"));
	first->arrived = 0;
	half = arrive(GET("/empty.txt"));
	half->arrived = 5;
	busy = arrive(GET("/big.bin") GET("/empty.txt"));
	busy->arrived -= 10;
	busy->window = 5000;
	last = arrive(GET("/big.bin"));
	last->window = 5000;
	settle();
	/* in the kernel, not yet seen */
	asked->arrived = asked->in_n;
	first->arrived = first->in_n;
	net.cs.now = fake_now(&net.cs.io);
	conns_drain(&net.cs);
	check_turn();
	assert_true(quiet->closed && fresh->closed);
	assert_int_equal(answers(asked, "HTTP/1.1 200 "), 2);
	assert_int_equal(answers(asked, "Connection: close\r\n"), 1);
	assert_true(asked->shut && !asked->closed);
	assert_int_equal(answers(first, "Connection: close\r\n"), 1);
	assert_false(half->closed || busy->closed || last->closed);
	asked->fin = first->fin = half->fin = busy->fin = true;
	half->arrived = half->in_n;
	busy->arrived = busy->in_n;
	busy->window = last->window = FAKE_OUT;
	settle();
	assert_int_equal(answers(half, "Connection: close\r\n"), 1);
	assert_true(asked->closed && half->closed && busy->closed);
	assert_int_equal(answers(busy, "HTTP/1.1 200 "), 2);
	/* had said keep-alive; after one last look there is nothing */
	assert_true(last->closed && last->out_n > BIG);
	assert_int_equal(closed_for(CLOSE_DRAIN), 7);
	assert_int_equal(net.cs.open, 0);
	finish();
}

static void
a_cut_ends_everything_at_once_with_its_reason(void **state)
{
	struct fake_socket *busy;
	unsigned n;

	(void)state;
	begin();
	(void)arrive(GET("/empty.txt"));
	(void)arrive("GET /x");
	(void)arrive("BAD\r\n\r\n");
	(void)arrive("");
	busy = arrive(GET("/big.bin"));
	busy->window = 5000;
	settle();
	take_events();
	conns_cut(&net.cs, CLOSE_DRAIN_DEADLINE);
	assert_int_equal(net.cs.open, 0);
	assert_int_equal(closed_for(CLOSE_DRAIN_DEADLINE), 5);
	n = take_events();
	assert_int_equal(n, 7); /* two exchanges were under way */
	assert_int_equal(seen[n - 2].e.close, CLOSE_DRAIN_DEADLINE);
	assert_int_equal(why_of(&seen[n - 2].e), REASON_SEND_STOPPED);
	assert_int_equal(seen[n - 2].e.bytes_out, 5000);
	finish();
}

static void
a_connection_closed_by_hand_does_not_blame_a_shutdown(void **state)
{
	struct fake_socket *busy;
	char mem[256];
	struct buf b = buf_over(mem, sizeof(mem));

	(void)state;
	begin();
	busy = arrive(GET("/big.bin"));
	busy->window = 5000;
	settle();
	conn_abort(&net.cs, fake_open_conn(&net, busy), CLOSE_OPERATOR);
	take_events();
	assert_int_equal(seen[0].e.close, CLOSE_OPERATOR);
	reason_put_text(&b, &seen[0].e.trail.r[seen[0].e.trail.why]);
	assert_null(strstr(buf_cstr(&b), "shutdown"));
	finish();
}

static void
an_answer_cut_after_a_while_took_that_while(void **state)
{
	struct fake_socket *busy;
	int64_t now;

	(void)state;
	begin();
	busy = arrive(GET("/big.bin"));
	busy->window = 100; /* one call sends, and then it waits */
	settle();
	fake_pass(&net, 3 * NS_PER_S);
	now = net.cs.now.mono;
	conn_abort(&net.cs, fake_open_conn(&net, busy), CLOSE_OPERATOR);
	take_events();
	assert_true(seen[0].e.done_ns >= 3 * NS_PER_S);
	assert_true(seen[0].e.first_ns < NS_PER_S);
	assert_true(net.cs.now.mono >= now);
	finish();
}

/* A client that is slow to send its head, or to read the answer, makes no
 * latency of the server's; one that sends no whole head has none. */
static void
latency_is_the_server_s_own(void **state)
{
	struct fake_socket *slow, *never;
	const struct hist *h = &net.cs.watch->counters.latency;

	(void)state;
	begin();
	slow = arrive_in_part(GET("/big.bin"), 5);
	never = arrive("GET /a");
	settle();
	fake_pass(&net, 4 * NS_PER_S);
	slow->arrived = slow->in_n;
	slow->window = 100;
	settle();
	fake_pass(&net, 3 * NS_PER_S);
	slow->window = FAKE_OUT;
	settle();
	assert_int_equal(hist_count(h), 1);
	assert_true(hist_quantile(h, 1000) < NS_PER_S);
	fake_pass(&net, HEADER_S * NS_PER_S);
	settle();
	assert_true(never->out_n > 0); /* 408 */
	assert_int_equal(hist_count(h), 1);
	finish();
}

/* Nor does one that is slow to send content, or never sends all of it. */
static void
latency_begins_behind_the_content(void **state)
{
	static const char request[] = "POST /a.txt HTTP/1.1\r\nHost: x\r\n"
				      "Content-Length: 5\r\n\r\nabcde";
	struct fake_socket *slow, *never;
	const struct hist *h = &net.cs.watch->counters.latency;

	(void)state;
	begin();
	slow = arrive_in_part(request, sizeof(request) - 3);
	never = arrive_in_part(request, sizeof(request) - 3);
	settle();
	fake_pass(&net, 3 * NS_PER_S);
	slow->arrived = slow->in_n;
	settle();
	assert_int_equal(hist_count(h), 1);
	fake_pass(&net, BODY_S * NS_PER_S);
	settle();
	assert_true(never->out_n > 0); /* 408 */
	assert_int_equal(hist_count(h), 2);
	assert_true(hist_quantile(h, 1000) < NS_PER_S);
	finish();
}

/* Whoever is come to later in a turn waited for the others; the times of an
 * exchange begin behind that. */
static void
what_waits_behind_others_in_a_turn_is_told_so(void **state)
{
	struct fake_socket *first, *behind;

	(void)state;
	begin();
	first = arrive(GET("/a.txt") GET("/a.txt"));
	behind = arrive(GET("/a.txt"));
	net.cs.now = fake_now(&net.cs.io);
	net.cs.woke = net.cs.now.mono;
	conn_step(&net.cs, fake_open_conn(&net, first), true, false);
	conn_step(&net.cs, fake_open_conn(&net, behind), true, false);
	assert_int_equal(take_events(), 3);
	assert_int_equal(seen[0].e.queued_ns, 0);
	for (int i = 1; i < 3; i++) {
		assert_true(
		    seen[i].e.queued_ns >= seen[i - 1].e.queued_ns + 100);
		assert_int_equal(
		    seen[i].e.queued_ns, seen[i].e.wall - seen[0].e.wall);
	}
	finish();
}

/* ---- slots ---- */

static void
without_a_free_slot_a_socket_stays_the_caller_s(void **state)
{
	struct fake_socket *s;

	(void)state;
	begin();
	for (int i = 0; i < SLOTS; i++)
		assert_non_null(fake_connect(&net, "", 0));
	assert_null(fake_connect(&net, "", 0));
	check_turn();
	s = &net.socket[3];
	s->fin = true;
	settle();
	assert_true(s->closed);
	assert_non_null(fake_connect(&net, "", 0));
	finish();
}

static void
an_old_tag_does_not_find_the_slot_s_new_owner(void **state)
{
	struct fake_socket *s, *next;
	uint64_t tag;

	(void)state;
	begin();
	s = arrive("");
	tag = s->tag;
	s->fin = true;
	settle();
	next = arrive("");
	assert_int_equal((uint32_t)next->tag, (uint32_t)tag);
	assert_null(conn_find(&net.cs, (uint32_t)tag, (uint32_t)(tag >> 32)));
	assert_non_null(fake_conn(&net, next));
	assert_null(conn_find(&net.cs, SLOTS, 1));
	assert_null(conn_find(&net.cs, UINT32_MAX, 1));
	finish();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content_has_its_bytes_and_its_time),
		cmocka_unit_test(a_connection_for_one_request_is_never_watched),
		cmocka_unit_test(
		    what_comes_at_once_is_received_and_sent_at_once),
		cmocka_unit_test(
		    what_fails_among_others_ends_with_its_own_reason),
		cmocka_unit_test(so_is_what_new_connections_bring),
		cmocka_unit_test(what_follows_a_request_comes_after_the_others),
		cmocka_unit_test(small_parts_are_sent_at_once),
		cmocka_unit_test(
		    a_date_that_was_sent_in_part_is_sent_to_its_end),
		cmocka_unit_test(a_request_is_answered_and_the_connection_kept),
		cmocka_unit_test(pipelined_requests_are_answered_in_order),
		cmocka_unit_test(
		    a_request_that_comes_byte_by_byte_is_answered_once),
		cmocka_unit_test(one_turn_does_not_serve_one_client_for_ever),
		cmocka_unit_test(what_one_read_does_not_take_is_read_on),
		cmocka_unit_test(one_turn_does_not_send_a_whole_large_file),
		cmocka_unit_test(each_way_to_end_has_its_reason),
		cmocka_unit_test(
		    a_head_that_was_cut_is_shown_with_all_that_came),
		cmocka_unit_test(a_reset_is_told_apart_from_a_close),
		cmocka_unit_test(
		    a_file_that_shrank_or_fails_ends_the_connection),
		cmocka_unit_test(
		    after_a_refusal_it_waits_until_the_client_has_the_answer),
		cmocka_unit_test(
		    a_head_request_gets_no_content_whatever_happens),
		cmocka_unit_test(the_last_request_that_is_allowed_closes),
		cmocka_unit_test(
		    content_is_not_waited_for_when_nobody_said_continue),
		cmocka_unit_test(who_never_sends_a_byte_is_closed),
		cmocka_unit_test(
		    a_slow_head_is_answered_408_at_an_absolute_deadline),
		cmocka_unit_test(
		    slow_content_is_answered_408_at_an_absolute_deadline),
		cmocka_unit_test(
		    who_stops_reading_is_cut_and_who_reads_slowly_is_not),
		cmocka_unit_test(who_takes_from_the_kernels_buffer_is_not_cut),
		cmocka_unit_test(
		    answers_that_acknowledge_nothing_are_no_progress),
		cmocka_unit_test(
		    what_is_seen_to_be_taken_moves_the_deadline_that_is_shown),
		cmocka_unit_test(
		    what_was_taken_before_the_deadline_was_armed_is_no_progress),
		cmocka_unit_test(a_deadline_takes_its_place_before_later_ones),
		cmocka_unit_test(
		    a_response_that_is_cut_tells_what_the_client_has),
		cmocka_unit_test(
		    an_idle_connection_is_closed_and_sooner_when_room_is_short),
		cmocka_unit_test(lingering_has_an_end),
		cmocka_unit_test(
		    the_machine_s_sleep_costs_nobody_the_connection),
		cmocka_unit_test(nor_a_download),
		cmocka_unit_test(a_reload_moves_deadlines_that_run),
		cmocka_unit_test(
		    a_reload_that_switches_a_timeout_off_closes_nobody),
		cmocka_unit_test(
		    a_pause_holds_new_requests_and_lets_answers_finish),
		cmocka_unit_test(a_request_that_a_pause_held_says_so),
		cmocka_unit_test(a_request_within_which_a_pause_was_says_so),
		cmocka_unit_test(a_pause_stops_the_clock_of_those_it_holds),
		cmocka_unit_test(a_held_connection_that_is_reset_is_let_go),
		cmocka_unit_test(
		    a_drain_answers_what_was_sent_and_closes_the_rest),
		cmocka_unit_test(a_cut_ends_everything_at_once_with_its_reason),
		cmocka_unit_test(
		    a_connection_closed_by_hand_does_not_blame_a_shutdown),
		cmocka_unit_test(an_answer_cut_after_a_while_took_that_while),
		cmocka_unit_test(latency_is_the_server_s_own),
		cmocka_unit_test(latency_begins_behind_the_content),
		cmocka_unit_test(what_waits_behind_others_in_a_turn_is_told_so),
		cmocka_unit_test(
		    without_a_free_slot_a_socket_stays_the_caller_s),
		cmocka_unit_test(an_old_tag_does_not_find_the_slot_s_new_owner),
	};
	return cmocka_run_group_tests_name(
	    "conn", tests, make_root, remove_root);
}
