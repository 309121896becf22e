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
#define PAGE_USUAL 200 /* what nearly all need */

_Static_assert(CONN_REQUESTS + 32 < PAGE_LINES, "a connection's page is whole");

/* A page as find sees it.  Lines in sight together, whichever of them is in
 * front, are one place: those up to `top` and those from `bottom` on. */
struct page {
	int lines;
	int title; /* lines above the first that counts */
	int top;
	int bottom;
	int at; /* the line in front */
};

/* A connection's page does not scroll: the chosen one of its requests, which
 * are its last lines, is in front, and all that stands above them without a
 * choice. */
static void
look_at_conn(const struct model *m, struct page *p)
{
	const struct conn_detail *d = &m->conn;

	p->top = p->at = p->lines - (int)d->n - 1;
	p->bottom = p->lines - 1;
	for (unsigned i = 0; i < d->n; i++)
		if (d->request[i].seq == m->look.conn_request)
			p->at = p->top + 1 + (int)i;
}

/* The text of a page's first `most` lines as they are drawn; no lines when
 * memory is short. */
static struct page
draw_lines(struct ui *ui, struct grid *g, int most)
{
	struct look *l = &ui->m->look;
	int w = l->page_w > 0 ? l->page_w : 80, scroll = l->scroll;
	struct rect r = { 0, 0, most, w };
	struct page p = { .at = scroll };
	struct layout layout;

	if (!grid_init(g, w, most, false))
		return p;
	layout_make(&layout, ui->m, w, l->page_h > 0 ? l->page_h : 24);
	l->scroll = 0;
	p.lines = view_page(ui->m, g, r, layout.page.h, &p.title);
	l->scroll = scroll;
	/* Not as it was drawn last: a page may be searched before it is. */
	p.bottom = p.lines - (layout.page.h - p.title);
	if (p.bottom < 0)
		p.bottom = 0;
	return p;
}

/* All of them. */
static struct page
draw_page(struct ui *ui, struct grid *g)
{
	struct page p = draw_lines(ui, g, PAGE_USUAL);

	if (p.title + p.lines >= PAGE_USUAL) {
		grid_free(g);
		p = draw_lines(ui, g, PAGE_LINES);
	}
	if (ui->m->look.screen == SCREEN_CONN)
		look_at_conn(ui->m, &p);
	return p;
}

static void
go_to_line(struct model *m, const struct page *p, int line)
{
	struct look *l = &m->look;

	if (l->screen != SCREEN_CONN)
		l->scroll = line;
	else if (line <= p->top)
		l->conn_request = 0;
	else
		l->conn_request = m->conn.request[line - p->top - 1].seq;
}

/* The line to go to among a page's text, which is cut up for it; -1: none. */
static int
line_with(const struct page *p, struct buf *text, const char *words, int by,
    bool here)
{
	int first = -1, last = -1, next = -1, previous = -1, line = 0;
	char *s = text->p, *end;

	for (; (end = memchr(s, '\n', (size_t)(text->p + text->n - s)));
	     s = end + 1, line++) {
		int at = line - p->title;
		*end = '\0';
		if (at < 0 || at >= p->lines || !match_in(s, words))
			continue;
		at = at < p->top ? p->top : at > p->bottom ? p->bottom : at;
		first = first < 0 ? at : first;
		last = at;
		if (next < 0 && at >= p->at + (here ? 0 : 1))
			next = at;
		if (at < p->at)
			previous = at;
	}
	if (by > 0)
		return next < 0 ? first : next;
	return previous < 0 ? last : previous;
}

static bool
find_in_page(struct ui *ui, int by, bool here)
{
	static char text[PAGE_LINES * 512]; /* the console's thread alone */
	struct buf b = buf_over(text, sizeof text);
	struct page p;
	struct grid g;
	int line;

	p = draw_page(ui, &g);
	if (p.lines == 0) { /* of a request that is gone, too */
		grid_free(&g);
		return false;
	}
	grid_text(&g, &b);
	grid_free(&g);
	line = line_with(&p, &b, ui->m->look.find, by, here);
	if (line < 0)
		return false;
	go_to_line(ui->m, &p, line);
	return true;
}

bool
find_step(struct ui *ui, int by, bool here)
{
	const struct look *l = &ui->m->look;

	if (l->find[0] == '\0')
		return false;
	if (l->screen != SCREEN_MAIN)
		return find_in_page(ui, by, here);
	if (l->pane == PANE_REQUESTS)
		return find_request(ui, by, here);
	return l->pane != PANE_TRAFFIC && find_listed(ui, by, here);
}
