#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "watch/recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exchange_example.h"
#include "http/coding.h"
#include "ui/filter.h"
#include "watch/export.h"

#define GET                                                                    \
	"GET /docs/a.css?v=3 HTTP/1.1\r\nHost: example.test:8000\r\n"          \
	"User-Agent: Agent \"1\" \\o/\r\nReferer: http://r/\r\n"               \
	"Accept: */*\r\n\r\n"
#define ANSWER                                                                 \
	"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n"                         \
	"Location: /other\r\n\r\n"
#define START "{\"log\":{\"version\":\"1.2\",\"entries\":["
#define ENTRY                                                                  \
	"{\"startedDateTime\":\"2026-11-23T14:02:11.123Z\",\"time\":1,"        \
	"\"request\":{\"method\":\"GET\",\"url\":\"http://h/x\"},"             \
	"\"response\":{\"status\":200}}"

static char folder[] = "/tmp/recording.XXXXXX";
static char path[96];
static char copy[96];
static struct recording *r;
static struct recorded got;
static char said[EXPORT_TEXT];

static int
make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/in", folder);
	snprintf(copy, sizeof(copy), "%s/copy", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static int
clean_up(void **state)
{
	(void)state;
	recording_close(r);
	r = NULL;
	unlink(path);
	unlink(copy);
	return 0;
}

static void
write_file(struct span s)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(s.p, 1, s.n, f), s.n);
	fclose(f);
}

static void
open_file(void)
{
	char text[RECORDING_TEXT];

	recording_close(r);
	r = recording_open(path, text);
	if (r == NULL)
		fail_msg("%s", text);
}

static void
open_text(const char *s)
{
	write_file(span_str(s));
	open_file();
}

static enum recording_result
next(void)
{
	return recording_next(r, &got);
}

static void
assert_got(void)
{
	if (next() != RECORDING_GOT)
		fail_msg(
		    "line %llu: %s", (unsigned long long)got.line, got.text);
}

static void
assert_unreadable(uint64_t line, const char *says)
{
	assert_int_equal(next(), RECORDING_UNREADABLE);
	assert_int_equal(got.line, line);
	if (strstr(got.text, says) == NULL)
		fail_msg("%s, not %s", got.text, says);
}

static void
assert_end(void)
{
	assert_int_equal(next(), RECORDING_END);
	assert_string_equal(got.text, "");
	assert_int_equal(next(), RECORDING_END);
}

static void
assert_part(struct head_part part, const char *want)
{
	struct span s = event_part(got.x.request, part);

	if (!span_eq(s, span_str(want)))
		fail_msg("%.*s, not %s", (int)s.n, s.p, want);
}

static void
assert_span(struct span s, const char *want)
{
	if (!span_eq(s, span_str(want)))
		fail_msg("%.*s, not %s", (int)s.n, s.p, want);
}

static void
export_to(const char *to, enum export_format format, struct exchange_copy *e,
    unsigned n)
{
	static const char *const nothing[] = { NULL };
	const struct export_options o = {
		.format = format, .server = "127.0.0.1:8000", .redact = nothing
	};
	struct export *x = export_open(to, &o, said);

	if (x == NULL)
		fail_msg("%s", said);
	for (unsigned i = 0; i < n; i++)
		export_add(x, &e[i]);
	if (!export_finish(x, said))
		fail_msg("%s", said);
}

/* --- logs --- */

static void
test_common(void **state)
{
	(void)state;
	open_text("192.0.2.7 - frank [23/Nov/2026:15:02:11 +0100] "
		  "\"GET /a%20b?c HTTP/1.0\" 200 2326\n");
	assert_got();
	assert_int_equal(recording_form(r), RECORDING_COMMON);
	assert_int_equal(got.x.known, FACT_STATUS | FACT_SIZE | FACT_PEER);
	assert_int_equal(got.x.e.wall, 1795442531000000000);
	assert_part(got.x.e.method, "GET");
	assert_part(got.x.e.target, "/a%20b?c");
	assert_span(got.x.request, "GET /a%20b?c HTTP/1.0\r\n\r\n");
	assert_int_equal(got.x.e.method_id, METHOD_GET);
	assert_int_equal(got.x.e.major * 10 + got.x.e.minor, 10);
	assert_int_equal(got.x.e.status, 200);
	assert_int_equal(got.x.e.body_sent, 2326);
	assert_int_equal(got.x.e.peer.family, AF_INET);
	assert_int_equal(got.x.e.peer.addr[3], 7);
	assert_span(got.x.client, "192.0.2.7");
	assert_end();
}

