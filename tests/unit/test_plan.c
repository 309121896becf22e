#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/clock.h"
#include "http/plan.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* Tue, 14 Nov 2023 22:13:20 GMT, when the file was changed; and later. */
#define CHANGED 1700000000
#define NOW	(CHANGED + 1000000)
#define BEFORE	"Tue, 14 Nov 2023 22:13:19 GMT"
#define THEN	"Tue, 14 Nov 2023 22:13:20 GMT"
#define AFTER	"Tue, 14 Nov 2023 22:13:21 GMT"

static const struct file_facts a_file = {
	.kind = FILE_KIND_FILE,
	.reason = REASON_FILE_FOUND,
	.reason_a = 1234,
	.size = 1234,
	.mtime_ns = CHANGED * NS_PER_S + 500 * NS_PER_MS,
	.type = "text/plain",
};
#define ETAG "\"4d2-17979cfe53f76500\""

static const struct plan_rules no_rules = { 0 };

/* The whole way of a request through the plan, as a connection goes it. */
static struct plan
plan_full(const char *bytes, const struct file_facts *f,
    const struct plan_rules *rules, const struct plan_turn *turn, int64_t now)
{
	static const struct head_limits l = { 8192, 32768, 100 };
	static struct http_head h;
	struct http_request r;
	struct plan p = { 0 };

	head_init(&h);
	assert_int_equal(
	    head_parse(&h, &l, NULL, bytes, strlen(bytes)), HEAD_DONE);
	request_read(&r, &h, bytes, NULL);
	if (!plan_request(&p, &r, rules))
		plan_file(&p, &r, f, rules, now);
	plan_finish(&p, &r, turn);
	return p;
}

static struct plan
plan_of(const char *bytes, const struct file_facts *f)
{
	static const struct plan_turn turn = { .number = 1 };

	return plan_full(bytes, f, &no_rules, &turn, NOW);
}

/* GET (or HEAD) with these field lines. */
static struct plan
plan_with(const char *method, const char *lines, const struct file_facts *f)
{
	char s[1024];

	snprintf(
	    s, sizeof(s), "%s /a HTTP/1.1\r\nHost: a\r\n%s\r\n", method, lines);
	return plan_of(s, f);
}

static bool
trail_has(const struct plan *p, enum reason_id id)
{
	for (unsigned i = 0; i < p->trail.n; i++)
		if (p->trail.r[i].id == id)
			return true;
	return false;
}

static enum reason_id
why(const struct plan *p)
{
	assert_true(p->trail.n > 0 && p->trail.why < p->trail.n);
	return (enum reason_id)p->trail.r[p->trail.why].id;
}

/* What every plan keeps to, whatever was asked. */
static void
assert_sound(const struct plan *p)
{
	bool page = p->status >= 300 && p->status != 304;

	assert_int_not_equal(why(p), REASON_NONE);
	assert_true(p->trail.n <= LIMIT_TRAIL);
	(void)status_slot(p->status);
	/* 204 and 304 have neither content nor its length */
	assert_int_equal(
	    p->content_length, p->status != 204 && p->status != 304);
	assert_int_equal(p->source == BODY_SOURCE_PAGE, page);
	assert_int_equal(p->source == BODY_SOURCE_FILE,
	    p->status == 200 || p->status == 206);
	assert_int_equal(p->file_fields,
	    p->status == 200 || p->status == 206 || p->status == 304);
	assert_int_equal(p->ranges != 0, p->status == 206);
	assert_int_equal(p->allow, p->status == 405 || p->status == 204);
	assert_int_equal(p->location, p->status == 301);
}

/* ---- before the file ---- */

static void
a_refused_request_keeps_its_status_and_reason(void **state)
{
	static const struct {
		const char *head;
		uint16_t status;
		enum reason_id why;
		bool keep;
	} rows[] = {
		{ "GET / HTTP/1.1\r\n\r\n", 400, REASON_HOST_MISSING, true },
		{ "GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400, REASON_TARGET_FORM,
		    true },
		{ "GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 421,
		    REASON_TARGET_SCHEME, true },
		{ "GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", 417,
		    REASON_EXPECT_UNKNOWN, true },
		{ "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400,
		    REASON_LENGTH_BAD, false },
		{ "GET / HTTP/1.1\r\nHost: a\r\n"
		  "Transfer-Encoding: gzip, chunked\r\n\r\n",
		    501, REASON_CODING_BAD, false },
		/* refused before the method is looked at */
		{ "BREW / HTTP/1.1\r\n\r\n", 400, REASON_HOST_MISSING, true },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct plan p = plan_of(rows[i].head, &a_file);

		assert_sound(&p);
		assert_int_equal(p.status, rows[i].status);
		assert_int_equal(why(&p), rows[i].why);
		assert_int_equal(p.keep, rows[i].keep);
	}
}

