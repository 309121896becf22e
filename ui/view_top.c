#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "ui/pane.h"

#define TABLE_W 58 /* least columns of one of several tables */
#define TABLE_H 9  /* least lines */

const struct column top_columns[TOP_NAMES + 1] = {
	[TOP_HITS] = { "HITS", 7, 0, 0, 0, true, "hits", false },
	[TOP_BYTES] = { "OUT", 6, 0, 0, 2, true, "out", false },
	[TOP_P99] = { "P99", 6, 0, 0, 3, true, "p99", false },
	[TOP_ERRORS] = { "ERRORS", 6, 0, 0, 1, true, "errors", false },
	[TOP_NAMES] = { "NAME", 14, 1, 0, 0, false, "name", true },
};

static const struct {
	const char *title;
	const char *column;
} kinds[TOP_KINDS] = {
#define X(id, title, column, key) [TOP_##id] = { (title), (column) },
	TOP_TABLE(X)
#undef X
};

static void
put_row(struct pen *p, const int *width, const struct top_line *l)
{
	char text[40];

	/* what was rare for long may have been counted too high */
	(void)snprintf(
	    text, sizeof text, "%s%" PRIu64, l->over ? "<" : "", l->hits);
	column_put(
	    p, &top_columns[TOP_HITS], width[TOP_HITS], STYLE_STRONG, text);
	num_human(text, l->bytes);
	column_put(
	    p, &top_columns[TOP_BYTES], width[TOP_BYTES], STYLE_PLAIN, text);
	figure_duration(text, l->p99);
	column_put(p, &top_columns[TOP_P99], width[TOP_P99], STYLE_PLAIN, text);
	(void)snprintf(text, sizeof text, "%" PRIu64, l->errors);
	column_put(p, &top_columns[TOP_ERRORS], width[TOP_ERRORS],
	    l->errors ? STYLE_CLIENT : STYLE_DIM, text);
	column_put(
	    p, &top_columns[TOP_NAMES], width[TOP_NAMES], STYLE_PLAIN, l->name);
}

/* From the first on, or so that the chosen one is in sight. */
static unsigned
first_line(const struct look *l, int lines)
{
	if (l->top_name[0] == '\0' || l->top_at < (unsigned)lines)
		return 0;
	return l->top_at - (unsigned)lines + 1;
}

static void
put_titles(const struct model *m, struct grid *g, struct rect r,
    enum top_kind kind, const int *width)
{
	struct column c[TOP_NAMES + 1];
	const struct list_look *list = &m->look.list[PANE_TOP];
	int sort = list->sort < 0 ? TOP_HITS : list->sort;

	memcpy(c, top_columns, sizeof c);
	c[TOP_NAMES].title = kinds[kind].column;
	columns_head(g, (struct rect){ r.y, r.x + 1, 1, r.w - 1 }, c,
	    TOP_NAMES + 1, width,
	    (struct sorted){ sort, c[sort].rising != list->reverse });
}

void
top_fit(const struct model *m, int w, struct column *c, int *width)
{
	int across = w / TABLE_W < 1 ? 1 : w / TABLE_W;

	if (across > TOP_KINDS)
		across = TOP_KINDS;
	memcpy(c, top_columns, sizeof top_columns);
	columns_fit(c, TOP_NAMES + 1, w / across - 2,
	    m->look.list[PANE_TOP].hidden, width);
}

/* Column titles and rows of one kind. */
static void
put_table(const struct model *m, struct grid *g, struct rect r,
    enum top_kind kind, bool front)
{
	const struct look *l = &m->look;
	unsigned first = front ? first_line(l, r.h - 1) : 0;
	int width[TOP_NAMES + 1];

	columns_fit(top_columns, TOP_NAMES + 1, r.w - 2,
	    l->list[PANE_TOP].hidden, width);
	put_titles(m, g, r, kind, width);
	for (int i = 0; i < r.h - 1; i++) {
		unsigned at = first + (unsigned)i;
		struct pen p = { g, r.y + 1 + i, r.x + 1, r.x + r.w - 1 };

		if (at >= m->top_n[kind])
			break;
		put_row(&p, width, &m->top_line[kind][at]);
		if (front && l->pane == PANE_TOP && l->top_name[0] &&
		    l->top_at == at) {
			grid_fill(g, p.y, r.x, 1, STYLE_KEY, '>');
			grid_choose(g, p.y, r.x, r.w);
		}
	}
}

