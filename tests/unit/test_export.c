#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "watch/export.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exchange_example.h"

#define GET                                                                    \
	"GET /docs/a.css?v=3&x=%20y HTTP/1.1\r\nHost: example.test:8000\r\n"   \
	"User-Agent: Agent/1\r\nReferer: http://r/\r\nAccept: */*\r\n"         \
	"Cookie: id=Geheim; b=2\r\nAuthorization: Basic R2VoZWlt\r\n\r\n"
#define ANSWER                                                                 \
	"HTTP/1.1 200 OK\r\nContent-Type: text/css\r\n"                        \
	"Set-Cookie: id=Geheim; HttpOnly\r\n\r\n"

static char folder[] = "/tmp/export.XXXXXX";
static char path[96];
static char said[EXPORT_TEXT];
static char content[1 << 20];

static int
make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/out.har", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	return rmdir(folder); /* fails when anything was left behind */
}

static int
remove_file(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static struct exchange_copy
example(void)
{
	return example_exchange(SPAN(GET), SPAN(ANSWER), 200);
}

static struct export_options
options(enum export_format format)
{
	return (struct export_options){ .format = format,
		.server = "127.0.0.1:8000" };
}

static size_t
read_back(void)
{
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(content, 1, sizeof(content) - 1, f);
	content[n] = '\0';
	fclose(f);
	return n;
}

static void
write_list(
    const struct export_options *o, const struct exchange_copy *e, unsigned n)
{
	struct export *x = export_open(path, o, said);

	if (x == NULL)
		fail_msg("%s", said);
	for (unsigned i = 0; i < n; i++)
		export_add(x, &e[i]);
	if (!export_finish(x, said))
		fail_msg("%s", said);
	read_back();
}

/* The exchange's entry in a HAR, which the caller gives back. */
static json_t *
entry_of(const struct exchange_copy *e, const struct export_options *o)
{
	json_error_t error;
	json_t *har;
	json_t *entry;

	write_list(o, e, 1);
	har = json_loads(content, 0, &error);
	if (har == NULL)
		fail_msg("%s in %s", error.text, content);
	entry = json_array_get(
	    json_object_get(json_object_get(har, "log"), "entries"), 0);
	json_incref(entry);
	json_decref(har);
	assert_non_null(entry);
	return entry;
}

/* A member by its way, "request/url". */
static json_t *
at(json_t *o, const char *way)
{
	char name[64];

	while (*way) {
		size_t n = strcspn(way, "/");

		snprintf(name, sizeof(name), "%.*s", (int)n, way);
		o = json_is_array(o) ? json_array_get(o, (size_t)atoi(name))
				     : json_object_get(o, name);
		way += n + (way[n] == '/');
	}
	return o;
}

static void
assert_text(json_t *entry, const char *way, const char *want)
{
	const char *is = json_string_value(at(entry, way));

	if (is == NULL || strcmp(is, want) != 0)
		fail_msg("%s: %s, not %s", way, is ? is : "(none)", want);
}

static void
assert_number(json_t *entry, const char *way, double want)
{
	json_t *is = at(entry, way);

	if (!json_is_number(is) || json_number_value(is) - want > 1e-9 ||
	    want - json_number_value(is) > 1e-9)
		fail_msg("%s: %f, not %f", way, json_number_value(is), want);
}

static void
test_har_members(void **state)
{
	struct export_options o = options(EXPORT_HAR);
	struct exchange_copy e = example();
	json_t *h = entry_of(&e, &o);

	(void)state;
	assert_text(h, "startedDateTime", "2026-11-23T14:02:11.123Z");
	assert_number(h, "time", 0.3129);
	assert_number(h, "timings/send", 0.1);
	assert_number(h, "timings/wait", 0.1);
	assert_number(h, "timings/receive", 0.1129);
	assert_text(h, "request/method", "GET");
	/* to this server, whatever name it was asked by */
	assert_text(
	    h, "request/url", "http://127.0.0.1:8000/docs/a.css?v=3&x=%20y");
	assert_text(h, "request/httpVersion", "HTTP/1.1");
	assert_text(h, "request/headers/0/name", "Host");
	assert_text(h, "request/headers/0/value", "example.test:8000");
	assert_text(h, "request/queryString/1/name", "x");
	assert_text(h, "request/queryString/1/value", "%20y");
	assert_number(h, "request/headersSize", sizeof(GET) - 1);
	assert_number(h, "request/bodySize", 0);
	assert_number(h, "response/status", 200);
	assert_text(h, "response/statusText", "OK");
	assert_text(h, "response/content/mimeType", "text/css");
	assert_number(h, "response/content/size", 1234);
	assert_number(h, "response/headersSize", sizeof(ANSWER) - 1);
	assert_number(h, "response/bodySize", 1234);
	assert_number(h, "response/_transferSize", 1234 + sizeof(ANSWER) - 1);
	assert_text(h, "serverIPAddress", "127.0.0.1");
	assert_text(h, "connection", "41");
	assert_text(h, "_why", "file");
	assert_text(h, "_trail/1/id", "FILE_FOUND");
	assert_number(h, "_trail/1/a", 1234);
	assert_text(h, "_client", "192.0.2.7");
	assert_null(at(h, "_unknown"));
	assert_null(at(h, "_error"));
	json_decref(h);
}

static void
test_har_keeps_no_secret(void **state)
{
	static const char *const none[] = { NULL };
	struct export_options o = options(EXPORT_HAR);
	struct exchange_copy e = example();
	json_t *h = entry_of(&e, &o);

	(void)state;
	assert_null(strstr(content, "Geheim"));
	assert_null(strstr(content, "R2VoZWlt"));
	assert_text(h, "request/headers/4/value", "[redacted]");
	assert_int_equal(json_array_size(at(h, "request/cookies")), 0);
	json_decref(h);

	o.redact = none;
	o.replace = true;
	h = entry_of(&e, &o);
	assert_text(h, "request/cookies/0/name", "id");
	assert_text(h, "request/cookies/0/value", "Geheim");
	assert_text(h, "request/cookies/1/value", "2");
	assert_text(h, "response/cookies/0/value", "Geheim");
	assert_int_equal(json_array_size(at(h, "response/cookies")), 1);
	json_decref(h);
}

static void
test_redaction(void **state)
{
	const struct {
		struct span head;
		const char *want;
	} cases[] = {
		{ SPAN("G\r\nCookie: x\r\nA: b\r\n\r\n"),
		    "G\r\nCookie: [redacted]\r\nA: b\r\n\r\n" },
		{ SPAN("G\r\ncookie:x"), "G\r\ncookie:[redacted]" },
		{ SPAN("G\nCOOKIE : x\nA: b\n"),
		    "G\nCOOKIE : [redacted]\nA: b\n" },
		{ SPAN("G\r\n\tCookie: x\r\n"),
		    "G\r\n\tCookie: [redacted]\r\n" },
		{ SPAN("G\r\nCookie: x\r\n secret\r\n\tmore\r\nA: b\r\n c\r\n"),
		    "G\r\nCookie: [redacted]\r\n [redacted]\r\n [redacted]\r\n"
		    "A: b\r\n c\r\n" },
		{ SPAN("G\rCookie: x\rA: b"), "G\rCookie: [redacted]\rA: b" },
		{ SPAN("G\r\n\x01\"Cookie: x\r\n"),
		    "G\r\n\x01\"Cookie: [redacted]\r\n" },
		{ SPAN("G\r\nCookie:\r\n"), "G\r\nCookie:\r\n" },
		{ SPAN("G\r\nCookies: x\r\nX-Cookie: y\r\n"),
		    "G\r\nCookies: x\r\nX-Cookie: y\r\n" },
		{ SPAN("Cookie: first line"), "Cookie: [redacted]" },
		{ SPAN("G\r\nCookie\x01: x"), "G\r\nCookie[redacted]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[200];
		struct buf b = buf_over(out, sizeof(out) - 1);

		export_put_redacted(&b, cases[i].head, export_secrets);
		assert_string_equal(buf_cstr(&b), cases[i].want);
	}
}

/* bodySize is what travelled; what it decodes to was never counted. */
static void
test_har_of_coded_content(void **state)
{
	struct export_options o = options(EXPORT_HAR);
	struct exchange_copy e = example_exchange(SPAN(GET),
	    SPAN("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"), 200);
	json_t *h = entry_of(&e, &o);

	(void)state;
	assert_number(h, "response/bodySize", 1234);
	assert_number(h, "response/content/size", -1);
	json_decref(h);
}

/* The address is this server's; what the request named stands beside it. */
static void
test_har_goes_to_this_server(void **state)
{
	const struct {
		struct span head;
		const char *server, *url, *target;
	} cases[] = {
		{ SPAN("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"),
		    "127.0.0.1:8000", "http://127.0.0.1:8000/a", NULL },
		{ SPAN("GET http://other/a?b HTTP/1.1\r\nHost: o\r\n\r\n"),
		    "[::1]:80", "http://[::1]:80/a?b", "http://other/a?b" },
		{ SPAN("GET http://other?b HTTP/1.1\r\nHost: o\r\n\r\n"),
		    "[::1]:80", "http://[::1]:80/?b", "http://other?b" },
		/* of a recording nobody knows the server */
		{ SPAN("GET /a HTTP/1.1\r\nHost: h:81\r\n\r\n"), "",
		    "http://h:81/a", NULL },
		{ SPAN("GET /a HTTP/1.1\r\nHost: a/b\r\n\r\n"), "",
		    "http://localhost/a", NULL },
	};
	struct export_options o = options(EXPORT_HAR);

	(void)state;
	o.replace = true;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct exchange_copy e =
		    example_exchange(cases[i].head, SPAN(ANSWER), 200);
		json_t *h;

		o.server = cases[i].server;
		h = entry_of(&e, &o);
		assert_text(h, "request/url", cases[i].url);
		if (cases[i].target)
			assert_text(h, "request/_target", cases[i].target);
		else
			assert_null(at(h, "request/_target"));
		json_decref(h);
	}
}

/* While the client's bytes are awaited it is the client that sends. */
static void
test_har_times_of_content(void **state)
{
	static const struct {
		int64_t asked, first, done; /* ms */
		double send, wait;	    /* ms */
	} cases[] = {
		{ 30000, 30001, 30002, 30000, 1 }, /* never to its end: 408 */
		{ 500, 502, 503, 500, 2 },
		{ 700, 0, 700, 700, 0 },   /* cut while it came */
		{ 200, 0, 700, 200, 500 }, /* or in waiting for a listing */
	};
	struct export_options o = options(EXPORT_HAR);
	struct exchange_copy e = example();

	(void)state;
	o.replace = true;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *h;

		e.e.asked_ns = cases[i].asked * NS_PER_MS;
		e.e.first_ns = cases[i].first * NS_PER_MS;
		e.e.done_ns = cases[i].done * NS_PER_MS;
		h = entry_of(&e, &o);
		assert_number(h, "timings/send", cases[i].send);
		assert_number(h, "timings/wait", cases[i].wait);
		json_decref(h);
	}
}

