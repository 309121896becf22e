/* A thread's name, as ps(1) and a debugger show it. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Of the calling thread; 15 bytes of it count.  Another thread's name is
 * written to a file in /proc, which the sandbox denies. */
void thread_name(const char *name);

/* Wait at most so many ns, of the monotonic clock, for the thread to end; true
 * when it has, and is joined. */
bool thread_join_within(pthread_t thread, int64_t ns);

#endif
