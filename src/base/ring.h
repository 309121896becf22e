/* A single-producer single-consumer queue of variable-sized records.
 *
 * One thread pushes, one thread pops; no lock, no system call.  A record is
 * whole or not there.  Full is an ordinary result.  What was pushed is there
 * for the consumer when it is published, many records at once: that takes a
 * barrier. */
#ifndef BASE_RING_H
#define BASE_RING_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/span.h"

#define RING_LINE 64

/* The padding keeps the two sides on cache lines of their own.
 * NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding) */
struct ring {
	uint32_t magic;
	uint32_t cap; /* bytes, a power of two */
	unsigned char *mem;
	_Alignas(RING_LINE) _Atomic uint64_t head; /* producer publishes */
	uint64_t pushed;			   /* producer's own head */
	uint64_t begun;	    /* where what is reserved begins */
	uint64_t reserved;  /* bytes; RING_NONE: nothing is */
	uint64_t tail_seen; /* producer's copy */
	_Alignas(RING_LINE) _Atomic uint64_t tail; /* consumer writes */
	uint64_t head_seen;			   /* consumer's copy */
};

/* `cap` is a power of two from 4 KiB to 1 GiB.  False when memory is short. */
bool ring_init(struct ring *r, uint32_t cap);
void ring_fini(struct ring *r);

/* Producer: where to write a record of at most `most` bytes, which is at most
 * cap / 4; aligned to 8.  NULL when there is no room now.  It is none before
 * ring_push. */
void *ring_reserve(struct ring *r, size_t most);

/* Producer: the first `n` bytes of what was reserved last are a record. */
void ring_push(struct ring *r, size_t n);

/* Producer: let the consumer see all that was pushed.  A producer that looks
 * after this whether the consumer sleeps, and a consumer that looks into the
 * ring after it said so, do not miss each other. */
void ring_publish(struct ring *r);

/* Producer: bytes of the ring that are pushed and not published. */
static inline uint64_t
ring_unpublished(const struct ring *r)
{
	return r->pushed -
	    atomic_load_explicit(
		(_Atomic uint64_t *)&r->head, memory_order_relaxed);
}

/* Consumer: see what has been published by now. */
void ring_look(struct ring *r);

/* Consumer: the oldest record of those that were seen, or {NULL, 0}.  It stays
 * valid and unchanged until ring_pop; aligned to 8 bytes. */
struct span ring_next(struct ring *r);

/* Consumer: the same, after another look when there is none. */
struct span ring_peek(struct ring *r);

/* Consumer: give the oldest record back; it was there. */
void ring_pop(struct ring *r);

#endif
