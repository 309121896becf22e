/* A response as a client reads it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "http/reply.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define OK   "HTTP/1.1 200 OK\r\n"

static struct http_reply r;

static enum reply_progress
read_all(const char *bytes)
{
	size_t used;

	reply_init(&r, false);
	return reply_read(&r, bytes, strlen(bytes), &used);
}

static void
the_end_of_a_response_is_found(void **state)
{
	static const struct {
		const char *bytes;
		enum reply_progress progress;
		enum reply_framing framing;
		int status;
	} rows[] = {
		{ OK "Content-Length: 2\r\n\r\nab", REPLY_COMPLETE,
		    REPLY_LENGTH, 200 },
		{ OK "Content-Length: 0\r\n\r\n", REPLY_COMPLETE, REPLY_LENGTH,
		    200 },
		{ OK "Content-Length: 3\r\n\r\nab", REPLY_MORE, REPLY_LENGTH,
		    200 },
		/* two of the same are one (RFC 9110 8.6) */
		{ OK "Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
		    REPLY_COMPLETE, REPLY_LENGTH, 200 },
		/* Transfer-Encoding outdoes a length, a bad one too */
		{ OK "Content-Length: x\r\nTransfer-Encoding: chunked\r\n\r\n"
		     "0\r\n\r\n",
		    REPLY_COMPLETE, REPLY_CHUNKED, 200 },
		{ OK "Transfer-Encoding: gzip\r\n\r\n", REPLY_MORE,
		    REPLY_UNTIL_CLOSE, 200 },
		{ OK "Transfer-Encoding: deflate\r\n\r\n", REPLY_MORE,
		    REPLY_UNTIL_CLOSE, 200 },
		{ OK "\r\nuntil", REPLY_MORE, REPLY_UNTIL_CLOSE, 200 },
		{ OK "no colon\r\nContent-Length: 0\r\n\r\n", REPLY_COMPLETE,
		    REPLY_LENGTH, 200 },
		{ "HTTP/1.1 204 No\r\n\r\n", REPLY_COMPLETE, REPLY_NO_CONTENT,
		    204 },
		{ "HTTP/1.1 304\r\n\r\n", REPLY_COMPLETE, REPLY_NO_CONTENT,
		    304 },
		{ "HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
		    REPLY_COMPLETE, REPLY_NO_CONTENT, 204 },
		{ "HTTP/1.1 101 Switch\r\n\r\n", REPLY_COMPLETE,
		    REPLY_NO_CONTENT, 101 },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		if (read_all(rows[i].bytes) != rows[i].progress ||
		    r.framing != rows[i].framing || r.status != rows[i].status)
			fail_msg("%s", rows[i].bytes);
}

static void
what_is_no_response_is_said_and_kept(void **state)
{
	static const char *const rows[] = {
		"HTTP/1.1 200O\r\n\r\n",
		"HTTP/1.1 20\r\n\r\n",
		"HTTP/1.x 200 OK\r\n\r\n",
		"HTTP/1.1\t200 OK\r\n\r\n",
		"HTTP/1.1 2x0 OK\r\n\r\n",
		"HTTP/1.1 099 OK\r\n\r\n",
		"HTTP/1.\r\n\r\n",
		"HTTP/2.0 200 OK\r\n\r\n",
		"\r\n",
		OK "Content-Length: x\r\n\r\n",
		OK "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
		OK "Transfer-Encoding: chunked\r\n\r\nx",
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		if (read_all(rows[i]) != REPLY_WRONG || r.wrong == NULL)
			fail_msg("%s", rows[i]);
		assert_memory_equal(r.head, rows[i], r.head_n);
		assert_int_equal(
		    r.head_n + r.body_n, strlen(rows[i]) - (i == N(rows) - 1));
		/* it stays so, whatever becomes of the connection */
		assert_int_equal(reply_eof(&r), REPLY_WRONG);
	}
}

static void
the_end_of_the_connection_ends_what_it_may(void **state)
{
	(void)state;
	assert_int_equal(read_all(""), REPLY_MORE);
	assert_int_equal(reply_eof(&r), REPLY_WRONG);
	assert_int_equal(read_all(OK "A: b"), REPLY_MORE);
	assert_int_equal(reply_eof(&r), REPLY_WRONG);
	assert_int_equal(read_all(OK "Content-Length: 2\r\n\r\na"), REPLY_MORE);
	assert_int_equal(reply_eof(&r), REPLY_WRONG);
	assert_int_equal(read_all(OK "\r\nabc"), REPLY_MORE);
	assert_int_equal(reply_eof(&r), REPLY_COMPLETE);
	assert_int_equal(r.body_n, 3);
}

static void
why_the_connection_ends_is_said(void **state)
{
	static const struct {
		const char *bytes;
		bool closes;
	} rows[] = {
		{ OK "Content-Length: 0\r\n\r\n", false },
		{ OK "Content-Length: 0\r\nConnection: x, Close\r\n\r\n",
		    true },
		{ OK "\r\n", true },
		{ "HTTP/1.0 204 No\r\n\r\n", true },
		{ "HTTP/1.0 204 No\r\nConnection: keep-alive\r\n\r\n", false },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		(void)read_all(rows[i].bytes);
		if ((r.closes != NULL) != rows[i].closes)
			fail_msg("%s", rows[i].bytes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_end_of_a_response_is_found),
		cmocka_unit_test(what_is_no_response_is_said_and_kept),
		cmocka_unit_test(the_end_of_the_connection_ends_what_it_may),
		cmocka_unit_test(why_the_connection_ends_is_said),
	};

	return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
