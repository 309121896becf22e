#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "http/body.h"

#define BUDGET 100000

/* How reading ended, and after how many bytes. */
struct outcome {
	enum body_result result;
	uint64_t seen;
};

/* Read `s` in pieces: first `cut` bytes, then `step` at a time. */
static struct outcome
read_chunked(struct span s, uint64_t budget, size_t cut, size_t step)
{
	struct body_reader b;
	enum body_result result = BODY_MORE;
	size_t at = 0;

	body_init(&b, BODY_CHUNKED, 0, budget);
	while (result == BODY_MORE && at < s.n) {
		size_t n = at == 0 && cut > 0 ? cut : step;
		size_t used = 99;
		if (n > s.n - at)
			n = s.n - at;
		/* a copy of the exact size: reading past it is noticed */
		char *piece = malloc(n);
		assert_non_null(piece);
		memcpy(piece, s.p + at, n);
		result = body_read(&b, piece, n, &used);
		free(piece);
		assert_true(used <= n);
		if (result == BODY_MORE)
			assert_int_equal(used, n);
		at += used;
		assert_int_equal(b.seen, at);
		assert_int_equal(b.seen + b.budget, budget);
	}
	return (struct outcome){ result, b.seen };
}

static struct outcome
read_whole(struct span s, uint64_t budget)
{
	return read_chunked(s, budget, s.n, s.n);
}

static void
assert_same_however_split(struct span s, uint64_t budget)
{
	struct outcome whole = read_whole(s, budget);
	for (size_t cut = 1; cut < s.n; cut++) {
		struct outcome o = read_chunked(s, budget, cut, s.n);
		if (o.result != whole.result || o.seen != whole.seen)
			fail_msg("%.*s: cut at %zu", (int)s.n, s.p, cut);
	}
	for (size_t step = 1; step < 4; step++) {
		struct outcome o = read_chunked(s, budget, 0, step);
		if (o.result != whole.result || o.seen != whole.seen)
			fail_msg("%.*s: steps of %zu", (int)s.n, s.p, step);
	}
}

#define X16 "xxxxxxxxxxxxxxxx"
#define X64 X16 X16 X16 X16

