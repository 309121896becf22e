#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ui/filter.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"

#define REQUEST                                                                \
	"GET /docs/a.css?v=3 HTTP/1.1\r\nHost: example.test\r\n"               \
	"Range: bytes=0-9\r\nX-Empty:\r\nAccept: text/css, */*\r\n\r\n"
#define RESPONSE                                                               \
	"HTTP/1.1 304 Not Modified\r\nETag: \"abc\"\r\n"                       \
	"Content-Type: text/css; charset=utf-8\r\n\r\n"

static struct trail trail;
static struct peer peer;
static unsigned asked; /* calls of fill */

static struct filter_subject
example(void)
{
	struct filter_subject s = {
		.status = 304,
		.close = CLOSE_IDLE_TIMEOUT,
		.major = 1,
		.minor = 1,
		.marked = true,
		.number = 3,
		.conn = 41,
		.size = 2 << 20,
		.time_ns = 150 * NS_PER_MS,
		.first_ns = 20 * NS_PER_MS,
		.method = SPAN("GET"),
		.target = SPAN("/docs/a.css?v=3"),
		.client = SPAN("10.0.0.7"),
		.why = SPAN("ETag matched"),
		.closed = SPAN("idle timeout"),
		.host = SPAN("example.test"),
		.referer = SPAN("http://example.test/docs/"),
		.agent = SPAN("Mozilla/5.0 Firefox/140.0"),
		.request = SPAN(REQUEST),
		.response = SPAN(RESPONSE),
	};

	trail = (struct trail){ 0 };
	trail_add(&trail, REASON_HEAD_READ, 100, 4);
	trail_why(&trail, REASON_INM_MATCHED, 1, 0);
	trail_add(&trail, REASON_KEEP_11, 3, 1000);
	peer = (struct peer){ .family = AF_INET, .addr = { 10, 0, 0, 7 } };
	s.trail = &trail;
	s.peer = &peer;
	s.filled = s.known = ~(uint32_t)0;
	return s;
}

static struct filter *
compile(const char *text)
{
	struct filter_error err;
	struct filter *f = filter_compile(span_str(text), &err);

	if (f == NULL)
		fail_msg("%s: at %zu: %s", text, err.at, err.text);
	return f;
}

static bool
meets(const char *text, struct filter_subject s)
{
	struct filter *f = compile(text);
	bool met = filter_match(f, &s);

	filter_free(f);
	return met;
}

#define YES(text)                                                              \
	do {                                                                   \
		if (!meets(text, example()))                                   \
			fail_msg("not met: %s", text);                         \
	} while (0)
#define NO(text)                                                               \
	do {                                                                   \
		if (meets(text, example()))                                    \
			fail_msg("met: %s", text);                             \
	} while (0)

static void
test_numbers(void **state)
{
	(void)state;
	YES("status:304");
	YES("status=304");
	NO("status:404");
	YES("status:3xx");
	YES("status:3XX");
	NO("status:4xx");
	YES("status>=304");
	NO("status>304");
	YES("status<=304");
	NO("status<304");
	YES("status!=404");
	NO("status!=304");
	YES("status>2xx");
	NO("status>3xx");
	YES("status>=3xx");
	NO("status<3xx");
	YES("status<=3xx");
	NO("status!=3xx");
	YES("status:404,304");
	NO("status!=404,304");
	YES("status:>=300");
	NO("status:none");
	YES("conn:41");
	NO("conn:4");
	YES("number:3");
	YES("version:1.1");
	YES("version:HTTP/1.1");
	NO("version:1.0");
}

static void
test_measures(void **state)
{
	(void)state;
	YES("size>1M");
	YES("size>=2M");
	NO("size>2M");
	YES("size=2M");
	YES("size=2048k");
	YES("size=2097152");
	YES("size=2MiB");
	YES("size>1.5M");
	YES("size<2.5MB");
	NO("size>1G");
	NO("size<0");
	NO("size>9000T");
	YES("took>100ms");
	NO("TOOK>1s");
	YES("code:304 meth:GET target:/docs/a.css?v");
	YES("\"and\" | docs \"docs\"");
	YES("time>100ms");
	YES("time>100");
	NO("time>150ms");
	YES("time>=150ms");
	YES("time>=0.15s");
	YES("time<1m");
	YES("time>149999us");
	YES("time>149999999ns");
	YES("first<=20ms");
	NO("first<20ms");
}

