#include "net/admit.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/notice.h"
#include "http/date.h"
#include "http/status.h"

/* What of a refused client's request is taken away before its connection is
 * closed: closed over unread bytes it would be reset, the answer with it. */
#define REFUSE_READS 4

static struct notice_gate full_gate, ip_gate, trust_gate;

/* It has been answered, with what was sent of that head and content: an
 * exchange whose request nobody has read. */
static void
admit_tell(struct conns *cs, const struct peer *peer, struct reason why,
    struct span head, uint64_t length, uint64_t sent)
{
	struct counters *n = &cs->watch->counters;
	const struct span nothing = span_of(NULL, 0);
	struct trail t = { .n = 0 };
	struct event *e;

	counter_add(&n->v[COUNTER_REQUESTS], 1);
	counter_add(&n->status[status_slot(503)], 1);
	counter_add(&n->v[COUNTER_BYTES_OUT], sent);
	if (sent < head.n)
		head.n = sent;
	e = watch_begin(cs->watch, EVENT_EXCHANGE, nothing, head);
	if (e == NULL)
		return;
	trail_why(&t, (enum reason_id)why.id, why.a, why.b);
	e->worker = cs->worker;
	e->close = CLOSE_NO_MEMORY;
	e->conn = conns_next_id(cs);
	e->number = 1;
	e->wall = cs->now.wall;
	e->status = 503;
	e->peer = *peer;
	e->body_length = length;
	e->body_sent = sent - head.n;
	e->bytes_out = sent;
	watch_end(cs->watch, e, &t, nothing, head);
}

/* A short answer to whoever cannot be served now, as far as the kernel takes it
 * at once: who is too many must not cost a slot, a buffer or a wait. */
static void
admit_refuse(
    struct conns *cs, int fd, const struct peer *peer, struct reason why)
{
	static const char content[] =
	    "Too many connections are open; try later.\n";
	const size_t length = sizeof(content) - 1;
	char answer[256], date[DATE_LEN + 1] = "";
	ssize_t sent;
	int n;

	date_format(date, cs->now.wall / NS_PER_S);
	/* Connections that are taken are so for longer than a queue of jobs,
	 * whose 503 says 1 (http/response.c). */
	n = snprintf(answer, sizeof(answer),
	    "HTTP/1.1 503 Service Unavailable\r\n"
	    "Date: %s\r\n"
	    "Connection: close\r\n"
	    "Retry-After: 5\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Length: %zu\r\n"
	    "\r\n"
	    "%s",
	    date, length, content);
	sent = send(fd, answer, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent > 0) {
		(void)shutdown(fd, SHUT_WR);
		admit_tell(cs, peer, why, span_of(answer, (size_t)n - length),
		    length, (uint64_t)sent);
	}
	for (int i = 0; i < REFUSE_READS &&
	     recv(fd, cs->scratch, sizeof(cs->scratch), MSG_DONTWAIT) > 0;
	     i++)
		continue;
	close(fd);
}

/* A connection that is to begin with a PROXY line, or to be none.  Whose it is,
 * and so its limit, is known when the line is. */
static struct conn *
admit_proxy(struct conns *cs, int fd, const struct peer *peer)
{
	struct conn *c = conn_open(cs, fd, peer, 0);
	char host[PEER_TEXT];

	if (c->trusted)
		return c;
	conn_close(cs, c, CLOSE_PROXY_UNTRUSTED);
	peer_host_text(host, peer);
	notice_gated(&trust_gate, NOTICE_WARN,
	    "a connection was closed: %s is none of trusted_proxies "
	    "(proxy_protocol: require)",
	    host);
	return NULL;
}

struct conn *
admit_socket(struct conns *cs, int fd, const struct peer *peer)
{
	struct counters *n = &cs->watch->counters;
	char host[PEER_TEXT];
	uint32_t cell;

	if (conns_full(cs)) {
		counter_add(&n->v[COUNTER_REFUSED_FULL], 1);
		admit_refuse(
		    cs, fd, peer, (struct reason){ .id = REASON_ALL_FULL });
		notice_gated(&full_gate, NOTICE_WARN,
		    "a client was refused: all connections are taken "
		    "(limits.connections)");
		return NULL;
	}
	if (cs->settings.proxy_required)
		return admit_proxy(cs, fd, peer);
	if (tally_take(cs->tally, peer, cs->settings.connections_per_ip, &cell))
		return conn_open(cs, fd, peer, cell);
	counter_add(&n->v[COUNTER_REFUSED_IP], 1);
	admit_refuse(cs, fd, peer,
	    (struct reason){ .id = REASON_CLIENT_FULL,
		.a = cs->settings.connections_per_ip });
	peer_host_text(host, peer);
	notice_gated(&ip_gate, NOTICE_WARN,
	    "a client was refused: %s has limits.connections_per_ip "
	    "connections",
	    host);
	return NULL;
}
