/* Commands about lists: their order, their columns, marks. */
#include <stdio.h>
#include <string.h>

#include "ui/pane.h"
#include "ui/ui.h"

/* Keys of a menu's items: none that moves or closes. */
static const char item_keys[] = "123456789abcdefghilmnop";

static struct list_look *
list_in_front(struct ui *ui)
{
	return &ui->m->look.list[ui->m->look.pane];
}

static void
list_changed(struct ui *ui)
{
	if (ui->m->look.pane == PANE_REQUESTS)
		model_pick(ui->m);
}

/* The column of that name in the list in front, -1 for none. */
static int
column_of(const struct ui *ui, const char *name)
{
	const struct pane_row *p = &panes[ui->m->look.pane];

	for (int i = 0; i < p->columns_n; i++)
		if (p->columns[i].name && strcmp(p->columns[i].name, name) == 0)
			return i;
	return -1;
}

static bool
has_columns(struct ui *ui)
{
	if (panes[ui->m->look.pane].columns_n > 0)
		return true;
	ui_means_nothing(ui, "a column", "in a list: 2, 3 or 4");
	return false;
}

/* All columns with a name; `none` before them, if it is one. */
static void
open_columns(struct ui *ui, enum menu_kind kind, const char *none)
{
	const struct pane_row *p = &panes[ui->m->look.pane];
	const struct list_look *list = list_in_front(ui);
	struct menu *menu = &ui->m->menu;
	char title[MENU_TEXT];

	(void)snprintf(title, sizeof title, "%s: %s",
	    kind == MENU_SORT ? "Sort by" : "Columns", p->name);
	menu_open(menu, kind, title);
	menu->ticks = kind == MENU_COLUMNS;
	if (none)
		menu_add(menu, '0', -1, none);
	for (int i = 0; i < p->columns_n; i++) {
		if (p->columns[i].name == NULL)
			continue;
		menu_add(menu, (unsigned char)item_keys[menu->n - !!none], i,
		    p->columns[i].name);
		menu->item[menu->n - 1].ticked =
		    kind == MENU_COLUMNS && !(list->hidden >> i & 1);
		if (kind == MENU_SORT && list->sort == i)
			menu->at = menu->n - 1;
	}
}

/* A name that was given and is none: which there are, the menu shows. */
static void
say_no_column(struct ui *ui, const char *name)
{
	char text[128];

	if (*name == '\0')
		return;
	(void)snprintf(text, sizeof text,
	    "no column of %s is named %.40s: choose one",
	    panes[ui->m->look.pane].name, name);
	model_say(ui->m, NOTICE_INFO, text);
}

static void
sort_by(struct ui *ui, int column)
{
	struct list_look *list = list_in_front(ui);

	list->sort = column;
	list->reverse = false;
	list_changed(ui);
}

void
act_sort(struct ui *ui, const char *arg)
{
	int column = column_of(ui, arg);

	if (!has_columns(ui))
		return;
	if (column >= 0)
		sort_by(ui, column);
	else if (strcmp(arg, "none") == 0)
		sort_by(ui, -1);
	else {
		say_no_column(ui, arg);
		open_columns(ui, MENU_SORT, "as they come");
	}
}

void
act_reverse(struct ui *ui, const char *arg)
{
	struct list_look *list = list_in_front(ui);

	(void)arg;
	if (!has_columns(ui))
		return;
	if (list->sort < 0) /* by what the list's own order goes by */
		list->sort = 0;
	list->reverse = !list->reverse;
	list_changed(ui);
}

/* The last one that is left stays. */
static void
switch_column(struct ui *ui, int column)
{
	const struct pane_row *p = &panes[ui->m->look.pane];
	struct list_look *list = list_in_front(ui);
	uint32_t hidden = list->hidden ^ 1u << column;

	if (hidden == (1u << p->columns_n) - 1) {
		model_say(ui->m, NOTICE_INFO, "one column must stay");
		return;
	}
	list->hidden = list->chosen_hidden = hidden;
	list->chosen = true;
}

void
act_columns(struct ui *ui, const char *arg)
{
	int column = column_of(ui, arg);

	if (!has_columns(ui))
		return;
	if (column >= 0)
		switch_column(ui, column);
	else {
		say_no_column(ui, arg);
		open_columns(ui, MENU_COLUMNS, NULL);
	}
}

void
ui_menu_key(struct ui *ui, uint32_t key)
{
	struct menu *menu = &ui->m->menu;
	enum menu_kind kind = menu->kind;
	enum menu_result r = menu_key(menu, key);
	struct menu_item *item = &menu->item[menu->at];

	if (r == MENU_CHOSEN && kind == MENU_SORT)
		sort_by(ui, item->value);
	if (r == MENU_CHOSEN && kind == MENU_COPY)
		ui_copy(ui, item->value);
	if (r == MENU_CHOSEN && kind == MENU_EXPORT)
		ui_export_chosen(ui, item->value);
	if (r == MENU_TICKED) {
		switch_column(ui, item->value);
		item->ticked = !(list_in_front(ui)->hidden >> item->value & 1);
	}
}

void
act_mark(struct ui *ui, const char *arg)
{
	struct model *m = ui->m;
	bool detail = m->look.screen == SCREEN_DETAIL;

	(void)arg;
	if (m->look.pane != PANE_REQUESTS && !detail) {
		ui_means_nothing(ui, "m (mark)", "in the requests: 3");
		return;
	}
	if (m->look.request == 0) {
		panes[PANE_REQUESTS].move(m, 1);
		if (m->look.request == 0)
			return;
	}
	if (!marks_toggle(&m->marks, m->look.request))
		model_say(m, NOTICE_WARN, "4096 are marked: no more");
	else if (!detail)
		panes[PANE_REQUESTS].move(m, 1);
	if (m->filter && filter_needs(m->filter) & FILTER_MARK)
		model_pick(m);
}

void
act_unmark(struct ui *ui, const char *arg)
{
	struct model *m = ui->m;
	char text[64] = "nothing is marked: m marks";

	(void)arg;
	if (m->marks.n)
		(void)snprintf(text, sizeof text, "%u mark%s taken away",
		    m->marks.n, m->marks.n == 1 ? "" : "s");
	marks_clear(&m->marks);
	model_say(m, NOTICE_INFO, text);
	if (m->filter && filter_needs(m->filter) & FILTER_MARK)
		model_pick(m);
}
