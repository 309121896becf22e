#include "ui/ui.h"

#include <stdio.h>
#include <string.h>

#include "ui/command.h"
#include "ui/find.h"
#include "ui/notify.h"
#include "ui/term.h"
#include "ui/view.h"

static void
say_result(struct ui *ui, const struct control_result *r)
{
	if (r->text[0])
		model_say(ui->m, r->ok ? NOTICE_INFO : NOTICE_ERROR, r->text);
}

static void
answer_dialog(struct ui *ui, uint32_t key)
{
	struct dialog *d = &ui->m->dialog;
	enum dialog_answer answer = dialog_key(d, key);
	struct control_result r = { .ok = true };

	if (answer == DIALOG_STAYS)
		return;
	if (answer == DIALOG_DRAIN || answer == DIALOG_NOW)
		r = control_stop(ui->control, answer == DIALOG_NOW);
	else if (answer == DIALOG_YES)
		r = control_close(ui->control, &d->row);
	d->kind = DIALOG_NONE;
	say_result(ui, &r);
}

static void
complete(struct ui *ui)
{
	struct prompt *p = &ui->m->prompt;

	if (p->kind == PROMPT_ROOT || p->kind == PROMPT_EXPORT)
		prompt_complete_folder(p, 0);
	if (p->kind == PROMPT_FILTER)
		ui_filter_complete(ui, 0);
	if (p->kind == PROMPT_COMMAND)
		ui_command_complete(ui);
}

static void
submit_root(struct ui *ui)
{
	struct prompt *p = &ui->m->prompt;
	struct control_result r = control_set_root(ui->control, p->text);

	if (!r.ok) {
		(void)snprintf(p->error, sizeof p->error, "%s", r.text);
		return;
	}
	p->kind = PROMPT_NONE;
	say_result(ui, &r);
}

static void
submit_command(struct ui *ui)
{
	struct prompt typed = ui->m->prompt;

	/* Closed first: the command may open another prompt. */
	ui->m->prompt.kind = PROMPT_NONE;
	if (!ui_command_line(ui, typed.text, typed.error, sizeof typed.error))
		ui->m->prompt = typed;
}

/* From where it began, anew with each letter. */
static void
find_typed(struct ui *ui)
{
	struct prompt *p = &ui->m->prompt;

	ui->m->look = ui->before;
	ui->m->look.find_screen = ui->m->look.screen;
	(void)snprintf(
	    ui->m->look.find, sizeof ui->m->look.find, "%.127s", p->text);
	if (p->n && !find_step(ui, 1, true))
		(void)snprintf(p->error, sizeof p->error, "not found");
}

void
act_find(struct ui *ui, const char *arg)
{
	ui->before = ui->m->look;
	ui->before.find[0] = '\0';
	prompt_open(&ui->m->prompt, PROMPT_FIND, arg);
	if (*arg)
		find_typed(ui);
}

static void
find_again(struct ui *ui, int by)
{
	if (ui->m->look.find[0] == '\0')
		model_say(ui->m, NOTICE_INFO, "nothing to find yet: / first");
	else if (!find_step(ui, by, false))
		model_say(ui->m, NOTICE_INFO, "not found");
}

void
act_find_next(struct ui *ui, const char *arg)
{
	(void)arg;
	find_again(ui, 1);
}

void
act_find_previous(struct ui *ui, const char *arg)
{
	(void)arg;
	find_again(ui, -1);
}

static void
answer_prompt(struct ui *ui, uint32_t key)
{
	struct prompt *p = &ui->m->prompt;

	if (key == TERM_KEY_TAB && !p->pasting) {
		complete(ui);
		return;
	}
	if ((key == TERM_KEY_UP || key == TERM_KEY_DOWN) && !p->pasting) {
		history_step(&ui->m->lines, p, key == TERM_KEY_UP ? -1 : 1);
		return;
	}
	if (key == TERM_KEY_ENTER && !p->pasting)
		history_add(&ui->m->lines, p);
	switch (prompt_key(p, key)) {
	case PROMPT_STAYS:
		if (p->kind == PROMPT_FIND)
			find_typed(ui);
		if (p->kind == PROMPT_FILTER)
			ui_filter_typed(ui);
		break;
	case PROMPT_CANCELLED:
		if (p->kind == PROMPT_FIND)
			ui->m->look = ui->before;
		p->kind = PROMPT_NONE;
		break;
	case PROMPT_SUBMITTED:
		if (p->kind == PROMPT_ROOT)
			submit_root(ui);
		else if (p->kind == PROMPT_FIND ||
		    (p->kind == PROMPT_FILTER && ui_filter_submit(ui)) ||
		    (p->kind == PROMPT_EXPORT && ui_export_submit(ui)))
			p->kind = PROMPT_NONE;
		else if (p->kind == PROMPT_COMMAND)
			submit_command(ui);
		break;
	}
}

/* What was pasted where nothing is typed must not run as commands. */
static bool
is_pasted(struct ui *ui, uint32_t key)
{
	if (key == TERM_KEY_PASTE_BEGIN)
		ui->pasting = true;
	if (key == TERM_KEY_PASTE_END || key == TERM_KEY_CTRL_C) {
		bool end = key == TERM_KEY_PASTE_END;
		ui->pasting = false;
		return end;
	}
	return ui->pasting;
}

void
ui_means_nothing(struct ui *ui, const char *name, const char *only)
{
	bool page = ui->m->look.screen != SCREEN_MAIN;
	char text[NOTICE_TEXT];

	(void)snprintf(text, sizeof text, "%s means nothing here, only %s%s",
	    name, only, page ? "; Esc goes back" : "");
	model_say(ui->m, NOTICE_INFO, text);
}

