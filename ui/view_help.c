#include <inttypes.h>
#include <stdio.h>

#include "ui/keymap.h"
#include "ui/view.h"

static void
put_command(const struct model *m, struct pager *p, const struct command *c)
{
	static const struct keymap none;
	struct pen pen;
	char keys[KEYMAP_TEXT];

	keymap_names(m->keys ? m->keys : &none, c, keys);
	page_entry(p, &pen, STYLE_KEY, keys, c->help);
	if (p->r.w >= 100)
		(void)pen_right(&pen, "", STYLE_DIM, ":%s", c->name);
}

static void
put_states(struct pager *p)
{
	struct pen pen;

	page_heading(p, "States of a connection", "");
	for (int i = 0; i < CONN_STATE_N; i++)
		if (i != CONN_CLOSED)
			page_entry(p, &pen, STYLE_STRONG,
			    conn_state_rows[i].label, conn_state_rows[i].text);
}

static void
put_figures(struct pager *p)
{
	static const char *const row[][2] = {
		{ "latency",
		    "from a request's first byte to its answer's "
		    "last; half, 90 and 99 of 100 were faster" },
		{ "first, reused",
		    "requests that were the first on their "
		    "connection, and later ones (keep-alive)" },
		{ "workers", "share of the last second in which they worked" },
		{ "lost",
		    "events dropped because the recorder fell behind; "
		    "counters stay exact" },
		{ "---", "the connection ended before an answer was decided" },
		{ "THEN, T",
		    "keep or +: kept for another request; "
		    "close or x: closed" },
		{ "byte N", "bytes of a head and of a path count from 0" },
	};

	struct pen pen;

	page_heading(p, "Figures", "");
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		page_entry(p, &pen, STYLE_STRONG, row[i][0], row[i][1]);
}

/* Every status that was answered, which no line of figures has room for. */
static void
put_all_answers(struct pager *p, const struct model *m)
{
	struct pen pen;

	page_heading(p, "Answers so far", "");
	for (int i = 0; i < STATUS_N; i++) {
		uint64_t n = counter_get(&m->sum.status[i]);
		char code[8], text[80];

		if (n == 0)
			continue;
		(void)snprintf(code, sizeof code, "%d", status_rows[i].code);
		(void)snprintf(text, sizeof text, "%" PRIu64 "  %s", n,
		    status_rows[i].phrase);
		page_entry(p, &pen, STYLE_STRONG, code, text);
	}
}

int
view_help(const struct model *m, struct grid *g, struct rect r)
{
	struct pager p =
	    page_open(m, g, r, "Help", "j k scroll, Esc goes back");

	for (int group = 0; group < COMMAND_GROUPS; group++) {
		page_heading(&p, command_group_names[group], "");
		for (size_t i = 0; i < commands_n; i++)
			if (commands[i].group == (enum command_group)group)
				put_command(m, &p, &commands[i]);
	}
	put_states(&p);
	put_figures(&p);
	put_all_answers(&p, m);
	return p.line;
}
