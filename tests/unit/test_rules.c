#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/buf.h"
#include "site/rules.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int
make_rules(void **state)
{
	*state = rules_new();
	return *state == NULL;
}

static int
drop_rules(void **state)
{
	rules_unref(*state);
	return 0;
}

static void
the_first_cache_rule_that_matches_wins(void **state)
{
	struct rules *r = *state;
	const char *value = "untouched";

	assert_false(rules_cache(r, SPAN("/a"), &value));
	assert_string_equal(value, "untouched");
	assert_true(rules_add_cache(r, "*.html", "no-cache"));
	assert_true(rules_add_cache(r, "/private/**", NULL));
	assert_true(rules_add_cache(r, "/**", "max-age=60"));
	assert_true(rules_cache(r, SPAN("/private/a.html"), &value));
	assert_string_equal(value, "no-cache");
	assert_true(rules_cache(r, SPAN("/private/a.css"), &value));
	assert_null(value);
	assert_true(rules_cache(r, SPAN("/a.css"), &value));
	assert_string_equal(value, "max-age=60");
}

static void
every_field_rule_that_matches_is_given_in_order(void **state)
{
	struct rules *r = *state;
	const struct field_edits *out[2] = { NULL, NULL };

	assert_true(rules_add_fields(r, "**",
	    (const char *const[]){ "X-A", "1", "X-B", "2", NULL }, NULL));
	assert_true(rules_add_fields(
	    r, "*.wasm", NULL, (const char *const[]){ "Server", NULL }));
	assert_true(rules_add_fields(
	    r, "**", (const char *const[]){ "X-A", "3", NULL }, NULL));
	assert_int_equal(rules_fields(r, SPAN("/a.js"), out, 2), 2);
	assert_string_equal(out[0]->set[0], "X-A");
	assert_string_equal(out[0]->set[1], "1");
	assert_string_equal(out[0]->set[3], "2");
	assert_null(out[0]->set[4]);
	assert_null(out[0]->unset[0]);
	assert_string_equal(out[1]->set[1], "3");
	/* No more than there is room for. */
	assert_int_equal(rules_fields(r, SPAN("/a.wasm"), out, 2), 2);
	assert_string_equal(out[1]->unset[0], "Server");
	assert_null(out[1]->set[0]);
	assert_int_equal(rules_fields(r, SPAN("/a.wasm"), out, 1), 1);
}

/* Where one redirect leads from a path; NULL when it does not match. */
static const char *
leads(const char *from, const char *to, struct span path)
{
	static char text[256];
	struct buf b = buf_over(text, sizeof(text));
	struct rules *r = rules_new();
	uint16_t status = 0;
	unsigned n;

	assert_non_null(r);
	if (!rules_add_redirect(r, from, to, 307))
		fail_msg("'%s' to '%s' is refused", from, to);
	n = rules_redirect(r, path, &b, &status);
	rules_unref(r);
	if (n == 0)
		return NULL;
	assert_int_equal(status, 307);
	assert_false(b.full);
	return buf_cstr(&b);
}

struct redirect {
	const char *from;
	const char *to;
	const char *path;
	const char *want;
};

static void
check_redirects(const struct redirect *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *got =
		    leads(rows[i].from, rows[i].to, span_str(rows[i].path));

		if (got == NULL || strcmp(got, rows[i].want) != 0)
			fail_msg("%s -> %s of %s: %s, not %s", rows[i].from,
			    rows[i].to, rows[i].path, got ? got : "nothing",
			    rows[i].want);
	}
}

static void
a_redirect_puts_in_what_the_stars_matched(void **state)
{
	static const struct redirect rows[] = {
		{ "/a", "/b", "/a", "/b" },
		{ "/old/*", "/new/:1", "/old/x/y", "/new/x/y" },
		{ "/old/*", "/new/:1", "/old/", "/new/" },
		{ "/*/*", "/:2/:1", "/a/b", "/b/a" },
		{ "/*-*", "/:1:2:1", "/a-b", "/aba" },
		{ "/a/**/z", "/:1", "/a/x/y/z", "/x/y" },
		{ "/*", "/:10", "/a", "/a0" },
		{ "/*", "/x:0:a:", "/a", "/x:0:a:" },
		/* One that is not there is nothing. */
		{ "/*", "/x:2", "/a", "/x" },
		{ "/*", "https://example.org/:1", "/a/b",
		    "https://example.org/a/b" },
		/* A port is no star. */
		{ "/*", "https://example.org:1/:1", "/a",
		    "https://example.org:1/a" },
		{ "/*", "http://[::1]:8000/?q=:1", "/a",
		    "http://[::1]:8000/?q=a" },
		{ "/*", "http://[::1]", "/a", "http://[::1]" },
	};

	(void)state;
	check_redirects(rows, COUNT(rows));
	assert_null(leads("/old/*", "/new", SPAN("/older")));
}

