#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "http/forwarded.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define F    "Forwarded: "
#define X    "X-Forwarded-For: "

/* What the callback must be handed. */
static const int token;

/* 10.0.0.0/8 and ::1 are trusted. */
static bool
trusts(const void *arg, const struct http_address *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	assert_ptr_equal(arg, &token);
	return a->version == ADDRESS_V4 ? a->addr[0] == 10
					: memcmp(a->addr, one, 16) == 0;
}

static enum forwarded_result
read_fields(const char *fields, struct http_address *a)
{
	static const struct head_limits limits = { 8192, 8192, 100 };
	const struct forwarded_trust trust = { trusts, &token };
	enum forwarded_result result;
	struct http_request r;
	struct http_head h;
	char text[2048], *p;
	size_t n;

	n = (size_t)snprintf(
	    text, sizeof(text), "GET / HTTP/1.1\r\nHost: h\r\n%s\r\n", fields);
	p = malloc(n); /* of exactly its size */
	assert_non_null(p);
	memcpy(p, text, n);
	head_init(&h);
	assert_int_equal(head_parse(&h, &limits, NULL, p, n), HEAD_DONE);
	assert_true(request_read(&r, &h, p, NULL));
	result = forwarded_read(&r, &trust, a);
	free(p);
	return result;
}

static void
the_last_address_that_is_not_trusted_is_the_client(void **state)
{
	static const struct {
		const char *fields, *address;
		uint16_t port;
	} rows[] = {
		{ X "192.0.2.1\r\n", "192.0.2.1", 0 },
		{ X "203.0.113.9, 192.0.2.1\r\n", "192.0.2.1", 0 },
		{ X "203.0.113.9, 192.0.2.1, 10.1.2.3\r\n", "192.0.2.1", 0 },
		{ X "rubbish, 192.0.2.1,10.1.2.3, 10.0.0.1\r\n", "192.0.2.1",
		    0 },
		{ X "192.0.2.1\r\n" X "10.0.0.1\r\n", "192.0.2.1", 0 },
		{ X "203.0.113.9\r\n" X "192.0.2.1\r\n", "192.0.2.1", 0 },
		{ X ",192.0.2.1:4711, ,\r\n", "192.0.2.1", 4711 },
		{ X "2001:db8::1, ::1\r\n", "2001:db8::1", 0 },
		{ X "[2001:db8::1], [::1]\r\n", "2001:db8::1", 0 },
		{ X "[2001:db8::1]:80\r\n", "2001:db8::1", 80 },
		{ F "for=192.0.2.1\r\n", "192.0.2.1", 0 },
		{ F "a=b;for=192.0.2.1\r\n", "192.0.2.1", 0 },
		{ F "For=\"192.0.2.1:4711\"\r\n", "192.0.2.1", 4711 },
		{ F "for=\"[2001:db8::1]:4711\"\r\n", "2001:db8::1", 4711 },
		{ F "proto=https;FOR=192.0.2.1;by=_x;host=\"a,b;for=c\"\r\n",
		    "192.0.2.1", 0 },
		{ F "for=203.0.113.9;by=10.0.0.1 , for=192.0.2.1; proto=http"
		    ",for=10.0.0.1\r\n",
		    "192.0.2.1", 0 },
		{ F "for=_hidden, for=192.0.2.1\r\n", "192.0.2.1", 0 },
		{ F ",, for=192.0.2.1 ,\r\n" F "for=\"[::1]\"\r\n", "192.0.2.1",
		    0 },
		/* both, and they agree */
		{ F "for=192.0.2.1\r\n" X "203.0.113.9, 192.0.2.1\r\n",
		    "192.0.2.1", 0 },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct http_address a;
		char text[64];

		if (read_fields(rows[i].fields, &a) != FORWARDED_FOUND)
			fail_msg("not found: %s", rows[i].fields);
		inet_ntop(a.version == ADDRESS_V4 ? AF_INET : AF_INET6, a.addr,
		    text, sizeof(text));
		assert_string_equal(text, rows[i].address);
		assert_int_equal(a.port, rows[i].port);
	}
}

