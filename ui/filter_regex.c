/* Regular expressions of a filter: bounded before they are compiled, so that
 * no pattern that somebody pastes costs memory or time without end. */
#include "base/num.h"
#include "ui/filter_parts.h"

/* glibc copies what a repetition repeats: a{100} is a hundred states, and
 * repetitions within each other multiply. */
#define STATES 2000
#define NESTED 16

struct cost {
	uint64_t sum[NESTED];  /* states of each open group */
	uint64_t last[NESTED]; /* of the atom before */
	unsigned depth;
};

size_t
filter_bracket_length(struct span s)
{
	size_t i = 1;

	if (i < s.n && s.p[i] == '^')
		i++;
	if (i < s.n && s.p[i] == ']')
		i++;
	while (i < s.n && s.p[i] != ']') {
		char kind = '\0';

		if (i + 1 < s.n)
			kind = s.p[i + 1];

		if (s.p[i] == '[' &&
		    (kind == ':' || kind == '.' || kind == '=')) {
			i += 2;
			while (i + 1 < s.n &&
			    (s.p[i] != kind || s.p[i + 1] != ']'))
				i++;
			i++;
		}
		i++;
	}
	return i < s.n ? i + 1 : s.n;
}

/* "{n,m}": how often at most; its length in *n. */
static uint64_t
interval(struct span s, size_t *n)
{
	const char *end = memchr(s.p, '}', s.n);
	uint64_t most = 1;

	*n = end ? (size_t)(end - s.p) + 1 : 1;
	for (size_t i = 1; i < *n; i++) {
		size_t digits = 0;
		uint64_t v;

		while (i + digits < *n && ascii_is_digit(s.p[i + digits]))
			digits++;
		if (!digits)
			continue;
		if (!num_dec(span_of(s.p + i, digits), &v) || v > STATES)
			v = STATES + 1;
		most = v > most ? v : most;
		i += digits - 1;
	}
	/* one more: an open end repeats the last once again */
	return most + 1;
}

static void
cost_atom(struct cost *c)
{
	c->last[c->depth] = 1;
	c->sum[c->depth]++;
}

static void
cost_repeat(struct cost *c, uint64_t times)
{
	uint64_t *last = &c->last[c->depth];

	c->sum[c->depth] += *last * (times - 1);
	*last *= times;
}

static bool
cost_open(struct cost *c)
{
	if (c->depth + 1 == NESTED)
		return false;
	c->depth++;
	c->sum[c->depth] = c->last[c->depth] = 0;
	return true;
}

static void
cost_close(struct cost *c)
{
	uint64_t inner;

	if (c->depth == 0) { /* a ')' that closes nothing is a character */
		cost_atom(c);
		return;
	}
	inner = c->sum[c->depth--] + 1;
	c->last[c->depth] = inner;
	c->sum[c->depth] += inner;
}

/* Account for what s begins with; its length, or 0 when it goes too far. */
static size_t
cost_step(struct cost *c, struct span s)
{
	size_t n = 1;

	switch (s.p[0]) {
	case '(':
		return cost_open(c) ? 1 : 0;
	case ')':
		cost_close(c);
		return 1;
	case '[':
		n = filter_bracket_length(s);
		cost_atom(c);
		return n;
	case '{':
		cost_repeat(c, interval(s, &n));
		break;
	case '+':
		cost_repeat(c, 2);
		break;
	case '\\':
		n = s.n > 1 ? 2 : 1;
		cost_atom(c);
		break;
	default:
		cost_atom(c);
	}
	return c->sum[c->depth] > STATES ? 0 : n;
}

