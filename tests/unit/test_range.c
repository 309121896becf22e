#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "http/range.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* The ranges as "first-last,first-last", or what else came of it. */
static const char *
ranges_of(const char *value, uint64_t size, unsigned max)
{
	static char text[200];
	struct byte_range r[LIMIT_RANGES];
	enum range_result result;
	unsigned n = 77;
	int at = 0;

	memset(r, 0x55, sizeof(r));

	text[0] = '\0';
	assert_true(max < LIMIT_RANGES);
	result = range_parse(span_str(value), size, max, r, &n);
	assert_int_equal(r[max].first, 0x5555555555555555);
	switch (result) {
	case RANGE_IGNORED:
		return "ignored";
	case RANGE_TOO_MUCH:
		return "too much";
	case RANGE_UNSATISFIABLE:
		assert_int_equal(n, 0);
		return "none";
	case RANGE_OK:
		break;
	}
	for (unsigned i = 0; i < n; i++)
		at += snprintf(text + at, sizeof(text) - (size_t)at,
		    "%s%llu-%llu", i ? "," : "", (unsigned long long)r[i].first,
		    (unsigned long long)r[i].last);
	return text;
}

struct row {
	const char *value;
	const char *ranges; /* of 10 bytes, at most 3 ranges */
};

static void
check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *got = ranges_of(rows[i].value, 10, 3);

		if (strcmp(got, rows[i].ranges) != 0)
			fail_msg("%s: %s, not %s", rows[i].value, got,
			    rows[i].ranges);
	}
}

static void
ranges_are_clamped_to_the_file(void **state)
{
	static const struct row rows[] = {
		{ "bytes=0-0", "0-0" },
		{ "bytes=0-9", "0-9" },
		{ "bytes=0-10", "0-9" },
		{ "bytes=2-8", "2-8" },
		{ "bytes=9-9", "9-9" },
		{ "bytes=9-", "9-9" },
		{ "bytes=3-3", "3-3" },
		{ "bytes=0-18446744073709551615", "0-9" },
		{ "bytes=0-18446744073709551616", "0-9" },
		{ "bytes=2-99999999999999999999999", "2-9" },
		{ "bytes=-1", "9-9" },
		{ "bytes=-9", "1-9" },
		{ "bytes=-10", "0-9" },
		{ "bytes=-11", "0-9" },
		{ "bytes=-18446744073709551615", "0-9" },
		{ "bytes=-18446744073709551616", "0-9" },
		{ "BYTES=1-2", "1-2" },
		{ "bytes= 1-2 ,\t,4-5", "1-2,4-5" },
		{ "bytes=4-5,1-2,-1", "4-5,1-2,9-9" },
		/* those beyond the end are left out */
		{ "bytes=10-,1-1", "1-1" },
		{ "bytes=10-", "none" },
		{ "bytes=10-10", "none" },
		{ "bytes=18446744073709551616-", "none" },
		{ "bytes=11-12,-0", "none" },
	};

	(void)state;
	check_rows(rows, N(rows));
	assert_string_equal(ranges_of("bytes=0-", 0, 3), "none");
	assert_string_equal(ranges_of("bytes=-5", 0, 3), "none");
	assert_string_equal(ranges_of("bytes=-1", UINT64_MAX, 1),
	    "18446744073709551614-18446744073709551614");
}

static void
what_is_no_range_is_as_if_it_were_not_there(void **state)
{
	static const struct row rows[] = {
		{ "", "ignored" },
		{ "bytes", "ignored" },
		{ "bytes=", "ignored" },
		{ "bytes= , ,", "ignored" },
		{ "lines=0-1", "ignored" },
		{ "bytes:0-1", "ignored" },
		{ " bytes=0-1", "ignored" },
		{ "bytes=5", "ignored" },
		{ "bytes=-", "ignored" },
		{ "bytes=--1", "ignored" },
		{ "bytes=2-1", "ignored" },
		{ "bytes=x-1", "ignored" },
		{ "bytes=1-x", "ignored" },
		{ "bytes=-x", "ignored" },
		{ "bytes=1 -2", "ignored" },
		{ "bytes=1-2-3", "ignored" },
		{ "bytes=+1-2", "ignored" },
		/* one that is none spoils all */
		{ "bytes=1-2,x", "ignored" },
		{ "bytes=1-2,3-4,5-6,7-8,x", "ignored" },
	};

	(void)state;
	check_rows(rows, N(rows));
}

static void
more_ranges_or_bytes_than_is_fair_are_too_much(void **state)
{
	static const struct row rows[] = {
		{ "bytes=0-0,1-1,2-2", "0-0,1-1,2-2" },
		{ "bytes=0-0,1-1,2-2,3-3", "too much" },
		/* those beyond the end count as asked for */
		{ "bytes=0-0,11-,12-,13-", "too much" },
		{ "bytes=11-,12-,13-", "none" },
		{ "bytes=11-,12-,13-,14-", "too much" },
		/* together no more bytes than the file has */
		{ "bytes=0-4,5-9", "0-4,5-9" },
		{ "bytes=0-4,4-9", "too much" },
		{ "bytes=0-9,0-0", "too much" },
		{ "bytes=0-9,0-9,0-9", "too much" },
	};

	(void)state;
	check_rows(rows, N(rows));
	assert_string_equal(ranges_of("bytes=0-0", 10, 0), "too much");
	/* no sum of theirs is too large to be counted */
	assert_string_equal(
	    ranges_of("bytes=0-,0-", UINT64_MAX, 3), "too much");
	assert_string_equal(
	    ranges_of("bytes=1-,0-,0-", UINT64_MAX, 3), "too much");
	assert_string_equal(ranges_of("bytes=0-0,2-2", 10, 1), "too much");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_clamped_to_the_file),
		cmocka_unit_test(what_is_no_range_is_as_if_it_were_not_there),
		cmocka_unit_test(
		    more_ranges_or_bytes_than_is_fair_are_too_much),
	};

	return cmocka_run_group_tests_name("range", tests, NULL, NULL);
}