static void
a_refusal_says_what_its_numbers_mean(void **state)
{
	struct plan p =
	    plan_of("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", &a_file);
	char mem[256];
	struct buf b = buf_over(mem, sizeof(mem));

	(void)state;
	assert_int_equal(why(&p), REASON_HOST_TWICE);
	assert_int_equal(p.trail.r[p.trail.why].a, 31);
	reason_put_text(&b, &p.trail.r[p.trail.why]);
	assert_null(strstr(buf_cstr(&b), "31 Host"));
	assert_non_null(strstr(mem, "byte 31"));
}

static void
a_method_that_files_do_not_answer_to_is_405_with_allow(void **state)
{
	(void)state;
	for (int m = METHOD_UNKNOWN + 1; m < METHOD_N; m++) {
		const char *name = method_name((enum http_method)m);
		struct plan p = plan_with(name, "", &a_file);

		assert_sound(&p);
		if (m == METHOD_GET || m == METHOD_HEAD) {
			assert_int_equal(p.status, 200);
		} else if (m == METHOD_OPTIONS) {
			assert_int_equal(p.status, 204);
			assert_int_equal(why(&p), REASON_OPTIONS);
		} else {
			assert_int_equal(p.status, 405);
			assert_int_equal(why(&p), REASON_METHOD_NOT_ALLOWED);
		}
		assert_true(p.keep);
		assert_int_equal(p.head, m == METHOD_HEAD);
	}
}

static void
a_method_that_nobody_registered_is_501(void **state)
{
	static const char *const methods[] = { "BREW", "get", "G", "-" };

	(void)state;
	for (size_t i = 0; i < N(methods); i++) {
		struct plan p = plan_with(methods[i], "", &a_file);

		assert_sound(&p);
		assert_int_equal(p.status, 501);
		assert_int_equal(why(&p), REASON_METHOD_UNKNOWN);
	}
}

static void
on_loopback_foreign_names_are_misdirected(void **state)
{
	static const char *const mine[] = { "My.Test", "pi", NULL };
	static const struct plan_rules loopback = { .loopback_only = true,
		.hosts = mine };
	static const struct plan_turn turn = { .number = 1 };
	static const struct {
		const char *host;
		bool known;
	} rows[] = {
		{ "localhost", true },
		{ "localhost:8000", true },
		{ "LOCALHOST:1", true },
		{ "127.0.0.1", true },
		{ "127.0.0.1:8000", true },
		{ "192.0.2.1:8000", true },
		{ "[::1]", true },
		{ "[::1]:8000", true },
		{ "[::1]:", true },
		{ "my.test", true },
		{ "my.test:8000", true },
		{ "PI:", true },
		{ "evil.example", false },
		{ "evil.example:8000", false },
		{ "pi.evil.example", false },
		{ "localhost.evil.example", false },
		{ "127.0.0.1.evil.example", false },
		{ "2130706433", false },
		{ "8000", false },
		{ "p", false },
		{ "pix", false },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct plan p;
		char s[128];

		snprintf(s, sizeof(s), "GET / HTTP/1.1\r\nHost: %s\r\n\r\n",
		    rows[i].host);
		p = plan_full(s, &a_file, &loopback, &turn, NOW);
		assert_sound(&p);
		if (p.status != (rows[i].known ? 200 : 421))
			print_error("%s: %d\n", rows[i].host, p.status);
		assert_int_equal(p.status, rows[i].known ? 200 : 421);
		if (!rows[i].known)
			assert_int_equal(why(&p), REASON_HOST_FOREIGN);
		assert_true(p.keep);
		p = plan_full(s, &a_file, &no_rules, &turn, NOW);
		assert_int_equal(p.status, 200);
	}
}

static void
on_loopback_the_target_s_host_counts_and_not_the_field(void **state)
{
	static const struct plan_rules loopback = { .loopback_only = true };
	static const struct plan_turn turn = { .number = 1 };
	struct plan p;

	(void)state;
	p = plan_full("GET http://evil/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
	    &a_file, &loopback, &turn, NOW);
	assert_int_equal(p.status, 421);
	p = plan_full("GET http://[::1]:1/ HTTP/1.1\r\nHost: evil\r\n\r\n",
	    &a_file, &loopback, &turn, NOW);
	assert_int_equal(p.status, 200);
	p = plan_full("GET / HTTP/1.0\r\n\r\n", &a_file, &loopback, &turn, NOW);
	assert_int_equal(p.status, 200);
	/* before the method, so that nothing is learnt from outside */
	p = plan_full("POST / HTTP/1.1\r\nHost: evil\r\n\r\n", &a_file,
	    &loopback, &turn, NOW);
	assert_int_equal(p.status, 421);
}

/* ---- what the site found ---- */

