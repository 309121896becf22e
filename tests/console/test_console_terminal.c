/* Terminals of every size and kind. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/console/stage.h"
#include "ui/command.h"

/* Sizes from 1x1 to 300x100, from a seed; a third of them tiny. */
static void
random_size(unsigned *seed, int *w, int *h)
{
	bool tiny = rand_r(seed) % 3 == 0;

	*w = 1 + rand_r(seed) % (tiny ? 12 : 300);
	*h = 1 + rand_r(seed) % (tiny ? 8 : 100);
}

static void
a_storm_of_sizes_loses_no_request(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);
	int fd = stage_client(s, 0), w, h, status;
	unsigned seed = 1;

	for (int i = 0; i < 300; i++) {
		random_size(&seed, &w, &h);
		vt_resize(t, w, h);
		assert_int_equal(client_ask(fd, "/hello.txt", ""), 200);
		if (i % 4 == 0)
			(void)vt_pump(t, 15);
		if (i % 40 == 20)
			vt_type(t, "?");
		if (i % 40 == 30)
			vt_type(t, VT_ESC);
	}
	vt_resize(t, 80, 24);
	vt_wait_row(t, "req/s .* total 300$");
	vt_wait_row(t, "^ httpconsole  http://.*LIVE  up [0-9]+s$");
	vt_wait_row(t, "^ p Pause .* q Quit$");
	vt_settle(t);
	vt_check(t, vt_find(t, 0, "^ p Pause") == 23);
	vt_type(t, "qd");
	status = vt_end(t);
	vt_check(t, WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
each_size_shows_what_it_can(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	stage_get(s, "/hello.txt", 200);
	vt_resize(t, 40, 10);
	vt_wait_row(t, "^ http://127\\.0\\.0\\.1:[0-9]+/ .*LIVE  up [0-9]+s$");
	vt_wait_row(t, "━ 3 Requests ━.* 1  FOLLOWING ━");
	vt_wait_row(t, "GET +200 .*/hello");
	vt_wait_row(t, "\\? Help q Quit$");
	vt_resize(t, 39, 9);
	vt_wait_row(t, "^LIVE [0-9]+/s 0 open 1 served$");
	vt_wait_gone(t, "Requests");
	vt_resize(t, 1, 1);
	vt_wait_row(t, "^(L|…)$");
	vt_resize(t, 20, 3);
	vt_wait_row(t, "^LIVE [0-9]+/s 0 open");
	vt_resize(t, 300, 100);
	vt_wait_row(t, "━━ 3 Requests (━){120}");
	vt_wait_row(t, "^ p Pause  r Root .*  q Quit$");
	vt_check(t, vt_find(t, 0, "^ p Pause  r Root .*  q Quit$") == 99);
}

static void
a_dialog_and_a_prompt_fit_small_screens(void **state)
{
	struct vt *t = stage_open_plain(*state);

	vt_resize(t, 40, 10);
	vt_wait_row(t, "^ http://127.*:[0-9]+/ .*LIVE  up [0-9]+s$");
	vt_type(t, "q");
	vt_wait_text(t, "Stop the server?");
	vt_wait_text(t, "c  cancel, go on");
	vt_type(t, VT_ESC);
	vt_wait_gone(t, "Stop the server?");
	vt_type(t, "r");
	vt_wait_row(t, "^ > ~/www$");
	vt_resize(t, 39, 9);
	vt_wait_row(t, "^LIVE ");
	vt_resize(t, 40, 10);
	vt_wait_row(t, "^ > ~/www$");
}

static void
it_starts_on_the_smallest_screen(void **state)
{
	struct vt_options o = { .w = 1, .h = 1 };
	struct stage *s = *state;
	struct vt *t = stage_start(s, &o);

	vt_wait_row(t, "^(L|…)$");
	vt_resize(t, 80, 24);
	stage_read_address(s);
	stage_get(s, "/", 200);
	vt_wait_text(t, "200×1");
}

/* How many cells show in another colour than the terminal's own. */
static unsigned
coloured(struct vt *t)
{
	unsigned n = 0;
	int w, h;

	vt_size(t, &w, &h);
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++) {
			VTermScreenCell c = vt_cell(t, y, x);
			n += !VTERM_COLOR_IS_DEFAULT_FG(&c.fg) ||
			    !VTERM_COLOR_IS_DEFAULT_BG(&c.bg);
		}
	return n;
}

static void
show_everything(struct stage *s)
{
	stage_get(s, "/hello.txt", 200);
	vt_wait_row(s->vt, "GET +200 .*file$");
	stage_get(s, "/none", 404);
	vt_wait_row(s->vt, "GET +404 .*no such file$");
	vt_type(s->vt, "k");
	vt_wait_row(s->vt, "^>.* GET +404 .*no such file$");
	vt_wait_row(s->vt, "q Quit$");
}

static void
there_is_colour_unless_NO_COLOR_forbids_it(void **state)
{
	static const char *const env[] = { "NO_COLOR=1", NULL };
	struct vt_options o = { .w = 100, .h = 30 };
	struct stage *s = *state;

	(void)stage_open(s, &o);
	show_everything(s);
	vt_check(s->vt, coloured(s->vt) > 200);
	o.env = env;
	(void)stage_open(s, &o);
	show_everything(s);
	vt_check(s->vt, coloured(s->vt) == 0);
	vt_check(s->vt, vt_cell(s->vt, 0, 2).attrs.reverse);
}

/* Whatever was written and whatever stands on the screen. */
static bool
only_ascii(struct vt *t)
{
	const char *out;
	size_t n;

	out = vt_output(t, &n);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)out[i] >= 0x80)
			return false;
	return true;
}

