/* Whether what was read from the file system still is as it was: one inotify
 * instance, and for each watch a generation that grows with every event.
 *
 * The kernel queues an event before the call that made the change returns.  So
 * whoever drains the queue at a time T and then finds the generations
 * unchanged knows that nothing had changed at T. */
#ifndef SITE_WATCHES_H
#define SITE_WATCHES_H

#include <stdbool.h>
#include <stdint.h>

/* Watches of one instance; with more, all begins anew. */
#define WATCHES_MAX 4096

struct watches {
	int fd; /* inotify; -1: there is none, nothing can be watched */
	uint32_t refused; /* instances and watches not to be had, so far */
	uint32_t epoch;	  /* grows when everything known is void */
	uint32_t generation[WATCHES_MAX];
};

/* A watch as it was when something was read beneath it. */
struct watch_mark {
	uint32_t wd;
	uint32_t generation;
};

/* Have an inotify instance.  False when there is none to be had: nothing can be
 * watched then, which is counted and said once in a while. */
bool watches_open(struct watches *w);

/* Give it back, with all watches; everything known is void.  The kernel takes
 * its time for that, some 10 ms.  w->fd is -1 then. */
void watches_close(struct watches *w);

/* Watch a file's content and facts, or what is in a folder, by an open
 * descriptor (O_PATH will do).  False when it cannot be watched. */
bool watches_file(struct watches *w, int fd, struct watch_mark *m);
bool watches_folder(struct watches *w, int fd, struct watch_mark *m);

/* Take over all that has changed until now: generations grow, or when events
 * were lost or are too many, the epoch. */
void watches_drain(struct watches *w);

static inline bool
watches_hold(const struct watches *w, const struct watch_mark *m, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (w->generation[m[i].wd] != m[i].generation)
			return false;
	return true;
}

#endif
