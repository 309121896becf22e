/* The pure parts of the probe: its URLs, and where a response ends. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/reply.h"
#include "app/probe_url.h"

static void
a_url_is_split_into_host_port_authority_and_target(void **state)
{
	static const struct {
		const char *url, *host, *port, *authority, *target;
	} rows[] = {
		{ "http://127.0.0.1:8000/", "127.0.0.1", "8000",
		    "127.0.0.1:8000", "/" },
		{ "HTTP://example.org", "example.org", "80", "example.org",
		    "/" },
		{ "localhost:8080/a/b?c=d#e", "localhost", "8080",
		    "localhost:8080", "/a/b?c=d" },
		{ "http://h?q", "h", "80", "h", "/?q" },
		{ "http://h#f", "h", "80", "h", "/" },
		{ "http://[::1]:81/x", "::1", "81", "[::1]:81", "/x" },
		{ "[2001:db8::1]", "2001:db8::1", "80", "[2001:db8::1]", "/" },
		{ ":9000", "127.0.0.1", "9000", "127.0.0.1:9000", "/" },
		{ "/only/path", "127.0.0.1", "8000", "127.0.0.1:8000",
		    "/only/path" },
		{ "http://h:65535/%2e%2e/%00//", "h", "65535", "h:65535",
		    "/%2e%2e/%00//" },
		{ "h/?to=http://other/", "h", "80", "h", "/?to=http://other/" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct probe_url u;

		assert_null(probe_url_parse(&u, rows[i].url));
		assert_string_equal(u.host, rows[i].host);
		assert_string_equal(u.port, rows[i].port);
		assert_string_equal(u.authority, rows[i].authority);
		assert_string_equal(u.target, rows[i].target);
	}
}

static void
a_url_that_cannot_be_asked_for_is_refused(void **state)
{
	static const char *const urls[] = { "", "http://", "https://h/",
		"ftp://h/", "http://h:/", "http://h:0/", "http://h:65536/",
		"http://h:8x/", "http://u@h/", "http://[::1/", "http://[::1]x/",
		"http://h/a b", "http://h/\r\nX: y", "http://h/\xc3\xa9",
		"http://a b/", "http://h\r\n/", "http://[h]/", "h:80:90/" };

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct probe_url u;

		if (probe_url_parse(&u, urls[i]) == NULL)
			fail_msg("accepted: %s", urls[i]);
	}
}

static void
a_url_too_long_is_refused_and_not_cut(void **state)
{
	struct probe_url u;
	char text[4096];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_non_null(probe_url_parse(&u, text));
	memcpy(text, "http://h/", 9);
	assert_non_null(probe_url_parse(&u, text));
	text[9 + sizeof(u.target) - 2] = '\0';
	assert_null(probe_url_parse(&u, text));
	assert_int_equal(strlen(u.target), sizeof(u.target) - 1);
}

#define OK "HTTP/1.1 200 OK\r\n"

enum after { KEEPS, CLOSES };

struct row {
	const char *bytes;
	bool to_head;
	bool eof; /* the connection ends after the bytes */
	enum reply_progress progress;
	/* of a complete one */
	int status;
	enum reply_framing framing;
	unsigned body_n;
	unsigned beyond; /* bytes that do not belong to it */
	enum after after;
};

