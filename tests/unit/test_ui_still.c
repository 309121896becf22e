/* How long a picture stays as it is, against pictures. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/console/scene.h"
#include "ui/still.h"
#include "ui/term.h"

#define W 120
#define H 40

static struct scene s;

static char *
draw(char text[W * H * 4])
{
	struct buf b = buf_over(text, (size_t)W * H * 4);
	struct grid g;

	assert_true(grid_init(&g, W, H, false));
	ui_draw(&s.ui, &g);
	grid_text(&g, &b);
	(void)buf_cstr(&b);
	grid_free(&g);
	return text;
}

/* It is the same until then, and another then. */
static int64_t
check_step(void)
{
	static char was[W * H * 4], now[W * H * 4];
	int64_t left = still_until(s.ui.m) - s.now.mono;

	(void)draw(was);
	assert_true(left > 0);
	for (int i = 0; i < 4; i++) {
		scene_pass(&s, i < 3 ? left / 4 : left - left / 4 * 3 - 1);
		assert_string_equal(draw(now), was);
	}
	scene_pass(&s, 1);
	assert_string_not_equal(draw(now), was);
	return left;
}

static void
alone_the_clocks_step_each_minute(void **state)
{
	int64_t sum = 0;

	(void)state;
	scene_make_empty(&s); /* it is up for 721 s */
	for (int i = 0; i < 20; i++)
		sum += check_step();
	/* two clocks, each once a minute */
	assert_in_range(sum, 590 * NS_PER_S, 610 * NS_PER_S);
	scene_free(&s);
}

static void
what_moves_is_looked_at_each_second(void **state)
{
	struct conn_row row = { .conn = 1, .state = CONN_IDLE };

	(void)state;
	scene_make_empty(&s);
	s.ui.m->status.started = s.now.mono - 5 * NS_PER_S / 2;
	assert_int_equal(still_until(s.ui.m) - s.now.mono, NS_PER_S / 2);
	scene_free(&s);
	scene_make_empty(&s);
	fake_row(s.ui.control, &row);
	counter_add(&((struct control *)s.ui.control)
			 ->watch.worker[0]
			 .counters.v[COUNTER_WAKEUPS],
	    1);
	scene_pass(&s, 0);
	assert_in_range(still_until(s.ui.m) - s.now.mono, 1, NS_PER_S);
	scene_free(&s);
	scene_make(&s); /* traffic is in sight */
	assert_in_range(still_until(s.ui.m) - s.now.mono, 1, NS_PER_S);
	scene_free(&s);
}

static void
a_message_goes_in_its_time(void **state)
{
	char text[W * H * 4];

	(void)state;
	scene_make_empty(&s);
	model_say(s.ui.m, NOTICE_INFO, "something was done");
	assert_non_null(strstr(draw(text), "something was done"));
	assert_int_equal(
	    still_until(s.ui.m) - s.now.mono, MODEL_TOAST_S * NS_PER_S);
	scene_pass(&s, still_until(s.ui.m) - s.now.mono);
	assert_null(strstr(draw(text), "something was done"));
	assert_true(still_until(s.ui.m) > s.now.mono + NS_PER_S);
	scene_free(&s);
}

static void
a_drain_counts_the_seconds(void **state)
{
	(void)state;
	scene_make_empty(&s);
	((struct control *)s.ui.control)->status.state = LIFE_DRAINING;
	scene_pass(&s, 0);
	assert_in_range(still_until(s.ui.m) - s.now.mono, 1, NS_PER_S);
	scene_free(&s);
}

static void
pictures_take_half_a_percent_of_a_processor_if_they_can(void **state)
{
	const int64_t ms = NS_PER_MS;

	(void)state;
	assert_int_equal(still_pace(100 * ms, 0), 100 * ms);
	assert_int_equal(still_pace(100 * ms, ms / 2), 100 * ms);
	assert_int_equal(still_pace(100 * ms, ms), 200 * ms);
	assert_int_equal(still_pace(100 * ms, 3 * ms / 2), 300 * ms);
	/* however slow it is, something goes on */
	assert_int_equal(still_pace(100 * ms, 50 * ms), 400 * ms);
	assert_int_equal(still_pace(500 * ms, 50 * ms), 1000 * ms);
	assert_int_equal(still_pace(5000 * ms, ms), 5000 * ms);
}

/* Whatever a picture costs, and up to how often it is drawn. */
static void
a_steady_load_is_drawn_as_one(void **state)
{
	const int64_t ms = NS_PER_MS;

	(void)state;
	for (int64_t refresh = 50 * ms; refresh <= 500 * ms; refresh += 50 * ms)
		for (int64_t cost = 0; cost < 12 * ms; cost += ms / 4) {
			int64_t pace = still_pace(refresh, cost);
			int64_t t = 1234567 * ms;
			struct series traffic = { .started = 0 };

			while (t < 1260 * NS_PER_S) {
				series_add(&traffic, t,
				    (uint64_t)(t / ms)); /* 1000/s */
				t = still_next(t, refresh, pace);
			}
			for (int ago = 0; ago < 20; ago++)
				assert_in_range(series_get(&traffic, ago),
				    1000 - (uint64_t)(refresh / ms),
				    1000 + (uint64_t)(refresh / ms));
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alone_the_clocks_step_each_minute),
		cmocka_unit_test(what_moves_is_looked_at_each_second),
		cmocka_unit_test(a_message_goes_in_its_time),
		cmocka_unit_test(a_drain_counts_the_seconds),
		cmocka_unit_test(
		    pictures_take_half_a_percent_of_a_processor_if_they_can),
		cmocka_unit_test(a_steady_load_is_drawn_as_one),
	};

	return cmocka_run_group_tests_name("ui_still", tests, NULL, NULL);
}
