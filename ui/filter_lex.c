/* The words of a filter's text. */
#include "ui/filter_parts.h"

bool
filter_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Where the word that begins at `at` ends: '|' and ')' belong to it within
 * parentheses or brackets of its own. */
static size_t
word_end(struct span s, size_t at)
{
	unsigned depth = 0;
	bool bracket = false;

	for (; at < s.n && !filter_is_blank(s.p[at]); at++) {
		char c = s.p[at];

		if (c == '\\' && at + 1 < s.n &&
		    !filter_is_blank(s.p[at + 1])) {
			at++;
			continue;
		}
		if (c == '[' || c == ']')
			bracket =
			    c == '[' && memchr(s.p + at, ']', s.n - at) != NULL;
		if (bracket)
			continue;
		if (depth == 0 && (c == '|' || c == ')'))
			break;
		if (c == '(')
			depth++;
		else if (c == ')')
			depth--;
	}
	return at;
}

/* A quoted text at `at`. */
static bool
take_quoted(struct span s, size_t *at, struct buf *out)
{
	for (size_t i = *at + 1; i < s.n; i++) {
		char c = s.p[i];
		bool escape = c == '\\' && i + 1 < s.n && s.p[i + 1] == '"';

		if (escape)
			c = s.p[++i];
		if (c == '"' && !escape) {
			*at = i + 1;
			return true;
		}
		buf_putc(out, c);
	}
	return false;
}

bool
filter_take_text(struct span s, size_t *at, struct buf *out)
{
	size_t from = *at;

	if (from < s.n && s.p[from] == '"')
		return take_quoted(s, at, out);
	*at = word_end(s, from);
	buf_put(out, span_of(s.p + from, *at - from));
	return true;
}

/* Longer ones before those they begin with. */
static const struct {
	const char *text;
	enum filter_op op;
	const char *help; /* NULL: another way to write one that has it */
} operators[] = {
	{ "!=", OP_DIFFER, "does not equal" },
	{ "!~", OP_UNLIKE, "does not match the regular expression" },
	{ "<=", OP_MOST, "at most" },
	{ ">=", OP_LEAST, "at least" },
	{ ":<=", OP_MOST, NULL },
	{ ":>=", OP_LEAST, NULL },
	{ ":<", OP_LESS, NULL },
	{ ":>", OP_MORE, NULL },
	{ "<", OP_LESS, "less than" },
	{ ">", OP_MORE, "more than" },
	{ "=", OP_EQUAL, "equals" },
	{ "~", OP_LIKE, "matches the regular expression" },
	{ ":", OP_IS, "contains; of numbers: is" },
};

#define OPERATORS (sizeof(operators) / sizeof(operators[0]))

size_t
filter_operator(struct span s, enum filter_op *op)
{
	for (size_t i = 0; i < OPERATORS; i++) {
		if (!span_starts(s, span_str(operators[i].text)))
			continue;
		*op = operators[i].op;
		return strlen(operators[i].text);
	}
	return 0;
}

const char *
filter_sign(unsigned i, const char **help)
{
	for (size_t k = 0; k < OPERATORS; k++) {
		if (operators[k].help == NULL || i-- > 0)
			continue;
		if (help)
			*help = operators[k].help;
		return operators[k].text;
	}
	return NULL;
}

size_t
filter_name_length(struct span s)
{
	size_t n = 0;

	while (
	    n < s.n && ascii_lower(s.p[n]) >= 'a' && ascii_lower(s.p[n]) <= 'z')
		n++;
	return n;
}
