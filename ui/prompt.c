#include "ui/prompt.h"

#include <string.h>

#include "base/printable.h"
#include "ui/glyph.h"
#include "ui/term.h"

const struct prompt_row prompt_rows[] = {
	[PROMPT_NONE] = { "", "", "" },
	[PROMPT_ROOT] = { "Serve another folder", ">",
	    "Tab completes; on an error the old root stays" },
	[PROMPT_COMMAND] = { "Command", ":",
	    "Tab completes; help explains the commands" },
	[PROMPT_FIND] = { "Find", "/",
	    "goes there as you type; then n next, N previous" },
	[PROMPT_EXPORT] = { "Write to the file", ">",
	    "without the values of secret fields (console.redact); "
	    "Tab completes folders" },
	[PROMPT_FILTER] = { "Show only", "f",
	    "status>=400 path:/docs time>100ms client:10.0.0. !word a|b; "
	    "Tab completes" },
};

void
prompt_open(struct prompt *p, enum prompt_kind kind, const char *text)
{
	*p = (struct prompt){ .kind = kind, .mark = -1 };
	prompt_put(p, text);
}

void
prompt_put(struct prompt *p, const char *text)
{
	struct buf b = buf_over(p->text, sizeof p->text - 1);

	buf_puts(&b, text);
	p->text[b.n] = '\0';
	p->n = b.n;
	p->at = b.n;
}

static bool
continues(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

static size_t
before(const struct prompt *p)
{
	size_t at = p->at;

	if (at > 0)
		at--;
	while (at > 0 && continues(p->text[at]))
		at--;
	return at;
}

static size_t
after(const struct prompt *p)
{
	size_t at = p->at;

	if (at < p->n)
		at++;
	while (at < p->n && continues(p->text[at]))
		at++;
	return at;
}

static void
cut(struct prompt *p, size_t from, size_t to)
{
	memmove(p->text + from, p->text + to, p->n - to + 1);
	p->n -= to - from;
	p->at = from;
}

/* Only what can be seen: a name with anything else must be typed elsewhere. */
static void
insert(struct prompt *p, uint32_t cp)
{
	char raw[4], shown[16];
	struct buf b = buf_over(raw, sizeof raw);
	struct buf s = buf_over(shown, sizeof shown);

	glyph_put(&b, cp);
	printable_put(&s, buf_span(&b), PRINTABLE_UTF8);
	if (cp != '\\' && !span_eq(buf_span(&s), buf_span(&b)))
		return;
	if (p->n + b.n >= sizeof p->text)
		return;
	memmove(p->text + p->at + b.n, p->text + p->at, p->n - p->at + 1);
	memcpy(p->text + p->at, raw, b.n);
	p->n += b.n;
	p->at += b.n;
}

/* Back to the slash or blank before the word, as shells do. */
static void
erase_word(struct prompt *p)
{
	size_t from = p->at;

	while (from > 0 && strchr("/ ", p->text[from - 1]))
		from--;
	while (from > 0 && !strchr("/ ", p->text[from - 1]))
		from--;
	cut(p, from, p->at);
}

static void
edit(struct prompt *p, uint32_t key)
{
	switch (key) {
	case TERM_KEY_LEFT:
		p->at = before(p);
		break;
	case TERM_KEY_RIGHT:
		p->at = after(p);
		break;
	case TERM_KEY_HOME:
	case TERM_KEY_CTRL_A:
		p->at = 0;
		break;
	case TERM_KEY_END:
	case TERM_KEY_CTRL_E:
		p->at = p->n;
		break;
	case TERM_KEY_BACKSPACE:
		cut(p, before(p), p->at);
		break;
	case TERM_KEY_DELETE:
		cut(p, p->at, after(p));
		break;
	case TERM_KEY_CTRL_U:
		cut(p, 0, p->at);
		break;
	case TERM_KEY_CTRL_K:
		cut(p, p->at, p->n);
		break;
	case TERM_KEY_CTRL_W:
		erase_word(p);
		break;
	default:
		if (key >= ' ' && key < TERM_KEY_SPECIAL)
			insert(p, key);
	}
}

/* Lines become words: what stands on two of them is not one.  At the end of
 * what is pasted nothing is added: it may be a path. */
static void
paste(struct prompt *p, uint32_t key)
{
	bool blank = key == TERM_KEY_ENTER || key == TERM_KEY_TAB;

	if (blank)
		p->broken = p->at > 0;
	if (key < ' ' || key >= TERM_KEY_SPECIAL)
		return;
	if (p->broken && key != ' ' && p->text[p->at - 1] != ' ')
		insert(p, ' ');
	p->broken = false;
	insert(p, key);
}

enum prompt_result
prompt_key(struct prompt *p, uint32_t key)
{
	if (key == TERM_KEY_PASTE_BEGIN || key == TERM_KEY_PASTE_END) {
		p->pasting = key == TERM_KEY_PASTE_BEGIN;
		p->broken = false;
		return PROMPT_STAYS;
	}
	/* Ctrl-C is never text: it also ends a paste whose end got lost. */
	if (key == TERM_KEY_CTRL_C)
		return PROMPT_CANCELLED;
	if (p->pasting) {
		paste(p, key);
		return PROMPT_STAYS;
	}
	if (key == TERM_KEY_ESCAPE)
		return PROMPT_CANCELLED;
	if (key == TERM_KEY_ENTER)
		return PROMPT_SUBMITTED;
	p->hint[0] = '\0';
	p->error[0] = '\0';
	p->mark = -1;
	edit(p, key);
	return PROMPT_STAYS;
}
