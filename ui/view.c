/* Layout, and the order in which views are laid over each other. */
#include "ui/view.h"

int
view_list_lines(struct rect pane)
{
	return pane.h > 2 ? pane.h - 2 : 0; /* heading and column titles */
}

static int
traffic_lines(int h)
{
	return h >= 32 ? 6 : h >= 20 ? 5 : h >= 14 ? 3 : 1;
}

static struct rect
take_top(struct rect *rest, int h)
{
	struct rect r = *rest;

	if (h > rest->h)
		h = rest->h;
	r.h = h;
	rest->y += h;
	rest->h -= h;
	return r;
}

static struct rect
take_bottom(struct rect *rest, int h)
{
	struct rect r = *rest;

	if (h > rest->h)
		h = rest->h;
	r.h = h;
	r.y = rest->y + rest->h - h;
	rest->h -= h;
	return r;
}

/* Both panes when each gets three rows, else the one in front. */
static void
split_panes(struct layout *l, const struct look *look, struct rect rest)
{
	int top = rest.h * 2 / 5;

	if (look->zoom || rest.h < 10) {
		l->pane[look->pane] = rest;
		return;
	}
	if (top < 5)
		top = 5;
	l->pane[PANE_CONNECTIONS] = take_top(&rest, top);
	l->pane[PANE_REQUESTS] = rest;
}

void
layout_make(struct layout *l, const struct model *m, int w, int h)
{
	struct rect rest = { 0, 0, h, w };
	int banner = view_banner_lines(m);

	*l = (struct layout){ 0 };
	if (w < VIEW_LEAST_W || h < VIEW_LEAST_H) {
		l->tiny = true;
		l->title = take_top(&rest, 1);
		return;
	}
	if (banner > 1 && h < 20)
		banner = 1;
	l->title = take_top(&rest, 1);
	l->banner = take_top(&rest, banner);
	l->footer = take_bottom(&rest, 1);
	l->toasts =
	    take_bottom(&rest, view_toast_lines(m, w, h < 20 ? 5 : h / 2));
	if (m->prompt.kind != PROMPT_NONE)
		l->prompt = take_bottom(&rest, view_prompt_lines(m, w));
	if (m->look.screen != SCREEN_MAIN) {
		l->page = rest;
		return;
	}
	if (!m->look.zoom || h >= 20)
		l->traffic = take_top(&rest, traffic_lines(h));
	split_panes(l, &m->look, rest);
}

static void
draw_page(const struct model *m, struct grid *g, struct rect r, struct drawn *d)
{
	int lines, shown;

	if (m->look.screen == SCREEN_DETAIL) {
		lines = view_detail(m, g, r);
		shown = r.h - 2;
	} else {
		lines = view_help(m, g, r);
		shown = r.h - 1;
	}
	d->scroll_max = lines > shown ? lines - shown : 0;
	d->page = shown;
}

static void
draw_main(const struct model *m, struct grid *g, const struct layout *l,
    struct drawn *d)
{
	if (l->traffic.h)
		view_traffic(m, g, l->traffic);
	if (l->pane[PANE_CONNECTIONS].h)
		view_connections(m, g, l->pane[PANE_CONNECTIONS]);
	if (l->pane[PANE_REQUESTS].h)
		view_requests(m, g, l->pane[PANE_REQUESTS]);
	d->page = view_list_lines(l->pane[m->look.pane]);
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
	if (l.prompt.h)
		view_prompt(m, g, l.prompt);
	view_toasts(m, g, l.toasts);
	view_footer(m, g, l.footer);
	if (m->dialog.kind != DIALOG_NONE)
		view_dialog(m, g);
	return d;
}
