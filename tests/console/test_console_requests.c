/* Moving through requests and connections, and opening one. */
#include <stdio.h>
#include <string.h>

#include "tests/console/stage.h"
#include "ui/command.h"

#define CHOSEN "^>.* GET +200 .* [+x] +/hello\\.txt\\?"

/* `n` requests with their number as query, one after the other. */
static void
ask_many(struct stage *s, int first, int last)
{
	int fd = stage_client(s, 0);
	char target[32];

	for (int i = first; i <= last; i++) {
		(void)snprintf(target, sizeof target, "/hello.txt?%02d.", i);
		assert_int_equal(client_ask(fd, target, ""), 200);
	}
}

static long
chosen(struct vt *t)
{
	return vt_number(t, "^>.*/hello\\.txt\\?([0-9]+)\\.");
}

static void
enter_opens_both_heads_as_they_travelled(void **state)
{
	struct stage *s = *state;
	struct vt_options o = { .w = 80, .h = 40 };
	struct vt *t = stage_open(s, &o);

	assert_int_equal(client_ask(stage_client(s, 0), "/hello.txt",
			     "X-A: caf\303\251\r\n"),
	    200);
	vt_wait_row(t, " GET +200 ");
	vt_type(t, VT_ENTER);
	vt_wait_row(
	    t, "Request 1  GET /hello\\.txt .*connection #1, request 1");
	vt_wait_row(t, "^ 200 OK  content 12 bytes  in ");
	vt_wait_row(t, "Why 200");
	vt_wait_row(t, "^ ▶ .*regular file of 12 bytes");
	vt_wait_row(t, "kept alive: HTTP/1\\.1, request 1 of 1000");
	vt_wait_row(t, "^ GET /hello\\.txt HTTP/1\\.1␍␊$");
	vt_wait_row(t, "^ Host: localhost␍␊$");
	vt_wait_row(t, "^ X-A: café␍␊$");
	vt_wait_row(t, "^ HTTP/1\\.1 200 OK␍␊$");
	vt_wait_row(t, "^ Content-Length: 12␍␊$");
	vt_wait_row(t, "^ ␍␊$");
	vt_type(t, VT_ESC);
	vt_wait_row(t, "^>.* GET +200 .* \\+ +/hello\\.txt");
	vt_wait_text(t, "Connections");
}

static void
a_refused_request_has_a_caret_at_the_byte(void **state)
{
	struct stage *s = *state;
	struct vt_options o = { .w = 80, .h = 40 };
	struct vt *t = stage_open(s, &o);
	int fd = stage_client(s, 0), y, at, caret;
	struct reply r;

	client_send(
	    fd, "GET / HTTP/1.1\r\nHost: localhost\r\nBad\001: x\r\n\r\n");
	client_read(fd, &r);
	assert_int_equal(r.status, 400);
	vt_wait_row(t, " GET +400 .* bad field");
	vt_type(t, VT_ENTER);
	vt_wait_row(t, "Why 400");
	vt_wait_row(t, "▲ refused at byte 36");
	y = vt_find(t, 0, "▲ refused at byte 36");
	caret = vt_column(t, y, "▲");
	at = vt_column(t, y - 1, "\\x01");
	vt_check(t, at > 0 && at == caret);
}

static void
J_and_K_step_through_details_and_Esc_goes_back(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	ask_many(s, 1, 3);
	vt_wait_row(t, "\\?03\\.");
	vt_type(t, VT_ENTER);
	vt_wait_text(t, "Request 3  GET /hello.txt?03.");
	vt_type(t, "K");
	vt_wait_text(t, "Request 2  GET /hello.txt?02.");
	vt_type(t, "KKK");
	vt_wait_text(t, "Request 1  GET /hello.txt?01.");
	vt_type(t, "J");
	vt_wait_text(t, "Request 2  GET /hello.txt?02.");
	vt_type(t, VT_ESC);
	vt_wait_text(t, "Connections");
	vt_wait_row(t, CHOSEN "02");
	vt_type(t, VT_ESC);
	vt_wait_no_row(t, "^>");
	vt_wait_text(t, "FOLLOWING");
}

static void
a_long_detail_scrolls(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	stage_get(s, "/hello.txt", 200);
	vt_wait_row(t, " GET +200 ");
	vt_type(t, VT_ENTER);
	vt_wait_text(t, "Why 200");
	vt_type(t, "G");
	vt_wait_row(t, "closed after this: ");
	vt_wait_gone(t, "Why 200");
	vt_type(t, VT_PGUP VT_PGUP VT_PGUP);
	vt_wait_text(t, "Why 200");
	vt_type(t, "j");
	vt_wait_gone(t, "Why 200");
	vt_type(t, "k");
	vt_wait_text(t, "Why 200");
}

