/* One connection: its state and what comes next, the way to its client, what
 * it did when, and its requests. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "ui/connections.h"
#include "ui/glyph.h"

/* Lines from the top on. */
struct sheet {
	const struct model *m;
	struct grid *g;
	struct rect r;
	int line;
};

static struct pen
next(struct sheet *s)
{
	int y = s->line++;
	struct pen p = { s->g, s->r.y + y, s->r.x + 1, s->r.x + s->r.w };

	if (y >= s->r.h)
		p.end = 0;
	return p;
}

static void
section(struct sheet *s, const char *title, const char *note)
{
	struct pen p = next(s);

	if (p.end)
		widget_rule(s->g, (struct rect){ p.y, s->r.x, 1, s->r.w },
		    false, title, note);
}

/* Where a connection goes from where it is, the state it is in set apart. */
static void
put_machine(struct sheet *s, const struct conn_detail *d)
{
	static const enum conn_state way[] = { CONN_NEW, CONN_HEAD, CONN_BODY,
		CONN_WAITING, CONN_SENDING, CONN_IDLE };
	struct pen p = next(s);

	for (size_t i = 0; i < sizeof way / sizeof *way; i++) {
		bool here = d->live && d->row.state == way[i];
		if (i)
			pen_put(&p, STYLE_RULE, s->r.w >= 100 ? " ─▶ " : "─▶");
		pen_put(&p, here ? conn_style(&d->row) : STYLE_DIM,
		    here ? "[%s]" : "%s", conn_state_rows[way[i]].label);
	}
	pen_put(&p, STYLE_RULE, s->r.w >= 100 ? " ─▶ READING … or " : " or ");
	pen_put(&p,
	    d->live && d->row.state == CONN_LINGER ? STYLE_CLIENT : STYLE_DIM,
	    "LINGER");
	pen_put(&p, STYLE_RULE, s->r.w >= 100 ? " ─▶ " : "─▶");
	pen_put(&p, d->live ? STYLE_DIM : STYLE_STRONG, "%s",
	    d->live ? "CLOSED" : "[CLOSED]");
}

/* With less room for how far it is, none. */
#define BAR_LEAST 20

/* The times first, as the sentence may not fit. */
static void
put_state_briefly(
    const struct sheet *s, struct pen *p, const struct conn_row *r)
{
	int64_t now = s->m->at.mono, end = conn_cut_at(s->m, r);
	char age[FIGURE], left[FIGURE];

	figure_seconds(age, now - r->since);
	/* rounded up, as in the list */
	figure_seconds(left, (end > now ? end - now : 0) + NS_PER_S - 1);
	pen_put(p, STYLE_PLAIN, "  for %s, %s left: %s", age, left,
	    conn_state_rows[r->state].text);
}

static void
put_state(struct sheet *s, const struct conn_detail *d)
{
	const struct conn_row *r = &d->row;
	struct pen p = next(s);
	char text[FIGURE];
	int room;

	if (!d->live) {
		pen_put(&p, STYLE_PLAIN, "closed: %s",
		    d->end != CLOSE_NONE && d->end < CLOSE_N
			? close_reason_rows[d->end].text
			: "the reason is no longer kept");
		return;
	}
	figure_seconds(text, s->m->at.mono - r->since);
	pen_put(&p, conn_style(r), "%s", conn_state_rows[r->state].label);
	room = p.end - p.x - (int)strlen(conn_state_rows[r->state].text) -
	    (int)strlen(text) - 10;
	if (room <= BAR_LEAST && r->deadline && r->state != CONN_SENDING) {
		put_state_briefly(s, &p, r);
		return;
	}
	pen_put(&p, STYLE_PLAIN, "  %s, for %s  ",
	    conn_state_rows[r->state].text, text);
	if (room > BAR_LEAST)
		conn_put_progress(s->m, &p, room > 40 ? 40 : room - 1, r);
}

