/* How it ends, or nearly: quitting, draining, suspending, crashing, and
 * terminals that go away or stand still. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/console/shell.h"
#include "tests/console/stage.h"

/* Where the last of `what` is in what was written; it must be there. */
static const char *
last_written(struct vt *t, const char *what)
{
	size_t n, k = strlen(what);
	const char *out = vt_output(t, &n), *last = NULL;

	for (size_t i = 0; i + k <= n; i++)
		if (memcmp(out + i, what, k) == 0)
			last = out + i;
	vt_check(t, last != NULL);
	return last;
}

/* The terminal as the shell wants it back. */
static void
check_terminal_restored(struct vt *t)
{
	struct termios m = vt_modes(t);

	/* for those that have a cursor for each screen */
	vt_check(
	    t, last_written(t, "\033[?25h") > last_written(t, "\033[?1049l"));

	vt_check(t, !vt_altscreen(t));
	vt_check(t, vt_cursor_shown(t));
	vt_check(t, (m.c_lflag & ECHO) && (m.c_lflag & ICANON));
	vt_check(t, (m.c_lflag & ISIG) && (m.c_iflag & ICRNL));
	vt_check(t, m.c_oflag & OPOST);
	vt_check(t, vt_find(t, 0, "^\\" SHELL_PROMPT) == 0);
}

static void
check_end(struct vt *t, int status)
{
	vt_check(t, WIFEXITED(status) && WEXITSTATUS(status) == 0);
	check_terminal_restored(t);
	vt_check(t, vt_find(t, 1, "^Serving .*/www at http://127") > 0);
	vt_check(t, vt_find(t, 1, "^httpconsole: [0-9]+ requests? on ") > 0);
}

static void
quitting_asks_and_is_cancelled_by_c_Enter_and_Esc(void **state)
{
	static const char *const no[] = { "c", VT_ENTER, VT_ESC };
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
		vt_type(t, "q");
		vt_wait_text(t, "Stop the server?");
		vt_wait_text(t, "0 connections open, 0 being answered");
		vt_type(t, no[i]);
		vt_wait_gone(t, "Stop the server?");
	}
	stage_get(s, "/", 200);
	vt_wait_row(t, " LIVE  up ");
	vt_check(t, vt_runs(t));
}

static void
q_d_lets_a_download_finish(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	int idle = stage_client(s, 0), fd;
	struct reply r;

	assert_int_equal(client_ask(idle, "/", ""), 200);
	fd = stage_download(s, &r);
	vt_wait_text(t, "SENDING");
	vt_type(t, "q");
	vt_wait_text(t, "2 connections open, 1 being answered");
	vt_type(t, "d");
	vt_wait_row(t, "^ httpconsole .* DRAINING  up ");
	vt_wait_row(t, "^ DRAINING  1 connection left, cut in [0-9]+s ");
	client_wait_end(idle);
	client_read_rest(fd, &r);
	assert_true(r.complete);
	check_end(t, vt_end(t));
}

static void
q_n_cuts_a_download(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	struct reply r;
	int fd = stage_download(s, &r);

	vt_type(t, "q");
	vt_wait_text(t, "1 being answered");
	vt_type(t, "n");
	check_end(t, vt_end(t));
	client_read_rest(fd, &r);
	assert_false(r.complete);
}

static void
Ctrl_C_drains(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	struct reply r;
	int fd = stage_download(s, &r);

	vt_type(t, VT_CTRL_C);
	vt_wait_row(t, "^ DRAINING  1 connection left, ");
	client_read_rest(fd, &r);
	assert_true(r.complete);
	check_end(t, vt_end(t));
}

static void
Ctrl_C_twice_ends_now(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	struct reply r;
	int fd = stage_download(s, &r);

	vt_type(t, VT_CTRL_C);
	vt_wait_row(t, "^ DRAINING  1 connection left, ");
	vt_type(t, VT_CTRL_C);
	check_end(t, vt_end(t));
	client_read_rest(fd, &r);
	assert_false(r.complete);
}

static void
a_drain_that_takes_too_long_is_cut(void **state)
{
	static const char *const env[] = { "HTTPCONSOLE_TIMEOUTS_SHUTDOWN=1s",
		NULL };
	struct vt_options o = { .env = env };
	struct stage *s = *state;
	struct vt *t = stage_open(s, &o);
	struct reply r;

	(void)stage_download(s, &r);
	(void)kill(vt_pid(t), SIGTERM);
	vt_wait_row(t, "^ DRAINING  1 connection left, cut in 1s ");
	check_end(t, vt_end(t));
}

static void
the_end_says_what_was_done(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	stage_get(s, "/", 200);
	stage_get(s, "/hello.txt", 200);
	(void)kill(vt_pid(t), SIGINT);
	check_end(t, vt_end(t));
	vt_check(t,
	    vt_find(t, 1, "^httpconsole: 2 requests on 2 connections, ") > 0);
}

/* It stands below what was last shown, with nothing of that behind it. */
static void
the_end_has_a_line_of_its_own_where_one_screen_is_all(void **state)
{
	struct vt_options o = { .w = 80, .h = 24, .term = "linux" };
	struct stage *s = *state;
	struct vt *t = stage_open(s, &o);

	stage_get(s, "/", 200);
	(void)kill(vt_pid(t), SIGINT);
	(void)vt_end(t);
	vt_check(t,
	    vt_find(t, 1,
		"^httpconsole: 1 request on 1 connection, [^ ]* sent$") > 0);
}

