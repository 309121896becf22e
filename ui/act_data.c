/* Commands that take exchanges elsewhere: copy, export, replay. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "base/printable.h"
#include "ui/exporting.h"
#include "ui/pane.h"
#include "ui/replay.h"
#include "ui/state_file.h"
#include "ui/ui.h"

#define COPY_FILE "copied"

/* "127.0.0.1:8000" of "http://127.0.0.1:8000/"; "" with a recording, of which
 * the name stands there. */
static void
server_name(const struct model *m, char out[128])
{
	const char *from = m->status.url;
	size_t n = strncmp(from, "http://", 7) == 0 ? 7 : strlen(from);

	from += n;
	(void)snprintf(out, 128, "%.*s", (int)strcspn(from, "/"), from);
}

/* The request that is meant, whole, into the model's detail. */
static const struct detail *
meant(struct ui *ui)
{
	struct model *m = ui->m;
	uint64_t first, last;

	if (m->look.screen != SCREEN_DETAIL && m->look.request == 0) {
		pick_range(m->pick, &first, &last);
		m->look.request = pick_seq(m->pick, last);
	}
	model_fill_detail(m, control_watch(ui->control));
	if (m->detail.there)
		return &m->detail;
	model_say(m, NOTICE_INFO, "there is no request yet");
	return NULL;
}

/* ---- copy */

void
act_copy(struct ui *ui, const char *arg)
{
	struct menu *menu = &ui->m->menu;

	if (meant(ui) == NULL)
		return;
	menu_open(menu, MENU_COPY, "Copy of the request");
	menu_add(menu, 'u', 'u', "its URL");
	menu_add(menu, 'c', 'c', "a curl command");
	menu_add(menu, 'h', 'h', "both heads, as text");
	menu_add(menu, 'r', 'r', "its head, byte for byte");
	for (unsigned i = 0; *arg && i < menu->n; i++)
		if (*arg == (char)menu->item[i].value) {
			menu->at = i;
			ui_menu_key(ui, TERM_KEY_ENTER);
			return;
		}
}

static void
put_url(struct buf *b, const struct model *m, const struct detail *d)
{
	struct span head = span_of(d->heads, d->request_n);
	struct span target = event_part(head, d->entry.e.target);
	struct span host = event_part(head, d->entry.e.host);
	char server[128];

	server_name(m, server);
	if (target.n == 0)
		target = span_str(d->entry.target);
	if (span_starts(target, SPAN("/"))) {
		buf_puts(b, "http://");
		if (*server || host.n == 0)
			buf_puts(b, *server ? server : "localhost");
		else
			buf_put_uri(b, host);
	}
	buf_put_uri(b, target);
}

/* Line by line, each printable. */
static void
put_heads(struct buf *b, const struct detail *d)
{
	struct span rest = span_of(d->heads, d->heads_n);

	while (rest.n) {
		const char *lf = memchr(rest.p, '\n', rest.n);
		size_t n = lf ? (size_t)(lf - rest.p) : rest.n;
		struct span line = span_of(rest.p, n);

		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		printable_put(b, line, PRINTABLE_UTF8);
		buf_putc(b, '\n');
		rest = span_skip(rest, lf ? n + 1 : n);
	}
}

static void
put_copy(struct buf *b, const struct ui *ui, const struct detail *d, int what)
{
	struct exchange_copy x;
	const struct model *m = ui->m;
	struct export_options o = { .format = EXPORT_CURL,
		.redact = ui->redact };
	char server[128];

	switch (what) {
	case 'u':
		put_url(b, m, d);
		break;
	case 'c':
		server_name(m, server);
		o.server = server;
		x = exchange_of_entry(&d->entry,
		    span_of(d->heads, d->request_n),
		    span_of(
			d->heads + d->request_n, d->heads_n - d->request_n));
		(void)export_put_curl(b, &x, &o);
		break;
	case 'h':
		put_heads(b, d);
		break;
	default:
		buf_put(b, span_of(d->heads, d->request_n));
	}
}

void
ui_copy(struct ui *ui, int what)
{
	static const size_t cap = EXPORT_CURL_MAX;
	const struct detail *d = meant(ui);
	char *bytes = d ? malloc(cap) : NULL, text[PATH_MAX + 100];
	char path[PATH_MAX];
	struct buf b = buf_over(bytes, cap);
	bool filed;

	if (bytes == NULL)
		return;
	put_copy(&b, ui, d, what);
	if (b.n == 0) {
		model_say(ui->m, NOTICE_WARN,
		    "its head is no longer kept (console.history_memory)");
		free(bytes);
		return;
	}
	free(ui->copy);
	ui->copy = bytes;
	ui->copy_n = b.n;
	filed = state_file_write(COPY_FILE, buf_span(&b)) &&
	    state_file_path(path, COPY_FILE);
	if (filed)
		(void)snprintf(
		    text, sizeof text, "copied; without a clipboard: %s", path);
	else
		(void)snprintf(text, sizeof text,
		    "copied to the terminal's clipboard; no file: %s",
		    error_text(errno));
	model_say(ui->m, NOTICE_INFO, text);
}

/* ---- export */

