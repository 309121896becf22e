/* A thread's name, as ps(1) and a debugger show it; its place among others. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Of the calling thread; 15 bytes of it count.  Another thread's name is
 * written to a file in /proc, which the sandbox denies. */
void thread_name(const char *name);

/* The calling thread's turns on a processor that others want too (sched(7)):
 * `policy` is SCHED_OTHER or SCHED_BATCH, `nicer` is added to its nice value,
 * `slice` is the time of one turn in ns, 100,000 to 100,000,000 (0: the
 * system's), for Linux from 6.12 on.  If it is refused, nothing changes. */
void thread_schedule(int policy, int nicer, uint64_t slice);

/* Wait at most so many ns, of the monotonic clock, for the thread to end; true
 * when it has, and is joined. */
bool thread_join_within(pthread_t thread, int64_t ns);

#endif
