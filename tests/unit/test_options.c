#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "app/options.h"
#include "site/rules.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ARGS_MAX 12
#define TRY	 "\nTry 'httpconsole --help'.\n"
#define TEXT_MAX 8192

static char folder[] = "/tmp/test_options.XXXXXX";

/* What one start of the program came to. */
struct run {
	struct options o;
	char out[TEXT_MAX];
	char err[TEXT_MAX];
};

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* Send a standard stream to a file; returns what it was. */
static int
redirect(FILE *stream, const char *path)
{
	int was = dup(fileno(stream));
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	fflush(stream);
	assert_true(was >= 0 && file >= 0);
	assert_true(dup2(file, fileno(stream)) >= 0);
	close(file);
	return was;
}

static void
restore(FILE *stream, int was, const char *path, char text[TEXT_MAX])
{
	FILE *f;

	fflush(stream);
	assert_true(dup2(was, fileno(stream)) >= 0);
	close(was);
	f = fopen(path, "re");
	assert_non_null(f);
	text[fread(text, 1, TEXT_MAX - 1, f)] = '\0';
	fclose(f);
}

/* argv after the program's name; both arrays end in NULL. */
static void
run_env(struct run *r, const char *const *args, char **env)
{
	char *argv[ARGS_MAX + 2] = { strdup("httpconsole") };
	char *owned[ARGS_MAX + 2];
	int argc = 1, out, err;

	for (; args[argc - 1]; argc++)
		argv[argc] = strdup(args[argc - 1]);
	/* getopt_long orders the words anew. */
	memcpy(owned, argv, sizeof(owned));
	out = redirect(stdout, "out");
	err = redirect(stderr, "err");
	options_read(&r->o, argc, argv, env);
	restore(stderr, err, "err", r->err);
	restore(stdout, out, "out", r->out);
	if (r->o.action != OPTIONS_SERVE)
		assert_null(r->o.config);
	for (int i = 0; i < argc; i++)
		free(owned[i]);
}

static void
run(struct run *r, const char *const *args)
{
	char *env[] = { NULL };

	run_env(r, args, env);
}

struct refusal {
	const char *args[ARGS_MAX];
	enum options_action action;
	const char *err;
};

static void
check_refusals(const struct refusal *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct run r;

		run(&r, rows[i].args);
		if (strcmp(r.err, rows[i].err) != 0 ||
		    r.o.action != rows[i].action)
			fail_msg("%s %s: %d\n%swanted:\n%s", rows[i].args[0],
			    rows[i].args[1] ? rows[i].args[1] : "", r.o.action,
			    r.err, rows[i].err);
		assert_string_equal(r.out, "");
		config_free(r.o.config);
	}
}

