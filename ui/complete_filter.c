/* Tab on a filter: its keys, and behind a key's sign what may stand there. */
#include <stdio.h>
#include <string.h>

#include "http/field.h"
#include "http/method.h"
#include "ui/ui.h"

#define WORDS 400
#define WORD  TOP_NAME

/* What is offered. */
struct words {
	size_t n;
	const char *word[WORDS];
	char text[WORDS][WORD];
};

/* Once each, cut like what Top shows. */
static void
offer(struct words *w, struct span s)
{
	for (size_t i = 0; i < w->n; i++)
		if (span_eq(span_str(w->text[i]), s))
			return;
	if (w->n == WORDS || s.n == 0 || s.n >= WORD)
		return;
	memcpy(w->text[w->n], s.p, s.n);
	w->text[w->n][s.n] = '\0';
	w->word[w->n] = w->text[w->n];
	w->n++;
}

/* Names that Top counts; "-" and "---" stand for there being none. */
static void
offer_top(struct words *w, struct model *m, enum top_kind kind,
    struct span (*part)(struct span name))
{
	model_fill_top(m);
	for (unsigned i = 0; i < m->top_n[kind]; i++) {
		struct span s = span_str(m->top_line[kind][i].name);

		/* a backslash at the end would be the closing quote's */
		if (s.n && s.p[0] != '-' && !memchr(s.p, '"', s.n) &&
		    s.p[s.n - 1] != '\\')
			offer(w, part(s));
	}
}

static struct span
whole(struct span name)
{
	return name;
}

/* "Firefox 128" */
static struct span
first_word(struct span name)
{
	return span_of(name.p, strcspn(name.p, " "));
}

/* "css" of "/a.b/style.css" */
static struct span
extension(struct span path)
{
	for (size_t i = path.n; i-- > 0 && path.p[i] != '/';)
		if (path.p[i] == '.')
			return span_skip(path, i + 1);
	return span_of(path.p, 0);
}

static void
offer_status(struct words *w, struct model *m)
{
	static const char *const classes[] = { "2xx", "3xx", "4xx", "5xx",
		"none" };

	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		offer(w, span_str(classes[i]));
	offer_top(w, m, TOP_STATUSES, whole);
}

/* RFC 9110's and PATCH, and others that are in sight. */
static void
offer_method(struct words *w, struct model *m)
{
	for (int i = METHOD_GET; i <= METHOD_PATCH; i++)
		offer(w, span_str(method_name((enum http_method)i)));
	for (unsigned i = 0; i < m->window_n; i++) {
		struct span s = span_str(m->window[i].entry.method);

		if (method_find(s) != METHOD_UNKNOWN)
			offer(w, s);
	}
}

static void
offer_version(struct words *w, struct model *m)
{
	(void)m;
	offer(w, SPAN("1.0"));
	offer(w, SPAN("1.1"));
}

static void
offer_request_field(struct words *w, struct model *m)
{
	(void)m;
	for (int i = FIELD_OTHER + 1; i < FIELD_N; i++)
		offer(w, span_str(field_name((enum field_id)i)));
}

/* Those that this server sends. */
static void
offer_answer_field(struct words *w, struct model *m)
{
	static const char *const names[] = { "Accept-Ranges", "Allow",
		"Cache-Control", "Connection", "Content-Encoding",
		"Content-Length", "Content-Range", "Content-Type", "Date",
		"ETag", "Last-Modified", "Location", "Retry-After", "Server",
		"Vary" };

	(void)m;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		offer(w, span_str(names[i]));
}

/* Short texts; one with a number in it is another each time. */
static void
offer_reason(struct words *w, struct model *m)
{
	static const char *const why[] = {
#define X(id, short_text, text) short_text,
		REASON_TABLE(X)
#undef X
	};

	(void)m;
	for (size_t i = 0; i < sizeof why / sizeof *why; i++)
		if (strchr(why[i], '{') == NULL)
			offer(w, span_str(why[i]));
}

static void
offer_close(struct words *w, struct model *m)
{
	(void)m;
	for (int i = CLOSE_NONE + 1; i < CLOSE_N; i++)
		offer(w, span_str(close_reason_rows[i].label));
}

/* Keys, as columns are called too, whose values are known.  These are what
 * `offer` offers, or the parts of a kind's names in Top, or none; the sign is
 * put behind a key that has another one than ':'. */
