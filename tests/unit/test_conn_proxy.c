#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fake_server.h"

#define LINE "PROXY TCP4 192.0.2.7 192.0.2.8 4711 80\r\n"

/* The invented clients have the address 0.0.0.0. */
static void
begin_behind_proxy(void)
{
	struct net_settings s = settings_of_test();

	s.proxy_required = true;
	assert_true(trust_add(&s.trust, SPAN("0.0.0.0")));
	if (!fake_begin(&net, open_site(), SLOTS, &s))
		fail_msg("no memory");
}

/* The next event, of whatever kind. */
static bool
take_event(struct event *e)
{
	struct span s;

	watch_publish(net.cs.watch);
	s = ring_peek(&net.cs.watch->ring);
	if (s.p == NULL)
		return false;
	event_copy(e, (const void *)s.p);
	ring_pop(&net.cs.watch->ring);
	return true;
}

static void
expect_exchange(struct event *e, uint16_t status, enum reason_id why)
{
	assert_true(take_event(e));
	assert_int_equal(e->kind, EVENT_EXCHANGE);
	assert_int_equal(e->status, status);
	for (unsigned i = 0; i < e->trail.n; i++)
		if (e->trail.r[i].id == why)
			return;
	fail_msg("that reason is not in the trail");
}

static void
expect_client(const struct event *e)
{
	static const uint8_t client[4] = { 192, 0, 2, 7 };

	assert_int_equal(e->peer.family, AF_INET);
	assert_int_equal(e->peer.port, 4711);
	assert_memory_equal(e->peer.addr, client, 4);
}

static bool
answered(struct fake_socket *s, const char *status_line)
{
	s->out[s->out_n] = '\0';
	return strstr(s->out, status_line) != NULL;
}

static void
wherever_it_is_split_the_request_is_the_clients(void **state)
{
	static const char text[] = LINE GET("/a.txt") GET("/a.txt");

	(void)state;
	for (size_t at = 1; at < sizeof(text); at++) {
		struct fake_socket *s;
		struct event e;

		begin_behind_proxy();
		s = arrive_in_part(text, at);
		settle();
		s->arrived = s->in_n;
		settle();
		expect_exchange(&e, 200, REASON_PROXY_READ);
		expect_client(&e);
		assert_int_equal(e.number, 1);
		assert_int_equal(e.bytes_in, strlen(GET("/a.txt")));
		assert_true(take_event(&e));
		expect_client(&e);
		assert_int_equal(e.number, 2);
		s->fin = true;
		settle();
		assert_true(take_event(&e));
		assert_int_equal(e.kind, EVENT_CONN_CLOSED);
		expect_client(&e);
		finish();
	}
}

static void
what_is_no_line_ends_it_with_the_byte(void **state)
{
	struct fake_socket *s;
	struct event e;

	(void)state;
	begin_behind_proxy();
	s = arrive_in_part(GET("/a.txt"), 7);
	settle();
	assert_true(s->closed);
	assert_int_equal(s->out_n, 0);
	assert_int_equal(closed_for(CLOSE_PROXY_REFUSED), 1);
	expect_exchange(&e, 0, REASON_PROXY_MISSING);
	assert_int_equal(e.refused_at, 0);
	assert_int_equal(e.request_n, 7);
	finish();
}

static void
a_line_that_stays_away_is_cut(void **state)
{
	struct fake_socket *s;
	struct event e;

	(void)state;
	begin_behind_proxy();
	s = arrive_in_part(LINE, 10);
	settle();
	fake_pass(&net, HEADER_S * NS_PER_S - NS_PER_MS);
	assert_false(s->closed);
	fake_pass(&net, NS_PER_MS);
	assert_true(s->closed);
	assert_int_equal(closed_for(CLOSE_HEAD_TIMEOUT), 1);
	expect_exchange(&e, 0, REASON_PROXY_TIMEOUT);
	finish();
}

static void
a_proxy_that_leaves_within_the_line_is_told_of(void **state)
{
	struct fake_socket *s;
	struct event e;

	(void)state;
	begin_behind_proxy();
	s = arrive_in_part(LINE, 10);
	s->in_n = 10;
	s->fin = true;
	settle();
	assert_true(s->closed);
	assert_int_equal(closed_for(CLOSE_CLIENT_IN_HEAD), 1);
	expect_exchange(&e, 0, REASON_PROXY_CUT);
	s = arrive_in_part(LINE, 10);
	settle();
	s->gone = true;
	settle();
	assert_int_equal(closed_for(CLOSE_RESET), 1);
	finish();
}

