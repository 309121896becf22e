/* The workers' rings (net/io_ring.h), as the configuration wants them. */
#ifndef APP_RINGS_H
#define APP_RINGS_H

#include "app/config.h"
#include "net/io_ring.h"

/* Make one for each worker, for rings_free: all or none, NULL then.  None where
 * io_uring is off, or auto and they cannot be had: the kernel forbids it, or so
 * many workers need the descriptors.  False where it is on and they cannot be
 * had.  err says why there are none, or is empty. */
bool rings_make(const struct config *c, unsigned workers,
    struct io_ring *ring[LIMIT_WORKERS], char err[512]);
void rings_free(struct io_ring *ring[LIMIT_WORKERS]);

#endif
