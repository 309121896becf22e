#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "http/request.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* The head is kept for as long as spans into it are looked at. */
static struct http_head head;
static char *kept;
/* Of its own, so that a write past it is seen; what every test leaves there
 * must not matter to the next. */
static struct http_host *last;

static bool
read_request(struct http_request *r, const char *bytes)
{
	static const struct head_limits l = { 8192, 32768, 100 };

	size_t n = strlen(bytes);

	if (last == NULL)
		last = calloc(1, sizeof(*last));
	assert_non_null(last);
	/* of exactly its size, so that a read past it is seen */
	free(kept);
	kept = malloc(n);
	assert_non_null(kept);
	memcpy(kept, bytes, n);
	head_init(&head);
	assert_int_equal(head_parse(&head, &l, NULL, kept, n), HEAD_DONE);
	return request_read(r, &head, kept, last);
}

static bool
span_is(struct span s, const char *text)
{
	return span_eq(s, span_str(text));
}

#define G11 "GET / HTTP/1.1\r\nHost: a\r\n" /* 25 bytes */
#define P11 "POST / HTTP/1.1\r\nHost: a\r\n"
#define G10 "GET / HTTP/1.0\r\n"

static const struct refusal {
	const char *head;
	uint16_t status;
	enum reason_id why;
	uint32_t at;
	bool framing_sure;
} refusals[] = {
	/* Host (RFC 9112 3.2) */
	{ "GET / HTTP/1.1\r\n\r\n", 400, REASON_HOST_MISSING, 16, true },
	{ "GET http://a/ HTTP/1.1\r\n\r\n", 400, REASON_HOST_MISSING, 24,
	    true },
	{ G11 "Host: a\r\n\r\n", 400, REASON_HOST_TWICE, 31, true },
	{ G10 "Host: a\r\nX: y\r\nHOST: b\r\n\r\n", 400, REASON_HOST_TWICE, 37,
	    true },
	{ "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, REASON_HOST_BAD, 23,
	    true },
	{ "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400, REASON_HOST_BAD, 23,
	    true },
	{ "GET / HTTP/1.1\r\nHost: a,\x80\r\n\r\n", 400, REASON_HOST_BAD, 24,
	    true },
	{ G10 "Host: a/b\r\n\r\n", 400, REASON_HOST_BAD, 23, true },
	{ "GET http://ok/ HTTP/1.1\r\nHost: /\r\n\r\n", 400, REASON_HOST_BAD,
	    31, true },
	{ "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, REASON_HOST_BAD,
	    12, true },
	{ "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400, REASON_HOST_BAD, 11,
	    true },
	{ "GET http://?x HTTP/1.1\r\nHost: a\r\n\r\n", 400, REASON_HOST_BAD, 11,
	    true },
	/* forms of the target (RFC 9112 3.2) */
	{ "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, REASON_TARGET_FORM, 4,
	    true },
	{ "GET a.txt HTTP/1.1\r\nHost: a\r\n\r\n", 400, REASON_TARGET_FORM, 4,
	    true },
	{ "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400, REASON_TARGET_FORM, 4,
	    true },
	{ "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, REASON_TARGET_FORM,
	    4, true },
	{ "GET http:// HTTP/1.1\r\nHost: a\r\n\r\n", 400, REASON_TARGET_FORM, 4,
	    true },
	{ "GET ?q HTTP/1.1\r\nHost: a\r\n\r\n", 400, REASON_TARGET_FORM, 4,
	    true },
	{ "GET \\a HTTP/1.1\r\nHost: a\r\n\r\n", 400, REASON_TARGET_FORM, 4,
	    true },
	{ "OPTIONS ** HTTP/1.1\r\nHost: a\r\n\r\n", 400, REASON_TARGET_FORM, 8,
	    true },
	{ "GET ftp://example/ HTTP/1.1\r\nHost: a\r\n\r\n", 400,
	    REASON_TARGET_FORM, 4, true },
	{ "GET https:// HTTP/1.1\r\nHost: a\r\n\r\n", 400, REASON_TARGET_FORM,
	    4, true },
	{ "GET https://a HTTP/1.1\r\nHost: a\r\n\r\n", 421,
	    REASON_TARGET_SCHEME, 4, true },
	{ "GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 421,
	    REASON_TARGET_SCHEME, 4, true },
	{ "GET HTTPS://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 421,
	    REASON_TARGET_SCHEME, 4, true },
	/* framing (RFC 9112 6.1, 6.3) */
	{ P11 "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400,
	    REASON_LENGTH_TWICE, 61, false },
	{ P11 "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400,
	    REASON_LENGTH_TWICE, 61, false },
	{ P11 "Content-Length: \r\n\r\n", 400, REASON_LENGTH_BAD, 42, false },
	{ P11 "Content-Length: +1\r\n\r\n", 400, REASON_LENGTH_BAD, 42, false },
	{ P11 "Content-Length: -1\r\n\r\n", 400, REASON_LENGTH_BAD, 42, false },
	{ P11 "Content-Length: 0x1\r\n\r\n", 400, REASON_LENGTH_BAD, 42,
	    false },
	{ P11 "Content-Length: 1 2\r\n\r\n", 400, REASON_LENGTH_BAD, 42,
	    false },
	{ P11 "Content-Length: 5, 5\r\n\r\n", 400, REASON_LENGTH_BAD, 42,
	    false },
	{ P11 "Content-Length: 5,\r\n\r\n", 400, REASON_LENGTH_BAD, 42, false },
	{ P11 "Content-Length: 18446744073709551616\r\n\r\n", 400,
	    REASON_LENGTH_BAD, 42, false },
	{ P11 "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400,
	    REASON_LENGTH_AND_CODING, 70, false },
	{ P11 "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
	    REASON_LENGTH_AND_CODING, 42, false },
	{ P11 "Content-Length: 0\r\nTransfer-Encoding: identity\r\n\r\n", 400,
	    REASON_LENGTH_AND_CODING, 42, false },
	{ "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
	    REASON_CODING_IN_10, 36, false },
	{ P11 "Transfer-Encoding: x, chunked\r\n\r\n", 501, REASON_CODING_BAD,
	    45, false },
	{ P11 "Transfer-Encoding: gzip, chunked\r\n\r\n", 501,
	    REASON_CODING_BAD, 45, false },
	{ P11 "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
	    501, REASON_CODING_BAD, 45, false },
	{ P11 "Transfer-Encoding: chunked, gzip\r\n\r\n", 400,
	    REASON_CODING_BAD, 45, false },
	{ P11 "Transfer-Encoding: gzip\r\n\r\n", 400, REASON_CODING_BAD, 45,
	    false },
	{ P11 "Transfer-Encoding: identity\r\n\r\n", 400, REASON_CODING_BAD, 45,
	    false },
	{ P11 "Transfer-Encoding: \r\n\r\n", 400, REASON_CODING_BAD, 45,
	    false },
	{ P11 "Transfer-Encoding: xchunked\r\n\r\n", 400, REASON_CODING_BAD, 45,
	    false },
	{ P11 "Transfer-Encoding: chunked;q=1\r\n\r\n", 400, REASON_CODING_BAD,
	    45, false },
	{ P11 "Transfer-Encoding: \"chunked\"\r\n\r\n", 400, REASON_CODING_BAD,
	    45, false },
	{ P11 "Transfer-Encoding: chunked chunked\r\n\r\n", 400,
	    REASON_CODING_BAD, 45, false },
	/* expectations (RFC 9110 10.1.1) */
	{ G11 "Expect: 200-ok\r\n\r\n", 417, REASON_EXPECT_UNKNOWN, 33, true },
	{ G11 "Expect: 100-continue, x\r\n\r\n", 417, REASON_EXPECT_UNKNOWN, 33,
	    true },
	{ G11 "Expect: 100-continue\r\nExpect: y\r\n\r\n", 417,
	    REASON_EXPECT_UNKNOWN, 55, true },
	/* the framing is looked at first, and whatever else is wrong */
	{ "POST * HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400,
	    REASON_LENGTH_BAD, 33, false },
	{ "POST * HTTP/1.1\r\nContent-Length: 3\r\n\r\n", 400,
	    REASON_HOST_MISSING, 36, true },
};

