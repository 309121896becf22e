#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "ui/detail_parts.h"
#include "ui/glyph.h"
#include "ui/head_text.h"
#include "ui/requests.h"
#include "watch/facts.h"

bool
pager_line(struct pager *p, struct pen *pen)
{
	int y = p->line++ - p->scroll;

	*pen = (struct pen){ p->g, p->r.y + y, p->r.x, p->r.x + p->r.w };
	if (y >= 0 && y < p->r.h)
		return true;
	pen->end = 0; /* whatever is put is cut away */
	return false;
}

void
detail_sentence(struct pager *p, int indent, const char *label,
    enum style style, const char *text)
{
	bool first = true;

	while (*text || first) {
		struct pen pen;
		size_t n = text_break(text, p->r.w - indent - 1);
		if (pager_line(p, &pen)) {
			if (first)
				pen_put(&pen, STYLE_DIM, "%s", label);
			pen.x = p->r.x + indent;
			pen_put(&pen, style, "%.*s", (int)n, text);
		}
		text += n;
		first = false;
	}
}

bool
detail_is_recorded(const struct model *m)
{
	return m->status.state == LIFE_RECORDING;
}

void
detail_not_recorded(struct pager *p, const char *text)
{
	detail_sentence(p, 1, "", STYLE_DIM, text);
}

/* What a recording has without the trail: the short text, if any. */
static void
put_why(struct pager *p, const struct event *e)
{
	char text[REQUEST_WHY];

	if (e->trail.n == 0) {
		detail_not_recorded(p, "not in the recording");
		return;
	}
	request_why_text(text, e);
	if (text[0] == '\0')
		detail_not_recorded(p, "in words that this version has not");
	else
		detail_sentence(p, 6, " ▶", STYLE_STRONG, text);
	detail_not_recorded(p, "the steps to it are not in the recording");
}

static void
put_trail(struct pager *p, const struct event *e)
{
	unsigned n = e->trail.n > LIMIT_TRAIL ? LIMIT_TRAIL : e->trail.n;
	char title[32], label[16], text[512];

	if (e->status)
		(void)snprintf(title, sizeof title, "Why %u", e->status);
	else
		(void)snprintf(title, sizeof title, "Why%s",
		    event_knows(e, FACT_STATUS) ? " no answer" : "");
	page_heading(p, title, "");
	if (!event_knows(e, FACT_TRAIL)) {
		put_why(p, e);
		return;
	}
	for (unsigned i = 0; i < n; i++) {
		struct buf b = buf_over(text, sizeof text - 1);
		reason_put_text(&b, &e->trail.r[i]);
		text[b.n] = '\0';
		(void)snprintf(label, sizeof label, " %s%2u",
		    i == e->trail.why ? "▶" : " ", i + 1);
		detail_sentence(p, 6, label,
		    i == e->trail.why ? STYLE_STRONG : STYLE_PLAIN, text);
	}
	if (n == 0)
		detail_sentence(p, 6, "", STYLE_DIM, "no reason was recorded");
}

/* One phase as a stretch of the whole time. */
static void
put_phase(struct pager *p, const struct event *e, const char *label,
    int64_t from, int64_t to)
{
	struct pen pen;
	char text[FIGURE];
	int room = p->r.w - 31, start, end;

	if (to < from || !pager_line(p, &pen))
		return;
	figure_duration(text, to - from);
	pen_put(&pen, STYLE_DIM, " %-18s", label);
	pen_put(&pen, STYLE_PLAIN, "%7s ", text);
	pen_put(&pen, STYLE_RULE, "│");
	if (room < 4 || e->done_ns <= 0)
		return;
	start = (int)((double)from / (double)e->done_ns * room);
	end = (int)((double)to / (double)e->done_ns * room + 0.5);
	if (start > room - 1)
		start = room - 1;
	if (end <= start)
		grid_fill(p->g, pen.y, pen.x + start, 1, STYLE_SPARK, 0x258F);
	else
		grid_fill(p->g, pen.y, pen.x + start,
		    (end > room ? room : end) - start, STYLE_SPARK, 0x2588);
}

/* A phase that no bar can be drawn for. */
static void
put_phase_text(struct pager *p, const char *label, const char *text)
{
	struct pen pen;

	if (!pager_line(p, &pen))
		return;
	pen_put(&pen, STYLE_DIM, " %-18s", label);
	pen_put(&pen, STYLE_PLAIN, " %s", text);
}

/* How much of it the client has, as far as the kernel was asked since: of a
 * whole connection, so that a later answer on its way hides it. */
