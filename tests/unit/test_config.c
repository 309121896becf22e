#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "config_text.h"
#include "site/rules.h"

static char *project; /* text of the checkout's server.yaml */

static char *
slurp(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = calloc(1, 200000);

	assert_non_null(f);
	assert_non_null(text);
	assert_true(fread(text, 1, 199999, f) > 0);
	fclose(f);
	return text;
}

/* --- values --- */

static void
a_wrong_value_is_named_with_its_place(void **state)
{
	static const struct bad rows[] = {
		{ "limits:\n  header_size: 12X\n",
		    AT("2:16") "limits.header_size: '12X' is not a size (use "
			       "123, 64K, 10M)\n" },
		{ "workers: 0",
		    AT("1:10") "workers: '0' is out of range "
			       "(auto, or 1 to 256)\n" },
		{ "user: a b",
		    AT("1:7") "user: 'a b' is not a user (name, name:group, "
			      "or null for none)\n" },
		{ "user: 'nobody:'",
		    AT("1:7") "user: 'nobody:' is not a user (name, "
			      "name:group, or null for none)\n" },
		{ "limits: {when_full: 504}",
		    AT("1:21") "limits.when_full: '504' is not wait or 503 "
			       "(did you mean 503?)\n" },
		{ "workers: 257",
		    AT("1:10") "workers: '257' is out of range "
			       "(auto, or 1 to 256)\n" },
		{ "workers: many",
		    AT("1:10") "workers: 'many' is not auto or "
			       "a whole number\n" },
		{ "backlog: 4K",
		    AT("1:10") "backlog: '4K' is not a whole number\n" },
		{ "backlog: 99999999999999999999999",
		    AT("1:10") "backlog: '99999999999999999999999' is not a "
			       "whole number\n" },
		{ "backlog: -1",
		    AT("1:10") "backlog: '-1' is not a whole number\n" },
		{ "console: {refresh: 49ms}",
		    AT("1:20") "console.refresh: '49ms' is out of range (50ms "
			       "to 5s)\n" },
		{ "console: {refresh: 5001ms}",
		    AT("1:20") "console.refresh: '5001ms' is out of range "
			       "(50ms to 5s)\n" },
		{ "console:\n    keys: {w: filter statu>=400}",
		    AT("2:15") "console.keys.w: 'filter statu>=400' is not "
			       "right: "
			       "its filter: no key is named \"statu\"; did you "
			       "mean status?\n" },
		{ "console: {history: 99}",
		    AT("1:20") "console.history: '99' is out of range (100 to "
			       "1000000)\n" },
		{ "timeouts:\n    body: 5\n",
		    AT("2:11") "timeouts.body: '5' is not a duration (use "
			       "500ms, 15s, 10m, 2h; 0 is off)\n" },
		{ "timeouts: {body: 25h}",
		    AT("1:18") "timeouts.body: '25h' is out of range (0 to "
			       "24h)\n" },
		{ "limits: {request_line: 17K}",
		    AT("1:24") "limits.request_line: '17K' is out of range (16 "
			       "to 16K)\n" },
		{ "limits: {header_size: 45K}",
		    AT("1:23") "limits.header_size: '45K' is out of range (16 "
			       "to 44K)\n" },
		{ "limits: {header_count: 201}",
		    AT("1:24") "limits.header_count: '201' is out of range (1 "
			       "to 200)\n" },
		{ "server_header: yes",
		    AT("1:16") "server_header: 'yes' is not true or false "
			       "(write true)\n" },
		{ "server_header: Off",
		    AT("1:16") "server_header: 'Off' is not true or false "
			       "(write false)\n" },
		{ "server_header: perhaps",
		    AT("1:16") "server_header: 'perhaps' is not true or "
			       "false\n" },
		{ "lab: on",
		    AT("1:6") "lab: 'on' is not auto, true or false "
			      "(did you mean true?)\n" },
		{ "console: {mode: false}",
		    AT("1:17") "console.mode: 'false' is not auto, on or off "
			       "(did you mean off?)\n" },
		{ "log: {level: wran}",
		    AT("1:14") "log.level: 'wran' is not debug, info, warn or "
			       "error (did you mean warn?)\n" },
		{ "root:", AT("1:6") "root: has no value\n" },
		{ "root: ~", AT("1:7") "root: has no value\n" },
		{ "root: ''", AT("1:7") "root: '' is not a path\n" },
		{ "root: \"a\\0b\"",
		    AT("1:7") "root: a NUL byte in the text\n" },
		{ "version: 2",
		    AT("1:10") "version: '2' is not a version of "
			       "this format (write 1)\n" },
		{ "cache: \"a\\r\\nX: b\"",
		    AT("1:8") "cache: 'a\\x0d\\x0aX: b' is not a field value "
			      "(printable ASCII, such as no-cache, or null "
			      "for none)\n" },
		{ "files: {charset: 'null '}",
		    AT("1:18") "files.charset: 'null ' is not the name of a "
			       "charset (such as utf-8, or null for none)\n" },
		{ "listen: [a, ':1']",
		    AT("1:10") "listen: 'a' is not an address to listen on "
			       "(use 127.0.0.1:8000, '[::1]:8000' or :8000 "
			       "for every address)\n" },
	};

	(void)state;
	check_bad(rows, COUNT(rows));
}