static void
each_file_reason_has_its_status(void **state)
{
	static const struct {
		enum reason_id reason;
		uint16_t status;
	} rows[] = {
		{ REASON_FILE_MISSING, 404 },
		{ REASON_FILE_UNDER_FILE, 404 },
		{ REASON_FILE_SLASH, 404 },
		{ REASON_FILE_HIDDEN, 404 },
		{ REASON_FILE_DENIED_RULE, 404 },
		{ REASON_FILE_OUTSIDE, 404 },
		{ REASON_FILE_SYMLINK, 404 },
		{ REASON_FILE_OWN_LOG, 404 },
		{ REASON_FILE_NAME_LONG, 404 },
		{ REASON_FILE_SPECIAL, 403 },
		{ REASON_FILE_FORBIDDEN, 403 },
		{ REASON_FOLDER_NO_INDEX, 403 },
		{ REASON_FILE_ERROR, 500 },
		{ REASON_FILE_EXHAUSTED, 503 },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		for (int head = 0; head < 2; head++) {
			struct file_facts f = { .kind = FILE_KIND_NONE,
				.reason = rows[i].reason,
				.reason_a = 7 };
			/* conditions do not matter without a file
			 * (RFC 9110 13.2.1) */
			struct plan p = plan_with(head ? "HEAD" : "GET",
			    "If-Match: \"x\"\r\nIf-None-Match: *\r\n"
			    "If-Unmodified-Since: " BEFORE "\r\n",
			    &f);

			assert_sound(&p);
			assert_int_equal(p.status, rows[i].status);
			assert_int_equal(
			    plan_status_of(rows[i].reason), rows[i].status);
			assert_int_equal(why(&p), rows[i].reason);
			assert_int_equal(p.trail.r[p.trail.why].a, 7);
			assert_true(p.keep);
			assert_int_equal(p.head, head);
		}
}

static void
a_reason_that_is_no_file_s_is_the_server_s_fault(void **state)
{
	(void)state;
	assert_int_equal(plan_status_of(REASON_NONE), 500);
	assert_int_equal(plan_status_of(REASON_LAB_BUSY), 500);
}

static void
a_folder_without_its_slash_is_redirected(void **state)
{
	static const struct file_facts folder = { .kind = FILE_KIND_FOLDER,
		.reason = REASON_FOLDER_SLASH };
	struct plan p = plan_with("GET", "If-None-Match: *\r\n", &folder);

	(void)state;
	assert_sound(&p);
	assert_int_equal(p.status, 301);
	assert_int_equal(why(&p), REASON_FOLDER_SLASH);
	p = plan_with("HEAD", "", &folder);
	assert_sound(&p);
	assert_int_equal(p.status, 301);
	assert_true(p.head);
}

static void
a_file_is_sent_whole(void **state)
{
	struct file_facts f = a_file;
	struct plan p = plan_with("GET", "", &f);

	(void)state;
	assert_sound(&p);
	assert_int_equal(p.status, 200);
	assert_int_equal(p.offset, 0);
	assert_int_equal(p.length, 1234);
	assert_int_equal(why(&p), REASON_FILE_FOUND);
	assert_true(trail_has(&p, REASON_NO_CONDITION));
	f.size = 0;
	f.reason = REASON_INDEX_FOUND;
	p = plan_with("HEAD", "", &f);
	assert_sound(&p);
	assert_int_equal(p.length, 0);
	assert_int_equal(why(&p), REASON_INDEX_FOUND);
	assert_true(p.head);
}

static void
rules_that_made_fields_are_told(void **state)
{
	static const char *const lines[] = { "", "If-None-Match: *\r\n",
		"Range: bytes=0-1\r\n" };
	struct file_facts f = a_file;
	struct plan p = plan_with("GET", "", &f);

	(void)state;
	assert_false(trail_has(&p, REASON_CACHE_RULE));
	assert_false(trail_has(&p, REASON_FIELD_RULES));
	f.cache_rule = 3;
	f.edits_n = 2;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		p = plan_with("GET", lines[i], &f);
		assert_sound(&p);
		assert_true(trail_has(&p, REASON_CACHE_RULE));
		assert_true(trail_has(&p, REASON_FIELD_RULES));
		assert_int_not_equal(why(&p), REASON_CACHE_RULE);
	}
	/* not in an answer without these fields */
	p = plan_with("GET", "If-Match: \"x\"\r\n", &f);
	assert_int_equal(p.status, 412);
	assert_false(trail_has(&p, REASON_CACHE_RULE));
}

/* ---- preconditions (RFC 9110 13) ---- */

#define IM(v)  "If-Match: " v "\r\n"
#define IUS(v) "If-Unmodified-Since: " v "\r\n"
#define INM(v) "If-None-Match: " v "\r\n"
#define IMS(v) "If-Modified-Since: " v "\r\n"

