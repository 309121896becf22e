#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "site/resolve.h"
#include "descriptors.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* top/root is served; top/outside.txt and top/outside/ are not. */
static char top[] = "/tmp/httpconsole-resolve-XXXXXX";
static int top_fd;

static int
write_file(const char *name, const char *text)
{
	int fd = openat(top_fd, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return n < 0 ? -1 : 0;
}

static int
make_folders(void)
{
	static const char *const folders[] = { "root", "root/sub", "root/empty",
		"root/.git", "root/.well-known", "root/.well-known/.hid",
		"root/index-folder", "root/index-folder/index.html",
		"root/second", "root/second/index.html", "root/fifo-index",
		"outside", "root/sub/deep", "root/keys.key" };

	for (size_t i = 0; i < N(folders); i++)
		if (mkdirat(top_fd, folders[i], 0755) != 0)
			return -1;
	return 0;
}

static int
make_files(void)
{
	static const struct {
		const char *name, *text;
	} files[] = {
		{ "outside.txt", "secret" },
		{ "outside/in.txt", "secret" },
		{ "root/a.txt", "four" },
		{ "root/empty.txt", "" },
		{ "root/no-extension", "x" },
		{ "root/page.HTML", "<p>" },
		{ "root/data.tar.gz", "z" },
		{ "root/.hidden", "h" },
		{ "root/.git/config", "h" },
		{ "root/.well-known/security.txt", "w" },
		{ "root/.well-known/.hid/x", "h" },
		{ "root/.well-knownx", "h" },
		{ "root/sub/index.html", "index" },
		{ "root/sub/b.txt", "bb" },
		{ "root/sub/deep/c.txt", "ccc" },
		{ "root/second/index.htm", "second" },
		{ "root/server.key", "k" },
		{ "root/keys.key/x", "k" },
		{ "root/\xff.key", "k" },
		{ "root/back~", "k" },
		{ "root/sp ace%.txt", "s" },
		{ "root/\xc3\xa9", "e" },
		{ "root/back\\slash", "b" },
		{ "root/log", "l" },
		{ "root/dark", "d" },
	};

	for (size_t i = 0; i < N(files); i++)
		if (write_file(files[i].name, files[i].text) != 0)
			return -1;
	return fchmodat(top_fd, "root/dark", 0, 0);
}

static int
make_links(void)
{
	static const struct {
		const char *to, *name;
	} links[] = {
		{ "a.txt", "root/in" },
		{ "sub/../a.txt", "root/in-dots" },
		{ "sub", "root/in-folder" },
		{ "../a.txt", "root/sub/up-inside" },
		{ "../outside.txt", "root/out" },
		{ "../outside", "root/out-folder" },
		{ "../root/a.txt", "root/out-and-in" },
		{ "/etc/passwd", "root/absolute" },
		{ "/", "root/slash" },
		{ "/proc/self/root", "root/magic" },
		{ "loop-b", "root/loop-a" },
		{ "loop-a", "root/loop-b" },
		{ "self", "root/self" },
		{ "nothing", "root/dangling" },
		{ "a.txt", "root/.dot-link" },
	};

	for (size_t i = 0; i < N(links); i++)
		if (symlinkat(links[i].to, top_fd, links[i].name) != 0)
			return -1;
	return 0;
}

static int
make_specials(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

	if (fd < 0 || mkfifoat(top_fd, "root/fifo", 0644) != 0 ||
	    mkfifoat(top_fd, "root/fifo-index/index.html", 0644) != 0)
		return -1;
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/root/socket", top);
	r = bind(fd, (struct sockaddr *)&sa, sizeof(sa));
	close(fd);
	return r;
}

static int
make_tree(void **state)
{
	(void)state;
	if (mkdtemp(top) == NULL)
		return -1;
	top_fd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return top_fd < 0 || make_folders() || make_files() || make_links() ||
	    make_specials();
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
	close(top_fd);
	return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- asking ---- */

static bool
is_the_log(const void *arg, uint64_t device, uint64_t inode)
{
	const struct stat *st = arg;

	return st->st_dev == device && st->st_ino == inode;
}

static struct stat log_stat;

static struct site *
open_site(bool hidden, bool symlinks)
{
	static const char *const index[] = { "index.html", "index.htm", NULL };
	static const char *const deny[] = { "*~", "*.key", NULL };
	char root[64], err[256] = "";
	struct site_options o = { .root = root,
		.index = index,
		.deny = deny,
		.default_type = "application/octet-stream",
		.hidden_allowed = hidden,
		.symlinks_allowed = symlinks,
		.excluded = is_the_log,
		.excluded_arg = &log_stat };
	struct site *s;

	assert_int_equal(fstatat(top_fd, "root/log", &log_stat, 0), 0);
	snprintf(root, sizeof(root), "%s/root", top);
	s = site_open(&o, err);
	if (s == NULL)
		print_error("%s\n", err);
	assert_non_null(s);
	return s;
}

static struct site_file
ask(const struct site *s, const char *target)
{
	struct target_path path;
	struct site_file f;
	size_t at;

	assert_int_equal(
	    target_decode(span_str(target), &path, &at), REASON_NONE);
	memset(&f, 0x5a, sizeof(f)); /* all of it shall be filled */
	site_resolve(s, &path, &f);
	assert_int_equal(f.fd >= 0, f.facts.kind == FILE_KIND_FILE);
	return f;
}

static void
assert_reason(const struct site *s, const char *target, enum reason_id reason)
{
	struct site_file f = ask(s, target);

	if (f.facts.reason != reason)
		print_error("%s: reason %d (%d)\n", target, (int)f.facts.reason,
		    (int)f.facts.reason_a);
	assert_int_equal(f.facts.reason, reason);
	if (f.fd >= 0)
		close(f.fd);
}

static void
assert_content(const struct site *s, const char *target, const char *text)
{
	struct site_file f = ask(s, target);
	char got[64];
	ssize_t n;

	if (f.fd < 0)
		print_error("%s: reason %d (%d)\n", target, (int)f.facts.reason,
		    (int)f.facts.reason_a);
	assert_true(f.fd >= 0);
	n = read(f.fd, got, sizeof(got));
	assert_int_equal(n, strlen(text));
	assert_memory_equal(got, text, strlen(text));
	assert_int_equal(f.facts.size, strlen(text));
	assert_int_equal(f.facts.reason_a, strlen(text));
	assert_true(fcntl(f.fd, F_GETFD) & FD_CLOEXEC);
	close(f.fd);
}

/* ---- what is there ---- */

static void
a_file_is_opened_with_its_facts(void **state)
{
	struct site *s = open_site(false, true);
	struct site_file f;
	struct stat st;

	(void)state;
	assert_content(s, "/a.txt", "four");
	assert_content(s, "/empty.txt", "");
	assert_content(s, "/sub/b.txt", "bb");
	assert_content(s, "//sub///deep/../b.txt", "bb");
	assert_content(s, "/sp%20ace%25.txt", "s");
	assert_content(s, "/%c3%a9", "e");
	assert_content(s, "/back%5Cslash", "b");
	f = ask(s, "/a.txt");
	assert_int_equal(f.facts.reason, REASON_FILE_FOUND);
	assert_int_equal(fstatat(top_fd, "root/a.txt", &st, 0), 0);
	assert_true(f.facts.mtime_ns ==
	    st.st_mtim.tv_sec * NS_PER_S + st.st_mtim.tv_nsec);
	close(f.fd);
	site_unref(s);
}

static void
the_type_comes_from_the_name(void **state)
{
	static const struct {
		const char *target, *type;
		bool charset, coding;
	} rows[] = {
		{ "/a.txt", "text/plain", true, false },
		{ "/page.HTML", "text/html", true, false },
		{ "/no-extension", "application/octet-stream", false, false },
		{ "/sub/", "text/html", true, false },
	};
	struct site *s = open_site(false, true);

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct site_file f = ask(s, rows[i].target);

		assert_string_equal(f.facts.type, rows[i].type);
		assert_int_equal(f.facts.charset, rows[i].charset);
		assert_int_equal(f.facts.coding != NULL, rows[i].coding);
		close(f.fd);
	}
	site_unref(s);
}

static void
a_folder_shows_its_first_index_that_is_a_file(void **state)
{
	struct site *s = open_site(false, true);

	(void)state;
	assert_content(s, "/sub/", "index");
	assert_reason(s, "/sub/", REASON_INDEX_FOUND);
	/* index.html is a folder there: the next name */
	assert_content(s, "/second/", "second");
	assert_reason(s, "/index-folder/", REASON_FOLDER_NO_INDEX);
	assert_reason(s, "/empty/", REASON_FOLDER_NO_INDEX);
	assert_reason(s, "/", REASON_FOLDER_NO_INDEX);
	assert_reason(s, "/fifo-index/", REASON_FILE_SPECIAL);
	site_unref(s);
}

static void
a_folder_named_without_its_slash_is_told_apart(void **state)
{
	struct site *s = open_site(false, true);
	struct site_file f = ask(s, "/sub");

	(void)state;
	assert_int_equal(f.facts.kind, FILE_KIND_FOLDER);
	assert_int_equal(f.facts.reason, REASON_FOLDER_SLASH);
	assert_int_equal(ask(s, "/empty").facts.kind, FILE_KIND_FOLDER);
	assert_int_equal(ask(s, "/sub/.").facts.kind, FILE_KIND_FILE);
	site_unref(s);
}

static void
what_is_not_there_says_how(void **state)
{
	struct site *s = open_site(false, true);

	(void)state;
	assert_reason(s, "/nothing", REASON_FILE_MISSING);
	assert_reason(s, "/nothing/", REASON_FILE_MISSING);
	assert_reason(s, "/sub/nothing/x", REASON_FILE_MISSING);
	assert_reason(s, "/A.TXT", REASON_FILE_MISSING);
	assert_reason(s, "/a.txt%20", REASON_FILE_MISSING);
	assert_reason(s, "/a.txt/", REASON_FILE_SLASH);
	assert_reason(s, "/a.txt/x", REASON_FILE_UNDER_FILE);
	assert_reason(s, "/a.txt/x/", REASON_FILE_UNDER_FILE);
	assert_reason(s, "/%252e%252e/outside.txt", REASON_FILE_MISSING);
	assert_reason(s, "/%5c..%5c..%5cetc", REASON_FILE_MISSING);
	site_unref(s);
}

static void
a_name_of_256_bytes_is_too_long(void **state)
{
	struct site *s = open_site(false, true);
	char target[LIMIT_PATH + 1];

	(void)state;
	memset(target, 'n', sizeof(target));
	target[0] = '/';
	target[256] = '\0';
	assert_reason(s, target, REASON_FILE_MISSING);
	target[256] = 'n';
	target[257] = '\0';
	assert_reason(s, target, REASON_FILE_NAME_LONG);
	/* the longest path that there can be, of short names */
	for (size_t i = 0; i < LIMIT_PATH; i++)
		target[i] = i % 2 ? 'n' : '/';
	target[LIMIT_PATH - 1] = '\0';
	assert_reason(s, target, REASON_FILE_MISSING);
	/* as a folder in whose longest path there is no room for an index */
	target[LIMIT_PATH - 2] = '/';
	target[LIMIT_PATH - 3] = 'n';
	assert_reason(s, target, REASON_FILE_MISSING);
	site_unref(s);
}

/* ---- what is kept back ---- */

static void
hidden_names_are_not_served(void **state)
{
	static const char *const targets[] = { "/.hidden", "/.git",
		"/.git/config", "/.git/", "/%2ehidden", "/%2Egit/config",
		"/sub/.x", "/.well-knownx", "/.well-known/.hid/x", "/...",
		"/.%20", "/sub/..b", "/.dot-link", "/.nothing" };
	struct site *s = open_site(false, true);

	(void)state;
	for (size_t i = 0; i < N(targets); i++)
		assert_reason(s, targets[i], REASON_FILE_HIDDEN);
	assert_int_equal(ask(s, "/sub/.x").facts.reason_a, 2);
	assert_content(s, "/.well-known/security.txt", "w");
	assert_int_equal(ask(s, "/.well-known").facts.kind, FILE_KIND_FOLDER);
	site_unref(s);
	s = open_site(true, true);
	assert_content(s, "/.hidden", "h");
	assert_content(s, "/.git/config", "h");
	assert_content(s, "/.dot-link", "four");
	site_unref(s);
}

static void
denied_patterns_hold_for_every_segment(void **state)
{
	static const char *const targets[] = { "/server.key", "/back~",
		"/sub/none.key", "/keys.key/x", "/keys.key/", "/keys.key",
		"/server%2ekey", "/.well-known/x.key" };
	struct site *s = open_site(false, true);

	(void)state;
	for (size_t i = 0; i < N(targets); i++)
		assert_reason(s, targets[i], REASON_FILE_DENIED_RULE);
	assert_int_equal(ask(s, "/server.key").facts.reason_a, 2);
	assert_int_equal(ask(s, "/back~").facts.reason_a, 1);
	assert_reason(s, "/server.keyx", REASON_FILE_MISSING);
	assert_reason(s, "/~back", REASON_FILE_MISSING);
	site_unref(s);
}

/* The console sets the locale; fnmatch(3) then reads names as characters. */
static void
a_name_that_is_not_utf_8_does_not_slip_past_a_pattern(void **state)
{
	struct site *s = open_site(false, true);

	(void)state;
	assert_reason(s, "/%ff.key", REASON_FILE_DENIED_RULE);
	if (setlocale(LC_ALL, "C.UTF-8") != NULL)
		assert_reason(s, "/%ff.key", REASON_FILE_DENIED_RULE);
	setlocale(LC_ALL, "C");
	site_unref(s);
}

static void
links_are_followed_within_the_root_only(void **state)
{
	static const char *const outside[] = { "/out", "/out-folder/in.txt",
		"/out-folder", "/out-folder/", "/out-and-in", "/absolute",
		"/slash/etc/passwd", "/magic/etc/passwd", "/magic" };
	struct site *s = open_site(false, true);

	(void)state;
	assert_content(s, "/in", "four");
	assert_content(s, "/in-dots", "four");
	assert_content(s, "/in-folder/b.txt", "bb");
	assert_content(s, "/in-folder/", "index");
	assert_content(s, "/sub/up-inside", "four");
	assert_int_equal(ask(s, "/in-folder").facts.kind, FILE_KIND_FOLDER);
	for (size_t i = 0; i < N(outside); i++)
		assert_reason(s, outside[i], REASON_FILE_OUTSIDE);
	assert_reason(s, "/loop-a", REASON_FILE_SYMLINK);
	assert_reason(s, "/self/x", REASON_FILE_SYMLINK);
	assert_reason(s, "/dangling", REASON_FILE_MISSING);
	site_unref(s);
}

static void
links_are_refused_where_they_are_denied(void **state)
{
	static const char *const links[] = { "/in", "/in-dots",
		"/in-folder/b.txt", "/in-folder/", "/in-folder",
		"/sub/up-inside", "/out", "/out-folder/in.txt", "/absolute",
		"/loop-a", "/self", "/dangling", "/magic" };
	struct site *s = open_site(false, false);

	(void)state;
	for (size_t i = 0; i < N(links); i++)
		assert_reason(s, links[i], REASON_FILE_SYMLINK);
	assert_content(s, "/a.txt", "four");
	assert_content(s, "/sub/", "index");
	site_unref(s);
}

/* Would hang, and not only fail, if opening waited for a writer. */
static void
only_regular_files_are_served(void **state)
{
	struct site *s = open_site(false, true);

	(void)state;
	assert_reason(s, "/fifo", REASON_FILE_SPECIAL);
	assert_reason(s, "/fifo/", REASON_FILE_SPECIAL);
	assert_reason(s, "/socket", REASON_FILE_SPECIAL);
	site_unref(s);
}

static void
the_server_s_own_log_is_not_served(void **state)
{
	struct site *s = open_site(false, true);

	(void)state;
	assert_reason(s, "/log", REASON_FILE_OWN_LOG);
	assert_int_equal(
	    linkat(top_fd, "root/log", top_fd, "root/sub/other-name", 0), 0);
	assert_reason(s, "/sub/other-name", REASON_FILE_OWN_LOG);
	assert_int_equal(unlinkat(top_fd, "root/sub/other-name", 0), 0);
	site_unref(s);
}

static void
an_unreadable_file_is_forbidden(void **state)
{
	struct site *s;

	(void)state;
	if (geteuid() == 0)
		skip(); /* root reads everything */
	s = open_site(false, true);
	assert_reason(s, "/dark", REASON_FILE_FORBIDDEN);
	site_unref(s);
}

/* Times that do not fit nanoseconds since 1970 in 64 bits. */
static void
a_file_of_another_century_is_served(void **state)
{
	static const time_t times[] = { 253402300799, -62135596800, 20000000000,
		-1 };
	struct site *s = open_site(false, true);

	(void)state;
	for (size_t i = 0; i < N(times); i++) {
		struct timespec t[2] = { { .tv_sec = times[i] },
			{ .tv_sec = times[i] } };
		struct site_file f;
		struct stat st;

		assert_int_equal(utimensat(top_fd, "root/empty.txt", t, 0), 0);
		assert_int_equal(fstatat(top_fd, "root/empty.txt", &st, 0), 0);
		f = ask(s, "/empty.txt");
		assert_true(f.fd >= 0);
		assert_int_equal(f.facts.mtime_ns > 0, st.st_mtim.tv_sec > 0);
		close(f.fd);
	}
	site_unref(s);
}

static void
a_root_that_was_renamed_goes_on_and_one_that_is_gone_is_empty(void **state)
{
	struct site *s;
	char err[256], path[64];
	struct site_options o = { .root = path, .default_type = "x/y" };

	(void)state;
	assert_int_equal(mkdirat(top_fd, "moving", 0755), 0);
	assert_int_equal(write_file("moving/f", "f"), 0);
	snprintf(path, sizeof(path), "%s/moving", top);
	s = site_open(&o, err);
	assert_non_null(s);
	assert_int_equal(renameat(top_fd, "moving", top_fd, "moved"), 0);
	assert_false(site_root_is_there(s));
	assert_content(s, "/f", "f");
	assert_int_equal(unlinkat(top_fd, "moved/f", 0), 0);
	assert_int_equal(unlinkat(top_fd, "moved", AT_REMOVEDIR), 0);
	assert_reason(s, "/f", REASON_FILE_MISSING);
	site_unref(s);
}

static void
no_descriptor_is_left_behind(void **state)
{
	static const char *const targets[] = { "/", "/a.txt", "/a.txt/", "/sub",
		"/sub/", "/second/", "/index-folder/", "/empty/", "/fifo",
		"/socket", "/fifo-index/", "/log", "/out", "/in", "/loop-a",
		"/nothing", "/.git/config", "/server.key" };
	struct site *s = open_site(false, true);
	unsigned before = open_descriptors();

	(void)state;
	for (size_t i = 0; i < N(targets); i++) {
		struct site_file f = ask(s, targets[i]);

		if (f.fd >= 0)
			close(f.fd);
		assert_int_equal(open_descriptors(), before);
	}
	site_unref(s);
	assert_int_equal(open_descriptors(), before - 1);
}

static void
without_a_free_descriptor_it_is_exhaustion_and_not_absence(void **state)
{
	struct site *s = open_site(false, true);
	struct rlimit old, few;
	struct site_file f;
	int fd[64];
	unsigned n = 0;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = (struct rlimit){ N(fd), old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	while (n < N(fd) && (fd[n] = dup(top_fd)) >= 0)
		n++;
	f = ask(s, "/a.txt");
	while (n > 0)
		close(fd[--n]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(f.facts.reason, REASON_FILE_EXHAUSTED);
	assert_int_equal(f.facts.reason_a, EMFILE);
	site_unref(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_opened_with_its_facts),
		cmocka_unit_test(the_type_comes_from_the_name),
		cmocka_unit_test(a_folder_shows_its_first_index_that_is_a_file),
		cmocka_unit_test(
		    a_folder_named_without_its_slash_is_told_apart),
		cmocka_unit_test(what_is_not_there_says_how),
		cmocka_unit_test(a_name_of_256_bytes_is_too_long),
		cmocka_unit_test(hidden_names_are_not_served),
		cmocka_unit_test(denied_patterns_hold_for_every_segment),
		cmocka_unit_test(
		    a_name_that_is_not_utf_8_does_not_slip_past_a_pattern),
		cmocka_unit_test(links_are_followed_within_the_root_only),
		cmocka_unit_test(links_are_refused_where_they_are_denied),
		cmocka_unit_test(only_regular_files_are_served),
		cmocka_unit_test(the_server_s_own_log_is_not_served),
		cmocka_unit_test(an_unreadable_file_is_forbidden),
		cmocka_unit_test(a_file_of_another_century_is_served),
		cmocka_unit_test(
		    a_root_that_was_renamed_goes_on_and_one_that_is_gone_is_empty),
		cmocka_unit_test(no_descriptor_is_left_behind),
		cmocka_unit_test(
		    without_a_free_descriptor_it_is_exhaustion_and_not_absence),
	};
	return cmocka_run_group_tests_name(
	    "resolve", tests, make_tree, remove_tree);
}