static void
a_wrong_shape_is_explained(void **state)
{
	static const struct bad rows[] = {
		{ "limits: 5",
		    AT("1:9") "limits: is a group of keys, not a "
			      "value (write {connections: ...})\n" },
		{ "limits: [5]",
		    AT("1:9") "limits: is a group of keys, not a list (write "
			      "{connections: ...})\n" },
		{ "workers: {a: b}",
		    AT("1:10") "workers: takes one value, "
			       "not a group of keys\n" },
		{ "workers: [1]",
		    AT("1:10") "workers: takes one value, not a list\n" },
		{ "files: {index: index.html}",
		    AT("1:16") "files.index: takes a list (write "
			       "['index.html'])\n" },
		{ "files: {index: {a: b}}",
		    AT("1:16") "files.index: takes a list, not a group of "
			       "keys\n" },
		{ "files: {index: }",
		    AT("1:16") "files.index: has no value "
			       "(write [] for none)\n" },
		{ "files: {index: [~]}",
		    AT("1:17") "files.index: an entry has no value\n" },
		{ "listen: []",
		    AT("1:9") "listen: 0 entries are out of range (1 to "
			      "16)\n" },
		{ "listen: [[a]]",
		    AT("1:10") "listen: an entry must be a single text (write "
			       "'[::1]:8000' with quotes)\n" },
		{ "files: {compress: 5}",
		    AT("1:19") "files.compress: is a group of keys, not a "
			       "value (write {codecs: ...})\n" },
		{ "? [a]\n: 1\n", AT("1:3") "a key must be a single text\n" },
		{ "- root: .",
		    AT("1:1") "the file must be keys and values (such as root: "
			      "www)\n" },
		{ "root",
		    AT("1:1") "the file must be keys and values (such "
			      "as root: www)\n" },
	};

	(void)state;
	check_bad(rows, COUNT(rows));
}

static void
an_unknown_key_names_the_nearest(void **state)
{
	static const struct bad rows[] = {
		{ "lisen: []",
		    AT("1:1") "lisen: unknown key, did you mean listen?\n" },
		{ "limits:\n  header_sise: 1\n",
		    AT("2:3") "limits.header_sise: unknown key, did you mean "
			      "limits.header_size?\n" },
		{ "files:\n  compress: {lvel: 1}\n",
		    AT("2:14") "files.compress.lvel: unknown key, did you mean "
			       "files.compress.level?\n" },
		{ "files: {compres: {level: 1}}",
		    AT("1:9") "files.compres: unknown key, did you mean "
			      "files.compress?\n" },
		{ "compress: {level: 1}",
		    AT("1:1") "compress: unknown key, did you mean "
			      "files.compress?\n" },
		{ "files: {files: {index: [a]}}",
		    AT("1:9") "files.files: unknown key, did you mean "
			      "files?\n" },
		{ "files.compress: {level: 1}",
		    AT("1:1") "files.compress: unknown key (write the part "
			      "before the dot as a group)\n" },
		{ "limits: {backlog: 1}",
		    AT("1:10") "limits.backlog: unknown key, did you mean "
			       "backlog?\n" },
		{ "limit: {connections: 1, x: [{a: b}]}",
		    AT("1:1") "limit: unknown key, did you mean limits?\n" },
		{ "quantum: 3", AT("1:1") "quantum: unknown key\n" },
		{ "'': 3", AT("1:1") ": unknown key\n" },
		{ "limits.connections: 3",
		    AT("1:1") "limits.connections: unknown key (write the part "
			      "before the dot as a group)\n" },
		{ "\"a\\nb\": 3", AT("1:1") "a\\x0ab: unknown key\n" },
		{ "<<: {root: .}", AT("1:1") "<<: unknown key\n" },
	};

	(void)state;
	check_bad(rows, COUNT(rows));
}

static void
a_duplicate_key_names_both_places(void **state)
{
	static const struct bad rows[] = {
		{ "root: .\nworkers: 2\nroot: .\n",
		    AT("3:1") "root: set twice (the first is at "
			      "server.yaml:1:1)\n" },
		{ "limits: {connections: 1}\nlimits: {connections: 2}\n",
		    AT("2:1") "limits: set twice (the first is at "
			      "server.yaml:1:1)\n" },
		{ "files: {compress: {level: 1}, compress: {level: 2}}",
		    AT("1:31") "files.compress: set twice (the first is at "
			       "server.yaml:1:9)\n" },
		{ "log:\n  level: info\n  format: json\n  level: warn\n",
		    AT("4:3") "log.level: set twice (the first is at "
			      "server.yaml:2:3)\n" },
	};

	(void)state;
	check_bad(rows, COUNT(rows));
}

