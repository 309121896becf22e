#include "ui/menu.h"

#include <stdio.h>

#include "ui/term.h"

void
menu_open(struct menu *m, enum menu_kind kind, const char *title)
{
	*m = (struct menu){ .kind = kind };
	(void)snprintf(m->title, sizeof m->title, "%s", title);
}

void
menu_add(struct menu *m, uint32_t key, int value, const char *text)
{
	struct menu_item *item = &m->item[m->n];

	if (m->n == MENU_MOST)
		return;
	m->n++;
	item->key = key;
	item->value = value;
	(void)snprintf(item->text, sizeof item->text, "%s", text);
}

static enum menu_result
leave(struct menu *m, enum menu_result r)
{
	m->kind = MENU_NONE;
	return r;
}

static enum menu_result
tick(struct menu *m)
{
	m->item[m->at].ticked = !m->item[m->at].ticked;
	return MENU_TICKED;
}

enum menu_result
menu_key(struct menu *m, uint32_t key)
{
	switch (key) {
	case TERM_KEY_ESCAPE:
	case TERM_KEY_CTRL_C:
	case 'q':
		return leave(m, MENU_CLOSED);
	case TERM_KEY_ENTER:
		return leave(m, m->ticks ? MENU_CLOSED : MENU_CHOSEN);
	case ' ':
		return m->ticks ? tick(m) : leave(m, MENU_CHOSEN);
	case TERM_KEY_UP:
	case 'k':
	case TERM_KEY_BACK_TAB:
		m->at = m->at ? m->at - 1 : m->n - 1;
		return MENU_STAYS;
	case TERM_KEY_DOWN:
	case 'j':
	case TERM_KEY_TAB:
		m->at = m->at + 1 < m->n ? m->at + 1 : 0;
		return MENU_STAYS;
	case TERM_KEY_HOME:
		m->at = 0;
		return MENU_STAYS;
	case TERM_KEY_END:
		m->at = m->n - 1;
		return MENU_STAYS;
	default:
		break;
	}
	for (unsigned i = 0; key && i < m->n; i++)
		if (m->item[i].key == key) {
			m->at = i;
			return m->ticks ? tick(m) : leave(m, MENU_CHOSEN);
		}
	return MENU_STAYS;
}
