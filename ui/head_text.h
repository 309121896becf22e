/* A head as it travelled, in lines for a screen: line ends visible, unsafe
 * bytes escaped, long lines wrapped, a caret under the byte where the parser
 * gave up. */
#ifndef UI_HEAD_TEXT_H
#define UI_HEAD_TEXT_H

#include "base/span.h"
#include "ui/view.h"

/* `mark`: a byte offset, or EVENT_NOWHERE. */
void head_text_put(struct pager *p, struct span head, uint32_t mark);

/* The same bytes in hexadecimal and as text, 16 in a line where it is wide
 * enough, else 8. */
void head_hex_put(struct pager *p, struct span head, uint32_t mark);

#endif
