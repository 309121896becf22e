/* Accept (RFC 9110 12.5.1), as far as this server negotiates. */
#ifndef HTTP_ACCEPT_H
#define HTTP_ACCEPT_H

#include "base/span.h"

/* The quality, in thousandths 0 to 1000, that an Accept field value gives to
 * the type "type/subtype": the most specific range that matches counts; of
 * equal ones the best.  Of a range's parameters only its weight q counts.
 * Members that are not media ranges are ignored.  When none is left (no field,
 * an empty value) everything is accepted: 1000. */
unsigned accept_quality(struct span accept, struct span type);

#endif
