/* Golden text of every view.  UPDATE_GOLDEN=1 writes the files anew: look at
 * what changed before you commit it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/console/scene.h"
#include "ui/command.h"
#include "ui/filter.h"
#include "ui/grid.h"
#include "ui/pane.h"
#include "ui/term.h"
#include "ui/view.h"

#define GOLDEN	 "tests/console/golden/"
#define TEXT_MAX 65536

static size_t
read_golden(const char *path, char *out)
{
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(out, 1, TEXT_MAX - 1, f) : 0;

	if (f)
		(void)fclose(f);
	out[n] = '\0';
	return n;
}

static void
write_golden(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* The lines that differ, both ways. */
static void
print_difference(const char *want, const char *got)
{
	for (int line = 1; *want || *got; line++) {
		size_t w = strcspn(want, "\n"), g = strcspn(got, "\n");
		if (w != g || memcmp(want, got, w) != 0)
			print_message("%3d -%.*s\n    +%.*s\n", line, (int)w,
			    want, (int)g, got);
		want += w + (want[w] != '\0');
		got += g + (got[g] != '\0');
	}
}

static void
draw(struct scene *s, int w, int h, bool ascii, char text[TEXT_MAX])
{
	struct buf b = buf_over(text, TEXT_MAX);
	struct grid g;

	assert_true(grid_init(&g, w, h, ascii));
	ui_draw(&s->ui, &g);
	grid_text(&g, &b);
	assert_false(b.full);
	(void)buf_cstr(&b);
	grid_free(&g);
}

static int mismatches;

static void
compare_at(struct scene *s, const char *name, int w, int h, bool ascii)
{
	static char want[TEXT_MAX], got[TEXT_MAX];
	char path[256];

	(void)snprintf(path, sizeof path, GOLDEN "%s-%dx%d%s.txt", name, w, h,
	    ascii ? "-ascii" : "");
	draw(s, w, h, ascii, got);
	if (getenv("UPDATE_GOLDEN")) {
		write_golden(path, got);
		return;
	}
	(void)read_golden(path, want);
	if (strcmp(want, got) == 0)
		return;
	print_message("%s differs:\n", path);
	print_difference(want, got);
	mismatches++;
}

static void
compare(struct scene *s, const char *name)
{
	static const struct {
		int w, h;
		bool ascii;
	} size[] = { { 40, 10, false }, { 80, 24, false }, { 120, 40, false },
		{ 200, 60, false }, { 80, 24, true } };

	mismatches = 0;
	for (size_t i = 0; i < sizeof size / sizeof *size; i++)
		compare_at(s, name, size[i].w, size[i].h, size[i].ascii);
	assert_int_equal(mismatches, 0);
}

static void
the_main_screen_shows_traffic_connections_and_requests(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	compare(&s, "main");
	scene_free(&s);
}

static void
a_server_without_visitors_says_where_to_go(void **state)
{
	struct scene s;

	(void)state;
	scene_make_empty(&s);
	compare(&s, "empty");
	scene_free(&s);
}

static void
a_chosen_connection_is_marked(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	scene_type(&s, "\tj");
	compare(&s, "chosen-connection");
	scene_free(&s);
}

static void
a_download_that_stands_still_shows_when_it_is_cut(void **state)
{
	static char text[TEXT_MAX];
	struct row_cell *cell;
	struct conn_row row;
	struct scene s;

	(void)state;
	scene_make(&s);
	cell = &control_watch(s.ui.control)->worker[0].rows[0];
	assert_true(row_read(cell, &row) && row.state == CONN_SENDING);
	row.moved = s.ui.m->at.mono - 12 * NS_PER_S;
	row_write(cell, &row);
	draw(&s, 80, 24, false, text);
	assert_non_null(strstr(text, " cut in 30s"));
	s.ui.control->status.drain_deadline = s.now.mono + 10 * NS_PER_S;
	scene_pass(&s, 0);
	draw(&s, 80, 24, false, text);
	assert_non_null(strstr(text, " cut in 10s"));
	scene_free(&s);
}

static void
a_zoomed_pane_has_the_place_of_both(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	scene_type(&s, "\tz");
	compare(&s, "zoom");
	scene_free(&s);
}

static void
each_pane_comes_to_the_front_by_its_key(void **state)
{
	static const char *const name[] = { "traffic", "connections",
		"requests", "top" };
	struct scene s;

	(void)state;
	for (int i = 0; i < 4; i++) {
		char keys[3] = { (char)('1' + i), '\0', '\0' };
		scene_make(&s);
		scene_type(&s, keys);
		compare(&s, name[i]);
		assert_int_equal(s.ui.m->look.pane, i);
		assert_true(s.ui.m->look.shown >> i & 1);
		scene_free(&s);
	}
}

static void
top_has_the_whole_screen_when_zoomed(void **state)
{
	static char text[TEXT_MAX];
	struct scene s;

	(void)state;
	scene_make(&s);
	scene_type(&s, "4z");
	draw(&s, 80, 24, false, text); /* what there is to choose */
	scene_type(&s, "jj");
	compare(&s, "top-zoom");
	scene_free(&s);
}