static void
test_combined_of_others(void **state)
{
	(void)state;
	open_text(
	    "2001:db8::1 - - [01/Jan/2000:00:00:00 -0000] \"GET /\\xC3\\xA9\\\""
	    "\\\\ HTTP/2.0\" 304 - \"http://r/\\\"\" \"A\\tB \\q\" "
	    "\"1.2.3.4\"\r\n"
	    "host.test - - [29/Feb/2024:23:59:60 +0000] \"-\" 408 0 \"-\" "
	    "\"-\"\n"
	    "- - - [29/Feb/2024:23:59:59 +0000] \"\\x16\\x03\\x01\" 400 157\n"
	    "::1 - a b [29/Feb/2024:23:59:59 +0000] \"GET /old\" - -\n"
	    "::1 - - [29/Feb/2024:23:59:59 +0000] \"GET /a b c HTTP/1.1\" 1 1");
	assert_got();
	assert_part(got.x.e.target, "/\xc3\xa9\"\\");
	assert_part(got.x.e.referer, "http://r/\"");
	assert_part(got.x.e.user_agent, "A\tB \\q");
	assert_int_equal(got.x.e.major, 2);
	assert_int_equal(got.x.e.body_sent, 0);
	assert_int_equal(got.x.e.wall, 946684800000000000);
	assert_got();
	assert_int_equal(got.x.request.n, 0);
	assert_span(got.x.client, "host.test");
	assert_false(got.x.known & FACT_PEER);
	assert_got();
	assert_int_equal(got.line, 3);
	assert_int_equal(got.x.e.method.n, 0);
	assert_span(got.x.request, "\x16\x03\x01\r\n");
	assert_int_equal(got.x.client.n, 0);
	assert_got();
	assert_part(got.x.e.target, "/old");
	assert_int_equal(got.x.e.major, 0);
	assert_int_equal(got.x.e.status, 0);
	assert_int_equal(got.x.response.n, 0); /* a version is not made up */
	assert_got(); /* without a newline at the end */
	assert_part(got.x.e.target, "/a b c");
	assert_end();
}

/* A value in a log makes no line of a head. */
static void
test_no_line_is_forged(void **state)
{
	(void)state;
	open_text("::1 - - [01/Jan/2000:00:00:00 +0000] \"GET /\\x0d\\x0aX:y "
		  "HTTP/1.1\" 200 1 \"-\" \"a\\x0d\\x0aCookie: b\\x00\"\n");
	assert_got();
	assert_span(got.x.request,
	    "GET /\\x0d\\x0aX:y HTTP/1.1\r\n"
	    "User-Agent: a\\x0d\\x0aCookie: b\\x00\r\n\r\n");
	assert_part(got.x.e.target, "/\\x0d\\x0aX:y");
	assert_end();
}

static void
test_bad_lines_are_told_and_passed(void **state)
{
	(void)state;
	open_text("garbage\n"
		  "\n   \n"
		  "::1 - - [23/Foo/2026:14:02:11 +0000] \"GET /\" 200 1\n"
		  "::1 - - [31/Feb/2026:14:02:11 +0000] \"GET /\" 200 1\n"
		  "::1 - - [23/Nov/2026:14:02:11 +0000] GET / 200 1\n"
		  "::1 - - [23/Nov/2026:14:02:11 +0000] \"GET / 200 1\n"
		  "::1 - - [23/Nov/2026:14:02:11 +0000] \"GET /\" 2000 1\n"
		  "::1 - - [23/Nov/2026:14:02:11 +0000] \"GET /\" 200 x\n"
		  "::1 - - [23/Nov/2026:14:02:11 +0000] \"GET /\" 200\n"
		  "::1 - - [23/Nov/2026:14:02:11 +0000] \"GET /\" 200 1\n");
	assert_unreadable(1, "a time like [23/Nov/2026:14:02:11 +0100]");
	assert_unreadable(4, "byte 9: a time like");
	assert_unreadable(5, "a time like");
	assert_unreadable(6, "byte 37: a quoted request");
	assert_unreadable(7, "a quoted request");
	assert_unreadable(8, "a status like 200");
	assert_unreadable(9, "a number of bytes");
	assert_unreadable(10, "");
	assert_got();
	assert_int_equal(got.line, 11);
	assert_end();
}

static void
test_json_lines(void **state)
{
	(void)state;
	open_text(
	    "{\"time\":\"2026-11-23T14:02:11.123Z\",\"conn\":41,\"exchange\":3,"
	    "\"client\":\"192.0.2.7\",\"port\":4711,\"method\":\"GET\","
	    "\"target\":\"/\\\\xc3\\\\xa9\",\"version\":\"HTTP/1.1\","
	    "\"host\":\"h\",\"referer\":null,\"agent\":\"A\",\"status\":304,"
	    "\"bytes\":0,\"duration_us\":312,\"why\":\"ETag matched\","
	    "\"close\":\"asked for close\"}\n"
	    "{\"time\":\"2026-11-23T15:02:11.123456789+01:00\"}\n"
	    "{\"time\":\"yesterday\"}\n"
	    "{\"time\":1}\n"
	    "[]\n"
	    "{\"time\":\n"
	    "{\"time\":\"2026-11-23T14:02:11Z\",\"close\":null,\"status\":-1,"
	    "\"bytes\":1.5,\"conn\":\"x\",\"why\":\"\\u0000\\u001b[m\"}\n"
	    "{\"time\":\"2026-11-23T14:02:11Z\",\"line\":\"GET /\\\\xe9 b\","
	    "\"method\":null,\"target\":null,\"agent\":\"A\"}");
	assert_got();
	assert_int_equal(recording_form(r), RECORDING_JSON);
	assert_int_equal(got.x.known,
	    FACT_STATUS | FACT_SIZE | FACT_PEER | FACT_CONN | FACT_NUMBER |
		FACT_TIME | FACT_CLOSE | FACT_MILLIS);
	assert_part(got.x.e.target, "/\xc3\xa9");
	assert_part(got.x.e.host, "h");
	assert_int_equal(got.x.e.wall, EXAMPLE_WALL);
	assert_int_equal(got.x.e.done_ns, 312000);
	assert_int_equal(got.x.e.close, CLOSE_ASKED);
	assert_int_equal(got.x.e.peer.port, 4711);
	assert_span(got.x.why, "ETag matched");
	assert_got();
	assert_int_equal(got.x.known, FACT_MILLIS);
	assert_int_equal(got.x.e.wall, EXAMPLE_WALL + 456789);
	assert_unreadable(3, "\"time\" like");
	assert_unreadable(4, "\"time\" like");
	assert_unreadable(5, "an object");
	assert_unreadable(6, "not JSON");
	assert_got();
	assert_int_equal(got.x.known, FACT_CLOSE);
	assert_int_equal(got.x.e.close, CLOSE_NONE);
	assert_span(got.x.why, "\\x00\\x1b[m");
	/* what could not be read is what came */
	assert_got();
	assert_span(got.x.request, "GET /\xe9 b\r\n");
	assert_int_equal(got.x.e.major, 0);
	assert_end();
}