/* A line of samples, scaled to the highest. */
static void
put_samples(struct pen *p, const uint64_t *v, unsigned n, int w)
{
	uint64_t most = 1;
	unsigned from = n > (unsigned)w ? n - (unsigned)w : 0;

	for (unsigned i = from; i < n; i++)
		most = v[i] > most ? v[i] : most;
	for (unsigned i = from; i < n && p->x < p->end; i++, p->x++)
		grid_fill(p->g, p->y, p->x, 1, STYLE_SPARK,
		    0x2581 + (uint32_t)((double)v[i] / (double)most * 7));
	p->x += 2;
}

static void
put_rtt(struct sheet *s, const struct conn_detail *d)
{
	const struct conn_path *path = &d->path;
	struct pen p = next(s);
	uint64_t v[CONN_SAMPLES];
	char text[3][FIGURE];

	for (unsigned i = 0; i < d->samples; i++)
		v[i] = d->rtt[i];
	figure_duration(text[0], path->rtt_us * NS_PER_US);
	figure_duration(text[1], path->rtt_min_us * NS_PER_US);
	figure_duration(text[2], path->rtt_var_us * NS_PER_US);
	pen_put(&p, STYLE_DIM, "rtt   ");
	put_samples(&p, v, d->samples, s->r.w >= 100 ? 40 : 12);
	(void)pen_pair(&p, "", STYLE_STRONG, "%s", text[0]);
	(void)pen_pair(&p, "min", STYLE_PLAIN, "%s", text[1]);
	(void)pen_pair(&p, "var", STYLE_PLAIN, "%s", text[2]);
	(void)pen_pair(&p, "cwnd", STYLE_PLAIN, "%" PRIu32, path->cwnd);
	(void)pen_pair(&p, "mss", STYLE_PLAIN, "%" PRIu32, path->mss);
	(void)pen_pair(&p, "retransmits",
	    path->retransmits ? STYLE_CLIENT : STYLE_PLAIN, "%" PRIu32,
	    path->retransmits);
	(void)pen_pair(&p, "lost", STYLE_PLAIN, "%" PRIu32, path->lost);
	if (path->ssthresh < INT32_MAX)
		(void)pen_pair(
		    &p, "ssthresh", STYLE_PLAIN, "%" PRIu32, path->ssthresh);
}

static void
put_rate(struct sheet *s, const struct conn_detail *d)
{
	const struct conn_path *path = &d->path;
	struct pen p = next(s);
	uint64_t rate = model_rate(s->m, d->conn);
	char text[8] = "-";

	pen_put(&p, STYLE_DIM, "rate  ");
	put_samples(&p, d->rate, d->samples, s->r.w >= 100 ? 40 : 12);
	if (rate && d->row.state == CONN_SENDING)
		num_human(text, rate);
	(void)pen_pair(
	    &p, "", STYLE_STRONG, "%s%s", text, *text == '-' ? "" : "/s");
	num_human(text, path->acked);
	(void)pen_pair(&p, "acknowledged", STYLE_PLAIN, "%s", text);
	num_human(text, (uint64_t)path->unacked * path->mss);
	(void)pen_pair(&p, "on the way", STYLE_PLAIN, "%s", text);
	num_human(text, path->unsent);
	(void)pen_pair(&p, "unsent", STYLE_PLAIN, "%s", text);
	num_human(text, path->window);
	(void)pen_pair(&p, "its window", STYLE_PLAIN, "%s", text);
}

/* Bytes that go at once. */
#define LITTLE 16384

/* Of the time in which there was something to send: who held it up. */
static void
put_limits(struct sheet *s, const struct conn_path *path)
{
	uint64_t rest, busy = path->busy_us;
	struct pen p = next(s);
	struct {
		const char *label;
		uint64_t us;
	} part[3] = { { "its window", path->window_us },
		{ "our buffer", path->buffer_us }, { "the network", 0 } };

	pen_put(&p, STYLE_DIM, "limited ");
	/* 10 ms tell nothing, nor what one flight carries, an end among it */
	if (busy < 10000 || path->bytes_out < LITTLE) {
		pen_put(&p, STYLE_DIM, "by nothing yet: little was sent on it");
		return;
	}
	rest = part[0].us + part[1].us;
	part[2].us = busy > rest ? busy - rest : 0;
	for (int i = 0; i < 3; i++) {
		unsigned percent =
		    (unsigned)((double)part[i].us * 100 / (double)busy + 0.5);
		if (p.end - p.x < 24)
			return;
		pen_put(&p, STYLE_PLAIN, "%s ", part[i].label);
		widget_bar(&p, s->r.w >= 100 ? 16 : 6,
		    percent >= 50 ? STYLE_CLIENT : STYLE_BAR, part[i].us, busy);
		pen_put(&p, percent >= 50 ? STYLE_STRONG : STYLE_PLAIN,
		    " %u%%  ", percent > 100 ? 100 : percent);
	}
}

