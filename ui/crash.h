/* If the program dies of a fault, the terminal is usable afterwards. */
#ifndef UI_CRASH_H
#define UI_CRASH_H

#include <stdbool.h>
#include <termios.h>

/* From now on SIGSEGV, SIGBUS, SIGABRT, SIGFPE and SIGILL first write one
 * constant reset string to `fd` and set `saved`, then act as they did before
 * this call.  Unblocks them in the calling thread: a fault whose signal is
 * blocked kills without asking the handler.  One terminal per process. */
void crash_guard(int fd, const struct termios *saved);

/* A fault is being dealt with: the terminal is restored, write no more. */
bool crash_under_way(void);

/* Back to what was before. */
void crash_unguard(void);

#endif