/* The short text of every reason is that reason again, with the numbers that
 * are in it, and no more is said to be known. */
static void
test_why_of_a_line(void **state)
{
	(void)state;
	for (unsigned i = 1; i < REASON_N; i++) {
		struct exchange_copy e =
		    example_exchange(SPAN(GET), SPAN(ANSWER), 304);
		struct trail *t = &got.x.e.trail;
		char want[64] = "";
		char have[64] = "";
		struct buf w = buf_over(want, sizeof(want) - 1);
		struct buf h = buf_over(have, sizeof(have) - 1);
		bool coding =
		    i >= REASON_CODING_CHOSEN && i <= REASON_CODING_REFUSED;

		trail_why(&e.e.trail, (enum reason_id)i,
		    coding ? reason_coding(1, 1000, CODING_N, 0) : 12, 3);
		reason_put_why(&w, &e.e.trail.r[e.e.trail.why]);
		export_to(path, EXPORT_JSON, &e, 1);
		open_file();
		assert_got();
		unlink(path);
		assert_int_equal(got.x.known & FACT_TRAIL, 0);
		assert_span(got.x.why, want);
		assert_int_equal(t->n, 1);
		reason_put_why(&h, &t->r[t->why]);
		assert_string_equal(have, want);
	}
}

static void
test_why_that_is_no_reason(void **state)
{
	(void)state;
	open_text("{\"time\":\"2026-11-23T14:02:11Z\",\"why\":\"of another\"}\n"
		  "{\"time\":\"2026-11-23T14:02:11Z\",\"why\":"
		  "\"redirect rule 99999999999999999999\"}\n"
		  "{\"time\":\"2026-11-23T14:02:11Z\",\"why\":null}\n");
	for (unsigned i = 0; i < 2; i++) {
		assert_got();
		assert_int_equal(got.x.e.trail.n, 1);
		assert_int_equal(got.x.e.trail.r[0].id, REASON_NONE);
	}
	assert_got();
	assert_int_equal(got.x.e.trail.n, 0);
	assert_end();
}

/* What was written of a log which had no such column has 0 there. */
static void
test_zeros_that_stand_for_nothing(void **state)
{
	(void)state;
	open_text("::1 - - [23/Nov/2026:14:02:11 +0000] \"GET /\" 200 1 \"-\" "
		  "\"-\" conn=0 us=0\n");
	assert_got();
	assert_int_equal(got.x.known, FACT_STATUS | FACT_SIZE | FACT_PEER);
	open_text("{\"time\":\"2026-11-23T14:02:11Z\",\"conn\":0,"
		  "\"exchange\":0,\"duration_us\":0}\n");
	assert_got();
	assert_int_equal(got.x.known, 0);
	open_text(START
	    "{\"startedDateTime\":\"2026-11-23T14:02:11.123Z\",\"time\":0,"
	    "\"request\":{\"method\":\"GET\",\"url\":\"/\"},\"response\":"
	    "{\"status\":200},\"timings\":{\"send\":0,\"wait\":0}}]}}");
	assert_got();
	assert_int_equal(got.x.known, FACT_STATUS | FACT_MILLIS);
}

/* --- HAR --- */

