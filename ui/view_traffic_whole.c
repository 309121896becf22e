#include <inttypes.h>
#include <stdio.h>

#include "base/num.h"
#include "ui/pane.h"
#include "ui/traffic.h"

#define LABEL_W	 9
#define CHARTS	 3
#define CHART_H	 8  /* lines of one, at most */
#define WORKER_W 20 /* columns for one */

/* Lines from the top on, as they are used up. */
struct sheet {
	const struct model *m;
	struct grid *g;
	struct rect r;
	int line;
};

/* A pen behind the label of the next line; nothing is drawn past the end. */
static struct pen
next(struct sheet *s, const char *label)
{
	int y = s->line++;
	struct pen p = { s->g, s->r.y + y, s->r.x + 1, s->r.x + s->r.w - 1 };

	if (y >= s->r.h) {
		p.end = 0;
		return p;
	}
	pen_put(&p, STYLE_DIM, "%s", label);
	p.x = s->r.x + 1 + LABEL_W;
	return p;
}

static int
worker_lines(const struct model *m, int w)
{
	int across = (w - LABEL_W - 2) / WORKER_W;

	if (across < 1)
		return 1;
	return ((int)m->status.workers + across - 1) / across;
}

/* A chart of `h` lines with its figures at the right. */
static void
put_chart(struct sheet *s, int h, const char *label,
    const struct series *series, const char *const figure[3])
{
	static const char *const name[3] = { "now", "peak", "total" };
	struct pen p = next(s, label), side = p;
	int w = p.end - p.x - (h > 2 ? 18 : 42);

	if (p.end == 0)
		return;
	widget_chart(&p, w, h, STYLE_SPARK, series, 0);
	side.x = side.end - (h > 2 ? 16 : 40);
	if (side.x < p.x)
		side.x = p.x + 1;
	for (int i = 0; i < 3; i++) {
		if (h > 2)
			side.x = side.end - 16;
		(void)pen_pair(&side, name[i],
		    i == 0 ? STYLE_STRONG : STYLE_PLAIN, "%-7s", figure[i]);
		if (h > 2)
			side.y++;
	}
	s->line += h - 1;
}

static void
put_charts(struct sheet *s, int h)
{
	const struct model *m = s->m;
	char n[3][32];
	const char *const figure[3] = { n[0], n[1], n[2] };

	figure_count(n[0], series_get(&m->traffic.requests, 0));
	figure_count(n[1], m->traffic.requests.peak);
	figure_count(n[2], counter_get(&m->sum.v[COUNTER_REQUESTS]));
	put_chart(s, h, "req/s", &m->traffic.requests, figure);
	num_human(n[0], series_get(&m->traffic.bytes, 0));
	num_human(n[1], m->traffic.bytes.peak);
	num_human(n[2], counter_get(&m->sum.v[COUNTER_BYTES_OUT]));
	put_chart(s, h, "out/s", &m->traffic.bytes, figure);
	figure_count(n[0], m->open);
	figure_count(n[1], m->traffic.open.peak);
	figure_count(n[2], counter_get(&m->sum.v[COUNTER_ACCEPTED]));
	put_chart(s, h, "open", &m->traffic.open, figure);
}

static void
put_classes(struct sheet *s)
{
	static const char *const label[] = { "2xx", "3xx", "4xx", "5xx" };
	uint64_t n[4], all = 0;

	for (int i = 0; i < 4; i++)
		all += n[i] = traffic_class(s->m, i + 2);
	for (int i = 0; i < 4; i++) {
		struct pen p = next(s, label[i]);
		enum style style =
		    n[i] ? style_of_status((i + 2) * 100) : STYLE_DIM;
		char count[32];

		figure_count(count, n[i]);
		pen_put(&p, style, "%9s ", count);
		widget_bar(&p, s->r.w >= 100 ? 30 : 16, style, n[i], all);
		pen_put(&p, STYLE_DIM, " %3u%%  ",
		    all ? (unsigned)((double)n[i] * 100 / (double)all + 0.5)
			: 0);
		traffic_put_codes(s->m, &p, i + 2);
	}
}

#define FIRST_OCTAVE 10 /* 2^10 ns, about a microsecond */
#define OCTAVES	     24

/* How many took how long, on a logarithmic scale. */
static void
put_distribution(struct sheet *s)
{
	static const char *const mark[] = { "1us", "10us", "100us", "1ms",
		"10ms", "100ms", "1s", "10s" };
	struct pen p = next(s, "times"), axis = next(s, "");
	int parts = p.end - p.x >= OCTAVES * 4 ? 4 : 2;
	uint64_t n[OCTAVES * 4], most = 0;
	double octave = 0;

	for (int i = 0; i < OCTAVES * parts; i++) {
		uint64_t base = 1ull << (FIRST_OCTAVE + i / parts);
		uint64_t step = base / (unsigned)parts;
		uint64_t from = base + step * (unsigned)(i % parts);
		n[i] =
		    hist_between(&s->m->sum.latency, i ? from : 0, from + step);
		most = n[i] > most ? n[i] : most;
	}
	for (int i = 0; i < OCTAVES * parts && p.x < p.end; i++, p.x++) {
		unsigned level = n[i]
		    ? (unsigned)(1 + ((double)n[i] / (double)most) * 6 + 0.5)
		    : 0;
		grid_fill(p.g, p.y, p.x, 1, n[i] ? STYLE_SPARK : STYLE_REST,
		    0x2581 + (level > 7 ? 7 : level));
	}
	for (size_t i = 0; i < sizeof mark / sizeof *mark; i++) {
		struct pen at = axis;
		at.x += (int)(octave * parts);
		octave += 3.321928; /* log2 10 */
		if (axis.end)
			pen_put(&at, STYLE_DIM, "%s", mark[i]);
	}
}