static void
what_yaml_can_do_beside_is_refused(void **state)
{
	static const struct bad rows[] = {
		{ "root: &a x", AT("1:7") "'&a' is an anchor: leave it out\n" },
		{ "limits: &a {connections: 1}",
		    AT("1:9") "'&a' is an anchor: leave it out\n" },
		{ "root: *a",
		    AT("1:7") "'*a' is an alias: write the value out "
			      "(or quote it)\n" },
		{ "files: {deny: [*x]}",
		    AT("1:16") "'*x' is an alias: write the value out (or "
			       "quote it)\n" },
		{ "*a : 1",
		    AT("1:1") "'*a' is an alias: write the value out "
			      "(or quote it)\n" },
		{ "workers: !!int 3",
		    AT("1:10") "'!!int' is a tag: leave it out\n" },
		{ "root: !x y", AT("1:7") "'!x' is a tag: leave it out\n" },
		{ "root: .\n---\nroot: x\n",
		    AT("2:1") "a second document begins: there can be only "
			      "one\n" },
		{ "a: {b: [[[[[[[1]]]]]]]}",
		    AT("1:1") "a: unknown key\n" AT(
			"1:14") "more than 8 lists and groups inside each "
				"other\n" },
	};

	(void)state;
	check_bad(rows, COUNT(rows));
}

static void
a_syntax_error_keeps_what_was_found_before(void **state)
{
	static const struct bad rows[] = {
		{ "bad: 1\nworkers: 0\nroot: [\n",
		    AT("1:1") "bad: unknown key\n" AT(
			"2:10") "workers: '0' is out of range (auto, or 1 to "
				"256)\n" AT(
				    "3:7") "root: takes one value, "
					   "not a list\n" AT(
					       "4:1") "did not find expected "
						      "node content while "
						      "parsing a flow node"
						      "\n" },
		{ "bad: 1\nroot: 'x\n",
		    AT("1:1") "bad: unknown key\n" AT(
			"3:1") "found unexpected end of stream (while scanning "
			       "a quoted scalar that begins at 2:7)\n" },
		{ "bad: 1\nroot: \xC3\xA9 \xFF\n",
		    AT("1:1") "bad: unknown key\n" AT(
			"2:9") "invalid leading UTF-8 octet (byte 16; the file "
			       "must be UTF-8 text)\n" },
		{ "bad: 1\nroot: a\x01\n",
		    AT("1:1") "bad: unknown key\n" AT(
			"2:8") "control characters are not allowed (byte 14; "
			       "the file must be UTF-8 text)\n" },
		{ "root: a: b",
		    AT("1:8") "mapping values are not allowed in "
			      "this context\n" },
		{ "limits:\n\tranges: 1\n",
		    AT("2:1") "a tab: YAML is indented with blanks\n" },
		{ "root: @a",
		    AT("1:7") "found character that cannot start any "
			      "token while scanning for the next "
			      "token\n" },
	};

	(void)state;
	check_bad(rows, COUNT(rows));
}

static void
all_errors_come_at_once_in_the_order_of_the_file(void **state)
{
	static const struct bad rows[] = {
		{ "lisen: []\nlimits:\n  connections: 0\n  header_size: 1Z\n"
		  "  connections: 5\nlab: on\n",
		    AT("1:1") "lisen: unknown key, did you mean listen?\n" AT(
			"3:16") "limits.connections: '0' is out of range (1 to "
				"1000000)\n" AT(
				    "4:16") "limits.header_size: '1Z' is not a "
					    "size (use "
					    "123, 64K, 10M)\n" AT(
						"5:3") "limits.connections: "
						       "set twice (the first "
						       "is at "
						       "server.yaml:3:3)\n" AT(
							   "6:6") "lab: 'on' "
								  "is not "
								  "auto, true "
								  "or false "
								  "(did you "
								  "mean "
								  "true?)\n" },
	};

	(void)state;
	check_bad(rows, COUNT(rows));
}

/* --- bounds --- */

static void
a_file_of_64_kib_is_read_and_one_byte_more_is_not(void **state)
{
	char *text = malloc(CONFIG_FILE_MAX + 1), *got;

	(void)state;
	assert_non_null(text);
	memset(text, '#', CONFIG_FILE_MAX + 1);
	got = errors_of(text, CONFIG_FILE_MAX);
	assert_string_equal(got, "");
	free(got);
	memcpy(text, "root: .\n", 8);
	got = errors_of(text, CONFIG_FILE_MAX + 1);
	assert_string_equal(
	    got, AT("2:65529") "the file is too large: here end 65536 bytes\n");
	free(got);
	free(text);
}

