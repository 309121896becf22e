/* Where time comes from.  Only the outermost loops ask; the core is told. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_US 1000LL
#define NS_PER_MS 1000000LL
#define NS_PER_S  1000000000LL

/* Both clocks, read together. */
struct moment {
	int64_t mono; /* ns, CLOCK_MONOTONIC: for durations and deadlines */
	int64_t wall; /* ns since 1970, CLOCK_REALTIME: for Date and logs */
};

struct moment clock_now(void);
int64_t clock_mono(void);
/* ns that the calling thread has had a processor. */
int64_t clock_thread(void);

/* A time of a file in ns; beyond what these can say (1677 to 2262) the first or
 * last that they can, to a second. */
int64_t clock_file_ns(struct timespec t);

#endif
