/* What lies over or between the panes: banners, messages, footer, prompt and
 * dialog. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/printable.h"
#include "ui/exporting.h"
#include "ui/glyph.h"
#include "ui/view.h"

#define BANNERS 6

struct banner {
	enum style style;
	char text[512];
};

static void
draining_text(const struct model *m, char *out, size_t size)
{
	int64_t left = m->status.drain_deadline - m->clock.mono;
	char s[FIGURE];

	figure_seconds(s, left + NS_PER_S - 1);
	if (m->status.drain_deadline)
		(void)snprintf(out, size,
		    "DRAINING  %u connection%s left, cut in %s  (Ctrl-C: now)",
		    m->open, m->open == 1 ? "" : "s", s);
	else
		(void)snprintf(out, size, "DRAINING  %u connection%s left",
		    m->open, m->open == 1 ? "" : "s");
}

/* The banners that hold now, the most urgent first. */
static int
banners(const struct model *m, struct banner *b)
{
	const struct control_status *s = &m->status;
	int n = 0;

	if (s->state == LIFE_DRAINING) {
		b[n].style = STYLE_DRAINING;
		draining_text(m, b[n].text, sizeof b[n].text);
		n++;
	}
	if (s->root_gone) {
		b[n].style = STYLE_BAD;
		(void)snprintf(b[n++].text, sizeof b->text,
		    "ROOT GONE  %.380s no longer exists; r chooses another",
		    s->root);
	}
	if (s->log.on && s->log.failing) {
		char lines[FIGURE_MANY];

		figure_many(lines, s->log.lost, "line");
		b[n].style = STYLE_BAD;
		(void)snprintf(b[n++].text, sizeof b->text,
		    "LOG FAILS  %s lost  %s: %s", lines, s->log.path,
		    error_text(s->log.error));
	}
	if (s->state == LIFE_PAUSED) {
		b[n].style = STYLE_PAUSED;
		(void)snprintf(b[n++].text, sizeof b->text,
		    "PAUSED  new requests wait; p goes on");
	}
	if (m->exporting) {
		b[n].style = STYLE_INFO;
		(void)snprintf(b[n++].text, sizeof b->text,
		    "WRITING  %u%% of the export; Esc gives it up",
		    exporting_done(m->exporting) / 10);
	}
	if (m->look.frozen) {
		b[n].style = STYLE_INFO;
		(void)snprintf(b[n++].text, sizeof b->text,
		    "FROZEN  the view stands still, the server goes on; "
		    "Space thaws");
	}
	return n;
}

int
view_banner_lines(const struct model *m)
{
	struct banner b[BANNERS];

	return banners(m, b);
}

void
view_banner(const struct model *m, struct grid *g, struct rect r)
{
	struct banner b[BANNERS];
	int n = banners(m, b);

	for (int i = 0; i < n && i < r.h; i++) {
		grid_fill(g, r.y + i, r.x, r.w, b[i].style, ' ');
		(void)grid_put(
		    g, r.y + i, r.x + 1, r.w - 1, b[i].style, b[i].text);
	}
}

#define TOAST_LINES  3
#define ERROR_MARGIN 6 /* for "Esc" */

/* An error is worth some lines, the rest one each. */
static int
toast_lines(const struct toast *t, int w)
{
	int n = t->level == NOTICE_ERROR ? text_lines(t->text, w - ERROR_MARGIN)
					 : 1;

	return n > TOAST_LINES ? TOAST_LINES : n;
}

/* How many lines each has, 0: not shown, and how many errors are only
 * counted, in a line of their own. */
struct toast_plan {
	int lines[MODEL_TOASTS];
	int total;
	unsigned more;
};

/* The tallest loses a line; false when all have but one. */
static bool
lower_tallest(const struct model *m, struct toast_plan *plan)
{
	unsigned tallest = 0;

	for (unsigned i = 1; i < m->toasts; i++)
		if (plan->lines[i] >= plan->lines[tallest])
			tallest = i;
	if (plan->lines[tallest] <= 1)
		return false;
	plan->lines[tallest]--;
	plan->total--;
	return true;
}