static void
what_is_near_its_bound_is_seen_in_traffic(void **state)
{
	static char text[TEXT_MAX];
	struct scene s;

	(void)state;
	scene_make(&s);
	s.ui.control->load = (struct control_load){ 97, 128, 1000, 1024 };
	scene_pass(&s, 2 * NS_PER_S);
	draw(&s, 80, 24, false, text);
	assert_non_null(strstr(text, "queue 97/128"));
	assert_non_null(strstr(text, "fds 1000/1024"));
	scene_type(&s, "1");
	draw(&s, 80, 24, false, text);
	assert_non_null(strstr(text, "97 of 128"));
	assert_non_null(strstr(text, "1,000 of 1,024"));
	scene_free(&s);
}

static void
stats_say_where_everything_went(void **state)
{
	static char text[TEXT_MAX];
	struct scene s;

	(void)state;
	scene_make(&s);
	s.ui.control->account = (struct watch_account){ .events = 12345,
		.journalled = 5000,
		.passed = 7000,
		.dropped = 300,
		.waiting = 45,
		.lines = 900,
		.written = 890,
		.lost = 7,
		.suppressed = 2 };
	scene_type(&s, ":stats\r");
	compare(&s, "stats");
	draw(&s, 80, 24, false, text);
	assert_non_null(strstr(text, "all accounted for"));
	assert_non_null(strstr(text, "being counted")); /* a line is missing */
	scene_type(&s, "/seccomp\r");
	draw(&s, 80, 12, false, text);
	assert_non_null(strstr(text, "71 allowed"));
	scene_type(&s, "\033\033"); /* the highlight, then the page */
	draw(&s, 80, 24, false, text);
	assert_null(strstr(text, "Stats"));
	assert_non_null(strstr(text, "Requests"));
	scene_free(&s);
}

static void
a_sorted_list_has_an_arrow_and_says_by_what(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	scene_type(&s, ":sort took\rmm");
	compare(&s, "sorted");
	scene_free(&s);
}

static void
columns_and_orders_are_chosen_from_menus(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	scene_type(&s, "s");
	compare(&s, "menu-sort");
	scene_type(&s, "\033c");
	compare(&s, "menu-columns");
	scene_free(&s);
}

static void
a_filter_is_shown_with_what_it_lets_through(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	scene_type(&s, "fstatus>=400 !favicon\r");
	compare(&s, "filter");
	scene_type(&s, "f\025path:x |\r");
	compare(&s, "filter-error");
	scene_free(&s);
}

static void
what_is_found_is_chosen(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	scene_type(&s, "/favicon");
	compare(&s, "find");
	scene_free(&s);
}

static void
a_connection_s_detail_shows_its_state_path_and_requests(void **state)
{
	static char text[TEXT_MAX];
	struct scene s;

	(void)state;
	scene_make(&s);
	scene_type(&s, "2\r");
	draw(&s, 80, 24, false, text);
	for (int i = 0; i < 8; i++) { /* its path, as it moves */
		scene_pass(&s, 300 * NS_PER_MS);
		draw(&s, 80, 24, false, text);
	}
	compare(&s, "connection");
	scene_type(&s, "\033jj\rkk");
	compare(&s, "connection-idle");
	scene_free(&s);
}

/* A second in each column: content that arrives is the request's, what comes
 * before the first byte of the answer is waiting; of what is short neither the
 * request nor the answer is lost. */
static void
the_timeline_has_every_phase(void **state)
{
	static char text[TEXT_MAX];
	struct conn_row row = {
		.conn = 51, .slot = 9, .state = CONN_IDLE, .requests = 3
	};
	struct fake_exchange x = { .conn = 51,
		.number = 1,
		.request = "POST / HTTP/1.1\r\n\r\n",
		.response = "HTTP/1.1 405 Method Not Allowed\r\n\r\n",
		.status = 405,
		.why = REASON_METHOD_NOT_ALLOWED,
		.done_ns = 28 * NS_PER_S };
	struct scene s;
	int64_t opened;

	(void)state;
	scene_make_empty(&s);
	opened = s.now.wall - 78 * NS_PER_S;
	row.opened = row.since = s.now.mono - 78 * NS_PER_S;
	x.wall = opened + 10 * NS_PER_S + NS_PER_MS;
	fake_row(s.ui.control, &row);
	fake_exchange(s.ui.control, &x);
	x.number++;
	x.wall = opened + 50 * NS_PER_S + 500 * NS_PER_MS;
	x.done_ns = 1200 * NS_PER_MS;
	fake_exchange(s.ui.control, &x);
	x.number++;
	x.wall = opened + 60 * NS_PER_S;
	x.status = 0;
	x.response = "";
	x.request = "GET /big/ HTTP/1.1\r\n\r\n";
	x.why = REASON_CUT_WAITING;
	x.done_ns = 7 * NS_PER_S;
	fake_exchange(s.ui.control, &x);
	counter_add(
	    &s.ui.control->watch.worker[0].counters.v[COUNTER_WAKEUPS], 1);
	scene_pass(&s, 0);
	scene_type(&s, "2\r");
	draw(&s, 80, 24, false, text);
	assert_non_null(strstr(text, "one column is 1.00s"));
	assert_non_null(strstr(text,
	    " ..........RRRRRWWSSSSSSSSSSSSSSSSSSSSSS"
	    "...........RS.......RRWWWWWW...........\n"));
	scene_free(&s);
}