/* What was never HTTP is still an entry, with the bytes and the place. */
static void
test_har_of_the_malformed(void **state)
{
	static const char head[] =
	    "GET /a\xff\0b HTTP/1.1\r\nCookie: Geheim\r\nX\xfe: \xc3\r\n\r\n";
	struct export_options o = options(EXPORT_HAR);
	struct exchange_copy e = example_exchange(
	    span_of(head, sizeof(head) - 1), span_of(NULL, 0), 0);
	json_t *h;

	(void)state;
	e.e.close = CLOSE_REFUSED;
	e.e.first_ns = 0;
	h = entry_of(&e, &o);
	assert_text(h, "request/method", "GET");
	assert_text(h, "request/url", "http://127.0.0.1:8000/");
	assert_number(h, "request/headersSize", -1);
	assert_number(h, "_refusedAt", 6);
	assert_text(h, "_error", "bad framing");
	assert_text(h, "_why", "bad character in target");
	assert_text(h, "_head",
	    "R0VUIC9h/wBiIEhUVFAvMS4xDQpDb29raWU6IFtyZWRhY3RlZF0NClj+OiDDDQoNC"
	    "g==");
	assert_number(h, "response/status", 0);
	assert_number(h, "response/headersSize", -1);
	assert_number(h, "timings/receive", 0);
	assert_text(h, "request/headers/1/name", "X\xef\xbf\xbd");
	json_decref(h);
	o.replace = true;
	e = example_exchange(SPAN("\x16\x03\x01"), span_of(NULL, 0), 400);
	h = entry_of(&e, &o);
	assert_text(h, "request/method", "-");
	assert_text(h, "request/httpVersion", "");
	assert_text(h, "_head", "FgMB");
	json_decref(h);
}

