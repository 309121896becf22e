#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <cmocka.h>

#include "net/tally.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct peer
peer_of(const char *text)
{
	struct peer p = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };

	assert_int_equal(inet_pton(p.family, text, p.addr), 1);
	return p;
}

static bool
take(struct tally *t, const char *text, uint32_t limit, uint32_t *cell)
{
	struct peer p = peer_of(text);

	return tally_take(t, &p, limit, cell);
}

static void
an_address_has_its_limit_and_gets_room_again(void **state)
{
	struct tally *t = tally_new(100);
	uint32_t cell[3], other, more;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(take(t, "192.0.2.1", 3, &cell[i]));
		assert_true(cell[i] != 0);
	}
	assert_false(take(t, "192.0.2.1", 3, &more));
	assert_int_equal(more, 0);
	assert_true(take(t, "192.0.2.2", 3, &other));
	tally_give(t, cell[1]);
	assert_true(take(t, "192.0.2.1", 3, &more));
	assert_false(take(t, "192.0.2.1", 3, &other));
	tally_free(t);
}

static void
what_is_one_address(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{ "192.0.2.1", "::ffff:192.0.2.1", true },
		{ "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true },
		{ "2001:db8:1:2::1", "2001:db8:1:3::1", false },
		{ "192.0.2.1", "192.0.2.2", false },
		{ "192.0.2.1", "::ffff:192.0.2.2", false },
		{ "0.0.0.1", "2001:db8::1", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tally *t = tally_new(100);
		uint32_t cell;

		assert_true(take(t, rows[i].a, 1, &cell));
		if (take(t, rows[i].b, 1, &cell) == rows[i].same)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
		tally_free(t);
	}
}

static void
this_computer_is_not_counted(void **state)
{
	static const char *const own[] = { "127.0.0.1", "127.200.0.9", "::1",
		"::ffff:127.0.0.1" };
	struct tally *t = tally_new(100);
	uint32_t cell;

	(void)state;
	for (size_t i = 0; i < COUNT(own); i++)
		for (int k = 0; k < 5; k++) {
			assert_true(take(t, own[i], 1, &cell));
			assert_int_equal(cell, 0);
		}
	assert_true(take(t, "192.0.2.1", 0, &cell)); /* 0: no limit */
	assert_int_equal(cell, 0);
	tally_free(t);
}

/* As many addresses as there may be connections, each once, each known. */
static void
every_address_finds_room(void **state)
{
	enum { N = 10000 };
	struct tally *t = tally_new(N);
	static uint32_t cell[N];
	unsigned without = 0;
	uint32_t more;

	(void)state;
	for (unsigned i = 0; i < N; i++) {
		struct peer p = { .family = AF_INET,
			.addr = { 10, 0, (uint8_t)(i >> 8), (uint8_t)i } };

		assert_true(tally_take(t, &p, 1, &cell[i]));
		without += cell[i] == 0;
		if (cell[i] != 0)
			assert_false(tally_take(t, &p, 1, &more));
	}
	/* half an address to a bucket of 8: more than 8 is one in a million */
	assert_true(without <= 2);
	for (unsigned i = 0; i < N; i++)
		tally_give(t, cell[i]);
	for (unsigned i = 0; i < N; i++) {
		struct peer p = { .family = AF_INET,
			.addr = { 10, 1, (uint8_t)(i >> 8), (uint8_t)i } };

		assert_true(tally_take(t, &p, 1, &cell[i]));
	}
	tally_free(t);
}

/* --- many threads --- */

#define THREADS 4
#define TURNS	50000
#define LIMIT	3
#define ADDRESS 5

static struct {
	struct tally *t;
	_Atomic int open[ADDRESS];
	_Atomic int most;
} race;

static void *
race_run(void *arg)
{
	uint64_t random = 1 + (uint64_t)(uintptr_t)arg;

	for (int i = 0; i < TURNS; i++) {
		struct peer p = { .family = AF_INET, .addr = { 192, 0, 2 } };
		uint32_t cell;
		int now;

		random = random * 6364136223846793005ull + 1442695040888963407u;
		p.addr[3] = (uint8_t)((random >> 33) % ADDRESS);
		if (!tally_take(race.t, &p, LIMIT, &cell))
			continue;
		now = atomic_fetch_add(&race.open[p.addr[3]], 1) + 1;
		if (now > atomic_load(&race.most))
			atomic_store(&race.most, now);
		atomic_fetch_sub(&race.open[p.addr[3]], 1);
		tally_give(race.t, cell);
	}
	return NULL;
}

static void
of_many_threads_none_gets_more(void **state)
{
	pthread_t thread[THREADS];
	uint32_t cell;

	(void)state;
	race.t = tally_new(64);
	for (uintptr_t i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_create(&thread[i], NULL, race_run, (void *)i), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	assert_true(race.most <= LIMIT);
	/* nothing is left behind */
	for (uint8_t a = 0; a < ADDRESS; a++) {
		struct peer p = { .family = AF_INET, .addr = { 192, 0, 2, a } };

		for (int i = 0; i < LIMIT; i++)
			assert_true(tally_take(race.t, &p, LIMIT, &cell));
		assert_false(tally_take(race.t, &p, LIMIT, &cell));
	}
	tally_free(race.t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_has_its_limit_and_gets_room_again),
		cmocka_unit_test(what_is_one_address),
		cmocka_unit_test(this_computer_is_not_counted),
		cmocka_unit_test(every_address_finds_room),
		cmocka_unit_test(of_many_threads_none_gets_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
