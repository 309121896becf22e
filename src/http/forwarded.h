/* Whom a request was forwarded for: Forwarded (RFC 7239) and X-Forwarded-For,
 * to be asked only of requests that come from a trusted address. */
#ifndef HTTP_FORWARDED_H
#define HTTP_FORWARDED_H

#include "http/address.h"
#include "http/request.h"

enum forwarded_result {
	FORWARDED_NONE,	   /* no such field, or all in it are trusted */
	FORWARDED_FOUND,   /* the address, and perhaps the port */
	FORWARDED_BAD,	   /* malformed, or no address in the place */
	FORWARDED_DIFFERS, /* the two fields do not say the same */
};

/* Whom else is believed. */
struct forwarded_trust {
	bool (*has)(const void *arg, const struct http_address *a);
	const void *arg;
};

/* The rightmost address that is not itself trusted: what stands to the left of
 * it may be the client's invention.  A proxy writes one of the two fields and
 * passes the other on as the client sent it, so that both count only when they
 * agree.  *out is filled for FORWARDED_FOUND only. */
enum forwarded_result forwarded_read(const struct http_request *r,
    const struct forwarded_trust *trust, struct http_address *out);

#endif
