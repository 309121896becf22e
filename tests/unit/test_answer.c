/* What the operator's rules and codings do to an answer: plan and head. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/clock.h"
#include "http/response.h"

#define N(a)	  (sizeof(a) / sizeof((a)[0]))
#define CHANGED	  1700000000
#define NOW	  1701000000
#define ORIGIN	  "Origin: https://a\r\n"
#define PREFLIGHT ORIGIN "Access-Control-Request-Method: GET\r\n"
#define ASKED	  "Access-Control-Request-Headers: "

/* What a test changes before it asks. */
static struct plan_rules rules;
static struct file_facts file;
static struct response_facts facts;

/* What came of it. */
static struct plan plan;
static char head[LIMIT_RESPONSE_BUFFER + 1];

static int
begin(void **state)
{
	static struct target_path path = { 2, false, "/a" };

	(void)state;
	rules = (struct plan_rules){ .server_header = true,
		.coding_order = { CODING_BR, CODING_ZSTD, CODING_GZIP },
		.coding_order_n = 3 };
	file = (struct file_facts){ .kind = FILE_KIND_FILE,
		.reason = REASON_FILE_FOUND,
		.size = 1000,
		.mtime_ns = CHANGED * NS_PER_S,
		.type = "text/plain" };
	facts = (struct response_facts){ .rules = &rules,
		.plan = &plan,
		.path = &path,
		.file = &file,
		.now = NOW };
	return 0;
}

static void
ask(const char *method, const char *lines)
{
	static const struct head_limits l = { 16384, 32768, 100 };
	static const struct plan_turn turn = { .number = 1 };
	static struct http_head h;
	static struct http_request r;
	static char s[4096];
	struct buf b = buf_over(head, sizeof(head));

	snprintf(s, sizeof(s), "%s /a?q HTTP/1.1\r\nHost: h\r\n%s\r\n", method,
	    lines);
	head_init(&h);
	assert_int_equal(head_parse(&h, &l, NULL, s, strlen(s)), HEAD_DONE);
	assert_true(request_read(&r, &h, s, NULL));
	plan = (struct plan){ 0 };
	if (!plan_request(&plan, &r, &rules)) {
		if (facts.location.n != 0)
			plan_redirect(&plan, &r, 308, 1, facts.location.n);
		else
			plan_file(&plan, &r, &file, &rules, NOW);
	}
	if (plan.wait)
		return;
	plan_finish(&plan, &r, &turn);
	facts.request = &r;
	response_put_head(&b, &facts);
	assert_false(b.full);
	(void)buf_cstr(&b);
}

static bool
because(enum reason_id id)
{
	for (unsigned i = 0; i < plan.trail.n; i++)
		if (plan.trail.r[i].id == id)
			return true;
	return false;
}

static void
assert_line(const char *line)
{
	char whole[700];

	snprintf(whole, sizeof(whole), "\r\n%s\r\n", line);
	if (strstr(head, whole) == NULL)
		fail_msg("no %s in\n%s", line, head);
}

static void
assert_no(const char *text)
{
	if (strstr(head, text) != NULL)
		fail_msg("%s in\n%s", text, head);
}

/* ---- CORS ---- */

#define ALLOW "Access-Control-Allow-Origin: "

static void
only_origins_of_the_list_may_read(void **state)
{
	static const struct {
		const char *origins[3];
		const char *lines;
		const char *allow; /* NULL: no field */
		bool vary;
	} rows[] = {
		{ { NULL }, ORIGIN, NULL, false },
		{ { "*" }, "", ALLOW "*", false },
		{ { "*" }, ORIGIN, ALLOW "*", false },
		{ { "https://a" }, ORIGIN, ALLOW "https://a", true },
		{ { "https://b", "https://a" }, ORIGIN, ALLOW "https://a",
		    true },
		{ { "https://a", "https://b" }, ORIGIN, ALLOW "https://a",
		    true },
		{ { "https://a" }, "", NULL, true },
		{ { "https://b" }, ORIGIN, NULL, true },
		{ { "https://a" }, ORIGIN ORIGIN, NULL, true },
		{ { "*", "https://a" }, ORIGIN, ALLOW "*", false },
		{ { "https://a", "*" }, ORIGIN, ALLOW "*", true },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		rules.origins = rows[i].origins;
		ask("GET", rows[i].lines);
		if (rows[i].allow != NULL)
			assert_line(rows[i].allow);
		else
			assert_no(ALLOW);
		if (rows[i].vary)
			assert_line("Vary: Origin");
		else
			assert_no("Origin\r\n");
		assert_int_equal(because(REASON_CORS_ALLOWED),
		    rows[i].allow != NULL && rows[i].lines[0] != '\0');
	}
	rules.origins = NULL;
	ask("GET", ORIGIN);
	assert_no(ALLOW);
}

