/* What the process gives up once it listens, before its first thread: whoever
 * takes it over can then read little, write less and start nothing.  Layers,
 * so that each holds where another is missing.  Not to be taken back: once in
 * a process, and all threads that it starts are within. */
#ifndef APP_SANDBOX_H
#define APP_SANDBOX_H

#include "app/config.h"

/* id, what it does.  In the order in which they are entered. */
#define SANDBOX_LAYER_TABLE(X)                                                 \
	X(BENEATH, "files are opened beneath the root only (openat2)")         \
	X(PROCESS, "no new privileges, no core, not to be traced")             \
	X(USER, "an ordinary user without capabilities")                       \
	X(FILES, "files and ports that can be reached at all (Landlock)")      \
	X(CALLS, "system calls (seccomp)")

enum sandbox_layer {
#define X(id, text) SANDBOX_##id,
	SANDBOX_LAYER_TABLE(X)
#undef X
	    SANDBOX_N
};
extern const char *const sandbox_layer_text[SANDBOX_N];

enum sandbox_state {
	SANDBOX_OFF,	 /* not wanted, or not entered */
	SANDBOX_MISSING, /* wanted; kernel or build do not have it */
	SANDBOX_PARTLY,	 /* there is more to be had; the text says how */
	SANDBOX_ON,
};

struct sandbox_status {
	struct {
		enum sandbox_state state;
		char text[200]; /* printable: what it is about, or why not */
	} layer[SANDBOX_N];
	uint64_t violations; /* system calls refused so far; exact */
};

/* What goes on being needed.  Texts and lists stay the caller's. */
struct sandbox_needs {
	const struct config *config;
	bool console;
	const char *log;   /* the access log's path; NULL: no file */
	const char *state; /* folder for what the console keeps; or NULL */
	uint16_t ports[LIMIT_LISTENERS]; /* of listeners, that it connects to */
	unsigned ports_n;
};

/* Enter all layers that the configuration wants, and become its user.  Before
 * the first thread, after what must be done with more rights (ports).  False
 * with a text when the user cannot be become, when sandbox.mode is on and a
 * layer is missing, or when one that is there fails: the process is then to
 * end. */
bool sandbox_enter(const struct sandbox_needs *n, char err[512]);

/* Whether the process can become `user:` of the configuration, NULL for none:
 * it is there, and is ours to become.  False with a sentence in `err`. */
bool sandbox_can_become(const char *user, char err[512]);

/* What sandbox_enter would come to, with a console or without, as far as can be
 * known without it; false with a text when it would fail.  Changes nothing. */
bool sandbox_foresee(const struct config *c, bool console,
    struct sandbox_status *out, char err[512]);

/* The layers that were entered.  Any thread. */
void sandbox_status(struct sandbox_status *out);

/* Whether layer FILES was entered: EACCES may be its. */
bool sandbox_confines_files(void);

/* "on", "partly", "missing", "off". */
const char *sandbox_state_text(enum sandbox_state state);

/* Say once in a while that system calls were refused.  Any thread. */
void sandbox_note_violations(void);

#endif