static void
what_breaks_a_rule_is_refused_with_status_reason_and_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(refusals); i++) {
		const struct refusal *f = &refusals[i];
		struct http_request r;
		bool taken = read_request(&r, f->head);

		if (taken || r.status != f->status || r.error != f->why ||
		    r.error_at != f->at)
			print_error("%s: %d, reason %d at %u\n", f->head,
			    r.status, r.error, r.error_at);
		assert_false(taken);
		assert_int_equal(r.status, f->status);
		assert_int_equal(r.error, f->why);
		assert_int_equal(r.error_at, f->at);
		assert_int_equal(r.framing_sure, f->framing_sure);
	}
}

static void
a_chunked_message_is_never_taken_for_one_with_a_length(void **state)
{
	static const char *const codings[] = { "chunked", "Chunked", "CHUNKED",
		" \tchunked\t", ", chunked", "chunked,", ",\t,chunked, ," };

	(void)state;
	for (size_t i = 0; i < N(codings); i++) {
		struct http_request r;
		char s[128];

		snprintf(s, sizeof(s), P11 "Transfer-Encoding: %s\r\n\r\n",
		    codings[i]);
		assert_true(read_request(&r, s));
		assert_int_equal(r.framing, BODY_CHUNKED);
		assert_true(r.framing_sure);
		snprintf(s, sizeof(s),
		    "POST / HTTP/1.1\r\nTransfer-Encoding: %s\r\nHost: a\r\n"
		    "\r\n",
		    codings[i]);
		assert_true(read_request(&r, s));
		assert_int_equal(r.framing, BODY_CHUNKED);
		assert_true(r.framing_sure);
	}
}