static const struct condition {
	const char *lines;
	uint16_t status;
	enum reason_id why;
} conditions[] = {
	{ "", 200, REASON_FILE_FOUND },
	/* If-None-Match: the weak comparison */
	{ INM(ETAG), 304, REASON_INM_MATCHED },
	{ INM("W/" ETAG), 304, REASON_INM_MATCHED },
	{ INM("\"x\", " ETAG), 304, REASON_INM_MATCHED },
	{ INM("\"x\"," ETAG ",\"y\""), 304, REASON_INM_MATCHED },
	{ INM(",," ETAG), 304, REASON_INM_MATCHED },
	{ INM("*"), 304, REASON_INM_STAR },
	{ INM("\"x\""), 200, REASON_INM_NONE },
	{ INM("\"*\""), 200, REASON_INM_NONE },
	{ INM("\"4D2-17979CFE53F76500\""), 200, REASON_INM_NONE },
	{ INM(""), 200, REASON_INM_NONE },
	{ INM("4d2-17979cfe53f76500"), 200, REASON_INM_BAD },
	{ INM(ETAG " \"x\""), 200, REASON_INM_BAD },
	{ INM("*, " ETAG), 200, REASON_INM_BAD },
	/* several lines are one list */
	{ INM("\"x\"") INM(ETAG), 304, REASON_INM_MATCHED },
	{ INM(ETAG) "X: y\r\n" INM("\"x\""), 304, REASON_INM_MATCHED },
	{ INM("\"a\"") INM("\"b\"") INM("\"c\""), 200, REASON_INM_NONE },
	/* If-Modified-Since, to the second */
	{ IMS(THEN), 304, REASON_IMS_NOT_NEWER },
	{ IMS(AFTER), 304, REASON_IMS_NOT_NEWER },
	{ IMS(BEFORE), 200, REASON_IMS_NEWER },
	{ IMS("Tuesday, 14-Nov-23 22:13:20 GMT"), 304, REASON_IMS_NOT_NEWER },
	{ IMS("Tue Nov 14 22:13:20 2023"), 304, REASON_IMS_NOT_NEWER },
	{ IMS("Fri, 31 Dec 9999 23:59:59 GMT"), 304, REASON_IMS_NOT_NEWER },
	{ IMS("yesterday"), 200, REASON_IMS_BAD },
	{ IMS(""), 200, REASON_IMS_BAD },
	{ IMS("1700000000"), 200, REASON_IMS_BAD },
	{ IMS(THEN ", " THEN), 200, REASON_IMS_BAD },
	{ IMS("Tue, 14 Nov 2023 22:13:20 UTC"), 200, REASON_IMS_BAD },
	{ IMS(THEN) IMS(THEN), 200, REASON_IMS_BAD },
	{ IMS(AFTER) IMS("x"), 200, REASON_IMS_BAD },
	/* If-None-Match decides over If-Modified-Since */
	{ INM("\"x\"") IMS(THEN), 200, REASON_INM_NONE },
	{ IMS(THEN) INM("\"x\""), 200, REASON_INM_NONE },
	{ INM(ETAG) IMS(BEFORE), 304, REASON_INM_MATCHED },
	{ INM("bad") IMS(THEN), 200, REASON_INM_BAD },
	{ INM("") IMS(THEN), 200, REASON_INM_NONE },
	/* If-Match: the strong comparison */
	{ IM(ETAG), 200, REASON_FILE_FOUND },
	{ IM("*"), 200, REASON_FILE_FOUND },
	{ IM("\"x\", " ETAG), 200, REASON_FILE_FOUND },
	{ IM("\"x\"") IM(ETAG), 200, REASON_FILE_FOUND },
	{ IM("\"x\""), 412, REASON_IM_FAILED },
	{ IM("W/" ETAG), 412, REASON_IM_FAILED },
	{ IM(""), 412, REASON_IM_FAILED },
	{ IM("x"), 412, REASON_IM_BAD },
	{ IM("\"x\"") IM("x"), 412, REASON_IM_BAD },
	/* If-Unmodified-Since */
	{ IUS(THEN), 200, REASON_FILE_FOUND },
	{ IUS(AFTER), 200, REASON_FILE_FOUND },
	{ IUS(BEFORE), 412, REASON_IUS_FAILED },
	{ IUS("x"), 200, REASON_FILE_FOUND },
	{ IUS(BEFORE) IUS(BEFORE), 200, REASON_FILE_FOUND },
	/* the order of RFC 9110 13.2.2 */
	{ IM(ETAG) IUS(BEFORE), 200, REASON_FILE_FOUND },
	{ IM("\"x\"") IUS(THEN), 412, REASON_IM_FAILED },
	{ INM(ETAG) IM("\"x\""), 412, REASON_IM_FAILED },
	{ INM(ETAG) IM(ETAG), 304, REASON_INM_MATCHED },
	{ INM(ETAG) IUS(BEFORE), 412, REASON_IUS_FAILED },
	{ INM(ETAG) IUS(THEN), 304, REASON_INM_MATCHED },
	{ IMS(THEN) IUS(BEFORE), 412, REASON_IUS_FAILED },
	{ IMS(THEN) IUS(THEN), 304, REASON_IMS_NOT_NEWER },
	{ IMS(THEN) IM(ETAG), 304, REASON_IMS_NOT_NEWER },
	{ IMS(BEFORE) IM("*"), 200, REASON_IMS_NEWER },
	{ IM(ETAG) IUS(BEFORE) INM("\"x\"") IMS(THEN), 200, REASON_INM_NONE },
};

