#include "ui/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Exchanges counted for a picture: some milliseconds. */
#define TOP_MOST 20000

struct model *
model_new(uint32_t connections)
{
	struct model *m = calloc(1, sizeof *m);

	if (m == NULL)
		return NULL;
	m->rows_cap = connections < 1  ? 1
	    : connections > MODEL_ROWS ? MODEL_ROWS
				       : connections;
	m->rows = calloc(m->rows_cap, sizeof *m->rows);
	m->window = calloc(MODEL_WINDOW, sizeof *m->window);
	m->top = top_new();
	if (m->rows == NULL || m->window == NULL || m->top == NULL) {
		model_free(m);
		return NULL;
	}
	m->look.follow = true;
	m->look.pane = PANE_REQUESTS;
	for (int i = 0; i < PANE_N; i++)
		m->look.list[i].sort = -1;
	m->look.shown = 1u << PANE_CONNECTIONS | 1u << PANE_REQUESTS;
	return m;
}

void
model_free(struct model *m)
{
	if (m == NULL)
		return;
	free(m->rows);
	free(m->window);
	top_free(m->top);
	free(m);
}

/* A connection that has been at something for long comes first, so that a
 * download stays in sight among many that come and go; else by age, so that a
 * row keeps its place. */
#define LONG_AT_IT (500 * NS_PER_MS)

static bool
is_slow(const struct conn_row *r, int64_t now)
{
	return r->state != CONN_IDLE && r->state != CONN_NEW &&
	    now - r->since >= LONG_AT_IT;
}

static int
compare_rows(const void *a, const void *b, void *now)
{
	const struct conn_row *x = a, *y = b;
	int64_t mono = *(const int64_t *)now;
	int slow = (int)is_slow(y, mono) - (int)is_slow(x, mono);

	if (slow)
		return slow;
	return x->conn < y->conn ? -1 : x->conn > y->conn;
}

static void
sample_rows(struct model *m, const struct watch *w)
{
	m->rows_n = watch_rows(w, m->rows, m->rows_cap);
	qsort_r(m->rows, m->rows_n, sizeof *m->rows, compare_rows, &m->at.mono);
	m->open = 0;
	for (int i = 0; i < CONN_STATE_N; i++)
		if (i != CONN_CLOSED)
			m->open += (unsigned)counter_get(&m->sum.open[i]);
}

/* What part of the time since `was` a worker worked, permille. */
static unsigned
share_of(int64_t now, int64_t was, int64_t span)
{
	int64_t share = (now - was) * 1000 / span;

	return share < 0 ? 0 : share > 1000 ? 1000 : (unsigned)share;
}

static int64_t
busy_total(const struct watch_worker *w, int64_t now)
{
	int64_t since =
	    atomic_load_explicit(&w->busy_since, memory_order_relaxed);
	int64_t total = (int64_t)counter_get(&w->counters.v[COUNTER_BUSY_NS]);

	return since > 0 && since < now ? total + now - since : total;
}

/* The workers' shares of about the last second, and what else changes too
 * slowly to be asked for more often. */
static void
sample_load(struct model *m, struct control *c, const struct watch *w)
{
	int64_t span = m->at.mono - m->load_at, sum = 0, was = 0;
	bool first = m->load_at == 0;

	if (!first && span < NS_PER_S)
		return;
	for (unsigned i = 0; i < w->workers && i < LIMIT_WORKERS; i++) {
		int64_t total = busy_total(&w->worker[i], m->at.mono);
		sum += total;
		was += m->worked[i];
		if (!first)
			m->busy_of[i] =
			    (uint16_t)share_of(total, m->worked[i], span);
		m->worked[i] = total;
	}
	if (!first && w->workers)
		m->busy = share_of(sum, was, span * (int64_t)w->workers);
	m->load_at = m->at.mono;
	control_load(c, &m->load);
}

static void
sample_journal(struct model *m, struct journal *j)
{
	journal_range(j, &m->first, &m->last);
	if (m->first <= m->look.cleared)
		m->first = m->look.cleared + 1;
	if (m->first > m->last)
		m->first = m->last = 0;
}

/* The chosen connection by its id; when it has closed, its neighbour. */
static void
keep_choice(struct model *m)
{
	struct look *l = &m->look;

	if (l->conn == 0)
		return;
	for (unsigned i = 0; i < m->rows_n; i++)
		if (m->rows[i].conn == l->conn) {
			l->conn_at = i;
			return;
		}
	if (m->rows_n == 0) {
		l->conn = 0;
		return;
	}
	if (l->conn_at >= m->rows_n)
		l->conn_at = m->rows_n - 1;
	l->conn = m->rows[l->conn_at].conn;
}

/* What changes when anything but the clock does. */
static uint64_t
fingerprint(const struct model *m)
{
	uint64_t h = m->last * 31 + m->notice_seen * 7 + m->toasts;

	h = h * 31 + (uint64_t)m->status.state;
	h = h * 31 + counter_get(&m->sum.v[COUNTER_BYTES_OUT]);
	h = h * 31 + counter_get(&m->sum.v[COUNTER_BYTES_IN]);
	h = h * 31 + counter_get(&m->sum.v[COUNTER_ACCEPTED]);
	for (int i = 0; i < CONN_STATE_N; i++)
		h = h * 31 + counter_get(&m->sum.open[i]);
	return h;
}

