#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "site/files.h"
#include "descriptors.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* top/root is served; what is done to it is said as a shell would. */
static char top[64];
static struct files *files;
static struct site *site;
static int64_t now;
static unsigned descriptors;

static void
sh(const char *what)
{
	char command[512];

	snprintf(command, sizeof(command), "cd %s/root && %s", top, what);
	if (system(command) != 0) /* NOLINT */
		fail_msg("%s", what);
}

static struct site *
open_site(void)
{
	static const char *const index[] = { "index.html", "index.htm", NULL };
	static const char *const deny[] = { "*.key", NULL };
	char root[80], err[256];
	struct site_options o = { .root = root,
		.index = index,
		.deny = deny,
		.default_type = "application/octet-stream",
		.clean_urls = true,
		.symlinks_allowed = true,
		.codings = { CODING_BR, CODING_GZIP },
		.codings_n = 2 };

	snprintf(root, sizeof(root), "%s/root", top);
	return site_open(&o, err);
}

static int
begin_with(uint32_t in_use, uint32_t kept)
{
	char root[80];

	memcpy(top, "/var/tmp/httpconsole-files-XXXXXX",
	    sizeof("/var/tmp/httpconsole-files-XXXXXX"));
	if (mkdtemp(top) == NULL)
		return -1;
	snprintf(root, sizeof(root), "%s/root", top);
	if (mkdir(root, 0755) != 0)
		return -1;
	sh("mkdir -p a/b deep && echo one > f.txt && echo page > a/index.htm"
	   " && echo deep > a/b/f.txt && echo js > s.js && echo gz > s.js.gz"
	   " && echo other > ../other && ln f.txt ../hard && ln -s a link"
	   " && echo clean > page.html && mkdir a/dir"
	   " && echo old > old.js && echo gz > old.js.gz"
	   " && touch -d 2001-01-01 old.js.gz");
	now = 1000 * NS_PER_S;
	site = open_site();
	files = files_new(in_use, kept);
	descriptors = open_descriptors();
	return site == NULL || files == NULL ? -1 : 0;
}

static int
begin(void **state)
{
	(void)state;
	return begin_with(8, 64);
}

static int
begin_small(void **state)
{
	(void)state;
	return begin_with(8, 8);
}

/* Whoever ends has closed all. */
static int
end(void **state)
{
	char command[128];
	unsigned left;

	(void)state;
	files_flush(files);
	left = open_descriptors() - descriptors;
	files_free(files);
	site_unref(site);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	if (system(command) != 0) /* NOLINT */
		return -1;
	/* inotify is one */
	return left == 0 || left == 1 ? 0 : -1;
}

/* ---- asking ---- */

static struct files_entry *
load(const char *target)
{
	struct target_path path;
	size_t at;

	assert_int_equal(
	    target_decode(span_str(target), &path, &at), REASON_NONE);
	return files_load(files, site, span_str(target), &path, now);
}

static struct files_entry *
find(const char *target)
{
	files_refresh(files);
	return files_find(files, site, span_str(target), now);
}

/* As a worker asks; the reference is given back. */
static struct files_entry *
ask(const char *target)
{
	struct files_entry *e = find(target);

	if (e == NULL)
		e = load(target);
	files_release(files, e);
	return e;
}

static bool
is_kept(const char *target)
{
	struct files_entry *e = find(target);

	if (e != NULL)
		files_release(files, e);
	return e != NULL;
}

static void
keep(const char *target)
{
	ask(target);
	ask(target);
	if (!is_kept(target))
		fail_msg("%s is not kept", target);
}

/* ---- what is kept ---- */

static void
test_kept_from_the_second_request_on(void **state)
{
	struct files_entry *e;

	(void)state;
	assert_false(is_kept("/f.txt"));
	e = load("/f.txt");
	assert_int_equal(e->file.facts.kind, FILE_KIND_FILE);
	files_release(files, e);
	assert_false(is_kept("/f.txt"));
	e = load("/f.txt");
	files_release(files, e);
	assert_ptr_equal(find("/f.txt"), e);
	files_release(files, e);
	/* another spelling is another target */
	assert_false(is_kept("/%66.txt"));
}

