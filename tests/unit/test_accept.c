#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/accept.h"

struct row {
	const char *accept;
	unsigned html;
	unsigned plain;
};

static void
assert_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct span accept = span_str(rows[i].accept);
		unsigned html = accept_quality(accept, SPAN("text/html"));
		unsigned plain = accept_quality(accept, SPAN("text/plain"));
		if (html != rows[i].html || plain != rows[i].plain)
			fail_msg("%s: html %u, plain %u", rows[i].accept, html,
			    plain);
	}
}

static void
clients_of_this_world_get_what_they_prefer(void **state)
{
	(void)state;
	static const struct row rows[] = {
		/* Firefox, Chromium, curl, wget, Java */
		{ "text/html,application/xhtml+xml,application/xml;q=0.9,"
		  "image/avif,image/webp,*/*;q=0.8",
		    1000, 800 },
		{ "text/html,application/xhtml+xml,application/xml;q=0.9,"
		  "image/avif,image/webp,image/apng,*/*;q=0.8,"
		  "application/signed-exchange;v=b3;q=0.7",
		    1000, 800 },
		{ "*/*", 1000, 1000 },
		{ "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", 1000,
		    0 },
		{ "application/json", 0, 0 },
		{ "text/plain", 0, 1000 },
		{ "", 1000, 1000 },
	};
	assert_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void
the_most_specific_range_counts_wherever_it_stands(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "*/*;q=0.1, text/*;q=0.5, text/html;q=0.7", 700, 500 },
		{ "text/html;q=0.7, text/*;q=0.5, */*;q=0.1", 700, 500 },
		{ "text/html;q=0.1, */*", 100, 1000 },
		{ "text/html;q=0, text/*", 0, 1000 },
		{ "*/*;q=0", 0, 0 },
		{ "image/*, */*;q=0.3", 300, 300 },
		/* of equals, the best */
		{ "text/*;q=0.2, text/*;q=0.6, text/*;q=0.4", 600, 600 },
		{ "text/html;level=1;q=0.3, text/html;q=0.4", 400, 0 },
	};
	assert_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void
weights_have_up_to_three_decimals(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "text/html;q=0.5, text/plain;q=0.05", 500, 50 },
		{ "text/html;q=0.123, text/plain;q=0.999", 123, 999 },
		{ "text/html;q=1, text/plain;q=0", 1000, 0 },
		{ "text/html;q=1., text/plain;q=0.", 1000, 0 },
		{ "text/html;q=1.000, text/plain;q=0.001", 1000, 1 },
		{ "text/html ; q=0.5,text/plain;Q=0.25", 500, 250 },
		{ "text/html;\tq=0.5;x=y, text/plain;a=b ;q=0.25", 500, 250 },
	};
	assert_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void
malformed_members_are_ignored(void **state)
{
	(void)state;
	static const char *const bad[] = { "text", "text/", "/html", "/",
		"text/html/x", "*/html", "text html", "text/html q=1",
		"text /html", "text/ html", "text/html;q",
		"text/html;q=", "text/html;q=x", "text/html;q=2",
		"text/html;q=1.001", "text/html;q=1.5", "text/html;q=0.1234",
		"text/html;q=-1", "text/html;q=.5", "text/html;q=00",
		"text/html;q=0.5.5", "text/html;q = 0.5",
		"text/html;a=", "text/html;a=\"b", "text/html;a=\"b\"c",
		"text/html;=b", "text/html;a=b c", "text/(html)",
		"\"text/html\"", "text/html;q=\"0.5\"x" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char s[128];
		size_t n = strlen(bad[i]);
		memcpy(s, "text/*;q=0.3,", 13);
		memcpy(s + 13, bad[i], n);
		struct span after = span_of(s, 13 + n);
		if (accept_quality(after, SPAN("text/plain")) != 300)
			fail_msg("%s", bad[i]);
		if (accept_quality(after, SPAN("text/html")) != 300)
			fail_msg("not ignored: %s", bad[i]);
	}
}

static void
a_value_with_no_media_range_is_as_good_as_none(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ " , ,", 1000, 1000 },
		{ "*", 1000, 1000 },
		{ "text/html;q=7", 1000, 1000 },
		{ "text/html;q=", 1000, 1000 },
	};
	assert_rows(rows, sizeof(rows) / sizeof(rows[0]));
	assert_int_equal(
	    accept_quality(span_of(NULL, 0), SPAN("text/html")), 1000);
}

static void
empty_members_and_parameters_are_allowed(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ ", ,text/html;q=0.5,,", 500, 0 },
		{ "text/html;;q=0.5; ;, text/plain;", 500, 1000 },
	};
	assert_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void
a_comma_in_quotes_separates_nothing(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "text/html;a=\"x,text/plain;q=1\";q=0.5", 500, 0 },
		{ "text/html;a=\"\\\",\";q=0.5, text/plain", 500, 1000 },
		{ "text/plain, image/png;a=\"never, text/html", 0, 1000 },
		{ "text/html;a=\"\t\";q=0.5, text/plain", 500, 1000 },
		{ "image/png, text/html;a=\"\x7f\", text/plain", 0, 0 },
		/* with what no quoted string may have it never ends */
		{ "image/png, text/html;a=\"\x01\", text/plain", 0, 0 },
		{ "image/png, text/html;a=\"\\\x01\", text/plain", 0, 0 },
		{ "text/html;q=0.5, text/plain;a=\"\\", 500, 0 },
	};
	assert_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void
what_is_no_type_is_matched_by_any_alone(void **state)
{
	(void)state;
	assert_int_equal(accept_quality(SPAN("text/html"), SPAN("")), 0);
	assert_int_equal(
	    accept_quality(SPAN("text/html"), SPAN("texthtml")), 0);
	assert_int_equal(
	    accept_quality(SPAN("*/*;q=0.5"), span_of(NULL, 0)), 500);
}

static void
types_are_compared_without_regard_to_case(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "TEXT/Html;q=0.5, Text/*;q=0.25", 500, 250 },
		{ "text/htm;q=0.5, text/htmlx;q=0.5, tex/html", 0, 0 },
	};
	assert_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_of_this_world_get_what_they_prefer),
		cmocka_unit_test(
		    the_most_specific_range_counts_wherever_it_stands),
		cmocka_unit_test(weights_have_up_to_three_decimals),
		cmocka_unit_test(malformed_members_are_ignored),
		cmocka_unit_test(
		    a_value_with_no_media_range_is_as_good_as_none),
		cmocka_unit_test(empty_members_and_parameters_are_allowed),
		cmocka_unit_test(a_comma_in_quotes_separates_nothing),
		cmocka_unit_test(what_is_no_type_is_matched_by_any_alone),
		cmocka_unit_test(types_are_compared_without_regard_to_case),
	};
	return cmocka_run_group_tests_name("accept", tests, NULL, NULL);
}
