/* The live connections and their order: model.h. */
#include <stdlib.h>
#include <string.h>

#include "ui/connections.h"

/* To go through a connection takes some 0.2 us: of many that is not done so
 * often that it would be more than a fortieth of the time. */
#define FEW	   4096
#define PLACE_COST (8 * NS_PER_US)

#define ORDER_NONE (-2) /* no column, and not their absence */

/* What rows and their order come from; equal twice, and they are the same. */
static struct rows_basis
basis_of(const struct model *m, const struct watch *w)
{
	const struct list_look *l = &m->look.list[PANE_CONNECTIONS];
	struct rows_basis b = {
		.turns = counter_get(&m->sum.v[COUNTER_WAKEUPS]),
		.sort = l->sort,
		.reverse = l->reverse,
		/* paths are found out about without a turn of theirs */
		.quiet = !conn_column_is_path(l->sort),
	};

	for (unsigned i = 0; i < w->workers; i++)
		b.quiet = b.quiet && atomic_load(&w->worker[i].busy_since) == 0;
	/* What goes on for long comes first: that depends on the time, too. */
	for (int i = 0; i < CONN_STATE_N; i++)
		if (i != CONN_IDLE && i != CONN_NEW && i != CONN_CLOSED &&
		    counter_get(&m->sum.open[i]) != 0)
			b.quiet = false;
	return b;
}

/* Whether the rows are in the order that is wanted. */
static bool
is_order(const struct model *m, const struct rows_basis *b)
{
	return m->rows_basis.sort == b->sort &&
	    m->rows_basis.reverse == b->reverse;
}

/* Whether they can stay as they are: with many connections that wait, reading
 * and sorting them all for each step of a clock would be most of what an idle
 * console costs. */
static bool
is_current(const struct model *m, const struct rows_basis *b)
{
	const struct rows_basis *was = &m->rows_basis;
	int64_t most = m->places > FEW ? m->places * PLACE_COST : 0;

	if (!is_order(m, b))
		return false;
	if (b->quiet && was->quiet && b->turns == was->turns)
		return true;
	return m->at.mono - m->rows_at < most;
}

static bool
take_place(void *ctx, const struct conn_row *r)
{
	struct model *m = ctx;

	m->place[m->places++] = (struct conn_place){
		.conn = r->conn, .slot = r->slot, .worker = r->worker
	};
	return m->places < m->places_cap;
}

/* The chosen connection by its id; when it has closed, its neighbour. */
static void
keep_choice(struct model *m)
{
	struct look *l = &m->look;

	if (l->conn == 0)
		return;
	for (unsigned i = 0; i < m->places; i++)
		if (m->place[i].conn == l->conn) {
			l->conn_at = i;
			return;
		}
	if (m->places == 0) {
		l->conn = 0;
		return;
	}
	if (l->conn_at >= m->places)
		l->conn_at = m->places - 1;
	l->conn = m->place[l->conn_at].conn;
}

void
model_sample_rows(struct model *m, const struct watch *w)
{
	struct rows_basis b = basis_of(m, w);

	if (m->look.frozen) {
		if (!is_order(m, &b))
			conn_sort(m, w);
		m->rows_basis.sort = b.sort;
		m->rows_basis.reverse = b.reverse;
		keep_choice(m);
		return;
	}
	if (!is_current(m, &b)) {
		m->rows_basis = b;
		m->rows_at = m->at.mono;
		m->places = 0;
		watch_rows(w, take_place, m);
		conn_sort(m, w);
	}
	keep_choice(m);
}

/* Copy the rows of all that are listed; nothing is shown of one that has ended
 * since.  When memory is short they go on moving. */
static void
keep_still(struct model *m, const struct watch *w)
{
	struct conn_row *still =
	    calloc(m->places ? m->places : 1, sizeof *still);
	unsigned n = 0;

	if (still == NULL)
		return;
	for (unsigned i = 0; i < m->places; i++)
		if (model_row_at(m, w, &m->place[i], &still[n])) {
			m->place[n] = m->place[i];
			m->place[n].slot = n;
			n++;
		}
	m->places = n;
	m->still = still;
}

void
model_freeze(struct model *m, const struct watch *w)
{
	m->look.frozen = !m->look.frozen;
	if (m->look.frozen) {
		keep_still(m, w);
		return;
	}
	free(m->still);
	m->still = NULL;
	m->rows_basis.sort = ORDER_NONE; /* places name the kept rows */
	model_sample_rows(m, w);
}

bool
model_row_at(const struct model *m, const struct watch *w,
    const struct conn_place *at, struct conn_row *row)
{
	if (m->still == NULL)
		return watch_row(w, at->worker, at->slot, at->conn, row);
	*row = m->still[at->slot];
	return true;
}

bool
model_row(const struct model *m, const struct watch *w, uint64_t conn,
    struct conn_row *row)
{
	for (unsigned i = 0; i < m->places; i++)
		if (m->place[i].conn == conn)
			return model_row_at(m, w, &m->place[i], row);
	return false;
}

void
model_fill_rows(struct model *m, const struct watch *w, int lines)
{
	struct look *l = &m->look;
	unsigned n = lines > MODEL_WINDOW ? MODEL_WINDOW
	    : lines > 0			  ? (unsigned)lines
					  : 0;

	m->sight_n = 0;
	if (n == 0)
		return;
	if (l->conn && l->conn_at < l->conn_top)
		l->conn_top = l->conn_at;
	if (l->conn && l->conn_at >= l->conn_top + n)
		l->conn_top = l->conn_at - n + 1;
	if (l->conn_top + n > m->places)
		l->conn_top = m->places > n ? m->places - n : 0;
	for (unsigned i = l->conn_top; i < m->places && m->sight_n < n; i++)
		if (model_row_at(m, w, &m->place[i], &m->sight[m->sight_n]))
			m->sight_n++;
}