static const struct {
	const char *bytes;
	enum body_result result;
	uint64_t seen; /* for BODY_BAD the byte at fault */
} cases[] = {
	/* whole */
	{ "0\r\n\r\n", BODY_COMPLETE, 5 },
	{ "5\r\nhello\r\n0\r\n\r\n", BODY_COMPLETE, 15 },
	{ "5\r\nhello\r\n0\r\n\r\nGET / HTTP/1.1\r\n", BODY_COMPLETE, 15 },
	{ "a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n", BODY_COMPLETE,
	    36 },
	{ "1\r\n\r\r\n2\r\n\r\n\r\n000\r\n\r\n", BODY_COMPLETE, 20 },
	{ "0000000000000001\r\nx\r\n0000000000000000\r\n\r\n", BODY_COMPLETE,
	    41 },
	{ "1;a\r\nx\r\n0;last\r\n\r\n", BODY_COMPLETE, 18 },
	{ "1;a=b;c;d=\"e; \\\"f\\\\\r\"\r\nx\r\n0\r\n\r\n", BODY_BAD, 19 },
	{ "1;a=b;c;d=\"e;\t\\\"f\\\\\";g\r\nx\r\n0\r\n\r\n", BODY_COMPLETE,
	    32 },
	{ "1;a=\"\"\r\nx\r\n0\r\n\r\n", BODY_COMPLETE, 16 },
	{ "0\r\nA: b\r\nC:\r\nD:  \te\xff f \r\n\r\n", BODY_COMPLETE, 27 },
	/* not all there */
	{ "", BODY_MORE, 0 },
	{ "5", BODY_MORE, 1 },
	{ "5\r\nhel", BODY_MORE, 6 },
	{ "5\r\nhello\r\n0\r\n\r", BODY_MORE, 14 },
	{ "0\r\nA: b\r\n", BODY_MORE, 9 },
	/* sizes */
	{ "\r\n", BODY_BAD, 0 },
	{ ";a\r\n", BODY_BAD, 0 },
	{ "g\r\n", BODY_BAD, 0 },
	{ " 5\r\n", BODY_BAD, 0 },
	{ "+5\r\n", BODY_BAD, 0 },
	{ "-5\r\n", BODY_BAD, 0 },
	{ "0x5\r\n", BODY_BAD, 1 },
	{ "5 \r\n", BODY_BAD, 1 },
	{ "5_0\r\n", BODY_BAD, 1 },
	{ "5\t;a\r\n", BODY_BAD, 1 },
	{ "5 ;a\r\n", BODY_BAD, 1 },
	{ "00000000000000000\r\n", BODY_BAD, 16 },
	{ "ffffffffffffffff0\r\n", BODY_BAD, 16 },
	{ "ffffffffffffffff\r\n", BODY_OVER, 18 },
	/* line ends */
	{ "5\nhello", BODY_BAD, 1 },
	{ "5\rhello", BODY_BAD, 2 },
	{ "5\r\r\nhello", BODY_BAD, 2 },
	{ "5\r\nhello\n0\r\n\r\n", BODY_BAD, 8 },
	{ "5\r\nhello0\r\n\r\n", BODY_BAD, 8 },
	{ "5\r\nhelloo\r\n0\r\n\r\n", BODY_BAD, 8 },
	{ "5\r\nhello\r0\r\n\r\n", BODY_BAD, 9 },
	{ "5\r\nhello\r\n\r\n", BODY_BAD, 10 },
	{ "0\r\n\n", BODY_BAD, 3 },
	{ "0\r\n\rX", BODY_BAD, 4 },
	{ "0\n\n", BODY_BAD, 1 },
	/* extensions */
	{ "5;\r\n", BODY_BAD, 2 },
	{ "5;;a\r\n", BODY_BAD, 2 },
	{ "5; a\r\n", BODY_BAD, 2 },
	{ "5;a \r\n", BODY_BAD, 3 },
	{ "5;a=\r\n", BODY_BAD, 4 },
	{ "5;a= b\r\n", BODY_BAD, 4 },
	{ "5;=b\r\n", BODY_BAD, 2 },
	{ "5;a=b=c\r\n", BODY_BAD, 5 },
	{ "5;a=\"b\r\n", BODY_BAD, 6 },
	{ "5;a=\"b\"c\r\n", BODY_BAD, 7 },
	{ "5;a=\"\\\r\n", BODY_BAD, 6 },
	{ "5;a=\"\x7f\"\r\n", BODY_BAD, 5 },
	{ "5;a\nhello", BODY_BAD, 3 },
	{ "5;a=b\nhello", BODY_BAD, 5 },
	/* trailers */
	{ "0\r\nA\r\n", BODY_BAD, 4 },
	{ "0\r\n: b\r\n", BODY_BAD, 3 },
	{ "0\r\nA : b\r\n", BODY_BAD, 4 },
	{ "0\r\n A: b\r\n", BODY_BAD, 3 },
	{ "0\r\nA: b\n\r\n", BODY_BAD, 7 },
	{ "0\r\nA: b\rC: d\r\n", BODY_BAD, 8 },
	{ "0\r\nA: b\r\n c\r\n\r\n", BODY_BAD, 9 },
	{ "0\r\nA: \x01\r\n", BODY_BAD, 6 },
	{ "0\r\nA: \x7f\r\n", BODY_BAD, 6 },
	{ "0\r\nGET / HTTP/1.1\r\n\r\n", BODY_BAD, 6 },
};

static void
chunked_framing_is_read_strictly(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct span s = span_str(cases[i].bytes);
		struct outcome o = read_whole(s, BUDGET);
		if (o.result != cases[i].result || o.seen != cases[i].seen)
			fail_msg("%s: result %d at %llu", cases[i].bytes,
			    (int)o.result, (unsigned long long)o.seen);
	}
}

static void
a_nul_is_content_in_a_chunk_and_a_fault_elsewhere(void **state)
{
	(void)state;
	struct outcome o = read_whole(SPAN("3\r\n\0\0\0\r\n0\r\n\r\n"), BUDGET);
	assert_int_equal(o.result, BODY_COMPLETE);
	o = read_whole(SPAN("3\0\r\n"), BUDGET);
	assert_int_equal(o.result, BODY_BAD);
	assert_int_equal(o.seen, 1);
	o = read_whole(SPAN("0\r\nA: \0\r\n\r\n"), BUDGET);
	assert_int_equal(o.result, BODY_BAD);
	assert_int_equal(o.seen, 6);
}

static void
split_anywhere_the_result_is_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct span s = span_str(cases[i].bytes);
		assert_same_however_split(s, BUDGET);
		for (uint64_t budget = 0; budget <= s.n; budget++)
			assert_same_however_split(s, budget);
	}
}

/* A small generator of its own, so that a failure can be repeated. */
static uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 16;
}

static void
damaged_content_gives_the_same_fault_however_split(void **state)
{
	(void)state;
	static const char good[] = "5;a=b;c=\"d\\\"\"\r\nhello\r\n"
				   "00b;x\r\nhello world\r\n0\r\n"
				   "Trailer: one\r\nOther:two\r\n\r\n";
	static const char bytes[] = "\r\n\t \"\\;:=0aF\x00\x7f\xff";
	uint32_t seed = 20240615;
	for (int round = 0; round < 3000; round++) {
		char s[sizeof(good)];
		memcpy(s, good, sizeof(good));
		for (uint32_t k = next(&seed) % 3 + 1; k > 0; k--)
			s[next(&seed) % (sizeof(good) - 1)] =
			    bytes[next(&seed) % (sizeof(bytes) - 1)];
		assert_same_however_split(span_of(s, sizeof(good) - 1), BUDGET);
	}
}

