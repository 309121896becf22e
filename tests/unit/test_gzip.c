/* Files coded by the server: made once, kept within bounds, never of other
 * content than the file has. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "site/gzip.h"

static char top[] = "/tmp/httpconsole-gzip-XXXXXX";

static int
make_top(void **state)
{
	(void)state;
	return mkdtemp(top) == NULL;
}

static int
remove_top(void **state)
{
	(void)state;
	return rmdir(top);
}

/* An open file of n bytes, already without a name: text, or noise that nothing
 * makes smaller. */
static int
file_of(size_t n, bool noise, struct gzip_key *k)
{
	char path[64], *bytes = malloc(n + 1);
	uint32_t random = 1;
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/f", top);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	for (size_t i = 0; i < n; i++) {
		random = random * 1664525 + 1013904223;
		bytes[i] =
		    noise ? (char)(random >> 24) : "a line of text\n"[i % 15];
	}
	assert_int_equal(pwrite(fd, bytes, n, 0), n);
	free(bytes);
	assert_int_equal(fstat(fd, &st), 0);
	gzip_key_of(k, &st);
	return fd;
}

static struct gzip_store *
store_of(uint64_t memory, unsigned copies)
{
	struct gzip_options o = {
		.level = 6, .memory = memory, .copies = copies
	};
	struct gzip_store *g = gzip_store_new(&o);

	assert_non_null(g);
	return g;
}

static enum gzip_state
state_of(struct gzip_store *g, const struct gzip_key *k)
{
	struct gzip_copy *c;
	enum gzip_state s = gzip_find(g, k, &c);

	assert_int_equal(s == GZIP_READY, c != NULL);
	gzip_copy_unref(c);
	return s;
}

/* Make the copy of a new file, which is closed. */
static void
make_one(struct gzip_store *g, size_t n, bool noise, struct gzip_key *k)
{
	int fd = file_of(n, noise, k);

	assert_true(gzip_begin(g, k));
	gzip_make(g, k, fd);
	close(fd);
}

static void
a_copy_is_the_file_coded(void **state)
{
	static char back[5000], coded[5000];
	struct gzip_store *g = store_of(1 << 20, 8);
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	struct gzip_copy *c;
	struct gzip_key k;
	size_t n = 0;
	unsigned copies;

	(void)state;
	make_one(g, 4000, false, &k);
	assert_int_equal(gzip_find(g, &k, &c), GZIP_READY);
	assert_true(c->size < 400);
	assert_int_equal(gzip_bytes(g, &copies), c->size);
	assert_int_equal(copies, 1);
	/* it lives on without the store */
	gzip_store_free(g);
	assert_int_equal(pread(c->fd, coded, sizeof(coded), 0), c->size);
	assert_int_equal(libdeflate_gzip_decompress(
			     d, coded, c->size, back, sizeof(back), &n),
	    LIBDEFLATE_SUCCESS);
	assert_int_equal(n, 4000);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(back[i], "a line of text\n"[i % 15]);
	gzip_copy_unref(c);
	libdeflate_free_decompressor(d);
}

static void
one_makes_it_and_others_are_told(void **state)
{
	struct gzip_store *g = store_of(1 << 20, 8);
	struct gzip_key k;
	int fd = file_of(4000, false, &k);

	(void)state;
	assert_int_equal(state_of(g, &k), GZIP_ABSENT);
	assert_true(gzip_begin(g, &k));
	assert_int_equal(state_of(g, &k), GZIP_PENDING);
	assert_false(gzip_begin(g, &k));
	gzip_give_up(g, &k);
	assert_int_equal(state_of(g, &k), GZIP_ABSENT);
	assert_true(gzip_begin(g, &k));
	gzip_make(g, &k, fd);
	assert_int_equal(state_of(g, &k), GZIP_READY);
	assert_false(gzip_begin(g, &k));
	gzip_give_up(g, &k); /* too late to matter */
	assert_int_equal(state_of(g, &k), GZIP_READY);
	close(fd);
	gzip_store_free(g);
}

