/* Tab on the command line. */
#include <stdio.h>
#include <string.h>

#include "ui/command.h"
#include "ui/export_set.h"
#include "ui/pane.h"
#include "ui/ui.h"
#include "watch/export.h"

/* What may follow a command: `from` is where the cursor's word begins. */
typedef void complete_fn(struct ui *ui, struct prompt *p, size_t from);

/* `none` before the columns of the list in front, if it is one. */
static void
complete_columns(struct ui *ui, struct prompt *p, size_t from, const char *none)
{
	const struct pane_row *pane = &panes[ui->m->look.pane];
	const char *words[33];
	size_t n = 0;

	if (none && pane->columns_n > 0)
		words[n++] = none;
	for (int i = 0; i < pane->columns_n && n < 33; i++)
		if (pane->columns[i].name)
			words[n++] = pane->columns[i].name;
	prompt_complete_word(p, words, n, from, "");
}

static void
complete_sort(struct ui *ui, struct prompt *p, size_t from)
{
	complete_columns(ui, p, from, "none");
}

static void
complete_column(struct ui *ui, struct prompt *p, size_t from)
{
	complete_columns(ui, p, from, NULL);
}

static void
complete_theme(struct ui *ui, struct prompt *p, size_t from)
{
	const char *words[THEME_N];

	(void)ui;
	for (int i = 0; i < THEME_N; i++)
		words[i] = themes[i].name;
	prompt_complete_word(p, words, THEME_N, from, "");
}

static void
complete_filter(struct ui *ui, struct prompt *p, size_t from)
{
	(void)p;
	ui_filter_complete(ui, from);
}

static void
complete_root(struct ui *ui, struct prompt *p, size_t from)
{
	(void)ui;
	prompt_complete_folder(p, from);
}

/* Whether what stands between `from` and the cursor begins one of them. */
static bool
begins_set(const struct prompt *p, size_t from)
{
	struct span typed = span_of(p->text + from, p->at - from);

	for (int i = 0; i < SET_N; i++)
		if (span_starts(span_str(export_set_words[i]), typed))
			return true;
	return false;
}

/* The format, then perhaps what of it, then the file. */
static void
complete_export(struct ui *ui, struct prompt *p, size_t from)
{
	const char *words[EXPORT_N];
	const char *blank = memchr(p->text + from, ' ', p->at - from);

	(void)ui;
	for (int i = 0; i < EXPORT_N; i++)
		words[i] = ui_export_word(i);
	if (blank == NULL) {
		prompt_complete_word(p, words, EXPORT_N, from, " ");
		return;
	}
	from = (size_t)(blank - p->text) + 1;
	if (begins_set(p, from)) {
		prompt_complete_word(p, export_set_words, SET_N, from, " ");
		return;
	}
	for (int i = 0; i < SET_N; i++) {
		size_t n = strlen(export_set_words[i]);

		if (p->at > from + n && p->text[from + n] == ' ' &&
		    memcmp(p->text + from, export_set_words[i], n) == 0)
			from += n + 1;
	}
	prompt_complete_folder(p, from);
}

/* As act_copy knows them, by their first letters. */
static void
complete_copy(struct ui *ui, struct prompt *p, size_t from)
{
	static const char *const words[] = { "url", "curl", "heads", "raw" };

	(void)ui;
	prompt_complete_word(p, words, 4, from, "");
}

static const struct {
	const char *command;
	complete_fn *complete;
} arguments[] = {
	{ "sort", complete_sort },
	{ "columns", complete_column },
	{ "theme", complete_theme },
	{ "filter", complete_filter },
	{ "notify", complete_filter },
	{ "root", complete_root },
	{ "copy", complete_copy },
	{ "export", complete_export },
};

static void
complete_name(struct prompt *p, size_t from)
{
	const char *names[COMMANDS_MOST];
	size_t n = 0;

	for (size_t i = 0; i < commands_n && n < COMMANDS_MOST; i++)
		names[n++] = commands[i].name;
	prompt_complete_word(p, names, n, from, " ");
}

/* Nothing is known that could follow the name. */
static void
say_nothing_follows(struct prompt *p, struct span name)
{
	const struct command *c = command_of_name(name.p, name.n);

	(void)snprintf(p->hint, sizeof p->hint, "%s %.*s",
	    c == NULL			  ? "no command is named"
		: c->screens & TAKES_TEXT ? "there is nothing to choose behind"
					  : "nothing may follow",
	    (int)(name.n < 40 ? name.n : 40), name.p);
}

void
ui_command_complete(struct ui *ui)
{
	struct prompt *p = &ui->m->prompt;
	size_t from = strspn(p->text, " :");
	size_t n = strcspn(p->text + from, " ");
	struct span name = span_of(p->text + from, n);

	if (p->at <= from + n) {
		complete_name(p, from < p->at ? from : p->at);
		return;
	}
	for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++)
		if (span_eq(span_str(arguments[i].command), name)) {
			n += strspn(p->text + from + n, " ");
			arguments[i].complete(
			    ui, p, from + n < p->at ? from + n : p->at);
			return;
		}
	say_nothing_follows(p, name);
}