/* Over how many they go. */
static void
heading_note(const struct model *m, char note[100])
{
	uint64_t missed, n = top_counted(m->top, &missed);
	uint64_t came =
	    n + missed + counter_get(&m->sum.v[COUNTER_EVENTS_SAMPLED]);
	char count[32], whole[32];

	figure_count(count, n);
	figure_count(whole, came);
	/* the history keeps a sample of what comes faster than it can show */
	if (came > n)
		(void)snprintf(
		    note, 100, "of %s, a sample of %s", count, whole);
	else
		(void)snprintf(note, 100, "of %s", count);
}

/* The kinds' names in the heading, as far as they have room, that in front
 * marked.  Returns the one at column `x`, TOP_KINDS for none. */
static enum top_kind
put_kinds(const struct model *m, struct grid *g, struct rect r, int x)
{
	enum top_kind found = TOP_KINDS;
	char note[100];
	struct pen p;

	heading_note(m, note);
	p = (struct pen){ g, r.y, r.x + 10, r.x + r.w - (int)strlen(note) - 5 };
	for (int k = 0; k < TOP_KINDS; k++) {
		int from = p.x;
		bool front = m->look.top_kind == (enum top_kind)k;

		if (pen_pair(&p, "", front ? STYLE_KEY : STYLE_DIM, "%s",
			kinds[k].title) &&
		    x >= from && x < p.x)
			found = (enum top_kind)k;
	}
	return found;
}

static void
put_heading(const struct model *m, struct grid *g, struct rect r, bool all)
{
	char note[100];

	heading_note(m, note);
	widget_rule(g, (struct rect){ r.y, r.x, 1, r.w },
	    m->look.pane == PANE_TOP, panes[PANE_TOP].title, note);
	if (!all)
		(void)put_kinds(m, g, r, -1);
}

/* How the tables lie in the pane: row by row, the one in front first. */
struct tables {
	int across, down, n;
};

static struct tables
tables_of(struct rect r)
{
	struct tables t = { r.w / TABLE_W < 1 ? 1 : r.w / TABLE_W, 0, 0 };

	t.across = t.across > TOP_KINDS ? TOP_KINDS : t.across;
	t.down = (TOP_KINDS + t.across - 1) / t.across;
	while (t.down > 1 && (r.h - 1) / t.down < TABLE_H)
		t.down--;
	t.n = t.across * t.down > TOP_KINDS ? TOP_KINDS : t.across * t.down;
	return t;
}

static struct rect
table_rect(struct rect r, struct tables t, int i)
{
	int row = i / t.across, col = i % t.across;
	int y = (r.h - 1) * row / t.down, end = (r.h - 1) * (row + 1) / t.down;
	int x = r.w * col / t.across, right = r.w * (col + 1) / t.across;

	return (struct rect){ r.y + 1 + y, r.x + x, end - y, right - x };
}

static enum top_kind
table_kind(const struct model *m, int i)
{
	return (enum top_kind)(((int)m->look.top_kind + i) % TOP_KINDS);
}

void
view_top(const struct model *m, struct grid *g, struct rect r)
{
	struct tables t = tables_of(r);

	put_heading(m, g, r, t.n == TOP_KINDS);
	for (int i = 0; i < t.n; i++)
		put_table(m, g, table_rect(r, t, i), table_kind(m, i), i == 0);
}

bool
view_top_at(const struct model *m, struct grid *g, struct rect r, int y, int x,
    struct top_place *out)
{
	struct tables t = tables_of(r);

	out->tab = y == r.y;
	if (out->tab) {
		out->kind = t.n < TOP_KINDS ? put_kinds(m, g, r, x) : TOP_KINDS;
		return out->kind < TOP_KINDS;
	}
	for (int i = 0; i < t.n; i++) {
		struct rect one = table_rect(r, t, i);
		if (y < one.y || y >= one.y + one.h || x < one.x ||
		    x >= one.x + one.w)
			continue;
		out->kind = table_kind(m, i);
		out->x = one.x;
		out->line = y - one.y - 1;
		if (i == 0 && out->line >= 0)
			out->line += (int)first_line(&m->look, one.h - 1);
		return true;
	}
	return false;
}
