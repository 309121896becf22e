/* The entries of a HAR, cut out of the text one by one: a file of gigabytes
 * needs no more memory than its largest entry. */
#include <stdio.h>

#include "watch/recording_parts.h"

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Pass over a string whose first quote was taken; its first bytes into `key`
 * when that is not NULL.  False at the end of the file. */
static bool
skip_string(struct source *s, struct buf *key)
{
	for (;;) {
		int c = source_take(s);

		if (c < 0)
			return false;
		if (c == '"')
			return true;
		if (key)
			buf_putc(key, (char)c);
		if (c == '\\' && source_take(s) < 0)
			return false;
	}
}

/* Where the search stands. */
struct search {
	unsigned depth;
	bool log;     /* within the object "log" */
	char key[16]; /* the last string, as a key */
	size_t key_n;
};

static bool
key_is(const struct search *f, const char *name)
{
	return span_eq(span_of(f->key, f->key_n), span_str(name));
}

/* Take a structural byte; true when it begins the list of entries. */
static bool
search_step(struct search *f, int c)
{
	if (c == '[' && f->depth == 2 && f->log && key_is(f, "entries"))
		return true;
	if (c == '{' || c == '[') {
		if (f->depth == 1)
			f->log = c == '{' && key_is(f, "log");
		f->depth++;
	} else if ((c == '}' || c == ']') && f->depth) {
		f->depth--;
	}
	return false;
}

bool
recording_har_find(struct source *s, char text[RECORDING_TEXT])
{
	struct search f = { .depth = 0 };

	for (;;) {
		int c = source_take(s);

		if (c < 0 || f.depth > RECORDING_DEPTH)
			break;
		if (c == '"') {
			struct buf key = buf_over(f.key, sizeof(f.key));

			if (!skip_string(s, &key))
				break;
			/* longer ones are none that is looked for */
			f.key_n = key.full ? 0 : key.n;
		} else if (c == ',') {
			f.key_n = 0;
		} else if (search_step(&f, c)) {
			return true;
		}
	}
	snprintf(text, RECORDING_TEXT,
	    "line %llu: not a HAR: \"log\" with a list \"entries\" is wanted",
	    (unsigned long long)s->line);
	return false;
}

/* Copy a string whose first quote is in `b`; one that is too long stays
 * empty. */
static bool
copy_string(struct source *s, struct buf *b)
{
	size_t from = b->n;
	bool dropped = false;

	for (;;) {
		int c = source_take(s);

		if (c < 0)
			return false;
		if (c != '"' && b->n - from > RECORDING_STRING) {
			b->n = from;
			dropped = true;
		}
		if (c == '"' || !dropped)
			buf_putc(b, (char)c);
		if (c == '"')
			return true;
		if (c != '\\')
			continue;
		c = source_take(s);
		if (c < 0)
			return false;
		if (!dropped)
			buf_putc(b, (char)c);
	}
}

/* Copy a value up to the ',' or ']' behind it; false when the file ends. */
static bool
copy_value(struct source *s, struct buf *b, bool *deep)
{
	unsigned depth = 0;

	for (;;) {
		int c = source_peek(s);

		if (c < 0)
			return false;
		if (depth == 0 && (c == ',' || c == ']' || c == '}'))
			return true;
		source_take(s);
		buf_putc(b, (char)c);
		if (c == '"' && !copy_string(s, b))
			return false;
		if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		if (depth > RECORDING_DEPTH)
			*deep = true;
		if (depth == UINT32_MAX)
			return false;
	}
}

enum har_value
recording_har_take(struct source *s, struct buf *b, uint64_t *line)
{
	bool deep = false;
	int c;

	while (is_blank(c = source_peek(s)) || c == ',')
		source_take(s);
	*line = s->line;
	if (c == ']')
		return HAR_LAST;
	if (c < 0 || !copy_value(s, b, &deep))
		return HAR_CUT;
	/* a '}' of nobody: it must not be met for ever */
	if (b->n == 0)
		source_take(s);
	return b->full || deep ? HAR_TOO_LARGE : HAR_VALUE;
}
