#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "watch/conn_state.h"

#include <string.h>

/* Row from, column to; as the states are in the table. */
static const char *const edges[CONN_STATE_N] = {
	/*             CNHBWSILP */
	[CONN_CLOSED] = ".x.......",
	[CONN_NEW] = "x.x.....x",
	[CONN_HEAD] = "x..xxx.x.",
	[CONN_BODY] = "x...xx.x.",
	[CONN_WAITING] = "x....x...",
	[CONN_SENDING] = "x.x...xx.",
	[CONN_IDLE] = "x.x......",
	[CONN_LINGER] = "x........",
	[CONN_PROXY] = "xxx..x...",
};

static void
only_the_drawn_edges_may_be_gone(void **state)
{
	(void)state;
	for (int f = 0; f < CONN_STATE_N; f++)
		for (int t = 0; t < CONN_STATE_N; t++)
			if (conn_state_follows((enum conn_state)f,
				(enum conn_state)t) != (edges[f][t] == 'x'))
				fail_msg("%s to %s", conn_state_rows[f].label,
				    conn_state_rows[t].label);
}

static void
a_number_that_is_no_state_follows_nothing(void **state)
{
	(void)state;
	assert_false(conn_state_follows(CONN_STATE_N, CONN_CLOSED));
	assert_false(conn_state_follows(CONN_NEW, CONN_STATE_N));
	assert_false(conn_state_follows((enum conn_state) - 1, CONN_NEW));
	assert_false(conn_state_follows(CONN_NEW, (enum conn_state)40));
}

static void
every_open_state_has_a_deadline_and_can_be_closed(void **state)
{
	(void)state;
	for (int s = CONN_CLOSED + 1; s < CONN_STATE_N; s++) {
		assert_int_not_equal(
		    conn_state_rows[s].deadline, DEADLINE_NONE);
		assert_true(
		    conn_state_follows((enum conn_state)s, CONN_CLOSED));
	}
}

static void
labels_fit_their_column_and_differ(void **state)
{
	(void)state;
	for (int a = 0; a < CONN_STATE_N; a++) {
		assert_in_range(strlen(conn_state_rows[a].label), 1, 8);
		for (int b = 0; b < a; b++)
			assert_string_not_equal(
			    conn_state_rows[a].label, conn_state_rows[b].label);
	}
}

static void
every_end_has_a_label_of_its_own_and_a_sentence(void **state)
{
	(void)state;
	for (int a = CLOSE_NONE + 1; a < CLOSE_N; a++) {
		assert_true(close_reason_rows[a].label[0] != '\0');
		assert_true(close_reason_rows[a].text[0] != '\0');
		for (int b = 0; b < a; b++)
			assert_string_not_equal(close_reason_rows[a].label,
			    close_reason_rows[b].label);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_drawn_edges_may_be_gone),
		cmocka_unit_test(a_number_that_is_no_state_follows_nothing),
		cmocka_unit_test(
		    every_open_state_has_a_deadline_and_can_be_closed),
		cmocka_unit_test(labels_fit_their_column_and_differ),
		cmocka_unit_test(
		    every_end_has_a_label_of_its_own_and_a_sentence),
	};

	return cmocka_run_group_tests_name("conn_state", tests, NULL, NULL);
}
