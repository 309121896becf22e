/* What the parts of an exchange's detail share (ui/view_detail*.c). */
#ifndef UI_DETAIL_PARTS_H
#define UI_DETAIL_PARTS_H

#include "ui/view.h"

/* Of a recording nothing is said but what is in it. */
bool detail_is_recorded(const struct model *m);

/* A sentence behind a label of `indent` columns, wrapped. */
void detail_sentence(struct pager *p, int indent, const char *label,
    enum style style, const char *text);

/* The same in dim letters, of what a recording has not. */
void detail_not_recorded(struct pager *p, const char *text);

/* The time of day; of a recording with its date, and with milliseconds only
 * where it has them. */
void detail_time(char out[32], const struct model *m, const struct event *e);

/* Append "from 192.0.2.7:4711", with the port if it is known. */
void detail_put_peer(struct buf *b, const struct event *e);

/* The section about the connection. */
void detail_put_connection(struct pager *p, const struct model *m);

#endif