static void
test_har_of_what_is_not_known(void **state)
{
	struct export_options o = options(EXPORT_HAR);
	struct exchange_copy e = {
		.known = FACT_STATUS | FACT_SIZE,
		.e = { .status = 200,
		    .body_sent = 5,
		    .wall = EXAMPLE_WALL,
		    .refused_at = EVENT_NOWHERE },
		.method = SPAN("GET"),
		.target = SPAN("/kept"),
		.client = SPAN("host.test"),
		.why = SPAN("file"),
	};
	json_t *h = entry_of(&e, &o);

	(void)state;
	assert_text(h, "request/url", "http://127.0.0.1:8000/kept");
	assert_number(h, "request/headersSize", -1);
	assert_number(h, "request/bodySize", -1);
	assert_number(h, "response/bodySize", 5);
	assert_null(at(h, "connection"));
	assert_null(at(h, "_trail"));
	assert_text(h, "_why", "file");
	assert_text(h, "_client", "host.test");
	assert_text(h, "_unknown/0", "time");
	json_decref(h);
}

static unsigned
fill_with_all_sorts(struct exchange_copy *e)
{
	static const char bad[] = "GET /a\xff\0b HTTP/1.1\r\nX: 1\r\n\r\n";
	unsigned n = 0;

	e[n++] = example();
	e[n++] =
	    example_exchange(span_of(bad, sizeof(bad) - 1), SPAN(ANSWER), 400);
	e[n++] = example_exchange(SPAN("\x16\x03\x01"), SPAN(""), 0);
	e[n++] = example_exchange(
	    SPAN("OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"), SPAN(ANSWER),
	    204);
	e[n++] = example_exchange(
	    SPAN("GET http://u@h/p?q=http://x HTTP/1.0\r\n\r\n"),
	    SPAN("HTTP/1.1 404\r\n\r\n"), 404);
	e[n++] = example_exchange(
	    SPAN("GET /?&&a=b=c&d&= HTTP/1.1\r\nHost: \"><\r\nA:\r\nB: \xff"
		 "\xc2\x9b\r\n\r\n"),
	    SPAN(ANSWER), 400);
	e[n++] = (struct exchange_copy){ .e.refused_at = EVENT_NOWHERE };
	e[n] = example();
	e[n].e.wall = -1;
	e[n].e.asked_ns = 1 << 30; /* later than the end */
	e[n++].e.bytes_in = 0;
	return n;
}

