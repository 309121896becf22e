/* Several receives and sends by one system call, io_uring(7), where the kernel
 * has it and lets us.  Entering the kernel is a tenth of what a small request
 * costs, and more where page tables are switched for it; and between two
 * entries our instructions and data stay in the processor's caches.
 *
 * The ring is used for that alone: what is ready is epoll's to say, and no call
 * is under way when io_ring_transfer returns. */
#ifndef NET_IO_RING_H
#define NET_IO_RING_H

#include <errno.h>

#include "net/io.h"

/* The result of a call that was not made, or was interrupted. */
#define IO_NOT_MADE (-EINTR)

/* A ring for at most `entries` calls at once, for io_ring_free.  As long as it
 * is there it can do what recv(2) and write(2) can, and nothing else, whoever
 * uses it: seccomp(2) does not see what goes by it.  NULL with errno: EPERM and
 * ENOSYS where it is switched off, as in many containers; EINVAL and EOPNOTSUPP
 * where the kernel is too old for it (before Linux 6.5); ENOMEM, EMFILE. */
struct io_ring *io_ring_new(unsigned entries);
void io_ring_free(struct io_ring *ring); /* or NULL */

/* Make these calls, of sockets that do not block; how many were made.  The
 * others' result is IO_NOT_MADE: those with `more`, and those that a ring which
 * fails has not made; that is said once, and it is not used again.  One thread
 * at a time. */
unsigned io_ring_transfer(
    struct io_ring *ring, struct io_call *calls, unsigned n);

#endif
