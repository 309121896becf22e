/* The whole server, assembled: listeners, site, workers, what is watched.
 * Behind control.h; the main thread drives it. */
#ifndef APP_SERVER_H
#define APP_SERVER_H

#include "app/config.h"
#include "app/control.h"
#include "net/worker.h"

struct control {
	uint32_t magic;
	/* Life-cycle changes, and what is below.  Nothing that may wait for a
	 * disk is done with it held. */
	pthread_mutex_t lock;
	pthread_cond_t changed; /* state or asides */
	struct config *config;	/* in force */
	struct config *begun;	/* that it started with: ports, user, ... */
	struct site *site;	/* a reference */
	enum life_state state;
	unsigned asides;	/* see app/aside.h */
	int64_t drain_deadline; /* ns monotonic; 0: none */
	bool cut;		/* the workers were told to end at once */
	bool root_gone;
	bool root_chosen;     /* by the operator, not the configuration */
	_Atomic bool reading; /* more of a recording may come */
	struct {
		bool runs, again;
		int argc;
		char **argv;
	} reload;
	/* A file that is looked at while nothing is served, else NULL. */
	const char *recording;
	/* of what was read of it, ns CLOCK_REALTIME; 0: nothing yet */
	_Atomic int64_t earliest;
	_Atomic int64_t latest;
	/* set at start, then constant */
	int64_t started; /* ns, monotonic */
	bool console;
	bool loopback_only;
	uint32_t connections; /* limit in force */
	uint32_t buffered;    /* bytes of head that the buffers were made for */
	struct listener listeners[LIMIT_LISTENERS];
	struct worker_shared shared;
	unsigned workers;
	struct worker *worker; /* [workers] */
	struct gzip_store *gzip;
	unsigned gzip_copies; /* that the descriptors allow */
	struct watch watch;
	int wake_fd; /* eventfd: something changed for the main thread */
};

/* Assemble from the configuration, which passes to the server, in three steps,
 * each with a text in err[512] when it fails; nothing is then left.
 *
 * 1. Bind: what may need more rights than the rest.  NULL on failure. */
struct control *server_open(struct config *config, bool console, char err[512]);

/* 2. Give up what is no longer needed: become the user, enter the sandbox
 *    (app/sandbox.h).  It is for good, and for the whole process. */
bool server_confine(struct control *c, char err[512]);

/* 3. Allocate, open the log and the root, start recorder, workers and the rest.
 */
bool server_run(struct control *c, char err[512]);

/* A reload: take over what can be changed while running, say by notice() what
 * cannot.  The configuration passes to the server.  On failure the old one
 * stays, and the text says why.  May wait for a disk; one thread at a time. */
struct control_result server_configure(
    struct control *c, struct config *config);

/* After each wake-up: the drain deadline.  Returns ms until it wants to be
 * called again, -1 for not before the next wake-up.  Never waits for a disk. */
int server_tick(struct control *c);

/* All workers have ended: empty the rings, flush the log. */
void server_join(struct control *c);

/* False, and nothing is freed, while a thread waits for a disk: it may be
 * tried again, and need not be when the process ends. */
bool server_free(struct control *c);

/* The folder that is served: absolute, not made printable. */
void server_root(struct control *c, char root[PATH_MAX]);

/* For those behind control.h: a reference to what is served, NULL once the
 * server is shutting down; and to serve `next`, whose reference passes, if
 * that is still `old`. */
struct site *control_site(struct control *c);
bool control_replace_site(
    struct control *c, const struct site *old, struct site *next);
/* The reference passes.  The lock is held. */
void control_publish_locked(struct control *c, struct site *site);
struct control_result control_say(bool ok, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Whom the banner names: "python3 (pid 812)" for the process that listens on
 * the TCP port, "another program" when that cannot be found out. */
void port_owner(char out[128], unsigned port);

#endif