static void
test_har_is_valid_to_others(void **state)
{
	struct exchange_copy e[16];
	unsigned n = fill_with_all_sorts(e);
	struct export_options o = options(EXPORT_HAR);
	char command[256];

	(void)state;
	snprintf(command, sizeof(command),
	    "/usr/bin/python3 tests/tools/har-check %s >&2", path);
	write_list(&o, e, n);
	assert_int_equal(system(command), 0);
	o.replace = true;
	write_list(&o, e, 0);
	assert_int_equal(system(command), 0);
	for (const char *c = content; *c; c++)
		assert_true((*c >= 0x20 && *c <= 0x7e) || *c == '\n');
}

static void
test_lines(void **state)
{
	struct export_options o = options(EXPORT_COMBINED);
	struct exchange_copy e[2] = { example(), example() };
	static const char *const referer[] = { "Referer", NULL };

	(void)state;
	e[1].request = span_of(NULL, 0);
	e[1].method = SPAN("GET");
	e[1].target = SPAN("/short...");
	write_list(&o, e, 2);
	assert_non_null(strstr(content,
	    "\"GET /docs/a.css?v=3&x=%20y HTTP/1.1\" 200 1234 \"http://r/\" "
	    "\"Agent/1\" conn=41 us=312\n"));
	assert_non_null(
	    strstr(content, "\"GET /short... HTTP/1.1\" 200 1234 \"-\" \"-\""));
	assert_non_null(strstr(said, "2 exchanges"));

	o = options(EXPORT_JSON);
	o.replace = true;
	o.redact = referer;
	write_list(&o, e, 1);
	assert_non_null(strstr(content, "\"agent\":\"Agent/1\""));
	assert_non_null(strstr(content, "\"referer\":null"));
	assert_non_null(strstr(said, "1 exchange "));
}

/* --- the shell --- */

/* What `sh` makes of the words: each ends with NUL in content. */
static size_t
shell_words(const char *words)
{
	static char script[1 << 19];
	int pipe_fd[2];
	size_t n = 0;
	ssize_t got;
	int status;
	pid_t pid;

	snprintf(script, sizeof(script), "LC_ALL=C; printf '%%s\\0' %s", words);
	assert_int_equal(pipe(pipe_fd), 0);
	pid = fork();
	if (pid == 0) {
		dup2(pipe_fd[1], 1);
		close(pipe_fd[0]);
		/* a short PATH and folder: injected commands find nothing */
		if (chdir(folder) == 0)
			execl("/bin/sh", "sh", "-c", script, (char *)NULL);
		_exit(127);
	}
	close(pipe_fd[1]);
	while ((got = read(pipe_fd[0], content + n, sizeof(content) - n)) > 0)
		n += (size_t)got;
	close(pipe_fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	return n;
}

static void
assert_printable(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			fail_msg("byte %zu is %d", i, s.p[i]);
}

static void
test_any_bytes_are_one_word(void **state)
{
	static const char *const hostile[] = { "", "'", "''", "\\", "\\'",
		"$(touch /tmp/x)", "`id`", "\"$HOME\"", "!!", "a b", "a\tb",
		"a\nb", "-n", "-e \\n", "%s%n", "\\0101", "\x1b[31m",
		"\xc3\xa9", "\xff\xfe", "\x01\x7f", "';id;'", "*", "~", "#",
		"\t-", "\t%d\\x41'\"$(id)`id`", "9\t9", "\t1234567" };

	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		char word[400];
		struct buf b = buf_over(word, sizeof(word) - 1);
		size_t n = strlen(hostile[i]);

		export_put_sh(&b, span_str(hostile[i]));
		assert_printable(buf_span(&b));
		assert_int_equal(shell_words(buf_cstr(&b)), n + 1);
		assert_memory_equal(content, hostile[i], n + 1);
	}
	srandom(7);
	for (unsigned i = 0; i < 300; i++) {
		char bytes[40];
		char word[400];
		struct buf b = buf_over(word, sizeof(word) - 1);
		size_t n = (size_t)(random() % 39) + 1;

		for (size_t k = 0; k < n; k++)
			bytes[k] = (char)(random() % 255 + 1);
		if (bytes[n - 1] == '\n')
			bytes[n - 1] = 'x';
		export_put_sh(&b, span_of(bytes, n));
		assert_int_equal(shell_words(buf_cstr(&b)), n + 1);
		assert_memory_equal(content, bytes, n);
	}
}

