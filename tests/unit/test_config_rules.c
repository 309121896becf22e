#include "config_text.h"

#include "site/rules.h"

/* --- what is wrong --- */

#define NO_PATTERN                                                             \
	"is not a pattern (such as '**', /assets/** or '*.wasm', at most 255 " \
	"bytes and 9 stars)\n"

static void
a_wrong_rule_is_named_with_its_place(void **state)
{
	static const struct bad rows[] = {
		{ "cache:\n  - {match: '', value: no-cache}\n",
		    AT("2:13") "cache.match: '' " NO_PATTERN },
		{ "cache:\n  - {match: '**', value: \"a\\nb\"}\n",
		    AT("2:26") "cache.value: 'a\\x0ab' is not a field value "
			       "(printable ASCII, such as no-cache, or null "
			       "for none)\n" },
		{ "cache: [{match: '**'}]",
		    AT("1:9") "cache.value: is missing in this entry\n" },
		{ "cache: [{value: no-cache}]",
		    AT("1:9") "cache.match: is missing in this entry\n" },
		{ "cache: [{match: ~, value: x}]",
		    AT("1:17") "cache.match: has no value\n" },
		{ "headers: [{match: '**', set: {\"a b\": c}}]",
		    AT("1:31") "headers.set: 'a b' is not a field's name "
			       "(letters, digits and -, such as "
			       "X-Robots-Tag)\n" },
		{ "headers:\n- match: '**'\n  set:\n    X-A: \"a\\r\\nB: c\"\n",
		    AT("4:10") "headers.set.X-A: 'a\\x0d\\x0aB: c' is not a "
			       "field value (no line breaks or other control "
			       "bytes, no blanks around it, at most 1024 "
			       "bytes)\n" },
		{ "headers: [{match: '**', set: {X-A: ' b'}}]",
		    AT("1:36") "headers.set.X-A: ' b' is not a field value (no "
			       "line breaks or other control bytes, no blanks "
			       "around it, at most 1024 bytes)\n" },
		{ "headers: [{match: '**', set: {X-A: }}]",
		    AT("1:36") "headers.set.X-A: has no value\n" },
		{ "headers: [{match: '**', set: {X-A: [b]}}]",
		    AT("1:36") "headers.set.X-A: takes one value\n" },
		{ "headers: [{match: '**', set: {X-A: \"a\\0b\"}}]",
		    AT("1:36") "headers.set.X-A: a NUL byte in the text\n" },
		{ "headers: [{match: '**'}]",
		    AT("1:11") "headers: neither sets nor unsets a field "
			       "(write set: {NAME: VALUE} or unset: "
			       "[NAME])\n" },
		{ "headers: [{match: '**', set: {X-A: b}, unset: [x-a]}]",
		    AT("1:47") "headers.unset: the same field is set and "
			       "unset\n" },
		{ "redirects: [{from: /a}]",
		    AT("1:13") "redirects.to: is missing in this entry\n" },
		{ "redirects: [{from: /a, to: /b, status: 304}]",
		    AT("1:40") "redirects.status: '304' is not a redirect's "
			       "status (301, 302, 303, 307 or 308)\n" },
		{ "redirects:\n- from: /a/*/*\n  to: /:1/:3\n",
		    AT("3:7") "redirects.to: names more stars than 'from' has "
			      "(:1 is the first)\n" },
		{ "redirects: [{from: '*.x', to: '/:2'}]",
		    AT("1:31") "redirects.to: names more stars than 'from' has "
			       "(:1 is the first)\n" },
		{ "redirects: [{from: /**, to: /index.html}]",
		    AT("1:29") "redirects.to: leads to what 'from' matches: a "
			       "circle without end\n" },
		{ "redirects: [{from: /a/*, to: '/a/b/:1?c=:1'}]",
		    AT("1:30") "redirects.to: leads to what 'from' matches: a "
			       "circle without end\n" },
		{ "redirects: [{from: /x*, to: /:1}]", "" },
		{ "redirects: [{from: '/*.htm', to: '/:1.html'}]", "" },
		{ "redirects: [{from: /**, to: 'https://a.example/:1'}]", "" },
		{ "files: {error_pages: {200: /x.html, 404: x.html}}",
		    AT("1:23") "files.error_pages: '200' is not an error's "
			       "status (400 to 599)\n" AT(
				   "1:42") "files.error_pages.404: 'x.html' is "
					   "not a file's path beneath the root "
					   "(such as /404.html)\n" },
		{ "files: {types: {.foo: text/plain, bar: text}}",
		    AT("1:17") "files.types: '.foo' is not an extension "
			       "(letters and digits without the dot, such as "
			       "webp)\n" AT("1:40") "files.types.bar: 'text' "
						    "is not a media type (such "
						    "as text/plain)\n" },
		{ "files: {spa: yes}",
		    AT("1:14") "files.spa: 'yes' is not false, true or a "
			       "file's path beneath the root (such as "
			       "/index.html)\n" },
		{ "files: {precompressed: [br, deflate, br]}",
		    AT("1:29") "files.precompressed: 'deflate' is not br, zstd "
			       "or gzip\n" AT("1:38") "files.precompressed: "
						      "'br' is there twice\n" },
		{ "files: {compress: {codecs: [br]}}",
		    AT("1:29") "files.compress.codecs: 'br' is not gzip (or [] "
			       "for none)\n" },
		{ "files: {compress: {level: 13, max_size: 65M}}",
		    AT("1:27") "files.compress.level: '13' is out of range (1 "
			       "to 12)\n" AT(
				   "1:41") "files.compress.max_size: '65M' is "
					   "out of range (0 to 64M)\n" },
	};

	(void)state;
	check_bad(rows, COUNT(rows));
}

