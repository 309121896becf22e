#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/num.h"
#include "ui/pane.h"

#define WIDE   100
#define NARROW 50 /* below: no room for anything but target and reason */

/* Every reason is at most 28 columns, most are at most 24. */
const struct column request_columns[REQUEST_COL_N] = {
	[REQUEST_COL_TIME] = { "TIME", 8, 0, 0, 5, false, "time", true },
	[REQUEST_COL_CONN] = { "CONN", 5, 0, 0, 3, true, "conn", true },
	[REQUEST_COL_METHOD] = { "METH", 4, 0, 0, 0, false, "method", true },
	[REQUEST_COL_STATUS] = { "CODE", 4, 0, 0, 0, false, "status", true },
	[REQUEST_COL_SIZE] = { "SIZE", 5, 0, 0, 2, true, "size", false },
	[REQUEST_COL_TOOK] = { "TOOK", 5, 0, 0, 4, true, "took", false },
	[REQUEST_COL_END] = { "T", 1, 0, 0, 1, false, "then", true },
	[REQUEST_COL_TARGET] = { "TARGET", 14, 1, 0, 0, false, "target", true },
	[REQUEST_COL_WHY] = { "WHY", 24, 1, 28, 6, false, "why", true },
};

/* On a wide screen time has milliseconds, the method its full name, and what
 * became of the connection its word. */
static void
columns_for(struct column *c, int w)
{
	memcpy(c, request_columns, sizeof request_columns);
	if (w < NARROW)
		c[REQUEST_COL_WHY].width = w / 2 - 6;
	if (w < WIDE)
		return;
	c[REQUEST_COL_TIME].width = 12;
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
clock_text(char out[24], int64_t wall, bool millis)
{
	time_t s = (time_t)(wall / NS_PER_S);
	struct tm tm;
	size_t n = 0;

	out[0] = '\0';
	if (localtime_r(&s, &tm))
		n = strftime(out, 24, "%T", &tm);
	if (millis && n)
		(void)snprintf(
		    out + n, 24 - n, ".%03d", (int)(wall / NS_PER_MS % 1000));
}

static void
why_text(char out[128], const struct event *e)
{
	struct buf b = buf_over(out, 127);

	if (e->trail.why < e->trail.n && e->trail.n <= LIMIT_TRAIL)
		reason_put_why(&b, &e->trail.r[e->trail.why]);
	else if (e->close != CLOSE_NONE && e->close < CLOSE_N)
		buf_puts(&b, close_reason_rows[e->close].label);
	out[b.n] = '\0';
}

static const char *
then_text(int width, const struct event *e)
{
	if (e->close == CLOSE_NONE)
		return width > 1 ? "keep" : "+";
	return width > 1 ? "close" : "x";
}

static void
put_row(struct pen *p, const struct column *c, const int *width,
    const struct journal_entry *j)
{
	const struct event *e = &j->e;
	enum style style = style_of_status(e->status);
	char text[128];

	if (e->kind == 0) { /* gone from the history */
		column_put(p, &c[REQUEST_COL_TARGET], p->end - p->x, STYLE_DIM,
		    j->target);
		return;
	}
	clock_text(text, e->wall, width[REQUEST_COL_TIME] > 8);
	column_put(
	    p, &c[REQUEST_COL_TIME], width[REQUEST_COL_TIME], STYLE_DIM, text);
	(void)snprintf(text, sizeof text, "#%" PRIu64, e->conn);
	column_put(
	    p, &c[REQUEST_COL_CONN], width[REQUEST_COL_CONN], STYLE_DIM, text);
	column_put(p, &c[REQUEST_COL_METHOD], width[REQUEST_COL_METHOD],
	    STYLE_PLAIN, j->method);
	if (e->status)
		(void)snprintf(text, sizeof text, "%u", (unsigned)e->status);
	else
		(void)snprintf(text, sizeof text, "---");
	column_put(
	    p, &c[REQUEST_COL_STATUS], width[REQUEST_COL_STATUS], style, text);
	num_human(text, e->body_sent);
	column_put(p, &c[REQUEST_COL_SIZE], width[REQUEST_COL_SIZE],
	    STYLE_PLAIN, text);
	figure_duration(text, e->done_ns);
	column_put(p, &c[REQUEST_COL_TOOK], width[REQUEST_COL_TOOK],
	    STYLE_PLAIN, text);
	column_put(p, &c[REQUEST_COL_END], width[REQUEST_COL_END], STYLE_DIM,
	    then_text(width[REQUEST_COL_END], e));
	column_put(p, &c[REQUEST_COL_TARGET], width[REQUEST_COL_TARGET],
	    STYLE_PLAIN, j->target);
	why_text(text, e);
	column_put(p, &c[REQUEST_COL_WHY], width[REQUEST_COL_WHY],
	    e->status >= 400 || e->status == 0 ? style : STYLE_DIM, text);
}

static void
put_heading(const struct model *m, struct grid *g, struct rect r)
{
	uint64_t kept = m->last ? m->last - m->first + 1 : 0;
	uint64_t below =
	    m->window_n ? m->last - (m->look.request_top + m->window_n - 1) : 0;
	char note[80], n[32];

	figure_count(n, kept);
	if (m->look.follow)
		(void)snprintf(note, sizeof note, "%s  FOLLOWING", n);
	else if (below)
		(void)snprintf(note, sizeof note,
		    "%s  %" PRIu64 " newer below, F follows", n, below);
	else
		(void)snprintf(note, sizeof note, "%s  F follows", n);
	widget_rule(g, (struct rect){ r.y, r.x, 1, r.w },
	    m->look.pane == PANE_REQUESTS, panes[PANE_REQUESTS].title, note);
}

/* Nothing came yet: say what to do. */
static void
put_invitation(const struct model *m, struct grid *g, struct rect r)
{
	char text[256];

	if (m->look.cleared)
		(void)snprintf(text, sizeof text,
		    "cleared; the counters stay. New requests appear here.");
	else
		(void)snprintf(text, sizeof text,
		    "no request yet: open %s in a browser", m->status.url);
	(void)grid_put(g, r.y + 2, r.x + 2, r.w - 2, STYLE_DIM, text);
}

void
view_requests(const struct model *m, struct grid *g, struct rect r)
{
	const struct list_look *list = &m->look.list[PANE_REQUESTS];
	struct column c[REQUEST_COL_N];
	int width[REQUEST_COL_N], lines = view_list_lines(r);
	bool up = list->sort >= 0 &&
	    request_columns[list->sort].rising != list->reverse;

	put_heading(m, g, r);
	columns_for(c, r.w);
	columns_fit(c, REQUEST_COL_N, r.w - 1, list->hidden, width);
	columns_head(g, (struct rect){ r.y + 1, r.x + 1, 1, r.w - 1 }, c,
	    REQUEST_COL_N, width, list->sort, up);
	if (m->window_n == 0 && lines > 0)
		put_invitation(m, g, r);
	for (int i = 0; i < lines && (unsigned)i < m->window_n; i++) {
		struct pen p = { g, r.y + 2 + i, r.x + 1, r.x + r.w };
		put_row(&p, c, width, &m->window[i]);
		if (m->look.request == m->window[i].seq) {
			grid_fill(g, p.y, r.x, 1, STYLE_KEY, '>');
			grid_choose(g, p.y, r.x, r.w);
		}
	}
}
