/* Content codings and Accept-Encoding (RFC 9110 8.4.1, 12.5.3). */
#ifndef HTTP_CODING_H
#define HTTP_CODING_H

#include <stdint.h>

#include "http/request.h"

/* name, what a file coded with it adds to its name */
#define CODING_TABLE(X)                                                        \
	X(IDENTITY, "identity", "")                                            \
	X(GZIP, "gzip", ".gz")                                                 \
	X(ZSTD, "zstd", ".zst")                                                \
	X(BR, "br", ".br")

enum coding {
#define X(id, name, suffix) CODING_##id,
	CODING_TABLE(X)
#undef X
	    CODING_N
};

/* "gzip" / ".gz".  Static. */
const char *coding_name(enum coding c);
const char *coding_suffix(enum coding c);

/* The coding of that name without regard to case ("x-gzip" is gzip), else
 * CODING_N. */
enum coding coding_find(struct span name);

/* What a client takes. */
struct coding_wishes {
	bool given;	      /* there is an Accept-Encoding field */
	bool identity_named;  /* by name or by "*" */
	uint16_t q[CODING_N]; /* thousandths; 0: not acceptable */
};

/* Read all Accept-Encoding lines as one list.  Without the field, and with an
 * empty one, only identity is taken; without being named, identity is taken
 * too, after everything else.  Members that are not well formed are passed
 * over; of a coding that is named twice the first counts. */
void coding_read(struct coding_wishes *w, const struct http_request *r);

#endif
