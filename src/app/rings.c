#include "app/rings.h"

#include <stdio.h>
#include <sys/resource.h>

#include "base/error.h"
#include "base/notice.h"
#include "net/conn.h"

/* Descriptors that there must be for each worker, after the limit has been
 * raised as far as it goes: its own, three beside the ring, and some
 * connections and files. */
#define RINGS_DESCRIPTORS 16

void
rings_free(struct io_ring *ring[LIMIT_WORKERS])
{
	for (unsigned i = 0; i < LIMIT_WORKERS; i++) {
		io_ring_free(ring[i]);
		ring[i] = NULL;
	}
}

/* All of them; false with errno and none. */
static bool
rings_fill(unsigned workers, struct io_ring *ring[LIMIT_WORKERS])
{
	for (unsigned i = 0; i < workers; i++) {
		int error;

		ring[i] = io_ring_new(CONNS_TOGETHER);
		if (ring[i] != NULL)
			continue;
		error = errno;
		rings_free(ring);
		errno = error;
		return false;
	}
	return true;
}

static bool
rings_have_room(unsigned workers)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0 ||
	    r.rlim_max / RINGS_DESCRIPTORS >= workers)
		return true;
	errno = EMFILE;
	return false;
}

bool
rings_make(const struct config *c, unsigned workers,
    struct io_ring *ring[LIMIT_WORKERS], char err[512])
{
	for (unsigned i = 0; i < LIMIT_WORKERS; i++)
		ring[i] = NULL;
	err[0] = '\0';
	if (c->io_uring == CONFIG_OFF) {
		snprintf(err, 512, "io_uring is off");
		return true;
	}
	if (rings_have_room(workers) && rings_fill(workers, ring))
		return true;
	snprintf(err, 512,
	    c->io_uring == CONFIG_ON ? "io_uring is on, but %s"
				     : "no io_uring: %s",
	    error_text(errno));
	if (c->io_uring == CONFIG_ON)
		return false;
	notice(NOTICE_DEBUG, "%s", err);
	return true;
}