static void
wrong_usage_says_what_would_be_right(void **state)
{
	static const struct refusal rows[] = {
		{ { "--prot", "80" }, OPTIONS_USAGE,
		    "httpconsole: unknown option '--prot', did you mean "
		    "'--port'?" TRY },
		{ { "--no-confg" }, OPTIONS_USAGE,
		    "httpconsole: unknown option '--no-confg', did you mean "
		    "'--no-config'?" TRY },
		{ { "--quantum=3" }, OPTIONS_USAGE,
		    "httpconsole: unknown option '--quantum'" TRY },
		{ { "-z" }, OPTIONS_USAGE,
		    "httpconsole: unknown option '-z'" TRY },
		{ { "-qz" }, OPTIONS_USAGE,
		    "httpconsole: unknown option '-z'" TRY },
		{ { "--con" }, OPTIONS_USAGE,
		    "httpconsole: option '--con' could be several: write it "
		    "out" TRY },
		{ { "--lan=3" }, OPTIONS_USAGE,
		    "httpconsole: option '--lan' takes no value" TRY },
		{ { "-p" }, OPTIONS_USAGE,
		    "httpconsole: option '-p' needs a value: N" TRY },
		{ { "--log-file" }, OPTIONS_USAGE,
		    "httpconsole: option '--log-file' needs a value: "
		    "FILE" TRY },
		{ { "www", "sub" }, OPTIONS_USAGE,
		    "httpconsole: one DIR only: 'www' and 'sub'" TRY },
		{ { "-c", "x", "view", "big.log" }, OPTIONS_USAGE,
		    "httpconsole: 'view' comes before its options: httpconsole "
		    "view [OPTIONS] big.log" TRY },
		{ { "-q", "probe", "[::1]:80" }, OPTIONS_USAGE,
		    "httpconsole: 'probe' comes before its options: "
		    "httpconsole probe [OPTIONS] [::1]:80" TRY },
		{ { "--lan", "-b", "::1" }, OPTIONS_USAGE,
		    "httpconsole: --lan and -b: choose one" TRY },
		{ { "-b", "" }, OPTIONS_USAGE,
		    "httpconsole: -b: an address is wanted (127.0.0.1; --lan: "
		    "every one)" TRY },
		{ { "-p", "1", "-b", "a:2", "-b", "b:3" }, OPTIONS_USAGE,
		    "-p: error: every -b has a port already: leave one of "
		    "them out\n" },
		{ { "-c", "x", "--no-config" }, OPTIONS_USAGE,
		    "httpconsole: -c and --no-config: choose one" TRY },
		{ { "-p", "65536" }, OPTIONS_USAGE,
		    "-p: error: '65536' is not a port (0 to 65535)\n" },
		{ { "-p", "80x" }, OPTIONS_USAGE,
		    "-p: error: '80x' is not a port (0 to 65535)\n" },
		{ { "-w", "0" }, OPTIONS_USAGE,
		    "-w: error: workers: '0' is out of range (auto, or 1 to "
		    "256)\n" },
		{ { "--log-format", "jsn", "-i", "a/b" }, OPTIONS_USAGE,
		    "--log-format: error: log.format: 'jsn' is not common, "
		    "combined or json (did you mean json?)\n"
		    "-i: error: files.index: 'a/b' is not a file name (such "
		    "as index.html, no folder)\n" },
		{ { "-b", "*" }, OPTIONS_USAGE,
		    "-b: error: listen: '*:8000' is not an address to listen "
		    "on (use 127.0.0.1:8000, '[::1]:8000' or :8000 for every "
		    "address)\n" },
		{ { "-H" }, OPTIONS_USAGE,
		    "httpconsole: option '-H' needs a value: 'N: V'" TRY },
		{ { "-H", "Content-Length: 5", "--header=X" }, OPTIONS_USAGE,
		    "-H: error: headers: 'Content-Length' is not a field that "
		    "a rule may set (the server decides it for each answer)\n"
		    "-H: error: headers: 'X' is not a field (such as "
		    "'X-Robots-Tag: noindex')\n" },
		{ { "--cors=example.org" }, OPTIONS_USAGE,
		    "--cors: error: cors.origins: 'example.org' is not an "
		    "origin as browsers send it (such as https://example.org "
		    "or http://localhost:3000, no path, small letters; or "
		    "'*')\n" },
		{ { "-s=app.html" }, OPTIONS_USAGE,
		    "-s: error: files.spa: '=app.html' is not false, true or "
		    "a file's path beneath the root (such as /index.html)\n" },
		{ { "--spa=../x" }, OPTIONS_USAGE,
		    "-s: error: files.spa: '/../x' is not false, true or a "
		    "file's path beneath the root (such as /index.html)\n" },
		{ { "-i", "", "--spa" }, OPTIONS_CANNOT_RUN,
		    "-s: error: files.spa: true is the first name of "
		    "files.index, which has none (write a path)\n" },
		{ { "--cache", "a\nb" }, OPTIONS_USAGE,
		    "--cache: error: cache: 'a\\x0ab' is not a field value "
		    "(printable ASCII, such as no-cache, or null for "
		    "none)\n" },
	};

	(void)state;
	check_refusals(rows, COUNT(rows));
}

