/* What the console says of exchanges that were read from a file: all that is
 * there, and nothing else. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exchange_example.h"
#include "tests/console/scene.h"
#include "ui/grid.h"
#include "ui/view.h"
#include "watch/export.h"
#include "watch/recording.h"

#define TEXT_MAX 65536
#define GET	 "GET /a.css HTTP/1.1\r\nHost: h\r\nUser-Agent: curl/8\r\n\r\n"
#define OK	 "HTTP/1.1 200 OK\r\nETag: \"x\"\r\n\r\n"

static char folder[] = "/tmp/ui_recording.XXXXXX";
static char path[64];
static char text[TEXT_MAX];
static struct scene s;

static int
begin(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(path, sizeof path, "%s/in", folder);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	return rmdir(folder);
}

static int
close_scene(void **state)
{
	(void)state;
	scene_free(&s);
	(void)unlink(path);
	return 0;
}

/* Read the file into a console, as `view` does. */
static void
look(void)
{
	char why[RECORDING_TEXT];
	struct recording *r = recording_open(path, why);
	struct control_status *st;
	struct recorded got;

	assert_non_null(r);
	scene_make_empty(&s);
	st = &s.ui.control->status;
	st->state = LIFE_RECORDING;
	while (recording_next(r, &got) == RECORDING_GOT) {
		struct event e = recording_event(&got);
		if (st->earliest == 0 || e.wall < st->earliest)
			st->earliest = e.wall;
		if (e.wall > st->latest)
			st->latest = e.wall;
		journal_add(s.ui.control->watch.journal, &e, got.x.request,
		    got.x.response);
	}
	recording_close(r);
	scene_pass(&s, 0);
}

static void
look_at(const char *file)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(file, f) >= 0);
	assert_int_equal(fclose(f), 0);
	look();
}

/* A live exchange, exported in that format. */
static void
look_at_export(enum export_format format)
{
	static const char *const nothing[] = { NULL };
	const struct export_options o = {
		.format = format, .server = "127.0.0.1:8000", .redact = nothing
	};
	struct exchange_copy e = example_exchange(SPAN(GET), SPAN(OK), 200);
	char said[EXPORT_TEXT];
	struct export *x = export_open(path, &o, said);

	assert_non_null(x);
	e.e.decided_ns = 178 * NS_PER_US;
	e.e.first_ns = 200 * NS_PER_US;
	export_add(x, &e);
	assert_true(export_finish(x, said));
	look();
}

static void
draw(int w, int h)
{
	struct buf b = buf_over(text, TEXT_MAX);
	struct grid g;

	assert_true(grid_init(&g, w, h, false));
	ui_draw(&s.ui, &g);
	grid_text(&g, &b);
	assert_false(b.full);
	(void)buf_cstr(&b);
	grid_free(&g);
}

static void
fail_about(const char *what, const char *how)
{
	puts(text);
	fail_msg("\"%s\" %s", what, how);
}

static void
says(const char *what)
{
	if (strstr(text, what) == NULL)
		fail_about(what, "is not there");
}

static void
says_not(const char *what)
{
	if (strstr(text, what) != NULL)
		fail_about(what, "is there");
}

/* Open the newest, and look for what only a live one has. */
static void
open_detail(void)
{
	scene_type(&s, "G\r");
	draw(140, 60);
	says_not("worker");
	says_not("request 0");
	says_not(" 0us");
	says_not("queue");
	says_not("acknowledged");
}

/* The text between two others. */
static void
has_between(const char *from, const char *to, const char *what)
{
	const char *a = strstr(text, from);
	const char *b = a ? strstr(a, to) : NULL;
	const char *at = a ? strstr(a, what) : NULL;

	if (b == NULL || at == NULL || at > b)
		fail_about(what, "is not where it belongs");
}

static void
a_combined_log_has_neither_connection_nor_time(void **state)
{
	(void)state;
	look_at("10.0.0.7 - - [22/Nov/2026:14:02:11 +0000] \"GET /a.css "
		"HTTP/1.1\" 200 4123 \"-\" \"curl/8.5.0\"\n");
	open_detail();
	says("200 OK  content 4,123 bytes  at 2026-11-22 14:02:11  from "
	     "10.0.0.7\n");
	has_between("Why 200", "Timing", "not in the recording");
	has_between("Timing", "Request head", "not in the recording");
	has_between("Request head", "Response head", "GET /a.css HTTP/1.1");
	has_between("Response head", "Connection", "not in the recording");
	says("HTTP/1.1, from 10.0.0.7; more is not in the recording");
	says_not("connection #");
	says_not("kept for another");
	says_not("received");
	says_not(".000");
}

