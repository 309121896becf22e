#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ui/glyph.h"
#include "ui/grid.h"
#include "ui/widget.h"

static char text[4096];

static const char *
text_of(const struct grid *g)
{
	struct buf b = buf_over(text, sizeof text);

	grid_text(g, &b);
	return buf_cstr(&b);
}

static void
a_text_is_put_as_wide_as_it_is(void **state)
{
	static const struct {
		const char *in;
		int room;
		bool ascii;
		const char *out;
		int used;
	} table[] = {
		{ "plain", 10, false, "plain\n", 5 },
		{ "cut here", 5, false, "cut …\n", 5 },
		{ "cut here", 5, true, "cut ~\n", 5 },
		{ "日本語", 10, false, "日本語\n", 6 },
		{ "日本語", 5, false, "日本…\n", 5 },
		{ "日本語", 4, false, "日…\n", 3 },
		{ "日本", 10, true, "? ?\n", 4 },
		{ "cafe\xCC\x81!", 10, false, "cafe\xCC\x81!\n", 5 },
		{ "─│█→", 10, true, "-|#>\n", 4 },
		{ "a\tb\033[31m", 10, false, "a?b?[31m\n", 8 },
		{ "bad\xC3", 10, false, "bad?\n", 4 },
		{ "x", 0, false, "\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct grid g;
		assert_true(grid_init(&g, 12, 1, table[i].ascii));
		assert_int_equal(
		    grid_put(&g, 0, 0, table[i].room, STYLE_PLAIN, table[i].in),
		    table[i].used);
		assert_string_equal(text_of(&g), table[i].out);
		grid_free(&g);
	}
}

static void
half_a_wide_character_never_stays(void **state)
{
	struct grid g;

	(void)state;
	assert_true(grid_init(&g, 6, 1, false));
	(void)grid_put(&g, 0, 0, 6, STYLE_PLAIN, "日本");
	(void)grid_put(&g, 0, 1, 1, STYLE_PLAIN, "x");
	assert_string_equal(text_of(&g), " x本\n");
	(void)grid_put(&g, 0, 2, 1, STYLE_PLAIN, "y");
	assert_string_equal(text_of(&g), " xy\n");
	(void)grid_put(&g, 0, 5, 2, STYLE_PLAIN, "本");
	assert_string_equal(text_of(&g), " xy\n");
	grid_free(&g);
}

static void
drawing_outside_is_nothing(void **state)
{
	struct grid g;

	(void)state;
	assert_true(grid_init(&g, 4, 2, false));
	(void)grid_put(&g, -1, 0, 9, STYLE_PLAIN, "above");
	(void)grid_put(&g, 2, 0, 9, STYLE_PLAIN, "below");
	(void)grid_put(&g, 1, 2, 9, STYLE_PLAIN, "right");
	grid_fill(&g, 0, -2, 4, STYLE_PLAIN, '#');
	grid_choose(&g, 5, 5, 5);
	assert_string_equal(text_of(&g), "##\n  ri\n");
	grid_free(&g);
}

static void
columns_leave_by_priority_and_share_what_is_over(void **state)
{
	static const struct column c[] = {
		{ "ID", 5, 0, 0, 0, true, NULL, false },
		{ "SIZE", 6, 0, 0, 1, true, NULL, false },
		{ "NAME", 10, 1, 14, 0, false, NULL, false },
		{ "WHY", 8, 1, 0, 2, false, NULL, false },
	};
	static const struct {
		int w;
		int want[4];
	} table[] = {
		{ 32, { 5, 6, 10, 8 } },
		{ 36, { 5, 6, 12, 10 } },
		{ 60, { 5, 6, 14, 32 } },
		{ 31, { 5, -1, 13, 11 } },
		{ 20, { 5, -1, 14, -1 } },
		{ 10, { 5, -1, 10, -1 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		int width[4];
		columns_fit(c, 4, table[i].w, 0, width);
		for (int k = 0; k < 4; k++)
			assert_int_equal(width[k], table[i].want[k]);
	}
}

static void
durations_are_short_and_ordered(void **state)
{
	static const struct {
		int64_t ns;
		const char *want;
	} table[] = {
		{ 0, "0us" },
		{ 312400, "312us" },
		{ 999999, "999us" },
		{ 4100000, "4.1ms" },
		{ 412000000, "412ms" },
		{ 5910000000, "5.91s" },
		{ 59900000000, "59.9s" },
		{ 123000000000, "2m03" },
		{ 3720000000000, "62m00" },
		{ 7380000000000, "2h03" },
		{ 400000000000000, "4d15" },
		{ -1, "-" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char out[FIGURE];
		figure_duration(out, table[i].ns);
		assert_string_equal(out, table[i].want);
	}
}

static void
counts_have_thousands_set_apart(void **state)
{
	char out[32], many[FIGURE_MANY];

	(void)state;
	figure_count(out, 0);
	assert_string_equal(out, "0");
	figure_count(out, 999);
	assert_string_equal(out, "999");
	figure_count(out, 1035);
	assert_string_equal(out, "1,035");
	figure_many(many, 0, "byte");
	assert_string_equal(many, "0 bytes");
	figure_many(many, 1, "byte");
	assert_string_equal(many, "1 byte");
	figure_many(many, 1035, "line");
	assert_string_equal(many, "1,035 lines");
	figure_count(out, UINT64_MAX);
	assert_string_equal(out, "18,446,744,073,709,551,615");
}

static void
a_series_keeps_whole_seconds(void **state)
{
	struct series s = { 0 };
	int64_t second = 1000000000;

	(void)state;
	series_add(&s, 5 * second, 100); /* where it began counts for nothing */
	series_add(&s, 5 * second + 1, 103);
	assert_int_equal(series_get(&s, 0), 0);
	series_add(&s, 6 * second, 103);
	assert_int_equal(series_get(&s, 0), 3);
	series_add(&s, 9 * second, 110);
	assert_int_equal(series_get(&s, 0), 0);
	assert_int_equal(series_get(&s, 3), 3);
	series_add(&s, 10 * second, 110);
	assert_int_equal(series_get(&s, 0), 7);
	assert_int_equal(s.peak, 7);
	series_add(&s, 1000 * second, 110);
	assert_int_equal(series_get(&s, 0), 0);
	assert_int_equal(s.peak, 7);
}

static void
text_is_broken_at_blanks(void **state)
{
	(void)state;
	assert_int_equal(text_lines("one two three", 20), 1);
	assert_int_equal(text_lines("one two three", 8), 2);
	assert_int_equal(text_lines("unbreakable", 4), 3);
	assert_int_equal(text_lines("", 4), 1);
	assert_int_equal(text_break("one two three", 8), 8);
}

static void
a_line_has_moved_when_its_text_was_elsewhere(void **state)
{
	static const struct {
		const char *was, *now, *moved;
	} table[] = {
		{ "abcd", "abcd", "...." },
		{ "abcd", "abxd", "...." },
		{ "abcd", "bcdx", "yyyy" },
		{ "abcd", "xabc", "yyyy" },
		{ "abcd", "axcb", ".y.y" },
		{ "aacd", "axca", ".y.y" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct grid was, now;
		assert_true(grid_init(&was, 3, 4, false));
		assert_true(grid_init(&now, 3, 4, false));
		for (int y = 0; y < 4; y++) {
			grid_fill(&was, y, 0, 3, STYLE_PLAIN,
			    (unsigned char)table[i].was[y]);
			grid_fill(&now, y, 0, 3, STYLE_DIM,
			    (unsigned char)table[i].now[y]);
		}
		for (int y = 0; y < 4; y++)
			assert_int_equal(grid_line_moved(&now, &was, y),
			    table[i].moved[y] == 'y');
		grid_free(&was);
		grid_free(&now);
	}
}

static void
what_nobody_saw_come_is_shared_out_over_its_seconds(void **state)
{
	struct series s = { 0 };
	const int64_t second = 1000000000;

	(void)state;
	series_add(&s, 5 * second, 0);
	series_add(&s, 6 * second, 10);
	series_spread(&s, 9 * second, 10 + 4002);
	assert_int_equal(series_get(&s, 0), 1000);
	assert_int_equal(series_get(&s, 1), 1000);
	assert_int_equal(series_get(&s, 2), 1010);
	assert_int_equal(series_get(&s, 3), 0);
	assert_int_equal(s.peak, 1010);
	series_add(&s, 10 * second, 10 + 4002); /* and the rest */
	assert_int_equal(series_get(&s, 0), 1002);
	/* within a second, and as the first, it is as any other */
	series_spread(&s, 10 * second + 1, 4020);
	series_add(&s, 11 * second, 4020);
	assert_int_equal(series_get(&s, 0), 8);
	memset(&s, 0, sizeof s);
	series_spread(&s, 70 * second, 5000);
	series_add(&s, 71 * second, 5000);
	assert_int_equal(series_get(&s, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_put_as_wide_as_it_is),
		cmocka_unit_test(half_a_wide_character_never_stays),
		cmocka_unit_test(drawing_outside_is_nothing),
		cmocka_unit_test(
		    columns_leave_by_priority_and_share_what_is_over),
		cmocka_unit_test(durations_are_short_and_ordered),
		cmocka_unit_test(counts_have_thousands_set_apart),
		cmocka_unit_test(a_series_keeps_whole_seconds),
		cmocka_unit_test(
		    what_nobody_saw_come_is_shared_out_over_its_seconds),
		cmocka_unit_test(text_is_broken_at_blanks),
		cmocka_unit_test(a_line_has_moved_when_its_text_was_elsewhere),
	};

	return cmocka_run_group_tests_name("ui_grid", tests, NULL, NULL);
}
