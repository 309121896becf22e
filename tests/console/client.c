#include "tests/console/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/console/vt.h"

int
client_open(unsigned port, int window)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval limit = { .tv_sec = VT_DEADLINE_S };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	if (window)
		(void)setsockopt(
		    fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
		fail_msg("connect to port %u: errno %d", port, errno);
	return fd;
}

void
client_send_bytes(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
		if (sent <= 0)
			fail_msg("send: errno %d", errno);
		bytes += sent;
		n -= (size_t)sent;
	}
}

void
client_send(int fd, const char *text)
{
	client_send_bytes(fd, text, strlen(text));
}

bool
client_readable(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	return poll(&p, 1, 0) > 0;
}

/* 0 at the end; a reset is one. */
static size_t
receive(int fd, char *to, size_t n)
{
	ssize_t got = recv(fd, to, n, 0);

	if (got < 0 && errno != ECONNRESET)
		fail_msg("no answer came (errno %d)", errno);
	return got < 0 ? 0 : (size_t)got;
}

/* Byte by byte, so that nothing behind the head is taken. */
static void
read_head(int fd, struct reply *r)
{
	size_t n = 0;

	*r = (struct reply){ 0 };
	while (n < sizeof r->head - 1 && receive(fd, r->head + n, 1) == 1) {
		r->head[++n] = '\0';
		if (n >= 4 && memcmp(r->head + n - 4, "\r\n\r\n", 4) == 0) {
			assert_true(
			    sscanf(r->head, "HTTP/1.%*d %d", &r->status) == 1);
			return;
		}
	}
	assert_int_equal(n, 0);
}

static size_t
announced(const struct reply *r)
{
	const char *field = strcasestr(r->head, "\r\nContent-Length:");

	if (r->status == 304 || field == NULL)
		return 0;
	return (size_t)strtoul(field + 17, NULL, 10);
}

static void
read_content(int fd, struct reply *r, size_t until)
{
	char bytes[65536];

	while (r->length < until) {
		size_t want = until - r->length;
		size_t got = receive(
		    fd, bytes, want < sizeof bytes ? want : sizeof bytes);
		if (got == 0)
			break;
		for (size_t i = 0;
		     i < got && r->length + i < sizeof r->body - 1; i++)
			r->body[r->length + i] = bytes[i];
		r->length += got;
	}
	r->complete = r->length == announced(r);
}

void
client_read_some(int fd, struct reply *r, size_t n)
{
	size_t whole;

	read_head(fd, r);
	whole = announced(r);
	read_content(fd, r, n < whole ? n : whole);
}

void
client_read_rest(int fd, struct reply *r)
{
	read_content(fd, r, announced(r));
}

void
client_read(int fd, struct reply *r)
{
	read_head(fd, r);
	client_read_rest(fd, r);
}

void
client_wait_end(int fd)
{
	char bytes[4096];

	while (receive(fd, bytes, sizeof bytes) > 0)
		continue;
}

void
client_abort(int fd)
{
	struct linger none = { .l_onoff = 1, .l_linger = 0 };
	struct sockaddr unspecified = { .sa_family = AF_UNSPEC };

	/* The descriptor stays the caller's to close. */
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	(void)connect(fd, &unspecified, sizeof unspecified);
}

int
client_ask(int fd, const char *target, const char *fields)
{
	char text[4096];
	struct reply r;

	(void)snprintf(text, sizeof text,
	    "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", target, fields);
	client_send(fd, text);
	client_read(fd, &r);
	return r.status;
}

int
client_get(unsigned port, const char *target)
{
	int fd = client_open(port, 0);
	int status = client_ask(fd, target, "Connection: close\r\n");

	client_wait_end(fd);
	(void)close(fd);
	return status;
}