/* Leave out what is not an error, the oldest first, then errors, the last
 * first, but for `keep` of them: they are counted. */
static void
leave_out(const struct model *m, struct toast_plan *plan, int room, int keep)
{
	int errors = 0;

	for (unsigned i = 0; i < m->toasts; i++) {
		if (m->toast[i].level == NOTICE_ERROR) {
			errors += plan->lines[i] > 0;
		} else if (plan->total > room) {
			plan->total -= plan->lines[i];
			plan->lines[i] = 0;
		}
	}
	for (unsigned i = m->toasts; i-- > 0 && plan->total > room;)
		if (m->toast[i].level == NOTICE_ERROR && plan->lines[i] &&
		    errors-- > keep) {
			plan->total -= plan->lines[i] - (plan->more ? 0 : 1);
			plan->lines[i] = 0;
			plan->more++;
		}
}

/* Two errors that can be read tell more than four that are cut. */
static void
plan_toasts(const struct model *m, int w, int room, struct toast_plan *plan)
{
	*plan = (struct toast_plan){ .more = m->errors_more,
		.total = m->errors_more ? 1 : 0 };
	for (unsigned i = 0; i < m->toasts; i++)
		plan->total += plan->lines[i] = toast_lines(&m->toast[i], w);
	leave_out(m, plan, room, 2);
	while (plan->total > room && lower_tallest(m, plan))
		continue;
	leave_out(m, plan, room, 1);
}

int
view_toast_lines(const struct model *m, int w, int room)
{
	struct toast_plan plan;

	plan_toasts(m, w, room, &plan);
	return plan.total;
}

static enum style
toast_style(const struct toast *t)
{
	return t->level == NOTICE_ERROR ? STYLE_BAD
	    : t->level == NOTICE_WARN	? STYLE_WARN
					: STYLE_INFO;
}

static void
put_toast(const struct toast *t, struct grid *g, struct rect r, bool esc)
{
	enum style style = toast_style(t);
	int right = t->level == NOTICE_ERROR ? ERROR_MARGIN : 1;

	grid_blank(g, r, style);
	text_wrap(
	    g, (struct rect){ r.y, r.x + 1, r.h, r.w - right }, style, t->text);
	if (esc)
		(void)grid_put(g, r.y, r.x + r.w - 4, 3, style, "Esc");
}

void
view_toasts(const struct model *m, struct grid *g, struct rect r)
{
	struct rect line = r;
	struct toast_plan plan;
	bool esc = true; /* it takes all errors away, and stands once */

	plan_toasts(m, r.w, r.h, &plan);
	for (unsigned i = 0; i < m->toasts; i++) {
		bool error = m->toast[i].level == NOTICE_ERROR;
		line.h = plan.lines[i];
		put_toast(&m->toast[i], g, line, esc && error && line.h > 0);
		line.y += line.h;
		esc &= !error;
	}
	if (plan.more == 0)
		return;
	line.h = 1;
	grid_blank(g, line, STYLE_BAD);
	struct pen p = { g, line.y, r.x + 1, r.x + r.w };
	pen_put(&p, STYLE_BAD, "and %u more error%s", plan.more,
	    plan.more == 1 ? "" : "s");
	if (!pen_pair(&p, "", STYLE_BAD,
		"; httpconsole --check shows those of a configuration"))
		(void)pen_pair(&p, "", STYLE_BAD, "; --check shows all");
}

#define INPUT_X 3 /* where the line begins */

/* The first byte in sight: the cursor stays so. */
static size_t
input_from(const struct prompt *pr, int w)
{
	int room = w - INPUT_X - 1, used = 0;
	size_t from = pr->at;

	while (from > 0) {
		size_t back = from - 1;
		struct span s;
		uint32_t cp;
		while (
		    back > 0 && ((unsigned char)pr->text[back] & 0xC0) == 0x80)
			back--;
		s = span_of(pr->text + back, from - back);
		used += utf8_decode(s, &cp) ? glyph_width(cp) : 1;
		if (used > room - 1)
			break;
		from = back;
	}
	return from;
}