static const char *
curl_of(struct exchange_copy e)
{
	static char out[EXPORT_CURL_MAX];
	struct export_options o = options(EXPORT_CURL);
	struct buf b = buf_over(out, sizeof(out) - 1);

	assert_true(export_put_curl(&b, &e, &o));
	assert_printable(buf_span(&b));
	return buf_cstr(&b);
}

static const char *
curl_of_head(struct span head)
{
	return curl_of(example_exchange(head, SPAN(ANSWER), 200));
}

static void
test_curl(void **state)
{
	struct exchange_copy e = example();
	char mem[64];
	struct buf small = buf_over(mem, sizeof(mem));
	struct export_options o = options(EXPORT_CURL);

	(void)state;
	assert_string_equal(curl_of(e),
	    "curl -i --path-as-is --globoff --http1.1 "
	    "-H 'Host: example.test:8000' -H 'User-Agent: Agent/1' "
	    "-H 'Referer: http://r/' -H 'Accept: */*' -H 'Cookie: [redacted]' "
	    "-H 'Authorization: [redacted]' "
	    "'http://127.0.0.1:8000/docs/a.css?v=3&x=%20y'");
	assert_string_equal(curl_of_head(SPAN("HEAD /../x HTTP/1.0\r\n\r\n")),
	    "curl -i --path-as-is --globoff --head --http1.0 "
	    "-H 'User-Agent:' -H 'Accept:' -H 'Host:' "
	    "'http://127.0.0.1:8000/../x'");
	assert_string_equal(
	    curl_of_head(SPAN("OPTIONS * HTTP/1.1\r\nHost: h\r\nAccept:\r\n"
			      "User-Agent: '$(id)`\r\n\r\n")),
	    "curl -i --path-as-is --globoff -X 'OPTIONS' --http1.1 "
	    "-H 'Host: h' -H 'Accept;' -H 'User-Agent: '\\''$(id)`' "
	    "--request-target '*' 'http://127.0.0.1:8000/'");
	/* a host that is none stays a field */
	assert_non_null(
	    strstr(curl_of_head(SPAN("GET / HTTP/1.1\r\nHost: a/b@c\r\n\r\n")),
		" -H 'Host: a/b@c'"));
	assert_non_null(
	    strstr(curl_of_head(SPAN("GET / HTTP/1.1\r\nHost: a/b@c\r\n\r\n")),
		" 'http://127.0.0.1:8000/'"));
	assert_non_null(
	    strstr(curl_of_head(SPAN("POST / HTTP/1.1\r\nHost: h\r\nContent-"
				     "Length: 5\r\nX: \xe9\r\n\r\n")),
		"-X 'POST' --http1.1 -H 'Host: h' "
		"-H \"$(printf 'X: \\351')\""));
	/* nothing of it is left behind when it does not fit */
	assert_false(export_put_curl(&small, &e, &o));
	assert_int_equal(small.n, 0);
	assert_false(small.full);
}