static void
a_folder_that_cannot_be_served_is_status_1(void **state)
{
	static const struct refusal rows[] = {
		{ { "nowhere" }, OPTIONS_CANNOT_RUN,
		    "httpconsole: no folder 'nowhere'\n" },
		{ { "9000" }, OPTIONS_CANNOT_RUN,
		    "httpconsole: no folder '9000'; did you mean -p "
		    "9000?\n" },
		{ { "127.0.0.1:80" }, OPTIONS_CANNOT_RUN,
		    "httpconsole: no folder '127.0.0.1:80'; did you mean -b "
		    "127.0.0.1:80?\n" },
		{ { "http://a/" }, OPTIONS_CANNOT_RUN,
		    "httpconsole: no folder 'http://a/'; did you mean probe "
		    "http://a/?\n" },
		{ { "file" }, OPTIONS_CANNOT_RUN,
		    "httpconsole: 'file' is a file; name the folder it is "
		    "in\n" },
		{ { "--check", "no\x1b[2J" }, OPTIONS_CANNOT_RUN,
		    "httpconsole: no folder 'no\\x1b[2J'\n" },
		{ { "" }, OPTIONS_CANNOT_RUN, "httpconsole: no folder ''\n" },
	};
	struct run r;

	(void)state;
	check_refusals(rows, COUNT(rows));
	mkdir("9000", 0755);
	run(&r, (const char *[]){ "9000", NULL });
	assert_int_equal(r.o.action, OPTIONS_SERVE);
	assert_string_equal(r.o.config->root, "9000");
	config_free(r.o.config);
	rmdir("9000");
}

static void
a_wrong_configuration_is_status_78(void **state)
{
	static const struct refusal rows[] = {
		{ { "-c", "bad.yaml" }, OPTIONS_CONFIG_BAD,
		    "bad.yaml:1:10: error: workers: 'x' is not auto or a whole "
		    "number\n"
		    "bad.yaml:2:7: error: root: 'gone' does not exist; name a "
		    "folder that can be read\n" },
		{ { "--check", "-c", "bad.yaml", "www" }, OPTIONS_CONFIG_BAD,
		    "bad.yaml:1:10: error: workers: 'x' is not auto or a whole "
		    "number\n" },
		{ { "-c", "nowhere.yaml" }, OPTIONS_CONFIG_BAD,
		    "nowhere.yaml: error: cannot be read: No such file or "
		    "directory\n" },
	};
	char *env[] = { strdup("HTTPCONSOLE_LAB=maybe"), NULL };
	struct run r;

	(void)state;
	write_file("bad.yaml", "workers: x\nroot: gone\n");
	check_refusals(rows, COUNT(rows));
	run_env(&r, (const char *[]){ NULL }, env);
	assert_int_equal(r.o.action, OPTIONS_CONFIG_BAD);
	assert_string_equal(r.err,
	    "HTTPCONSOLE_LAB: error: lab: 'maybe' is not auto, true or "
	    "false\n");
	free(env[0]);
}

static void
listening_follows_port_bind_and_lan(void **state)
{
	static const struct {
		const char *args[ARGS_MAX];
		const char *listen;
		bool given; /* a port was asked for */
	} rows[] = {
		{ { NULL }, "127.0.0.1:8000", false },
		{ { "-p", "9000" }, "127.0.0.1:9000", true },
		{ { "--port=0" }, "127.0.0.1:0", true },
		{ { "-p", "1", "-p", "2" }, "127.0.0.1:2", true },
		{ { "--lan" }, ":8000", false },
		{ { "--lan", "-p", "9000" }, ":9000", true },
		{ { "-b", "0.0.0.0" }, "0.0.0.0:8000", false },
		{ { "-b", "::1", "-p", "9" }, "[::1]:9", true },
		{ { "-b", "[::1]" }, "[::1]:8000", false },
		{ { "-b", "[::1]:7", "-b", "localhost", "-p", "9" },
		    "[::1]:7 localhost:9", true },
		{ { "-b", "a:1", "--bind", "b:2" }, "a:1 b:2", true },
		{ { "-c", "listen.yaml" }, "a:1 a:2 [::1]:1", true },
		{ { "-c", "listen.yaml", "-p", "5" }, "a:5 [::1]:5", true },
		{ { "-c", "listen.yaml", "--lan" }, ":1", true },
		{ { "-c", "listen.yaml", "-b", "b" }, "b:1", true },
	};

	(void)state;
	write_file("listen.yaml", "listen: ['a:1', 'a:2', '[::1]:1']\n");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct run r;
		char got[200] = "";

		run(&r, rows[i].args);
		assert_string_equal(r.err, "");
		assert_int_equal(r.o.action, OPTIONS_SERVE);
		for (size_t j = 0; j < r.o.config->listen.n; j++) {
			strcat(got, j ? " " : "");
			strcat(got, r.o.config->listen.v[j]);
		}
		assert_string_equal(got, rows[i].listen);
		assert_int_equal(r.o.config->listen_given, rows[i].given);
		config_free(r.o.config);
	}
}