static void
after_the_line_it_is_as_new_as_any(void **state)
{
	struct fake_socket *s;

	(void)state;
	begin_behind_proxy();
	s = arrive_in_part(LINE, strlen(LINE));
	settle();
	assert_int_equal(
	    counter_get(&net.cs.watch->counters.open[CONN_NEW]), 1);
	fake_pass(&net, HEADER_S * NS_PER_S);
	assert_false(s->closed);
	fake_pass(&net, IDLE_S * NS_PER_S);
	assert_int_equal(closed_for(CLOSE_SILENT_TIMEOUT), 1);
	finish();
}

static void
a_pause_and_a_drain_find_the_line_where_it_is(void **state)
{
	static const char text[] = LINE GET("/a.txt");
	struct fake_socket *s;

	(void)state;
	begin_behind_proxy();
	s = arrive_in_part(text, 10);
	settle();
	conns_pause(&net.cs, true);
	s->arrived = s->in_n;
	settle();
	assert_int_equal(s->out_n, 0);
	conns_pause(&net.cs, false);
	settle();
	assert_true(answered(s, "HTTP/1.1 200 "));
	s = arrive_in_part(text, 10);
	settle();
	conns_drain(&net.cs);
	s->arrived = strlen(LINE); /* and nothing behind it */
	settle();
	assert_true(s->closed);
	assert_int_equal(s->out_n, 0);
	finish();
}

static void
the_limit_is_that_of_the_client(void **state)
{
	static const char text[] = LINE GET("/a.txt");
	struct tally *tally = tally_new(100);
	struct fake_socket *one, *two;
	struct event e;

	(void)state;
	assert_non_null(tally);
	begin_behind_proxy();
	net.cs.tally = tally;
	net.cs.settings.connections_per_ip = 1;
	one = arrive_in_part(text, strlen(text));
	settle();
	assert_true(answered(one, "HTTP/1.1 200 "));
	expect_exchange(&e, 200, REASON_PROXY_READ);
	two = arrive_in_part(text, strlen(text));
	settle();
	assert_true(answered(two, "HTTP/1.1 503 "));
	expect_exchange(&e, 503, REASON_CLIENT_FULL);
	expect_client(&e);
	assert_int_equal(counted(COUNTER_REFUSED_IP), 1);
	one->fin = two->fin = true;
	settle();
	one = arrive_in_part(text, strlen(text));
	settle();
	assert_true(answered(one, "HTTP/1.1 200 "));
	finish();
	tally_free(tally);
}

/* What is counted for each client, like listings that wait, is counted for the
 * one that the proxy has named. */
static void
a_request_under_way_is_the_forwarded_clients(void **state)
{
	static const uint8_t client[4] = { 192, 0, 2, 9 };
	struct net_settings settings = settings_of_test();
	struct fake_socket *s;
	struct conn *c;

	(void)state;
	assert_true(trust_add(&settings.trust, SPAN("0.0.0.0")));
	assert_true(fake_begin(&net, open_site(), SLOTS, &settings));
	s = arrive("GET /huge.bin HTTP/1.1\r\nHost: h\r\n"
		   "X-Forwarded-For: 192.0.2.9\r\n\r\n");
	s->window = 500;
	settle();
	c = fake_open_conn(&net, s);
	assert_int_equal(c->state, CONN_SENDING);
	assert_int_equal(conn_client(c)->family, AF_INET);
	assert_memory_equal(conn_client(c)->addr, client, 4);
	s->window = FAKE_OUT;
	settle();
	assert_int_equal(c->state, CONN_IDLE);
	assert_ptr_equal(conn_client(c), &c->peer);
	finish();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_under_way_is_the_forwarded_clients),
		cmocka_unit_test(
		    wherever_it_is_split_the_request_is_the_clients),
		cmocka_unit_test(what_is_no_line_ends_it_with_the_byte),
		cmocka_unit_test(a_line_that_stays_away_is_cut),
		cmocka_unit_test(
		    a_proxy_that_leaves_within_the_line_is_told_of),
		cmocka_unit_test(after_the_line_it_is_as_new_as_any),
		cmocka_unit_test(a_pause_and_a_drain_find_the_line_where_it_is),
		cmocka_unit_test(the_limit_is_that_of_the_client),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
