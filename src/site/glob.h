/* Patterns of the operator's rules, matched against a whole decoded path.
 *
 * `*` is any run of bytes but '/', `**` any run at all, `?` one byte but '/';
 * everything else is itself.  Between two slashes `**` stands for any number of
 * folders, none too.  A pattern that does not begin with '/' matches at any
 * depth.  There is no backtracking: the work is at most the path's length times
 * the pattern's. */
#ifndef SITE_GLOB_H
#define SITE_GLOB_H

#include <stdint.h>

#include "base/limits.h"
#include "base/span.h"

#define GLOB_PATTERN_MAX 255 /* bytes of a pattern */
#define GLOB_STARS_MAX	 9   /* stars of a pattern, `**` is one */

enum glob_star {
	GLOB_SEGMENT, /* `*` */
	GLOB_ANY,     /* `**` */
	GLOB_FOLDERS, /* a `**` and the slash after it: nothing, or what ends
		       * in a slash */
};

/* A pattern made ready: chunk 0, star 0, chunk 1, ..., chunk `stars`.  Owns
 * nothing; may be copied. */
struct glob {
	/* The chunks, one after the other, with a slash first. */
	char text[GLOB_PATTERN_MAX + 1];
	uint16_t chunk_end[GLOB_STARS_MAX + 2]; /* in text */
	enum glob_star star[GLOB_STARS_MAX + 1];
	uint8_t stars;
	bool all;      /* every path matches */
	bool floating; /* star 0 is not the pattern's own: it stands for the
			* depth at which a pattern without '/' begins */
};

/* What the pattern's stars stood for, without the slash that ends folders. */
struct glob_captures {
	struct span star[GLOB_STARS_MAX];
	unsigned n;
};

/* Make ready.  With `rest` a star that ends the pattern matches all that is
 * left, slashes too.  False, and *g is not to be used, when the pattern is
 * empty, too long, has a NUL or too many stars. */
bool glob_compile(struct glob *g, struct span pattern, bool rest);

/* Whether the path matches; never when it has LIMIT_PATH bytes or more.  Every
 * star takes as little as it can, the first one first; `captures` may be
 * NULL. */
bool glob_match(
    const struct glob *g, struct span path, struct glob_captures *captures);

#endif
