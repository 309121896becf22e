#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "app/aside.h"
#include "descriptors.h"

/* A whole server in this process, on a disk that can be made to hang: these
 * stand before the C library's. */

static char root[] = "/tmp/httpconsole-server-XXXXXX";

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool hangs;
	unsigned waiting; /* calls that hang now */
} disk = { .lock = PTHREAD_MUTEX_INITIALIZER,
	.changed = PTHREAD_COND_INITIALIZER };

static void
disk_wait(const char *path)
{
	if (strncmp(path, root, sizeof(root) - 1) != 0)
		return;
	pthread_mutex_lock(&disk.lock);
	disk.waiting++;
	pthread_cond_broadcast(&disk.changed);
	while (disk.hangs)
		pthread_cond_wait(&disk.changed, &disk.lock);
	disk.waiting--;
	pthread_cond_broadcast(&disk.changed);
	pthread_mutex_unlock(&disk.lock);
}

int
stat(const char *restrict path, struct stat *restrict out)
{
	disk_wait(path);
	return fstatat(AT_FDCWD, path, out, 0);
}

int
faccessat(int at, const char *path, int mode, int flags)
{
	(void)at;
	(void)mode;
	(void)flags;
	disk_wait(path);
	return 0;
}

static void
disk_hang(bool on)
{
	pthread_mutex_lock(&disk.lock);
	disk.hangs = on;
	pthread_cond_broadcast(&disk.changed);
	pthread_mutex_unlock(&disk.lock);
}

/* Until so many calls hang. */
static void
disk_await(unsigned n)
{
	pthread_mutex_lock(&disk.lock);
	while (disk.waiting < n)
		pthread_cond_wait(&disk.changed, &disk.lock);
	pthread_mutex_unlock(&disk.lock);
}

static struct config *
config_for_test(const char *shutdown)
{
	static const char *const keys[][2] = { { "root", root },
		{ "listen", "127.0.0.1:0" }, { "workers", "1" },
		{ "log.access", "off" }, { "limits.connections", "8" } };
	struct config_errors e = { 0 };
	struct config *cf = config_new();

	assert_non_null(cf);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_true(config_set(cf, keys[i][0], keys[i][1], "-", &e));
	assert_true(config_set(cf, "timeouts.shutdown", shutdown, "-", &e));
	return cf;
}

static struct control *
server_for_test(const char *shutdown)
{
	char err[512] = "";
	struct control *c = server_open(config_for_test(shutdown), false, err);

	if (c == NULL || !server_run(c, err))
		fail_msg("%s", err);
	return c;
}

/* A connection that the server knows. */
static int
client(struct control *c)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char answer[4096];

	assert_true(fd >= 0);
	assert_int_equal(
	    connect(fd, (const struct sockaddr *)&c->listeners[0].addr,
		c->listeners[0].addr_n),
	    0);
	assert_true(send(fd, "GET / HTTP/1.0\r\n", 16, 0) == 16);
	assert_true(send(fd, "Connection: keep-alive\r\n\r\nGET", 29, 0) == 29);
	assert_true(recv(fd, answer, sizeof(answer), 0) > 0);
	return fd;
}

static uint64_t
closed(struct control *c, enum close_reason why)
{
	static struct counters n;

	watch_counters(&c->watch, &n);
	return counter_get(&n.closed[why]);
}

/* What main does, in short. */
static void
run_to_the_end(struct control *c)
{
	server_tick(c);
	server_join(c);
}

static void
end(struct control *c)
{
	control_stop(c, true);
	run_to_the_end(c);
	assert_true(server_free(c));
}

static void
a_root_that_does_not_answer_holds_up_nobody(void **state)
{
	struct control *c = server_for_test("10s");
	struct control_status s;

	(void)state;
	disk_hang(true);
	disk_await(1); /* the look of each second */
	control_status(c, &s);
	assert_int_equal(s.state, LIFE_LIVE);
	server_tick(c);
	assert_true(control_pause(c, true).ok);
	assert_true(control_stop(c, false).ok);
	run_to_the_end(c);
	/* who hangs still has what it will touch */
	assert_false(server_free(c));
	control_status(c, &s);
	assert_int_equal(s.state, LIFE_ENDED);
	disk_hang(false);
	while (!server_free(c))
		usleep(1000);
}

static void *
set_root(void *arg)
{
	struct control_result *r = malloc(sizeof(*r));

	assert_non_null(r);
	*r = control_set_root(arg, root);
	return r;
}

static void
neither_does_another_root(void **state)
{
	struct control *c = server_for_test("10s");
	struct control_status s;
	struct control_result *r;
	pthread_t thread;
	void *result;

	(void)state;
	disk_hang(true);
	assert_int_equal(pthread_create(&thread, NULL, set_root, c), 0);
	disk_await(2); /* that, and the look */
	control_status(c, &s);
	server_tick(c);
	assert_true(control_pause(c, true).ok);
	disk_hang(false);
	pthread_join(thread, &result);
	r = result;
	assert_true(r->ok);
	free(r);
	end(c);
}

