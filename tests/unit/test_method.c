#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/method.h"

static const char *const registered[] = {
#define X(id, served) #id,
	METHOD_TABLE(X)
#undef X
};

static void
each_registered_method_is_found_by_its_name(void **state)
{
	(void)state;
	for (int m = METHOD_UNKNOWN + 1; m < METHOD_N; m++) {
		const char *name = method_name((enum http_method)m);
		assert_int_equal(method_find(span_str(name)), m);
		if (m != METHOD_VERSION_CONTROL)
			assert_string_equal(name, registered[m - 1]);
	}
	assert_string_equal(method_name(METHOD_GET), "GET");
}

static void
version_control_is_spelled_with_a_hyphen(void **state)
{
	(void)state;
	assert_string_equal(
	    method_name(METHOD_VERSION_CONTROL), "VERSION-CONTROL");
	assert_int_equal(
	    method_find(SPAN("VERSION-CONTROL")), METHOD_VERSION_CONTROL);
	assert_int_equal(method_find(SPAN("VERSION_CONTROL")), METHOD_UNKNOWN);
}

static void
near_misses_are_unknown(void **state)
{
	(void)state;
	static const char *const near[] = { "", "get", "Get", "GE", "GETT",
		"GET ", "HEAd", "BREW", "?", "PROPFINE", "UPDATEREDIRECTREFS" };
	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++)
		assert_int_equal(
		    method_find(span_str(near[i])), METHOD_UNKNOWN);
	assert_int_equal(method_find(span_of(NULL, 0)), METHOD_UNKNOWN);
}

static void
one_byte_changed_in_a_name_makes_it_another(void **state)
{
	(void)state;
	for (int m = METHOD_UNKNOWN + 1; m < METHOD_N; m++) {
		struct span name = span_str(method_name((enum http_method)m));
		char s[32];
		for (size_t i = 0; i < name.n; i++) {
			memcpy(s, name.p, name.n);
			s[i] ^= 0x20;
			assert_int_not_equal(
			    method_find(span_of(s, name.n)), m);
		}
		assert_int_not_equal(
		    method_find(span_of(name.p, name.n - 1)), m);
	}
}

static void
a_file_answers_to_get_head_and_options_only(void **state)
{
	(void)state;
	unsigned served = 0;
	for (int m = METHOD_UNKNOWN; m < METHOD_N; m++)
		served += method_is_served((enum http_method)m);
	assert_int_equal(served, 3);
	assert_true(method_is_served(METHOD_GET));
	assert_true(method_is_served(METHOD_HEAD));
	assert_true(method_is_served(METHOD_OPTIONS));
	assert_false(method_is_served(METHOD_UNKNOWN));
}

static void
an_unknown_method_is_shown_as_a_question_mark(void **state)
{
	(void)state;
	assert_string_equal(method_name(METHOD_UNKNOWN), "?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_registered_method_is_found_by_its_name),
		cmocka_unit_test(version_control_is_spelled_with_a_hyphen),
		cmocka_unit_test(near_misses_are_unknown),
		cmocka_unit_test(one_byte_changed_in_a_name_makes_it_another),
		cmocka_unit_test(a_file_answers_to_get_head_and_options_only),
		cmocka_unit_test(an_unknown_method_is_shown_as_a_question_mark),
	};
	return cmocka_run_group_tests_name("method", tests, NULL, NULL);
}
