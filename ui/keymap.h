/* Keys that a person gave to commands, before those they have. */
#ifndef UI_KEYMAP_H
#define UI_KEYMAP_H

#include "base/span.h"
#include "ui/command.h"

#define KEYMAP_MOST 64
#define KEYMAP_ARG  256 /* bytes of what may follow a command, and a NUL */

struct keymap {
	unsigned n;
	struct {
		uint32_t key;
		const struct command *command;
		char name[16];
		char arg[KEYMAP_ARG]; /* what follows it, "": nothing */
	} at[KEYMAP_MOST];
};

/* The key of that name: one character, or "Enter", "Tab", "S-Tab", "Esc",
 * "Space", "Up", "PgDn", "Ctrl-R", "F2" and the like; 0 for none. */
uint32_t keymap_key(struct span s);

/* Give a key to a command, behind which may stand what it takes, as on the
 * command line; false when there is no such key or command, or no place. */
bool keymap_bind(struct keymap *k, struct span key, struct span command);

/* The command of a key on a screen, and in *arg what it is run with; NULL for
 * none. */
const struct command *keymap_find(
    const struct keymap *k, uint32_t key, enum screen screen, const char **arg);

/* The command that has the key on any screen; NULL for none. */
const struct command *keymap_anywhere(const struct keymap *k, uint32_t key);

/* What keymap_key knows it by; "" for one that it does not know. */
#define KEYMAP_KEY 16
void keymap_key_name(uint32_t key, char out[KEYMAP_KEY]);

/* The names of a command's keys, its own that were not taken from it too; none
 * of those behind which something stands. */
#define KEYMAP_TEXT 64
void keymap_names(
    const struct keymap *k, const struct command *c, char out[KEYMAP_TEXT]);

#endif