static void
a_root_chosen_too_late_is_not_served(void **state)
{
	struct control *c = server_for_test("10s");
	struct control_result *r;
	pthread_t thread;
	void *result;

	(void)state;
	disk_hang(true);
	assert_int_equal(pthread_create(&thread, NULL, set_root, c), 0);
	disk_await(2);
	assert_true(control_stop(c, false).ok);
	disk_hang(false);
	pthread_join(thread, &result);
	r = result;
	assert_false(r->ok);
	assert_non_null(strstr(r->text, "shutting down"));
	free(r);
	run_to_the_end(c);
	assert_true(server_free(c));
}

static void
neither_does_a_reload(void **state)
{
	static char program[] = "httpconsole", none[] = "--no-config",
		    port[] = "-p", any[] = "0";
	char *argv[] = { program, none, port, any, root, NULL };
	struct control *c = server_for_test("10s");
	struct control_status s;

	(void)state;
	disk_hang(true);
	aside_reload(c, 5, argv);
	disk_await(2);
	aside_reload(c, 5, argv); /* waits for the one that runs */
	control_status(c, &s);
	server_tick(c);
	assert_true(control_stop(c, true).ok);
	run_to_the_end(c);
	assert_false(server_free(c));
	disk_hang(false);
	while (!server_free(c))
		usleep(1000);
}

static void
without_shutdown_timeout_nobody_is_cut(void **state)
{
	struct control *c = server_for_test("0");
	struct control_status s;
	int fd = client(c);

	(void)state;
	assert_true(control_stop(c, false).ok);
	control_status(c, &s);
	assert_int_equal(s.state, LIFE_DRAINING);
	assert_int_equal(s.drain_deadline, 0);
	assert_int_equal(server_tick(c), -1);
	assert_false(c->cut);
	/* the head that had begun is answered */
	assert_true(send(fd, " / HTTP/1.0\r\n\r\n", 15, 0) == 15);
	server_join(c);
	assert_int_equal(closed(c, CLOSE_DRAIN_DEADLINE), 0);
	assert_int_equal(closed(c, CLOSE_ENDED_NOW), 0);
	assert_true(server_free(c));
	close(fd);
}

static void
the_end_by_force_has_its_own_reason(void **state)
{
	static const struct {
		const char *shutdown;
		bool again; /* a second wish */
		enum close_reason why, not ;
	} rows[] = {
		{ "60s", true, CLOSE_ENDED_NOW, CLOSE_DRAIN_DEADLINE },
		{ "1ms", false, CLOSE_DRAIN_DEADLINE, CLOSE_ENDED_NOW },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct control *c = server_for_test(rows[i].shutdown);
		int fd = client(c), ms;

		assert_true(control_stop(c, false).ok);
		if (rows[i].again)
			assert_true(control_stop(c, false).ok);
		while ((ms = server_tick(c)) >= 0)
			usleep(1000u * (unsigned)ms);
		server_join(c);
		assert_int_equal(closed(c, rows[i].why), 1);
		assert_int_equal(closed(c, rows[i].not ), 0);
		assert_true(server_free(c));
		close(fd);
	}
}

/* A look at the root has begun. */
static void
await_look(void)
{
	disk_hang(true);
	disk_await(1);
	pthread_mutex_lock(&disk.lock);
	disk.hangs = false;
	pthread_cond_broadcast(&disk.changed);
	while (disk.waiting > 0)
		pthread_cond_wait(&disk.changed, &disk.lock);
	pthread_mutex_unlock(&disk.lock);
}

/* The bell rings within 10 seconds, once it is armed. */
static void
assert_rung(struct control *c)
{
	struct pollfd fd = { c->watch.bell_fd, POLLIN, 0 };
	uint64_t n;

	assert_int_equal(poll(&fd, 1, 10000), 1);
	assert_int_equal(read(fd.fd, &n, sizeof(n)), sizeof(n));
	watch_bell_arm(&c->watch);
}

static void
a_console_that_stands_still_is_rung_for_what_no_event_tells(void **state)
{
	struct control *c = server_for_test("10s");

	(void)state;
	await_look(); /* for the first one all is news: when */
	await_look(); /* the next has begun, it has rung */
	watch_bell_arm(&c->watch);
	notice(NOTICE_INFO, "something to say");
	assert_rung(c);
	control_pause(c, true);
	assert_rung(c);
	control_pause(c, false);
	assert_rung(c);
	end(c);
}

static void
an_ended_server_leaves_no_descriptor(void **state)
{
	unsigned before = open_descriptors();
	struct control *c = server_for_test("10s");

	(void)state;
	assert_true(open_descriptors() > before);
	end(c);
	assert_int_equal(open_descriptors(), before);
}

static int
set_up(void **state)
{
	(void)state;
	notice_to_stderr(false);
	(void)signal(SIGPIPE, SIG_IGN); /* as main does */
	alarm(60); /* what hangs is an error, and the test's end */
	return mkdtemp(root) == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	(void)state;
	return rmdir(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ended_server_leaves_no_descriptor),
		cmocka_unit_test(a_root_that_does_not_answer_holds_up_nobody),
		cmocka_unit_test(neither_does_another_root),
		cmocka_unit_test(a_root_chosen_too_late_is_not_served),
		cmocka_unit_test(neither_does_a_reload),
		cmocka_unit_test(without_shutdown_timeout_nobody_is_cut),
		cmocka_unit_test(the_end_by_force_has_its_own_reason),
		cmocka_unit_test(
		    a_console_that_stands_still_is_rung_for_what_no_event_tells),
	};

	return cmocka_run_group_tests_name("server", tests, set_up, tear_down);
}