static void
test_texts(void **state)
{
	(void)state;
	YES("method:GET");
	YES("method:get");
	NO("method:GE");
	YES("method:POST,GET");
	YES("method~^G");
	YES("path:/docs/");
	NO("path:v=3");
	YES("path=/docs/a.css");
	NO("path=/docs/");
	YES("path~^/docs/");
	NO("path~^/doc$");
	YES("path!~x");
	NO("path!~docs");
	YES("query:v=3");
	YES("query=v=3");
	NO("query:docs");
	YES("url:css?v");
	YES("ext:css");
	YES("ext:.CSS");
	YES("ext:js,css");
	NO("ext:ss");
	NO("ext!=css");
	NO("ext:js,html");
	YES("host:example");
	YES("referer:/docs/");
	YES("type:css");
	NO("type:html");
}

static void
test_case_counts_when_given(void **state)
{
	(void)state;
	YES("ua~Firefox");
	YES("ua~firefox");
	NO("ua~FIREFOX");
	YES("ua:firefox");
	NO("ua:FireFox");
	YES("agent:mozilla");
	YES("DOCS | /docs");
	NO("DOCS");
}

/* A text is found wherever it stands, by the side of a plain search. */
static void
test_search(void **state)
{
	struct filter_subject s = example();

	(void)state;
	srandom(3);
	for (unsigned i = 0; i < 20000; i++) {
		char text[48];
		char part[8];
		size_t n = (size_t)random() % 40;
		size_t m = (size_t)random() % 3 + 1;
		bool there = false;

		/* few letters, so that much nearly matches */
		for (size_t k = 0; k < n; k++)
			text[k] = "abAB"[random() % 4];
		for (size_t k = 0; k < m; k++)
			part[k] = "ab"[random() % 2];
		part[m] = '\0';
		for (size_t k = 0; k + m <= n; k++)
			there |= span_eq_nocase(
			    span_of(text + k, m), span_of(part, m));
		s.target = span_of(text, n);
		if (meets(part, s) != there)
			fail_msg("%s in %.*s", part, (int)n, text);
	}
}

static void
test_words(void **state)
{
	(void)state;
	YES("docs");
	YES("/docs/a.css");
	YES("\"v=3\"");
	YES("a.css?v=3");
	NO("nothing");
	YES("mark");
	NO("!mark");
	NO("\"mark\"");
	YES("\"docs/a\"");
	NO("\"docs /a\"");
	YES("");
	YES("  \t ");
}

static void
test_client(void **state)
{
	struct filter_subject s = example();

	(void)state;
	YES("client:10.0.0.");
	YES("client:10.0.0.7");
	NO("client:10.0.0.71");
	NO("client:10.0.1.");
	YES("client:10.");
	YES("client:10.0.0.0/29");
	NO("client:10.0.0.8/29");
	YES("client:0.0.0.0/0");
	NO("client:::1");
	YES("client:10.0.0"); /* as text */
	YES("client:1");
	YES("client!=10.0.0.8");
	YES("client~\\.7$");
	NO("client:0.0.7");

	peer = (struct peer){ .family = AF_INET6,
		.addr = { 0x20, 1, 0xd, 0xb8, [15] = 1 } };
	assert_true(meets("client:2001:db8::/32", s));
	assert_true(meets("client:2001:db8::1", s));
	assert_false(meets("client:2001:db8::2", s));
	assert_false(meets("client:10.0.0.", s));
	peer = (struct peer){ .family = AF_INET6,
		.addr = { [10] = 0xff, [11] = 0xff, 10, 0, 0, 7 } };
	assert_true(meets("client:10.0.0.", s));
	assert_false(meets("client:10.0.1.", s));
}

