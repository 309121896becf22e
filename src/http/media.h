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

/* The type of the last extension of the file name (or path), without regard
 * to case; NULL when it has none or an unknown one.  A dot that begins the name
 * (".profile") begins no extension.  Static. */
const struct media_type *media_find(struct span name);

#endif