static void
what_is_put_in_is_encoded(void **state)
{
	static const struct redirect rows[] = {
		{ "/*", "/x/:1", "/a b?c#d%", "/x/a%20b%3Fc%23d%25" },
		{ "/*", "/x/:1", "/a\r\nX: b", "/x/a%0D%0AX%3A%20b" },
		{ "/*", "/x/:1", "/\xC3\xA9\xFF", "/x/%C3%A9%FF" },
		{ "/*", "/x/:1", "/a\\b", "/x/a%5Cb" },
		/* The rule's own text is an address already. */
		{ "/*", "/%20?a=b&c=%C3%A9#d", "/a", "/%20?a=b&c=%C3%A9#d" },
		{ "/*", "/\xC3\xA9 x\\\n", "/a", "/%C3%A9%20x%5C%0A" },
	};

	(void)state;
	check_redirects(rows, COUNT(rows));
	assert_string_equal(leads("/*", "/:1", span_of("/a\0b", 4)), "/a%00b");
}

/* "//evil" as a Location is another host. */
static void
a_path_never_leads_to_another_host(void **state)
{
	static const struct redirect rows[] = {
		{ "/old/*", "/:1", "/old//evil.example", "/evil.example" },
		{ "/old/*", "/:1", "/old////evil.example/x",
		    "/evil.example/x" },
		{ "/old/*", "/:1", "/old/\\evil.example", "/%5Cevil.example" },
		{ "/old/*", "/:1", "/old//\\evil.example", "/%5Cevil.example" },
		{ "/old/*/*", "/:1/:2", "/old//evil.example", "/evil.example" },
		{ "/*", "//:1", "/evil.example", "/evil.example" },
		{ "/*", "/\\:1", "/evil.example", "/%5Cevil.example" },
		{ "/*", "/:1", "/https://evil.example",
		    "/https%3A//evil.example" },
		{ "/*", "/:1", "/\t/evil.example", "/%09/evil.example" },
		/* Elsewhere they are the path's. */
		{ "/*", "/x/:1", "//a//b", "/x//a//b" },
		{ "/*", "https://example.org/:1", "/@evil.example",
		    "https://example.org/%40evil.example" },
	};
	struct rules *r = *state;

	check_redirects(rows, COUNT(rows));
	assert_false(rules_add_redirect(r, "/*", ":1", 308));
	assert_false(rules_add_redirect(r, "/*", "", 308));
	assert_false(rules_add_redirect(r, "/*", "ftp://a/", 308));
	assert_false(rules_add_redirect(r, "/*", "http:/:1", 308));
	assert_int_equal(rules_redirect(r, SPAN("/a"),
			     &(struct buf){ .p = NULL }, &(uint16_t){ 0 }),
	    0);
}

static void
the_first_redirect_that_matches_is_told_by_its_number(void **state)
{
	struct rules *r = *state;
	char text[8];
	struct buf b = buf_over(text, sizeof(text));
	uint16_t status;

	assert_true(rules_add_redirect(r, "/a", "/1", 301));
	assert_true(rules_add_redirect(r, "/b*", "/2", 302));
	assert_true(rules_add_redirect(r, "/*", "/three/:1", 307));
	assert_int_equal(rules_redirect(r, SPAN("/bc"), &b, &status), 2);
	assert_int_equal(status, 302);
	assert_true(span_eq(buf_span(&b), SPAN("/2")));
	/* It is appended, and its beginning is its own. */
	assert_int_equal(rules_redirect(r, SPAN("/a"), &b, &status), 1);
	assert_true(span_eq(buf_span(&b), SPAN("/2/1")));
	assert_false(b.full);
	assert_int_equal(rules_redirect(r, SPAN("/c"), &b, &status), 3);
	assert_true(b.full);
}

static void
a_type_goes_by_the_extension(void **state)
{
	struct rules *r = *state;
	const struct media_type *t;

	assert_true(rules_add_type(r, "foo", "application/x-foo"));
	assert_true(rules_add_type(r, "HTML", "text/plain; charset=latin1"));
	assert_true(rules_add_type(r, "txt", "text/x-note"));
	assert_true(rules_add_type(r, "geo", "application/vnd.x+json"));
	assert_true(rules_add_type(r, "page", "text/html;level=1"));
	assert_null(rules_type(r, SPAN("/foo")));
	assert_null(rules_type(r, SPAN("/a.foo/b")));
	assert_null(rules_type(r, SPAN("/.foo")));
	assert_null(rules_type(r, SPAN("/a.css")));
	t = rules_type(r, SPAN("/a.FOO"));
	assert_non_null(t);
	assert_string_equal(t->type, "application/x-foo");
	assert_false(t->charset);
	assert_false(t->compressible);
	assert_null(t->coding);
	t = rules_type(r, SPAN("/a.html"));
	assert_string_equal(t->type, "text/plain; charset=latin1");
	/* It says one already. */
	assert_false(t->charset);
	assert_true(t->compressible);
	t = rules_type(r, SPAN("/a.txt"));
	assert_true(t->charset);
	assert_true(t->compressible);
	t = rules_type(r, SPAN("/a.geo"));
	assert_false(t->charset);
	assert_true(t->compressible);
	t = rules_type(r, SPAN("/a.page"));
	assert_true(t->charset);
	assert_true(t->compressible);
}