static void
test_reasons(void **state)
{
	struct filter_subject s = example();

	(void)state;
	YES("why:etag");
	YES("why:ETAG");
	NO("why:kept");
	YES("trail:kept");
	NO("trail:smuggling");
	YES("close:timeout");
	YES("close:keepalive"); /* the sentence */
	NO("close:operator");
	YES("why~^ETag");
	/* of a recording only the text is known */
	s.known &= ~(uint32_t)(FILTER_TRAIL | FILTER_CLOSE);
	assert_true(meets("why:etag", s));
	assert_true(meets("why:ETAG", s));
	assert_false(meets("why:kept", s));
	assert_true(meets("close:idle", s));
	s.known = 0;
	assert_false(meets("why:etag", s));
}

static void
test_fields(void **state)
{
	(void)state;
	YES("header:Range");
	YES("header:range");
	YES("header:X-Empty");
	NO("header:Rang");
	NO("header:ETag");
	YES("header:Range:bytes");
	YES("header:\"Accept: text/css, \"");
	NO("header:Range:items");
	YES("header:Range~^bytes=[0-9]");
	YES("header:accept~css");
	NO("header:Accept~^css");
	NO("header:Accept~CSS");
	NO("header:User-Agent~curl");
	NO("path~[(]");
	YES("answer:Content-Type~^text/(css|html)");
	YES("answer:ETag");
	YES("answer:etag:abc");
	YES("!header:Cookie");
}

static void
test_operators(void **state)
{
	(void)state;
	YES("docs css");
	NO("docs nothing");
	YES("nothing | docs");
	NO("nothing | nowhere");
	YES("!nothing");
	NO("!docs");
	YES("!!docs");
	YES("! nothing");
	YES("!(nothing | nowhere)");
	NO("!(nothing | docs)");
	YES("nothing nowhere | docs"); /* and binds tighter */
	NO("nothing (nowhere | docs)");
	YES("docs (nowhere | css)");
	YES("(docs)");
	YES("((docs))(css)");
	YES("docs|nothing");
	YES("!nothing docs");
	NO("!docs css");
	YES("(!nothing)docs");
	YES("status:3xx path~^/docs/ (ext:css | ext:js) !size>4M");
	YES("path~^/(docs|img)/");
	YES("(path~[)|]|docs)");
	YES("path~\"^/docs/a\\.css$\"");
	NO("path~\"^/docs/a\\.cs$\"");
	YES("path~/a\\.css$|nothing");
}

/* Every formula of three variables in this form, against C's own operators. */
static void
test_truth_tables(void **state)
{
	static const char *const shape[] = { "%s%s %s%s %s%s",
		"%s%s | %s%s | %s%s", "%s%s %s%s | %s%s", "%s%s | %s%s %s%s",
		"(%s%s | %s%s) %s%s", "%s%s (%s%s | %s%s)",
		"!(%s%s %s%s) | %s%s", "!(%s%s | %s%s %s%s)" };

	(void)state;
	for (unsigned i = 0; i < 8 * 64; i++) {
		bool v[3], n[3], a, b, c;
		const char *term[3] = { "status:304", "path~doc", "header:x" };
		char text[120];
		unsigned form = i / 64;
		struct filter_subject s = example();

		for (unsigned k = 0; k < 3; k++) {
			v[k] = i >> k & 1;
			n[k] = i >> (k + 3) & 1;
		}
		s.status = v[0] ? 304 : 200;
		s.target = v[1] ? SPAN("/doc") : SPAN("/");
		s.request = v[2] ? SPAN("GET / HTTP/1.1\r\nX: 1\r\n\r\n")
				 : SPAN("GET / HTTP/1.1\r\n\r\n");
		a = v[0] != n[0], b = v[1] != n[1], c = v[2] != n[2];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), shape[form], n[0] ? "!" : "",
		    term[0], n[1] ? "!" : "", term[1], n[2] ? "!" : "",
		    term[2]);
