/* Commands that take an exchange elsewhere: copy, replay. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "base/printable.h"
#include "watch/export.h"
#include "ui/pane.h"
#include "ui/replay.h"
#include "ui/state_file.h"
#include "ui/ui.h"

#define COPY_FILE "copied"

void
ui_server_name(const struct model *m, char out[128])
{
	const char *from = m->status.url;
	size_t n = strncmp(from, "http://", 7) == 0 ? 7 : strlen(from);

	from += n;
	(void)snprintf(out, 128, "%.*s", (int)strcspn(from, "/"), from);
}

/* The request that is meant, whole, into the model's detail; `name` is what is
 * to be done with it.  None that is not in sight is meant. */
static const struct detail *
meant(struct ui *ui, const char *name)
{
	struct model *m = ui->m;
	uint64_t first, last;

	if (m->look.screen == SCREEN_MAIN && m->look.zoom &&
	    m->look.pane != PANE_REQUESTS) {
		ui_means_nothing(ui, name, "in the requests: 3");
		return NULL;
	}
	pick_range(m->pick, &first, &last);
	if (m->look.screen != SCREEN_DETAIL && m->look.request == 0)
		m->look.request = pick_seq(m->pick, last);
	model_fill_detail(m, control_watch(ui->control));
	if (m->detail.there && (m->look.screen == SCREEN_DETAIL || last > 0))
		return &m->detail;
	ui_no_request(ui);
	return NULL;
}

/* ---- copy */

void
act_copy(struct ui *ui, const char *arg)
{
	struct menu *menu = &ui->m->menu;

	if (meant(ui, "y (copy)") == NULL)
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

	ui_server_name(m, server);
	if (target.n == 0)
		target = span_str(d->entry.target);
	if (span_starts(target, SPAN("/"))) {
		buf_put(b, event_scheme(&d->entry.e));
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

/* *lacks: content, which is not kept. */
static void
put_copy(struct buf *b, const struct ui *ui, const struct detail *d, int what,
    bool *lacks)
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
		ui_server_name(m, server);
		o.server = server;
		x = exchange_of_entry(&d->entry,
		    span_of(d->heads, d->request_n),
		    span_of(
			d->heads + d->request_n, d->heads_n - d->request_n));
		(void)export_put_curl(b, &x, &o);
		*lacks = export_lacks_content(&x);
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
	const struct detail *d = meant(ui, "y (copy)");
	char *bytes = d ? malloc(cap) : NULL, text[PATH_MAX + 100];
	char path[PATH_MAX];
	struct buf b = buf_over(bytes, cap);
	bool filed, lacks = false;

	if (bytes == NULL)
		return;
	put_copy(&b, ui, d, what, &lacks);
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
	if (lacks)
		model_say(ui->m, NOTICE_WARN,
		    "it had content, which is not kept: the command sends "
		    "none");
}

/* ---- replay */

void
act_replay(struct ui *ui, const char *arg)
{
	struct model *m = ui->m;
	bool again = m->look.screen == SCREEN_REPLAY;
	const struct detail *d =
	    again ? &m->replay.then : meant(ui, "R (replay)");
	struct sockaddr_storage to;
	socklen_t n;
	const char *why = NULL;

	(void)arg;
	if (d == NULL)
		return;
	if (again && m->replay.under_way)
		why = "it waits for its answer already";
	else if (!d->heads_there || d->request_n == 0)
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
	if (!again)
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
	ui_export_work(ui);
	work_replay(ui);
}

bool
ui_works(const struct ui *ui)
{
	return ui->m->exporting || ui->m->replay.under_way || ui->m->picking;
}
