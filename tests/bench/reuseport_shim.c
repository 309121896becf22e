/*
 * For bench-pool only: a bind(2) that lets two processes of ours listen on one
 * port (SO_REUSEPORT, socket(7)), between which the kernel then shares out the
 * connections.  They are what two workers of one process are compared with:
 * whatever these lose that those do not would be what they have in common.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <sys/socket.h>

typedef int (*bind_fn)(int, const struct sockaddr *, socklen_t);

int
bind(int fd, const struct sockaddr *address, socklen_t length)
{
	bind_fn next = (bind_fn)dlsym(RTLD_NEXT, "bind");
	int on = 1;

	if (next == NULL ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0)
		return -1;
	return next(fd, address, length);
}
