/* The seam between connections and the operating system: production uses
 * sockets, tests an invented network with a clock of its own. */
#ifndef NET_IO_H
#define NET_IO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"

struct io;

/* What a client has acknowledged of all that was sent to it. */
struct io_acked {
	uint64_t bytes; /* grows when the client takes something */
	int64_t idle;	/* ns; in these it took nothing, perhaps for longer */
};

/* A call that sends or receives. */
struct io_call {
	int fd;
	bool send; /* send(2), else recv(2) */
	bool more; /* send: the kernel may wait for what follows (MSG_MORE) */
	union {
		void *to;	  /* receive */
		const void *from; /* send */
	};
	size_t n;
	ssize_t result; /* as the call's, or -errno: EAGAIN when it would block,
			   EINTR never */
};

/* What epoll is asked for, and tells. */
enum io_events {
	IO_READABLE = 1,
	IO_WRITABLE = 2,
	/* asked: told when it becomes so, and not again while it stays so; what
	 * is ready when it is asked is told once */
	IO_EDGE = 4,
	/* told, never asked for */
	IO_ENDED = 8, /* the client sends no more: it will read as the end */
	IO_GONE = 16, /* nor can it be sent to */
	/* of IO_EDGE: a read may end before what is there does (urgent data,
	 * RFC 9293 3.8.5) */
	IO_MARKED = 32,
};

struct io_ops {
	/* Make these calls, which are of different sockets; how many of them
	 * were made together. */
	unsigned (*transfer)(struct io *io, struct io_call *calls, unsigned n);
	/* These as the system calls of their names: -1 with errno, EAGAIN when
	 * they would block, EINTR never. */
	ssize_t (*sendfile)(
	    struct io *io, int fd, int file, uint64_t offset, size_t n);
	ssize_t (*pread)(
	    struct io *io, int file, void *p, size_t n, uint64_t offset);
	/* what was held back for more (MSG_MORE) goes out now */
	void (*push)(struct io *io, int fd);
	/* hold back what does not fill a segment, from now on or no longer
	 * (TCP_CORK): sendfile has no MSG_MORE */
	void (*cork)(struct io *io, int fd, bool on);
	/* half close: no more is sent */
	void (*shutdown)(struct io *io, int fd);
	void (*close)(struct io *io, int fd);
	/* which of enum io_events are waited for, 0 for nothing; `first`: the
	 * descriptor is new.  False when the kernel has no room for it. */
	bool (*watch)(
	    struct io *io, int fd, uint64_t tag, bool first, unsigned events);
	/* False when the kernel does not tell. */
	bool (*acked)(struct io *io, int fd, struct io_acked *out);
	int64_t (*mono)(struct io *io); /* ns */
};

struct io {
	const struct io_ops *ops;
	int epoll_fd;
	struct io_ring *ring; /* NULL: `transfer` makes one after the other */
};

/* Make that call alone; its result. */
static inline ssize_t
io_transfer(struct io *io, struct io_call *call)
{
	(void)io->ops->transfer(io, call, 1);
	return call->result;
}

/* Sockets and epoll. */
extern const struct io_ops io_socket_ops;

#endif