static void
progress_is_what_the_client_has_acknowledged(void **state)
{
	static char text[TEXT_MAX];
	struct scene s;

	(void)state;
	scene_make(&s);
	draw(&s, 120, 40, false, text);
	assert_non_null(strstr(text, " 60% ")); /* given to the kernel: 61 */
	draw(&s, 120, 40, false, text);
	assert_non_null(strstr(text, " 59% ")); /* a fiftieth is on its way */
	scene_free(&s);
}

/* Steps up from the newest request, then open it. */
static void
compare_detail(const char *name, int up)
{
	struct scene s;

	scene_make(&s);
	for (int i = 0; i <= up; i++)
		scene_type(&s, "k");
	scene_type(&s, "\r");
	compare(&s, name);
	scene_free(&s);
}

static void
a_file_s_detail_shows_heads_reasons_and_times(void **state)
{
	(void)state;
	compare_detail("detail-200", 0);
}

static void
unsafe_bytes_of_a_head_are_escaped(void **state)
{
	(void)state;
	compare_detail("detail-405", 1);
}

static void
a_cut_request_has_no_answer(void **state)
{
	(void)state;
	compare_detail("detail-cut", 2);
}

static void
a_malformed_request_has_a_caret_under_the_refused_byte(void **state)
{
	(void)state;
	compare_detail("detail-400", 3);
}

static void
bytes_are_shown_in_hexadecimal_with_the_refused_one(void **state)
{
	static char text[TEXT_MAX];
	struct scene s;

	(void)state;
	scene_make(&s);
	scene_type(&s, "kkkk\rx");
	compare(&s, "detail-hex");
	draw(&s, 120, 60, false, text);
	assert_non_null(strstr(text, "00010 48 6f 73 74 20 3a 20 65  78"));
	assert_non_null(strstr(text, "Host : example.o"));
	assert_non_null(strstr(text, "▲ refused at byte 20"));
	/* the same target before, the newest first */
	assert_non_null(
	    strstr(text, "   282  14:02:09.000  400    171   87us"));
	scene_free(&s);
}

static void
the_address_has_a_code_for_phones(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	scene_type(&s, "u");
	compare(&s, "qr");
	scene_free(&s);
}

static void
copies_and_exports_are_chosen_from_menus(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	scene_type(&s, "y");
	compare(&s, "menu-copy");
	scene_type(&s, "\033e");
	compare(&s, "menu-export");
	scene_type(&s, "h");
	compare(&s, "export-name");
	/* which of them, where there is a choice */
	scene_type(&s, "\033Gmkmfstatus:405\r");
	compare(&s, "marked");
	scene_type(&s, "e2");
	compare(&s, "menu-export-choice");
	scene_free(&s);
}

static void
two_answers_stand_side_by_side(void **state)
{
	struct scene s;
	struct journal *j;

	(void)state;
	scene_make(&s);
	j = control_watch(s.ui.control)->journal;
	model_copy_detail(&s.ui.m->replay.then, j, 291);
	model_copy_detail(&s.ui.m->replay.now, j, 290);
	s.ui.m->look.screen = SCREEN_REPLAY;
	compare(&s, "replay");
	scene_free(&s);
}

/* An answer to "/x", made in that second. */
static void
answered(struct scene *s, const char *response, int64_t took)
{
	struct fake_exchange x = { .conn = 40,
		.number = 9,
		.request = "GET /x HTTP/1.1\r\n\r\n",
		.response = response,
		.status = 200,
		.why = REASON_FILE_FOUND,
		.done_ns = took };

	fake_exchange(s->ui.control, &x);
}

static void
when_it_was_and_how_long_it_took_is_not_compared(void **state)
{
	static char text[TEXT_MAX];
	struct scene s;
	struct journal *j;
	uint64_t last;

	(void)state;
	scene_make(&s);
	j = control_watch(s.ui.control)->journal;
	answered(&s,
	    "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 14:02:11 GMT"
	    "\r\nServer: a\r\n\r\n",
	    1000000);
	answered(&s,
	    "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 14:02:12 GMT"
	    "\r\nServer: a\r\n\r\n",
	    2000000);
	answered(&s, "HTTP/1.1 200 OK\r\nServer: a\r\n\r\n", 2000000);
	scene_pass(&s, 0);
	last = s.ui.m->last;
	model_copy_detail(&s.ui.m->replay.then, j, last - 2);
	model_copy_detail(&s.ui.m->replay.now, j, last - 1);
	s.ui.m->look.screen = SCREEN_REPLAY;
	draw(&s, 120, 40, false, text);
	assert_non_null(strstr(text, "not compared"));
	assert_non_null(strstr(text, "14:02:12 GMT"));
	assert_non_null(strstr(text, "2.0ms"));
	/* only that of the title */
	assert_null(strstr(strstr(text, "≠") + 1, "≠"));
	/* a field that one has and the other has not is another matter */
	model_copy_detail(&s.ui.m->replay.now, j, last);
	draw(&s, 120, 40, false, text);
	assert_non_null(strstr(text, "≠ -"));
	scene_free(&s);
}

