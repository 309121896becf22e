/* A record is an 8-byte header and its bytes, rounded up to 8.  One that would
 * pass the end of the memory is preceded by a pad that fills the end, so that
 * every record is contiguous.  head and tail count bytes since the beginning;
 * they never wrap in practice, their low bits are the place. */
#include "base/ring.h"

#include <sys/mman.h>

#include "base/check.h"

#define RING_MAGIC 0x52494e47u
#define RING_MIN   (4u << 10)
#define RING_MAX   (1u << 30)
#define RING_PAD   UINT32_MAX
#define RING_NONE  UINT64_MAX /* nothing is reserved */

struct record {
	uint32_t size; /* bytes that follow, or RING_PAD: go to the start */
	uint32_t reserved;
};

_Static_assert(sizeof(struct record) == 8, "records are 8-byte aligned");

/* Bytes that a record of n bytes takes. */
static uint64_t
footprint(uint64_t n)
{
	return sizeof(struct record) + ((n + 7) & ~(uint64_t)7);
}

static struct record *
record_at(const struct ring *r, uint64_t where)
{
	return (struct record *)(void *)(r->mem + (where & (r->cap - 1)));
}

bool
ring_init(struct ring *r, uint32_t cap)
{
	CHECK(cap >= RING_MIN && cap <= RING_MAX && (cap & (cap - 1)) == 0);
	memset(r, 0, sizeof(*r));

	/* mmap: pages that were never written cost nothing */
	void *mem = mmap(NULL, cap, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mem == MAP_FAILED)
		return false;
	r->magic = RING_MAGIC;
	r->cap = cap;
	r->reserved = RING_NONE;
	r->mem = mem;
	return true;
}

void
ring_fini(struct ring *r)
{
	CHECK_MAGIC(r, RING_MAGIC);
	munmap(r->mem, r->cap);
	memset(r, 0, sizeof(*r));
}

/* Whether `need` more bytes fit behind `head`. */
static bool
has_room(struct ring *r, uint64_t head, uint64_t need)
{
	if (r->cap - (head - r->tail_seen) >= need)
		return true;
	/* acquire: the consumer has finished reading what it gave back */
	r->tail_seen = atomic_load_explicit(&r->tail, memory_order_acquire);
	return r->cap - (head - r->tail_seen) >= need;
}

void *
ring_reserve(struct ring *r, size_t most)
{
	uint64_t to_end = r->cap - (r->pushed & (r->cap - 1));
	uint64_t pad = footprint(most) > to_end ? to_end : 0;

	CHECK_MAGIC(r, RING_MAGIC);
	CHECK(most <= r->cap / 4);
	r->reserved = RING_NONE;
	if (!has_room(r, r->pushed, pad + footprint(most)))
		return NULL;
	if (pad)
		record_at(r, r->pushed)->size = RING_PAD;
	r->begun = r->pushed + pad;
	r->reserved = most;
	return record_at(r, r->begun) + 1;
}

void
ring_push(struct ring *r, size_t n)
{
	CHECK_MAGIC(r, RING_MAGIC);
	CHECK(r->reserved != RING_NONE && n <= r->reserved);
	r->reserved = RING_NONE;
	record_at(r, r->begun)->size = (uint32_t)n;
	r->pushed = r->begun + footprint(n);
}

void
ring_publish(struct ring *r)
{
	CHECK_MAGIC(r, RING_MAGIC);
	/* Release would do for the bytes.  Sequentially consistent, as the load
	 * in ring_look is, for those who sleep. */
	atomic_store(&r->head, r->pushed);
}

void
ring_look(struct ring *r)
{
	CHECK_MAGIC(r, RING_MAGIC);
	r->head_seen = atomic_load(&r->head);
}

struct span
ring_next(struct ring *r)
{
	uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

	CHECK_MAGIC(r, RING_MAGIC);
	if (tail == r->head_seen)
		return span_of(NULL, 0);
	/* a pad is published together with the record behind it */
	if (record_at(r, tail)->size == RING_PAD) {
		tail += r->cap - (tail & (r->cap - 1));
		atomic_store_explicit(&r->tail, tail, memory_order_release);
	}

	const struct record *rec = record_at(r, tail);

	return span_of((const char *)(rec + 1), rec->size);
}

struct span
ring_peek(struct ring *r)
{
	struct span s = ring_next(r);

	if (s.p != NULL)
		return s;
	ring_look(r);
	return ring_next(r);
}

void
ring_pop(struct ring *r)
{
	struct span s = ring_peek(r);
	uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

	CHECK(s.p != NULL);
	atomic_store_explicit(
	    &r->tail, tail + footprint(s.n), memory_order_release);
}
