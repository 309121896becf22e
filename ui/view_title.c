#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ui/glyph.h"
#include "ui/view.h"

static const char *const state_text[] = {
	[LIFE_LIVE] = " LIVE ",
	[LIFE_PAUSED] = " PAUSED ",
	[LIFE_DRAINING] = " DRAINING ",
	[LIFE_ENDED] = " ENDED ",
	[LIFE_RECORDING] = " RECORDING ",
};

static enum style
state_style(enum life_state s)
{
	return s == LIFE_LIVE || s == LIFE_RECORDING ? STYLE_LIVE
	    : s == LIFE_PAUSED			     ? STYLE_PAUSED
						     : STYLE_DRAINING;
}

static const char *
log_text(const struct accesslog_status *log)
{
	const char *slash = strrchr(log->path, '/');

	if (!log->on || log->path[0] == '\0')
		return "off";
	if (log->failing)
		return "FAILS";
	return slash ? slash + 1 : log->path;
}

/* What gives way, from the first to the last, so that the address stays whole
 * on a narrow screen. */
struct parts {
	bool name;
	bool clock;
	bool uptime;
	bool others; /* how many more addresses there are */
	bool state;
};

#define NAME "httpconsole  "

/* Room for "up 59m" from the first second on: what stands left of it must not
 * come and go as it grows and shrinks. */
#define UPTIME_W 6

static int
uptime_width(const char *age)
{
	int w = 3 + glyph_text_width(age);

	return w > UPTIME_W ? w : UPTIME_W;
}

/* Columns of all of it; as the functions below put it. */
static int
parts_width(const struct model *m, const struct parts *parts)
{
	const struct control_status *s = &m->status;
	char text[FIGURE];
	int w = 1 + glyph_text_width(s->url) + 1;

	figure_uptime(text, m->clock.mono - s->started);
	if (parts->name)
		w += glyph_text_width(NAME);
	if (parts->clock)
		w += 7;
	if (parts->uptime)
		w += uptime_width(text) + 1;
	if (parts->others)
		w += snprintf(NULL, 0, " +%u", s->listeners - 1);
	if (parts->state)
		w += glyph_text_width(state_text[s->state]) + 1;
	return w;
}

static struct parts
parts_fit(const struct model *m, int w)
{
	struct parts parts = { .name = w >= 72,
		.clock = w >= 100,
		/* of a recording it would be the viewer's own */
		.uptime = m->status.state != LIFE_RECORDING,
		.others = m->status.listeners > 1,
		.state = true };
	bool *first[] = { &parts.name, &parts.clock, &parts.uptime,
		&parts.others, &parts.state };

	for (size_t i = 0; i < sizeof first / sizeof *first; i++)
		if (parts_width(m, &parts) > w)
			*first[i] = false;
	return parts;
}

/* At the right: clock, uptime and state, from the edge inwards. */
static void
put_right(const struct model *m, struct pen *p, const struct parts *parts)
{
	char age[FIGURE], text[40];
	time_t wall = (time_t)(m->clock.wall / NS_PER_S);
	struct tm tm;
	int w, spare = 0;

	p->end--;
	if (parts->clock && localtime_r(&wall, &tm) &&
	    strftime(text, 40, "%H:%M", &tm)) {
		(void)grid_put(p->g, p->y, p->end - 5, 5, STYLE_TITLE, text);
		p->end -= 7;
	}
	if (parts->uptime) {
		figure_uptime(age, m->clock.mono - m->status.started);
		w = glyph_text_width(age) + 3;
		(void)grid_put(p->g, p->y, p->end - w, 3, STYLE_TITLE, "up ");
		(void)grid_put(p->g, p->y, p->end - w + 3, w, STYLE_TITLE, age);
		p->end -= w + 1;
		spare = uptime_width(age) - w;
	}
	if (!parts->state) {
		p->end -= spare;
		return;
	}
	w = glyph_text_width(state_text[m->status.state]);
	(void)grid_put(p->g, p->y, p->end - w, w, state_style(m->status.state),
	    state_text[m->status.state]);
	p->end -= w + 1 + spare;
}

/* The end of a long path tells more than its beginning. */
static void
put_root(struct pen *p, const char *root)
{
	int room = p->end - p->x;

	if (glyph_text_width(root) <= room) {
		pen_put(p, STYLE_TITLE, "%s", root);
		return;
	}
	while (*root && glyph_text_width(root) > room - 1)
		do {
			root++;
		} while (((unsigned char)*root & 0xC0) == 0x80);
	pen_put(p, STYLE_TITLE, "…");
	pen_put(p, STYLE_TITLE, "%s", root);
}

void
view_title(const struct model *m, struct grid *g, struct rect r)
{
	const struct control_status *s = &m->status;
	struct pen p = { g, r.y, r.x + 1, r.x + r.w };
	struct parts parts = parts_fit(m, r.w);
	int log_w = 4 + glyph_text_width(log_text(&s->log));

	grid_fill(g, r.y, r.x, r.w, STYLE_TITLE, ' ');
	put_right(m, &p, &parts);
	if (parts.name)
		pen_put(&p, STYLE_TITLE_STRONG, NAME);
	pen_put(&p, STYLE_TITLE_STRONG, "%s", s->url);
	if (parts.others)
		pen_put(&p, STYLE_TITLE, " +%u", s->listeners - 1);
	if (p.end - p.x > 8) {
		int keep = p.end;
		p.x += 2;
		/* The root may be long; it leaves room for the log. */
		if (p.end - log_w - 2 - p.x >= 12)
			p.end -= log_w + 2;
		put_root(&p, s->root);
		p.end = keep;
	}
	if (s->state != LIFE_RECORDING && p.end - p.x >= log_w + 2) {
		p.x += 2;
		pen_put(&p, STYLE_TITLE, "log %s", log_text(&s->log));
	}
}

void
view_tiny(const struct model *m, struct grid *g, struct rect r)
{
	struct pen p = { g, r.y, r.x, r.x + r.w };

	pen_put(&p, state_style(m->status.state), "%.*s",
	    (int)strlen(state_text[m->status.state]) - 2,
	    state_text[m->status.state] + 1);
	pen_put(&p, STYLE_PLAIN, " %" PRIu64 "/s %u open %" PRIu64 " served",
	    series_get(&m->traffic.requests, 0), m->open,
	    counter_get(&m->sum.v[COUNTER_REQUESTS]));
}