static const struct row rows[] = {
	{ OK "Content-Length: 5\r\n\r\nhello", false, false, REPLY_COMPLETE,
	    200, REPLY_LENGTH, 5, 0, KEEPS },
	{ OK "content-length:5 \r\n\r\nhelloHTTP", false, false, REPLY_COMPLETE,
	    200, REPLY_LENGTH, 5, 4, KEEPS },
	{ OK "Content-Length: 0\r\n\r\nx", false, false, REPLY_COMPLETE, 200,
	    REPLY_LENGTH, 0, 1, KEEPS },
	{ OK "Content-Length: 5\r\n\r\nhell", false, false, REPLY_MORE, 0,
	    REPLY_LENGTH, 0, 0, KEEPS },
	{ OK "Content-Length: 5\r\n\r\nhell", false, true, REPLY_WRONG, 0,
	    REPLY_LENGTH, 0, 0, KEEPS },
	{ OK "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", false,
	    false, REPLY_WRONG, 0, REPLY_LENGTH, 0, 0, KEEPS },
	{ OK "Content-Length: +5\r\n\r\nhello", false, false, REPLY_WRONG, 0,
	    REPLY_LENGTH, 0, 0, KEEPS },
	/* chunks: their framing counts as it travels */
	{ OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", false,
	    false, REPLY_COMPLETE, 200, REPLY_CHUNKED, 15, 0, KEEPS },
	{ OK "Transfer-Encoding: gzip, Chunked\r\nContent-Length: 1\r\n\r\n"
	     "1\r\nx\r\n0\r\nT: t\r\n\r\nH",
	    false, false, REPLY_COMPLETE, 200, REPLY_CHUNKED, 17, 1, KEEPS },
	{ OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", false,
	    false, REPLY_MORE, 0, REPLY_CHUNKED, 0, 0, KEEPS },
	{ OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", false,
	    true, REPLY_WRONG, 0, REPLY_CHUNKED, 0, 0, KEEPS },
	{ OK "Transfer-Encoding: chunked\r\n\r\nnonsense\r\n", false, false,
	    REPLY_WRONG, 0, REPLY_CHUNKED, 0, 0, KEEPS },
	/* no content, whatever the fields say */
	{ OK "Content-Length: 5\r\n\r\n", true, false, REPLY_COMPLETE, 200,
	    REPLY_NO_CONTENT, 0, 0, KEEPS },
	{ OK "Transfer-Encoding: chunked\r\n\r\n", true, false, REPLY_COMPLETE,
	    200, REPLY_NO_CONTENT, 0, 0, KEEPS },
	{ "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false,
	    false, REPLY_COMPLETE, 304, REPLY_NO_CONTENT, 0, 0, KEEPS },
	{ "HTTP/1.1 204 No Content\r\n\r\n", false, false, REPLY_COMPLETE, 204,
	    REPLY_NO_CONTENT, 0, 0, KEEPS },
	/* interim responses come before the response */
	{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n"
	  "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno",
	    false, false, REPLY_COMPLETE, 404, REPLY_LENGTH, 2, 0, KEEPS },
	{ "HTTP/1.1 100 Continue\r\nContent-Length: 3\r\n\r\n", false, false,
	    REPLY_MORE, 0, REPLY_LENGTH, 0, 0, KEEPS },
	/* until the connection's end */
	{ OK "\r\nall of it", false, false, REPLY_MORE, 0, REPLY_UNTIL_CLOSE, 0,
	    0, CLOSES },
	{ OK "\r\nall of it", false, true, REPLY_COMPLETE, 200,
	    REPLY_UNTIL_CLOSE, 9, 0, CLOSES },
	{ OK "Transfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\nall", false,
	    true, REPLY_COMPLETE, 200, REPLY_UNTIL_CLOSE, 3, 0, CLOSES },
	/* keep or close */
	{ OK "Connection: close\r\nContent-Length: 0\r\n\r\n", false, false,
	    REPLY_COMPLETE, 200, REPLY_LENGTH, 0, 0, CLOSES },
	{ OK "Connection: x, CLOSE\r\nContent-Length: 0\r\n\r\n", false, false,
	    REPLY_COMPLETE, 200, REPLY_LENGTH, 0, 0, CLOSES },
	{ OK "Connection: closed\r\nContent-Length: 0\r\n\r\n", false, false,
	    REPLY_COMPLETE, 200, REPLY_LENGTH, 0, 0, KEEPS },
	{ "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false, false,
	    REPLY_COMPLETE, 200, REPLY_LENGTH, 0, 0, CLOSES },
	{ "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n"
	  "\r\n",
	    false, false, REPLY_COMPLETE, 200, REPLY_LENGTH, 0, 0, KEEPS },
	/* what other servers send */
	{ "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", false, false,
	    REPLY_COMPLETE, 200, REPLY_LENGTH, 0, 0, KEEPS },
	{ "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", false, false,
	    REPLY_COMPLETE, 200, REPLY_LENGTH, 2, 0, KEEPS },
	/* not a response */
	{ "", false, true, REPLY_WRONG, 0, REPLY_LENGTH, 0, 0, KEEPS },
	{ "HTTP/1.1 200 OK\r\nA: b\r\n", false, true, REPLY_WRONG, 0,
	    REPLY_LENGTH, 0, 0, KEEPS },
	{ "<html>", false, false, REPLY_WRONG, 0, REPLY_LENGTH, 0, 0, KEEPS },
	{ "HTTP/2.0 200 OK\r\n", false, false, REPLY_WRONG, 0, REPLY_LENGTH, 0,
	    0, KEEPS },
	{ "HTTP/1.1 20 OK\r\n", false, false, REPLY_WRONG, 0, REPLY_LENGTH, 0,
	    0, KEEPS },
	{ "HTTP/1.1 2000 OK\r\n", false, false, REPLY_WRONG, 0, REPLY_LENGTH, 0,
	    0, KEEPS },
	{ "HTTP/1.1 099 OK\r\n", false, false, REPLY_WRONG, 0, REPLY_LENGTH, 0,
	    0, KEEPS },
	{ "\r\n", false, false, REPLY_WRONG, 0, REPLY_LENGTH, 0, 0, KEEPS },
};