/* What the console says was thrown away. */
static void
content_is_counted_without_its_framing(void **state)
{
	static const char chunked[] = "3;x=y\r\nabc\r\n0A\r\n0123456789\r\n"
				      "0\r\nt: 1\r\n\r\n";
	struct body_reader b;
	size_t used;

	(void)state;
	body_init(&b, BODY_CHUNKED, 0, BUDGET);
	assert_int_equal(body_read(&b, chunked, 10, &used), BODY_MORE);
	assert_int_equal(b.content, 3);
	assert_int_equal(
	    body_read(&b, chunked + 10, sizeof(chunked) - 11, &used),
	    BODY_COMPLETE);
	assert_int_equal(b.content, 13);
	assert_int_equal(b.seen, sizeof(chunked) - 1);
	body_init(&b, BODY_LENGTH, 4, BUDGET);
	assert_int_equal(body_read(&b, "abcdef", 6, &used), BODY_COMPLETE);
	assert_int_equal(b.content, 4);
}

static void
what_comes_after_the_content_is_not_taken(void **state)
{
	(void)state;
	struct body_reader b;
	size_t used;
	body_init(&b, BODY_CHUNKED, 0, BUDGET);
	assert_int_equal(
	    body_read(&b, "1\r\nx\r\n0\r\n\r\nGET ", 15, &used), BODY_COMPLETE);
	assert_int_equal(used, 11);
	body_init(&b, BODY_LENGTH, 3, BUDGET);
	assert_int_equal(body_read(&b, "abcGET ", 7, &used), BODY_COMPLETE);
	assert_int_equal(used, 3);
	body_init(&b, BODY_NONE, 0, BUDGET);
	assert_int_equal(body_read(&b, "GET ", 4, &used), BODY_COMPLETE);
	assert_int_equal(used, 0);
}

static void
content_of_a_known_length_ends_at_its_length(void **state)
{
	(void)state;
	struct body_reader b;
	size_t used;
	body_init(&b, BODY_LENGTH, 5, 5);
	assert_int_equal(body_read(&b, "", 0, &used), BODY_MORE);
	assert_int_equal(body_read(&b, "he", 2, &used), BODY_MORE);
	assert_int_equal(used, 2);
	assert_int_equal(body_read(&b, "\r\nx", 3, &used), BODY_COMPLETE);
	assert_int_equal(used, 3);
	assert_int_equal(b.seen, 5);
	body_init(&b, BODY_LENGTH, 0, 0);
	assert_int_equal(body_read(&b, "", 0, &used), BODY_COMPLETE);
}

static void
a_length_over_the_budget_is_refused_before_it_is_read(void **state)
{
	(void)state;
	struct body_reader b;
	size_t used = 99;
	body_init(&b, BODY_LENGTH, 6, 5);
	assert_int_equal(body_read(&b, "", 0, &used), BODY_OVER);
	assert_int_equal(used, 0);
	body_init(&b, BODY_LENGTH, UINT64_MAX, UINT64_MAX - 1);
	assert_int_equal(body_read(&b, "abcdef", 6, &used), BODY_OVER);
	assert_int_equal(used, 0);
	body_init(&b, BODY_LENGTH, UINT64_MAX, UINT64_MAX);
	assert_int_equal(body_read(&b, "abcdef", 6, &used), BODY_MORE);
}

static void
framing_counts_against_the_budget(void **state)
{
	(void)state;
	static const char *const bodies[] = { "5\r\nhello\r\n0\r\n\r\n",
		"1;ext=val\r\nx\r\n0\r\nA: b\r\n\r\n" };
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct span s = span_str(bodies[i]);
		assert_int_equal(read_whole(s, s.n).result, BODY_COMPLETE);
		for (uint64_t budget = 0; budget < s.n; budget++) {
			struct outcome o = read_whole(s, budget);
			assert_int_equal(o.result, BODY_OVER);
			assert_true(o.seen <= budget);
		}
	}
}

static void
a_chunk_over_the_budget_is_refused_before_it_is_read(void **state)
{
	(void)state;
	struct outcome o = read_whole(SPAN("64\r\n"), 103);
	assert_int_equal(o.result, BODY_OVER);
	assert_int_equal(o.seen, 4);
	assert_int_equal(read_whole(SPAN("64\r\n"), 104).result, BODY_MORE);
}

