#include "net/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
static bool
address_is_loopback(const struct sockaddr *a)
{
	const struct sockaddr_in *v4 = (const void *)a;
	const struct sockaddr_in6 *v6 = (const void *)a;

	if (a->sa_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	return a->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

/* An address of this computer that others can reach, for a listener on every
 * address; the loopback address when there is none. */
static void
address_for_others(char host[INET6_ADDRSTRLEN])
{
	struct ifaddrs *list, *i;

	snprintf(host, INET6_ADDRSTRLEN, "127.0.0.1");
	if (getifaddrs(&list) != 0)
		return;
	for (i = list; i != NULL; i = i->ifa_next) {
		const struct sockaddr_in *v4 = (const void *)i->ifa_addr;

		if (v4 == NULL || v4->sin_family != AF_INET ||
		    (i->ifa_flags & IFF_LOOPBACK) || !(i->ifa_flags & IFF_UP))
			continue;
		inet_ntop(AF_INET, &v4->sin_addr, host, INET6_ADDRSTRLEN);
		break;
	}
	freeifaddrs(list);
}

/* What to type into a browser. */
static void
listener_describe(struct listener *l)
{
	char host[INET6_ADDRSTRLEN] = "?";
	const struct sockaddr_in *v4 = (const void *)&l->addr;
	const struct sockaddr_in6 *v6 = (const void *)&l->addr;

	l->loopback = address_is_loopback((const struct sockaddr *)&l->addr);
	if (l->addr.ss_family == AF_INET) {
		inet_ntop(AF_INET, &v4->sin_addr, host, sizeof(host));
		if (v4->sin_addr.s_addr == htonl(INADDR_ANY))
			address_for_others(host);
		snprintf(l->url, sizeof(l->url), "http://%s:%u/", host,
		    ntohs(v4->sin_port));
		return;
	}
	inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof(host));
	if (IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr)) {
		address_for_others(host);
		snprintf(l->url, sizeof(l->url), "http://%s:%u/", host,
		    ntohs(v6->sin6_port));
	} else {
		snprintf(l->url, sizeof(l->url), "http://[%s]:%u/", host,
		    ntohs(v6->sin6_port));
	}
}

/* Accepted sockets inherit these. */
static void
listener_options(int fd, const struct sockaddr *a)
{
	static const char reno[] = "reno"; /* every kernel has it */
	int on = 1, off = 0;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* No answer waits for an ACK. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	/* Within one computer nothing is congested.  A system whose default is
	 * to pace what it sends (BBR) would send small pieces by a timer:
	 * measured, 100 MiB cost three times the CPU time. */
	if (address_is_loopback(a))
		(void)setsockopt(
		    fd, IPPROTO_TCP, TCP_CONGESTION, reno, sizeof(reno) - 1);
	if (a->sa_family == AF_INET6)
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
}

/* Bind one address; 0 or an errno. */
static int
listener_bind(struct listener *l, const struct addrinfo *a, int backlog)
{
	int error;

	l->fd =
	    socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return errno;
	listener_options(l->fd, a->ai_addr);
	l->addr_n = sizeof(l->addr);
	if (bind(l->fd, a->ai_addr, a->ai_addrlen) == 0 &&
	    listen(l->fd, backlog) == 0 &&
	    getsockname(l->fd, (struct sockaddr *)&l->addr, &l->addr_n) == 0)
		return 0;
	error = errno;
	listener_close(l);
	return error;
}

/* Bind the first address of the host that can be; 0 or an errno. */
static int
listener_bind_any(struct listener *l, const char *host, int family,
    unsigned port, int backlog, const char **resolve_error)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_family = family,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *list, *a;
	char service[8];
	int error;

	snprintf(service, sizeof(service), "%u", port & 0xffff);
	error = getaddrinfo(host, service, &hints, &list);
	if (error != 0) {
		*resolve_error = gai_strerror(error);
		return EADDRNOTAVAIL;
	}
	error = EADDRNOTAVAIL;
	for (a = list; a != NULL && l->fd < 0; a = a->ai_next)
		error = listener_bind(l, a, backlog);
	freeaddrinfo(list);
	return error;
}

enum listener_result
listener_open(struct listener *l, const char *host, unsigned port, int backlog,
    char err[256])
{
	const char *resolve_error = NULL;
	int error;

	l->fd = -1;
	if (host[0] != '\0') {
		error = listener_bind_any(
		    l, host, AF_UNSPEC, port, backlog, &resolve_error);
	} else { /* an IPv6 socket takes IPv4 too, where there is IPv6 */
		error = listener_bind_any(
		    l, NULL, AF_INET6, port, backlog, &resolve_error);
		if (error == EAFNOSUPPORT || error == EADDRNOTAVAIL)
			error = listener_bind_any(
			    l, NULL, AF_INET, port, backlog, &resolve_error);
	}
	if (error == 0) {
		listener_describe(l);
		return LISTENER_OK;
	}
	if (error == EACCES && port < 1024)
		snprintf(
		    err, 256, "port %u needs privileges; try -p 8000", port);
	else
		snprintf(err, 256, "cannot listen on %.100s port %u: %s",
		    host[0] ? host : "every address", port,
		    resolve_error ? resolve_error : error_text(error));
	return error == EADDRINUSE ? LISTENER_IN_USE : LISTENER_FAILED;
}

unsigned
listener_port(const struct listener *l)
{
	const struct sockaddr_in *v4 = (const void *)&l->addr;
	const struct sockaddr_in6 *v6 = (const void *)&l->addr;

	return ntohs(
	    l->addr.ss_family == AF_INET ? v4->sin_port : v6->sin6_port);
}

void
listener_defer(const struct listener *l, bool on)
{
	int seconds = on;

	(void)setsockopt(
	    l->fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds));
}

void
listener_close(struct listener *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}
