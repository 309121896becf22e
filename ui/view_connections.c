#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "ui/connections.h"

const struct column conn_columns[CONN_COL_N] = {
	[CONN_COL_ID] = { "ID", 5, 0, 0, 0, true, "id", true },
	[CONN_COL_CLIENT] = { "CLIENT", 17, 1, 21, 0, false, "client", true },
	[CONN_COL_STATE] = { "STATE", 8, 0, 0, 0, false, "state", true },
	[CONN_COL_PROGRESS] = { "PROGRESS / LEFT", 18, 2, 36, 9, false, "left",
	    true },
	[CONN_COL_REQUESTS] = { "REQS", 4, 0, 0, 4, true, "requests", false },
	[CONN_COL_OUT] = { "OUT", 5, 0, 0, 8, true, "out", false },
	[CONN_COL_RTT] = { "RTT", 5, 0, 0, 6, true, "rtt", false },
	[CONN_COL_RETRANSMITS] = { "RETR", 4, 0, 0, 1, true, "retr", false },
	[CONN_COL_CWND] = { "CWND", 4, 0, 0, 1, true, "cwnd", false },
	[CONN_COL_RATE] = { "RATE", 7, 0, 0, 2, true, "rate", false },
	[CONN_COL_AGE] = { "AGE", 5, 0, 0, 3, true, "age", false },
	[CONN_COL_TARGET] = { "TARGET", 14, 2, 0, 5, false, "target", true },
};

enum style
conn_style(const struct conn_row *r)
{
	switch (r->state) {
	case CONN_SENDING:
		return STYLE_GOOD;
	case CONN_PROXY:
	case CONN_HEAD:
	case CONN_BODY:
	case CONN_WAITING:
		return STYLE_CLIENT;
	case CONN_IDLE:
	case CONN_LINGER:
		return STYLE_DIM;
	default:
		return STYLE_PLAIN;
	}
}

/* The bar, then in the last 11 columns percent and what is left. */
#define SAID 11

/* A client that took nothing for so long has stopped: no average tells when it
 * will have it all, but the deadline tells when it is cut. */
#define STALLED (3 * NS_PER_S)

/* In its first second a response goes as fast as the client's empty buffer
 * takes it, which tells nothing of the rest. */
#define RATE_TELLS NS_PER_S
#define PACE_TELLS (NS_PER_S / 2)

/* Content bytes that the client has, as far as that is known. */
static uint64_t
content_there(const struct model *m, const struct conn_row *r)
{
	const struct conn_path *p = model_path(m, r->conn);
	uint64_t off = p && p->at >= r->since ? p->bytes_out - p->acked : 0;

	return r->body_sent > off ? r->body_sent - off : 0;
}

int64_t
conn_cut_at(const struct model *m, const struct conn_row *r)
{
	int64_t drain = m->status.drain_deadline;

	return drain != 0 && drain < r->deadline ? drain : r->deadline;
}

/* Whether it was looked at for long enough to know that it takes nothing. */
static bool
is_at_rest(const struct model *m, uint64_t conn)
{
	const struct pace *pace = model_pace(m, conn);

	return pace && pace->rate == 0 && pace->last - pace->from >= PACE_TELLS;
}

static void
put_sending(
    const struct model *m, struct pen *p, int width, const struct conn_row *r)
{
	int64_t now = m->at.mono;
	uint64_t there = content_there(m, r);
	unsigned percent =
	    (unsigned)((double)there * 100 / (double)r->body_total);
	char left[FIGURE] = "", about[FIGURE + 1] = "";

	if (r->moved && r->deadline && now - r->moved > STALLED) {
		figure_seconds(left, conn_cut_at(m, r) - now + NS_PER_S - 1);
		widget_bar(
		    p, width - SAID, STYLE_TIMEOUT, there, r->body_total);
		pen_put(p, STYLE_WARN, " cut in %3s", left);
		return;
	}
	if (there && there < r->body_total && now - r->since >= RATE_TELLS &&
	    !is_at_rest(m, r->conn))
		figure_seconds(left,
		    (int64_t)((double)(now - r->since) *
			(double)(r->body_total - there) / (double)there));
	widget_bar(p, width - SAID, STYLE_BAR, there, r->body_total);
	pen_put(p, STYLE_STRONG, " %3u%%", percent > 100 ? 100 : percent);
	if (left[0])
		(void)snprintf(about, sizeof about, "~%s", left);
	pen_put(p, STYLE_DIM, " %5s", about);
}

