/* What is kept between runs: columns, orders, the filter, theme and mouse.
 * Lines of words, so that a person can read and mend them; what makes no sense
 * is left out. */
#ifndef UI_STATE_H
#define UI_STATE_H

#include "ui/model.h"

/* Names for state_file_read: of a server's console, and of a recording's, where
 * another filter and order are of use. */
#define STATE_NAME	     "console"
#define STATE_NAME_RECORDING "view"
#define STATE_MOST	     4096

void state_put(const struct model *m, struct buf *b);

/* `text` is changed. */
void state_take(struct model *m, char *text);

#endif
