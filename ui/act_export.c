/* Writing exchanges to a file: which, in what format, under what name. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ui/export_set.h"
#include "ui/exporting.h"
#include "ui/ui.h"

static struct journal *
journal_of(struct ui *ui)
{
	return control_watch(ui->control)->journal;
}

const char *
ui_export_word(int format)
{
	static const char *const words[EXPORT_N] = {
		[EXPORT_HAR] = "har",
		[EXPORT_CURL] = "curl",
		[EXPORT_JSON] = "json",
		[EXPORT_COMBINED] = "log",
	};

	return words[format];
}

/* Formats, and below them what can be written, if there is a choice: that one
 * is changed by its digit and the menu stays. */
static void
open_menu(struct ui *ui, const struct export_sets *sets)
{
	struct model *m = ui->m;
	char title[MENU_TEXT], text[EXPORT_SET_TEXT];

	export_set_text(text, sets, (enum export_set)m->export_set);
	(void)snprintf(title, sizeof title, "Write %s", text);
	menu_open(&m->menu, MENU_EXPORT, title);
	for (int i = 0; i < EXPORT_N; i++)
		menu_add(&m->menu, (unsigned char)"hcal"[i], i,
		    export_rows[i].label);
	if (sets->n[SET_MARKED] == 0 && m->filter == NULL)
		return;
	for (int i = 0; i < SET_N; i++) {
		char item[MENU_TEXT];

		if ((i == SET_MARKED && sets->n[SET_MARKED] == 0) ||
		    (i == SET_FILTERED && m->filter == NULL))
			continue;
		export_set_text(text, sets, (enum export_set)i);
		(void)snprintf(item, sizeof item, "(%c) %s",
		    i == m->export_set ? '*' : ' ', text);
		menu_add(&m->menu, '1' + (unsigned)i, EXPORT_N + i, item);
	}
}

static void
choose_set(struct ui *ui, int value)
{
	struct menu *menu = &ui->m->menu;
	struct export_sets sets;

	ui->m->export_set = value - EXPORT_N;
	export_sets_count(ui->m, journal_of(ui), &sets);
	open_menu(ui, &sets);
	for (unsigned i = 0; i < menu->n; i++)
		if (menu->item[i].value == value)
			menu->at = i;
}

void
ui_export_chosen(struct ui *ui, int value)
{
	struct model *m = ui->m;
	time_t now = (time_t)(m->clock.wall / NS_PER_S);
	struct export_sets sets;
	struct tm tm;
	char name[80] = "httpconsole", when[32] = "", text[EXPORT_SET_TEXT];

	if (value >= EXPORT_N) {
		choose_set(ui, value);
		return;
	}
	if (localtime_r(&now, &tm))
		(void)strftime(when, sizeof when, "-%Y%m%d-%H%M%S", &tm);
	(void)snprintf(name, sizeof name, "httpconsole%s.%s", when,
	    export_rows[value].suffix);
	m->export_format = value;
	prompt_open(&m->prompt, PROMPT_EXPORT, name);
	export_sets_count(m, journal_of(ui), &sets);
	export_set_text(text, &sets, (enum export_set)m->export_set);
	(void)snprintf(m->prompt.title, sizeof m->prompt.title,
	    "Write to the file: %s", text);
}

/* The first word of *arg among those, -1 for none; *arg is then behind it. */
static int
take_word(const char **arg, const char *(*word)(int), int n)
{
	size_t length = strcspn(*arg, " ");

	for (int i = 0; length > 0 && i < n; i++)
		if (span_eq(span_str(word(i)), span_of(*arg, length))) {
			*arg += length + strspn(*arg + length, " ");
			return i;
		}
	return -1;
}

static const char *
set_word(int set)
{
	return export_set_words[set];
}

/* False, and said, when there is no such thing. */
static bool
set_is_there(struct ui *ui, const struct export_sets *sets, int set)
{
	const char *why = NULL;

	if (set == SET_MARKED && sets->n[SET_MARKED] == 0)
		why = "nothing is marked: m marks";
	if (set == SET_FILTERED && ui->m->filter == NULL)
		why = "there is no filter: f sets one";
	if (why)
		model_say(ui->m, NOTICE_WARN, why);
	return why == NULL;
}