static void
one_row_far_away_does_not_squeeze_the_waterfall(void **state)
{
	static char text[TEXT_MAX];
	struct scene s;
	struct fake_exchange x = { .conn = 40,
		.number = 9,
		.request = "GET /x HTTP/1.1\r\n\r\n",
		.response = "HTTP/1.1 200 OK\r\n\r\n",
		.status = 200,
		.why = REASON_FILE_FOUND,
		.done_ns = 20 * NS_PER_MS };
	const char *at;
	int64_t now;

	(void)state;
	scene_make(&s);
	now = s.now.wall;
	scene_type(&s, "Cz");
	x.wall = now - 3600 * NS_PER_S;
	fake_exchange(s.ui.control, &x);
	for (int i = 0; i < 8; i++) {
		x.wall = now + i * 20 * NS_PER_MS;
		fake_exchange(s.ui.control, &x);
	}
	scene_pass(&s, 0);
	draw(&s, 140, 40, false, text);
	at = strstr(text, "WATERFALL 160ms");
	assert_non_null(at);
	assert_non_null(strstr(at, " <"));
	assert_null(strstr(at, ">\n"));
	/* nor does one that goes on for long */
	x.done_ns = 600 * NS_PER_S;
	fake_exchange(s.ui.control, &x);
	scene_pass(&s, 0);
	draw(&s, 140, 40, false, text);
	at = strstr(text, "WATERFALL 160ms");
	assert_non_null(at);
	assert_non_null(strstr(at, ">\n"));
	/* many are no exception */
	for (int i = 0; i < 8; i++)
		fake_exchange(s.ui.control, &x);
	scene_pass(&s, 0);
	draw(&s, 140, 40, false, text);
	assert_non_null(strstr(text, "WATERFALL 10m00"));
	scene_free(&s);
}

static void
one_of_a_kind_is_no_plural(void **state)
{
	static char text[TEXT_MAX];
	struct scene s;
	struct fake_exchange x = { .conn = 40,
		.number = 9,
		.request = "GET /x HTTP/1.1\r\n\r\n",
		.response = "HTTP/1.1 200 OK\r\n\r\n",
		.status = 200,
		.why = REASON_FILE_FOUND,
		.body = 1 };

	(void)state;
	scene_make(&s);
	fake_exchange(s.ui.control, &x);
	((struct control *)s.ui.control)->status.log.failing = true;
	((struct control *)s.ui.control)->status.log.lost = 1;
	scene_pass(&s, 0);
	scene_type(&s, "\r");
	draw(&s, 120, 40, false, text);
	assert_non_null(strstr(text, "content 1 byte "));
	assert_non_null(strstr(text, "1 line lost  "));
	scene_free(&s);
}

static void
the_help_lists_every_command(void **state)
{
	static char text[TEXT_MAX];
	struct scene s;

	(void)state;
	scene_make(&s);
	scene_type(&s, "?");
	compare(&s, "help");
	draw(&s, 40, 400, false, text);
	assert_null(strstr(text, "…")); /* wrapped, not cut */
	assert_non_null(strstr(text, "count from 0"));
	assert_non_null(strstr(text, "eighths")); /* of charts */
	assert_non_null(strstr(text, "<41:"));	  /* in Top */
	draw(&s, 120, 300, false, text);
	/* every status that was answered, however many */
	for (int i = 0; i < STATUS_N; i++)
		if (counter_get(&s.ui.m->sum.status[i]) != 0)
			assert_non_null(strstr(text, status_rows[i].phrase));
	assert_non_null(strstr(text, "Not Modified"));
	for (size_t i = 0; i < commands_n; i++) {
		assert_non_null(strstr(text, commands[i].help));
		assert_non_null(strstr(text, commands[i].keys));
	}
	scene_free(&s);
}

/* Whether a line of the page has the label and, behind blanks, more. */
static bool
explains(const char *text, const char *label)
{
	size_t n = strlen(label);

	for (const char *at = text; (at = strchr(at, '\n')) != NULL;) {
		at++;
		if (*at == ' ' && strncmp(at + 1, label, n) == 0 &&
		    at[1 + n] == ' ' &&
		    at[1 + n + strspn(at + 1 + n, " ")] != '\n')
			return true;
	}
	return false;
}

static void
the_help_names_what_is_typed_and_shown(void **state)
{
	static char text[TEXT_MAX];
	static const char *const shown[] = { "queue", "fds", "click", "wheel",
		"x | y" };
	const char *word;
	struct scene s;

	(void)state;
	scene_make(&s);
	scene_type(&s, "?");
	for (int w = 80; w <= 120; w += 40) {
		draw(&s, w, 300, false, text);
		for (size_t i = 0; i < commands_n; i++) {
			char name[64];

			(void)snprintf(
			    name, sizeof name, ":%s ", commands[i].name);
			assert_non_null(strstr(text, name));
		}
		for (unsigned i = 0; (word = filter_key(i, NULL)); i++)
			assert_true(explains(text, word));
		for (unsigned i = 0; (word = filter_sign(i, NULL)); i++)
			assert_true(explains(text, word));
		for (int i = 0; i < CONN_COL_N; i++)
			assert_true(explains(text, conn_columns[i].title));
		for (int i = 0; i < REQUEST_COL_N; i++)
			assert_true(explains(text, request_columns[i].title));
		for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
			assert_true(explains(text, shown[i]));
	}
	scene_free(&s);
}

static void
quitting_asks_first(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	scene_type(&s, "q");
	compare(&s, "quit");
	scene_free(&s);
}

