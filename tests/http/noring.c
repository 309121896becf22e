/* LD_PRELOAD: no io_uring, or one that fails after so many calls, by NORING:
 * "never", or a number. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

struct io_uring;

int
io_uring_queue_init(unsigned entries, struct io_uring *u, unsigned flags)
{
	int (*real)(unsigned, struct io_uring *, unsigned) =
	    (int (*)(unsigned, struct io_uring *, unsigned))dlsym(
		RTLD_NEXT, "io_uring_queue_init");

	if (getenv("NORING")[0] == 'n')
		return -EPERM;
	return real(entries, u, flags);
}

int
io_uring_submit_and_wait(struct io_uring *u, unsigned n)
{
	static _Atomic int calls;
	static int (*real)(struct io_uring *, unsigned);

	if (real == NULL)
		real = (int (*)(struct io_uring *, unsigned))dlsym(
		    RTLD_NEXT, "io_uring_submit_and_wait");
	if (atomic_fetch_add(&calls, 1) >= atoi(getenv("NORING")))
		return -ENOMEM;
	return real(u, n);
}