/* `:export har marked visit.har`; without the name it is asked for. */
void
act_export(struct ui *ui, const char *arg)
{
	struct model *m = ui->m;
	struct export_sets sets;
	int format, set;

	if (m->exporting) {
		model_say(m, NOTICE_INFO, "one is being written; Esc ends it");
		return;
	}
	export_sets_count(m, journal_of(ui), &sets);
	m->export_set = (int)export_sets_usual(m, &sets);
	format = take_word(&arg, ui_export_word, EXPORT_N);
	if (format < 0) {
		open_menu(ui, &sets);
		return;
	}
	set = take_word(&arg, set_word, SET_N);
	if (set >= 0) {
		if (!set_is_there(ui, &sets, set))
			return;
		m->export_set = set;
	}
	ui_export_chosen(ui, format);
	if (*arg == '\0')
		return;
	prompt_put(&m->prompt, arg);
	if (ui_export_submit(ui))
		m->prompt.kind = PROMPT_NONE;
}

/* The name, in the folder for exports when it names none; what lies in the
 * folder that the program was started in is told by its name alone.  False when
 * that is too long. */
static bool
export_path(const struct ui *ui, char out[PATH_MAX])
{
	const char *name = ui->m->prompt.text, *dir = ui->export_dir;
	bool plain =
	    dir == NULL || strcmp(dir, ".") == 0 || strchr(name, '/') != NULL;
	int n = plain ? snprintf(out, PATH_MAX, "%s", name)
		      : snprintf(out, PATH_MAX, "%s/%s", dir, name);

	return n < PATH_MAX;
}

/* Whether all is known that the list will show. */
static bool
is_picked(struct ui *ui)
{
	struct model *m = ui->m;

	if (m->picking)
		m->picking = pick_update(
		    m->pick, journal_of(ui), m->first, m->last, m->at.mono);
	return !m->picking;
}

static void
begin_export(struct ui *ui, const char *path, char text[EXPORT_TEXT])
{
	struct model *m = ui->m;
	enum export_set set = (enum export_set)m->export_set;
	char server[128], written[EXPORT_SET_TEXT];
	struct export_options o = {
		.format = (enum export_format)m->export_format,
		.server = server,
		.redact = ui->redact,
		.what = written,
	};
	struct export_sets sets;
	uint64_t *seq;
	size_t n;

	export_sets_count(m, journal_of(ui), &sets);
	export_set_written(written, &sets, set);
	ui_server_name(m, server);
	seq = export_set_numbers(m, set, &n);
	if (seq)
		m->exporting = exporting_begin(path, &o, seq, n, text);
}

bool
ui_export_submit(struct ui *ui)
{
	struct model *m = ui->m;
	char path[PATH_MAX], text[EXPORT_TEXT] = "out of memory";

	if (!export_path(ui, path))
		(void)snprintf(text, sizeof text, "the name is too long");
	else if (m->export_set != SET_MARKED && !is_picked(ui))
		(void)snprintf(text, sizeof text,
		    "%u%% of the history is looked through: once more, please",
		    pick_done(m->pick) / 10);
	else
		begin_export(ui, path, text);
	if (m->exporting)
		return true;
	(void)snprintf(m->prompt.error, sizeof m->prompt.error, "%.255s", text);
	return false;
}

void
ui_export_work(struct ui *ui)
{
	struct model *m = ui->m;
	char text[EXPORT_TEXT];
	bool ok;

	if (m->exporting == NULL ||
	    !exporting_step(m->exporting, journal_of(ui)))
		return;
	ok = exporting_end(m->exporting, text);
	m->exporting = NULL;
	model_say(m, ok ? NOTICE_INFO : NOTICE_ERROR, text);
}

bool
ui_export_cancel(struct ui *ui)
{
	if (ui->m->exporting == NULL)
		return false;
	exporting_cancel(ui->m->exporting);
	ui->m->exporting = NULL;
	model_say(ui->m, NOTICE_INFO, "given up: nothing was written");
	return true;
}
