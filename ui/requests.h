/* Exchanges in words, as lists show, sort and find them. */
#ifndef UI_REQUESTS_H
#define UI_REQUESTS_H

#include "ui/pane.h"

#define REQUEST_WHY 128

/* The reason for the answer, else for the connection's end, in a few words. */
void request_why_text(char out[REQUEST_WHY], const struct event *e);

/* What it is sorted by in a column. */
void request_key(enum request_column column, const struct journal_view *v,
    struct pick_key *key);

/* Columns before a line, of the signs of the chosen and of the marked. */
int request_signs(const struct model *m);

/* All that can be read in its line, for finding. */
#define REQUEST_LINE 512
void request_line_text(char out[REQUEST_LINE], const struct journal_view *v);

#endif