static void
preconditions_are_evaluated_as_rfc_9110_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(conditions); i++)
		for (int head = 0; head < 2; head++) {
			const struct condition *c = &conditions[i];
			struct plan p =
			    plan_with(head ? "HEAD" : "GET", c->lines, &a_file);

			if (p.status != c->status || why(&p) != c->why)
				print_error("%s: %d, reason %d\n", c->lines,
				    p.status, (int)why(&p));
			assert_sound(&p);
			assert_int_equal(p.status, c->status);
			assert_int_equal(why(&p), c->why);
			assert_true(p.keep);
			assert_int_equal(p.head, head);
		}
}

static void
a_condition_that_was_passed_over_is_in_the_trail(void **state)
{
	struct plan p;

	(void)state;
	p = plan_with("GET", INM("\"x\"") IMS(THEN), &a_file);
	assert_true(trail_has(&p, REASON_IMS_SKIPPED));
	assert_false(trail_has(&p, REASON_IMS_NOT_NEWER));
	p = plan_with("GET", IM(ETAG) INM(ETAG), &a_file);
	assert_true(trail_has(&p, REASON_IM_PASSED));
	p = plan_with("GET", IUS(THEN) IMS(THEN), &a_file);
	assert_true(trail_has(&p, REASON_IUS_PASSED));
	p = plan_with("GET", IM("*") IUS(BEFORE), &a_file);
	assert_true(trail_has(&p, REASON_IM_STAR));
	assert_true(trail_has(&p, REASON_IUS_SKIPPED));
	p = plan_with("GET", IUS("x"), &a_file);
	assert_true(trail_has(&p, REASON_IUS_BAD));
	p = plan_with("GET", IMS(BEFORE), &a_file);
	assert_int_equal(p.trail.r[p.trail.why].a, 1); /* second newer */
}

static void
the_sentence_of_a_matched_tag_has_sensible_numbers(void **state)
{
	struct plan p =
	    plan_with("GET", INM("\"x\"") INM("\"y\", " ETAG), &a_file);
	char mem[256];
	struct buf b = buf_over(mem, sizeof(mem));

	(void)state;
	assert_int_equal(why(&p), REASON_INM_MATCHED);
	assert_int_equal(p.trail.r[p.trail.why].a, 3);
	reason_put_text(&b, &p.trail.r[p.trail.why]);
	assert_non_null(strstr(buf_cstr(&b), "tag 3"));
	assert_null(strstr(mem, "of 0"));
}

static void
a_file_from_the_future_counts_as_changed_now(void **state)
{
	static const struct plan_turn turn = { .number = 1 };
	struct file_facts f = a_file;
	const char *now = "GET / HTTP/1.1\r\nHost: a\r\n" IMS(THEN) "\r\n";
	const char *ago = "GET / HTTP/1.1\r\nHost: a\r\n" IMS(BEFORE) "\r\n";
	const char *ius = "GET / HTTP/1.1\r\nHost: a\r\n" IUS(THEN) "\r\n";

	(void)state;
	f.mtime_ns += 3600 * NS_PER_S;
	assert_int_equal(
	    plan_full(now, &f, &no_rules, &turn, CHANGED).status, 304);
	assert_int_equal(
	    plan_full(ago, &f, &no_rules, &turn, CHANGED).status, 200);
	assert_int_equal(
	    plan_full(ius, &f, &no_rules, &turn, CHANGED).status, 200);
	assert_int_equal(
	    plan_full(ius, &f, &no_rules, &turn, CHANGED + 1).status, 412);
}

/* ---- ranges (RFC 9110 14) ---- */

#define RANGE(v)    "Range: " v "\r\n"
#define IF_RANGE(v) "If-Range: " v "\r\n"

