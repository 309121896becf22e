/* Deadlines of connections.  One list per class: every member has the same
 * timeout, so the list stays sorted by appending, and arming, disarming and
 * finding the next are a few pointer moves.  Only a deadline that counts from
 * an earlier moment looks for its place, behind TIMER_LOOKS others at most: how
 * many it passes is up to clients. */
#ifndef NET_TIMERS_H
#define NET_TIMERS_H

#include <stdint.h>

#include "watch/conn_state.h"

struct timer {
	struct timer *prev, *next; /* NULL: not armed */
	int64_t deadline;	   /* ns, monotonic */
};

struct timers {
	struct timer head[DEADLINE_N]; /* ring; head[c].next is the first */
	uint32_t used; /* a bit for each class that may have members */
};

void timers_init(struct timers *t);

#define TIMER_LOOKS 256

/* Arm (again) in a class, behind all that are due no later; where more than
 * TIMER_LOOKS are due later, with the next of these. */
void timer_arm(
    struct timers *t, struct timer *m, enum deadline_class c, int64_t deadline);
void timer_disarm(struct timer *m);

/* The classes that have members, a bit each. */
uint32_t timers_used(struct timers *t);

/* The first timer of the class if it is due at `now`, else NULL. */
struct timer *timers_due(
    const struct timers *t, enum deadline_class c, int64_t now);

/* When the first of the class is due; INT64_MAX for never. */
int64_t timers_next(const struct timers *t, enum deadline_class c);

/* Move every deadline of the class by `ns`. */
void timers_shift(struct timers *t, enum deadline_class c, int64_t ns);

/* The clock of the class, whose timeout is `timeout`, stood still from `from`
 * to `to`: move each deadline by as much of that as it was armed. */
void timers_resume(struct timers *t, enum deadline_class c, int64_t timeout,
    int64_t from, int64_t to);

#endif
