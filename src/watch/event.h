/* One exchange, or the end of a connection, on its way from a worker to the
 * recorder.  In the ring it ends behind the last reason of its trail
 * (event_size), and is followed by the request head's bytes and the response
 * head's bytes, as they travelled. */
#ifndef WATCH_EVENT_H
#define WATCH_EVENT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "http/head.h"
#include "http/reason.h"
#include "watch/conn_state.h"
#include "watch/peer.h"

enum event_kind { EVENT_EXCHANGE = 1, EVENT_CONN_CLOSED };

#define EVENT_NOWHERE UINT32_MAX
#define EVENT_UNTOLD  UINT32_MAX

struct event {
	uint8_t kind; /* enum event_kind */
	uint8_t worker;
	uint8_t minor;	   /* HTTP/1.minor */
	uint8_t method_id; /* enum http_method */
	uint16_t status;   /* 0: closed before an answer was decided */
	uint16_t close;	   /* enum close_reason; NONE: kept alive */
	uint64_t conn;
	uint32_t number; /* of the exchange on its connection, from 1 */
	/* bytes sent that the client had not acknowledged when its response was
	 * cut; EVENT_UNTOLD: the kernel does not tell */
	uint32_t unacked;
	int64_t wall; /* first byte of the head; CONN_CLOSED: the close */
	/* ns that its first bytes lay in the worker, which was at others, after
	 * the kernel told of them */
	int64_t queued_ns;
	/* durations in ns from when the first byte of the head was read */
	int64_t head_ns;      /* to the head's last byte; 0: it never came */
	int64_t asked_ns;     /* to that of all that was awaited: the head and
				 content; as long as the client was waited for */
	int64_t decided_ns;   /* to the plan */
	int64_t first_ns;     /* to the first byte given to the kernel */
	int64_t done_ns;      /* to the last; CONN_CLOSED: age of connection */
	uint64_t body_sent;   /* content bytes taken by the kernel */
	uint64_t body_length; /* content bytes announced */
	uint64_t bytes_out;   /* head and content taken by the kernel */
	uint64_t bytes_in;    /* head and content of the request */
	uint32_t request_n;   /* bytes that follow: request head */
	uint32_t response_n;  /* bytes that follow that: response head */
	uint32_t refused_at;  /* byte offset in the head, EVENT_NOWHERE: none */
	uint8_t major;	      /* HTTP/major.minor; 0: no version was read */
	bool sampled;	  /* left out of the history: of the request only what
			     the log writes follows, one after the other */
	bool secure;	  /* a recorded one, whose URL was of https */
	uint16_t unknown; /* enum fact (watch/facts.h) as bits; 0: a live one */
	struct peer peer;
	/* in the request head; n 0: not there */
	struct head_part method;
	struct head_part target;
	struct head_part host;
	struct head_part referer;
	struct head_part user_agent;
	struct trail trail; /* the last member: see event_size */
};

/* Bytes of it that mean something. */
static inline size_t
event_size(const struct event *e)
{
	return offsetof(struct event, trail.r) +
	    e->trail.n * sizeof(e->trail.r[0]);
}

/* When it happened, ns since 1970: the end of the exchange, the close. */
static inline int64_t
event_at(const struct event *e)
{
	return e->kind == EVENT_EXCHANGE ? e->wall + e->done_ns : e->wall;
}

/* An event of that kind, of which nothing is known; its trail's reasons are not
 * touched. */
static inline void
event_init(struct event *e, enum event_kind kind)
{
	memset(e, 0, offsetof(struct event, trail.r));
	e->kind = (uint8_t)kind;
	e->refused_at = EVENT_NOWHERE;
}

/* Copy what means something; the rest of *to becomes zero. */
static inline void
event_copy(struct event *to, const struct event *from)
{
	size_t n = event_size(from);

	memcpy(to, from, n);
	memset((char *)to + n, 0, sizeof(*to) - n);
}

/* The first line of a request whose line could not be read (major 0), as it
 * came; an empty line before it does not count.  Of others nothing. */
static inline struct span
event_unread_line(const struct event *e, struct span request)
{
	const char *end;

	if (e->major != 0)
		return span_of(NULL, 0);
	while (request.n && (request.p[0] == '\r' || request.p[0] == '\n'))
		request = span_skip(request, 1);
	end = request.n ? memchr(request.p, '\n', request.n) : NULL;
	if (end)
		request.n = (size_t)(end - request.p);
	if (request.n && request.p[request.n - 1] == '\r')
		request.n--;
	return request;
}

/* What its URL begins with. */
static inline struct span
event_scheme(const struct event *e)
{
	return e->secure ? SPAN("https://") : SPAN("http://");
}

/* A part of the request head; empty when it is not there or lies outside. */
static inline struct span
event_part(struct span request, struct head_part part)
{
	if ((size_t)part.at + part.n > request.n)
		return span_of(NULL, 0);
	return head_span(request.p, part);
}

#endif
