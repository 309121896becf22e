#include "ui/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	if (m->rows == NULL || m->window == NULL) {
		model_free(m);
		return NULL;
	}
	m->look.follow = true;
	m->look.pane = PANE_REQUESTS;
	return m;
}

void
model_free(struct model *m)
{
	if (m == NULL)
		return;
	free(m->rows);
	free(m->window);
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

/* The share of the workers' time since about a second ago. */
static void
sample_busy(struct model *m, const struct watch *w)
{
	int64_t total = 0, span = m->at.mono - m->busy_at;

	if (m->busy_at && span < NS_PER_S)
		return;
	for (unsigned i = 0; i < w->workers; i++) {
		int64_t since = atomic_load_explicit(
		    &w->worker[i].busy_since, memory_order_relaxed);
		total += (int64_t)counter_get(
		    &w->worker[i].counters.v[COUNTER_BUSY_NS]);
		if (since > 0 && since < m->at.mono)
			total += m->at.mono - since;
	}
	if (m->busy_at && w->workers) {
		int64_t share = (total - m->busy_total) * 1000 /
		    (span * (int64_t)w->workers);
		m->busy = share < 0 ? 0 : share > 1000 ? 1000 : (unsigned)share;
	}
	m->busy_at = m->at.mono;
	m->busy_total = total;
}

static void
take_toast(struct model *m, unsigned i)
{
	m->toasts--;
	memmove(
	    &m->toast[i], &m->toast[i + 1], (m->toasts - i) * sizeof *m->toast);
}

static void
sample_notices(struct model *m)
{
	struct notice n[NOTICE_KEPT];
	unsigned got = notice_read(m->notice_seen, n, NOTICE_KEPT);

	for (unsigned i = 0; i < got; i++) {
		m->notice_seen = n[i].seq;
		if (n[i].level != NOTICE_DEBUG)
			model_say(m, n[i].level, n[i].text);
	}
	for (unsigned i = m->toasts; i-- > 0;)
		if (m->toast[i].until <= m->clock.mono)
			take_toast(m, i);
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
		sample_busy(m, w);
		sample_journal(m, w->journal);
		keep_choice(m);
	}
	sample_notices(m);
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

static bool
is_error(const struct toast *t)
{
	return t->level == NOTICE_ERROR;
}

static unsigned
count_errors(const struct model *m)
{
	unsigned n = 0;

	for (unsigned i = 0; i < m->toasts; i++)
		n += is_error(&m->toast[i]);
	return n;
}

/* Room for an error: those that come together (a refused configuration has
 * many) stay together, the first ones count most; those of an earlier time
 * have been read or are out of date.  False when there is no place. */
static bool
make_room_for_error(struct model *m)
{
	if (m->clock.mono - m->error_at > NS_PER_S)
		(void)model_dismiss(m);
	m->error_at = m->clock.mono;
	if (count_errors(m) < MODEL_ERRORS)
		return true;
	m->errors_more++;
	return false;
}

/* Room for anything else: the oldest of its kind goes. */
static void
make_room_for_news(struct model *m)
{
	unsigned i = 0;

	if (m->toasts - count_errors(m) < MODEL_NEWS)
		return;
	while (is_error(&m->toast[i]))
		i++;
	take_toast(m, i);
}

void
model_say(struct model *m, enum notice_level level, const char *text)
{
	bool error = level == NOTICE_ERROR;
	int64_t until =
	    error ? INT64_MAX : m->clock.mono + MODEL_TOAST_S * NS_PER_S;
	struct toast *t;

	for (unsigned i = 0; !error && i < m->toasts; i++)
		if (!is_error(&m->toast[i]) &&
		    strcmp(m->toast[i].text, text) == 0) {
			m->toast[i].until = until;
			return;
		}
	if (error && !make_room_for_error(m))
		return;
	if (!error)
		make_room_for_news(m);
	t = &m->toast[m->toasts++];
	t->level = level;
	t->until = until;
	(void)snprintf(t->text, sizeof t->text, "%s", text);
}

bool
model_dismiss(struct model *m)
{
	unsigned n = 0;
	bool any;

	for (unsigned i = 0; i < m->toasts; i++)
		if (m->toast[i].level != NOTICE_ERROR)
			m->toast[n++] = m->toast[i];
	any = n != m->toasts;
	m->toasts = n;
	m->errors_more = 0;
	return any;
}

const struct conn_row *
model_row(const struct model *m, uint64_t conn)
{
	for (unsigned i = 0; i < m->rows_n; i++)
		if (m->rows[i].conn == conn)
			return &m->rows[i];
	return NULL;
}
