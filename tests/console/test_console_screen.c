/* What the screen shows of the server, its connections and its requests. */
#include <stdio.h>
#include <string.h>

#include "tests/console/stage.h"

static const struct vt_options wide = { .w = 120, .h = 40 };

static void
the_first_screen_says_what_is_served_and_where(void **state)
{
	struct vt *t = stage_open_plain(*state);

	vt_wait_row(t,
	    "^ httpconsole  http://127\\.0\\.0\\.1:[0-9]+/  ~/www "
	    " log access\\.log +LIVE  up [0-9]s$");
	vt_wait_row(t, "^ conns +0/10,000 ");
	vt_wait_text(t, "nobody is connected");
	vt_wait_text(t, "no request yet: open http://127.0.0.1:");
	vt_wait_row(t, "^ p Pause r Root l Log .*\\? Help q Quit$");
	vt_check(t, vt_find(t, 0, "^ httpconsole") == 0);
	vt_check(t, vt_find(t, 0, "q Quit$") == 23);
	vt_check(t, !vt_cursor_shown(t));
}

static void
a_wide_screen_has_the_same_and_a_clock(void **state)
{
	struct vt *t = stage_open(*state, &wide);

	vt_wait_row(t,
	    "^ httpconsole  http://127.* ~/www  log access\\.log "
	    "+LIVE  up [0-9]s  [0-9]{2}:[0-9]{2}$");
	vt_wait_row(t, "Connections .* 0 ");
	vt_wait_row(t, "Requests .*[^f] 0  FOLLOWING ");
	vt_wait_row(t, "q Quit$");
	vt_check(t, vt_find(t, 0, "q Quit$") == 39);
}

static void
a_request_appears_with_its_status_and_why(void **state)
{
	struct vt *t = stage_open_plain(*state);

	stage_get(*state, "/hello.txt", 200);
	vt_wait_row(t, "#1 GET +200 +12 .* x /hello\\.txt +file$");
	stage_get(*state, "/", 200);
	vt_wait_row(t, "#2 GET +200 .* x / +index file$");
	vt_wait_row(t, "2xx 2 .*200×2");
	vt_wait_row(t, "req/s .* total 2$");
}

static void
each_answer_tells_its_reason(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open(s, &wide);
	struct reply r;
	int fd = stage_client(s, 0);

	client_send(fd,
	    "POST /hello.txt HTTP/1.1\r\nHost: localhost\r\n"
	    "Content-Length: 0\r\n\r\n");
	client_read(fd, &r);
	assert_int_equal(r.status, 405);
	assert_int_equal(
	    client_ask(fd, "/hello.txt", "If-None-Match: *\r\n"), 304);
	assert_int_equal(client_ask(fd, "/nothing", ""), 404);
	client_send(fd, "GET / HTTP/1.1\r\n\r\n");
	client_read(fd, &r);
	assert_int_equal(r.status, 400);
	vt_wait_row(t, "POST +405 .* keep +/hello\\.txt +files: GET and HEAD$");
	vt_wait_row(t, "GET +304 +0 .* keep +/hello\\.txt +If-None-Match: \\*");
	vt_wait_row(t, "GET +404 .* keep +/nothing +no such file$");
	vt_wait_row(t, "GET +400 .* keep +/ +no Host field$");
	vt_wait_row(t, "3xx 1  4xx 3 ");
}

static void
a_silent_connection_is_new_and_its_time_runs_out(void **state)
{
	static const char regex[] =
	    " NEW .* ([0-9]+)s left +0 +0 .* [0-9]+s  ?no byte";
	struct stage *s = *state;
	struct vt *t = stage_open(s, &wide);
	long left;

	(void)stage_client(s, 0);
	vt_wait_row(t, regex);
	vt_wait_row(t, "^ conns +1/10,000 +1 new ");
	left = vt_number(t, regex);
	vt_check(t, left > 10 && left <= 15);
	while (vt_number(t, regex) == left)
		vt_wait_row(t, regex), (void)vt_pump(t, 20);
	vt_check(t, vt_number(t, regex) == left - 1);
}

static void
a_kept_connection_is_idle_until_its_time_is_over(void **state)
{
	static const char *const env[] = { "HTTPCONSOLE_TIMEOUTS_KEEPALIVE=2s",
		NULL };
	struct vt_options o = { .env = env };
	struct stage *s = *state;
	struct vt *t = stage_open(s, &o);
	int fd = stage_client(s, 0);

	assert_int_equal(client_ask(fd, "/", ""), 200);
	assert_int_equal(client_ask(fd, "/hello.txt", ""), 200);
	vt_wait_row(t, " IDLE .* [12]s left +822 ");
	vt_wait_row(
	    t, "^ conns +1/10,000 +1 idle +queue 0/[0-9]+ +fds [0-9]+/[0-9]+$");
	client_wait_end(fd);
	vt_wait_text(t, "nobody is connected");
}

static void
a_download_shows_how_far_it_is(void **state)
{
	static const char regex[] = " SENDING .* ([0-9]+)% .*";
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	struct reply r;
	int fd = stage_download(s, &r);
	long percent;

	vt_wait_row(t, regex);
	vt_wait_row(t, "^ conns +1/10,000 +1 sending ");
	vt_settle(t);
	percent = vt_number(t, regex);
	vt_check(t, percent >= 25 && percent < 100);
	client_read_rest(fd, &r);
	assert_true(r.complete);
	vt_wait_row(t, " IDLE .* left +16\\.0M ");
	vt_wait_row(t, "GET +200 +16\\.0M .* \\+ +/big\\.bin +file$");
}