static void
a_repeated_chunked_is_refused_and_the_framing_unsure(void **state)
{
	static const char *const heads[] = {
		P11 "Transfer-Encoding: chunked, chunked\r\n\r\n",
		P11 "Transfer-Encoding: chunked\r\n"
		    "Transfer-Encoding: chunked\r\n\r\n",
	};
	struct http_request r;

	(void)state;
	for (size_t i = 0; i < N(heads); i++) {
		assert_false(read_request(&r, heads[i]));
		assert_int_equal(r.error, REASON_CODING_BAD);
		assert_false(r.framing_sure);
	}
}

static void
the_length_of_the_content_is_read(void **state)
{
	static const struct {
		const char *value;
		enum body_framing framing;
		uint64_t length;
	} rows[] = {
		{ "0", BODY_NONE, 0 },
		{ "1", BODY_LENGTH, 1 },
		{ "00042", BODY_LENGTH, 42 },
		{ "18446744073709551615", BODY_LENGTH, UINT64_MAX },
	};
	struct http_request r;

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		char s[128];

		snprintf(s, sizeof(s), P11 "Content-Length: %s\r\n\r\n",
		    rows[i].value);
		assert_true(read_request(&r, s));
		assert_int_equal(r.framing, rows[i].framing);
		assert_true(r.content_length == rows[i].length);
		assert_true(r.framing_sure);
	}
	assert_true(read_request(&r, G11 "\r\n"));
	assert_int_equal(r.framing, BODY_NONE);
	assert_true(r.framing_sure);
}

