/* What takes no more: ends that nobody reads, and no descriptor to be had. */
#ifndef TESTS_UNREAD_H
#define TESTS_UNREAD_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

enum unread { UNREAD_PIPE, UNREAD_SOCKET, UNREAD_TERMINAL };

/* Both ends of something; [1] is what a program has as its stdout or stderr. */
static inline void
open_unread(enum unread kind, int ends[2])
{
	struct termios raw;

	if (kind == UNREAD_PIPE) {
		assert_int_equal(pipe(ends), 0);
		return;
	}
	if (kind == UNREAD_SOCKET) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
		return;
	}
	ends[0] = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(ends[0] >= 0);
	assert_int_equal(grantpt(ends[0]), 0);
	assert_int_equal(unlockpt(ends[0]), 0);
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread */
	ends[1] = open(ptsname(ends[0]), O_RDWR | O_NOCTTY);
	assert_true(ends[1] >= 0);
	assert_int_equal(tcgetattr(ends[1], &raw), 0);
	cfmakeraw(&raw);
	assert_int_equal(tcsetattr(ends[1], TCSANOW, &raw), 0);
}

/* From now on no descriptor is made that is not below `n`. */
static inline void
allow_descriptors(rlim_t n)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = n;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

#endif