static void
a_download_that_is_left_says_so(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open(s, &wide);
	struct reply r;
	int fd = stage_download(s, &r);

	vt_wait_text(t, "SENDING");
	client_abort(fd);
	vt_wait_row(t, "GET +200 .* close +/big\\.bin +client went away$");
	vt_wait_text(t, "nobody is connected");
}

static void
a_head_that_arrives_slowly_is_seen_reading(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open(s, &wide);
	int fd = stage_client(s, 0);

	client_send(fd, "GET /hello.txt HTTP/1.1\r\n");
	vt_wait_row(t, " READING .* ([0-9]|10)s left +1 .*head, 25 bytes$");
	client_send(fd, "Host: localhost\r\n\r\n");
	vt_wait_row(t, " IDLE .*left +1 ");
}

static void
a_refused_connection_lingers_until_the_client_closes(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	struct reply r;
	int fd = stage_client(s, 0);

	client_send(fd, "\001\r\n\r\n");
	client_read(fd, &r);
	assert_int_equal(r.status, 400);
	vt_wait_row(t, " LINGER .* [12]s left +[0-9]+ ");
	vt_wait_row(t, "^ conns +1/10,000 +1 linger ");
	vt_wait_text(t, "nobody is connected");
}

static void
many_connections_are_counted(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	for (int i = 0; i < 200; i++)
		(void)stage_client(s, 0);
	vt_wait_row(t, "^ conns +200/10,000 +200 new ");
	vt_wait_row(t, "Connections .* 1 to [0-9] of 200 ");
	assert_int_equal(client_ask(s->client[7], "/", ""), 200);
	vt_wait_row(t, "^ conns +200/10,000 +199 new +1 idle ");
	for (int i = 0; i < 100; i++)
		client_abort(s->client[i]);
	vt_wait_row(t, "^ conns +100/10,000 ");
}

/* Until the clock on the screen steps. */
static void
wait_for_step(struct vt *t)
{
	static const char uptime[] = " up ([0-9]+)s";
	long now = vt_number(t, uptime);
	char next[32];

	(void)snprintf(next, sizeof next, " up %lds", now + 1);
	vt_wait(t, vt_test_shows, next);
}

/* With nothing to tell but the time: two clocks that step once a second. */
static void
an_idle_console_writes_next_to_nothing(void **state)
{
	static const char *const env[] = { "HTTPCONSOLE_CONSOLE_REFRESH=100ms",
		NULL };
	struct vt_options o = { .w = 120, .h = 40, .env = env };
	struct vt *t = stage_open(*state, &o);
	size_t before, after;

	vt_wait_text(t, "q Quit");
	wait_for_step(t); /* the first screen is out by then */
	(void)vt_output(t, &before);
	for (int i = 0; i < 3; i++)
		wait_for_step(t);
	(void)vt_output(t, &after);
	vt_check(t, after > before && after - before < 3 * 200);
}

static bool
wrote(struct vt *t, const char *what)
{
	size_t n;
	const char *out = vt_output(t, &n);

	return memmem(out, n, what, strlen(what)) != NULL;
}

/* Terminals have one place for a cursor that is kept: what was there before
 * the program is still to come back. */
static void
what_moves_on_the_screen_keeps_no_cursor(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	int fd = stage_client(s, 0);
	char target[32], row[64];

	for (int i = 0; i < 40; i++) {
		(void)snprintf(target, sizeof target, "/nothing?%02d", i);
		assert_int_equal(client_ask(fd, target, ""), 404);
		(void)snprintf(row, sizeof row, "/nothing.%02d +no such", i);
		vt_wait_at(t, vt_test_row, row, row, __FILE__, __LINE__);
	}
	vt_type(t, VT_UP VT_PGUP);
	vt_wait_text(t, "F follows");
	/* a banner moves the whole screen */
	for (int i = 0; i < 3; i++) {
		vt_type(t, "p");
		vt_wait_text(t, "PAUSED  new requests wait");
		vt_wait_text(t, "p Resume");
		vt_type(t, "p");
		vt_wait_gone(t, "PAUSED  new requests wait");
		vt_wait_text(t, "p Pause");
	}
	vt_check(t, !wrote(t, "\0337") && !wrote(t, "\0338"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		SCENARIO(the_first_screen_says_what_is_served_and_where),
		SCENARIO(a_wide_screen_has_the_same_and_a_clock),
		SCENARIO(a_request_appears_with_its_status_and_why),
		SCENARIO(each_answer_tells_its_reason),
		SCENARIO(a_silent_connection_is_new_and_its_time_runs_out),
		SCENARIO(a_kept_connection_is_idle_until_its_time_is_over),
		SCENARIO(a_download_shows_how_far_it_is),
		SCENARIO(a_download_that_is_left_says_so),
		SCENARIO(a_head_that_arrives_slowly_is_seen_reading),
		SCENARIO(a_refused_connection_lingers_until_the_client_closes),
		SCENARIO(many_connections_are_counted),
		SCENARIO(an_idle_console_writes_next_to_nothing),
		SCENARIO(what_moves_on_the_screen_keeps_no_cursor),
	};

	return cmocka_run_group_tests_name(
	    "console: the screen", tests, NULL, NULL);
}
