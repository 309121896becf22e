#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "site/glob.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool
matches(const char *pattern, const char *path)
{
	struct glob g;

	if (!glob_compile(&g, span_str(pattern), false))
		fail_msg("'%s' is refused", pattern);
	return glob_match(&g, span_str(path), NULL);
}

struct row {
	const char *pattern;
	const char *path;
	bool matches;
};

static void
check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (matches(rows[i].pattern, rows[i].path) != rows[i].matches)
			fail_msg(
			    "'%s' and '%s'", rows[i].pattern, rows[i].path);
}

static void
a_pattern_means_what_the_operator_reads(void **state)
{
	static const struct row rows[] = {
		{ "/", "/", true },
		{ "/a", "/a", true },
		{ "/a", "/a/", false },
		{ "/a", "/ab", false },
		{ "/a", "/", false },
		{ "/A", "/a", false },
		{ "/*", "/", true },
		{ "/*", "/a.html", true },
		{ "/*", "/a/b", false },
		{ "/**", "/a/b", true },
		{ "/**", "/", true },
		{ "/**", "a", false },
		{ "/**", "", false },
		{ "/**/", "/a", false },
		{ "/**/", "/a/", true },
		{ "/**/*", "/a/b", true },
		{ "**/**", "/a/b", true },
		{ "/*.js", "/a.js", true },
		{ "/*.js", "/.js", true },
		{ "/*.js", "/a.js.map", false },
		{ "/*.js", "/a.js/b.js", false },
		{ "/*/b", "/a/b", true },
		{ "/*/b", "/a/a/b", false },
		{ "/a/*", "/a/", true },
		{ "/a/*", "/a", false },
		{ "/a?c", "/abc", true },
		{ "/a?c", "/a/c", false },
		{ "/a?", "/a", false },
		{ "/[ab]", "/a", false },
		{ "/[ab]", "/[ab]", true },
		{ "/\\*", "/\\x", true },
		{ "/a***b", "/a/x/b", true },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void
two_stars_between_slashes_are_any_number_of_folders(void **state)
{
	static const struct row rows[] = {
		{ "/**/b", "/b", true },
		{ "/**/b", "/a/b", true },
		{ "/**/b", "/a/a/b", true },
		{ "/**/b", "/ab", false },
		{ "/**/b", "/a/ab", false },
		{ "/a/**/b", "/a/b", true },
		{ "/a/**/b", "/a/x/y/b", true },
		{ "/a/**/b", "/a/xb", false },
		{ "/a/**/b", "/ab", false },
		{ "/**/**/b", "/b", true },
		{ "/**/a/**/b", "/x/a/a/y/b", true },
		{ "/**/a/*/b", "/a/a/x/b", true },
		{ "/**/a/*/b", "/a/x/a/y/b", true },
		/* No slash before it: any run of bytes. */
		{ "/a**/b", "/a/b", true },
		{ "/a**/b", "/axb", false },
		{ "/a**/b", "/ax/y/b", true },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void
without_a_slash_first_it_matches_at_any_depth(void **state)
{
	static const struct row rows[] = {
		{ "**", "/", true },
		{ "**", "/a/b", true },
		{ "*", "/a", true },
		{ "*", "/a/b", true },
		{ "*", "/a/b/", true },
		{ "*.wasm", "/a.wasm", true },
		{ "*.wasm", "/x/y/a.wasm", true },
		{ "*.wasm", "/a.wasm/b", false },
		{ "**/*.wasm", "/a.wasm", true },
		{ "**/*.wasm", "/x/y/a.wasm", true },
		{ "**.wasm", "/x/y/a.wasm", true },
		{ "a.html", "/x/a.html", true },
		{ "a.html", "/xa.html", false },
		{ "assets/*", "/x/assets/a", true },
		{ "assets/*", "/x/assets/a/b", false },
		{ "assets/**", "/x/assets/a/b", true },
		{ "?", "/a/b", true },
		{ "?", "/a/bb", false },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void
check_captures(const char *pattern, const char *path, const char *const *want)
{
	struct glob g;
	struct glob_captures c;
	unsigned n = 0;

	assert_true(glob_compile(&g, span_str(pattern), true));
	if (!glob_match(&g, span_str(path), &c))
		fail_msg("'%s' does not match '%s'", pattern, path);
	while (want[n] != NULL)
		n++;
	assert_int_equal(c.n, n);
	for (unsigned i = 0; i < n; i++)
		if (!span_eq(c.star[i], span_str(want[i])))
			fail_msg("'%s' of '%s': star %u is '%.*s', not '%s'",
			    pattern, path, i + 1, (int)c.star[i].n, c.star[i].p,
			    want[i]);
}

#define STARS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
each_star_takes_as_little_as_it_can(void **state)
{
	(void)state;
	check_captures("/*-*", "/a-b-c", STARS("a", "b-c"));
	check_captures("/*/*/", "/a/b/", STARS("a", "b"));
	check_captures("/**/x/**", "/x/x/y", STARS("", "x/y"));
	check_captures("/a/**/b", "/a/b", STARS(""));
	check_captures("/a/**/b", "/a/x/y/b", STARS("x/y"));
	check_captures("/a**b*c", "/abbcc", STARS("", "bc"));
	check_captures("/*.*", "/a.b.c", STARS("a", "b.c"));
	check_captures("/*", "/", STARS(""));
	/* The depth at which it begins is no star of the pattern's. */
	check_captures("x/*", "/a/b/x/y", STARS("y"));
	check_captures("/1*2*3*4*5*6*7*8*9*", "/1a2b3c4d5e6f7g8h9i",
	    STARS("a", "b", "c", "d", "e", "f", "g", "h", "i"));
}

static void
a_star_at_the_end_may_take_the_rest(void **state)
{
	struct glob g;

	(void)state;
	check_captures("/old/*", "/old/a/b/c", STARS("a/b/c"));
	check_captures("/*/x/*", "/a/x/b/c", STARS("a", "b/c"));
	/* Only the one at the end. */
	assert_true(glob_compile(&g, SPAN("/*/x"), true));
	assert_false(glob_match(&g, SPAN("/a/b/x"), NULL));
}

static void
what_is_no_pattern_is_refused(void **state)
{
	struct glob g;
	char text[GLOB_PATTERN_MAX + 1];

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_false(glob_compile(&g, SPAN(""), false));
	assert_false(glob_compile(&g, SPAN("/a\0b"), false));
	assert_false(glob_compile(&g, span_of(text, sizeof(text)), false));
	/* The slash that is put before it takes nothing away. */
	assert_true(glob_compile(&g, span_of(text, sizeof(text) - 1), false));
	text[0] = '/';
	assert_true(glob_compile(&g, span_of(text, sizeof(text) - 1), false));
	assert_true(glob_match(&g, span_of(text, sizeof(text) - 1), NULL));
	assert_true(glob_compile(&g, SPAN("/*a*a*a*a*a*a*a*a*"), false));
	assert_false(glob_compile(&g, SPAN("/*a*a*a*a*a*a*a*a*a*"), false));
	assert_true(glob_compile(&g, SPAN("*a*a*a*a*a*a*a*a*"), false));
	assert_false(glob_compile(&g, SPAN("*a*a*a*a*a*a*a*a*a*"), false));
}

static void
a_path_that_is_too_long_matches_nothing(void **state)
{
	struct glob g;
	char path[LIMIT_PATH];

	(void)state;
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	assert_true(glob_compile(&g, SPAN("/**"), false));
	assert_true(glob_match(&g, span_of(path, sizeof(path) - 1), NULL));
	assert_false(glob_match(&g, span_of(path, sizeof(path)), NULL));
}

/* What a matcher that tries every way would need longer for than anybody
 * waits; processor time, so that a busy machine does not matter. */
static void
no_path_and_pattern_take_long(void **state)
{
	static const char *const patterns[] = {
		"/**a**a**a**a**a**a**a**a**b",
		"/*a*a*a*a*a*a*a*a*b",
		"/**a*a*a*a*a*a*a*a?b",
		("/**aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa*"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaa**"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"),
	};
	char path[LIMIT_PATH];
	struct timespec t[2];

	(void)state;
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t[0]);
	for (size_t i = 0; i < COUNT(patterns); i++) {
		struct glob g;
		struct span all = span_of(path, sizeof(path) - 1);

		assert_true(glob_compile(&g, span_str(patterns[i]), false));
		assert_false(glob_match(&g, all, NULL));
		path[all.n - 1] = 'b';
		assert_true(glob_match(&g, all, NULL));
		path[all.n - 1] = 'a';
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t[1]);
	assert_true(t[1].tv_sec - t[0].tv_sec < 2);
}

/* The same by trying every way, for short ones. */
static bool
slow(const char *p, const char *s, bool after_slash)
{
	size_t stars = strspn(p, "*");

	if (*p == '\0')
		return *s == '\0';
	if (stars > 1 && p[stars] == '/' && after_slash) {
		const char *rest = p + stars + 1;

		for (const char *at = s;; at++) {
			if ((at == s || at[-1] == '/') && slow(rest, at, true))
				return true;
			if (*at == '\0')
				return false;
		}
	}
	if (stars > 0) {
		for (const char *at = s;; at++) {
			if (slow(p + stars, at, false))
				return true;
			if (*at == '\0' || (stars == 1 && *at == '/'))
				return false;
		}
	}
	if (*s == '\0' || (*p == '?' ? *s == '/' : *p != *s))
		return false;
	return slow(p + 1, s + 1, *p == '/');
}

static unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

static void
a_matcher_that_tries_every_way_agrees(void **state)
{
	static const char in_pattern[] = "*?/*ab", in_path[] = "/ab";
	unsigned seed = 1, matched = 0;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		char pattern[10] = "/", path[12] = "/";
		unsigned n = next_random(&seed) % 8;
		unsigned m = next_random(&seed) % 10;
		bool want;

		for (unsigned i = 0; i < n; i++)
			pattern[1 + i] = in_pattern[next_random(&seed) % 6];
		for (unsigned i = 0; i < m; i++)
			path[1 + i] = in_path[next_random(&seed) % 3];
		want = slow(pattern, path, false);
		matched += want;
		if (matches(pattern, path) != want)
			fail_msg("'%s' and '%s'", pattern, path);
	}
	assert_true(matched > 5000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pattern_means_what_the_operator_reads),
		cmocka_unit_test(
		    two_stars_between_slashes_are_any_number_of_folders),
		cmocka_unit_test(without_a_slash_first_it_matches_at_any_depth),
		cmocka_unit_test(each_star_takes_as_little_as_it_can),
		cmocka_unit_test(a_star_at_the_end_may_take_the_rest),
		cmocka_unit_test(what_is_no_pattern_is_refused),
		cmocka_unit_test(a_path_that_is_too_long_matches_nothing),
		cmocka_unit_test(no_path_and_pattern_take_long),
		cmocka_unit_test(a_matcher_that_tries_every_way_agrees),
	};

	return cmocka_run_group_tests_name("glob", tests, NULL, NULL);
}
