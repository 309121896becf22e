#include "ui/replay.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"

#define GIVE_UP (15 * NS_PER_S)

struct replay {
	int fd;
	uint16_t port;	/* ours */
	uint64_t after; /* exchanges up to here are not it */
	uint64_t found;
	int64_t until;
	size_t n;
	size_t sent;
	char bytes[]; /* n */
};

/* The port that the server sees us at. */
static uint16_t
own_port(int fd)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t n = sizeof sa;
	struct peer peer;

	if (getsockname(fd, (struct sockaddr *)&sa, &n) != 0)
		return 0;
	peer_from_sockaddr(&peer, (const struct sockaddr *)&sa);
	return peer.port;
}

static struct replay *
give_up(struct replay *r, char text[128])
{
	(void)snprintf(text, 128, "cannot send it: %s", error_text(errno));
	replay_end(r);
	return NULL;
}

struct replay *
replay_begin(const struct sockaddr_storage *to, socklen_t to_n,
    struct span request, uint64_t after, int64_t mono, char text[128])
{
	struct replay *r = malloc(sizeof *r + request.n);

	if (r == NULL)
		return give_up(r, text);
	*r = (struct replay){
		.after = after, .until = mono + GIVE_UP, .n = request.n
	};
	memcpy(r->bytes, request.p, request.n);
	r->fd = socket(
	    to->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (r->fd < 0 ||
	    (connect(r->fd, (const struct sockaddr *)to, to_n) != 0 &&
		errno != EINPROGRESS))
		return give_up(r, text);
	r->port = own_port(r->fd);
	return r;
}

/* Send what can be sent, take what comes; false when the connection broke
 * before all was sent. */
static bool
go_on(struct replay *r)
{
	struct pollfd p = { .fd = r->fd, .events = POLLIN | POLLOUT };
	char buffer[65536];

	if (poll(&p, 1, 0) <= 0)
		return true;
	if (r->sent < r->n && p.revents & (POLLOUT | POLLERR | POLLHUP)) {
		ssize_t n = send(
		    r->fd, r->bytes + r->sent, r->n - r->sent, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN)
			return false;
		r->sent += n > 0 ? (size_t)n : 0;
	}
	/* the answer is thrown away: the server knows what it sent */
	for (int i = 0; i < 64 && recv(r->fd, buffer, sizeof buffer, 0) > 0;
	     i++)
		continue;
	return true;
}

static bool
look(void *ctx, const struct journal_view *v)
{
	struct replay *r = ctx;

	r->after = v->entry->seq;
	if (v->entry->e.peer.port != r->port)
		return true;
	r->found = v->entry->seq;
	return false;
}

enum replay_state
replay_step(struct replay *r, struct journal *j, int64_t mono, uint64_t *seq,
    char text[128])
{
	bool alive = go_on(r);

	(void)journal_scan(j, r->after + 1, UINT32_MAX, look, r);
	*seq = r->found;
	if (r->found)
		return REPLAY_ANSWERED;
	if (!alive) {
		(void)snprintf(
		    text, 128, "it broke off: %s", error_text(errno));
		return REPLAY_FAILED;
	}
	if (mono < r->until)
		return REPLAY_WAITS;
	(void)snprintf(text, 128, "no answer within 15 seconds");
	return REPLAY_FAILED;
}

void
replay_end(struct replay *r)
{
	if (r == NULL)
		return;
	if (r->fd >= 0)
		(void)close(r->fd);
	free(r);
}
