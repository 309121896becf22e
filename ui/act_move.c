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

static void
move(struct ui *ui, int64_t by)
{
	struct look *l = &ui->m->look;

	if (l->screen != SCREEN_MAIN)
		move_page(l, by);
	else if (panes[l->pane].move)
		panes[l->pane].move(ui->m, by);
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

	l->top_kind =
	    (enum top_kind)(((int)l->top_kind + by + TOP_KINDS) % TOP_KINDS);
	l->top_name[0] = '\0';
}

void
act_right(struct ui *ui, const char *arg)
{
	(void)arg;
	if (ui->m->look.pane == PANE_TOP)
		turn_kind(ui, 1);
}

void
act_left(struct ui *ui, const char *arg)
{
	(void)arg;
	if (ui->m->look.pane == PANE_TOP)
		turn_kind(ui, -1);
}

void
act_zoom(struct ui *ui, const char *arg)
{
	(void)arg;
	ui->m->look.zoom = !ui->m->look.zoom;
}

struct newest {
	uint64_t conn;
	uint64_t seq;
};

static bool
is_of(void *ctx, const struct journal_view *v)
{
	struct newest *n = ctx;

	if (v->entry->e.conn == n->conn)
		n->seq = v->entry->seq;
	return true;
}

/* The newest request of the chosen connection, 0 when none has ended. */
static uint64_t
newest_of(struct ui *ui, uint64_t conn)
{
	struct newest n = { conn, 0 };

	if (conn && ui->m->last)
		(void)journal_scan(control_watch(ui->control)->journal,
		    ui->m->first, ui->m->last - ui->m->first + 1, is_of, &n);
	return n.seq;
}

void
act_open(struct ui *ui, const char *arg)
{
	struct look *l = &ui->m->look;
	uint64_t first, last, seq;

	(void)arg;
	pick_range(ui->m->pick, &first, &last);
	seq = l->request
	    ? l->request
	    : pick_seq(ui->m->pick, pick_sorted(ui->m->pick) ? first : last);
	if (l->pane == PANE_TRAFFIC || l->pane == PANE_TOP)
		return;
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
	if (l->find[0]) { /* take the highlight away first */
		l->find[0] = '\0';
		return;
	}
	if (l->screen != SCREEN_MAIN) {
		l->screen = SCREEN_MAIN;
		l->scroll = 0;
	} else if (l->zoom) {
		l->zoom = false;
	} else if (l->pane == PANE_TRAFFIC) {
		l->pane = PANE_REQUESTS;
	} else if (l->pane == PANE_TOP) {
		if (l->top_name[0] == '\0')
			l->pane = PANE_REQUESTS;
		l->top_name[0] = '\0';
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

	panes[PANE_REQUESTS].move(ui->m, by);
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
