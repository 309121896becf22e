/* The life cycle as a front end may use it: look, and ask for changes.
 * Every function may be called from any thread; none waits for a worker, and
 * none but control_set_root for a disk. */
#ifndef APP_CONTROL_H
#define APP_CONTROL_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "watch/watch.h"

struct control;

/* RECORDING: nothing is served, a file is looked at. */
enum life_state {
	LIFE_LIVE,
	LIFE_PAUSED,
	LIFE_DRAINING,
	LIFE_ENDED,
	LIFE_RECORDING
};

struct control_status {
	enum life_state state;
	char root[PATH_MAX];   /* printable, "~" for the home folder */
	char url[128];	       /* "http://127.0.0.1:8000/" of the 1st listener;
				* the file of a recording */
	char config[PATH_MAX]; /* file it came from, printable; "" for none */
	unsigned listeners;
	bool loopback_only;
	bool root_gone;		/* the document root no longer exists */
	int64_t started;	/* ns, monotonic */
	int64_t drain_deadline; /* ns, monotonic; 0: none */
	/* of a recording */
	bool reading;	  /* more may come */
	int64_t earliest; /* of what was read, ns CLOCK_REALTIME; 0: nothing */
	int64_t latest;
	unsigned workers;
	uint32_t connections_max;
	struct accesslog_status log;
};

/* What the process uses of what it may have; 0 of 0: unknown. */
struct control_load {
	unsigned queue; /* clients that wait to be accepted, all listeners */
	unsigned queue_max;
	unsigned fds; /* descriptors open */
	unsigned fds_max;
};

/* How a request for a change went. */
struct control_result {
	bool ok;
	char text[256]; /* printable: what happened, or why it did not */
};

/* One layer of what the process has locked itself in with. */
struct control_layer {
	const char *what;  /* static: "system calls (seccomp)" */
	const char *state; /* static: "on", "partly", "missing", "off" */
	bool good;	   /* on, or off because nobody wanted it */
	char text[200];	   /* printable: how, or why not */
};

#define CONTROL_LAYERS 5
struct control_sandbox {
	struct control_layer layer[CONTROL_LAYERS]; /* 0: the outermost */
	unsigned on;				    /* layers that are on */
	uint64_t violations; /* system calls that were refused */
};

void control_status(struct control *c, struct control_status *out);

/* Where every event and every line of the log went, so far. */
void control_account(struct control *c, struct watch_account *out);

/* The layers do not change; the violations do. */
void control_sandbox(struct control *c, struct control_sandbox *out);

/* Some microseconds; on Linux before 6.2 more with many descriptors. */
void control_load(struct control *c, struct control_load *out);

/* Where this computer reaches the server; false when nowhere. */
bool control_address(
    struct control *c, struct sockaddr_storage *out, socklen_t *n);

/* The observed side; valid as long as the control. */
struct watch *control_watch(struct control *c);

/* Stop accepting and reading new requests / go on. */
struct control_result control_pause(struct control *c, bool paused);

/* What is said of a reload that went well begins with this. */
#define CONTROL_RELOADED "configuration reloaded"

/* Serve another folder; relative to the working directory, "~" is expanded.
 * On failure the old one stays.  A reload keeps it, unless the file has named
 * another one since. */
struct control_result control_set_root(struct control *c, const char *path);

struct control_result control_log(struct control *c, bool on);

/* Begin to drain, until timeouts.shutdown runs out if that is set; a second
 * call, or now: end at once. */
struct control_result control_stop(struct control *c, bool now);

/* Close one connection, named by worker, slot and generation. */
struct control_result control_close(
    struct control *c, const struct conn_row *row);

/* Find out about the paths of at most 64 connections of each worker, for
 * watch_paths, a moment later; those of an earlier call are forgotten. */
void control_look(struct control *c, const struct conn_row *rows, unsigned n);

/* The suspend key: the process was stopped for `gap_ns`; deadlines move. */
void control_slept(struct control *c, int64_t gap_ns);

#endif
