/* What the kernel knows of the way to a client. */
#ifndef NET_PATH_H
#define NET_PATH_H

#include "net/conn.h"

/* Ask it (TCP_INFO: some microseconds).  *out is left alone, but for its
 * number, where the kernel does not tell: a socket that is not TCP. */
void conn_path(const struct conn *c, int64_t now, struct conn_path *out);

#endif
