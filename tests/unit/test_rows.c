#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "watch/rows.h"

#include <pthread.h>
#include <string.h>

static void
a_published_row_reads_back_as_it_was(void **state)
{
	static struct row_cell cell;
	struct conn_row in = {
		.conn = 41,
		.opened = -5,
		.bytes_out = UINT64_MAX,
		.slot = 7,
		.generation = 9,
		.state = CONN_SENDING,
		.target_n = 5,
		.target = "/a\n\0b",
	};
	struct conn_row out;

	(void)state;
	row_write(&cell, &in);
	assert_true(row_read(&cell, &out));
	assert_memory_equal(&in, &out, sizeof(in));
}

static void
a_free_slot_or_one_never_used_is_not_shown(void **state)
{
	static struct row_cell cell;
	struct conn_row row = { .conn = 1 };

	(void)state;
	assert_false(row_read(&cell, &row));
	row.conn = 1;
	row_write(&cell, &row);
	row.conn = 0;
	row_write(&cell, &row);
	assert_false(row_read(&cell, &row));
}

static void
a_row_whose_writer_stands_still_within_is_given_up(void **state)
{
	static struct row_cell cell;
	struct conn_row row = { .conn = 1 };

	(void)state;
	row_write(&cell, &row);
	atomic_fetch_add(&cell.seq, 1);
	assert_false(row_read(&cell, &row));
}

static void
a_path_reads_back_as_it_was_until_it_is_forgotten(void **state)
{
	static struct path_cell cell;
	struct conn_path in = { .conn = 7, .acked = UINT64_MAX, .window = 3 };
	struct conn_path out;

	(void)state;
	assert_false(path_read(&cell, &out));
	path_write(&cell, &in);
	assert_true(path_read(&cell, &out));
	assert_memory_equal(&in, &out, sizeof(in));
	in.conn = 0;
	path_write(&cell, &in);
	assert_false(path_read(&cell, &out));
}

struct shared {
	struct row_cell cell;
	_Atomic int stop;
};

/* All words of a row tell the same number. */
static void *
writer(void *arg)
{
	struct shared *s = arg;

	for (uint64_t i = 1; !atomic_load(&s->stop); i++) {
		uint64_t word[ROW_WORDS];
		struct conn_row row;

		for (size_t k = 0; k < ROW_WORDS; k++)
			word[k] = i;
		memcpy(&row, word, sizeof(row));
		row_write(&s->cell, &row);
	}
	return NULL;
}

static void
a_reader_never_sees_half_of_a_row_nor_an_older_one(void **state)
{
	static struct shared s;
	uint64_t last = 0;
	unsigned seen = 0;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, writer, &s), 0);
	while (seen < 50000) {
		uint64_t word[ROW_WORDS];
		struct conn_row row;

		if (!row_read(&s.cell, &row))
			continue;
		memcpy(word, &row, sizeof(word));
		for (size_t k = 1; k < ROW_WORDS; k++)
			if (word[k] != word[0])
				fail_msg("word %zu is of another row", k);
		if (word[0] < last)
			fail_msg("an older row came back");
		last = word[0];
		seen++;
	}
	atomic_store(&s.stop, 1);
	pthread_join(thread, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_path_reads_back_as_it_was_until_it_is_forgotten),
		cmocka_unit_test(a_published_row_reads_back_as_it_was),
		cmocka_unit_test(a_free_slot_or_one_never_used_is_not_shown),
		cmocka_unit_test(
		    a_row_whose_writer_stands_still_within_is_given_up),
		cmocka_unit_test(
		    a_reader_never_sees_half_of_a_row_nor_an_older_one),
	};

	return cmocka_run_group_tests_name("rows", tests, NULL, NULL);
}
