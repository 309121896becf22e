/* Preloaded: makes the FAIL_AT-th allocation of the process return NULL, and
 * with FAIL_WORKERS ends the process at any allocation in a worker's thread.
 * FAIL_COUNT names a file for the number of allocations, written at the end. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* What dlsym(3) asks for before the real functions are known. */
static _Alignas(16) char early[65536];
static size_t early_n;

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static int (*real_memalign)(void **, size_t, size_t);
static void *(*real_aligned)(size_t, size_t);
static void (*real_free)(void *);

static atomic_ulong made;
static unsigned long fail_at;
static bool workers_must_not, counting;
static int report_fd = -1;

static void
find(void *to, const char *name)
{
	void *f = dlsym(RTLD_NEXT, name);

	memcpy(to, &f, sizeof(f));
}

__attribute__((constructor)) static void
begin(void)
{
	const char *at = getenv("FAIL_AT"), *path = getenv("FAIL_COUNT");

	find(&real_calloc, "calloc");
	find(&real_malloc, "malloc");
	find(&real_realloc, "realloc");
	find(&real_memalign, "posix_memalign");
	find(&real_aligned, "aligned_alloc");
	find(&real_free, "free");
	fail_at = at ? strtoul(at, NULL, 10) : 0;
	workers_must_not = getenv("FAIL_WORKERS") != NULL;
	if (path != NULL) /* now: the sandbox will not let it */
		report_fd =
		    open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	atomic_store(&made, 0);
	counting = true;
}

__attribute__((destructor)) static void
report(void)
{
	counting = false;
	if (report_fd >= 0)
		dprintf(report_fd, "%lu\n", atomic_load(&made));
}

/* Whether this allocation shall fail. */
static bool
fails(void)
{
	char name[16] = "";

	if (!counting)
		return false;
	if (workers_must_not && prctl(PR_GET_NAME, name) == 0 &&
	    strncmp(name, "worker-", 7) == 0) {
		static const char text[] = "a worker allocates\n";

		if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
			_exit(70);
		abort();
	}
	if (atomic_fetch_add(&made, 1) + 1 != fail_at)
		return false;
	errno = ENOMEM;
	return true;
}

static void *
early_take(size_t n)
{
	char *p = early + early_n;

	early_n += (n + 15) & ~(size_t)15;
	return early_n <= sizeof(early) ? p : NULL;
}

static bool
is_early(const void *p)
{
	return (const char *)p >= early &&
	    (const char *)p < early + sizeof(early);
}

void *
malloc(size_t n)
{
	if (real_malloc == NULL)
		return early_take(n);
	return fails() ? NULL : real_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	if (real_calloc == NULL)
		return early_take(n * size);
	return fails() ? NULL : real_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	if (real_realloc == NULL || is_early(p)) {
		void *q = real_malloc ? real_malloc(n) : early_take(n);

		if (q != NULL && p != NULL)
			memcpy(q, p, n);
		return q;
	}
	return fails() ? NULL : real_realloc(p, n);
}

int
posix_memalign(void **p, size_t align, size_t n)
{
	return fails() ? ENOMEM : real_memalign(p, align, n);
}

void *
aligned_alloc(size_t align, size_t n)
{
	return fails() ? NULL : real_aligned(align, n);
}

void
free(void *p)
{
	if (p != NULL && !is_early(p) && real_free != NULL)
		real_free(p);
}
