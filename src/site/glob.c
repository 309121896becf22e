/* A pattern is chunks of literal bytes with stars between them.  From the last
 * star to the first it is noted, as a set of positions, where the rest of the
 * pattern can begin when the star ends there; going forward, each star then
 * takes the nearest of its positions, and that choice is never regretted. */
#include "site/glob.h"

/* Positions 0 to LIMIT_PATH - 1 in a path. */
struct positions {
	uint64_t word[LIMIT_PATH / 64];
};

static void
positions_add(struct positions *s, size_t at)
{
	s->word[at / 64] |= 1ull << (at % 64);
}

static bool
positions_has(const struct positions *s, size_t at)
{
	return s->word[at / 64] >> (at % 64) & 1;
}

/* --- making ready --- */

static void
put_star(struct glob *g, size_t n, enum glob_star kind)
{
	g->chunk_end[g->stars] = (uint16_t)n;
	g->star[g->stars++] = kind;
}

/* The kind of the run of stars that `p` begins with, and what it takes of the
 * pattern. */
static enum glob_star
star_kind(struct span p, bool after_slash, bool rest, size_t *taken)
{
	size_t n = 1;

	while (n < p.n && p.p[n] == '*')
		n++;
	*taken = n;
	if (n > 1 && n < p.n && p.p[n] == '/' && after_slash) {
		*taken = n + 1;
		return GLOB_FOLDERS;
	}
	return n > 1 || (rest && n == p.n) ? GLOB_ANY : GLOB_SEGMENT;
}

static bool
has_segment_star(const struct glob *g)
{
	for (unsigned i = 0; i < g->stars; i++)
		if (g->star[i] == GLOB_SEGMENT)
			return true;
	return false;
}

bool
glob_compile(struct glob *g, struct span pattern, bool rest)
{
	bool after_slash = true;
	size_t n = 0, taken;

	*g = (struct glob){ .stars = 0 };
	if (pattern.n == 0 || pattern.n > GLOB_PATTERN_MAX ||
	    memchr(pattern.p, '\0', pattern.n) != NULL)
		return false;
	if (pattern.p[0] != '/') {
		g->text[n++] = '/';
		put_star(g, n, GLOB_FOLDERS);
		g->floating = true;
	}
	for (size_t i = 0; i < pattern.n; i += taken) {
		enum glob_star kind;

		taken = 1;
		if (pattern.p[i] != '*') {
			g->text[n++] = pattern.p[i];
			after_slash = pattern.p[i] == '/';
			continue;
		}
		if (g->stars == GLOB_STARS_MAX + g->floating)
			return false;
		kind =
		    star_kind(span_skip(pattern, i), after_slash, rest, &taken);
		put_star(g, n, kind);
		after_slash = kind == GLOB_FOLDERS;
	}
	g->chunk_end[g->stars] = (uint16_t)n;
	g->all = n == 1 && g->text[0] == '/' && g->stars > 0 &&
	    g->star[g->stars - 1] == GLOB_ANY && !has_segment_star(g);
	return true;
}

/* --- matching --- */

static struct span
chunk_of(const struct glob *g, unsigned i)
{
	size_t from = i > 0 ? g->chunk_end[i - 1] : 0;

	return span_of(g->text + from, g->chunk_end[i] - from);
}

static bool
chunk_at(struct span chunk, struct span path, size_t at)
{
	if (chunk.n > path.n - at)
		return false;
	for (size_t i = 0; i < chunk.n; i++) {
		char c = path.p[at + i];

		if (chunk.p[i] == '?' ? c == '/' : chunk.p[i] != c)
			return false;
	}
	return true;
}

/* Where the last star can end: one position, for the path must end with the
 * pattern.  False when there is none. */
static bool
find_last_end(const struct glob *g, struct span path, struct positions *ends)
{
	struct span chunk = chunk_of(g, g->stars);

	if (path.n < chunk.n || !chunk_at(chunk, path, path.n - chunk.n))
		return false;
	positions_add(ends, path.n - chunk.n);
	return true;
}

/* Where star `i` can end, so that the chunk after it follows, and then the next
 * star, which can end at `next`.  False when there is no such position. */
static bool
find_ends(const struct glob *g, unsigned i, struct span path,
    const struct positions *next, struct positions *ends)
{
	struct span chunk = chunk_of(g, i + 1);
	enum glob_star kind = g->star[i + 1];
	bool later = false, any = false;

	/* From the back; `later`: the next star, if it began here, could end
	 * further on. */
	for (size_t at = path.n + 1; at-- > chunk.n;) {
		bool slash_before = at > 0 && path.p[at - 1] == '/';
		bool here = positions_has(next, at);

		if (kind == GLOB_SEGMENT && at < path.n && path.p[at] == '/')
			later = false;
		if ((here || later) && chunk_at(chunk, path, at - chunk.n)) {
			positions_add(ends, at - chunk.n);
			any = true;
		}
		if (here && (kind != GLOB_FOLDERS || slash_before))
			later = true;
	}
	return any;
}

/* The nearest end of a star that begins at `begin`; false when none is. */
static bool
nearest_end(enum glob_star kind, struct span path, const struct positions *ends,
    size_t begin, size_t *end)
{
	for (size_t at = begin; at <= path.n; at++) {
		if (positions_has(ends, at) &&
		    (kind != GLOB_FOLDERS || at == begin ||
			path.p[at - 1] == '/')) {
			*end = at;
			return true;
		}
		if (kind == GLOB_SEGMENT && at < path.n && path.p[at] == '/')
			return false;
	}
	return false;
}

static void
capture(const struct glob *g, unsigned i, struct span taken,
    struct glob_captures *out)
{
	if (out == NULL || (g->floating && i == 0))
		return;
	if (g->star[i] == GLOB_FOLDERS && taken.n > 0)
		taken.n--;
	out->star[out->n++] = taken;
}

/* Each star takes as little as it can. */
static bool
walk(const struct glob *g, struct span path, const struct positions *ends,
    struct glob_captures *captures)
{
	size_t at = chunk_of(g, 0).n;

	for (unsigned i = 0; i < g->stars; i++) {
		size_t end;

		if (!nearest_end(g->star[i], path, &ends[i], at, &end))
			return false;
		capture(g, i, span_of(path.p + at, end - at), captures);
		at = end + chunk_of(g, i + 1).n;
	}
	return true;
}

bool
glob_match(
    const struct glob *g, struct span path, struct glob_captures *captures)
{
	struct positions ends[GLOB_STARS_MAX + 1];
	struct span first = chunk_of(g, 0);
	unsigned last = g->stars - 1u;

	if (captures != NULL)
		captures->n = 0;
	if (path.n >= LIMIT_PATH || !chunk_at(first, path, 0))
		return false;
	if (g->stars == 0)
		return first.n == path.n;
	/* The rule for all files is what most sites have, and no more. */
	if (g->all && captures == NULL)
		return true;
	for (unsigned i = 0; i < g->stars; i++)
		memset(&ends[i], 0, (path.n / 64 + 1) * sizeof(uint64_t));
	if (!find_last_end(g, path, &ends[last]))
		return false;
	for (unsigned i = last; i-- > 0;)
		if (!find_ends(g, i, path, &ends[i + 1], &ends[i]))
			return false;
	return walk(g, path, ends, captures);
}