static void
a_bad_root_is_explained_in_the_open_prompt(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	scene_type(&s, "r/missing\r");
	compare(&s, "root-error");
	scene_free(&s);
}

/* The last line of a screen with 80 columns. */
static const char *
footer(struct scene *s)
{
	static char text[TEXT_MAX];
	char *end;

	draw(s, 80, 24, false, text);
	end = text + strlen(text) - 1;
	assert_int_equal(*end, '\n');
	*end = '\0';
	return strrchr(text, '\n') + 1;
}

static void
the_footer_has_what_belongs_to_the_screen(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	scene_type(&s, "p");
	assert_non_null(strstr(footer(&s), " ? Help q Quit"));
	scene_type(&s, "pG\r");
	assert_non_null(strstr(footer(&s),
	    " Esc Back J Next K Previous X Close x Hex y Copy R Replay "
	    "m Mark "));
	scene_type(&s, "?");
	assert_ptr_equal(strstr(footer(&s), " Esc Back p Pause"), footer(&s));
	scene_type(&s, "\033\033y"); /* a menu, then a dialog */
	assert_string_equal(footer(&s), " Enter Choose j Down k Up Esc Close");
	scene_type(&s, "\033q");
	assert_string_equal(footer(&s), " Esc Cancel");
	scene_free(&s);
}

static void
a_command_without_a_key_is_not_in_the_footer(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	assert_true(keymap_bind(&s.ui.keys, SPAN("p"), SPAN("redraw")));
	s.ui.m->keys = &s.ui.keys;
	assert_null(strstr(footer(&s), "Pause"));
	scene_free(&s);
}

static void
a_recording_has_nothing_to_pause(void **state)
{
	static const char *const live[] = { "Pause", "Root", "Log", "Close",
		"Replay" };
	static char text[TEXT_MAX];
	struct scene s;

	(void)state;
	scene_make(&s);
	draw(&s, 200, 24, false, text);
	for (size_t i = 0; i < sizeof live / sizeof *live; i++)
		assert_non_null(strstr(text, live[i]));
	((struct control *)s.ui.control)->status.state = LIFE_RECORDING;
	scene_pass(&s, 0);
	draw(&s, 200, 24, false, text);
	assert_non_null(strstr(text, "Detail"));
	for (size_t i = 0; i < sizeof live / sizeof *live; i++)
		assert_null(strstr(text, live[i]));
	scene_free(&s);
}

/* Each word of the first line with `what`, until "…", is a command's name. */
static void
check_names(const char *text, const char *what)
{
	const char *at = strstr(text, what);

	assert_non_null(at);
	while (at > text && at[-1] != '\n')
		at--;
	for (;;) {
		size_t n = strcspn(at += strspn(at, " \n"), " \n");
		if (strncmp(at, "…", strlen("…")) == 0)
			return;
		assert_non_null(command_of_name(at, n));
		at += n;
	}
}

static void
completions_are_cut_behind_a_whole_one(void **state)
{
	static char text[TEXT_MAX];
	struct scene s;

	(void)state;
	scene_make(&s);
	scene_type(&s, ":\t");
	for (int w = 60; w <= 80; w++) {
		draw(&s, w, 24, false, text);
		check_names(text, " back ");
	}
	scene_free(&s);
}

static void
lasting_states_have_banners_and_news_has_toasts(void **state)
{
	struct scene s;
	struct control *c;

	(void)state;
	scene_make(&s);
	c = s.ui.control;
	scene_type(&s, "p ");
	c->status.root_gone = true;
	c->status.log.failing = true;
	c->status.log.error = 28;
	c->status.log.lost = 17;
	model_say(s.ui.m, NOTICE_WARN, "descriptors run short: 12 are left");
	model_say(s.ui.m, NOTICE_ERROR,
	    "server.yaml:14:9: error: limits.header_size: '12X' is not a "
	    "size (use 123, 64K, 10M)");
	scene_pass(&s, 0);
	compare(&s, "banners");
	scene_free(&s);
}

static void
many_errors_at_once_are_shown_from_the_first_and_counted(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	model_say(s.ui.m, NOTICE_INFO, "access log off");
	model_say(s.ui.m, NOTICE_ERROR,
	    "reload refused: 5 errors; the old configuration stays");
	for (int i = 0; i < 5; i++)
		model_say(s.ui.m, NOTICE_ERROR,
		    "server.yaml:14:9: error: limits.header_size: '12X' is "
		    "not a size (use 123, 64K, 10M)");
	compare(&s, "errors");
	scene_free(&s);
}