static void
our_log_has_the_connection_alone(void **state)
{
	(void)state;
	look_at_export(EXPORT_COMBINED);
	open_detail();
	says("  in 312us  at 2026-11-23 14:02:11  from 192.0.2.7\n");
	has_between("Timing", "Request head", "all of it");
	says("HTTP/1.1, from 192.0.2.7, connection #41; more is not in the "
	     "recording");
	says_not("kept for another");
	says_not("received");
}

static void
our_json_lines_say_why(void **state)
{
	(void)state;
	look_at_export(EXPORT_JSON);
	draw(120, 40);
	has_between("WHY", "4 Top", " file\n");
	scene_type(&s, "fwhy:file\r");
	draw(120, 40);
	says("why:file  1 of 1");
	scene_type(&s, "f\025why:etag\r");
	draw(120, 40);
	says("why:etag  0 of 1");
	scene_type(&s, "f\025\r");
	open_detail();
	says("at 2026-11-23 14:02:11.123");
	says("connection #41, request 3 ━");
	has_between("Why 200", "Timing", "▶    file");
	has_between("Why 200", "Timing", "the steps to it are not in");
	says_not("regular file of");
	says("HTTP/1.1, from 192.0.2.7:4711, request 3 on connection #41\n");
	says("kept for another request");
	says_not("received");
}

static void
our_har_has_all_but_the_server_s_side(void **state)
{
	(void)state;
	look_at_export(EXPORT_HAR);
	open_detail();
	has_between("Why 200", "Timing", "regular file of 1234 bytes");
	has_between("request arriving", "deciding", "100us");
	has_between("deciding", "to the first byte", "78us");
	has_between("to the first byte", "sending", "22us");
	says("bytes, as received");
	says("bytes, as sent");
	says("HTTP/1.1, from 192.0.2.7:4711, request 3 on connection #41\n");
	says("52 bytes received, 1,264 bytes sent");
	says("kept for another request");
}

#define BROWSER                                                                \
	"{\"log\":{\"entries\":[{\"startedDateTime\":"                         \
	"\"2026-11-23T14:02:11.123Z\",\"time\":40.5,\"request\":{\"method\":"  \
	"\"GET\",\"url\":\"https://h:1/a\",\"httpVersion\":\"h2\","            \
	"\"headers\":[],\"headersSize\":-1,\"bodySize\":0},\"response\":{"     \
	"\"status\":%s,\"statusText\":\"\",\"httpVersion\":\"h2\","            \
	"\"headers\":[],\"content\":{},\"bodySize\":-1},\"timings\":{"         \
	"\"blocked\":1,\"dns\":-1,\"connect\":2.5,\"ssl\":1,\"send\":0.5,"     \
	"\"wait\":20,\"receive\":16.5},\"connection\":\"443\"}]}}"

static void
a_browser_s_har_has_its_own_phases(void **state)
{
	char file[2048];

	(void)state;
	(void)snprintf(file, sizeof file, BROWSER, "200");
	look_at(file);
	open_detail();
	says("200 OK  in 40ms  at 2026-11-23 14:02:11.123\n");
	has_between("until it was sent", "waiting", "4.0ms");
	has_between("waiting", "receiving", "20ms");
	has_between("receiving", "Request head", "16ms");
	says_not("deciding");
	says("HTTP/2.0, connection #443; more is not in the recording");
	says_not("content ");
	says_not("from -");
}

static void
of_a_bare_line_nothing_is_made_up(void **state)
{
	(void)state;
	look_at("{\"time\":\"2026-11-23T14:02:11Z\"}\n");
	open_detail();
	says("- not in the recording  at 2026-11-23 14:02:11\n");
	has_between("Request head", "Response head", "not in the recording");
	has_between("Response head", "Connection", "not in the recording");
	has_between("Connection", "The same", "not in the recording");
	says_not("none was sent");
	says_not("no answer");
	says_not("bytes");
	scene_type(&s, "\0334");
	draw(200, 40);
	says_not(" 0us");
}

#define LINE(when)                                                             \
	"::1 - - [" when " +0000] \"GET /a HTTP/1.1\" 200 1 \"-\" \"-\"\n"