static const struct values {
	const char *key;
	void (*offer)(struct words *w, struct model *m);
	struct span (*part)(struct span name);
	enum top_kind kind;
	bool list; /* it takes a,b */
	const char *sign;
} values[] = {
	{ .key = "status", .offer = offer_status, .list = true },
	{ .key = "code", .offer = offer_status, .list = true },
	{ .key = "method", .offer = offer_method, .list = true },
	{ .key = "meth", .offer = offer_method, .list = true },
	{ .key = "path", .part = whole, .kind = TOP_PATHS },
	{ .key = "url", .part = whole, .kind = TOP_PATHS },
	{ .key = "target", .part = whole, .kind = TOP_PATHS },
	{ .key = "ext", .part = extension, .kind = TOP_PATHS, .list = true },
	{ .key = "client", .part = whole, .kind = TOP_CLIENTS },
	{ .key = "ua", .part = first_word, .kind = TOP_AGENTS },
	{ .key = "agent", .part = first_word, .kind = TOP_AGENTS },
	{ .key = "type", .part = whole, .kind = TOP_TYPES },
	{ .key = "version", .offer = offer_version },
	{ .key = "header", .offer = offer_request_field },
	{ .key = "answer", .offer = offer_answer_field },
	{ .key = "why", .offer = offer_reason },
	{ .key = "trail", .offer = offer_reason },
	{ .key = "close", .offer = offer_close },
	{ .key = "size", .sign = ">" },
	{ .key = "time", .sign = ">" },
	{ .key = "first", .sign = ">" },
	{ .key = "mark", .sign = "" },
};

static const struct values *
values_of(struct span key)
{
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		if (span_eq_nocase(key, span_str(values[i].key)))
			return &values[i];
	return NULL;
}

/* Where the term begins that the cursor is in: what stands in quotes is part of
 * one. */
static size_t
begin_of_term(const struct prompt *p, size_t from)
{
	bool quoted = false;
	size_t start = from;

	for (size_t i = from; i < p->at; i++) {
		if (quoted && p->text[i] == '\\')
			i++;
		else if (p->text[i] == '"')
			quoted = !quoted;
		else if ((!quoted && strchr(" (|", p->text[i])) ||
		    (i == start && p->text[i] == '!'))
			start = i + 1;
	}
	return start < p->at ? start : p->at;
}

static void
complete_key(struct prompt *p, struct words *w, size_t from)
{
	const char *key;

	for (unsigned i = 0; (key = filter_key(i, NULL)); i++) {
		const struct values *v = values_of(span_str(key));
		char text[32];

		(void)snprintf(text, sizeof text, "%s%s", key,
		    v && v->sign ? v->sign : ":");
		offer(w, span_str(text));
	}
	prompt_complete_word(p, w->word, w->n, from, "");
}

/* What the key takes, where there is nothing to choose from. */
static void
say_what_it_takes(struct prompt *p, struct span key)
{
	const char *name, *help;

	(void)snprintf(p->hint, sizeof p->hint, "nothing begins so");
	for (unsigned i = 0; (name = filter_key(i, &help)); i++)
		if (span_eq_nocase(key, span_str(name)))
			(void)snprintf(p->hint, sizeof p->hint, "%s", help);
}

/* A value with a blank stands in quotes. */
static void
complete_value(struct prompt *p, const struct words *w, size_t from)
{
	bool quoted = from < p->at && p->text[from] == '"';

	prompt_complete_word(
	    p, w->word, w->n, from + quoted, quoted ? "\"" : "");
	if (quoted || strcspn(p->text + from, " ()|") >= p->at - from)
		return;
	prompt_insert(p, from, "\"");
	if (p->hint[0] == '\0')
		prompt_insert(p, p->at, "\"");
}

void
ui_filter_complete(struct ui *ui, size_t from)
{
	static struct words w; /* of the console's thread; 50 KB */
	struct prompt *p = &ui->m->prompt;
	const struct values *v;
	struct span key;
	size_t sign;

	w.n = 0;
	p->error[0] = '\0';
	p->mark = -1;
	from = begin_of_term(p, from < p->at ? from : p->at);
	key = span_of(p->text + from, strcspn(p->text + from, ":=~<>!"));
	if (key.n > p->at - from || p->text[from + key.n] == '\0' ||
	    from + key.n >= p->at) {
		complete_key(p, &w, from);
		return;
	}
	sign = strspn(key.p + key.n, ":=~<>!");
	from += key.n + sign;
	v = values_of(key);
	if (v == NULL || from > p->at) {
		say_what_it_takes(p, key);
		return;
	}
	for (size_t i = from; v->list && i < p->at; i++)
		if (p->text[i] == ',')
			from = i + 1;
	if (v->offer)
		v->offer(&w, ui->m);
	else if (v->part)
		offer_top(&w, ui->m, v->kind, v->part);
	if (w.n == 0)
		say_what_it_takes(p, key);
	else
		complete_value(p, &w, from);
}
