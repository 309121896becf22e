#include "watch/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

void
peer_from_sockaddr(struct peer *p, const struct sockaddr *sa)
{
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	memset(p, 0, sizeof(*p));
	p->family = AF_UNSPEC;
	if (sa == NULL)
		return;
	/* memcpy: the caller's storage may be of another type */
	if (sa->sa_family == AF_INET) {
		memcpy(&in4, sa, sizeof(in4));
		memcpy(p->addr, &in4.sin_addr, 4);
		p->port = ntohs(in4.sin_port);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&in6, sa, sizeof(in6));
		memcpy(p->addr, &in6.sin6_addr, 16);
		p->port = ntohs(in6.sin6_port);
	} else if (sa->sa_family != AF_UNIX) {
		return;
	}
	p->family = (uint8_t)sa->sa_family;
}

void
peer_from_address(struct peer *p, const struct http_address *a)
{
	*p = (struct peer){
		.family = a->version == ADDRESS_V4 ? AF_INET : AF_INET6,
		.port = a->port,
	};
	memcpy(p->addr, a->addr, sizeof(p->addr));
}

const uint8_t *
peer_v4(const struct peer *p)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (p->family == AF_INET)
		return p->addr;
	if (p->family == AF_INET6 && memcmp(p->addr, mapped, 12) == 0)
		return p->addr + 12;
	return NULL;
}

/* As inet_ntop(3), which goes by way of sprintf(3): a log asks for every
 * line. */
static void
peer_put_ipv4(char out[PEER_TEXT], const uint8_t addr[4])
{
	char *p = out;

	for (int i = 0; i < 4; i++) {
		if (addr[i] >= 100)
			*p++ = (char)('0' + addr[i] / 100);
		if (addr[i] >= 10)
			*p++ = (char)('0' + addr[i] / 10 % 10);
		*p++ = (char)('0' + addr[i] % 10);
		*p++ = i < 3 ? '.' : '\0';
	}
}

void
peer_host_text(char out[PEER_TEXT], const struct peer *p)
{
	const uint8_t *v4 = peer_v4(p);

	out[0] = '\0';
	if (v4 != NULL)
		peer_put_ipv4(out, v4);
	else if (p->family == AF_INET6)
		inet_ntop(AF_INET6, p->addr, out, PEER_TEXT);
	else
		snprintf(
		    out, PEER_TEXT, "%s", p->family == AF_UNIX ? "unix" : "-");
}

void
peer_text(char out[PEER_TEXT], const struct peer *p)
{
	char host[PEER_TEXT];
	int v6 = p->family == AF_INET6 && peer_v4(p) == NULL;

	peer_host_text(host, p);
	/* Of a client that a proxy names the port is often not known. */
	if ((p->family == AF_INET || p->family == AF_INET6) && p->port != 0)
		snprintf(out, PEER_TEXT, v6 ? "[%.45s]:%u" : "%.45s:%u", host,
		    (unsigned)p->port);
	else
		snprintf(out, PEER_TEXT, "%s", host);
}