/* What would be written: the marked, else what the list shows. */
static void
put_choice(const struct model *m, char out[80])
{
	uint64_t first, last;
	char n[32];

	pick_range(m->pick, &first, &last);
	figure_count(n, m->marks.n ? m->marks.n : last ? last - first + 1 : 0);
	(void)snprintf(out, 80, "Write %s %s", n,
	    m->marks.n	    ? "marked"
		: m->filter ? "that meet the filter"
			    : "requests");
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

/* `:export har visit.har`; without the name it is asked for. */
static bool
export_as_told(struct ui *ui, const char *arg)
{
	struct prompt *p = &ui->m->prompt;
	size_t n = strcspn(arg, " ");

	for (int i = 0; n > 0 && i < EXPORT_N; i++) {
		if (!span_eq(span_str(ui_export_word(i)), span_of(arg, n)))
			continue;
		ui_export_name(ui, i);
		arg += n + strspn(arg + n, " ");
		if (*arg) {
			prompt_open(p, PROMPT_EXPORT, arg);
			if (ui_export_submit(ui))
				p->kind = PROMPT_NONE;
		}
		return true;
	}
	return false;
}

void
act_export(struct ui *ui, const char *arg)
{
	struct menu *menu = &ui->m->menu;
	char title[80];

	if (ui->m->exporting) {
		model_say(ui->m, NOTICE_INFO, "one is being written");
		return;
	}
	if (export_as_told(ui, arg))
		return;
	put_choice(ui->m, title);
	menu_open(menu, MENU_EXPORT, title);
	for (int i = 0; i < EXPORT_N; i++)
		menu_add(
		    menu, (unsigned char)"hcal"[i], i, export_rows[i].label);
}

void
ui_export_name(struct ui *ui, int format)
{
	time_t now = (time_t)(ui->m->clock.wall / NS_PER_S);
	struct tm tm;
	char name[80] = "httpconsole", when[32] = "";

	if (localtime_r(&now, &tm))
		(void)strftime(when, sizeof when, "-%Y%m%d-%H%M%S", &tm);
	(void)snprintf(name, sizeof name, "httpconsole%s.%s", when,
	    export_rows[format].suffix);
	ui->m->export_format = format;
	prompt_open(&ui->m->prompt, PROMPT_EXPORT, name);
}

/* The numbers to write, in the order of the list. */
static uint64_t *
numbers(const struct model *m, size_t *n)
{
	uint64_t first, last;
	uint64_t *seq;

	pick_range(m->pick, &first, &last);
	*n = m->marks.n ? m->marks.n : last ? (size_t)(last - first + 1) : 0;
	seq = malloc((*n + 1) * sizeof *seq);
	for (size_t i = 0; seq && i < *n; i++)
		seq[i] =
		    m->marks.n ? m->marks.seq[i] : pick_seq(m->pick, first + i);
	return seq;
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

bool
ui_export_submit(struct ui *ui)
{
	struct model *m = ui->m;
	char server[128], path[PATH_MAX], text[EXPORT_TEXT] = "out of memory";
	struct export_options o = { .format =
					(enum export_format)m->export_format,
		.server = server,
		.redact = ui->redact };
	size_t n;
	uint64_t *seq = numbers(m, &n);

	server_name(m, server);
	if (seq && export_path(ui, path)) {
		m->exporting = exporting_begin(path, &o, seq, n, text);
	} else {
		(void)snprintf(text, sizeof text,
		    seq ? "the name is too long" : "out of memory");
		free(seq);
	}
	if (m->exporting)
		return true;
	(void)snprintf(m->prompt.error, sizeof m->prompt.error, "%.255s", text);
	return false;
}

static void
work_export(struct ui *ui)
{
	struct model *m = ui->m;
	char text[EXPORT_TEXT];
	bool ok;

	if (m->exporting == NULL ||
	    !exporting_step(m->exporting, control_watch(ui->control)->journal))
		return;
	ok = exporting_end(m->exporting, text);
	m->exporting = NULL;
	model_say(m, ok ? NOTICE_INFO : NOTICE_ERROR, text);
}

/* ---- replay */

void
act_replay(struct ui *ui, const char *arg)
{
	struct model *m = ui->m;
	const struct detail *d = meant(ui);
	struct sockaddr_storage to;
	socklen_t n;
	const char *why = NULL;

	(void)arg;
	if (d == NULL)
		return;
	if (!d->heads_there || d->request_n == 0)
		why = "its head is no longer kept";
	else if (d->entry.e.bytes_in > d->request_n)
		why = "it had content, which is not kept";
	else if (!control_address(ui->control, &to, &n))
		why = "there is no address to send it to";
	if (why) {
		model_say(m, NOTICE_WARN, why);
		return;
	}
	replay_end(m->replay.under_way);
	memcpy(&m->replay.then, d, sizeof *d);
	m->replay.now.there = false;
	m->replay.error[0] = '\0';
	m->replay.under_way =
	    replay_begin(&to, n, span_of(d->heads, d->request_n), m->last,
		m->clock.mono, m->replay.error);
	look_open(&m->look, SCREEN_REPLAY);
}

static void
work_replay(struct ui *ui)
{
	struct replaying *r = &ui->m->replay;
	struct journal *j = control_watch(ui->control)->journal;
	uint64_t seq;

	if (r->under_way == NULL)
		return;
	switch (replay_step(r->under_way, j, clock_mono(), &seq, r->error)) {
	case REPLAY_WAITS:
		return;
	case REPLAY_ANSWERED:
		model_copy_detail(&r->now, j, seq);
		break;
	case REPLAY_FAILED:
		break;
	}
	replay_end(r->under_way);
	r->under_way = NULL;
}

void
ui_work(struct ui *ui)
{
	work_export(ui);
	work_replay(ui);
}

bool
ui_works(const struct ui *ui)
{
	return ui->m->exporting || ui->m->replay.under_way || ui->m->picking;
}
