/* The ncurses console: a thread that shows what the server does and takes
 * keys.  It sees copies only; the server never waits for it. */
#ifndef UI_CONSOLE_H
#define UI_CONSOLE_H

#include <stdbool.h>

#include "app/control.h"
#include "base/span.h"

struct console;

#define CONSOLE_REDACT 32

struct console_options {
	unsigned refresh_ms; /* least time between frames, 50 to 5000 */
	int color;	     /* -1 never, 0 as the terminal can, 1 always */
	/* keys and the command lines they are for, in turns; columns of the
	 * list of requests (none: the usual ones); strings last as long as this
	 */
	char *const *keys;
	size_t keys_n;
	char *const *columns;
	size_t columns_n;
	/* Names of fields whose values exports and copies leave out, at most
	 * CONSOLE_REDACT; not given: export_secrets. */
	bool redact_given;
	char *const *redact;
	size_t redact_n;
	const char *export_dir; /* of files named without a folder; NULL: "." */
};

/* For whoever reads a configuration: NULL when it is the name of a key, a
 * command with what it takes, a column of the list of requests; else what it
 * should be, to follow "is not ". */
const char *console_wrong_key(struct span s);
const char *console_wrong_command(struct span s);
const char *console_wrong_column(struct span s);

/* Take over the terminal and start the thread.  NULL, with a text for stderr
 * in err[256], when the terminal cannot be used: go on headless.  All signals
 * are blocked in the calling thread. */
struct console *console_start(
    struct control *c, const struct console_options *o, char err[256]);

/* Whether the console still has its terminal (false after a hang-up).
 * *fd (may be NULL): an eventfd that becomes readable when it has lost it. */
bool console_alive(struct console *con, int *fd);

/* The server has ended: show the last state, restore the terminal, end the
 * thread, free.  False when the thread waits for a terminal that takes nothing,
 * and is left there: it may still look at the server. */
bool console_stop(struct console *con);

#endif