static const struct range_row {
	const char *method, *lines;
	uint16_t status;
	enum reason_id in_trail; /* REASON_NONE: any */
	unsigned ranges;
	uint64_t offset, length;
} range_rows[] = {
	{ "GET", RANGE("bytes=0-9"), 206, REASON_RANGE_ONE, 1, 0, 10 },
	{ "GET", RANGE("bytes=1000-"), 206, REASON_RANGE_ONE, 1, 1000, 234 },
	{ "GET", RANGE("bytes=-4"), 206, REASON_RANGE_ONE, 1, 1230, 4 },
	{ "GET", RANGE("bytes=0-99999"), 206, REASON_RANGE_ONE, 1, 0, 1234 },
	{ "GET", RANGE("bytes=1233-1233"), 206, REASON_RANGE_ONE, 1, 1233, 1 },
	{ "GET", RANGE("bytes=0-1,5-6"), 206, REASON_RANGE_SEVERAL, 2, 0, 0 },
	{ "GET", RANGE("bytes=1234-"), 416, REASON_RANGE_UNSATISFIABLE, 0, 0,
	    0 },
	{ "GET", RANGE("lines=1-2"), 200, REASON_RANGE_IGNORED, 0, 0, 1234 },
	{ "GET", RANGE("bytes=2-1"), 200, REASON_RANGE_IGNORED, 0, 0, 1234 },
	{ "GET", RANGE(""), 200, REASON_RANGE_IGNORED, 0, 0, 1234 },
	{ "GET", RANGE("bytes=0-1,2-3,4-5,6-7,8-9"), 200, REASON_RANGE_TOO_MUCH,
	    0, 0, 1234 },
	{ "GET", RANGE("bytes=0-,0-"), 200, REASON_RANGE_TOO_MUCH, 0, 0, 1234 },
	/* doubled: not one list of ranges */
	{ "GET", RANGE("bytes=0-1") RANGE("bytes=0-1"), 200, REASON_RANGE_TWICE,
	    0, 0, 1234 },
	/* for GET alone */
	{ "HEAD", RANGE("bytes=0-1"), 200, REASON_RANGE_NOT_GET, 0, 0, 1234 },
	/* If-Range */
	{ "GET", RANGE("bytes=0-1") IF_RANGE(ETAG), 206, REASON_IF_RANGE_PASSED,
	    1, 0, 2 },
	{ "GET", RANGE("bytes=0-1") IF_RANGE("W/" ETAG), 200,
	    REASON_IF_RANGE_FAILED, 0, 0, 1234 },
	{ "GET", RANGE("bytes=0-1") IF_RANGE("\"x\""), 200,
	    REASON_IF_RANGE_FAILED, 0, 0, 1234 },
	{ "GET", RANGE("bytes=0-1") IF_RANGE("\"x\", " ETAG), 200,
	    REASON_IF_RANGE_FAILED, 0, 0, 1234 },
	{ "GET", RANGE("bytes=0-1") IF_RANGE(THEN), 206, REASON_IF_RANGE_PASSED,
	    1, 0, 2 },
	{ "GET", RANGE("bytes=0-1") IF_RANGE(AFTER), 200,
	    REASON_IF_RANGE_FAILED, 0, 0, 1234 },
	{ "GET", RANGE("bytes=0-1") IF_RANGE(BEFORE), 200,
	    REASON_IF_RANGE_FAILED, 0, 0, 1234 },
	{ "GET", RANGE("bytes=0-1") IF_RANGE(ETAG) IF_RANGE(ETAG), 200,
	    REASON_IF_RANGE_FAILED, 0, 0, 1234 },
	{ "GET", IF_RANGE("\"x\""), 200, REASON_IF_RANGE_ALONE, 0, 0, 1234 },
	/* the other conditions come first (RFC 9110 13.2.2) */
	{ "GET", RANGE("bytes=0-1") INM(ETAG), 304, REASON_INM_MATCHED, 0, 0,
	    0 },
	{ "GET", RANGE("bytes=0-1") INM("\"x\""), 206, REASON_INM_NONE, 1, 0,
	    2 },
	{ "GET", RANGE("bytes=0-1") IM("\"x\""), 412, REASON_IM_FAILED, 0, 0,
	    0 },
	{ "GET", RANGE("bytes=9999-") INM(ETAG), 304, REASON_INM_MATCHED, 0, 0,
	    0 },
};

static void
ranges_are_given_as_rfc_9110_says(void **state)
{
	static const struct plan_rules four = { .ranges = 4 };
	static const struct plan_turn turn = { .number = 1 };

	(void)state;
	for (size_t i = 0; i < N(range_rows); i++) {
		const struct range_row *r = &range_rows[i];
		struct plan p;
		char s[1024];

		snprintf(s, sizeof(s), "%s /a HTTP/1.1\r\nHost: a\r\n%s\r\n",
		    r->method, r->lines);
		p = plan_full(s, &a_file, &four, &turn, NOW);
		if (p.status != r->status)
			print_error("%s: %d\n", r->lines, p.status);
		assert_sound(&p);
		assert_int_equal(p.status, r->status);
		assert_int_equal(p.ranges, r->ranges);
		if (r->in_trail != REASON_NONE)
			assert_true(trail_has(&p, r->in_trail));
		if (r->length != 0) {
			assert_int_equal(p.offset, r->offset);
			assert_int_equal(p.length, r->length);
		}
		if (p.status == 416)
			assert_int_equal(p.complete_length, 1234);
		p = plan_full(s, &a_file, &no_rules, &turn, NOW);
		assert_true(p.status != 206 && p.status != 416);
		assert_false(p.accept_ranges);
		if (p.status == 200)
			assert_int_equal(trail_has(&p, REASON_RANGE_OFF),
			    strncmp(r->lines, "Range", 5) == 0);
	}
}

