/* Accept-Encoding, and which representation it chooses. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/clock.h"
#include "http/etag.h"
#include "http/select.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static struct http_request
request_with(const char *lines)
{
	static const struct head_limits l = { 8192, 32768, 100 };
	static struct http_head h;
	static char s[2048];
	struct http_request r;

	snprintf(s, sizeof(s), "GET / HTTP/1.1\r\nHost: h\r\n%s\r\n", lines);
	head_init(&h);
	assert_int_equal(head_parse(&h, &l, NULL, s, strlen(s)), HEAD_DONE);
	request_read(&r, &h, s, NULL);
	return r;
}

static void
qualities_are_read_from_every_line(void **state)
{
	static const struct {
		const char *lines;
		unsigned identity, gzip, zstd, br;
	} rows[] = {
		{ "", 1000, 0, 0, 0 },
		{ "Accept-Encoding:\r\n", 1000, 0, 0, 0 },
		{ "Accept-Encoding: gzip\r\n", 1000, 1000, 0, 0 },
		{ "Accept-Encoding: GZip;Q=0.5\r\n", 1000, 500, 0, 0 },
		{ "Accept-Encoding: x-gzip\r\n", 1000, 1000, 0, 0 },
		{ "Accept-Encoding: gzip, deflate, br, zstd\r\n", 1000, 1000,
		    1000, 1000 },
		{ "Accept-Encoding: gzip;q=0.001 , br;q=0\r\n", 1000, 1, 0, 0 },
		{ "Accept-Encoding: *\r\n", 1000, 1000, 1000, 1000 },
		{ "Accept-Encoding: gzip;q:1, br;q, *;q=0.5, *;q=0\r\n", 500,
		    500, 500, 500 },
		{ "Accept-Encoding: *;q=0\r\n", 0, 0, 0, 0 },
		{ "Accept-Encoding: *;q=0, gzip\r\n", 0, 1000, 0, 0 },
		{ "Accept-Encoding: *;q=0.3, identity;q=0\r\n", 0, 300, 300,
		    300 },
		{ "Accept-Encoding: identity;q=1, *;q=0\r\n", 1000, 0, 0, 0 },
		{ "Accept-Encoding: identity;q=0\r\n", 0, 0, 0, 0 },
		{ "Accept-Encoding: br\r\nAccept-Encoding: gzip;q=0.2\r\n",
		    1000, 200, 0, 1000 },
		/* not well formed: passed over */
		{ "Accept-Encoding: gzip;q=2, br;q=0.1234, zstd;level=3\r\n",
		    1000, 0, 0, 0 },
		{ "Accept-Encoding: gzip;, ;q=1, , gzip br\r\n", 1000, 0, 0,
		    0 },
		/* named twice: the first counts */
		{ "Accept-Encoding: gzip;q=0, gzip\r\n", 1000, 0, 0, 0 },
		{ "Accept-Encoding: gzip \t;\tq=0.5\r\n", 1000, 500, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct http_request r = request_with(rows[i].lines);
		struct coding_wishes w;

		coding_read(&w, &r);
		if (w.q[CODING_IDENTITY] != rows[i].identity ||
		    w.q[CODING_GZIP] != rows[i].gzip ||
		    w.q[CODING_ZSTD] != rows[i].zstd ||
		    w.q[CODING_BR] != rows[i].br)
			fail_msg("%s: identity %u gzip %u zstd %u br %u",
			    rows[i].lines, w.q[CODING_IDENTITY],
			    w.q[CODING_GZIP], w.q[CODING_ZSTD], w.q[CODING_BR]);
	}
}

/* They are known as they stand: with a member that means nothing they are
 * read, and mean the same. */
static void
what_browsers_send_is_what_it_would_be_read_as(void **state)
{
	static const char *const usual[] = { "gzip, deflate, br, zstd",
		"gzip, deflate, br", "gzip, deflate", "gzip" };

	(void)state;
	for (size_t i = 0; i < N(usual); i++) {
		char lines[2][80];
		struct coding_wishes w[2];

		for (int k = 0; k < 2; k++) {
			struct http_request r;

			(void)snprintf(lines[k], sizeof(lines[k]),
			    "Accept-Encoding: %s%s\r\n", usual[i],
			    k ? ", x" : "");
			r = request_with(lines[k]);
			memset(&w[k], 0xa5, sizeof(w[k]));
			coding_read(&w[k], &r);
		}
		if (w[0].given != w[1].given ||
		    w[0].identity_named != w[1].identity_named ||
		    memcmp(w[0].q, w[1].q, sizeof(w[0].q)) != 0)
			fail_msg("%s is not read as it stands", usual[i]);
	}
}

