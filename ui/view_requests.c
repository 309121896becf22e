#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/num.h"
#include "ui/view.h"

enum {
	COL_TIME,
	COL_CONN,
	COL_METHOD,
	COL_STATUS,
	COL_SIZE,
	COL_TOOK,
	COL_END,
	COL_TARGET,
	COL_WHY,
	COL_N
};

#define WIDE   100
#define NARROW 50 /* below: no room for anything but target and reason */

/* Every reason is at most 28 columns, most are at most 24. */
static const struct column columns[COL_N] = {
	[COL_TIME] = { "TIME", 8, 0, 0, 5, false },
	[COL_CONN] = { "CONN", 5, 0, 0, 3, true },
	[COL_METHOD] = { "METH", 4, 0, 0, 0, false },
	[COL_STATUS] = { "CODE", 4, 0, 0, 0, false },
	[COL_SIZE] = { "SIZE", 5, 0, 0, 2, true },
	[COL_TOOK] = { "TOOK", 5, 0, 0, 4, true },
	[COL_END] = { "T", 1, 0, 0, 1, false },
	[COL_TARGET] = { "TARGET", 14, 1, 0, 0, false },
	[COL_WHY] = { "WHY", 24, 1, 28, 6, false },
};

/* On a wide screen time has milliseconds, the method its full name, and what
 * became of the connection its word. */
static void
columns_for(struct column *c, int w)
{
	memcpy(c, columns, sizeof columns);
	if (w < NARROW)
		c[COL_WHY].width = w / 2 - 6;
	if (w < WIDE)
		return;
	c[COL_TIME].width = 12;
	c[COL_CONN].width = 6;
	c[COL_METHOD] = (struct column){ "METHOD", 7, 0, 0, 0, false };
	c[COL_SIZE].width = 6;
	c[COL_TOOK].width = 6;
	c[COL_END] = (struct column){ "THEN", 5, 0, 0, 1, false };
	c[COL_WHY].width = 28;
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
		column_put(
		    p, &c[COL_TARGET], p->end - p->x, STYLE_DIM, j->target);
		return;
	}
	clock_text(text, e->wall, width[COL_TIME] > 8);
	column_put(p, &c[COL_TIME], width[COL_TIME], STYLE_DIM, text);
	(void)snprintf(text, sizeof text, "#%" PRIu64, e->conn);
	column_put(p, &c[COL_CONN], width[COL_CONN], STYLE_DIM, text);
	column_put(
	    p, &c[COL_METHOD], width[COL_METHOD], STYLE_PLAIN, j->method);
	if (e->status)
		(void)snprintf(text, sizeof text, "%u", (unsigned)e->status);
	else
		(void)snprintf(text, sizeof text, "---");
	column_put(p, &c[COL_STATUS], width[COL_STATUS], style, text);
	num_human(text, e->body_sent);
	column_put(p, &c[COL_SIZE], width[COL_SIZE], STYLE_PLAIN, text);
	figure_duration(text, e->done_ns);
	column_put(p, &c[COL_TOOK], width[COL_TOOK], STYLE_PLAIN, text);
	column_put(p, &c[COL_END], width[COL_END], STYLE_DIM,
	    then_text(width[COL_END], e));
	column_put(
	    p, &c[COL_TARGET], width[COL_TARGET], STYLE_PLAIN, j->target);
	why_text(text, e);
	column_put(p, &c[COL_WHY], width[COL_WHY],
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
	    m->look.pane == PANE_REQUESTS, "Requests", note);
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
	struct column c[COL_N];
	int width[COL_N], lines = view_list_lines(r);

	put_heading(m, g, r);
	columns_for(c, r.w);
	columns_fit(c, COL_N, r.w - 1, width);
	columns_head(
	    g, (struct rect){ r.y + 1, r.x + 1, 1, r.w - 1 }, c, COL_N, width);
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