#pragma GCC diagnostic pop
		const bool want[] = { a && b && c, a || b || c, (a && b) || c,
			a || (b && c), (a || b) && c, a && (b || c),
			!(a && b) || c, !(a || (b && c)) };

		if (meets(text, s) != want[form])
			fail_msg("%s with %d %d %d", text, v[0], v[1], v[2]);
	}
}

static void
test_unknown_meets_nothing(void **state)
{
	struct filter_subject s = example();

	(void)state;
	s.known = FILTER_STATUS;
	assert_false(meets("size>1M", s));
	assert_false(meets("size<1M", s));
	assert_true(meets("!size>1M", s));
	assert_false(meets("docs", s));
	assert_false(meets("client:10.", s));
	assert_true(meets("status:304", s));
	s.status = 0;
	assert_true(meets("status:none", s));
	assert_false(meets("status<400", s));
	assert_false(meets("status:2xx", s));
	s.known = 0;
	assert_false(meets("status:none", s));
}

static void
fill_agent(struct filter_subject *s, uint32_t facts)
{
	asked++;
	assert_int_equal(facts, FILTER_AGENT);
	s->agent = SPAN("curl/8");
	s->filled |= FILTER_AGENT;
	s->known |= FILTER_AGENT;
}

/* What is costly is looked up when the answer depends on it, and once. */
static void
test_lazy(void **state)
{
	struct filter_subject s = example();

	(void)state;
	s.filled = s.known = FILTER_STATUS;
	s.fill = fill_agent;
	asked = 0;
	assert_true(meets("ua:x | ua:curl status:304", s));
	assert_int_equal(asked, 1);
	assert_false(meets("ua:curl status:200", s));
	assert_int_equal(asked, 1);
	assert_true(meets("ua~firefox | status:304", s));
	assert_int_equal(asked, 1);
}

static void
test_needs(void **state)
{
	struct filter *f = compile("status:200 (ua:x | header:Range) docs");

	(void)state;
	assert_int_equal(filter_needs(f),
	    FILTER_STATUS | FILTER_AGENT | FILTER_REQUEST | FILTER_TARGET);
	filter_free(f);
	f = compile("why:etag close:timeout client:10.");
	assert_int_equal(filter_needs(f) & ~(uint32_t)FILTER_COSTLY,
	    FILTER_TRAIL | FILTER_CLOSE | FILTER_PEER);
	filter_free(f);
	filter_free(NULL);
}

static void
test_journal_entry(void **state)
{
	static struct journal_entry e = {
		.e = { .status = 404, .conn = 7, .body_sent = 10, .major = 1 },
		.method = "GET",
		.target = "/missing.js",
	};
	struct filter_subject s = { .fill = NULL };

	(void)state;
	filter_subject_entry(&s, &e, false);
	assert_true(meets("status:404 missing ext:js conn:7 version:1.0", s));
	assert_true(meets("method:GET !mark size:10", s));
	assert_false(meets("ua:x", s));
	strcpy(e.target, "-");
	strcpy(e.method, "-");
	filter_subject_entry(&s, &e, true);
	assert_true(meets("mark", s));
	assert_false(meets("\"-\"", s));
	assert_false(meets("method:-", s));
}

static void
test_odd_targets(void **state)
{
	struct filter_subject s = example();

	(void)state;
	s.target = SPAN("http://example.test/docs/a.css?x");
	assert_true(meets("path=/docs/a.css ext:css", s));
	s.target = SPAN("http://example.test");
	assert_true(meets("path=/", s));
	s.target = SPAN("*");
	assert_true(meets("path=*", s));
	s.target = SPAN("/a?u=http://b/c.js");
	assert_true(meets("path=/a query:c.js !ext:js", s));
	s.target = SPAN("/caf\xc3\xa9/\xff\0x");
	assert_true(meets("caf\xc3\xa9", s));
	assert_true(meets("path~x$", s));
	s.target = span_of(NULL, 0);
	assert_false(meets("a", s));
	assert_false(meets("path~a", s));
	assert_true(meets("path~^$", s));
	assert_true(meets("url~.* url~^.*$ path~.*", s));
}

