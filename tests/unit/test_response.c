#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/clock.h"
#include "http/response.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

#define CHANGED 1700000000 /* Tue, 14 Nov 2023 22:13:20 GMT */
#define NOW	1701000000 /* Sun, 26 Nov 2023 12:00:00 GMT */
#define ETAG	"\"4d2-17979cfe53f76500\""
#define DATE	"Date: Sun, 26 Nov 2023 12:00:00 GMT\r\n"

static const struct plan_rules rules = {
	.charset = "utf-8",
	.server_header = true,
	.security_headers = true,
};

static const struct file_facts a_file = {
	.kind = FILE_KIND_FILE,
	.reason = REASON_FILE_FOUND,
	.reason_a = 1234,
	.size = 1234,
	.mtime_ns = CHANGED * NS_PER_S + 500 * NS_PER_MS,
	.type = "text/plain",
	.charset = true,
	.cache_control = "no-cache",
};
static const struct file_facts missing = { .kind = FILE_KIND_NONE,
	.reason = REASON_FILE_MISSING };
static const struct file_facts folder = { .kind = FILE_KIND_FOLDER,
	.reason = REASON_FOLDER_SLASH };

/* An answer as a connection makes it: bounded as there. */
static struct answer {
	struct plan plan;
	char head_mem[LIMIT_RESPONSE_BUFFER];
	char page_mem[LIMIT_PAGE];
	struct buf head, page;
} a;

static void
answer_with(struct response_facts *f)
{
	a.head = buf_over(a.head_mem, sizeof(a.head_mem));
	a.page = buf_over(a.page_mem, sizeof(a.page_mem));
	f->plan = &a.plan;
	f->now = NOW;
	if (a.plan.source == BODY_SOURCE_PAGE) {
		response_put_page(&a.page, f);
		a.plan.length = a.page.n;
	}
	response_put_head(&a.head, f);
}

/* The answer to these bytes, the file being what it is. */
static void
answer_to(const char *bytes, const struct file_facts *file,
    const struct plan_rules *with, unsigned keep_alive)
{
	static const struct head_limits l = { 16384, 32768, 100 };
	static const struct plan_turn turn = { .number = 1 };
	static struct http_head h;
	static struct target_path path;
	struct http_request r;
	struct response_facts f = { .rules = with,
		.request = &r,
		.path = &path,
		.file = file,
		.keep_alive_timeout = keep_alive };
	size_t at;

	a.plan = (struct plan){ 0 };
	path.n = 0;
	head_init(&h);
	assert_int_equal(
	    head_parse(&h, &l, NULL, bytes, strlen(bytes)), HEAD_DONE);
	request_read(&r, &h, bytes, NULL);
	if (!plan_request(&a.plan, &r, with)) {
		assert_int_equal(
		    target_decode(r.path, &path, &at), REASON_NONE);
		plan_file(&a.plan, &r, file, with, NOW);
	}
	plan_finish(&a.plan, &r, &turn);
	answer_with(&f);
}

static void
answer_get(const char *target, const char *lines, const struct file_facts *file)
{
	static char s[40000];

	snprintf(s, sizeof(s), "GET %s HTTP/1.1\r\nHost: h\r\n%s\r\n", target,
	    lines);
	answer_to(s, file, &rules, 15);
}

static const char *
head_text(void)
{
	assert_false(a.head.full);
	return buf_cstr(&a.head);
}

static const char *
page_text(void)
{
	assert_false(a.page.full);
	return buf_cstr(&a.page);
}

static void
assert_line(const char *line)
{
	if (strstr(head_text(), line) == NULL)
		print_error("no '%s' in\n%s", line, head_text());
	assert_non_null(strstr(head_text(), line));
}