static void
works_in_ascii(struct stage *s, const struct vt_options *o)
{
	struct vt *t = stage_open(s, o);

	assert_int_equal(client_ask(stage_client(s, 0), "/hello.txt",
			     "X-A: caf\303\251 \316\251\r\n"),
	    200);
	vt_wait_row(t, "^[-=]+ 3 Requests [-=]+ 1  FOLLOWING [-=]+$");
	vt_wait_row(t, " IDLE ");
	vt_wait_text(t, "200x1");
	vt_type(t, VT_ENTER);
	vt_wait_row(t, "^ GET /hello\\.txt HTTP/1\\.1\\\\r\\\\n$");
	vt_wait_text(t, "Why 200");
	vt_type(t, "G");
	vt_wait_text(t, "HTTP/1.1, worker");
	vt_type(t, VT_ESC "q");
	vt_wait_text(t, "Stop the server?");
	vt_check(t, only_ascii(t));
}

static void
the_C_locale_shows_only_ascii(void **state)
{
	struct vt_options o = { .w = 80, .h = 24, .locale = "C" };

	works_in_ascii(*state, &o);
}

static void
it_works_on_a_vt100(void **state)
{
	struct vt_options o = { .w = 80, .h = 24, .term = "vt100" };
	struct stage *s = *state;

	works_in_ascii(s, &o);
	vt_check(s->vt, coloured(s->vt) == 0);
}

static void
it_works_on_the_linux_console(void **state)
{
	struct vt_options o = { .w = 80, .h = 25, .term = "linux" };
	struct stage *s = *state;

	works_in_ascii(s, &o);
	vt_check(s->vt, coloured(s->vt) > 100);
}

static void
a_dumb_terminal_gets_no_console_and_is_served(void **state)
{
	struct vt_options o = { .w = 80, .h = 24, .term = "dumb" };
	static const char regex[] = "at http://127\\.0\\.0\\.1:([0-9]+)/ ";
	struct stage *s = *state;
	struct vt *t = stage_start(s, &o);
	int status;

	vt_wait_row(t, regex);
	s->port = (unsigned)vt_number(t, regex);
	vt_wait_row(t, "no console: TERM is dumb");
	stage_get(s, "/hello.txt", 200);
	vt_wait_row(t, "\"GET /hello\\.txt HTTP/1\\.1\" 200 12 ");
	vt_check(t, !vt_altscreen(t) && vt_cursor_shown(t));
	vt_check(t, vt_modes(t).c_lflag & ECHO);
	vt_type(t, VT_CTRL_C);
	status = vt_end(t);
	vt_check(t, WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
Ctrl_L_repaints_a_spoilt_screen(void **state)
{
	struct stage *s = *state;
	struct vt *t = stage_open_plain(s);

	stage_get(s, "/hello.txt", 200);
	vt_wait_text(t, "200×1");
	vt_spoil(t, "\033[2J\033[10;10Hwall: going down");
	vt_wait_text(t, "going down");
	vt_check(t, !vt_shows(t, "FOLLOWING"));
	vt_type(t, VT_CTRL_L);
	vt_wait_gone(t, "going down");
	vt_wait_text(t, "FOLLOWING");
	vt_wait_row(t, " GET +200 ");
	vt_wait_row(t, "^ p Pause .* q Quit$");
}

static void
the_help_explains_every_command(void **state)
{
	struct vt_options o = { .w = 120, .h = 80 };
	struct vt *t = stage_open(*state, &o);
	char line[160];

	vt_type(t, "?");
	vt_wait_row(t, "━━ Help ━");
	for (size_t i = 0; i < commands_n; i++) {
		const struct command *c = &commands[i];
		(void)snprintf(line, sizeof line, " %s", c->keys);
		vt_wait(t, vt_test_shows, line);
		vt_wait(t, vt_test_shows, c->help);
		(void)snprintf(line, sizeof line, ":%s", c->name);
		vt_wait(t, vt_test_shows, line);
	}
	vt_type(t, "/kept alive, waiting" VT_ENTER);
	vt_wait_text(t, "kept alive, waiting for the next request");
	vt_type(t, "?");
	vt_wait_text(t, "nobody is connected");
}

static void
the_help_scrolls(void **state)
{
	struct vt *t = stage_open_plain(*state);

	vt_type(t, "?");
	vt_wait_text(t, "Move and look");
	vt_type(t, "G");
	vt_wait_text(t, "Answers so far");
	vt_wait_gone(t, "Move and look");
	vt_type(t, "g");
	vt_wait_text(t, "Move and look");
	vt_type(t, "?");
	vt_wait_text(t, "nobody is connected");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		SCENARIO(a_storm_of_sizes_loses_no_request),
		SCENARIO(each_size_shows_what_it_can),
		SCENARIO(a_dialog_and_a_prompt_fit_small_screens),
		SCENARIO(it_starts_on_the_smallest_screen),
		SCENARIO(there_is_colour_unless_NO_COLOR_forbids_it),
		SCENARIO(the_C_locale_shows_only_ascii),
		SCENARIO(it_works_on_a_vt100),
		SCENARIO(it_works_on_the_linux_console),
		SCENARIO(a_dumb_terminal_gets_no_console_and_is_served),
		SCENARIO(Ctrl_L_repaints_a_spoilt_screen),
		SCENARIO(the_help_explains_every_command),
		SCENARIO(the_help_scrolls),
	};

	return cmocka_run_group_tests_name(
	    "console: terminals", tests, NULL, NULL);
}
