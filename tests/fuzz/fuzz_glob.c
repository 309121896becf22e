/* Patterns of rules, against a matcher that is slow and plain; addresses that
 * redirects lead to. */
#include "fuzz.h"
#include "site/glob.h"
#include "site/rules.h"

#define STEPS 2000 /* of the slow matcher */

static unsigned steps;

/* Whether `s` from the pattern's byte `at` on; gives up after many steps. */
static bool
plain_match(struct span pattern, size_t at, struct span s)
{
	size_t stars = 0;
	bool folders;

	if (steps++ > STEPS)
		return false;
	if (at == pattern.n)
		return s.n == 0;
	while (at + stars < pattern.n && pattern.p[at + stars] == '*')
		stars++;
	if (stars == 0)
		return s.n > 0 &&
		    (pattern.p[at] == '?' ? s.p[0] != '/'
					  : s.p[0] == pattern.p[at]) &&
		    plain_match(pattern, at + 1, span_skip(s, 1));
	folders = stars > 1 && at + stars < pattern.n &&
	    pattern.p[at + stars] == '/' &&
	    (at == 0 || pattern.p[at - 1] == '/');
	at += stars + folders;
	if (plain_match(pattern, at, s))
		return true;
	for (size_t i = 0; i < s.n; i++) {
		if (stars == 1 && s.p[i] == '/')
			return false;
		if ((!folders || s.p[i] == '/') &&
		    plain_match(pattern, at, span_skip(s, i + 1)))
			return true;
	}
	return false;
}

/* A pattern without a slash first matches behind any slash. */
static bool
plain_match_all(struct span pattern, struct span s)
{
	if (pattern.p[0] == '/')
		return plain_match(pattern, 0, s);
	for (size_t i = 0; i < s.n && s.p[0] == '/'; i++)
		if (s.p[i] == '/' &&
		    plain_match(pattern, 0, span_skip(s, i + 1)))
			return true;
	return false;
}

static void
check_redirect(struct span from, struct span to, struct span path)
{
	char pattern[GLOB_PATTERN_MAX + 1], target[256], mem[LIMIT_REDIRECT];
	struct buf b = buf_over(mem, sizeof(mem));
	struct rules *r = rules_new();
	uint16_t status = 0;

	MUST(r != NULL);
	if (from.n < sizeof(pattern) && to.n < sizeof(target)) {
		memcpy(pattern, from.p, from.n);
		memcpy(target, to.p, to.n);
		pattern[from.n] = target[to.n] = '\0';
		if (rules_add_redirect(r, pattern, target, 308) &&
		    rules_redirect(r, path, &b, &status) == 1 && !b.full) {
			MUST(status == 308 && b.n > 0);
			for (size_t i = 0; i < b.n; i++)
				MUST(b.p[i] > 0x20 && b.p[i] < 0x7f &&
				    b.p[i] != '\\');
			MUST(target[0] != '/' ||
			    !span_starts(buf_span(&b), SPAN("//")));
		}
	}
	rules_unref(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = { data, size };
	struct span pattern = feed_line(&f), path = feed_line(&f);
	struct glob_captures c;
	struct glob g;

	check_redirect(pattern, feed_rest(&f), path);
	if (!glob_compile(&g, pattern, false)) {
		MUST(pattern.n == 0 || pattern.n >= GLOB_STARS_MAX ||
		    memchr(pattern.p, '\0', pattern.n) != NULL);
		return 0;
	}
	if (glob_match(&g, path, &c)) {
		MUST(c.n <= GLOB_STARS_MAX);
		for (unsigned i = 0; i < c.n; i++)
			MUST(span_within(c.star[i], path));
	}
	steps = 0;
	if (plain_match_all(pattern, path) && path.n < LIMIT_PATH)
		MUST(glob_match(&g, path, NULL));
	else if (steps < STEPS)
		MUST(!glob_match(&g, path, NULL));
	return 0;
}