static void
every_option_sets_what_it_says(void **state)
{
	const char *cache;
	struct run r;
	const struct config *c = NULL;

	(void)state;
	run(&r,
	    (const char *[]){ "-w7", "--headless", "--hidden", "-v", "-i",
		"a,b", "--cache=max-age=5", "--log-format", "json", "www",
		"--no-listing", "--log-file=x.log", NULL });
	assert_string_equal(r.err, "");
	c = r.o.config;
	assert_int_equal(r.o.action, OPTIONS_SERVE);
	assert_false(r.o.quiet);
	assert_string_equal(c->root, "www");
	assert_int_equal(c->workers, 7);
	assert_int_equal(c->console_mode, CONFIG_OFF);
	assert_true(c->hidden_allowed);
	assert_false(c->listing);
	assert_int_equal(c->log_level, NOTICE_DEBUG);
	assert_int_equal(c->index.n, 2);
	assert_string_equal(c->index.v[1], "b");
	assert_true(rules_cache(c->rules, SPAN("/a"), &cache));
	assert_string_equal(cache, "max-age=5");
	assert_int_equal(c->log_format, LOG_JSON);
	assert_string_equal(c->log_access, "x.log");
	config_free(r.o.config);

	run(&r,
	    (const char *[]){ "-q", "--headless", "--console", "--cache",
		"null", "--log-file", "off", "--", "www", NULL });
	c = r.o.config;
	assert_true(r.o.quiet);
	assert_int_equal(c->console_mode, CONFIG_ON);
	assert_true(rules_cache(c->rules, SPAN("/a"), &cache));
	assert_null(cache);
	assert_string_equal(c->log_access, "./off");
	config_free(r.o.config);

	run(&r, (const char *[]){ "--log-file", "-", NULL });
	assert_string_equal(r.o.config->log_access, "stdout");
	config_free(r.o.config);
	run(&r, (const char *[]){ "--log-file=a", "--no-log", NULL });
	assert_string_equal(r.o.config->log_access, "off");
	config_free(r.o.config);
}

static void
the_page_of_an_spa_is_a_file_or_the_index(void **state)
{
	static const struct {
		const char *args[ARGS_MAX];
		const char *spa;
	} rows[] = {
		{ { "-s", "www" }, "/index.html" },
		{ { "--spa", "-i", "home.html,x" }, "/home.html" },
		{ { "--spa=app.html" }, "/app.html" },
		{ { "--spa=/a/app.html" }, "/a/app.html" },
		{ { "-sapp.html" }, "/app.html" },
		{ { "-s", "--spa=b.html" }, "/b.html" },
		{ { "-c", "spa.yaml" }, "/file.html" },
		{ { "-c", "spa.yaml", "--spa=false" }, NULL },
		{ { "-c", "spa.yaml", "-s" }, "/index.html" },
		{ { NULL }, NULL },
	};

	(void)state;
	write_file("spa.yaml", "files: {spa: /file.html}\n");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct run r;

		run(&r, rows[i].args);
		assert_string_equal(r.err, "");
		if (rows[i].spa)
			assert_string_equal(r.o.config->spa, rows[i].spa);
		else
			assert_null(r.o.config->spa);
		config_free(r.o.config);
	}
}

