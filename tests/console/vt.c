#include "tests/console/vt_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/console/shell.h"

#define ENV_MAX	 64
#define ARGS_MAX 32

#define TRIES (VT_DEADLINE_S * 100)

/* What is typed and pasted, and what the terminal answers. */
static void
send_keys(const char *s, size_t n, void *user)
{
	struct vt *t = user;

	for (int i = 0; i < TRIES && n > 0 && t->master >= 0; i++) {
		ssize_t done = write(t->master, s, n);
		if (done < 0 && errno != EAGAIN && errno != EINTR)
			return;
		if (done > 0)
			s += done, n -= (size_t)done;
		else
			(void)vt_pump(t, 10);
	}
}

bool
vt_pump(struct vt *t, int timeout_ms)
{
	struct pollfd fd = { t->master, POLLIN, 0 };
	char bytes[65536];
	bool any = false;
	ssize_t n;

	if (poll(&fd, 1, timeout_ms) <= 0)
		return false;
	/* EIO: nobody has the other end. */
	while (
	    t->master >= 0 && (n = read(t->master, bytes, sizeof bytes)) > 0) {
		vt_screen_take(t, bytes, (size_t)n);
		any = true;
	}
	return any;
}

struct termios
vt_modes(const struct vt *t)
{
	struct termios modes;

	assert_int_equal(tcgetattr(t->master, &modes), 0);
	return modes;
}

/* --- the program --- */

/* Ours, unless the test gives another value; nothing that the caller has set
 * for the program. */
static void
build_env(const struct vt_options *o, char *env[ENV_MAX])
{
	static char term[64], locale[64];
	static const char *const own[] = { "TZ=UTC",
		"XDG_CONFIG_HOME=/nonexistent", "XDG_STATE_HOME=/nonexistent" };
	static const char *const kept[] = { "PATH=", "ASAN_OPTIONS=",
		"UBSAN_OPTIONS=", "TSAN_OPTIONS=", "LSAN_OPTIONS=",
		"GCOV_PREFIX", "TERMINFO", "LD_LIBRARY_PATH=" };
	int n = 0;

	/* The first of a name is the one that getenv(3) finds. */
	for (int i = 0; o->env && o->env[i] && n < ENV_MAX - 16; i++)
		env[n++] = (char *)(uintptr_t)o->env[i];
	for (size_t k = 0; k < sizeof kept / sizeof *kept; k++)
		for (char **e = environ; *e && n < ENV_MAX - 8; e++)
			if (strncmp(*e, kept[k], strlen(kept[k])) == 0)
				env[n++] = *e;
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		env[n++] = (char *)(uintptr_t)own[i];
	(void)snprintf(
	    term, sizeof term, "TERM=%s", o->term ? o->term : "xterm-256color");
	(void)snprintf(locale, sizeof locale, "LC_ALL=%s",
	    o->locale ? o->locale : "C.UTF-8");
	env[n++] = term;
	env[n++] = locale;
	env[n] = NULL;
}

static void
program_path(char path[PATH_MAX])
{
	const char *name = getenv("HTTPCONSOLE");

	if (realpath(name ? name : "./httpconsole", path) == NULL)
		fail_msg("no program %s: build it first",
		    name ? name : "./httpconsole");
}

static void
read_reports(struct vt *t, int timeout_ms)
{
	struct pollfd fd = { t->report, POLLIN, 0 };
	struct shell_report r;

	while (poll(&fd, 1, timeout_ms) > 0 &&
	    read(t->report, &r, sizeof r) == sizeof r) {
		t->pid = r.pid;
		t->status = r.status;
		timeout_ms = 0;
	}
}

struct vt *
vt_start(const struct vt_options *o)
{
	struct winsize size = { .ws_row = (unsigned short)o->h,
		.ws_col = (unsigned short)o->w };
	char program[PATH_MAX], *env[ENV_MAX], *argv[ARGS_MAX];
	struct shell_job job = { program, argv, env, o->folder, o->input };
	struct vt *t = calloc(1, sizeof *t);
	int report[2], n = 0;

	assert_non_null(t);
	program_path(program);
	build_env(o, env);
	argv[n++] = program;
	for (int i = 0; o->args && o->args[i] && n < ARGS_MAX - 1; i++)
		argv[n++] = (char *)(uintptr_t)o->args[i];
	argv[n] = NULL;
	t->w = o->w;
	t->h = o->h;
	t->status = -1;
	vt_screen_make(t, send_keys);
	assert_int_equal(pipe2(report, O_CLOEXEC), 0);
	t->report = report[0];
	t->shell = forkpty(&t->master, NULL, NULL, &size);
	assert_true(t->shell >= 0);
	if (t->shell == 0)
		shell_run(&job, report[1]);
	(void)close(report[1]);
	(void)fcntl(t->master, F_SETFD, FD_CLOEXEC);
	(void)fcntl(t->master, F_SETFL, O_NONBLOCK);
	read_reports(t, VT_DEADLINE_S * 1000);
	assert_true(t->pid > 0);
	return t;
}