/* prefix, `n` times 'x', suffix */
static struct outcome
read_padded(const char *prefix, size_t n, const char *suffix)
{
	static char s[8192];
	size_t before = strlen(prefix);
	size_t after = strlen(suffix);
	assert_true(before + n + after <= sizeof(s));
	memcpy(s, prefix, before);
	memset(s + before, 'x', n);
	memcpy(s + before + n, suffix, after);
	return read_whole(span_of(s, before + n + after), BUDGET);
}

static void
extensions_are_bounded_for_each_line(void **state)
{
	(void)state;
	struct outcome o = read_padded("1;", 255, "\r\nx\r\n0\r\n\r\n");
	assert_int_equal(o.result, BODY_COMPLETE);
	o = read_padded("1;", 256, "\r\nx\r\n0\r\n\r\n");
	assert_int_equal(o.result, BODY_BAD);
	assert_int_equal(o.seen, 257);
	o = read_padded("1;a=\"", 300, "\"\r\nx\r\n0\r\n\r\n");
	assert_int_equal(o.result, BODY_BAD);
	assert_int_equal(o.seen, 257);
	/* each line has its own bound */
	o = read_whole(SPAN("1;" X64 X64 "\r\nx\r\n1;" X64 X64
			    "\r\nx\r\n0;" X64 X64 "\r\n\r\n"),
	    BUDGET);
	assert_int_equal(o.result, BODY_COMPLETE);
}

static void
trailers_are_bounded_together(void **state)
{
	(void)state;
	/* "A:" and CRLF are bytes of the line too; the last CRLF is not */
	struct outcome o = read_padded("0\r\nA:", 4092, "\r\n\r\n");
	assert_int_equal(o.result, BODY_COMPLETE);
	o = read_padded("0\r\nA:", 4093, "\r\n\r\n");
	assert_int_equal(o.result, BODY_BAD);
	assert_int_equal(o.seen, 3 + 4096);
	o = read_padded("0\r\nA:b\r\nC:", 4087, "\r\n\r\n");
	assert_int_equal(o.result, BODY_COMPLETE);
	o = read_padded("0\r\nA:b\r\nC:", 4088, "\r\n\r\n");
	assert_int_equal(o.result, BODY_BAD);
	assert_int_equal(o.seen, 3 + 4096);
	/* extensions of the last chunk do not count here */
	o = read_padded("0;" X64 "\r\nA:", 4092, "\r\n\r\n");
	assert_int_equal(o.result, BODY_COMPLETE);
}

static void
an_end_stays_an_end(void **state)
{
	(void)state;
	struct body_reader b;
	size_t used;
	body_init(&b, BODY_CHUNKED, 0, BUDGET);
	assert_int_equal(body_read(&b, "5\nx", 3, &used), BODY_BAD);
	assert_int_equal(used, 1);
	assert_int_equal(body_read(&b, "\r\n", 2, &used), BODY_BAD);
	assert_int_equal(used, 0);
	assert_int_equal(b.seen, 1);
	body_init(&b, BODY_CHUNKED, 0, 1);
	assert_int_equal(body_read(&b, "0\r\n\r\n", 5, &used), BODY_OVER);
	assert_int_equal(body_read(&b, "0\r\n\r\n", 5, &used), BODY_OVER);
	assert_int_equal(used, 0);
}

static void
without_content_nothing_is_taken(void **state)
{
	struct body_reader b;
	size_t used = 99;

	(void)state;
	body_init(&b, BODY_NONE, 5, BUDGET);
	assert_int_equal(body_read(&b, "GET /", 5, &used), BODY_COMPLETE);
	assert_int_equal(used, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunked_framing_is_read_strictly),
		cmocka_unit_test(
		    a_nul_is_content_in_a_chunk_and_a_fault_elsewhere),
		cmocka_unit_test(content_is_counted_without_its_framing),
		cmocka_unit_test(split_anywhere_the_result_is_the_same),
		cmocka_unit_test(
		    damaged_content_gives_the_same_fault_however_split),
		cmocka_unit_test(what_comes_after_the_content_is_not_taken),
		cmocka_unit_test(content_of_a_known_length_ends_at_its_length),
		cmocka_unit_test(
		    a_length_over_the_budget_is_refused_before_it_is_read),
		cmocka_unit_test(framing_counts_against_the_budget),
		cmocka_unit_test(
		    a_chunk_over_the_budget_is_refused_before_it_is_read),
		cmocka_unit_test(extensions_are_bounded_for_each_line),
		cmocka_unit_test(trailers_are_bounded_together),
		cmocka_unit_test(without_content_nothing_is_taken),
		cmocka_unit_test(an_end_stays_an_end),
	};
	return cmocka_run_group_tests_name("body", tests, NULL, NULL);
}
