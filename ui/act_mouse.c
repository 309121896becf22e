/* The mouse: what it was pressed on. */
#include <string.h>

#include "ui/command.h"
#include "ui/pane.h"
#include "ui/requests.h"
#include "ui/ui.h"
#include "ui/view.h"

#define WHEEL 3 /* rows for a notch */

static bool
inside(struct rect r, int y, int x)
{
	return y >= r.y && y < r.y + r.h && x >= r.x && x < r.x + r.w;
}

/* The pane at a place, PANE_N for none. */
static enum pane
pane_at(const struct layout *l, int y, int x)
{
	for (int i = 0; i < PANE_N; i++)
		if (inside(l->pane[i], y, x))
			return (enum pane)i;
	return PANE_N;
}

static void
press(struct ui *ui, const char *name)
{
	command_press(command_of_name(name, strlen(name)), ui);
}

/* Sort by the column whose title is there; once more: the other way round. */
static void
press_title(struct ui *ui, enum pane pane, struct rect r, int x)
{
	struct column c[COLUMNS_MAX];
	int width[COLUMNS_MAX];
	int at = r.x + (pane == PANE_REQUESTS ? request_signs(ui->m) : 1);
	struct list_look *list = &ui->m->look.list[pane];

	panes[pane].fit(ui->m, r.w, c, width);
	for (int i = 0; i < panes[pane].columns_n; i++) {
		if (width[i] < 0)
			continue;
		if (x >= at && x < at + width[i] && c[i].name) {
			if (list->sort == i)
				act_reverse(ui, "");
			else
				act_sort(ui, c[i].name);
			return;
		}
		at += width[i] + 1;
	}
}

/* Choose the row; the chosen one is opened. */
static void
press_row(struct ui *ui, enum pane pane, unsigned row)
{
	struct model *m = ui->m;
	struct look *l = &m->look;
	uint64_t conn = l->conn, request = l->request;

	if (pane == PANE_REQUESTS && row < m->window_n) {
		l->request = m->window[row].entry.seq;
		l->follow = false;
		if (l->request == request)
			press(ui, "open");
	}
	if (pane == PANE_CONNECTIONS && row < m->sight_n) {
		l->conn_at = l->conn_top + row;
		l->conn = m->sight[row].conn;
		if (l->conn == conn)
			press(ui, "open");
	}
}

/* A table of Top: it comes to the front. */
static void
press_top(struct ui *ui, struct rect r, const struct term_mouse *at)
{
	struct model *m = ui->m;
	struct look *l = &m->look;
	struct top_place place;
	struct grid g;
	bool there;

	if (!grid_init(&g, l->page_w, l->page_h, false))
		return;
	there = view_top_at(m, &g, r, at->y, at->x, &place);
	grid_free(&g);
	if (!there)
		return;
	if (l->top_kind != place.kind)
		l->top_name[0] = '\0';
	l->top_kind = place.kind;
	if (place.tab)
		return;
	if (place.line < 0) {
		press_title(ui, PANE_TOP, r, at->x - place.x + r.x);
	} else if ((unsigned)place.line < m->top_n[place.kind]) {
		panes[PANE_TOP].move(m, -TOP_KEPT);
		panes[PANE_TOP].move(m, place.line);
	}
}

static void
press_pane(struct ui *ui, const struct layout *l, const struct term_mouse *at)
{
	enum pane pane = pane_at(l, at->y, at->x);
	struct rect r;

	if (pane == PANE_N || panes[pane].move == NULL)
		return;
	r = l->pane[pane];
	if (ui->m->look.pane != pane)
		act_view(ui, panes[pane].name);
	if (pane == PANE_TOP)
		press_top(ui, r, at);
	else if (at->y == r.y + 1)
		press_title(ui, pane, r, at->x);
	else if (at->y > r.y + 1)
		press_row(ui, pane, (unsigned)(at->y - r.y - 2));
}

static void
wheel(struct ui *ui, const struct layout *l, const struct term_mouse *at)
{
	struct look *look = &ui->m->look;
	enum pane pane = pane_at(l, at->y, at->x);
	const char *way = at->button == TERM_WHEEL_UP ? "up" : "down";

	if (look->screen == SCREEN_MAIN && pane != PANE_N && panes[pane].move &&
	    pane != look->pane)
		act_view(ui, panes[pane].name);
	for (int i = 0; i < WHEEL; i++)
		press(ui, way);
}

static void
press_footer(struct ui *ui, const struct layout *l, const struct term_mouse *at)
{
	const struct command *c;
	struct grid g;

	if (!grid_init(&g, ui->m->look.page_w, ui->m->look.page_h, false))
		return;
	c = view_footer_at(ui->m, &g, l->footer, at->x);
	grid_free(&g);
	if (c)
		command_press(c, ui);
}

static void
press_menu(struct ui *ui, const struct term_mouse *at)
{
	const struct look *l = &ui->m->look;
	int item = view_menu_at(ui->m, l->page_w, l->page_h, at->y, at->x);

	if (item < 0) {
		ui_menu_key(ui, TERM_KEY_ESCAPE);
		return;
	}
	ui->m->menu.at = (unsigned)item;
	ui_menu_key(ui, ' ');
}

void
ui_mouse(struct ui *ui, const struct term_mouse *at)
{
	struct model *m = ui->m;
	struct layout l;

	/* What is asked must be answered by a key. */
	if (m->dialog.kind != DIALOG_NONE || m->prompt.kind != PROMPT_NONE)
		return;
	if (m->look.qr) {
		m->look.qr = false;
		return;
	}
	layout_make(&l, m, m->look.page_w, m->look.page_h);
	if (m->menu.kind != MENU_NONE) {
		if (at->button == TERM_LEFT)
			press_menu(ui, at);
	} else if (at->button != TERM_LEFT) {
		wheel(ui, &l, at);
	} else if (inside(l.footer, at->y, at->x)) {
		press_footer(ui, &l, at);
	} else if (m->look.screen == SCREEN_MAIN) {
		press_pane(ui, &l, at);
	}
}

void
act_mouse(struct ui *ui, const char *arg)
{
	struct look *l = &ui->m->look;

	(void)arg;
	l->no_mouse = !l->no_mouse;
	model_say(ui->m, NOTICE_INFO,
	    l->no_mouse ? "mouse off: the terminal selects text; M: on again"
			: "mouse on; M switches it off");
}
