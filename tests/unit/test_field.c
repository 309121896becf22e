#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/field.h"

static char
ascii_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

static void
each_name_is_found_in_any_case(void **state)
{
	(void)state;
	for (int id = FIELD_OTHER + 1; id < FIELD_N; id++) {
		struct span name = span_str(field_name((enum field_id)id));
		char low[64];
		char up[64];
		char mixed[64];
		assert_in_range(name.n, 1, sizeof(low));
		for (size_t i = 0; i < name.n; i++) {
			low[i] = ascii_lower(name.p[i]);
			up[i] = ascii_upper(name.p[i]);
			mixed[i] = i % 2 ? up[i] : low[i];
		}
		assert_int_equal(field_find(name), id);
		assert_int_equal(field_find(span_of(low, name.n)), id);
		assert_int_equal(field_find(span_of(up, name.n)), id);
		assert_int_equal(field_find(span_of(mixed, name.n)), id);
	}
}

static void
names_have_the_spelling_of_the_registry(void **state)
{
	(void)state;
	assert_string_equal(field_name(FIELD_HOST), "Host");
	assert_string_equal(
	    field_name(FIELD_IF_UNMODIFIED_SINCE), "If-Unmodified-Since");
	assert_string_equal(field_name(FIELD_SEC_FETCH_SITE), "Sec-Fetch-Site");
	assert_string_equal(field_name(FIELD_OTHER), "");
}

static void
a_name_with_a_byte_more_less_or_other_is_not_found(void **state)
{
	(void)state;
	for (int id = FIELD_OTHER + 1; id < FIELD_N; id++) {
		struct span name = span_str(field_name((enum field_id)id));
		char s[64];
		memcpy(s, name.p, name.n);
		s[name.n] = 's';
		assert_int_equal(
		    field_find(span_of(s, name.n + 1)), FIELD_OTHER);
		assert_int_equal(
		    field_find(span_of(s, name.n - 1)), FIELD_OTHER);
		assert_int_equal(
		    field_find(span_of(s + 1, name.n - 1)), FIELD_OTHER);
		for (size_t i = 0; i < name.n; i++) {
			char was = s[i];
			for (int byte = 0; byte < 256; byte++) {
				s[i] = (char)byte;
				bool same =
				    ascii_lower(s[i]) == ascii_lower(was);
				assert_int_equal(field_find(span_of(s, name.n)),
				    same ? id : FIELD_OTHER);
			}
			s[i] = was;
		}
	}
}

static void
other_fields_are_other(void **state)
{
	(void)state;
	static const char *const other[] = { "", "X", "DNT", "Cookie",
		"Content-Type", "Accept-Language", "Upgrade-Insecure-Requests",
		"If-Unmodified-Sincere", "H\xcfst" };
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		assert_int_equal(field_find(span_str(other[i])), FIELD_OTHER);
	assert_int_equal(field_find(span_of("Host", 5)), FIELD_OTHER);
	assert_int_equal(field_find(span_of(NULL, 0)), FIELD_OTHER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_name_is_found_in_any_case),
		cmocka_unit_test(names_have_the_spelling_of_the_registry),
		cmocka_unit_test(
		    a_name_with_a_byte_more_less_or_other_is_not_found),
		cmocka_unit_test(other_fields_are_other),
	};
	return cmocka_run_group_tests_name("field", tests, NULL, NULL);
}