static void
what_does_not_shrink_is_known_not_to(void **state)
{
	struct gzip_store *g = store_of(1 << 20, 8);
	struct gzip_key k;
	unsigned copies;

	(void)state;
	make_one(g, 4000, true, &k);
	assert_int_equal(state_of(g, &k), GZIP_USELESS);
	assert_false(gzip_begin(g, &k));
	assert_int_equal(gzip_bytes(g, &copies), 0);
	gzip_store_free(g);
}

static void
a_file_that_changed_meanwhile_leaves_none(void **state)
{
	struct gzip_store *g = store_of(1 << 20, 8);
	struct gzip_key k;
	int fd = file_of(4000, false, &k);

	(void)state;
	assert_true(gzip_begin(g, &k));
	usleep(20000); /* past one tick of the file system's clock */
	assert_int_equal(pwrite(fd, "!", 1, 17), 1);
	gzip_make(g, &k, fd);
	assert_int_equal(state_of(g, &k), GZIP_ABSENT);
	/* nor one that is shorter now */
	assert_true(gzip_begin(g, &k));
	assert_int_equal(ftruncate(fd, 100), 0);
	gzip_make(g, &k, fd);
	assert_int_equal(state_of(g, &k), GZIP_ABSENT);
	close(fd);
	gzip_store_free(g);
}

static void
the_bounds_hold_and_the_longest_unused_goes(void **state)
{
	struct gzip_store *g = store_of(1 << 20, 2);
	struct gzip_key a, b, c;
	unsigned copies;

	(void)state;
	make_one(g, 4000, false, &a);
	make_one(g, 4001, false, &b);
	assert_int_equal(state_of(g, &a), GZIP_READY); /* used again */
	make_one(g, 4002, false, &c);
	(void)gzip_bytes(g, &copies);
	assert_int_equal(copies, 2);
	assert_int_equal(state_of(g, &a), GZIP_READY);
	assert_int_equal(state_of(g, &b), GZIP_ABSENT);
	assert_int_equal(state_of(g, &c), GZIP_READY);
	gzip_store_free(g);

	/* by bytes: none of these is kept beside another */
	g = store_of(100, 8);
	make_one(g, 4000, false, &a);
	make_one(g, 4001, false, &b);
	assert_true(gzip_bytes(g, &copies) <= 100);
	assert_int_equal(state_of(g, &b), GZIP_READY);
	assert_int_equal(state_of(g, &a), GZIP_ABSENT);
	gzip_store_free(g);

	/* one that fits at no time is not tried again and again */
	g = store_of(10, 8);
	make_one(g, 4000, false, &a);
	assert_int_equal(state_of(g, &a), GZIP_USELESS);
	gzip_store_free(g);
}

static void
more_files_than_places_are_no_trouble(void **state)
{
	struct gzip_store *g = store_of(1 << 20, 8);
	struct gzip_key k = { .size = 1 }, begun = { .size = 2 };

	(void)state;
	assert_true(gzip_begin(g, &begun));
	for (unsigned i = 0; i < 3000; i++) {
		struct gzip_key n = { .inode = i, .size = 10 };

		/* all places may be taken by what is being made */
		if (gzip_begin(g, &n))
			k = n;
		else
			gzip_give_up(g,
			    &(struct gzip_key){ .inode = i - 9, .size = 10 });
	}
	assert_int_equal(state_of(g, &begun), GZIP_PENDING);
	assert_int_equal(state_of(g, &k), GZIP_PENDING);
	gzip_store_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_is_the_file_coded),
		cmocka_unit_test(one_makes_it_and_others_are_told),
		cmocka_unit_test(what_does_not_shrink_is_known_not_to),
		cmocka_unit_test(a_file_that_changed_meanwhile_leaves_none),
		cmocka_unit_test(the_bounds_hold_and_the_longest_unused_goes),
		cmocka_unit_test(more_files_than_places_are_no_trouble),
	};

	return cmocka_run_group_tests(tests, make_top, remove_top);
}
