/* What keys do, without a terminal. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/console/scene.h"
#include "ui/command.h"
#include "ui/console.h"
#include "ui/pane.h"
#include "ui/replay.h"
#include "ui/state.h"
#include "ui/term.h"
#include "watch/export.h"

static struct scene s;
static struct control *c;
static struct model *m;

static int
begin(void **state)
{
	(void)state;
	scene_make(&s);
	c = s.ui.control;
	m = s.ui.m;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	scene_free(&s);
	return 0;
}

static void
key(uint32_t k)
{
	ui_key(&s.ui, k);
}

static const char *
said(void)
{
	return m->toasts ? m->toast[m->toasts - 1].text : "";
}

/* One more request, and a look at it on 24 lines. */
static void
one_more_of(const char *request)
{
	struct fake_exchange x = { .conn = 40,
		.number = 9,
		.request = request,
		.response = "HTTP/1.1 200 OK\r\n\r\n",
		.status = 200,
		.why = REASON_FILE_FOUND };
	struct grid g;

	fake_exchange(c, &x);
	scene_pass(&s, 0);
	assert_true(grid_init(&g, 80, 24, false));
	ui_draw(&s.ui, &g);
	grid_free(&g);
}

static void
one_more(void)
{
	one_more_of("GET /new HTTP/1.1\r\n\r\n");
}

static void
a_key_has_one_meaning_on_a_screen_and_a_command_one_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < commands_n; i++) {
		assert_ptr_equal(
		    command_of_name(commands[i].name, strlen(commands[i].name)),
		    &commands[i]);
		for (int k = 0; k < 3; k++)
			for (int on = 0; on <= SCREEN_HELP; on++)
				if (commands[i].key[k] &&
				    commands[i].screens & 1u << on)
					assert_ptr_equal(
					    command_of_key(commands[i].key[k],
						(enum screen)on),
					    &commands[i]);
	}
}

static void
p_pauses_and_resumes(void **state)
{
	(void)state;
	key('p');
	assert_string_equal(c->said, "pause on");
	key('p');
	assert_string_equal(c->said, "pause off");
}

static void
l_switches_the_log(void **state)
{
	(void)state;
	key('l');
	assert_string_equal(c->said, "log off");
	key('l');
	assert_string_equal(c->said, "log on");
}

static void
quitting_is_cancelled_unless_an_answer_is_given(void **state)
{
	static const uint32_t cancels[] = { TERM_KEY_ENTER, TERM_KEY_ESCAPE,
		'c' };

	(void)state;
	for (size_t i = 0; i < sizeof cancels / sizeof *cancels; i++) {
		key('q');
		assert_int_equal(m->dialog.kind, DIALOG_QUIT);
		key('z');
		assert_int_equal(m->dialog.kind, DIALOG_QUIT);
		assert_false(m->look.zoom);
		key(cancels[i]);
		assert_int_equal(m->dialog.kind, DIALOG_NONE);
		assert_int_equal(c->stops, 0);
	}
	key('q');
	key('d');
	assert_string_equal(c->said, "stop drain");
}

static void
quitting_now_is_now(void **state)
{
	(void)state;
	scene_type(&s, "qn");
	assert_string_equal(c->said, "stop now");
}

static void
ctrl_c_drains_and_again_ends_now(void **state)
{
	(void)state;
	key('q'); /* not even a question keeps it */
	key(TERM_KEY_CTRL_C);
	assert_string_equal(c->said, "stop drain");
	key(TERM_KEY_CTRL_C);
	assert_string_equal(c->said, "stop now");
}

static void
escape_never_quits(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		key(TERM_KEY_ESCAPE);
	assert_int_equal(c->stops, 0);
	assert_int_equal(m->dialog.kind, DIALOG_NONE);
}

static void
what_is_typed_into_a_prompt_reaches_no_command(void **state)
{
	(void)state;
	scene_type(&s, "rqplXC z?");
	assert_int_equal(m->prompt.kind, PROMPT_ROOT);
	assert_string_equal(m->prompt.text, "~/siteqplXC z?");
	assert_string_equal(c->said, "");
	assert_int_equal(m->look.screen, SCREEN_MAIN);
	key(TERM_KEY_ESCAPE);
	assert_int_equal(m->prompt.kind, PROMPT_NONE);
	assert_string_equal(c->said, "");
}

static void
a_bad_root_leaves_the_prompt_open_with_the_error(void **state)
{
	(void)state;
	scene_type(&s, "r/missing\r");
	assert_int_equal(m->prompt.kind, PROMPT_ROOT);
	assert_non_null(strstr(m->prompt.error, "no such folder"));
	assert_string_equal(c->status.root, "~/site");
	key(TERM_KEY_CTRL_U);
	scene_type(&s, "/srv\r");
	assert_int_equal(m->prompt.kind, PROMPT_NONE);
	assert_string_equal(c->status.root, "/srv");
}

static void
what_is_pasted_outside_a_prompt_does_nothing(void **state)
{
	(void)state;
	key(TERM_KEY_PASTE_BEGIN);
	scene_type(&s, "qnpl\rr");
	key(TERM_KEY_PASTE_END);
	assert_string_equal(c->said, "");
	assert_int_equal(m->dialog.kind, DIALOG_NONE);
	key('p');
	assert_string_equal(c->said, "pause on");
}

static void
an_expression_that_gave_up_says_so_once(void **state)
{
	(void)state;
	m->toasts = 0;
	scene_type(&s, "fpath~(a+)+(a+)+(a+)+$\r");
	one_more_of("GET /aaaaaaaa HTTP/1.1\r\n\r\n");
	assert_int_equal(m->toasts, 0);
	for (int i = 0; i < 2; i++) {
		one_more_of(
		    "GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab HTTP/1.1\r\n\r\n");
		assert_int_equal(m->toasts, 1);
		assert_non_null(strstr(m->toast[0].text, "takes too long"));
	}
}

static void
new_requests_do_not_move_the_choice(void **state)
{
	uint64_t chosen, top;

	(void)state;
	one_more();
	assert_true(m->look.follow);
	scene_type(&s, "kkk");
	assert_false(m->look.follow);
	chosen = m->look.request;
	assert_int_equal(chosen, m->last - 2);
	one_more();
	top = m->look.request_top;
	for (int i = 0; i < 50; i++)
		one_more();
	assert_int_equal(m->look.request, chosen);
	assert_int_equal(m->look.request_top, top);
	key('F');
	one_more();
	assert_int_equal(m->window[m->window_n - 1].entry.seq, m->last);
}

static void
a_request_that_was_forgotten_gives_its_choice_to_the_oldest(void **state)
{
	(void)state;
	key('g');
	assert_int_equal(m->look.request, m->first);
	for (int i = 0; i < 1200; i++)
		one_more();
	assert_true(m->first > 1);
	assert_int_equal(m->look.request, m->first);
}

static void
an_open_detail_outlives_the_history(void **state)
{
	uint64_t open;

	(void)state;
	key('g');
	key(TERM_KEY_ENTER);
	open = m->look.request;
	for (int i = 0; i < 1200; i++)
		one_more();
	assert_true(m->first > open);
	assert_true(m->detail.there);
	assert_int_equal(m->detail.entry.seq, open);
	assert_true(m->detail.heads_there);
	key('J');
	one_more();
	assert_true(m->detail.entry.seq > open);
}

static void
the_list_is_cleared_and_the_counters_stay(void **state)
{
	uint64_t all = counter_get(&m->sum.v[COUNTER_REQUESTS]);

	(void)state;
	key('C');
	scene_pass(&s, 0);
	assert_int_equal(m->last, 0);
	assert_int_equal(counter_get(&m->sum.v[COUNTER_REQUESTS]), all);
	one_more();
	assert_int_equal(m->first, m->last);
	assert_int_equal(m->window_n, 1);
	assert_string_equal(m->window[0].entry.target, "/new");
}

static void
a_frozen_view_stands_still(void **state)
{
	uint64_t last = m->last;

	(void)state;
	key(' ');
	one_more();
	assert_int_equal(m->last, last);
	key(' ');
	one_more();
	assert_int_equal(m->last, last + 2);
}

static void
closing_a_connection_asks_first(void **state)
{
	(void)state;
	key('X');
	assert_int_equal(m->dialog.kind, DIALOG_NONE); /* none is chosen */
	key(TERM_KEY_TAB);
	key('j');
	key('X');
	assert_int_equal(m->dialog.kind, DIALOG_CLOSE);
	key(TERM_KEY_ENTER);
	assert_int_equal(c->closed, 0);
	key('X');
	key('y');
	assert_int_equal(c->closed, 38);
}