static void
nested_lists_end_at_depth_8_however_many_there_are(void **state)
{
	char *text = malloc(CONFIG_FILE_MAX), *got;

	(void)state;
	assert_non_null(text);
	memset(text, '[', CONFIG_FILE_MAX);
	got = errors_of(text, CONFIG_FILE_MAX);
	assert_string_equal(got,
	    AT("1:1") "the file must be keys and values (such as root: "
		      "www)\n" AT("1:9") "more than 8 lists and groups inside "
					 "each other\n");
	free(got);
	memcpy(text, "x: ", 3);
	got = errors_of(text, CONFIG_FILE_MAX);
	assert_string_equal(got,
	    AT("1:1") "x: unknown key\n" AT("1:11") "more than 8 lists and "
						    "groups inside each "
						    "other\n");
	free(got);
	free(text);
}

static void
errors_past_the_bound_of_their_text_are_counted(void **state)
{
	struct config *c = config_new();
	struct config_errors e = { NULL, 0 };
	char *text = malloc(CONFIG_FILE_MAX);
	size_t n = 0;

	(void)state;
	assert_non_null(text);
	while (n + 4 <= CONFIG_FILE_MAX) {
		memcpy(text + n, "q:1\n", 4);
		memcpy(text + n, "qq:\n", 4);
		n += 4;
	}
	write_bytes("server.yaml", text, n);
	assert_false(config_read_file(c, "server.yaml", &e));
	assert_int_equal(e.count, n / 4);
	assert_true(strlen(e.text) < CONFIG_ERRORS_MAX);
	assert_int_equal(e.text[strlen(e.text) - 1], '\n');
	config_errors_free(&e);
	assert_null(e.text);
	assert_int_equal(e.count, 0);
	config_free(c);
	free(text);
}

static void
a_long_wrong_value_is_cut_in_its_error(void **state)
{
	char text[5000] = "workers: ", *got;

	(void)state;
	memset(text + 9, 'a', sizeof(text) - 10);
	got = errors_of(text, strlen(text));
	assert_true(strlen(got) < 200);
	assert_non_null(strstr(got, "aaa...' is not auto"));
	free(got);
}

/* Every beginning of a good file is read or refused, never worse: the
 * sanitizers watch. */
static void
a_file_that_is_cut_anywhere_does_no_harm(void **state)
{
	size_t n = strlen(project);

	(void)state;
	for (size_t i = 0; i <= n; i += 7)
		free(errors_of(project, i));
	for (size_t i = 0; i < n; i += 11) {
		char was = project[i];

		project[i] = "[]{}&*!|>'\"%@`\t\n:-?,#\xFF"[i % 22];
		free(errors_of(project, n));
		project[i] = was;
	}
}

static void
a_file_that_cannot_be_read_says_why(void **state)
{
	struct config *c = config_new();
	struct config_errors e = { NULL, 0 };

	(void)state;
	assert_false(config_read_file(c, "nowhere.yaml", &e));
	assert_false(config_read_file(c, ".", &e));
	assert_string_equal(e.text,
	    "nowhere.yaml: error: cannot be read: No such file or directory\n"
	    ".: error: cannot be read: Is a directory\n");
	config_errors_free(&e);
	config_free(c);
}

/* --- what is taken --- */

static void
good_files_give_what_they_say(void **state)
{
	const char *cache;
	struct config *c = config_of("\xEF\xBB\xBF# a byte order mark, CRLF\r\n"
				     "version: 1\r\n"
				     "listen:\r\n- :80\r\n- '[::1]:80'\r\n"
				     "limits: {header_size: \"8K\"}\r\n"
				     "timeouts: {write: 0, body: 90s}\r\n"
				     "files: {hidden: allow, charset: ~}\r\n"
				     "cache: null\r\nlab: false\r\n"
				     "console: {mode: off}\r\n"
				     "hosts: []\r\n");

	(void)state;
	assert_true(c->listen_given);
	assert_int_equal(c->listen.n, 2);
	assert_string_equal(c->listen.v[0], ":80");
	assert_string_equal(c->listen.v[1], "[::1]:80");
	assert_null(c->listen.v[2]);
	assert_int_equal(c->head.header_size, 8192);
	assert_int_equal(c->timeout_write, 0);
	assert_int_equal(c->timeout_body, 90000);
	assert_true(c->hidden_allowed);
	assert_null(c->charset);
	assert_true(rules_cache(c->rules, SPAN("/a"), &cache));
	assert_null(cache);
	assert_int_equal(c->lab, CONFIG_OFF);
	assert_int_equal(c->console_mode, CONFIG_OFF);
	assert_int_equal(c->hosts.n, 0);
	assert_null(c->hosts.v[0]);
	assert_string_equal(config_place(c, "cache"), "server.yaml:9:8");
	assert_null(config_place(c, "workers"));
	config_free(c);
}

