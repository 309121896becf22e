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
	    "of 2,097,152 content bytes sent the client acknowledged "
	    "65,160"));
}

static void
what_the_kernel_does_not_tell_is_not_shown(void **state)
{
	(void)state;
	cut_with(2097152, EVENT_UNTOLD);
	assert_null(strstr(drawn(100, 50), "the client acknowledged"));
	assert_non_null(strstr(text, "2,097,152 of 60,000,000"));
}

static void
content_is_not_acknowledged_before_what_was_sent_before_it(void **state)
{
	(void)state;
	cut_with(1000, 1200);
	assert_non_null(strstr(drawn(100, 50),
	    "of 1,000 content bytes sent the client acknowledged 0"));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, unmake)
	const struct CMUnitTest tests[] = {
		T(what_the_client_has_of_a_cut_response_is_told),
		T(what_the_kernel_does_not_tell_is_not_shown),
		T(content_is_not_acknowledged_before_what_was_sent_before_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