static void
a_wrong_shape_of_a_rule_is_explained(void **state)
{
	static const struct bad rows[] = {
		{ "cache: {match: '**', value: x}",
		    AT("1:8") "cache: takes a list of groups, not a group of "
			      "keys (write [{match: ...}])\n" },
		{ "headers: [X-A]",
		    AT("1:11") "headers: an entry must be a group (write "
			       "{match: ...})\n" },
		{ "headers: [[a, [b]], {match: /, unset: [X]}]",
		    AT("1:11") "headers: an entry must be a group (write "
			       "{match: ...})\n" },
		{ "headers: [{match: [a], set: [b], unset: {c: d}}]",
		    AT("1:19") "headers.match: takes one value, not a "
			       "list\n" AT(
				   "1:29") "headers.set: takes names with "
					   "values, not a "
					   "list (write {NAME: VALUE})\n" AT(
					       "1:41") "headers.unset: takes a "
						       "list, not "
						       "a group of keys\n" },
		{ "headers: [{match: /, unset: X}]",
		    AT("1:29") "headers.unset: takes a list (write ['X'])\n" },
		{ "headers: [{? [a] : b, match: /, unset: [X]}]",
		    AT("1:14") "a key must be a single text\n" },
		{ "headers: [{match: /, set: {? {a: b} : c, X: y}}]",
		    AT("1:30") "a key must be a single text\n" },
		{ "headers: X-A",
		    AT("1:10") "headers: 'X-A' is not a field (such as "
			       "'X-Robots-Tag: noindex')\n" },
		{ "headers: ",
		    AT("1:9") "headers: has no value (write [] for "
			      "none)\n" },
		{ "files: {types: [a]}",
		    AT("1:16") "files.types: takes names with values, not a "
			       "list (write {NAME: VALUE})\n" },
		{ "files: {types: a}",
		    AT("1:16") "files.types: takes names with values, not one "
			       "value (write {NAME: VALUE})\n" },
		{ "files: {types: ~}",
		    AT("1:16") "files.types: has no value (write {} for "
			       "none)\n" },
		{ "cors: ['*']",
		    AT("1:7") "cors: is a group of keys, not a list (write "
			      "{origins: ...})\n" },
		{ "headers: [{match: *a , set: {X: *b }, unset: [*c ]}, *d ]",
		    AT("1:19") "'*a' is an alias: write the value out (or "
			       "quote it)\n" AT(
				   "1:33") "'*b' is an alias: write the value "
					   "out (or quote it)\n" AT(
					       "1:47") "'*c' is an alias: "
						       "write the value out "
						       "(or quote it)\n" AT(
							   "1:54") "'*d' is "
								   "an alias: "
								   "write the "
								   "value out "
								   "(or quote "
								   "it)\n" },
	};

	(void)state;
	check_bad(rows, COUNT(rows));
}