void
ui_no_request(struct ui *ui)
{
	model_say(ui->m, NOTICE_INFO,
	    ui->m->filter ? "none meets the filter" : "no request yet");
}

/* A key that has no command on this screen. */
static void
say_no_key(struct ui *ui, uint32_t key)
{
	static const char *const where[SCREEN_N] = {
		[SCREEN_MAIN] = "in the lists",
		[SCREEN_DETAIL] = "in a request's detail",
		[SCREEN_CONN] = "on a connection's page",
		[SCREEN_REPLAY] = "on the page of a replay",
		[SCREEN_STATS] = "on the page of stats",
		[SCREEN_HELP] = "in the help",
	};
	const struct command *c = keymap_anywhere(&ui->keys, key);
	char name[KEYMAP_KEY], text[80], places[200];
	struct buf b = buf_over(places, sizeof places);

	keymap_key_name(key, name);
	if (name[0] == '\0') /* not even a key: a button that was let go */
		return;
	if (c == NULL) {
		(void)snprintf(text, sizeof text,
		    "no command has the key %s; ? shows which there are", name);
		model_say(ui->m, NOTICE_INFO, text);
		return;
	}
	for (int on = 0; on < SCREEN_N; on++)
		if (c->screens >> on & 1)
			buf_printf(&b, "%s%s", b.n ? ", " : "", where[on]);
	(void)snprintf(text, sizeof text, "%s (%s)", name, c->name);
	ui_means_nothing(ui, text, buf_cstr(&b));
}

void
ui_key(struct ui *ui, uint32_t key)
{
	const struct command *c;
	const char *arg;

	/* These work whatever is open. */
	if (key == TERM_KEY_CTRL_L || key == TERM_KEY_CTRL_Z) {
		command_press(command_of_key(key, ui->m->look.screen), ui);
	} else if (ui->m->prompt.kind != PROMPT_NONE) {
		answer_prompt(ui, key);
		if (ui->m->prompt.kind == PROMPT_NONE)
			history_begin(&ui->m->lines);
	} else if (is_pasted(ui, key)) {
		return;
	} else if (ui->m->menu.kind != MENU_NONE && key != TERM_KEY_CTRL_C) {
		ui_menu_key(ui, key);
	} else if (ui->m->dialog.kind != DIALOG_NONE &&
	    key != TERM_KEY_CTRL_C) {
		answer_dialog(ui, key);
	} else {
		c = keymap_find(&ui->keys, key, ui->m->look.screen, &arg);
		if (c)
			command_run(c, ui, arg);
		else
			say_no_key(ui, key);
	}
}

static void
say_no_command(char *error, size_t size, struct span name)
{
	const char *near = command_near(name);

	if (near)
		(void)snprintf(
		    error, size, "no such command; did you mean %s?", near);
	else
		(void)snprintf(error, size,
		    "no such command; Tab lists them, help explains them");
}

bool
ui_command_line(struct ui *ui, const char *line, char *error, size_t size)
{
	size_t n;
	const struct command *c;

	line += strspn(line, " :");
	n = strcspn(line, " ");
	if (n == 0)
		return true;
	c = n == 1 && *line == '?' ? command_of_name("help", 4)
				   : command_of_name(line, n);
	if (c == NULL) {
		say_no_command(error, size, span_of(line, n));
		return false;
	}
	line += n + strspn(line + n, " ");
	if (*line && !(c->screens & TAKES_TEXT)) {
		(void)snprintf(error, size, "nothing may follow %s", c->name);
		return false;
	}
	if (*line)
		command_run(c, ui, line);
	else
		command_press(c, ui);
	return true;
}

/* Ring for what has come and should be heard, frozen or not. */
static void
ring(struct ui *ui)
{
	struct model *m = ui->m;
	struct journal_entry e;
	char text[JOURNAL_TARGET + 128];
	unsigned n;

	if (m->notify == NULL)
		return;
	n = notify_take(m->notify, control_watch(ui->control)->journal, &e);
	if (n == 0)
		return;
	(void)snprintf(text, sizeof text, "%u %s: %s %s", (unsigned)e.e.status,
	    notify_text(m->notify), e.method, e.target);
	model_say(m, NOTICE_WARN, text);
	ui->bell = true;
}

void
ui_draw(struct ui *ui, struct grid *g)
{
	struct model *m = ui->m;
	struct watch *w = control_watch(ui->control);
	struct layout l;
	struct drawn d;

	ring(ui);
	ui_work(ui);
	layout_make(&l, m, g->w, g->h);
	m->look.shown = layout_panes(&l);
	if (m->look.screen == SCREEN_MAIN) {
		if (l.pane[PANE_TOP].h > 0)
			model_fill_top(m);
		model_fill_rows(
		    m, w, view_list_lines(l.pane[PANE_CONNECTIONS]));
		model_fill_window(
		    m, w->journal, view_list_lines(l.pane[PANE_REQUESTS]));
	} else if (m->look.screen == SCREEN_DETAIL) {
		model_fill_detail(m, w);
	} else if (m->look.screen == SCREEN_CONN) {
		model_fill_conn(m, w);
	}
	model_look(m, ui->control);
	grid_clear(g);
	d = view_draw(m, g);
	m->look.scroll_max = d.scroll_max;
	m->look.page = d.page;
	m->look.page_w = g->w;
	m->look.page_h = g->h;
	if (m->look.scroll <= d.scroll_max)
		return;
	/* Less to show than there was: draw again from where it ends. */
	m->look.scroll = d.scroll_max;
	grid_clear(g);
	(void)view_draw(m, g);
}
