/* Where what goes: view.h. */
#include "ui/view.h"

int
view_list_lines(struct rect pane)
{
	return pane.h > 2 ? pane.h - 2 : 0; /* heading and column titles */
}

/* Of the band above the lists. */
static int
band_lines(int h)
{
	return h >= 36 ? 7 : h >= 32 ? 6 : h >= 20 ? 5 : h >= 14 ? 3 : 1;
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

static struct rect
take_right(struct rect *rest, int w)
{
	struct rect r = *rest;

	r.x += rest->w - w;
	r.w = w;
	rest->w -= w;
	return r;
}

#define BOTH_W 180 /* from here on Top stands beside the lists */
#define ALL_H  28  /* lines for lists from which on it stands below them */

static bool
in_front(const struct look *look, enum pane pane)
{
	return look->pane == pane;
}

/* Connections above requests; the one in front alone when there is not room
 * for three rows each. */
static void
place_lists(struct layout *l, const struct look *look, struct rect rest)
{
	int top = rest.h * 2 / 5;

	if (l->recording) {
		l->pane[PANE_REQUESTS] = rest;
		return;
	}
	if (rest.h < 10) {
		l->pane[in_front(look, PANE_CONNECTIONS) ? PANE_CONNECTIONS
							 : PANE_REQUESTS] =
		    rest;
		return;
	}
	if (top < 5)
		top = 5;
	l->pane[PANE_CONNECTIONS] = take_top(&rest, top);
	l->pane[PANE_REQUESTS] = rest;
}

/* What stands below the band. */
static void
place_panes(struct layout *l, const struct look *look, struct rect rest)
{
	bool top = in_front(look, PANE_TOP);

	if (rest.w >= BOTH_W) {
		l->pane[PANE_TOP] = take_right(&rest, rest.w / 3 + 2);
		rest.w--; /* a blank between */
	} else if (rest.h >= ALL_H) {
		l->pane[PANE_TOP] =
		    take_bottom(&rest, top ? rest.h / 2 : rest.h / 4);
	} else if (top) {
		l->pane[PANE_TOP] = rest;
		return;
	}
	place_lists(l, look, rest);
}

/* Traffic in front has figures and charts that its band has no room for. */
static void
place_traffic(struct layout *l, const struct look *look, struct rect rest)
{
	int more = rest.h - VIEW_TRAFFIC_WHOLE;

	if (more < 8) {
		l->pane[PANE_TRAFFIC] = rest;
		return;
	}
	l->pane[PANE_TRAFFIC] = take_top(&rest, VIEW_TRAFFIC_WHOLE);
	place_panes(l, look, rest);
}

static void
place_main(struct layout *l, const struct look *look, struct rect rest, int h)
{
	if (in_front(look, PANE_TRAFFIC) && look->zoom) {
		l->pane[PANE_TRAFFIC] = rest;
		return;
	}
	if (in_front(look, PANE_TRAFFIC)) {
		place_traffic(l, look, rest);
		return;
	}
	if (!look->zoom || h >= 20)
		l->pane[PANE_TRAFFIC] =
		    take_top(&rest, look->zoom && h < 36 ? 3 : band_lines(h));
	if (look->zoom)
		l->pane[look->pane] = rest;
	else
		place_panes(l, look, rest);
}

void
layout_make(struct layout *l, const struct model *m, int w, int h)
{
	struct rect rest = { 0, 0, h, w };
	int banner = view_banner_lines(m);

	*l = (struct layout){ .recording = m->status.state == LIFE_RECORDING };
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
	if (m->prompt.kind != PROMPT_NONE)
		l->prompt = take_bottom(&rest, view_prompt_lines(m, w));
	l->toasts =
	    take_bottom(&rest, view_toast_lines(m, w, h < 20 ? 5 : h / 2));
	if (m->look.screen != SCREEN_MAIN)
		l->page = rest;
	else
		place_main(l, &m->look, rest, h);
}

unsigned
layout_panes(const struct layout *l)
{
	unsigned shown = 0;

	for (int i = 0; i < PANE_N; i++)
		if (l->pane[i].h > 0)
			shown |= 1u << i;
	return shown;
}