static void
put_path(struct sheet *s, const struct conn_detail *d)
{
	char title[PEER_TEXT + 32] = "The way to its client", via[PEER_TEXT];

	if (d->path.via.family != 0) {
		peer_text(via, &d->path.via);
		(void)snprintf(
		    title, sizeof title, "The way to its proxy %s", via);
	}
	section(
	    s, title, d->live ? "TCP_INFO, as it moves" : "TCP_INFO, the last");
	if (d->path.conn == 0 || d->path.mss == 0) {
		struct pen p = next(s);
		pen_put(&p, STYLE_DIM, "%s",
		    d->live ? "not known yet" : "was not looked at in time");
		return;
	}
	put_rtt(s, d);
	put_rate(s, d);
	put_limits(s, &d->path);
}

/* What an exchange did in the column `x` of those it took, from `a` to `c`: its
 * beginning and its answer are shown however short they are, as long as there
 * are two columns for them. */
static char
mark_at(int64_t x, int64_t a, int64_t asked, int64_t first, int64_t c,
    bool answered)
{
	if (answered && x == c)
		return 'S';
	if (x == a || x <= asked)
		return 'R';
	return answered && x >= first ? 'S' : 'W';
}

static enum style
style_of_mark(char mark)
{
	return mark == 'S' ? STYLE_GOOD : STYLE_CLIENT;
}

/* Letters of the exchanges, drawn over a line of waiting. */
static void
put_marks(struct pen *p, int w, const struct conn_detail *d, int64_t from,
    int64_t step)
{
	for (unsigned i = 0; i < d->n; i++) {
		const struct conn_request *r = &d->request[i];
		int64_t at = r->wall - from;
		int64_t a = at / step, c = (at + r->done_ns) / step;

		for (int64_t x = a < 0 ? 0 : a; x <= c && x < w; x++) {
			char mark = mark_at(x, a, (at + r->asked_ns) / step,
			    (at + r->first_ns) / step, c, r->status != 0);

			grid_fill(p->g, p->y, p->x + (int)x, 1,
			    style_of_mark(mark), (uint32_t)mark);
		}
	}
}

/* The same for what is under way, in the state that it is in. */
static void
put_mark_now(struct pen *p, int w, const struct conn_row *r, int64_t x)
{
	uint32_t mark = r->state == CONN_SENDING ? 'S'
	    : r->state == CONN_WAITING		 ? 'W'
						 : 'R';

	for (x = x < 0 ? 0 : x; x < w; x++)
		grid_fill(p->g, p->y, p->x + (int)x, 1, conn_style(r), mark);
}

static bool
is_under_way(const struct conn_detail *d)
{
	return d->live && conn_is_asked((enum conn_state)d->row.state);
}

static void
put_timeline(struct sheet *s, const struct conn_detail *d)
{
	int64_t now = s->m->at.wall, age = s->m->at.mono - d->row.opened;
	int64_t from = now - age, to = now, step;
	struct pen p;
	char note[64], text[FIGURE];
	int w = s->r.w - 2;

	if (!d->live && d->end_wall)
		to = d->end_wall;
	if (d->row.conn == 0) /* it had closed before it was looked at */
		from = d->n ? d->request[0].wall : to;
	step = (to - from) / w + 1;
	figure_duration(text, step);
	(void)snprintf(note, sizeof note, "one column is %s", text);
	section(s, "Timeline: R request, W waiting, S response, . idle", note);
	p = next(s);
	if (p.end == 0)
		return;
	for (int x = 0; x < w; x++)
		grid_fill(p.g, p.y, p.x + x, 1, STYLE_DIM, '.');
	put_marks(&p, w, d, from, step);
	if (is_under_way(d))
		put_mark_now(&p, w, &d->row,
		    (to - (s->m->at.mono - d->row.since) - from) / step);
}

