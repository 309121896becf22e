/* What the console shows of clients that are slow to take a response. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/console/scene.h"
#include "ui/grid.h"

#define CONN 41 /* the scene's that is being sent to */

static struct scene s;
static char text[1u << 16];

static const char *
drawn(int w, int h)
{
	struct buf b = buf_over(text, sizeof text);
	struct grid g;

	assert_true(grid_init(&g, w, h, false));
	ui_draw(&s.ui, &g);
	grid_text(&g, &b);
	(void)buf_cstr(&b);
	grid_free(&g);
	return text;
}

static int
make(void **state)
{
	(void)state;
	scene_make(&s);
	return 0;
}

static int
unmake(void **state)
{
	(void)state;
	scene_free(&s);
	return 0;
}

/* ---- a response that was cut ---- */

static void
cut_with(uint64_t sent, uint32_t unacked)
{
	static const char request[] = "GET /big.bin HTTP/1.1\r\n\r\n";
	static const char response[] = "HTTP/1.1 200 OK\r\n\r\n";
	struct event e = { .kind = EVENT_EXCHANGE,
		.status = 200,
		.close = CLOSE_CLIENT_IN_RESPONSE,
		.conn = 77,
		.number = 1,
		.wall = s.now.wall,
		.done_ns = NS_PER_S,
		.body_sent = sent,
		.body_length = 60000000,
		.bytes_out = sent + sizeof response - 1,
		.request_n = sizeof request - 1,
		.response_n = sizeof response - 1,
		.unacked = unacked,
		.refused_at = EVENT_NOWHERE,
		.major = 1,
		.minor = 1 };

	trail_why(&e.trail, REASON_SEND_FAILED, 60000000 - sent, 32);
	journal_add(control_watch(s.ui.control)->journal, &e, span_str(request),
	    span_str(response));
	scene_pass(&s, NS_PER_S);
	scene_type(&s, "k\r");
}

static void
what_the_client_has_of_a_cut_response_is_told(void **state)
{
	(void)state;
	cut_with(2097152, 2097152 - 65160);
	assert_non_null(strstr(drawn(100, 50),
	    "65,160 of 2,097,152 content bytes sent, "
	    "when it was cut"));
	assert_null(strstr(text, "not known: the connection has ended"));
}

static void
what_the_kernel_does_not_tell_is_not_shown(void **state)
{
	(void)state;
	cut_with(2097152, EVENT_UNTOLD);
	assert_null(strstr(drawn(100, 50), "when it was cut"));
	assert_non_null(strstr(text, "2,097,152 of 60,000,000"));
}

static void
content_is_not_acknowledged_before_what_was_sent_before_it(void **state)
{
	(void)state;
	cut_with(1000, 1200);
	assert_non_null(strstr(
	    drawn(100, 50), "0 of 1,000 content bytes sent, when it was cut"));
}

/* ---- how long it will still take ---- */

static void
sends_since(int64_t ns)
{
	struct conn_row row = { .conn = CONN,
		.slot = 0,
		.state = CONN_SENDING,
		.requests = 7,
		.opened = s.now.mono - ns,
		.since = s.now.mono - ns,
		.deadline = s.now.mono + 30 * NS_PER_S,
		.moved = s.now.mono,
		.bytes_out = 2100000,
		.body_sent = 2000000,
		.body_total = 60000000,
		.target_n = 8,
		.target = "/big.bin" };

	fake_row(s.ui.control, &row);
	s.ui.m->look.frozen = false;
	s.ui.m->looked = INT64_MAX / 2; /* nobody asks anew */
}

/* A look at its path, as a worker answers it. */
static void
acked(int64_t ago, uint64_t bytes)
{
	struct conn_path p = { .conn = CONN,
		.at = s.now.mono - ago,
		.bytes_out = 2100000,
		.acked = bytes,
		.mss = 1448 };

	path_write(&control_watch(s.ui.control)->worker[0].paths[0], &p);
	scene_pass(&s, 0);
	model_look(s.ui.m, s.ui.control);
}

static const char *
line_of_it(void)
{
	static char line[512];
	const char *at = strstr(drawn(120, 40), "/big.bin");
	size_t n;

	assert_non_null(at);
	while (at > text && at[-1] != '\n')
		at--;
	n = strcspn(at, "\n");
	assert_true(n < sizeof line);
	memcpy(line, at, n);
	line[n] = '\0';
	return line;
}

static void
no_rest_is_told_before_a_second_has_passed(void **state)
{
	(void)state;
	sends_since(900 * NS_PER_MS);
	acked(600 * NS_PER_MS, 300000);
	acked(0, 400000);
	assert_null(strchr(line_of_it(), '~'));
	sends_since(1500 * NS_PER_MS);
	acked(0, 500000);
	assert_non_null(strchr(line_of_it(), '~'));
}

static void
no_rest_is_told_of_a_client_that_takes_nothing(void **state)
{
	(void)state;
	sends_since(2 * NS_PER_S);
	acked(1500 * NS_PER_MS, 300000);
	acked(0, 300000);
	assert_null(strchr(line_of_it(), '~'));
	assert_non_null(strchr(line_of_it(), '%'));
}

/* ---- what it lingers for ---- */

static const char *
lingers_at(int w)
{
	struct conn_row row = { .conn = CONN,
		.slot = 0,
		.state = CONN_LINGER,
		.requests = 7,
		.opened = s.now.mono - 9 * NS_PER_S,
		.since = s.now.mono - NS_PER_S,
		.deadline = s.now.mono + 4 * NS_PER_S };

	scene_type(&s, "2\r");
	assert_int_equal(s.ui.m->look.conn_detail, CONN);
	fake_row(s.ui.control, &row);
	scene_pass(&s, 0);
	return drawn(w, 24);
}

static void
a_connection_s_deadline_is_told_however_narrow(void **state)
{
	(void)state;
	assert_non_null(strstr(lingers_at(80),
	    " LINGER  for 1s, 4s left: answered and half closed, until the "
	    "client closes too"));
	assert_non_null(strstr(drawn(40, 12), " LINGER  for 1s, 4s left: "));
	assert_non_null(strstr(drawn(120, 24), "   4s left"));
	assert_non_null(strstr(text, "until the client closes too, for 1s"));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, unmake)
	const struct CMUnitTest tests[] = {
		T(what_the_client_has_of_a_cut_response_is_told),
		T(what_the_kernel_does_not_tell_is_not_shown),
		T(content_is_not_acknowledged_before_what_was_sent_before_it),
		T(no_rest_is_told_before_a_second_has_passed),
		T(no_rest_is_told_of_a_client_that_takes_nothing),
		T(a_connection_s_deadline_is_told_however_narrow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