static void
an_unknown_or_double_key_of_a_rule_is_named(void **state)
{
	static const struct bad rows[] = {
		{ "redirects: [{form: /a, too: /b}]",
		    AT("1:14") "redirects.form: unknown key, did you mean "
			       "redirects.from?\n" AT(
				   "1:24") "redirects.too: unknown key, did "
					   "you mean redirects.to?\n" },
		{ "headers: [{quantum: {a: [b]}, match: /, unset: [X]}]",
		    AT("1:12") "headers.quantum: unknown key\n" },
		{ "headers:\n- match: /a\n  unset: [X]\n  match: /b\n",
		    AT("4:3") "headers.match: set twice (the first is at "
			      "server.yaml:2:3)\n" },
		{ "headers: [{match: /, set: {X-A: b, x-a: c, X-A: d}}]",
		    AT("1:36") "headers.set.x-a: set twice (the first is at "
			       "server.yaml:1:28)\n" AT(
				   "1:44") "headers.set.X-A: set twice (the "
					   "first is at server.yaml:1:28)\n" },
		{ "files: {types: {a: b/c, A: b/d}}",
		    AT("1:25") "files.types.A: set twice (the first is at "
			       "server.yaml:1:17)\n" },
		{ "files: {error_pages: {404: x, 404: /y}}",
		    AT("1:28") "files.error_pages.404: 'x' is not a file's "
			       "path beneath the root (such as /404.html)\n" AT(
				   "1:31") "files.error_pages.404: set twice "
					   "(the first is at "
					   "server.yaml:1:23)\n" },
		{ "redirects: [{from: /a, to: /b}, {from: /b, to: /c},\n"
		  "  {from: /a, to: /d}]\n",
		    AT("2:10") "redirects.from: set twice (the first is at "
			       "server.yaml:1:20)\n" },
		{ "cache: [{match: /a, value: b}, {match: /a, value: c}]",
		    AT("1:40") "cache.match: set twice (the first is at "
			       "server.yaml:1:17)\n" },
		{ "headers: [{match: /, unset: [X, x]}]",
		    AT("1:33") "headers.unset: 'x' is there twice\n" },
		/* More than one rule of fields may be for the same files. */
		{ "headers: [{match: /, unset: [X]}, {match: /, unset: [Y]}]",
		    "" },
	};

	(void)state;
	check_bad(rows, COUNT(rows));
}

static void
all_errors_of_rules_come_in_the_order_of_the_file(void **state)
{
	static const struct bad rows[] = {
		{ "redirects:\n"
		  "- {from: '', to: b}\n"
		  "- {from: /a, to: /b}\n"
		  "- {from: /c, status: 1, to: /b}\n"
		  "lab: on\n",
		    AT("2:10") "redirects.from: '' " NO_PATTERN AT(
			"2:18") "redirects.to: 'b' is not a path or an address "
				"(such as /new/:1 or https://example.org/:1, "
				"no :1 before the path)\n" AT(
				    "4:22") "redirects.status: '1' is not a "
					    "redirect's status (301, 302, 303, "
					    "307 or 308)\n" AT(
						"5:6") "lab: 'on' is not auto, "
						       "true or false (did you "
						       "mean true?)\n" },
	};

	(void)state;
	check_bad(rows, COUNT(rows));
}

/* A list of so many entries after a head, for one key. */
static char *
many_of(const char *head, const char *before, const char *after, unsigned n,
    const char *tail)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	fputs(head, f);
	for (unsigned i = 0; i < n; i++)
		fprintf(f, "%s%u%s", before, i, after);
	fputs(tail, f);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void
