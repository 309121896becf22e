#include "ui/keymap.h"

#include <stdio.h>
#include <string.h>

#include "base/printable.h"
#include "ui/console.h"
#include "ui/glyph.h"
#include "ui/pane.h"
#include "ui/term.h"
#include "ui/ui.h"

static const struct {
	const char *name;
	uint32_t key;
} named[] = {
	{ "Enter", TERM_KEY_ENTER },
	{ "Tab", TERM_KEY_TAB },
	{ "S-Tab", TERM_KEY_BACK_TAB },
	{ "Esc", TERM_KEY_ESCAPE },
	{ "Space", ' ' },
	{ "Up", TERM_KEY_UP },
	{ "Down", TERM_KEY_DOWN },
	{ "Left", TERM_KEY_LEFT },
	{ "Right", TERM_KEY_RIGHT },
	{ "Home", TERM_KEY_HOME },
	{ "End", TERM_KEY_END },
	{ "PgUp", TERM_KEY_PAGE_UP },
	{ "PgDn", TERM_KEY_PAGE_DOWN },
	{ "Backspace", TERM_KEY_BACKSPACE },
	{ "Delete", TERM_KEY_DELETE },
};

/* "F1" to "F12". */
static uint32_t
function_key(struct span s)
{
	unsigned n = 0;

	if (s.n < 2 || s.n > 3 || s.p[0] != 'F')
		return 0;
	for (size_t i = 1; i < s.n; i++) {
		if (!ascii_is_digit(s.p[i]))
			return 0;
		n = n * 10 + (unsigned)(s.p[i] - '0');
	}
	return n >= 1 && n <= 12 ? TERM_KEY_F1 + n - 1 : 0;
}

uint32_t
keymap_key(struct span s)
{
	uint32_t cp;

	for (size_t i = 0; i < sizeof named / sizeof *named; i++)
		if (span_eq_nocase(s, span_str(named[i].name)))
			return named[i].key;
	if (s.n == 6 && span_eq_nocase(span_of(s.p, 5), SPAN("Ctrl-")) &&
	    ascii_lower(s.p[5]) >= 'a' && ascii_lower(s.p[5]) <= 'z')
		return (uint32_t)(ascii_lower(s.p[5]) - 'a' + 1);
	if (s.n && utf8_decode(s, &cp) == s.n && cp > ' ' && cp != 0x7F)
		return cp;
	return function_key(s);
}

/* A line as one types it behind ':', in two. */
static const struct command *
take_apart(struct span line, struct span *arg)
{
	const char *blank = memchr(line.p, ' ', line.n);
	size_t n = blank ? (size_t)(blank - line.p) : line.n;

	*arg = span_trim(span_skip(line, n));
	return command_of_name(line.p, n);
}

/* What a filter should be, as an error says it. */
static const char *
wrong_filter(struct span text)
{
	static _Thread_local char said[256];
	struct filter_error err = { .text = "out of memory" };
	struct filter *f = filter_compile(text, &err);

	if (f == NULL)
		(void)snprintf(
		    said, sizeof said, "right: its filter: %s", err.text);
	filter_free(f);
	return f ? NULL : said;
}

static const char *
wrong_notify(struct span text)
{
	return span_eq(text, SPAN("off")) ? NULL : wrong_filter(text);
}

static const char *
wrong_theme(struct span text)
{
	char name[KEYMAP_ARG];
	enum theme theme;

	(void)snprintf(name, sizeof name, "%.*s", (int)text.n, text.p);
	return theme_find(name, &theme)
	    ? NULL
	    : "right: its theme is none of dark, light, plain";
}

/* What stands behind a command, where that can be told without a server. */
static const struct {
	void (*run)(struct ui *ui, const char *arg);
	const char *(*wrong)(struct span arg);
} checks[] = {
	{ act_filter, wrong_filter },
	{ act_notify, wrong_notify },
	{ act_theme, wrong_theme },
};

/* Of a command and what stands behind it: NULL, or what it should be. */
static const char *
wrong_argument(const struct command *c, struct span arg)
{
	if (arg.n == 0)
		return NULL;
	if (!(c->screens & TAKES_TEXT))
		return "a command that takes something behind it";
	if (arg.n >= KEYMAP_ARG)
		return "short enough: 255 bytes behind the command";
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
		if (checks[i].run == c->run)
			return checks[i].wrong(arg);
	return NULL;
}

