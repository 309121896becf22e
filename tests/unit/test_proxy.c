#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "http/proxy.h"
#include "http/reason.h"

#define N(a)	    (sizeof(a) / sizeof((a)[0]))
#define BYTES(text) text, sizeof(text) - 1
#define SIG	    "\r\n\r\n\0\r\nQUIT\n"

/* On a copy of exactly its size: a byte read beyond it is seen. */
static enum proxy_result
parse(const char *p, size_t n, struct proxy_head *h)
{
	char *copy = malloc(n ? n : 1);
	enum proxy_result r;

	assert_non_null(copy);
	memcpy(copy, p, n);
	r = proxy_parse(span_of(n ? copy : NULL, n), h);
	free(copy);
	return r;
}

/* However it is split: every prefix must be PROXY_MORE up to the end, or to the
 * byte after which it is refused. */
static enum proxy_result
parse_split(const char *p, size_t n, struct proxy_head *h)
{
	struct proxy_head last = { .version = 9 };
	enum proxy_result r = parse(p, n, h), part = PROXY_MORE;

	for (size_t i = 0; i <= n && part == PROXY_MORE; i++)
		part = parse(p, i, &last);
	assert_int_equal(part, r);
	assert_int_equal(last.error, h->error);
	assert_int_equal(last.error_at, h->error_at);
	assert_int_equal(last.length, h->length);
	assert_memory_equal(
	    &last.source.addr, &h->source.addr, sizeof(last.source.addr));
	return r;
}

static void
lines_and_headers_name_the_client(void **state)
{
	static const struct {
		const char *p;
		size_t n, length;
		const char *address;
		uint16_t port;
		uint8_t version, ip;
	} rows[] = {
		{ BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 4711 80\r\n"), 40,
		    "192.0.2.1", 4711, 1, 4 },
		{ BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 4711 80\r\nGET / "), 40,
		    "192.0.2.1", 4711, 1, 4 },
		{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 0 65535\r\n"), 36,
		    "1.2.3.4", 0, 1, 4 },
		{ BYTES("PROXY TCP6 2001:db8::1 ::1 65535 443\r\n"), 38,
		    "2001:db8::1", 65535, 1, 6 },
		{ BYTES(SIG "\x21\x11\0\x0c\xc0\0\2\1\xc0\0\2\2\x12\x67\0\x50"),
		    28, "192.0.2.1", 4711, 2, 4 },
		/* what is behind the addresses is skipped */
		{ BYTES(SIG "\x21\x11\0\x0f\xc0\0\2\1\xc0\0\2\2\x12\x67\0\x50"
			    "\4\0\0GET"),
		    31, "192.0.2.1", 4711, 2, 4 },
		{ BYTES(SIG "\x21\x21\0\x24\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0"
			    "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2\xff\xff\1\xbb"),
		    52, "2001:db8::1", 65535, 2, 6 },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		uint8_t addr[16] = { 0 };
		struct proxy_head h;

		assert_int_equal(inet_pton(rows[i].ip == 4 ? AF_INET : AF_INET6,
				     rows[i].address, addr),
		    1);
		assert_int_equal(
		    parse_split(rows[i].p, rows[i].n, &h), PROXY_DONE);
		assert_int_equal(h.length, rows[i].length);
		assert_int_equal(h.version, rows[i].version);
		assert_int_equal(h.source.version, rows[i].ip);
		assert_int_equal(h.source.port, rows[i].port);
		assert_memory_equal(h.source.addr, addr, 16);
	}
}

static void
without_an_address_the_connections_stands(void **state)
{
	static char local_unix[16 + 216] = SIG "\x21\x31\0\xd8";
	static const struct {
		const char *p;
		size_t n, length;
	} rows[] = {
		{ BYTES("PROXY UNKNOWN\r\n"), 15 },
		{ BYTES("PROXY UNKNOWN ffff::1 x\r y \0\r\nGET"), 30 },
		{ BYTES(SIG "\x20\0\0\0GET"), 16 },
		/* of LOCAL all else is skipped, whatever it is */
		{ BYTES(SIG "\x20\xff\0\3abcGET"), 19 },
		{ BYTES(SIG "\x20\x11\0\x0c\1\2\3\4\5\6\7\10\0\1\0\2"), 28 },
		{ BYTES(SIG "\x21\0\0\1x"), 17 },
		{ local_unix, sizeof(local_unix), sizeof(local_unix) },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct proxy_head h;

		assert_int_equal(
		    parse_split(rows[i].p, rows[i].n, &h), PROXY_DONE);
		assert_int_equal(h.length, rows[i].length);
		assert_int_equal(h.source.version, ADDRESS_NONE);
	}
}

