/* That files have changed is known with the requests that came after: over a
 * real epoll set, with inotify, sockets and threads. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/changes.h"

#define CONNECTIONS 96
#define TOLD	    64 /* at most, by one wake-up */
#define ROUNDS	    20000

/* As a worker has them. */
static struct watches w = { .fd = -1 };
static struct changes c;
static int epoll_fd, file;
static char name[] = "/tmp/httpconsole-changes-XXXXXX";

struct pair {
	int client, server;
	uint32_t told;
};
static struct pair pair[CONNECTIONS];

static int
setup(void **state)
{
	struct watch_mark m;

	(void)state;
	file = mkstemp(name);
	epoll_fd = epoll_create1(0);
	if (file < 0 || epoll_fd < 0 || !watches_open(&w) ||
	    !watches_file(&w, file, &m))
		return -1;
	changes_init(&c, &w, epoll_fd);
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		struct epoll_event ev = { .events = EPOLLIN, .data.u64 = i };
		int fd[2];

		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd))
			return -1;
		pair[i] = (struct pair){ fd[0], fd[1], c.wake };
		if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd[1], &ev))
			return -1;
	}
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	watches_close(&w);
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		close(pair[i].client);
		close(pair[i].server);
	}
	close(epoll_fd);
	close(file);
	return unlink(name);
}

static void
edit(void)
{
	static int n;

	n++;
	if (pwrite(file, &n, sizeof(n), 0) != sizeof(n))
		abort();
}

static void
ask(unsigned i)
{
	if (send(pair[i].client, "?", 1, 0) != 1)
		abort();
}

/* One wake-up: what it told of, in ev; whether the queue must be read before
 * that is answered. */
static bool
wake(struct epoll_event ev[TOLD], unsigned *n, int ms)
{
	int told = epoll_wait(epoll_fd, ev, TOLD, ms);
	bool stale;

	assert_true(told >= 0);
	*n = (unsigned)told;
	stale = changes_woke(&c, ev, *n, TOLD);
	for (unsigned i = 0; i < *n; i++) {
		uint64_t tag = ev[i].data.u64;
		char byte;

		if (tag == CHANGES_TAG)
			continue;
		if (changes_doubt(&c, &pair[tag].told))
			stale = true;
		assert_int_equal(recv(pair[tag].server, &byte, 1, 0), 1);
	}
	return stale;
}

static void
read_queue(void)
{
	watches_drain(&w);
	changes_read(&c);
}

/* Nothing is ready, and the next change is told. */
static void
settle(void)
{
	struct epoll_event ev[TOLD];
	unsigned n;

	do {
		if (wake(ev, &n, 0))
			read_queue();
	} while (n > 0);
	assert_false(wake(ev, &n, 0));
}

static void
test_a_change_is_told_with_the_request_behind_it(void **state)
{
	struct epoll_event ev[TOLD];
	unsigned n;

	(void)state;
	settle();
	edit();
	ask(0);
	assert_true(wake(ev, &n, -1));
	assert_int_equal(n, 2);
	read_queue();
	/* and the next one too */
	settle();
	edit();
	ask(1);
	assert_true(wake(ev, &n, -1));
}

static void
test_without_a_change_there_is_nothing_to_read(void **state)
{
	struct epoll_event ev[TOLD];
	unsigned n;

	(void)state;
	settle();
	ask(2);
	ask(3);
	assert_false(wake(ev, &n, -1));
	assert_int_equal(n, 2);
}

static void
test_a_change_before_the_queue_is_read_is_told_once(void **state)
{
	struct epoll_event ev[TOLD];
	unsigned n;

	(void)state;
	settle();
	edit();
	assert_true(wake(ev, &n, -1));
	assert_int_equal(n, 1);
	/* nobody asks: a folder that changes all the time wakes nobody */
	edit();
	assert_true(wake(ev, &n, 0));
	assert_int_equal(n, 0);
	ask(4);
	assert_true(wake(ev, &n, -1));
	assert_int_equal(n, 1);
}

static void
test_a_connection_told_of_twice_in_a_row_is_doubted(void **state)
{
	struct epoll_event ev[TOLD];
	unsigned n;

	(void)state;
	settle();
	ask(5);
	assert_false(wake(ev, &n, -1));
	ask(5);
	assert_true(wake(ev, &n, -1));
	ask(6);
	assert_false(wake(ev, &n, -1));
	ask(5); /* not of the wake-up before */
	assert_false(wake(ev, &n, -1));
}

