/* The layers of the sandbox, each in its file; only sandbox*.c. */
#ifndef APP_SANDBOX_PARTS_H
#define APP_SANDBOX_PARTS_H

#include <stdarg.h>
#include <sys/types.h>

#include "app/sandbox.h"

/* How entering a layer went. */
enum sandbox_result {
	SANDBOX_DONE,
	SANDBOX_ABSENT, /* the kernel has no such thing */
	SANDBOX_FAILED, /* it has, and it went wrong */
};

struct sandbox_user {
	uid_t uid;
	gid_t gid;
};

/* Set a layer's state and text. */
void sandbox_say(struct sandbox_status *s, enum sandbox_layer layer,
    enum sandbox_state state, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* --- layer 2, sandbox_user.c --- */

/* Who "name", "name:group" or numbers are; false with a text.  Not root. */
bool sandbox_user_find(
    const char *who, struct sandbox_user *out, char err[512]);

/* Whether the process may become that user, or is it already. */
bool sandbox_user_can(
    const struct sandbox_user *u, const char *who, char err[512]);

/* Give the user a log that is not there yet, become the user, for good. */
bool sandbox_user_become(
    const struct sandbox_user *u, const char *log, char err[512]);

/* Whether that user could serve: read the root, and write to a log that is
 * there.  A child of root becomes the user and tries; false with a text that
 * begins with the key. */
bool sandbox_user_try(
    const struct sandbox_user *u, const struct config *c, char err[512]);

/* Of an ordinary user: let go of every capability.  0 or an errno. */
int sandbox_user_drop_capabilities(void);

/* --- layer 3, sandbox_files.c --- */

/* The kernel's Landlock ABI, 0 and errno for none. */
int sandbox_files_abi(void);

/* Say of that layer, by a kernel that has it, how far reading goes. */
void sandbox_files_say(
    struct sandbox_status *s, const struct config *c, bool console, int abi);

enum sandbox_result sandbox_files_enter(
    const struct sandbox_needs *n, struct sandbox_status *s, char err[512]);

/* --- layer 4, sandbox_calls.c --- */

/* Whether the kernel has seccomp filters. */
bool sandbox_calls_there(void);

/* `kill`: a refused call ends the process; else it fails with EPERM and is
 * counted. */
enum sandbox_result sandbox_calls_enter(
    bool kill, struct sandbox_status *s, char err[512]);

/* Calls refused so far.  Any thread. */
uint64_t sandbox_calls_refused(void);

#endif