static void
times_of_several_days_have_a_date(void **state)
{
	(void)state;
	look_at(LINE("22/Nov/2026:14:02:11") LINE("22/Nov/2026:14:02:12"));
	draw(120, 40);
	says(" 14:02:11          - GET");
	scene_free(&s);
	look_at(LINE("22/Nov/2026:14:02:11") LINE("23/Nov/2026:09:00:00"));
	draw(120, 40);
	says(" 11-22 14:02:11          - GET");
	says(" 11-23 09:00:00          - GET");
	draw(80, 24);
	says(" 11-23 09:00:00 ");
	scene_free(&s);
	look_at(LINE("31/Dec/2025:23:59:59") LINE("01/Jan/2026:00:00:00"));
	draw(120, 40);
	says(" 2025-12-31 23:59:59 ");
	says(" 2026-01-01 00:00:00 ");
	says_not("59.000");
}

static void
how_much_is_kept_is_on_the_screen(void **state)
{
	(void)state;
	look_at(LINE("22/Nov/2026:14:02:11") LINE("22/Nov/2026:14:02:12"));
	s.ui.m->kept =
	    (struct journal_use){ 342392, 342392, 268435456, 268435456 };
	draw(120, 40);
	says("kept all, 256M of 256M");
	says_not("reading");
	s.ui.control->status.reading = true;
	counter_add(&s.ui.control->watch.worker[0].counters.v[COUNTER_REQUESTS],
	    500000);
	scene_pass(&s, 0);
	s.ui.m->kept =
	    (struct journal_use){ 342392, 342392, 268435456, 268435456 };
	draw(120, 40);
	says("kept the last 342,392, 256M of 256M  reading…");
	draw(80, 24);
	says("kept the last 342,392, 256M of 256M");
}

static void
the_viewer_s_uptime_is_not_the_recording_s(void **state)
{
	(void)state;
	look_at(LINE("22/Nov/2026:14:02:11"));
	draw(120, 40);
	assert_null(strstr(text, " up "));
}

static void *
feed(void *arg)
{
	struct fake_exchange x = { .conn = 40,
		.number = 9,
		.request = "GET /new HTTP/1.1\r\n\r\n",
		.response = "HTTP/1.1 200 OK\r\n\r\n",
		.status = 200,
		.why = REASON_FILE_FOUND };

	for (int i = 0; i < 20000; i++)
		fake_exchange(arg, &x);
	return NULL;
}

/* While it is read, too. */
static void
no_more_is_kept_than_came(void **state)
{
	pthread_t thread;
	uint64_t came = 0, missed;

	(void)state;
	scene_make_empty(&s);
	s.ui.control->status.state = LIFE_RECORDING;
	assert_int_equal(pthread_create(&thread, NULL, feed, s.ui.control), 0);
	while (came < 20000) {
		scene_pass(&s, NS_PER_MS);
		came = counter_get(&s.ui.m->sum.v[COUNTER_REQUESTS]);
		assert_true(s.ui.m->last <= came);
		assert_true(s.ui.m->kept.entries <= came);
		assert_true(
		    top_counted(s.ui.m->top, &missed) + missed <= s.ui.m->last);
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
}

#define SCENE(f) cmocka_unit_test_teardown(f, close_scene)

/* A sandbox that is off and no event would be what nobody has seen. */
static void
its_figures_are_what_is_in_it(void **state)
{
	(void)state;
	look_at_export(EXPORT_HAR);
	counter_add(
	    &s.ui.control->watch.worker[0].counters.v[COUNTER_REQUESTS], 1);
	scene_pass(&s, 0);
	scene_type(&s, ":stats\r");
	draw(120, 60);
	assert_non_null(strstr(text, "of what is in the recording"));
	assert_null(strstr(text, "Sandbox"));
	assert_null(strstr(text, "accounted for"));
	assert_null(strstr(text, "accepted"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(its_figures_are_what_is_in_it),
		SCENE(a_combined_log_has_neither_connection_nor_time),
		SCENE(our_log_has_the_connection_alone),
		SCENE(our_json_lines_say_why),
		SCENE(our_har_has_all_but_the_server_s_side),
		SCENE(a_browser_s_har_has_its_own_phases),
		SCENE(of_a_bare_line_nothing_is_made_up),
		SCENE(times_of_several_days_have_a_date),
		SCENE(how_much_is_kept_is_on_the_screen),
		SCENE(the_viewer_s_uptime_is_not_the_recording_s),
		SCENE(no_more_is_kept_than_came),
	};

	return cmocka_run_group_tests_name("ui_recording", tests, begin, end);
}
