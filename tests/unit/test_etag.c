#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/etag.h"

static const char *
tag_of(uint64_t size, int64_t mtime_ns)
{
	static char s[ETAG_MAX];
	struct buf b = buf_over(s, sizeof(s));
	etag_put(&b, size, mtime_ns, NULL);
	assert_false(b.full);
	return buf_cstr(&b);
}

static void
a_tag_is_made_of_size_and_time_alone(void **state)
{
	(void)state;
	assert_string_equal(tag_of(0, 0), "\"0-0\"");
	assert_string_equal(tag_of(310, 255), "\"136-ff\"");
	assert_string_equal(
	    tag_of(4096, 1718452800123456789), "\"1000-17d92bb78aa24d15\"");
}

static void
a_coded_representation_has_a_tag_of_its_own(void **state)
{
	char s[ETAG_MAX];
	struct buf b = buf_over(s, sizeof(s));

	(void)state;
	etag_put(&b, UINT64_MAX, -1, "gzip");
	assert_false(b.full);
	assert_string_equal(
	    buf_cstr(&b), "\"ffffffffffffffff-ffffffffffffffff-gzip\"");
}

static void
every_tag_is_a_list_of_one_that_matches_itself(void **state)
{
	(void)state;
	static const struct {
		uint64_t size;
		int64_t mtime;
	} files[] = { { 0, 0 }, { UINT64_MAX, INT64_MIN },
		{ UINT64_MAX, INT64_MAX }, { 1, -1 } };
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *tag = tag_of(files[i].size, files[i].mtime);
		unsigned counted = 0;
		assert_int_equal(etag_list_match(span_str(tag), span_str(tag),
				     true, &counted),
		    ETAG_MATCH);
		assert_int_equal(counted, 1);
	}
}

static void
another_nanosecond_or_size_is_another_tag(void **state)
{
	(void)state;
	char was[ETAG_MAX];
	strcpy(was, tag_of(100, 5000000000));
	assert_string_not_equal(tag_of(100, 5000000001), was);
	assert_string_not_equal(tag_of(101, 5000000000), was);
	assert_string_equal(tag_of(100, 5000000000), was);
}

/* The current tag is "a". */
static const struct {
	const char *list;
	enum etag_match strong;
	enum etag_match weak;
	unsigned counted; /* by the weak comparison; not checked for bad ones */
} lists[] = {
	{ "\"a\"", ETAG_MATCH, ETAG_MATCH, 1 },
	{ " \t\"a\" ", ETAG_MATCH, ETAG_MATCH, 1 },
	{ "\"b\"", ETAG_NO_MATCH, ETAG_NO_MATCH, 1 },
	{ "W/\"a\"", ETAG_NO_MATCH, ETAG_MATCH, 1 },
	{ "W/\"b\", \"a\"", ETAG_MATCH, ETAG_MATCH, 2 },
	{ "\"b\",\"c\",\"a\",\"d\"", ETAG_MATCH, ETAG_MATCH, 3 },
	{ "\"b\" , W/\"a\"\t,\"c\"", ETAG_NO_MATCH, ETAG_MATCH, 2 },
	{ ", ,\"a\"", ETAG_MATCH, ETAG_MATCH, 1 },
	{ ",\t\"a\"", ETAG_MATCH, ETAG_MATCH, 1 },
	{ "\"b\",,\"a\" , ,", ETAG_MATCH, ETAG_MATCH, 2 },
	{ "", ETAG_NO_MATCH, ETAG_NO_MATCH, 0 },
	{ " , ,", ETAG_NO_MATCH, ETAG_NO_MATCH, 0 },
	{ "\"\"", ETAG_NO_MATCH, ETAG_NO_MATCH, 1 },
	{ "\"A\"", ETAG_NO_MATCH, ETAG_NO_MATCH, 1 },
	{ "\"b,\", \"a\"", ETAG_MATCH, ETAG_MATCH, 2 },
	{ "\"*\"", ETAG_NO_MATCH, ETAG_NO_MATCH, 1 },
	{ "\"!#[\\]~\xff\x80\",\"a\"", ETAG_MATCH, ETAG_MATCH, 2 },
	{ "*", ETAG_STAR, ETAG_STAR, 0 },
	{ " *\t", ETAG_STAR, ETAG_STAR, 0 },
	{ "*,\"a\"", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "\"a\",*", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "**", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "a", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "\"a", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "\"", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "a\"", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "'a'", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "w/\"a\"", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "W/a", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "W/", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "W", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "W/ \"a\"", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "\"a\" \"b\"", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "\"a\"\"b\"", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "\"a\";\"b\"", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "\"a\", b", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "\"a\", \"b", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "\"a b\"", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "\"a\x7f\"", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "\"a\x01\"", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
	{ "\"a\\\"\"", ETAG_BAD_LIST, ETAG_BAD_LIST, 0 },
};

static void
lists_are_read_as_the_rfc_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct span list = span_str(lists[i].list);
		unsigned counted = 0;
		unsigned ignored = 0;
		enum etag_match strong =
		    etag_list_match(list, SPAN("\"a\""), true, &ignored);
		enum etag_match weak =
		    etag_list_match(list, SPAN("\"a\""), false, &counted);
		if (strong != lists[i].strong || weak != lists[i].weak)
			fail_msg("%s: strong %d, weak %d", lists[i].list,
			    strong, weak);
		if (weak != ETAG_BAD_LIST)
			assert_int_equal(counted, lists[i].counted);
	}
}

static void
a_weak_current_tag_never_matches_strongly(void **state)
{
	(void)state;
	unsigned counted = 0;
	struct span weak = SPAN("W/\"a\"");
	assert_int_equal(
	    etag_list_match(SPAN("W/\"a\", \"a\""), weak, true, &counted),
	    ETAG_NO_MATCH);
	assert_int_equal(counted, 2);
	assert_int_equal(
	    etag_list_match(SPAN("\"a\""), weak, false, &counted), ETAG_MATCH);
	assert_int_equal(counted, 3);
}

static void
counting_goes_on_over_several_field_lines(void **state)
{
	(void)state;
	unsigned counted = 0;
	etag_list_match(SPAN("\"b\", \"c\""), SPAN("\"a\""), false, &counted);
	etag_list_match(
	    SPAN("\"d\", \"a\", \"e\""), SPAN("\"a\""), false, &counted);
	assert_int_equal(counted, 4);
}

static void
a_file_without_a_tag_matches_no_tag(void **state)
{
	(void)state;
	unsigned counted = 0;
	assert_int_equal(etag_list_match(SPAN("\"a\", \"\""), span_of(NULL, 0),
			     false, &counted),
	    ETAG_NO_MATCH);
	assert_int_equal(etag_list_match(span_of(NULL, 0), span_of(NULL, 0),
			     false, &counted),
	    ETAG_NO_MATCH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tag_is_made_of_size_and_time_alone),
		cmocka_unit_test(a_coded_representation_has_a_tag_of_its_own),
		cmocka_unit_test(
		    every_tag_is_a_list_of_one_that_matches_itself),
		cmocka_unit_test(another_nanosecond_or_size_is_another_tag),
		cmocka_unit_test(lists_are_read_as_the_rfc_says),
		cmocka_unit_test(a_weak_current_tag_never_matches_strongly),
		cmocka_unit_test(counting_goes_on_over_several_field_lines),
		cmocka_unit_test(a_file_without_a_tag_matches_no_tag),
	};
	return cmocka_run_group_tests_name("etag", tests, NULL, NULL);
}
