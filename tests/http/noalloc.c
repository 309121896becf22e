/* LD_PRELOAD: once the file that NOALLOC_ARMED names is there, whoever
 * allocates on a worker's thread ends the process, and says so.
 *
 * The C library's own calls count as well: what a worker calls must not
 * allocate behind its back (printf of large precision, getaddrinfo, opendir
 * and qsort do, for example).  free(3) is allowed: a worker may hold the last
 * reference to a site that was replaced. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t alignment, size_t n);

static int
is_worker(void)
{
	char name[16] = "";

	/* a system call, which allocates nothing itself */
	return prctl(PR_GET_NAME, name, 0, 0, 0) == 0 &&
	    strncmp(name, "worker-", 7) == 0;
}

static void
check(void)
{
	static const char text[] = "noalloc: a worker allocates\n";
	/* the environment is constant */
	const char *armed = getenv("NOALLOC_ARMED");
	int before = errno;

	if (armed != NULL && is_worker() && access(armed, F_OK) == 0) {
		if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
			_exit(98);
		abort();
	}
	errno = before;
}

void *
malloc(size_t n)
{
	check();
	return __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	check();
	return __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	check();
	return __libc_realloc(p, n);
}

void *
reallocarray(void *p, size_t n, size_t size)
{
	check();
	if (size != 0 && n > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_realloc(p, n * size);
}

void *
memalign(size_t alignment, size_t n)
{
	check();
	return __libc_memalign(alignment, n);
}

void *
aligned_alloc(size_t alignment, size_t n)
{
	check();
	return __libc_memalign(alignment, n);
}

int
posix_memalign(void **p, size_t alignment, size_t n)
{
	check();
	*p = __libc_memalign(alignment, n);
	return *p == NULL ? ENOMEM : 0;
}