static void
a_compressed_svg_stays_one_and_can_be_made_another(void **state)
{
	struct rules *r = *state;
	struct rules *other = rules_new();
	const struct media_type *t;

	assert_true(rules_add_type(r, "svgz", "image/svg+xml; charset=utf-8"));
	t = rules_type(r, SPAN("a.svgz"));
	assert_string_equal(t->coding, "gzip");
	assert_false(t->compressible);
	assert_true(rules_add_type(other, "svgz", "application/gzip"));
	assert_null(rules_type(other, SPAN("a.svgz"))->coding);
	/* The plain one is as good as in the table. */
	assert_true(rules_add_type(other, "s", "image/svg+xml"));
	assert_true(rules_type(other, SPAN("a.s"))->compressible);
	rules_unref(other);
}

static void
an_error_page_goes_by_the_status(void **state)
{
	struct rules *r = *state;

	assert_true(rules_add_error_page(r, 404, "/404.html"));
	assert_true(rules_add_error_page(r, 400, "/400.html"));
	assert_true(rules_add_error_page(r, 599, "/599.html"));
	assert_true(rules_add_error_page(r, 404, "/missing.html"));
	assert_string_equal(rules_error_page(r, 404), "/missing.html");
	assert_string_equal(rules_error_page(r, 400), "/400.html");
	assert_string_equal(rules_error_page(r, 599), "/599.html");
	assert_null(rules_error_page(r, 403));
	assert_null(rules_error_page(r, 200));
	assert_null(rules_error_page(r, 600));
}

static void
what_is_added_is_copied(void **state)
{
	struct rules *r = *state;
	char match[] = "/a", text[] = "/b", name[] = "X";
	const char *set[] = { name, text, NULL }, *value;
	const struct field_edits *edits;
	char out[16];
	struct buf b = buf_over(out, sizeof(out));
	uint16_t status;

	assert_true(rules_add_cache(r, match, text));
	assert_true(rules_add_fields(r, match, set, NULL));
	assert_true(rules_add_redirect(r, match, text, 301));
	assert_true(rules_add_error_page(r, 404, text));
	memset(match, 'x', 2);
	memset(text, 'x', 2);
	memset(name, 'y', 1);
	set[0] = NULL;
	assert_true(rules_cache(r, SPAN("/a"), &value));
	assert_string_equal(value, "/b");
	assert_int_equal(rules_fields(r, SPAN("/a"), &edits, 1), 1);
	assert_string_equal(edits->set[0], "X");
	assert_string_equal(edits->set[1], "/b");
	assert_int_equal(rules_redirect(r, SPAN("/a"), &b, &status), 1);
	assert_true(span_eq(buf_span(&b), SPAN("/b")));
	assert_string_equal(rules_error_page(r, 404), "/b");
}

static void *
use_and_drop(void *arg)
{
	struct rules *r = arg;
	const char *value;

	for (int i = 0; i < 10000; i++) {
		rules_ref(r);
		if (!rules_cache(r, SPAN("/a"), &value))
			return NULL;
		rules_unref(r);
	}
	rules_unref(r);
	return arg;
}

/* The sanitizers watch: it goes with the last one, and not before. */
static void
threads_hold_it_by_references(void **state)
{
	struct rules *r = rules_new();
	pthread_t thread[4];
	void *good;

	(void)state;
	assert_true(rules_add_cache(r, "**", "no-cache"));
	for (size_t i = 0; i < COUNT(thread); i++)
		assert_int_equal(pthread_create(&thread[i], NULL, use_and_drop,
				     rules_ref(r)),
		    0);
	rules_unref(r);
	for (size_t i = 0; i < COUNT(thread); i++) {
		assert_int_equal(pthread_join(thread[i], &good), 0);
		assert_non_null(good);
	}
	rules_unref(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_rules, drop_rules)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_cache_rule_that_matches_wins),
		TEST(every_field_rule_that_matches_is_given_in_order),
		TEST(a_redirect_puts_in_what_the_stars_matched),
		TEST(what_is_put_in_is_encoded),
		TEST(a_path_never_leads_to_another_host),
		TEST(the_first_redirect_that_matches_is_told_by_its_number),
		TEST(a_type_goes_by_the_extension),
		TEST(a_compressed_svg_stays_one_and_can_be_made_another),
		TEST(an_error_page_goes_by_the_status),
		TEST(what_is_added_is_copied),
		TEST(threads_hold_it_by_references),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
