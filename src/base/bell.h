/* Eventfds that wake a thread.  Any thread. */
#ifndef BASE_BELL_H
#define BASE_BELL_H

#include <stdbool.h>

/* Make `fd`, an eventfd, readable.  Tries a few times over: what it wakes may
 * have no other reason to look.  False, with errno, when it could not be done;
 * true also when it was readable already and takes no more. */
bool bell_ring(int fd);

#endif
