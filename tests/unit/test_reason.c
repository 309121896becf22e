#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/coding.h"
#include "http/reason.h"

enum { WHY_COLUMN = 28 };

static const struct {
	const char *name;
	const char *why;
	const char *text;
} table[] = {
#define X(id, why, text) { #id, why, text },
	REASON_TABLE(X)
#undef X
};

static const char *
why_of(enum reason_id id, uint64_t a, uint32_t b)
{
	static char s[512];
	struct reason r = { .id = (uint16_t)id, .a = a, .b = b };
	struct buf out = buf_over(s, sizeof(s));
	reason_put_why(&out, &r);
	assert_false(out.full);
	return buf_cstr(&out);
}

static const char *
text_of(enum reason_id id, uint64_t a, uint32_t b)
{
	static char s[512];
	struct reason r = { .id = (uint16_t)id, .a = a, .b = b };
	struct buf out = buf_over(s, sizeof(s));
	reason_put_text(&out, &r);
	assert_false(out.full);
	return buf_cstr(&out);
}

static void
assert_braces_well_formed(const char *name, const char *s)
{
	static const char *const known[] = { "{a}", "{b}", "{a!}", "{as}",
		"{bs}", "{coding}", "{q}", "{over}" };

	while ((s = strpbrk(s, "{}")) != NULL) {
		size_t n = 0;

		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (span_starts(span_str(s), span_str(known[i])))
				n = strlen(known[i]);
		if (n == 0)
			fail_msg("%s: braces at \"%s\"", name, s);
		s += n;
	}
}

static void
every_text_has_only_braces_that_are_understood(void **state)
{
	(void)state;
	for (int id = 0; id < REASON_N; id++) {
		assert_braces_well_formed(table[id].name, table[id].why);
		assert_braces_well_formed(table[id].name, table[id].text);
		assert_null(
		    strpbrk(why_of((enum reason_id)id, UINT64_MAX, 1), "{}"));
		assert_null(
		    strpbrk(text_of((enum reason_id)id, UINT64_MAX, 1), "{}"));
	}
}

static void
one_is_one(void **state)
{
	static const char *const many[] = { "1 bytes", "1 fields", "1 tags",
		"1 connections", "1 requests", "1 places" };

	(void)state;
	for (int id = 0; id < REASON_N; id++)
		for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
			if (strstr(text_of((enum reason_id)id, 1, 1), many[i]))
				fail_msg("%s: %s", table[id].name, many[i]);
}

static void
a_choice_of_coding_is_told_in_words(void **state)
{
	(void)state;
	assert_string_equal(
	    text_of(REASON_CODING_CHOSEN,
		reason_coding(CODING_GZIP, 1000, CODING_BR, 500), 0),
	    "gzip chosen: q=1.0 over br q=0.5 (RFC 9110 12.5.3)");
	assert_string_equal(
	    text_of(REASON_CODING_CHOSEN,
		reason_coding(CODING_ZSTD, 125, CODING_N, 0), 0),
	    "zstd chosen: q=0.125 (RFC 9110 12.5.3)");
	assert_string_equal(why_of(REASON_CODING_PENDING,
				reason_coding(CODING_GZIP, 0, CODING_N, 0), 0),
	    "uncoded: gzip not yet made");
}

static void
every_short_text_fits_its_column(void **state)
{
	(void)state;
	for (int id = 0; id < REASON_N; id++) {
		size_t n = strlen(why_of((enum reason_id)id, 9, 9));
		if (n > WHY_COLUMN)
			fail_msg("%s: %zu characters", table[id].name, n);
	}
}

static void
every_reason_but_none_says_something(void **state)
{
	(void)state;
	assert_string_equal(why_of(REASON_NONE, 0, 0), "");
	assert_string_equal(text_of(REASON_NONE, 0, 0), "");
	for (int id = REASON_NONE + 1; id < REASON_N; id++) {
		assert_true(table[id].why[0] != '\0');
		assert_true(table[id].text[0] != '\0');
	}
}

static void
the_numbers_are_filled_in(void **state)
{
	(void)state;
	assert_string_equal(
	    why_of(REASON_VERSION_UNSUPPORTED, 2, 7), "HTTP/2.7 not spoken");
	assert_string_equal(text_of(REASON_KEEP_11, 7, 1000),
	    "kept alive: HTTP/1.1, request 7 of 1000");
	assert_string_equal(
	    text_of(REASON_PATH_NUL, 0, 0), "byte 0: %00 in the path");
	assert_string_equal(text_of(REASON_FILE_ERROR, 5, 0),
	    "opening or reading failed with errno 5");
	assert_string_equal(text_of(REASON_HEAD_READ, UINT64_MAX, UINT32_MAX),
	    "head of 18446744073709551615 bytes with 4294967295 fields read");
	assert_string_equal(text_of(REASON_HEAD_READ, 1, 1),
	    "head of 1 byte with 1 field read");
	assert_string_equal(text_of(REASON_HEAD_READ, 18, 1),
	    "head of 18 bytes with 1 field read");
	assert_string_equal(text_of(REASON_HEAD_READ, 18, 0),
	    "head of 18 bytes with 0 fields read");
	assert_string_equal(text_of(REASON_SEND_TRUNCATED, 1, 0),
	    "the file shrank while it was sent, by 1 byte, so the connection "
	    "is cut");
}

