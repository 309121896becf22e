#include "base/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* What a pipe or terminal takes without waiting when poll(2) calls it
 * writable: of a terminal that is no page, as it is of a pipe. */
#define SHARED_CHUNK 256

struct outlet
outlet_onto(int inherited)
{
	struct outlet o = { .fd = inherited };
	struct stat st;
	char name[32];
	int fd;

	if (fstat(inherited, &st) < 0 || S_ISREG(st.st_mode))
		return o;
	if (S_ISSOCK(st.st_mode)) {
		o.kind = OUTLET_SOCKET;
		return o;
	}
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", inherited);
	fd =
	    open(name, O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0)
		return (struct outlet){ .fd = fd, .own = true };
	/* another user's pipe or terminal, no /proc, no descriptor left */
	o.kind = OUTLET_SHARED;
	return o;
}

static ssize_t
write_shared(int fd, const void *p, size_t n)
{
	struct iovec part = { .iov_base = (void *)p, .iov_len = n };
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	ssize_t r = pwritev2(fd, &part, 1, -1, RWF_NOWAIT);

	if (r >= 0 || errno == EAGAIN || errno == EPIPE)
		return r;
	/* not known to this kind of file */
	if (poll(&ready, 1, 0) <= 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(fd, p, n < SHARED_CHUNK ? n : SHARED_CHUNK);
}

ssize_t
outlet_write(const struct outlet *o, const void *p, size_t n)
{
	switch (o->kind) {
	case OUTLET_SOCKET:
		return send(o->fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	case OUTLET_SHARED:
		return write_shared(o->fd, p, n);
	default:
		return write(o->fd, p, n);
	}
}

void
outlet_close(struct outlet *o)
{
	if (o->own)
		close(o->fd);
	*o = OUTLET_NONE;
}
