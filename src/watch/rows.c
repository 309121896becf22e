/* A sequence lock without fences, which ThreadSanitizer cannot follow.
 *
 * Write number k makes seq odd, stores the words with release, then makes seq
 * even with release.  Why a read that found the same even seq before and after
 * the words is whole:
 *  - Not older: the first load of seq acquires what stored it, so every word of
 *    that write happened before, and no load of a word can give an older one.
 *  - Not newer: a word of a later write, loaded with acquire, synchronises with
 *    its release store.  The odd seq was stored before that, so the second load
 *    of seq, which follows, sees it or something newer, and differs.
 * On x86-64 all of these are plain moves. */
#include "watch/rows.h"

#include <string.h>

/* A write takes some tens of nanoseconds: that many torn reads in a row mean a
 * row that changes all the time, and the next frame will show it. */
#define ROW_TRIES 16

void
row_write(struct row_cell *cell, const struct conn_row *row)
{
	uint64_t seq = atomic_load_explicit(&cell->seq, memory_order_relaxed);
	uint64_t word[ROW_WORDS];

	memcpy(word, row, sizeof(word));
	atomic_store_explicit(&cell->seq, seq + 1, memory_order_relaxed);
	for (size_t i = 0; i < ROW_WORDS; i++)
		atomic_store_explicit(
		    &cell->word[i], word[i], memory_order_release);
	atomic_store_explicit(&cell->seq, seq + 2, memory_order_release);
}

static uint64_t
load(const _Atomic uint64_t *p)
{
	return atomic_load_explicit(
	    (_Atomic uint64_t *)p, memory_order_acquire);
}

bool
row_read(const struct row_cell *cell, struct conn_row *row)
{
	for (int i = 0; i < ROW_TRIES; i++) {
		uint64_t word[ROW_WORDS];
		uint64_t seq = load(&cell->seq);

		if (seq & 1)
			continue;
		for (size_t k = 0; k < ROW_WORDS; k++)
			word[k] = load(&cell->word[k]);
		if (load(&cell->seq) != seq)
			continue;
		memcpy(row, word, sizeof(word));
		return row->conn != 0;
	}
	return false;
}
