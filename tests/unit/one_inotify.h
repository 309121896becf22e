/* One inotify for the whole process, whose duplicates are what a server opens
 * and closes: closing the last of an instance waits for the kernel, 3 ms, which
 * is most of what thousands of short servers would take.  Defines the C
 * library's function, so it is included once in a program. */
#ifndef TESTS_UNIT_ONE_INOTIFY_H
#define TESTS_UNIT_ONE_INOTIFY_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

static int one_inotify = -1;

/* At once: it is none of the descriptors that a test counts. */
__attribute__((constructor)) static void
one_inotify_open(void)
{
	one_inotify = (int)syscall(SYS_inotify_init1, IN_NONBLOCK | IN_CLOEXEC);
}

/* What an earlier server left to be read is none of the next one's business. */
static inline void
one_inotify_drain(void)
{
	char events[4096];

	while (read(one_inotify, events, sizeof(events)) > 0)
		;
}

int
inotify_init1(int flags)
{
	if (flags != (IN_NONBLOCK | IN_CLOEXEC))
		abort();
	one_inotify_drain();
	return fcntl(one_inotify, F_DUPFD_CLOEXEC, 0);
}

#endif
