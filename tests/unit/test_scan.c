/* The fast scans and the table say the same, wherever a run ends. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "http/scan.h"

#define ROWS 4

static const struct {
	size_t (*fast)(const char *p, size_t from, size_t to, size_t n);
	enum scan_class class;
	char member;
} rows[ROWS] = {
	{ scan_token, SCAN_TOKEN, 'a' },
	{ scan_target, SCAN_TARGET, '/' },
	{ scan_value, SCAN_VALUE, ' ' },
	{ scan_plain, SCAN_PLAIN, '~' },
};

/* Bytes in memory of just that size, so that a sanitizer sees a read past
 * them. */
static void
assert_same(const char *bytes, size_t n, size_t from, size_t to, int row)
{
	char *p = malloc(n ? n : 1);

	memcpy(p, bytes, n);
	assert_int_equal(rows[row].fast(p, from, to, n),
	    scan_bytes(p, from, to, rows[row].class));
	free(p);
}

static void
every_byte_is_judged_as_the_table_judges_it(void **state)
{
	char bytes[40];

	(void)state;
	for (int row = 0; row < ROWS; row++)
		for (int c = 0; c < 256; c++)
			for (size_t at = 0; at < sizeof(bytes); at++) {
				memset(bytes, rows[row].member, sizeof(bytes));
				bytes[at] = (char)c;
				assert_same(bytes, 40, 0, 40, row);
				if (at >= 3)
					assert_same(bytes, 40, 3, at, row);
				assert_same(bytes, at + 1, 0, at + 1, row);
			}
}

static void
random_bytes_too(void **state)
{
	uint32_t random = 7;
	char bytes[100];

	(void)state;
	for (int i = 0; i < 100000; i++) {
		size_t n, to, from;

		for (size_t k = 0; k < sizeof(bytes); k++) {
			random = random * 1664525 + 1013904223;
			bytes[k] = random >> 28 ? "Ab-9x/"[random >> 16 & 3]
						: (char)(random >> 20);
		}
		n = random >> 8 & 63;
		to = n ? (random >> 14) % (n + 1) : 0;
		from = to ? (random >> 20) % (to + 1) : 0;
		assert_same(bytes, n, from, to, i % ROWS);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_is_judged_as_the_table_judges_it),
		cmocka_unit_test(random_bytes_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
