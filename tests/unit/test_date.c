#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <cmocka.h>

#include "http/date.h"

enum { DAY = 86400 };

#define NOW_2024 1718452800 /* 2024-06-15 12:00:00 */

static int64_t
utc(int year, int month, int day, int hour, int minute, int second)
{
	struct tm tm = { .tm_year = year - 1900,
		.tm_mon = month - 1,
		.tm_mday = day,
		.tm_hour = hour,
		.tm_min = minute,
		.tm_sec = second };
	return timegm(&tm);
}

static void
assert_formatted(int64_t secs, const char *expected)
{
	char s[DATE_LEN + 1];
	date_format(s, secs);
	s[DATE_LEN] = '\0';
	assert_string_equal(s, expected);
}

static void
assert_parsed(const char *s, int64_t now, int64_t expected)
{
	int64_t secs = -1;
	if (!date_parse(span_str(s), now, &secs))
		fail_msg("refused: \"%s\"", s);
	if (secs != expected)
		fail_msg("\"%s\": %lld, not %lld", s, (long long)secs,
		    (long long)expected);
}

static void
assert_refused(const char *s)
{
	int64_t secs = 4711;
	if (date_parse(span_str(s), NOW_2024, &secs))
		fail_msg("not refused: \"%s\"", s);
	assert_int_equal(secs, 4711);
}

