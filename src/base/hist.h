/* A histogram of durations with a relative error below 1/16 and a fixed size:
 * log2 buckets cut in 16.  One writer; readers take copies or sums. */
#ifndef BASE_HIST_H
#define BASE_HIST_H

#include <stdatomic.h>
#include <stdint.h>

#define HIST_SUB     16
#define HIST_BUCKETS (HIST_SUB * 37)

struct hist {
	_Atomic uint64_t n[HIST_BUCKETS];
	_Atomic uint64_t max;
};

/* Count one value, in any unit (nanoseconds in this program). */
void hist_add(struct hist *h, uint64_t v);

/* Add the counts of `from` to `to`; `from` may be written meanwhile. */
void hist_sum(struct hist *to, const struct hist *from);

/* The value below which `permille` of 1000 of the counted lie: the upper
 * bound of that bucket, but never above max.  0 when nothing was counted. */
uint64_t hist_quantile(const struct hist *h, unsigned permille);
/* How many of the counted lie from `from` on and below `to`, as exactly as the
 * buckets at both ends tell. */
uint64_t hist_between(const struct hist *h, uint64_t from, uint64_t to);
uint64_t hist_count(const struct hist *h);

#endif
