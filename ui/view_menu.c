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

void
view_menu(const struct model *m, struct grid *g)
{
	const struct menu *menu = &m->menu;
	int w = menu_width(menu), h = (int)menu->n + 2, lines;
	unsigned first = 0;
	struct rect box;

	w = w > g->w ? g->w : w;
	h = h > g->h ? g->h : h;
	lines = h - 2;
	box = (struct rect){ (g->h - h) / 2, (g->w - w) / 2, h, w };
	view_box(g, box, menu->title);
	if (lines > 0 && menu->at >= (unsigned)lines)
		first = menu->at - (unsigned)lines + 1;
	for (int i = 0; i < lines && first + (unsigned)i < menu->n; i++)
		put_item(menu, g, box, box.y + 1 + i, first + (unsigned)i);
}