there_are_bounds_to_how_many(void **state)
{
	static const struct {
		const char *head, *before, *after, *tail;
		unsigned most;
		const char *error;
	} rows[] = {
		{ "cache:\n", "- {match: /", ", value: x}\n", "", 64,
		    AT("2:1") "cache: 65 entries are out of range (0 to "
			      "64)\n" },
		{ "headers:\n", "- {match: /", ", unset: [X]}\n", "", 64,
		    AT("2:1") "headers: 65 entries are out of range (0 to "
			      "64)\n" },
		{ "redirects:\n", "- {from: /", ", to: /}\n", "", 64,
		    AT("2:1") "redirects: 65 entries are out of range (0 to "
			      "64)\n" },
		{ "files:\n  types:\n", "    x", ": a/b\n", "", 64,
		    AT("3:5") "files.types: 65 entries are out of range (0 to "
			      "64)\n" },
		{ "headers:\n- match: /\n  set:\n", "    X-", ": a\n", "", 16,
		    AT("4:5") "headers.set: 17 entries are out of range (0 to "
			      "16)\n" },
		{ "headers: [{match: /, unset: [", "X-", ", ", "]}]", 16,
		    AT("1:29") "headers.unset: 17 entries are out of range (0 "
			       "to 16)\n" },
		{ "cors:\n  origins:\n", "  - http://a", "\n", "", 64,
		    AT("3:3") "cors.origins: 65 entries are out of range (0 to "
			      "64)\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *most = many_of(rows[i].head, rows[i].before,
		    rows[i].after, rows[i].most, rows[i].tail);
		char *more = many_of(rows[i].head, rows[i].before,
		    rows[i].after, rows[i].most + 1, rows[i].tail);
		const struct bad bad[] = { { most, "" },
			{ more, rows[i].error } };

		check_bad(bad, COUNT(bad));
		free(most);
		free(more);
	}
}

/* --- values --- */

static void
fields_of_the_server_are_not_the_operators(void **state)
{
	static const char *const framing[] = { "Content-Length",
		"transfer-encoding", "Connection", "Keep-Alive",
		"Content-Range", "Content-Encoding", "Date", "Trailer",
		"Upgrade", "TE", "Location", "Vary", "Content-Type", "Allow",
		"Proxy-Connection" };
	static const char *const own[] = { "ETag", "Last-Modified",
		"Accept-Ranges" };
	static const char *const free_to_use[] = { "Server", "X-A",
		"Cache-Control", "Content-Security-Policy", "Set-Cookie",
		"Strict-Transport-Security", "Access-Control-Allow-Origin" };

	(void)state;
	for (size_t i = 0; i < COUNT(framing); i++) {
		assert_non_null(config_wrong_field_name(span_str(framing[i])));
		assert_non_null(config_wrong_unset_name(span_str(framing[i])));
	}
	for (size_t i = 0; i < COUNT(own); i++) {
		assert_non_null(config_wrong_field_name(span_str(own[i])));
		assert_null(config_wrong_unset_name(span_str(own[i])));
	}
	for (size_t i = 0; i < COUNT(free_to_use); i++) {
		assert_null(config_wrong_field_name(span_str(free_to_use[i])));
		assert_null(config_wrong_unset_name(span_str(free_to_use[i])));
	}
	assert_string_equal(config_wrong_field_name(SPAN("location")),
	    "a field that a rule may set (use redirects)");
	assert_string_equal(config_wrong_field_name(SPAN("Date")),
	    "a field that a rule may set (the server decides it for each "
	    "answer)");
}

