#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/buf.h"
#include "http/target.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* SPAN is an expression, and no constant one. */
#define S(literal)                                                             \
	{                                                                      \
		(literal), sizeof(literal) - 1                                 \
	}

/* On a copy of exactly its size: a byte read beyond it is seen. */
static enum reason_id
decode(struct span raw, struct target_path *t, size_t *at)
{
	char *copy = malloc(raw.n ? raw.n : 1);
	enum reason_id why;

	assert_non_null(copy);
	if (raw.n != 0)
		memcpy(copy, raw.p, raw.n);
	why = target_decode(span_of(raw.n ? copy : NULL, raw.n), t, at);
	free(copy);
	return why;
}

static void
paths_are_decoded_once_and_normalised(void **state)
{
	static const struct {
		const char *raw, *path;
	} rows[] = {
		{ "/", "/" },
		{ "", "/" },
		{ "a/b", "/a/b" },
		{ "*", "/*" },
		{ "/a", "/a" },
		{ "/a/", "/a/" },
		{ "/a/b.txt", "/a/b.txt" },
		/* slashes */
		{ "//", "/" },
		{ "///a//b///", "/a/b/" },
		{ "//evil.example/x", "/evil.example/x" },
		/* dot segments (RFC 3986 5.2.4) */
		{ "/.", "/" },
		{ "/./", "/" },
		{ "/a/.", "/a/" },
		{ "/a/./b", "/a/b" },
		{ "/a/..", "/" },
		{ "/a/../", "/" },
		{ "/a/b/..", "/a/" },
		{ "/a/b/../c", "/a/c" },
		{ "/a/b/../../c", "/c" },
		{ "/a/b/../..", "/" },
		{ "/a//../b", "/b" },
		{ "/a/.//..//b", "/b" },
		/* not dot segments */
		{ "/...", "/..." },
		{ "/a/..;/", "/a/..;/" },
		{ "/..a", "/..a" },
		{ "/a..", "/a.." },
		{ "/.a/.b", "/.a/.b" },
		{ "/..%20", "/.. " },
		{ "/..\\..\\etc", "/..\\..\\etc" },
		{ "/..%5c..%5cetc", "/..\\..\\etc" },
		/* escapes, once */
		{ "/%61%62c", "/abc" },
		{ "/%41%7A", "/Az" },
		{ "/%e2%82%aC", "/\xe2\x82\xac" },
		{ "/a%20b", "/a b" },
		{ "/a+b", "/a+b" },
		{ "/%25", "/%" },
		{ "/%252e%252e/x", "/%2e%2e/x" },
		{ "/a/%252e%252e%252fb", "/a/%2e%2e%2fb" },
		{ "/%c0%ae%c0%ae/x", "/\xc0\xae\xc0\xae/x" },
		{ "/%ff%80", "/\xff\x80" },
		{ "/%3Fquery%23f", "/?query#f" },
		{ "/%7e~", "/~~" },
		/* escaped dots are dots */
		{ "/a/%2e", "/a/" },
		{ "/a/%2e%2e/b", "/b" },
		{ "/a/.%2E/b", "/b" },
		{ "/a/%2E./b", "/b" },
		{ "/a/%2e%2e", "/" },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct target_path t;
		size_t at, n = strlen(rows[i].path);

		assert_int_equal(
		    decode(span_str(rows[i].raw), &t, &at), REASON_NONE);
		assert_string_equal(t.s, rows[i].path);
		assert_int_equal(t.n, n);
		assert_int_equal(t.folder, rows[i].path[n - 1] == '/');
	}
}

static void
what_is_refused_is_refused_at_its_byte(void **state)
{
	static const struct {
		const char *raw;
		enum reason_id why;
		size_t at;
	} rows[] = {
		{ "/..", REASON_PATH_ABOVE, 1 },
		{ "/../", REASON_PATH_ABOVE, 1 },
		{ "/../../etc/passwd", REASON_PATH_ABOVE, 1 },
		{ "/a/../../b", REASON_PATH_ABOVE, 6 },
		{ "/a/../..", REASON_PATH_ABOVE, 6 },
		{ "//..", REASON_PATH_ABOVE, 2 },
		{ "/./..", REASON_PATH_ABOVE, 3 },
		{ "/%2e%2e/", REASON_PATH_ABOVE, 1 },
		{ "/%2E%2E", REASON_PATH_ABOVE, 1 },
		{ "/a/%2e%2e/%2e%2e/b", REASON_PATH_ABOVE, 10 },
		{ "/.%2e/x", REASON_PATH_ABOVE, 1 },
		{ "/..%2f..%2fetc", REASON_PATH_SLASH, 3 },
		{ "/a%2Fb", REASON_PATH_SLASH, 2 },
		{ "/%2f", REASON_PATH_SLASH, 1 },
		{ "/big.txt%00.html", REASON_PATH_NUL, 8 },
		{ "/%00", REASON_PATH_NUL, 1 },
		{ "/a%01", REASON_PATH_CONTROL, 2 },
		{ "/a%0d%0aSet-Cookie:x", REASON_PATH_CONTROL, 2 },
		{ "/a%1f", REASON_PATH_CONTROL, 2 },
		{ "/a%7f", REASON_PATH_CONTROL, 2 },
		{ "/a%09", REASON_PATH_CONTROL, 2 },
		{ "/%", REASON_PATH_BAD_ESCAPE, 1 },
		{ "/%4", REASON_PATH_BAD_ESCAPE, 1 },
		{ "/%4/", REASON_PATH_BAD_ESCAPE, 1 },
		{ "/%zz", REASON_PATH_BAD_ESCAPE, 1 },
		{ "/%4g", REASON_PATH_BAD_ESCAPE, 1 },
		{ "/ab%+1", REASON_PATH_BAD_ESCAPE, 3 },
		{ "/ab% 1", REASON_PATH_BAD_ESCAPE, 3 },
		{ "/%%41", REASON_PATH_BAD_ESCAPE, 1 },
		{ "/%u002e%u002e/", REASON_PATH_BAD_ESCAPE, 1 },
		{ "/%0x2f", REASON_PATH_BAD_ESCAPE, 1 },
		/* the first fault decides */
		{ "/../%00", REASON_PATH_ABOVE, 1 },
		{ "/%00/../..", REASON_PATH_NUL, 1 },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct target_path t;
		size_t at = 999;
		enum reason_id why = decode(span_str(rows[i].raw), &t, &at);

		if (why != rows[i].why || at != rows[i].at)
			print_error(
			    "%s: %d at %zu\n", rows[i].raw, (int)why, at);
		assert_int_equal(why, rows[i].why);
		assert_int_equal(at, rows[i].at);
	}
}

