#include "ui/match.h"

#include <string.h>

#include "ui/glyph.h"

static bool
has_upper(const char *s)
{
	for (; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			return true;
	return false;
}

static const char *
match_at(const char *text, const char *words, bool exact)
{
	size_t n = strlen(words);

	if (exact)
		return strstr(text, words);
	for (; *text; text++) {
		size_t i = 0;
		while (i < n && ascii_lower(text[i]) == words[i])
			i++;
		if (i == n)
			return text;
	}
	return NULL;
}

bool
match_in(const char *text, const char *words)
{
	return match_at(text, words, has_upper(words)) != NULL;
}

/* A line's text, and the column of each of its bytes. */
static void
line_text(
    const struct grid *g, int y, struct rect r, struct buf *b, int *column)
{
	for (int x = r.x; x < r.x + r.w; x++) {
		const struct cell *c = grid_at(g, y, x);
		size_t from = b->n;

		if (c == NULL || c->width == 0)
			continue;
		glyph_put(b, c->cp);
		for (size_t i = from; i < b->n; i++)
			column[i] = x;
	}
	(void)buf_cstr(b);
}

void
match_show(struct grid *g, struct rect r, const char *words)
{
	char text[4096];
	int column[sizeof text];
	size_t n = strlen(words);
	bool exact = has_upper(words);

	for (int y = r.y; n && y < r.y + r.h; y++) {
		struct buf b = buf_over(text, sizeof text);
		const char *at = text;

		line_text(g, y, r, &b, column);
		while ((at = match_at(at, words, exact)) != NULL) {
			for (size_t i = 0; i < n; i++)
				grid_at(g, y, column[at - text + (long)i])
				    ->style = STYLE_FOUND;
			at += n;
		}
	}
}