static void
test_what_is_kept(void **state)
{
	static const char *const yes[] = { "/f.txt", "/a/", "/a/b/f.txt",
		"/s.js", "/page", "/nothing", "/a/b/nothing", "/no/such/thing",
		"/f.txt/under", "/.hidden", "/x.key", "//f.txt", "/./f.txt" };
	static const char *const no[] = { "/a", "/", "/f.txt/", "/link/",
		"/link/b/f.txt", "/a/dir/" };

	(void)state;
	for (size_t i = 0; i < N(yes); i++)
		keep(yes[i]);
	for (size_t i = 0; i < N(no); i++) {
		for (int k = 0; k < 3; k++)
			ask(no[i]);
		if (is_kept(no[i]))
			fail_msg("%s is kept", no[i]);
	}
}

static void
test_long_targets_and_deep_folders_are_not_kept(void **state)
{
	char target[FILES_TARGET + 8] = "/", deep[FILES_MARKS * 2 + 8] = "";

	(void)state;
	memset(target + 1, 'x', FILES_TARGET);
	for (int k = 0; k < 3; k++)
		ask(target);
	assert_false(is_kept(target));
	target[FILES_TARGET] = '\0';
	keep(target);
	sh("mkdir -p d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d");
	for (size_t i = 0; i < FILES_MARKS; i++)
		snprintf(deep + i * 2, 5, "/d/f");
	for (int k = 0; k < 3; k++)
		ask(deep);
	assert_false(is_kept(deep));
	sh("rm -r d"); /* on the way nothing is, so nothing is to be watched */
	keep(deep);
}

/* ---- every change is seen ---- */

static const struct {
	const char *target, *change;
} changes[] = {
	/* content */
	{ "/f.txt", "printf two > f.txt" },
	{ "/f.txt", "echo more >> f.txt" },
	{ "/f.txt", ": > f.txt" },
	{ "/f.txt", "truncate -s 2 f.txt" },
	{ "/f.txt", "dd if=../other of=f.txt conv=notrunc status=none" },
	{ "/f.txt", "fallocate -l 100 f.txt" },
	{ "/f.txt", "cp -p f.txt ../t; echo eno > f.txt; touch -r ../t f.txt" },
	{ "/f.txt", "echo hard > ../hard" },
	{ "/f.txt", "dd if=../other of=../hard conv=notrunc status=none" },
	/* the name */
	{ "/f.txt", "cp f.txt ../t && mv ../t f.txt" },
	{ "/f.txt", "mv f.txt g.txt" },
	{ "/f.txt", "mv f.txt ../g.txt" },
	{ "/f.txt", "rm f.txt" },
	{ "/f.txt", "ln -f ../other f.txt" },
	{ "/f.txt", "ln -sf page.html f.txt" },
	{ "/f.txt", "rm f.txt && mkdir f.txt" },
	{ "/f.txt", "rm f.txt && mkfifo f.txt" },
	/* who may */
	{ "/f.txt", "chmod 0 f.txt" },
	{ "/f.txt", "chmod 0 ../hard" },
	{ "/f.txt", "touch f.txt" },
	{ "/f.txt", "chmod 700 ." },
	{ "/a/b/f.txt", "chmod 0 a" },
	/* folders on the way */
	{ "/a/b/f.txt", "mv a z" },
	{ "/a/b/f.txt", "mv a/b a/z" },
	{ "/a/b/f.txt", "mv a ../z" },
	{ "/a/b/f.txt", "rm -r a" },
	{ "/a/b/f.txt", "cp -r a z && mv a ../z && mv z a" },
	{ "/a/b/f.txt", "mv a ../z && ln -s ../z a" },
	{ "/a/b/f.txt", "mv a z && ln -s z a" },
	{ "/a/b/f.txt", "mv a/b z && ln -s ../z a/b" },
	{ "/a/b/f.txt", "mv a/b z && echo file > a/b" },
	/* siblings */
	{ "/f.txt", "echo gz > f.txt.gz" },
	{ "/f.txt", "echo br > f.txt.br" },
	{ "/f.txt", "ln -s ../other f.txt.br" },
	{ "/s.js", "echo br > s.js.br" },
	{ "/s.js", "echo longer > s.js.gz" },
	{ "/s.js", "echo zg > s.js.gz; touch -r s.js s.js.gz" },
	{ "/s.js", "echo new > ../t && mv ../t s.js.gz" },
	{ "/s.js", "touch -d 2001-01-01 s.js.gz" },
	{ "/s.js", "chmod 0 s.js.gz" },
	{ "/s.js", "rm s.js.gz" },
	{ "/s.js", "mv s.js.gz x" },
	{ "/s.js", "echo new > s.js" },
	{ "/old.js", "echo now > old.js.gz" },
	{ "/old.js", "echo now > old.js.gz; touch -d 2001-01-01 old.js.gz" },
	/* index files */
	{ "/a/", "echo first > a/index.html" },
	{ "/a/", "ln -s b/f.txt a/index.html" },
	{ "/a/", "mkfifo a/index.html" },
	{ "/a/", "echo new > a/index.htm" },
	{ "/a/", "rm a/index.htm" },
	{ "/a/", "echo gz > a/index.htm.gz" },
	{ "/a/", "mv a z" },
	/* pages without .html */
	{ "/page", "echo file > page" },
	{ "/page", "echo new > page.html" },
	{ "/page", "rm page.html" },
	{ "/page", "mkdir page" },
	/* what was missing */
	{ "/nothing", "echo now > nothing" },
	{ "/nothing", "echo now > nothing.html" },
	{ "/nothing", "mkdir nothing" },
	{ "/nothing", "ln -s f.txt nothing" },
	{ "/nothing", "mv f.txt nothing" },
	{ "/nothing", "ln ../other nothing" },
	{ "/a/nothing", "mv ../other a/nothing" },
	{ "/no/such/thing", "mkdir no" },
	{ "/no/such/thing", "mkdir ../n && mv ../n no" },
	{ "/no/such/thing", "ln -s a no" },
	{ "/f.txt/under", "rm f.txt && mkdir f.txt" },
	{ "/no/", "mkdir no" },
	{ "/a/dir/x/", "mkdir a/dir/x" },
};

