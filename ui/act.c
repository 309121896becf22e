/* What each command does; the table is in command.c. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ui/notify.h"
#include "ui/pane.h"
#include "ui/ui.h"

static void
say(struct ui *ui, const struct control_result *r)
{
	if (r->text[0])
		model_say(ui->m, r->ok ? NOTICE_INFO : NOTICE_ERROR, r->text);
}

void
act_pause(struct ui *ui, const char *arg)
{
	struct control_result r =
	    control_pause(ui->control, ui->m->status.state != LIFE_PAUSED);

	(void)arg;
	say(ui, &r);
	control_status(ui->control, &ui->m->status);
}

void
act_root(struct ui *ui, const char *arg)
{
	struct control_result r;

	if (*arg == '\0') {
		prompt_open(&ui->m->prompt, PROMPT_ROOT, ui->m->status.root);
		return;
	}
	r = control_set_root(ui->control, arg);
	say(ui, &r);
}

void
act_log(struct ui *ui, const char *arg)
{
	struct control_result r =
	    control_log(ui->control, !ui->m->status.log.on);

	(void)arg;
	say(ui, &r);
	control_status(ui->control, &ui->m->status);
}

/* The connection meant: the chosen row, or that of the chosen request. */
static uint64_t
meant_connection(struct ui *ui)
{
	const struct look *l = &ui->m->look;
	struct journal_entry e;

	if (l->screen == SCREEN_CONN)
		return l->conn_detail;
	if (l->screen == SCREEN_MAIN && l->pane == PANE_CONNECTIONS)
		return l->conn;
	if (l->request &&
	    journal_get(control_watch(ui->control)->journal, l->request, &e))
		return e.e.conn;
	return 0;
}

void
act_close(struct ui *ui, const char *arg)
{
	uint64_t conn = meant_connection(ui);
	struct conn_row row;

	(void)arg;
	if (!conn ||
	    !model_row(ui->m, control_watch(ui->control), conn, &row)) {
		model_say(ui->m, NOTICE_INFO,
		    conn ? "that connection is closed already"
			 : "choose a connection first (Tab, j, k)");
		return;
	}
	ui->m->dialog = (struct dialog){ DIALOG_CLOSE, row };
}

void
act_quit(struct ui *ui, const char *arg)
{
	(void)arg;
	if (ui->m->status.state == LIFE_RECORDING)
		act_drain(ui, ""); /* nobody waits for an answer */
	else
		ui->m->dialog = (struct dialog){ .kind = DIALOG_QUIT };
}

void
act_drain(struct ui *ui, const char *arg)
{
	struct control_result r = control_stop(ui->control, false);

	(void)arg;
	ui->m->dialog.kind = DIALOG_NONE;
	say(ui, &r);
}

void
act_freeze(struct ui *ui, const char *arg)
{
	(void)arg;
	model_freeze(ui->m, control_watch(ui->control));
}

void
act_follow(struct ui *ui, const char *arg)
{
	struct look *l = &ui->m->look;

	(void)arg;
	l->follow = !l->follow;
	if (l->follow && pick_sorted(ui->m->pick))
		model_say(ui->m, NOTICE_INFO,
		    "the list is sorted: the newest are followed as they come "
		    "(s 0)");
	if (l->follow)
		l->request = 0;
	else
		panes[PANE_REQUESTS].move(ui->m, 1);
}

void
act_clear(struct ui *ui, const char *arg)
{
	struct model *m = ui->m;

	(void)arg;
	m->look.cleared = m->last ? m->last : m->look.cleared;
	m->look.request = 0;
	m->look.follow = true;
	m->first = m->last = 0;
	m->picking = pick_update(
	    m->pick, control_watch(ui->control)->journal, 0, 0, m->at.mono);
}

void
act_help(struct ui *ui, const char *arg)
{
	struct look *l = &ui->m->look;

	(void)arg;
	if (l->screen == SCREEN_HELP)
		look_back(l);
	else
		look_open(l, SCREEN_HELP);
}

void
act_stats(struct ui *ui, const char *arg)
{
	(void)arg;
	look_open(&ui->m->look, SCREEN_STATS);
	model_stats(ui->m, ui->control);
}

void
act_command(struct ui *ui, const char *arg)
{
	prompt_open(&ui->m->prompt, PROMPT_COMMAND, arg);
}

void
act_qr(struct ui *ui, const char *arg)
{
	(void)arg;
	ui->m->look.qr = !ui->m->look.qr;
}

/* What rings now, and how to have it otherwise. */
static void
say_what_rings(struct model *m)
{
	char text[FILTER_TEXT + 100];

	if (m->notify)
		(void)snprintf(text, sizeof text,
		    "rings for %s; :notify off ends it",
		    notify_text(m->notify));
	else
		(void)snprintf(text, sizeof text,
		    "nothing rings; as in :notify status>=500 it does");
	model_say(m, NOTICE_INFO, text);
}

void
act_notify(struct ui *ui, const char *arg)
{
	struct model *m = ui->m;
	struct filter_error err = { .text = "out of memory" };
	struct notify *n;
	char text[FILTER_TEXT + 200];

	if (strcmp(arg, "off") == 0) {
		notify_free(m->notify);
		m->notify = NULL;
	}
	if (*arg == '\0' || strcmp(arg, "off") == 0) {
		say_what_rings(m);
		return;
	}
	n = notify_new(arg, m->last, &err);
	if (n == NULL) { /* what was typed is not lost */
		(void)snprintf(text, sizeof text, "notify %s", arg);
		prompt_open(&m->prompt, PROMPT_COMMAND, text);
		(void)snprintf(
		    m->prompt.error, sizeof m->prompt.error, "%s", err.text);
		m->prompt.mark = (int)(strlen("notify ") + err.at);
		m->prompt.mark_n = (int)err.n;
		return;
	}
	notify_free(m->notify);
	m->notify = n;
	say_what_rings(m);
}

void
act_theme(struct ui *ui, const char *arg)
{
	char text[120];

	if (theme_find(arg, &ui->m->look.theme))
		return;
	(void)snprintf(text, sizeof text,
	    "%.40s%sthe theme is %s; :theme dark, light or plain changes it",
	    arg, *arg ? " is none: " : "", themes[ui->m->look.theme].name);
	model_say(ui->m, NOTICE_INFO, text);
}

void
act_hex(struct ui *ui, const char *arg)
{
	(void)arg;
	ui->m->look.hex = !ui->m->look.hex;
}

void
act_redraw(struct ui *ui, const char *arg)
{
	(void)arg;
	ui->repaint = true;
}

void
act_suspend(struct ui *ui, const char *arg)
{
	(void)arg;
	ui->suspend = true;
}
