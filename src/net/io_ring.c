#include "net/io_ring.h"

#include <liburing.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/check.h"
#include "base/error.h"
#include "base/notice.h"

struct io_ring {
	struct io_uring u;
	bool works; /* it was tried out */
	int error;  /* errno; 0: none.  Calls may be in it that were not made */
};

/* The library's functions for what is registered here are missing in some of
 * its versions. */
static bool
io_ring_register(struct io_uring *u, unsigned what, void *p, unsigned n)
{
	return syscall(SYS_io_uring_register, u->ring_fd, what, p, n) == 0;
}

/* What the ring may be told to do: seccomp(2) does not see what goes by it. */
static bool
io_ring_restrict(struct io_uring *u)
{
	struct io_uring_restriction r[] = {
		{ .opcode = IORING_RESTRICTION_SQE_OP,
		    .sqe_op = IORING_OP_RECV },
		{ .opcode = IORING_RESTRICTION_SQE_OP,
		    .sqe_op = IORING_OP_WRITE },
	};

	return io_ring_register(u, IORING_REGISTER_RESTRICTIONS, r, 2);
}

void
io_ring_free(struct io_ring *ring)
{
	if (ring == NULL)
		return;
	io_uring_queue_exit(&ring->u);
	free(ring);
}

/* How it is said to the kernel: with flags that have it done at once or not at
 * all, or it would be the kernel that waits, for a client that does not read.
 * Not by IORING_OP_SEND, which knows addresses and MSG_FASTOPEN: it could
 * connect, unseen by the sandbox. */
static void
io_ring_put(struct io_uring *u, const struct io_call *c, unsigned number)
{
	struct io_uring_sqe *e = io_uring_get_sqe(u);

	CHECK(e != NULL);
	if (c->send) {
		io_uring_prep_write(e, c->fd, c->from, (unsigned)c->n, 0);
		e->rw_flags = RWF_NOWAIT;
	} else {
		io_uring_prep_recv(e, c->fd, c->to, c->n, MSG_DONTWAIT);
	}
	e->user_data = number;
}

/* Take the results that are there; how many. */
static unsigned
io_ring_results(struct io_uring *u, struct io_call *calls, unsigned n)
{
	struct io_uring_cqe *e;
	unsigned head, got = 0;

	io_uring_for_each_cqe(u, head, e)
	{
		CHECK(e->user_data < n);
		calls[e->user_data].result = e->res;
		got++;
	}
	io_uring_cq_advance(u, got);
	return got;
}

unsigned
io_ring_transfer(struct io_ring *ring, struct io_call *calls, unsigned n)
{
	unsigned asked = 0, made = 0;

	for (unsigned i = 0; i < n; i++) {
		calls[i].result = IO_NOT_MADE;
		if (calls[i].more || ring->error != 0)
			continue;
		io_ring_put(&ring->u, &calls[i], i);
		asked++;
	}
	while (made < asked) {
		int r = io_uring_submit_and_wait(&ring->u, asked - made);

		made += io_ring_results(&ring->u, calls, n);
		if (r < 0 && r != -EINTR && made < asked) {
			/* also when it passes: what is without a ring is
			 * right, and a try at each turn is not cheaper */
			ring->error = -r;
			if (ring->works)
				notice(NOTICE_WARN,
				    "io_uring: %s; each call is made by "
				    "itself from now on",
				    error_text(-r));
			break;
		}
	}
	return made;
}

/* Whether it sends and receives on sockets without waiting, as those of Linux
 * before 6.5 cannot; false with errno. */
static bool
io_ring_works(struct io_ring *ring)
{
	char out = 'x', in = 0;
	struct io_call send = { .send = true, .from = &out, .n = 1 };
	struct io_call receive = { .to = &in, .n = 1 };
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
		fd) != 0)
		return false;
	send.fd = fd[0];
	receive.fd = fd[1];
	io_ring_transfer(ring, &send, 1);
	io_ring_transfer(ring, &receive, 1);
	close(fd[0]);
	close(fd[1]);
	errno = ring->error != 0 ? ring->error
	    : send.result < 0	 ? (int)-send.result
				 : (int)-receive.result;
	return send.result == 1 && receive.result == 1 && in == 'x';
}

struct io_ring *
io_ring_new(unsigned entries)
{
	struct io_ring *ring = calloc(1, sizeof(*ring));
	int r;

	if (ring == NULL)
		return NULL;
	r = io_uring_queue_init(entries, &ring->u, IORING_SETUP_R_DISABLED);
	if (r < 0) {
		free(ring);
		errno = -r;
		return NULL;
	}
	if (io_ring_restrict(&ring->u) &&
	    io_ring_register(&ring->u, IORING_REGISTER_ENABLE_RINGS, NULL, 0) &&
	    io_ring_works(ring)) {
		ring->works = true;
		return ring;
	}
	r = errno;
	io_ring_free(ring);
	errno = r;
	return NULL;
}
