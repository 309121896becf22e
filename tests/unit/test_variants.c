/* What stands beside a file or in for it: coded siblings, clean URLs, pages of
 * the operator's, and what rules say of it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "site/resolve.h"

static char top[] = "/tmp/httpconsole-variants-XXXXXX";

static void
put_file(const char *name, const char *text, int64_t secs)
{
	struct timespec times[2] = { { .tv_sec = secs }, { .tv_sec = secs } };
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", top, name);
	fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static int
make_tree(void **state)
{
	char sub[64];

	(void)state;
	if (mkdtemp(top) == NULL)
		return -1;
	snprintf(sub, sizeof(sub), "%s/both", top);
	if (mkdir(sub, 0755) != 0)
		return -1;
	put_file("a.css", "a{color:red}", 1000);
	put_file("a.css.gz", "gz", 1000);
	put_file("a.css.br", "br", 1001);
	put_file("a.css.zst", "older", 999);
	put_file("denied.css", "denied", 1000);
	put_file("denied.css.gz", "gz", 1000);
	put_file("about.html", "about", 1000);
	put_file("both.html", "page", 1000);
	put_file("both/index.html", "folder", 1000);
	put_file("hidden~.html", "hidden", 1000);
	put_file("alone.svgz", "coded", 1000);
	put_file("alone.svgz.br", "twice", 1000);
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

static int
remove_tree(void **state)
{
	(void)state;
	return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static struct site *
site_with(struct site_options o)
{
	static const char *const index[] = { "index.html", NULL };
	static const char *const deny[] = { "denied.css.gz", "hidden~.html",
		NULL };
	char err[256] = "";
	struct site *s;

	o.root = top;
	o.index = index;
	o.deny = deny;
	o.default_type = "application/octet-stream";
	s = site_open(&o, err);
	if (s == NULL)
		fail_msg("%s", err);
	return s;
}

static const struct site_options all_codings = {
	.codings = { CODING_BR, CODING_ZSTD, CODING_GZIP },
	.codings_n = 3,
};

static struct site_file
ask(const struct site *s, const char *target)
{
	struct target_path path;
	struct site_file f;
	size_t at;

	assert_int_equal(
	    target_decode(span_str(target), &path, &at), REASON_NONE);
	site_resolve(s, &path, &f);
	return f;
}

static void
assert_bytes(int fd, const char *text)
{
	char got[64] = "";

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, got, sizeof(got) - 1, 0), strlen(text));
	assert_string_equal(got, text);
}

static void
siblings_that_are_as_new_as_the_file_are_its_variants(void **state)
{
	struct site *s = site_with(all_codings);
	struct site_file f = ask(s, "/a.css");

	(void)state;
	assert_true(f.facts.negotiated);
	assert_int_equal(f.facts.variant[CODING_GZIP].state, VARIANT_SIBLING);
	assert_int_equal(f.facts.variant[CODING_GZIP].size, 2);
	assert_int_equal(f.facts.variant[CODING_BR].state, VARIANT_SIBLING);
	assert_int_equal(f.facts.variant[CODING_BR].mtime_ns, 1001000000000);
	/* older: not made of what the file is now */
	assert_int_equal(f.facts.variant[CODING_ZSTD].state, VARIANT_OLDER);
	assert_true(f.sibling[CODING_ZSTD] >= 0); /* to be watched */
	assert_bytes(site_file_fd(&f, CODING_IDENTITY), "a{color:red}");
	assert_bytes(site_file_fd(&f, CODING_GZIP), "gz");
	assert_bytes(site_file_fd(&f, CODING_BR), "br");
	site_file_close(&f);
	assert_int_equal(f.fd, -1);
	site_file_close(&f); /* again: nothing is closed twice */
	site_unref(s);
}

static void
a_sibling_that_is_not_wanted_or_not_allowed_is_none(void **state)
{
	struct site *s = site_with((struct site_options){
	    .codings = { CODING_GZIP }, .codings_n = 1 });
	struct site_file f = ask(s, "/a.css");

	(void)state;
	assert_int_equal(f.facts.variant[CODING_GZIP].state, VARIANT_SIBLING);
	assert_int_equal(f.facts.variant[CODING_BR].state, VARIANT_NONE);
	site_file_close(&f);
	f = ask(s, "/denied.css");
	assert_false(f.facts.negotiated);
	assert_int_equal(f.facts.variant[CODING_GZIP].state, VARIANT_NONE);
	site_file_close(&f);
	site_unref(s);
	/* what is coded by its name is not coded again */
	s = site_with(all_codings);
	f = ask(s, "/alone.svgz");
	assert_string_equal(f.facts.coding, "gzip");
	assert_false(f.facts.negotiated);
	site_file_close(&f);
	site_unref(s);
}

