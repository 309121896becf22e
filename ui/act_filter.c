/* The filter's line: typed, applied. */
#include <stdio.h>
#include <string.h>

#include "ui/filtering.h"
#include "ui/ui.h"

/* Say what is wrong with the text so far, and where. */
static bool
check(struct prompt *p, struct filter_error *err)
{
	struct filter *f = filter_compile(span_of(p->text, p->n), err);

	p->mark = -1;
	p->error[0] = '\0';
	if (f == NULL) {
		p->mark = (int)err->at;
		p->mark_n = (int)err->n;
		(void)snprintf(p->error, sizeof p->error, "%s", err->text);
	}
	filter_free(f);
	return f != NULL;
}

void
ui_filter_typed(struct ui *ui)
{
	struct filter_error err;

	(void)check(&ui->m->prompt, &err);
}

bool
ui_filter_submit(struct ui *ui)
{
	struct prompt *p = &ui->m->prompt;
	struct filter_error err;

	if (!check(p, &err))
		return false;
	return filtering_set(ui->m, p->text, &err);
}

void
act_filter(struct ui *ui, const char *arg)
{
	struct filter_error err = { .text = "" };
	struct model *m = ui->m;

	m->look.pane = PANE_REQUESTS;
	m->look.screen = SCREEN_MAIN;
	if (*arg && filtering_set(m, arg, &err))
		return;
	prompt_open(&m->prompt, PROMPT_FILTER, *arg ? arg : m->filter_text);
	if (*arg)
		ui_filter_typed(ui);
}

void
act_filter_off(struct ui *ui, const char *arg)
{
	struct filter_error err;

	(void)arg;
	(void)filtering_set(ui->m, "", &err);
}

/* As a value in quotes, in which a quote alone needs a backslash. */
static void
put_quoted(struct buf *b, const char *text)
{
	buf_putc(b, '"');
	for (; *text; text++) {
		if (*text == '"')
			buf_putc(b, '\\');
		buf_putc(b, *text);
	}
	buf_putc(b, '"');
}

void
ui_filter_top(struct ui *ui)
{
	static const char *const key[TOP_KINDS] = {
#define X(id, title, column, name) [TOP_##id] = (name),
		TOP_TABLE(X)
#undef X
	};
	struct look *l = &ui->m->look;
	char text[FILTER_TEXT], name[TOP_NAME];
	struct buf b = buf_over(text, sizeof text);

	(void)snprintf(name, sizeof name, "%s", l->top_name);
	if (name[0] == '\0') {
		model_say(ui->m, NOTICE_INFO, "choose a line first: j, k");
		return;
	}
	if (l->top_kind == TOP_AGENTS) /* "Firefox 128": its first word */
		name[strcspn(name, " ")] = '\0';
	if (strcmp(name, "-") == 0) /* those that have none */
		buf_printf(&b, "!%s~.", key[l->top_kind]);
	else if (l->top_kind == TOP_STATUSES)
		buf_printf(
		    &b, "status:%s", strcmp(name, "---") == 0 ? "0" : name);
	else {
		buf_puts(&b, key[l->top_kind]);
		buf_puts(&b, l->top_kind == TOP_PATHS ? "=" : ":");
		put_quoted(&b, name);
	}
	act_filter(ui, buf_cstr(&b));
}