static void
texts_of_rules_are_told_apart(void **state)
{
	static const struct {
		const char *(*wrong)(struct span);
		const char *right[9];
		const char *not_right[12];
	} rows[] = {
		{ config_wrong_match, { "**", "/a/*", "*.js", "?" },
		    { "", "a\nb", "*a*a*a*a*a*a*a*a*a*" } },
		{ config_wrong_field_name, { "X-A", "x_!#$%&'*+.^`|~" },
		    { "", "a b", "a:", "a\n", "\xC3\xA9", "(a)" } },
		{ config_wrong_field_value,
		    { "", "a", "a b", "a\tb", "\xC3\xA9", "\"a, b\"" },
		    { " a", "a ", "\ta", "a\nb", "a\rb", "a\x7f", "\x01" } },
		{ config_wrong_target,
		    { "/", "/a b", "/:1", "https://example.org",
			"http://a:80/:1", "http://[::1]/x", "https://a?q=:1",
			"https://a#:1" },
		    { "", "a", ":1", "//a/b", "/\\a", "ftp://a/", "http:///a",
			"http://:1/", "http://a:1:1/", "http://u@a/",
			"/a\nb" } },
		{ config_wrong_redirect, { "301", "302", "303", "307", "308" },
		    { "300", "304", "200", "30", "3011", "" } },
		{ config_wrong_error_status, { "400", "404", "599" },
		    { "399", "600", "0404", "4xx", "" } },
		{ config_wrong_site_path, { "/a", "/a/b.html", "/a b", "/..a" },
		    { "", "/", "a", "/a/", "//a", "/a//b", "/../a", "/./a",
			"/a/..", "/a\nb" } },
		{ config_wrong_spa, { "true", "false", "/index.html" },
		    { "", "True", "on", "index.html", "/" } },
		{ config_wrong_extension, { "foo", "7z", "x-y_z" },
		    { "", ".foo", "tar.gz", "a/b", "a b" } },
		{ config_wrong_origin,
		    { "*", "https://example.org", "http://localhost:3000",
			"http://[::1]:8000", "capacitor://localhost",
			"http://a:443" },
		    { "", "null", "example.org", "https://example.org/",
			"https://Example.org", "https://example.org:443",
			"http://a:80", "http://*.example.org", "http://a:x",
			"http://", "://a" } },
		{ config_wrong_coding, { "br", "zstd", "gzip" },
		    { "", "deflate", "BR" } },
		{ config_wrong_codec, { "gzip" }, { "", "br" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t j = 0; j < 9 && rows[i].right[j]; j++)
			if (rows[i].wrong(span_str(rows[i].right[j])))
				fail_msg("%zu: '%s' is refused", i,
				    rows[i].right[j]);
		for (size_t j = 0; j < 12 && rows[i].not_right[j]; j++)
			if (!rows[i].wrong(span_str(rows[i].not_right[j])))
				fail_msg("%zu: '%s' is taken", i,
				    rows[i].not_right[j]);
		assert_non_null(rows[i].wrong(span_of("/a\0b", 4)));
	}
}

/* --- what a good file comes to --- */

static void
check_redirect(const struct config *c, const char *path, const char *want)
{
	char text[200];
	struct buf b = buf_over(text, sizeof(text));
	uint16_t status = 0;

	assert_true(rules_redirect(c->rules, span_str(path), &b, &status) > 0);
	buf_putc(&b, ' ');
	buf_putu(&b, status);
	assert_string_equal(buf_cstr(&b), want);
}

static const char *
cache_of(const struct config *c, const char *path)
{
	const char *value = "none matches";

	rules_cache(c->rules, span_str(path), &value);
	return value ? value : "no field";
}

static const char *const whole =
    "files:\n"
    "  index: [home.html]\n"
    "  clean_urls: true\n"
    "  spa: true\n"
    "  error_pages: {404: /404.html, 500: /5.html}\n"
    "  precompressed: [zstd]\n"
    "  compress: {codecs: [], min_size: 2K, max_size: 8M, level: 9,\n"
    "    memory: 1M}\n"
    "  types: {foo: application/x-foo, Bar: text/bar}\n"
    "cache:\n"
    "  - {match: '*.html', value: no-cache}\n"
    "  - {match: /live/**, value: null}\n"
    "  - match: '**'\n"
    "    value: 'public, max-age=60'\n"
    "headers:\n"
    "  - match: '*.wasm'\n"
    "    set: {X-A: \"it's\", X-B: 'a: b, {c}'}\n"
    "    unset: [Server]\n"
    "  - {match: /x, unset: [ETag, Server]}\n"
    "cors: {origins: ['*', 'http://localhost:3000']}\n"
    "redirects:\n"
    "  - {from: /old/*, to: /new/:1}\n"
    "  - {from: '*.php', to: 'https://example.org/:1', status: 302}\n";

static void
check_whole(const struct config *c)
{
	const struct field_edits *edits[3];

	assert_true(c->clean_urls);
	assert_string_equal(c->spa, "/home.html");
	assert_string_equal(rules_error_page(c->rules, 404), "/404.html");
	assert_string_equal(rules_error_page(c->rules, 500), "/5.html");
	assert_int_equal(c->precompressed.n, 1);
	assert_string_equal(c->precompressed.v[0], "zstd");
	assert_int_equal(c->compress_codecs.n, 0);
	assert_int_equal(c->compress_min_size, 2048);
	assert_int_equal(c->compress_max_size, 8u << 20);
	assert_int_equal(c->compress_level, 9);
	assert_int_equal(c->compress_memory, 1u << 20);
	assert_string_equal(
	    rules_type(c->rules, SPAN("/a.foo"))->type, "application/x-foo");
	assert_string_equal(
	    rules_type(c->rules, SPAN("/a.bar"))->type, "text/bar");
	assert_string_equal(cache_of(c, "/a.html"), "no-cache");
	assert_string_equal(cache_of(c, "/live/a.js"), "no field");
	assert_string_equal(cache_of(c, "/a.js"), "public, max-age=60");
	assert_int_equal(rules_fields(c->rules, SPAN("/a.wasm"), edits, 3), 1);
	assert_string_equal(edits[0]->set[0], "X-A");
	assert_string_equal(edits[0]->set[1], "it's");
	assert_string_equal(edits[0]->set[3], "a: b, {c}");
	assert_null(edits[0]->set[4]);
	assert_string_equal(edits[0]->unset[0], "Server");
	assert_int_equal(rules_fields(c->rules, SPAN("/x"), edits, 3), 1);
	assert_string_equal(edits[0]->unset[1], "Server");
	assert_int_equal(c->cors_origins.n, 2);
	assert_string_equal(c->cors_origins.v[0], "*");
	check_redirect(c, "/old/a/b", "/new/a/b 308");
	check_redirect(c, "/x/a.php", "https://example.org/a 302");
}

static void
a_file_with_rules_gives_them_and_is_printed_back(void **state)
{
	struct config *c = config_of(whole);
	char *once = printed(c), *twice;

	(void)state;
	check_whole(c);
	config_free(c);
	assert_non_null(strstr(once,
	    "\n  - {match: '*.wasm', set: {X-A: 'it''s', X-B: 'a: b, {c}'}, "
	    "unset: [Server]}\n"));
	c = config_of(once);
	check_whole(c);
	twice = printed(c);
	assert_string_equal(once, twice);
	config_free(c);
	free(once);
	free(twice);
}

/* YAML in YAML's own signs. */
static void
whatever_text_a_field_has_it_reads_back(void **state)
{
	static const char *const values[] = { "", "null", "~", "true", "1",
		"it's", "\"a\"", "a: b", "a #b", "{a: b}, [c]", "- a", "*a",
		"a\tb", "a\\nb", "\xC3\xA9", "\xF0\x9F\x98\x80",
		"a:", "max-age=31536000; includeSubDomains", "@a", "%a", "a, b",
		"default-src 'self'; img-src * data:" };

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		struct config *c = config_new(), *d;
		struct config_errors e = { NULL, 0 };
		char field[100], *text;

		snprintf(field, sizeof(field), "X-A:%s", values[i]);
		assert_true(config_add(c, "headers", field, "-H", &e));
		assert_true(config_add(c, "headers", "X-B: b", "-H", &e));
		text = printed(c);
		d = config_of(text);
		assert_string_equal(
		    d->headers.v[0].part[HEADER_SET].v[1], values[i]);
		assert_int_equal(d->headers.n, 2);
		free(text);
		config_free(c);
		config_free(d);
	}
}

