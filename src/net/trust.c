#include "net/trust.h"

#include "base/num.h"
#include "http/address.h"

/* Whether the first `bits` of both are the same. */
static bool
same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned bytes = bits / 8, rest = bits % 8;

	return memcmp(a, b, bytes) == 0 &&
	    (rest == 0 || (a[bytes] ^ b[bytes]) >> (8 - rest) == 0);
}

static bool
trust_parse(struct span text, struct trust_net *net)
{
	const char *slash = text.n ? memchr(text.p, '/', text.n) : NULL;
	size_t n = slash ? (size_t)(slash - text.p) : text.n;
	struct http_address a;
	struct peer as_peer;
	uint64_t bits, most;

	if (!address_read(span_of(text.p, n), &a))
		return false;
	most = a.version == ADDRESS_V4 ? 32 : 128;
	bits = most;
	if (slash != NULL &&
	    (!num_dec(span_skip(text, n + 1), &bits) || bits > most))
		return false;
	/* such as 10.0.0.1/8: which of the two was meant? */
	for (uint64_t i = bits; i < most; i++)
		if (a.addr[i / 8] >> (7 - i % 8) & 1)
			return false;
	peer_from_address(&as_peer, &a);
	if (as_peer.family == AF_INET6 && peer_v4(&as_peer) != NULL)
		return false; /* to be written as IPv4 */
	net->family = as_peer.family;
	net->bits = (uint8_t)bits;
	memcpy(net->addr, a.addr, sizeof(net->addr));
	return true;
}

bool
trust_add(struct trust *t, struct span text)
{
	struct trust_net net;

	if (!trust_parse(text, &net) || (t != NULL && t->n == TRUST_MAX))
		return false;
	if (t != NULL)
		t->net[t->n++] = net;
	return true;
}

bool
trust_has(const struct trust *t, const struct peer *peer)
{
	const uint8_t *v4 = peer_v4(peer);
	const uint8_t *addr = v4 != NULL ? v4 : peer->addr;
	uint8_t family = v4 != NULL ? AF_INET : peer->family;

	for (unsigned i = 0; i < t->n; i++)
		if (t->net[i].family == family &&
		    same_bits(addr, t->net[i].addr, t->net[i].bits))
			return true;
	return false;
}