static void
an_expectation_counts_from_http_1_1_on(void **state)
{
	static const struct plan_turn turn = { .number = 1 };
	struct plan p = plan_full("GET /a HTTP/1.0\r\nExpect: a cat\r\n\r\n",
	    &a_file, &no_rules, &turn, NOW);

	(void)state;
	assert_int_equal(p.status, 200);
	assert_true(trail_has(&p, REASON_EXPECT_10));
	p = plan_full("GET /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue"
		      "\r\n\r\n",
	    &a_file, &no_rules, &turn, NOW);
	assert_false(trail_has(&p, REASON_EXPECT_10));
}

static void
a_date_is_no_strong_validator_in_the_second_of_a_change(void **state)
{
	static const struct plan_rules four = { .ranges = 4 };
	static const struct plan_turn turn = { .number = 1 };
	const char *s = "GET /a HTTP/1.1\r\nHost: a\r\n" RANGE("bytes=0-1")
	    IF_RANGE(THEN) "\r\n";

	(void)state;
	assert_int_equal(
	    plan_full(s, &a_file, &four, &turn, CHANGED).status, 200);
	assert_int_equal(
	    plan_full(s, &a_file, &four, &turn, CHANGED + 2).status, 206);
}

/* ---- keep or close ---- */

static bool
says_close(enum reason_id id)
{
	return id == REASON_CLOSE_ASKED || id == REASON_CLOSE_10 ||
	    id == REASON_CLOSE_LIMIT || id == REASON_CLOSE_DRAIN ||
	    id == REASON_CLOSE_ERROR || id == REASON_CLOSE_CONTENT;
}

static void
assert_kept(const char *head, const struct plan_turn *turn, bool keep)
{
	struct plan p = plan_full(head, &a_file, &no_rules, turn, NOW);
	enum reason_id last = (enum reason_id)p.trail.r[p.trail.n - 1].id;

	assert_sound(&p);
	if (p.keep != keep)
		print_error("%s%u of %u: %d\n", head, turn->number, turn->limit,
		    p.keep);
	assert_int_equal(p.keep, keep);
	assert_int_equal(says_close(last), !keep);
	if (keep)
		assert_true(last == REASON_KEEP_10 || last == REASON_KEEP_11 ||
		    last == REASON_KEEP_11_UNLIMITED);
}

static void
a_connection_is_kept_or_closed_by_these_rules(void **state)
{
	static const struct {
		const char *line;
		bool close, keep;
	} tokens[] = {
		{ "", false, false },
		{ "Connection: close\r\n", true, false },
		{ "Connection: keep-alive\r\n", false, true },
		{ "Connection: keep-alive, close\r\n", true, true },
		{ "Connection: keep-alive\r\nConnection: Close\r\n", true,
		    true },
		{ "Connection: upgrade\r\n", false, false },
	};
	static const uint32_t numbers[] = { 1, 4, 5, 6, UINT32_MAX };

	(void)state;
	for (int minor = 0; minor < 2; minor++)
		for (size_t t = 0; t < N(tokens); t++)
			for (size_t i = 0; i < N(numbers); i++)
				for (uint32_t limit = 0; limit < 6; limit += 5)
					for (int drain = 0; drain < 2;
					     drain++) {
						struct plan_turn turn = {
							numbers[i], limit, drain
						};
						char s[256];

						snprintf(s, sizeof(s),
						    "GET / HTTP/1.%d\r\n"
						    "Host: a\r\n%s\r\n",
						    minor, tokens[t].line);
						assert_kept(s, &turn,
						    !drain &&
							!tokens[t].close &&
							(minor ||
							    tokens[t].keep) &&
							(!limit ||
							    numbers[i] <
								limit));
					}
}

static void
the_reason_of_a_close_is_the_one_that_the_client_can_act_on(void **state)
{
	static const struct {
		const char *head;
		struct plan_turn turn;
		enum reason_id last;
	} rows[] = {
		{ "GET / HTTP/1.1\r\nHost: a\r\n\r\n", { 1, 0, false },
		    REASON_KEEP_11_UNLIMITED },
		{ "GET / HTTP/1.1\r\nHost: a\r\n\r\n", { 1, 9, false },
		    REASON_KEEP_11 },
		{ "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
		    { 1, 9, false }, REASON_KEEP_10 },
		{ "GET / HTTP/1.0\r\n\r\n", { 9, 9, false }, REASON_CLOSE_10 },
		{ "GET / HTTP/1.1\r\nHost: a\r\n\r\n", { 9, 9, false },
		    REASON_CLOSE_LIMIT },
		{ "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
		    { 9, 9, false }, REASON_CLOSE_ASKED },
		{ "GET / HTTP/1.1\r\nHost: a\r\n\r\n", { 9, 9, true },
		    REASON_CLOSE_DRAIN },
		{ "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
		    { 1, 0, false }, REASON_CLOSE_ERROR },
		{ "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
		  "Content-Length: 5\r\n\r\n",
		    { 1, 0, false }, REASON_CLOSE_CONTENT },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct plan p = plan_full(
		    rows[i].head, &a_file, &no_rules, &rows[i].turn, NOW);

		assert_int_equal(p.trail.r[p.trail.n - 1].id, rows[i].last);
	}
}