static void
a_connection_that_closes_gives_its_choice_to_its_neighbour(void **state)
{
	struct conn_row gone = { .conn = 38, .slot = 2, .state = CONN_CLOSED };

	(void)state;
	key(TERM_KEY_TAB);
	key('j');
	assert_int_equal(m->look.conn, 38);
	scene_pass(&s, 0);
	assert_int_equal(m->look.conn, 38);
	fake_row(c, &gone);
	scene_pass(&s, 0);
	assert_int_equal(m->look.conn, 39);
}

static void
enter_opens_a_request_and_escape_goes_back(void **state)
{
	uint64_t first;

	(void)state;
	key(TERM_KEY_ENTER);
	assert_int_equal(m->look.screen, SCREEN_DETAIL);
	first = m->look.request;
	key('K');
	assert_int_equal(m->look.request, first - 1);
	key('J');
	key('J');
	assert_int_equal(m->look.request, first);
	key(TERM_KEY_ESCAPE);
	assert_int_equal(m->look.screen, SCREEN_MAIN);
	assert_int_equal(m->look.request, first);
}

static void
enter_on_a_connection_opens_it_and_then_its_requests(void **state)
{
	uint64_t seq;

	(void)state;
	key(TERM_KEY_TAB);
	key('j');
	key(TERM_KEY_ENTER);
	one_more();
	assert_int_equal(m->look.screen, SCREEN_CONN);
	assert_int_equal(m->conn.conn, 38);
	assert_true(m->conn.live);
	assert_int_equal(m->conn.n, 98);
	for (unsigned i = 1; i < m->conn.n; i++)
		assert_true(
		    m->conn.request[i - 1].seq < m->conn.request[i].seq);
	key('k');
	seq = m->look.conn_request;
	assert_int_equal(seq, m->conn.request[97].seq);
	key('k');
	key(TERM_KEY_ENTER);
	one_more();
	assert_int_equal(m->look.screen, SCREEN_DETAIL);
	assert_int_equal(m->detail.entry.e.conn, 38);
	assert_int_equal(m->detail.entry.seq, m->conn.request[96].seq);
	key('J'); /* the next on that connection */
	one_more();
	assert_int_equal(m->detail.entry.seq, seq);
	key(TERM_KEY_ESCAPE);
	assert_int_equal(m->look.screen, SCREEN_CONN);
	key(TERM_KEY_ESCAPE);
	assert_int_equal(m->look.screen, SCREEN_MAIN);
}

static void
paths_are_asked_for_while_they_move_and_not_too_often(void **state)
{
	struct grid g;

	(void)state;
	assert_true(grid_init(&g, 120, 40, false));
	ui_draw(&s.ui, &g);
	assert_int_equal(c->looked, 1);
	ui_draw(&s.ui, &g);
	assert_int_equal(c->looked, 1);
	assert_int_equal(m->paths_n, 5);
	scene_pass(&s, 300 * NS_PER_MS);
	ui_draw(&s.ui, &g);
	assert_int_equal(c->looked, 2);
	/* those that stand still are not asked about again */
	for (unsigned slot = 0; slot < 2; slot++) {
		struct conn_row row = { .conn = slot ? 44 : 41,
			.slot = slot,
			.state = CONN_IDLE,
			.since = s.now.mono - NS_PER_S,
			.opened = s.now.mono - NS_PER_S };
		fake_row(c, &row);
	}
	for (int i = 0; i < 4; i++) {
		scene_pass(&s, NS_PER_S);
		ui_draw(&s.ui, &g);
	}
	assert_int_equal(c->looked, 3);
	grid_free(&g);
}

static void
a_command_can_be_typed_by_its_name(void **state)
{
	(void)state;
	scene_type(&s, ":pause\r");
	assert_string_equal(c->said, "pause on");
	scene_type(&s, ":root /srv/www\r");
	assert_string_equal(c->said, "root /srv/www");
	scene_type(&s, ":nonsense\r");
	assert_int_equal(m->prompt.kind, PROMPT_COMMAND);
	assert_non_null(strstr(m->prompt.error, "no such command"));
}

static void
a_slip_in_a_command_is_said_and_does_nothing(void **state)
{
	static const struct {
		const char *typed, *says;
	} table[] = {
		{ "puase", "did you mean pause?" },
		{ "filter-of", "did you mean filter-off?" },
		{ "??", "help explains them" },
		{ "pause foo", "nothing may follow pause" },
		{ "requests now", "nothing may follow requests" },
		{ "help pause", "nothing may follow help" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		scene_type(&s, ":");
		scene_type(&s, table[i].typed);
		scene_type(&s, "\r");
		assert_int_equal(m->prompt.kind, PROMPT_COMMAND);
		assert_string_equal(m->prompt.text, table[i].typed);
		assert_non_null(strstr(m->prompt.error, table[i].says));
		key(TERM_KEY_ESCAPE);
	}
	assert_string_equal(c->said, "");
	assert_int_equal(m->look.screen, SCREEN_MAIN);
	/* blanks are no words */
	scene_type(&s, ":pause  \r");
	assert_string_equal(c->said, "pause on");
}

static void
a_column_that_is_none_is_said(void **state)
{
	static const char *const typed[] = { ":sort latency\r",
		":columns latency\r" };

	(void)state;
	for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
		m->toasts = 0;
		scene_type(&s, typed[i]);
		assert_int_not_equal(m->menu.kind, MENU_NONE);
		assert_int_equal(m->toasts, 1);
		assert_string_equal(m->toast[0].text,
		    "no column of requests is named latency: choose one");
		key(TERM_KEY_ESCAPE);
	}
	m->toasts = 0;
	key('s'); /* without a name nothing is wrong */
	assert_int_equal(m->toasts, 0);
}

static void
help_is_asked_for_by_name_and_by_its_sign(void **state)
{
	static const char *const typed[] = { ":help\r", ":?\r", ": ? \r" };

	(void)state;
	for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
		scene_type(&s, typed[i]);
		assert_int_equal(m->prompt.kind, PROMPT_NONE);
		assert_int_equal(m->look.screen, SCREEN_HELP);
		key(TERM_KEY_ESCAPE);
		assert_int_equal(m->look.screen, SCREEN_MAIN);
	}
}

static void
news_goes_by_itself_and_errors_stay_until_dismissed(void **state)
{
	(void)state;
	model_say(m, NOTICE_INFO, "reloaded");
	model_say(m, NOTICE_ERROR, "cannot reload");
	assert_int_equal(m->toasts, 2);
	scene_pass(&s, 6 * NS_PER_S);
	assert_int_equal(m->toasts, 1);
	assert_string_equal(m->toast[0].text, "cannot reload");
	model_say(m, NOTICE_ERROR, "cannot reload either");
	assert_int_equal(m->toasts, 1);
	assert_string_equal(m->toast[0].text, "cannot reload either");
	for (int i = 0; i < 9; i++)
		model_say(m, NOTICE_INFO, i % 2 ? "odd" : "even");
	assert_string_equal(m->toast[0].text, "cannot reload either");
	key(TERM_KEY_ESCAPE);
	for (unsigned i = 0; i < m->toasts; i++)
		assert_int_equal(m->toast[i].level, NOTICE_INFO);
}

static void
what_was_wrong_with_a_reload_goes_with_the_next_good_one(void **state)
{
	(void)state;
	model_say(m, NOTICE_INFO, "configuration reloaded");
	model_say(m, NOTICE_INFO, "access log off");
	model_say(m, NOTICE_ERROR, "reload refused: 1 error");
	model_say(m, NOTICE_INFO, "configuration reloaded");
	assert_int_equal(m->toasts, 2);
	assert_string_equal(m->toast[0].text, "access log off");
	assert_string_equal(m->toast[1].text, "configuration reloaded");
}

static void
time_alone_is_no_change(void **state)
{
	(void)state;
	s.now.mono += NS_PER_S;
	assert_false(model_sample(m, c, s.now));
	one_more();
	s.now.mono += NS_PER_S;
	assert_false(model_sample(m, c, s.now));
	counter_add(&c->watch.worker[0].counters.v[COUNTER_BYTES_OUT], 1);
	assert_true(model_sample(m, c, s.now));
}

static void
look_again(void)
{
	struct grid g;

	scene_pass(&s, 0);
	assert_true(grid_init(&g, 80, 24, false));
	ui_draw(&s.ui, &g);
	grid_free(&g);
}