static void
each_form_of_target_is_taken_apart(void **state)
{
	static const struct {
		const char *method, *target;
		enum target_form form;
		const char *path, *query, *host; /* query NULL: none */
	} rows[] = {
		{ "GET", "/", TARGET_ORIGIN, "/", NULL, "h" },
		{ "GET", "/a/b", TARGET_ORIGIN, "/a/b", NULL, "h" },
		{ "GET", "/a?", TARGET_ORIGIN, "/a", "", "h" },
		{ "GET", "/a?b=c&d", TARGET_ORIGIN, "/a", "b=c&d", "h" },
		{ "GET", "/?a?b/../c", TARGET_ORIGIN, "/", "a?b/../c", "h" },
		{ "GET", "//x/y", TARGET_ORIGIN, "//x/y", NULL, "h" },
		{ "GET", "/http://x/", TARGET_ORIGIN, "/http://x/", NULL, "h" },
		{ "GET", "/%zz", TARGET_ORIGIN, "/%zz", NULL, "h" },
		{ "GET", "http://x", TARGET_ABSOLUTE, "/", NULL, "x" },
		{ "GET", "http://x/", TARGET_ABSOLUTE, "/", NULL, "x" },
		{ "GET", "HTTP://X:8080/a?b", TARGET_ABSOLUTE, "/a", "b",
		    "X:8080" },
		{ "GET", "http://x?b", TARGET_ABSOLUTE, "/", "b", "x" },
		{ "GET", "http://[::1]:80/a", TARGET_ABSOLUTE, "/a", NULL,
		    "[::1]:80" },
		{ "GET", "http://x//y", TARGET_ABSOLUTE, "//y", NULL, "x" },
		{ "OPTIONS", "*", TARGET_ASTERISK, "*", NULL, "h" },
		{ "OPTIONS", "http://x", TARGET_ASTERISK, "*", NULL, "x" },
		{ "OPTIONS", "http://x:1", TARGET_ASTERISK, "*", NULL, "x:1" },
		{ "OPTIONS", "http://x?q", TARGET_ABSOLUTE, "/", "q", "x" },
		{ "OPTIONS", "http://x/", TARGET_ABSOLUTE, "/", NULL, "x" },
		{ "OPTIONS", "/a", TARGET_ORIGIN, "/a", NULL, "h" },
		{ "POST", "/a", TARGET_ORIGIN, "/a", NULL, "h" },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct http_request r;
		char s[128];

		snprintf(s, sizeof(s), "%s %s HTTP/1.1\r\nHost: h\r\n\r\n",
		    rows[i].method, rows[i].target);
		assert_true(read_request(&r, s));
		assert_int_equal(r.form, rows[i].form);
		assert_true(span_is(r.path, rows[i].path));
		assert_true(span_is(r.host, rows[i].host));
		assert_int_equal(r.query.p != NULL, rows[i].query != NULL);
		if (rows[i].query)
			assert_true(span_is(r.query, rows[i].query));
	}
}

static void
connect_is_left_to_be_answered_as_a_method(void **state)
{
	struct http_request r;

	(void)state;
	assert_true(
	    read_request(&r, "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"));
	assert_int_equal(r.method, METHOD_CONNECT);
	assert_true(span_is(r.path, "/"));
}

static void
http_10_needs_no_host(void **state)
{
	struct http_request r;

	(void)state;
	assert_true(read_request(&r, G10 "\r\n"));
	assert_int_equal(r.minor, 0);
	assert_int_equal(r.host.n, 0);
	assert_true(read_request(&r, "GET / HTTP/1.7\r\nHost: a\r\n\r\n"));
	assert_int_equal(r.minor, 1);
	assert_false(read_request(&r, "GET / HTTP/1.7\r\n\r\n"));
}

static void
connection_tokens_are_found_in_any_line(void **state)
{
	static const struct {
		const char *lines;
		bool close, keep;
	} rows[] = {
		{ "", false, false },
		{ "Connection: close\r\n", true, false },
		{ "Connection: CLOSE\r\n", true, false },
		{ "connection: Keep-Alive\r\n", false, true },
		{ "Connection: foo , close\t,bar\r\n", true, false },
		{ "Connection: ,,close,,\r\n", true, false },
		{ "Connection: foo\r\nX: y\r\nConnection: close\r\n", true,
		    false },
		{ "Connection: keep-alive\r\nConnection: close\r\n", true,
		    true },
		{ "Connection: a\r\nConnection: b\r\nCONNECTION: c,close\r\n",
		    true, false },
		{ "Connection: closed\r\n", false, false },
		{ "Connection: xclose\r\n", false, false },
		{ "Connection: clo se\r\n", false, false },
		{ "Connection: \"close\"\r\n", false, false },
		{ "Connection:\r\n", false, false },
		{ "Connection: close=1\r\n", false, false },
		{ "X-Connection: close\r\n", false, false },
		{ "Proxy-Connection: keep-alive\r\n", false, false },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct http_request r;
		char s[256];

		snprintf(s, sizeof(s), G11 "%s\r\n", rows[i].lines);
		assert_true(read_request(&r, s));
		assert_int_equal(r.wants_close, rows[i].close);
		assert_int_equal(r.wants_keep_alive, rows[i].keep);
	}
}