static void
test_every_change_is_seen(void **state)
{
	end(state);
	for (size_t i = 0; i < N(changes); i++) {
		struct files_entry *e;

		assert_int_equal(begin(state), 0);
		keep(changes[i].target);
		sh(changes[i].change);
		e = find(changes[i].target);
		if (e != NULL)
			fail_msg("%s: not seen: %s", changes[i].target,
			    changes[i].change);
		sh("chmod -R u+rwX . 2>/dev/null || :");
		assert_int_equal(end(state), 0);
	}
	assert_int_equal(begin(state), 0);
}

/* The same while somebody uses it, who keeps what he has. */
static void
test_who_uses_it_keeps_it(void **state)
{
	struct files_entry *e, *next;
	char text[8] = "";

	(void)state;
	keep("/f.txt");
	e = find("/f.txt");
	sh("echo new! > ../t && mv ../t f.txt");
	next = find("/f.txt");
	assert_null(next);
	next = load("/f.txt");
	assert_ptr_not_equal(next, e);
	assert_int_equal(pread(e->file.fd, text, 7, 0), 4);
	assert_string_equal(text, "one\n");
	assert_int_equal(pread(next->file.fd, text, 7, 0), 5);
	assert_string_equal(text, "new!\n");
	files_flush(files);
	assert_int_equal(pread(next->file.fd, text, 7, 0), 5);
	files_release(files, e);
	files_release(files, next);
	assert_false(is_kept("/f.txt"));
}

/* Changes elsewhere cost nothing. */
static void
test_other_files_stay(void **state)
{
	(void)state;
	keep("/f.txt");
	keep("/a/b/f.txt");
	keep("/nothing");
	sh("echo x >> s.js; echo y > a/dir/new; echo z >> a/index.htm");
	assert_true(is_kept("/f.txt"));
	assert_true(is_kept("/a/b/f.txt"));
	assert_true(is_kept("/nothing"));
}

/* A worker that was idle while more changed than the queue holds. */
static void
test_a_storm_voids_all(void **state)
{
	char path[96];

	(void)state;
	keep("/f.txt");
	snprintf(path, sizeof(path), "%s/root/a/new", top);
	for (int i = 0; i < 9000; i++) {
		close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
		unlink(path);
	}
	sh("printf new > f.txt");
	assert_false(is_kept("/f.txt"));
	ask("/f.txt");
	while (!is_kept("/f.txt"))
		ask("/f.txt");
	sh("echo newer > f.txt");
	assert_false(is_kept("/f.txt"));
}