/* A file of 1000 bytes, and what else there is of it. */
static struct selected
select_from(const char *lines, enum variant_state gzip, enum variant_state br)
{
	static const uint8_t order[] = { CODING_BR, CODING_ZSTD, CODING_GZIP };
	struct variant v[CODING_N] = {
		[CODING_GZIP] = { .state = (uint8_t)gzip,
		    .size = 300,
		    .mtime_ns = 7 },
		[CODING_BR] = { .state = (uint8_t)br,
		    .size = 200,
		    .mtime_ns = 8 },
	};
	struct selection from = { .size = 1000,
		.mtime_ns = 5,
		.variant = v,
		.order = order,
		.order_n = N(order) };
	struct http_request r = request_with(lines);
	struct selected s;

	select_representation(&s, &from, &r);
	return s;
}

static void
the_best_quality_wins_and_then_the_servers_order(void **state)
{
	static const struct {
		const char *wish;
		enum coding chosen;
		unsigned q, rival;
	} rows[] = {
		{ "gzip, br", CODING_BR, 1000, CODING_GZIP },
		{ "gzip, br;q=0.9", CODING_GZIP, 1000, CODING_BR },
		{ "gzip", CODING_GZIP, 1000, CODING_BR },
		{ "zstd", CODING_IDENTITY, 1000, CODING_BR },
		{ "identity, gzip;q=0.5", CODING_IDENTITY, 1000, CODING_GZIP },
		{ "identity, gzip", CODING_GZIP, 1000, CODING_BR },
		{ "*", CODING_BR, 1000, CODING_GZIP },
		{ "br;q=0, *", CODING_GZIP, 1000, CODING_BR },
		{ "identity;q=0, br;q=0.1", CODING_BR, 100, CODING_GZIP },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		char line[200];
		struct selected s;

		snprintf(line, sizeof(line), "Accept-Encoding: %s\r\n",
		    rows[i].wish);
		s = select_from(line, VARIANT_SIBLING, VARIANT_SIBLING);
		if (s.result != SELECT_OK || s.rep.coding != rows[i].chosen ||
		    s.q != rows[i].q || s.rival != rows[i].rival)
			fail_msg("%s: %d, q %u, over %d", rows[i].wish,
			    s.rep.coding, s.q, s.rival);
		assert_false(s.wanted);
	}
}

static void
validators_are_of_the_representation(void **state)
{
	static const char gzip[] = "Accept-Encoding: gzip\r\n";
	struct selected s;
	char mem[ETAG_MAX];
	struct buf b = buf_over(mem, sizeof(mem));

	(void)state;
	s = select_from("", VARIANT_SIBLING, VARIANT_NONE);
	assert_int_equal(s.rep.size, 1000);
	assert_int_equal(s.rep.mtime_ns, 5);
	s = select_from(gzip, VARIANT_SIBLING, VARIANT_NONE);
	assert_int_equal(s.rep.size, 300);
	assert_int_equal(s.rep.tag_size, 300);
	assert_int_equal(s.rep.mtime_ns, 7);
	/* made from the file: its tag tells of the file, and how it is coded */
	s = select_from(gzip, VARIANT_MADE, VARIANT_NONE);
	assert_int_equal(s.rep.size, 300);
	assert_int_equal(s.rep.tag_size, 1000);
	assert_int_equal(s.rep.mtime_ns, 5);
	representation_put_etag(&b, &s.rep);
	assert_string_equal(buf_cstr(&b), "\"3e8-5-gzip\"");
}

static void
what_is_not_made_yet_is_wanted_and_not_waited_for(void **state)
{
	struct selected s =
	    select_from("Accept-Encoding: gzip\r\n", VARIANT_PENDING, 0);

	(void)state;
	assert_int_equal(s.result, SELECT_OK);
	assert_int_equal(s.rep.coding, CODING_IDENTITY);
	assert_true(s.wanted);
	/* a sibling is at hand meanwhile */
	s = select_from("Accept-Encoding: gzip, br;q=0.5\r\n", VARIANT_PENDING,
	    VARIANT_SIBLING);
	assert_int_equal(s.rep.coding, CODING_BR);
	assert_true(s.wanted);
	/* nobody asked for it */
	s = select_from("", VARIANT_PENDING, 0);
	assert_false(s.wanted);
	s = select_from(
	    "Accept-Encoding: gzip, br\r\n", VARIANT_PENDING, VARIANT_SIBLING);
	assert_int_equal(s.rep.coding, CODING_BR);
	assert_false(s.wanted);
}

