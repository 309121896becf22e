#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "watch/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

static struct peer
peer_v6(const char *addr, uint16_t port)
{
	struct sockaddr_in6 sa = { .sin6_family = AF_INET6 };
	struct peer p;

	sa.sin6_port = htons(port);
	assert_int_equal(inet_pton(AF_INET6, addr, &sa.sin6_addr), 1);
	peer_from_sockaddr(&p, (const struct sockaddr *)&sa);
	return p;
}

static void
assert_texts(const struct peer *p, const char *host, const char *text)
{
	char out[PEER_TEXT];

	peer_host_text(out, p);
	assert_string_equal(out, host);
	peer_text(out, p);
	assert_string_equal(out, text);
}

static void
an_ipv4_client_shows_address_and_port(void **state)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	struct peer p;

	(void)state;
	sa.sin_port = htons(39112);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	peer_from_sockaddr(&p, (const struct sockaddr *)&sa);
	assert_int_equal(p.port, 39112);
	assert_texts(&p, "127.0.0.1", "127.0.0.1:39112");
}

static void
an_ipv6_client_is_in_brackets_only_with_its_port(void **state)
{
	static const struct {
		const char *addr;
		const char *host;
		const char *text;
	} cases[] = {
		{ "::1", "::1", "[::1]:80" },
		{ "2001:db8::7", "2001:db8::7", "[2001:db8::7]:80" },
		{ "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		    "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		    "[fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:80" },
		{ "::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1:80" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct peer p = peer_v6(cases[i].addr, 80);

		assert_texts(&p, cases[i].host, cases[i].text);
	}
}

static void
a_local_or_unknown_client_has_a_word(void **state)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct peer p;

	(void)state;
	peer_from_sockaddr(&p, (const struct sockaddr *)&sa);
	assert_texts(&p, "unix", "unix");
	peer_from_sockaddr(&p, NULL);
	assert_int_equal(p.family, AF_UNSPEC);
	assert_texts(&p, "-", "-");
	sa.sun_family = AF_NETLINK;
	peer_from_sockaddr(&p, (const struct sockaddr *)&sa);
	assert_texts(&p, "-", "-");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ipv4_client_shows_address_and_port),
		cmocka_unit_test(
		    an_ipv6_client_is_in_brackets_only_with_its_port),
		cmocka_unit_test(a_local_or_unknown_client_has_a_word),
	};

	return cmocka_run_group_tests_name("peer", tests, NULL, NULL);
}