static void
requests_are_sorted_by_any_column(void **state)
{
	(void)state;
	scene_type(&s, ":sort took\r");
	look_again();
	for (unsigned i = 1; i < m->window_n; i++)
		assert_true(m->window[i - 1].entry.e.done_ns >=
		    m->window[i].entry.e.done_ns);
	assert_int_equal(m->window[0].entry.e.done_ns, 2100000000);
	key('S');
	look_again();
	assert_int_equal(m->window[0].entry.e.done_ns, 87000);
	scene_type(&s, ":sort target\r");
	look_again();
	assert_string_equal(m->window[0].entry.target, "/");
	key('j'); /* the first step chooses the first */
	assert_int_equal(m->look.request, m->window[0].entry.seq);
	key('G');
	look_again();
	assert_string_equal(
	    m->window[m->window_n - 1].entry.target, "/style.css");
	scene_type(&s, ":sort none\r");
	look_again();
	assert_true(m->look.request >= m->window[0].entry.seq &&
	    m->look.request <= m->window[m->window_n - 1].entry.seq);
	scene_type(&s, "s");
	assert_int_equal(m->menu.kind, MENU_SORT);
	scene_type(&s, "5\r"); /* the menu's key, then Enter opens */
	assert_int_equal(m->look.list[PANE_REQUESTS].sort, 4);
}

static void
connections_are_sorted_by_any_column(void **state)
{
	(void)state;
	scene_type(&s, "2z:sort left\r");
	look_again();
	assert_int_equal(m->sight_n, 5);
	for (unsigned i = 1; i < m->sight_n; i++)
		assert_true(m->sight[i - 1].deadline <= m->sight[i].deadline);
	scene_type(&s, ":sort out\r");
	look_again();
	assert_int_equal(m->sight[0].conn, 41);
	key('S');
	look_again();
	assert_int_equal(m->sight[m->sight_n - 1].conn, 41);
	scene_type(&s, ":sort client\r");
	look_again();
	assert_int_equal(m->sight[0].conn, 39); /* 127.0.0.1:39039 */
	scene_type(&s, ":sort cwnd\r");
	assert_int_equal(m->look.list[PANE_CONNECTIONS].sort, 8);
}

static void
at_target(uint32_t slot, uint64_t conn, const char *target)
{
	struct conn_row row = { .conn = conn,
		.slot = slot,
		.state = CONN_IDLE,
		.target_n = (uint8_t)strlen(target) };

	memcpy(row.target, target, row.target_n);
	fake_row(s.ui.control, &row);
}

static void
expect_rows(const uint64_t *conn, unsigned n)
{
	look_again();
	assert_int_equal(m->sight_n, n);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(m->sight[i].conn, conn[i]);
}

static void
connections_are_sorted_by_the_whole_target(void **state)
{
	static const uint64_t rising[] = { 41, 50, 40, 39, 44 };
	static const uint64_t falling[] = { 44, 39, 40, 50, 41 };

	(void)state;
	at_target(0, 41, "/");
	at_target(1, 44, "/pictures/of/the/garden/2.png");
	at_target(2, 50, "/pictures/of/the/garden");
	at_target(3, 39, "/pictures/of/the/garden/10.png");
	at_target(4, 40, "/pictures/of/the/garden/1.png");
	scene_type(&s, "2z:sort target\r");
	expect_rows(rising, 5);
	key('S');
	expect_rows(falling, 5);
}

/* Nor is it afterwards as if all had come when it thawed. */
static void
while_frozen_seconds_are_counted_as_they_pass(void **state)
{
	uint64_t before;

	(void)state;
	scene_pass(&s, NS_PER_S);
	scene_pass(&s, NS_PER_S);
	before = series_get(&m->traffic.requests, 0);
	key(' ');
	for (int i = 0; i < 3; i++) {
		one_more();
		scene_pass(&s, NS_PER_S);
	}
	assert_int_equal(series_get(&m->traffic.requests, 0), before);
	key(' ');
	scene_pass(&s, NS_PER_S);
	for (int ago = 1; ago < 4; ago++)
		assert_int_equal(series_get(&m->traffic.requests, ago), 1);
	assert_int_equal(series_get(&m->traffic.requests, 0), 0);
}

static void
frozen_connections_stay_as_they_were_and_can_be_sorted(void **state)
{
	static const uint64_t by_id[] = { 38, 39, 40, 41, 44 };
	static const uint64_t by_out[] = { 41, 38, 39, 40, 44 };
	static const uint64_t after[] = { 60, 41, 39, 40, 44 };
	struct conn_row row = { .conn = 38, .slot = 2 };

	(void)state;
	scene_type(&s, "2z:sort id\r");
	expect_rows(by_id, 5);
	key(' ');
	fake_row(s.ui.control, &row); /* one has ended */
	row.conn = 60, row.state = CONN_IDLE, row.requests = 99;
	fake_row(s.ui.control, &row); /* and another has its slot */
	expect_rows(by_id, 5);
	assert_int_equal(m->sight[0].requests, 12);
	scene_type(&s, ":sort out\r");
	expect_rows(by_out, 5);
	assert_int_equal(m->sight[1].requests, 12);
	scene_type(&s, ":sort requests\r ");
	expect_rows(after, 5);
	assert_int_equal(m->sight[0].requests, 99);
}

static void
columns_are_put_away_but_never_all(void **state)
{
	(void)state;
	scene_type(&s, ":columns size\r");
	assert_true(m->look.list[PANE_REQUESTS].hidden &
	    1u << 5 /* of pane.h's request columns */);
	scene_type(&s, ":columns size\r");
	assert_false(m->look.list[PANE_REQUESTS].hidden & 1u << 5);
	scene_type(&s, "4c    ");
	assert_int_equal(m->menu.kind, MENU_COLUMNS);
	scene_type(&s, "2345");
	assert_true(m->look.list[PANE_TOP].hidden != 0x1f);
	key(TERM_KEY_ESCAPE);
	assert_int_equal(m->menu.kind, MENU_NONE);
}

static void
a_find_goes_on_round_the_end_and_escape_takes_it_back(void **state)
{
	uint64_t first;

	(void)state;
	look_again();
	scene_type(&s, "/FAVICON");
	assert_non_null(strstr(m->prompt.error, "not found"));
	key(TERM_KEY_ESCAPE);
	assert_int_equal(m->look.request, 0);
	assert_true(m->look.follow);
	scene_type(&s, "/favicon\r");
	look_again();
	first = m->look.request;
	assert_true(first != 0);
	for (int i = 0; i < 34; i++) { /* 35 are there */
		key('n');
		assert_true(m->look.request != first);
	}
	key('n');
	assert_int_equal(m->look.request, first);
	key('N');
	key('n');
	assert_int_equal(m->look.request, first);
	key(TERM_KEY_ESCAPE);
	assert_string_equal(m->look.find, "");
	scene_type(&s, "2/talk\r");
	assert_int_equal(m->look.conn, 41);
}

static void
marks_stay_with_their_requests(void **state)
{
	uint64_t marked;

	(void)state;
	look_again();
	scene_type(&s, "kk");
	marked = m->look.request;
	scene_type(&s, "m");
	assert_int_equal(m->look.request, marked + 1);
	assert_true(marks_has(&m->marks, marked));
	scene_type(&s, ":sort size\r");
	look_again();
	assert_true(marks_has(&m->marks, marked));
	scene_type(&s, ":sort none\r");
	look_again();
	m->look.request = marked;
	scene_type(&s, "m");
	assert_int_equal(m->marks.n, 0);
}

static void
all_marks_are_taken_away_at_once(void **state)
{
	uint64_t first, last;

	(void)state;
	look_again();
	scene_type(&s, "gmmm:filter mark\r");
	look_again();
	assert_int_equal(m->marks.n, 3);
	scene_type(&s, "U");
	look_again();
	assert_int_equal(m->marks.n, 0);
	assert_string_equal(m->toast[m->toasts - 1].text, "3 marks taken away");
	pick_range(m->pick, &first, &last);
	assert_int_equal(last, 0);
	scene_type(&s, ":unmark\r");
	assert_non_null(
	    strstr(m->toast[m->toasts - 1].text, "nothing is marked"));
}

static void
a_filter_shows_what_meets_it_as_more_comes(void **state)
{
	uint64_t first, last;

	(void)state;
	scene_type(&s, "fstatus:4xx !path:favicon\r");
	assert_int_equal(m->prompt.kind, PROMPT_NONE);
	look_again();
	pick_range(m->pick, &first, &last);
	assert_int_equal(last - first + 1, 121 - 35);
	for (unsigned i = 0; i < m->window_n; i++)
		assert_int_equal(m->window[i].entry.e.status / 100, 4);
	one_more();
	pick_range(m->pick, &first, &last);
	assert_int_equal(last - first + 1, 121 - 35);
	scene_type(&s, "k");
	key(TERM_KEY_ESCAPE); /* the filter first, the choice stays */
	look_again();
	assert_null(m->filter);
	assert_int_equal(m->window[0].entry.e.kind, EVENT_EXCHANGE);
	pick_range(m->pick, &first, &last);
	assert_int_equal(last, m->last);
	assert_true(m->look.request != 0);
}