static void
nothing_at_all_is_the_defaults(void **state)
{
	static const char *const empty[] = { "", "\n\n", "# only this\n",
		"---\n", "--- {}\n", "{}", "limits:\nfiles: ~\n" };
	struct config *c = config_new();
	const char *cache;
	char *wanted;

	(void)state;
	assert_string_equal(c->listen.v[0], "127.0.0.1:8000");
	assert_false(c->listen_given);
	assert_string_equal(c->root, ".");
	assert_int_equal(c->workers, 0);
	assert_int_equal(c->head.request_line, 8192);
	assert_int_equal(c->head.header_size, 32768);
	assert_int_equal(c->timeout_keepalive, 15000);
	assert_int_equal(c->deny.n, 6);
	assert_true(rules_cache(c->rules, SPAN("/a"), &cache));
	assert_string_equal(cache, "no-cache");
	assert_true(c->security_headers);
	assert_int_equal(c->log_format, LOG_COMBINED);
	assert_int_equal(c->log_level, NOTICE_INFO);
	assert_null(c->file);
	wanted = printed(c);
	config_free(c);
	for (size_t i = 0; i < COUNT(empty); i++) {
		char *got;

		c = config_of(empty[i]);
		got = printed(c);
		assert_string_equal(got, wanted);
		free(got);
		config_free(c);
	}
	free(wanted);
}

static void
paths_are_relative_to_the_folder_of_the_file(void **state)
{
	static const struct {
		const char *written;
		const char *root;
	} rows[] = {
		{ "www", "sub/www" },
		{ "./www", "sub/www" },
		{ ".", "sub" },
		{ "..", "sub/.." },
		{ "/abs", "/abs" },
		{ "'null'", "sub/null" },
		{ "\"a\\u00E9 b\"", "sub/a\xC3\xA9 b" },
	};
	struct config_errors e = { NULL, 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct config *c = config_new();
		char text[200];

		snprintf(text, sizeof(text),
		    "root: %s\nlog: {access: stdout}\n", rows[i].written);
		write_file("sub/server.yaml", text);
		assert_true(config_read_file(c, "sub/server.yaml", &e));
		assert_string_equal(c->root, rows[i].root);
		assert_string_equal(c->log_access, "stdout");
		assert_int_equal(c->file[0], '/');
		assert_string_equal(
		    config_place(c, "root"), "sub/server.yaml:1:7");
		config_free(c);
	}
}

/* A value for the key that is not its default. */
static const char *
other_value(const struct config_key *k)
{
	static const struct {
		const char *name;
		const char *value;
	} texts[] = { { "listen", "[::1]:81,:82" }, { "root", "/other" },
		{ "console.keys", "F2=root,x=pause,w=find a b" },
		{ "console.columns", "time,status" },
		{ "files.index", "a.html,b c" }, { "files.deny", "" },
		{ "files.charset", "null" },
		{ "files.default_type", "text/x-y" },
		{ "cache", "public, max-age=60" }, { "limits.ranges", "7" },
		{ "hosts", "example.org,a.b" },
		{ "trusted_proxies", "10.0.0.0/8,::1" },
		{ "files.types", "foo=text/x-y,w=a/b; charset=c" },
		{ "files.spa", "true" },
		{ "files.error_pages", "404=/a b.html, 500=/5.html" },
		{ "files.precompressed", "gzip,br" },
		{ "files.compress.codecs", "" },
		{ "files.compress.level", "12" },
		{ "headers", "X-A: it's \"b\"" },
		{ "cors.origins", "https://example.org,*" },
		{ "redirects", "/old/* /new/:1" }, { "log.access", "/l#o'g" } };

	for (size_t i = 0; i < COUNT(texts); i++)
		if (strcmp(texts[i].name, k->name) == 0)
			return texts[i].value;
	if (k->type == CONFIG_BOOL)
		return strcmp(k->deflt, "true") == 0 ? "false" : "true";
	if (k->type == CONFIG_WORD)
		return strcmp(k->deflt, k->words[0].name) == 0
		    ? k->words[1].name
		    : k->words[0].name;
	return k->type == CONFIG_DURATION ? "1234ms" : "123";
}

/* config_print's text of the whole with this one key from a variable. */
static char *
printed_from_env(const struct config_key *k, const char *value)
{
	struct config_errors e = { NULL, 0 };
	struct config *c = config_new();
	char variable[80], entry[200];
	char *env[] = { entry, NULL };
	char *text;

	config_key_variable(k, variable);
	snprintf(entry, sizeof(entry), "%s=%s", variable, value);
	if (!config_read_env(c, env, &e))
		fail_msg("%s: %s", entry, e.text);
	assert_string_equal(config_place(c, k->name), variable);
	text = printed(c);
	config_free(c);
	return text;
}