/* Columns of what is in sight before byte `to`. */
static int
input_width(const struct prompt *pr, size_t from, size_t to)
{
	char shown[PATH_MAX];

	(void)snprintf(shown, sizeof shown, "%.*s",
	    to > from ? (int)(to - from) : 0, pr->text + from);
	return glyph_text_width(shown);
}

static void
put_input(const struct prompt *pr, struct grid *g, int y, struct rect r)
{
	size_t from = input_from(pr, r.w);

	(void)grid_put(g, y, r.x + INPUT_X, r.w - INPUT_X - 1, STYLE_INPUT,
	    pr->text + from);
	g->cursor_y = y;
	g->cursor_x = r.x + INPUT_X + input_width(pr, from, pr->at);
}

/* Where an error's place is marked, and on which side of the mark there is
 * room for what it says. */
struct mark {
	int x; /* from the left edge; -1: none */
	bool right;
	bool left;
};

static struct mark
mark_of(const struct prompt *pr, int w)
{
	struct mark mark = { .x = -1 };
	int message = glyph_text_width(pr->error);

	if (pr->error[0] == '\0' || pr->mark < 0)
		return mark;
	mark.x = INPUT_X + input_width(pr, input_from(pr, w), (size_t)pr->mark);
	mark.right = mark.x + 2 + message <= w - 1;
	mark.left = !mark.right && mark.x > message + 2;
	return mark;
}

/* In the line above the input: where it is wrong, and what would be right
 * when it has room there. */
static void
put_mark(const struct prompt *pr, struct grid *g, int y, struct rect r,
    const struct mark *mark)
{
	struct pen p = { g, y - 1, r.x + mark->x, r.x + r.w - 1 };

	grid_blank(g, (struct rect){ y - 1, r.x, 1, r.w }, STYLE_BOX);
	if (mark->left) {
		p.x -= glyph_text_width(pr->error) + 1;
		pen_put(&p, STYLE_SERVER, "%s ", pr->error);
	}
	pen_put(&p, STYLE_CARET, "▼");
	if (mark->right)
		pen_put(&p, STYLE_SERVER, " %s", pr->error);
	for (int i = 0; i < (pr->mark_n ? pr->mark_n : 1); i++) {
		struct cell *c = grid_at(g, y, r.x + mark->x + i);
		if (c)
			c->style = STYLE_UNSAFE;
	}
}

static const char *
prompt_message(const struct prompt *pr, enum style *style)
{
	*style = pr->error[0] ? STYLE_SERVER : STYLE_DIM;
	if (pr->error[0])
		return pr->error;
	if (pr->hint[0])
		return pr->hint;
	return prompt_rows[pr->kind].hint;
}

#define PROMPT_MESSAGE 3 /* lines at most */

/* Lines of the message: none beside a mark. */
static int
message_lines(const struct prompt *pr, int w, const struct mark *mark)
{
	enum style style;
	int n = text_lines(prompt_message(pr, &style), w - 2);

	if (mark->left || mark->right)
		return 0;
	return n > PROMPT_MESSAGE ? PROMPT_MESSAGE : n;
}

int
view_prompt_lines(const struct model *m, int w)
{
	struct mark mark = mark_of(&m->prompt, w);

	return 2 + (mark.x >= 0 ? 1 : 0) + message_lines(&m->prompt, w, &mark);
}

