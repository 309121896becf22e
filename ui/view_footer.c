/* The keys that matter now, in the last line. */
#include <stdio.h>
#include <string.h>

#include "ui/command.h"
#include "ui/glyph.h"
#include "ui/keymap.h"
#include "ui/view.h"

/* The word for a key says what it would do now; NULL: nothing. */
static const char *
footer_word(const struct model *m, const struct command *c)
{
	if (c->footer == NULL || !(c->screens & 1u << m->look.screen))
		return NULL;
	if (c->screens & LIVE_ONLY && m->status.state == LIFE_RECORDING)
		return NULL;
	if (m->status.state == LIFE_PAUSED && strcmp(c->name, "pause") == 0)
		return "Resume";
	if (m->look.frozen && strcmp(c->name, "freeze") == 0)
		return "Thaw";
	if (c->screens & FOOT_FIRST && m->look.screen == SCREEN_MAIN)
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

/* What has room first.  The ways to help and out stand at the right end,
 * whatever else fits. */
enum place { PLACE_BACK, PLACE_OWN, PLACE_REST, PLACE_RIGHT };

/* On a page comes first how to leave it, then what only belongs to some. */
static enum place
place_of(const struct model *m, const struct command *c)
{
	if (c->screens & FOOT_END)
		return PLACE_RIGHT;
	if (m->look.screen == SCREEN_MAIN)
		return PLACE_REST;
	if (c->screens & FOOT_FIRST)
		return PLACE_BACK;
	return (c->screens & ON_ALL) == ON_ALL ? PLACE_REST : PLACE_OWN;
}

/* Returns the command at column `x`, NULL for none. */
static const struct command *
put_commands(const struct model *m, struct pen *p, enum place place, int x)
{
	static const struct keymap none;
	const struct command *at = NULL;

	for (size_t i = 0; i < commands_n; i++) {
		const struct command *c = &commands[i];
		const char *word = footer_word(m, c);
		char key[24], names[KEYMAP_TEXT];
		if (word == NULL || place_of(m, c) != place)
			continue;
		keymap_names(m->keys ? m->keys : &none, c, names);
		if (names[0] == '\0')
			continue; /* its key was given to another */
		(void)snprintf(
		    key, sizeof key, "%.*s", (int)strcspn(names, " "), names);
		int from = p->x;
		if (put_key(p, key, word) && x >= from && x < p->x)
			at = c;
	}
	return at;
}

static void
put_prompt_keys(const struct model *m, struct pen *p)
{
	(void)put_key(p, "Enter", "Do it");
	if (m->prompt.kind != PROMPT_FIND)
		(void)put_key(p, "Tab", "Complete");
	(void)put_key(p, "Esc", "Cancel");
}

static void
put_menu_keys(const struct model *m, struct pen *p)
{
	if (m->menu.ticks)
		(void)put_key(p, "Space", "Switch");
	else
		(void)put_key(p, "Enter", "Choose");
	(void)put_key(p, "j", "Down");
	(void)put_key(p, "k", "Up");
	(void)put_key(p, "Esc", "Close");
}

/* What takes all keys says which; false when nothing does. */
static bool
put_open_keys(const struct model *m, struct pen *p)
{
	if (m->prompt.kind != PROMPT_NONE)
		put_prompt_keys(m, p);
	else if (m->menu.kind != MENU_NONE)
		put_menu_keys(m, p);
	else if (m->dialog.kind != DIALOG_NONE)
		(void)put_key(p, "Esc", "Cancel"); /* the rest is in its box */
	else
		return false;
	return true;
}

const struct command *
view_footer_at(const struct model *m, struct grid *g, struct rect r, int x)
{
	const struct command *at = NULL, *here;
	int gap = g->w >= 100 ? 2 : 1;
	int ways = key_width("?", "Help") + gap + key_width("q", "Quit") + 1;
	struct pen p = { g, r.y, r.x + 1, r.x + r.w };

	if (put_open_keys(m, &p))
		return NULL;
	p.end -= ways + gap;
	for (enum place place = PLACE_BACK; place <= PLACE_RIGHT; place++) {
		if (place == PLACE_RIGHT)
			p = (struct pen){ g, r.y, r.x + r.w - ways, r.x + r.w };
		here = put_commands(m, &p, place, x);
		at = here ? here : at;
	}
	return at;
}

void
view_footer(const struct model *m, struct grid *g, struct rect r)
{
	(void)view_footer_at(m, g, r, -1);
}