static void
a_request_that_never_became_one_is_answered_and_closed(void **state)
{
	static const struct plan_turn turn = { .number = 1 };
	struct plan p = { 0 };

	(void)state;
	plan_refusal(&p, 408, REASON_HEAD_TIMEOUT, 5, 10000, false);
	plan_finish(&p, NULL, &turn);
	assert_sound(&p);
	assert_int_equal(p.status, 408);
	assert_false(p.keep);
	assert_true(p.page_html);
	/* nor is it kept when somebody thinks the framing is sure */
	p = (struct plan){ 0 };
	plan_refusal(&p, 413, REASON_BODY_TOO_LARGE, 5, 0, true);
	plan_finish(&p, NULL, &turn);
	assert_false(p.keep);
	assert_int_equal(p.trail.r[p.trail.n - 1].id, REASON_CLOSE_CONTENT);
	p = (struct plan){ 0 };
	plan_refusal(&p, 400, REASON_BARE_LF, 5, 0, true);
	plan_finish(&p, NULL, &turn);
	assert_false(p.keep);
	assert_int_equal(p.trail.r[p.trail.n - 1].id, REASON_CLOSE_ERROR);
}

static void
an_error_page_is_html_unless_text_is_preferred(void **state)
{
	static const struct file_facts missing = { .kind = FILE_KIND_NONE,
		.reason = REASON_FILE_MISSING };
	static const struct {
		const char *line;
		bool html;
	} rows[] = {
		{ "", true },
		{ "Accept: */*\r\n", true },
		{ "Accept: text/html\r\n", true },
		{ "Accept: text/html,application/xhtml+xml,"
		  "application/xml;q=0.9,*/*;q=0.8\r\n",
		    true },
		{ "Accept: text/*\r\n", true },
		{ "Accept: text/plain\r\n", false },
		{ "Accept: text/plain, text/html;q=0.5\r\n", false },
		{ "Accept: text/html;q=0, */*\r\n", false },
		{ "Accept: application/json\r\n", false },
		{ "Accept: image/png\r\n", false },
		{ "Accept:\r\n", true },
		{ "Accept: garbage\r\n", true },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct plan p = plan_with("GET", rows[i].line, &missing);

		assert_int_equal(p.status, 404);
		assert_int_equal(p.page_html, rows[i].html);
	}
}

static void
the_longest_trail_still_tells_why(void **state)
{
	struct plan p = { 0 };
	static const struct plan_turn turn = { .number = 1 };

	(void)state;
	trail_why(&p.trail, REASON_FILE_FOUND, 0, 0);
	for (int i = 0; i < 40; i++)
		trail_add(&p.trail, REASON_HEAD_READ, 0, 0);
	plan_refusal(&p, 400, REASON_CHUNK_BAD, 1, 0, false);
	plan_finish(&p, NULL, &turn);
	assert_sound(&p);
	assert_int_equal(why(&p), REASON_CHUNK_BAD);
	assert_int_equal(p.trail.r[p.trail.n - 1].id, REASON_CLOSE_ERROR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_request_keeps_its_status_and_reason),
		cmocka_unit_test(a_refusal_says_what_its_numbers_mean),
		cmocka_unit_test(
		    a_method_that_files_do_not_answer_to_is_405_with_allow),
		cmocka_unit_test(a_method_that_nobody_registered_is_501),
		cmocka_unit_test(on_loopback_foreign_names_are_misdirected),
		cmocka_unit_test(
		    on_loopback_the_target_s_host_counts_and_not_the_field),
		cmocka_unit_test(each_file_reason_has_its_status),
		cmocka_unit_test(
		    a_reason_that_is_no_file_s_is_the_server_s_fault),
		cmocka_unit_test(a_folder_without_its_slash_is_redirected),
		cmocka_unit_test(a_file_is_sent_whole),
		cmocka_unit_test(preconditions_are_evaluated_as_rfc_9110_says),
		cmocka_unit_test(
		    a_condition_that_was_passed_over_is_in_the_trail),
		cmocka_unit_test(
		    the_sentence_of_a_matched_tag_has_sensible_numbers),
		cmocka_unit_test(a_file_from_the_future_counts_as_changed_now),
		cmocka_unit_test(ranges_are_given_as_rfc_9110_says),
		cmocka_unit_test(an_expectation_counts_from_http_1_1_on),
		cmocka_unit_test(
		    a_date_is_no_strong_validator_in_the_second_of_a_change),
		cmocka_unit_test(a_connection_is_kept_or_closed_by_these_rules),
		cmocka_unit_test(
		    the_reason_of_a_close_is_the_one_that_the_client_can_act_on),
		cmocka_unit_test(
		    a_request_that_never_became_one_is_answered_and_closed),
		cmocka_unit_test(
		    an_error_page_is_html_unless_text_is_preferred),
		cmocka_unit_test(the_longest_trail_still_tells_why),
		cmocka_unit_test(rules_that_made_fields_are_told),
	};
	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
