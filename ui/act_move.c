/* Commands that move through lists and pages. */
#include <inttypes.h>
#include <stdio.h>

#include "ui/ui.h"

#define EVERYTHING INT32_MAX

static void
move_page(struct look *l, int64_t by)
{
	int64_t to = l->scroll + by;

	l->scroll = to < 0 ? 0 : to > l->scroll_max ? l->scroll_max : (int)to;
}

/* The first step chooses the newest, which is what following shows. */
static void
move_request(struct model *m, int64_t by)
{
	struct look *l = &m->look;
	int64_t to = (int64_t)l->request + by;

	if (m->last == 0)
		return;
	if (l->request == 0)
		to = by == -1 || by == 1 ? (int64_t)m->last
					 : (int64_t)m->last + by;
	if (to < (int64_t)m->first)
		to = (int64_t)m->first;
	if (to > (int64_t)m->last)
		to = (int64_t)m->last;
	l->request = (uint64_t)to;
	l->follow = false;
}

static void
move_conn(struct model *m, int64_t by)
{
	struct look *l = &m->look;
	int64_t to = l->conn ? (int64_t)l->conn_at + by : by < 0 ? 0 : by - 1;

	if (m->rows_n == 0)
		return;
	if (to < 0)
		to = 0;
	if (to >= (int64_t)m->rows_n)
		to = (int64_t)m->rows_n - 1;
	l->conn_at = (unsigned)to;
	l->conn = m->rows[to].conn;
}

static void
move(struct ui *ui, int64_t by)
{
	struct look *l = &ui->m->look;

	if (l->screen != SCREEN_MAIN)
		move_page(l, by);
	else if (l->pane == PANE_CONNECTIONS)
		move_conn(ui->m, by);
	else
		move_request(ui->m, by);
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

void
act_pane(struct ui *ui, const char *arg)
{
	struct look *l = &ui->m->look;

	(void)arg;
	l->pane = l->pane == PANE_REQUESTS ? PANE_CONNECTIONS : PANE_REQUESTS;
	if (l->pane == PANE_CONNECTIONS && l->conn == 0)
		move_conn(ui->m, 1);
}

void
act_zoom(struct ui *ui, const char *arg)
{
	(void)arg;
	ui->m->look.zoom = !ui->m->look.zoom;
}

/* The newest request of the chosen connection, 0 when none has ended. */
static uint64_t
newest_of(struct ui *ui, uint64_t conn)
{
	struct journal *j = control_watch(ui->control)->journal;
	struct journal_entry e;

	for (uint64_t seq = ui->m->last; conn && seq && seq >= ui->m->first;
	     seq--)
		if (journal_get(j, seq, &e) && e.e.conn == conn)
			return seq;
	return 0;
}

void
act_open(struct ui *ui, const char *arg)
{
	struct look *l = &ui->m->look;
	uint64_t seq = l->request ? l->request : ui->m->last;

	(void)arg;
	if (l->pane == PANE_CONNECTIONS)
		seq = newest_of(ui, l->conn);
	if (seq == 0) {
		model_say(ui->m, NOTICE_INFO,
		    l->pane == PANE_CONNECTIONS
			? "no request on this connection has ended yet"
			: "no request yet");
		return;
	}
	l->request = seq;
	l->follow = false;
	l->screen = SCREEN_DETAIL;
	l->scroll = 0;
}

void
act_back(struct ui *ui, const char *arg)
{
	struct look *l = &ui->m->look;

	(void)arg;
	if (model_dismiss(ui->m))
		return;
	if (l->screen != SCREEN_MAIN) {
		l->screen = SCREEN_MAIN;
		l->scroll = 0;
	} else if (l->zoom) {
		l->zoom = false;
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
	uint64_t before = ui->m->look.request;

	move_request(ui->m, by);
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
