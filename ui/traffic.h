/* What the band of traffic and the whole of it have in common. */
#ifndef UI_TRAFFIC_H
#define UI_TRAFFIC_H

#include "ui/view.h"

/* Charts, distribution, workers and bounds on as many lines as there are. */
void view_traffic_whole(const struct model *m, struct grid *g, struct rect r);

/* Answers of a class, 2 to 5. */
uint64_t traffic_class(const struct model *m, int class);

/* Requests that ended without one: the client left, or the server did. */
uint64_t traffic_unanswered(const struct model *m);

/* The codes seen, the most frequent first, while there is room; class 0: of
 * all classes. */
void traffic_put_codes(const struct model *m, struct pen *p, int class);

void traffic_put_latency(const struct model *m, struct pen *p);
void traffic_put_states(const struct model *m, struct pen *p);

/* More than four fifths of a bound are used. */
static inline bool
traffic_near(uint64_t used, uint64_t of)
{
	return of > 0 && used > of / 5 * 4;
}

#endif
