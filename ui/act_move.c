/* Commands that move through lists and pages. */
#include <inttypes.h>
#include <string.h>

#include "ui/pane.h"
#include "ui/ui.h"

#define EVERYTHING INT32_MAX

static void
move_page(struct look *l, int64_t by)
{
	int64_t to = l->scroll + by;

	l->scroll = to < 0 ? 0 : to > l->scroll_max ? l->scroll_max : (int)to;
}

/* Among the requests of the connection that is looked at. */
static void
move_conn_request(struct model *m, int64_t by)
{
	const struct conn_detail *d = &m->conn;
	int64_t at = (int64_t)d->n - 1;

	if (d->n == 0)
		return;
	for (unsigned i = 0; i < d->n; i++)
		if (d->request[i].seq == m->look.conn_request)
			at = (int64_t)i + by;
	at = at < 0 ? 0 : at >= (int64_t)d->n ? (int64_t)d->n - 1 : at;
	m->look.conn_request = d->request[at].seq;
}

static void
move(struct ui *ui, int64_t by)
{
	struct look *l = &ui->m->look;

	bool looked = ui->m->conn.conn == l->conn_detail;

	if (l->screen == SCREEN_CONN && looked && ui->m->conn.n == 0)
		model_say(ui->m, NOTICE_INFO, "no request on it yet");
	else if (l->screen == SCREEN_CONN)
		move_conn_request(ui->m, by);
	else if (l->screen != SCREEN_MAIN)
		move_page(l, by);
	else if (panes[l->pane].move)
		panes[l->pane].move(ui->m, by);
	else
		ui_means_nothing(ui, "moving", "in a list: 2, 3 or 4");
}

static int64_t
page(const struct ui *ui)
{
	return ui->m->look.page > 1 ? ui->m->look.page - 1 : 1;
}

void
act_up(struct ui *ui, const char *arg)
{
	(void)arg;
	move(ui, -1);
}

void
act_down(struct ui *ui, const char *arg)
{
	(void)arg;
	move(ui, 1);
}

void
act_top(struct ui *ui, const char *arg)
{
	(void)arg;
	move(ui, -EVERYTHING);
}

void
act_bottom(struct ui *ui, const char *arg)
{
	(void)arg;
	move(ui, EVERYTHING);
}

void
act_page_up(struct ui *ui, const char *arg)
{
	(void)arg;
	move(ui, -page(ui));
}

void
act_page_down(struct ui *ui, const char *arg)
{
	(void)arg;
	move(ui, page(ui));
}

/* Put a pane in front; its list gets a choice, so that it can be gone on
 * from. */
static void
come_to(struct ui *ui, enum pane pane)
{
	struct look *l = &ui->m->look;

	l->pane = pane;
	if (pane == PANE_CONNECTIONS && l->conn == 0)
		panes[pane].move(ui->m, 1);
}

/* The next of those on the screen, in the order of the keys. */
static void
turn_pane(struct ui *ui, int by)
{
	const struct look *l = &ui->m->look;
	int to = (int)l->pane;

	do {
		to = (to + by + PANE_N) % PANE_N;
	} while (to != (int)l->pane &&
	    (!(l->shown >> to & 1) || panes[to].move == NULL));
	if (to == (int)l->pane) /* alone: what else there is */
		to = to == PANE_REQUESTS ? PANE_CONNECTIONS : PANE_REQUESTS;
	come_to(ui, (enum pane)to);
}

void
act_pane(struct ui *ui, const char *arg)
{
	(void)arg;
	turn_pane(ui, 1);
}

void
act_pane_back(struct ui *ui, const char *arg)
{
	(void)arg;
	turn_pane(ui, -1);
}

void
act_view(struct ui *ui, const char *arg)
{
	for (int i = 0; i < PANE_N; i++)
		if (strcmp(panes[i].name, arg) == 0) {
			ui->m->look.screen = SCREEN_MAIN;
			ui->m->look.scroll = 0;
			come_to(ui, (enum pane)i);
			return;
		}
	model_say(
	    ui->m, NOTICE_INFO, "which? traffic, connections, requests or top");
}