static void
a_preflight_is_told_what_may_be_asked(void **state)
{
	static const char *const any[] = { "*", NULL };
	char lines[1200];

	(void)state;
	rules.origins = any;
	ask("OPTIONS", PREFLIGHT ASKED "X-A, b\r\n");
	assert_true(because(REASON_PREFLIGHT));
	assert_line("Access-Control-Allow-Methods: GET, HEAD, OPTIONS");
	assert_line("Access-Control-Allow-Headers: X-A, b");
	ask("OPTIONS", PREFLIGHT);
	assert_line("Access-Control-Max-Age: 600");
	assert_no("Access-Control-Allow-Headers");
	ask("OPTIONS", PREFLIGHT ASKED "a b\r\n");
	assert_no("Access-Control-Allow-Headers");
	snprintf(lines, sizeof(lines), "%s%s%0*d\r\n", PREFLIGHT, ASKED,
	    LIMIT_CORS_FIELDS, 0);
	ask("OPTIONS", lines);
	assert_non_null(strstr(head, "Access-Control-Allow-Headers"));
	snprintf(lines, sizeof(lines), "%s%s%0*d\r\n", PREFLIGHT, ASKED,
	    LIMIT_CORS_FIELDS + 1, 0);
	ask("OPTIONS", lines);
	assert_no("Access-Control-Allow-Headers");
}

static void
what_is_no_preflight_gets_none_of_that(void **state)
{
	static const char *const any[] = { "*", NULL };
	static const char *const one[] = { "https://b", NULL };
	static const char *const lines[] = { "", ORIGIN, ORIGIN PREFLIGHT,
		PREFLIGHT "Access-Control-Request-Method: GET\r\n" };

	(void)state;
	rules.origins = any;
	for (size_t i = 0; i < N(lines); i++) {
		ask("OPTIONS", lines[i]);
		assert_no("Access-Control-Allow-Methods");
		assert_non_null(strstr(head, "Access-Control-Expose-Headers"));
	}
	rules.origins = one;
	ask("OPTIONS", PREFLIGHT);
	assert_no("Access-Control");
}

/* ---- fields by rule ---- */

static void
rules_set_fields_and_leave_them_out(void **state)
{
	static const char *const set[] = { "X-A", "1", "x-b", "2", NULL };
	static const char *const again[] = { "X-B", "3", "SERVER", "mine",
		"Content-Type", "x/y", NULL };
	static const char *const unset[] = { "x-a", "Last-Modified", "etag",
		"Access-Control-Allow-Origin", NULL };
	static const char *const any[] = { "*", NULL };
	static const struct field_edits first = { set, NULL };
	static const struct field_edits second = { again, unset };
	static const struct field_edits nothing = { NULL, NULL };
	static const struct field_edits *edits[] = { &first, &nothing,
		&second };

	(void)state;
	rules.origins = any;
	facts.edits = edits;
	facts.edits_n = 1;
	ask("GET", "");
	assert_line("X-A: 1");
	assert_line("x-b: 2");
	assert_line("Server: httpconsole");
	assert_line("ETag: \"3e8-17979cfe362a0000\"");
	/* of the same field the last rule counts */
	facts.edits_n = 3;
	ask("GET", "");
	assert_line("X-B: 3");
	assert_line("SERVER: mine");
	assert_line("Content-Type: x/y");
	assert_no("x-b");
	assert_no("X-A");
	assert_no("httpconsole");
	assert_no("text/plain");
	assert_no("ETag: ");
	assert_no("Last-Modified");
	assert_no(ALLOW);
}

