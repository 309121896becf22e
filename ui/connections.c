#include "ui/connections.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"

#define LONG_AT_IT (500 * NS_PER_MS)

void
conn_target_text(char out[CONN_TARGET_TEXT], const struct conn_row *r)
{
	size_t n = r->target_n > ROW_TARGET ? ROW_TARGET : r->target_n;

	if (r->state == CONN_HEAD)
		(void)snprintf(out, CONN_TARGET_TEXT, "head, %" PRIu32 " bytes",
		    r->head_bytes);
	else if (r->state == CONN_PROXY)
		(void)snprintf(out, CONN_TARGET_TEXT,
		    "PROXY line, %" PRIu32 " bytes", r->head_bytes);
	else if (r->state == CONN_NEW)
		(void)snprintf(out, CONN_TARGET_TEXT, "no byte yet");
	else
		(void)printable_str(out, CONN_TARGET_TEXT,
		    span_of(r->target, n), PRINTABLE_UTF8);
}

struct order {
	const struct model *m;
	const struct list_look *list;
	int64_t now;
};

/* What is known of a path; all 0 where it is not. */
static struct conn_path
path_of(const struct order *o, const struct conn_row *r)
{
	const struct conn_path *p = model_path(o->m, r->conn);

	return p ? *p : (struct conn_path){ 0 };
}

static bool
is_slow(const struct conn_row *r, int64_t now)
{
	return r->state != CONN_IDLE && r->state != CONN_NEW &&
	    now - r->since >= LONG_AT_IT;
}

static int
compare_figures(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* What is without a deadline comes after all that have one. */
static uint64_t
deadline(const struct conn_row *r)
{
	return r->deadline ? (uint64_t)r->deadline : UINT64_MAX;
}

static int
compare_peers(const struct peer *a, const struct peer *b)
{
	int c = compare_figures(a->family, b->family);

	if (c == 0)
		c = memcmp(a->addr, b->addr, sizeof a->addr);
	return c ? c : compare_figures(a->port, b->port);
}

static int
compare_targets(const struct conn_row *a, const struct conn_row *b)
{
	char x[CONN_TARGET_TEXT], y[CONN_TARGET_TEXT];

	conn_target_text(x, a);
	conn_target_text(y, b);
	return strcmp(x, y);
}

/* From the least on. */
static int
compare_column(
    const struct order *o, const struct conn_row *a, const struct conn_row *b)
{
	enum conn_column column = (enum conn_column)o->list->sort;

	switch (column) {
	case CONN_COL_CLIENT:
		return compare_peers(&a->peer, &b->peer);
	case CONN_COL_STATE:
		return compare_figures(a->state, b->state);
	case CONN_COL_PROGRESS:
		return compare_figures(deadline(a), deadline(b));
	case CONN_COL_REQUESTS:
		return compare_figures(a->requests, b->requests);
	case CONN_COL_OUT:
		return compare_figures(a->bytes_out, b->bytes_out);
	case CONN_COL_RTT:
		return compare_figures(
		    path_of(o, a).rtt_us, path_of(o, b).rtt_us);
	case CONN_COL_RETRANSMITS:
		return compare_figures(
		    path_of(o, a).retransmits, path_of(o, b).retransmits);
	case CONN_COL_RATE:
		return compare_figures(path_of(o, a).rate, path_of(o, b).rate);
	case CONN_COL_AGE:
		return compare_figures(
		    (uint64_t)b->opened, (uint64_t)a->opened);
	case CONN_COL_TARGET:
		return compare_targets(a, b);
	case CONN_COL_ID:
	case CONN_COL_N:
		break;
	}
	return compare_figures(a->conn, b->conn);
}

static int
compare_rows(const void *a, const void *b, void *ctx)
{
	const struct conn_row *x = a, *y = b;
	const struct order *o = ctx;
	int c;

	if (o->list->sort < 0) {
		c = (int)is_slow(y, o->now) - (int)is_slow(x, o->now);
		return c ? c : compare_figures(x->conn, y->conn);
	}
	c = compare_column(o, x, y);
	if (conn_columns[o->list->sort].rising == o->list->reverse)
		c = -c;
	return c ? c : compare_figures(x->conn, y->conn);
}

void
conn_sort(struct model *m)
{
	struct order o = { m, &m->look.list[PANE_CONNECTIONS], m->at.mono };

	qsort_r(m->rows, m->rows_n, sizeof *m->rows, compare_rows, &o);
}
