/* A thread's name, as ps(1) and a debugger show it. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

/* Of the calling thread; 15 bytes of it count.  Another thread's name is
 * written to a file in /proc, which the sandbox denies. */
void thread_name(const char *name);

#endif