bool
keymap_bind(struct keymap *k, struct span key, struct span command)
{
	struct span arg;
	const struct command *c = take_apart(command, &arg);
	uint32_t code = keymap_key(key);

	/* these work whatever is open, so that nobody is ever stuck */
	if (code == TERM_KEY_CTRL_L || code == TERM_KEY_CTRL_Z ||
	    code == TERM_KEY_CTRL_C)
		return false;
	if (c == NULL || code == 0 || k->n == KEYMAP_MOST ||
	    wrong_argument(c, arg))
		return false;
	k->at[k->n].key = code;
	k->at[k->n].command = c;
	(void)snprintf(k->at[k->n].name, sizeof k->at->name, "%.*s",
	    (int)(key.n < 15 ? key.n : 15), key.p);
	(void)snprintf(k->at[k->n].arg, KEYMAP_ARG, "%.*s", (int)arg.n,
	    arg.n ? arg.p : "");
	k->n++;
	return true;
}

static bool
is_taken(const struct keymap *k, uint32_t key, const struct command *by)
{
	for (unsigned i = 0; i < k->n; i++)
		if (k->at[i].key == key &&
		    (k->at[i].command != by || k->at[i].arg[0]))
			return true;
	return false;
}

const struct command *
keymap_find(
    const struct keymap *k, uint32_t key, enum screen screen, const char **arg)
{
	const struct command *c = command_of_key(key, screen);
	const char *given = "";

	for (unsigned i = 0; i < k->n; i++) /* the last one said counts */
		if (k->at[i].key == key) {
			c = k->at[i].command;
			given = k->at[i].arg;
		}
	if (c == NULL || !(c->screens & 1u << screen))
		return NULL;
	*arg = *given || c->arg == NULL ? given : c->arg;
	return c;
}

const struct command *
keymap_anywhere(const struct keymap *k, uint32_t key)
{
	const struct command *c = NULL;

	for (unsigned i = k->n; i-- > 0;)
		if (k->at[i].key == key)
			return k->at[i].command;
	for (int on = 0; on < SCREEN_N && c == NULL; on++)
		c = command_of_key(key, (enum screen)on);
	return c;
}

void
keymap_key_name(uint32_t key, char out[KEYMAP_KEY])
{
	struct buf b = buf_over(out, KEYMAP_KEY);

	for (size_t i = 0; i < sizeof named / sizeof *named; i++)
		if (named[i].key == key) {
			buf_puts(&b, named[i].name);
			(void)buf_cstr(&b);
			return;
		}
	if (key >= TERM_KEY_F1 && key <= TERM_KEY_F12)
		buf_printf(&b, "F%u", (unsigned)(key - TERM_KEY_F1 + 1));
	else if (key > 0 && key < ' ')
		buf_printf(&b, "Ctrl-%c", (char)(key + '@'));
	else if (key < TERM_KEY_SPECIAL)
		glyph_put(&b, key);
	(void)buf_cstr(&b);
}

void
keymap_names(
    const struct keymap *k, const struct command *c, char out[KEYMAP_TEXT])
{
	bool own = true;
	int n = 0;

	for (int i = 0; i < 3 && c->key[i]; i++)
		own &= !is_taken(k, c->key[i], c);
	n = snprintf(out, KEYMAP_TEXT, "%s", own ? c->keys : "");
	for (unsigned i = 0; i < k->n && n < KEYMAP_TEXT - 20; i++)
		if (k->at[i].command == c && k->at[i].arg[0] == '\0')
			n += snprintf(out + n, (size_t)(KEYMAP_TEXT - n),
			    "%s%s", n ? " " : "", k->at[i].name);
}

const char *
console_wrong_key(struct span s)
{
	uint32_t key = keymap_key(s);

	if (key == TERM_KEY_CTRL_C || key == TERM_KEY_CTRL_L ||
	    key == TERM_KEY_CTRL_Z)
		return "a key that can be given away";
	return key ? NULL : "a key (use x, Enter, Space, Ctrl-R, F2, PgUp)";
}

const char *
console_wrong_command(struct span s)
{
	struct span arg;
	const struct command *c = take_apart(s, &arg);

	return c ? wrong_argument(c, arg)
		 : "a command of the console (its help names them)";
}

const char *
console_wrong_column(struct span s)
{
	for (int i = 0; i < REQUEST_COL_N; i++)
		if (span_eq(s, span_str(request_columns[i].name)))
			return NULL;
	return "a column (time conn client method status size in took first "
	       "then target why agent waterfall)";
}
