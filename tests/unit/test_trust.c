#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <string.h>
#include <cmocka.h>

#include "net/trust.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static void
an_address_lies_in_its_network_alone(void **state)
{
	static const struct {
		const char *net, *address;
		bool in;
	} rows[] = {
		{ "10.0.0.0/8", "10.255.0.1", true },
		{ "10.0.0.0/8", "11.0.0.1", false },
		{ "10.0.0.0/8", "::ffff:10.1.2.3", true },
		{ "192.0.2.64/26", "192.0.2.127", true },
		{ "192.0.2.64/26", "192.0.2.128", false },
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.0", false },
		{ "0.0.0.0/0", "203.0.113.1", true },
		{ "0.0.0.0/0", "::1", false },
		{ "::/0", "::1", true },
		{ "::/0", "203.0.113.1", false },
		{ "::/0", "::ffff:203.0.113.1", false },
		{ "::1", "::1", true },
		{ "::1", "::", false },
		{ "2001:db8:8000::/33", "2001:db8:ffff::1", true },
		{ "2001:db8:8000::/33", "2001:db8:7fff::1", false },
		{ "a00::/8", "10.0.0.1", false },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct trust t = { 0 };
		struct peer p = { .family = strchr(rows[i].address, ':')
			    ? AF_INET6
			    : AF_INET };

		assert_int_equal(
		    inet_pton(p.family, rows[i].address, p.addr), 1);
		assert_false(trust_has(&t, &p));
		assert_true(trust_add(&t, span_str(rows[i].net)));
		if (trust_has(&t, &p) != rows[i].in)
			fail_msg("%s in %s", rows[i].address, rows[i].net);
	}
}

static void
what_is_no_network_is_refused(void **state)
{
	static const char *const rows[] = { "", "/8", "10.0.0.0/",
		"10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/8/8", "10/8",
		"10.0.0.0 /8", "::/129", "::1/127", "[::1]",
		"::ffff:10.0.0.0/104", "localhost", "fe80::1%1",
		"10.0.0.0/18446744073709551624",
		"0000:0000:0000:0000:0000:ffff:255.255.255.2555" };

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		if (trust_add(NULL, span_str(rows[i])))
			fail_msg("taken: %s", rows[i]);
}

static void
there_is_room_for_so_many(void **state)
{
	struct trust t = { 0 };

	(void)state;
	for (unsigned i = 0; i < TRUST_MAX; i++)
		assert_true(trust_add(&t, SPAN("10.0.0.0/8")));
	assert_false(trust_add(&t, SPAN("10.0.0.0/8")));
	assert_int_equal(t.n, TRUST_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_lies_in_its_network_alone),
		cmocka_unit_test(what_is_no_network_is_refused),
		cmocka_unit_test(there_is_room_for_so_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
