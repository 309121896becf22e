/* When a listener is to tell of a connection only once its first bytes are
 * there (TCP_DEFER_ACCEPT, tcp(7)): while connections for one request each come
 * by the thousand a second.  Each then costs one wake-up less, a third of its
 * CPU time.  At other times it is not wanted: connections that a browser opens
 * ahead of need would stay unseen for a second or longer, and many silent ones
 * would fill the kernel's queue for those who speak. */
#ifndef NET_DEFER_H
#define NET_DEFER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

/* How often is looked, and how long it lasts after they were many. */
#define DEFER_LOOK (100 * NS_PER_MS)
#define DEFER_FOR  NS_PER_S

/* Connections a second that are many. */
#define DEFER_RATE 1000

struct defer {
	bool on;
	int64_t looked; /* ns monotonic */
	int64_t until;	/* ns monotonic, while on */
	uint64_t seen;	/* of the count, when it was looked last */
};

/* `ended` is how many connections for one request have ended until now.  True
 * when d->on has changed. */
bool defer_note(struct defer *d, int64_t now, uint64_t ended);

/* When it must be looked at again, ns monotonic; INT64_MAX: it need not. */
int64_t defer_next(const struct defer *d);

#endif
