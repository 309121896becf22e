#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/num.h"
#include "ui/pane.h"
#include "ui/traffic.h"

#define LABEL_W 8

static struct pen
begin(struct grid *g, struct rect r, int line, const char *label)
{
	struct pen p = { g, r.y + line, r.x + 1, r.x + r.w - 1 };

	if (line >= r.h)
		p.end = 0; /* nothing is drawn */
	(void)grid_put(
	    g, line >= r.h ? -1 : p.y, p.x, LABEL_W, STYLE_DIM, label);
	p.x += LABEL_W;
	return p;
}

static int
spark_width(struct rect r)
{
	int w = r.w - 52;

	return w < 8 ? 8 : w > 60 ? 60 : w;
}

static void
put_requests(const struct model *m, struct grid *g, struct rect r, int line)
{
	struct pen p = begin(g, r, line, "req/s");
	char n[32];

	widget_spark(&p, spark_width(r), STYLE_SPARK, &m->traffic.requests);
	p.x += 2;
	figure_count(n, series_get(&m->traffic.requests, 0));
	(void)pen_pair(&p, "now", STYLE_STRONG, "%-5s", n);
	figure_count(n, m->traffic.requests.peak);
	(void)pen_pair(&p, "peak", STYLE_PLAIN, "%-5s", n);
	figure_count(n, counter_get(&m->sum.v[COUNTER_REQUESTS]));
	(void)pen_pair(&p, "total", STYLE_PLAIN, "%s", n);
}

static void
put_bytes(const struct model *m, struct grid *g, struct rect r, int line)
{
	struct pen p = begin(g, r, line, "out/s");
	char n[8];

	widget_spark(&p, spark_width(r), STYLE_SPARK, &m->traffic.bytes);
	p.x += 2;
	num_human(n, series_get(&m->traffic.bytes, 0));
	(void)pen_pair(&p, "now", STYLE_STRONG, "%-5s", n);
	num_human(n, m->traffic.bytes.peak);
	(void)pen_pair(&p, "peak", STYLE_PLAIN, "%-5s", n);
	num_human(n, counter_get(&m->sum.v[COUNTER_BYTES_OUT]));
	(void)pen_pair(&p, "total", STYLE_PLAIN, "%s", n);
}

void
traffic_put_codes(const struct model *m, struct pen *p, int class)
{
	bool done[STATUS_N] = { false };
	int best;

	do {
		uint64_t most = 0;
		best = -1;
		for (int i = 0; i < STATUS_N; i++) {
			uint64_t n = counter_get(&m->sum.status[i]);
			if (class && status_rows[i].code / 100 != class)
				continue;
			if (!done[i] && n > most)
				most = n, best = i;
		}
		if (best >= 0) {
			int code = status_rows[best].code;
			char n[32];
			figure_count(n, most);
			done[best] = true;
			if (!pen_pair(
				p, "", style_of_status(code), "%d×%s", code, n))
				return;
		}
	} while (best >= 0);
}

uint64_t
traffic_class(const struct model *m, int class)
{
	uint64_t sum = 0;

	for (int i = 0; i < STATUS_N; i++)
		if (status_rows[i].code / 100 == class)
			sum += counter_get(&m->sum.status[i]);
	return sum;
}

uint64_t
traffic_unanswered(const struct model *m)
{
	uint64_t all = counter_get(&m->sum.v[COUNTER_REQUESTS]), answered = 0;

	for (int i = 0; i < STATUS_N; i++)
		answered += counter_get(&m->sum.status[i]);
	return all > answered ? all - answered : 0;
}

static void
put_answers(const struct model *m, struct grid *g, struct rect r, int line)
{
	static const char *const label[] = { "2xx", "3xx", "4xx", "5xx" };
	struct pen p = begin(g, r, line, "answers");
	uint64_t none = traffic_unanswered(m);
	char n[32];

	for (int class = 2; class <= 5; class ++) {
		uint64_t sum = traffic_class(m, class);

		figure_count(n, sum);
		(void)pen_pair(&p, label[class - 2],
		    sum ? style_of_status(class * 100) : STYLE_DIM, "%s", n);
	}
	if (none > 0) {
		figure_count(n, none);
		(void)pen_pair(&p, "none", STYLE_CLIENT, "%s", n);
	}
	if (p.end - p.x > 8) {
		pen_put(&p, STYLE_RULE, "│");
		p.x += 2;
		traffic_put_codes(m, &p, 0);
	}
}