/* To the next kind of Top. */
static void
turn_kind(struct ui *ui, int by)
{
	struct look *l = &ui->m->look;

	if (l->pane != PANE_TOP) {
		ui_means_nothing(ui, "the next kind", "in Top: 4");
		return;
	}
	l->top_kind =
	    (enum top_kind)(((int)l->top_kind + by + TOP_KINDS) % TOP_KINDS);
	l->top_name[0] = '\0';
}

void
act_right(struct ui *ui, const char *arg)
{
	(void)arg;
	turn_kind(ui, 1);
}

void
act_left(struct ui *ui, const char *arg)
{
	(void)arg;
	turn_kind(ui, -1);
}

void
act_zoom(struct ui *ui, const char *arg)
{
	(void)arg;
	ui->m->look.zoom = !ui->m->look.zoom;
}

static void
open_request(struct look *l, uint64_t seq)
{
	l->request = seq;
	l->follow = false;
	look_open(l, SCREEN_DETAIL);
}

/* What the list shows first when it has no choice. */
static uint64_t
request_meant(const struct model *m)
{
	uint64_t first, last;

	if (m->look.request)
		return m->look.request;
	pick_range(m->pick, &first, &last);
	return pick_seq(m->pick, pick_sorted(m->pick) ? first : last);
}

static void
open_conn(struct look *l, uint64_t conn)
{
	l->conn_detail = conn;
	l->conn_request = 0;
	look_open(l, SCREEN_CONN);
}

void
act_open(struct ui *ui, const char *arg)
{
	struct look *l = &ui->m->look;
	bool conns = l->screen == SCREEN_MAIN && l->pane == PANE_CONNECTIONS;
	uint64_t seq =
	    l->screen == SCREEN_CONN ? l->conn_request : request_meant(ui->m);

	(void)arg;
	if (l->screen == SCREEN_MAIN && l->pane == PANE_TOP) {
		ui_filter_top(ui);
		return;
	}
	if (l->screen == SCREEN_MAIN && l->pane == PANE_TRAFFIC) {
		ui_means_nothing(ui, "Enter (open)", "in a list: 2, 3 or 4");
		return;
	}
	if (conns && l->conn)
		open_conn(l, l->conn);
	else if (!conns && seq)
		open_request(l, seq);
	else if (conns || l->screen == SCREEN_CONN)
		model_say(ui->m, NOTICE_INFO,
		    conns ? "nobody is connected" : "choose a request: j, k");
	else
		ui_no_request(ui);
}

void
act_back(struct ui *ui, const char *arg)
{
	struct look *l = &ui->m->look;

	(void)arg;
	if (l->qr) {
		l->qr = false;
		return;
	}
	if (ui_export_cancel(ui) || model_dismiss(ui->m))
		return;
	if (l->find[0] && l->find_screen == l->screen) { /* the highlight */
		l->find[0] = '\0';
		return;
	}
	if (l->screen != SCREEN_MAIN) {
		look_back(l);
	} else if (l->zoom) {
		l->zoom = false;
	} else if (l->pane == PANE_TRAFFIC) {
		l->pane = PANE_REQUESTS;
	} else if (l->pane == PANE_TOP) {
		if (l->top_name[0] == '\0')
			l->pane = PANE_REQUESTS;
		l->top_name[0] = '\0';
	} else if (l->pane == PANE_REQUESTS && ui->m->filter) {
		act_filter_off(ui, "");
	} else if (l->pane == PANE_REQUESTS && l->request) {
		l->request = 0;
		l->follow = true;
	} else {
		l->conn = 0;
	}
}

static void
step(struct ui *ui, int64_t by)
{
	bool of_conn = ui->m->look.from[SCREEN_DETAIL] == SCREEN_CONN;
	uint64_t before = ui->m->look.request;

	if (of_conn) {
		move_conn_request(ui->m, by);
		ui->m->look.request = ui->m->look.conn_request;
	} else {
		panes[PANE_REQUESTS].move(ui->m, by);
	}
	if (ui->m->look.request != before)
		ui->m->look.scroll = 0;
}

void
act_next(struct ui *ui, const char *arg)
{
	(void)arg;
	step(ui, 1);
}

void
act_previous(struct ui *ui, const char *arg)
{
	(void)arg;
	step(ui, -1);
}