static void
a_wrong_filter_stays_open_with_the_place(void **state)
{
	(void)state;
	scene_type(&s, "fstatus>=4xy\r");
	assert_int_equal(m->prompt.kind, PROMPT_FILTER);
	assert_int_equal(m->prompt.mark, 8);
	assert_true(m->prompt.error[0] != '\0');
	assert_null(m->filter);
	key(TERM_KEY_CTRL_U);
	scene_type(&s, "stat\t");
	assert_string_equal(m->prompt.text, "status:");
	scene_type(&s, "304 (me\t");
	assert_string_equal(m->prompt.text, "status:304 (method:");
	key(TERM_KEY_CTRL_C);
	assert_int_equal(m->prompt.kind, PROMPT_NONE);
	assert_null(m->filter);
}

/* Requests without a path, agent or type: no text is theirs. */
static void
enter_in_top_on_those_that_have_none_shows_them(void **state)
{
	struct top_line l[TOP_KEPT];
	uint64_t first, last;
	unsigned found = 0;

	(void)state;
	for (int kind = 0; kind < TOP_KINDS; kind++) {
		unsigned n = top_lines(
		    m->top, (enum top_kind)kind, TOP_HITS, false, l, TOP_KEPT);

		for (unsigned i = 0; i < n; i++) {
			if (strcmp(l[i].name, "-") != 0)
				continue;
			found++;
			scene_type(&s, "4");
			m->look.top_kind = (enum top_kind)kind;
			(void)snprintf(m->look.top_name, TOP_NAME, "-");
			ui_filter_top(&s.ui);
			look_again();
			pick_range(m->pick, &first, &last);
			assert_int_equal(last - first + 1, l[i].hits);
		}
	}
	assert_true(found >= 2);
}

static void
enter_in_top_shows_the_requests_it_counts(void **state)
{
	static const struct {
		const char *keys;
		uint64_t requests;
	} table[] = {
		{ "4", 59 },	/* /style.css */
		{ "4>", 193 },	/* 127.0.0.1 */
		{ "4>>", 215 }, /* Firefox 128 */
		{ "4>>>", 59 }, /* 304 */
	};
	uint64_t first, last;

	(void)state;
	for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
		m->look.top_kind = TOP_PATHS;
		m->look.top_name[0] = '\0';
		scene_type(&s, table[i].keys);
		look_again();
		scene_type(&s, "j\r");
		assert_string_equal(m->prompt.error, "");
		assert_non_null(m->filter);
		assert_int_equal(m->look.pane, PANE_REQUESTS);
		look_again();
		pick_range(m->pick, &first, &last);
		assert_int_equal(last - first + 1, table[i].requests);
	}
}

static void
marked_requests_can_be_shown_alone(void **state)
{
	uint64_t first, last;

	(void)state;
	look_again();
	scene_type(&s, "gmmm:filter mark\r");
	look_again();
	pick_range(m->pick, &first, &last);
	assert_int_equal(last - first + 1, 3);
	scene_type(&s, "gm");
	look_again();
	pick_range(m->pick, &first, &last);
	assert_int_equal(last - first + 1, 2);
}

static void
lines_typed_before_come_back(void **state)
{
	(void)state;
	scene_type(&s, ":log\r:pause\r:log\rfstatus:404\r:");
	key(TERM_KEY_UP);
	assert_string_equal(m->prompt.text, "log");
	key(TERM_KEY_UP);
	assert_string_equal(m->prompt.text, "pause");
	key(TERM_KEY_UP); /* there is no other command */
	assert_string_equal(m->prompt.text, "pause");
	key(TERM_KEY_DOWN);
	key(TERM_KEY_DOWN);
	assert_string_equal(m->prompt.text, "");
	scene_type(&s, "p");
	key(TERM_KEY_UP); /* only what begins so */
	assert_string_equal(m->prompt.text, "pause");
	key(TERM_KEY_DOWN);
	assert_string_equal(m->prompt.text, "p");
	key(TERM_KEY_ESCAPE);
	scene_type(&s, "f");
	key(TERM_KEY_CTRL_U);
	key(TERM_KEY_UP);
	assert_string_equal(m->prompt.text, "status:404");
}

static void
acked(int64_t at, uint64_t bytes)
{
	struct conn_path p = { .conn = 41,
		.at = at,
		.bytes_out = 1u << 30,
		.acked = bytes,
		.mss = 1448 };

	path_write(&control_watch(c)->worker[0].paths[0], &p);
	look_again();
}

/* What the client has acknowledged in the last second or two, not what the
 * kernel calls the rate: that is of a burst. */
static void
a_rate_is_what_was_acknowledged_over_time(void **state)
{
	const int64_t t = 100 * NS_PER_S;

	(void)state;
	key(' '); /* nobody asks anew */
	m->look.frozen = false;
	m->looked = INT64_MAX / 2;
	acked(t, 5000);
	assert_int_equal(model_rate(m, 41), 0); /* one look tells nothing */
	acked(t + NS_PER_S / 4, 5000 + 75000);
	assert_int_equal(model_rate(m, 41), 300000);
	acked(t + NS_PER_S, 5000 + 300000);
	acked(t + 2 * NS_PER_S, 5000 + 300000);
	assert_int_equal(model_rate(m, 41), 150000);
	acked(t + 3 * NS_PER_S, 5000 + 300000);
	assert_int_equal(model_rate(m, 41), 0);
	assert_int_equal(model_rate(m, 42), 0);
	acked(t + 20 * NS_PER_S, 90000000); /* not looked at in between */
	assert_int_equal(model_rate(m, 41), 0);
}

static void
what_is_under_way_is_among_the_requests_of_its_connection(void **state)
{
	static char text[1u << 16];
	struct buf b = buf_over(text, sizeof text);
	struct grid g;

	(void)state;
	scene_type(&s, "2\r");
	assert_true(grid_init(&g, 80, 24, false));
	ui_draw(&s.ui, &g);
	grid_text(&g, &b);
	(void)buf_cstr(&b);
	grid_free(&g);
	assert_int_equal(m->conn.conn, 41);
	assert_non_null(strstr(text, "now SENDING  17.4M of 28.6M  /talk.mp4"));
}

static void
a_find_of_the_list_does_not_hold_up_the_way_back(void **state)
{
	(void)state;
	scene_type(&s, "/style\r\r");
	assert_int_equal(m->look.screen, SCREEN_DETAIL);
	key(TERM_KEY_ESCAPE);
	assert_int_equal(m->look.screen, SCREEN_MAIN);
	assert_string_equal(m->look.find, "style");
	key(TERM_KEY_ESCAPE);
	assert_string_equal(m->look.find, "");
	assert_int_equal(m->look.screen, SCREEN_MAIN);
}

/* Press where a text stands in a picture of that size. */
static void
press_at(int w, int h, enum term_button button, const char *what)
{
	static char text[1u << 16];
	struct buf b = buf_over(text, sizeof text);
	struct term_mouse at = { button, 0, 0 };
	const char *found;
	struct grid g;

	assert_true(grid_init(&g, w, h, true));
	scene_pass(&s, 0);
	ui_draw(&s.ui, &g);
	grid_text(&g, &b);
	(void)buf_cstr(&b);
	grid_free(&g);
	found = strstr(text, what);
	assert_non_null(found);
	for (const char *p = text; p < found; p++) {
		at.x = *p == '\n' ? 0 : at.x + 1;
		at.y += *p == '\n';
	}
	ui_mouse(&s.ui, &at);
}

static void
press(enum term_button button, const char *what)
{
	press_at(80, 24, button, what);
}

static void
a_click_in_Top_means_the_table_that_is_there(void **state)
{
	(void)state;
	press_at(200, 60, TERM_LEFT, "Firefox 128");
	assert_int_equal(m->look.pane, PANE_TOP);
	assert_int_equal(m->look.top_kind, TOP_AGENTS);
	assert_string_equal(m->look.top_name, "Firefox 128");
	/* the titles of a lower table sort all of them */
	press_at(200, 60, TERM_LEFT, "ERRORS CLIENT");
	assert_int_equal(m->look.top_kind, TOP_CLIENTS);
	assert_int_equal(m->look.list[PANE_TOP].sort, TOP_ERRORS);
	assert_string_equal(m->look.top_name, "");
	/* one table alone: the names in its heading are its tabs */
	key('z');
	press_at(80, 24, TERM_LEFT, "agents");
	assert_int_equal(m->look.top_kind, TOP_AGENTS);
	key('j');
	press_at(80, 24, TERM_LEFT, "types");
	assert_int_equal(m->look.top_kind, TOP_TYPES);
	assert_string_equal(m->look.top_name, "");
	press_at(80, 24, TERM_LEFT, "4 Top");
	assert_int_equal(m->look.top_kind, TOP_TYPES);
}