static void
test_har_of_a_browser(void **state)
{
	(void)state;
	open_text(
	    "\xef\xbb\xbf\n {\n \"log\" : { \"version\":\"1.2\",\n"
	    "\"pages\":[{\"id\":\"entries\",\"x\":[{\"entries\":[1]}]}],\n"
	    "\"entries\":[\n{\"startedDateTime\":\"2026-11-23T14:02:11.123Z\","
	    "\"time\":40.5,\"request\":{\"method\":\"GET\","
	    "\"url\":\"https://h:1/a?b#c\",\"httpVersion\":\"h2\","
	    "\"headers\":[{\"name\":\":method\",\"value\":\"GET\"},"
	    "{\"name\":\"user-agent\",\"value\":\"Fire]}\\\"fox\"}],"
	    "\"headersSize\":-1,\"bodySize\":0},\"response\":{\"status\":200,"
	    "\"statusText\":\"\",\"httpVersion\":\"h2\",\"headers\":[{\"name\":"
	    "\"etag\",\"value\":\"x\"}],\"content\":{\"size\":7,\"text\":"
	    "\"}]\"},\"bodySize\":-1,\"_transferSize\":99},\"timings\":"
	    "{\"blocked\":1,\"dns\":-1,\"connect\":2.5,\"ssl\":1,\"send\":0.5,"
	    "\"wait\":20,\"receive\":16.5},\"connection\":\"443\"},\n" ENTRY
	    "]}}");
	assert_got();
	assert_int_equal(recording_form(r), RECORDING_HAR);
	assert_int_equal(got.line, 6);
	assert_int_equal(got.x.known,
	    FACT_STATUS | FACT_SIZE | FACT_TIME | FACT_PHASES | FACT_CONN |
		FACT_MILLIS);
	assert_span(got.x.request,
	    "GET /a?b HTTP/2.0\r\nuser-agent: Fire]}\"fox\r\nHost: h:1\r\n"
	    "\r\n");
	assert_span(got.x.response, "HTTP/2.0 200 \r\netag: x\r\n\r\n");
	assert_part(got.x.e.user_agent, "Fire]}\"fox");
	assert_part(got.x.e.host, "h:1");
	assert_true(got.x.e.secure);
	assert_int_equal(got.x.e.body_sent, 7);
	assert_int_equal(recording_event(&got).bytes_out, 99);
	assert_int_equal(got.x.e.done_ns, 40500000);
	assert_int_equal(got.x.e.head_ns, 4000000);
	assert_int_equal(got.x.e.first_ns, 24000000);
	assert_int_equal(got.x.e.decided_ns, -1);
	assert_int_equal(got.x.e.conn, 443);
	assert_got();
	assert_int_equal(got.line, 7);
	assert_end();
}

/* "send" ends where "wait" begins, whatever came before it. */
static void
test_har_times(void **state)
{
	static const struct {
		const char *timings;
		uint32_t known;
		int64_t sent, first; /* ms */
	} rows[] = {
		/* Firefox: "ssl" is beside "connect"; others have it within */
		{ "\"blocked\":1,\"dns\":2,\"connect\":10,\"ssl\":30,"
		  "\"send\":0,\"wait\":50,\"receive\":7",
		    FACT_PHASES, 43, 93 },
		{ "\"blocked\":1,\"dns\":2,\"connect\":40,\"ssl\":30,"
		  "\"send\":0,\"wait\":50,\"receive\":7",
		    FACT_PHASES, 43, 93 },
		/* an upload: it is sent to the last byte of its content */
		{ "\"blocked\":-1,\"send\":90,\"wait\":10,\"receive\":0",
		    FACT_PHASES, 90, 100 },
		/* more than there was */
		{ "\"send\":0,\"wait\":99,\"receive\":7", FACT_PHASES, 0, 93 },
		{ "\"send\":0,\"wait\":5,\"receive\":101", FACT_PHASES, 0, 0 },
		/* Firefox, of what was cut */
		{ "\"send\":0,\"wait\":9,\"receive\":-1", 0, 0, 0 },
		{ "\"send\":0,\"wait\":-1,\"receive\":-1", 0, 0, 0 },
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text),
		    START "{\"startedDateTime\":\"2026-11-23T14:02:11.123Z\","
			  "\"time\":100,\"request\":{\"method\":\"GET\","
			  "\"url\":\"/\"},\"response\":{\"status\":200},"
			  "\"timings\":{%s}}]}}",
		    rows[i].timings);
		open_text(text);
		assert_got();
		assert_int_equal(got.x.known & FACT_PHASES, rows[i].known);
		assert_int_equal(got.x.e.done_ns, 100 * NS_PER_MS);
		assert_int_equal(got.x.e.asked_ns, rows[i].sent * NS_PER_MS);
		assert_int_equal(got.x.e.head_ns, rows[i].sent * NS_PER_MS);
		assert_int_equal(got.x.e.first_ns, rows[i].first * NS_PER_MS);
	}
}

/* What a browser had in its cache comes without fields: the host is that of the
 * URL, but where our own export says that it knew none. */
