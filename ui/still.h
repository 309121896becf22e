/* How long a picture stays as it is. */
#ifndef UI_STILL_H
#define UI_STILL_H

#include "ui/model.h"

/* When the picture of the model as it was sampled changes by time alone, ns
 * monotonic: with the next second while anything moves by seconds, else with
 * the next minute of the clock or of the time since the start.  What happens
 * meanwhile rings (watch_bell_arm). */
int64_t still_until(const struct model *m);

/* How long a picture stands while it would change all the time: `refresh`, or
 * longer, so that drawing takes half a percent of a processor, but no more than
 * four times as long, nor longer than a second.  `cost`: the processor's time
 * for the last one.  All in ns. */
int64_t still_pace(int64_t refresh, int64_t cost);

/* When the picture after that of `framed` is due, ns monotonic: at that pace,
 * and where that is slower than `refresh` also with the next second, so that
 * each second's traffic is that of a second. */
int64_t still_next(int64_t framed, int64_t refresh, int64_t pace);

#endif
