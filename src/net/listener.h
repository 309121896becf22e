/* A listening socket. */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include <stdbool.h>
#include <sys/socket.h>

struct listener {
	int fd;
	struct sockaddr_storage addr; /* as bound */
	socklen_t addr_n;
	bool loopback; /* only this computer can reach it */
	char url[96];  /* "http://127.0.0.1:8000/" */
};

enum listener_result {
	LISTENER_OK,
	LISTENER_IN_USE, /* another socket has the port */
	LISTENER_FAILED,
};

/* Bind and listen on a host ("": every address of both families) and port (0:
 * the kernel picks).  Otherwise a sentence in err[256]. */
enum listener_result listener_open(struct listener *l, const char *host,
    unsigned port, int backlog, char err[256]);

/* The port it is bound to. */
unsigned listener_port(const struct listener *l);

/* Tell of connections when they are made, or once their first bytes are there
 * (or a second or more has passed). */
void listener_defer(const struct listener *l, bool on);

void listener_close(struct listener *l);

#endif