void
traffic_put_latency(const struct model *m, struct pen *p)
{
	static const char *const label[] = { "p50", "p90", "p99" };
	bool any = hist_count(&m->sum.latency) > 0;
	char n[FIGURE];

	for (int i = 0; i < 3; i++) {
		figure_duration(n, any ? (int64_t)m->quantile[i] : -1);
		(void)pen_pair(p, label[i], STYLE_PLAIN, "%-5s", n);
	}
	figure_duration(n,
	    any ? (int64_t)atomic_load_explicit(
		      &m->sum.latency.max, memory_order_relaxed)
		: -1);
	(void)pen_pair(p, "max", STYLE_PLAIN, "%-5s", n);
}

/* One block for a worker, filled by how busy all are; many share a block. */
static void
put_workers(const struct model *m, struct pen *p)
{
	unsigned n = m->status.workers, blocks = n > 16 ? 16 : n;
	unsigned full = (m->busy * blocks + 900) / 1000;

	if (n == 0 || p->end - p->x < (int)blocks + 16)
		return;
	pen_put(p, STYLE_DIM, "workers ");
	for (unsigned i = 0; i < blocks; i++)
		pen_put(
		    p, i < full ? STYLE_BAR : STYLE_REST, i < full ? "■" : "□");
	pen_put(p, STYLE_PLAIN, " %u%%", (m->busy + 5) / 10);
	p->x += 2;
}

static void
put_lost(const struct model *m, struct pen *p)
{
	uint64_t lost = counter_get(&m->sum.v[COUNTER_EVENTS_DROPPED]);
	enum style style = lost ? STYLE_SERVER : STYLE_DIM;

	if (!pen_pair(p, "events lost", style, "%" PRIu64, lost))
		(void)pen_pair(p, "lost", style, "%" PRIu64, lost);
}

static void
put_times(const struct model *m, struct grid *g, struct rect r, int line)
{
	struct pen p = begin(g, r, line, "latency");

	traffic_put_latency(m, &p);
	put_workers(m, &p);
	put_lost(m, &p);
}

/* A state's label, as a word among others. */
static void
put_word(char word[16], enum conn_state state)
{
	const char *label = conn_state_rows[state].label;
	size_t n = 0;

	for (; n < 15 && label[n] != '\0'; n++)
		word[n] = (char)tolower((unsigned char)label[n]);
	word[n] = '\0';
}

void
traffic_put_states(const struct model *m, struct pen *p)
{
	static const struct {
		enum conn_state state;
		enum style style;
	} shown[] = {
		{ CONN_SENDING, STYLE_GOOD },
		{ CONN_WAITING, STYLE_CLIENT },
		{ CONN_HEAD, STYLE_CLIENT },
		{ CONN_PROXY, STYLE_CLIENT },
		{ CONN_BODY, STYLE_CLIENT },
		{ CONN_NEW, STYLE_PLAIN },
		{ CONN_IDLE, STYLE_PLAIN },
		{ CONN_LINGER, STYLE_DIM },
	};
	struct pen all = *p;
	char word[16];

	all.end -= 2; /* for the sign that there are more */
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
		uint64_t n = counter_get(&m->sum.open[shown[i].state]);

		put_word(word, shown[i].state);
		if (n &&
		    !pen_pair(
			&all, "", shown[i].style, "%" PRIu64 " %s", n, word)) {
			all.end += 2;
			pen_put(&all, STYLE_DIM, "…");
			break;
		}
	}
	p->x = all.x;
}

/* Clients that wait to be accepted, and descriptors: where a server that seems
 * idle is stuck. */
static void
put_bounds(const struct model *m, struct pen *p)
{
	const struct control_load *l = &m->load;

	if (l->fds_max)
		(void)pen_right(p, "fds",
		    traffic_near(l->fds, l->fds_max) ? STYLE_SERVER
						     : STYLE_PLAIN,
		    "%u/%u", l->fds, l->fds_max);
	if (l->queue_max)
		(void)pen_right(p, "queue",
		    l->queue ? STYLE_CLIENT : STYLE_PLAIN, "%u/%u", l->queue,
		    l->queue_max);
}

