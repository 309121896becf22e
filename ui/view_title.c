#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "ui/glyph.h"
#include "ui/view.h"

static const char *const state_text[] = {
	[LIFE_LIVE] = " LIVE ",
	[LIFE_PAUSED] = " PAUSED ",
	[LIFE_DRAINING] = " DRAINING ",
	[LIFE_ENDED] = " ENDED ",
};

static enum style
state_style(enum life_state s)
{
	return s == LIFE_LIVE  ? STYLE_LIVE
	    : s == LIFE_PAUSED ? STYLE_PAUSED
			       : STYLE_DRAINING;
}

static const char *
log_text(const struct accesslog_status *log)
{
	const char *slash = strrchr(log->path, '/');

	if (log->failing)
		return "FAILS";
	if (!log->on)
		return "off";
	return slash ? slash + 1 : log->path;
}

/* At the right: clock, uptime and state, from the edge inwards. */
static void
put_right(const struct model *m, struct pen *p, bool wide)
{
	char age[FIGURE], text[40];
	time_t wall = (time_t)(m->clock.wall / NS_PER_S);
	struct tm tm;
	int w;

	if (wide && localtime_r(&wall, &tm) && strftime(text, 40, "%T", &tm)) {
		p->end -= 9;
		(void)grid_put(p->g, p->y, p->end, 8, STYLE_TITLE, text);
		p->end -= 2;
	} else {
		p->end--;
	}
	figure_age(age, m->clock.mono - m->status.started);
	w = glyph_text_width(age) + 3;
	(void)grid_put(p->g, p->y, p->end - w, 3, STYLE_TITLE, "up ");
	(void)grid_put(p->g, p->y, p->end - w + 3, w, STYLE_TITLE, age);
	p->end -= w + 1;
	w = glyph_text_width(state_text[m->status.state]);
	(void)grid_put(p->g, p->y, p->end - w, w, state_style(m->status.state),
	    state_text[m->status.state]);
	p->end -= w + 1;
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
	int log_w = 4 + glyph_text_width(log_text(&s->log));

	grid_fill(g, r.y, r.x, r.w, STYLE_TITLE, ' ');
	put_right(m, &p, r.w >= 100);
	if (r.w >= 72)
		pen_put(&p, STYLE_TITLE_STRONG, "httpconsole  ");
	pen_put(&p, STYLE_TITLE_STRONG, "%s", s->url);
	if (s->listeners > 1)
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
	if (p.end - p.x >= log_w + 2) {
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
	    series_get(&m->requests, 0), m->open,
	    counter_get(&m->sum.v[COUNTER_REQUESTS]));
}