static void
a_long_address_is_whole_whatever_must_go_for_it(void **state)
{
	static const struct {
		const char *url;
		unsigned listeners;
		int w;
		const char *title;
	} table[] = {
		{ "http://10.0.0.7:8000/", 2, 40,
		    " http://10.0.0.7:8000/ +1  LIVE  up 12m\n" },
		{ "http://192.168.100.100:48000/", 1, 40,
		    " http://192.168.100.100:48000/  LIVE\n" },
		{ "http://192.168.100.100:48000/", 3, 40,
		    " http://192.168.100.100:48000/  LIVE\n" },
		{ "http://[fe80::aaaa:bbbb:cccc:dddd]:80/", 2, 40,
		    " http://[fe80::aaaa:bbbb:cccc:dddd]:80/\n" },
		{ "http://[2001:db8:1111:2222:3333:4444:5555:6666]:8000/", 1,
		    80,
		    " http://[2001:db8:1111:2222:3333:4444:5555:6666]:8000/"
		    "  ~/site  LIVE  up 12m\n" },
	};
	static char text[TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct scene s;
		struct control_status *st;
		char line[256];
		size_t from = 0, to = 0;

		scene_make(&s);
		st = &((struct control *)s.ui.control)->status;
		(void)snprintf(st->url, sizeof st->url, "%s", table[i].url);
		st->listeners = table[i].listeners;
		scene_pass(&s, 0);
		draw(&s, table[i].w, 10, false, text);
		/* runs of blanks count as two at most */
		for (; text[from] != '\n'; from++)
			if (to < 2 || text[from] != ' ' ||
			    line[to - 1] != ' ' || line[to - 2] != ' ')
				line[to++] = text[from];
		(void)snprintf(line + to, 3, "\n");
		assert_string_equal(line, table[i].title);
		scene_free(&s);
	}
}

static void
a_log_that_is_off_does_not_fail(void **state)
{
	static char text[TEXT_MAX];
	struct scene s;

	(void)state;
	scene_make(&s);
	s.ui.control->status.log.failing = true;
	scene_pass(&s, 0);
	draw(&s, 80, 24, false, text);
	assert_non_null(strstr(text, "log FAILS"));
	scene_type(&s, "l");
	draw(&s, 80, 24, false, text);
	assert_non_null(strstr(text, "log off"));
	assert_null(strstr(text, "FAILS"));
	scene_free(&s);
}

static void
a_server_without_a_log_has_it_off(void **state)
{
	static char text[TEXT_MAX];
	struct scene s;

	(void)state;
	scene_make(&s);
	s.ui.control->status.log.path[0] = '\0';
	scene_pass(&s, 0);
	draw(&s, 80, 24, false, text);
	assert_non_null(strstr(text, "log off"));
	scene_free(&s);
}

static void
what_the_title_has_room_for_stays_as_its_clock_grows(void **state)
{
	static const int64_t up[] = { 5, 50, 65, 1000, 3599 };
	static char text[TEXT_MAX];
	struct scene s;

	(void)state;
	scene_make(&s);
	for (int w = 40; w <= 120; w++) {
		const char *log = NULL;
		bool live = false;

		for (size_t i = 0; i < sizeof up / sizeof *up; i++) {
			s.ui.m->status.started =
			    s.ui.m->clock.mono - up[i] * NS_PER_S;
			draw(&s, w, 10, false, text);
			*strchr(text, '\n') = '\0';
			if (i == 0) {
				log = strstr(text, "log access.log");
				live = strstr(text, " LIVE ") != NULL;
			}
			assert_ptr_equal(strstr(text, "log access.log"), log);
			assert_true((strstr(text, " LIVE ") != NULL) == live);
		}
	}
	scene_free(&s);
}

static void
a_long_filter_is_cut_behind_a_word(void **state)
{
	static char text[TEXT_MAX];
	struct scene s;

	(void)state;
	scene_make(&s);
	scene_type(&s, "fstatus>=400 method:GET path~^/docs/ !café\r");
	draw(&s, 80, 24, false, text);
	assert_non_null(strstr(text, " status>=400 method:GET …  "));
	draw(&s, 200, 24, false, text);
	assert_non_null(strstr(text, "path~^/docs/ !caf"));
	scene_free(&s);
}

/* What is wrong with a filter, whole, however wide the screen is. */
static void
a_long_error_is_whole_above_its_mark(void **state)
{
	static char text[TEXT_MAX];
	struct scene s;

	(void)state;
	scene_make(&s);
	scene_type(&s, "fstatus:200 docs path~*a");
	draw(&s, 80, 24, false, text);
	assert_non_null(strstr(text,
	    " in the regular expression, something before * + ? or {, and [*] "
	    "to look for\n one\n"
	    "                        ▼\n"
	    " f status:200 docs path~*a\n"));
	draw(&s, 60, 24, false, text);
	assert_non_null(strstr(text, " [*] to look for one\n"));
	draw(&s, 120, 24, false, text);
	assert_non_null(strstr(text, "▼ in the regular expression"));
	scene_free(&s);
}

static void
news_stands_above_what_is_typed(void **state)
{
	static char text[TEXT_MAX];
	const char *news, *typed, *keys;
	struct scene s;

	(void)state;
	scene_make(&s);
	model_say(s.ui.m, NOTICE_WARN, "descriptors run short");
	scene_type(&s, ":typed");
	draw(&s, 80, 24, false, text);
	news = strstr(text, "descriptors run short");
	typed = strstr(text, ": typed");
	keys = strstr(text, "Enter Do it");
	assert_non_null(typed);
	assert_true(news && news < typed && typed < keys);
	/* nothing between the line and its keys */
	assert_ptr_equal(strchr(typed, '\n') + 2, keys);
	scene_free(&s);
}

