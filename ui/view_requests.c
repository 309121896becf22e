#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/num.h"
#include "ui/connections.h"
#include "ui/requests.h"
#include "watch/facts.h"

#define WIDE	  100
#define NARROW	  50  /* below: no room for anything but target and reason */
#define WATERFALL 128 /* from here on */

/* Every reason is at most 28 columns, most are at most 24. */
const struct column request_columns[REQUEST_COL_N] = {
	[REQUEST_COL_TIME] = { "TIME", 8, 0, 0, 5, false, "time", true },
	[REQUEST_COL_CONN] = { "CONN", 5, 0, 0, 3, true, "conn", true },
	[REQUEST_COL_CLIENT] = { "CLIENT", 15, 0, 0, 7, false, "client", true },
	[REQUEST_COL_METHOD] = { "METH", 4, 0, 0, 0, false, "method", true },
	[REQUEST_COL_STATUS] = { "CODE", 4, 0, 0, 0, false, "status", true },
	[REQUEST_COL_SIZE] = { "SIZE", 5, 0, 0, 2, true, "size", false },
	[REQUEST_COL_IN] = { "IN", 5, 0, 0, 7, true, "in", false },
	[REQUEST_COL_TOOK] = { "TOOK", 5, 0, 0, 4, true, "took", false },
	[REQUEST_COL_FIRST] = { "FIRST", 5, 0, 0, 7, true, "first", false },
	[REQUEST_COL_END] = { "T", 1, 0, 0, 1, false, "then", true },
	[REQUEST_COL_TARGET] = { "TARGET", 14, 1, 0, 0, false, "target", true },
	[REQUEST_COL_WHY] = { "WHY", 24, 1, 28, 6, false, "why", true },
	[REQUEST_COL_AGENT] = { "AGENT", 14, 0, 0, 7, false, "agent", true },
	[REQUEST_COL_WATERFALL] = { "WATERFALL", 24, 1, 48, 1, false,
	    "waterfall", true },
};

/* Columns of the part of a date that times need to be told apart; a recording
 * may span days. */
enum date_part { DATE_NONE = 0, DATE_DAY = 6, DATE_YEAR = 11 };

static enum date_part
date_part(const struct model *m)
{
	time_t first = (time_t)(m->status.earliest / NS_PER_S);
	time_t last = (time_t)(m->status.latest / NS_PER_S);
	struct tm a, b;

	if (m->status.state != LIFE_RECORDING || m->last == 0 ||
	    !localtime_r(&first, &a) || !localtime_r(&last, &b))
		return DATE_NONE;
	if (a.tm_year != b.tm_year)
		return DATE_YEAR;
	return a.tm_yday != b.tm_yday ? DATE_DAY : DATE_NONE;
}

/* On a wide screen time has milliseconds, the method its full name, and what
 * became of the connection its word. */
static void
columns_for(const struct model *m, struct column *c, int w)
{
	int date_w = (int)date_part(m);

	memcpy(c, request_columns, sizeof request_columns);
	c[REQUEST_COL_TIME].width += date_w;
	if (w < NARROW)
		c[REQUEST_COL_WHY].width = w / 2 - 6;
	if (w < WIDE)
		return;
	c[REQUEST_COL_TIME].width = 12 + date_w;
	c[REQUEST_COL_CONN].width = 6;
	c[REQUEST_COL_METHOD].title = "METHOD";
	c[REQUEST_COL_METHOD].width = 7;
	c[REQUEST_COL_SIZE].width = 6;
	c[REQUEST_COL_TOOK].width = 6;
	c[REQUEST_COL_END].title = "THEN";
	c[REQUEST_COL_END].width = 5;
	c[REQUEST_COL_WHY].width = 28;
}

static void
clock_text(
    char out[32], const struct event *e, enum date_part date, bool millis)
{
	time_t s = (time_t)(e->wall / NS_PER_S);
	struct tm tm;
	size_t n = 0;

	out[0] = '\0';
	if (!localtime_r(&s, &tm))
		return;
	if (date == DATE_YEAR)
		n = strftime(out, 32, "%Y-", &tm);
	if (date != DATE_NONE)
		n += strftime(out + n, 32 - n, "%m-%d ", &tm);
	n += strftime(out + n, 32 - n, "%T", &tm);
	if (millis && n && event_knows(e, FACT_MILLIS))
		(void)snprintf(out + n, 32 - n, ".%03d",
		    (int)(e->wall / NS_PER_MS % 1000));
}

