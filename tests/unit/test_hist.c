#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/hist.h"

#include <string.h>

static struct hist h; /* too big for a stack that a test may have */

static int
clear(void **state)
{
	(void)state;
	memset(&h, 0, sizeof(h));
	return 0;
}

static void
nothing_counted_has_no_quantile(void **state)
{
	(void)state;
	assert_true(hist_count(&h) == 0);
	assert_true(hist_quantile(&h, 500) == 0);
	assert_true(hist_quantile(&h, 1000) == 0);
}

static void
a_single_value_is_every_quantile_to_a_sixteenth(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 40; bit++) {
		for (uint64_t add = 0; add < 3; add++) {
			uint64_t v = ((uint64_t)1 << bit) * (16 + 5 * add) / 16;

			clear(state);
			hist_add(&h, 0);
			hist_add(&h, v);
			hist_add(&h, UINT64_C(1) << 40);

			uint64_t q = hist_quantile(&h, 500);

			assert_true(q >= v);
			assert_true(q - v <= v / 16);
		}
	}
}

static void
no_quantile_is_above_the_greatest_value(void **state)
{
	(void)state;
	hist_add(&h, 1000);
	assert_true(hist_quantile(&h, 1) == 1000);
	assert_true(hist_quantile(&h, 1000) == 1000);
	hist_add(&h, UINT64_MAX);
	assert_true(hist_quantile(&h, 1000) == UINT64_MAX);
}

static void
quantiles_follow_the_share_of_values(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 990; i++)
		hist_add(&h, 10);
	for (unsigned i = 0; i < 10; i++)
		hist_add(&h, 1000000);
	assert_true(hist_quantile(&h, 500) == 10);
	assert_true(hist_quantile(&h, 990) == 10);
	assert_true(hist_quantile(&h, 991) == 1000000);
	assert_true(hist_quantile(&h, 1000) == 1000000);
	assert_true(hist_count(&h) == 1000);
}

static void
a_value_too_great_for_the_buckets_is_counted(void **state)
{
	(void)state;
	hist_add(&h, UINT64_C(1) << 50);
	hist_add(&h, 5);
	assert_true(hist_count(&h) == 2);
	assert_true(hist_quantile(&h, 1000) == UINT64_C(1) << 50);
	assert_true(hist_quantile(&h, 500) == 5);
}

static void
a_sum_has_the_values_of_both(void **state)
{
	static struct hist other;

	(void)state;
	memset(&other, 0, sizeof(other));
	hist_add(&h, 3);
	hist_add(&other, 7);
	hist_add(&other, 7);
	hist_sum(&h, &other);
	assert_true(hist_count(&h) == 3);
	assert_true(hist_quantile(&h, 333) == 3);
	assert_true(hist_quantile(&h, 334) == 7);
	assert_true(hist_quantile(&h, 1000) == 7);
	assert_true(hist_count(&other) == 2);
}

static void
what_lies_between_is_counted_by_whole_buckets(void **state)
{
	(void)state;
	hist_add(&h, 3);
	hist_add(&h, 1024);
	hist_add(&h, 2047);
	hist_add(&h, 2048);
	assert_true(hist_between(&h, 0, 1024) == 1);
	assert_true(hist_between(&h, 1024, 2048) == 2);
	assert_true(hist_between(&h, 0, 1u << 30) == 4);
	assert_true(hist_between(&h, 4, 4) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nothing_counted_has_no_quantile, clear),
		cmocka_unit_test_setup(
		    a_single_value_is_every_quantile_to_a_sixteenth, clear),
		cmocka_unit_test_setup(
		    no_quantile_is_above_the_greatest_value, clear),
		cmocka_unit_test_setup(
		    quantiles_follow_the_share_of_values, clear),
		cmocka_unit_test_setup(
		    a_value_too_great_for_the_buckets_is_counted, clear),
		cmocka_unit_test_setup(
		    what_lies_between_is_counted_by_whole_buckets, clear),
		cmocka_unit_test_setup(a_sum_has_the_values_of_both, clear),
	};

	return cmocka_run_group_tests_name("hist", tests, NULL, NULL);
}
