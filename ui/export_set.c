#include "ui/export_set.h"

#include <stdio.h>
#include <stdlib.h>

#include "ui/filtering.h"
#include "ui/widget.h"

const char *const export_set_words[SET_N] = {
	[SET_MARKED] = "marked",
	[SET_FILTERED] = "filtered",
	[SET_ALL] = "all",
};

static uint64_t
places(const struct model *m)
{
	uint64_t first, last;

	pick_range(m->pick, &first, &last);
	return last ? last - first + 1 : 0;
}

/* What can be shown: neither gone from the history nor cleared away. */
static bool
is_there(const struct model *m, uint64_t seq)
{
	return m->last && seq >= m->first && seq <= m->last;
}

struct look_for {
	struct model *m;
	bool met;
};

static bool
meets(void *arg, const struct journal_view *v)
{
	struct look_for *l = arg;

	l->met = filtering_wants(l->m, v);
	return false;
}

static bool
is_hidden(struct model *m, struct journal *j, uint64_t seq)
{
	struct look_for l = { .m = m };

	if (m->filter == NULL)
		return false;
	(void)journal_scan(j, seq, 1, meets, &l);
	return !l.met;
}

void
export_sets_count(struct model *m, struct journal *j, struct export_sets *out)
{
	*out = (struct export_sets){ 0 };
	for (unsigned i = 0; i < m->marks.n; i++) {
		uint64_t seq = m->marks.seq[i];

		if (!is_there(m, seq))
			continue;
		out->n[SET_MARKED]++;
		out->hidden += is_hidden(m, j, seq);
	}
	out->n[SET_FILTERED] = m->filter ? places(m) : 0;
	out->partly = m->filter && m->picking;
	out->n[SET_ALL] = m->last ? m->last - m->first + 1 : 0;
}

enum export_set
export_sets_usual(const struct model *m, const struct export_sets *s)
{
	if (s->n[SET_MARKED] > s->hidden)
		return SET_MARKED;
	return m->filter ? SET_FILTERED : SET_ALL;
}

void
export_set_text(
    char out[EXPORT_SET_TEXT], const struct export_sets *s, enum export_set set)
{
	static const char *const what[SET_N] = { " marked", " of the filter",
		", all" };
	struct buf b = buf_over(out, EXPORT_SET_TEXT - 1);
	char n[32];

	figure_count(n, s->n[set]);
	buf_printf(&b, "%s%s", n, what[set]);
	if (set == SET_FILTERED && s->partly)
		buf_puts(&b, " so far");
	if (set == SET_MARKED && s->hidden)
		buf_printf(&b, ", %u hidden by the filter", s->hidden);
	out[b.n] = '\0';
}

void
export_set_written(
    char out[EXPORT_SET_TEXT], const struct export_sets *s, enum export_set set)
{
	static const char *const what[SET_N] = { ", marked", " of the filter",
		", all" };
	struct buf b = buf_over(out, EXPORT_SET_TEXT - 1);

	buf_puts(&b, what[set]);
	if (set == SET_MARKED && s->hidden)
		buf_printf(&b, ", %u hidden by the filter", s->hidden);
	if (set == SET_FILTERED && s->hidden)
		buf_printf(&b, ", %u marked %s hidden", s->hidden,
		    s->hidden == 1 ? "is" : "are");
	out[b.n] = '\0';
}

static size_t
put_marked(const struct model *m, uint64_t *seq)
{
	size_t n = 0;

	for (unsigned i = 0; i < m->marks.n; i++)
		if (is_there(m, m->marks.seq[i]))
			seq[n++] = m->marks.seq[i];
	return n;
}

static size_t
put_shown(const struct model *m, uint64_t *seq)
{
	uint64_t first, last;

	pick_range(m->pick, &first, &last);
	for (uint64_t at = first; last && at <= last; at++)
		seq[at - first] = pick_seq(m->pick, at);
	return (size_t)(last ? last - first + 1 : 0);
}

uint64_t *
export_set_numbers(struct model *m, enum export_set set, size_t *n)
{
	uint64_t all = m->last ? m->last - m->first + 1 : 0;
	uint64_t shown = places(m);
	uint64_t most = shown > all ? shown : all;
	uint64_t *seq;

	if (set == SET_MARKED)
		most = m->marks.n;
	seq = malloc((size_t)(most + 1) * sizeof *seq);
	*n = 0;
	if (seq == NULL)
		return NULL;
	if (set == SET_MARKED) {
		*n = put_marked(m, seq);
	} else if (set == SET_FILTERED || m->filter == NULL) {
		*n = put_shown(m, seq);
	} else {
		for (uint64_t i = 0; i < all; i++)
			seq[i] = m->first + i;
		*n = (size_t)all;
	}
	return seq;
}
