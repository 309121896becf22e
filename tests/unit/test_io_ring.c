/* Receives and sends, by io_uring and one by one: the same results. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <dirent.h>
#include <fcntl.h>
#include <liburing.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

#include "net/io_ring.h"

enum { CALLS = 8, BUFFER = 1 << 20 };

/* Two ends of a TCP connection: [0] does not block. */
struct ends {
	int fd[2];
};

static struct ends
connected(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	int l = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct ends e;

	assert_int_equal(bind(l, (struct sockaddr *)&at, n), 0);
	assert_int_equal(listen(l, 1), 0);
	assert_int_equal(getsockname(l, (struct sockaddr *)&at, &n), 0);
	e.fd[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(e.fd[1], (struct sockaddr *)&at, n), 0);
	e.fd[0] = accept4(l, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	assert_true(e.fd[0] >= 0);
	close(l);
	return e;
}

static void
end(struct ends *e)
{
	close(e->fd[0]);
	close(e->fd[1]);
}

static void
reset(struct ends *e)
{
	struct linger now = { .l_onoff = 1 };

	setsockopt(e->fd[1], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(e->fd[1]);
	e->fd[1] = -1;
}

static size_t
read_all(int fd, char *p, size_t n)
{
	size_t got = 0;
	ssize_t r;

	while (got < n && (r = read(fd, p + got, n - got)) > 0)
		got += (size_t)r;
	return got;
}

/* --- each test is run with a ring and without --- */

static struct io_ring *ring;
static int no_ring; /* errno; 0: there is one, or none is wanted */

static int
with_ring(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	ring = io_ring_new(CALLS);
	no_ring = ring == NULL ? errno : 0;
	return 0;
}

static int
without(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	no_ring = 0;
	return 0;
}

static int
after(void **state)
{
	(void)state;
	io_ring_free(ring);
	ring = NULL;
	return 0;
}

/* In a container, under valgrind(1), or before Linux 6.5 there may be none. */
static void
needs_ring(void)
{
	if (no_ring == EPERM || no_ring == ENOSYS || no_ring == EINVAL ||
	    no_ring == EOPNOTSUPP)
		skip();
	assert_int_equal(no_ring, 0);
}

static void
transfer(struct io_call *calls, unsigned n)
{
	struct io io = { .ops = &io_socket_ops, .epoll_fd = -1, .ring = ring };
	unsigned together = io.ops->transfer(&io, calls, n);

	for (unsigned i = 0; ring != NULL && n > 1 && i < n; i++)
		together -= !calls[i].more;
	assert_int_equal(together, 0);
}

static void
what_came_is_received_from_each(void **state)
{
	struct ends e[CALLS];
	struct io_call c[CALLS];
	/* valgrind does not see what the ring writes */
	char in[CALLS][64] = { { 0 } }, text[CALLS][64];

	(void)state;
	needs_ring();
	for (int i = 0; i < CALLS; i++) {
		e[i] = connected();
		snprintf(text[i], sizeof(text[i]), "request %d", i * 1111);
		c[i] = (struct io_call){
			.fd = e[i].fd[0], .to = in[i], .n = sizeof(in[i])
		};
	}
	/* of the third nothing, the fourth ends, the fifth is reset */
	for (int i = 0; i < CALLS; i++)
		if (i != 2 && i != 3 && i != 4)
			assert_true(
			    write(e[i].fd[1], text[i], strlen(text[i])) > 0);
	shutdown(e[3].fd[1], SHUT_WR);
	reset(&e[4]);
	transfer(c, CALLS);
	for (int i = 0; i < CALLS; i++) {
		ssize_t is = i == 2 ? -EAGAIN
		    : i == 3	    ? 0
		    : i == 4	    ? -ECONNRESET
				    : (ssize_t)strlen(text[i]);

		assert_int_equal(c[i].result, is);
		if (is > 0)
			assert_memory_equal(in[i], text[i], (size_t)is);
		end(&e[i]);
	}
}

static void
no_more_is_received_than_there_is_room(void **state)
{
	struct ends e[2] = { connected(), connected() };
	char in[2][4] = { "...", "..." };
	struct io_call c[2];

	(void)state;
	needs_ring();
	for (int i = 0; i < 2; i++) {
		assert_int_equal(write(e[i].fd[1], "abcdef", 6), 6);
		c[i] =
		    (struct io_call){ .fd = e[i].fd[0], .to = in[i], .n = 2 };
	}
	for (int round = 0; round < 3; round++) {
		transfer(c, 2);
		for (int i = 0; i < 2; i++) {
			assert_int_equal(c[i].result, 2);
			assert_memory_equal(
			    in[i], &"ab.\0cd.\0ef."[round * 4], 3);
		}
	}
	end(&e[0]);
	end(&e[1]);
}

static void
what_is_sent_comes_to_each(void **state)
{
	struct ends e[CALLS];
	struct io_call c[CALLS];
	char out[CALLS][64], in[64];

	(void)state;
	needs_ring();
	for (int i = 0; i < CALLS; i++) {
		e[i] = connected();
		snprintf(out[i], sizeof(out[i]), "answer %d", i * 1111);
		c[i] = (struct io_call){ .fd = e[i].fd[0],
			.send = true,
			.more = i == 6,
			.from = out[i],
			.n = strlen(out[i]) };
	}
	/* the client of the third is gone */
	reset(&e[2]);
	transfer(c, CALLS);
	/* the first of these two sends hears of the reset */
	assert_int_equal(c[2].result, -ECONNRESET);
	transfer(&c[2], 1);
	assert_int_equal(c[2].result, -EPIPE);
	for (int i = 0; i < CALLS; i++) {
		shutdown(e[i].fd[0], SHUT_WR);
		if (i != 2) {
			assert_int_equal(c[i].result, strlen(out[i]));
			assert_int_equal(read_all(e[i].fd[1], in, sizeof(in)),
			    strlen(out[i]));
			assert_memory_equal(in, out[i], strlen(out[i]));
		}
		end(&e[i]);
	}
}

/* A client that does not read holds up nobody: the kernel takes a part, then
 * nothing. */
static void
who_does_not_read_holds_up_nobody(void **state)
{
	struct ends e[2] = { connected(), connected() };
	char *out = calloc(1, BUFFER), *in = calloc(1, BUFFER);
	struct io_call c[2];
	size_t taken = 0;

	(void)state;
	needs_ring();
	for (size_t i = 0; i < BUFFER; i++)
		out[i] = (char)(i * 7 + i / 251);
	do {
		c[0] = (struct io_call){ .fd = e[0].fd[0],
			.send = true,
			.from = out + taken % BUFFER,
			.n = BUFFER - taken % BUFFER };
		c[1] = (struct io_call){
			.fd = e[1].fd[0], .send = true, .from = out, .n = 10
		};
		transfer(c, 2);
		assert_int_equal(c[1].result, 10);
		assert_int_equal(read_all(e[1].fd[1], in, 10), 10);
		if (c[0].result > 0)
			taken += (size_t)c[0].result;
	} while (c[0].result > 0);
	assert_int_equal(c[0].result, -EAGAIN);
	assert_true(taken > 0);
	for (size_t at = 0; at < taken;) {
		size_t n = taken - at < BUFFER ? taken - at : BUFFER;

		assert_int_equal(read_all(e[0].fd[1], in, n), n);
		assert_memory_equal(in, out, n);
		at += n;
	}
	free(in);
	free(out);
	end(&e[0]);
	end(&e[1]);
}

/* --- of the ring alone --- */

static void
what_waits_for_more_is_left_to_send(void **state)
{
	struct ends e[2] = { connected(), connected() };
	char x = 'x';
	struct io_call c[2] = {
		{ .fd = e[0].fd[0], .send = true, .from = &x, .n = 1 },
		{ .fd = e[1].fd[0],
		    .send = true,
		    .more = true,
		    .from = &x,
		    .n = 1 },
	};

	(void)state;
	needs_ring();
	assert_int_equal(io_ring_transfer(ring, c, 2), 1);
	assert_int_equal(c[0].result, 1);
	assert_int_equal(c[1].result, IO_NOT_MADE);
	end(&e[0]);
	end(&e[1]);
}

/* The descriptor of the only ring. */
static int
ring_descriptor(void)
{
	DIR *d = opendir("/proc/self/fd");
	char link[64], to[64];
	int fd = -1;

	assert_non_null(d);
	for (const struct dirent *n; (n = readdir(d)) != NULL;) {
		ssize_t len;

		snprintf(link, sizeof(link), "/proc/self/fd/%.20s", n->d_name);
		len = readlink(link, to, sizeof(to) - 1);
		to[len > 0 ? len : 0] = '\0';
		if (strcmp(to, "anon_inode:[io_uring]") == 0)
			fd = atoi(n->d_name);
	}
	closedir(d);
	return fd;
}

/* Another view of the ring, as who has taken over the process could make. */
static void
view_of(int fd, struct io_uring *view)
{
	struct io_uring_params p = { .flags = IORING_SETUP_R_DISABLED };
	struct io_uring like;

	assert_int_equal(io_uring_queue_init_params(CALLS, &like, &p), 0);
	assert_int_equal(io_uring_queue_mmap(fd, &p, view), 0);
	/* go on where it is */
	view->sq.sqe_head = view->sq.sqe_tail = *view->sq.ktail;
	io_uring_queue_exit(&like);
}

/* Ask for a write of one byte, with that operation's number. */
static int
write_as(struct io_uring *u, uint8_t op, int fd)
{
	struct io_uring_sqe *q = io_uring_get_sqe(u);
	struct io_uring_cqe *e;
	char x = 'x';
	int r;

	if (q == NULL)
		abort();
	io_uring_prep_write(q, fd, &x, 1, 0);
	q->opcode = op;
	assert_int_equal(io_uring_submit_and_wait(u, 1), 1);
	assert_int_equal(io_uring_peek_cqe(u, &e), 0);
	r = e->res;
	io_uring_cq_advance(u, 1);
	return r;
}

static void
it_can_do_nothing_else(void **state)
{
	struct ends e = connected();
	struct io_uring view;
	int fd = ring_descriptor();

	(void)state;
	needs_ring();
	view_of(fd, &view);
	for (unsigned op = 0; op < IORING_OP_LAST; op++)
		if (op != IORING_OP_RECV && op != IORING_OP_WRITE)
			assert_int_equal(
			    write_as(&view, (uint8_t)op, e.fd[0]), -EACCES);
	/* the same as what it is there for */
	assert_int_equal(write_as(&view, IORING_OP_WRITE, e.fd[0]), 1);
	/* nor can it be widened: files, restrictions */
	assert_int_equal(syscall(SYS_io_uring_register, fd,
			     IORING_REGISTER_FILES, &e.fd[0], 1),
	    -1);
	assert_int_equal(errno, EACCES);
	errno = 0;
	assert_int_equal(syscall(SYS_io_uring_register, fd,
			     IORING_REGISTER_RESTRICTIONS, NULL, 0),
	    -1);
	assert_int_equal(errno, EACCES);
	end(&e);
}

static void
a_ring_leaves_nothing_behind(void **state)
{
	(void)state;
	needs_ring();
	assert_true(ring_descriptor() >= 0);
	io_ring_free(ring);
	ring = NULL;
	assert_int_equal(ring_descriptor(), -1);
}

#define BOTH(test)                                                             \
	{ #test ", by a ring", test, with_ring, after, NULL },                 \
	{                                                                      \
#test ", one by one", test, without, after, NULL               \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(what_came_is_received_from_each),
		BOTH(no_more_is_received_than_there_is_room),
		BOTH(what_is_sent_comes_to_each),
		BOTH(who_does_not_read_holds_up_nobody),
		cmocka_unit_test_setup_teardown(
		    what_waits_for_more_is_left_to_send, with_ring, after),
		cmocka_unit_test_setup_teardown(
		    it_can_do_nothing_else, with_ring, after),
		cmocka_unit_test_setup_teardown(
		    a_ring_leaves_nothing_behind, with_ring, after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
