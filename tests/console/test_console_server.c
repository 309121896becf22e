/* What a person does to the server from the console, and what goes wrong
 * around it. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/console/stage.h"

static bool
answered(struct vt *t, const void *fd)
{
	(void)t;
	return client_readable(*(const int *)fd);
}

static void
p_holds_requests_and_p_again_answers_them(void **state)
{
	static const char request[] =
	    "GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n";
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	int kept = stage_client(s, 0), fresh;
	struct reply r;

	assert_int_equal(client_ask(kept, "/", ""), 200);
	vt_type(t, "p");
	vt_wait_row(t, "^ httpconsole .* PAUSED  up ");
	vt_wait_row(t, "^ PAUSED  new requests wait; p goes on");
	vt_wait_text(t, "p Resume");
	client_send(kept, request);
	fresh = stage_client(s, 0);
	client_send(fresh, request);
	vt_settle(t);
	vt_check(t, !client_readable(kept) && !client_readable(fresh));
	vt_type(t, "p");
	vt_wait(t, answered, &kept);
	vt_wait(t, answered, &fresh);
	client_read(kept, &r);
	assert_int_equal(r.status, 200);
	client_read(fresh, &r);
	assert_int_equal(r.status, 200);
	vt_wait_row(t, " LIVE  up ");
	vt_wait_gone(t, "PAUSED");
	vt_wait_text(t, "200×3");
}

static void
a_download_goes_on_while_paused(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	struct reply r;
	int fd = stage_download(s, &r);

	vt_type(t, "p");
	vt_wait_text(t, "PAUSED  new requests wait");
	client_read_rest(fd, &r);
	assert_true(r.complete);
	vt_wait_row(t, "GET +200 +16\\.0M ");
}

static void
r_serves_another_folder(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	stage_get(s, "/only-here.txt", 404);
	vt_type(t, "r");
	vt_wait_text(t, "Serve another folder");
	vt_wait_row(t, "^ > ~/www$");
	vt_check(t, vt_cursor_shown(t));
	vt_type(t, VT_CTRL_U "~/oth" VT_TAB);
	vt_wait_row(t, "^ > ~/other/$");
	vt_type(t, VT_ENTER);
	vt_wait_gone(t, "Serve another folder");
	vt_wait_row(t, "^ httpconsole .*/  ~/other ");
	vt_wait_text(t, "serving ~/other");
	vt_check(t, !vt_cursor_shown(t));
	stage_get(s, "/only-here.txt", 200);
	stage_get(s, "/big.bin", 404);
}

static void
r_with_a_bad_folder_says_why_and_changes_nothing(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	vt_type(t, "r" VT_CTRL_U "~/nowhere" VT_ENTER);
	vt_wait_text(t, "No such file or directory");
	vt_wait_row(t, "^ > ~/nowhere$");
	vt_wait_row(t, "^ httpconsole .*/  ~/www ");
	vt_type(t, VT_CTRL_U "~/www/hello.txt" VT_ENTER);
	vt_wait_text(t, "not a folder");
	vt_type(t, VT_ESC);
	vt_wait_gone(t, "Serve another folder");
	stage_get(s, "/hello.txt", 200);
	vt_wait_row(t, "^ httpconsole .*/  ~/www .*LIVE");
}

/* Where the kernel has Landlock and the build is not instrumented. */
static bool
files_are_confined(void)
{
#ifdef SANDBOX_INSTRUMENTED
	return false;
#else
	return syscall(444 /* landlock_create_ruleset */, NULL, 0, 1) > 0;
#endif
}

static void
r_outside_of_the_allowed_roots_is_refused_and_says_so(void **state)
{
	static const char *const env[] = {
		"HTTPCONSOLE_SANDBOX_ALLOWED_ROOTS=www", NULL
	};
	struct vt_options o = { .w = 120, .h = 30, .env = env };
	struct stage *s = *state;
	struct vt *t;

	if (!files_are_confined())
		skip();
	t = stage_open(s, &o);
	vt_type(t, "r" VT_CTRL_U "~/other" VT_ENTER);
	vt_wait_text(t, "sandbox.allowed_roots");
	vt_type(t, VT_CTRL_U "~/www/docs" VT_ENTER);
	vt_wait_text(t, "serving ~/www/docs");
	stage_get(s, "/hello.txt", 404);
}

static void
keys_typed_into_the_prompt_are_no_commands(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	vt_type(t, "r" VT_CTRL_U "qdn plz");
	vt_wait_row(t, "^ > qdn plz$");
	vt_type(t, VT_ESC);
	vt_wait_gone(t, "Serve another folder");
	stage_get(s, "/hello.txt", 200);
	vt_wait_row(t, "LIVE");
	vt_check(t, vt_runs(t));
}

static void
a_pasted_newline_does_not_submit(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	vt_type(t, "r" VT_CTRL_U);
	vt_wait_row(t, "^ >$");
	vt_paste(t, "~/other\r\n");
	vt_wait_row(t, "^ > ~/other$");
	vt_wait_text(t, "Serve another folder");
	vt_wait_row(t, "^ httpconsole .*/  ~/www ");
	vt_type(t, VT_ENTER);
	vt_wait_row(t, "^ httpconsole .*/  ~/other ");
}

