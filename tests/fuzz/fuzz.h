/* What the fuzz targets share.  A target is one file fuzz_NAME.c with
 * libFuzzer's entry; linked with replay.c instead, it goes through the kept
 * inputs. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/span.h"

/* Called once for every input; 0.  Whatever is wrong ends the process. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What is freed stays the process's: large pieces of memory would otherwise be
 * mapped, filled and unmapped for each input. */
__attribute__((constructor)) static void
keep_memory(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, 32 << 20);
	(void)mallopt(M_TRIM_THRESHOLD, 256 << 20);
}

#define MUST(what)                                                             \
	((what) ? (void)0                                                      \
		: (fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__,  \
		       #what),                                                 \
		      abort()))

/* The input, from which choices are taken first; zeros when it is used up. */
struct feed {
	const uint8_t *p;
	size_t n;
};

static inline uint8_t
feed_byte(struct feed *f)
{
	if (f->n == 0)
		return 0;
	f->n--;
	return *f->p++;
}

static inline uint64_t
feed_number(struct feed *f, unsigned bytes)
{
	uint64_t v = 0;

	while (bytes-- > 0)
		v = v << 8 | feed_byte(f);
	return v;
}

/* 0 to n - 1. */
static inline size_t
feed_below(struct feed *f, size_t n)
{
	return (size_t)(feed_number(f, n > 256 ? 4 : 1) % n);
}

static inline struct span
feed_rest(const struct feed *f)
{
	return span_of((const char *)f->p, f->n);
}

/* The bytes up to a newline, which is taken too. */
static inline struct span
feed_line(struct feed *f)
{
	struct span s = feed_rest(f);
	const char *end = s.n ? memchr(s.p, '\n', s.n) : NULL;

	if (end != NULL)
		s.n = (size_t)(end - s.p);
	f->p += s.n + (end != NULL);
	f->n -= s.n + (end != NULL);
	return s;
}

/* Where the next piece of `left` bytes of all `n` ends, from a seed: about 20
 * pieces, and of a short input one for each byte. */
static inline size_t
split_next(uint32_t *seed, size_t left, size_t all)
{
	size_t n;

	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	n = 1 + (*seed >> 8) % (1 + all / 10);
	return n < left ? n : left;
}

/* A copy of exactly its size, so that a read beyond it is seen; freed by the
 * caller. */
static inline char *
copy_of(struct span s)
{
	char *p = malloc(s.n ? s.n : 1);

	if (p == NULL)
		abort();
	if (s.n)
		memcpy(p, s.p, s.n);
	return p;
}

/* Whether `part` lies in `whole`. */
static inline bool
span_within(struct span part, struct span whole)
{
	return part.n == 0 ||
	    (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

#endif