static void
a_rule_s_address_keeps_query_and_fragment_in_their_places(void **state)
{
	static const struct {
		const char *to;
		const char *line;
	} rows[] = {
		{ "/b", "Location: /b?q" },
		{ "/b?x", "Location: /b?x" },
		{ "/b#f", "Location: /b?q#f" },
		{ "/b?x#f", "Location: /b?x#f" },
		{ "/b#f?x", "Location: /b?q#f?x" },
		{ "#f", "Location: /a/?q#f" },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		facts.location = span_str(rows[i].to);
		ask("GET", "");
		assert_line(rows[i].line);
		assert_true(because(REASON_REDIRECT_RULE));
	}
}

/* ---- codings ---- */

static void
offer(enum coding c, enum variant_state state)
{
	file.negotiated = true;
	file.variant[c] = (struct variant){ .state = (uint8_t)state,
		.size = 100,
		.mtime_ns = CHANGED * NS_PER_S,
		.level = state >= VARIANT_MADE ? 6 : 0 };
}

#define TAG	"\"3e8-17979cfe362a0000\""
#define GZIPPED "\"3e8-17979cfe362a0000-gzip6\""

static void
a_coding_is_chosen_and_told_why(void **state)
{
	static const struct {
		const char *lines;
		enum reason_id why;
		const char *tag; /* of which answer */
	} made[] = {
		{ "", REASON_CODING_NOT_ASKED, TAG },
		{ "Accept-Encoding: br\r\n", REASON_CODING_NOT_TAKEN, TAG },
		{ "Accept-Encoding: identity;q=1, gzip;q=0.5\r\n",
		    REASON_CODING_CHOSEN, TAG },
		{ "Accept-Encoding: gzip\r\n", REASON_CODING_CHOSEN, GZIPPED },
		/* a copy that the client has of either form is good */
		{ "Accept-Encoding: gzip\r\nIf-None-Match: " TAG "\r\n",
		    REASON_CODING_HELD, TAG },
		{ "Accept-Encoding: gzip\r\nIf-Range: " TAG "\r\n",
		    REASON_CODING_HELD, TAG },
		{ "Accept-Encoding: gzip, identity;q=0\r\n"
		  "If-None-Match: " TAG "\r\n",
		    REASON_CODING_CHOSEN, GZIPPED },
		{ "Accept-Encoding: gzip\r\nIf-None-Match: " GZIPPED "\r\n",
		    REASON_CODING_CHOSEN, GZIPPED },
	}, pending[] = {
		{ "Accept-Encoding: gzip\r\n", REASON_CODING_PENDING, TAG },
		{ "Accept-Encoding: gzip\r\nIf-None-Match: " GZIPPED "\r\n",
		    REASON_CODING_HELD, GZIPPED },
		/* named, and not to be had: the file as it is */
		{ "Accept-Encoding: gzip\r\nIf-None-Match: " GZIPPED "\r\n"
		  "If-None-Match: bad\r\n",
		    REASON_CODING_HELD, TAG },
		{ "Accept-Encoding: gzip\r\nIf-Range: " GZIPPED "\r\n",
		    REASON_CODING_PENDING, TAG },
	};
	char line[80];

	(void)state;
	offer(CODING_GZIP, VARIANT_MADE);
	for (size_t i = 0; i < N(made) + N(pending); i++) {
		bool late = i >= N(made);
		size_t k = late ? i - N(made) : i;

		if (late)
			offer(CODING_GZIP, VARIANT_PENDING);
		ask("GET", late ? pending[k].lines : made[k].lines);
		if (!because(late ? pending[k].why : made[k].why))
			fail_msg("row %zu: %u", i, plan.trail.r[1].id);
		snprintf(line, sizeof(line), "ETag: %s",
		    late ? pending[k].tag : made[k].tag);
		assert_line(line);
		assert_line("Vary: Accept-Encoding");
	}
}