static void
an_expectation_counts_in_http_11_only(void **state)
{
	struct http_request r;

	(void)state;
	assert_true(read_request(&r, G11 "Expect: 100-continue\r\n\r\n"));
	assert_true(r.expects_continue);
	assert_true(read_request(
	    &r, "GET / HTTP/1.1\r\nExpect: 100-continue\r\nHost: a\r\n\r\n"));
	assert_true(r.expects_continue);
	assert_true(read_request(&r, G11 "expect: 100-CONTINUE \r\n\r\n"));
	assert_true(r.expects_continue);
	assert_true(read_request(&r,
	    G11 "Expect: 100-continue\r\n"
		"Expect: , 100-continue\r\n\r\n"));
	assert_true(r.expects_continue);
	assert_true(read_request(&r, G11 "Expect:\r\n\r\n"));
	assert_false(r.expects_continue);
	/* refused, and waits for its answer all the same */
	assert_false(read_request(&r, G11 "Expect: 100-continue, x\r\n\r\n"));
	assert_true(r.expects_continue);
	assert_true(read_request(&r, G10 "Expect: 100-continue\r\n\r\n"));
	assert_false(r.expects_continue);
	assert_true(read_request(&r, G10 "Expect: anything\r\n\r\n"));
	assert_false(r.expects_continue);
}

/* ---- hosts ---- */

static const struct host_row {
	const char *s;
	bool valid;
	size_t bad_at; /* of those that are not */
} hosts[] = {
	{ "localhost", true, 0 },
	{ "localhost:8000", true, 0 },
	{ "LOCALHOST", true, 0 },
	{ "a", true, 0 },
	{ "a.example.", true, 0 },
	{ "a:", true, 0 }, /* port = *DIGIT */
	{ "a:0", true, 0 },
	{ "a:80", true, 0 },
	{ "a:65535", true, 0 },
	{ "a:00080", true, 0 },
	{ "127.0.0.1", true, 0 },
	{ "127.0.0.1:8000", true, 0 },
	{ "a%41b%7e", true, 0 },
	{ "a%4", false, 1 },
	{ "a%41%", false, 4 },
	{ "a%4g", false, 1 },
	{ "[::1]", true, 0 },
	{ "[::1]:8000", true, 0 },
	{ "[::1]:", true, 0 },
	{ "[::]", true, 0 },
	{ "[2001:db8::7]", true, 0 },
	{ "[2001:DB8:0:0:0:0:0:1]", true, 0 },
	{ "[::ffff:192.0.2.1]", true, 0 },
	{ "a_b-c~d!$&'()*+,;=", true, 0 }, /* reg-name has them all */
	{ "%41%2f", true, 0 },
	{ "999.999.999.999", true, 0 }, /* a reg-name */
	{ "1.2", true, 0 },
	{ "1x.example", true, 0 },
	{ "localhosu", true, 0 },
	{ "[0000:0000:0000:0000:0000:ffff:255.255.255.255]", true, 0 },
	{ "[0000:0000:0000:0000:0000:ffff:255.255.255.2555]", false, 0 },
	{ "", false, 0 },
	{ ":", false, 0 },
	{ ":80", false, 0 },
	{ "a:65536", false, 2 },
	{ "a:655350", false, 2 },
	{ "a:99999999999999999999", false, 2 },
	{ "a:-1", false, 2 },
	{ "a:+1", false, 2 },
	{ "a: 1", false, 2 },
	{ "a b", false, 1 },
	{ "a/b", false, 1 },
	{ "a?b", false, 1 },
	{ "a#b", false, 1 },
	{ "a\\b", false, 1 },
	{ "a\"b", false, 1 },
	{ "a<b", false, 1 },
	{ "user@host", false, 4 },
	{ "user:pass@host", false, 5 },
	{ "a%4", false, 1 },
	{ "a%zz", false, 1 },
	{ "a%", false, 1 },
	{ "a\x80", false, 1 },
	{ "\xc3\xa9", false, 0 },
	{ "::1", false, 0 },
	{ "a:80:80", false, 4 },
	{ "a:8x", false, 3 },
	{ "a:x", false, 2 },
	{ "[", false, 0 },
	{ "[]", false, 0 },
	{ "[::1", false, 0 },
	{ "[::1]x", false, 5 },
	{ "[::1]80", false, 5 },
	{ "[::1]]", false, 5 },
	{ "[[::1]]", false, 0 },
	{ "[::1%25eth0]", false, 0 },
	{ "[127.0.0.1]", false, 0 },
	{ "[localhost]", false, 0 },
	{ "[1:2:3:4:5:6:7:8:9]", false, 0 },
	{ "[:::]", false, 0 },
	{ "[::g]", false, 0 },
	{ "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]", false, 0 },
	{ "]", false, 0 },
};

