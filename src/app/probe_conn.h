/* The probe's one connection, with the system calls' results kept, because
 * they are what the probe shows. */
#ifndef APP_PROBE_CONN_H
#define APP_PROBE_CONN_H

#include "http/reply.h"
#include "app/probe_url.h"
#include "base/buf.h"

struct probe_conn {
	int fd;		    /* -1: never connected */
	unsigned number;    /* of this run's connections, from 1 */
	unsigned exchanges; /* answered on this connection */
	unsigned port;	    /* ours: how the server's log names it */
	bool ended;	    /* recv has said that the server closed */
	char peer[80];	    /* "127.0.0.1:8000" */
	int64_t connect_ns;
	int64_t quiet_since; /* ns, monotonic: end of the last traffic */
};

/* How recv or send ended what was awaited. */
enum probe_end {
	PROBE_ANSWERED,
	PROBE_SEND_FAILED, /* `error` */
	PROBE_ENDED,	   /* recv returned 0 before the response was whole */
	PROBE_RECV_FAILED, /* `error` */
	PROBE_LATE,	   /* nothing (more) came in time */
	PROBE_NOT_HTTP,	   /* reply->wrong */
};

struct probe_exchange {
	enum probe_end end;
	int error;	  /* errno of the call that failed */
	size_t sent;	  /* bytes that send took */
	size_t extra;	  /* bytes that came after the response's end */
	int64_t first_ns; /* from send to the first byte; -1: none came */
	int64_t whole_ns; /* from send to the end of the response */
};

/* Connect to the URL's host, closing what was open.  False, with a reason in
 * err[160], when no address answers within the time. */
bool probe_conn_open(struct probe_conn *c, const struct probe_url *u,
    int timeout_ms, char err[160]);
void probe_conn_close(struct probe_conn *c);

/* Send the request and read the response into *r (made ready by the caller).
 * Sends even when the server has closed: that is worth seeing. */
void probe_conn_exchange(struct probe_conn *c, struct span request,
    struct http_reply *r, struct probe_exchange *x, int timeout_ms);

/* Wait for the server to close: PROBE_ENDED, PROBE_RECV_FAILED (a reset, in
 * *error), PROBE_LATE, or PROBE_NOT_HTTP when it sends bytes instead, which
 * are put into *b as far as they fit. */
enum probe_end probe_conn_await_end(
    struct probe_conn *c, struct buf *b, int *error, int timeout_ms);

#endif