static void
put_latency(struct sheet *s)
{
	struct pen p = next(s, "latency");

	traffic_put_latency(s->m, &p);
	put_distribution(s);
}

static void
put_workers(struct sheet *s)
{
	const struct model *m = s->m;
	struct pen p = next(s, "workers");
	int end = p.x + (p.end - p.x) / WORKER_W * WORKER_W;

	for (unsigned i = 0; i < m->status.workers && i < LIMIT_WORKERS; i++) {
		struct pen one;
		if (p.x + WORKER_W > end && i > 0) {
			p = next(s, "");
			if (p.end == 0)
				return;
		}
		one = p;
		pen_put(&one, STYLE_DIM, "%3u ", i + 1);
		widget_bar(&one, 8, STYLE_BAR, m->busy_of[i], 1000);
		pen_put(&one, STYLE_PLAIN, " %3u%%", (m->busy_of[i] + 5u) / 10);
		p.x += WORKER_W;
	}
}

/* How much of a bound is used; harmless: nothing is amiss when it is full. */
static struct pen
put_bound(struct sheet *s, const char *label, uint64_t used, uint64_t of,
    bool harmless)
{
	struct pen p = next(s, label);
	enum style style =
	    !harmless && traffic_near(used, of) ? STYLE_SERVER : STYLE_BAR;
	char a[32], b[32];

	figure_count(a, used);
	figure_count(b, of);
	widget_bar(&p, s->r.w >= 100 ? 40 : 26, style, used, of);
	p.x++;
	(void)pen_pair(&p, "", STYLE_PLAIN, "%s of %s", a, b);
	return p;
}

static void
put_bounds(struct sheet *s)
{
	const struct model *m = s->m;
	uint64_t lost = counter_get(&m->sum.v[COUNTER_EVENTS_DROPPED]);
	uint64_t sampled = counter_get(&m->sum.v[COUNTER_EVENTS_SAMPLED]);
	uint64_t first = counter_get(&m->sum.v[COUNTER_FIRST]);
	uint64_t reused = counter_get(&m->sum.v[COUNTER_REUSED]);
	uint64_t unanswered = traffic_unanswered(m);
	char used[8], most[8];
	struct pen p =
	    put_bound(s, "conns", m->open, m->status.connections_max, false);

	traffic_put_states(m, &p);
	p = put_bound(s, "queue", m->load.queue, m->load.queue_max, false);
	(void)pen_pair(&p, "", STYLE_DIM, "wait to be accepted");
	p = put_bound(s, "fds", m->load.fds, m->load.fds_max, false);
	(void)pen_pair(&p, "", STYLE_DIM, "descriptors");
	num_human(used, m->kept.bytes + pick_memory(m->pick));
	num_human(most, m->kept.bytes_most);
	p = put_bound(
	    s, "history", m->kept.entries, m->kept.entries_most, true);
	(void)pen_pair(&p, "", STYLE_DIM, "requests, %s of %s", used, most);
	p = next(s, "events");
	(void)pen_pair(&p, "", lost ? STYLE_SERVER : STYLE_PLAIN,
	    "%" PRIu64 " lost", lost);
	if (sampled)
		(void)pen_pair(&p, "left out of the history", STYLE_PLAIN,
		    "%" PRIu64, sampled);
	if (unanswered > 0)
		(void)pen_pair(&p, "without an answer", STYLE_CLIENT,
		    "%" PRIu64, unanswered);
	(void)pen_pair(&p, "first requests", STYLE_PLAIN, "%" PRIu64, first);
	(void)pen_pair(&p, "on reused connections", STYLE_PLAIN,
	    "%" PRIu64 " (%u%%)", reused,
	    first + reused
		? (unsigned)((double)reused * 100 / (double)(first + reused))
		: 0);
}

void
view_traffic_whole(const struct model *m, struct grid *g, struct rect r)
{
	struct sheet s = { m, g, r, 1 };
	int fixed = 1 + 4 + 3 + worker_lines(m, r.w) + 5;
	int h = (r.h - fixed) / CHARTS;

	widget_rule(g, (struct rect){ r.y, r.x, 1, r.w }, true,
	    panes[PANE_TRAFFIC].title, "one column is one second");
	put_charts(&s, h < 1 ? 1 : h > CHART_H ? CHART_H : h);
	put_classes(&s);
	put_latency(&s);
	put_workers(&s);
	put_bounds(&s);
}