static void
a_host_is_what_the_rfcs_say(void **state)
{
	static const char field[] = "GET / HTTP/1.1\r\nHost: ";

	(void)state;
	for (size_t i = 0; i < N(hosts); i++) {
		const struct host_row *row = &hosts[i];
		struct http_request r;
		char s[128];
		bool valid;

		snprintf(s, sizeof(s), "%s%s\r\n\r\n", field, row->s);
		valid = read_request(&r, s);
		if (valid != row->valid ||
		    (!valid && r.error_at != strlen(field) + row->bad_at))
			print_error(
			    "%s: %d at %u\n", row->s, valid, r.error_at);
		assert_int_equal(valid, row->valid);
		if (valid)
			continue;
		assert_int_equal(r.error, REASON_HOST_BAD);
		assert_int_equal(r.error_at, strlen(field) + row->bad_at);
	}
}

/* What is known of the host of the request before is of that one alone. */
static void
a_host_is_not_taken_for_the_one_before(void **state)
{
	static const struct {
		const char *host;
		bool valid, local;
	} rows[] = {
		{ "", false, false }, /* there is none before */
		{ "localhost", true, true },
		{ "localhosu", true, false },
		{ "localhost", true, true },
		{ "localhos@", false, false },
		{ "localhost", true, true },
		{ "localhos", true, false }, /* begins like it */
		{ "localhost", true, true },
		{ "localhost:1", true, true },
		{ "localhost:x", false, false },
		{ "127.0.0.1", true, true },
		{ "127.0.0.x", true, false },
		{ "", false, false },
		{ "127.0.0.x", true, false },
		/* longer than what is kept, and like it in the beginning */
		{ "a123456789b123456789c123456789d123456789e123456789f123456789"
		  "12",
		    true, false },
		{ "a123456789b123456789c123456789d123456789e123456789f123456789"
		  "123",
		    true, false },
		{ "a123456789b123456789c123456789d123456789e123456789f123456789"
		  "12@",
		    false, false },
	};

	(void)state;
	free(last);
	last = NULL;
	for (size_t i = 0; i < N(rows); i++) {
		struct http_request r;
		char s[128];
		bool valid;

		snprintf(s, sizeof(s), "GET / HTTP/1.1\r\nHost: %s\r\n\r\n",
		    rows[i].host);
		valid = read_request(&r, s);
		if (valid != rows[i].valid ||
		    (valid && r.host_local != rows[i].local))
			print_error("%zu: %s\n", i, rows[i].host);
		assert_int_equal(valid, rows[i].valid);
		if (valid)
			assert_int_equal(r.host_local, rows[i].local);
	}
}

