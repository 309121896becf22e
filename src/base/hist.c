/* Bucket i: below HIST_SUB the value itself; then each power of two from 16 on
 * is cut in HIST_SUB equal parts.  37 rows reach 2^40 ns, 18 minutes; what is
 * longer is counted in the last bucket, whose upper bound is `max`. */
#include "base/hist.h"

#define HIST_SUB_BITS 4

_Static_assert(HIST_SUB == 1 << HIST_SUB_BITS, "buckets are cut by shifting");

static uint64_t
load(const _Atomic uint64_t *p)
{
	return atomic_load_explicit(
	    (_Atomic uint64_t *)p, memory_order_relaxed);
}

/* A single writer needs no locked instruction. */
static void
store(_Atomic uint64_t *p, uint64_t v)
{
	atomic_store_explicit(p, v, memory_order_relaxed);
}

static unsigned
bucket_of(uint64_t v)
{
	if (v < HIST_SUB)
		return (unsigned)v;

	unsigned shift =
	    63u - (unsigned)__builtin_clzll(v) - (unsigned)HIST_SUB_BITS;
	unsigned sub = (unsigned)(v >> shift) & (HIST_SUB - 1);
	unsigned i = (shift + 1) * HIST_SUB + sub;

	return i < HIST_BUCKETS ? i : HIST_BUCKETS - 1;
}

/* The greatest value that falls into the bucket. */
static uint64_t
bucket_upper(unsigned i)
{
	if (i < HIST_SUB)
		return i;
	if (i == HIST_BUCKETS - 1)
		return UINT64_MAX;

	unsigned shift = i / HIST_SUB - 1;
	uint64_t sub = i % HIST_SUB + HIST_SUB;

	return ((sub + 1) << shift) - 1;
}

void
hist_add(struct hist *h, uint64_t v)
{
	_Atomic uint64_t *n = &h->n[bucket_of(v)];

	if (v > load(&h->max))
		store(&h->max, v);
	store(n, load(n) + 1);
}

void
hist_sum(struct hist *to, const struct hist *from)
{
	uint64_t max = load(&from->max);

	for (unsigned i = 0; i < HIST_BUCKETS; i++)
		store(&to->n[i], load(&to->n[i]) + load(&from->n[i]));
	if (max > load(&to->max))
		store(&to->max, max);
}

uint64_t
hist_quantile(const struct hist *h, unsigned permille)
{
	uint64_t count = hist_count(h);
	uint64_t max = load(&h->max);
	uint64_t seen = 0;
	/* rounded up: p50 of 3 values is the second */
	uint64_t rank =
	    count / 1000 * permille + (count % 1000 * permille + 999) / 1000;

	if (count == 0)
		return 0;
	if (rank == 0)
		rank = 1;
	for (unsigned i = 0; i < HIST_BUCKETS; i++) {
		seen += load(&h->n[i]);
		if (seen >= rank) {
			uint64_t upper = bucket_upper(i);

			return upper < max ? upper : max;
		}
	}
	return max;
}

uint64_t
hist_between(const struct hist *h, uint64_t from, uint64_t to)
{
	uint64_t n = 0;

	for (unsigned i = bucket_of(from); i < bucket_of(to); i++)
		n += load(&h->n[i]);
	return n;
}

uint64_t
hist_count(const struct hist *h)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < HIST_BUCKETS; i++)
		n += load(&h->n[i]);
	return n;
}