static void
put_request(struct sheet *s, const struct conn_request *r)
{
	struct pen p = next(s);
	char took[FIGURE], size[8];
	bool chosen = r->seq == s->m->look.conn_request;

	if (p.end == 0)
		return;
	figure_duration(took, r->done_ns);
	num_human(size, r->body);
	pen_put(&p, STYLE_DIM, "%6" PRIu64 " ", r->seq);
	pen_put(&p, STYLE_PLAIN, "%-7.7s ", r->method);
	if (r->status)
		pen_put(
		    &p, style_of_status(r->status), "%u ", (unsigned)r->status);
	else
		pen_put(&p, STYLE_CUT, "--- ");
	pen_put(&p, STYLE_PLAIN, "%6s %6s  %s", size, took, r->target);
	if (!chosen)
		return;
	grid_fill(s->g, p.y, s->r.x, 1, STYLE_KEY, '>');
	grid_choose(s->g, p.y, s->r.x, s->r.w);
}

/* The one that is under way: of it the row tells. */
static void
put_under_way(struct sheet *s, const struct conn_detail *d)
{
	const struct conn_row *r = &d->row;
	char target[CONN_TARGET_TEXT], there[8], whole[8];
	struct pen p = next(s);

	conn_target_text(target, r);
	pen_put(&p, STYLE_STRONG, "   now ");
	pen_put(&p, STYLE_PLAIN, "%-8s", conn_state_rows[r->state].label);
	num_human(there, r->body_sent);
	num_human(whole, r->body_total);
	if (r->state == CONN_SENDING)
		pen_put(&p, STYLE_PLAIN, "%6s of %5s  ", there, whole);
	pen_put(&p, STYLE_PLAIN, "%s", target);
}

/* The newest at the end, or so that the chosen one is in sight. */
static void
put_requests(struct sheet *s, const struct conn_detail *d)
{
	char note[32];
	int lines;
	unsigned first, n;

	figure_count(note, d->all);
	section(s, "Its requests", note);
	lines = s->r.h - s->line - is_under_way(d);
	if (lines < 0)
		return;
	n = d->n > (unsigned)lines ? (unsigned)lines : d->n;
	first = d->n - n;
	for (unsigned i = 0; i < first; i++)
		if (d->request[i].seq == s->m->look.conn_request)
			first = i;
	for (unsigned i = 0; i < n; i++)
		put_request(s, &d->request[first + i]);
	if (is_under_way(d))
		put_under_way(s, d);
}

static void
put_title(const struct model *m, struct grid *g, struct rect r)
{
	const struct conn_detail *d = &m->conn;
	char title[PEER_TEXT + 64], note[64] = "", age[FIGURE];
	char peer[PEER_TEXT] = "";

	if (d->row.conn)
		peer_text(peer, &d->row.peer);
	(void)snprintf(
	    title, sizeof title, "Connection %" PRIu64 "  %s", d->conn, peer);
	figure_age(age, m->at.mono - d->row.opened);
	if (d->live)
		(void)snprintf(note, sizeof note, "open %s  worker %u", age,
		    d->row.worker + 1u);
	widget_rule(g, (struct rect){ r.y, r.x, 1, r.w }, true, title, note);
}

int
view_conn(const struct model *m, struct grid *g, struct rect r, int sight)
{
	const struct conn_detail *d = &m->conn;
	struct sheet s = { m, g, r, 1 };

	put_title(m, g, r);
	if (sight >= 14)
		put_machine(&s, d);
	put_state(&s, d);
	if (sight >= 12)
		put_path(&s, d);
	if (sight >= 16)
		put_timeline(&s, d);
	put_requests(&s, d);
	return s.line - 1;
}
