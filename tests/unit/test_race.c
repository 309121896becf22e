/* An attacker who may write beneath the root swaps names for symbolic links
 * that lead out of it, in a tight loop, while they are opened: what is opened
 * is never a file from outside.  RACE_OPENS opens (`make race`), else some
 * thousands. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "site/resolve.h"

#define N(a)   (sizeof(a) / sizeof((a)[0]))
#define OPENS  6000    /* in all, unless RACE_OPENS says it */
#define MOST   3000000 /* of one attack, until what is waited for is met */
#define SECRET 's'     /* first byte of what lies outside */

/* top/root is served; top itself and top/outside are not.  In memory, where
 * there is such a place: the attacker is then as quick as who opens. */
static char top[64], root[72];
static int root_fd;

/* What is done to the tree again and again.  Whatever the moment, at `path`
 * there is the file, or nothing, or what leads to a secret. */
struct attack {
	const char *name;
	const char *path;  /* that is asked for */
	const char *aside; /* that is opened for it, too, and attacked; or NULL
			    */
	void (*step)(void);
	bool by_link; /* the file itself is reached by a symbolic link */
};

static void
exchange(const char *a, const char *b)
{
	if (renameat2(root_fd, a, root_fd, b, RENAME_EXCHANGE) != 0)
		abort();
}

static void
move(const char *from, const char *to)
{
	if (renameat(root_fd, from, root_fd, to) != 0)
		abort();
}

static void
exchange_last(void)
{
	exchange("last.css", "last.link");
}

/* A new link over the file, a new file over the link: as an editor saves. */
static void
rename_last(void)
{
	if (symlinkat("../secret.css", root_fd, "new") != 0)
		abort();
	move("new", "over.css");
	if (linkat(root_fd, "kept.css", root_fd, "new", 0) != 0)
		abort();
	move("new", "over.css");
}

static void
exchange_sibling(void)
{
	exchange("coded.css.gz", "coded.link");
}

static void
exchange_middle(void)
{
	exchange("a/middle", "a/link");
}

static void
rename_middle(void)
{
	move("b/middle", "b/aside");
	move("b/link", "b/middle");
	move("b/middle", "b/link");
	move("b/aside", "b/middle");
}

/* "up.css" goes up by "..", from one folder less deep: out of the root. */
static void
move_folder(void)
{
	move("deep/er", "er");
	move("er", "deep/er");
}

static const struct attack attacks[] = {
	{ "last component exchanged", "/last.css", NULL, exchange_last, false },
	{ "last component renamed over", "/over.css", NULL, rename_last,
	    false },
	{ "coded sibling exchanged", "/coded.css", "/coded.css.gz",
	    exchange_sibling, false },
	{ "middle component exchanged", "/a/middle/in.css", NULL,
	    exchange_middle, false },
	{ "middle component renamed", "/b/middle/in.css", NULL, rename_middle,
	    false },
	{ "folder of a link moved up", "/deep/er/up.css", NULL, move_folder,
	    true },
};

