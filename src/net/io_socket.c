#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "net/io_ring.h"

/* recv(2) and send(2) of the C library are cancellation points, which costs a
 * tenth of a microsecond each; nobody cancels a worker. */

/* A call that a signal interrupted is made again: a worker takes none of those
 * that main waits for, but a debugger or a stop may still interrupt. */
static ssize_t
socket_call(const struct io_call *c)
{
	if (!c->send)
		return TEMP_FAILURE_RETRY(
		    syscall(SYS_recvfrom, c->fd, c->to, c->n, 0, NULL, NULL));
	/* write(2) is allowed whatever its arguments are, which the kernel
	 * knows without running the sandbox's filter; SIGPIPE is ignored */
	if (!c->more)
		return TEMP_FAILURE_RETRY(
		    syscall(SYS_write, c->fd, c->from, c->n));
	return TEMP_FAILURE_RETRY(syscall(SYS_sendto, c->fd, c->from, c->n,
	    MSG_NOSIGNAL | MSG_MORE, NULL, 0));
}

static unsigned
socket_transfer(struct io *io, struct io_call *calls, unsigned n)
{
	bool ring = n > 1 && io->ring != NULL;
	unsigned together = ring ? io_ring_transfer(io->ring, calls, n) : 0;

	for (struct io_call *c = calls; c < calls + n; c++) {
		if (ring && c->result != IO_NOT_MADE)
			continue;
		c->result = socket_call(c);
		if (c->result < 0)
			c->result = -errno;
	}
	return together;
}

static ssize_t
socket_sendfile(struct io *io, int fd, int file, uint64_t offset, size_t n)
{
	off_t at = (off_t)offset;

	(void)io;
	return TEMP_FAILURE_RETRY(sendfile(fd, file, &at, n));
}

static ssize_t
socket_pread(struct io *io, int file, void *p, size_t n, uint64_t offset)
{
	(void)io;
	return TEMP_FAILURE_RETRY(pread(file, p, n, (off_t)offset));
}

/* Setting TCP_NODELAY, which is set, pushes what is pending (tcp(7)). */
static void
socket_push(struct io *io, int fd)
{
	int on = 1;

	(void)io;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void
socket_cork(struct io *io, int fd, bool on)
{
	int value = on;

	(void)io;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_CORK, &value, sizeof(value));
}

static void
socket_shutdown(struct io *io, int fd)
{
	(void)io;
	(void)shutdown(fd, SHUT_WR);
}

static void
socket_close(struct io *io, int fd)
{
	(void)io;
	(void)close(fd);
}

static bool
socket_watch(struct io *io, int fd, uint64_t tag, bool first, unsigned events)
{
	struct epoll_event ev = { .data.u64 = tag };

	if (events & IO_READABLE)
		ev.events |= EPOLLIN | EPOLLRDHUP;
	if (events & IO_WRITABLE)
		ev.events |= EPOLLOUT;
	if (events & IO_EDGE)
		ev.events |= EPOLLET | EPOLLPRI;
	return epoll_ctl(io->epoll_fd, first ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
		   fd, &ev) == 0;
}

/* When the last byte was acknowledged the kernel does not tell.  It was not
 * after the last ACK of any kind, which a client that has stopped reading still
 * sends when its window is probed; nor more than a round trip after the last
 * data, which is also sent when the client does not answer at all. */
static bool
socket_acked(struct io *io, int fd, struct io_acked *out)
{
	struct tcp_info info = { 0 };
	socklen_t n = sizeof(info);
	int64_t ack, data;

	(void)io;
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) != 0)
		return false;
	ack = info.tcpi_last_ack_recv * NS_PER_MS;
	data = info.tcpi_last_data_sent * NS_PER_MS - info.tcpi_rtt * NS_PER_US;
	out->bytes = info.tcpi_bytes_acked;
	out->idle = ack > data ? ack : data;
	return true;
}

static int64_t
socket_mono(struct io *io)
{
	(void)io;
	return clock_mono();
}

const struct io_ops io_socket_ops = {
	.transfer = socket_transfer,
	.sendfile = socket_sendfile,
	.pread = socket_pread,
	.push = socket_push,
	.cork = socket_cork,
	.shutdown = socket_shutdown,
	.close = socket_close,
	.watch = socket_watch,
	.acked = socket_acked,
	.mono = socket_mono,
};
