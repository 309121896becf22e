#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ui/prompt.h"
#include "ui/term.h"

static struct prompt p;

static void
type(const char *s)
{
	for (; *s; s++)
		(void)prompt_key(&p, (unsigned char)*s);
}

static void
a_line_is_edited_where_the_cursor_stands(void **state)
{
	static const struct {
		uint32_t key;
		const char *want;
	} table[] = {
		{ TERM_KEY_LEFT, "/srv/w" },
		{ 'x', "/srv/xw" },
		{ TERM_KEY_BACKSPACE, "/srv/w" },
		{ TERM_KEY_DELETE, "/srv/" },
		{ TERM_KEY_HOME, "/srv/" },
		{ TERM_KEY_BACKSPACE, "/srv/" },
		{ '~', "~/srv/" },
		{ TERM_KEY_END, "~/srv/" },
		{ TERM_KEY_CTRL_W, "~/" },
		{ 0xE9, "~/\xC3\xA9" },
		{ TERM_KEY_LEFT, "~/\xC3\xA9" },
		{ TERM_KEY_CTRL_K, "~/" },
		{ TERM_KEY_PAGE_UP, "~/" },
		{ TERM_KEY_CTRL_U, "" },
		{ TERM_KEY_DELETE, "" },
		{ TERM_KEY_RIGHT, "" },
	};

	(void)state;
	prompt_open(&p, PROMPT_ROOT, "/srv/w");
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_int_equal(prompt_key(&p, table[i].key), PROMPT_STAYS);
		assert_string_equal(p.text, table[i].want);
	}
}

static void
what_cannot_be_seen_is_not_typed(void **state)
{
	static const uint32_t hidden[] = { 0x202E, 0x200B, 0xE0041, 1, 0x9B,
		0xFEFF };

	(void)state;
	prompt_open(&p, PROMPT_ROOT, "");
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		(void)prompt_key(&p, hidden[i]);
	assert_string_equal(p.text, "");
}

static void
a_pasted_newline_does_not_submit(void **state)
{
	(void)state;
	prompt_open(&p, PROMPT_ROOT, "");
	assert_int_equal(prompt_key(&p, TERM_KEY_PASTE_BEGIN), PROMPT_STAYS);
	assert_int_equal(prompt_key(&p, 'a'), PROMPT_STAYS);
	assert_int_equal(prompt_key(&p, TERM_KEY_ENTER), PROMPT_STAYS);
	assert_int_equal(prompt_key(&p, TERM_KEY_ESCAPE), PROMPT_STAYS);
	assert_int_equal(prompt_key(&p, 'b'), PROMPT_STAYS);
	assert_int_equal(prompt_key(&p, TERM_KEY_PASTE_END), PROMPT_STAYS);
	assert_string_equal(p.text, "a b");
	assert_int_equal(prompt_key(&p, TERM_KEY_ENTER), PROMPT_SUBMITTED);
}

static void
pasted_lines_become_words(void **state)
{
	static const struct {
		const char *pasted, *text;
	} table[] = {
		{ "x\ny", "x y" },
		{ "x\r\n\r\ny", "x y" },
		{ "x \n y", "x  y" },
		{ "x\ty", "x y" },
		{ "\nx", "x" },
		{ "/srv/www\n", "/srv/www" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		prompt_open(&p, PROMPT_COMMAND, "");
		(void)prompt_key(&p, TERM_KEY_PASTE_BEGIN);
		for (const char *s = table[i].pasted; *s; s++)
			(void)prompt_key(&p,
			    *s == '\n' ? TERM_KEY_ENTER : (unsigned char)*s);
		(void)prompt_key(&p, TERM_KEY_PASTE_END);
		assert_string_equal(p.text, table[i].text);
	}
}

static void
a_line_has_an_end(void **state)
{
	(void)state;
	prompt_open(&p, PROMPT_ROOT, "");
	for (int i = 0; i < 2 * PATH_MAX; i++)
		(void)prompt_key(&p, 0x20AC);
	assert_true(p.n < sizeof p.text);
	assert_int_equal(p.n % 3, 0);
	assert_int_equal(strlen(p.text), p.n);
}

static void
make_folder(const char *base, const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof path, "%s/%s", base, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void
remove_tree(const char *base)
{
	static const char *const names[] = { "site", "site-old", "other",
		"caf\xC3\xA9", ".hidden", "file" };
	char path[256];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", base, names[i]);
		(void)remove(path);
	}
	(void)rmdir(base);
}

static void
open_at(const char *base, const char *tail)
{
	char path[256];

	(void)snprintf(path, sizeof path, "%s/%s", base, tail);
	prompt_open(&p, PROMPT_ROOT, path);
	prompt_complete_folder(&p, 0);
}

static void
tab_completes_folders(void **state)
{
	static const struct {
		const char *tail;
		const char *want;
		const char *hint; /* is part of it */
	} table[] = {
		{ "o", "other/", "" },
		{ "s", "site", "site  site-old" },
		{ "site-", "site-old/", "" },
		{ "ca", "caf\xC3\xA9/", "" },
		{ "f", "f", "nothing" }, /* a file is no folder */
		{ ".", ".hidden/", "" },
		{ "nowhere/x", "nowhere/x", "no such folder" },
	};
	char base[] = "/tmp/ui-prompt-XXXXXX";
	char file[64];

	(void)state;
	assert_non_null(mkdtemp(base));
	make_folder(base, "site");
	make_folder(base, "site-old");
	make_folder(base, "other");
	make_folder(base, "caf\xC3\xA9");
	make_folder(base, ".hidden");
	(void)snprintf(file, sizeof file, "%s/file", base);
	FILE *f = fopen(file, "w");
	assert_non_null(f);
	(void)fclose(f);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		open_at(base, table[i].tail);
		assert_string_equal(p.text + strlen(base) + 1, table[i].want);
		assert_non_null(strstr(p.hint, table[i].hint));
		assert_int_equal(p.at, p.n);
	}
	/* before what follows: the slash that is there is not doubled */
	open_at(base, "other");
	type("deep");
	for (int i = 0; i < 5; i++)
		(void)prompt_key(&p, TERM_KEY_LEFT);
	(void)prompt_key(&p, TERM_KEY_BACKSPACE);
	prompt_complete_folder(&p, 0);
	assert_string_equal(p.text + strlen(base) + 1, "other/deep");
	remove_tree(base);
}

static void
tab_completes_command_names(void **state)
{
	static const char *const words[] = { "pause", "page-up", "quit" };

	(void)state;
	prompt_open(&p, PROMPT_COMMAND, "q");
	prompt_complete_word(&p, words, 3, 0, " ");
	assert_string_equal(p.text, "quit ");
	prompt_open(&p, PROMPT_COMMAND, "p");
	prompt_complete_word(&p, words, 3, 0, " ");
	assert_string_equal(p.text, "pa");
	assert_string_equal(p.hint, "page-up  pause");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_edited_where_the_cursor_stands),
		cmocka_unit_test(what_cannot_be_seen_is_not_typed),
		cmocka_unit_test(a_pasted_newline_does_not_submit),
		cmocka_unit_test(pasted_lines_become_words),
		cmocka_unit_test(a_line_has_an_end),
		cmocka_unit_test(tab_completes_folders),
		cmocka_unit_test(tab_completes_command_names),
	};

	return cmocka_run_group_tests_name("ui_prompt", tests, NULL, NULL);
}
