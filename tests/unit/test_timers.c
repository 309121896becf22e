#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/timers.h"

static void
an_empty_class_is_never_due(void **state)
{
	struct timers t;

	(void)state;
	timers_init(&t);
	for (int k = 0; k < DEADLINE_N; k++) {
		enum deadline_class c = (enum deadline_class)k;

		assert_null(timers_due(&t, c, INT64_MAX));
		assert_true(timers_next(&t, c) == INT64_MAX);
		timers_shift(&t, c, 1000);
		assert_true(timers_next(&t, c) == INT64_MAX);
	}
}

static void
a_timer_is_due_at_its_deadline_and_not_before(void **state)
{
	struct timer m = { 0 };
	struct timers t;

	(void)state;
	timers_init(&t);
	timer_arm(&t, &m, DEADLINE_BODY, 100);
	assert_null(timers_due(&t, DEADLINE_BODY, 99));
	assert_ptr_equal(timers_due(&t, DEADLINE_BODY, 100), &m);
	assert_ptr_equal(timers_due(&t, DEADLINE_BODY, 101), &m);
	assert_null(timers_due(&t, DEADLINE_HEADER, 1000));
	assert_true(timers_next(&t, DEADLINE_BODY) == 100);
	timer_disarm(&m);
	assert_null(timers_due(&t, DEADLINE_BODY, 1000));
}

static void
timers_of_a_class_come_in_the_order_they_were_armed(void **state)
{
	struct timer m[5] = { 0 };
	struct timers t;

	(void)state;
	timers_init(&t);
	for (int i = 0; i < 5; i++)
		timer_arm(&t, &m[i], DEADLINE_WRITE, 10 + i);
	timer_disarm(&m[2]); /* the middle, the first, the last */
	timer_disarm(&m[0]);
	timer_disarm(&m[4]);
	assert_ptr_equal(timers_due(&t, DEADLINE_WRITE, 100), &m[1]);
	timer_disarm(&m[1]);
	assert_ptr_equal(timers_due(&t, DEADLINE_WRITE, 100), &m[3]);
	timer_disarm(&m[3]);
	assert_null(timers_due(&t, DEADLINE_WRITE, 100));
}

static void
arming_again_moves_a_timer_to_the_end_and_to_another_class(void **state)
{
	struct timer a = { 0 }, b = { 0 };
	struct timers t;

	(void)state;
	timers_init(&t);
	timer_arm(&t, &a, DEADLINE_WRITE, 10);
	timer_arm(&t, &b, DEADLINE_WRITE, 11);
	timer_arm(&t, &a, DEADLINE_WRITE, 12);
	assert_true(timers_next(&t, DEADLINE_WRITE) == 11);
	assert_ptr_equal(timers_due(&t, DEADLINE_WRITE, 100), &b);
	timer_arm(&t, &b, DEADLINE_LINGER, 5);
	assert_ptr_equal(timers_due(&t, DEADLINE_WRITE, 100), &a);
	assert_ptr_equal(timers_due(&t, DEADLINE_LINGER, 100), &b);
}

static void
disarming_twice_or_never_armed_does_nothing(void **state)
{
	struct timer a = { 0 }, b = { 0 };
	struct timers t;

	(void)state;
	timers_init(&t);
	timer_disarm(&a);
	timer_arm(&t, &b, DEADLINE_BODY, 7);
	timer_arm(&t, &a, DEADLINE_BODY, 8);
	timer_disarm(&a);
	timer_disarm(&a);
	assert_int_equal(a.deadline, 0);
	assert_ptr_equal(timers_due(&t, DEADLINE_BODY, 9), &b);
	timer_disarm(&b);
	assert_true(timers_next(&t, DEADLINE_BODY) == INT64_MAX);
}

static void
shifting_moves_one_class_only(void **state)
{
	struct timer m[3] = { 0 };
	struct timers t;

	(void)state;
	timers_init(&t);
	timer_arm(&t, &m[0], DEADLINE_KEEPALIVE, 10);
	timer_arm(&t, &m[1], DEADLINE_KEEPALIVE, 20);
	timer_arm(&t, &m[2], DEADLINE_HEADER, 10);
	timers_shift(&t, DEADLINE_KEEPALIVE, 5);
	assert_null(timers_due(&t, DEADLINE_KEEPALIVE, 14));
	assert_ptr_equal(timers_due(&t, DEADLINE_KEEPALIVE, 15), &m[0]);
	assert_int_equal(m[1].deadline, 25);
	assert_int_equal(m[2].deadline, 10);
	timers_shift(&t, DEADLINE_KEEPALIVE, -10);
	assert_true(timers_next(&t, DEADLINE_KEEPALIVE) == 5);
}

static void
looking_for_a_place_has_a_bound(void **state)
{
	static struct timer m[2 * TIMER_LOOKS];
	struct timer early = { 0 }, late = { 0 };
	struct timers t;
	const int n = 2 * TIMER_LOOKS;

	(void)state;
	timers_init(&t);
	for (int i = 0; i < n; i++)
		timer_arm(&t, &m[i], DEADLINE_WRITE, 1000 + i);
	/* TIMER_LOOKS are passed, and no more */
	timer_arm(&t, &late, DEADLINE_WRITE, 1000 + n - TIMER_LOOKS - 1);
	assert_int_equal(late.deadline, 1000 + n - TIMER_LOOKS - 1);
	timer_disarm(&late);
	timer_arm(&t, &early, DEADLINE_WRITE, 1);
	assert_int_equal(early.deadline, 1000 + n - TIMER_LOOKS - 1);
	assert_true(timers_next(&t, DEADLINE_WRITE) == 1000);
	assert_ptr_equal(early.prev, &m[n - TIMER_LOOKS - 1]);
	assert_ptr_equal(early.next, &m[n - TIMER_LOOKS]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_class_is_never_due),
		cmocka_unit_test(a_timer_is_due_at_its_deadline_and_not_before),
		cmocka_unit_test(
		    timers_of_a_class_come_in_the_order_they_were_armed),
		cmocka_unit_test(
		    arming_again_moves_a_timer_to_the_end_and_to_another_class),
		cmocka_unit_test(disarming_twice_or_never_armed_does_nothing),
		cmocka_unit_test(looking_for_a_place_has_a_bound),
		cmocka_unit_test(shifting_moves_one_class_only),
	};
	return cmocka_run_group_tests_name("timers", tests, NULL, NULL);
}
