/* Range requests (RFC 9110 14). */
#ifndef HTTP_RANGE_H
#define HTTP_RANGE_H

#include <stdint.h>

#include "base/limits.h"
#include "base/span.h"

/* Bytes of a representation, both ends included. */
struct byte_range {
	uint64_t first;
	uint64_t last;
};

enum range_result {
	RANGE_OK,	     /* *n of them, clamped to the size */
	RANGE_IGNORED,	     /* not bytes=..., or not well formed */
	RANGE_TOO_MUCH,	     /* more than `max`, or more bytes than there are */
	RANGE_UNSATISFIABLE, /* well formed, and none begins within the size */
};

/* Interpret a Range field value for a representation of `size` bytes: at most
 * `max` ranges (to LIMIT_RANGES), in the order asked, those that do not
 * overlap the size left out.  `out` holds max entries. */
enum range_result range_parse(struct span value, uint64_t size, unsigned max,
    struct byte_range *out, unsigned *n);

#endif
