/* A server that is not there: src/app/control.h over a real watch, fed by
 * hand.  For the console's tests and its demonstration. */
#ifndef TESTS_CONSOLE_FAKE_CONTROL_H
#define TESTS_CONSOLE_FAKE_CONTROL_H

#include "app/control.h"
#include "base/clock.h"

struct control {
	pthread_mutex_t lock; /* of all but the watch */
	struct control_status status;
	struct control_load load;
	struct watch_account account; /* events 0: the watch's */
	struct sockaddr_storage address;
	socklen_t address_n; /* 0: none */
	struct watch watch;
	/* what was asked for */
	char said[256]; /* the last request, "pause on", "root ~/x" */
	unsigned stops;
	bool now;
	int64_t slept;
	uint64_t closed; /* connection */
	unsigned looked; /* calls of control_look */
};

struct control *fake_control_new(unsigned workers, int64_t started);
void fake_control_free(struct control *c);

/* Whether the fake server should end, for a loop in another thread; then say
 * that it has. */
bool fake_control_over(struct control *c, int64_t mono);
void fake_control_end(struct control *c);

/* An exchange to feed in; heads are NUL-terminated. */
struct fake_exchange {
	uint64_t conn;
	unsigned number;
	const char *request;
	const char *response;
	unsigned status;
	enum close_reason close;
	enum reason_id why;
	uint64_t a;
	uint32_t b;
	int64_t wall;
	int64_t queued_ns;
	int64_t done_ns;
	uint64_t body;
	uint64_t body_length;
	uint32_t refused_at; /* 0: nothing was refused */
};

/* Count it and bring it into the journal (through the recorder when that
 * runs). */
void fake_exchange(struct control *c, const struct fake_exchange *x);

/* Publish a connection's row in slot `row->slot` of worker 0, counting its
 * state; state CLOSED frees the slot. */
void fake_row(struct control *c, const struct conn_row *row);

#endif