static void
put_acknowledged(struct pager *p, const struct model *m, const struct event *e)
{
	const struct conn_row *row = m->detail.live ? &m->detail.row : NULL;
	const struct conn_path *path = row ? model_path(m, e->conn) : NULL;
	char text[128], n[32], whole[FIGURE_MANY];
	uint64_t missing;

	if (e->bytes_out == 0)
		return;
	missing = path && path->bytes_out > path->acked
	    ? path->bytes_out - path->acked
	    : 0;
	if (e->body_sent < e->body_length && e->unacked != EVENT_UNTOLD) {
		/* a part of what the kernel took the client may never get */
		figure_count(n,
		    e->body_sent > e->unacked ? e->body_sent - e->unacked : 0);
		figure_many(whole, e->body_sent, "content byte");
		(void)snprintf(text, sizeof text,
		    "%s of %s sent, when it was cut", n, whole);
	} else if (row == NULL) {
		(void)snprintf(
		    text, sizeof text, "not known: the connection has ended");
	} else if (path == NULL || path->bytes_out < row->bytes_out) {
		(void)snprintf(text, sizeof text, "is asked for");
	} else if (missing == 0) {
		(void)snprintf(
		    text, sizeof text, "all: the client has every byte");
	} else if (row->requests == e->number && missing <= e->bytes_out) {
		figure_count(n, e->bytes_out - missing);
		figure_many(whole, e->bytes_out, "byte");
		(void)snprintf(text, sizeof text, "%s of %s so far", n, whole);
	} else {
		(void)snprintf(text, sizeof text,
		    "not known: a later answer is on its way");
	}
	put_phase_text(p, "acknowledged", text);
}

/* Since when its bytes or its connection lay in the kernel Linux does not tell
 * without a call for each; what the worker knows stands before the bars, which
 * begin when it came to them. */
static void
put_queue(struct pager *p, const struct event *e)
{
	char text[96], n[FIGURE];

	figure_duration(n, e->queued_ns);
	(void)snprintf(text, sizeof text,
	    "%s behind others in its worker; in the kernel: not told", n);
	put_phase_text(p, "queue", text);
}

static void
put_timing(struct pager *p, const struct model *m, const struct event *e)
{
	char note[48], text[FIGURE];

	if (!event_knows(e, FACT_TIME)) {
		page_heading(p, "Timing", "");
		detail_not_recorded(p, "not in the recording");
		return;
	}
	figure_duration(text, e->done_ns);
	(void)snprintf(note, sizeof note, "%s in all", text);
	page_heading(p, "Timing", note);
	if (!event_knows(e, FACT_PHASES)) {
		put_phase(p, e, "all of it", 0, e->done_ns);
		return;
	}
	if (e->status == 0) {
		put_phase(p, e, "until it ended", 0, e->done_ns);
		return;
	}
	if (e->decided_ns < 0) { /* a HAR has these */
		put_phase(p, e, "until it was sent", 0, e->head_ns);
		put_phase(p, e, "waiting", e->head_ns, e->first_ns);
		put_phase(p, e, "receiving", e->first_ns, e->done_ns);
		return;
	}
	if (!detail_is_recorded(m))
		put_queue(p, e);
	put_phase(p, e,
	    detail_is_recorded(m) ? "request arriving" : "head arriving", 0,
	    e->head_ns);
	if (e->asked_ns > e->head_ns)
		put_phase(p, e, "content arriving", e->head_ns, e->asked_ns);
	put_phase(p, e, "deciding", e->asked_ns, e->decided_ns);
	put_phase(p, e, "to the first byte", e->decided_ns, e->first_ns);
	put_phase(p, e, "sending", e->first_ns, e->done_ns);
	if (!detail_is_recorded(m))
		put_acknowledged(p, m, e);
}

#define HEAD_NOTE (FIGURE_MANY + 16)

/* "52 bytes, as sent", or that it was made; of none that is known, nothing. */
static void
head_note(char note[HEAD_NOTE], size_t n, bool known, const char *how)
{
	char bytes[FIGURE_MANY];

	figure_many(bytes, n, "byte");
	if (known)
		(void)snprintf(note, HEAD_NOTE, "%s, as %s", bytes, how);
	else
		(void)snprintf(note, HEAD_NOTE, "%s",
		    n ? "made of what the recording has" : "");
}

static void
put_heads(struct pager *p, const struct detail *d,
    void (*put_head)(struct pager *, struct span, uint32_t))
{
	size_t request_n =
	    d->request_n > d->heads_n ? d->heads_n : d->request_n;
	size_t response_n = d->heads_n - request_n;
	const struct event *e = &d->entry.e;
	bool received = event_knows(e, FACT_REQUEST);
	bool sent = event_knows(e, FACT_RESPONSE);
	char note[HEAD_NOTE];

	if (!d->heads_there) {
		page_heading(p, "Heads", "");
		detail_sentence(p, 1, "", STYLE_DIM,
		    "the bytes are no longer "
		    "kept (console.history_memory)");
		return;
	}
	head_note(note, request_n, received, "received");
	page_heading(p, "Request head", note);
	if (request_n == 0 && !received)
		detail_not_recorded(p, "not in the recording");
	else
		put_head(p, span_of(d->heads, request_n), e->refused_at);
	head_note(note, response_n, sent, "sent");
	page_heading(p, "Response head", note);
	if (response_n)
		put_head(p, span_of(d->heads + request_n, response_n),
		    EVENT_NOWHERE);
	else if (sent || (event_knows(e, FACT_STATUS) && e->status == 0))
		detail_not_recorded(p, "none was sent");
	else
		detail_not_recorded(p, "not in the recording");
}

