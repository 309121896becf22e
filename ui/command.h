/* What a person can ask for: one table that drives keys, the command line, the
 * help page and the footer. */
#ifndef UI_COMMAND_H
#define UI_COMMAND_H

#include <stddef.h>

#include "ui/model.h"

struct ui;

enum command_group {
	COMMAND_MOVE,
	COMMAND_SERVER,
	COMMAND_DATA,
	COMMAND_APP,
	COMMAND_GROUPS
};
extern const char *const command_group_names[COMMAND_GROUPS];

/* On which screens a command's keys work, bits by enum screen. */
#define ON_MAIN	  (1u << SCREEN_MAIN)
#define ON_DETAIL (1u << SCREEN_DETAIL)
#define ON_HELP	  (1u << SCREEN_HELP)
#define ON_CONN	  (1u << SCREEN_CONN)
#define ON_REPLAY (1u << SCREEN_REPLAY)
#define ON_STATS  (1u << SCREEN_STATS)
#define ON_PAGES  (ON_DETAIL | ON_CONN | ON_REPLAY | ON_STATS | ON_HELP)
#define ON_ALL	  (ON_MAIN | ON_PAGES)

/* Besides: something may follow its name. */
#define TAKES_TEXT (1u << 31)

/* Of a server that runs: a recording has none. */
#define LIVE_ONLY (1u << 30)

/* Where its word stands in the footer: at the right end, whatever else fits; at
 * the left one, of pages alone. */
#define FOOT_END   (1u << 29)
#define FOOT_FIRST (1u << 28)

struct command {
	const char *name; /* as typed after ':' */
	uint32_t key[3];  /* 0: none */
	const char *keys; /* as the help shows them */
	const char *help;
	const char *footer; /* one word; NULL: not in the footer */
	enum command_group group;
	unsigned screens; /* ON_*, TAKES_TEXT, LIVE_ONLY, FOOT_* */
	/* `arg`: what followed the name */
	void (*run)(struct ui *ui, const char *arg);
	const char *arg; /* what a key stands for; NULL: "" */
};
#define COMMANDS_MOST 128 /* there are fewer */
extern const struct command commands[];
extern const size_t commands_n;

/* Run it as its key does. */
void command_press(const struct command *c, struct ui *ui);

/* With that text behind it.  What is about a server is not done where a
 * recording is looked at, which is said. */
void command_run(const struct command *c, struct ui *ui, const char *arg);

/* The command of a key on a screen, NULL for none. */
const struct command *command_of_key(uint32_t key, enum screen screen);

/* The command of that name, NULL for none; `n` bytes. */
const struct command *command_of_name(const char *name, size_t n);

/* The name of the command that was probably meant, NULL for none. */
const char *command_near(struct span name);

#endif