static void
test_curl_of_a_lost_head(void **state)
{
	struct export_options o = options(EXPORT_CURL);
	struct exchange_copy e = example();
	char cut[JOURNAL_TARGET];
	char mem[4096];
	struct buf b = buf_over(mem, sizeof(mem));

	(void)state;
	e.request = span_of(NULL, 0);
	e.known &= ~(uint32_t)FACT_REQUEST;
	e.method = SPAN("GET");
	e.target = SPAN("/kept");
	assert_string_equal(curl_of(e),
	    "curl -i --path-as-is --globoff --http1.1 "
	    "'http://127.0.0.1:8000/kept'");
	memset(cut, 'a', sizeof(cut));
	memcpy(cut + sizeof(cut) - 4, "...", 4);
	e.target = span_of(cut, sizeof(cut) - 1);
	assert_false(export_put_curl(&b, &e, &o));
	e.target = SPAN("-");
	assert_false(export_put_curl(&b, &e, &o));
	write_list(&o, &e, 1);
	assert_non_null(strstr(said, "of 1 the head is no longer kept"));
}

/* What a browser recorded of a site that is not ours. */
static void
test_curl_of_a_recording(void **state)
{
	struct exchange_copy e = example_exchange(
	    SPAN("GET /a HTTP/1.1\r\nHost: h\r\n\r\n"), SPAN(ANSWER), 200);
	struct export_options har = { .format = EXPORT_HAR, .server = "" };
	char command[256];

	(void)state;
	e.e.secure = true;
	e.e.major = 2;
	/* who sends that as text is refused, and gets it as text again */
	snprintf(command, sizeof(command), "%s", curl_of(e));
	assert_non_null(strstr(
	    command, " | openssl s_client -quiet -connect '127.0.0.1:8000'"));
	e.known &= ~(uint32_t)FACT_REQUEST;
	assert_string_equal(curl_of(e),
	    "curl -i --path-as-is --globoff -H 'Host: h' "
	    "'https://127.0.0.1:8000/a'");
	write_list(&har, &e, 1);
	assert_non_null(strstr(content, "\"url\":\"https://h/a\""));
}

/* The bytes of a malformed request come out of the shell as they came in. */
static void
test_malformed_goes_by_printf(void **state)
{
	static const char head[] = "-GET '/a\xff\x00%s\\n`id`$(id) HTTP/1.1\r\n"
				   "Cookie: x\nbare\n\n\r\n\r\n";
	static const char want[] = "-GET '/a\xff\x00%s\\n`id`$(id) HTTP/1.1\r\n"
				   "Cookie: [redacted]\nbare\n\n\r\n\r\n";
	char command[2048];
	FILE *out;
	char *bar;

	(void)state;
	snprintf(command, sizeof(command), "%s",
	    curl_of_head(span_of(head, sizeof(head) - 1)));
	bar = strstr(command, " | nc ");
	assert_non_null(bar);
	assert_string_equal(bar, " | nc '127.0.0.1' '8000'");
	*bar = '\0';
	out = popen(command, "r"); /* NOLINT(cert-env33-c) */
	assert_non_null(out);
	assert_int_equal(
	    fread(content, 1, sizeof(content), out), sizeof(want) - 1);
	assert_memory_equal(content, want, sizeof(want) - 1);
	pclose(out);
}

/* Every word of a command for hostile heads is what it should be. */
static void
test_curl_words(void **state)
{
	static const char head[] =
	    "GET /';id;'?$(id)`x`\\\"!%&|<> HTTP/1.1\r\nHost: h\r\n"
	    "X: ';id #\r\nY: \xff'\"$(id)\r\nZ: a\tb\r\n\r\n";
	static const char want[] =
	    "-i\0--path-as-is\0--globoff\0--http1.1\0-H\0Host: h\0"
	    "-H\0X: ';id #\0-H\0"
	    "Y: \xff'\"$(id)\0-H\0Z: a\tb\0-H\0User-Agent:\0-H\0Accept:\0"
	    "http://127.0.0.1:8000/';id;'?$(id)`x`\\\"!%&|<>";

	(void)state;
	assert_int_equal(
	    shell_words(curl_of_head(span_of(head, sizeof(head) - 1)) + 5),
	    sizeof(want));
	assert_memory_equal(content, want, sizeof(want));
}

/* --- curl itself --- */

static int
compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines of a head in order, since curl has its own. */
static void
sort_lines(char *head, char *out, size_t cap)
{
	struct buf b = buf_over(out, cap);
	char *line[64];
	size_t n = 0;
	char *save = NULL;

	for (char *l = strtok_r(head, "\r\n", &save); l && n < 64;
	     l = strtok_r(NULL, "\r\n", &save))
		line[n++] = l;
	qsort(line, n, sizeof(line[0]), compare_lines);
	for (size_t i = 0; i < n; i++) {
		buf_puts(&b, line[i]);
		buf_putc(&b, '\n');
	}
	buf_cstr(&b);
}

/* Run a command that sends one request to `listener`, which answers it; what
 * came is in content. */
