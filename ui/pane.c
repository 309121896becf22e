#include "ui/pane.h"

#include <stdio.h>

/* By sixty and more at once there is nothing to see but the end. */
static int64_t
clamp(int64_t to, int64_t first, int64_t last)
{
	return to < first ? first : to > last ? last : to;
}

/* The first step chooses what following shows: the newest, or the first of a
 * sorted list. */
static void
move_request(struct model *m, int64_t by)
{
	struct look *l = &m->look;
	uint64_t first, last;
	int64_t to;

	pick_range(m->pick, &first, &last);
	if (last == 0)
		return;
	to = (int64_t)(l->request      ? pick_place(m->pick, l->request)
		: pick_sorted(m->pick) ? first
				       : last);
	if (l->request || (by != 1 && by != -1))
		to += by;
	l->request = pick_seq(
	    m->pick, (uint64_t)clamp(to, (int64_t)first, (int64_t)last));
	l->follow = false;
}

static void
move_conn(struct model *m, int64_t by)
{
	struct look *l = &m->look;
	int64_t to = l->conn ? (int64_t)l->conn_at + by : by < 0 ? 0 : by - 1;

	if (m->places == 0)
		return;
	to = clamp(to, 0, (int64_t)m->places - 1);
	l->conn_at = (unsigned)to;
	l->conn = m->place[to].conn;
}

static void
move_top(struct model *m, int64_t by)
{
	struct look *l = &m->look;
	unsigned n = m->top_n[l->top_kind];
	int64_t to = l->top_name[0] ? (int64_t)l->top_at + by
	    : by < 0		    ? 0
				    : by - 1;

	if (n == 0)
		return;
	l->top_at = (unsigned)clamp(to, 0, (int64_t)n - 1);
	(void)snprintf(l->top_name, sizeof l->top_name, "%s",
	    m->top_line[l->top_kind][l->top_at].name);
}

const struct pane_row panes[PANE_N] = {
	[PANE_TRAFFIC] = { "traffic", "1 Traffic", NULL, 0, view_traffic, NULL,
	    NULL },
	[PANE_CONNECTIONS] = { "connections", "2 Connections", conn_columns,
	    CONN_COL_N, view_connections, conn_fit, move_conn },
	[PANE_REQUESTS] = { "requests", "3 Requests", request_columns,
	    REQUEST_COL_N, view_requests, request_fit, move_request },
	[PANE_TOP] = { "top", "4 Top", top_columns, TOP_NAMES + 1, view_top,
	    top_fit, move_top },
};
