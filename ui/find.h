/* Finding a text in what the screen lists. */
#ifndef UI_FIND_H
#define UI_FIND_H

#include "ui/ui.h"

/* Go to the next (by 1) or previous (-1) place that has m->look.find, round
 * the end; `here`: the place chosen now will do.  False when there is none. */
bool find_step(struct ui *ui, int by, bool here);

#endif
