/* Names that were probably meant. */
#ifndef BASE_NEAR_H
#define BASE_NEAR_H

#include "base/span.h"

#define NEAR_MAX   64 /* bytes of a name, at most one less */
#define NEAR_EDITS 3  /* the most that may be a slip */

/* Edits (insert, delete, change, swap neighbours) that lead from a to b,
 * without regard to case; NEAR_MAX when one is as long as that, or so much
 * longer than the other, or so unlike it from the beginning, that it was never
 * meant. */
unsigned near_distance(struct span a, struct span b);

/* Whether so many edits on so many bytes look like a slip of the hand. */
bool near_enough(unsigned distance, size_t n);

#endif