static void
test_har_without_host(void **state)
{
	static const char what[] =
	    "{\"startedDateTime\":\"2026-11-23T14:02:11.123Z\"%s,"
	    "\"request\":{\"method\":\"GET\",\"url\":\"http://h:1/a\","
	    "\"httpVersion\":\"HTTP/1.1\",\"headers\":[],"
	    "\"headersSize\":%d},\"response\":{\"status\":200,"
	    "\"httpVersion\":\"HTTP/1.1\",\"headers\":[]}}";
	static const char head[] = "GET /a HTTP/1.1\r\n\r\n";
	char whole[512], cached[512], sampled[512], text[2048];

	(void)state;
	(void)snprintf(whole, sizeof(whole), what, "", (int)sizeof(head) - 1);
	(void)snprintf(cached, sizeof(cached), what, "", -1);
	(void)snprintf(
	    sampled, sizeof(sampled), what, ",\"_unknown\":[\"request\"]", -1);
	(void)snprintf(
	    text, sizeof(text), "%s%s,%s,%s]}}", START, whole, cached, sampled);
	open_text(text);
	assert_got();
	assert_span(got.x.request, "GET /a HTTP/1.1\r\n\r\n");
	assert_true(got.x.known & FACT_REQUEST);
	assert_false(got.x.e.secure);
	assert_got();
	assert_span(got.x.request, "GET /a HTTP/1.1\r\nHost: h:1\r\n\r\n");
	assert_part(got.x.e.host, "h:1");
	assert_false(got.x.known & FACT_REQUEST);
	assert_got();
	assert_span(got.x.request, "GET /a HTTP/1.1\r\n\r\n");
	assert_end();
}

/* It is no text that travelled, however long its fields are together. */
static void
test_har_of_http2_is_not_what_came(void **state)
{
	(void)state;
	open_text(START "{\"startedDateTime\":\"2026-11-23T14:02:11.123Z\","
			"\"request\":{\"method\":\"GET\",\"url\":\"/a\","
			"\"httpVersion\":\"HTTP/2.0\",\"headers\":[],"
			"\"headersSize\":19},\"response\":{\"status\":200,"
			"\"httpVersion\":\"HTTP/2.0\",\"headers\":[],"
			"\"headersSize\":17}}]}}");
	assert_got();
	assert_int_equal(got.x.request.n, 19);
	assert_int_equal(got.x.response.n, 17);
	assert_false(got.x.known & (FACT_REQUEST | FACT_RESPONSE));
	assert_end();
}

static void
test_bad_entries_are_told_and_passed(void **state)
{
	(void)state;
	open_text(
	    START "\n1,\n\"x]\",\nnull,\n[1,[2]],\n{},\n{\"a\":},\n"
		  "{\"startedDateTime\":\"2026-11-23T14:02:11.123Z\"},\n"
		  "{\"startedDateTime\":\"2026-11-23T14:02:11.123Z\","
		  "\"request\":{\"method\":\"GET\",\"url\":\"/\"}},\n" ENTRY
		  ",\n},\n" ENTRY "\n]}}");
	assert_unreadable(2, "");
	assert_unreadable(3, "");
	assert_unreadable(4, "");
	assert_unreadable(5, "an object");
	assert_unreadable(6, "startedDateTime");
	assert_unreadable(7, "not JSON");
	assert_unreadable(8, "\"request\" with");
	assert_unreadable(9, "\"response\" with");
	assert_got();
	assert_int_equal(got.line, 10);
	assert_unreadable(11, "");
	assert_got();
	assert_int_equal(got.line, 12);
	assert_end();
}

static void
test_cut_har(void **state)
{
	static const char whole[] = START ENTRY "," ENTRY "]}}";

	(void)state;
	/* wherever it is cut, what is whole before is read */
	for (size_t n = 1; n < sizeof(whole) - 1; n++) {
		unsigned entries = 0;
		enum recording_result how;

		write_file(span_of(whole, n));
		open_file();
		while ((how = next()) == RECORDING_GOT)
			entries++;
		if (recording_form(r) != RECORDING_HAR)
			continue; /* too little to tell */
		/* a value is whole when something follows it */
		assert_int_equal(entries,
		    (n > sizeof(START ENTRY) - 1) +
			(n > sizeof(START ENTRY "," ENTRY) - 1));
		if (n < sizeof(START) - 1)
			assert_int_equal(how, RECORDING_FAILED);
		else if (n < sizeof(whole) - 3)
			assert_non_null(strstr(got.text, "ends before"));
		else
			assert_string_equal(got.text, "");
	}
}

static void
test_no_har(void **state)
{
	static const char *const none[] = { "{\"log\":1}", "{\"log\":{}}",
		"{\"log\":{\"entries\":{}}}", "{\"log\":[{\"entries\":[]}]}",
		"{\"log\":", "{\"log\"", "{\"log\":\"", "{\"log\":\"\\",
		"{\"log\":{\"x\":{\"entries\":[]}}}" };

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		open_text(none[i]);
		if (next() != RECORDING_FAILED)
			fail_msg("taken: %s", none[i]);
		assert_non_null(strstr(got.text, "not a HAR"));
		assert_int_equal(next(), RECORDING_FAILED);
	}
	open_text(START "]}}");
	assert_end();
}

/* --- hostile files --- */

static void
repeat(FILE *f, const char *what, unsigned times)
{
	while (times--)
		fputs(what, f);
}

static void
test_deep_nesting(void **state)
{
	FILE *f = fopen(path, "w");

	(void)state;
	assert_non_null(f);
	fputs(START, f);
	repeat(f, "[", 300000);
	repeat(f, "]", 300000);
	fputs(",{\"a\":", f);
	repeat(f, "{\"a\":", 100);
	repeat(f, "}", 101);
	fputs("," ENTRY "]}}", f);
	fclose(f);
	open_file();
	assert_unreadable(1, "nested deeper");
	assert_unreadable(1, "nested deeper");
	assert_got();
	assert_end();

	f = fopen(path, "w");
	fputs("{\"log\":", f);
	repeat(f, "[", 300000);
	fclose(f);
	open_file();
	assert_int_equal(next(), RECORDING_FAILED);

	f = fopen(path, "w");
	fputs("{\"time\":", f);
	repeat(f, "[", 100000);
	fputs("\n{\"time\":\"2026-11-23T14:02:11Z\"}\n", f);
	fclose(f);
	open_file();
	assert_unreadable(1, "not JSON");
	assert_got();
	assert_end();
}

