#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ui/filter.h"
#include "ui/keymap.h"
#include "ui/pane.h"
#include "ui/view.h"

/* A label and what it means. */
struct entry {
	const char *label;
	const char *text;
};

static void
put_entries(struct pager *p, const struct entry *e, size_t n)
{
	struct pen pen;

	for (size_t i = 0; i < n; i++)
		page_entry(p, &pen, STYLE_STRONG, e[i].label, e[i].text);
}

#define NAME_W 16 /* of a command, from 72 columns on */

/* Its keys, the name that is typed behind ':', and what it does. */
static void
put_command(const struct model *m, struct pager *p, const struct command *c)
{
	static const struct keymap none;
	struct pen pen;
	char keys[KEYMAP_TEXT], text[256];
	int w = p->r.w >= 72 ? NAME_W - 1 : 0;

	keymap_names(m->keys ? m->keys : &none, c, keys);
	(void)snprintf(text, sizeof text, ":%-*s  %s", w, c->name, c->help);
	page_entry(p, &pen, STYLE_KEY, keys, text);
}

static void
put_commands(const struct model *m, struct pager *p)
{
	for (int group = 0; group < COMMAND_GROUPS; group++) {
		page_heading(p, command_group_names[group], "");
		for (size_t i = 0; i < commands_n; i++)
			if (commands[i].group == (enum command_group)group)
				put_command(m, p, &commands[i]);
	}
}

/* Keys that were given to a whole line. */
static void
put_lines(const struct model *m, struct pager *p)
{
	bool first = true;
	struct pen pen;

	for (unsigned i = 0; m->keys && i < m->keys->n; i++) {
		char text[KEYMAP_ARG + 32];

		if (m->keys->at[i].arg[0] == '\0')
			continue;
		if (first)
			page_heading(p, "Of the configuration", "");
		first = false;
		(void)snprintf(text, sizeof text, ":%s %s",
		    m->keys->at[i].command->name, m->keys->at[i].arg);
		page_entry(p, &pen, STYLE_KEY, m->keys->at[i].name, text);
	}
}

static void
put_mouse(struct pager *p)
{
	static const struct entry row[] = {
		{ "click", "chooses a row; on the chosen one: opens it" },
		{ "on a title", "sorts by that column; again: the other way" },
		{ "on a kind of Top", "shows its table" },
		{ "on a key below", "as if it were pressed" },
		{ "wheel", "moves the choice, or scrolls the page" },
		{ "M", "mouse off: the terminal selects text" },
	};

	page_heading(p, "Mouse", "");
	put_entries(p, row, sizeof row / sizeof *row);
}

/* What follows "key needs " is what stands behind the key. */
static void
put_keys_of_filter(struct pager *p)
{
	struct pen pen;
	const char *key, *help;

	for (unsigned i = 0; (key = filter_key(i, &help)) != NULL; i++) {
		size_t n = strlen(key);

		if (strncmp(help, key, n) == 0 && help[n] == ' ')
			help += n + 1;
		if (strncmp(help, "needs ", 6) == 0)
			help += 6;
		page_entry(p, &pen, STYLE_KEY, key, help);
	}
}

static void
put_filter(struct pager *p)
{
	static const struct entry row[] = {
		{ "status>=400", "a key, an operator and a value, no blanks" },
		{ "x y", "both" },
		{ "x | y", "either; (x | y) z binds it" },
		{ "!x", "not" },
		{ "word, \"a b\"", "the path or query contains it" },
		{ "path~^/docs/", "a regular expression (as Perl's)" },
	};
	struct pen pen;
	const char *help;

	page_heading(p, "Filter, behind f and :notify", "");
	put_entries(p, row, sizeof row / sizeof *row);
	for (unsigned i = 0; filter_sign(i, &help) != NULL; i++)
		page_entry(p, &pen, STYLE_KEY, filter_sign(i, NULL), help);
	put_keys_of_filter(p);
}

static const char *const conn_means[CONN_COL_N] = {
	[CONN_COL_ID] = "its number; #41 and conn:41 elsewhere",
	[CONN_COL_CLIENT] = "address and port of the client",
	[CONN_COL_STATE] = "see below",
	[CONN_COL_PROGRESS] = "how much of the answer the client has, and the "
			      "seconds that the rest will take; or how long "
			      "it may stay in its state",
	[CONN_COL_REQUESTS] = "requests on it so far",
	[CONN_COL_OUT] = "bytes sent on it",
	[CONN_COL_RTT] = "round-trip time: to the client and back, as the "
			 "kernel measured it",
	[CONN_COL_RETRANSMITS] = "retransmissions: segments sent again, as "
				 "the way lost them",
	[CONN_COL_CWND] = "congestion window: segments that may be on their "
			  "way at once",
	[CONN_COL_RATE] = "bytes a second that lately arrived there",
	[CONN_COL_AGE] = "how long it has been open",
	[CONN_COL_TARGET] = "what it asked for last",
};