/* Every line is a field or the status line, and the last one is empty. */
static void
assert_well_formed(void)
{
	const char *s = head_text(), *crlf;
	unsigned dates = 0;

	assert_memory_equal(s, "HTTP/1.1 ", 9);
	for (; (crlf = strstr(s, "\r\n")) != s; s = crlf + 2) {
		assert_non_null(crlf);
		for (const char *p = s; p < crlf; p++)
			assert_true(*p >= 0x20 && *p < 0x7f);
		dates += strncmp(s, "Date: ", 6) == 0;
	}
	assert_string_equal(s, "\r\n");
	assert_int_equal(dates, 1);
}

/* ---- exact bytes ---- */

static void
a_file_is_announced(void **state)
{
	(void)state;
	answer_get("/a.txt", "", &a_file);
	assert_string_equal(head_text(),
	    "HTTP/1.1 200 OK\r\n" DATE "Server: httpconsole\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Length: 1234\r\n"
	    "Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT\r\n"
	    "ETag: " ETAG "\r\n"
	    "Cache-Control: no-cache\r\n"
	    "X-Content-Type-Options: nosniff\r\n"
	    "Referrer-Policy: strict-origin-when-cross-origin\r\n"
	    "Connection: keep-alive\r\n"
	    "Keep-Alive: timeout=15\r\n"
	    "\r\n");
}

static void
with_every_option_off_little_is_said(void **state)
{
	static const struct plan_rules bare = { 0 };
	struct file_facts f = a_file;

	(void)state;
	f.type = "image/png";
	f.charset = false;
	f.cache_control = NULL;
	f.size = 0;
	answer_to("GET / HTTP/1.0\r\n\r\n", &f, &bare, 0);
	assert_string_equal(head_text(),
	    "HTTP/1.1 200 OK\r\n" DATE "Content-Type: image/png\r\n"
	    "Content-Length: 0\r\n"
	    "Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT\r\n"
	    "ETag: \"0-17979cfe53f76500\"\r\n"
	    "Connection: close\r\n"
	    "\r\n");
	/* a text whose charset nobody configured */
	f.charset = true;
	answer_to("GET / HTTP/1.0\r\n\r\n", &f, &bare, 0);
	assert_line("Content-Type: image/png\r\n");
	/* kept, with no timeout to speak of */
	answer_to(
	    "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", &f, &bare, 0);
	assert_line("\r\nConnection: keep-alive\r\n\r\n");
}

static void
not_modified_repeats_the_validators_and_has_no_length(void **state)
{
	struct file_facts f = a_file;

	(void)state;
	f.coding = "gzip";
	answer_get("/a.txt", "If-None-Match: " ETAG "\r\n", &f);
	assert_string_equal(head_text(),
	    "HTTP/1.1 304 Not Modified\r\n" DATE "Server: httpconsole\r\n"
	    "Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT\r\n"
	    "ETag: " ETAG "\r\n"
	    "Cache-Control: no-cache\r\n"
	    "X-Content-Type-Options: nosniff\r\n"
	    "Referrer-Policy: strict-origin-when-cross-origin\r\n"
	    "Connection: keep-alive\r\n"
	    "Keep-Alive: timeout=15\r\n"
	    "\r\n");
	assert_int_equal(a.page.n, 0);
	answer_get("/a.txt", "", &f);
	assert_line("\r\nContent-Encoding: gzip\r\n");
}

static void
head_has_the_fields_of_get(void **state)
{
	static char get[2048];

	(void)state;
	answer_to("GET / HTTP/1.1\r\nHost: h\r\n\r\n", &a_file, &rules, 15);
	strcpy(get, head_text());
	answer_to("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", &a_file, &rules, 15);
	assert_string_equal(head_text(), get);
	answer_to("GET / HTTP/1.1\r\nHost: h\r\n\r\n", &missing, &rules, 15);
	strcpy(get, head_text());
	answer_to("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", &missing, &rules, 15);
	assert_string_equal(head_text(), get);
}

