#include "net/tally.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "base/limits.h"

/* A bucket is a line of the cache. */
#define CELLS	    8u
#define BUCKETS_MAX (1u << 20)

/* A cell: which address, and how many; 0: free. */
#define COUNT_BITS 20
#define COUNT_MASK ((1ull << COUNT_BITS) - 1)
_Static_assert(LIMIT_CONNECTIONS <= COUNT_MASK, "every count fits a cell");

struct tally {
	uint64_t seed[2];
	uint32_t buckets; /* a power of 2 */
	size_t size;
	_Alignas(64) _Atomic uint64_t cell[];
};

struct tally *
tally_new(uint32_t connections)
{
	uint32_t buckets = 64;
	uint64_t seed[2];
	struct tally *t;
	size_t size;

	while (buckets < connections * 2ull && buckets < BUCKETS_MAX)
		buckets *= 2;
	if (getrandom(seed, sizeof(seed), 0) != sizeof(seed))
		return NULL;
	/* Pages that are not used cost nothing. */
	size = sizeof(*t) + (size_t)buckets * CELLS * sizeof(t->cell[0]);
	t = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (t == MAP_FAILED)
		return NULL;
	t->seed[0] = seed[0];
	t->seed[1] = seed[1];
	t->buckets = buckets;
	t->size = size;
	return t;
}

void
tally_free(struct tally *t)
{
	if (t != NULL)
		munmap(t, t->size);
}

/* What is counted as one; false for this computer and for no address. */
static bool
peer_key(const struct peer *peer, uint64_t *key)
{
	static const uint8_t own[16] = { [15] = 1 };
	const uint8_t *v4 = peer_v4(peer), *p = v4 ? v4 : peer->addr;
	uint64_t k = 0;

	if (v4 != NULL ? v4[0] == 127
		       : peer->family != AF_INET6 ||
		    memcmp(peer->addr, own, sizeof(own)) == 0)
		return false;
	for (unsigned i = 0; i < (v4 ? 4u : 8u); i++)
		k = k << 8 | p[i];
	*key = v4 ? k | 0xffffull << 32 : k;
	return true;
}

/* A bijection of 64 bits that nobody can foresee (the finalizer of MurmurHash3
 * between two secrets): no two keys are one, and none can be made to meet. */
static uint64_t
mix(const struct tally *t, uint64_t k)
{
	k ^= t->seed[0];
	for (unsigned i = 0; i < 2; i++) {
		k ^= k >> 33;
		k *= 0xff51afd7ed558ccdull;
		k ^= k >> 33;
		k *= 0xc4ceb9fe1a85ec53ull;
		k ^= k >> 33;
		k += t->seed[1];
	}
	return k;
}

/* Count one more in a cell of the bucket; its index, or CELLS for no room. */
static unsigned
bucket_add(_Atomic uint64_t *bucket, uint64_t tag)
{
	unsigned free_cell = CELLS;

	for (unsigned i = 0; i < CELLS; i++) {
		uint64_t v = atomic_load(&bucket[i]);

		while (v != 0 && v >> COUNT_BITS == tag)
			if (atomic_compare_exchange_weak(&bucket[i], &v, v + 1))
				return i;
		if (v == 0 && free_cell == CELLS)
			free_cell = i;
	}
	if (free_cell < CELLS) {
		uint64_t none = 0;

		if (!atomic_compare_exchange_strong(
			&bucket[free_cell], &none, tag << COUNT_BITS | 1))
			return CELLS + 1; /* taken meanwhile */
	}
	return free_cell;
}

/* Two threads may have taken a cell each for one address: all count. */
static uint64_t
bucket_sum(const _Atomic uint64_t *bucket, uint64_t tag)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < CELLS; i++) {
		uint64_t v = atomic_load((_Atomic uint64_t *)&bucket[i]);

		if (v >> COUNT_BITS == tag)
			sum += v & COUNT_MASK;
	}
	return sum;
}

bool
tally_take(
    struct tally *t, const struct peer *peer, uint32_t limit, uint32_t *cell)
{
	_Atomic uint64_t *bucket;
	uint64_t key, tag;
	uint32_t first;
	unsigned i;

	*cell = 0;
	if (t == NULL || limit == 0 || !peer_key(peer, &key))
		return true;
	key = mix(t, key);
	tag = key >> COUNT_BITS;
	first = (uint32_t)(key & (t->buckets - 1)) * CELLS;
	bucket = &t->cell[first];
	do
		i = bucket_add(bucket, tag);
	while (i > CELLS);
	if (i == CELLS)
		return true;
	*cell = first + i + 1;
	/* Counted first and looked at then: never more than the limit, of two
	 * at the same moment perhaps neither. */
	if (bucket_sum(bucket, tag) <= limit)
		return true;
	tally_give(t, *cell);
	*cell = 0;
	return false;
}

void
tally_give(struct tally *t, uint32_t cell)
{
	_Atomic uint64_t *at;
	uint64_t v;

	if (cell == 0)
		return;
	at = &t->cell[cell - 1];
	v = atomic_load(at);
	while (!atomic_compare_exchange_weak(
	    at, &v, (v & COUNT_MASK) > 1 ? v - 1 : 0))
		continue;
}
