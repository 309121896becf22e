#include "app/probe_conn.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"

/* Wait for `events` until the deadline (ns, monotonic). */
static bool
wait_for(int fd, short events, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = events };

	for (;;) {
		int64_t left = deadline - clock_mono();
		int ms =
		    left > 0 ? (int)((left + NS_PER_MS - 1) / NS_PER_MS) : 0;
		int n = poll(&p, 1, ms);

		if (n > 0)
			return true;
		if (n == 0 && ms == 0)
			return false;
		if (n < 0 && errno != EINTR)
			return false;
	}
}

void
probe_conn_close(struct probe_conn *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

/* Returns the connected socket, or -1 with errno. */
static int
connect_to(const struct addrinfo *a, int64_t deadline)
{
	int error = ETIMEDOUT, fd;
	socklen_t n = sizeof(error);

	fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    a->ai_protocol);
	if (fd < 0)
		return -1;
	if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
		return fd;
	if (errno != EINPROGRESS)
		error = errno;
	else if (wait_for(fd, POLLOUT, deadline) &&
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) == 0 && error == 0)
		return fd;
	close(fd);
	errno = error;
	return -1;
}

/* "127.0.0.1:8000", "[::1]:8000" */
static void
name_address(const struct addrinfo *a, char *out, size_t cap)
{
	char host[64], port[8];
	bool v6 = a->ai_family == AF_INET6;

	if (getnameinfo(a->ai_addr, a->ai_addrlen, host, sizeof(host), port,
		sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		snprintf(out, cap, "?");
	else
		snprintf(out, cap, v6 ? "[%s]:%s" : "%s:%s", host, port);
}

static unsigned
local_port(int fd)
{
	struct sockaddr_storage own;
	socklen_t n = sizeof(own);
	char port[8];
	uint64_t number = 0;

	if (getsockname(fd, (struct sockaddr *)&own, &n) == 0 &&
	    getnameinfo((struct sockaddr *)&own, n, NULL, 0, port, sizeof(port),
		NI_NUMERICSERV) == 0)
		num_dec(span_str(port), &number);
	return (unsigned)number;
}

bool
probe_conn_open(struct probe_conn *c, const struct probe_url *u, int timeout_ms,
    char err[160])
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list, *a;
	int64_t began = clock_mono();
	int failed;

	probe_conn_close(c);
	failed = getaddrinfo(u->host, u->port, &hints, &list);
	if (failed) {
		snprintf(err, 160, "%.100s: %s", u->host, gai_strerror(failed));
		return false;
	}
	for (a = list; a != NULL && c->fd < 0; a = a->ai_next) {
		name_address(a, c->peer, sizeof(c->peer));
		began = clock_mono();
		c->fd = connect_to(a, began + timeout_ms * NS_PER_MS);
		if (c->fd < 0)
			snprintf(err, 160, "%s: %s", c->peer,
			    strerrordesc_np(errno));
	}
	freeaddrinfo(list);
	if (c->fd < 0)
		return false;
	c->number++;
	c->exchanges = 0;
	c->ended = false;
	c->port = local_port(c->fd);
	c->quiet_since = clock_mono();
	c->connect_ns = c->quiet_since - began;
	return true;
}

static enum probe_end
send_all(struct probe_conn *c, struct span s, struct probe_exchange *x,
    int64_t deadline)
{
	while (x->sent < s.n) {
		ssize_t n =
		    send(c->fd, s.p + x->sent, s.n - x->sent, MSG_NOSIGNAL);

		if (n >= 0) {
			x->sent += (size_t)n;
		} else if (errno == EAGAIN) {
			if (!wait_for(c->fd, POLLOUT, deadline))
				return PROBE_LATE;
		} else if (errno != EINTR) {
			x->error = errno;
			return PROBE_SEND_FAILED;
		}
	}
	return PROBE_ANSWERED;
}

/* One recv into p[cap]: PROBE_ANSWERED with *n bytes, or how it ended. */
static enum probe_end
receive(struct probe_conn *c, char *p, size_t cap, size_t *n, int *error,
    int64_t deadline)
{
	for (;;) {
		if (!wait_for(c->fd, POLLIN, deadline))
			return PROBE_LATE;
		ssize_t got = recv(c->fd, p, cap, 0);
		if (got > 0) {
			*n = (size_t)got;
			return PROBE_ANSWERED;
		}
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		c->ended = true;
		*error = got < 0 ? errno : 0;
		return got < 0 ? PROBE_RECV_FAILED : PROBE_ENDED;
	}
}

static enum probe_end
read_reply(struct probe_conn *c, struct http_reply *r, struct probe_exchange *x,
    int64_t sent_at, int64_t deadline)
{
	enum reply_progress progress = REPLY_MORE;
	char bytes[16384];
	size_t n, used;

	while (progress == REPLY_MORE) {
		enum probe_end end =
		    receive(c, bytes, sizeof(bytes), &n, &x->error, deadline);

		if (end == PROBE_ENDED && reply_eof(r) == REPLY_COMPLETE)
			break;
		if (end != PROBE_ANSWERED)
			return end;
		if (x->first_ns < 0)
			x->first_ns = clock_mono() - sent_at;
		progress = reply_read(r, bytes, n, &used);
		x->extra = n - used;
	}
	return progress == REPLY_WRONG ? PROBE_NOT_HTTP : PROBE_ANSWERED;
}

void
probe_conn_exchange(struct probe_conn *c, struct span request,
    struct http_reply *r, struct probe_exchange *x, int timeout_ms)
{
	int64_t sent_at = clock_mono();
	int64_t deadline = sent_at + timeout_ms * NS_PER_MS;

	*x = (struct probe_exchange){ .first_ns = -1 };
	x->end = send_all(c, request, x, deadline);
	if (x->end == PROBE_ANSWERED)
		x->end = read_reply(c, r, x, sent_at, deadline);
	c->quiet_since = clock_mono();
	x->whole_ns = c->quiet_since - sent_at;
	if (x->end == PROBE_ANSWERED)
		c->exchanges++;
}

enum probe_end
probe_conn_await_end(
    struct probe_conn *c, struct buf *b, int *error, int timeout_ms)
{
	int64_t deadline = clock_mono() + timeout_ms * NS_PER_MS;
	enum probe_end end;
	char bytes[512];
	size_t n = 0;

	*error = 0;
	if (c->ended)
		return PROBE_ENDED;
	end = receive(c, bytes, sizeof(bytes), &n, error, deadline);
	if (end != PROBE_ANSWERED)
		return end;
	buf_put(b, span_of(bytes, n < b->cap - b->n ? n : b->cap - b->n));
	return PROBE_NOT_HTTP;
}
