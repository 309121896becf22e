/* Views: pure functions from the model to cells. */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include "ui/grid.h"
#include "ui/model.h"
#include "ui/widget.h"

#define VIEW_LEAST_W 40
#define VIEW_LEAST_H 10

/* Where what goes; a rectangle without height is not shown. */
struct layout {
	bool recording; /* there are no live connections */
	bool tiny;	/* one line that says how it stands, nothing else */
	struct rect title;
	struct rect banner;
	struct rect pane[PANE_N];
	struct rect page; /* detail or help instead of traffic and panes */
	struct rect prompt;
	struct rect toasts;
	struct rect footer;
};

/* What the console must know about what was drawn. */
struct drawn {
	int scroll_max; /* of a detail or help page */
	int page;	/* lines of list or page */
};

void layout_make(struct layout *l, const struct model *m, int w, int h);

/* The panes that have a place, as bits. */
unsigned layout_panes(const struct layout *l);

/* Lines that traffic takes when all of it is shown. */
#define VIEW_TRAFFIC_WHOLE 20

/* Lines of rows that a pane of that height shows. */
int view_list_lines(struct rect pane);

/* Everything, onto a cleared grid. */
struct drawn view_draw(const struct model *m, struct grid *g);

void view_title(const struct model *m, struct grid *g, struct rect r);
void view_tiny(const struct model *m, struct grid *g, struct rect r);
void view_traffic(const struct model *m, struct grid *g, struct rect r);
void view_connections(const struct model *m, struct grid *g, struct rect r);
void view_top(const struct model *m, struct grid *g, struct rect r);

/* What of Top lies at a place of its pane; false: none of its tables, nor
 * their names.  Draws the latter. */
struct top_place {
	enum top_kind kind;
	bool tab; /* its name in the heading; the rest is not set then */
	int x;	  /* where its table begins */
	int line; /* of the table, from 0; -1: the columns' titles */
};
bool view_top_at(const struct model *m, struct grid *g, struct rect r, int y,
    int x, struct top_place *out);
void view_requests(const struct model *m, struct grid *g, struct rect r);

/* What lasts: paused, frozen, draining, log trouble, root gone. */
int view_banner_lines(const struct model *m);
void view_banner(const struct model *m, struct grid *g, struct rect r);
int view_toast_lines(const struct model *m, int w, int room);
int view_prompt_lines(const struct model *m, int w);
void view_toasts(const struct model *m, struct grid *g, struct rect r);
void view_footer(const struct model *m, struct grid *g, struct rect r);
/* The same; returns the command whose key stands at column `x`, or NULL. */
struct command;
const struct command *view_footer_at(
    const struct model *m, struct grid *g, struct rect r, int x);
void view_prompt(const struct model *m, struct grid *g, struct rect r);
void view_box(struct grid *g, struct rect box, const char *title);
void view_menu(const struct model *m, struct grid *g);

/* Which item of the open menu is at a place of a screen of w by h, -1: none. */
int view_menu_at(const struct model *m, int w, int h, int y, int x);
void view_qr(const struct model *m, struct grid *g);
void view_dialog(const struct model *m, struct grid *g);

/* Pages that scroll by m->look.scroll; return how many lines they have. */
int view_detail(const struct model *m, struct grid *g, struct rect r);
int view_replay(const struct model *m, struct grid *g, struct rect r);
int view_help(const struct model *m, struct grid *g, struct rect r);
int view_stats(const struct model *m, struct grid *g, struct rect r);

/* The page of a connection, whose requests move and not the page: what stands
 * above them is what `sight` lines have room for.  Returns how many lines it
 * has, the last of them its requests'. */
int view_conn(const struct model *m, struct grid *g, struct rect r, int sight);

/* The page of the screen in front, of whichever it is; *title: lines above the
 * first that counts.  `sight`: see view_conn. */
int view_page(const struct model *m, struct grid *g, struct rect r, int sight,
    int *title);

/* A page's line: where the pen starts, or false when it is out of sight. */
struct pager {
	struct grid *g;
	struct rect r;
	int scroll;
	int line; /* lines so far */
};
bool pager_line(struct pager *p, struct pen *pen);

/* A page in `r` as far as it is scrolled, under a rule like page_heading's. */
struct pager page_open(const struct model *m, struct grid *g, struct rect r,
    const char *title, const char *note);

/* A rule with a title and, at its right end, a note. */
void page_heading(struct pager *p, const char *title, const char *note);

/* A text behind its label, wrapped; the first line's pen is left in *pen. */
void page_entry(struct pager *p, struct pen *pen, enum style style,
    const char *label, const char *text);

#endif
