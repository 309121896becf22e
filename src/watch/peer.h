/* The other end of a connection, in a form that fits events and rows. */
#ifndef WATCH_PEER_H
#define WATCH_PEER_H

#include <stdint.h>
#include <sys/socket.h>

#define PEER_TEXT 64

struct peer {
	uint8_t family; /* AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC */
	uint8_t reserved;
	uint16_t port;	  /* host byte order */
	uint8_t addr[16]; /* network byte order; IPv4 in the first 4 */
};

void peer_from_sockaddr(struct peer *p, const struct sockaddr *sa);

/* "127.0.0.1:39112", "[::1]:80", "unix"; NUL-terminated.  peer_put_host: the
 * address alone, without brackets, for logs. */
void peer_text(char out[PEER_TEXT], const struct peer *p);
void peer_host_text(char out[PEER_TEXT], const struct peer *p);

#endif
