/* LD_PRELOAD: no io_uring, one that fails after so many calls, or one of whose
 * calls every other is interrupted, by NORING: "never", a number,
 * "interrupted". */
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
	const char *how = getenv("NORING");
	int call = atomic_fetch_add(&calls, 1);

	if (real == NULL)
		real = (int (*)(struct io_uring *, unsigned))dlsym(
		    RTLD_NEXT, "io_uring_submit_and_wait");
	if (how[0] == 'i' && call % 2 == 0)
		return -EINTR;
	if (how[0] != 'i' && call >= atoi(how))
		return -ENOMEM;
	return real(u, n);
}
