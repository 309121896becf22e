/* What lists show of all that there is: model.h. */
#include <string.h>

#include "ui/filtering.h"
#include "ui/requests.h"

void
model_fill_top(struct model *m)
{
	struct look *l = &m->look;
	const struct list_look *list = &l->list[PANE_TOP];

	for (int k = 0; k < TOP_KINDS; k++)
		m->top_n[k] = top_lines(m->top, (enum top_kind)k,
		    list->sort < 0 ? TOP_HITS : (enum top_order)list->sort,
		    list->reverse, m->top_line[k], TOP_KEPT);
	/* The choice goes with its name, and goes when that does. */
	for (unsigned i = 0; i < m->top_n[l->top_kind]; i++)
		if (strcmp(m->top_line[l->top_kind][i].name, l->top_name) ==
		    0) {
			l->top_at = i;
			return;
		}
	l->top_name[0] = '\0';
}

static void
sort_key(void *ctx, const struct journal_view *v, struct pick_key *key)
{
	const struct model *m = ctx;

	request_key(
	    (enum request_column)m->look.list[PANE_REQUESTS].sort, v, key);
}

void
model_pick(struct model *m)
{
	const struct list_look *list = &m->look.list[PANE_REQUESTS];
	struct pick_rule rule = { .ctx = m };

	if (list->sort >= 0) {
		rule.key = sort_key;
		rule.falling =
		    request_columns[list->sort].rising == list->reverse;
	}
	if (m->filter)
		rule.wanted = filtering_wants;
	pick_by(m->pick, &rule);
	m->look.follow = m->look.request == 0;
	m->look.request_top = 0;
	m->picking = true;
}

/* The chosen one, or its neighbour when it is not in the list any more; with
 * none the newest, or the first of a sorted list. */
static void
place_top(struct model *m, uint64_t n)
{
	struct look *l = &m->look;
	uint64_t first, last, newest, at;

	pick_range(m->pick, &first, &last);
	newest = last >= first + n ? last - n + 1 : first;
	if (l->follow)
		l->request_top = pick_sorted(m->pick) ? first : newest;
	if (l->request_top > newest)
		l->request_top = newest;
	if (l->request_top < first)
		l->request_top = first;
	if (l->request == 0)
		return;
	at = pick_place(m->pick, l->request);
	l->request = pick_seq(m->pick, at);
	if (at < l->request_top)
		l->request_top = at;
	if (at >= l->request_top + n)
		l->request_top = at - n + 1;
}

static bool
copy_row(void *ctx, const struct journal_view *v)
{
	struct request_row *row = ctx;

	if (v->entry->seq != row->entry.seq)
		return false; /* it is gone: this is the oldest there is */
	row->entry = *v->entry;
	(void)agent_name(
	    row->agent, event_part(v->request, v->entry->e.user_agent));
	return false;
}

static void
fill_row(struct model *m, struct journal *j, uint64_t seq)
{
	struct request_row *row = &m->window[m->window_n++];

	*row = (struct request_row){ .entry.seq = seq };
	memcpy(row->entry.method, "-", 2);
	memcpy(row->entry.target, "(no longer kept)", 17);
	row->marked = marks_has(&m->marks, seq);
	(void)journal_scan(j, seq, 1, copy_row, row);
}

/* What is not shown, though it may meet the filter. */
static void
tell_given_up(struct model *m)
{
	if (m->filter == NULL || m->gave_up || filter_given_up(m->filter) == 0)
		return;
	m->gave_up = true;
	model_say(m, NOTICE_WARN,
	    "the filter's regular expression takes too long for some texts: "
	    "they count as not matched");
}

void
model_fill_window(struct model *m, struct journal *j, int lines)
{
	uint64_t n = lines < 1 ? 1 : (uint64_t)lines, first, last;

	if (n > MODEL_WINDOW)
		n = MODEL_WINDOW;
	/* Under load the oldest go between the sample and here. */
	journal_range(j, &first, &last);
	if (first > m->first && first <= m->last && !m->look.frozen)
		m->first = first;
	m->picking = pick_update(m->pick, j, m->first, m->last, m->at.mono);
	tell_given_up(m);
	pick_range(m->pick, &first, &last);
	m->window_n = 0;
	if (last == 0) {
		if (!m->picking)
			m->look.request = 0;
		return;
	}
	place_top(m, n);
	for (uint64_t i = 0; i < n && m->look.request_top + i <= last; i++)
		fill_row(m, j, pick_seq(m->pick, m->look.request_top + i));
}