static void
without_rules_files_are_asked_for_each_time(void **state)
{
	struct config *c = config_new();
	const struct field_edits *edits;
	uint16_t status;

	(void)state;
	assert_string_equal(cache_of(c, "/a"), "no-cache");
	assert_int_equal(rules_fields(c->rules, SPAN("/a"), &edits, 1), 0);
	assert_int_equal(rules_redirect(c->rules, SPAN("/a"),
			     &(struct buf){ .p = NULL }, &status),
	    0);
	assert_false(c->clean_urls);
	assert_null(c->spa);
	assert_int_equal(c->cors_origins.n, 0);
	assert_int_equal(c->precompressed.n, 3);
	assert_string_equal(c->precompressed.v[0], "br");
	assert_string_equal(c->compress_codecs.v[0], "gzip");
	assert_int_equal(c->compress_min_size, 1024);
	assert_int_equal(c->compress_max_size, 4u << 20);
	assert_int_equal(c->compress_level, 6);
	assert_int_equal(c->compress_memory, 64u << 20);
	config_free(c);
}

static void
one_text_is_the_cache_rule_of_all_files(void **state)
{
	static const struct {
		const char *text;
		const char *value;
	} rows[] = {
		{ "cache: max-age=60", "max-age=60" },
		{ "cache: null", "no field" },
		{ "cache: ~", "no field" },
		{ "cache: 'null'", "null" },
		{ "cache: []", "none matches" },
	};
	struct config_errors e = { NULL, 0 };
	struct config *c;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		c = config_of(rows[i].text);
		assert_string_equal(cache_of(c, "/a/b"), rows[i].value);
		config_free(c);
	}
	c = config_of(whole);
	assert_true(config_set(c, "cache", "a, b", "-x", &e));
	assert_string_equal(cache_of(c, "/a.html"), "a, b");
	assert_true(config_set(c, "cache", "null", "-x", &e));
	assert_string_equal(cache_of(c, "/a.html"), "no field");
	assert_false(config_set(c, "cache", "\xC3\xA9", "-x", &e));
	assert_string_equal(e.text,
	    "-x: error: cache: '\xC3\xA9' is not a field value (printable "
	    "ASCII, such as no-cache, or null for none)\n");
	config_errors_free(&e);
	config_free(c);
}