static const char *
then_text(int width, const struct event *e)
{
	if (!event_knows(e, FACT_CLOSE))
		return "-";
	if (e->close == CLOSE_NONE)
		return width > 1 ? "keep" : "+";
	return width > 1 ? "close" : "x";
}

/* The stretch of time that the waterfall shows. */
struct stretch {
	int64_t from;
	int64_t to;
};

static int
compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static int64_t
end_of(const struct event *e)
{
	return e->wall + (event_knows(e, FACT_TIME) ? e->done_ns : 0);
}

/* How many at the beginning of these, which are in order, stand so far from the
 * rest that they would squeeze it: a quarter of all at most, behind whose
 * widest gap a fraction of the stretch is left.  `to` is its end. */
#define SQUEEZE 4
static size_t
outliers(const int64_t *time, size_t n, int64_t to)
{
	size_t widest = 0;

	for (size_t i = 1; i <= n / 4; i++)
		if (widest == 0 ||
		    time[i] - time[i - 1] > time[widest] - time[widest - 1])
			widest = i;
	if (widest == 0 || to <= time[widest] ||
	    (to - time[0]) / SQUEEZE < to - time[widest])
		return 0;
	return widest;
}

/* Of the rows in sight, but for a few that are far from all others. */
static struct stretch
stretch_of(const struct model *m)
{
	int64_t begin[MODEL_WINDOW], end[MODEL_WINDOW]; /* the latter negative:
							   the last first */
	struct stretch s = { INT64_MAX, INT64_MAX };
	size_t n = 0;

	for (unsigned i = 0; i < m->window_n && n < MODEL_WINDOW; i++) {
		const struct event *e = &m->window[i].entry.e;
		if (e->kind == 0)
			continue;
		begin[n] = e->wall;
		end[n++] = -end_of(e);
	}
	if (n == 0)
		return s;
	qsort(begin, n, sizeof *begin, compare_times);
	qsort(end, n, sizeof *end, compare_times);
	s.from = begin[outliers(begin, n, -end[0])];
	s.to = -end[outliers(end, n, -s.from)];
	if (s.to <= s.from)
		s.to = s.from + 1;
	return s;
}

/* A sign at an edge for what began before it, or goes on behind it. */
static void
put_edges(
    struct pen *p, int width, const struct event *e, const struct stretch *s)
{
	if (e->wall < s->from)
		grid_fill(p->g, p->y, p->x, 1, STYLE_KEY, '<');
	if (end_of(e) > s->to)
		grid_fill(p->g, p->y, p->x + width - 1, 1, STYLE_KEY, '>');
}

/* The column of a time, from 0 to width. */
static int
column_at(int width, const struct stretch *s, int64_t at, double round)
{
	double x = width * ((double)(at - s->from) / (double)(s->to - s->from));

	return x < 0 ? 0 : x > width ? width : (int)(x + round);
}

/* When it was, and how long: waiting for the first byte, then sending. */
static void
put_waterfall(
    struct pen *p, int width, const struct event *e, const struct stretch *s)
{
	int from = column_at(width, s, e->wall, 0);
	int first = column_at(width, s, e->wall + e->first_ns, 0);
	int to = column_at(width, s, e->wall + e->done_ns, 0.5);

	if (width < 0)
		return;
	if (from > width - 1)
		from = width - 1;
	if (to <= from) {
		grid_fill(p->g, p->y, p->x + from, 1, STYLE_SPARK, 0x258F);
	} else {
		if (first > to || e->status == 0)
			first = to;
		grid_fill(
		    p->g, p->y, p->x + from, first - from, STYLE_REST, 0x2591);
		grid_fill(
		    p->g, p->y, p->x + first, to - first, STYLE_SPARK, 0x2588);
	}
	put_edges(p, width, e, s);
	p->x += width + 1;
}

static void
put_figure(struct pen *p, const struct column *c, int width, int64_t ns)
{
	char text[FIGURE];

	figure_duration(text, ns);
	column_put(p, c, width, STYLE_PLAIN, text);
}

/* Who asked, and for what. */
static void
put_request(const struct model *m, struct pen *p, const struct column *c,
    const int *width, const struct request_row *row)
{
	const struct event *e = &row->entry.e;
	char text[PEER_TEXT];

	clock_text(text, e, date_part(m), c[REQUEST_COL_METHOD].width > 4);
	column_put(
	    p, &c[REQUEST_COL_TIME], width[REQUEST_COL_TIME], STYLE_DIM, text);
	if (event_knows(e, FACT_CONN))
		(void)snprintf(text, sizeof text, "#%" PRIu64, e->conn);
	else
		(void)snprintf(text, sizeof text, "-");
	column_put(
	    p, &c[REQUEST_COL_CONN], width[REQUEST_COL_CONN], STYLE_DIM, text);
	peer_host_text(text, &e->peer);
	column_put(p, &c[REQUEST_COL_CLIENT], width[REQUEST_COL_CLIENT],
	    STYLE_PLAIN, text);
	column_put(p, &c[REQUEST_COL_METHOD], width[REQUEST_COL_METHOD],
	    STYLE_PLAIN, row->entry.method);
}

