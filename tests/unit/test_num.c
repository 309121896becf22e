#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/num.h"

static void
decimals_are_digits_and_nothing_else(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint64_t value;
	} cases[] = {
		{ "0", true, 0 }, { "007", true, 7 },
		{ "18446744073709551615", true, UINT64_MAX },
		{ "18446744073709551616", false, 0 },
		{ "99999999999999999999", false, 0 },
		{ "100000000000000000000000", false, 0 }, { "", false, 0 },
		{ "-1", false, 0 }, { "+1", false, 0 }, { " 1", false, 0 },
		{ "1 ", false, 0 }, { "1,2", false, 0 }, { "0x10", false, 0 },
		{ "1e3", false, 0 },
		{ "\xd9\xa1", false, 0 }, /* ARABIC-INDIC DIGIT ONE */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t v = 4711;

		assert_int_equal(
		    num_dec(span_str(cases[i].text), &v), cases[i].ok);
		assert_true(v == (cases[i].ok ? cases[i].value : 4711));
	}
}

static void
a_nul_is_not_the_end_of_a_number(void **state)
{
	uint64_t v = 1;

	(void)state;
	assert_false(num_dec(SPAN("12\0"), &v));
	assert_false(num_hex(SPAN("12\0"), &v));
	assert_true(v == 1);
}

static void
hexadecimals_take_both_cases_up_to_64_bits(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint64_t value;
	} cases[] = {
		{ "0", true, 0 },
		{ "fF", true, 255 },
		{ "ffffffffffffffff", true, UINT64_MAX },
		{ "0000000000000000000001", true, 1 },
		{ "10000000000000000", false, 0 },
		{ "", false, 0 },
		{ "0x1", false, 0 },
		{ "-1", false, 0 },
		{ "g", false, 0 },
		{ "1 ", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t v = 4711;

		assert_int_equal(
		    num_hex(span_str(cases[i].text), &v), cases[i].ok);
		assert_true(v == (cases[i].ok ? cases[i].value : 4711));
	}
}

static void
exactly_22_bytes_are_hexadecimal_digits(void **state)
{
	int n = 0;

	(void)state;
	for (int c = 0; c < 256; c++)
		n += num_hexdigit((char)c) >= 0;
	assert_int_equal(n, 22);
	assert_int_equal(num_hexdigit('9'), 9);
	assert_int_equal(num_hexdigit('a'), 10);
	assert_int_equal(num_hexdigit('F'), 15);
}

static void
sizes_for_people_are_short_and_never_too_great(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 512, "512" },
		{ 1023, "1023" },
		{ 1024, "1.0K" },
		{ 1535, "1.4K" },
		{ 1536, "1.5K" },
		{ 12595, "12.2K" },
		{ 102399, "99.9K" },
		{ 102400, "100K" },
		{ 1048575, "1023K" },
		{ 1048576, "1.0M" },
		{ UINT64_MAX, "15.9E" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[8];

		num_human(out, cases[i].bytes);
		assert_string_equal(out, cases[i].text);
		assert_true(strlen(out) <= 6);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decimals_are_digits_and_nothing_else),
		cmocka_unit_test(a_nul_is_not_the_end_of_a_number),
		cmocka_unit_test(hexadecimals_take_both_cases_up_to_64_bits),
		cmocka_unit_test(exactly_22_bytes_are_hexadecimal_digits),
		cmocka_unit_test(
		    sizes_for_people_are_short_and_never_too_great),
	};

	return cmocka_run_group_tests_name("num", tests, NULL, NULL);
}