/* What the same target was answered before. */
static void
put_earlier(struct pager *p, const struct model *m)
{
	const struct detail *d = &m->detail;

	page_heading(p, "The same target before", "");
	for (unsigned i = 0; i < d->earlier_n; i++) {
		const struct event *e = &d->earlier[i];
		struct pen pen;
		char when[32], size[8] = "-", took[FIGURE], host[PEER_TEXT];

		if (!pager_line(p, &pen))
			continue;
		pen.x++;
		detail_time(when, m, e);
		if (event_knows(e, FACT_SIZE))
			num_human(size, e->body_sent);
		figure_duration(took, e->done_ns);
		peer_host_text(host, &e->peer);
		pen_put(&pen, STYLE_DIM, "%6" PRIu64 "  %s  ",
		    d->earlier_seq[i], when);
		if (e->status)
			pen_put(&pen, style_of_status(e->status), "%u",
			    (unsigned)e->status);
		else
			pen_put(&pen, STYLE_CUT,
			    event_knows(e, FACT_STATUS) ? "---" : "-  ");
		pen_put(&pen, STYLE_PLAIN, " %6s %6s  %s", size, took, host);
	}
	if (d->earlier_n == 0)
		detail_sentence(p, 1, "", STYLE_DIM,
		    "none, as far back as the history was looked through");
}

static const char *
phrase(unsigned status)
{
	for (int i = 0; i < STATUS_N; i++)
		if (status_rows[i].code == (int)status)
			return status_rows[i].phrase;
	return "";
}

/* How it was answered, when, and to whom. */
static void
put_summary_line(const struct model *m, struct pen *p)
{
	const struct event *e = &m->detail.entry.e;
	char text[64], n[32], whole[FIGURE_MANY];
	struct buf b = buf_over(text, sizeof text - 1);

	if (e->status)
		(void)snprintf(
		    text, sizeof text, "%u %s", e->status, phrase(e->status));
	else
		(void)snprintf(text, sizeof text, "%s",
		    event_knows(e, FACT_STATUS) ? "--- no answer"
						: "- not in the recording");
	(void)pen_pair(p, "", style_of_status(e->status), "%s", text);
	figure_count(n, e->body_sent);
	figure_many(whole, e->body_length, "byte");
	if (event_knows(e, FACT_SIZE) && e->body_sent == e->body_length)
		(void)pen_pair(p, "content", STYLE_PLAIN, "%s", whole);
	else if (event_knows(e, FACT_SIZE))
		(void)pen_pair(p, "content", STYLE_PLAIN, "%s of %s", n, whole);
	figure_duration(n, e->done_ns);
	if (event_knows(e, FACT_TIME))
		(void)pen_pair(p, "in", STYLE_PLAIN, "%s", n);
	detail_time(n, m, e);
	(void)pen_pair(p, "at", STYLE_PLAIN, "%s", n);
	detail_put_peer(&b, e);
	if (event_knows(e, FACT_PEER))
		(void)pen_pair(
		    p, "from", STYLE_PLAIN, "%s", buf_cstr(&b) + sizeof "from");
}

static void
put_summary(const struct model *m, struct grid *g, struct rect r)
{
	const struct detail *d = &m->detail;
	const struct event *e = &d->entry.e;
	struct pen p = { g, r.y + 1, r.x + 1, r.x + r.w };
	char title[JOURNAL_TARGET + 64], note[64];

	(void)snprintf(title, sizeof title, "Request %" PRIu64 "  %s %s",
	    d->entry.seq, d->entry.method, d->entry.target);
	note[0] = '\0';
	if (event_knows(e, FACT_CONN) && event_knows(e, FACT_NUMBER))
		(void)snprintf(note, sizeof note,
		    "connection #%" PRIu64 ", request %" PRIu32, e->conn,
		    e->number);
	widget_rule(g, (struct rect){ r.y, r.x, 1, r.w }, true, title,
	    glyph_text_width(title) + glyph_text_width(note) + 10 > r.w ? ""
									: note);
	put_summary_line(m, &p);
}

int
view_detail(const struct model *m, struct grid *g, struct rect r)
{
	const struct detail *d = &m->detail;
	struct pager p = { g, { r.y + 2, r.x, r.h - 2, r.w }, m->look.scroll,
		0 };

	if (!d->there) {
		widget_rule(
		    g, (struct rect){ r.y, r.x, 1, r.w }, true, "Request", "");
		(void)grid_put(g, r.y + 1, r.x + 1, r.w - 1, STYLE_DIM,
		    "this request is no longer kept (console.history)");
		return 0;
	}
	put_summary(m, g, r);
	put_trail(&p, &d->entry.e);
	put_timing(&p, m, &d->entry.e);
	put_heads(&p, d, m->look.hex ? head_hex_put : head_text_put);
	detail_put_connection(&p, m);
	put_earlier(&p, m);
	return p.line;
}