/* Read the row's bytes `step` at a time, and compare. */
static void
check_row(const struct row *row, size_t step)
{
	static struct http_reply r;
	size_t n = strlen(row->bytes), at = 0, used = 0;
	enum reply_progress progress = REPLY_MORE;

	reply_init(&r, row->to_head);
	while (at < n && progress == REPLY_MORE) {
		size_t some = n - at < step ? n - at : step;

		progress = reply_read(&r, row->bytes + at, some, &used);
		at += used;
	}
	if (row->eof)
		progress = reply_eof(&r);
	if (progress != row->progress)
		fail_msg("progress %d after: %s", (int)progress, row->bytes);
	if (progress == REPLY_WRONG)
		assert_non_null(r.wrong);
	if (progress != REPLY_COMPLETE)
		return;
	assert_int_equal(r.status, row->status);
	assert_int_equal(r.framing, row->framing);
	assert_int_equal(r.body_n, row->body_n);
	assert_int_equal(n - at, row->beyond);
	if ((r.closes != NULL) != (row->after == CLOSES))
		fail_msg("keep or close misjudged: %s", row->bytes);
	/* what is shown is what came */
	assert_memory_equal(r.head, row->bytes, r.head_n);
	assert_memory_equal(r.body, row->bytes + r.head_n, r.kept);
	assert_int_equal(r.head_n + r.body_n + row->beyond, n);
}

static void
a_response_ends_where_its_framing_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i], SIZE_MAX);
}

static void
a_response_split_anywhere_reads_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t step = 1; step < 8; step++)
			check_row(&rows[i], step);
}

static void
of_a_long_body_the_beginning_is_kept_and_all_is_counted(void **state)
{
	static struct http_reply r;
	static char body[100000];
	const char *head = OK "Content-Length: 100000\r\n\r\n";
	size_t used;

	(void)state;
	memset(body, 'b', sizeof(body));
	reply_init(&r, false);
	reply_read(&r, head, strlen(head), &used);
	assert_int_equal(reply_read(&r, body, 60000, &used), REPLY_MORE);
	assert_int_equal(reply_read(&r, body, 60000, &used), REPLY_COMPLETE);
	assert_int_equal(used, 40000);
	assert_int_equal(r.body_n, 100000);
	assert_int_equal(r.kept, REPLY_BODY_KEPT);
}

static void
an_endless_head_is_refused(void **state)
{
	static struct http_reply r;
	enum reply_progress progress = REPLY_MORE;
	size_t used, fed = 0;

	(void)state;
	reply_init(&r, false);
	reply_read(&r, OK, strlen(OK), &used);
	while (progress == REPLY_MORE && fed < 2 * REPLY_HEAD_MAX) {
		progress = reply_read(&r, "A: b\r\n", 6, &used);
		fed += used;
	}
	assert_int_equal(progress, REPLY_WRONG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_url_is_split_into_host_port_authority_and_target),
		cmocka_unit_test(a_url_that_cannot_be_asked_for_is_refused),
		cmocka_unit_test(a_url_too_long_is_refused_and_not_cut),
		cmocka_unit_test(a_response_ends_where_its_framing_says),
		cmocka_unit_test(a_response_split_anywhere_reads_the_same),
		cmocka_unit_test(
		    of_a_long_body_the_beginning_is_kept_and_all_is_counted),
		cmocka_unit_test(an_endless_head_is_refused),
	};

	return cmocka_run_group_tests_name("probe", tests, NULL, NULL);
}
