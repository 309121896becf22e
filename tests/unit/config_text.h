/* Texts as server.yaml: what reading them gives, and what is wrong. */
#ifndef TESTS_CONFIG_TEXT_H
#define TESTS_CONFIG_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "app/config_key.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char folder[] = "/tmp/test_config.XXXXXX"; /* the working one */

static void
write_bytes(const char *path, const char *bytes, size_t n)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static inline void
write_file(const char *path, const char *text)
{
	write_bytes(path, text, strlen(text));
}

/* The errors of reading the text as server.yaml, owned; "" for none. */
static char *
errors_of(const char *text, size_t n)
{
	struct config *c = config_new();
	struct config_errors e = { NULL, 0 };
	bool good;

	assert_non_null(c);
	write_bytes("server.yaml", text, n);
	good = config_read_file(c, "server.yaml", &e);
	assert_int_equal(good, e.count == 0);
	assert_int_equal(good, e.text == NULL);
	config_free(c);
	return e.text ? e.text : strdup("");
}

static inline struct config *
config_of(const char *text)
{
	struct config *c = config_new();
	struct config_errors e = { NULL, 0 };

	assert_non_null(c);
	write_file("server.yaml", text);
	if (!config_read_file(c, "server.yaml", &e))
		fail_msg("%s", e.text);
	return c;
}

/* What config_print writes, owned. */
static inline char *
printed(const struct config *c)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	config_print(c, f);
	assert_int_equal(fclose(f), 0);
	return text;
}

struct bad {
	const char *text;
	const char *errors;
};

static void
check_bad(const struct bad *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *got = errors_of(rows[i].text, strlen(rows[i].text));

		if (strcmp(got, rows[i].errors) != 0)
			fail_msg("of:\n%s\ngot:\n%swanted:\n%s", rows[i].text,
			    got, rows[i].errors);
		free(got);
	}
}

/* The same, each row a variable of the environment; "" for none. */
static inline void
check_environment(const struct bad *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct config_errors e = { NULL, 0 };
		struct config *c = config_new();
		char *env[] = { strdup(rows[i].text), NULL };

		assert_int_equal(
		    config_read_env(c, env, &e), rows[i].errors[0] == '\0');
		assert_string_equal(e.text ? e.text : "", rows[i].errors);
		config_errors_free(&e);
		config_free(c);
		free(env[0]);
	}
}

#define AT(place) "server.yaml:" place ": error: "

/* To be the working folder, from setup; with all that is in it, at the end. */
static int
enter_folder(void)
{
	return mkdtemp(folder) == NULL || chdir(folder) < 0 ? -1 : 0;
}

static int
remove_folder(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

#endif