static void
receive(int listener, const char *command)
{
	static const char answer[] = "HTTP/1.1 204 No Content\r\nConnection: "
				     "close\r\n\r\n";
	size_t n = 0;
	ssize_t got;
	int status;
	pid_t pid = fork();
	int fd;

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	fd = accept(listener, NULL, NULL);
	assert_true(fd >= 0);
	content[0] = '\0';
	while (strstr(content, "\r\n\r\n") == NULL &&
	    (got = read(fd, content + n, sizeof(content) - n - 1)) > 0)
		content[n += (size_t)got] = '\0';
	assert_true(write(fd, answer, sizeof(answer) - 1) > 0);
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* curl, given the command, sends the request that it was made of. */
static void
test_curl_sends_the_same(void **state)
{
	static const char *const requests[] = {
		("GET /a/../b?x=[1-3]&y={a,b}&z=%00 HTTP/1.1\r\nHost: %s\r\n"
		 "X-Quote: it's \"$HOME\" `id` \\ !\r\nX-Empty:\r\n"
		 "X-High: caf\xe9 \xc3\xa9\r\nX-Tab: a\tb\r\n\r\n"),
		("GET / HTTP/1.1\r\nHost: %s\r\nUser-Agent: @/etc/passwd\r\n"
		 "Accept: @x\r\nRange: bytes=0-\r\n\r\n"),
		"HEAD /h HTTP/1.1\r\nHost: %s\r\nAccept-Encoding: gzip\r\n\r\n",
		"-o~x /p HTTP/1.1\r\nHost: %s\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: %s\r\nAccept: */*\r\n\r\n",
		"GET http://other/ HTTP/1.1\r\nHost: %s\r\n\r\n",
		"GET /old HTTP/1.0\r\n\r\n%.0s",
		"GET /n HTTP/1.1\r\nHost: localhost\r\n\r\n%.0s",
		"GET /v HTTP/1.1\r\nHost: www.example.test:81\r\n\r\n%.0s",
		"POST /p HTTP/1.1\r\nHost: other host/\r\n\r\n%.0s",
	};
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval limit = { .tv_sec = 20 };
	socklen_t size = sizeof(a);
	char server[32];

	(void)state;
	assert_int_equal(bind(listener, (struct sockaddr *)&a, size), 0);
	assert_int_equal(listen(listener, 4), 0);
	/* a command that sends nothing fails the test, and does not hang it */
	setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	getsockname(listener, (struct sockaddr *)&a, &size);
	snprintf(server, sizeof(server), "127.0.0.1:%u", ntohs(a.sin_port));
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		const struct export_options o = { .format = EXPORT_CURL,
			.server = server };
		char head[1024];
		char want[1024];
		char is[1024];
		char command[8192];
		struct buf b = buf_over(command, sizeof(command) - 1);
		const char *at = strstr(requests[i], "%s");
		struct exchange_copy e;

		/* not by printf: the head has percent signs of its own */
		struct buf h = buf_over(head, sizeof(head));

		buf_put(&h,
		    at ? span_of(requests[i], (size_t)(at - requests[i]))
		       : span_of(requests[i], strlen(requests[i]) - 4));
		if (at) {
			buf_puts(&h, server);
			buf_puts(&h, at + 2);
		}
		e = example_exchange(buf_span(&h), SPAN(ANSWER), 200);
		assert_true(export_put_curl(&b, &e, &o));
		receive(listener, buf_cstr(&b));
		sort_lines((char *)(uintptr_t)buf_cstr(&h), want, sizeof(want));
		sort_lines(content, is, sizeof(is));
		assert_string_equal(is, want);
	}
	close(listener);
}

/* --- the file --- */

static void
test_file_is_private_and_whole(void **state)
{
	struct export_options o = options(EXPORT_HAR);
	struct exchange_copy e = example();
	struct export *x = export_open(path, &o, said);
	struct stat st;

	(void)state;
	assert_non_null(x);
	export_add(x, &e);
	assert_int_equal(access(path, F_OK), -1); /* not before the end */
	umask(0);
	assert_true(export_finish(x, said));
	assert_non_null(strstr(said, path));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);

	x = export_open(path, &o, said);
	assert_null(x);
	assert_non_null(strstr(
	    said, "File exists; it is not overwritten, give another name"));
	o.replace = true;
	x = export_open(path, &o, said);
	assert_non_null(x);
	export_cancel(x);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 1000); /* the old one */
}

static void
test_file_that_appears_meanwhile_stays(void **state)
{
	struct export_options o = options(EXPORT_JSON);
	struct export *x = export_open(path, &o, said);
	FILE *f = fopen(path, "w");

	(void)state;
	assert_non_null(x);
	assert_non_null(f);
	fputs("mine", f);
	fclose(f);
	assert_false(export_finish(x, said));
	assert_non_null(strstr(said, "File exists"));
	read_back();
	assert_string_equal(content, "mine");
}

