/* Regular expressions of a filter, against what pcre2_match(3) says. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "ui/filter_parts.h"

#define TEXTS 600

static char texts[TEXTS][FILTER_INPUT + 200];
static size_t lengths[TEXTS];
static unsigned met;
static unsigned missed;
static unsigned given_up;
static unsigned asked; /* of PCRE2 */

static uint64_t seed = 1;

static unsigned
chance(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static const char *const words[] = { "", "/", "a", "b", "ab", "aab", "abc",
	"/docs/", "/docs/a.css", "/docs/x/a.CSS?v=1", "a/docs/", "/DOCS/b",
	"Mozilla/5.0 Firefox/140.0", "curl/8", "foo.bar", "foo+bar", "a{x|b}",
	"a\nb", "(a)", "[a]", "a^b", "a$b", "\\w", "caf\303\251", "\377a", ".",
	"a.b", "a*b", "a|b", "w", "css" };

static void
make_texts(void)
{
	static const char letters[] = "abAB./c\n";
	size_t n = sizeof words / sizeof *words;

	for (size_t i = 0; i < TEXTS; i++) {
		lengths[i] = i < n ? strlen(words[i]) : chance(14);
		for (size_t k = 0; k < lengths[i]; k++)
			texts[i][k] = i < n ? words[i][k] : letters[chance(8)];
		if (i % 50 == 49 && lengths[i]) /* NUL is a byte as others */
			texts[i][chance((unsigned)lengths[i])] = '\0';
	}
	/* of what is longer, the beginning counts */
	for (size_t i = TEXTS - 3; i < TEXTS; i++) {
		lengths[i] = FILTER_INPUT + i - (TEXTS - 2);
		memset(texts[i], 'b', sizeof texts[i]);
		texts[i][FILTER_INPUT - 1] = 'a';
	}
}

static bool
has_upper(const char *s)
{
	for (; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			return true;
	return false;
}

static bool
pcre2_says(const pcre2_code *re, const char *text, size_t n)
{
	pcre2_match_data *m = pcre2_match_data_create(1, NULL);
	int r;

	n = n < FILTER_INPUT ? n : FILTER_INPUT;
	r = pcre2_match(re, (PCRE2_SPTR)text, n, 0, 0, m, NULL);
	pcre2_match_data_free(m);
	return r >= 0;
}

/* False: it is no expression, or no filter. */
static bool
compare(const char *pattern)
{
	char line[2 * FILTER_REGEX + 16];
	struct filter_error err;
	struct filter *f;
	int error;
	size_t at;
	pcre2_code *re =
	    pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
		PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY |
		    (has_upper(pattern) ? 0 : PCRE2_CASELESS),
		&error, &at, NULL);

	if (re == NULL)
		return false;
	(void)snprintf(line, sizeof line, "url~\"%s\"", pattern);
	f = filter_compile(span_str(line), &err);
	for (size_t i = 0; f && i < TEXTS; i++) {
		struct filter_subject s = { .filled = FILTER_TARGET,
			.known = FILTER_TARGET,
			.target = span_of(texts[i], lengths[i]) };
		uint64_t gave_up = filter_given_up(f);
		bool want = pcre2_says(re, texts[i], lengths[i]);

		if (filter_match(f, &s) == want)
			;
		else if (filter_given_up(f) > gave_up)
			given_up++;
		else
			fail_msg("%s %s \"%.40s\" (%zu bytes)", pattern,
			    want ? "misses" : "meets", texts[i], lengths[i]);
		met += want;
		missed += !want;
		asked += filter_literal_look(&f->literal[0],
			     span_of(texts[i],
				 lengths[i] < FILTER_INPUT ? lengths[i]
							   : FILTER_INPUT)) ==
		    FILTER_UNSURE;
	}
	filter_free(f);
	pcre2_code_free(re);
	return f != NULL;
}

static void
known_ones_are_met_by_the_same_texts(void **state)
{
	static const char *const patterns[] = { "a", "^a", "a$", "^a$", "^",
		"$", "^$", "^/docs/", "\\.css", "\\.css$", "^/docs/.*css$",
		".*", "^.*$", ".*a", "a.*", "^.*b", "b.*$", "a.*b.*c", "^a.*a$",
		"A", "^/D", "Firefox", "foo\\.bar", "foo\\+bar", "a\\$b",
		"a\\^b", "\\(a\\)", "\\[a", "\\\\w", "\\w", "\\bfoo", "\\<a",
		"a\\>", "a^b", "a$b", "a|b", "a|bc", "(a|b)c", "(abc)+",
		"(abc)?", "ab+c", "ab*c", "ab?c", "aab+", "ab{0}c", "ab{2}c",
		"ab{1,}c", "a{0,1}bc", "x{x|b}", "a{x", "ab**c", "ab+?c",
		"ab?+c", ".*.*", ".*?a", "a.*+b", "[ab]c", "[]a]b", "[^]a]b",
		"[[:alpha:]]b", "[|]|a", "a[(]b", "(a[)]|b)c", "caf\303\251",
		"\377", "a.c", "...", "^(a|b)", "(^a)", "(a$)|b", "()", "()a",
		"a()", "a)", ")", "}", "a}", "]", "a]b", "^*a", "*a", "+a",
		"^^a", "a$$", "^a|b$", "(a|b)*ab", "((a)b)c", "aa?bc+", "b$",
		"(?i)A", "a(?=b)b", "(?#a)b", "(?x) a b", "\\Qa+b\\E", "\\Qa",
		"[[:a]x|y:]]b", "[\\]]a", "(a(*ACCEPT)b)c", "\\d+", "\\x41b",
		"x{,3}c", "a++b", "a*+b", "(a|b)\\1", "\\cAb", "[a\\]b]c",
		"a{2,}?b", "a#b", "a b", "\\/a", "[^\\w]b",
		"(\\c(a|b)a|a\\c)css" };

	(void)state;
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
		(void)compare(patterns[i]);
	assert_true(met > 1000 && missed > 1000);
}

static void
any_ones_are_met_by_the_same_texts(void **state)
{
	static const char *const parts[] = { "a", "b", "c", "A", "/", ".", ".*",
		"^", "$", "\\.", "\\w", "\\b", "[ab]", "[^a]", "(", ")", "|",
		"*", "+", "?", "{0,2}", "{1}", "{", "}", "]", "ab", "\\$",
		"(?i)", "\\Q", "[[:", "\\d", "\\]" };
	unsigned compiled = 0;

	(void)state;
	met = missed = asked = 0;
	for (unsigned i = 0; i < 4000; i++) {
		char pattern[64] = "";
		size_t n = 1 + chance(7), kinds = i % 3 ? 32 : 10;

		for (size_t k = 0; k < n; k++)
			strcat(pattern, parts[chance((unsigned)kinds)]);
		compiled += compare(pattern);
	}
	assert_true(compiled > 1500);
	assert_true(met > 10000 && missed > 10000);
	assert_in_range(given_up, 0, 200); /* the long ones, of some */
	/* both ways were gone */
	assert_in_range(asked, 10000, met + missed - 10000);
}

/* What people type needs no pcre2_match(3), which would be asked for each of a
 * million. */
static void
what_people_type_is_decided_by_searching(void **state)
{
	static const char *const patterns[] = { "^/docs/", "css$", "\\.css$",
		"^/docs/.*\\.css$", "firefox", "^GET", "^/$" };

	(void)state;
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		met = missed = asked = 0;
		assert_true(compare(patterns[i]));
		assert_int_equal(asked, 0);
	}
	/* of others, only where it may be in vain is it asked */
	met = missed = asked = 0;
	assert_true(compare("/docs/[a-z]+\\.css"));
	assert_in_range(asked, met, 10);
}

static int
begin(void **state)
{
	(void)state;
	make_texts();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_ones_are_met_by_the_same_texts),
		cmocka_unit_test(any_ones_are_met_by_the_same_texts),
		cmocka_unit_test(what_people_type_is_decided_by_searching),
	};

	return cmocka_run_group_tests_name(
	    "filter_literal", tests, begin, NULL);
}