static void
what_is_no_good_is_not_chosen_and_named(void **state)
{
	struct selected s =
	    select_from("Accept-Encoding: gzip, br\r\n", 0, VARIANT_OLDER);

	(void)state;
	assert_int_equal(s.rep.coding, CODING_IDENTITY);
	assert_int_equal(s.unfit, CODING_BR);
	s = select_from(
	    "Accept-Encoding: gzip, br\r\n", VARIANT_USELESS, VARIANT_SIBLING);
	assert_int_equal(s.rep.coding, CODING_BR);
	assert_int_equal(s.unfit, CODING_GZIP);
	/* nobody asked for it */
	s = select_from("Accept-Encoding: br\r\n", VARIANT_USELESS, 0);
	assert_int_equal(s.unfit, CODING_N);
	s = select_from(
	    "Accept-Encoding: *;q=0\r\n", VARIANT_USELESS, VARIANT_OLDER);
	assert_int_equal(s.result, SELECT_NONE);
}

static void
identity_refused_waits_or_fails(void **state)
{
	static const char only[] = "Accept-Encoding: gzip, identity;q=0\r\n";

	(void)state;
	assert_int_equal(
	    select_from(only, VARIANT_MADE, 0).rep.coding, CODING_GZIP);
	assert_int_equal(
	    select_from(only, VARIANT_PENDING, 0).result, SELECT_WAIT);
	assert_int_equal(select_from(only, 0, 0).result, SELECT_NONE);
	assert_int_equal(
	    select_from(only, 0, VARIANT_SIBLING).result, SELECT_NONE);
	assert_int_equal(
	    select_from("Accept-Encoding: *;q=0\r\n", VARIANT_MADE, 0).result,
	    SELECT_NONE);
}

#define PLAIN "\"3e8-5\""
#define CODED "\"3e8-5-gzip\""

static void
the_form_that_the_client_has_is_kept(void **state)
{
	static const struct {
		const char *lines;
		enum variant_state gzip;
		enum coding chosen;
		bool held;
	} rows[] = {
		/* made since: the plain copy is still good */
		{ "If-None-Match: " PLAIN "\r\n", VARIANT_MADE, CODING_IDENTITY,
		    true },
		{ "If-None-Match: \"x\", W/" PLAIN "\r\n", VARIANT_MADE,
		    CODING_IDENTITY, true },
		{ "If-Range: " PLAIN "\r\n", VARIANT_MADE, CODING_IDENTITY,
		    true },
		{ "If-Match: " PLAIN "\r\n", VARIANT_MADE, CODING_IDENTITY,
		    true },
		{ "If-Match: " CODED "\r\n", VARIANT_MADE, CODING_GZIP, false },
		{ "If-None-Match: " CODED "\r\n", VARIANT_MADE, CODING_GZIP,
		    false },
		{ "If-None-Match: " PLAIN ", " CODED "\r\n", VARIANT_MADE,
		    CODING_GZIP, false },
		{ "If-None-Match: *\r\n", VARIANT_MADE, CODING_GZIP, false },
		/* no longer kept: the coded copy is still good */
		{ "If-None-Match: " CODED "\r\n", VARIANT_PENDING, CODING_GZIP,
		    true },
		{ "If-None-Match: " PLAIN "\r\n", VARIANT_PENDING,
		    CODING_IDENTITY, false },
		/* but there are no bytes to go on from */
		{ "If-Range: " CODED "\r\n", VARIANT_PENDING, CODING_IDENTITY,
		    false },
		{ "If-Match: " CODED "\r\n", VARIANT_PENDING, CODING_IDENTITY,
		    false },
		/* a sibling is always there: it is what is asked for */
		{ "If-None-Match: " PLAIN "\r\n", VARIANT_SIBLING, CODING_GZIP,
		    false },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		char lines[400];
		struct selected s;

		snprintf(lines, sizeof(lines), "Accept-Encoding: gzip\r\n%s",
		    rows[i].lines);
		s = select_from(lines, rows[i].gzip, VARIANT_NONE);
		if (s.rep.coding != rows[i].chosen || s.held != rows[i].held)
			fail_msg("row %zu: %d", i, s.rep.coding);
	}
	/* never a form that the request refuses */
	assert_int_equal(select_from("Accept-Encoding: gzip, identity;q=0\r\n"
				     "If-None-Match: " PLAIN "\r\n",
			     VARIANT_MADE, 0)
			     .rep.coding,
	    CODING_GZIP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(qualities_are_read_from_every_line),
		cmocka_unit_test(
		    what_browsers_send_is_what_it_would_be_read_as),
		cmocka_unit_test(
		    the_best_quality_wins_and_then_the_servers_order),
		cmocka_unit_test(validators_are_of_the_representation),
		cmocka_unit_test(
		    what_is_not_made_yet_is_wanted_and_not_waited_for),
		cmocka_unit_test(what_is_no_good_is_not_chosen_and_named),
		cmocka_unit_test(identity_refused_waits_or_fails),
		cmocka_unit_test(the_form_that_the_client_has_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
