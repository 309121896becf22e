#include "ui/state.h"

#include <stdio.h>
#include <string.h>

#include "ui/filtering.h"
#include "ui/pane.h"
#include "ui/theme.h"

static int
column_of(const struct pane_row *p, const char *name)
{
	for (int i = 0; i < p->columns_n; i++)
		if (p->columns[i].name && strcmp(p->columns[i].name, name) == 0)
			return i;
	return -1;
}

static void
put_list(struct buf *b, const struct pane_row *p, const struct list_look *list)
{
	if (p->columns_n == 0)
		return;
	if (list->sort >= 0)
		buf_printf(b, "sort %s %s%s\n", p->name,
		    p->columns[list->sort].name,
		    list->reverse ? " reverse" : "");
	/* not what is usual, or the configuration's */
	if (!list->chosen)
		return;
	buf_printf(b, "columns %s", p->name);
	for (int i = 0; i < p->columns_n; i++)
		if (p->columns[i].name && !(list->chosen_hidden >> i & 1))
			buf_printf(b, " %s", p->columns[i].name);
	buf_puts(b, "\n");
}

void
state_put(const struct model *m, struct buf *b)
{
	for (int i = 0; i < PANE_N; i++)
		put_list(b, &panes[i], &m->look.list[i]);
	if (m->filter_text[0])
		buf_printf(b, "filter %s\n", m->filter_text);
	buf_printf(b, "theme %s\n", themes[m->look.theme].name);
	if (m->look.no_mouse)
		buf_puts(b, "mouse off\n");
}

/* The list that the first word names, which is taken; NULL for none. */
static struct list_look *
take_list(struct model *m, char **rest, const struct pane_row **p)
{
	const char *name = strtok_r(NULL, " ", rest);

	for (int i = 0; name && i < PANE_N; i++)
		if (strcmp(panes[i].name, name) == 0 && panes[i].columns_n) {
			*p = &panes[i];
			return &m->look.list[i];
		}
	return NULL;
}

static void
take_sort(struct model *m, char **rest)
{
	const struct pane_row *p;
	struct list_look *list = take_list(m, rest, &p);
	const char *name = strtok_r(NULL, " ", rest), *turn;
	int column = list && name ? column_of(p, name) : -1;

	if (column < 0)
		return;
	turn = strtok_r(NULL, " ", rest);
	list->sort = column;
	list->reverse = turn && strcmp(turn, "reverse") == 0;
}

/* Columns that are not named are put away; one at least must be. */
static void
take_columns(struct model *m, char **rest)
{
	const struct pane_row *p;
	struct list_look *list = take_list(m, rest, &p);
	uint32_t shown = 0;
	const char *name;

	if (list == NULL)
		return;
	while ((name = strtok_r(NULL, " ", rest)) != NULL) {
		int column = column_of(p, name);
		if (column >= 0)
			shown |= 1u << column;
	}
	if (shown == 0)
		return;
	list->chosen = true;
	list->chosen_hidden = ~shown & ((1u << p->columns_n) - 1);
	if (!m->columns_given || list != &m->look.list[PANE_REQUESTS])
		list->hidden = list->chosen_hidden;
}

static void
take_line(struct model *m, char *line)
{
	char *rest;
	const char *word = strtok_r(line, " ", &rest);
	struct filter_error err;

	if (word == NULL)
		return;
	if (strcmp(word, "sort") == 0)
		take_sort(m, &rest);
	else if (strcmp(word, "columns") == 0)
		take_columns(m, &rest);
	else if (strcmp(word, "filter") == 0 && strlen(rest) <= FILTER_TEXT)
		(void)filtering_set(m, rest, &err);
	else if (strcmp(word, "theme") == 0)
		(void)theme_find(rest, &m->look.theme);
	else if (strcmp(word, "mouse") == 0)
		m->look.no_mouse = strcmp(rest, "off") == 0;
}

void
state_take(struct model *m, char *text)
{
	char *rest;

	for (char *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		take_line(m, line);
	model_pick(m);
}