static void
what_is_refused_is_refused_at_its_byte(void **state)
{
	static const struct {
		const char *p;
		size_t n;
		enum reason_id why;
		uint32_t at;
	} rows[] = {
		{ BYTES("GET / HTTP/1.1\r\n"), REASON_PROXY_MISSING, 0 },
		{ BYTES("POST / HTTP/1.1\r\n"), REASON_PROXY_MISSING, 1 },
		{ BYTES("PROXX"), REASON_PROXY_MISSING, 4 },
		{ BYTES("proxy TCP4"), REASON_PROXY_MISSING, 0 },
		{ BYTES("\r\n\r\n\0\r\nQUIx"), REASON_PROXY_MISSING, 10 },
		{ BYTES("\r\nGET"), REASON_PROXY_MISSING, 2 },
		{ BYTES("\r\n\r\n\0\r\nQUITx"), REASON_PROXY_MISSING, 11 },
		{ BYTES("PROXY\r\n"), REASON_PROXY_LINE, 5 },
		{ BYTES("PROXY\n"), REASON_PROXY_LINE, 5 },
		{ BYTES("PROXY \r\n"), REASON_PROXY_LINE, 6 },
		{ BYTES("PROXYTCP4 1.2.3.4 5.6.7.8 1 2\r\n"), REASON_PROXY_LINE,
		    5 },
		{ BYTES("PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n"),
		    REASON_PROXY_LINE, 6 },
		{ BYTES("PROXY UNKNOWNx\r\n"), REASON_PROXY_LINE, 6 },
		{ BYTES("PROXY  TCP4 1.2.3.4 5.6.7.8 1 2\r\n"),
		    REASON_PROXY_LINE, 6 },
		{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n"), REASON_PROXY_LINE,
		    30 },
		{ BYTES("PROXY TCP4\r\n"), REASON_PROXY_LINE, 10 },
		{ BYTES("PROXY TCP4 ::1 ::1 1 2\r\n"), REASON_PROXY_LINE, 11 },
		{ BYTES("PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n"),
		    REASON_PROXY_LINE, 11 },
		{ BYTES("PROXY TCP4 1.2.3.4  5.6.7.8 1 2\r\n"),
		    REASON_PROXY_LINE, 19 },
		{ BYTES("PROXY TCP4 1.2.3.04 5.6.7.8 1 2\r\n"),
		    REASON_PROXY_LINE, 11 },
		{ BYTES("PROXY TCP4 1.2.3.4 5.6.7 1 2\r\n"), REASON_PROXY_LINE,
		    19 },
		{ BYTES("PROXY TCP4 1.2.3.4\0 5.6.7.8 1 2\r\n"),
		    REASON_PROXY_LINE, 11 },
		{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n"),
		    REASON_PROXY_LINE, 27 },
		{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 65536 2\r\n"),
		    REASON_PROXY_LINE, 27 },
		{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n"), REASON_PROXY_LINE,
		    28 },
		{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 1 +2\r\n"),
		    REASON_PROXY_LINE, 29 },
		{ BYTES("PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n"),
		    REASON_PROXY_LINE, 30 },
		{ BYTES("PROXY TCP6 1:2:3:4:5:6:7:8:9:1:2:3:4:5:6:7:8:9:1:2:3:"
			"4:5:6:7 ::1 1 2\r\n"),
		    REASON_PROXY_LINE, 11 },
		{ BYTES(SIG "\x22"), REASON_PROXY_HEADER, 12 },
		{ BYTES(SIG "\x11"), REASON_PROXY_HEADER, 12 },
		{ BYTES(SIG "\x21\x12"), REASON_PROXY_HEADER, 13 },
		{ BYTES(SIG "\x21\x41"), REASON_PROXY_HEADER, 13 },
		{ BYTES(SIG "\x21\x11\0\x0b"), REASON_PROXY_HEADER, 14 },
		{ BYTES(SIG "\x21\x21\0\x23"), REASON_PROXY_HEADER, 14 },
		{ BYTES(SIG "\x21\x31\0\xd7"), REASON_PROXY_HEADER, 14 },
		{ BYTES(SIG "\x21\x11\x0f\xf1"), REASON_PROXY_LONG, 14 },
		{ BYTES(SIG "\x20\0\xff\xff"), REASON_PROXY_LONG, 14 },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct proxy_head h;

		assert_int_equal(
		    parse_split(rows[i].p, rows[i].n, &h), PROXY_BAD);
		assert_int_equal(h.error, rows[i].why);
		assert_int_equal(h.error_at, rows[i].at);
	}
}

static void
the_longest_is_taken_and_one_byte_more_is_not(void **state)
{
	static char line[200] = "PROXY UNKNOWN ";
	static char header[PROXY_HEADER_MAX] = SIG "\x21\x11\x0f\xf0";
	struct proxy_head h;

	(void)state;
	memset(line + 14, 'x', sizeof(line) - 14);
	memcpy(line + 105, "\r\n", 2);
	assert_int_equal(parse_split(line, 150, &h), PROXY_DONE);
	assert_int_equal(h.length, 107);
	memcpy(line + 105, "x\r\n", 3);
	assert_int_equal(parse_split(line, 150, &h), PROXY_BAD);
	assert_int_equal(h.error, REASON_PROXY_LONG);
	assert_int_equal(h.error_at, 106);
	assert_int_equal(parse(line, 106, &h), PROXY_MORE);
	assert_int_equal(parse(line, 107, &h), PROXY_BAD);

	assert_int_equal(parse(header, 4095, &h), PROXY_MORE);
	assert_int_equal(parse(header, 4096, &h), PROXY_DONE);
	assert_int_equal(h.length, 4096);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_and_headers_name_the_client),
		cmocka_unit_test(without_an_address_the_connections_stands),
		cmocka_unit_test(what_is_refused_is_refused_at_its_byte),
		cmocka_unit_test(the_longest_is_taken_and_one_byte_more_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