static void
the_examples_of_the_rfc_mean_the_same_second(void **state)
{
	(void)state;
	assert_formatted(784111777, "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_parsed("Sun, 06 Nov 1994 08:49:37 GMT", NOW_2024, 784111777);
	assert_parsed("Sunday, 06-Nov-94 08:49:37 GMT", NOW_2024, 784111777);
	assert_parsed("Sun Nov  6 08:49:37 1994", NOW_2024, 784111777);
	assert_parsed("Sun Nov 06 08:49:37 1994", NOW_2024, 784111777);
}

/* The C library's calendar. */
static struct tm
libc_utc(int64_t secs)
{
	time_t t = (time_t)secs;
	struct tm tm;
	assert_non_null(gmtime_r(&t, &tm));
	return tm;
}

static void
every_day_of_eight_centuries_goes_there_and_back(void **state)
{
	(void)state;
	int64_t last = utc(2400, 12, 31, 0, 0, 0);
	int64_t second = 0;
	for (int64_t day = utc(1600, 1, 1, 0, 0, 0); day <= last; day += DAY) {
		char libc[40];
		char s[DATE_LEN];
		int64_t back;
		second = (second + 7919) % DAY;
		struct tm tm = libc_utc(day + second);
		strftime(libc, sizeof(libc), "%a, %d %b %Y %H:%M:%S GMT", &tm);
		date_format(s, day + second);
		assert_memory_equal(s, libc, DATE_LEN);
		assert_true(date_parse(span_of(s, DATE_LEN), 0, &back));
		assert_int_equal(back, day + second);
		strftime(libc, sizeof(libc), "%a %b %e %H:%M:%S %Y", &tm);
		assert_true(date_parse(span_str(libc), 0, &back));
		assert_int_equal(back, day + second);
	}
}

static void
the_turn_of_every_month_of_every_year_is_right(void **state)
{
	(void)state;
	for (int year = 1; year <= 9999; year++) {
		for (int month = 1; month <= 12; month++) {
			char s[DATE_LEN];
			int64_t back;
			int64_t first = utc(year, month, 1, 0, 0, 0);
			date_format(s, first);
			assert_memory_equal(s + 5, "01", 2);
			assert_true(date_parse(span_of(s, DATE_LEN), 0, &back));
			assert_int_equal(back, first);
			if (year == 1 && month == 1)
				continue;
			date_format(s, first - 1);
			assert_memory_equal(s + 17, "23:59:59", 8);
			assert_true(date_parse(span_of(s, DATE_LEN), 0, &back));
			assert_int_equal(back, first - 1);
		}
	}
}

static void
format_stays_within_four_digit_years(void **state)
{
	(void)state;
	const char *low = "Mon, 01 Jan 0001 00:00:00 GMT";
	const char *high = "Fri, 31 Dec 9999 23:59:59 GMT";
	assert_formatted(utc(1, 1, 1, 0, 0, 0), low);
	assert_formatted(utc(1, 1, 1, 0, 0, 0) - 1, low);
	assert_formatted(INT64_MIN, low);
	assert_formatted(utc(9999, 12, 31, 23, 59, 59), high);
	assert_formatted(utc(9999, 12, 31, 23, 59, 59) + 1, high);
	assert_formatted(INT64_MAX, high);
	assert_formatted(0, "Thu, 01 Jan 1970 00:00:00 GMT");
	assert_formatted(-1, "Wed, 31 Dec 1969 23:59:59 GMT");
	assert_formatted(INT64_C(4294967296), "Sun, 07 Feb 2106 06:28:16 GMT");
}

static void
only_days_that_exist_are_dates(void **state)
{
	(void)state;
	assert_parsed(
	    "Thu, 29 Feb 2024 00:00:00 GMT", 0, utc(2024, 2, 29, 0, 0, 0));
	assert_parsed(
	    "Tue, 29 Feb 2000 00:00:00 GMT", 0, utc(2000, 2, 29, 0, 0, 0));
	static const char *const never[] = {
		"Wed, 29 Feb 2023 00:00:00 GMT",
		"Thu, 29 Feb 1900 00:00:00 GMT",
		"Thu, 29 Feb 2100 00:00:00 GMT",
		"Fri, 30 Feb 2024 00:00:00 GMT",
		"Mon, 31 Apr 2024 00:00:00 GMT",
		"Mon, 31 Nov 2024 00:00:00 GMT",
		"Mon, 00 Jan 2024 00:00:00 GMT",
		"Mon, 32 Jan 2024 00:00:00 GMT",
		"Mon, 32 Dec 2024 00:00:00 GMT",
		"Mon, 99 Dec 9999 00:00:00 GMT",
		"Sat, 01 Jan 0000 00:00:00 GMT",
		"Sat Jan  1 00:00:00 0000",
		"Mon, 01 Jan 2024 24:00:00 GMT",
		"Mon, 01 Jan 2024 00:60:00 GMT",
		"Mon, 01 Jan 2024 23:59:61 GMT",
		"Mon, 01 Jan 2024 99:99:99 GMT",
		"Sunday, 00-Nov-94 08:49:37 GMT",
		"Sunday, 29-Feb-23 08:49:37 GMT",
		"Sun Nov  0 08:49:37 1994",
		"Sun Nov 31 08:49:37 1994",
	};
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_refused(never[i]);
	assert_parsed(
	    "Mon, 01 Jan 0001 00:00:00 GMT", 0, utc(1, 1, 1, 0, 0, 0));
	assert_parsed(
	    "Fri, 31 Dec 9999 23:59:59 GMT", 0, utc(9999, 12, 31, 23, 59, 59));
}

static void
a_leap_second_is_the_second_after_and_only_ends_a_day(void **state)
{
	(void)state;
	int64_t midnight = utc(2017, 1, 1, 0, 0, 0);
	assert_parsed("Sat, 31 Dec 2016 23:59:60 GMT", 0, midnight);
	assert_parsed("Saturday, 31-Dec-16 23:59:60 GMT", NOW_2024, midnight);
	assert_parsed("Sat Dec 31 23:59:60 2016", 0, midnight);
	assert_parsed("Fri, 31 Dec 9999 23:59:60 GMT", 0,
	    utc(9999, 12, 31, 23, 59, 59) + 1);
	assert_refused("Sat, 31 Dec 2016 22:59:60 GMT");
	assert_refused("Sat, 31 Dec 2016 23:58:60 GMT");
}

static void
two_digit_years_are_never_more_than_50_years_ahead(void **state)
{
	(void)state;
	/* 15 June 2024: the border is 15 June 2074, 12:00:00 */
	assert_parsed("Friday, 15-Jun-74 12:00:00 GMT", NOW_2024,
	    utc(2074, 6, 15, 12, 0, 0));
	assert_parsed("Friday, 15-Jun-74 12:00:01 GMT", NOW_2024,
	    utc(1974, 6, 15, 12, 0, 1));
	assert_parsed("Friday, 14-Jun-74 23:00:00 GMT", NOW_2024,
	    utc(2074, 6, 14, 23, 0, 0));
	assert_parsed("Monday, 01-Jan-75 00:00:00 GMT", NOW_2024,
	    utc(1975, 1, 1, 0, 0, 0));
	assert_parsed("Monday, 01-Jan-00 00:00:00 GMT", NOW_2024,
	    utc(2000, 1, 1, 0, 0, 0));
	assert_parsed("Monday, 31-Dec-99 23:59:59 GMT", NOW_2024,
	    utc(1999, 12, 31, 23, 59, 59));
	/* near the end of a century the next one is meant */
	assert_parsed("Monday, 01-Jan-05 00:00:00 GMT",
	    utc(2099, 6, 1, 0, 0, 0), utc(2105, 1, 1, 0, 0, 0));
	assert_parsed("Monday, 01-Jan-94 00:00:00 GMT",
	    utc(1999, 6, 1, 0, 0, 0), utc(1994, 1, 1, 0, 0, 0));
	/* a leap day counts in the year that is chosen */
	assert_parsed("Tuesday, 29-Feb-00 00:00:00 GMT", NOW_2024,
	    utc(2000, 2, 29, 0, 0, 0));
	int64_t secs;
	assert_false(date_parse(SPAN("Tuesday, 29-Feb-00 00:00:00 GMT"),
	    utc(2099, 1, 1, 0, 0, 0), &secs));
	/* a clock that is out of its mind is survived */
	(void)date_parse(
	    SPAN("Tuesday, 01-Feb-00 00:00:00 GMT"), INT64_MAX, &secs);
	(void)date_parse(
	    SPAN("Tuesday, 01-Feb-00 00:00:00 GMT"), INT64_MIN, &secs);
}

static void
another_days_weekday_is_let_pass_but_not_another_word(void **state)
{
	(void)state;
	assert_parsed("Mon, 06 Nov 1994 08:49:37 GMT", 0, 784111777);
	assert_parsed("Monday, 06-Nov-94 08:49:37 GMT", NOW_2024, 784111777);
	assert_refused("Son, 06 Nov 1994 08:49:37 GMT");
	assert_refused("Sunda, 06-Nov-94 08:49:37 GMT");
	assert_refused("Sun, 06-Nov-94 08:49:37 GMT");
	assert_refused(", 06-Nov-94 08:49:37 GMT");
	assert_refused("Sundays, 06-Nov-94 08:49:37 GMT");
	assert_refused("Sunday, 06 Nov 1994 08:49:37 GMT");
	assert_refused("Sunday Nov  6 08:49:37 1994");
}

static void
the_form_is_exact(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "0", "GMT",
		"sun, 06 Nov 1994 08:49:37 GMT",
		"SUN, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 nov 1994 08:49:37 GMT",
		"Sun, 06 NOV 1994 08:49:37 GMT",
		"Sun, 06 Now 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37 gmt",
		"Sun, 06 Nov 1994 08:49:37 UTC",
		"Sun, 06 Nov 1994 08:49:37 +0000", "Sun, 06 Nov 1994 08:49:37",
		"Sun, 6 Nov 1994 08:49:37 GMT", "Sun,  6 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov 19940 08:49:37 GMT",
		"Sun, 06 Nov +994 08:49:37 GMT", "Sun, 06 Nov 1994 8:49:37 GMT",
		"Sun, 06 Nov 1994 08-49-37 GMT",
		"Sun, 06 Nov 1994  08:49:37 GMT",
		"Sun,\t06 Nov 1994 08:49:37 GMT",
		" Sun, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37 GMT ",
		"Sun, 06 Nov 1994 08:49:37 GMT; length=5",
		"Sunday, 06-Nov-1994 08:49:37 GMT",
		"Sunday, 06-nov-94 08:49:37 GMT",
		"Sunday, 06-Nuv-94 08:49:37 GMT",
		"Sunday, 06-Nov-94 08:49:37 GMT.",
		"Sunday, 6-Nov-94 08:49:37 GMT", "Sun Nov 6 08:49:37 1994",
		"Sun Nov   6 08:49:37 1994", "Sun Nov -6 08:49:37 1994",
		"Sun Nov  6 08:49:37 1994 ", "Sun Nov  6 08:49:37 1994\n",
		"Sun Nov  6 08:49:37 94", "Sun Xov  6 08:49:37 1994",
		"1994-11-06T08:49:37Z" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refused(bad[i]);
	int64_t secs;
	assert_false(date_parse(span_of(NULL, 0), 0, &secs));
	assert_false(date_parse(
	    span_of("Sun, 06 Nov 1994 08:49:37 GMT\0", 30), 0, &secs));
}

static void
every_byte_and_every_length_matters(void **state)
{
	(void)state;
	static const char *const good[] = { "Sun, 06 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994" };
	for (size_t g = 0; g < sizeof(good) / sizeof(good[0]); g++) {
		struct span whole = span_str(good[g]);
		char s[64];
		int64_t secs;
		for (size_t i = 0; i < whole.n; i++) {
			assert_false(
			    date_parse(span_of(whole.p, i), NOW_2024, &secs));
			memcpy(s, whole.p, whole.n);
			s[i] = (char)0x80;
			assert_false(
			    date_parse(span_of(s, whole.n), NOW_2024, &secs));
			s[i] = '\0';
			assert_false(
			    date_parse(span_of(s, whole.n), NOW_2024, &secs));
		}
	}
}

static void
iso_form_is_utc_and_clamped_to_four_digit_years(void **state)
{
	static const struct {
		int64_t secs;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ 784111777, "1994-11-06T08:49:37Z" },
		{ 951782399, "2000-02-28T23:59:59Z" },
		{ 951782400, "2000-02-29T00:00:00Z" },
		{ -1, "1969-12-31T23:59:59Z" },
		{ INT64_MIN, "0001-01-01T00:00:00Z" },
		{ INT64_MAX, "9999-12-31T23:59:59Z" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char s[DATE_ISO_LEN + 1];

		date_format_iso(s, rows[i].secs);
		s[DATE_ISO_LEN] = '\0';
		assert_string_equal(s, rows[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    iso_form_is_utc_and_clamped_to_four_digit_years),
		cmocka_unit_test(the_examples_of_the_rfc_mean_the_same_second),
		cmocka_unit_test(
		    every_day_of_eight_centuries_goes_there_and_back),
		cmocka_unit_test(
		    the_turn_of_every_month_of_every_year_is_right),
		cmocka_unit_test(format_stays_within_four_digit_years),
		cmocka_unit_test(only_days_that_exist_are_dates),
		cmocka_unit_test(
		    a_leap_second_is_the_second_after_and_only_ends_a_day),
		cmocka_unit_test(
		    two_digit_years_are_never_more_than_50_years_ahead),
		cmocka_unit_test(
		    another_days_weekday_is_let_pass_but_not_another_word),
		cmocka_unit_test(the_form_is_exact),
		cmocka_unit_test(every_byte_and_every_length_matters),
	};
	return cmocka_run_group_tests_name("date", tests, NULL, NULL);
}
