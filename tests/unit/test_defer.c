#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/defer.h"

/* Look every `ms` for `times`, with `each` more connections each time. */
static void
passes(struct defer *d, int64_t *now, uint64_t *ended, int times, int ms,
    unsigned each)
{
	for (int i = 0; i < times; i++) {
		*now += ms * NS_PER_MS;
		*ended += each;
		(void)defer_note(d, *now, *ended);
	}
}

static void
many_short_connections_switch_it_on_and_their_end_off(void **state)
{
	struct defer d = { .on = false };
	int64_t now = 5 * NS_PER_S;
	uint64_t ended = 77;

	(void)state;
	(void)defer_note(&d, now, ended);
	passes(&d, &now, &ended, 100, 2, 3); /* 1,500 a second */
	assert_true(d.on);
	passes(&d, &now, &ended, 9, 100, 1);
	assert_true(d.on);
	passes(&d, &now, &ended, 3, 100, 1);
	assert_false(d.on);
}

static void
few_do_not_however_long_nobody_looked(void **state)
{
	struct defer d = { .on = false };
	int64_t now = 5 * NS_PER_S;
	uint64_t ended = 0;

	(void)state;
	(void)defer_note(&d, now, ended);
	passes(&d, &now, &ended, 1000, 10, 9); /* 900 a second */
	assert_false(d.on);
	passes(&d, &now, &ended, 5, 60000, 5000);
	assert_false(d.on);
}

static void
a_change_is_told_once(void **state)
{
	struct defer d = { .on = false };
	int64_t now = NS_PER_S;

	(void)state;
	(void)defer_note(&d, now, 0);
	assert_true(defer_note(&d, now + 100 * NS_PER_MS, 500));
	assert_false(defer_note(&d, now + 200 * NS_PER_MS, 1000));
	assert_true(defer_note(&d, now + 2 * NS_PER_S, 1000));
	assert_false(defer_note(&d, now + 3 * NS_PER_S, 1000));
}

static void
who_sleeps_until_the_next_look_finds_it_due(void **state)
{
	struct defer d = { .on = false };
	int64_t now = NS_PER_S;
	int looks = 0;

	(void)state;
	assert_true(defer_next(&d) == INT64_MAX);
	(void)defer_note(&d, now, 0);
	(void)defer_note(&d, now += 100 * NS_PER_MS, 500);
	/* somebody looks just before it is over */
	(void)defer_note(&d, now += DEFER_FOR - NS_PER_MS, 500);
	while (d.on) {
		assert_true(defer_next(&d) > now);
		now = defer_next(&d);
		(void)defer_note(&d, now, 500);
		looks++;
	}
	assert_true(looks <= 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    many_short_connections_switch_it_on_and_their_end_off),
		cmocka_unit_test(few_do_not_however_long_nobody_looked),
		cmocka_unit_test(a_change_is_told_once),
		cmocka_unit_test(who_sleeps_until_the_next_look_finds_it_due),
	};
	return cmocka_run_group_tests_name("defer", tests, NULL, NULL);
}
