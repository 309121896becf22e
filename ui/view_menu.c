/* A menu over the screen. */
#include "ui/glyph.h"
#include "ui/view.h"

static int
menu_width(const struct menu *m)
{
	int w = glyph_text_width(m->title) + 8;

	for (unsigned i = 0; i < m->n; i++) {
		int item = glyph_text_width(m->item[i].text) + 12;
		w = item > w ? item : w;
	}
	return w;
}

static void
put_item(
    const struct menu *m, struct grid *g, struct rect box, int y, unsigned at)
{
	const struct menu_item *item = &m->item[at];
	struct pen p = { g, y, box.x + 2, box.x + box.w - 2 };

	if (item->key)
		pen_put(&p, STYLE_KEY, "%c", (char)item->key);
	p.x = box.x + 4;
	if (m->ticks)
		pen_put(&p, STYLE_BOX, "[%c] ", item->ticked ? 'x' : ' ');
	pen_put(&p, STYLE_BOX, "%s", item->text);
	if (at == m->at)
		grid_choose(g, y, box.x + 1, box.w - 2);
}

/* Where it stands, and which item is the first in sight. */
static struct rect
place(const struct menu *menu, int screen_w, int screen_h, unsigned *first)
{
	int w = menu_width(menu), h = (int)menu->n + 2;

	w = w > screen_w ? screen_w : w;
	h = h > screen_h ? screen_h : h;
	*first = 0;
	if (h > 2 && menu->at >= (unsigned)(h - 2))
		*first = menu->at - (unsigned)(h - 2) + 1;
	return (struct rect){ (screen_h - h) / 2, (screen_w - w) / 2, h, w };
}

int
view_menu_at(const struct model *m, int w, int h, int y, int x)
{
	unsigned first;
	struct rect box = place(&m->menu, w, h, &first);
	int at = y - box.y - 1;

	if (x <= box.x || x >= box.x + box.w - 1 || at < 0 || at >= box.h - 2)
		return -1;
	at += (int)first;
	return at < (int)m->menu.n ? at : -1;
}

void
view_menu(const struct model *m, struct grid *g)
{
	const struct menu *menu = &m->menu;
	unsigned first;
	struct rect box = place(menu, g->w, g->h, &first);

	view_box(g, box, menu->title);
	for (int i = 0; i < box.h - 2 && first + (unsigned)i < menu->n; i++)
		put_item(menu, g, box, box.y + 1 + i, first + (unsigned)i);
}
