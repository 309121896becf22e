#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "http/media.h"
#include "http/media_table.h"
#include "http/token.h"

enum { ROWS = sizeof(media_table) / sizeof(media_table[0]) };

static void
assert_type(const char *name, const char *type)
{
	const struct media_type *m = media_find(span_str(name));
	if (m == NULL)
		fail_msg("%s: no type", name);
	else if (strcmp(m->type, type) != 0)
		fail_msg("%s: %s, not %s", name, m->type, type);
}

static void
files_of_the_web_have_the_types_that_browsers_need(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const char *type;
	} files[] = { { "index.html", "text/html" }, { "a.htm", "text/html" },
		{ "a.xhtml", "application/xhtml+xml" }, { "a.css", "text/css" },
		{ "a.js", "text/javascript" }, { "a.mjs", "text/javascript" },
		{ "a.cjs", "text/javascript" },
		{ "a.json", "application/json" },
		{ "a.js.map", "application/json" },
		{ "a.webmanifest", "application/manifest+json" },
		{ "a.wasm", "application/wasm" }, { "a.svg", "image/svg+xml" },
		{ "a.svgz", "image/svg+xml" }, { "a.png", "image/png" },
		{ "a.apng", "image/apng" }, { "a.jpg", "image/jpeg" },
		{ "a.jpeg", "image/jpeg" }, { "a.jfif", "image/jpeg" },
		{ "a.gif", "image/gif" }, { "a.webp", "image/webp" },
		{ "a.avif", "image/avif" },
		{ "favicon.ico", "image/vnd.microsoft.icon" },
		{ "a.woff", "font/woff" }, { "a.woff2", "font/woff2" },
		{ "a.ttf", "font/ttf" }, { "a.otf", "font/otf" },
		{ "a.mp4", "video/mp4" }, { "a.m4v", "video/mp4" },
		{ "a.webm", "video/webm" }, { "a.mp3", "audio/mpeg" },
		{ "a.m4a", "audio/mp4" }, { "a.flac", "audio/flac" },
		{ "a.ogg", "audio/ogg" }, { "a.wav", "audio/wav" },
		{ "a.vtt", "text/vtt" }, { "a.pdf", "application/pdf" },
		{ "a.zip", "application/zip" }, { "a.txt", "text/plain" },
		{ "a.log", "text/plain" }, { "a.csv", "text/csv" },
		{ "a.xml", "application/xml" },
		{ "feed.rss", "application/rss+xml" },
		{ "feed.atom", "application/atom+xml" },
		{ "README.md", "text/markdown" },
		{ "a.yaml", "application/yaml" },
		{ "a.yml", "application/yaml" },
		{ "a.toml", "application/toml" }, { "a.vcf", "text/vcard" },
		{ "a.ics", "text/calendar" },
		{ "a.bin", "application/octet-stream" } };
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		assert_type(files[i].name, files[i].type);
}

static void
a_type_is_found_by_its_name_and_without_a_coding(void **state)
{
	(void)state;
	const struct media_type *m = media_find_type(SPAN("Image/SVG+xml"));
	assert_non_null(m);
	assert_string_equal(m->ext, "svg");
	assert_true(m->compressible);
	assert_null(media_find_type(SPAN("text/html;level=1")));
	assert_null(media_find_type(SPAN("")));
}

static void
source_code_is_text_to_be_read(void **state)
{
	(void)state;
	static const char *const names[] = { "a.c", "a.h", "a.cpp", "a.py",
		"a.rs", "a.go", "a.sh", "a.ts", "a.tsx", "a.jsx", "a.vue",
		"a.java", "a.lua", "a.rb", "a.diff" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_type(names[i], "text/plain");
		assert_true(media_find(span_str(names[i]))->charset);
	}
}

static void
the_last_extension_counts_without_regard_to_case(void **state)
{
	(void)state;
	assert_type("a.tar.gz", "application/gzip");
	assert_type("a.html.txt", "text/plain");
	assert_type("INDEX.HTML", "text/html");
	assert_type("a.JpEg", "image/jpeg");
	assert_type("/some.css/page.html", "text/html");
	assert_type("/a..txt", "text/plain");
	assert_type("a b.\xc3\xa4.txt", "text/plain");
	assert_type("/.hidden.txt", "text/plain");
}

