/* Who is let in: a slot for an accepted socket, or a short refusal. */
#ifndef NET_ADMIT_H
#define NET_ADMIT_H

#include "net/conn.h"

/* The socket is taken in any case; NULL: it was not let in.  Without a free
 * slot, and above limits.connections_per_ip, the client gets a 503, which is
 * counted, said once in a while, and costs no slot. */
struct conn *admit_socket(struct conns *cs, int fd, const struct peer *peer);

#endif
