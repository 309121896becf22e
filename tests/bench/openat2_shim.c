/*
 * For valgrind only, which knows openat2(2) from 3.20 on: a syscall(3) that
 * makes openat(2) of it and passes everything else on.  UNSAFE: what keeps
 * files beneath the root (RESOLVE_BENEATH) is dropped.  It serves to count the
 * instructions of requests that a benchmark made up, and nothing else; the
 * count is of what stands around the call, which is the same.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

typedef long (*syscall_fn)(long, ...);

static syscall_fn next;

__attribute__((constructor)) static void
shim_open(void)
{
	next = (syscall_fn)dlsym(RTLD_NEXT, "syscall");
}

long
syscall(long number, ...)
{
	long a[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_openat2) {
		const struct open_how *how = (const struct open_how *)a[2];

		return openat((int)a[0], (const char *)a[1], (int)how->flags,
		    (mode_t)how->mode);
	}
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
