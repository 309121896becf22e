/* What can be said of a regular expression's texts without pcre2_match(3),
 * which takes several times as long as a search: of most that people type,
 * everything.  What is not plain to see is left to it. */
#include "base/num.h"
#include "ui/filter_parts.h"

/* Whether c stands for itself. */
static bool
is_plain(char c)
{
	return c != '\0' && strchr(".[]()*+?{}|^$\\", c) == NULL;
}

/* The one character that s begins with, escaped or not; its length, 0 when
 * something else stands there. */
static size_t
take_character(struct span s, char *c)
{
	size_t n = s.n > 1 && s.p[0] == '\\' ? 2 : 1;

	/* \w, \<: more than a character */
	if (s.n == 0 || is_plain(s.p[n - 1]) != (n == 1))
		return 0;
	*c = s.p[n - 1];
	return n;
}

static bool
is_repeated(struct span s)
{
	return s.n && strchr("*+?{", s.p[0]) != NULL;
}

/* Characters, ".*" between them, '^' before and '$' behind: its texts are
 * known whole.  False when it is anything else. */
static bool
take_whole(struct filter_literal *l, struct span s)
{
	struct buf b = buf_over(l->text, sizeof l->text);

	l->begins = s.n && s.p[0] == '^';
	if (l->begins)
		s = span_skip(s, 1);
	while (s.n && !(s.n == 1 && s.p[0] == '$')) {
		char c = '\0';
		size_t n = take_character(s, &c);

		if (n == 0 && s.n > 1 && s.p[0] == '.' && s.p[1] == '*')
			n = 2;
		s = span_skip(s, n);
		if (n == 0 || is_repeated(s))
			return false;
		buf_put(&b, span_of(&c, 1));
	}
	l->ends = s.n > 0;
	l->n = b.n;
	return true;
}

/* The length of the class that s begins with, at most all. */
static size_t
class_length(struct span s)
{
	size_t i = 1;

	if (i < s.n && s.p[i] == '^')
		i++;
	if (i < s.n && s.p[i] == ']')
		i++;
	while (i < s.n && s.p[i] != ']')
		i += s.p[i] == '\\' ? 2 : 1;
	return i < s.n ? i + 1 : s.n;
}

/* The length of the group that s begins with, 0 when it has no end. */
static size_t
group_length(struct span s)
{
	unsigned depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '[')
			i += class_length(span_skip(s, i)) - 1;
		else if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && --depth == 0)
			return i + 1;
	}
	return 0;
}

/* The length of the repetitions that s begins with; *none: it may be left out.
 * False when it is not sure to be one. */
static bool
repetition_length(struct span s, size_t *n, bool *none)
{
	*n = 0;
	*none = false;
	while (is_repeated(span_skip(s, *n))) {
		const char *end = NULL;
		char c = s.p[(*n)++];

		*none |= c != '+';
		if (c != '{')
			continue;
		while (*n < s.n && end == NULL) {
			if (s.p[*n] == '}')
				end = s.p + *n;
			else if (!ascii_is_digit(s.p[*n]) && s.p[*n] != ',')
				return false;
			++*n;
		}
		if (end == NULL)
			return false;
	}
	return true;
}

/* The length of the atom that s begins with and is no single character, 0 when
 * nothing can be said of the expression. */
static size_t
atom_length(struct span s)
{
	switch (s.p[0]) {
	case '.':
	case '^':
	case '$':
		return 1;
	case '[':
		return class_length(s);
	case '(':
		return group_length(s);
	case '\\': /* others take more characters with them */
		return s.n > 1 && strchr("wWdDsSbB", s.p[1]) ? 2 : 0;
	default: /* '|': there are other ways; the rest is not clear */
		return 0;
	}
}

/* The longest run of characters that every text has. */
static void
take_part(struct filter_literal *l, struct span s)
{
	struct buf run, best = buf_over(l->text, sizeof l->text);
	char text[FILTER_REGEX];

	run = buf_over(text, sizeof text);
	while (s.n) {
		char c = '\0';
		size_t n = take_character(s, &c), times;
		bool one = n != 0, none;

		if (!one)
			n = atom_length(s);
		if (n == 0 || n > s.n)
			return; /* nothing is kept: l->n is 0 */
		s = span_skip(s, n);
		if (!repetition_length(s, &times, &none))
			return;
		s = span_skip(s, times);
		if (one && !none)
			buf_put(&run, span_of(&c, 1));
		if (run.n > best.n) {
			best.n = 0;
			buf_put(&best, buf_span(&run));
		}
		if (!one || times)
			run.n = 0;
		/* the last of "ab+" may begin what follows it */
		if (one && times && !none)
			buf_put(&run, span_of(&c, 1));
	}
	l->n = best.n;
}

/* Options, conditions, verbs, quoted text, control characters, classes within
 * classes: what stands there need not mean what it looks like; NUL is for
 * gaps. */
static bool
is_intricate(struct span s)
{
	static const char *const signs[] = { "(?", "(*", "\\Q", "\\E", "\\c",
		"[:", "[.", "[=" };

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (filter_search(s, span_str(signs[i]), false) <= s.n)
			return true;
	return s.n && memchr(s.p, '\0', s.n) != NULL;
}

void
filter_literal_make(struct filter_literal *l, struct span pattern, bool nocase)
{
	*l = (struct filter_literal){ .nocase = nocase };
	if (is_intricate(pattern))
		return;
	l->whole = take_whole(l, pattern);
	if (l->whole)
		return;
	*l = (struct filter_literal){ .nocase = nocase };
	take_part(l, pattern);
}

/* Where a piece has to be, or is first; beyond the text when it is not. */
static size_t
piece_at(const struct filter_literal *l, struct span text, struct span piece,
    bool fixed, bool last)
{
	size_t at = fixed ? 0 : text.n - piece.n;

	if (piece.n > text.n)
		return SIZE_MAX;
	if (!fixed && !(last && l->ends))
		return filter_search(text, piece, l->nocase);
	return filter_same(span_of(text.p + at, piece.n), piece, l->nocase)
	    ? at
	    : SIZE_MAX;
}

/* Whether the text has the pieces one behind the other. */
static bool
has_pieces(const struct filter_literal *l, struct span text)
{
	struct span rest = span_of(l->text, l->n);
	const char *gap = NULL;
	bool fixed = l->begins;

	do {
		struct span piece = rest;
		size_t at;

		gap = rest.n ? memchr(rest.p, '\0', rest.n) : NULL;
		if (gap != NULL)
			piece.n = (size_t)(gap - rest.p);
		at = piece_at(l, text, piece, fixed, gap == NULL);
		if (at > text.n)
			return false;
		text = span_skip(text, at + piece.n);
		fixed = false;
		if (gap != NULL)
			rest = span_skip(rest, piece.n + 1);
	} while (gap != NULL);
	return !l->ends || text.n == 0;
}

enum filter_verdict
filter_literal_look(const struct filter_literal *l, struct span text)
{
	if (!l->whole) {
		struct span part = span_of(l->text, l->n);

		return l->n && filter_search(text, part, l->nocase) > text.n
		    ? FILTER_MISSES
		    : FILTER_UNSURE;
	}
	return has_pieces(l, text) ? FILTER_MEETS : FILTER_MISSES;
}