static void
test_huge_strings_and_lines(void **state)
{
	FILE *f = fopen(path, "w");
	const char *rest = strchr(ENTRY, ',');

	(void)state;
	assert_non_null(f);
	/* as the content in a browser's HAR: left out, whatever is in it */
	fputs(START "{\"startedDateTime\":\"2026-11-23T14:02:11.123Z\","
		    "\"_why\":\"",
	    f);
	repeat(f, "\\\"}]\\\\\\u00e9\xc3\xa9", 1000000);
	fprintf(f, "\"%s,", rest);
	fputs("{\"a\":\"", f);
	repeat(f, "0123456789", RECORDING_STRING / 10 - 10);
	for (unsigned i = 0; i < 40; i++) {
		fprintf(f, "\",\"%u\":\"", i);
		repeat(f, "0123456789", RECORDING_STRING / 10 - 10);
	}
	fputs("\"}," ENTRY "]}}", f);
	fclose(f);
	open_file();
	assert_got();
	assert_int_equal(got.x.why.n, 0);
	assert_unreadable(1, "an entry of more than");
	assert_got();
	assert_end();

	f = fopen(path, "w");
	repeat(f, "x", RECORDING_LINE + 1);
	fputs("\n::1 - - [23/Nov/2026:14:02:11 +0000] \"GET /", f);
	repeat(f, "y", 40000);
	fputs("\" 200 1\n::1 - - [23/Nov/2026:14:02:11 +0000] \"GET /\" 200 1"
	      " \"-\" \"",
	    f);
	repeat(f, "z", 40000);
	fputs("\"\n", f);
	fclose(f);
	open_file();
	assert_unreadable(1, "longer than");
	assert_unreadable(2, "a request line of more than");
	assert_got(); /* without the agent, which did not fit */
	assert_int_equal(got.x.e.user_agent.n, 0);
	assert_end();
}

static void
test_what_is_no_recording(void **state)
{
	char text[RECORDING_TEXT];
	FILE *f;

	(void)state;
	assert_null(recording_open("/nowhere/\x1b[m", text));
	assert_non_null(strstr(text, "No such file"));
	assert_null(strchr(text, '\x1b'));
	assert_null(recording_open("/tmp", text));
	assert_non_null(strstr(text, "directory"));
	open_text("");
	assert_end();
	assert_int_equal(recording_form(r), RECORDING_UNKNOWN);
	open_text(" \n\n");
	assert_end();
	write_file(span_of("\x1f\x8b\x08\0\0\0", 6));
	open_file();
	assert_int_equal(next(), RECORDING_FAILED);
	assert_non_null(strstr(got.text, "zcat"));
	f = fopen(path, "w");
	repeat(f, "no log\n", 200);
	fclose(f);
	open_file();
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(next(), RECORDING_UNREADABLE);
	assert_int_equal(next(), RECORDING_FAILED);
	assert_non_null(strstr(got.text, "neither a HAR nor"));
	write_file(span_of("\0\0\n\xff\xfe\n", 6));
	open_file();
	assert_int_equal(next(), RECORDING_UNREADABLE);
	assert_int_equal(next(), RECORDING_UNREADABLE);
	assert_end();
}

/* Any change of some bytes leaves a reader that ends, with parts inside. */
static void
test_mutations(void **state)
{
	static const char *const seeds[] = {
		"::1 - - [23/Nov/2026:14:02:11 +0000] \"GET /\\x41 HTTP/1.1\" "
		"200 1 \"r\" \"a\" conn=1 us=2\n"
		"::1 - - [23/Nov/2026:14:02:11 +0000] \"GET /\" 200 1\n",
		"{\"time\":\"2026-11-23T14:02:11.123Z\",\"method\":\"GET\","
		"\"target\":\"/\\\\x41\",\"host\":\"h\",\"status\":304}\n",
		START ENTRY "," ENTRY "]}}",
		START "{\"startedDateTime\":\"2026-11-23T14:02:11.123Z\","
		      "\"request\":{\"method\":\"GET\",\"url\":\"http://h/\"},"
		      "\"response\":{\"status\":400},\"_head\":\"R0VUIC8=\","
		      "\"_refusedAt\":3,\"_whyStep\":0,\"_trail\":[{\"id\":"
		      "\"BAD_TARGET\",\"a\":6,\"b\":0}],\"_unknown\":[\"time\"]"
		      "}]}}",
	};
	static const char special[] = "{}[]\",:\\\0\n\xff \x7f/9-";
	unsigned good = 0;

	(void)state;
	srandom(11);
	for (unsigned i = 0; i < 4000; i++) {
		char mem[1024];
		size_t n = strlen(seeds[i % 4]);
		unsigned steps = 0;
		enum recording_result how;

		memcpy(mem, seeds[i % 4], n);
		for (long k = random() % 4; k >= 0; k--)
			mem[(size_t)random() % n] =
			    special[(size_t)random() % sizeof(special)];
		write_file(span_of(mem, n - (size_t)random() % 3));
		open_file();
		do {
			how = next();
			assert_true(++steps < 1000);
			if (how != RECORDING_GOT)
				continue;
			good++;
			assert_true(got.x.e.request_n == got.x.request.n);
			assert_true(got.x.e.target.at + got.x.e.target.n <=
			    got.x.request.n);
			assert_true(got.x.e.trail.n <= LIMIT_TRAIL);
		} while (how <= RECORDING_UNREADABLE);
	}
	assert_true(good > 500);
}