static void
the_mouse_chooses_opens_sorts_and_presses_keys(void **state)
{
	(void)state;
	press(TERM_LEFT, "127.0.0.1:39039");
	assert_int_equal(m->look.pane, PANE_CONNECTIONS);
	assert_int_equal(m->look.conn, 39);
	press(TERM_LEFT, "127.0.0.1:39039");
	assert_int_equal(m->look.screen, SCREEN_CONN);
	press(TERM_LEFT, "Back");
	assert_int_equal(m->look.screen, SCREEN_MAIN);
	press(TERM_LEFT, "OUT");
	assert_int_equal(m->look.list[PANE_CONNECTIONS].sort, 5);
	press(TERM_LEFT, "OU");
	assert_true(m->look.list[PANE_CONNECTIONS].reverse);
	press(TERM_LEFT, "/favicon.ico");
	assert_int_equal(m->look.pane, PANE_REQUESTS);
	assert_string_equal(
	    m->window[m->look.request - m->look.request_top].entry.target,
	    "/favicon.ico");
	press(TERM_WHEEL_UP, "/favicon.ico");
	press(TERM_WHEEL_DOWN, "CLIENT");
	assert_int_equal(m->look.pane, PANE_CONNECTIONS);
	press(TERM_LEFT, "Pause");
	assert_string_equal(c->said, "pause on");
	key('s');
	press(TERM_LEFT, "2 client");
	assert_int_equal(m->menu.kind, MENU_NONE);
	assert_int_equal(m->look.list[PANE_CONNECTIONS].sort, 1);
	key('q');
	press(TERM_LEFT, "now"); /* only a key answers */
	assert_int_equal(m->dialog.kind, DIALOG_QUIT);
	assert_int_equal(c->stops, 0);
}

static void
what_should_be_heard_rings_once(void **state)
{
	struct fake_exchange x = { .conn = 40,
		.number = 9,
		.request = "GET /broken HTTP/1.1\r\n\r\n",
		.response = "HTTP/1.1 503 Service Unavailable\r\n\r\n",
		.status = 503,
		.why = REASON_FILE_FOUND };

	(void)state;
	scene_type(&s, ":notify status>=500\r");
	one_more();
	assert_false(s.ui.bell);
	fake_exchange(c, &x);
	look_again();
	assert_true(s.ui.bell);
	assert_non_null(strstr(
	    m->toast[m->toasts - 1].text, "503 status>=500: GET /broken"));
	s.ui.bell = false;
	look_again();
	assert_false(s.ui.bell);
	/* what was typed stays, and the fault is pointed at */
	scene_type(&s, ":notify status>>5\r");
	assert_int_equal(m->prompt.kind, PROMPT_COMMAND);
	assert_string_equal(m->prompt.text, "notify status>>5");
	assert_true(m->prompt.error[0] != '\0');
	assert_int_equal(m->prompt.mark, strlen("notify status>"));
	key(27);
	scene_type(&s, ":notify off\r");
	fake_exchange(c, &x);
	look_again();
	assert_false(s.ui.bell);
}

/* The first bytes of a file. */
static void
read_start(const char *path, char out[4096])
{
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(out, 1, 4095, f) : 0;

	assert_non_null(f);
	(void)fclose(f);
	out[n] = '\0';
}

static void
a_request_is_copied_in_four_ways_and_into_a_file(void **state)
{
	static const struct {
		const char *keys, *begins;
	} table[] = {
		{ "yu", "http://127.0.0.1:8000/index.html" },
		{ "yc", "curl " },
		{ "yh", "GET /index.html HTTP/1.1\nHost: 127.0.0.1:8000\n" },
		{ "yr", "GET /index.html HTTP/1.1\r\nHost: " },
		{ ":copy raw\r", "GET /index.html HTTP/1.1\r\nHost: " },
	};
	char folder[] = "/tmp/k-XXXXXX", path[64], text[4096];

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)setenv("XDG_STATE_HOME", folder, 1);
	(void)snprintf(path, sizeof path, "%s/httpconsole/copied", folder);
	look_again();
	for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
		scene_type(&s, table[i].keys);
		assert_non_null(s.ui.copy);
		assert_memory_equal(
		    s.ui.copy, table[i].begins, strlen(table[i].begins));
		read_start(path, text);
		assert_memory_equal(
		    text, table[i].begins, strlen(table[i].begins));
	}
	free(s.ui.copy);
	s.ui.copy = NULL;
	(void)unlink(path);
	(void)snprintf(path, sizeof path, "%s/httpconsole", folder);
	(void)rmdir(path);
	(void)rmdir(folder);
	(void)unsetenv("XDG_STATE_HOME");
}

static void
a_command_without_the_content_that_came_says_so(void **state)
{
	static const char head[] = "POST /save HTTP/1.1\r\nHost: h\r\n"
				   "Content-Length: 4\r\n\r\n";
	struct event e = { .kind = EVENT_EXCHANGE,
		.status = 405,
		.conn = 40,
		.number = 9,
		.major = 1,
		.minor = 1,
		.bytes_in = sizeof head - 1 + 4,
		.request_n = sizeof head - 1,
		.method = { 0, 4 },
		.target = { 5, 5 },
		.refused_at = EVENT_NOWHERE };
	char folder[] = "/tmp/k-XXXXXX", path[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)setenv("XDG_STATE_HOME", folder, 1);
	(void)journal_add(c->watch.journal, &e, span_str(head),
	    SPAN("HTTP/1.1 405 Method Not Allowed\r\n\r\n"));
	scene_pass(&s, 0);
	scene_type(&s, "yu");
	assert_null(strstr(said(), "content"));
	scene_type(&s, "yc");
	assert_non_null(memmem(s.ui.copy, s.ui.copy_n, " -X 'POST'", 10));
	assert_string_equal(said(),
	    "it had content, which is not kept: the command sends none");
	free(s.ui.copy);
	s.ui.copy = NULL;
	(void)snprintf(path, sizeof path, "%s/x.sh", folder);
	s.ui.export_dir = folder;
	scene_type(&s,
	    ":filter /save\r"
	    ":export curl x.sh\r");
	for (int i = 0; m->exporting && i < 100; i++)
		look_again();
	assert_non_null(
	    strstr(said(), "; content of 1 is not kept and left out"));
	(void)unlink(path);
	(void)snprintf(path, sizeof path, "%s/httpconsole/copied", folder);
	(void)unlink(path);
	*strrchr(path, '/') = '\0';
	(void)rmdir(path);
	(void)rmdir(folder);
	(void)unsetenv("XDG_STATE_HOME");
}

static void
what_the_list_shows_is_written_to_a_file(void **state)
{
	char folder[] = "/tmp/k-XXXXXX", path[64], text[4096];
	int lines = 0;

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof path, "%s/x.jsonl", folder);
	scene_type(&s, "fstatus:405\r");
	look_again();
	scene_type(&s, "ea");
	assert_int_equal(m->prompt.kind, PROMPT_EXPORT);
	assert_non_null(strstr(m->prompt.text, ".jsonl"));
	key(TERM_KEY_CTRL_U);
	scene_type(&s, "/nowhere/at/all\r");
	assert_int_equal(m->prompt.kind, PROMPT_EXPORT);
	assert_true(m->prompt.error[0] != '\0');
	key(TERM_KEY_CTRL_U);
	scene_type(&s, path);
	scene_type(&s, "\r");
	for (int i = 0; m->exporting && i < 100; i++)
		look_again();
	assert_non_null(strstr(
	    m->toast[m->toasts - 1].text, "39 exchanges of the filter ("));
	read_start(path, text);
	assert_non_null(strstr(text, "/caf"));
	assert_null(strstr(text, "favicon"));
	/* of the marked alone */
	scene_type(&s, ":filter-off\rgmm");
	look_again();
	scene_type(&s, "el");
	key(TERM_KEY_CTRL_U);
	(void)unlink(path);
	scene_type(&s, path);
	scene_type(&s, "\r");
	for (int i = 0; m->exporting && i < 100; i++)
		look_again();
	read_start(path, text);
	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	assert_int_equal(lines, 2);
	(void)unlink(path);
	(void)rmdir(folder);
}

static void
what_cannot_be_sent_again_is_not(void **state)
{
	(void)state;
	look_again();
	scene_type(&s, "R");
	assert_int_equal(m->look.screen, SCREEN_MAIN);
	assert_non_null(strstr(m->toast[m->toasts - 1].text, "no address"));
}

