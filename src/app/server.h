/* The whole server, assembled: listeners, site, workers, what is watched.
 * Behind control.h; the main thread drives it. */
#ifndef APP_SERVER_H
#define APP_SERVER_H

#include "app/config.h"
#include "app/control.h"
#include "net/worker.h"

struct control {
	uint32_t magic;
	pthread_mutex_t lock; /* life-cycle changes, and what is below */
	struct config *config;
	struct site *site; /* a reference */
	enum life_state state;
	int64_t drain_deadline; /* ns monotonic; 0: none */
	bool root_gone;
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
	struct watch watch;
	int wake_fd; /* eventfd: something changed for the main thread */
};

/* Assemble from the configuration, which passes to the server: bind, open the
 * root, allocate, start recorder and workers.  NULL with a text in err[512]. */
struct control *server_start(
    struct config *config, bool console, char err[512]);

/* A reload: take over what can be changed while running, say by notice() what
 * cannot.  The configuration passes to the server.  On failure the old one
 * stays, and the text says why. */
struct control_result server_configure(
    struct control *c, struct config *config);

/* Once a second and after each wake-up: the drain deadline, the root's
 * presence.  Returns ms until it wants to be called again. */
int server_tick(struct control *c);

/* All workers have ended: empty the rings, flush the log. */
void server_join(struct control *c);
void server_free(struct control *c);

/* Whom the banner names: "python3 (pid 812)" for the process that listens on
 * the TCP port, "another program" when that cannot be found out. */
void port_owner(char out[128], unsigned port);

#endif