/* ---- what inotify does not tell ---- */

static void
test_nothing_is_kept_for_longer_than_its_age(void **state)
{
	char path[96], *p;
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/root/f.txt", top);
	fd = open(path, O_RDWR | O_CLOEXEC);
	p = mmap(NULL, 4, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	p[0] = 'x'; /* from now on not even the times change */
	keep("/f.txt");
	p[0] = 'y';
	now += FILES_AGE - 1;
	assert_true(is_kept("/f.txt"));
	now += 1;
	assert_false(is_kept("/f.txt"));
	keep("/f.txt");
	munmap(p, 4);
}

static void
test_another_site_is_another_cache(void **state)
{
	struct site *old = site;
	struct files_entry *e;

	(void)state;
	keep("/f.txt");
	e = find("/f.txt");
	site = open_site();
	assert_non_null(site);
	assert_false(is_kept("/f.txt"));
	keep("/f.txt");
	files_release(files, e);
	assert_true(is_kept("/f.txt"));
	site_unref(old);
}

/* ---- bounds ---- */

static void
test_hot_files_survive_a_walk(void **state)
{
	char target[32];

	(void)state;
	keep("/f.txt");
	keep("/a/b/f.txt");
	for (int i = 0; i < 100; i++) {
		snprintf(target, sizeof(target), "/walk-%d", i);
		ask(target);
		ask(target);
		assert_true(is_kept("/f.txt"));
		assert_true(is_kept("/a/b/f.txt"));
	}
	assert_true(is_kept("/walk-99"));
	assert_false(is_kept("/walk-1"));
}

/* All that are kept are in use, and still more are asked for. */
static void
test_entries_in_use_are_put_out_safely(void **state)
{
	struct files_entry *used[8];
	char target[32];

	(void)state;
	for (int i = 0; i < 8; i++) {
		snprintf(target, sizeof(target), "/u%d", i);
		keep(target);
		used[i] = find(target);
		assert_non_null(used[i]);
	}
	for (int i = 0; i < 40; i++) {
		snprintf(target, sizeof(target), "/v%d", i);
		keep(target);
	}
	for (int i = 0; i < 8; i++) {
		assert_false(used[i]->kept);
		snprintf(target, sizeof(target), "/u%d", i);
		assert_memory_equal(used[i]->target, target, 3);
		files_release(files, used[i]);
	}
	for (int i = 0; i < 8; i++)
		used[i] = files_take(files);
	for (int i = 0; i < 8; i++)
		files_release(files, used[i]);
}

static void
test_old_entries_are_closed_without_being_asked_for(void **state)
{
	unsigned before = open_descriptors();
	int64_t next;

	(void)state;
	assert_true(files_next_expiry(files) == INT64_MAX);
	keep("/f.txt");
	keep("/s.js");
	assert_int_equal(open_descriptors(), before + 4);
	next = files_next_expiry(files);
	assert_true(next <= now + FILES_AGE);
	files_expire(files, now);
	assert_int_equal(open_descriptors(), before + 4);
	now = next;
	files_expire(files, now);
	assert_int_equal(open_descriptors(), before + 1);
	/* and after a while the watches too */
	now += FILES_WATCHES_REST - 1;
	files_expire(files, now);
	assert_int_equal(open_descriptors(), before + 1);
	assert_true(files_next_expiry(files) == now + 1);
	files_expire(files, ++now);
	assert_int_equal(open_descriptors(), before);
	assert_true(files_next_expiry(files) == INT64_MAX);
	now += NS_PER_S;
	keep("/f.txt");
	sh("echo again > f.txt");
	assert_false(is_kept("/f.txt"));
}

static int
lower_limit(struct rlimit *old)
{
	struct rlimit r;
	int fd = dup(0);

	if (fd < 0 || getrlimit(RLIMIT_NOFILE, old) != 0)
		return -1;
	close(fd);
	r = (struct rlimit){ (rlim_t)fd, old->rlim_max };
	return setrlimit(RLIMIT_NOFILE, &r);
}

static void
test_what_is_kept_gives_way_when_descriptors_are_short(void **state)
{
	struct files_entry *e;
	struct rlimit old;

	(void)state;
	keep("/f.txt");
	keep("/s.js");
	assert_int_equal(lower_limit(&old), 0);
	e = load("/page.html");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(e->file.facts.kind, FILE_KIND_FILE);
	files_release(files, e);
	assert_false(is_kept("/f.txt"));
}

static void
test_without_descriptors_nothing_is_kept_and_nothing_breaks(void **state)
{
	struct files_entry *e;
	struct rlimit old;

	(void)state;
	ask("/f.txt");
	assert_int_equal(lower_limit(&old), 0);
	for (int i = 0; i < 3; i++) {
		e = load("/f.txt");
		assert_int_equal(e->file.facts.reason, REASON_FILE_EXHAUSTED);
		files_release(files, e);
	}
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	now += NS_PER_S; /* inotify is tried again */
	keep("/f.txt");
}

static void
test_more_watches_than_numbers(void **state)
{
	char target[32];

	(void)state;
	sh("i=0; while [ $i -lt 4200 ]; do : > a/n$i; i=$((i+1)); done");
	for (int i = 0; i < 4200; i++) {
		snprintf(target, sizeof(target), "/a/n%d", i);
		ask(target);
		ask(target);
	}
	keep("/f.txt");
	sh("echo new > f.txt");
	assert_false(is_kept("/f.txt"));
}

/* ---- what is kept with a file ---- */

static void
test_stores_do_not_mix(void **state)
{
	struct files_entry *a, *b;
	uint32_t at_a, at_a2, at_b;
	char *p;

	(void)state;
	keep("/f.txt");
	keep("/s.js");
	a = find("/f.txt");
	b = find("/s.js");
	p = files_store(files, a, 10000, &at_a);
	memset(p, 'a', 10000);
	p = files_store(files, b, FILES_STORE, &at_b);
	memset(p, 'b', FILES_STORE);
	p = files_store(files, a, FILES_STORE - 10000, &at_a2);
	memset(p, 'A', FILES_STORE - 10000);
	assert_null(files_store(files, a, 1, &at_a2));
	assert_null(files_store(files, b, 1, &at_b));
	for (uint32_t i = 0; i < 10000; i++)
		assert_int_equal(files_stored(files, a, at_a)[i], 'a');
	for (uint32_t i = 0; i < FILES_STORE; i++)
		assert_int_equal(files_stored(files, b, at_b)[i], 'b');
	files_flush(files);
	assert_null(files_store(files, a, 0, &at_a));
	files_release(files, a);
	files_release(files, b);
	/* who takes the place begins with an empty store */
	a = files_take(files);
	assert_int_equal(a->store_n, 0);
	for (int i = 0; i < FILES_IMAGES; i++)
		assert_int_equal(a->image[i].key, 0);
	files_release(files, a);
}

static void
test_nothing_is_kept_when_so_wanted(void **state)
{
	struct files *old = files;

	(void)state;
	files = files_new(4, 0);
	for (int i = 0; i < 3; i++)
		ask("/f.txt");
	assert_false(is_kept("/f.txt"));
	assert_true(files_next_expiry(files) == INT64_MAX);
	files_free(files);
	files = old;
}

#define TEST(f)	      cmocka_unit_test_setup_teardown(f, begin, end)
#define TEST_SMALL(f) cmocka_unit_test_setup_teardown(f, begin_small, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_kept_from_the_second_request_on),
		TEST(test_what_is_kept),
		TEST(test_long_targets_and_deep_folders_are_not_kept),
		TEST(test_every_change_is_seen),
		TEST(test_who_uses_it_keeps_it),
		TEST(test_other_files_stay),
		TEST(test_a_storm_voids_all),
		TEST(test_nothing_is_kept_for_longer_than_its_age),
		TEST(test_another_site_is_another_cache),
		TEST_SMALL(test_hot_files_survive_a_walk),
		TEST_SMALL(test_entries_in_use_are_put_out_safely),
		TEST(test_old_entries_are_closed_without_being_asked_for),
		TEST(test_what_is_kept_gives_way_when_descriptors_are_short),
		TEST(
		    test_without_descriptors_nothing_is_kept_and_nothing_breaks),
		TEST(test_more_watches_than_numbers),
		TEST(test_stores_do_not_mix),
		TEST(test_nothing_is_kept_when_so_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