static void
nothing_that_the_client_takes_is_406_or_waited_for(void **state)
{
	(void)state;
	ask("GET", "Accept-Encoding: identity;q=0\r\n");
	assert_int_equal(plan.status, 406);
	assert_true(because(REASON_CODING_REFUSED));
	file.negotiated = false; /* too small to be coded, say */
	ask("GET", "Accept-Encoding: identity;q=0\r\n");
	assert_int_equal(plan.status, 406);
	assert_line("Vary: Accept, Accept-Encoding");
	file.negotiated = true;
	offer(CODING_BR, VARIANT_SIBLING);
	ask("GET", "Accept-Encoding: *;q=0\r\n");
	assert_int_equal(plan.status, 406);
	assert_line("Vary: Accept, Accept-Encoding");
	file.negotiated = false;
	/* a file that is coded itself is what it is */
	file.coding = "gzip";
	ask("GET", "Accept-Encoding: identity;q=0\r\n");
	assert_int_equal(plan.status, 200);
	assert_line("Content-Encoding: gzip");
	file.coding = NULL;
	offer(CODING_GZIP, VARIANT_PENDING);
	ask("GET", "Accept-Encoding: gzip, identity;q=0\r\n");
	assert_true(plan.wait);
	assert_true(plan.make_coding);
	assert_int_equal(plan.status, 0);
}

static void
one_that_is_there_stands_in_for_one_that_is_made(void **state)
{
	(void)state;
	offer(CODING_BR, VARIANT_SIBLING);
	offer(CODING_GZIP, VARIANT_PENDING);
	ask("GET", "Accept-Encoding: br;q=0.5, gzip\r\n");
	assert_line("Content-Encoding: br");
	assert_true(plan.make_coding);
	assert_true(because(REASON_CODING_CHOSEN));
}

static void
a_coding_that_is_no_good_is_told(void **state)
{
	(void)state;
	offer(CODING_BR, VARIANT_OLDER);
	ask("GET", "Accept-Encoding: br\r\n");
	assert_true(because(REASON_CODING_OLDER));
	assert_false(because(REASON_CODING_USELESS));
	assert_no("Content-Encoding");
	offer(CODING_BR, VARIANT_USELESS);
	ask("GET", "Accept-Encoding: br\r\n");
	assert_true(because(REASON_CODING_USELESS));
	ask("GET", "Accept-Encoding: gzip\r\n");
	assert_false(because(REASON_CODING_USELESS));
}

static void
the_next_best_coding_is_told_too(void **state)
{
	static const struct {
		const char *lines;
		const char *chosen;
		enum coding rival;
	} rows[] = {
		{ "Accept-Encoding: br;q=0.5, zstd;q=0.4, gzip;q=0.3\r\n",
		    "Content-Encoding: br", CODING_ZSTD },
		{ "Accept-Encoding: br;q=0.5, zstd;q=0.1, gzip;q=0.3\r\n",
		    "Content-Encoding: br", CODING_GZIP },
		{ "Accept-Encoding: br;q=0.1, zstd;q=0.5, gzip;q=0.3\r\n",
		    "Content-Encoding: zstd", CODING_GZIP },
		{ "Accept-Encoding: br;q=0.1, zstd;q=0.3, gzip;q=0.5\r\n",
		    "Content-Encoding: gzip", CODING_ZSTD },
	};

	(void)state;
	offer(CODING_BR, VARIANT_SIBLING);
	offer(CODING_ZSTD, VARIANT_SIBLING);
	offer(CODING_GZIP, VARIANT_SIBLING);
	for (size_t i = 0; i < N(rows); i++) {
		char wanted[100], got[200];
		struct buf b = buf_over(got, sizeof(got));

		ask("GET", rows[i].lines);
		assert_line(rows[i].chosen);
		for (unsigned k = 0; k < plan.trail.n; k++)
			if (plan.trail.r[k].id == REASON_CODING_CHOSEN)
				reason_put_text(&b, &plan.trail.r[k]);
		snprintf(
		    wanted, sizeof(wanted), "%s", coding_name(rows[i].rival));
		if (strstr(buf_cstr(&b), wanted) == NULL)
			fail_msg("%s: no %s", got, wanted);
	}
}

/* ---- a folder to be listed ---- */

