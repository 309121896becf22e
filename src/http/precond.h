/* Preconditions (RFC 9110 13) against the representation that was chosen. */
#ifndef HTTP_PRECOND_H
#define HTTP_PRECOND_H

#include "http/select.h"

/* All but If-Range, in the order of RFC 9110 13.2.2: 304, 412, or 0 to go on.
 * Each that was looked at leaves its reason in the trail.  `now` is in seconds
 * since 1970. */
uint16_t precond_status(struct trail *t, const struct http_request *r,
    const struct representation *rep, int64_t now);

/* The same for content without validators, a folder's listing: only "*" is sure
 * to match it, dates say nothing. */
uint16_t precond_bare_status(struct trail *t, const struct http_request *r);

/* Whether If-Range, if it is there, lets the Range field count (RFC 9110
 * 13.1.5). */
bool precond_if_range(struct trail *t, const struct http_request *r,
    const struct representation *rep, int64_t now);

#endif