static bool
is_bounded(struct span pattern, struct buf *why)
{
	struct cost c = { .depth = 0 };

	if (pattern.n > FILTER_REGEX) {
		buf_printf(why, "a regular expression of at most %d bytes",
		    FILTER_REGEX);
		return false;
	}
	for (size_t i = 0; i + 1 < pattern.n; i++) {
		if (pattern.p[i] != '\\')
			continue;
		if (ascii_is_digit(pattern.p[++i])) {
			buf_puts(why,
			    "no back references (\\1) in regular "
			    "expressions: they can take for ever");
			return false;
		}
	}
	while (pattern.n) {
		size_t n = cost_step(&c, pattern);

		if (n == 0) {
			buf_puts(why,
			    "fewer or smaller repetitions in the "
			    "regular expression");
			return false;
		}
		pattern = span_skip(pattern, n);
	}
	return true;
}

static void
say_fault(struct buf *why, int error, const regex_t *re)
{
	/* regerror(3) speaks of both kinds of expressions at once. */
	static const char *const plain[] = {
		[REG_EBRACK] = "a ']' for its '['",
		[REG_EPAREN] = "a ')' for each '(', and [(] to look for one",
		[REG_EBRACE] = "a '}' for its '{', and [{] to look for one",
		[REG_BADBR] = "numbers in {}, like {2} or {2,5}",
		[REG_ERANGE] = "a range that goes upwards, like [a-z]",
		[REG_ECTYPE] = "a class that there is, like [[:digit:]]",
		[REG_EESCAPE] = "something behind its last backslash",
		[REG_BADRPT] =
		    "something before * + ? or {, and [*] to look for one",
	};
	char text[100];

	if (error > 0 && (size_t)error < sizeof(plain) / sizeof(plain[0]) &&
	    plain[error]) {
		buf_printf(why, "in the regular expression, %s", plain[error]);
		return;
	}
	regerror(error, re, text, sizeof(text));
	buf_printf(why, "a regular expression (POSIX extended): %s", text);
}

bool
filter_regex_make(struct filter *f, struct filter_term *t, struct span pattern,
    struct buf *why)
{
	char cstr[FILTER_REGEX + 1];
	int flags = REG_EXTENDED | REG_NOSUB | (t->nocase ? REG_ICASE : 0);
	locale_t before;
	int error;

	if (f->regexes == FILTER_REGEXES) {
		buf_printf(
		    why, "at most %d regular expressions", FILTER_REGEXES);
		return false;
	}
	if (!is_bounded(pattern, why))
		return false;
	if (memchr(pattern.p, '\0', pattern.n)) {
		buf_puts(why, "no NUL in a regular expression");
		return false;
	}
	memcpy(cstr, pattern.p, pattern.n);
	cstr[pattern.n] = '\0';
	if (f->bytes == (locale_t)0)
		f->bytes = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	/* bytes, not characters: input need not be UTF-8, and it is faster */
	before = f->bytes != (locale_t)0 ? uselocale(f->bytes) : (locale_t)0;
	error = regcomp(&f->regex[f->regexes], cstr, flags);
	if (error)
		say_fault(why, error, &f->regex[f->regexes]);
	if (before != (locale_t)0)
		uselocale(before);
	if (error)
		return false;
	filter_literal_make(&f->literal[f->regexes], pattern, t->nocase);
	t->regex = f->regexes++;
	return true;
}

bool
filter_regex_match(
    const struct filter *f, const struct filter_term *t, struct span text)
{
	size_t n = text.n < FILTER_INPUT ? text.n : FILTER_INPUT;
	regmatch_t part = { .rm_so = 0, .rm_eo = (regoff_t)n };
	char input[FILTER_INPUT + 1];
	enum filter_verdict verdict =
	    filter_literal_look(&f->literal[t->regex], span_of(text.p, n));

	if (verdict != FILTER_UNSURE)
		return verdict == FILTER_MEETS;

	/* REG_STARTEND lets NUL pass; a copy all the same: that nothing looks
	 * for a NUL behind the text is glibc's way, not regexec(3)'s promise */
	if (n)
		memcpy(input, text.p, n);
	input[n] = '\0';
	return regexec(&f->regex[t->regex], input, 1, &part, REG_STARTEND) == 0;
}