static void
entries_are_added_after_those_of_the_file(void **state)
{
	struct config *c = config_of(whole);
	struct config_errors e = { NULL, 0 };
	const struct field_edits *edits[3];

	(void)state;
	assert_true(config_add(c, "headers", "X-A:  b: c ", "-H", &e));
	assert_int_equal(rules_fields(c->rules, SPAN("/a.wasm"), edits, 3), 2);
	assert_string_equal(edits[1]->set[0], "X-A");
	assert_string_equal(edits[1]->set[1], "b: c");
	assert_string_equal(config_place(c, "headers"), "-H");
	assert_false(config_add(c, "headers", "Date: now", "-H", &e));
	assert_false(config_add(c, "headers", "X-A", "-H", &e));
	assert_string_equal(e.text,
	    "-H: error: headers: 'Date' is not a field that a rule may set "
	    "(the server decides it for each answer)\n"
	    "-H: error: headers: 'X-A' is not a field (such as "
	    "'X-Robots-Tag: noindex')\n");
	config_errors_free(&e);
	while (c->headers.n < CONFIG_ENTRIES_MAX)
		assert_true(config_add(c, "headers", "X-A: b", "-H", &e));
	assert_false(config_add(c, "headers", "X-A: b", "-H", &e));
	assert_string_equal(e.text,
	    "-H: error: headers: 65 entries are out of range (0 to 64)\n");
	config_errors_free(&e);
	config_free(c);
}

static void
the_page_of_an_spa_is_the_index_that_counts(void **state)
{
	struct config *c = config_of("files: {spa: true, index: [a.html]}\n");
	struct config_errors e = { NULL, 0 };

	(void)state;
	assert_string_equal(c->spa, "/a.html");
	assert_true(config_set(c, "files.index", "b.html,c", "-i", &e));
	assert_string_equal(c->spa, "/b.html");
	assert_true(config_set(c, "files.spa", "/app/x.html", "-s", &e));
	assert_string_equal(c->spa, "/app/x.html");
	assert_true(config_set(c, "files.spa", "false", "-s", &e));
	assert_null(c->spa);
	assert_true(config_validate(c, &e));
	assert_true(config_set(c, "files.index", "", "-i", &e));
	assert_true(config_validate(c, &e));
	assert_true(config_set(c, "files.spa", "true", "-s", &e));
	assert_null(c->spa);
	assert_false(config_validate(c, &e));
	assert_string_equal(e.text,
	    "-s: error: files.spa: true is the first name of files.index, "
	    "which has none (write a path)\n");
	config_errors_free(&e);
	config_free(c);
	/* What is wrong elsewhere in the file is no fault of it. */
	c = config_new();
	write_file("server.yaml", "files: {spa: true}\nworkers: x\n");
	assert_false(config_read_file(c, "server.yaml", &e));
	assert_true(config_validate(c, &e));
	assert_int_equal(e.count, 1);
	config_errors_free(&e);
	config_free(c);
}

