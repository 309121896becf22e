/* The other end of a connection, in a form that fits events and rows. */
#ifndef WATCH_PEER_H
#define WATCH_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "http/address.h"

#define PEER_TEXT 64

struct peer {
	uint8_t family; /* AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC */
	uint8_t reserved;
	uint16_t port;	  /* host byte order */
	uint8_t addr[16]; /* network byte order; IPv4 in the first 4 */
};

/* The 4 bytes of an IPv4 address, also of one that a listener for both families
 * sees as IPv6 (::ffff:a.b.c.d, RFC 4291 2.5.5.2); NULL when it is none. */
const uint8_t *peer_v4(const struct peer *p);

void peer_from_sockaddr(struct peer *p, const struct sockaddr *sa);

/* Of an address that a proxy has said: not ADDRESS_NONE. */
void peer_from_address(struct peer *p, const struct http_address *a);

/* Whether the addresses are the same, whatever the ports. */
static inline bool
peer_same_host(const struct peer *a, const struct peer *b)
{
	return a->family == b->family &&
	    memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}

/* "127.0.0.1:39112", "[::1]:80", "unix"; NUL-terminated.  peer_host_text: the
 * address alone, without brackets, for logs. */
void peer_text(char out[PEER_TEXT], const struct peer *p);
void peer_host_text(char out[PEER_TEXT], const struct peer *p);

#endif
