/* A request's answer and that to its replay, side by side. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/printable.h"
#include "ui/requests.h"

#define LABEL_W 10
#define CELL	300

/* A line of both, with a sign between them. */
static void
put_pair(struct pager *p, enum style style, const char *label, const char *then,
    const char *sign, const char *now)
{
	int half = (p->r.w - LABEL_W - 4) / 2;
	struct pen pen;

	if (!pager_line(p, &pen))
		return;
	(void)grid_put(p->g, pen.y, pen.x + 1, LABEL_W, STYLE_DIM, label);
	(void)grid_put(p->g, pen.y, pen.x + LABEL_W + 1, half, style, then);
	(void)grid_put(
	    p->g, pen.y, pen.x + LABEL_W + half + 1, 1, STYLE_KEY, sign);
	(void)grid_put(
	    p->g, pen.y, pen.x + LABEL_W + half + 3, half, style, now);
}

/* What can be compared: marked where it differs. */
static void
put_both(struct pager *p, const char *label, const char *then, const char *now)
{
	bool same = strcmp(then, now) == 0;

	put_pair(p, same ? STYLE_PLAIN : STYLE_CLIENT, label, then,
	    same ? "" : "≠", now);
}

static void
figures(const struct event *e, char status[CELL], char why[CELL],
    char took[CELL], char content[CELL])
{
	char count[FIGURE_MANY];

	if (e->status)
		(void)snprintf(status, CELL, "%u", (unsigned)e->status);
	else
		(void)snprintf(status, CELL, "--- no answer");
	request_why_text(why, e);
	figure_duration(took, e->done_ns);
	figure_many(count, e->body_sent, "byte");
	(void)snprintf(content, CELL, "%s", count);
}

/* One line of a head without its end, from *at on; false at the end. */
static bool
next_line(struct span head, size_t *at, struct span *line)
{
	const char *lf;

	if (*at >= head.n)
		return false;
	*line = span_skip(head, *at);
	lf = memchr(line->p, '\n', line->n);
	if (lf)
		line->n = (size_t)(lf - line->p);
	*at += line->n + 1;
	while (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	return line->n > 0;
}

static struct span
name_of(struct span line)
{
	const char *colon = memchr(line.p, ':', line.n);

	return span_of(line.p, colon ? (size_t)(colon - line.p) : line.n);
}

/* The line of the other head with that field, empty when it has none. */
static struct span
find_line(struct span head, struct span name)
{
	struct span line;
	size_t at = 0;

	while (next_line(head, &at, &line))
		if (span_eq_nocase(name_of(line), name))
			return line;
	return span_of(NULL, 0);
}

static void
put_lines(struct pager *p, struct span then, struct span now)
{
	char a[CELL], b[CELL];

	(void)printable_str(a, sizeof a, then, PRINTABLE_UTF8);
	(void)printable_str(b, sizeof b, now, PRINTABLE_UTF8);
	put_both(p, "", then.n ? a : "-", now.n ? b : "-");
}

/* Differs always, and says nothing by it, when both have it. */
static bool
is_moment(struct span line, struct span other)
{
	return span_eq_nocase(name_of(line), SPAN("Date")) &&
	    find_line(other, SPAN("Date")).n > 0;
}

/* Fields of the first in its order, then what only the second has. */
static void
put_heads(struct pager *p, struct span then, struct span now)
{
	struct span line, other;
	size_t at = 0, first = 0;
	struct span a = span_of(NULL, 0), b = a;

	(void)next_line(then, &at, &a);
	(void)next_line(now, &first, &b);
	put_lines(p, a, b);
	while (next_line(then, &at, &line))
		if (!is_moment(line, now))
			put_lines(p, line, find_line(now, name_of(line)));
	while (next_line(now, &first, &other))
		if (find_line(then, name_of(other)).n == 0)
			put_lines(p, span_of(NULL, 0), other);
}

static void
put_dates(struct pager *p, struct span then, struct span now)
{
	struct span a = find_line(then, SPAN("Date"));
	struct span b = find_line(now, SPAN("Date"));
	char x[CELL], y[CELL];

	if (a.n == 0 || b.n == 0)
		return;
	(void)printable_str(x, sizeof x, a, PRINTABLE_UTF8);
	(void)printable_str(y, sizeof y, b, PRINTABLE_UTF8);
	put_pair(p, STYLE_DIM, "", x, "", y);
}

static struct span
response(const struct detail *d)
{
	return span_of(d->heads + d->request_n, d->heads_n - d->request_n);
}

static void
put_comparison(struct pager *p, const struct model *m)
{
	const struct detail *then = &m->replay.then, *now = &m->replay.now;
	char a[4][CELL], b[4][CELL], x[CELL], y[CELL];

	figures(&then->entry.e, a[0], a[1], a[2], a[3]);
	figures(&now->entry.e, b[0], b[1], b[2], b[3]);
	(void)snprintf(x, sizeof x, "request %" PRIu64, then->entry.seq);
	(void)snprintf(y, sizeof y, "request %" PRIu64, now->entry.seq);
	put_pair(p, STYLE_PLAIN, "", x, "", y);
	put_both(p, "status", a[0], b[0]);
	put_both(p, "why", a[1], b[1]);
	put_both(p, "content", a[3], b[3]);
	put_both(p, "", "", "");
	put_heads(p, response(then), response(now));
	put_both(p, "", "", "");
	put_pair(p, STYLE_DIM, "", "not compared:", "", "");
	put_pair(p, STYLE_DIM, "took", a[2], "", b[2]);
	put_dates(p, response(then), response(now));
}

int
view_replay(const struct model *m, struct grid *g, struct rect r)
{
	const struct replaying *re = &m->replay;
	char title[JOURNAL_TARGET + 64];
	struct pager p;

	(void)snprintf(title, sizeof title, "Sent again  %s %s",
	    re->then.entry.method, re->then.entry.target);
	p = page_open(m, g, r, title, "before and now, ≠ differs");
	if (re->now.there)
		put_comparison(&p, m);
	else
		(void)grid_put(g, r.y + 2, r.x + 2, r.w - 4,
		    re->error[0] ? STYLE_SERVER : STYLE_DIM,
		    re->error[0] ? re->error : "waiting for its answer...");
	return p.line;
}
