/* The console without its terminal: what keys do to the model and ask of the
 * server. */
#ifndef UI_UI_H
#define UI_UI_H

#include "ui/grid.h"
#include "ui/keymap.h"
#include "ui/model.h"
#include "ui/term.h"

struct ui {
	struct control *control;
	struct model *m;
	bool repaint; /* Ctrl-L: every cell anew */
	bool suspend; /* Ctrl-Z was pressed */
	bool pasting; /* outside a prompt: taken away */
	struct keymap keys;
	bool bell;  /* ring it once */
	char *copy; /* owned: for the clipboard */
	size_t copy_n;
	const char *export_dir; /* NULL: "." */
	/* as export_options.redact; NULL: the usual */
	const char *const *redact;
	struct look before; /* a find: where it began */
};

/* Where the mouse was pressed, or its wheel turned, on the last picture. */
void ui_mouse(struct ui *ui, const struct term_mouse *at);

/* One key, from the terminal. */
void ui_key(struct ui *ui, uint32_t key);

/* Say that a key or command means nothing here: `name` is how it is called,
 * `only` where it does ("in a list"). */
void ui_means_nothing(struct ui *ui, const char *name, const char *only);

/* Say why the list has none to do something with. */
void ui_no_request(struct ui *ui);

/* Read all the model's parts for a screen of that size, then draw. */
void ui_draw(struct ui *ui, struct grid *g);

/* Run a line typed behind ':'; false, with the reason in the prompt's error,
 * when it is no command. */
bool ui_command_line(struct ui *ui, const char *line, char *error, size_t size);

/* Tab on that line: completes the command's name, or what follows it. */
void ui_command_complete(struct ui *ui);

/* The filter's line: a key was typed into it; Tab, on a filter that begins at
 * byte `from` of it; Enter, which is true when it can be closed. */
void ui_filter_typed(struct ui *ui);
void ui_filter_complete(struct ui *ui, size_t from);
bool ui_filter_submit(struct ui *ui);

/* Show only the requests that the chosen line of Top counts. */
void ui_filter_top(struct ui *ui);

/* "127.0.0.1:8000", where this server is; "" with a recording. */
void ui_server_name(const struct model *m, char out[128]);

/* What the menus of copy and export chose; the export's file was named, which
 * is true when it could be begun. */
void ui_copy(struct ui *ui, int what);
void ui_export_chosen(struct ui *ui, int value);
const char *ui_export_word(int format); /* as `:export` knows it */
bool ui_export_submit(struct ui *ui);

/* Go on with the export; give it up, false when there is none. */
void ui_export_work(struct ui *ui);
bool ui_export_cancel(struct ui *ui);

/* Go on with what takes longer than a key; whether there is any. */
void ui_work(struct ui *ui);
bool ui_works(const struct ui *ui);

/* A key, while a menu is open. */
void ui_menu_key(struct ui *ui, uint32_t key);

/* The commands' functions, for command.c's table. */
#define UI_ACTIONS(X)                                                          \
	X(up)                                                                  \
	X(down)                                                                \
	X(top)                                                                 \
	X(bottom)                                                              \
	X(page_up)                                                             \
	X(page_down)                                                           \
	X(pane)                                                                \
	X(pane_back)                                                           \
	X(view)                                                                \
	X(left)                                                                \
	X(right)                                                               \
	X(zoom)                                                                \
	X(open)                                                                \
	X(back)                                                                \
	X(next)                                                                \
	X(previous)                                                            \
	X(pause)                                                               \
	X(root)                                                                \
	X(log)                                                                 \
	X(close)                                                               \
	X(quit)                                                                \
	X(drain)                                                               \
	X(follow)                                                              \
	X(freeze)                                                              \
	X(sort)                                                                \
	X(reverse)                                                             \
	X(columns)                                                             \
	X(mark)                                                                \
	X(unmark)                                                              \
	X(filter)                                                              \
	X(filter_off)                                                          \
	X(find)                                                                \
	X(find_next)                                                           \
	X(find_previous)                                                       \
	X(clear)                                                               \
	X(stats)                                                               \
	X(help)                                                                \
	X(command)                                                             \
	X(hex)                                                                 \
	X(copy)                                                                \
	X(export)                                                              \
	X(replay)                                                              \
	X(theme)                                                               \
	X(mouse)                                                               \
	X(qr)                                                                  \
	X(notify)                                                              \
	X(redraw)                                                              \
	X(suspend)
#define X(name) void act_##name(struct ui *ui, const char *arg);
UI_ACTIONS(X)
#undef X

#endif
