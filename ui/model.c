#include "ui/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/exporting.h"
#include "ui/notify.h"
#include "ui/replay.h"
#include "ui/requests.h"

/* Exchanges counted for a picture: some milliseconds. */
#define TOP_MOST 20000

struct model *
model_new(uint32_t connections)
{
	struct model *m = calloc(1, sizeof *m);

	if (m == NULL)
		return NULL;
	m->places_cap = connections < 1 ? 1 : connections;
	m->place = calloc(m->places_cap, sizeof *m->place);
	m->sight = calloc(MODEL_WINDOW, sizeof *m->sight);
	m->window = calloc(MODEL_WINDOW, sizeof *m->window);
	m->top = top_new();
	m->pick = pick_new();
	if (m->place == NULL || m->sight == NULL || m->window == NULL ||
	    m->top == NULL || m->pick == NULL) {
		model_free(m);
		return NULL;
	}
	m->look.follow = true;
	m->look.pane = PANE_REQUESTS;
	for (int i = 0; i < PANE_N; i++)
		m->look.list[i].sort = -1;
	m->look.list[PANE_REQUESTS].hidden = REQUEST_HIDDEN;
	m->look.shown = 1u << PANE_CONNECTIONS | 1u << PANE_REQUESTS;
	return m;
}

void
model_free(struct model *m)
{
	if (m == NULL)
		return;
	free(m->place);
	free(m->still);
	free(m->sight);
	free(m->window);
	top_free(m->top);
	pick_free(m->pick);
	filter_free(m->filter);
	notify_free(m->notify);
	exporting_cancel(m->exporting);
	replay_end(m->replay.under_way);
	free(m);
}

/* Frozen or not: what came in which second is not to be known later.  Returns
 * how many connections are open. */
static uint64_t
sample_traffic(struct model *m, const struct counters *sum, int64_t mono)
{
	void (*add)(struct series *, int64_t, uint64_t) =
	    m->missed ? series_spread : series_add;
	uint64_t open = 0;

	for (int i = 0; i < CONN_STATE_N; i++)
		if (i != CONN_CLOSED)
			open += counter_get(&sum->open[i]);
	add(&m->now.requests, mono, counter_get(&sum->v[COUNTER_REQUESTS]));
	add(&m->now.bytes, mono, counter_get(&sum->v[COUNTER_BYTES_OUT]));
	series_level(&m->now.open, mono, open);
	m->missed = false;
	return open;
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

void
model_stats(struct model *m, struct control *c)
{
	control_account(c, &m->account);
	control_sandbox(c, &m->sandbox);
}

/* Behind Top and before the counters: what is kept has been counted, and more
 * may come at any time. */
static void
sample_journal(struct model *m, struct journal *j)
{
	journal_range(j, &m->first, &m->last);
	journal_used(j, &m->kept);
	if (m->first <= m->look.cleared)
		m->first = m->look.cleared + 1;
	if (m->first > m->last)
		m->first = m->last = 0;
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
	struct counters sum;
	uint64_t open;

	m->clock = now;
	control_status(c, &m->status);
	if (!m->look.frozen) {
		top_take(m->top, w->journal, TOP_MOST);
		sample_journal(m, w->journal);
	}
	watch_counters(w, &sum);
	open = sample_traffic(m, &sum, now.mono);
	if (!m->look.frozen) {
		m->at = now;
		m->traffic = m->now;
		memcpy(&m->sum, &sum, sizeof sum);
		m->open = (unsigned)open;
	}
	model_sample_rows(m, w);
	if (!m->look.frozen) {
		m->quantile[0] = hist_quantile(&m->sum.latency, 500);
		m->quantile[1] = hist_quantile(&m->sum.latency, 900);
		m->quantile[2] = hist_quantile(&m->sum.latency, 990);
		sample_load(m, c, w);
		if (m->look.screen == SCREEN_STATS)
			model_stats(m, c);
	}
	if (!m->look.frozen || m->picking)
		m->picking = pick_update(
		    m->pick, w->journal, m->first, m->last, m->at.mono);
	model_sample_notices(m);
	return fingerprint(m) != before;
}

static bool
take_earlier(void *ctx, const struct journal_view *v)
{
	struct detail *d = ctx;
	unsigned last = DETAIL_EARLIER - 1;

	if (v->entry->seq >= d->entry.seq)
		return false;
	if (strcmp(v->entry->target, d->entry.target) != 0)
		return true;
	memmove(d->earlier + 1, d->earlier, last * sizeof *d->earlier);
	memmove(
	    d->earlier_seq + 1, d->earlier_seq, last * sizeof *d->earlier_seq);
	d->earlier[0] = v->entry->e;
	d->earlier_seq[0] = v->entry->seq;
	if (d->earlier_n < DETAIL_EARLIER)
		d->earlier_n++;
	return true;
}

/* What was asked for before, as far back as is worth the time. */
static void
find_earlier(struct detail *d, struct journal *j)
{
	uint64_t seq = d->entry.seq;

	d->earlier_n = 0;
	if (d->there && strcmp(d->entry.target, "-") != 0)
		(void)journal_scan(j,
		    seq > DETAIL_LOOKED ? seq - DETAIL_LOOKED : 1,
		    DETAIL_LOOKED, take_earlier, d);
}

void
model_copy_detail(struct detail *d, struct journal *j, uint64_t seq)
{
	struct buf b = buf_over(d->heads, sizeof d->heads);

	d->request_n = 0;
	d->heads_n = 0;
	d->there = journal_get(j, seq, &d->entry);
	d->heads_there = d->there && journal_heads(j, seq, &b, &d->request_n);
	if (d->heads_there)
		d->heads_n = b.n;
	find_earlier(d, j);
}

/* The chosen one; the oldest when it has gone in the meantime. */
static void
copy_chosen(struct detail *d, struct look *l, struct journal *j)
{
	uint64_t first, last;

	model_copy_detail(d, j, l->request);
	if (d->there)
		return;
	journal_range(j, &first, &last);
	if (l->request < first)
		l->request = first;
	model_copy_detail(d, j, l->request);
}

void
model_fill_detail(struct model *m, const struct watch *w)
{
	struct detail *d = &m->detail;
	struct journal *j = w->journal;

	/* What is open stays open when the history has moved on. */
	if (!d->there || d->entry.seq != m->look.request)
		copy_chosen(d, &m->look, j);
	if (!d->there)
		return;
	d->live = model_row(m, w, d->entry.e.conn, &d->row);
	d->end = journal_conn_end(j, d->entry.e.conn, &d->end_wall);
}

void
look_open(struct look *l, enum screen screen)
{
	enum screen at = l->screen;

	while (at != screen && at != SCREEN_MAIN)
		at = l->from[at];
	if (at != screen)
		l->from[screen] = l->screen;
	l->screen = screen;
	l->scroll = 0;
}

void
look_back(struct look *l)
{
	l->screen = l->from[l->screen];
	l->scroll = 0;
}