/* With a port and without: the same. */
static bool
is_local(const char *host)
{
	static const char *const ports[] = { "", ":80", ":" };
	struct http_request r;
	unsigned local = 0;

	for (size_t i = 0; i < N(ports); i++) {
		char s[128];

		snprintf(s, sizeof(s), "GET / HTTP/1.1\r\nHost: %s%s\r\n\r\n",
		    host, ports[i]);
		local += read_request(&r, s) && r.host_local;
	}
	assert_true(local == 0 || local == N(ports));
	return local != 0;
}

static void
literals_and_localhost_cannot_be_rebound(void **state)
{
	static const char *const local[] = { "localhost", "LocalHost",
		"localhost.", "app.localhost", ".localhost", "127.0.0.1",
		"127.9.9.9", "192.0.2.7", "0.0.0.0", "255.255.255.255", "[::1]",
		"[::]", "[2001:db8::1]" };
	static const char *const foreign[] = { "", "example.com",
		"localhost.example.com", "xlocalhost", "localhost..",
		"127.0.0.1.example.com", "127.1", "127.0.0.1.", "0x7f.0.0.1",
		"2130706433", "127.0.0.256", "[::1", "[::1]x", "[]", "::1",
		"[127.0.0.1]", "1.2.3.4.5", "127.0.0.1234567890123", "01.2.3.4",
		"127.0.0.01", "1.00.2.3", "xn--localhost-", "a.2.3.4",
		"1.2.3.x", "1.2", "1x.example", "localhosu" };

	(void)state;
	for (size_t i = 0; i < N(local); i++)
		assert_true(is_local(local[i]));
	for (size_t i = 0; i < N(foreign); i++)
		if (is_local(foreign[i]))
			fail_msg("%s", foreign[i]);
}

static void
a_connection_is_told_of_by_whole_members_only(void **state)
{
	static const struct {
		const char *list;
		bool close, keep_alive;
	} rows[] = {
		{ "close", true, false },
		{ "CLOSE", true, false },
		{ "Keep-Alive", false, true },
		{ "a,close", true, false },
		{ "keep-alive,a", false, true },
		{ "a , close , b", true, false },
		{ "\tkeep-alive\t", false, true },
		{ "close, keep-alive", true, true },
		{ "keep-alive,close", true, true },
		{ ",,,close", true, false },
		{ "", false, false },
		{ ",", false, false },
		{ "closed", false, false },
		{ "keep-aliv", false, false },
		{ "a close", false, false },
		{ "a;close", false, false },
		{ "\"close\"", false, false },
	};
	bool close = true, keep_alive = true;

	(void)state;
	connection_read(SPAN("x"), &close, &keep_alive);
	assert_true(close && keep_alive);
	for (size_t i = 0; i < N(rows); i++) {
		close = keep_alive = false;
		connection_read(span_str(rows[i].list), &close, &keep_alive);
		if (close != rows[i].close || keep_alive != rows[i].keep_alive)
			fail_msg("%s", rows[i].list);
	}
	connection_read(span_of(NULL, 0), &close, &keep_alive);
	assert_false(close || keep_alive);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_breaks_a_rule_is_refused_with_status_reason_and_place),
		cmocka_unit_test(
		    a_chunked_message_is_never_taken_for_one_with_a_length),
		cmocka_unit_test(
		    a_repeated_chunked_is_refused_and_the_framing_unsure),
		cmocka_unit_test(the_length_of_the_content_is_read),
		cmocka_unit_test(each_form_of_target_is_taken_apart),
		cmocka_unit_test(connect_is_left_to_be_answered_as_a_method),
		cmocka_unit_test(http_10_needs_no_host),
		cmocka_unit_test(connection_tokens_are_found_in_any_line),
		cmocka_unit_test(an_expectation_counts_in_http_11_only),
		cmocka_unit_test(a_host_is_what_the_rfcs_say),
		cmocka_unit_test(a_host_is_not_taken_for_the_one_before),
		cmocka_unit_test(literals_and_localhost_cannot_be_rebound),
		cmocka_unit_test(a_connection_is_told_of_by_whole_members_only),
	};
	return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