static void
test_links_are_not_followed(void **state)
{
	struct export_options o = options(EXPORT_JSON);
	struct exchange_copy e = example();
	char victim[96];
	struct stat st;
	FILE *f;

	(void)state;
	snprintf(victim, sizeof(victim), "%s/victim", folder);
	f = fopen(victim, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(symlink(victim, path), 0);
	assert_null(export_open(path, &o, said));
	o.replace = true;
	write_list(&o, &e, 1);
	assert_int_equal(stat(victim, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	unlink(victim);
}

static void
test_what_cannot_be_written_is_said(void **state)
{
	static const char *const wrong[] = { "", "/", "/tmp/", "/tmp/.",
		"/tmp/..", "/tmp", "/nowhere/x", "/dev/null", "/dev/null/x" };
	struct export_options o = options(EXPORT_HAR);

	(void)state;
	o.replace = true;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (export_open(wrong[i], &o, said))
			fail_msg("opened %s", wrong[i]);
		assert_non_null(strstr(said, "cannot write"));
	}
	assert_null(export_open("/nowhere/\x1b[31m", &o, said));
	assert_null(strchr(said, '\x1b'));
}

static void
test_full_disk(void **state)
{
	struct export_options o = options(EXPORT_HAR);
	struct rlimit before;
	struct rlimit small;
	struct exchange_copy e = example();
	struct export *x = export_open(path, &o, said);

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = 16384;
	setrlimit(RLIMIT_FSIZE, &small);
	for (unsigned i = 0; i < 100; i++)
		export_add(x, &e);
	assert_false(export_finish(x, said));
	setrlimit(RLIMIT_FSIZE, &before);
	assert_non_null(strstr(said, "File too large"));
	assert_int_equal(access(path, F_OK), -1);
}

static bool
is_odd(void *arg, const struct journal_entry *e)
{
	(void)arg;
	return e->seq % 2 == 1;
}

static void
test_journal(void **state)
{
	struct journal *j = journal_new(100, 1 << 20);
	struct export_options o = options(EXPORT_CURL);
	struct exchange_copy e = example();
	struct export *x = export_open(path, &o, said);

	(void)state;
	for (unsigned i = 0; i < 150; i++)
		journal_add(j, &e.e, e.request, e.response);
	assert_int_equal(export_add_journal(x, j, 1, 60, NULL, NULL), 10);
	assert_int_equal(
	    export_add_journal(x, j, 61, UINT64_MAX, is_odd, NULL), 45);
	assert_true(export_finish(x, said));
	assert_non_null(strstr(said, "55 exchanges"));
	read_back();
	assert_non_null(strstr(content, "127.0.0.1:8000/docs"));
	journal_free(j);

	j = journal_new(100, 0); /* heads are not kept */
	journal_add(j, &e.e, e.request, e.response);
	o.replace = true;
	x = export_open(path, &o, said);
	assert_int_equal(export_add_journal(x, j, 1, 1, NULL, NULL), 1);
	assert_true(export_finish(x, said));
	read_back();
	assert_non_null(
	    strstr(content, "'http://127.0.0.1:8000/docs/a.css?v=3&x=%20y'"));
	journal_free(j);
}

#define WITH_FILE(test) cmocka_unit_test_teardown(test, remove_file)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILE(test_har_members),
		WITH_FILE(test_har_keeps_no_secret),
		cmocka_unit_test(test_redaction),
		WITH_FILE(test_har_of_coded_content),
		WITH_FILE(test_har_goes_to_this_server),
		WITH_FILE(test_har_times_of_content),
		WITH_FILE(test_har_of_the_malformed),
		WITH_FILE(test_har_of_what_is_not_known),
		WITH_FILE(test_har_is_valid_to_others),
		WITH_FILE(test_lines),
		cmocka_unit_test(test_any_bytes_are_one_word),
		cmocka_unit_test(test_curl),
		WITH_FILE(test_curl_of_a_lost_head),
		WITH_FILE(test_curl_of_a_recording),
		cmocka_unit_test(test_malformed_goes_by_printf),
		cmocka_unit_test(test_curl_words),
		cmocka_unit_test(test_curl_sends_the_same),
		WITH_FILE(test_file_is_private_and_whole),
		WITH_FILE(test_file_that_appears_meanwhile_stays),
		WITH_FILE(test_links_are_not_followed),
		cmocka_unit_test(test_what_cannot_be_written_is_said),
		WITH_FILE(test_full_disk),
		WITH_FILE(test_journal),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