static void
what_was_chosen_comes_back_in_the_next_run(void **state)
{
	char text[STATE_MOST] = "", again[STATE_MOST] = "";
	struct buf b = buf_over(text, sizeof text - 1);
	struct buf c2 = buf_over(again, sizeof again - 1);
	struct scene other;

	(void)state;
	scene_type(&s,
	    ":sort took\rS:columns client\r:columns size\r"
	    ":filter status>=400 !x\r2:sort age\r4:sort p99\r"
	    ":theme light\rM");
	state_put(m, &b);
	(void)buf_cstr(&b);
	assert_non_null(strstr(text, "sort requests took reverse\n"));
	assert_non_null(strstr(text, "sort connections age\n"));
	assert_non_null(strstr(text, "filter status>=400 !x\n"));
	assert_non_null(strstr(text, "theme light\n"));
	scene_make(&other);
	state_take(other.ui.m, strdupa(text));
	state_put(other.ui.m, &c2);
	(void)buf_cstr(&c2);
	assert_string_equal(again, text);
	assert_int_equal(other.ui.m->look.list[PANE_REQUESTS].hidden,
	    m->look.list[PANE_REQUESTS].hidden);
	assert_non_null(other.ui.m->filter);
	scene_free(&other);
}

static void
only_columns_that_a_person_chose_are_kept(void **state)
{
	char text[STATE_MOST] = "", kept[STATE_MOST] = "";
	struct buf b = buf_over(text, sizeof text - 1);
	struct list_look *list = &m->look.list[PANE_REQUESTS];

	(void)state;
	/* neither the usual nor those of a configuration */
	state_put(m, &b);
	(void)buf_cstr(&b);
	assert_null(strstr(text, "columns"));
	m->columns_given = true;
	list->hidden = 3;
	b = buf_over(text, sizeof text - 1);
	state_put(m, &b);
	(void)buf_cstr(&b);
	assert_null(strstr(text, "columns"));
	/* those of an earlier run outlive one with a configuration */
	(void)snprintf(kept, sizeof kept, "columns requests time target\n");
	state_take(m, kept);
	assert_int_equal(list->hidden, 3);
	b = buf_over(text, sizeof text - 1);
	state_put(m, &b);
	(void)buf_cstr(&b);
	assert_non_null(strstr(text, "columns requests time target\n"));
	/* and a choice is one */
	scene_type(&s, ":columns conn\r");
	b = buf_over(text, sizeof text - 1);
	state_put(m, &b);
	(void)buf_cstr(&b);
	assert_non_null(strstr(text, "columns requests conn client"));
}

static void
a_state_that_makes_no_sense_changes_nothing(void **state)
{
	static const char *const table[] = { "", "\n\n", "sort",
		"sort nowhere x", "sort requests nothing", "columns",
		"columns requests", "columns requests a b c", "filter ((",
		"theme pink", "mouse", "\001\377 x", "sort traffic time",
		"columns top" };
	char before[STATE_MOST] = "", after[STATE_MOST] = "", line[256];
	struct buf b = buf_over(before, sizeof before - 1);

	(void)state;
	state_put(m, &b);
	for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
		struct buf a = buf_over(after, sizeof after - 1);
		(void)snprintf(line, sizeof line, "%s", table[i]);
		state_take(m, line);
		state_put(m, &a);
		(void)buf_cstr(&a);
		assert_string_equal(after, before);
	}
}

static bool
give(const char *k, const char *command)
{
	return keymap_bind(&s.ui.keys, span_str(k), span_str(command));
}

static void
keys_can_be_given_to_other_commands(void **state)
{
	static const char *const wrong[] = { "", "xy", "F0", "F13", "Ctrl-1",
		"\001", "Ctrl-C", "Ctrl-Z", "\377" };
	char names[KEYMAP_TEXT];

	(void)state;
	assert_true(give("F2", "pause"));
	assert_true(give("x", "pause"));
	assert_true(give("Ctrl-R", "root"));
	assert_true(give("p", "log"));
	assert_false(give("F3", "no-such-command"));
	for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_false(give(wrong[i], "pause"));
		assert_non_null(console_wrong_key(span_str(wrong[i])));
	}
	key(TERM_KEY_F1 + 1);
	assert_string_equal(c->said, "pause on");
	key('x');
	assert_string_equal(c->said, "pause off");
	key('p');
	assert_string_equal(c->said, "log off");
	key(18);
	assert_int_equal(m->prompt.kind, PROMPT_ROOT);
	key(TERM_KEY_ESCAPE);
	keymap_names(&s.ui.keys, command_of_name("pause", 5), names);
	assert_string_equal(names, "F2 x"); /* p was taken from it */
	keymap_names(&s.ui.keys, command_of_name("log", 3), names);
	assert_string_equal(names, "l p");
	assert_null(console_wrong_column(SPAN("agent")));
	assert_non_null(console_wrong_column(SPAN("agents")));
}

static void
a_key_can_stand_for_a_whole_command(void **state)
{
	static const struct {
		const char *line, *said;
	} table[] = {
		{ "filter status>=400", NULL },
		{ "sort took", NULL },
		{ "notify off", NULL },
		{ "theme light", NULL },
		{ "pause now", "a command that takes something behind it" },
		{ "theme pink",
		    "right: its theme is none of dark, light, plain" },
		{ "filter statu>=400",
		    "right: its filter: no key is named \"statu\"; did you "
		    "mean status?" },
		{ "notify (", "right: its filter: " },
		{ "filtr x", "a command of the console " },
	};
	char names[KEYMAP_TEXT];
	char *help;
	struct grid g;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const char *said =
		    console_wrong_command(span_str(table[i].line));

		assert_int_equal(give("F9", table[i].line), said == NULL);
		if (table[i].said == NULL)
			assert_null(said);
		else
			assert_int_equal(
			    strncmp(said, table[i].said, strlen(table[i].said)),
			    0);
	}
	s.ui.keys.n = 0;
	assert_true(give("w", "filter  status>=400 "));
	assert_true(give("f", "sort took"));
	key('w');
	assert_string_equal(m->filter_text, "status>=400");
	assert_int_equal(m->prompt.kind, PROMPT_NONE);
	key('f');
	assert_int_equal(m->look.list[PANE_REQUESTS].sort, REQUEST_COL_TOOK);
	/* it is not a key of the bare command; f was taken from it */
	keymap_names(&s.ui.keys, command_of_name("filter", 6), names);
	assert_string_equal(names, "");
	m->keys = &s.ui.keys;
	key('?');
	help = malloc(1u << 18);
	b = buf_over(help, 1u << 18);
	assert_true(grid_init(&g, 120, 300, true));
	ui_draw(&s.ui, &g);
	grid_text(&g, &b);
	(void)buf_cstr(&b);
	grid_free(&g);
	assert_non_null(strstr(help, " w                :filter status>=400"));
	free(help);
}