static void
each_key_is_set_by_a_variable_printed_and_read_back(void **state)
{
	struct config *c = config_new();
	char *defaults = printed(c);

	(void)state;
	config_free(c);
	for (size_t i = 0; i < config_keys_n; i++) {
		const struct config_key *k = &config_keys[i];
		/* "64K" would hide a unit that is lost. */
		const char *value =
		    strcmp(k->name, "console.history_memory") == 0
		    ? "3M"
		    : other_value(k);
		char *once, *twice;

		if (k->type == CONFIG_VERSION)
			continue;
		once = printed_from_env(k, value);
		if (strcmp(once, defaults) == 0)
			fail_msg("%s does not show", k->name);
		c = config_of(once);
		assert_non_null(config_place(c, k->name));
		twice = printed(c);
		assert_string_equal(once, twice);
		config_free(c);
		free(once);
		free(twice);
	}
	free(defaults);
}

static void
whatever_text_a_path_is_it_reads_back(void **state)
{
	static const char *const paths[] = { "a b", "a: b", "a #b", "#a", "-",
		"- a", "'", "\"", "a\\b", "null", "~", "[a]", "{a}", "&a", "*a",
		"!a", "|", ">", "%a", "@a", "`a", "a,b", "?", "a\nb", "a\tb",
		" a ", "\x7f", "\x1b[31m", "\xC3\xA9", "\xE2\x80\xAE",
		"\xEF\xBB\xBF", "\xF0\x9F\x98\x80", "\xC2\x85", "true", "1",
		"a:", "...", "---", "auto" };
	struct config_errors e = { NULL, 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		struct config *c = config_new(), *d;
		char *text;

		assert_true(config_set(c, "root", paths[i], "DIR", &e));
		text = printed(c);
		d = config_of(text);
		assert_string_equal(d->root, paths[i]);
		free(text);
		config_free(c);
		config_free(d);
	}
}

static void
what_is_printed_has_every_key_once(void **state)
{
	struct config *c = config_new();
	char *text = printed(c), *line, *rest = text;
	unsigned keys = 0;

	(void)state;
	while ((line = strsep(&rest, "\n"))) {
		assert_true(strlen(line) <= 80 || strstr(line, "deny: ["));
		keys += strstr(line, ": ") && strstr(line, " # ");
	}
	assert_int_equal(keys, config_keys_n);
	free(text);
	config_free(c);
}

/* --- the environment --- */

static void
variables_that_are_wrong_or_unknown_are_named(void **state)
{
	static const struct bad rows[] = {
		{ "HTTPCONSOLE_TIMEOUTS_HEADER=5",
		    "HTTPCONSOLE_TIMEOUTS_HEADER: error: timeouts.header: '5' "
		    "is not a duration (use 500ms, 15s, 10m, 2h; 0 is off)\n" },
		{ "HTTPCONSOLE_TIMEOUT_HEADER=5s",
		    "HTTPCONSOLE_TIMEOUT_HEADER: error: unknown variable, did "
		    "you mean HTTPCONSOLE_TIMEOUTS_HEADER?\n" },
		{ "HTTPCONSOLE_PORT=80",
		    "HTTPCONSOLE_PORT: error: unknown variable, did you mean "
		    "HTTPCONSOLE_LISTEN?\n" },
		{ "HTTPCONSOLE_QUANTUM=",
		    "HTTPCONSOLE_QUANTUM: error: unknown variable\n" },
		{ "HTTPCONSOLE_WORKERS=",
		    "HTTPCONSOLE_WORKERS: error: workers: '' is not auto or a "
		    "whole number\n" },
		{ "HTTPCONSOLE_LISTEN=",
		    "HTTPCONSOLE_LISTEN: error: listen: 0 entries are out of "
		    "range (1 to 16)\n" },
		{ "HTTPCONSOLE_FILES_INDEX=a,,b",
		    "HTTPCONSOLE_FILES_INDEX: error: files.index: '' is not a "
		    "file name (such as index.html, no folder)\n" },
		/* Not ours, or somebody's habit. */
		{ "HTTPCONSOLE", "" },
		{ "HTTPCONSOLER=1", "" },
		{ "httpconsole_root=/", "" },
		{ "HTTPCONSOLE_VERSION=7", "" },
		{ "HTTPCONSOLE_SERVICE_HOST=10.0.0.1", "" },
		{ "HTTPCONSOLE_PORT=tcp://10.0.0.1:80", "" },
		{ "HTTPCONSOLE_PORT_80_TCP_ADDR=10.0.0.1", "" },
	};

	(void)state;
	check_environment(rows, COUNT(rows));
}

