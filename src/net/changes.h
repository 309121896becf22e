/* Whether files may have changed, told by the wake-up that brings the requests.
 *
 * A request must not be answered from a file as it was before the request was
 * sent.  To read inotify's queue once it is here, and before it is answered, is
 * always right, and a system call for each wake-up.  So the queue is watched by
 * the same epoll: an edit that ended before the first byte of a request was
 * sent had the queue listed as ready before the connection (the kernel lists
 * within the calls that make the event, and that bring the byte), and
 * epoll_wait(2) tells of both, or of the queue sooner.  Not so, and then the
 * queue is read as ever:
 *  - the wake-up was full: what it did not tell of is not known;
 *  - the connection may have stood in the list since it was told of last, as
 *    those that are told of stay there for one look more: what was found then
 *    may have come during that very look, and the edit too. */
#ifndef NET_CHANGES_H
#define NET_CHANGES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "site/watches.h"

/* The queue's tag, in an epoll set whose others differ. */
#define CHANGES_TAG 0xfffffffeu

struct changes {
	const struct watches *watches;
	int epoll_fd;
	bool armed;	/* epoll will tell of the next change, once */
	uint32_t epoch; /* watches->epoch when it was armed */
	uint32_t wake;	/* number of this wake-up */
	uint32_t whole; /* of the last before it that told all there was */
	bool full;	/* this one perhaps did not */
	bool read;	/* the queue was, since it */
};

/* Both are the caller's and stay.  epoll_fd -1: nothing is ever sure. */
void changes_init(
    struct changes *c, const struct watches *watches, int epoll_fd);

/* A wake-up told of these, `max` at most.  Whether files may have changed, so
 * that the queue must be read before a request is answered. */
bool changes_woke(
    struct changes *c, const struct epoll_event *ev, unsigned n, unsigned max);

/* One of these is about a connection; *woke is the number of the wake-up that
 * told of it last (of the present one when it is new), and becomes this one's.
 * Whether the queue must be read before what is read from it is answered. */
static inline bool
changes_doubt(const struct changes *c, uint32_t *woke)
{
	uint32_t since = *woke - c->whole;

	*woke = c->wake;
	return !c->read && since <= UINT32_MAX / 2;
}

/* The queue was read until it was empty: have the next change told. */
void changes_read(struct changes *c);

#endif