void
vt_free(struct vt *t)
{
	if (t == NULL)
		return;
	if (t->pid > 0 && (t->status == -1 || vt_runs(t) || vt_stopped(t)))
		(void)kill(t->pid, SIGKILL);
	(void)kill(t->shell, SIGKILL);
	(void)waitpid(t->shell, NULL, 0);
	if (t->master >= 0)
		(void)close(t->master);
	(void)close(t->report);
	vterm_free(t->term);
	free(t->output);
	free(t);
}

pid_t
vt_pid(const struct vt *t)
{
	return t->pid;
}

bool
vt_runs(struct vt *t)
{
	read_reports(t, 0);
	return t->status == -1 || WIFCONTINUED(t->status);
}

bool
vt_stopped(struct vt *t)
{
	read_reports(t, 0);
	return t->status != -1 && WIFSTOPPED(t->status);
}

void
vt_foreground(struct vt *t)
{
	(void)kill(t->shell, SIGUSR1);
}

void
vt_hang_up(struct vt *t)
{
	(void)close(t->master);
	t->master = -1;
}

/* --- waiting --- */

static int64_t
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
vt_check_at(
    struct vt *t, bool holds, const char *what, const char *file, int line)
{
	if (holds)
		return;
	vt_dump(t);
	print_error("not so: %s\n", what);
	_fail(file, line);
}

void
vt_wait_at(struct vt *t, vt_test *test, const void *arg, const char *what,
    const char *file, int line)
{
	int64_t end = now_ms() + VT_DEADLINE_S * 1000;

	while (!test(t, arg)) {
		if (now_ms() > end)
			vt_check_at(t, false, what, file, line);
		(void)vt_pump(t, 20);
	}
}

bool
vt_test_shows(struct vt *t, const void *text)
{
	return vt_shows(t, text);
}

bool
vt_test_lacks(struct vt *t, const void *text)
{
	return !vt_shows(t, text);
}

bool
vt_test_row(struct vt *t, const void *regex)
{
	return vt_find(t, 0, regex) >= 0;
}

bool
vt_test_no_row(struct vt *t, const void *regex)
{
	return vt_find(t, 0, regex) < 0;
}

bool
vt_test_altscreen(struct vt *t, const void *unused)
{
	(void)unused;
	return vt_altscreen(t);
}

bool
vt_test_stopped(struct vt *t, const void *unused)
{
	(void)unused;
	return vt_stopped(t);
}

int
vt_end_at(struct vt *t, bool deaf, const char *file, int line)
{
	int64_t end = now_ms() + VT_DEADLINE_S * 1000;

	while (vt_runs(t) || vt_stopped(t)) {
		if (now_ms() > end)
			vt_check_at(t, false, "it ends", file, line);
		if (deaf)
			read_reports(t, 20);
		else
			(void)vt_pump(t, 20);
	}
	while (!deaf && vt_pump(t, 0))
		continue;
	return t->status;
}

/* --- what a person does --- */

void
vt_type(struct vt *t, const char *bytes)
{
	send_keys(bytes, strlen(bytes), t);
}

void
vt_type_blind(struct vt *t, const char *bytes)
{
	ssize_t n = write(t->master, bytes, strlen(bytes));

	(void)n; /* the terminal may be full */
}

void
vt_paste(struct vt *t, const char *text)
{
	vterm_keyboard_start_paste(t->term);
	vt_type(t, text);
	vterm_keyboard_end_paste(t->term);
}

void
vt_resize(struct vt *t, int w, int h)
{
	struct winsize size = { .ws_row = (unsigned short)h,
		.ws_col = (unsigned short)w };

	t->w = w;
	t->h = h;
	vterm_set_size(t->term, h, w);
	assert_int_equal(ioctl(t->master, TIOCSWINSZ, &size), 0);
}

void
vt_settle_at(struct vt *t, const char *file, int line)
{
	vt_type(t, ":");
	vt_wait_at(t, vt_test_shows, "Command", "settled", file, line);
	vt_type(t, VT_ESC);
	vt_wait_at(t, vt_test_lacks, "Command", "settled", file, line);
	/* the last line of the frame */
	vt_wait_at(t, vt_test_lacks, "Do it", "settled", file, line);
}