static void
put_countdown(
    const struct model *m, struct pen *p, int width, const struct conn_row *r)
{
	int64_t end = conn_cut_at(m, r);
	int64_t whole = end - r->since, left = end - m->at.mono;
	char text[FIGURE];

	if (left < 0)
		left = 0;
	if (left > whole) /* begun after the time of the picture */
		left = whole;
	if (whole < NS_PER_S)
		whole = NS_PER_S;
	/* In whole seconds: a clock alone moves once a second. */
	figure_seconds(text, left + NS_PER_S - 1);
	widget_bar(p, width - SAID, STYLE_TIMEOUT,
	    (uint64_t)((left + NS_PER_S - 1) / NS_PER_S * NS_PER_S),
	    (uint64_t)whole);
	pen_put(p, STYLE_DIM, " %5s left", text);
}

void
conn_put_progress(
    const struct model *m, struct pen *p, int width, const struct conn_row *r)
{
	struct pen cell = *p;

	if (width < 0)
		return;
	if (cell.end > cell.x + width)
		cell.end = cell.x + width;
	if (r->state == CONN_SENDING && r->body_total)
		put_sending(m, &cell, width, r);
	else if (r->deadline)
		put_countdown(m, &cell, width, r);
	p->x += width + 1;
}

static void
put_target(struct pen *p, int width, const struct conn_row *r)
{
	char text[CONN_TARGET_TEXT];

	conn_target_text(text, r);
	column_put(p, &conn_columns[CONN_COL_TARGET], width,
	    r->state == CONN_SENDING ? STYLE_PLAIN : STYLE_DIM, text);
}

static void
put_path(const struct model *m, struct pen *p, const int *width,
    const struct conn_row *r)
{
	const struct conn_path *path = model_path(m, r->conn);
	char text[FIGURE] = "", rate[8];

	if (path && path->rtt_us)
		figure_duration(text, path->rtt_us * NS_PER_US);
	column_put(p, &conn_columns[CONN_COL_RTT], width[CONN_COL_RTT],
	    STYLE_DIM, text);
	text[0] = '\0';
	if (path)
		(void)snprintf(text, sizeof text, "%u", path->retransmits);
	column_put(p, &conn_columns[CONN_COL_RETRANSMITS],
	    width[CONN_COL_RETRANSMITS],
	    path && path->retransmits ? STYLE_CLIENT : STYLE_DIM, text);
	text[0] = '\0';
	if (path && path->cwnd)
		(void)snprintf(text, sizeof text, "%u", path->cwnd);
	column_put(p, &conn_columns[CONN_COL_CWND], width[CONN_COL_CWND],
	    STYLE_DIM, text);
	text[0] = '\0';
	if (model_rate(m, r->conn) && r->state == CONN_SENDING) {
		num_human(rate, model_rate(m, r->conn));
		(void)snprintf(text, sizeof text, "%s/s", rate);
	}
	column_put(p, &conn_columns[CONN_COL_RATE], width[CONN_COL_RATE],
	    STYLE_PLAIN, text);
}

