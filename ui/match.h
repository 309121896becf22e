/* Words in a text, and where they stand on the screen. */
#ifndef UI_MATCH_H
#define UI_MATCH_H

#include "ui/grid.h"

/* Whether `text` has the words; letters without an upper case one among them
 * stand for both cases. */
bool match_in(const char *text, const char *words);

/* Show where they stand within the rectangle. */
void match_show(struct grid *g, struct rect r, const char *words);

#endif