/* Open the newest request, and find its version. */
static bool
detail_names_version(const char *request, uint32_t refused_at, const char *what)
{
	static char text[TEXT_MAX];
	struct fake_exchange x = { .conn = 50,
		.number = 1,
		.request = request,
		.response = "HTTP/1.1 400 Bad Request\r\n\r\n",
		.status = 400,
		.close = CLOSE_REFUSED,
		.why = REASON_BAD_FIRST_BYTE,
		.refused_at = refused_at,
		.done_ns = 1000 };
	struct scene s;
	bool found;

	scene_make(&s);
	fake_exchange(s.ui.control, &x);
	scene_pass(&s, 0);
	scene_type(&s, "G\r");
	draw(&s, 120, 60, false, text);
	assert_non_null(strstr(text, "this is request 1 on it, "));
	found = strstr(strstr(text, "this is request 1 on it, "), what) != NULL;
	scene_free(&s);
	return found;
}

static void
a_version_that_was_not_read_is_not_named(void **state)
{
	static const char none[] = "on it, worker 1";

	(void)state;
	assert_true(detail_names_version("\026\003\001", 1, none));
	assert_true(detail_names_version("GET /", 4, none));
	assert_true(detail_names_version("GET / HTTP/1.\r\n", 13, none));
	assert_true(
	    detail_names_version("GET / HTTP/9.9\r\n", 6, "on it, HTTP/9.9, "));
	assert_true(detail_names_version(
	    "GET / HTTP/1.0\r\nA : b\r\n\r\n", 17, "on it, HTTP/1.0, "));
	assert_true(detail_names_version(
	    "GET / HTTP/1.1\r\nA : b\r\n\r\n", 17, "on it, HTTP/1.1, "));
	assert_true(detail_names_version(
	    "GET / HTTP/1.0\r\n\r\n", 0, "on it, HTTP/1.0, "));
}

static void
what_is_being_made_is_waiting_and_being_answered(void **state)
{
	static char text[TEXT_MAX];
	struct conn_row row = { .conn = 51,
		.slot = 9,
		.state = CONN_WAITING,
		.requests = 1,
		.target_n = 6,
		.target = "/docs/" };
	struct scene s;

	(void)state;
	scene_make(&s);
	row.opened = row.since = s.now.mono - NS_PER_S;
	row.deadline = s.now.mono + 9 * NS_PER_S;
	fake_row(s.ui.control, &row);
	scene_pass(&s, 0);
	draw(&s, 120, 40, false, text);
	assert_non_null(strstr(text, "1 waiting"));
	assert_non_null(strstr(text, "WAITING"));
	scene_type(&s, "q");
	draw(&s, 120, 40, false, text);
	assert_non_null(strstr(text, "6 connections open, 2 being answered"));
	scene_free(&s);
}

/* As the list and the help call them; what there is no room for is not passed
 * over in silence. */
static void
states_that_have_no_room_are_hinted_at(void **state)
{
	static char text[TEXT_MAX];
	struct scene s;

	(void)state;
	scene_make_empty(&s);
	for (enum conn_state i = CONN_NEW; i < CONN_STATE_N; i++)
		counter_add(
		    &s.ui.control->watch.worker[0].counters.open[i], 120 + i);
	scene_pass(&s, 0);
	draw(&s, 200, 60, false, text);
	assert_non_null(strstr(text,
	    "125 sending  124 waiting  122 reading  "
	    "128 proxy  123 body  121 new  126 idle  "
	    "127 linger"));
	draw(&s, 80, 24, false, text);
	assert_non_null(strstr(text, "125 sending  124 waiting  …"));
	scene_free(&s);
}

static void
who_waits_in_the_queue_is_not_nobody(void **state)
{
	static char text[TEXT_MAX];
	struct scene s;

	(void)state;
	scene_make_empty(&s);
	s.ui.control->load.queue = 3;
	scene_pass(&s, NS_PER_S);
	draw(&s, 80, 24, false, text);
	assert_non_null(strstr(
	    text, "nobody was accepted; 3 clients waiting in the queue"));
	scene_free(&s);
}

/* The column of a title, of those in the line that begins with TIME. */
static int
column_of(const char *text, const char *title)
{
	const char *head = strstr(text, " TIME "), *at;

	assert_non_null(head);
	at = strstr(head, title);
	assert_non_null(at);
	return (int)(at - head);
}

static void
reasons_have_24_columns_from_80_on_and_28_from_100_on(void **state)
{
	static char text[TEXT_MAX];
	struct scene s;

	(void)state;
	scene_make(&s);
	for (int w = 80; w < 200; w++) {
		int target, why;
		draw(&s, w, 24, false, text);
		target = column_of(text, "TARGET");
		why = column_of(text, "WHY");
		assert_true(why - target - 1 >= 14);
		assert_true(w - why >= (w < 100 ? 24 : 28));
	}
	scene_free(&s);
}

static void
draining_shows_what_is_left_and_until_when(void **state)
{
	struct scene s;
	struct control *c;

	(void)state;
	scene_make(&s);
	c = s.ui.control;
	c->status.state = LIFE_DRAINING;
	c->status.drain_deadline = s.now.mono + 8 * NS_PER_S;
	scene_pass(&s, 0);
	compare(&s, "draining");
	scene_free(&s);
}

static void
a_terminal_too_small_has_one_line(void **state)
{
	static char text[TEXT_MAX];
	struct scene s;

	(void)state;
	scene_make(&s);
	draw(&s, 39, 9, false, text);
	assert_non_null(strstr(text, "LIVE"));
	assert_non_null(strstr(text, "5 open"));
	assert_null(strstr(text, "Requests"));
	scene_free(&s);
}