static void
what_is_pasted_outside_of_a_prompt_does_nothing(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	vt_wait_text(t, "nobody is connected");
	vt_paste(t, "p q d\r l \n");
	vt_settle(t);
	vt_check(t, vt_shows(t, " LIVE ") && vt_shows(t, "log access.log"));
	vt_check(t, !vt_shows(t, "Stop the server?"));
	vt_check(t, !vt_shows(t, "FROZEN"));
}

struct lines {
	const struct stage *s;
	int n;
};

static bool
log_has(struct vt *t, const void *arg)
{
	const struct lines *l = arg;

	(void)t;
	return stage_lines(l->s, "access.log") == l->n;
}

static void
l_stops_the_log_and_goes_on_with_it(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	struct lines l = { s, 2 };

	stage_get(s, "/hello.txt", 200);
	stage_get(s, "/hello.txt", 200);
	vt_wait(t, log_has, &l);
	vt_type(t, "l");
	vt_wait_row(t, "^ httpconsole .* log off ");
	vt_wait_text(t, "access log off");
	stage_get(s, "/hello.txt", 200);
	vt_wait_text(t, "200×3");
	vt_settle(t);
	vt_type(t, "l");
	vt_wait_row(t, "^ httpconsole .* log access\\.log ");
	stage_get(s, "/", 200);
	l.n = 3;
	vt_wait(t, log_has, &l);
}

static void
X_closes_the_chosen_connection_after_asking(void **state)
{
	static const char *const no[] = { VT_ENTER, VT_ESC, "c", "n" };
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	int first = stage_client(s, 0), second;

	assert_int_equal(client_ask(first, "/", ""), 200);
	second = stage_client(s, 0);
	assert_int_equal(client_ask(second, "/", ""), 200);
	vt_wait_row(t, "^ +2 127.* IDLE ");
	vt_type(t, VT_TAB "j");
	vt_wait_row(t, "^> +2 127.* IDLE ");
	for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
		vt_type(t, "X");
		vt_wait_text(t, "Close this connection?");
		vt_wait_text(t, "#2 from 127.0.0.1:");
		vt_type(t, no[i]);
		vt_wait_gone(t, "Close this connection?");
	}
	vt_check(t, !client_readable(second));
	vt_type(t, "Xy");
	client_wait_end(second);
	vt_wait_text(t, "closing connection 2");
	vt_wait_row(t, "^ conns +1/10,000 ");
	vt_wait_row(t, "^> +1 127.* IDLE ");
	assert_int_equal(client_ask(first, "/", ""), 200);
}

static void
a_deleted_root_is_told_and_found_again(void **state)
{
	static const char *const args[] = { "-p", "0", "--no-config", "other",
		NULL };
	struct vt_options o = { .args = args };
	struct stage *s = *state;
	struct vt *t = stage_open(s, &o);

	stage_get(s, "/hello.txt", 200);
	assert_int_equal(unlink(stage_path(s, "other/hello.txt")), 0);
	assert_int_equal(unlink(stage_path(s, "other/only-here.txt")), 0);
	assert_int_equal(rmdir(stage_path(s, "other")), 0);
	vt_wait_row(t, "^ ROOT GONE  ~/other no longer exists; r chooses");
	stage_get(s, "/hello.txt", 404);
	assert_int_equal(mkdir(stage_path(s, "other"), 0755), 0);
	stage_write(s, "other/hello.txt", "again\n");
	vt_wait_gone(t, "ROOT GONE");
	stage_get(s, "/hello.txt", 200);
}

static void
a_full_disk_under_the_log_is_told(void **state)
{
	static const char *const args[] = { "-p", "0", "--no-config",
		"--log-file", "/dev/full", "www", NULL };
	struct vt_options o = { .args = args };
	struct stage *s = *state;
	struct vt *t = stage_open(s, &o);

	stage_get(s, "/hello.txt", 200);
	vt_wait_row(
	    t, "^ LOG FAILS  0 lines lost  /dev/full: No space left on device");
	vt_wait_row(t, "^ httpconsole .* log FAILS ");
	stage_get(s, "/", 200);
	vt_wait_text(t, "200×2");
	vt_type(t, "l");
	vt_wait_gone(t, "LOG FAILS");
	vt_wait_text(t, "access log off");
	vt_wait_row(t, "^ httpconsole .* log off ");
}