static void
tab_completes_what_follows_a_command(void **state)
{
	static const struct {
		const char *typed, *line, *hint;
	} table[] = {
		{ "rev", "reverse ", "" },
		{ "sort ta", "sort target", "" },
		{ "sort no", "sort none", "" },
		{ "columns no", "columns no", "nothing begins so" },
		{ "theme l", "theme light", "" },
		{ "theme ", "theme ", "dark  light  plain" },
		{ "filter status>=500 pat", "filter status>=500 path:", "" },
		{ "notify !metho", "notify !method:", "" },
		{ "export h", "export har ", "" },
		{ "export har /us", "export har /usr/", "" },
		{ "export har f", "export har filtered ", "" },
		{ "export har ", "export har ", "all  filtered  marked" },
		{ "export log all /us", "export log all /usr/", "" },
		{ "root /us", "root /usr/", "" },
		{ "copy h", "copy heads", "" },
		{ "pause x", "pause x", "nothing may follow pause" },
		{ "find x", "find x",
		    "there is nothing to choose behind find" },
		{ "pose x", "pose x", "no command is named pose" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		key(':');
		scene_type(&s, table[i].typed);
		key(TERM_KEY_TAB);
		assert_string_equal(m->prompt.text, table[i].line);
		assert_string_equal(m->prompt.hint, table[i].hint);
		key(TERM_KEY_ESCAPE);
	}
}

/* What begins with a '*' need only be in the hint. */
static void
tab_completes_a_filter(void **state)
{
	static const struct {
		const char *typed, *line, *hint;
	} table[] = {
		{ "wh", "why:", "" },
		{ "!tim", "!time>", "" },
		{ "(mar", "(mark", "" },
		{ "status:", "status:",
		    "200  2xx  301  304  3xx  400  404  405  4xx  5xx  none" },
		{ "status>=5", "status>=5xx", "" },
		{ "status:404,2", "status:404,2", "200  2xx" },
		{ "code:n", "code:none", "" },
		{ "a|method:g", "a|method:GET", "" },
		{ "ext:c", "ext:css", "" },
		{ "path:/docs x ext:h", "path:/docs x ext:html", "" },
		{ "path=/st", "path=/style.css", "" },
		{ "type:", "type:text/html", "" },
		{ "ua:fire", "ua:Firefox", "" },
		{ "client:192", "client:192.168.1.7", "" },
		{ "why:\"two c", "why:\"two Content-Lengths\"", "" },
		{ "why:two", "why:\"two ",
		    "two Content-Lengths  two Host fields" },
		{ "why:blank", "why:\"blank before colon\"", "" },
		{ "close:idle", "close:\"idle timeout\"", "" },
		{ "why:", "why:", "*head complete" },
		{ "header:us", "header:User-Agent", "" },
		{ "answer:et", "answer:ETag", "" },
		{ "version:", "version:1.", "1.0  1.1" },
		{ "time>", "time>",
		    "time needs a comparison like time>100ms or time<=1.5s" },
		{ "conn:", "conn:", "conn needs a number like 41" },
		{ "type:x", "type:x", "nothing begins so" },
		{ "xyz", "xyz", "nothing begins so" },
		{ "xyz:", "xyz:", "nothing begins so" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const char *hint = table[i].hint;

		key('f');
		scene_type(&s, table[i].typed);
		key(TERM_KEY_TAB);
		assert_string_equal(m->prompt.text, table[i].line);
		if (*hint == '*')
			assert_non_null(strstr(m->prompt.hint, hint + 1));
		else
			assert_string_equal(m->prompt.hint, hint);
		assert_string_equal(m->prompt.error, "");
		assert_int_equal(m->prompt.at, m->prompt.n);
		key(TERM_KEY_ESCAPE);
	}
}

/* Somewhere to send to: nobody answers there. */
static int
listen_somewhere(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, n), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	memcpy(&c->address, &at, n);
	c->address_n = n;
	return fd;
}

static void
a_replay_is_replayed_again(void **state)
{
	int fd = listen_somewhere();
	uint64_t seq;

	(void)state;
	key('R');
	assert_int_equal(m->look.screen, SCREEN_REPLAY);
	assert_non_null(m->replay.under_way);
	seq = m->replay.then.entry.seq;
	key('R');
	assert_string_equal(
	    m->toast[0].text, "it waits for its answer already");
	/* answered, and gone from the history since */
	replay_end(m->replay.under_way);
	m->replay.under_way = NULL;
	m->replay.now.there = true;
	for (int i = 0; i < 1200; i++)
		one_more();
	key('R');
	assert_non_null(m->replay.under_way);
	assert_false(m->replay.now.there);
	assert_int_equal(m->replay.then.entry.seq, seq);
	key(TERM_KEY_ESCAPE);
	assert_int_equal(m->look.screen, SCREEN_MAIN);
	(void)close(fd);
}

static void
a_key_that_means_nothing_says_so(void **state)
{
	static const struct {
		const char *before, *keys, *said;
	} table[] = {
		{ "3\r", "1",
		    "1 (traffic) means nothing here, only in the "
		    "lists; Esc goes back" },
		{ "2\r", "z",
		    "z (zoom) means nothing here, only in the lists; "
		    "Esc goes back" },
		{ "2\r", "y",
		    "y (copy) means nothing here, only in the lists, in a "
		    "request's detail; "
		    "Esc goes back" },
		{ "2\r", "x",
		    "x (hex) means nothing here, only in a request's "
		    "detail; Esc goes back" },
		{ "3", "J",
		    "J (next) means nothing here, only in a request's "
		    "detail" },
		{ "1", "j",
		    "moving means nothing here, only in a list: 2, 3 or "
		    "4" },
		{ "1", "\r",
		    "Enter (open) means nothing here, only in a list: "
		    "2, 3 or 4" },
		{ "1", "s",
		    "a column means nothing here, only in a list: 2, 3 "
		    "or 4" },
		{ "2", "m",
		    "m (mark) means nothing here, only in the requests: "
		    "3" },
		{ "4z", "R",
		    "R (replay) means nothing here, only in the requests: 3" },
		{ "z1z", "y",
		    "y (copy) means nothing here, only in the requests: 3" },
		{ "z3fstatus:299\r", "y", "none meets the filter" },
		{ "\033", ">",
		    "the next kind means nothing here, only in Top: 4" },
		{ "3", "w",
		    "no command has the key w; ? shows which there "
		    "are" },
		{ "3", "\022",
		    "no command has the key Ctrl-R; ? shows which "
		    "there are" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		scene_type(&s, table[i].before);
		m->toasts = 0;
		scene_type(&s, table[i].keys);
		assert_string_equal(said(), table[i].said);
		m->look.screen = SCREEN_MAIN;
	}
	m->toasts = 0;
	key(TERM_KEY_OTHER); /* a button of the mouse that was let go */
	assert_int_equal(m->toasts, 0);
	/* nothing came on that connection */
	scene_type(&s, "2G\r");
	m->conn.conn = m->look.conn_detail;
	m->conn.n = 0;
	key(TERM_KEY_END);
	assert_string_equal(said(), "no request on it yet");
}

static void
a_command_alone_tells_what_is_set(void **state)
{
	(void)state;
	scene_type(&s, ":notify\r");
	assert_string_equal(
	    said(), "nothing rings; as in :notify status>=500 it does");
	scene_type(&s, ":notify status>=500\r");
	m->toasts = 0;
	scene_type(&s, ":notify\r");
	assert_string_equal(
	    said(), "rings for status>=500; :notify off ends it");
	assert_non_null(m->notify);
	scene_type(&s, ":notify off\r");
	assert_null(m->notify);
	scene_type(&s, ":theme light\r:theme\r");
	assert_string_equal(said(),
	    "the theme is light; :theme dark, light or plain changes it");
	scene_type(&s, ":theme pink\r");
	assert_string_equal(said(),
	    "pink is none: the theme is light; :theme "
	    "dark, light or plain changes it");
	/* these do by what they open */
	scene_type(&s, ":filter status:404\r:filter\r");
	assert_int_equal(m->prompt.kind, PROMPT_FILTER);
	assert_string_equal(m->prompt.text, "status:404");
	key(TERM_KEY_ESCAPE);
	scene_type(&s, ":sort took\r:sort\r");
	assert_int_equal(m->menu.kind, MENU_SORT);
	assert_int_equal(
	    m->menu.item[m->menu.at].value, m->look.list[PANE_REQUESTS].sort);
}

static void
export_takes_a_format_and_a_file(void **state)
{
	(void)state;
	scene_type(&s, ":export har\r");
	assert_int_equal(m->prompt.kind, PROMPT_EXPORT);
	assert_non_null(strstr(m->prompt.text, ".har"));
	key(TERM_KEY_ESCAPE);
	scene_type(&s, ":export log /dev/null/x.log\r");
	assert_int_equal(m->prompt.kind, PROMPT_EXPORT);
	assert_string_equal(m->prompt.text, "/dev/null/x.log");
	assert_true(m->prompt.error[0]);
	key(TERM_KEY_ESCAPE);
	scene_type(&s, ":export\r");
	assert_int_equal(m->menu.kind, MENU_EXPORT);
}

/* The last toast, when an export is done. */
static const char *
written(void)
{
	for (int i = 0; m->exporting && i < 100; i++)
		look_again();
	return m->toasts ? m->toast[m->toasts - 1].text : "";
}

static void
what_an_export_writes_is_said_and_can_be_chosen(void **state)
{
	char folder[] = "/tmp/k-XXXXXX", path[64], title[80];

	(void)state;
	assert_non_null(mkdtemp(folder));
	s.ui.export_dir = folder;
	look_again();
	(void)snprintf(title, sizeof title, "Write %u, all",
	    (unsigned)(m->last - m->first + 1));
	scene_type(&s, "e");
	assert_string_equal(m->menu.title, title);
	assert_int_equal(m->menu.n, EXPORT_N); /* there is no choice */
	/* a 200, a 405 and one more are marked, the filter hides two of them */
	scene_type(&s, "\033Gmkmkkm:filter status:405\r");
	look_again();
	assert_int_equal(m->marks.n, 3);
	scene_type(&s, "e");
	assert_string_equal(
	    m->menu.title, "Write 3 marked, 2 hidden by the filter");
	assert_int_equal(m->menu.n, EXPORT_N + 3);
	assert_string_equal(m->menu.item[EXPORT_N].text,
	    "(*) 3 marked, 2 hidden by the filter");
	assert_string_equal(
	    m->menu.item[EXPORT_N + 1].text, "( ) 39 of the filter");
	scene_type(&s, "2");
	assert_int_equal(m->menu.kind, MENU_EXPORT);
	assert_string_equal(m->menu.title, "Write 39 of the filter");
	assert_string_equal(
	    m->menu.item[EXPORT_N + 1].text, "(*) 39 of the filter");
	scene_type(&s, "h");
	assert_string_equal(
	    m->prompt.title, "Write to the file: 39 of the filter");
	key(TERM_KEY_CTRL_U);
	scene_type(&s, "x.har\r");
	assert_non_null(strstr(
	    written(), "39 exchanges of the filter, 2 marked are hidden ("));
	(void)snprintf(path, sizeof path, "%s/x.har", folder);
	assert_int_equal(unlink(path), 0);
	/* by name; without one, what is marked and shown is meant */
	scene_type(&s, ":export har x.har\r");
	assert_non_null(
	    strstr(written(), "3 exchanges, marked, 2 hidden by the filter ("));
	assert_int_equal(unlink(path), 0);
	scene_type(&s, ":export har all x.har\r");
	assert_non_null(strstr(written(), " exchanges, all ("));
	/* it is there: the name can be mended */
	scene_type(&s, ":export har filtered x.har\r");
	assert_string_equal(m->prompt.text, "x.har");
	assert_non_null(strstr(m->prompt.error, "give another name"));
	key(TERM_KEY_ESCAPE);
	assert_int_equal(unlink(path), 0);
	/* typed faster than the history is looked through */
	scene_type(&s, "U:filter status:405\re");
	assert_string_equal(m->menu.title, "Write 0 of the filter so far");
	scene_type(&s, "\033:export har filtered x.har\r");
	assert_non_null(strstr(written(), "39 exchanges of the filter ("));
	assert_int_equal(unlink(path), 0);
	/* none of the marked is shown */
	scene_type(&s, ":filter status:404\rU");
	look_again();
	scene_type(&s, "gm:filter status:405\r");
	look_again();
	assert_int_equal(m->marks.n, 1);
	scene_type(&s, "e");
	assert_string_equal(m->menu.title, "Write 39 of the filter");
	assert_string_equal(m->menu.item[EXPORT_N].text,
	    "( ) 1 marked, 1 hidden by the filter");
	scene_type(&s, "\033U");
	m->toasts = 0;
	scene_type(&s, ":export har marked x.har\r");
	assert_non_null(strstr(written(), "nothing is marked"));
	scene_type(&s, ":filter-off\r:export har filtered x.har\r");
	assert_non_null(strstr(written(), "there is no filter"));
	assert_int_equal(m->prompt.kind, PROMPT_NONE);
	assert_int_equal(rmdir(folder), 0);
}

static void
an_export_is_given_up_by_escape(void **state)
{
	char folder[] = "/tmp/k-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(folder));
	s.ui.export_dir = folder;
	look_again();
	scene_type(&s, ":export har x.har\r");
	assert_non_null(m->exporting);
	key(TERM_KEY_ESCAPE);
	assert_null(m->exporting);
	assert_non_null(
	    strstr(m->toast[m->toasts - 1].text, "nothing was written"));
	assert_int_equal(rmdir(folder), 0); /* nothing is left in it */
}

static void
a_recording_knows_its_server_by_what_was_asked(void **state)
{
	char folder[] = "/tmp/k-XXXXXX", path[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)setenv("XDG_STATE_HOME", folder, 1);
	(void)snprintf(c->status.url, sizeof c->status.url, "visit.har");
	look_again();
	scene_type(&s, "yu");
	assert_memory_equal(s.ui.copy, "http://127.0.0.1:8000/index.html", 32);
	scene_type(&s, "yc");
	assert_null(memmem(s.ui.copy, s.ui.copy_n, "visit", 5));
	assert_non_null(
	    memmem(s.ui.copy, s.ui.copy_n, "'http://127.0.0.1:8000/", 23));
	free(s.ui.copy);
	s.ui.copy = NULL;
	(void)snprintf(path, sizeof path, "%s/httpconsole/copied", folder);
	(void)unlink(path);
	*strrchr(path, '/') = '\0';
	(void)rmdir(path);
	(void)rmdir(folder);
	(void)unsetenv("XDG_STATE_HOME");
}

static void
exports_go_to_their_folder_without_what_is_to_be_left_out(void **state)
{
	static const char *const names[] = { "user-agent", NULL };
	char folder[] = "/tmp/k-XXXXXX", path[64], text[4096];

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof path, "%s/x.har", folder);
	s.ui.export_dir = folder;
	s.ui.redact = names;
	scene_type(&s, ":export har x.har\r");
	for (int i = 0; m->exporting && i < 100; i++)
		look_again();
	read_start(path, text);
	assert_non_null(strstr(text, "[redacted]"));
	assert_null(strstr(text, "Mozilla"));
	(void)unlink(path);
	(void)rmdir(folder);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_key_can_stand_for_a_whole_command),
		TEST(tab_completes_what_follows_a_command),
		TEST(tab_completes_a_filter),
		TEST(a_key_that_means_nothing_says_so),
		TEST(a_command_alone_tells_what_is_set),
		TEST(a_replay_is_replayed_again),
		TEST(export_takes_a_format_and_a_file),
		TEST(what_an_export_writes_is_said_and_can_be_chosen),
		TEST(an_export_is_given_up_by_escape),
		TEST(a_recording_knows_its_server_by_what_was_asked),
		TEST(exports_go_to_their_folder_without_what_is_to_be_left_out),
		TEST(a_key_has_one_meaning_on_a_screen_and_a_command_one_name),
		TEST(p_pauses_and_resumes),
		TEST(l_switches_the_log),
		TEST(quitting_is_cancelled_unless_an_answer_is_given),
		TEST(quitting_now_is_now),
		TEST(ctrl_c_drains_and_again_ends_now),
		TEST(escape_never_quits),
		TEST(what_is_typed_into_a_prompt_reaches_no_command),
		TEST(a_bad_root_leaves_the_prompt_open_with_the_error),
		TEST(what_is_pasted_outside_a_prompt_does_nothing),
		TEST(an_expression_that_gave_up_says_so_once),
		TEST(new_requests_do_not_move_the_choice),
		TEST(
		    a_request_that_was_forgotten_gives_its_choice_to_the_oldest),
		TEST(an_open_detail_outlives_the_history),
		TEST(the_list_is_cleared_and_the_counters_stay),
		TEST(a_frozen_view_stands_still),
		TEST(closing_a_connection_asks_first),
		TEST(
		    a_connection_that_closes_gives_its_choice_to_its_neighbour),
		TEST(enter_opens_a_request_and_escape_goes_back),
		TEST(enter_on_a_connection_opens_it_and_then_its_requests),
		TEST(paths_are_asked_for_while_they_move_and_not_too_often),
		TEST(a_rate_is_what_was_acknowledged_over_time),
		TEST(what_is_under_way_is_among_the_requests_of_its_connection),
		TEST(a_find_of_the_list_does_not_hold_up_the_way_back),
		TEST(a_command_can_be_typed_by_its_name),
		TEST(a_slip_in_a_command_is_said_and_does_nothing),
		TEST(a_column_that_is_none_is_said),
		TEST(help_is_asked_for_by_name_and_by_its_sign),
		TEST(news_goes_by_itself_and_errors_stay_until_dismissed),
		TEST(what_was_wrong_with_a_reload_goes_with_the_next_good_one),
		TEST(time_alone_is_no_change),
		TEST(requests_are_sorted_by_any_column),
		TEST(connections_are_sorted_by_any_column),
		TEST(connections_are_sorted_by_the_whole_target),
		TEST(while_frozen_seconds_are_counted_as_they_pass),
		TEST(frozen_connections_stay_as_they_were_and_can_be_sorted),
		TEST(columns_are_put_away_but_never_all),
		TEST(a_find_goes_on_round_the_end_and_escape_takes_it_back),
		TEST(a_filter_shows_what_meets_it_as_more_comes),
		TEST(a_wrong_filter_stays_open_with_the_place),
		TEST(enter_in_top_on_those_that_have_none_shows_them),
		TEST(enter_in_top_shows_the_requests_it_counts),
		TEST(marked_requests_can_be_shown_alone),
		TEST(lines_typed_before_come_back),
		TEST(a_click_in_Top_means_the_table_that_is_there),
		TEST(the_mouse_chooses_opens_sorts_and_presses_keys),
		TEST(what_should_be_heard_rings_once),
		TEST(a_request_is_copied_in_four_ways_and_into_a_file),
		TEST(a_command_without_the_content_that_came_says_so),
		TEST(what_the_list_shows_is_written_to_a_file),
		TEST(what_cannot_be_sent_again_is_not),
		TEST(what_was_chosen_comes_back_in_the_next_run),
		TEST(only_columns_that_a_person_chose_are_kept),
		TEST(a_state_that_makes_no_sense_changes_nothing),
		TEST(keys_can_be_given_to_other_commands),
		TEST(marks_stay_with_their_requests),
		TEST(all_marks_are_taken_away_at_once),
	};

	return cmocka_run_group_tests_name("ui_keys", tests, NULL, NULL);
}
