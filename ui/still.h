/* How long a picture stays as it is. */
#ifndef UI_STILL_H
#define UI_STILL_H

#include "ui/model.h"

/* When the picture of the model as it was sampled changes by time alone, ns
 * monotonic: with the next second while anything moves by seconds, else with
 * the next minute of the clock or of the time since the start.  What happens
 * meanwhile rings (watch_bell_arm). */
int64_t still_until(const struct model *m);

#endif