static void
the_table_of_keys_is_sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < config_keys_n; i++) {
		char a[80], b[80];

		assert_true(strlen(config_keys[i].name) < CONFIG_NAME_MAX);
		assert_ptr_equal(config_key_find(span_str(config_keys[i].name)),
		    &config_keys[i]);
		config_key_variable(&config_keys[i], a);
		assert_true(strlen(a) < CONFIG_NAME_MAX);
		for (size_t j = 0; j < i; j++) {
			config_key_variable(&config_keys[j], b);
			assert_string_not_equal(a, b);
		}
	}
}

/* --- what no single key can tell --- */

static void
relations_and_paths_are_checked(void **state)
{
	static const struct {
		const char *set[6];
		const char *errors;
	} rows[] = {
		{ { NULL }, "" },
		{ { "root", "nowhere" },
		    "-x: error: root: 'nowhere' does not exist; name a folder "
		    "that can be read\n" },
		{ { "root", "file" },
		    "-x: error: root: 'file' is not a folder; name a folder "
		    "that can be read\n" },
		{ { "log.access", "sub/x.log", "root", "www" }, "" },
		{ { "log.access", "nowhere/x.log" },
		    "-x: error: log.access: the folder of 'nowhere/x.log' does "
		    "not exist; make it first\n" },
		{ { "log.access", "sub", "root", "www" },
		    "-x: error: log.access: 'sub' is a folder; name a file in "
		    "it\n" },
		{ { "log.access", "x.log" },
		    "-x: error: log.access: 'x.log' is beneath the document "
		    "root, where everybody could read it; name a file "
		    "outside\n" },
		{ { "log.access", "www/../link/x.log", "root", "./www" },
		    "-x: error: log.access: 'www/../link/x.log' is beneath the "
		    "document root, where everybody could read it; name a file "
		    "outside\n" },
		{ { "log.access", "www2/x.log", "root", "www" }, "" },
		{ { "console.export_dir", "sub" }, "" },
		{ { "console.export_dir", "sub/none" },
		    "-x: error: console.export_dir: 'sub/none' is no folder; "
		    "make it first\n" },
		{ { "log.access", "auto" }, "" },
		{ { "log.access", "off" }, "" },
		{ { "log.access", "stdout" }, "" },
		{ { "root", "www", "sandbox.allowed_roots", "www" }, "" },
		{ { "root", "www", "sandbox.allowed_roots", "sub,." }, "" },
		{ { "root", "www", "sandbox.allowed_roots", "sub,www2" },
		    "-x: error: root: 'www' is in none of "
		    "sandbox.allowed_roots\n" },
		{ { "root", "www", "sandbox.allowed_roots", "nowhere" },
		    "-x: error: sandbox.allowed_roots: 'nowhere' does not "
		    "exist\n" },
		{ { "listen", "a:1,b:1,a:2,[::1]:1" }, "" },
		{ { "listen", "a:0,a:0" }, "" },
		{ { "listen", "a:1,b:1,A:1" },
		    "-x: error: listen: 'a:1' and 'A:1' are the same port of "
		    "one address\n" },
		{ { "listen", "127.0.0.1:80,:80" },
		    "-x: error: listen: '127.0.0.1:80' and ':80' are the same "
		    "port of one address\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct config_errors e = { NULL, 0 };
		struct config *c = config_new();

		for (size_t j = 0; j < 6 && rows[i].set[j]; j += 2)
			assert_true(config_set(
			    c, rows[i].set[j], rows[i].set[j + 1], "-x", &e));
		assert_int_equal(
		    config_validate(c, &e), rows[i].errors[0] == '\0');
		assert_string_equal(e.text ? e.text : "", rows[i].errors);
		config_errors_free(&e);
		config_free(c);
	}
}

static void
a_relation_that_fails_names_the_place_of_the_key(void **state)
{
	struct config *c = config_of("workers: 2\nroot: nowhere\n");
	struct config_errors e = { NULL, 0 };

	(void)state;
	c->head.request_line = LIMIT_HEAD_MAX;
	assert_false(config_validate(c, &e));
	assert_int_equal(e.count, 2);
	assert_string_equal(e.text,
	    "error: limits.header_size: with limits.request_line 94208 bytes, "
	    "61440 at most\n" AT("2:7") "root: 'nowhere' does not exist; name "
					"a folder that can be read\n");
	config_errors_free(&e);
	config_free(c);
}

/* --- finding a file, and the one of the checkout --- */

static void
the_first_file_is_found(void **state)
{
	char xdg[200];
	char *found;

	(void)state;
	snprintf(xdg, sizeof(xdg), "%s/xdg", folder);
	setenv("XDG_CONFIG_HOME", xdg, 1);
	unlink("server.yaml");
	assert_true(config_find("given.yaml", &found));
	assert_string_equal(found, "given.yaml");
	free(found);
	assert_true(config_find(NULL, &found));
	assert_non_null(strstr(found, "/xdg/httpconsole/server.yaml"));
	free(found);
	write_file("server.yaml", "");
	assert_true(config_find(NULL, &found));
	assert_string_equal(found, "server.yaml");
	free(found);
	unlink("server.yaml");
	setenv("XDG_CONFIG_HOME", "xdg", 1);
	assert_true(config_find(NULL, &found));
	assert_true(found == NULL || strstr(found, "xdg/") == NULL);
	free(found);
	unsetenv("XDG_CONFIG_HOME");
}

/* Take the '#' from before a key that is commented out: "#key:". */
static void
uncomment_keys(char *text)
{
	for (char *p = text; *p; p = strchr(p, '\n') + 1) {
		char *mark = p + strspn(p, " ");

		if (*mark == '#' && ascii_lower(mark[1]) != mark[1])
			continue;
		if (*mark == '#' && mark[1] >= 'a' && mark[1] <= 'z')
			*mark = *p == ' ' ? ' ' : '\n';
	}
}

static void
the_projects_own_file_shows_every_key_with_its_default(void **state)
{
	struct config *c = config_of(project), *d = config_new();
	struct config_errors e = { NULL, 0 };
	char *text = strdup(project), *got, *wanted;

	(void)state;
	assert_string_equal(c->root, "www");
	assert_false(c->listen_given);
	config_free(c);
	uncomment_keys(text);
	c = config_of(text);
	for (size_t i = 0; i < config_keys_n; i++)
		if (config_keys[i].type != CONFIG_VERSION &&
		    config_place(c, config_keys[i].name) == NULL)
			fail_msg("%s is not shown", config_keys[i].name);
	assert_true(config_set(d, "root", "www", "-x", &e));
	assert_true(config_set(d, "listen", "127.0.0.1:8000", "-x", &e));
	got = printed(c);
	wanted = printed(d);
	assert_string_equal(got, wanted);
	free(got);
	free(wanted);
	free(text);
	config_free(c);
	config_free(d);
}

static int
make_folder(void **state)
{
	(void)state;
	project = slurp("server.yaml");
	if (enter_folder() < 0)
		return -1;
	mkdir("sub", 0755);
	mkdir("www", 0755);
	mkdir("www2", 0755);
	mkdir("xdg", 0755);
	mkdir("xdg/httpconsole", 0755);
	write_file("xdg/httpconsole/server.yaml", "");
	write_file("file", "");
	return symlink("www", "link");
}

static int
leave_folder(void **state)
{
	free(project);
	return remove_folder(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_value_is_named_with_its_place),
		cmocka_unit_test(a_wrong_shape_is_explained),
		cmocka_unit_test(an_unknown_key_names_the_nearest),
		cmocka_unit_test(a_duplicate_key_names_both_places),
		cmocka_unit_test(what_yaml_can_do_beside_is_refused),
		cmocka_unit_test(a_syntax_error_keeps_what_was_found_before),
		cmocka_unit_test(
		    all_errors_come_at_once_in_the_order_of_the_file),
		cmocka_unit_test(
		    a_file_of_64_kib_is_read_and_one_byte_more_is_not),
		cmocka_unit_test(
		    nested_lists_end_at_depth_8_however_many_there_are),
		cmocka_unit_test(
		    errors_past_the_bound_of_their_text_are_counted),
		cmocka_unit_test(a_long_wrong_value_is_cut_in_its_error),
		cmocka_unit_test(a_file_that_is_cut_anywhere_does_no_harm),
		cmocka_unit_test(a_file_that_cannot_be_read_says_why),
		cmocka_unit_test(good_files_give_what_they_say),
		cmocka_unit_test(nothing_at_all_is_the_defaults),
		cmocka_unit_test(paths_are_relative_to_the_folder_of_the_file),
		cmocka_unit_test(
		    each_key_is_set_by_a_variable_printed_and_read_back),
		cmocka_unit_test(whatever_text_a_path_is_it_reads_back),
		cmocka_unit_test(what_is_printed_has_every_key_once),
		cmocka_unit_test(variables_that_are_wrong_or_unknown_are_named),
		cmocka_unit_test(the_table_of_keys_is_sound),
		cmocka_unit_test(relations_and_paths_are_checked),
		cmocka_unit_test(
		    a_relation_that_fails_names_the_place_of_the_key),
		cmocka_unit_test(the_first_file_is_found),
		cmocka_unit_test(
		    the_projects_own_file_shows_every_key_with_its_default),
	};

	return cmocka_run_group_tests_name(
	    "config", tests, make_folder, leave_folder);
}