static void
fields_and_origins_come_from_the_command_line(void **state)
{
	const struct field_edits *edits[4];
	const struct config *c;
	struct run r;

	(void)state;
	write_file("fields.yaml",
	    "headers: [{match: '**', set: {X-A: file}}]\n"
	    "cors: {origins: ['https://a.example']}\n");
	run(&r,
	    (const char *[]){ "-c", "fields.yaml", "-H", "X-B: 1, 2",
		"--header=X-C: 3", "--cors", "www", NULL });
	assert_string_equal(r.err, "");
	c = r.o.config;
	/* After those of the file, in their order. */
	assert_int_equal(rules_fields(c->rules, SPAN("/a"), edits, 4), 3);
	assert_string_equal(edits[0]->set[1], "file");
	assert_string_equal(edits[1]->set[0], "X-B");
	assert_string_equal(edits[1]->set[1], "1, 2");
	assert_string_equal(edits[2]->set[0], "X-C");
	assert_string_equal(edits[2]->set[1], "3");
	assert_int_equal(c->cors_origins.n, 1);
	assert_string_equal(c->cors_origins.v[0], "*");
	config_free(r.o.config);

	run(&r,
	    (const char *[]){
		"--cors=https://a.example, http://b:3000", NULL });
	assert_string_equal(r.err, "");
	assert_int_equal(r.o.config->cors_origins.n, 2);
	assert_string_equal(r.o.config->cors_origins.v[1], "http://b:3000");
	config_free(r.o.config);
}

static void
no_more_fields_than_there_is_room_for(void **state)
{
	char *argv[19] = { strdup("httpconsole") };
	char *env[] = { NULL };
	struct options o;
	char text[TEXT_MAX];
	int err;

	(void)state;
	for (int i = 1; i <= 17; i++)
		argv[i] = strdup("-HX-A: b");
	options_read(&o, 17, argv, env);
	assert_int_equal(o.action, OPTIONS_SERVE);
	assert_int_equal(o.config->headers.n, 16);
	config_free(o.config);
	err = redirect(stderr, "err");
	options_read(&o, 18, argv, env);
	restore(stderr, err, "err", text);
	assert_int_equal(o.action, OPTIONS_USAGE);
	assert_string_equal(text, "httpconsole: more than 16 of -H" TRY);
	for (int i = 0; i < 18; i++)
		free(argv[i]);
}

static void
the_command_line_is_over_variables_over_the_file(void **state)
{
	char *env[] = { strdup("HTTPCONSOLE_BACKLOG=22"),
		strdup("HTTPCONSOLE_WORKERS=2"), NULL };
	struct run r;

	(void)state;
	write_file("server.yaml",
	    "backlog: 11\nworkers: 1\nport_fallback: true\nroot: www\n");
	run_env(&r, (const char *[]){ "-w", "3", NULL }, env);
	assert_int_equal(r.o.config->workers, 3);
	assert_int_equal(r.o.config->backlog, 22);
	assert_true(r.o.config->port_fallback);
	assert_string_equal(r.o.config->root, "www");
	assert_non_null(strstr(r.o.config->file, "/server.yaml"));
	config_free(r.o.config);
	/* A file of the folder that is served is not the configuration. */
	write_file("sub/server.yaml", "backlog: 33\n");
	run(&r, (const char *[]){ "sub", NULL });
	assert_int_equal(r.o.config->backlog, 11);
	assert_string_equal(r.o.config->root, "sub");
	config_free(r.o.config);
	run(&r, (const char *[]){ "-c", "sub/server.yaml", NULL });
	assert_int_equal(r.o.config->backlog, 33);
	assert_string_equal(r.o.config->root, ".");
	config_free(r.o.config);
	run(&r, (const char *[]){ "--no-config", NULL });
	assert_int_equal(r.o.config->backlog, 4096);
	assert_null(r.o.config->file);
	config_free(r.o.config);
	unlink("server.yaml");
	free(env[0]);
	free(env[1]);
}

