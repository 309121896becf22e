/* The recorder: the one thread that empties the workers' rings into the journal
 * and the access log. */
#ifndef WATCH_RECORDER_H
#define WATCH_RECORDER_H

#include "watch/watch.h"

/* The thread's body, for pthread_create: `watch` is a struct watch.  Ends when
 * watch->stop is set and the rings are empty. */
void *recorder_run(void *watch);

/* Record everything that is in the rings, and end the log. */
void recorder_finish(struct watch *w);

#endif