static void
test_a_full_wake_up_is_doubted_and_the_one_behind_it(void **state)
{
	struct epoll_event ev[TOLD];
	unsigned n;

	(void)state;
	settle();
	for (unsigned i = 0; i < TOLD; i++)
		ask(i);
	assert_true(wake(ev, &n, -1));
	assert_int_equal(n, TOLD);
	/* what it told of may stand in the list still */
	ask(0);
	assert_true(wake(ev, &n, -1));
	ask(1);
	assert_false(wake(ev, &n, -1));
	/* and longer when the one behind it is full too */
	for (unsigned i = 0; i < TOLD; i++)
		ask(i);
	assert_true(wake(ev, &n, -1));
	for (unsigned i = 0; i < TOLD; i++)
		ask(TOLD - 1 - i);
	assert_true(wake(ev, &n, -1));
	for (unsigned i = TOLD; i < CONNECTIONS; i++)
		ask(i);
	assert_false(wake(ev, &n, -1));
}

static void
test_another_queue_is_told_of_too(void **state)
{
	struct epoll_event ev[TOLD];
	struct watch_mark m;
	unsigned n;

	(void)state;
	settle();
	watches_close(&w);
	assert_true(watches_open(&w)); /* of the same number, like as not */
	assert_true(watches_file(&w, file, &m));
	ask(7);
	assert_true(wake(ev, &n, -1));
	read_queue();
	settle();
	edit();
	ask(8);
	assert_true(wake(ev, &n, -1));
	read_queue();
	settle();
}

static void
test_without_a_queue_nothing_is_sure(void **state)
{
	struct epoll_event ev[TOLD];
	struct watch_mark m;
	unsigned n;

	(void)state;
	settle();
	watches_close(&w);
	assert_true(wake(ev, &n, 0));
	read_queue();
	assert_true(wake(ev, &n, 0));
	assert_true(watches_open(&w));
	assert_true(watches_file(&w, file, &m));
	settle();
}

/* ---- at full speed ---- */

static _Atomic unsigned running;
static _Atomic bool over;

static void
answer_of(unsigned i)
{
	char byte;

	while (recv(pair[i].client, &byte, 1, 0) != 1)
		continue;
}

/* Edits, then asks, on a connection of its own or on the one before again. */
static void *
editor(void *arg)
{
	unsigned seed = 1;

	for (unsigned i = 0, k = 0; i < ROUNDS; i++) {
		if (rand_r(&seed) % 2)
			k = (unsigned)rand_r(&seed) % (CONNECTIONS / 2);
		edit();
		ask(k);
		answer_of(k);
	}
	atomic_store(&over, true);
	atomic_fetch_sub(&running, 1);
	return arg;
}

/* Asks on many connections at once, so that the kernel's list is long. */
static void *
load(void *arg)
{
	while (!atomic_load(&over)) {
		for (unsigned i = CONNECTIONS / 2; i < CONNECTIONS; i++)
			ask(i);
		for (unsigned i = CONNECTIONS / 2; i < CONNECTIONS; i++)
			answer_of(i);
	}
	atomic_fetch_sub(&running, 1);
	return arg;
}

static void
test_no_request_is_older_than_what_is_known(void **state)
{
	struct epoll_event ev[TOLD];
	unsigned n, sure = 0, late = 0;
	pthread_t thread[2];

	(void)state;
	settle();
	running = 2;
	assert_int_equal(pthread_create(&thread[0], NULL, editor, NULL), 0);
	assert_int_equal(pthread_create(&thread[1], NULL, load, NULL), 0);
	while (atomic_load(&running) > 0) {
		bool edited = false;
		char event[4096];

		if (wake(ev, &n, 10)) {
			read_queue();
		} else {
			for (unsigned i = 0; i < n; i++)
				edited |= ev[i].data.u64 < CONNECTIONS / 2;
			sure++;
			late += edited && read(w.fd, event, sizeof(event)) > 0;
		}
		for (unsigned i = 0; i < n; i++)
			if (ev[i].data.u64 != CHANGES_TAG &&
			    send(pair[ev[i].data.u64].server, "!", 1, 0) != 1)
				abort();
	}
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	assert_true(sure > ROUNDS / 100);
	assert_int_equal(late, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_change_is_told_with_the_request_behind_it),
		cmocka_unit_test(
		    test_without_a_change_there_is_nothing_to_read),
		cmocka_unit_test(
		    test_a_change_before_the_queue_is_read_is_told_once),
		cmocka_unit_test(
		    test_a_connection_told_of_twice_in_a_row_is_doubted),
		cmocka_unit_test(
		    test_a_full_wake_up_is_doubted_and_the_one_behind_it),
		cmocka_unit_test(test_another_queue_is_told_of_too),
		cmocka_unit_test(test_without_a_queue_nothing_is_sure),
		cmocka_unit_test(test_no_request_is_older_than_what_is_known),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
