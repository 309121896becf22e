/* The other forms of a file: coded siblings beside it, and what the server
 * codes itself. */
#ifndef SITE_VARIANTS_H
#define SITE_VARIANTS_H

#include "site/resolve.h"

/* Fill in out->facts.variant and negotiated, with what there is to send them
 * from.  `path` ("/a/b.css") is that of the file, which is open and whose other
 * facts are there; `compressible`: coding it with gzip would pay. */
void variants_find(const struct site *s, const char *path, bool compressible,
    struct site_file *out);

#endif
