#include "net/changes.h"

#include <errno.h>

void
changes_init(struct changes *c, const struct watches *watches, int epoll_fd)
{
	*c = (struct changes){ .watches = watches, .epoll_fd = epoll_fd };
}

/* Not when there is another queue meanwhile, or none. */
static bool
changes_is_armed(const struct changes *c)
{
	return c->armed && c->epoch == c->watches->epoch;
}

bool
changes_woke(
    struct changes *c, const struct epoll_event *ev, unsigned n, unsigned max)
{
	if (!c->full)
		c->whole = c->wake;
	c->wake++;
	c->full = n == max;
	c->read = false;
	for (unsigned i = 0; i < n; i++)
		if (ev[i].data.u64 == CHANGES_TAG)
			c->armed = false;
	return c->full || !changes_is_armed(c);
}

/* Once only: a folder that changes all the time must not wake a server that is
 * asked for nothing. */
void
changes_read(struct changes *c)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLONESHOT,
		.data.u64 = CHANGES_TAG };
	int fd = c->watches->fd;

	c->read = true;
	if (c->epoll_fd < 0 || fd < 0 || changes_is_armed(c))
		return;
	c->epoch = c->watches->epoch;
	c->armed = epoll_ctl(c->epoll_fd, EPOLL_CTL_MOD, fd, &ev) == 0 ||
	    (errno == ENOENT &&
		epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, fd, &ev) == 0);
}
