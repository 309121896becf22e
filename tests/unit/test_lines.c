#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/lines.h"

static void
assert_span(struct span s, const char *want)
{
	if (!span_eq(s, span_str(want)))
		fail_msg("\"%.*s\", not \"%s\"", (int)s.n, s.p, want);
}

static void
test_lines_of_a_head(void **state)
{
	struct span rest;
	struct head_line line;

	(void)state;
	assert_span(lines_first(SPAN("GET / HTTP/1.1\r\nHost: h \r\nB:\n c\r\n"
				     "no colon\r\n: x\r\n\r\nafter: x"),
			&rest),
	    "GET / HTTP/1.1");
	assert_true(lines_next(&rest, &line));
	assert_span(line.name, "Host");
	assert_span(line.value, "h");
	assert_true(lines_next(&rest, &line));
	assert_span(line.name, "B");
	assert_span(line.value, "");
	assert_true(lines_next(&rest, &line)); /* folded */
	assert_span(line.name, "");
	assert_span(line.value, " c");
	assert_true(lines_next(&rest, &line));
	assert_span(line.name, "");
	assert_span(line.value, "no colon");
	assert_true(lines_next(&rest, &line));
	assert_span(line.name, "");
	assert_span(line.value, "x");
	assert_false(lines_next(&rest, &line)); /* the head has ended */
}

static void
test_odd_beginnings_and_ends(void **state)
{
	struct head_line line;
	struct span rest;

	(void)state;
	assert_span(lines_first(span_of(NULL, 0), &rest), "");
	assert_false(lines_next(&rest, &line));
	assert_span(lines_first(SPAN("\r\nGET"), &rest), "GET");
	assert_false(lines_next(&rest, &line));
	assert_span(lines_first(SPAN("\r\n"), &rest), "");
	assert_span(lines_first(SPAN("\nGET"), &rest), "GET");
	assert_span(lines_first(SPAN("a\n\tb: c"), &rest), "a");
	assert_true(lines_next(&rest, &line)); /* folded by a tab */
	assert_span(line.name, "");
	assert_span(lines_first(SPAN("a\nb: c"), &rest), "a");
	assert_true(lines_next(&rest, &line));
	assert_span(line.value, "c");
	assert_false(lines_next(&rest, &line));
}

static void
test_value(void **state)
{
	static const char head[] = "GET /: HTTP/1.1\r\nA: 1\r\na: 2\r\nE:\r\n";

	(void)state;
	assert_span(lines_value(span_str(head), SPAN("a")), "1");
	assert_non_null(lines_value(span_str(head), SPAN("e")).p);
	assert_null(lines_value(span_str(head), SPAN("B")).p);
	assert_span(
	    lines_value(SPAN("x\nno colon\n: 1\nb: 2"), SPAN("B")), "2");
	assert_null(lines_value(span_str(head), SPAN("GET /")).p);
	assert_null(lines_value(span_of(NULL, 0), SPAN("A")).p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_of_a_head),
		cmocka_unit_test(test_odd_beginnings_and_ends),
		cmocka_unit_test(test_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