static void
relations_of_rules_are_checked(void **state)
{
	char *text = many_of("headers:\n", "- {match: /",
	    ", set: {X-1234: a}}\n", 64, "files: {compress: {min_size: 5M}}\n");
	struct config_errors e = { NULL, 0 };
	struct config *c = config_of(text);
	char value[LIMIT_RULE_FIELDS];

	(void)state;
	memset(value, 'a', sizeof(value));
	assert_false(config_validate(c, &e));
	assert_string_equal(e.text,
	    AT("66:30") "files.compress.min_size: more than "
			"files.compress.max_size: no file is both\n");
	config_errors_free(&e);
	config_free(c);
	free(text);
	c = config_new();
	for (int i = 0; i < 3; i++) {
		char field[CONFIG_VALUE_MAX + 8];

		snprintf(field, sizeof(field), "X-%d: %.*s", i,
		    i < 2 ? CONFIG_VALUE_MAX
			  : LIMIT_RULE_FIELDS - 2 * CONFIG_VALUE_MAX - 3 * 7,
		    value);
		assert_true(config_add(c, "headers", field, "-H", &e));
	}
	assert_true(config_validate(c, &e));
	assert_true(config_add(c, "headers", "X: ", "-H", &e));
	assert_false(config_validate(c, &e));
	assert_string_equal(e.text,
	    "-H: error: headers: together the rules set 2565 bytes, 2560 at "
	    "most\n");
	config_errors_free(&e);
	config_free(c);
}

/* --- the environment --- */

static void
variables_take_rules_in_short(void **state)
{
	static const struct bad rows[] = {
		{ "HTTPCONSOLE_FILES_TYPES=foo",
		    "HTTPCONSOLE_FILES_TYPES: error: files.types: 'foo' is not "
		    "NAME=VALUE\n" },
		{ "HTTPCONSOLE_FILES_TYPES=a=b/c,A=b/d",
		    "HTTPCONSOLE_FILES_TYPES: error: files.types: 'A' is there "
		    "twice\n" },
		{ "HTTPCONSOLE_FILES_ERROR_PAGES=40=/a",
		    "HTTPCONSOLE_FILES_ERROR_PAGES: error: files.error_pages: "
		    "'40' is not an error's status (400 to 599)\n" },
		{ "HTTPCONSOLE_FILES_PRECOMPRESSED=br,br",
		    "HTTPCONSOLE_FILES_PRECOMPRESSED: error: "
		    "files.precompressed: 'br' is there twice\n" },
		{ "HTTPCONSOLE_REDIRECTS=/a",
		    "HTTPCONSOLE_REDIRECTS: error: redirects: '/a' is not a "
		    "redirect (such as '/old/* /new/:1')\n" },
		{ "HTTPCONSOLE_REDIRECTS=/a /:1",
		    "HTTPCONSOLE_REDIRECTS: error: redirects: names more stars "
		    "than 'from' has (:1 is the first)\n" },
		{ "HTTPCONSOLE_REDIRECTS=", "" },
		{ "HTTPCONSOLE_HEADERS=", "" },
		{ "HTTPCONSOLE_CACHE=", "" },
		{ "HTTPCONSOLE_HEADERS=X-A: b", "" },
		{ "HTTPCONSOLE_REDIRECTS=/old/* /new/:1", "" },
	};

	(void)state;
	check_environment(rows, COUNT(rows));
}

/* The sanitizers watch. */
static void
a_file_with_rules_that_is_cut_does_no_harm(void **state)
{
	(void)state;
	for (size_t n = 0; n <= strlen(whole); n++)
		free(errors_of(whole, n));
}

static int
make_folder(void **state)
{
	(void)state;
	return enter_folder();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_rule_is_named_with_its_place),
		cmocka_unit_test(a_wrong_shape_of_a_rule_is_explained),
		cmocka_unit_test(an_unknown_or_double_key_of_a_rule_is_named),
		cmocka_unit_test(
		    all_errors_of_rules_come_in_the_order_of_the_file),
		cmocka_unit_test(there_are_bounds_to_how_many),
		cmocka_unit_test(fields_of_the_server_are_not_the_operators),
		cmocka_unit_test(texts_of_rules_are_told_apart),
		cmocka_unit_test(
		    a_file_with_rules_gives_them_and_is_printed_back),
		cmocka_unit_test(whatever_text_a_field_has_it_reads_back),
		cmocka_unit_test(without_rules_files_are_asked_for_each_time),
		cmocka_unit_test(one_text_is_the_cache_rule_of_all_files),
		cmocka_unit_test(entries_are_added_after_those_of_the_file),
		cmocka_unit_test(the_page_of_an_spa_is_the_index_that_counts),
		cmocka_unit_test(relations_of_rules_are_checked),
		cmocka_unit_test(variables_take_rules_in_short),
		cmocka_unit_test(a_file_with_rules_that_is_cut_does_no_harm),
	};

	return cmocka_run_group_tests_name(
	    "config_rules", tests, make_folder, remove_folder);
}