/* --- what we write is read --- */

static size_t
slurp(const char *name, char *out, size_t cap)
{
	FILE *f = fopen(name, "r");
	size_t n;

	assert_non_null(f);
	n = fread(out, 1, cap - 1, f);
	fclose(f);
	out[n] = '\0';
	return n;
}

#define SAME(member) assert_int_equal(a->e.member, b->e.member)

static void
assert_same(const struct exchange_copy *a, const struct exchange_copy *b)
{
	assert_int_equal(a->known, b->known);
	SAME(status), SAME(close), SAME(method_id), SAME(major), SAME(minor);
	SAME(conn), SAME(number), SAME(wall), SAME(head_ns), SAME(asked_ns);
	SAME(first_ns), SAME(decided_ns), SAME(done_ns), SAME(body_sent),
	    SAME(body_length), SAME(bytes_out);
	SAME(bytes_in), SAME(request_n), SAME(response_n), SAME(refused_at);
	SAME(method.at), SAME(method.n), SAME(target.at), SAME(target.n);
	SAME(host.at), SAME(host.n), SAME(referer.at), SAME(referer.n);
	SAME(user_agent.at), SAME(user_agent.n), SAME(peer.family);
	SAME(peer.port), SAME(trail.n), SAME(trail.why);
	assert_memory_equal(a->e.peer.addr, b->e.peer.addr, 16);
	for (unsigned i = 0; i < a->e.trail.n; i++)
		SAME(trail.r[i].id), SAME(trail.r[i].a), SAME(trail.r[i].b);
	assert_true(span_eq(a->request, b->request));
	assert_true(span_eq(a->response, b->response));
}

/* Through a HAR an exchange comes back as it was, to the last member. */
static void
test_har_round_trip(void **state)
{
	static const char bad[] =
	    "GET /a\xff\0b HTTP/1.1\r\nX: \xfe\r\n\r\n\r\nmore";
	struct exchange_copy e[4] = {
		example_exchange(SPAN(GET), SPAN(ANSWER), 304),
		example_exchange(span_of(bad, sizeof(bad) - 1),
		    SPAN("HTTP/1.1 400 Bad Request\r\n\r\n"), 400),
		example_exchange(
		    SPAN("OPTIONS * HTTP/1.1\r\nHost: [::1]\r\nA:\r\n\r\n"),
		    SPAN("HTTP/1.1 204 No Content\r\n\r\n"), 204),
		example_exchange(
		    SPAN("GET /{\"x\"} HTTP/1.0\r\n\r\n"), SPAN(""), 0),
	};

	(void)state;
	e[3].known &= ~(uint32_t)FACT_RESPONSE;
	e[3].e.close = CLOSE_RESET;
	e[3].e.first_ns = 0;
	e[2].e.asked_ns = 140 * NS_PER_US; /* its content came later */
	e[1].e.peer.family = AF_INET6;
	e[1].e.peer.addr[15] = 1;
	export_to(path, EXPORT_HAR, e, 4);
	open_file();
	for (unsigned i = 0; i < 4; i++) {
		assert_got();
		/* nobody writes how much of a refused head was content */
		if (i == 1)
			e[i].known &= ~(uint32_t)FACT_BYTES,
			    e[i].e.bytes_in = 0;
		/* "send" is both; when the head was there is nowhere */
		e[i].e.head_ns = e[i].e.asked_ns;
		assert_same(&got.x, &e[i]);
	}
	assert_end();
}

static void
test_har_written_again_is_the_same(void **state)
{
	static char first[65536];
	static char second[65536];
	struct exchange_copy e = example_exchange(SPAN(GET), SPAN(ANSWER), 304);

	(void)state;
	export_to(path, EXPORT_HAR, &e, 1);
	open_file();
	assert_got();
	export_to(copy, EXPORT_HAR, &got.x, 1);
	assert_true(slurp(path, first, sizeof(first)) > 500);
	slurp(copy, second, sizeof(second));
	assert_string_equal(first, second);

	/* of a log little is known, and no more comes of it */
	open_text("::1 - - [23/Nov/2026:14:02:11 +0000] \"GET /x HTTP/1.1\" "
		  "200 1\n");
	assert_got();
	unlink(copy);
	export_to(copy, EXPORT_HAR, &got.x, 1);
	rename(copy, path);

	uint32_t known = got.x.known;

	open_file();
	assert_got();
	assert_int_equal(got.x.known, known);
	assert_span(got.x.request, "GET /x HTTP/1.1\r\n\r\n");
}

