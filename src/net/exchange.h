/* The end of an exchange: counted, and told to the recorder. */
#ifndef NET_EXCHANGE_H
#define NET_EXCHANGE_H

#include "net/conn.h"

/* Count the exchange on `c` and publish its event.  `close`: how the
 * connection goes on, CLOSE_NONE when it is kept. */
void exchange_end(struct conns *cs, struct conn *c, enum close_reason close);

/* Content bytes that the kernel has not taken. */
uint64_t exchange_left(const struct work *w);

#endif
