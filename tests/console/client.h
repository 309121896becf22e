/* Small HTTP clients to make traffic with.  Each call fails the test when its
 * deadline passes or the connection does something else than expected. */
#ifndef TESTS_CONSOLE_CLIENT_H
#define TESTS_CONSOLE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

struct reply {
	int status;    /* 0: the connection ended before a head came */
	size_t length; /* content bytes that came */
	bool complete; /* all that was announced */
	char head[4096];
	char body[4096]; /* the beginning of the content */
};

/* A connection to 127.0.0.1.  `window`: bytes that the kernel takes for a
 * client that does not read, 0 for what is usual. */
int client_open(unsigned port, int window);

/* Send as it is. */
void client_send(int fd, const char *text);
void client_send_bytes(int fd, const char *bytes, size_t n);

/* Whether something to read (or the end) is there by now. */
bool client_readable(int fd);

/* Read a whole response. */
void client_read(int fd, struct reply *r);

/* Read the head and `n` bytes of the content at most; then the rest. */
void client_read_some(int fd, struct reply *r, size_t n);
void client_read_rest(int fd, struct reply *r);

/* Wait for the end of the connection. */
void client_wait_end(int fd);

/* Leave without reading what there is: the server sees a reset. */
void client_abort(int fd);

/* GET on an open connection, `fields` being whole lines; the status. */
int client_ask(int fd, const char *target, const char *fields);

/* GET on a connection of its own, which is closed; the status. */
int client_get(unsigned port, const char *target);

#endif
