/* httpconsole view: a recording in the same console, nothing served. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/console/stage.h"

static void
a_recording_is_looked_at_without_serving(void **state)
{
	static const char *const args[] = { "view", "x.log", NULL };
	struct vt_options o = { .args = args };
	struct stage *s = *state;
	struct vt *t;
	int status;

	stage_write(s, "x.log",
	    "10.0.0.7 - - [22/Nov/2026:14:02:11 +0000] \"GET /a.css "
	    "HTTP/1.1\" 200 4123 \"-\" \"curl/8.5.0\"\n"
	    "this is no line of a log\n"
	    "10.0.0.8 - - [22/Nov/2026:14:02:12 +0000] \"GET /b\\x1b[31m "
	    "HTTP/1.1\" 404 162 \"-\" \"Mozilla/5.0 Firefox/128.0\"\n");
	t = stage_start(s, &o);
	vt_wait_row(t, "^ httpconsole  x\\.log +RECORDING *$");
	vt_wait_text(t, "2 exchanges read");
	vt_wait_text(t, "1 could not be read, the first in line 2");
	vt_wait_row(t, " GET +200 +4\\.0K +- .*/a\\.css");
	/* what the log does not have is not known, and no 0 */
	vt_wait_row(t, " - GET +200 +4\\.0K +- -  */a\\.css");
	vt_wait_row(t, "^ total +requests 2 .* kept all, .* of 256M$");
	vt_wait_row(t, "from 2026-11-22 14:02:11  to 2026-11-22 14:02:12");
	vt_wait_gone(t, "req/s");
	vt_type(t, "ftime<100ms" VT_ENTER);
	vt_wait_row(t, "━ 3 Requests .* time<100ms  0 of 2 ");
	vt_type(t, "f\025" VT_ENTER "gx" VT_ENTER);
	vt_wait_text(t, "from 10.0.0.7; more is not in the recording");
	vt_type(t, VT_ESC);
	vt_type(t, "fstatus:404" VT_ENTER);
	vt_wait_row(t, "━ 3 Requests .* status:404  1 of 2 ");
	vt_type(t, "4>");
	vt_wait_row(t, "^ +1 .* 1 10\\.0\\.0\\.8$");
	/* what is about a server says so, asking nothing first */
	for (const char *k = "prlXRu"; *k; k++) {
		vt_type(t, (char[]){ *k, '\0' });
		vt_wait_text(t, "this is a recording: nothing is served");
		vt_type(t, VT_ESC);
		vt_wait_gone(t, "this is a recording");
	}
	vt_type(t, "q");
	status = vt_end(t);
	vt_check(t, WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* "httpconsole view - < x.log": keys come from the terminal all the same, the
 * newest may stand first, and what is chosen there is not the server's. */
static void
a_recording_comes_from_stdin(void **state)
{
	static const char *const args[] = { "view", "-", NULL };
	struct vt_options o = { .args = args, .input = "x.log" };
	struct stage *s = *state;
	struct vt *t;
	int status;

	stage_write(s, "x.log",
	    "::1 - - [22/Nov/2026:14:02:12 +0000] \"GET /b HTTP/1.1\" 404 1\n"
	    "::1 - - [22/Nov/2026:14:02:13 +0000] \"GET /c HTTP/1.1\" 200 1\n"
	    "::1 - - [22/Nov/2026:14:02:11 +0000] \"GET /a HTTP/1.1\" 200 2\n");
	t = stage_start(s, &o);
	vt_wait_text(t, "3 exchanges read");
	vt_wait_row(t, "from 2026-11-22 14:02:11  to 2026-11-22 14:02:13");
	vt_type(t, "fstatus:404" VT_ENTER);
	vt_wait_row(t, "━ 3 Requests .* status:404  1 of 3 ");
	vt_type(t, "q");
	status = vt_end(t);
	vt_check(t, WIFEXITED(status) && WEXITSTATUS(status) == 0);
	t = stage_open_plain(s);
	stage_get(s, "/hello.txt", 200);
	vt_wait_row(t, " GET +200 .*/hello\\.txt");
}

static void
of_a_long_recording_the_newest_are_kept(void **state)
{
	static const char *const args[] = { "view", "-c", "c.yaml", "x.log",
		NULL };
	struct vt_options o = { .args = args };
	struct stage *s = *state;
	char log[250 * 80], *end = log;
	struct vt *t;

	for (int i = 0; i < 250; i++)
		end += snprintf(end, 80,
		    "::1 - - [22/Nov/2026:14:%02d:%02d +0000] "
		    "\"GET /%d HTTP/1.1\" 200 1\n",
		    i / 60, i % 60, i);
	stage_write(s, "x.log", log);
	stage_write(s, "c.yaml", "version: 1\nconsole:\n  history: 100\n");
	t = stage_start(s, &o);
	vt_wait_text(t, "250 exchanges read");
	vt_wait_row(t, "^ total +requests 250 .* kept the last 100, ");
	vt_wait_row(t, "from 2026-11-22 14:00:00  to 2026-11-22 14:04:09");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SCENARIO(a_recording_is_looked_at_without_serving),
		SCENARIO(a_recording_comes_from_stdin),
		SCENARIO(of_a_long_recording_the_newest_are_kept),
	};

	return cmocka_run_group_tests_name("recordings", tests, NULL, NULL);
}
