/* What a proxy says before the first request of whom it speaks for: the PROXY
 * protocol of HAProxy, versions 1 and 2 (haproxy/doc/proxy-protocol.txt). */
#ifndef HTTP_PROXY_H
#define HTTP_PROXY_H

#include "http/address.h"

/* Bytes of a line of version 1 with its CRLF, as the protocol has it; of a
 * header of version 2 with all that is skipped (TLVs), as we have it. */
#define PROXY_LINE_MAX	 107
#define PROXY_HEADER_MAX 4096

enum proxy_result { PROXY_MORE, PROXY_BAD, PROXY_DONE };

struct proxy_head {
	/* Of the client.  ADDRESS_NONE: the connection's own address stands
	 * (LOCAL, UNKNOWN, UNSPEC, AF_UNIX). */
	struct http_address source;
	uint8_t version; /* 1 or 2 */
	uint32_t length; /* PROXY_DONE: bytes; what follows is not looked at */
	/* PROXY_BAD: enum reason_id, and the byte */
	uint16_t error;
	uint32_t error_at;
};

/* Read what has come so far, from the first byte; *out is filled anew.  The
 * result depends on the bytes alone: a prefix gives PROXY_MORE until it cannot
 * become anything else, and no more than PROXY_HEADER_MAX are asked for. */
enum proxy_result proxy_parse(struct span s, struct proxy_head *out);

#endif
