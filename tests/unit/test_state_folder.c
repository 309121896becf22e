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

#include "base/state_folder.h"

static char home[32];
static char path[PATH_MAX];

static int
make_home(void **state)
{
	(void)state;
	(void)snprintf(home, sizeof(home), "/tmp/state-folder-XXXXXX");
	return mkdtemp(home) == NULL || setenv("HOME", home, 1) ||
	    unsetenv("XDG_STATE_HOME");
}

static int
remove_home(void **state)
{
	char command[64];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -r %s", home);
	return system(command);
}

static void
expect_made(const char *behind_home)
{
	char wanted[256];
	struct stat st;

	(void)snprintf(wanted, sizeof(wanted), "%s/%s", home, behind_home);
	assert_true(state_folder(path));
	assert_string_equal(path, wanted);
	assert_int_equal(stat(path, &st), -1);
	assert_true(state_folder_make(path));
	assert_string_equal(path, wanted);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
	assert_true(state_folder_make(path)); /* it is there already */
}

static void
without_a_variable_it_is_in_the_home_folder(void **state)
{
	(void)state;
	expect_made(".local/state/httpconsole");
}

static void
the_variable_names_it(void **state)
{
	char state_home[64];

	(void)state;
	(void)snprintf(state_home, sizeof(state_home), "%s/a/b", home);
	assert_int_equal(setenv("XDG_STATE_HOME", state_home, 1), 0);
	expect_made("a/b/httpconsole");
}

static void
a_relative_variable_is_ignored(void **state)
{
	(void)state;
	assert_int_equal(setenv("XDG_STATE_HOME", "a/b", 1), 0);
	expect_made(".local/state/httpconsole");
}

static void
a_path_that_leaves_no_room_for_a_name_is_none(void **state)
{
	static char longest[PATH_MAX];
	size_t n = PATH_MAX - STATE_NAME_MAX - strlen("/httpconsole");

	(void)state;
	memset(longest, 'a', n);
	longest[0] = '/';
	assert_int_equal(setenv("XDG_STATE_HOME", longest, 1), 0);
	assert_false(state_folder(path));
	longest[n - 1] = '\0';
	assert_int_equal(setenv("XDG_STATE_HOME", longest, 1), 0);
	assert_true(state_folder(path));
	assert_false(state_folder_make(path)); /* no name may be as long */
	assert_int_equal(unsetenv("XDG_STATE_HOME"), 0);
	assert_int_equal(unsetenv("HOME"), 0);
	assert_false(state_folder(path));
}

static void
where_a_file_is_in_the_way_there_is_none(void **state)
{
	char name[64];
	FILE *f;

	(void)state;
	(void)snprintf(name, sizeof(name), "%s/.local", home);
	f = fopen(name, "w");
	assert_non_null(f);
	assert_int_equal(fclose(f), 0);
	assert_false(state_folder_make(path));
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, make_home, remove_home)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_variable_it_is_in_the_home_folder),
		TEST(the_variable_names_it),
		TEST(a_relative_variable_is_ignored),
		TEST(a_path_that_leaves_no_room_for_a_name_is_none),
		TEST(where_a_file_is_in_the_way_there_is_none),
	};

	return cmocka_run_group_tests_name("state_folder", tests, NULL, NULL);
}
