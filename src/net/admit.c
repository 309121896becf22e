#include "net/admit.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/notice.h"
#include "http/date.h"

/* What of a refused client's request is taken away before its connection is
 * closed: closed over unread bytes it would be reset, the answer with it. */
#define REFUSE_READS 4

static struct notice_gate full_gate, ip_gate, trust_gate;

/* A short answer to whoever cannot be served now, as far as the kernel takes it
 * at once: who is too many must not cost a slot, a buffer or a wait. */
static void
admit_refuse(struct conns *cs, int fd)
{
	char answer[256], date[DATE_LEN + 1] = "";
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
	    "Content-Length: 42\r\n"
	    "\r\n"
	    "Too many connections are open; try later.\n",
	    date);
	if (send(fd, answer, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		(void)shutdown(fd, SHUT_WR);
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
		admit_refuse(cs, fd);
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
	admit_refuse(cs, fd);
	peer_host_text(host, peer);
	notice_gated(&ip_gate, NOTICE_WARN,
	    "a client was refused: %s has limits.connections_per_ip "
	    "connections",
	    host);
	return NULL;
}