static void
the_choice_keeps_its_row_when_new_requests_come(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	int y;

	ask_many(s, 1, 30);
	vt_wait_row(t, "\\?30\\.");
	vt_type(t, "kkkk");
	vt_wait_row(t, CHOSEN "27");
	vt_wait_row(t, "Requests .*[^f] 30  F follows");
	y = vt_find(t, 0, CHOSEN "27");
	ask_many(s, 31, 60);
	vt_wait_row(t, "Requests .*[^f] 60  [0-9]+ newer below, F follows");
	vt_check(t, vt_find(t, 0, CHOSEN "27") == y);
	vt_type(t, "F");
	vt_wait_row(t, "\\?60\\.");
	vt_wait_no_row(t, "^>");
	vt_wait_text(t, "FOLLOWING");
}

static void
a_version_that_was_not_read_is_not_named(void **state)
{
	struct stage *s = *state;
	struct vt_options o = { .w = 120, .h = 40 };
	struct vt *t = stage_open(s, &o);
	struct reply r;
	int fd = stage_client(s, 0);

	client_send(fd, "\026\003\001\002");
	client_read(fd, &r);
	vt_wait_text(t, "TLS on a cleartext port");
	vt_type(t, "k" VT_ENTER);
	vt_wait_text(t, "this is request 1 on it, worker ");
	vt_type(t, VT_ESC);
	fd = stage_client(s, 0);
	client_send(fd, "GET / HTTP/1.0\r\n\r\n");
	client_read(fd, &r);
	vt_wait_text(t, "index file");
	vt_type(t, "G" VT_ENTER);
	vt_wait_text(t, "this is request 1 on it, HTTP/1.0, worker ");
}

static void
keys_move_the_choice(void **state)
{
	static const struct {
		const char *key;
		int min, max; /* where the choice may be then */
	} steps[] = {
		{ "k", 40, 40 }, /* the first step takes the newest */
		{ "k", 39, 39 },
		{ "j", 40, 40 },
		{ "j", 40, 40 },
		{ VT_UP VT_UP, 38, 38 },
		{ VT_DOWN, 39, 39 },
		{ VT_PGUP, 25, 36 },
		{ VT_PGDN, 39, 39 },
		{ "g", 1, 1 },
		{ "k", 1, 1 },
		{ VT_PGDN, 4, 15 },
		{ "G", 40, 40 },
		{ VT_HOME, 1, 1 },
		{ VT_END, 40, 40 },
	};
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	ask_many(s, 1, 40);
	vt_wait_row(t, "\\?40\\.");
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		vt_type(t, steps[i].key);
		vt_settle(t);
		if (chosen(t) < steps[i].min || chosen(t) > steps[i].max)
			print_error("step %zu\n", i);
		vt_check(t, chosen(t) >= steps[i].min);
		vt_check(t, chosen(t) <= steps[i].max);
	}
}

static void
Tab_goes_to_the_connections_and_Enter_opens_them(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	ask_many(s, 1, 2);
	vt_wait_row(t, "\\?02\\.");
	ask_many(s, 3, 4);
	vt_wait_row(t, "^ +2 127.* IDLE ");
	vt_wait_row(t, "━━ 3 Requests ");
	vt_type(t, VT_TAB);
	vt_wait_row(t, "━━ 2 Connections ");
	vt_wait_row(t, "^> +1 127.* IDLE ");
	vt_type(t, VT_ENTER);
	vt_wait_row(t, "━━ Connection 1  127");
	vt_wait_row(t, "^ +2 GET +200 .* /hello\\.txt\\?02");
	vt_type(t, "k" VT_ENTER);
	vt_wait_row(t, "Request 2  GET /hello\\.txt\\?02\\. .* #1, request 2");
	vt_type(t, VT_ESC);
	vt_wait_row(t, "━━ Connection 1  127");
	vt_type(t, VT_ESC);
	vt_wait_row(t, "━━ 2 Connections ");
	vt_type(t, "j");
	vt_wait_row(t, "^> +2 127.* IDLE ");
	vt_type(t, VT_TAB);
	vt_wait_row(t, "━━ 3 Requests ");
	vt_wait_row(t, CHOSEN "02");
}

static void
z_gives_one_pane_all_the_room(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	ask_many(s, 1, 30);
	vt_wait_row(t, "\\?30\\.");
	vt_wait_no_row(t, "\\?18\\.");
	vt_type(t, "z");
	vt_wait_row(t, "\\?18\\.");
	vt_wait_gone(t, "Connections");
	vt_type(t, VT_TAB);
	vt_wait_row(t, "Connections");
	vt_wait_gone(t, "Requests");
	vt_type(t, "z");
	vt_wait_text(t, "Requests");
	vt_wait_text(t, "Connections");
}

