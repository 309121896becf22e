#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"

static void
assert_text(const struct buf *b, const char *want)
{
	assert_int_equal(b->n, strlen(want));
	assert_memory_equal(b->p, want, b->n);
}

static void
what_does_not_fit_is_left_out_whole_and_remembered(void **state)
{
	char mem[5];
	struct buf b = buf_over(mem, sizeof(mem));

	(void)state;
	buf_puts(&b, "abc");
	assert_false(b.full);
	buf_puts(&b, "def");
	assert_text(&b, "abc");
	assert_true(b.full);
	buf_putc(&b, 'x');
	buf_putc(&b, 'y');
	assert_text(&b, "abcxy");
	buf_putc(&b, 'z');
	assert_text(&b, "abcxy");
	assert_true(b.full);
}

static void
a_buffer_without_room_takes_nothing_but_the_empty(void **state)
{
	struct buf b = buf_over(NULL, 0);

	(void)state;
	buf_put(&b, span_of(NULL, 0));
	assert_false(b.full);
	buf_printf(&b, "x");
	assert_true(b.full);
	assert_int_equal(b.n, 0);
}

static void
numbers_are_decimal_up_to_the_greatest(void **state)
{
	char mem[64];
	struct buf b = buf_over(mem, sizeof(mem));

	(void)state;
	buf_putu(&b, 0);
	buf_putc(&b, ' ');
	buf_putu(&b, 10);
	buf_putc(&b, ' ');
	buf_putu(&b, UINT64_MAX);
	assert_text(&b, "0 10 18446744073709551615");
}

static void
printf_appends_all_or_none(void **state)
{
	char mem[8];
	struct buf b = buf_over(mem, sizeof(mem));

	(void)state;
	buf_printf(&b, "%d-%s", 12, "ab");
	assert_text(&b, "12-ab");
	assert_false(b.full);
	buf_printf(&b, "%d", 1234);
	assert_text(&b, "12-ab");
	assert_true(b.full);
}

struct escape_case {
	const char *in;
	size_t n;
	const char *out;
};

#define CASE(in, out)                                                          \
	{                                                                      \
		in, sizeof(in) - 1, out                                        \
	}

static void
check_escapes(void (*put)(struct buf *, struct span),
    const struct escape_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char mem[128];
		struct buf b = buf_over(mem, sizeof(mem));

		put(&b, span_of(cases[i].in, cases[i].n));
		assert_text(&b, cases[i].out);
		/* one byte less: never half of an escape, and it is said */
		if (b.n == 0)
			continue;

		struct buf small = buf_over(mem, b.n - 1);

		put(&small, span_of(cases[i].in, cases[i].n));
		assert_true(small.full);
		assert_memory_equal(small.p, cases[i].out, small.n);
	}
}

static void
html_text_cannot_leave_its_place(void **state)
{
	static const struct escape_case cases[] = {
		CASE("", ""),
		CASE("plain /text", "plain /text"),
		CASE("<b a=\"x\">&'", "&lt;b a=&quot;x&quot;&gt;&amp;&#39;"),
		CASE("\xc3\xa4", "\xc3\xa4"),
	};

	(void)state;
	check_escapes(buf_put_html, cases, sizeof(cases) / sizeof(cases[0]));
}

static void
percent_encoding_keeps_unreserved_and_slash_only(void **state)
{
	static const struct escape_case cases[] = {
		CASE("/a-b._~9Z", "/a-b._~9Z"),
		CASE(" %?#\r\n", "%20%25%3F%23%0D%0A"),
		CASE("\xc3\xa4\0", "%C3%A4%00"),
		CASE("a:b@c&d+e;f'g", "a%3Ab%40c%26d%2Be%3Bf%27g"),
	};

	(void)state;
	check_escapes(buf_put_pct, cases, sizeof(cases) / sizeof(cases[0]));
}

static void
json_strings_are_valid_and_harmless_on_a_terminal(void **state)
{
	static const struct escape_case cases[] = {
		CASE("a\"b\\c/", "a\\\"b\\\\c/"),
		CASE("\b\f\n\r\t", "\\b\\f\\n\\r\\t"),
		CASE("\x01\x1b\0", "\\u0001\\u001b\\u0000"),
		CASE("\x7f", "\\u007f"),
		CASE("\xc2\x9b", "\\u009b"),
		CASE("\xe2\x80\xa8\xe2\x80\xa9", "\\u2028\\u2029"),
		CASE("\xc3\xa4\xf0\x9f\x98\x80", "\xc3\xa4\xf0\x9f\x98\x80"),
		CASE("a\xffz", "a\xef\xbf\xbdz"),
		CASE("\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"),
		CASE("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"),
	};

	(void)state;
	check_escapes(buf_put_json, cases, sizeof(cases) / sizeof(cases[0]));
}

static void
a_c_string_is_terminated_within_the_capacity(void **state)
{
	char mem[4];
	struct buf b = buf_over(mem, sizeof(mem));

	(void)state;
	buf_puts(&b, "abc");
	assert_string_equal(buf_cstr(&b), "abc");
	assert_false(b.full);
	buf_putc(&b, 'd');
	assert_string_equal(buf_cstr(&b), "abc");
	assert_true(b.full);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_does_not_fit_is_left_out_whole_and_remembered),
		cmocka_unit_test(
		    a_buffer_without_room_takes_nothing_but_the_empty),
		cmocka_unit_test(numbers_are_decimal_up_to_the_greatest),
		cmocka_unit_test(printf_appends_all_or_none),
		cmocka_unit_test(html_text_cannot_leave_its_place),
		cmocka_unit_test(
		    percent_encoding_keeps_unreserved_and_slash_only),
		cmocka_unit_test(
		    json_strings_are_valid_and_harmless_on_a_terminal),
		cmocka_unit_test(a_c_string_is_terminated_within_the_capacity),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