static void
put_connections(const struct model *m, struct grid *g, struct rect r, int line)
{
	struct pen p = begin(g, r, line, "conns");
	uint64_t first = counter_get(&m->sum.v[COUNTER_FIRST]);
	uint64_t reused = counter_get(&m->sum.v[COUNTER_REUSED]);
	char a[32], b[32];

	figure_count(a, m->open);
	figure_count(b, m->status.connections_max);
	(void)pen_pair(&p, "", STYLE_STRONG, "%s/%s", a, b);
	put_bounds(m, &p);
	if (r.w >= 100 && first + reused)
		(void)pen_right(&p, "reused", STYLE_PLAIN, "%u%%",
		    (unsigned)((double)reused * 100 /
			(double)(first + reused)));
	traffic_put_states(m, &p);
}

static void
put_open(const struct model *m, struct grid *g, struct rect r, int line)
{
	struct pen p = begin(g, r, line, "open");
	char n[32];

	widget_spark(&p, spark_width(r), STYLE_SPARK, &m->traffic.open);
	p.x += 2;
	figure_count(n, m->open);
	(void)pen_pair(&p, "now", STYLE_STRONG, "%-5s", n);
	figure_count(n, m->traffic.open.peak);
	(void)pen_pair(&p, "peak", STYLE_PLAIN, "%-5s", n);
	figure_count(n, counter_get(&m->sum.v[COUNTER_ACCEPTED]));
	(void)pen_pair(&p, "total", STYLE_PLAIN, "%s", n);
}

static void
put_wall(struct pen *p, const char *label, int64_t wall)
{
	time_t s = (time_t)(wall / NS_PER_S);
	char text[32] = "-";
	struct tm tm;

	if (wall && localtime_r(&s, &tm))
		(void)strftime(text, sizeof text, "%Y-%m-%d %T", &tm);
	(void)pen_pair(p, label, STYLE_PLAIN, "%s", text);
}

/* How much of it is kept, and of how much: long ones are kept from behind. */
static void
put_kept(const struct model *m, struct pen *p)
{
	bool all = m->kept.entries >= counter_get(&m->sum.v[COUNTER_REQUESTS]);
	char n[32], used[8], bytes[8];

	figure_count(n, m->kept.entries);
	num_human(used, m->kept.bytes + pick_memory(m->pick));
	num_human(bytes, m->kept.bytes_most);
	(void)pen_pair(p, "kept", STYLE_PLAIN, "%s%s, %s of %s",
	    all ? "" : "the last ", all ? "all" : n, used, bytes);
}

/* Of a recording there is no now, and nothing that is open. */
static void
put_recording(const struct model *m, struct grid *g, struct rect r)
{
	int line = 0;
	struct pen p;
	char n[32], size[8];

	if (r.h >= 6)
		widget_rule(g, (struct rect){ r.y + line++, r.x, 1, r.w },
		    m->look.pane == PANE_TRAFFIC, panes[PANE_TRAFFIC].title,
		    "");
	p = begin(g, r, line++, "total");
	figure_count(n, counter_get(&m->sum.v[COUNTER_REQUESTS]));
	num_human(size, counter_get(&m->sum.v[COUNTER_BYTES_OUT]));
	(void)pen_pair(&p, "requests", STYLE_STRONG, "%s", n);
	(void)pen_pair(&p, "bytes out", STYLE_STRONG, "%s", size);
	put_kept(m, &p);
	if (m->status.reading)
		(void)pen_pair(&p, "", STYLE_CLIENT, "reading…");
	p = begin(g, r, line++, "time");
	put_wall(&p, "from", m->status.earliest);
	put_wall(&p, "to", m->status.latest);
	put_answers(m, g, r, line++);
	if (line >= r.h)
		return;
	p = begin(g, r, line, "took");
	traffic_put_latency(m, &p);
}

void
view_traffic(const struct model *m, struct grid *g, struct rect r)
{
	int line = 0;

	if (m->status.state == LIFE_RECORDING) {
		put_recording(m, g, r);
		return;
	}
	if (m->look.pane == PANE_TRAFFIC && r.h >= 6) {
		view_traffic_whole(m, g, r);
		return;
	}
	if (r.h >= 6)
		widget_rule(g, (struct rect){ r.y + line++, r.x, 1, r.w },
		    false, panes[PANE_TRAFFIC].title,
		    "one column is one second");
	put_requests(m, g, r, line++);
	if (r.h >= 5)
		put_bytes(m, g, r, line++);
	if (r.h >= 7)
		put_open(m, g, r, line++);
	put_answers(m, g, r, line++);
	if (r.h >= 5)
		put_times(m, g, r, line++);
	put_connections(m, g, r, line);
}
