#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/ring.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#define CAP 4096

static bool
push_only(struct ring *r, struct span s)
{
	char *p = ring_reserve(r, s.n);

	if (p == NULL)
		return false;
	memcpy(p, s.p, s.n);
	ring_push(r, s.n);
	return true;
}

static bool
push(struct ring *r, struct span s)
{
	bool pushed = push_only(r, s);

	ring_publish(r);
	return pushed;
}

static void
what_goes_in_comes_out_in_order(void **state)
{
	struct ring r;

	(void)state;
	assert_true(ring_init(&r, CAP));
	assert_null(ring_peek(&r).p);
	assert_true(push(&r, SPAN("one")));
	assert_true(push(&r, SPAN("")));
	assert_true(push(&r, SPAN("three")));
	assert_true(span_eq(ring_peek(&r), SPAN("one")));
	assert_true(span_eq(ring_peek(&r), SPAN("one")));
	ring_pop(&r);
	assert_non_null(ring_peek(&r).p);
	assert_int_equal(ring_peek(&r).n, 0);
	ring_pop(&r);
	assert_true(span_eq(ring_peek(&r), SPAN("three")));
	ring_pop(&r);
	assert_null(ring_peek(&r).p);
	ring_fini(&r);
}

/* Wherever in the ring: also where what was reserved would pass its end. */
static void
a_record_may_be_shorter_than_what_was_reserved(void **state)
{
	struct ring r;

	(void)state;
	assert_true(ring_init(&r, CAP));
	for (unsigned i = 0; i < 2 * CAP / 8; i++) {
		char *p = ring_reserve(&r, CAP / 4);

		assert_non_null(p);
		memset(p, 'x', CAP / 4);
		memcpy(p, "short", 5);
		ring_push(&r, 5);
		assert_true(push(&r, SPAN("next")));
		assert_true(span_eq(ring_peek(&r), SPAN("short")));
		ring_pop(&r);
		assert_true(span_eq(ring_peek(&r), SPAN("next")));
		ring_pop(&r);
		assert_null(ring_peek(&r).p);
	}
	ring_fini(&r);
}

static void
what_is_reserved_and_not_pushed_is_nothing(void **state)
{
	struct ring r;

	(void)state;
	assert_true(ring_init(&r, CAP));
	for (unsigned i = 0; i < 2 * CAP / 16; i++) {
		assert_non_null(ring_reserve(&r, CAP / 4));
		assert_true(push(&r, SPAN("one")));
		assert_non_null(ring_reserve(&r, CAP / 8));
		ring_publish(&r);
		assert_true(span_eq(ring_peek(&r), SPAN("one")));
		ring_pop(&r);
		assert_null(ring_peek(&r).p);
	}
	ring_fini(&r);
}

static void
records_are_seen_when_they_are_published_not_before(void **state)
{
	const struct span one = SPAN("one"), two = SPAN("two");
	struct ring r;

	(void)state;
	assert_true(ring_init(&r, CAP));
	assert_true(push_only(&r, one));
	assert_true(push_only(&r, two));
	assert_null(ring_peek(&r).p);
	ring_publish(&r);
	assert_true(span_eq(ring_peek(&r), one));
	ring_pop(&r);
	assert_true(span_eq(ring_peek(&r), two));
	ring_pop(&r);
	ring_publish(&r);
	assert_null(ring_peek(&r).p);
	ring_fini(&r);
}

static void
what_is_published_after_a_look_waits_for_the_next(void **state)
{
	struct ring r;

	(void)state;
	assert_true(ring_init(&r, CAP));
	assert_true(push(&r, SPAN("one")));
	assert_null(ring_next(&r).p);
	ring_look(&r);
	assert_true(push(&r, SPAN("two")));
	assert_true(span_eq(ring_next(&r), SPAN("one")));
	ring_pop(&r);
	assert_null(ring_next(&r).p);
	ring_look(&r);
	assert_true(span_eq(ring_next(&r), SPAN("two")));
	ring_pop(&r);
	assert_null(ring_peek(&r).p);
	ring_fini(&r);
}

/* Nothing is written where what was not published stands. */
static void
a_ring_is_full_of_what_is_not_published_too(void **state)
{
	char block[1000];
	const struct span s = { block, sizeof(block) };
	struct ring r;
	unsigned n = 0;

	(void)state;
	memset(block, 'x', sizeof(block));
	assert_true(ring_init(&r, CAP));
	while (push_only(&r, s))
		n++;
	assert_int_equal(n, CAP / 1008);
	ring_publish(&r);
	for (; n > 0; n--, ring_pop(&r))
		assert_true(span_eq(ring_peek(&r), s));
	assert_null(ring_peek(&r).p);
	ring_fini(&r);
}

