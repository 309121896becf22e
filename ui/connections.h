/* Live connections in an order, and in words. */
#ifndef UI_CONNECTIONS_H
#define UI_CONNECTIONS_H

#include "ui/pane.h"

/* Sort by the column chosen.  By none: a connection that has been at something
 * for long comes first, so that a download stays in sight among many that come
 * and go; else by age, so that a row keeps its place. */
void conn_sort(struct model *m, const struct watch *w);

/* Whether a request is under way in that state. */
bool conn_is_asked(enum conn_state state);

/* Whether a column, or -1, is of what TCP_INFO tells: known of those that were
 * in sight lately. */
bool conn_column_is_path(int column);

enum style conn_style(const struct conn_row *r);

/* When it is cut at the latest, ns monotonic, 0: never: a drain may end before
 * its own deadline. */
int64_t conn_cut_at(const struct model *m, const struct conn_row *r);

/* How far its response is, by what the client has acknowledged where that is
 * known, with the rest of the time; or how long its deadline is off.  In
 * `width` columns. */
void conn_put_progress(
    const struct model *m, struct pen *p, int width, const struct conn_row *r);

/* What it is at: its target, printable, or how far its head has come. */
#define CONN_TARGET_TEXT (ROW_TARGET * 4 + 8)
void conn_target_text(char out[CONN_TARGET_TEXT], const struct conn_row *r);

#endif
