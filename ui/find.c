#include "ui/find.h"

#include <stdio.h>
#include <string.h>

#include "ui/connections.h"
#include "ui/match.h"
#include "ui/requests.h"
#include "ui/view.h"

/* Requests looked at for one key: about a tenth of a second. */
#define FIND_MOST 200000

struct line {
	char text[REQUEST_LINE];
	bool there;
};

static bool
take_line(void *ctx, const struct journal_view *v)
{
	struct line *l = ctx;

	request_line_text(l->text, v);
	l->there = true;
	return false;
}

static bool
request_has(struct ui *ui, uint64_t place)
{
	struct line l = { .there = false };

	(void)journal_scan(control_watch(ui->control)->journal,
	    pick_seq(ui->m->pick, place), 1, take_line, &l);
	return l.there && match_in(l.text, ui->m->look.find);
}

static bool
find_request(struct ui *ui, int by, bool here)
{
	struct look *l = &ui->m->look;
	uint64_t first, last, at, n;

	pick_range(ui->m->pick, &first, &last);
	if (last == 0)
		return false;
	n = last - first + 1;
	/* With none chosen the newest comes first, and before it the others. */
	if (l->request == 0)
		by = here ? -1 : by;
	at = l->request ? pick_place(ui->m->pick, l->request)
	    : by > 0	? last
			: first;
	here = here && l->request;
	for (uint64_t i = 0; i < n && i < FIND_MOST; i++) {
		if (!here)
			at = by > 0	  ? at == last ? first : at + 1
			    : at == first ? last
					  : at - 1;
		here = false;
		if (!request_has(ui, at))
			continue;
		l->request = pick_seq(ui->m->pick, at);
		l->follow = false;
		return true;
	}
	return false;
}

static void
conn_line(char out[REQUEST_LINE], const struct conn_row *r)
{
	char peer[PEER_TEXT], target[CONN_TARGET_TEXT];

	peer_text(peer, &r->peer);
	conn_target_text(target, r);
	(void)snprintf(out, REQUEST_LINE, "%llu %s %s %s",
	    (unsigned long long)r->conn, peer,
	    r->state < CONN_STATE_N ? conn_state_rows[r->state].label : "",
	    target);
}

/* Line `i` of the list in front that is not the requests. */
static void
list_line(const struct ui *ui, unsigned i, char out[REQUEST_LINE])
{
	const struct model *m = ui->m;
	struct conn_row row;

	out[0] = '\0';
	if (m->look.pane != PANE_CONNECTIONS)
		(void)snprintf(out, REQUEST_LINE, "%s",
		    m->top_line[m->look.top_kind][i].name);
	else if (model_row_at(
		     m, control_watch(ui->control), &m->place[i], &row))
		conn_line(out, &row);
}

static bool
find_listed(struct ui *ui, int by, bool here)
{
	struct model *m = ui->m;
	bool conns = m->look.pane == PANE_CONNECTIONS;
	unsigned n = conns ? m->places : m->top_n[m->look.top_kind];
	unsigned from = conns ? m->look.conn_at : m->look.top_at;

	for (unsigned i = here ? 0 : 1; i < n + (here ? 0 : 1); i++) {
		unsigned at = (from + (by > 0 ? i : n - i % n)) % n;
		char text[REQUEST_LINE];

		list_line(ui, at, text);
		if (!match_in(text, m->look.find))
			continue;
		panes[m->look.pane].move(m, -(int64_t)n);
		panes[m->look.pane].move(m, (int64_t)at);
		return true;
	}
	return false;
}

#define PAGE_LINES 1000

/* The text of a page's lines, all of them, as they are drawn `w` wide; how many
 * there are, 0 when memory is short. */
static int
draw_page(struct ui *ui, struct grid *g, int w)
{
	struct look *l = &ui->m->look;
	int scroll = l->scroll, lines;
	struct rect r = { 0, 0, PAGE_LINES, w };

	if (!grid_init(g, w, PAGE_LINES, false))
		return 0;
	l->scroll = 0;
	if (l->screen == SCREEN_HELP)
		lines = view_help(ui->m, g, r);
	else if (l->screen == SCREEN_STATS)
		lines = view_stats(ui->m, g, r);
	else if (l->screen == SCREEN_REPLAY)
		lines = view_replay(ui->m, g, r);
	else
		lines = view_detail(ui->m, g, r);
	l->scroll = scroll;
	return lines;
}

static bool
find_in_page(struct ui *ui, int by, bool here)
{
	static char text[PAGE_LINES * 512]; /* the console's thread alone */
	struct look *l = &ui->m->look;
	struct buf b = buf_over(text, sizeof text);
	int lines, best = -1, line = 0;
	struct grid g;

	lines = draw_page(ui, &g, l->page_w > 0 ? l->page_w : 80);
	if (lines == 0) { /* of a request that is gone, too */
		grid_free(&g);
		return false;
	}
	grid_text(&g, &b);
	grid_free(&g);
	for (char *s = text, *end; s < text + b.n; s = end + 1, line++) {
		int at = line - (l->screen == SCREEN_DETAIL ? 2 : 1);
		end = memchr(s, '\n', (size_t)(text + b.n - s));
		if (end == NULL)
			break;
		*end = '\0';
		if (at < 0 || at >= lines || !match_in(s, l->find))
			continue;
		if (by > 0 && best < 0 && at >= l->scroll + (here ? 0 : 1))
			best = at;
		if (by < 0 && at < l->scroll)
			best = at;
	}
	if (best < 0)
		return false;
	l->scroll = best; /* the next picture sees that it is not too far */
	return true;
}

bool
find_step(struct ui *ui, int by, bool here)
{
	const struct look *l = &ui->m->look;

	if (l->find[0] == '\0')
		return false;
	if (l->screen == SCREEN_CONN)
		return false;
	if (l->screen != SCREEN_MAIN)
		return find_in_page(ui, by, here);
	if (l->pane == PANE_REQUESTS)
		return find_request(ui, by, here);
	return l->pane != PANE_TRAFFIC && find_listed(ui, by, here);
}
