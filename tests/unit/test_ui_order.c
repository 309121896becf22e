/* Order that comes about where it is looked at, against qsort(3). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "ui/order.h"

#define MOST 300000

static struct order order;
static struct order_item *item;	 /* in order where it is looked at */
static struct order_item *whole; /* in order */
static size_t count;

static uint64_t seed = 1;

static size_t
chance(size_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(seed >> 33) % n;
}

static int
compare(const void *a, const void *b)
{
	const struct order_item *x = a, *y = b;

	for (int i = 0; i < 3; i++)
		if (x->k[i] != y->k[i])
			return x->k[i] < y->k[i] ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

enum kind { RISING, FALLING, EQUAL, FEW, ANY, THIRD, KINDS };

static uint64_t
key_of(enum kind kind, size_t i)
{
	switch (kind) {
	case RISING:
		return i;
	case FALLING:
		return MOST - i;
	case EQUAL:
		return 7;
	case FEW:
		return chance(5);
	default:
		return chance(UINT32_MAX) << 33 | chance(UINT32_MAX);
	}
}

static void
make(enum kind kind, size_t n)
{
	count = n;
	for (size_t i = 0; i < n; i++) {
		item[i] = (struct order_item){ .seq = i + 1 };
		item[i].k[kind == THIRD ? 2 : 0] = key_of(kind, i);
	}
	memcpy(whole, item, n * sizeof *item);
	qsort(whole, n, sizeof *whole, compare);
	order_begin(&order, item, n);
}

static void
check(size_t at)
{
	order_settle(&order, at);
	assert_memory_equal(&item[at], &whole[at], sizeof *item);
}

static const size_t sizes[] = { 1, 2, 3, 64, 2047, 2048, 2049, 2500, 40000,
	MOST };

static void
each_of(void (*look)(void))
{
	for (int kind = 0; kind < KINDS; kind++)
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			make((enum kind)kind, sizes[i]);
			look();
		}
}

static void
from_the_beginning(void)
{
	for (size_t i = 0; i < 100 && i < count; i++)
		check(i);
	check(count - 1);
	for (size_t i = 0; i < count; i++)
		check(i);
}

static void
here_and_there(void)
{
	for (int i = 0; i < 1500; i++)
		check(chance(count));
	for (size_t i = count; i-- > 0;)
		check(i);
}

static void
where_some_are(void)
{
	for (int i = 0; i < 40; i++) {
		size_t at = chance(count), to;
		struct order_item x = item[at];

		to = order_place(&order, at);
		assert_memory_equal(&item[to], &x, sizeof x);
		assert_memory_equal(&whole[to], &x, sizeof x);
		if (i % 3 == 0)
			check(chance(count));
	}
	for (size_t i = 0; i < count; i++)
		check(i);
}

static void
going_through_it_is_the_order(void **state)
{
	(void)state;
	each_of(from_the_beginning);
}

static void
any_place_has_the_right_one(void **state)
{
	(void)state;
	each_of(here_and_there);
}

static void
each_is_told_its_place(void **state)
{
	(void)state;
	each_of(where_some_are);
}

static void
the_first_screen_leaves_the_rest_alone(void **state)
{
	size_t right = 0;

	(void)state;
	make(ANY, MOST);
	for (size_t i = 0; i < 40; i++)
		check(i);
	for (size_t i = 0; i < count; i++)
		right += item[i].seq == whole[i].seq;
	assert_in_range(right, 40, MOST / 10);
	order_begin(&order, item, 0); /* nothing is no fault */
}

static int
begin(void **state)
{
	(void)state;
	item = calloc(MOST, sizeof *item);
	whole = calloc(MOST, sizeof *whole);
	return item && whole ? 0 : -1;
}

static int
end(void **state)
{
	(void)state;
	free(item);
	free(whole);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(going_through_it_is_the_order),
		cmocka_unit_test(any_place_has_the_right_one),
		cmocka_unit_test(each_is_told_its_place),
		cmocka_unit_test(the_first_screen_leaves_the_rest_alone),
	};

	return cmocka_run_group_tests_name("ui_order", tests, begin, end);
}