static void
a_log_folder_that_went_away_is_told(void **state)
{
	static const char *const args[] = { "-p", "0", "--no-config",
		"--log-file", "logs/a.log", "www", NULL };
	struct vt_options o = { .args = args };
	struct stage *s = *state;
	struct vt *t;

	assert_int_equal(mkdir(stage_path(s, "logs"), 0755), 0);
	t = stage_open(s, &o);
	stage_get(s, "/hello.txt", 200);
	vt_wait_text(t, "200×1");
	assert_int_equal(unlink(stage_path(s, "logs/a.log")), 0);
	assert_int_equal(rmdir(stage_path(s, "logs")), 0);
	(void)kill(vt_pid(t), SIGUSR1);
	vt_wait_row(
	    t, "^ LOG FAILS  [0-9]+ lines? lost  logs/a\\.log: No such file");
	stage_get(s, "/hello.txt", 200);
	assert_int_equal(mkdir(stage_path(s, "logs"), 0755), 0);
	vt_wait_gone(t, "LOG FAILS");
	vt_wait_row(t, "^ httpconsole .* log a\\.log ");
	vt_wait_text(t, "200×2");
}

/* With a configuration file, which the options do not stand before. */
static struct vt *
open_configured(struct stage *s)
{
	static const char *const args[] = { "-p", "0", NULL };

	stage_write(s, "server.yaml", "root: www\n");
	return stage_open(s, &(struct vt_options){ .args = args });
}

static void
a_broken_configuration_is_explained_and_the_old_one_stays(void **state)
{
	struct stage *s = *state;
	struct vt *t = open_configured(s);

	stage_get(s, "/hello.txt", 200);
	stage_write(s, "server.yaml", "root: www\ntimeouts:\n  body: soon\n");
	(void)kill(vt_pid(t), SIGHUP);
	vt_wait_row(t, "server\\.yaml:3:9: error: timeouts\\.body: .*'soon'");
	vt_wait_row(t, "Esc$");
	stage_get(s, "/hello.txt", 200);
	vt_wait_text(t, "200×2");
	vt_type(t, VT_ESC);
	vt_wait_gone(t, "server.yaml:3:9");
	stage_write(s, "server.yaml", "root: other\n");
	(void)kill(vt_pid(t), SIGHUP);
	vt_wait_text(t, "configuration reloaded");
	vt_wait_row(t, "^ httpconsole .*/  ~/other ");
	stage_get(s, "/only-here.txt", 200);
}

static void
a_root_that_was_chosen_stays_until_the_file_names_another(void **state)
{
	struct stage *s = *state;
	struct vt *t = open_configured(s);

	vt_type(t, "r" VT_CTRL_U "~/other" VT_ENTER);
	vt_wait_text(t, "serving ~/other");
	(void)kill(vt_pid(t), SIGHUP);
	vt_wait_text(t, "reloaded; the root stays as it was chosen");
	stage_get(s, "/only-here.txt", 200);
	stage_write(s, "server.yaml", "root: www/docs\n");
	(void)kill(vt_pid(t), SIGHUP);
	vt_wait_row(t, "^ httpconsole .*/  ~/www/docs ");
	stage_get(s, "/only-here.txt", 404);
}

static void
of_many_errors_the_first_are_shown_and_the_rest_counted(void **state)
{
	struct stage *s = *state;
	struct vt *t = open_configured(s);

	stage_write(s, "server.yaml",
	    "root: www\ntimeouts:\n  body: soon\n  header: late\n"
	    "  write: never\n  keepalive: x\n  shutdown: y\n");
	(void)kill(vt_pid(t), SIGHUP);
	vt_wait_row(t, "^ reload refused: 5 errors; the old .* stays +Esc$");
	vt_wait_row(t, "server\\.yaml:3:9: error: timeouts\\.body: .*'soon'");
	vt_wait_row(t, "server\\.yaml:5:.* timeouts\\.write");
	vt_wait_row(t, "^ and 2 more errors; httpconsole --check shows ");
	vt_type(t, VT_ESC);
	vt_wait_gone(t, "more errors");
	vt_wait_gone(t, "server.yaml");
	vt_wait_gone(t, "reload refused");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		SCENARIO(p_holds_requests_and_p_again_answers_them),
		SCENARIO(a_download_goes_on_while_paused),
		SCENARIO(r_serves_another_folder),
		SCENARIO(r_with_a_bad_folder_says_why_and_changes_nothing),
		SCENARIO(r_outside_of_the_allowed_roots_is_refused_and_says_so),
		SCENARIO(keys_typed_into_the_prompt_are_no_commands),
		SCENARIO(a_pasted_newline_does_not_submit),
		SCENARIO(what_is_pasted_outside_of_a_prompt_does_nothing),
		SCENARIO(l_stops_the_log_and_goes_on_with_it),
		SCENARIO(X_closes_the_chosen_connection_after_asking),
		SCENARIO(a_deleted_root_is_told_and_found_again),
		SCENARIO(a_full_disk_under_the_log_is_told),
		SCENARIO(a_log_folder_that_went_away_is_told),
		SCENARIO(
		    a_broken_configuration_is_explained_and_the_old_one_stays),
		SCENARIO(
		    a_root_that_was_chosen_stays_until_the_file_names_another),
		SCENARIO(
		    of_many_errors_the_first_are_shown_and_the_rest_counted),
	};

	return cmocka_run_group_tests_name(
	    "console: the server", tests, NULL, NULL);
}
