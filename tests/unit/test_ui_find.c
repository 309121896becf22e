/* Finding in pages. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/console/scene.h"
#include "ui/find.h"
#include "ui/term.h"
#include "ui/theme.h"

/* The page is a megabyte of cells: it shows in what the process has mapped. */
static void
a_page_of_a_request_that_is_gone_costs_no_memory(void **state)
{
	struct scene s;
	size_t before;

	(void)state;
	scene_make_empty(&s);
	s.ui.m->look.screen = SCREEN_DETAIL;
	(void)strcpy(s.ui.m->look.find, "x");
	before = mallinfo2().hblkhd + mallinfo2().uordblks;
	for (int i = 0; i < 20; i++)
		assert_false(find_step(&s.ui, 1, true));
	assert_in_range(
	    mallinfo2().hblkhd + mallinfo2().uordblks, 0, before + (1u << 20));
	scene_free(&s);
}

/* Draw; the number of the request in the line chosen, 0: none, and how many
 * cells are shown as found. */
static uint64_t
chosen(struct scene *s, int h, int *found)
{
	char text[100 * 256];
	struct buf b = buf_over(text, sizeof text);
	const char *line;
	struct grid g;

	assert_true(grid_init(&g, 80, h, false));
	ui_draw(&s->ui, &g);
	*found = 0;
	for (int i = 0; i < 80 * h; i++)
		*found += grid_at(&g, i / 80, i % 80)->style == STYLE_FOUND;
	grid_text(&g, &b);
	(void)buf_cstr(&b);
	grid_free(&g);
	line = strstr(text, "\n>");
	return line ? strtoull(line + 2, NULL, 10) : 0;
}

/* In the page of connection 38, of 98 requests for GET /style.css or /docs. */
static void
open_connection(struct scene *s, int h)
{
	int found;

	scene_make(s);
	ui_key(&s->ui, TERM_KEY_TAB);
	ui_key(&s->ui, 'j');
	ui_key(&s->ui, TERM_KEY_ENTER);
	assert_int_equal(chosen(s, h, &found), 0);
	assert_int_equal(s->ui.m->look.screen, SCREEN_CONN);
	assert_int_equal(s->ui.m->conn.n, 98);
}

static const struct conn_request *
request(const struct scene *s, uint64_t seq)
{
	const struct conn_detail *d = &s->ui.m->conn;

	for (unsigned i = 0; i < d->n; i++)
		if (d->request[i].seq == seq)
			return &d->request[i];
	fail_msg("request %llu is not shown", (unsigned long long)seq);
	return NULL;
}

static void
find_goes_through_the_requests_of_a_connection(void **state)
{
	uint64_t first, last = 0, seq;
	int found, met = 0, times = 0;
	struct scene s;

	(void)state;
	open_connection(&s, 24);
	for (unsigned i = 0; i < s.ui.m->conn.n; i++)
		met +=
		    strcmp(s.ui.m->conn.request[i].target, "/style.css") == 0;
	assert_in_range(met, 2, 97);
	scene_type(&s, "/style\r");
	first = seq = chosen(&s, 24, &found);
	do {
		assert_string_equal(request(&s, seq)->target, "/style.css");
		assert_true(seq > last);
		assert_true(found > 0);
		last = seq;
		times++;
		scene_type(&s, "n");
		seq = chosen(&s, 24, &found);
	} while (seq != first);
	assert_int_equal(times, met);
	scene_type(&s, "N");
	assert_int_equal(chosen(&s, 24, &found), last);
	ui_key(&s.ui, TERM_KEY_ESCAPE); /* takes the highlight away */
	assert_int_equal(chosen(&s, 24, &found), last);
	assert_int_equal(found, 0);
	scene_free(&s);
}

static void
what_stands_above_them_is_found_where_it_is_in_sight(void **state)
{
	struct scene s;
	int found;

	(void)state;
	open_connection(&s, 24);
	scene_type(&s, "j/LINGER\r");
	assert_int_equal(chosen(&s, 24, &found), 0);
	assert_int_equal(found, 6);
	assert_int_equal(s.ui.m->toasts, 0);
	scene_free(&s);
	/* that line is the first to go from a smaller screen */
	open_connection(&s, 14);
	scene_type(&s, "/LINGER");
	assert_string_equal(s.ui.m->prompt.error, "not found");
	scene_free(&s);
}

/* Keys may come faster than pictures. */
static void
a_page_that_was_not_drawn_yet_is_found_in(void **state)
{
	struct scene s;
	int found;

	(void)state;
	open_connection(&s, 24);
	scene_type(&s, "?/pause: new\r");
	(void)chosen(&s, 24, &found);
	assert_int_equal(found, 10);
	scene_free(&s);
}

static void
find_goes_round_the_end_of_a_page(void **state)
{
	struct scene s;
	int found, first, last = -1;

	(void)state;
	scene_make(&s);
	scene_type(&s, "?");
	(void)chosen(&s, 12, &found);
	scene_type(&s, "/the\r");
	(void)chosen(&s, 12, &found);
	first = s.ui.m->look.scroll;
	do {
		assert_true(s.ui.m->look.scroll > last);
		assert_true(found > 0);
		last = s.ui.m->look.scroll;
		scene_type(&s, "n");
		(void)chosen(&s, 12, &found);
	} while (s.ui.m->look.scroll != first);
	assert_true(last > first);
	scene_type(&s, "N");
	(void)chosen(&s, 12, &found);
	assert_int_equal(s.ui.m->look.scroll, last);
	scene_free(&s);
}

/* Longer than pages are as a rule: the first of 220 requests is found. */
static void
a_long_page_is_found_in(void **state)
{
	struct fake_exchange x = { .conn = 38,
		.request = "GET /needle HTTP/1.1\r\n\r\n",
		.response = "HTTP/1.1 200 OK\r\n\r\n",
		.status = 200,
		.why = REASON_FILE_FOUND };
	const char *target;
	struct scene s;
	int found;

	(void)state;
	open_connection(&s, 24);
	for (x.number = 1; x.number <= 220; x.number++) {
		x.wall = s.now.wall;
		fake_exchange(s.ui.control, &x);
		x.request = "GET /hay HTTP/1.1\r\n\r\n";
	}
	scene_pass(&s, NS_PER_S);
	(void)chosen(&s, 24, &found);
	assert_in_range(s.ui.m->conn.n, 220, CONN_REQUESTS);
	scene_type(&s, "/needle\r");
	target = request(&s, chosen(&s, 24, &found))->target;
	assert_string_equal(target, "/needle");
	assert_int_equal(found, strlen("needle"));
	scene_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_page_of_a_request_that_is_gone_costs_no_memory),
		cmocka_unit_test(
		    find_goes_through_the_requests_of_a_connection),
		cmocka_unit_test(
		    what_stands_above_them_is_found_where_it_is_in_sight),
		cmocka_unit_test(a_page_that_was_not_drawn_yet_is_found_in),
		cmocka_unit_test(find_goes_round_the_end_of_a_page),
		cmocka_unit_test(a_long_page_is_found_in),
	};

	return cmocka_run_group_tests_name("ui_find", tests, NULL, NULL);
}
