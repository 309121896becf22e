/* How many connections each address has open, over all workers: without a
 * lock, in bounded memory.  IPv6 counts by /64, which is what one customer
 * has; this computer's own addresses are not counted. */
#ifndef NET_TALLY_H
#define NET_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "watch/peer.h"

struct tally;

/* For as many connections in all.  NULL with errno. */
struct tally *tally_new(uint32_t connections);
void tally_free(struct tally *t);

/* One connection more of that address.  False when it has `limit` (0: none)
 * already.  *cell is for tally_give: 0 when nothing was counted, as for an
 * address that found no room (one in some million: it is let in). */
bool tally_take(
    struct tally *t, const struct peer *peer, uint32_t limit, uint32_t *cell);

/* The connection has ended. */
void tally_give(struct tally *t, uint32_t cell);

#endif