static bool
folder_is_answered(const char *lines)
{
	static const struct head_limits l = { 16384, 32768, 100 };
	static struct http_head h;
	static struct http_request r;
	static char s[300];
	struct buf b = buf_over(head, sizeof(head));

	snprintf(s, sizeof(s), "GET / HTTP/1.1\r\nHost: h\r\n%s\r\n", lines);
	head_init(&h);
	assert_int_equal(head_parse(&h, &l, NULL, s, strlen(s)), HEAD_DONE);
	assert_true(request_read(&r, &h, s, NULL));
	plan = (struct plan){ 0 };
	if (!plan_folder(&plan, &r))
		return false;
	facts.request = &r;
	response_put_head(&b, &facts);
	(void)buf_cstr(&b);
	return true;
}

static void
a_listing_has_no_tag_that_a_client_could_name(void **state)
{
	(void)state;
	assert_false(folder_is_answered(""));
	assert_false(folder_is_answered("If-None-Match: \"x\"\r\n"));
	assert_false(folder_is_answered("If-Match: *\r\n"));
	assert_true(folder_is_answered("If-Match: \"x\"\r\n"));
	assert_int_equal(plan.status, 412);
	assert_true(folder_is_answered("If-None-Match: *\r\n"));
	assert_int_equal(plan.status, 304);
	assert_line("Vary: Accept");
}

static void
who_expects_to_go_on_without_content_is_kept(void **state)
{
	(void)state;
	ask("GET", "Expect: 100-continue\r\n");
	assert_false(because(REASON_EXPECT_ANSWERED));
	assert_line("Connection: keep-alive");
	ask("GET", "Expect: 100-continue\r\nContent-Length: 5\r\n");
	assert_true(because(REASON_EXPECT_ANSWERED));
	assert_line("Connection: close");
}

/* ---- files.spa ---- */

static void
the_page_of_an_application_stands_in_for_pages_alone(void **state)
{
	static const struct {
		enum reason_id reason;
		const char *path;
		bool takes;
	} rows[] = {
		{ REASON_FILE_MISSING, "/app/x", true },
		{ REASON_FILE_MISSING, "/app/", true },
		{ REASON_FILE_UNDER_FILE, "/x", true },
		{ REASON_FOLDER_NO_INDEX, "/", true },
		{ REASON_FILE_MISSING, "/v1.2/x", true },
		{ REASON_FILE_MISSING, "/app/x.js", false },
		{ REASON_FILE_HIDDEN, "/app/x", false },
	};
	struct http_head h = { 0 };
	struct http_request r = { .head = &h };

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		static struct target_path path;

		path.n = (uint16_t)strlen(rows[i].path);
		memcpy(path.s, rows[i].path, path.n);
		file.reason = rows[i].reason;
		assert_int_equal(
		    plan_takes_spa(&r, &file, &path), rows[i].takes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
		    only_origins_of_the_list_may_read, begin),
		cmocka_unit_test_setup(
		    a_preflight_is_told_what_may_be_asked, begin),
		cmocka_unit_test_setup(
		    what_is_no_preflight_gets_none_of_that, begin),
		cmocka_unit_test_setup(
		    rules_set_fields_and_leave_them_out, begin),
		cmocka_unit_test_setup(
		    a_rule_s_address_keeps_query_and_fragment_in_their_places,
		    begin),
		cmocka_unit_test_setup(a_coding_is_chosen_and_told_why, begin),
		cmocka_unit_test_setup(
		    nothing_that_the_client_takes_is_406_or_waited_for, begin),
		cmocka_unit_test_setup(
		    one_that_is_there_stands_in_for_one_that_is_made, begin),
		cmocka_unit_test_setup(a_coding_that_is_no_good_is_told, begin),
		cmocka_unit_test_setup(the_next_best_coding_is_told_too, begin),
		cmocka_unit_test_setup(
		    a_listing_has_no_tag_that_a_client_could_name, begin),
		cmocka_unit_test_setup(
		    who_expects_to_go_on_without_content_is_kept, begin),
		cmocka_unit_test_setup(
		    the_page_of_an_application_stands_in_for_pages_alone,
		    begin),
	};

	return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