void
view_prompt(const struct model *m, struct grid *g, struct rect r)
{
	const struct prompt *pr = &m->prompt;
	struct mark mark = mark_of(pr, r.w);
	int y = r.y + r.h - 1, lines = message_lines(pr, r.w, &mark);
	enum style style;
	const char *message = prompt_message(pr, &style);

	grid_blank(g, r, STYLE_BOX);
	widget_rule(g, (struct rect){ r.y, r.x, 1, r.w }, true,
	    pr->title[0] ? pr->title : prompt_rows[pr->kind].title, "");
	text_wrap(g, (struct rect){ r.y + 1, r.x + 1, lines, r.w - 2 }, style,
	    message);
	(void)grid_put(g, y, r.x + 1, 2, STYLE_KEY, prompt_rows[pr->kind].sign);
	put_input(pr, g, y, r);
	if (mark.x >= 0)
		put_mark(pr, g, y, r, &mark);
}

struct dialog_line {
	const char *key;
	char text[96];
};

void
view_box(struct grid *g, struct rect b, const char *title)
{
	struct pen p = { g, b.y, b.x + 2, b.x + b.w - 1 };

	grid_blank(g, b, STYLE_BOX);
	for (int y = b.y; y < b.y + b.h; y++) {
		bool edge = y == b.y || y == b.y + b.h - 1;
		if (edge)
			grid_fill(g, y, b.x, b.w, STYLE_BOX, 0x2500);
		grid_fill(g, y, b.x, 1, STYLE_BOX,
		    y == b.y   ? 0x256D
			: edge ? 0x2570
			       : 0x2502);
		grid_fill(g, y, b.x + b.w - 1, 1, STYLE_BOX,
		    y == b.y   ? 0x256E
			: edge ? 0x256F
			       : 0x2502);
	}
	pen_put(&p, STYLE_INPUT, " %s ", title);
}

static int
quit_lines(const struct model *m, struct dialog_line *l)
{
	bool draining = m->status.state == LIFE_DRAINING;
	uint64_t answered = counter_get(&m->sum.open[CONN_SENDING]) +
	    counter_get(&m->sum.open[CONN_WAITING]);
	int n = 0;

	l[n].key = "";
	(void)snprintf(l[n++].text, sizeof l->text,
	    "%u connection%s open, %" PRIu64 " being answered", m->open,
	    m->open == 1 ? "" : "s", answered);
	l[n++] = (struct dialog_line){ "", "" };
	if (!draining)
		l[n++] = (struct dialog_line){ "d",
			"drain: finish what is under way" };
	l[n++] = (struct dialog_line){ "n", "now: cut every connection" };
	l[n++] = (struct dialog_line){ "c", "cancel, go on  (Enter, Esc)" };
	return n;
}

static int
close_lines(const struct model *m, struct dialog_line *l)
{
	const struct conn_row *r = &m->dialog.row;
	char peer[PEER_TEXT];

	peer_text(peer, &r->peer);
	l[0].key = "";
	(void)snprintf(l[0].text, sizeof l->text, "#%" PRIu64 " from %s, %s",
	    r->conn, peer,
	    r->state < CONN_STATE_N ? conn_state_rows[r->state].label : "");
	l[1] = (struct dialog_line){ "", "" };
	l[2] = (struct dialog_line){ "y", "close it" };
	l[3] = (struct dialog_line){ "c", "cancel  (Enter, Esc)" };
	return 4;
}

void
view_dialog(const struct model *m, struct grid *g)
{
	bool quit = m->dialog.kind == DIALOG_QUIT;
	struct dialog_line l[6];
	int n = quit ? quit_lines(m, l) : close_lines(m, l);
	int w = g->w < 52 ? g->w : 52, h = n + 2;
	struct rect b = { (g->h - h) / 2, (g->w - w) / 2, h, w };

	view_box(g, b, quit ? "Stop the server?" : "Close this connection?");
	for (int i = 0; i < n; i++) {
		int x = b.x + 3, y = b.y + 1 + i;
		if (*l[i].key)
			(void)grid_put(g, y, x, 2, STYLE_KEY, l[i].key);
		(void)grid_put(
		    g, y, x + (*l[i].key ? 3 : 0), w - 8, STYLE_BOX, l[i].text);
	}
}
