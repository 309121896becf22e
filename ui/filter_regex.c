/* Regular expressions of a filter (pcre2pattern(3)).  Their cost is bounded,
 * whatever somebody pastes: PCRE2's compiler takes time and memory in
 * proportion to its text, and a match gives up behind so many steps. */
#include <stdio.h>

#include "ui/filter_parts.h"

/* From one place of a text, and from all.  PCRE2 counts anew at each place
 * where a match may begin.  A search in FILTER_INPUT bytes that nobody made on
 * purpose takes some thousands in all; a million take some ten milliseconds,
 * more where a step looks at a stretch of the text. */
#define STEPS	  100000
#define ALL_STEPS 1000000
#define HEAP	  1024 /* KiB */

/* What would be right, where PCRE2 says only what is not. */
static const struct fault {
	int error;
	const char *text;
} faults[] = {
	{ PCRE2_ERROR_END_BACKSLASH, "something behind its last backslash" },
	{ PCRE2_ERROR_QUANTIFIER_OUT_OF_ORDER, "{n,m} with the smaller first" },
	{ PCRE2_ERROR_MISSING_SQUARE_BRACKET, "a ']' for its '['" },
	{ PCRE2_ERROR_CLASS_RANGE_ORDER,
	    "a range that goes upwards, like [a-z]" },
	{ PCRE2_ERROR_QUANTIFIER_INVALID,
	    "something before * + ? or {, and [*] to look for one" },
	{ PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS,
	    "a ')' for each '(', and [(] to look for one" },
	{ PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS,
	    "a '(' for each ')', and [)] to look for one" },
	{ PCRE2_ERROR_UNKNOWN_POSIX_CLASS,
	    "a class that there is, like [[:digit:]]" },
};

static void
say_fault(struct buf *why, int error, size_t at)
{
	char text[120];

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (faults[i].error == error) {
			buf_printf(why, "in the regular expression, %s",
			    faults[i].text);
			return;
		}
	if (pcre2_get_error_message(error, (PCRE2_UCHAR *)text, sizeof(text)) <
	    0)
		(void)snprintf(text, sizeof(text), "error %d", error);
	buf_printf(
	    why, "another regular expression: at byte %zu, %s", at + 1, text);
}

/* What all of a filter's expressions match with. */
static bool
make_match(struct filter *f)
{
	if (f->match == NULL)
		f->match = pcre2_match_data_create(1, NULL);
	if (f->bounds == NULL) {
		f->bounds = pcre2_match_context_create(NULL);
		if (f->bounds != NULL)
			(void)pcre2_set_heap_limit(f->bounds, HEAP);
	}
	return f->match != NULL && f->bounds != NULL;
}

bool
filter_regex_make(struct filter *f, struct filter_term *t, struct span pattern,
    struct buf *why)
{
	/* bytes, not characters: input need not be UTF-8, and it is faster */
	uint32_t options = PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C |
	    PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY |
	    (t->nocase ? PCRE2_CASELESS : 0);
	pcre2_code *code;
	size_t at = 0;
	int error = PCRE2_ERROR_NOMEMORY;

	if (f->regexes == FILTER_REGEXES) {
		buf_printf(
		    why, "at most %d regular expressions", FILTER_REGEXES);
		return false;
	}
	if (pattern.n > FILTER_REGEX) {
		buf_printf(why, "a regular expression of at most %d bytes",
		    FILTER_REGEX);
		return false;
	}
	code = make_match(f) ? pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n,
				   options, &error, &at, NULL)
			     : NULL;
	if (code == NULL) {
		say_fault(why, error, at);
		return false;
	}
	filter_literal_make(&f->literal[f->regexes], pattern, t->nocase);
	f->regex[f->regexes] = code;
	t->regex = f->regexes++;
	return true;
}

void
filter_regex_free(struct filter *f)
{
	for (unsigned i = 0; i < f->regexes; i++)
		pcre2_code_free(f->regex[i]);
	pcre2_match_data_free(f->match);
	pcre2_match_context_free(f->bounds);
}

/* The steps from each place of n bytes: `.*` can always try them all. */
static uint32_t
steps_of(const pcre2_code *code, size_t n)
{
	uint32_t options = 0, steps = STEPS;

	(void)pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &options);
	if (!(options & PCRE2_ANCHORED) && n > 0)
		steps = (uint32_t)(ALL_STEPS / n + n);
	return steps < STEPS ? steps : STEPS;
}

bool
filter_regex_match(
    struct filter *f, const struct filter_term *t, struct span text)
{
	const pcre2_code *code = f->regex[t->regex];
	enum filter_verdict verdict;
	int r;

	/* an empty one may be NULL, from which no pointer may be made */
	if (text.n == 0)
		text = SPAN("");
	if (text.n > FILTER_INPUT)
		text.n = FILTER_INPUT;
	verdict = filter_literal_look(&f->literal[t->regex], text);
	if (verdict != FILTER_UNSURE)
		return verdict == FILTER_MEETS;
	(void)pcre2_set_match_limit(f->bounds, steps_of(code, text.n));
	r = pcre2_match(
	    code, (PCRE2_SPTR)text.p, text.n, 0, 0, f->match, f->bounds);
	if (r < 0 && r != PCRE2_ERROR_NOMATCH)
		f->given_up++;
	return r >= 0;
}
