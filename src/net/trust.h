/* The networks whose proxies are believed (trusted_proxies). */
#ifndef NET_TRUST_H
#define NET_TRUST_H

#include "base/span.h"
#include "watch/peer.h"

#define TRUST_MAX 64

struct trust_net {
	uint8_t family; /* AF_INET, AF_INET6 */
	uint8_t bits;	/* of the address that count */
	uint8_t addr[16];
};

struct trust {
	unsigned n;
	struct trust_net net[TRUST_MAX];
};

/* Add "10.0.0.0/8", "2001:db8::/32" or one address.  False when it is none of
 * these, has bits beyond its prefix, or there is no room; `t` may be NULL: only
 * look. */
bool trust_add(struct trust *t, struct span text);

/* Whether the address lies in one of them.  IPv4 seen as IPv6 is IPv4. */
bool trust_has(const struct trust *t, const struct peer *peer);

#endif