static void
a_full_ring_refuses_and_keeps_what_it_has(void **state)
{
	char block[1000];
	struct ring r;
	unsigned n = 0;

	(void)state;
	memset(block, 'x', sizeof(block));
	assert_true(ring_init(&r, CAP));
	while (push(&r, span_of(block, sizeof(block))))
		n++;
	assert_int_equal(n, CAP / 1008);
	ring_pop(&r);
	assert_true(push(&r, SPAN("again")));
	while (--n) {
		assert_true(
		    span_eq(ring_peek(&r), span_of(block, sizeof(block))));
		ring_pop(&r);
	}
	assert_true(span_eq(ring_peek(&r), SPAN("again")));
	ring_pop(&r);
	assert_null(ring_peek(&r).p);
	ring_fini(&r);
}

/* Wherever it stands: what cannot be contiguous at its end is one record. */
static void
an_empty_ring_holds_as_much_as_any(void **state)
{
	const struct span record = SPAN("0123456789abcdef");

	(void)state;
	for (unsigned i = 0; i < 2 * CAP / 24; i++) {
		struct ring r;
		unsigned n = 0;

		assert_true(ring_init(&r, CAP));
		for (unsigned k = 0; k < i; k++) {
			assert_true(push(&r, record));
			ring_pop(&r);
		}
		while (push(&r, record))
			n++;
		assert_in_range(n, CAP / 24 - 1, CAP / 24);
		ring_fini(&r);
	}
}

/* Record number i: its size and bytes follow from the number. */
static size_t
make_record(unsigned i, char out[CAP / 4])
{
	size_t n = 4 + i * 37 % 1000;

	memcpy(out, &i, 4);
	memset(out + 4, (char)i, n - 4);
	return n;
}

static void
check_record(struct span s, unsigned i)
{
	char want[CAP / 4];
	size_t n = make_record(i, want);

	if ((uintptr_t)s.p % 8 != 0)
		fail_msg("record %u is not aligned", i);
	if (!span_eq(s, span_of(want, n)))
		fail_msg("record %u is damaged", i);
}

static void
records_of_all_sizes_survive_the_end_of_the_memory(void **state)
{
	char out[CAP / 4];
	struct ring r;
	unsigned pushed = 0;
	unsigned popped = 0;

	(void)state;
	assert_true(ring_init(&r, CAP));
	while (popped < 5000) {
		size_t n = make_record(pushed, out);

		if (push(&r, span_of(out, n))) {
			pushed++;
			continue;
		}
		check_record(ring_peek(&r), popped++);
		ring_pop(&r);
	}
	ring_fini(&r);
}

static void
the_greatest_record_fits_an_empty_ring_at_any_place(void **state)
{
	char out[CAP / 4] = { 0 };
	struct ring r;

	(void)state;
	assert_true(ring_init(&r, CAP));
	for (unsigned i = 0; i < 3 * CAP / 8; i++) {
		assert_true(push(&r, SPAN("")));
		ring_pop(&r);
		assert_true(push(&r, span_of(out, sizeof(out))));
		assert_int_equal(ring_peek(&r).n, sizeof(out));
		ring_pop(&r);
	}
	ring_fini(&r);
}

#define ACROSS 20000u

static void *
producer(void *arg)
{
	struct ring *r = arg;
	char out[CAP / 4];

	for (unsigned i = 0; i < ACROSS; i++) {
		size_t n = make_record(i, out);

		while (!push(r, span_of(out, n)))
			sched_yield();
	}
	return NULL;
}

static void
two_threads_pass_every_record_once_and_whole(void **state)
{
	struct ring r;
	pthread_t thread;

	(void)state;
	assert_true(ring_init(&r, CAP));
	assert_int_equal(pthread_create(&thread, NULL, producer, &r), 0);
	for (unsigned i = 0; i < ACROSS; i++) {
		struct span s;

		while ((s = ring_peek(&r)).p == NULL)
			sched_yield();
		check_record(s, i);
		ring_pop(&r);
	}
	pthread_join(thread, NULL);
	assert_null(ring_peek(&r).p);
	ring_fini(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out_in_order),
		cmocka_unit_test(
		    a_record_may_be_shorter_than_what_was_reserved),
		cmocka_unit_test(
		    what_is_published_after_a_look_waits_for_the_next),
		cmocka_unit_test(what_is_reserved_and_not_pushed_is_nothing),
		cmocka_unit_test(
		    records_are_seen_when_they_are_published_not_before),
		cmocka_unit_test(a_ring_is_full_of_what_is_not_published_too),
		cmocka_unit_test(a_full_ring_refuses_and_keeps_what_it_has),
		cmocka_unit_test(an_empty_ring_holds_as_much_as_any),
		cmocka_unit_test(
		    records_of_all_sizes_survive_the_end_of_the_memory),
		cmocka_unit_test(
		    the_greatest_record_fits_an_empty_ring_at_any_place),
		cmocka_unit_test(two_threads_pass_every_record_once_and_whole),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