struct wrong {
	const char *text;
	size_t at;
	const char *says;
};

/* What glibc's regcomp(3) took minutes or gigabytes for. */
static void
test_no_expression_takes_for_ever(void **state)
{
	static const char *const costly[] = {
		"path~\"a????????????????????++++\"",
		"path~a?+?+?+?+?+?+?+?+?+?+?+?+?+?+?+?",
		"path~c(.+b(cb?|((){0,300})){1,})", "path~(a+)+(a+)+(a+)+$",
		"path~((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+)$"
	};
	static char text[FILTER_INPUT];
	struct filter_subject s = example();
	struct filter *f;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	s.target = span_of(text, sizeof(text));
	for (size_t i = 0; i < sizeof(costly) / sizeof(costly[0]); i++) {
		struct filter_error err;

		f = filter_compile(span_str(costly[i]), &err);
		if (f != NULL)
			(void)filter_match(f, &s);
		filter_free(f);
	}
	/* given up is not met, and told */
	f = compile("path~(a+)+(a+)+$");
	assert_int_equal(filter_given_up(f), 0);
	assert_false(filter_match(f, &s));
	assert_int_equal(filter_given_up(f), 1);
	s.target = SPAN("aaaa");
	assert_true(filter_match(f, &s));
	assert_int_equal(filter_given_up(f), 1);
	filter_free(f);
}

/* From each place of the text few enough, from all together too many. */
static void
test_the_steps_from_all_places_are_bounded(void **state)
{
	static char text[FILTER_INPUT];
	struct filter_subject s = example();
	struct filter *f;

	(void)state;
	memset(text, 'a', sizeof(text));
	s.target = span_of(text, sizeof(text));
	f = compile("path~(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)"
		    "(a|a)(a|a)(a|a)[0-9]");
	assert_false(filter_match(f, &s));
	assert_int_equal(filter_given_up(f), 1);
	s.target = span_of(text, 50);
	assert_false(filter_match(f, &s));
	assert_int_equal(filter_given_up(f), 1);
	filter_free(f);
	/* what one may well type */
	s.target = span_of(text, sizeof(text));
	f = compile("path~a.*[0-9] | path~^a+a+[0-9] | path~[a-z]+[0-9]+$");
	assert_false(filter_match(f, &s));
	s.target = span_of(NULL, 0);
	assert_false(filter_match(f, &s));
	s.target = span_of(text, 100);
	assert_false(filter_match(f, &s));
	assert_int_equal(filter_given_up(f), 0);
	filter_free(f);
}

static void
test_expressions_are_as_perls(void **state)
{
	(void)state;
	YES("path~\\.[a-z]{3}$");
	YES("path~\\w+/a\\.css");
	YES("path~.*?css");
	YES("path~^/(?!img)");
	NO("path~^/(?!docs)");
	NO("path~\\d");
}