static void
check_says_which_file_is_right(void **state)
{
	struct run r;

	(void)state;
	run(&r, (const char *[]){ "--check", NULL });
	assert_int_equal(r.o.action, OPTIONS_EXIT);
	assert_int_equal(
	    strncmp(r.out, "no configuration file: defaults are ok\n", 39), 0);
	write_file("server.yaml", "root: www\n");
	run(&r, (const char *[]){ "--check", NULL });
	assert_int_equal(r.o.action, OPTIONS_EXIT);
	assert_int_equal(strncmp(r.out, "server.yaml: ok\n", 16), 0);
	assert_non_null(strstr(r.out, "(io_uring): "));
	assert_non_null(strstr(r.out, "system calls (seccomp): "));
	assert_string_equal(r.err, "");
	unlink("server.yaml");
}

static void
the_configuration_in_effect_is_printed(void **state)
{
	struct run r, again;

	(void)state;
	run(&r,
	    (const char *[]){
		"--print-config", "-w", "5", "-p", "77", "www", NULL });
	assert_int_equal(r.o.action, OPTIONS_EXIT);
	assert_non_null(strstr(r.out, "\nworkers: 5 "));
	assert_non_null(strstr(r.out, "\nlisten: [127.0.0.1:77] "));
	assert_non_null(strstr(r.out, "\nroot: www "));
	write_file("printed.yaml", r.out);
	run(&again,
	    (const char *[]){ "--print-config", "-c", "printed.yaml", NULL });
	assert_string_equal(again.out, r.out);
}

static void
help_fits_80_columns_and_begins_with_the_commands(void **state)
{
	struct run r;
	char *line, *rest = r.out;

	(void)state;
	run(&r, (const char *[]){ "-h", NULL });
	assert_int_equal(r.o.action, OPTIONS_EXIT);
	assert_non_null(strstr(r.out, "Usage: httpconsole [OPTIONS] [DIR]"));
	assert_non_null(strstr(r.out, "\n       httpconsole probe [URL]"));
	while ((line = strsep(&rest, "\n")))
		if (strlen(line) > 80)
			fail_msg("%s", line);
	run(&r, (const char *[]){ "--version", NULL });
	assert_int_equal(r.o.action, OPTIONS_EXIT);
	assert_int_equal(strncmp(r.out, "httpconsole ", 12), 0);
}