static void
C_clears_the_list_and_keeps_the_counters(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	ask_many(s, 1, 5);
	vt_wait_row(t, "\\?05\\.");
	vt_type(t, "C");
	vt_wait_text(t, "cleared; the counters stay");
	vt_wait_no_row(t, "\\?0[1-5]\\.");
	vt_wait_text(t, "200×5");
	ask_many(s, 6, 6);
	vt_wait_row(t, "Requests .* 1 of 6  FOLLOWING");
	vt_wait_row(t, "\\?06\\.");
	vt_wait_text(t, "200×6");
}

static void
Space_freezes_the_view_and_the_server_goes_on(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	ask_many(s, 1, 3);
	vt_wait_row(t, "\\?03\\.");
	vt_wait_row(t, "total 3$");
	vt_type(t, " ");
	vt_wait_row(t, "^ FROZEN  the view stands still");
	vt_wait_text(t, "Space Thaw");
	ask_many(s, 4, 8); /* answered all the same */
	vt_settle(t);
	vt_check(t, vt_find(t, 0, "\\?0[4-8]\\.") < 0);
	vt_check(t, vt_find(t, 0, "total 3$") >= 0);
	vt_type(t, " ");
	vt_wait_gone(t, "FROZEN");
	vt_wait_row(t, "\\?08\\.");
	vt_wait_row(t, "total 8$");
}

static void
what_clients_send_never_controls_the_terminal(void **state)
{
	static const char *const evil[] = { "\033]0;owned\007", "\033[2J",
		"\302\2332J", "\2332J", "\342\200\256", "\342\200\213",
		"\363\240\201\201", "\017", "\010" };
	struct stage *s = *state;
	struct vt_options o = { .w = 100, .h = 50 };
	struct vt *t = stage_open(s, &o);
	struct reply r;
	const char *out;
	size_t n;

	for (size_t i = 0; i < sizeof evil / sizeof *evil; i++) {
		char text[256];
		int fd = stage_client(s, 0);
		(void)snprintf(text, sizeof text,
		    "GET /a%sb HTTP/1.1\r\nHost: localhost\r\n"
		    "X-%zu: tab\tand %s.\r\n\r\n",
		    evil[i], i, evil[i]);
		client_send(fd, text);
		client_read(fd, &r);
		/* Workers report on their own: one after the other. */
		(void)snprintf(text, sizeof text, " %zu  FOLLOWING", i + 1);
		vt_wait(t, vt_test_shows, text);
	}
	vt_settle(t);
	(void)vt_output(t, &n);
	vt_type(t, VT_ENTER);
	for (size_t i = 0; i < sizeof evil / sizeof *evil; i++) {
		char number[32];
		(void)snprintf(number, sizeof number, "X-%zu: tab",
		    sizeof evil / sizeof *evil - 1 - i);
		vt_wait(t, vt_test_shows, number);
		vt_type(t, "K");
	}
	vt_wait_text(t, "\\x1b]0;owned\\x07");
	out = vt_output(t, &n);
	/* The first two begin like our own output; their effects tell. */
	for (size_t i = 2; i < 7; i++)
		vt_check(t, memmem(out, n, evil[i], strlen(evil[i])) == NULL);
	vt_check(t, memmem(out, n, "\033]0;owned", 9) == NULL);
	vt_check(t, vt_bells(t) == 0);
	vt_check(t, strcmp(vt_title(t), "") == 0);
	vt_check(t, vt_find(t, 0, "httpconsole") == 0);
}

static void
the_command_line_knows_every_command_by_name(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	vt_type(t, ":nonsense" VT_ENTER);
	vt_wait_text(t, "no such command");
	vt_type(t, VT_CTRL_U "fre" VT_TAB VT_ENTER);
	vt_wait_text(t, "FROZEN");
	vt_type(t, ":p" VT_TAB);
	vt_wait_row(t, "page-down +page-up +pane +pane-back +pause +previous");
	vt_type(t, VT_ESC);
	vt_wait_gone(t, "page-down");
	vt_check(t, vt_shows(t, " LIVE "));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		SCENARIO(enter_opens_both_heads_as_they_travelled),
		SCENARIO(a_refused_request_has_a_caret_at_the_byte),
		SCENARIO(J_and_K_step_through_details_and_Esc_goes_back),
		SCENARIO(a_long_detail_scrolls),
		SCENARIO(the_choice_keeps_its_row_when_new_requests_come),
		SCENARIO(a_version_that_was_not_read_is_not_named),
		SCENARIO(keys_move_the_choice),
		SCENARIO(Tab_goes_to_the_connections_and_Enter_opens_them),
		SCENARIO(z_gives_one_pane_all_the_room),
		SCENARIO(C_clears_the_list_and_keeps_the_counters),
		SCENARIO(Space_freezes_the_view_and_the_server_goes_on),
		SCENARIO(what_clients_send_never_controls_the_terminal),
		SCENARIO(the_command_line_knows_every_command_by_name),
	};

	return cmocka_run_group_tests_name(
	    "console: requests", tests, NULL, NULL);
}
