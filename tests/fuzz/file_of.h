/* An input as a file that has a path, for what reads files by name. */
#ifndef TESTS_FUZZ_FILE_OF_H
#define TESTS_FUZZ_FILE_OF_H

#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

/* In memory, one for the process; the path stays the same, and so do the pages
 * that were written once. */
static inline const char *
file_of(struct span s)
{
	static char path[64];
	static int fd = -1;
	static size_t size;

	if (fd < 0) {
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (fd < 0 || pwrite(fd, s.p, s.n, 0) != (ssize_t)s.n)
		abort();
	if (size != s.n && ftruncate(fd, (off_t)s.n) < 0)
		abort();
	size = s.n;
	return path;
}

#endif