/* Bytes, or "-". */
static void
put_size(struct pen *p, const struct column *c, int width,
    const struct event *e, enum fact fact, uint64_t n)
{
	char text[16] = "-";

	if (event_knows(e, fact))
		num_human(text, n);
	column_put(p, c, width, STYLE_PLAIN, text);
}

/* What it got. */
static void
put_answer(struct pen *p, const struct column *c, const int *width,
    const struct event *e)
{
	char text[16] = "---";

	if (e->status)
		(void)snprintf(text, sizeof text, "%u", (unsigned)e->status);
	else if (!event_knows(e, FACT_STATUS))
		(void)snprintf(text, sizeof text, "-");
	column_put(p, &c[REQUEST_COL_STATUS], width[REQUEST_COL_STATUS],
	    style_of_status(e->status), text);
	put_size(p, &c[REQUEST_COL_SIZE], width[REQUEST_COL_SIZE], e, FACT_SIZE,
	    e->body_sent);
	put_size(p, &c[REQUEST_COL_IN], width[REQUEST_COL_IN], e, FACT_BYTES,
	    e->bytes_in);
	put_figure(
	    p, &c[REQUEST_COL_TOOK], width[REQUEST_COL_TOOK], e->done_ns);
	put_figure(p, &c[REQUEST_COL_FIRST], width[REQUEST_COL_FIRST],
	    e->status && event_knows(e, FACT_PHASES) ? e->first_ns : -1);
	column_put(p, &c[REQUEST_COL_END], width[REQUEST_COL_END], STYLE_DIM,
	    then_text(width[REQUEST_COL_END], e));
}

static void
put_row(const struct model *m, struct pen *p, const struct column *c,
    const int *width, const struct request_row *row, const struct stretch *s)
{
	const struct event *e = &row->entry.e;
	enum style style = style_of_status(e->status);
	char text[REQUEST_WHY];

	if (e->kind == 0) { /* gone from the history */
		column_put(p, &c[REQUEST_COL_TARGET], p->end - p->x, STYLE_DIM,
		    row->entry.target);
		return;
	}
	put_request(m, p, c, width, row);
	put_answer(p, c, width, e);
	column_put(p, &c[REQUEST_COL_TARGET], width[REQUEST_COL_TARGET],
	    row->marked ? STYLE_STRONG : STYLE_PLAIN, row->entry.target);
	request_why_text(text, e);
	column_put(p, &c[REQUEST_COL_WHY], width[REQUEST_COL_WHY],
	    e->status >= 400 || e->status == 0 ? style : STYLE_DIM, text);
	column_put(p, &c[REQUEST_COL_AGENT], width[REQUEST_COL_AGENT],
	    STYLE_DIM, row->agent);
	put_waterfall(p, width[REQUEST_COL_WATERFALL], e, s);
}

/* The filter, behind a word when it is long. */
static void
put_filter(struct buf *b, const char *text, int room)
{
	size_t n = text_break(text, room);

	if (text[n])
		n = text_break(text, room - 1);
	buf_printf(b, "%.*s%s  ", (int)n, text, text[n] ? "…" : "");
}

/* What is shown of how many, and why not all. */
static void
put_heading(const struct model *m, struct grid *g, struct rect r)
{
	const struct look *l = &m->look;
	uint64_t came = counter_get(&m->sum.v[COUNTER_REQUESTS]);
	uint64_t first, last, below, shown;
	char note[FILTER_TEXT], n[32];
	struct buf b = buf_over(note, sizeof note - 1);

	pick_range(m->pick, &first, &last);
	if (m->filter)
		put_filter(&b, m->filter_text, r.w / 3);
	below = m->window_n ? last - (l->request_top + m->window_n - 1) : 0;
	shown = last ? last - first + 1 : 0;
	figure_count(n, shown);
	if (m->marks.n)
		buf_printf(&b, "%u marked  ", m->marks.n);
	buf_puts(&b, n);
	if (m->filter) {
		figure_count(n, m->last ? m->last - m->first + 1 : 0);
		buf_printf(&b, " of %s", n);
	} else if (came > shown) { /* the history has a sample, or the last */
		figure_count(n, came);
		buf_printf(&b, " of %s", n);
	}
	if (pick_done(m->pick) < 1000)
		buf_printf(
		    &b, "  looked through %u%%", pick_done(m->pick) / 10);
	if (pick_sorted(m->pick))
		buf_printf(&b, "  by %s",
		    request_columns[l->list[PANE_REQUESTS].sort].name);
	else if (l->follow)
		buf_puts(&b, "  FOLLOWING");
	else if (below)
		buf_printf(&b, "  %" PRIu64 " newer below, F follows", below);
	else
		buf_puts(&b, "  F follows");
	widget_rule(g, (struct rect){ r.y, r.x, 1, r.w },
	    l->pane == PANE_REQUESTS, panes[PANE_REQUESTS].title, buf_cstr(&b));
}

