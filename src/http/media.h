/* Media types by file name extension, from mime-db and a reviewed list of
 * overrides (tests/tools/media-table says how the table is made). */
#ifndef HTTP_MEDIA_H
#define HTTP_MEDIA_H

#include "base/span.h"

struct media_type {
	const char *ext;  /* lower case, without the dot */
	const char *type; /* "text/html" */
	bool charset;	  /* text whose charset is to be said */
	bool compressible;
	const char
	    *coding; /* Content-Encoding that the name implies, or NULL */
};

/* The last extension of the file name (or path), without the dot; empty when it
 * has none.  A dot that begins the name hides the file and begins no extension
 * (".gitignore"). */
struct span media_extension(struct span name);

/* The type of the name's extension, without regard to case; NULL when it has
 * none or an unknown one.  Static. */
const struct media_type *media_find(struct span name);

/* A row with that type ("text/html", no parameters) and no coding, or NULL.
 * Looks at one after the other: not for a request's way.  Static. */
const struct media_type *media_find_type(struct span type);

#endif
