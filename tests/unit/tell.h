/* An event that is made beside the ring, as a worker would write it there. */
#ifndef TESTS_TELL_H
#define TESTS_TELL_H

#include "watch/watch.h"

/* Tell of it with its own trail, and let it be seen. */
static inline void
tell(struct watch_worker *w, const struct event *e, struct span request,
    struct span response)
{
	struct event *to =
	    watch_begin(w, (enum event_kind)e->kind, request, response);

	if (to != NULL) {
		memcpy(to, e, offsetof(struct event, trail.r));
		watch_end(w, to, &e->trail, request, response);
	}
	watch_publish(w);
}

#endif