static void
last_modified_is_never_in_the_future(void **state)
{
	struct file_facts f = a_file;

	(void)state;
	f.mtime_ns = (NOW + 100) * NS_PER_S;
	answer_get("/", "", &f);
	assert_line("\r\nLast-Modified: Sun, 26 Nov 2023 12:00:00 GMT\r\n");
	f.mtime_ns = NOW * NS_PER_S;
	answer_get("/", "", &f);
	assert_line("\r\nLast-Modified: Sun, 26 Nov 2023 12:00:00 GMT\r\n");
	f.mtime_ns = 0;
	answer_get("/", "", &f);
	assert_line("\r\nLast-Modified: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
}

/* RFC 9110 10.2.3 */
static void
who_finds_no_room_is_told_when_to_come_again(void **state)
{
	static const struct file_facts none = { .kind = FILE_KIND_NONE,
		.reason = REASON_JOBS_MEMORY };

	(void)state;
	answer_get("/many/", "", &none);
	assert_line("HTTP/1.1 503 Service Unavailable\r\n");
	assert_line("\r\nRetry-After: 1\r\n");
	assert_well_formed();
	answer_get("/a", "", &missing);
	assert_null(strstr(head_text(), "Retry-After"));
}

static void
a_method_not_allowed_names_those_that_are(void **state)
{
	(void)state;
	answer_to("POST /a HTTP/1.1\r\nHost: h\r\n\r\n", &a_file, &rules, 15);
	assert_line("HTTP/1.1 405 Method Not Allowed\r\n");
	assert_line("\r\nAllow: GET, HEAD, OPTIONS\r\n");
	assert_well_formed();
	answer_to("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", &a_file, &rules, 15);
	assert_line("HTTP/1.1 204 No Content\r\n");
	assert_line("\r\nAllow: GET, HEAD, OPTIONS\r\n");
	/* RFC 9110 8.6: no length with 204 */
	assert_null(strstr(head_text(), "Content-Length"));
	assert_null(strstr(head_text(), "\r\nContent-Type:"));
	assert_well_formed();
}

static void
given_content_has_its_type_and_is_not_stored(void **state)
{
	struct response_facts f = { .rules = &rules,
		.given_type = "application/json" };

	(void)state;
	a.plan = (struct plan){ .status = 200,
		.source = BODY_SOURCE_GIVEN,
		.content_length = true,
		.length = 17 };
	trail_why(&a.plan.trail, REASON_LAB, 0, 0);
	answer_with(&f);
	assert_line("\r\nContent-Type: application/json\r\n");
	assert_line("\r\nContent-Length: 17\r\n");
	assert_line("\r\nCache-Control: no-store\r\n");
	assert_line("\r\nConnection: close\r\n\r\n");
	assert_well_formed();
}

/* ---- ranges ---- */

static void
answer_range(const char *range, const struct file_facts *file)
{
	static const struct plan_rules ranged = { .charset = "utf-8",
		.ranges = 4 };
	char s[256];

	snprintf(s, sizeof(s), "GET / HTTP/1.1\r\nHost: h\r\nRange: %s\r\n\r\n",
	    range);
	answer_to(s, file, &ranged, 0);
}

static void
one_range_is_announced_with_its_place(void **state)
{
	(void)state;
	answer_range("bytes=5-14", &a_file);
	assert_string_equal(head_text(),
	    "HTTP/1.1 206 Partial Content\r\n" DATE
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Length: 10\r\n"
	    "Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT\r\n"
	    "ETag: " ETAG "\r\n"
	    "Cache-Control: no-cache\r\n"
	    "Accept-Ranges: bytes\r\n"
	    "Content-Range: bytes 5-14/1234\r\n"
	    "Connection: keep-alive\r\n"
	    "\r\n");
	answer_range("bytes=9999-", &a_file);
	assert_line("HTTP/1.1 416 Range Not Satisfiable\r\n");
	assert_line("\r\nContent-Range: bytes */1234\r\n");
	assert_line("\r\nContent-Type: text/html; charset=utf-8\r\n");
	answer_range("nonsense", &a_file);
	assert_line("HTTP/1.1 200 OK\r\n");
	assert_line("\r\nAccept-Ranges: bytes\r\n");
	assert_null(strstr(head_text(), "Content-Range"));
}

static void
several_ranges_are_parts_with_a_boundary(void **state)
{
	static const char *const parts[] = {
		"\r\n--00000000deadbeef\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Range: bytes 0-0/1234\r\n\r\n",
		"\r\n--00000000deadbeef\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Range: bytes 1232-1233/1234\r\n\r\n",
		"\r\n--00000000deadbeef--\r\n",
	};
	struct response_facts f = { .rules = &rules, .file = &a_file };
	uint64_t length = 3;

	(void)state;
	answer_range("bytes=0-0,-2", &a_file);
	a.plan.boundary = 0xdeadbeef;
	f.plan = &a.plan;
	for (unsigned i = 0; i < N(parts); i++) {
		char mem[RESPONSE_PART];
		struct buf b = buf_over(mem, sizeof(mem) - 1);

		response_put_part(&b, &f, i);
		assert_string_equal(buf_cstr(&b), parts[i]);
		length += strlen(parts[i]);
	}
	assert_true(response_multipart_length(&f) == length);
	a.plan.length = length;
	answer_with(&f);
	assert_line("\r\nContent-Type: multipart/byteranges; "
		    "boundary=00000000deadbeef\r\n");
	assert_null(strstr(head_text(), "Content-Range"));
	assert_well_formed();
}

static void
the_largest_part_fits_its_bound(void **state)
{
	static char type[LIMIT_MEDIA_TYPE + 1], charset[LIMIT_CHARSET + 1];
	const struct plan_rules longest = { .charset = charset };
	struct file_facts f = a_file;
	struct response_facts rf = {
		.rules = &longest, .file = &f, .plan = &a.plan
	};
	char mem[RESPONSE_PART];
	struct buf b = buf_over(mem, sizeof(mem));

	(void)state;
	memset(type, 't', LIMIT_MEDIA_TYPE);
	memset(charset, 'c', LIMIT_CHARSET);
	f.type = type;
	f.size = UINT64_MAX;
	a.plan = (struct plan){ .source = BODY_SOURCE_FILE,
		.ranges = 1,
		.boundary = UINT64_MAX,
		.range = { { UINT64_MAX, UINT64_MAX } } };
	response_put_part(&b, &rf, 0);
	assert_false(b.full);
}

/* ---- redirects ---- */

static void
a_folder_s_address_is_encoded_anew_with_its_query(void **state)
{
	static const struct {
		const char *target, *location;
	} rows[] = {
		{ "/a", "/a/" },
		{ "/a/b", "/a/b/" },
		{ "/a?", "/a/?" },
		{ "/a?b=c&d=%20e", "/a/?b=c&d=%20e" },
		{ "/a?x?y/../z", "/a/?x?y/../z" },
		{ "/a%20b", "/a%20b/" },
		{ "/%e2%82%ac", "/%E2%82%AC/" },
		{ "/%3Fa%23b", "/%3Fa%23b/" },
		{ "/a%25b", "/a%25b/" },
		{ "/a'b\"<c>", "/a%27b%22%3Cc%3E/" },
		/* never a host: RFC 3986 4.2 */
		{ "//evil.example", "/evil.example/" },
		{ "///evil.example/x", "/evil.example/x/" },
		{ "/a/..//evil.example", "/evil.example/" },
		{ "/\\evil.example", "/%5Cevil.example/" },
		{ "/%5Cevil.example", "/%5Cevil.example/" },
		{ "/%68ttp:x", "/http%3Ax/" },
		{ "http://h//evil.example", "/evil.example/" },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		char line[256];

		answer_get(rows[i].target, "", &folder);
		assert_line("HTTP/1.1 301 Moved Permanently\r\n");
		snprintf(line, sizeof(line), "\r\nLocation: %s\r\n",
		    rows[i].location);
		assert_line(line);
		assert_well_formed();
	}
}

/* Whatever let a control byte come as far as the writer of a head: no line
 * begins behind it. */
static void
no_value_begins_a_line(void **state)
{
	struct file_facts cut = a_file;
	struct plan_rules odd = rules;

	(void)state;
	cut.type = "text/html\r\nX-One: 1";
	cut.cache_control = "no-\ncache\r\n\r\nX-Two";
	odd.charset = "a\x7f";
	answer_to("GET / HTTP/1.1\r\nHost: h\r\n\r\n", &cut, &odd, 15);
	assert_well_formed();
	assert_line("\r\nContent-Type: text/html  X-One: 1; charset=a \r\n");
	assert_line("\r\nCache-Control: no- cache    X-Two\r\n");
	assert_null(strstr(head_text(), "\nX-One"));
	assert_null(strstr(head_text(), "\nX-Two"));
}

/* A URI has none of these (RFC 3986 2), and a browser that is given them may
 * make something else of the address. */
static void
what_no_uri_may_have_is_encoded_in_the_query_too(void **state)
{
	(void)state;
	answer_get("/a?\"><script>\\^`{|}", "", &folder);
	assert_line("\r\nLocation: /a/?%22%3E%3Cscript%3E%5C%5E%60%7B%7C%7D"
		    "\r\n");
}

static void
a_redirect_s_page_links_to_where_it_leads(void **state)
{
	(void)state;
	answer_get("/a%22b?c=%22&d='\"><i>", "", &folder);
	assert_non_null(strstr(page_text(), "<a href=\"/a%22b/?c="));
	assert_null(strstr(page_text(), "<i>"));
	assert_null(strstr(page_text(), "'\""));
	answer_get("/a?b", "Accept: text/plain\r\n", &folder);
	assert_non_null(strstr(page_text(), "\n/a/?b\n"));
}

/* The address goes into the head and into the page, and both into one buffer
 * of a bounded size: whatever a client asks for must fit. */
static void
no_redirect_is_too_long_for_the_response_buffer(void **state)
{
	static const char *const accept[] = { "", "Accept: text/plain\r\n" };
	static char target[LIMIT_REQUEST_LINE_MAX];
	size_t longest = LIMIT_REQUEST_LINE_MAX - sizeof("GET  HTTP/1.1");

	(void)state;
	for (size_t n = 10; n <= longest; n += n < longest - 5 ? 97 : 1)
		for (size_t i = 0; i < N(accept); i++)
			for (size_t path = 2; path < 4096; path += 2047) {
				if (path + 2 > n)
					continue;
				memset(target, '!', n);
				target[n] = '\0';
				target[0] = '/';
				target[path] = '?';
				answer_get(target, accept[i], &folder);
				if (a.head.full ||
				    a.head.n + a.page.n > LIMIT_RESPONSE_BUFFER)
					print_error("target of %zu, path of "
						    "%zu bytes: %zu + %zu\n",
					    n, path, a.head.n, a.page.n);
				assert_false(a.head.full);
				assert_true(a.head.n + a.page.n <=
				    LIMIT_RESPONSE_BUFFER);
			}
}

static void
an_address_too_long_to_redirect_to_is_414(void **state)
{
	static char target[LIMIT_REDIRECT + 10];
	static const size_t path = 100;

	(void)state;
	memset(target, 'a', sizeof(target) - 1);
	target[0] = '/';
	target[path] = '?';
	/* with the slash that is added, just the bound */
	target[LIMIT_REDIRECT - 1] = '\0';
	answer_get(target, "", &folder);
	assert_line("HTTP/1.1 301 Moved Permanently\r\n");
	target[LIMIT_REDIRECT - 1] = 'a';
	target[LIMIT_REDIRECT] = '\0';
	answer_get(target, "", &folder);
	assert_line("HTTP/1.1 414 URI Too Long\r\n");
	assert_null(strstr(head_text(), "Location:"));
	assert_non_null(strstr(page_text(), "Why: "));
	/* a file at the same address is no redirect */
	answer_get(target, "", &a_file);
	assert_line("HTTP/1.1 200 OK\r\n");
}

/* ---- pages ---- */

static void
a_missing_file_s_page_names_the_path_escaped(void **state)
{
	(void)state;
	answer_get("/%3Cscript%3Ealert('x')%3C/script%3E%22%26%e2%80%ae%ff", "",
	    &missing);
	assert_line("HTTP/1.1 404 Not Found\r\n");
	assert_line("\r\nContent-Type: text/html; charset=utf-8\r\n");
	assert_line("\r\nCache-Control: no-cache\r\nVary: Accept\r\n");
	assert_line("\r\nContent-Security-Policy: default-src 'none'; "
		    "style-src 'unsafe-inline'\r\n");
	assert_well_formed();
	assert_non_null(strstr(page_text(), "<title>404 Not Found</title>"));
	assert_non_null(strstr(page_text(),
	    "<code>/&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;"
	    "&amp;\\xe2\\x80\\xae\\xff</code>"));
	assert_null(strstr(page_text(), "<script"));
}

static void
a_missing_file_s_page_is_text_for_who_asks_for_text(void **state)
{
	(void)state;
	answer_get("/%3Cb%3E%e2%80%ae%ff", "Accept: text/plain\r\n", &missing);
	assert_line("\r\nContent-Type: text/plain; charset=utf-8\r\n");
	assert_line("\r\nX-Content-Type-Options: nosniff\r\n");
	assert_string_equal(page_text(),
	    "404 Not Found\n\n"
	    "There is nothing here by that name.\n"
	    "Path: /<b>\\xe2\\x80\\xae\\xff\n");
}

static void
the_length_announced_is_the_page_s(void **state)
{
	char line[64];

	(void)state;
	answer_get("/x", "", &missing);
	snprintf(line, sizeof(line), "\r\nContent-Length: %zu\r\n", a.page.n);
	assert_true(a.page.n > 0);
	assert_line(line);
}

/* Which rule hid a file is nobody's business: the same page as for a file that
 * is not there. */
static void
all_404s_look_the_same(void **state)
{
	static const enum reason_id reasons[] = { REASON_FILE_HIDDEN,
		REASON_FILE_DENIED_RULE, REASON_FILE_OUTSIDE,
		REASON_FILE_SYMLINK, REASON_FILE_OWN_LOG,
		REASON_FILE_UNDER_FILE, REASON_FILE_SLASH };
	static char page[8192], head[2048];

	(void)state;
	answer_get("/x", "", &missing);
	strcpy(page, page_text());
	strcpy(head, head_text());
	for (size_t i = 0; i < N(reasons); i++) {
		struct file_facts f = { .kind = FILE_KIND_NONE,
			.reason = reasons[i],
			.reason_a = i + 1 };

		answer_get("/x", "", &f);
		assert_string_equal(page_text(), page);
		assert_string_equal(head_text(), head);
	}
}

static void
a_bad_request_s_page_says_why(void **state)
{
	(void)state;
	answer_to("GET / HTTP/1.1\r\n\r\n", &a_file, &rules, 15);
	assert_line("HTTP/1.1 400 Bad Request\r\n");
	assert_non_null(strstr(page_text(), "requires a Host field"));
	answer_to("GET / HTTP/1.1\r\nAccept: text/plain\r\n\r\n", &a_file,
	    &rules, 15);
	assert_non_null(strstr(page_text(), "\nWhy: HTTP/1.1 requires a Host"));
}

static void
what_was_never_understood_is_answered_too(void **state)
{
	static const struct plan_turn turn = { .number = 1 };
	struct response_facts f = { .rules = &rules, .keep_alive_timeout = 15 };

	(void)state;
	a.plan = (struct plan){ 0 };
	plan_refusal(&a.plan, 400, REASON_TLS_HELLO, 0, 0, false);
	plan_finish(&a.plan, NULL, &turn);
	answer_with(&f);
	assert_line("HTTP/1.1 400 Bad Request\r\n");
	assert_line("\r\nConnection: close\r\n\r\n");
	assert_null(strstr(head_text(), "Keep-Alive:"));
	assert_non_null(strstr(page_text(), "ClientHello"));
	assert_well_formed();
}

/* Every reason with every status that has a page, with the largest numbers. */
static void
every_page_fits_and_is_free_of_what_could_be_markup(void **state)
{
	struct response_facts f = { .rules = &rules };

	(void)state;
	for (int s = 0; s < STATUS_N; s++)
		for (int why = REASON_NONE + 1; why < REASON_N; why++)
			for (int html = 0; html < 2; html++) {
				a.plan = (struct plan){ .page_html = html };
				plan_refusal(&a.plan,
				    (uint16_t)status_rows[s].code,
				    (enum reason_id)why, UINT64_MAX, UINT32_MAX,
				    false);
				answer_with(&f);
				assert_well_formed();
				assert_true(strlen(page_text()) < 4096);
				assert_null(strstr(page_text(), "{a}"));
			}
}

static void
a_head_that_does_not_fit_says_so(void **state)
{
	struct response_facts f = { .rules = &rules, .file = &a_file };
	char mem[1024];

	(void)state;
	answer_get("/", "", &a_file);
	f.plan = &a.plan;
	f.now = NOW;
	f.keep_alive_timeout = 15;
	for (size_t cap = 0; cap <= a.head.n; cap++) {
		struct buf b = buf_over(mem, cap);

		response_put_head(&b, &f);
		assert_int_equal(b.full, cap < a.head.n);
		assert_true(b.n <= cap);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_announced),
		cmocka_unit_test(with_every_option_off_little_is_said),
		cmocka_unit_test(
		    not_modified_repeats_the_validators_and_has_no_length),
		cmocka_unit_test(head_has_the_fields_of_get),
		cmocka_unit_test(last_modified_is_never_in_the_future),
		cmocka_unit_test(who_finds_no_room_is_told_when_to_come_again),
		cmocka_unit_test(a_method_not_allowed_names_those_that_are),
		cmocka_unit_test(given_content_has_its_type_and_is_not_stored),
		cmocka_unit_test(one_range_is_announced_with_its_place),
		cmocka_unit_test(several_ranges_are_parts_with_a_boundary),
		cmocka_unit_test(the_largest_part_fits_its_bound),
		cmocka_unit_test(
		    a_folder_s_address_is_encoded_anew_with_its_query),
		cmocka_unit_test(no_value_begins_a_line),
		cmocka_unit_test(
		    what_no_uri_may_have_is_encoded_in_the_query_too),
		cmocka_unit_test(a_redirect_s_page_links_to_where_it_leads),
		cmocka_unit_test(
		    no_redirect_is_too_long_for_the_response_buffer),
		cmocka_unit_test(an_address_too_long_to_redirect_to_is_414),
		cmocka_unit_test(a_missing_file_s_page_names_the_path_escaped),
		cmocka_unit_test(
		    a_missing_file_s_page_is_text_for_who_asks_for_text),
		cmocka_unit_test(the_length_announced_is_the_page_s),
		cmocka_unit_test(all_404s_look_the_same),
		cmocka_unit_test(a_bad_request_s_page_says_why),
		cmocka_unit_test(what_was_never_understood_is_answered_too),
		cmocka_unit_test(
		    every_page_fits_and_is_free_of_what_could_be_markup),
		cmocka_unit_test(a_head_that_does_not_fit_says_so),
	};
	return cmocka_run_group_tests_name("response", tests, NULL, NULL);
}