static void
a_text_that_does_not_fit_leaves_the_buffer_marked_full(void **state)
{
	(void)state;
	char s[10];
	struct reason r = { .id = REASON_FILE_MISSING };
	struct buf out = buf_over(s, sizeof(s));
	reason_put_why(&out, &r);
	assert_true(out.full);
	assert_true(out.n <= sizeof(s));
}

static void
a_trail_keeps_its_order_and_what_explains_the_status(void **state)
{
	(void)state;
	struct trail t = { 0 };
	trail_add(&t, REASON_HEAD_READ, 310, 9);
	trail_why(&t, REASON_INM_MATCHED, 1, 2);
	trail_add(&t, REASON_KEEP_11, 7, 1000);
	assert_int_equal(t.n, 3);
	assert_int_equal(t.why, 1);
	assert_int_equal(t.r[0].id, REASON_HEAD_READ);
	assert_int_equal(t.r[0].a, 310);
	assert_int_equal(t.r[0].b, 9);
	assert_int_equal(t.r[1].id, REASON_INM_MATCHED);
	assert_int_equal(t.r[2].id, REASON_KEEP_11);
}

static void
the_last_to_explain_the_status_counts(void **state)
{
	(void)state;
	struct trail t = { 0 };
	trail_why(&t, REASON_FILE_FOUND, 1, 0);
	trail_why(&t, REASON_IM_FAILED, 2, 0);
	assert_int_equal(t.why, 1);
}

static void
a_full_trail_takes_the_newest_and_keeps_its_bound(void **state)
{
	(void)state;
	struct trail t = { 0 };
	trail_why(&t, REASON_FILE_FOUND, 0, 0);
	for (uint64_t i = 1; i < 100; i++)
		trail_add(&t, REASON_HEAD_READ, i, 0);
	assert_int_equal(t.n, LIMIT_TRAIL);
	assert_int_equal(t.r[LIMIT_TRAIL - 1].a, 99);
	assert_int_equal(t.r[LIMIT_TRAIL - 2].a, LIMIT_TRAIL - 2);
	assert_int_equal(t.r[t.why].id, REASON_FILE_FOUND);
}

static void
a_full_trail_does_not_lose_what_explains_the_status(void **state)
{
	(void)state;
	struct trail t = { 0 };
	for (uint64_t i = 0; i < LIMIT_TRAIL; i++)
		trail_add(&t, REASON_HEAD_READ, i, 0);
	trail_why(&t, REASON_FILE_MISSING, 0, 0);
	assert_int_equal(t.r[t.why].id, REASON_FILE_MISSING);
	for (uint64_t i = 0; i < 5; i++) {
		trail_add(&t, REASON_KEEP_11, i, 0);
		assert_int_equal(t.n, LIMIT_TRAIL);
		assert_int_equal(t.r[t.why].id, REASON_FILE_MISSING);
		assert_int_equal(t.r[LIMIT_TRAIL - 1].id, REASON_KEEP_11);
		assert_int_equal(t.r[LIMIT_TRAIL - 1].a, i);
	}
	trail_why(&t, REASON_SEND_FAILED, 1, 2);
	assert_int_equal(t.r[t.why].id, REASON_SEND_FAILED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_text_has_only_braces_that_are_understood),
		cmocka_unit_test(one_is_one),
		cmocka_unit_test(a_choice_of_coding_is_told_in_words),
		cmocka_unit_test(every_short_text_fits_its_column),
		cmocka_unit_test(every_reason_but_none_says_something),
		cmocka_unit_test(the_numbers_are_filled_in),
		cmocka_unit_test(
		    a_text_that_does_not_fit_leaves_the_buffer_marked_full),
		cmocka_unit_test(
		    a_trail_keeps_its_order_and_what_explains_the_status),
		cmocka_unit_test(the_last_to_explain_the_status_counts),
		cmocka_unit_test(
		    a_full_trail_takes_the_newest_and_keeps_its_bound),
		cmocka_unit_test(
		    a_full_trail_does_not_lose_what_explains_the_status),
	};
	return cmocka_run_group_tests_name("reason", tests, NULL, NULL);
}