static void
put(const char *name, const char *text)
{
	/* Older than any sibling is not used: all are of one time. */
	static const struct timespec times[2] = { { .tv_sec = 1000 },
		{ .tv_sec = 1000 } };
	int fd = openat(
	    root_fd, name, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

static void
put_link(const char *to, const char *name)
{
	assert_int_equal(symlinkat(to, root_fd, name), 0);
}

static int
make_tree(void **state)
{
	static const char *const folders[] = { "../outside", "a", "a/middle",
		"b", "b/middle", "deep", "deep/er" };
	static const char *const files[] = { "last.css", "over.css", "kept.css",
		"coded.css", "coded.css.gz", "a/middle/in.css",
		"b/middle/in.css", "ok.css" };

	(void)state;
	snprintf(top, sizeof(top), "%s/httpconsole-race-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(top) == NULL)
		return -1;
	snprintf(root, sizeof(root), "%s/root", top);
	if (mkdir(root, 0755) != 0)
		return -1;
	root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < N(folders); i++)
		assert_int_equal(mkdirat(root_fd, folders[i], 0755), 0);
	for (size_t i = 0; i < N(files); i++)
		put(files[i], "inside");
	put("../secret.css", "secret");
	put("../ok.css", "secret");
	put("../outside/in.css", "secret");
	put_link("../secret.css", "last.link");
	put_link("../secret.css", "coded.link");
	put_link("../../outside", "a/link");
	put_link("../../outside", "b/link");
	put_link("../../ok.css", "deep/er/up.css");
	return 0;
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
	close(root_fd);
	return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ----------------------------------------------------------- the attacker */

struct attacker {
	pthread_t thread;
	const struct attack *attack;
	_Atomic bool done;
	_Atomic uint64_t steps;
};

static void *
attack_run(void *arg)
{
	struct attacker *k = arg;

	while (!atomic_load(&k->done)) {
		k->attack->step();
		atomic_fetch_add(&k->steps, 1);
	}
	return NULL;
}

static void
attack_begin(struct attacker *k, const struct attack *a)
{
	*k = (struct attacker){ .attack = a };
	assert_int_equal(pthread_create(&k->thread, NULL, attack_run, k), 0);
}

/* Steps that were done; the tree is then as it was, or exchanged. */
static uint64_t
attack_end(struct attacker *k)
{
	atomic_store(&k->done, true);
	assert_int_equal(pthread_join(k->thread, NULL), 0);
	return atomic_load(&k->steps);
}

/* ------------------------------------------------------------ the openers */

struct found {
	uint64_t opens, inside, refused, escaped;
};

static bool
is_secret(int fd)
{
	char c = '\0';

	assert_int_equal(pread(fd, &c, 1, 0), 1);
	return c == SECRET;
}

/* The server's own: every descriptor that it may send from. */
static void
open_resolved(const struct site *s, const struct attack *a, struct found *out)
{
	struct target_path t;
	struct site_file f;
	bool escaped = false;
	int attacked;
	size_t at;

	assert_int_equal(
	    target_decode(span_str(a->path), &t, &at), REASON_NONE);
	site_resolve(s, &t, &f);
	if (f.fd >= 0)
		escaped = is_secret(f.fd);
	for (int c = 0; c < CODING_N; c++)
		if (f.sibling[c] >= 0)
			escaped |= is_secret(f.sibling[c]);
	attacked = a->aside ? f.sibling[CODING_GZIP] : f.fd;
	out->opens++;
	out->escaped += escaped;
	out->inside += attacked >= 0 && !escaped;
	out->refused += attacked < 0 && !escaped;
	site_file_close(&f);
}

static void
count_opened(int fd, struct found *out)
{
	bool escaped = fd >= 0 && is_secret(fd);

	out->opens++;
	out->escaped += escaped;
	out->inside += fd >= 0 && !escaped;
	out->refused += fd < 0;
	if (fd >= 0)
		close(fd);
}

static void
join(const struct attack *a, char path[256])
{
	snprintf(path, 256, "%s%s", root, a->aside ? a->aside : a->path);
}

/* What it must not be: the joined path, opened. */
static void
open_joined(const struct site *s, const struct attack *a, struct found *out)
{
	char path[256];

	(void)s;
	join(a, path);
	count_opened(open(path, O_RDONLY | O_CLOEXEC), out);
}

/* Nor this: folder by folder, each opened in the one before. */
static void
open_walked(const struct site *s, const struct attack *a, struct found *out)
{
	const char *p = (a->aside ? a->aside : a->path) + 1, *slash;
	int at = dup(s->root_fd), fd;
	char name[64];

	while (at >= 0 && (slash = strchr(p, '/')) != NULL) {
		snprintf(name, sizeof(name), "%.*s", (int)(slash - p), p);
		fd = openat(at, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		close(at);
		at = fd;
		p = slash + 1;
	}
	fd = at < 0 ? -1 : openat(at, p, O_RDONLY | O_CLOEXEC);
	if (at >= 0)
		close(at);
	count_opened(fd, out);
}

/* Nor this: where it leads is looked at first, then it is opened. */
static void
open_checked(const struct site *s, const struct attack *a, struct found *out)
{
	char path[256], real[PATH_MAX];
	size_t n = strlen(root);
	int fd = -1;

	(void)s;
	join(a, path);
	if (realpath(path, real) != NULL && strncmp(real, root, n) == 0 &&
	    real[n] == '/')
		fd = open(path, O_RDONLY | O_CLOEXEC);
	count_opened(fd, out);
}

typedef void opener(const struct site *, const struct attack *, struct found *);

static struct site *
open_site(bool links)
{
	static const char *const index[] = { "index.html", NULL };
	char err[256];
	struct site_options o = { .root = root,
		.index = index,
		.default_type = "application/octet-stream",
		.codings = { CODING_GZIP },
		.codings_n = 1,
		.symlinks_allowed = links };
	struct site *s = site_open(&o, err);

	if (s == NULL)
		fail_msg("%s", err);
	return s;
}

/* At least `opens` while the attack goes on; then more, within reason, until
 * `enough`. */
static uint64_t
race(opener *open_it, const struct attack *a, bool links, uint64_t opens,
    bool (*enough)(const struct found *), struct found *out)
{
	struct site *s = open_site(links);
	struct attacker k;
	uint64_t swaps;

	attack_begin(&k, a);
	while (atomic_load(&k.steps) == 0)
		(void)sched_yield();
	do
		open_it(s, a, out);
	while (out->opens < opens || (!enough(out) && out->opens < MOST));
	swaps = attack_end(&k);
	site_unref(s);
	return swaps;
}

static bool
enough_met(const struct found *n)
{
	return n->inside > 0 && n->refused > 0;
}

static bool
enough_refused(const struct found *n)
{
	return n->refused > 0;
}

static bool
enough_escaped(const struct found *n)
{
	return n->escaped > 0;
}

static uint64_t
opens_wanted(void)
{
	const char *text = getenv("RACE_OPENS"); /* NOLINT */
	uint64_t n = text ? strtoull(text, NULL, 10) : 0;

	return n ? n : OPENS;
}

/* Each attack's share of the opens; both the file and its absence are met. */
static void
race_server(bool links)
{
	uint64_t share = opens_wanted() / (2 * N(attacks)) + 1, swaps;

	for (size_t i = 0; i < N(attacks); i++) {
		const struct attack *a = &attacks[i];
		bool never = a->by_link && !links;
		struct found n = { 0 };

		swaps = race(open_resolved, a, links, share,
		    never ? enough_refused : enough_met, &n);
		print_message("race: %s, links %s: %llu opens, %llu inside, "
			      "%llu refused, %llu escaped, %llu swaps\n",
		    a->name, links ? "allowed" : "refused",
		    (unsigned long long)n.opens, (unsigned long long)n.inside,
		    (unsigned long long)n.refused,
		    (unsigned long long)n.escaped, (unsigned long long)swaps);
		assert_int_equal(n.escaped, 0);
		assert_true(n.refused > 0);
		assert_true(never ? n.inside == 0 : n.inside > 0);
	}
}

static void
test_nothing_leads_out_where_links_are_followed(void **state)
{
	(void)state;
	race_server(true);
}

static void
test_nothing_leads_out_where_links_are_not(void **state)
{
	(void)state;
	race_server(false);
}

/* The same attacks on openers that let out: this test sees it. */
static void
assert_caught(opener *open_it, const char *name, const struct attack *a)
{
	struct found n = { 0 };

	race(open_it, a, true, 1, enough_escaped, &n);
	print_message("%s: %s: escaped at open %llu\n", name, a->name,
	    (unsigned long long)n.opens);
	assert_true(n.escaped > 0);
}

static void
test_the_joined_path_is_caught(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(attacks); i++)
		if (!attacks[i].by_link) /* too short a moment */
			assert_caught(open_joined, "joined", &attacks[i]);
}

static void
test_a_walk_is_caught(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(attacks); i++)
		assert_caught(open_walked, "walked", &attacks[i]);
}

static void
test_looking_first_is_caught(void **state)
{
	(void)state;
	assert_caught(open_checked, "looked at first", &attacks[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_nothing_leads_out_where_links_are_followed),
		cmocka_unit_test(test_nothing_leads_out_where_links_are_not),
		cmocka_unit_test(test_the_joined_path_is_caught),
		cmocka_unit_test(test_a_walk_is_caught),
		cmocka_unit_test(test_looking_first_is_caught),
	};

	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