static void
put_row(const struct model *m, struct pen *p, const int *width,
    const struct conn_row *r)
{
	char text[PEER_TEXT], out[8], age[FIGURE];
	int64_t now = m->at.mono;
	enum style style = conn_style(r);

	(void)snprintf(text, sizeof text, "%" PRIu64, r->conn);
	column_put(p, &conn_columns[CONN_COL_ID], width[CONN_COL_ID],
	    STYLE_PLAIN, text);
	peer_text(text, &r->peer);
	column_put(p, &conn_columns[CONN_COL_CLIENT], width[CONN_COL_CLIENT],
	    style == STYLE_DIM ? STYLE_DIM : STYLE_PLAIN, text);
	column_put(p, &conn_columns[CONN_COL_STATE], width[CONN_COL_STATE],
	    style,
	    r->state < CONN_STATE_N ? conn_state_rows[r->state].label : "?");
	conn_put_progress(m, p, width[CONN_COL_PROGRESS], r);
	(void)snprintf(text, sizeof text, "%" PRIu32, r->requests);
	column_put(p, &conn_columns[CONN_COL_REQUESTS],
	    width[CONN_COL_REQUESTS], style, text);
	num_human(out, r->bytes_out);
	column_put(
	    p, &conn_columns[CONN_COL_OUT], width[CONN_COL_OUT], style, out);
	put_path(m, p, width, r);
	figure_seconds(age, now - r->opened);
	column_put(
	    p, &conn_columns[CONN_COL_AGE], width[CONN_COL_AGE], style, age);
	put_target(p, width[CONN_COL_TARGET], r);
}

static void
put_heading(const struct model *m, struct grid *g, struct rect r)
{
	const struct list_look *list = &m->look.list[PANE_CONNECTIONS];
	bool focus = m->look.pane == PANE_CONNECTIONS;
	unsigned n = m->sight_n;
	char text[64];
	struct buf note = buf_over(text, sizeof text - 1);

	/* what nobody looked at is not known, and comes last */
	if (conn_column_is_path(list->sort))
		buf_printf(&note, "%s: known of those seen lately  ",
		    conn_columns[list->sort].name);
	if (n < m->open)
		buf_printf(&note, "%u to %u of %u",
		    n ? m->look.conn_top + 1 : 0, m->look.conn_top + n,
		    m->open);
	else
		buf_printf(&note, "%u", m->open);
	widget_rule(g, (struct rect){ r.y, r.x, 1, r.w }, focus,
	    panes[PANE_CONNECTIONS].title, buf_cstr(&note));
}

void
conn_fit(const struct model *m, int w, struct column *c, int *width)
{
	memcpy(c, conn_columns, sizeof conn_columns);
	columns_fit(
	    c, CONN_COL_N, w - 1, m->look.list[PANE_CONNECTIONS].hidden, width);
}

/* Who waits to be let in is connected, as far as he can tell. */
static void
put_nobody(const struct model *m, struct grid *g, struct rect r)
{
	char text[96] = "nobody is connected", n[FIGURE_MANY];

	if (m->load.queue) {
		figure_many(n, m->load.queue, "client");
		(void)snprintf(text, sizeof text,
		    "nobody was accepted; %s waiting in the queue", n);
	}
	(void)grid_put(g, r.y + 2, r.x + 2, r.w - 2, STYLE_DIM, text);
}

void
view_connections(const struct model *m, struct grid *g, struct rect r)
{
	const struct list_look *list = &m->look.list[PANE_CONNECTIONS];
	struct column c[CONN_COL_N];
	int width[CONN_COL_N], lines = view_list_lines(r);
	bool up =
	    list->sort >= 0 && conn_columns[list->sort].rising != list->reverse;

	put_heading(m, g, r);
	conn_fit(m, r.w, c, width);
	columns_head(g, (struct rect){ r.y + 1, r.x + 1, 1, r.w - 1 },
	    conn_columns, CONN_COL_N, width, (struct sorted){ list->sort, up });
	if (m->places == 0 && lines > 0)
		put_nobody(m, g, r);
	for (int i = 0; i < lines && i < (int)m->sight_n; i++) {
		struct pen p = { g, r.y + 2 + i, r.x + 1, r.x + r.w };

		put_row(m, &p, width, &m->sight[i]);
		if (m->look.conn == m->sight[i].conn) {
			grid_fill(g, p.y, r.x, 1, STYLE_KEY, '>');
			grid_choose(g, p.y, r.x, r.w);
		}
	}
}