static void
what_names_nobody_is_told_apart(void **state)
{
	static const struct {
		const char *fields;
		enum forwarded_result result;
	} rows[] = {
		{ "", FORWARDED_NONE },
		{ X "\r\n", FORWARDED_NONE },
		{ F "\r\n", FORWARDED_NONE },
		{ X "10.0.0.1, ::1\r\n", FORWARDED_NONE },
		{ F "for=10.0.0.1\r\n" X "10.0.0.1\r\n", FORWARDED_NONE },
		{ X "192.0.2.1, unknown\r\n", FORWARDED_BAD },
		{ X "192.0.2.1, unknown, 10.0.0.1\r\n", FORWARDED_BAD },
		{ X "192.0.2.1:\r\n", FORWARDED_BAD },
		{ X "192.0.2.1:65536\r\n", FORWARDED_BAD },
		{ X "192.0.2.1:080\r\n", FORWARDED_BAD },
		{ X "[192.0.2.1]\r\n", FORWARDED_BAD },
		{ X "[::2\r\n", FORWARDED_BAD },
		{ X "[]\r\n", FORWARDED_BAD },
		{ X "[::2]80\r\n", FORWARDED_BAD },
		{ X "[::2]:\r\n", FORWARDED_BAD },
		{ X "[::2%1]\r\n", FORWARDED_BAD },
		{ X ":80\r\n", FORWARDED_BAD },
		{ F "for\r\n", FORWARDED_BAD },
		{ F "for;a=b\r\n", FORWARDED_BAD },
		{ F "for;192.0.2.1\r\n", FORWARDED_BAD },
		{ F "=x;for=192.0.2.1\r\n", FORWARDED_BAD },
		{ F "a=;for=192.0.2.1\r\n", FORWARDED_BAD },
		{ F "for=\r\n", FORWARDED_BAD },
		{ F "=192.0.2.1\r\n", FORWARDED_BAD },
		{ F "for=\"\"\r\n", FORWARDED_BAD },
		{ F "for=\"192.0.2.1\r\n", FORWARDED_BAD },
		{ F "for=\"::2\"\r\n", FORWARDED_BAD },
		{ F "for=[::2]\r\n", FORWARDED_BAD },
		{ F "for=unknown\r\n", FORWARDED_BAD },
		{ F "for=192.0.2.1, for=_x\r\n", FORWARDED_BAD },
		{ F "proto=http\r\n", FORWARDED_BAD },
		{ F "for=192.0.2.1;for=192.0.2.1\r\n", FORWARDED_BAD },
		{ F "for=192.0.2.1;\r\n", FORWARDED_BAD },
		{ F "for=192.0.2.1 x\r\n", FORWARDED_BAD },
		{ F "for=192.0.2.1, ;\r\n", FORWARDED_BAD },
		{ F "for=unknown\r\n" X "unknown\r\n", FORWARDED_BAD },
		{ F "for=192.0.2.1\r\n" X "192.0.2.2\r\n", FORWARDED_DIFFERS },
		{ F "for=192.0.2.1\r\n" X "10.0.0.1\r\n", FORWARDED_DIFFERS },
		{ F "for=x\r\n" X "192.0.2.1\r\n", FORWARDED_DIFFERS },
		{ F "for=\"[c000:201::]\"\r\n" X "192.0.2.1\r\n",
		    FORWARDED_DIFFERS },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct http_address a = { .version = 9 };

		if (read_fields(rows[i].fields, &a) != rows[i].result)
			fail_msg("otherwise: %s", rows[i].fields);
		assert_int_equal(a.version, 9);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_last_address_that_is_not_trusted_is_the_client),
		cmocka_unit_test(what_names_nobody_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
