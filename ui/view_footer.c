/* The keys that matter now, in the last line. */
#include <stdio.h>
#include <string.h>

#include "ui/command.h"
#include "ui/glyph.h"
#include "ui/keymap.h"
#include "ui/view.h"

/* The word for a key says what it would do now. */
static const char *
footer_word(const struct model *m, const struct command *c)
{
	if (strcmp(c->name, "pause") == 0 && m->status.state == LIFE_PAUSED)
		return "Resume";
	if (strcmp(c->name, "freeze") == 0 && m->look.frozen)
		return "Thaw";
	if (strcmp(c->name, "back") == 0 && m->look.screen == SCREEN_MAIN)
		return NULL; /* nowhere to go back to */
	return c->footer;
}

static int
key_width(const char *key, const char *word)
{
	return glyph_text_width(key) + 1 + glyph_text_width(word);
}

/* False when there was no room. */
static bool
put_key(struct pen *p, const char *key, const char *word)
{
	if (key_width(key, word) > p->end - p->x)
		return false;
	pen_put(p, STYLE_KEY, "%s", key);
	p->x++;
	pen_put(p, STYLE_LABEL, "%s", word);
	p->x += p->g->w >= 100 ? 2 : 1;
	return true;
}

/* The ways to help and out stand at the right end, whatever else fits. */
static bool
stands_right(const struct command *c)
{
	return strcmp(c->name, "help") == 0 || strcmp(c->name, "quit") == 0;
}

/* Returns the command at column `x`, NULL for none. */
static const struct command *
put_commands(const struct model *m, struct pen *p, bool right, int x)
{
	static const struct keymap none;
	const struct command *at = NULL;

	for (size_t i = 0; i < commands_n; i++) {
		const struct command *c = &commands[i];
		const char *word = footer_word(m, c);
		char key[24], names[KEYMAP_TEXT];
		if (word == NULL || !(c->screens & 1u << m->look.screen) ||
		    stands_right(c) != right)
			continue;
		keymap_names(m->keys ? m->keys : &none, c, names);
		(void)snprintf(
		    key, sizeof key, "%.*s", (int)strcspn(names, " "), names);
		int from = p->x;
		if (put_key(p, key, word) && x >= from && x < p->x)
			at = c;
	}
	return at;
}

const struct command *
view_footer_at(const struct model *m, struct grid *g, struct rect r, int x)
{
	const struct command *at, *way;
	int gap = g->w >= 100 ? 2 : 1;
	int ways = key_width("?", "Help") + gap + key_width("q", "Quit") + 1;
	struct pen p = { g, r.y, r.x + 1, r.x + r.w };

	if (m->prompt.kind != PROMPT_NONE) {
		(void)put_key(&p, "Enter", "Do it");
		if (m->prompt.kind != PROMPT_FIND)
			(void)put_key(&p, "Tab", "Complete");
		(void)put_key(&p, "Esc", "Cancel");
		return NULL;
	}
	p.end -= ways;
	at = put_commands(m, &p, false, x);
	p = (struct pen){ g, r.y, r.x + r.w - ways, r.x + r.w };
	way = put_commands(m, &p, true, x);
	return at ? at : way;
}

void
view_footer(const struct model *m, struct grid *g, struct rect r)
{
	(void)view_footer_at(m, g, r, -1);
}