bool
model_sample(struct model *m, struct control *c, struct moment now)
{
	struct watch *w = control_watch(c);
	uint64_t before = fingerprint(m);

	m->clock = now;
	control_status(c, &m->status);
	if (!m->look.frozen) {
		m->at = now;
		watch_counters(w, &m->sum);
		series_add(&m->requests, now.mono,
		    counter_get(&m->sum.v[COUNTER_REQUESTS]));
		series_add(&m->bytes, now.mono,
		    counter_get(&m->sum.v[COUNTER_BYTES_OUT]));
		m->quantile[0] = hist_quantile(&m->sum.duration, 500);
		m->quantile[1] = hist_quantile(&m->sum.duration, 900);
		m->quantile[2] = hist_quantile(&m->sum.duration, 990);
		sample_rows(m, w);
		sample_load(m, c, w);
		series_level(&m->open_series, now.mono, m->open);
		top_take(m->top, w->journal, TOP_MOST);
		sample_journal(m, w->journal);
		keep_choice(m);
	}
	model_sample_notices(m);
	return fingerprint(m) != before;
}

void
model_fill_rows(struct model *m, int lines)
{
	struct look *l = &m->look;
	unsigned n = lines < 1 ? 1 : (unsigned)lines;

	if (l->conn && l->conn_at < l->conn_top)
		l->conn_top = l->conn_at;
	if (l->conn && l->conn_at >= l->conn_top + n)
		l->conn_top = l->conn_at - n + 1;
	if (l->conn_top + n > m->rows_n)
		l->conn_top = m->rows_n > n ? m->rows_n - n : 0;
}

void
model_fill_top(struct model *m)
{
	struct look *l = &m->look;
	const struct list_look *list = &l->list[PANE_TOP];

	for (int k = 0; k < TOP_KINDS; k++)
		m->top_n[k] = top_lines(m->top, (enum top_kind)k,
		    list->sort < 0 ? TOP_HITS : (enum top_order)list->sort,
		    list->reverse, m->top_line[k], TOP_KEPT);
	/* The choice goes with its name, and goes when that does. */
	for (unsigned i = 0; i < m->top_n[l->top_kind]; i++)
		if (strcmp(m->top_line[l->top_kind][i].name, l->top_name) ==
		    0) {
			l->top_at = i;
			return;
		}
	l->top_name[0] = '\0';
}

static void
place_top(struct model *m, uint64_t n)
{
	struct look *l = &m->look;
	uint64_t newest = m->last >= m->first + n ? m->last - n + 1 : m->first;

	if (l->request && l->request < m->first)
		l->request = m->first; /* the chosen one was forgotten */
	if (l->follow || l->request_top > newest)
		l->request_top = newest;
	if (l->request_top < m->first)
		l->request_top = m->first;
	if (l->request == 0)
		return;
	if (l->request < l->request_top)
		l->request_top = l->request;
	if (l->request >= l->request_top + n)
		l->request_top = l->request - n + 1;
}

void
model_fill_window(struct model *m, struct journal *j, int lines)
{
	uint64_t n = lines < 1 ? 1 : (uint64_t)lines, first, last;

	if (n > MODEL_WINDOW)
		n = MODEL_WINDOW;
	/* Under load the oldest go between the sample and here. */
	journal_range(j, &first, &last);
	if (first > m->first && first <= m->last && !m->look.frozen)
		m->first = first;
	m->window_n = 0;
	if (m->last == 0) {
		m->look.request = 0;
		return;
	}
	place_top(m, n);
	for (uint64_t i = 0; i < n; i++) {
		struct journal_entry *e = &m->window[i];
		uint64_t seq = m->look.request_top + i;
		if (seq > m->last)
			break;
		if (!journal_get(j, seq, e)) {
			*e = (struct journal_entry){ .seq = seq };
			memcpy(e->method, "-", 2);
			memcpy(e->target, "(no longer kept)", 17);
		}
		m->window_n++;
	}
}

/* Copy a request that is not the one in d; the oldest when it has gone in the
 * meantime. */
static void
copy_detail(struct detail *d, struct look *l, struct journal *j)
{
	struct buf b = buf_over(d->heads, sizeof d->heads);
	uint64_t first, last;

	d->request_n = 0;
	d->heads_n = 0;
	d->there = journal_get(j, l->request, &d->entry);
	if (!d->there) {
		journal_range(j, &first, &last);
		if (l->request < first)
			l->request = first;
		d->there = journal_get(j, l->request, &d->entry);
	}
	d->heads_there =
	    d->there && journal_heads(j, l->request, &b, &d->request_n);
	if (d->heads_there)
		d->heads_n = b.n;
}

void
model_fill_detail(struct model *m, struct journal *j)
{
	struct detail *d = &m->detail;

	/* What is open stays open when the history has moved on. */
	if (!d->there || d->entry.seq != m->look.request)
		copy_detail(d, &m->look, j);
	if (d->there)
		d->end = journal_conn_end(j, d->entry.e.conn, &d->end_wall);
}

const struct conn_row *
model_row(const struct model *m, uint64_t conn)
{
	for (unsigned i = 0; i < m->rows_n; i++)
		if (m->rows[i].conn == conn)
			return &m->rows[i];
	return NULL;
}
