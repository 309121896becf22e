/* One connection, and the paths of those in sight: model.h. */
#include <stdio.h>
#include <string.h>

#include "ui/model.h"

/* Between two questions about paths. */
#define LOOK_EVERY (250 * NS_PER_MS)
#define LOOK_MOST  128

const struct conn_path *
model_path(const struct model *m, uint64_t conn)
{
	for (unsigned i = 0; i < m->paths_n; i++)
		if (m->path[i].conn == conn)
			return &m->path[i];
	return NULL;
}

const struct pace *
model_pace(const struct model *m, uint64_t conn)
{
	for (unsigned i = 0; i < m->paths_n; i++)
		if (m->pace[i].conn == conn)
			return &m->pace[i];
	return NULL;
}

uint64_t
model_rate(const struct model *m, uint64_t conn)
{
	const struct pace *pace = model_pace(m, conn);

	return pace ? pace->rate : 0;
}

/* Nobody looked for so long: where it was says nothing of now. */
#define PACE_GAP (3 * NS_PER_S)

/* What is known of its pace, which `p` carries on. */
static struct pace
pace_with(const struct pace *was, unsigned n, const struct conn_path *p)
{
	struct pace pace = { .conn = 0 };

	for (unsigned i = 0; i < n; i++)
		if (was[i].conn == p->conn)
			pace = was[i];
	if (pace.conn == 0 || p->at - pace.last > PACE_GAP)
		return (struct pace){ p->conn, p->at, p->at, p->at, p->acked,
			p->acked, 0 };
	if (p->at == pace.last)
		return pace;
	pace.last = p->at;
	pace.rate = (uint64_t)((double)(p->acked - pace.from_acked) *
	    (double)NS_PER_S / (double)(p->at - pace.from));
	if (p->at - pace.mid >= NS_PER_S) {
		pace.from = pace.mid;
		pace.from_acked = pace.mid_acked;
		pace.mid = p->at;
		pace.mid_acked = p->acked;
	}
	return pace;
}

static void
take_paths(struct model *m, const struct watch *w)
{
	struct pace was[MODEL_PATHS];
	unsigned n = m->paths_n;

	memcpy(was, m->pace, n * sizeof *was);
	m->paths_n = watch_paths(w, m->path, MODEL_PATHS);
	for (unsigned i = 0; i < m->paths_n; i++)
		m->pace[i] = pace_with(was, n, &m->path[i]);
}

/* Whether its path may be another than it was. */
static bool
is_moving(const struct model *m, const struct conn_row *r)
{
	const struct conn_path *p = model_path(m, r->conn);

	if (p == NULL)
		return true;
	if (r->state == CONN_IDLE || r->state == CONN_NEW)
		return p->at < r->since || p->acked < p->bytes_out;
	return true;
}

/* The rows in sight, *n of them: the model's own. */
static const struct conn_row *
rows_in_sight(const struct model *m, unsigned *n)
{
	switch (m->look.screen) {
	case SCREEN_MAIN:
		*n = m->sight_n < LOOK_MOST ? m->sight_n : LOOK_MOST;
		return m->sight;
	case SCREEN_CONN:
		*n = m->conn.live;
		return &m->conn.row;
	case SCREEN_DETAIL:
		*n = m->detail.there && m->detail.live;
		return &m->detail.row;
	default:
		*n = 0;
		return NULL;
	}
}

/* One more value behind those there are; the oldest goes. */
static void
add_sample(const struct model *m, struct conn_detail *d)
{
	if (d->samples == CONN_SAMPLES) {
		memmove(d->rtt, d->rtt + 1, sizeof d->rtt - sizeof *d->rtt);
		memmove(d->rate, d->rate + 1, sizeof d->rate - sizeof *d->rate);
		d->samples--;
	}
	d->rtt[d->samples] = d->path.rtt_us;
	d->rate[d->samples] = model_rate(m, d->conn);
	d->samples++;
}

static void
take_path(struct model *m)
{
	struct conn_detail *d = &m->conn;
	const struct conn_path *p = model_path(m, d->conn);

	if (p == NULL || d->conn == 0 || p->at == d->path.at)
		return;
	d->path = *p;
	add_sample(m, d);
}

void
model_look(struct model *m, struct control *c)
{
	const struct conn_row *row;
	unsigned n, moving = 0;

	if (m->look.frozen)
		return;
	take_paths(m, control_watch(c));
	take_path(m);
	if (m->looked && m->clock.mono - m->looked < LOOK_EVERY)
		return;
	row = rows_in_sight(m, &n);
	for (unsigned i = 0; i < n; i++)
		moving += is_moving(m, &row[i]);
	if (moving == 0)
		return;
	m->looked = m->clock.mono;
	control_look(c, row, n);
}

static bool
take_request(void *ctx, const struct journal_view *v)
{
	struct conn_detail *d = ctx;
	const struct journal_entry *e = v->entry;
	struct conn_request *r;

	d->scanned = e->seq;
	if (e->e.conn != d->conn)
		return true;
	if (d->n == CONN_REQUESTS) {
		memmove(d->request, d->request + 1,
		    sizeof d->request - sizeof *d->request);
		d->n--;
	}
	r = &d->request[d->n++];
	d->all++;
	*r = (struct conn_request){ .seq = e->seq,
		.wall = e->e.wall,
		.asked_ns = e->e.asked_ns,
		.first_ns = e->e.first_ns,
		.done_ns = e->e.done_ns,
		.body = e->e.body_sent,
		.status = e->e.status };
	(void)snprintf(r->method, sizeof r->method, "%s", e->method);
	(void)snprintf(r->target, sizeof r->target, "%s", e->target);
	return true;
}

void
model_fill_conn(struct model *m, const struct watch *w)
{
	struct conn_detail *d = &m->conn;
	struct journal *j = w->journal;
	struct conn_row row;

	if (d->conn != m->look.conn_detail) {
		memset(d, 0, sizeof *d);
		d->conn = m->look.conn_detail;
	}
	d->live = model_row(m, w, d->conn, &row);
	if (d->live)
		d->row = row;
	if (!m->look.frozen && m->last > d->scanned)
		(void)journal_scan(
		    j, d->scanned + 1, m->last - d->scanned, take_request, d);
	d->end = journal_conn_end(j, d->conn, &d->end_wall);
}
