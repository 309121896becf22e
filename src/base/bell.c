#include "base/bell.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#define BELL_TRIES 4

bool
bell_ring(int fd)
{
	uint64_t one = 1;

	for (int i = 0; i < BELL_TRIES; i++)
		if (write(fd, &one, sizeof(one)) == (ssize_t)sizeof(one))
			return true;
	return errno == EAGAIN;
}