static void
what_cannot_be_printed_is_an_error(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		char *argv[] = { (char[]){ "httpconsole" },
			(char[]){ "--help" }, NULL };
		char *env[] = { NULL };
		struct options o;

		if (!freopen("/dev/full", "w", stdout) ||
		    !freopen("/dev/null", "w", stderr))
			_exit(1);
		options_read(&o, 2, argv, env);
		_exit(o.action == OPTIONS_CANNOT_RUN ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
a_folder_without_permission_is_explained(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	mkdir("closed", 0700);
	chmod("closed", 0);
	/* Where anybody may write: "err2" is made as nobody. */
	chmod(".", 0777);
	pid = fork();
	if (pid == 0) {
		char *argv[] = { (char[]){ "httpconsole" },
			(char[]){ "closed" }, NULL };
		char *env[] = { NULL };
		struct options o;
		char text[TEXT_MAX];
		int err;

		/* Root may read everything: be somebody else. */
		if (getuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
			_exit(3);
		err = redirect(stderr, "err2");
		options_read(&o, 2, argv, env);
		restore(stderr, err, "err2", text);
		_exit(o.action != OPTIONS_CANNOT_RUN ||
		    strcmp(text,
			"httpconsole: 'closed' cannot be read: Permission "
			"denied\n") != 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
probe_takes_the_words_that_follow(void **state)
{
	struct run r;
	char *argv[] = { (char[]){ "httpconsole" }, (char[]){ "probe" },
		(char[]){ "--close" }, (char[]){ "http://a/" }, NULL };
	char *env[] = { NULL };

	(void)state;
	options_read(&r.o, 4, argv, env);
	assert_int_equal(r.o.action, OPTIONS_PROBE);
	assert_int_equal(r.o.probe_argc, 3);
	assert_string_equal(r.o.probe_argv[0], "probe");
	assert_string_equal(r.o.probe_argv[2], "http://a/");
	assert_null(r.o.config);
	mkdir("probe", 0755);
	run(&r, (const char *[]){ "./probe", NULL });
	assert_int_equal(r.o.action, OPTIONS_SERVE);
	config_free(r.o.config);
}

static void
a_reload_reads_the_file_as_it_is_now(void **state)
{
	char *argv[] = { (char[]){ "httpconsole" }, (char[]){ "www" },
		(char[]){ "-w" }, (char[]){ "3" }, NULL };
	char *env[] = { NULL };
	struct config_errors e = { NULL, 0 };
	struct config *c;

	(void)state;
	write_file("server.yaml", "backlog: 5\nworkers: 9\n");
	for (int i = 0; i < 2; i++) {
		c = options_reload(4, argv, env, &e);
		assert_non_null(c);
		assert_int_equal(c->backlog, 5);
		assert_int_equal(c->workers, 3);
		assert_string_equal(c->root, "www");
		config_free(c);
	}
	write_file("server.yaml", "backlog: x\n");
	assert_null(options_reload(4, argv, env, &e));
	assert_string_equal(e.text,
	    "server.yaml:1:10: error: backlog: 'x' is not a whole number\n");
	config_errors_free(&e);
	unlink("server.yaml");
}

static void
more_errors_than_are_kept_are_told_by_number(void **state)
{
	struct run r;
	FILE *f = fopen("many.yaml", "we");

	(void)state;
	for (int i = 0; i < 1700; i++)
		fprintf(f, "unknown_key_with_a_long_name_%d: 1\n", i);
	fclose(f);
	/* The console's text is bounded too, so the end is what matters. */
	run(&r, (const char *[]){ "-c", "many.yaml", NULL });
	assert_int_equal(r.o.action, OPTIONS_CONFIG_BAD);
	f = fopen("err", "re");
	fseek(f, -60, SEEK_END);
	r.err[fread(r.err, 1, TEXT_MAX - 1, f)] = '\0';
	fclose(f);
	assert_non_null(strstr(r.err, "\n... and 1"));
	assert_non_null(strstr(r.err, " more errors\n"));
}

static int
make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL || chdir(folder) < 0)
		return -1;
	setenv("XDG_CONFIG_HOME", folder, 1);
	mkdir("sub", 0755);
	mkdir("www", 0755);
	write_file("file", "");
	return 0;
}

static int
remove_folder(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_usage_says_what_would_be_right),
		cmocka_unit_test(a_folder_that_cannot_be_served_is_status_1),
		cmocka_unit_test(a_wrong_configuration_is_status_78),
		cmocka_unit_test(listening_follows_port_bind_and_lan),
		cmocka_unit_test(every_option_sets_what_it_says),
		cmocka_unit_test(the_page_of_an_spa_is_a_file_or_the_index),
		cmocka_unit_test(fields_and_origins_come_from_the_command_line),
		cmocka_unit_test(no_more_fields_than_there_is_room_for),
		cmocka_unit_test(
		    the_command_line_is_over_variables_over_the_file),
		cmocka_unit_test(check_says_which_file_is_right),
		cmocka_unit_test(the_configuration_in_effect_is_printed),
		cmocka_unit_test(
		    help_fits_80_columns_and_begins_with_the_commands),
		cmocka_unit_test(what_cannot_be_printed_is_an_error),
		cmocka_unit_test(a_folder_without_permission_is_explained),
		cmocka_unit_test(probe_takes_the_words_that_follow),
		cmocka_unit_test(a_reload_reads_the_file_as_it_is_now),
		cmocka_unit_test(more_errors_than_are_kept_are_told_by_number),
	};

	return cmocka_run_group_tests_name(
	    "options", tests, make_folder, remove_folder);
}
