#include "http/address.h"

#include <arpa/inet.h>

#include "base/num.h"

bool
address_read(struct span s, struct http_address *out)
{
	struct http_address a = { .version = ADDRESS_V4 };
	char text[INET6_ADDRSTRLEN];

	if (s.n == 0 || s.n >= sizeof(text) || memchr(s.p, '\0', s.n) != NULL)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (inet_pton(AF_INET, text, a.addr) != 1) {
		a.version = ADDRESS_V6;
		if (inet_pton(AF_INET6, text, a.addr) != 1)
			return false;
	}
	*out = a;
	return true;
}

bool
address_read_port(struct span s, uint16_t *port)
{
	uint64_t n;

	if (!num_dec(s, &n) || n > 65535 || (s.n > 1 && s.p[0] == '0'))
		return false;
	*port = (uint16_t)n;
	return true;
}

bool
address_same(const struct http_address *a, const struct http_address *b)
{
	return a->version == b->version &&
	    memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}
