/* For volume (FLAVOUR=fuzz-fast): large memory that is to be zero and was given
 * back is handed out again, zeroed where it was touched, to who asks for as
 * much; to map and unmap it, or to zero the whole, for each input is most of
 * what a short execution takes.  Linked with --wrap= and each of these names.
 * Not with the address sanitizer, which is to see a use of what was given
 * back. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>

#define AREAS 64
#define PAGE  4096u
#define PAGES 4096u  /* of an area; a larger one is not kept */
#define SMALL 131072 /* bytes: sooner zeroed than asked about */

void *__real_mmap(void *p, size_t n, int prot, int flags, int fd, off_t at);
int __real_munmap(void *p, size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);
void *__wrap_mmap(void *p, size_t n, int prot, int flags, int fd, off_t at);
int __wrap_munmap(void *p, size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void __wrap_free(void *p);

static struct area {
	char *p;
	size_t n;
	bool used;
	unsigned char touched[PAGES]; /* pages, at any time so far */
} area[AREAS];
static unsigned areas;

static void *
hand_out(struct area *a)
{
	unsigned char present[PAGES];
	size_t pages = (a->n + PAGE - 1) / PAGE;

	a->used = true;
	if (a->n <= SMALL)
		return memset(a->p, 0, a->n);
	if (mincore(a->p, a->n, present) < 0)
		abort();
	for (size_t i = 0; i < pages; i++)
		a->touched[i] |= present[i] & 1;
	for (unsigned char *t = a->touched;
	     (t = memchr(t, 1, (size_t)(a->touched + pages - t))); t++)
		memset(a->p + (t - a->touched) * PAGE, 0, PAGE);
	return a->p;
}

/* NULL when there is no place to keep it in. */
static void *
kept(size_t n)
{
	void *p;

	if (n == 0 || n > (size_t)PAGES * PAGE)
		return NULL;
	for (struct area *a = area; a < area + areas; a++)
		if (!a->used && a->n == n)
			return hand_out(a);
	if (areas == AREAS)
		return NULL;
	p = __real_mmap(NULL, n, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	/* A huge page would count as touched as a whole. */
	(void)madvise(p, n, MADV_NOHUGEPAGE);
	area[areas].p = p;
	area[areas].n = n;
	area[areas].used = true;
	areas++;
	return p;
}

static struct area *
area_of(const void *p)
{
	if ((uintptr_t)p % PAGE != 0)
		return NULL;
	for (struct area *a = area; a < area + areas; a++)
		if (a->p == p && a->used)
			return a;
	return NULL;
}

void *
__wrap_mmap(void *p, size_t n, int prot, int flags, int fd, off_t at)
{
	bool plain = p == NULL && prot == (PROT_READ | PROT_WRITE) &&
	    (flags & ~MAP_NORESERVE) == (MAP_PRIVATE | MAP_ANONYMOUS);
	void *q = plain ? kept(n) : NULL;

	return q ? q : __real_mmap(p, n, prot, flags, fd, at);
}

int
__wrap_munmap(void *p, size_t n)
{
	struct area *a = area_of(p);

	if (a == NULL)
		return __real_munmap(p, n);
	if (a->n != n)
		abort();
	a->used = false;
	return 0;
}

void *
__wrap_calloc(size_t n, size_t size)
{
	size_t all;
	void *p = NULL;

	if (!__builtin_mul_overflow(n, size, &all) && all > SMALL)
		p = kept(all);
	return p ? p : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	struct area *a = area_of(p);
	void *q;

	if (a == NULL)
		return __real_realloc(p, n);
	q = malloc(n ? n : 1);
	if (q == NULL)
		return NULL;
	memcpy(q, p, n < a->n ? n : a->n);
	a->used = false;
	return q;
}

void
__wrap_free(void *p)
{
	struct area *a = area_of(p);

	if (a == NULL)
		__real_free(p);
	else
		a->used = false;
}