/* Requests that a worker is at. */
static uint64_t
under_way(const struct model *m)
{
	uint64_t n = 0;

	for (int i = 0; i < CONN_STATE_N; i++)
		if (conn_is_asked((enum conn_state)i))
			n += counter_get(&m->sum.open[i]);
	return n;
}

/* Nothing came yet: say what to do. */
static void
put_invitation(const struct model *m, struct grid *g, struct rect r)
{
	char text[256];

	if (m->filter && m->last)
		(void)snprintf(text, sizeof text, "%s",
		    m->picking ? "looking..."
			       : "none meets the filter; f changes it, Esc "
				 "takes it away");
	else if (m->status.state == LIFE_RECORDING)
		(void)snprintf(text, sizeof text, "%s",
		    m->status.reading ? "nothing was read yet"
				      : "there is no exchange in it");
	else if (m->look.cleared)
		(void)snprintf(text, sizeof text,
		    "cleared; the counters stay. New requests appear here.");
	else if (under_way(m))
		(void)snprintf(text, sizeof text,
		    "none has ended yet; %" PRIu64 " under way: 2 shows them",
		    under_way(m));
	else
		(void)snprintf(text, sizeof text,
		    "no request yet: open %s in a browser", m->status.url);
	(void)grid_put(g, r.y + 2, r.x + 2, r.w - 2, STYLE_DIM, text);
}

int
request_signs(const struct model *m)
{
	return m->marks.n ? 2 : 1;
}

/* The chosen one has an arrow, a marked one an asterisk, beside each other: one
 * can be both. */
static void
put_choice(const struct model *m, struct grid *g, struct rect r, int y,
    const struct request_row *row)
{
	bool chosen = m->look.request == row->entry.seq;

	if (row->marked)
		grid_fill(g, y, r.x + request_signs(m) - 1, 1, STYLE_KEY, '*');
	if (chosen) {
		grid_fill(g, y, r.x, 1, STYLE_KEY, '>');
		grid_choose(g, y, r.x, r.w);
	}
}

void
request_fit(const struct model *m, int w, struct column *c, int *width)
{
	uint32_t hidden = m->look.list[PANE_REQUESTS].hidden;

	columns_for(m, c, w);
	if (w < WATERFALL)
		hidden |= 1u << REQUEST_COL_WATERFALL;
	columns_fit(c, REQUEST_COL_N, w - request_signs(m), hidden, width);
}

void
view_requests(const struct model *m, struct grid *g, struct rect r)
{
	const struct list_look *list = &m->look.list[PANE_REQUESTS];
	struct stretch s = stretch_of(m);
	struct column c[REQUEST_COL_N];
	int width[REQUEST_COL_N], lines = view_list_lines(r);
	int signs = request_signs(m);
	int64_t took = m->window_n ? s.to - s.from : 0;
	char title[40], n[FIGURE];
	bool up = list->sort >= 0 &&
	    request_columns[list->sort].rising != list->reverse;

	put_heading(m, g, r);
	request_fit(m, r.w, c, width);
	if (took == 1) /* there is one, and it has no time */
		took = -1;
	figure_duration(n, took);
	(void)snprintf(title, sizeof title, "WATERFALL %s", n);
	c[REQUEST_COL_WATERFALL].title = title;
	columns_head(g, (struct rect){ r.y + 1, r.x + signs, 1, r.w - signs },
	    c, REQUEST_COL_N, width, (struct sorted){ list->sort, up });
	if (m->window_n == 0 && lines > 0)
		put_invitation(m, g, r);
	for (int i = 0; i < lines && (unsigned)i < m->window_n; i++) {
		struct pen p = { g, r.y + 2 + i, r.x + signs, r.x + r.w };
		put_row(m, &p, c, width, &m->window[i], &s);
		put_choice(m, g, r, p.y, &m->window[i]);
	}
}