/* Whatever is open, whatever the size: nothing is drawn outside and ASCII
 * stays ASCII.  The sanitizers see the rest. */
static void
every_size_of_every_screen_can_be_drawn(void **state)
{
	static const char *const open[] = { "", "\t", "k\r", "?", "q", "r~/x",
		":pau\t", "p z", "k\r?", "k\rx", "u", "y", "e", "eh", "1", "1z",
		"2z", "3z", "4", "4z", "s", "2\r", "2j\rk", "fx(", "c", "/o",
		"\033:sort size\r" };
	static char text[TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
		struct scene s;
		scene_make(&s);
		scene_type(&s, open[i]);
		model_say(s.ui.m, NOTICE_ERROR, "something is wrong");
		for (int w = 1; w < 140; w += w < 45 ? 1 : 17)
			for (int h = 1; h < 50; h += h < 14 ? 1 : 7) {
				draw(&s, w, h, true, text);
				for (const char *p = text; *p; p++)
					assert_true(*p == '\n' ||
					    (*p >= ' ' && *p <= '~'));
			}
		scene_free(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_main_screen_shows_traffic_connections_and_requests),
		cmocka_unit_test(a_server_without_visitors_says_where_to_go),
		cmocka_unit_test(a_chosen_connection_is_marked),
		cmocka_unit_test(
		    a_download_that_stands_still_shows_when_it_is_cut),
		cmocka_unit_test(a_zoomed_pane_has_the_place_of_both),
		cmocka_unit_test(each_pane_comes_to_the_front_by_its_key),
		cmocka_unit_test(top_has_the_whole_screen_when_zoomed),
		cmocka_unit_test(what_is_near_its_bound_is_seen_in_traffic),
		cmocka_unit_test(stats_say_where_everything_went),
		cmocka_unit_test(a_sorted_list_has_an_arrow_and_says_by_what),
		cmocka_unit_test(columns_and_orders_are_chosen_from_menus),
		cmocka_unit_test(a_filter_is_shown_with_what_it_lets_through),
		cmocka_unit_test(what_is_found_is_chosen),
		cmocka_unit_test(
		    a_connection_s_detail_shows_its_state_path_and_requests),
		cmocka_unit_test(the_timeline_has_every_phase),
		cmocka_unit_test(progress_is_what_the_client_has_acknowledged),
		cmocka_unit_test(a_file_s_detail_shows_heads_reasons_and_times),
		cmocka_unit_test(unsafe_bytes_of_a_head_are_escaped),
		cmocka_unit_test(a_cut_request_has_no_answer),
		cmocka_unit_test(
		    a_malformed_request_has_a_caret_under_the_refused_byte),
		cmocka_unit_test(
		    bytes_are_shown_in_hexadecimal_with_the_refused_one),
		cmocka_unit_test(the_address_has_a_code_for_phones),
		cmocka_unit_test(copies_and_exports_are_chosen_from_menus),
		cmocka_unit_test(two_answers_stand_side_by_side),
		cmocka_unit_test(one_of_a_kind_is_no_plural),
		cmocka_unit_test(
		    one_row_far_away_does_not_squeeze_the_waterfall),
		cmocka_unit_test(
		    when_it_was_and_how_long_it_took_is_not_compared),
		cmocka_unit_test(the_help_lists_every_command),
		cmocka_unit_test(quitting_asks_first),
		cmocka_unit_test(a_bad_root_is_explained_in_the_open_prompt),
		cmocka_unit_test(completions_are_cut_behind_a_whole_one),
		cmocka_unit_test(the_help_names_what_is_typed_and_shown),
		cmocka_unit_test(a_server_without_a_log_has_it_off),
		cmocka_unit_test(
		    what_the_title_has_room_for_stays_as_its_clock_grows),
		cmocka_unit_test(a_long_filter_is_cut_behind_a_word),
		cmocka_unit_test(a_long_error_is_whole_above_its_mark),
		cmocka_unit_test(news_stands_above_what_is_typed),
		cmocka_unit_test(the_footer_has_what_belongs_to_the_screen),
		cmocka_unit_test(a_command_without_a_key_is_not_in_the_footer),
		cmocka_unit_test(a_recording_has_nothing_to_pause),
		cmocka_unit_test(
		    lasting_states_have_banners_and_news_has_toasts),
		cmocka_unit_test(
		    many_errors_at_once_are_shown_from_the_first_and_counted),
		cmocka_unit_test(
		    a_long_address_is_whole_whatever_must_go_for_it),
		cmocka_unit_test(a_log_that_is_off_does_not_fail),
		cmocka_unit_test(a_version_that_was_not_read_is_not_named),
		cmocka_unit_test(
		    what_is_being_made_is_waiting_and_being_answered),
		cmocka_unit_test(who_waits_in_the_queue_is_not_nobody),
		cmocka_unit_test(states_that_have_no_room_are_hinted_at),
		cmocka_unit_test(
		    reasons_have_24_columns_from_80_on_and_28_from_100_on),
		cmocka_unit_test(draining_shows_what_is_left_and_until_when),
		cmocka_unit_test(a_terminal_too_small_has_one_line),
		cmocka_unit_test(every_size_of_every_screen_can_be_drawn),
	};

	return cmocka_run_group_tests_name("ui_views", tests, NULL, NULL);
}
