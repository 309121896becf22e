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

static inline void
words_write(
    _Atomic uint64_t *seq, _Atomic uint64_t *to, const void *from, size_t n)
{
	uint64_t before = atomic_load_explicit(seq, memory_order_relaxed);
	const char *p = from;

	atomic_store_explicit(seq, before + 1, memory_order_relaxed);
	/* for every request: without the counting of the loop */
#pragma GCC unroll 8
	for (size_t i = 0; i < n; i++, p += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, p, sizeof(word));
		atomic_store_explicit(&to[i], word, memory_order_release);
	}
	atomic_store_explicit(seq, before + 2, memory_order_release);
}

static uint64_t
load(const _Atomic uint64_t *p)
{
	return atomic_load_explicit(
	    (_Atomic uint64_t *)p, memory_order_acquire);
}

/* Copy the words once; false when they were written meanwhile. */
static bool
words_read(const _Atomic uint64_t *seq, const _Atomic uint64_t *from,
    uint64_t *word, size_t n)
{
	uint64_t before = load(seq);

	if (before & 1)
		return false;
	for (size_t i = 0; i < n; i++)
		word[i] = load(&from[i]);
	return load(seq) == before;
}

void
row_write(struct row_cell *cell, const struct conn_row *row)
{
	words_write(&cell->seq, cell->word, row, ROW_WORDS);
}

bool
row_read(const struct row_cell *cell, struct conn_row *row)
{
	for (int i = 0; i < ROW_TRIES; i++) {
		uint64_t word[ROW_WORDS];

		if (!words_read(&cell->seq, cell->word, word, ROW_WORDS))
			continue;
		memcpy(row, word, sizeof(word));
		return row->conn != 0;
	}
	return false;
}

void
path_write(struct path_cell *cell, const struct conn_path *path)
{
	words_write(&cell->seq, cell->word, path, PATH_WORDS);
}

bool
path_read(const struct path_cell *cell, struct conn_path *path)
{
	for (int i = 0; i < ROW_TRIES; i++) {
		uint64_t word[PATH_WORDS];

		if (!words_read(&cell->seq, cell->word, word, PATH_WORDS))
			continue;
		memcpy(path, word, sizeof(word));
		return path->conn != 0;
	}
	return false;
}