static const char *const request_means[REQUEST_COL_N] = {
	[REQUEST_COL_TIME] = "when it began",
	[REQUEST_COL_CONN] = "the number of its connection",
	[REQUEST_COL_CLIENT] = "address of the client",
	[REQUEST_COL_METHOD] = "what was asked: GET, HEAD, ...",
	[REQUEST_COL_STATUS] = "status code of the answer; ---: the connection "
			       "ended before one was decided",
	[REQUEST_COL_SIZE] = "bytes of content sent",
	[REQUEST_COL_IN] = "bytes received for it",
	[REQUEST_COL_TOOK] = "from its first byte to its answer's last",
	[REQUEST_COL_FIRST] = "from its first byte to its answer's first",
	[REQUEST_COL_END] = "T or THEN: keep or +: kept for another request; "
			    "close or x: closed",
	[REQUEST_COL_TARGET] = "path and query that were asked for",
	[REQUEST_COL_WHY] = "the reason for the answer",
	[REQUEST_COL_AGENT] = "the program that asked",
	[REQUEST_COL_WATERFALL] = "when each row in sight began, and how long "
				  "it took; < and > at an edge: it began "
				  "before, or went on behind it, far from "
				  "all others",
};

static const char *const top_means[TOP_NAMES + 1] = {
	[TOP_HITS] = "how often it came; <41: at most so often, as it shares "
		     "its counter with what was rarer (256 of a kind are "
		     "counted)",
	[TOP_BYTES] = "bytes of its answers",
	[TOP_P99] = "99 of 100 that the history took were over sooner",
	[TOP_ERRORS] = "statuses from 400 on, and requests without an answer",
};

static void
put_columns(struct pager *p, enum pane pane, const char *const *means)
{
	const struct pane_row *row = &panes[pane];
	struct pen pen;
	char title[48];

	(void)snprintf(title, sizeof title, "Columns of %s", row->name);
	page_heading(p, title, "");
	for (int i = 0; i < row->columns_n; i++)
		if (means[i])
			page_entry(p, &pen, STYLE_STRONG, row->columns[i].title,
			    means[i]);
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
	static const struct entry row[] = {
		{ "charts",
		    "a column is a second, the highest in sight fills it; "
		    "what is not nothing is two eighths of a line at least, so "
		    "that one request is seen beside thousands, and the "
		    "heights are in proportion from there on" },
		{ "latency",
		    "from a request's last byte to its answer's first, and "
		    "what "
		    "it lay in the worker: the server's own time; half, 90 and "
		    "99 of 100 were faster" },
		{ "time, took",
		    "from a request's first byte to its answer's last, which "
		    "the client may draw out" },
		{ "none, without an answer",
		    "requests that ended before there was one: the client left "
		    "within its head, or the server was made to end" },
		{ "first, reused",
		    "requests that were the first on their connection, and "
		    "later ones (keep-alive)" },
		{ "workers", "share of the last second in which they worked" },
		{ "queue",
		    "clients that wait to be accepted, of how many can; in a "
		    "request's detail: how long it waited for its worker" },
		{ "fds",
		    "file descriptors in use, of how many this program may "
		    "have: one for each connection and file" },
		{ "lost",
		    "events dropped because the recorder fell behind; "
		    "counters stay exact" },
		{ "byte N", "bytes of a head and of a path count from 0" },
	};

	page_heading(p, "Figures", "");
	put_entries(p, row, sizeof row / sizeof *row);
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
	    page_open(m, g, r, "Help", "j k scroll, / finds, Esc goes back");

	put_commands(m, &p);
	put_lines(m, &p);
	put_mouse(&p);
	put_filter(&p);
	put_columns(&p, PANE_CONNECTIONS, conn_means);
	put_states(&p);
	put_columns(&p, PANE_REQUESTS, request_means);
	put_columns(&p, PANE_TOP, top_means);
	put_figures(&p);
	put_all_answers(&p, m);
	return p.line;
}