static void
test_errors_point_and_say(void **state)
{
	static const struct wrong wrong[] = {
		{ "size>big", 5, "size needs a number like 10, 4K, 1M" },
		{ "docs size>", 5, "size needs a number like 10, 4K, 1M" },
		{ "size>1X", 5, "size needs a number" },
		{ "size>-1", 5, "size needs a number" },
		{ "size>1.", 5, "size needs a number" },
		{ "size>99999999999999999999", 5, "size needs a number" },
		{ "size~1", 5, "size needs a number" },
		{ "stauts:404", 0, "did you mean status?" },
		{ "docs (sise>1)", 6, "did you mean size?" },
		{ "xyzzy:1", 0, "in quotes it is a text" },
		{ "v=3", 0, "in quotes it is a text" },
		{ "status:abc", 7, "a class like 4xx" },
		{ "status:4040", 7, "a number like 404" },
		{ "status:200,", 7, "a number like 404" },
		{ "time:100ms", 5, "like time>100ms" },
		{ "client:10.0.0.0/33", 7, "an address like" },
		{ "client:300.1.1.1/8", 7, "an address like" },
		{ "version:2", 8, "1.0 or 1.1" },
		{ "header:a{b", 7, "a field's name" },
		{ "header:User-Agent=curl", 7, "header:User-Agent~^curl" },
		{ "header:Range~", 7, "header:User-Agent~^curl" },
		{ "header:Range~(a", 7, "a ')' for each '('" },
		{ "latency>1ms", 0, "did you mean time?" },
		{ "docs ip:10.0.0.7", 5, "did you mean client?" },
		{ "status>=400 and x", 12, "a blank means and" },
		{ "a && b", 2, "a blank means and" },
		{ "a OR b", 2, "| for or" },
		{ "not a", 0, "! for not" },
		{ "path~(a", 5, "a ')' for each '('" },
		{ "path~[b-a]", 5, "a range that goes upwards" },
		{ "path~[[:digits:]]", 5, "a class that there is" },
		{ "path~*a", 5, "something before *" },
		{ "path~a\\", 5, "something behind its last" },
		{ "mark:1", 5, "mark stands alone" },
		{ "trail~x", 6, "trail needs" },
		{ "status >= 400", 7, "right before it" },
		{ "(docs", 0, "a ')' for this '('" },
		{ "docs)", 4, "a '(' for this ')'" },
		{ "a (b", 2, "a ')' for this '('" },
		{ "()", 1, "something to look for before ')'" },
		{ "| a", 0, "something to look for before '|'" },
		{ "a |", 3, "something to look for" },
		{ "a | | b", 4, "something to look for before '|'" },
		{ "a !", 3, "something to look for" },
		{ "(", 1, "something to look for" },
		{ "\"abc", 0, "a quote at the end" },
		{ "path:\"abc", 5, "a quote at the end" },
		{ "\"\"", 0, "a text to look for" },
		{ "path~[", 5, "regular expression" },
		{ "path~a**{", 5, "regular expression" },
		{ "path~((a{100}){100}){100}", 5,
		    "at byte 21, regular expression is too large" },
		{ "path~a{99999}", 5, "at byte 8, number too big" },
		{ "path~\"a)+++\"", 5, "a '(' for each ')'" },
		{ "path~\\C", 5, "at byte 3" },
		{ "path~(*UTF)a", 5, "using UTF is disabled" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct filter_error err;
		struct filter *f =
		    filter_compile(span_str(wrong[i].text), &err);

		if (f != NULL)
			fail_msg("taken: %s", wrong[i].text);
		if (err.at != wrong[i].at ||
		    strstr(err.text, wrong[i].says) == NULL)
			fail_msg(
			    "%s: at %zu: %s", wrong[i].text, err.at, err.text);
		assert_true(err.at + err.n <= strlen(wrong[i].text));
	}
}

static void
test_bounds(void **state)
{
	static char text[4096];
	struct filter_error err;
	struct filter *f;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	assert_null(filter_compile(span_of(text, FILTER_TEXT + 1), &err));
	assert_int_equal(err.at, FILTER_TEXT);
	f = filter_compile(span_of(text, FILTER_TEXT), &err);
	assert_non_null(f);
	filter_free(f);

	memset(text, '(', sizeof(text));
	assert_null(filter_compile(span_of(text, FILTER_TEXT), &err));
	assert_non_null(strstr(err.text, "fewer"));
	memset(text, '!', sizeof(text));
	assert_null(filter_compile(span_of(text, FILTER_TEXT), &err));

	for (size_t i = 0; i < 2 * FILTER_TERMS + 2; i += 2)
		memcpy(text + i, "a ", 2);
	f = filter_compile(span_of(text, 2 * FILTER_TERMS), &err);
	assert_non_null(f);
	filter_free(f);
	assert_null(filter_compile(span_of(text, 2 * FILTER_TERMS + 2), &err));
	assert_non_null(strstr(err.text, "at most"));

	static const char many[] = "ua~a ua~a ua~a ua~a ua~a ua~a ua~a ua~a "
				   "ua~a";
	assert_null(filter_compile(span_str(many), &err));
	assert_int_equal(err.at, sizeof(many) - 2);

	memset(text, 'b', sizeof(text));
	memcpy(text, "path~", 5);
	assert_null(filter_compile(span_of(text, 5 + FILTER_REGEX + 1), &err));
}

static int64_t
cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* Patterns that take others for ever end in bounded time on long input. */
static void
test_hostile_patterns(void **state)
{
	static const char *const hostile[] = { "path~(a*)*b", "path~(a|aa)+c",
		"path~(a|a?)+c", "path~(.*)(.*)(.*)(.*)(.*)c", "path~((a*)*)*b",
		"path~(a?){50}a{50}b", "path~([a-z]+)*1",
		"path~^(([a-z])+.)+[A-Z]([a-z])+$", "path~(x+x+)+y",
		"path~.{200}.{200}c" };
	static char text[65536];
	struct filter_subject s = example();

	(void)state;
	memset(text, 'a', sizeof(text));
	s.target = span_of(text, sizeof(text));
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		int64_t from = cpu_ns();

		assert_false(meets(hostile[i], s));
		if (cpu_ns() - from > 2 * NS_PER_S)
			fail_msg("%s: %lld ms", hostile[i],
			    (long long)((cpu_ns() - from) / NS_PER_MS));
	}
	text[FILTER_INPUT - 1] = 'b';
	text[FILTER_INPUT] = 'c';
	assert_true(meets("path~ab$", s));
	assert_false(meets("path~c", s));
}

