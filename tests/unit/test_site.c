#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "site/site.h"

static char top[PATH_MAX]; /* a folder of the test's own */

static int
make_top(void **state)
{
	char pattern[] = "/tmp/httpconsole-site-XXXXXX";

	(void)state;
	return mkdtemp(pattern) && realpath(pattern, top) ? 0 : -1;
}

static int
remove_top(void **state)
{
	(void)state;
	return rmdir(top);
}

static const char *
in_top(const char *name)
{
	static char path[4][PATH_MAX + 64];
	static unsigned turn;
	char *p = path[turn++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", top, name);
	return p;
}

static struct site_options
options(const char *root)
{
	return (struct site_options){ .root = root,
		.default_type = "application/octet-stream" };
}

static struct site *
open_or_fail(const char *root)
{
	struct site_options o = options(root);
	char err[256] = "";
	struct site *s = site_open(&o, err);

	if (s == NULL)
		print_error("%s\n", err);
	assert_non_null(s);
	return s;
}

static void
assert_refused(const char *root, const char *word)
{
	struct site_options o = options(root);
	char err[256];

	memset(err, 'x', sizeof(err));
	assert_null(site_open(&o, err));
	assert_non_null(memchr(err, '\0', sizeof(err)));
	if (strstr(err, word) == NULL)
		print_error("%s\n", err);
	assert_non_null(strstr(err, word));
}

static void
a_folder_becomes_a_root(void **state)
{
	struct site *s;
	struct stat st;

	(void)state;
	s = open_or_fail(top);
	assert_string_equal(s->root, top);
	assert_int_equal(stat(top, &st), 0);
	assert_true(s->root_inode == st.st_ino && s->root_device == st.st_dev);
	assert_true(fcntl(s->root_fd, F_GETFD) & FD_CLOEXEC);
	assert_true(site_root_is_there(s));
	site_unref(s);
}

static void
what_is_not_a_readable_folder_is_refused_with_a_sentence(void **state)
{
	char longer[600];
	int fd;

	(void)state;
	assert_refused(in_top("nothing"), "No such file");
	fd = open(in_top("file"), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	close(fd);
	assert_refused(in_top("file"), "not a folder");
	assert_refused(in_top("file/x"), "");
	assert_int_equal(unlink(in_top("file")), 0);
	assert_refused("", "");
	memset(longer, 'n', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_refused(longer, "too long");
	assert_int_equal(symlink("loop", in_top("loop")), 0);
	assert_refused(in_top("loop"), "symbolic links");
	assert_int_equal(unlink(in_top("loop")), 0);
}

static void
an_unreadable_folder_is_refused(void **state)
{
	(void)state;
	if (geteuid() == 0)
		skip(); /* root reads everything */
	assert_int_equal(mkdir(in_top("dark"), 0300), 0);
	assert_refused(in_top("dark"), "cannot be read");
	assert_int_equal(rmdir(in_top("dark")), 0);
}

static void
a_root_that_is_a_link_is_known_by_its_real_name(void **state)
{
	struct site *s;

	(void)state;
	assert_int_equal(mkdir(in_top("real"), 0755), 0);
	assert_int_equal(symlink("real", in_top("link")), 0);
	s = open_or_fail(in_top("link/../link/."));
	assert_string_equal(s->root, in_top("real"));
	site_unref(s);
	assert_int_equal(unlink(in_top("link")), 0);
	assert_int_equal(rmdir(in_top("real")), 0);
}

/* Strings that are gone as soon as the site has been made. */
static struct site *
open_with_passing_strings(void)
{
	char root[PATH_MAX], one[] = "one", two[] = "two", hidden[] = "*.key";
	char host[] = "my.test", charset[] = "utf-8", type[] = "x/y";
	char spa[] = "/app.html", origin[] = "http://a", err[256];
	const char *index[] = { one, two, NULL }, *deny[] = { hidden, NULL };
	const char *hosts[] = { host, NULL };
	const char *origins[] = { origin, NULL };
	struct site_options o = {
		.index = index,
		.deny = deny,
		.hosts = hosts,
		.charset = charset,
		.default_type = type,
		.spa = spa,
		.origins = origins,
		.codings = { CODING_BR },
		.codings_n = 1,
		.hidden_allowed = true,
		.server_header = true,
		.loopback_only = true,
	};
	struct site *s;

	o.root = strcpy(root, top);
	s = site_open(&o, err);
	assert_non_null(s);
	memset(root, '#', sizeof(root));
	memset(one, '#', 3);
	memset(two, '#', 3);
	memset(hidden, '#', 5);
	memset(host, '#', 7);
	memset(charset, '#', 5);
	memset(type, '#', 3);
	memset(spa, '#', 9);
	memset(origin, '#', 8);
	return s;
}

static void
assert_is_the_passing_site(const struct site *s)
{
	assert_string_equal(s->o.index[0], "one");
	assert_string_equal(s->o.index[1], "two");
	assert_null(s->o.index[2]);
	assert_string_equal(s->o.deny[0], "*.key");
	assert_null(s->o.deny[1]);
	assert_string_equal(s->rules.hosts[0], "my.test");
	assert_null(s->rules.hosts[1]);
	assert_string_equal(s->rules.charset, "utf-8");
	assert_string_equal(s->o.spa, "/app.html");
	assert_string_equal(s->rules.origins[0], "http://a");
	assert_null(s->rules.origins[1]);
	assert_int_equal(s->rules.coding_order_n, 1);
	assert_int_equal(s->rules.coding_order[0], CODING_BR);
	assert_string_equal(s->o.default_type, "x/y");
	assert_true(s->o.hidden_allowed);
	assert_false(s->o.symlinks_allowed);
	assert_true(s->rules.server_header);
	assert_false(s->rules.security_headers);
	assert_true(s->rules.loopback_only);
}

static void
a_link_that_is_switched_is_another_root(void **state)
{
	struct site *s, *next;
	char err[256] = "";

	(void)state;
	assert_int_equal(mkdir(in_top("41"), 0755), 0);
	assert_int_equal(mkdir(in_top("42"), 0755), 0);
	assert_int_equal(symlink("41", in_top("current")), 0);
	s = open_or_fail(in_top("current"));
	assert_string_equal(s->root, in_top("41"));
	assert_string_equal(s->path, in_top("current"));
	assert_true(site_root_is_there(s));
	assert_int_equal(symlink("42", in_top("new")), 0);
	assert_int_equal(rename(in_top("new"), in_top("current")), 0);
	assert_false(site_root_is_there(s));
	next = site_reopen(s, s->path, err);
	site_unref(s);
	assert_non_null(next);
	assert_string_equal(next->root, in_top("42"));
	assert_true(site_root_is_there(next));
	site_unref(next);
	assert_int_equal(unlink(in_top("current")), 0);
	assert_int_equal(rmdir(in_top("41")), 0);
	assert_int_equal(rmdir(in_top("42")), 0);
}

static void
a_relative_root_is_kept_as_an_absolute_path(void **state)
{
	char before[PATH_MAX], err[256] = "";
	struct site_options o = options("sub/.");
	struct site *s;

	(void)state;
	assert_int_equal(mkdir(in_top("sub"), 0755), 0);
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(top), 0);
	s = site_open(&o, err);
	assert_int_equal(chdir(before), 0);
	assert_non_null(s);
	assert_string_equal(s->path, in_top("sub/."));
	assert_string_equal(s->root, in_top("sub"));
	assert_true(site_root_is_there(s));
	site_unref(s);
	assert_int_equal(rmdir(in_top("sub")), 0);
}

static void
everything_is_copied(void **state)
{
	struct site *s = open_with_passing_strings();

	(void)state;
	assert_is_the_passing_site(s);
	assert_string_equal(s->root, top);
	assert_string_equal(s->o.root, top);
	site_unref(s);
}

static void
another_root_keeps_the_options(void **state)
{
	struct site *s = open_with_passing_strings(), *other;
	char err[256] = "";

	(void)state;
	assert_int_equal(mkdir(in_top("other"), 0755), 0);
	other = site_reopen(s, in_top("other"), err);
	assert_non_null(other);
	assert_null(site_reopen(s, in_top("nothing"), err));
	assert_true(err[0] != '\0');
	assert_true(site_root_is_there(s)); /* the old one goes on */
	site_unref(s);
	assert_string_equal(other->root, in_top("other"));
	assert_is_the_passing_site(other);
	site_unref(other);
	assert_int_equal(rmdir(in_top("other")), 0);
}

static void
absent_lists_are_empty_lists(void **state)
{
	struct site *s = open_or_fail(top);

	(void)state;
	assert_null(s->o.index[0]);
	assert_null(s->o.deny[0]);
	assert_null(s->rules.hosts[0]);
	assert_null(s->rules.charset);
	assert_null(s->rules.origins[0]);
	assert_int_equal(s->rules.coding_order_n, 0);
	site_unref(s);
}

static void
the_last_user_frees_it_and_its_descriptor(void **state)
{
	struct site *s = open_or_fail(top);
	int fd = s->root_fd;

	(void)state;
	assert_ptr_equal(site_ref(s), s);
	assert_ptr_equal(site_ref(s), s);
	site_unref(s);
	site_unref(s);
	assert_true(fcntl(fd, F_GETFD) >= 0);
	assert_true(site_root_is_there(s));
	site_unref(s);
	errno = 0;
	assert_true(fcntl(fd, F_GETFD) < 0 && errno == EBADF);
	site_unref(NULL);
}

static void
a_root_deleted_renamed_or_replaced_is_not_there(void **state)
{
	struct site *s;

	(void)state;
	assert_int_equal(mkdir(in_top("root"), 0755), 0);
	s = open_or_fail(in_top("root"));
	assert_true(site_root_is_there(s));
	/* renamed away and back */
	assert_int_equal(rename(in_top("root"), in_top("away")), 0);
	assert_false(site_root_is_there(s));
	assert_int_equal(rename(in_top("away"), in_top("root")), 0);
	assert_true(site_root_is_there(s));
	/* deleted: the inode lives as long as the site holds it */
	assert_int_equal(rmdir(in_top("root")), 0);
	assert_false(site_root_is_there(s));
	/* another of the same name */
	assert_int_equal(mkdir(in_top("root"), 0755), 0);
	assert_false(site_root_is_there(s));
	assert_int_equal(rmdir(in_top("root")), 0);
	/* a file of that name */
	close(open(in_top("root"), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	assert_false(site_root_is_there(s));
	assert_int_equal(unlink(in_top("root")), 0);
	site_unref(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_becomes_a_root),
		cmocka_unit_test(
		    what_is_not_a_readable_folder_is_refused_with_a_sentence),
		cmocka_unit_test(an_unreadable_folder_is_refused),
		cmocka_unit_test(
		    a_root_that_is_a_link_is_known_by_its_real_name),
		cmocka_unit_test(a_link_that_is_switched_is_another_root),
		cmocka_unit_test(a_relative_root_is_kept_as_an_absolute_path),
		cmocka_unit_test(everything_is_copied),
		cmocka_unit_test(another_root_keeps_the_options),
		cmocka_unit_test(absent_lists_are_empty_lists),
		cmocka_unit_test(the_last_user_frees_it_and_its_descriptor),
		cmocka_unit_test(
		    a_root_deleted_renamed_or_replaced_is_not_there),
	};
	return cmocka_run_group_tests_name("site", tests, make_top, remove_top);
}
