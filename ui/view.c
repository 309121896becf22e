/* The order in which views are laid over each other. */
#include "ui/view.h"

#include "ui/match.h"
#include "ui/pane.h"

int
view_page(
    const struct model *m, struct grid *g, struct rect r, int sight, int *title)
{
	*title = m->look.screen == SCREEN_DETAIL ? 2 : 1;
	switch (m->look.screen) {
	case SCREEN_DETAIL:
		return view_detail(m, g, r);
	case SCREEN_CONN:
		return view_conn(m, g, r, sight);
	case SCREEN_REPLAY:
		return view_replay(m, g, r);
	case SCREEN_STATS:
		return view_stats(m, g, r);
	default:
		return view_help(m, g, r);
	}
}

static void
draw_page(const struct model *m, struct grid *g, struct rect r, struct drawn *d)
{
	int title, lines = view_page(m, g, r, r.h, &title);
	int shown = r.h - title;

	if (m->look.screen == SCREEN_CONN)
		lines = shown = r.h / 2; /* its list moves, not the page */
	d->scroll_max = lines > shown ? lines - shown : 0;
	d->page = shown;
}

static void
draw_main(const struct model *m, struct grid *g, const struct layout *l,
    struct drawn *d)
{
	for (int i = 0; i < PANE_N; i++)
		if (l->pane[i].h > 0)
			panes[i].draw(m, g, l->pane[i]);
	d->page = view_list_lines(l->pane[m->look.pane]);
}

/* The rows of a list, without its titles. */
static struct rect
panes_rect(const struct layout *l, enum pane pane)
{
	struct rect r = l->pane[pane];

	r.y += 2;
	r.h = view_list_lines(r);
	return r;
}

struct drawn
view_draw(const struct model *m, struct grid *g)
{
	struct drawn d = { 0, 1 };
	struct layout l;

	layout_make(&l, m, g->w, g->h);
	if (l.tiny) {
		view_tiny(m, g, l.title);
		return d;
	}
	view_title(m, g, l.title);
	view_banner(m, g, l.banner);
	if (l.page.h)
		draw_page(m, g, l.page, &d);
	else
		draw_main(m, g, &l, &d);
	if (m->look.find[0])
		match_show(g, l.page.h ? l.page : panes_rect(&l, m->look.pane),
		    m->look.find);
	if (l.prompt.h)
		view_prompt(m, g, l.prompt);
	view_toasts(m, g, l.toasts);
	view_footer(m, g, l.footer);
	if (m->look.qr)
		view_qr(m, g);
	if (m->menu.kind != MENU_NONE)
		view_menu(m, g);
	if (m->dialog.kind != DIALOG_NONE)
		view_dialog(m, g);
	return d;
}
