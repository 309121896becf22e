/* The ncurses console: a thread that shows what the server does and takes
 * keys.  It sees copies only; the server never waits for it. */
#ifndef UI_CONSOLE_H
#define UI_CONSOLE_H

#include <stdbool.h>

#include "app/control.h"

struct console;

struct console_options {
	unsigned refresh_ms; /* least time between frames, 50 to 5000 */
	int color;	     /* -1 never, 0 as the terminal can, 1 always */
};

/* Take over the terminal and start the thread.  NULL, with a text for stderr
 * in err[256], when the terminal cannot be used: go on headless.  All signals
 * are blocked in the calling thread. */
struct console *console_start(
    struct control *c, const struct console_options *o, char err[256]);

/* Whether the console still has its terminal (false after a hang-up).
 * *fd (may be NULL): an eventfd that becomes readable when it has lost it. */
bool console_alive(struct console *con, int *fd);

/* The server has ended: show the last state, restore the terminal, end the
 * thread, free. */
void console_stop(struct console *con);

#endif