static void
a_name_without_a_known_extension_has_no_type(void **state)
{
	(void)state;
	static const char *const names[] = { "", ".", "/", "..", "README",
		"html", ".html", "/.html", "/a/.gitignore", "a.", "a.html.",
		"a.html/", "a.css/README", "a.unknown", "a.htm\xc5", "a. html",
		"a.html ", "a.disposition-notificationx",
		"a.thisextensionislongerthananyinthetable" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (media_find(span_str(names[i])) != NULL)
			fail_msg("%s", names[i]);
	assert_null(media_find(span_of(NULL, 0)));
	assert_null(media_find(span_of("a.js\0", 5)));
	assert_null(media_find(span_of("a.html\0x", 8)));
}

static void
text_has_a_charset_but_what_knows_its_own_has_not(void **state)
{
	(void)state;
	static const char *const with[] = { "a.html", "a.css", "a.js", "a.mjs",
		"a.txt", "a.md", "a.csv", "a.c" };
	static const char *const without[] = { "a.json", "a.map",
		"a.webmanifest", "a.svg", "a.xml", "a.xhtml", "a.rss", "a.yaml",
		"a.toml", "a.vtt", "a.png", "a.pdf", "a.wasm", "a.bin" };
	for (size_t i = 0; i < sizeof(with) / sizeof(with[0]); i++)
		assert_true(media_find(span_str(with[i]))->charset);
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++)
		assert_false(media_find(span_str(without[i]))->charset);
}

static void
compressible_is_what_is_not_compressed_already(void **state)
{
	(void)state;
	static const char *const yes[] = { "a.html", "a.css", "a.js", "a.json",
		"a.svg", "a.wasm", "a.txt", "a.yaml", "a.ttf", "a.c", "a.ics" };
	static const char *const no[] = { "a.png", "a.jpg", "a.mp4", "a.zip",
		"a.gz", "a.woff2", "a.pdf", "a.svgz", "a.webp" };
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(media_find(span_str(yes[i]))->compressible);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(media_find(span_str(no[i]))->compressible);
}

static void
only_svgz_implies_a_coding(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		if (strcmp(media_table[i].ext, "svgz") == 0)
			assert_string_equal(media_table[i].coding, "gzip");
		else
			assert_null(media_table[i].coding);
	}
}

static void
every_row_is_found_by_its_extension(void **state)
{
	(void)state;
	assert_true(ROWS > 1200);
	for (size_t i = 0; i < ROWS; i++) {
		char name[64];
		int n =
		    snprintf(name, sizeof(name), "/x.%s", media_table[i].ext);
		const struct media_type *m =
		    media_find(span_of(name, (size_t)n));
		assert_ptr_not_equal(m, NULL);
		assert_string_equal(m->type, media_table[i].type);
		if (i > 0)
			assert_true(strcmp(media_table[i - 1].ext,
					media_table[i].ext) < 0);
	}
}

static void
every_type_can_stand_in_a_field(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		struct span s = span_str(media_table[i].type);
		size_t type = token_length(s);
		assert_true(type > 0 && type < s.n && s.p[type] == '/');
		s = span_skip(s, type + 1);
		assert_true(s.n > 0 && token_length(s) == s.n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    files_of_the_web_have_the_types_that_browsers_need),
		cmocka_unit_test(
		    a_type_is_found_by_its_name_and_without_a_coding),
		cmocka_unit_test(source_code_is_text_to_be_read),
		cmocka_unit_test(
		    the_last_extension_counts_without_regard_to_case),
		cmocka_unit_test(a_name_without_a_known_extension_has_no_type),
		cmocka_unit_test(
		    text_has_a_charset_but_what_knows_its_own_has_not),
		cmocka_unit_test(
		    compressible_is_what_is_not_compressed_already),
		cmocka_unit_test(only_svgz_implies_a_coding),
		cmocka_unit_test(every_row_is_found_by_its_extension),
		cmocka_unit_test(every_type_can_stand_in_a_field),
	};
	return cmocka_run_group_tests_name("media", tests, NULL, NULL);
}