/* Any bytes either make a filter or an error within the text. */
static void
test_random_texts(void **state)
{
	static const char *const piece[] = { "status", ">=", "400", ":", "~",
		"(", ")", "|", "!", " ", "\"", "a", "ext", "[", "]", "{2}", "+",
		"*", "\\", "10.", "client", "why", "header", "\xff", "4xx", ",",
		"mark", "\n", "trail", "size", "1M", "!=" };
	unsigned taken = 0;

	(void)state;
	srandom(5);
	for (unsigned i = 0; i < 20000; i++) {
		char text[256];
		struct buf b = buf_over(text, sizeof(text));
		struct filter_subject s = example();
		struct filter_error err;
		struct filter *f;

		for (long n = random() % 14; n >= 0; n--)
			buf_puts(&b, piece[random() % 32]);
		f = filter_compile(buf_span(&b), &err);
		if (f) {
			filter_match(f, &s);
			taken++;
		} else {
			assert_true(err.at + err.n <= b.n);
			assert_true(err.text[0] != '\0');
		}
		filter_free(f);
	}
	assert_in_range(taken, 200, 19000);
}

static void
test_keys_are_listed(void **state)
{
	const char *help;
	unsigned n = 0;

	(void)state;
	for (; filter_key(n, &help); n++)
		assert_non_null(strstr(help, filter_key(n, NULL)));
	assert_true(n > 15);
	assert_string_equal(filter_key(0, NULL), "status");
}

/* Expressions mean bytes whatever the locale is. */
static void
test_locale(void **state)
{
	struct filter_subject s = example();

	(void)state;
	if (setlocale(LC_ALL, "C.UTF-8") == NULL)
		skip();
	s.target = SPAN("/\xff/a.css");
	assert_true(meets("path~^/./a\\.css$", s));
	assert_true(meets("path~^/[^a]/A?a", s));
	setlocale(LC_ALL, "C");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_measures),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_case_counts_when_given),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_client),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_operators),
		cmocka_unit_test(test_truth_tables),
		cmocka_unit_test(test_unknown_meets_nothing),
		cmocka_unit_test(test_lazy),
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_journal_entry),
		cmocka_unit_test(test_odd_targets),
		cmocka_unit_test(test_no_expression_takes_for_ever),
		cmocka_unit_test(test_the_steps_from_all_places_are_bounded),
		cmocka_unit_test(test_expressions_are_as_perls),
		cmocka_unit_test(test_errors_point_and_say),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_hostile_patterns),
		cmocka_unit_test(test_random_texts),
		cmocka_unit_test(test_keys_are_listed),
		cmocka_unit_test(test_locale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
