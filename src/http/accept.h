/* Accept (RFC 9110 12.5.1), as far as this server negotiates. */
#ifndef HTTP_ACCEPT_H
#define HTTP_ACCEPT_H

#include "http/request.h"

#define ACCEPT_QUALITY_MAX 1000u

/* qvalue: 0 to 1 with at most three decimals (RFC 9110 12.4.2), in thousandths;
 * false, and *quality unchanged, when it is none. */
bool accept_quality_read(struct span s, unsigned *quality);

/* The quality, in thousandths 0 to 1000, that an Accept field value gives to
 * the type "type/subtype": the most specific range that matches counts; of
 * equal ones the best.  Of a range's parameters only its weight q counts.
 * Members that are not media ranges are ignored.  When none is left (no field,
 * an empty value) everything is accepted: 1000. */
unsigned accept_quality(struct span accept, struct span type);

/* The same of all Accept lines of a request, which are one list. */
unsigned accept_request_quality(const struct http_request *r, struct span type);

#endif
