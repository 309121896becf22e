/* An IP address that was written in a message or before it. */
#ifndef HTTP_ADDRESS_H
#define HTTP_ADDRESS_H

#include <stdint.h>

#include "base/span.h"

enum { ADDRESS_NONE = 0, ADDRESS_V4 = 4, ADDRESS_V6 = 6 };

struct http_address {
	uint8_t version;  /* ADDRESS_V4, ADDRESS_V6; ADDRESS_NONE: no address */
	uint16_t port;	  /* 0: not said */
	uint8_t addr[16]; /* network byte order; IPv4 in the first 4 */
};

/* An address alone, IPv4 in four decimals or IPv6 without brackets or zone.
 * False on anything else; *out is then unchanged. */
bool address_read(struct span s, struct http_address *out);

/* A port, 0 to 65535, without leading zeros. */
bool address_read_port(struct span s, uint16_t *port);

/* The same address, whatever the port. */
bool address_same(const struct http_address *a, const struct http_address *b);

#endif
