/* For volume (FLAVOUR=fuzz-fast): memory that was mapped and given back is
 * handed out again, zeroed, to who asks for as much; to map and unmap it for
 * each input is most of what a short execution takes.  Linked with
 * --wrap=mmap,--wrap=munmap.  Not with the address sanitizer, which is to see a
 * use of what was given back. */
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>

#define AREAS	 64
#define AREA_MAX (1u << 20) /* what is larger is the kernel's to zero */

/* None of the paths that an input is known by. */
#define UNSEEN __attribute__((no_sanitize("coverage")))

void *__real_mmap(void *p, size_t n, int prot, int flags, int fd, off_t at);
int __real_munmap(void *p, size_t n);
void *__wrap_mmap(void *p, size_t n, int prot, int flags, int fd, off_t at);
int __wrap_munmap(void *p, size_t n);

static struct area {
	void *p;
	size_t n;
	bool used;
} area[AREAS];
static unsigned areas;

UNSEEN void *
__wrap_mmap(void *p, size_t n, int prot, int flags, int fd, off_t at)
{
	bool plain = p == NULL && prot == (PROT_READ | PROT_WRITE) &&
	    (flags & ~MAP_NORESERVE) == (MAP_PRIVATE | MAP_ANONYMOUS);

	if (!plain || n > AREA_MAX)
		return __real_mmap(p, n, prot, flags, fd, at);
	for (struct area *a = area; a < area + areas; a++) {
		if (a->used || a->n != n)
			continue;
		a->used = true;
		return memset(a->p, 0, n);
	}
	p = __real_mmap(p, n, prot, flags, fd, at);
	if (p != MAP_FAILED && areas < AREAS)
		area[areas++] = (struct area){ p, n, true };
	return p;
}

UNSEEN int
__wrap_munmap(void *p, size_t n)
{
	for (struct area *a = area; a < area + areas; a++) {
		if (a->p != p || a->n != n || !a->used)
			continue;
		a->used = false;
		return 0;
	}
	return __real_munmap(p, n);
}
