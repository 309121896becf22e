/* Where everything went that was to be told, what the process has locked itself
 * in with, and every counter. */
#include <inttypes.h>
#include <stdio.h>

#include "ui/detail_parts.h"
#include "ui/view.h"

/* A figure and what it is of. */
struct share {
	const char *label;
	uint64_t n;
	const char *text;
};

static void
put_figure(struct pager *p, enum style style, uint64_t n, const char *label,
    const char *text)
{
	char figure[32], line[256];
	struct pen pen;

	figure_count(figure, n);
	(void)snprintf(line, sizeof line, "%s  %s", figure, text);
	page_entry(p, &pen, style, label, line);
}

/* A sum and its parts, and whether they are the sum. */
static void
put_sum(struct pager *p, const char *title, const struct share *sum,
    const struct share *parts, size_t n)
{
	uint64_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += parts[i].n;
	page_heading(
	    p, title, found == sum->n ? "all accounted for" : "being counted");
	put_figure(p, STYLE_STRONG, sum->n, sum->label, sum->text);
	for (size_t i = 0; i < n; i++)
		put_figure(
		    p, STYLE_PLAIN, parts[i].n, parts[i].label, parts[i].text);
}

static void
put_events(struct pager *p, const struct watch_account *a)
{
	const struct share sum = { "events", a->events,
		"exchanges and ends of connections that the workers told of" };
	const struct share parts[] = {
		{ "= history", a->journalled, "in the history, or were" },
		{ "+ left out", a->passed,
		    "more than a history can show, or there is none" },
		{ "+ lost", a->dropped, "the recorder fell behind" },
		{ "+ on their way", a->waiting, "not with the recorder yet" },
	};

	put_sum(p, "Events", &sum, parts, sizeof parts / sizeof *parts);
}

static void
put_lines(struct pager *p, const struct watch_account *a)
{
	const struct share sum = { "lines", a->lines,
		"exchanges that reached the access log" };
	const struct share parts[] = {
		{ "= written", a->written, "with the system" },
		{ "+ lost", a->lost, "the log could not be written" },
		{ "+ left out", a->suppressed, "while the log was off" },
		{ "+ pending", a->pending, "to be written with the next ones" },
	};

	put_sum(p, "Access log", &sum, parts, sizeof parts / sizeof *parts);
}

static void
put_sandbox(struct pager *p, const struct control_sandbox *s)
{
	char text[320], note[48];
	struct pen pen;

	(void)snprintf(
	    note, sizeof note, "%u of %d layers are on", s->on, CONTROL_LAYERS);
	page_heading(p, "Sandbox", note);
	for (int i = 0; i < CONTROL_LAYERS; i++) {
		const struct control_layer *l = &s->layer[i];
		char label[24];

		(void)snprintf(label, sizeof label, "%d %s", i, l->state);
		(void)snprintf(text, sizeof text, "%s%s%s", l->what,
		    l->text[0] ? ": " : "", l->text);
		page_entry(
		    p, &pen, l->good ? STYLE_STRONG : STYLE_WARN, label, text);
	}
	put_figure(p, s->violations ? STYLE_BAD : STYLE_PLAIN, s->violations,
	    "refused", "system calls that were not on the list");
}

/* Of a recording those that can be made of it. */
static void
put_counters(struct pager *p, const struct counters *n, bool recorded)
{
	char figure[32];
	struct pen pen;

	page_heading(p, "Counters",
	    recorded ? "of what is in the recording"
		     : "since the start; exact");
	for (int i = 0; i < COUNTER_N; i++) {
		if (recorded && counter_get(&n->v[i]) == 0)
			continue;
		figure_count(figure, counter_get(&n->v[i]));
		page_entry(p, &pen, STYLE_STRONG, figure, counter_names[i]);
	}
}

static void
put_ends(struct pager *p, const struct counters *n)
{
	page_heading(p, "Connections that ended", "");
	for (int i = 0; i < CLOSE_N; i++)
		if (counter_get(&n->closed[i]) != 0)
			put_figure(p, STYLE_PLAIN, counter_get(&n->closed[i]),
			    close_reason_rows[i].label,
			    close_reason_rows[i].text);
}

int
view_stats(const struct model *m, struct grid *g, struct rect r)
{
	struct pager p =
	    page_open(m, g, r, "Stats", "j k scroll, Esc goes back");

	if (!detail_is_recorded(m)) {
		put_events(&p, &m->account);
		put_lines(&p, &m->account);
		put_sandbox(&p, &m->sandbox);
		put_ends(&p, &m->sum);
	}
	put_counters(&p, &m->sum, detail_is_recorded(m));
	return p.line;
}