static void
what_the_server_codes_is_pending_and_then_made(void **state)
{
	struct gzip_options o = { .level = 6, .memory = 1 << 20, .copies = 8 };
	struct gzip_store *g = gzip_store_new(&o);
	struct site *s = site_with((struct site_options){
	    .gzip = g, .gzip_level = 9, .gzip_min = 100, .gzip_max = 10000 });
	char text[1001] = "";
	struct site_file f;

	(void)state;
	memset(text, 'x', 1000);
	put_file("long.txt", text, 1000);
	put_file("long.png", text, 1000);
	f = ask(s, "/long.txt");
	assert_true(f.facts.negotiated);
	assert_int_equal(f.facts.variant[CODING_GZIP].state, VARIANT_PENDING);
	assert_int_equal(f.facts.variant[CODING_GZIP].level, 9);
	assert_true(gzip_begin(g, &f.key));
	gzip_make(g, &f.key, f.fd);
	site_file_close(&f);
	f = ask(s, "/long.txt");
	assert_int_equal(f.facts.variant[CODING_GZIP].state, VARIANT_MADE);
	assert_int_equal(f.facts.variant[CODING_GZIP].size, f.made->size);
	/* a copy says how it was made, whatever is configured now */
	assert_int_equal(f.facts.variant[CODING_GZIP].level, 6);
	assert_int_equal(site_file_fd(&f, CODING_GZIP), f.made->fd);
	site_file_close(&f);
	/* an edit is another file, even of the same size and time */
	text[0] = 'y';
	put_file("long.txt", text, 1000);
	f = ask(s, "/long.txt");
	assert_int_equal(f.facts.variant[CODING_GZIP].state, VARIANT_PENDING);
	site_file_close(&f);
	/* too small; a type that does not shrink */
	f = ask(s, "/a.css");
	assert_false(f.facts.negotiated);
	site_file_close(&f);
	f = ask(s, "/long.png");
	assert_false(f.facts.negotiated);
	site_file_close(&f);
	site_unref(s);
	gzip_store_free(g);
}

static void
a_clean_url_finds_the_page(void **state)
{
	struct site *s = site_with((struct site_options){ .clean_urls = true });
	struct site_file f = ask(s, "/about");

	(void)state;
	assert_int_equal(f.facts.reason, REASON_CLEAN_URL);
	assert_string_equal(f.facts.type, "text/html");
	assert_bytes(f.fd, "about");
	site_file_close(&f);
	/* before the folder of the same name, which is there with its slash */
	f = ask(s, "/both");
	assert_int_equal(f.facts.reason, REASON_CLEAN_URL);
	assert_bytes(f.fd, "page");
	site_file_close(&f);
	f = ask(s, "/both/");
	assert_bytes(f.fd, "folder");
	site_file_close(&f);
	/* no way around a deny rule, nor to a page of a page */
	assert_int_equal(ask(s, "/hidden~").facts.reason, REASON_FILE_MISSING);
	assert_int_equal(ask(s, "/about/").facts.reason, REASON_FILE_MISSING);
	assert_int_equal(ask(s, "/none").facts.reason, REASON_FILE_MISSING);
	site_unref(s);
	s = site_with((struct site_options){ .clean_urls = false });
	assert_int_equal(ask(s, "/about").facts.reason, REASON_FILE_MISSING);
	assert_int_equal(ask(s, "/both").facts.kind, FILE_KIND_FOLDER);
	site_unref(s);
}

static void
rules_and_types_of_the_operator_go_with_the_file(void **state)
{
	static const char *const set[] = { "X-A", "b", NULL };
	struct rules *r = rules_new();
	struct site *s;
	struct site_file f;

	(void)state;
	assert_true(rules_add_cache(r, "/a.js", "max-age=4"));
	assert_true(rules_add_cache(r, "**/*.css", "max-age=5"));
	assert_true(rules_add_fields(r, "/both/**", set, NULL));
	assert_true(rules_add_type(r, "css", "text/x-sheet"));
	s = site_with((struct site_options){ .rules = r });
	rules_unref(r);
	f = ask(s, "/a.css");
	assert_string_equal(f.facts.cache_control, "max-age=5");
	assert_int_equal(f.facts.cache_rule, 2);
	assert_int_equal(f.facts.edits_n, 0);
	assert_string_equal(f.facts.type, "text/x-sheet");
	site_file_close(&f);
	/* by the file that answers, not by the path that was asked for */
	f = ask(s, "/both/");
	assert_null(f.facts.cache_control);
	assert_int_equal(f.facts.edits_n, 1);
	assert_string_equal(f.facts.edits[0]->set[1], "b");
	site_file_close(&f);
	site_unref(s);
}

static void
a_page_of_the_operator_is_a_regular_file(void **state)
{
	struct site *s = site_with(all_codings);
	struct site_file f;

	(void)state;
	assert_true(site_resolve_page(s, "/about.html", REASON_ERROR_PAGE, &f));
	assert_int_equal(f.facts.reason, REASON_ERROR_PAGE);
	assert_bytes(f.fd, "about");
	site_file_close(&f);
	assert_false(site_resolve_page(s, "/both", REASON_ERROR_PAGE, &f));
	assert_int_equal(f.fd, -1);
	assert_false(site_resolve_page(s, "/none", REASON_ERROR_PAGE, &f));
	assert_false(
	    site_resolve_page(s, "/../etc/passwd", REASON_ERROR_PAGE, &f));
	assert_int_equal(f.fd, -1);
	site_unref(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    siblings_that_are_as_new_as_the_file_are_its_variants),
		cmocka_unit_test(
		    a_sibling_that_is_not_wanted_or_not_allowed_is_none),
		cmocka_unit_test(
		    what_the_server_codes_is_pending_and_then_made),
		cmocka_unit_test(a_clean_url_finds_the_page),
		cmocka_unit_test(
		    rules_and_types_of_the_operator_go_with_the_file),
		cmocka_unit_test(a_page_of_the_operator_is_a_regular_file),
	};

	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
