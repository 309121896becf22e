/* Pages of entries: a label, and a text that is wrapped behind it. */
#include "ui/view.h"

#define LABEL_W 18

struct pager
page_open(const struct model *m, struct grid *g, struct rect r,
    const char *title, const char *note)
{
	widget_rule(g, (struct rect){ r.y, r.x, 1, r.w }, true, title, note);
	return (struct pager){ g, { r.y + 1, r.x, r.h - 1, r.w },
		m->look.scroll, 0 };
}

void
page_heading(struct pager *p, const char *title, const char *note)
{
	struct pen pen;

	if (pager_line(p, &pen))
		widget_rule(p->g, (struct rect){ pen.y, pen.x, 1, p->r.w },
		    false, title, note);
}

void
page_entry(struct pager *p, struct pen *pen, enum style style,
    const char *label, const char *text)
{
	struct pen line;
	bool first = true;

	while (*text || first) {
		size_t n = text_break(text, p->r.w - LABEL_W);
		if (pager_line(p, &line)) {
			line.x += 1;
			if (first)
				pen_put(&line, style, "%s", label);
			line.x = p->r.x + LABEL_W;
			pen_put(&line, STYLE_PLAIN, "%.*s", (int)n, text);
		}
		if (first)
			*pen = line;
		text += n;
		first = false;
	}
}