static void
test_lines_round_trip(void **state)
{
	struct exchange_copy e = example_exchange(SPAN(GET), SPAN(ANSWER), 304);
	static const enum export_format formats[] = { EXPORT_COMBINED,
		EXPORT_JSON };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		unlink(path);
		export_to(path, formats[i], &e, 1);
		open_file();
		assert_got();
		assert_part(got.x.e.method, "GET");
		assert_part(got.x.e.target, "/docs/a.css?v=3");
		assert_part(got.x.e.referer, "http://r/");
		assert_part(got.x.e.user_agent, "Agent \"1\" \\o/");
		assert_int_equal(got.x.e.status, 304);
		assert_int_equal(got.x.e.body_sent, 1234);
		assert_int_equal(got.x.e.conn, 41);
		assert_int_equal(got.x.e.done_ns, 312000);
		assert_int_equal(
		    got.x.e.wall / NS_PER_S, EXAMPLE_WALL / NS_PER_S);
		assert_int_equal(got.x.e.peer.addr[0], 192);
		assert_end();
	}
	assert_span(got.x.why, "");
}

/* What is read can be filtered and kept in a journal like what is live. */
static void
test_filter_and_journal(void **state)
{
	static const char line[] =
	    "10.0.0.7 - - [23/Nov/2026:14:02:11 +0000] \"GET /a.css HTTP/1.1\" "
	    "404 12 \"-\" \"Firefox\"\n";
	struct journal *j = journal_new(100, 1 << 20);
	struct filter_subject s;
	struct filter_error err;
	struct filter *f = filter_compile(
	    SPAN("status:404 client:10. ext:css ua:firefox size:12 "
		 "header:user-agent !time>0 !conn>0 !why:x !number>0"),
	    &err);
	struct journal_entry entry;

	(void)state;
	assert_non_null(f);
	open_text(line);
	assert_got();
	filter_subject_copy(&s, &got.x, false);
	assert_true(filter_match(f, &s));
	filter_free(f);
	journal_add(j, &got.x.e, got.x.request, got.x.response);
	assert_true(journal_get(j, 1, &entry));
	assert_string_equal(entry.target, "/a.css");
	journal_free(j);
}

static void
test_pipe(void **state)
{
	int fd[2];
	int before = dup(0);
	char text[RECORDING_TEXT];
	uint64_t read_n;
	uint64_t size;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	if (fork() == 0) {
		/* a byte at a time */
		for (const char *c = START ENTRY "]}}"; *c; c++)
			if (write(fd[1], c, 1) != 1)
				_exit(1);
		_exit(0);
	}
	close(fd[1]);
	dup2(fd[0], 0);
	close(fd[0]);
	r = recording_open("-", text);
	assert_non_null(r);
	assert_got();
	assert_end();
	recording_progress(r, &read_n, &size);
	assert_int_equal(size, 0);
	assert_true(read_n > sizeof(ENTRY));
	dup2(before, 0);
	close(before);
	wait(NULL);
}

/* Memory does not grow with the file. */
static void
test_many_lines(void **state)
{
	FILE *f = fopen(path, "w");
	struct rusage before;
	struct rusage after;
	unsigned n = 0;

	(void)state;
	assert_non_null(f);
	for (unsigned i = 0; i < 100000; i++)
		fprintf(f,
		    "10.0.0.7 - - [23/Nov/2026:14:02:11 +0000] \"GET /%u "
		    "HTTP/1.1\" 200 %u \"http://r/\" \"Firefox\" conn=%u "
		    "us=9\n",
		    i, i, i / 10);
	fclose(f);
	open_file();
	assert_got();
	getrusage(RUSAGE_SELF, &before);
	while (next() == RECORDING_GOT)
		n++;
	getrusage(RUSAGE_SELF, &after);
	assert_int_equal(n, 99999);
	assert_int_equal(got.line, 100001);
	assert_true(after.ru_maxrss - before.ru_maxrss < 2048); /* KiB */
}

#define TEST(test) cmocka_unit_test_teardown(test, clean_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_common),
		TEST(test_combined_of_others),
		TEST(test_no_line_is_forged),
		TEST(test_bad_lines_are_told_and_passed),
		TEST(test_json_lines),
		TEST(test_why_of_a_line),
		TEST(test_why_that_is_no_reason),
		TEST(test_zeros_that_stand_for_nothing),
		TEST(test_har_of_a_browser),
		TEST(test_har_times),
		TEST(test_har_without_host),
		TEST(test_har_of_http2_is_not_what_came),
		TEST(test_bad_entries_are_told_and_passed),
		TEST(test_cut_har),
		TEST(test_no_har),
		TEST(test_deep_nesting),
		TEST(test_huge_strings_and_lines),
		TEST(test_what_is_no_recording),
		TEST(test_mutations),
		TEST(test_har_round_trip),
		TEST(test_har_written_again_is_the_same),
		TEST(test_lines_round_trip),
		TEST(test_filter_and_journal),
		TEST(test_pipe),
		TEST(test_many_lines),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