/* The type's promise does not rest on who calls. */
static void
bytes_that_no_head_lets_through_are_refused_here_too(void **state)
{
	static const struct span raw[] = { S("/a\0b"), S("/\r\n"),
		S("/\x1b[2J"), S("/a\x7f") };
	struct target_path t;
	size_t at;

	(void)state;
	for (size_t i = 0; i < N(raw); i++)
		assert_int_not_equal(decode(raw[i], &t, &at), REASON_NONE);
}

static void
a_path_of_4095_bytes_fits_and_one_more_does_not(void **state)
{
	char raw[LIMIT_PATH + 2];
	struct target_path t;
	size_t at;

	(void)state;
	memset(raw, 'a', sizeof(raw));
	raw[0] = '/';
	assert_int_equal(
	    decode(span_of(raw, LIMIT_PATH - 1), &t, &at), REASON_NONE);
	assert_int_equal(t.n, LIMIT_PATH - 1);
	assert_int_equal(t.s[t.n], '\0');
	assert_int_equal(
	    decode(span_of(raw, LIMIT_PATH), &t, &at), REASON_PATH_LONG);
	assert_int_equal(at, LIMIT_PATH - 1);
	raw[LIMIT_PATH - 2] = '/'; /* a folder of exactly that length */
	assert_int_equal(
	    decode(span_of(raw, LIMIT_PATH - 1), &t, &at), REASON_NONE);
	assert_true(t.folder);
}

static void
the_bound_is_on_the_decoded_bytes(void **state)
{
	static char raw[3 * LIMIT_PATH];
	struct target_path t;
	size_t at;

	(void)state;
	raw[0] = '/';
	for (size_t i = 1; i + 3 <= sizeof(raw); i += 3)
		memcpy(raw + i, "%61", 3);
	assert_int_equal(
	    decode(span_of(raw, 1 + 3 * (LIMIT_PATH - 2)), &t, &at),
	    REASON_NONE);
	assert_int_equal(t.n, LIMIT_PATH - 1);
	assert_int_equal(
	    decode(span_of(raw, 1 + 3 * (LIMIT_PATH - 1)), &t, &at),
	    REASON_PATH_LONG);
	memset(raw, '/', sizeof(raw));
	assert_int_equal(
	    decode(span_of(raw, sizeof(raw)), &t, &at), REASON_NONE);
	assert_string_equal(t.s, "/");
}

static bool
is_normal(const struct target_path *t)
{
	if (t->n == 0 || t->s[0] != '/' || strlen(t->s) != t->n ||
	    t->folder != (t->s[t->n - 1] == '/'))
		return false;
	for (size_t i = 0; i < t->n; i++) {
		const char *s = t->s + i;

		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
		if (s[0] == '/' && s[1] == '/')
			return false;
		if (strncmp(s, "/./", 3) == 0 || strncmp(s, "/../", 4) == 0 ||
		    strcmp(s, "/.") == 0 || strcmp(s, "/..") == 0)
			return false;
	}
	return true;
}

/* Every word over the alphabet of trouble: what passes keeps the promise. */
static void
nothing_that_passes_leaves_a_dot_segment_or_climbs(void **state)
{
	static const char *const piece[] = { "/", ".", "..", "%2e", "a", "%2F",
		"%25", "%" };
	unsigned passed = 0;

	(void)state;
	for (unsigned word = 0; word < 8 * 8 * 8 * 8 * 8 * 8; word++) {
		char raw[32];
		struct buf b = buf_over(raw, sizeof(raw));
		struct target_path t;
		size_t at;

		buf_putc(&b, '/');
		for (unsigned w = word, i = 0; i < 6; i++, w /= 8)
			buf_puts(&b, piece[w % 8]);
		if (decode(buf_span(&b), &t, &at) != REASON_NONE) {
			assert_true(at < b.n);
			continue;
		}
		passed++;
		assert_true(is_normal(&t));
	}
	assert_true(passed > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_decoded_once_and_normalised),
		cmocka_unit_test(what_is_refused_is_refused_at_its_byte),
		cmocka_unit_test(
		    bytes_that_no_head_lets_through_are_refused_here_too),
		cmocka_unit_test(
		    a_path_of_4095_bytes_fits_and_one_more_does_not),
		cmocka_unit_test(the_bound_is_on_the_decoded_bytes),
		cmocka_unit_test(
		    nothing_that_passes_leaves_a_dot_segment_or_climbs),
	};
	return cmocka_run_group_tests_name("target", tests, NULL, NULL);
}