static void
Ctrl_Z_stops_and_fg_goes_on(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	int fd = stage_client(s, 0);

	assert_int_equal(client_ask(fd, "/hello.txt", ""), 200);
	vt_wait_row(t, " IDLE ");
	vt_type(t, VT_CTRL_Z);
	vt_wait(t, vt_test_stopped, NULL);
	vt_wait_row(t, "^httpconsole: suspended, and the server with it; fg");
	check_terminal_restored(t);
	vt_foreground(t);
	vt_wait(t, vt_test_altscreen, NULL);
	vt_wait_row(t, "^ httpconsole .* LIVE  up ");
	vt_wait_row(t, "^ p Pause ");
	assert_int_equal(client_ask(fd, "/", ""), 200);
	vt_wait_text(t, "200×2");
	vt_check(t, !(vt_modes(t).c_lflag & (ECHO | ICANON)));
	vt_type(t, "qd");
	check_end(t, vt_end(t));
}

/* The shell writes over the screen meanwhile. */
static void
a_stop_from_outside_is_painted_over_when_it_goes_on(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	stage_get(s, "/", 200);
	vt_wait_text(t, "200×1");
	(void)kill(vt_pid(t), SIGSTOP);
	vt_wait(t, vt_test_stopped, NULL);
	vt_spoil(t, "\033[2J\033[H[1]+  Stopped");
	vt_foreground(t);
	vt_wait_gone(t, "Stopped");
	vt_wait_text(t, "FOLLOWING");
	stage_get(s, "/hello.txt", 200);
	vt_wait_text(t, "200×2");
}

/* A sanitizer's own handlers would end it in another way. */
static void
crash(struct stage *s, int sig)
{
	const char *names[] = { "ASAN_OPTIONS", "TSAN_OPTIONS" };
	char text[2][512];
	const char *env[] = { text[0], text[1], NULL };
	struct vt_options o = { .env = env };
	struct vt *t;
	int status;

	for (int i = 0; i < 2; i++) {
		const char *old = getenv(names[i]);
		(void)snprintf(text[i], sizeof text[i],
		    "%s=%s:handle_segv=0:handle_abort=0", names[i],
		    old ? old : "");
	}
	t = stage_open(s, &o);
	stage_get(s, "/", 200);
	vt_wait_text(t, "200×1");
	(void)kill(vt_pid(t), sig);
	status = vt_end(t);
	vt_check(t, WIFSIGNALED(status) && WTERMSIG(status) == sig);
	check_terminal_restored(t);
}

static void
a_segmentation_fault_restores_the_terminal(void **state)
{
	crash(*state, SIGSEGV);
}

static void
an_abort_restores_the_terminal(void **state)
{
	crash(*state, SIGABRT);
}

static void
a_closed_terminal_leaves_the_server_serving(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	int status;

	stage_get(s, "/", 200);
	vt_wait_text(t, "200×1");
	vt_hang_up(t);
	for (int i = 0; i < 50; i++)
		stage_get(s, "/hello.txt", 200);
	assert_true(vt_runs(t));
	(void)kill(vt_pid(t), SIGTERM);
	status = vt_end_deaf(t);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(stage_lines(s, "access.log"), 51);
}

static double
mono(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Nobody reads the terminal, and there is more to write than it holds. */
static void
a_terminal_that_stands_still_holds_nobody(void **state)
{
	static const char *const env[] = { "HTTPCONSOLE_TIMEOUTS_SHUTDOWN=1s",
		NULL };
	struct vt_options o = { .w = 250, .h = 80, .env = env };
	struct stage *s = *state;
	struct vt *t = stage_open(s, &o);
	int fd = stage_client(s, 0), status, n = 0;
	struct reply r;
	double end, began;

	for (end = mono() + 3; mono() < end; n++) {
		assert_int_equal(client_ask(fd, "/hello.txt", ""), 200);
		if (n % 100 == 0)
			vt_type_blind(t, VT_CTRL_L);
		if (n % 900 == 0)
			fd = stage_client(s, 0);
	}
	assert_true(vt_runs(t));
	(void)stage_download(s, &r);
	(void)kill(vt_pid(t), SIGTERM);
	began = mono();
	status = vt_end_deaf(t);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_true(mono() - began < 1 + 2);
	/* It stood still indeed: the screen could not be given back, only the
	 * modes, which need no byte. */
	while (vt_pump(t, 0))
		continue;
	vt_check(t, vt_altscreen(t));
	vt_check(t, vt_modes(t).c_lflag & ECHO);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		SCENARIO(quitting_asks_and_is_cancelled_by_c_Enter_and_Esc),
		SCENARIO(q_d_lets_a_download_finish),
		SCENARIO(q_n_cuts_a_download),
		SCENARIO(Ctrl_C_drains),
		SCENARIO(Ctrl_C_twice_ends_now),
		SCENARIO(a_drain_that_takes_too_long_is_cut),
		SCENARIO(the_end_says_what_was_done),
		SCENARIO(the_end_has_a_line_of_its_own_where_one_screen_is_all),
		SCENARIO(Ctrl_Z_stops_and_fg_goes_on),
		SCENARIO(a_stop_from_outside_is_painted_over_when_it_goes_on),
		SCENARIO(a_segmentation_fault_restores_the_terminal),
		SCENARIO(an_abort_restores_the_terminal),
		SCENARIO(a_closed_terminal_leaves_the_server_serving),
		SCENARIO(a_terminal_that_stands_still_holds_nobody),
	};

	return cmocka_run_group_tests_name(
	    "console: the end", tests, NULL, NULL);
}
