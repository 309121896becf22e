#include "ui/console.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/check.h"
#include "base/thread.h"
#include "ui/pane.h"
#include "ui/state.h"
#include "ui/state_file.h"
#include "ui/still.h"
#include "ui/term.h"
#include "ui/ui.h"

#define CONSOLE_MAGIC 0xc0450e1eu

#define KEYS_PER_WAKE 256
#define LIVELY	      (2 * NS_PER_S) /* looked at often, after a change */
#define STOP_WAIT     (500 * NS_PER_MS)

enum { POLL_STOP, POLL_SIGNAL, POLL_TTY, POLL_BELL, POLL_N };

struct console {
	uint32_t magic;
	pthread_t thread;
	struct term *term;
	struct ui ui;
	struct grid grid;
	int64_t refresh; /* ns */
	const char *redact[CONSOLE_REDACT + 1];
	int stop_fd;
	int lost_fd;
	int signal_fd;
	_Atomic bool alive;
	/* the thread's own */
	bool away;	/* another job has the terminal */
	bool dirty;	/* a key or signal came since the last frame */
	int64_t framed; /* when that was */
	int64_t pace;	/* least time from it to the next; ns */
	int64_t moved;	/* when the model last changed */
	const char *state_name;
};

/* The terminal is gone: say so, and touch it no more. */
static void
lose(struct console *con)
{
	if (!atomic_load(&con->alive))
		return;
	atomic_store(&con->alive, false);
	notice_to_stderr(true);
	(void)bell_ring(con->lost_fd);
}

/* Take what the terminal's size is now. */
static void
fit(struct console *con)
{
	int w, h;

	term_resize(con->term, &w, &h);
	if (con->grid.cell && con->grid.w == w && con->grid.h == h)
		return;
	grid_free(&con->grid);
	if (!grid_init(&con->grid, w, h, term_ascii(con->term)))
		lose(con);
	con->ui.repaint = true;
}

/* What the terminal is told besides the picture. */
static void
say_and_ring(struct console *con)
{
	struct ui *ui = &con->ui;

	if (ui->bell)
		term_bell(con->term);
	ui->bell = false;
	if (ui->copy)
		term_copy(con->term, ui->copy, ui->copy_n);
	free(ui->copy);
	ui->copy = NULL;
}

static void
frame(struct console *con, struct moment now)
{
	struct ui *ui = &con->ui;
	int64_t cost = clock_thread();

	if (model_sample(ui->m, ui->control, now))
		con->moved = now.mono;
	con->framed = now.mono;
	con->dirty = false;
	if (con->away)
		return;
	ui_draw(ui, &con->grid);
	con->dirty = ui_works(ui); /* there will be more to show soon */
	term_theme(con->term, ui->m->look.theme);
	term_mouse_on(con->term, !ui->m->look.no_mouse);
	term_link(con->term, 0,
	    strncmp(ui->m->status.url, "http", 4) == 0 ? ui->m->status.url
						       : NULL);
	term_show(con->term, &con->grid, ui->repaint);
	ui->repaint = false;
	say_and_ring(con);
	con->pace = still_pace(con->refresh, clock_thread() - cost);
	/* A terminal that was stopped. */
	if (clock_mono() - now.mono > NS_PER_S)
		ui->m->missed = true;
}

/* Back from being another job. */
static void
come_back(struct console *con)
{
	con->away = false;
	term_return(con->term);
	fit(con);
	con->ui.repaint = true;
	con->dirty = true;
}

/* Stop the whole job as the terminal's own suspend key would.  A session
 * leader's group has no shell that could wake it again. */
static void
suspend(struct console *con)
{
	int64_t from;

	con->ui.suspend = false;
	if (getpgrp() == getsid(0)) {
		model_say(con->ui.m, NOTICE_WARN,
		    "not suspended: no shell started this that could go on "
		    "with it");
		return;
	}
	term_leave(con->term,
	    "httpconsole: suspended, and the server with it; fg goes on");
	from = clock_mono();
	/* Blocked here and so without effect on us; SIGSTOP to this very
	 * thread does not return before the job goes on. */
	(void)kill(0, SIGTSTP);
	(void)pthread_kill(pthread_self(), SIGSTOP);
	control_slept(con->ui.control, clock_mono() - from);
	con->ui.m->missed = true;
	con->away = true; /* until it is known to be in front */
}

static void
take_signals(struct console *con)
{
	struct signalfd_siginfo info;

	while (read(con->signal_fd, &info, sizeof info) == sizeof info) {
		con->dirty = true;
		if (info.ssi_signo == SIGCONT)
			con->away = true;
	}
	if (!con->away)
		fit(con);
}

/* Whether bytes can be read; a terminal that is readable without any has
 * ended. */
static bool
readable(void)
{
	int n = 0;

	return ioctl(STDIN_FILENO, FIONREAD, &n) == 0 && n > 0;
}

static void
take_mouse(struct console *con)
{
	struct term_mouse at = term_mouse(con->term);

	ui_mouse(&con->ui, &at);
}

static void
take_keys(struct console *con, short events)
{
	if (!term_in_front(con->term)) {
		con->away = true;
		return;
	}
	if (!readable()) {
		if (events & (POLLHUP | POLLERR | POLLNVAL | POLLIN))
			lose(con);
		return;
	}
	for (int i = 0; i < KEYS_PER_WAKE; i++) {
		uint32_t key = term_key(con->term);
		if (key == TERM_KEY_NONE)
			break;
		con->dirty = true;
		if (key == TERM_KEY_MOUSE)
			take_mouse(con);
		else
			ui_key(&con->ui, key);
		if (con->ui.suspend) {
			suspend(con);
			return;
		}
	}
}

/* Whether something changed lately, so that it pays to look often. */
static bool
lively(const struct console *con)
{
	return con->framed - con->moved < LIVELY;
}

/* The recorder rang: something happened while nothing was to be seen. */
static void
take_bell(struct console *con, int fd)
{
	uint64_t n;

	if (read(fd, &n, sizeof n) == sizeof n)
		con->moved = con->framed;
}

/* When to look again.  A key is answered within a quarter of the frame time;
 * while something happens, a frame follows the other at the chosen pace, or
 * slower (still_pace); else the next one comes when a clock on the screen
 * steps. */
static int64_t
next_frame(const struct console *con)
{
	int64_t soonest = still_next(con->framed, con->refresh, con->pace);
	int64_t step = still_until(con->ui.m);

	if (con->dirty)
		return con->framed + con->refresh / 4;
	if (lively(con) || step < soonest)
		return soonest;
	return step;
}

static int
timeout_ms(const struct console *con)
{
	int64_t left;

	if (!atomic_load(&con->alive))
		return -1;
	left = next_frame(con) - clock_mono();
	return left <= 0 ? 0 : (int)((left + NS_PER_MS - 1) / NS_PER_MS);
}

/* One turn; false when console_stop was called. */
static bool
turn(struct console *con)
{
	bool alive = atomic_load(&con->alive);
	struct pollfd fd[POLL_N] = {
		[POLL_STOP] = { con->stop_fd, POLLIN, 0 },
		[POLL_SIGNAL] = { alive ? con->signal_fd : -1, POLLIN, 0 },
		[POLL_TTY] = { alive && !con->away ? STDIN_FILENO : -1, POLLIN,
		    0 },
		[POLL_BELL] = { -1, POLLIN, 0 },
	};
	struct watch *watch = control_watch(con->ui.control);
	struct moment now;

	if (alive && !lively(con)) {
		fd[POLL_BELL].fd = watch->bell_fd;
		watch_bell_arm(watch);
	}
	if (poll(fd, POLL_N, timeout_ms(con)) < 0 && errno != EINTR)
		return false;
	if (fd[POLL_STOP].revents)
		return false;
	if (!alive)
		return true;
	if (fd[POLL_SIGNAL].revents)
		take_signals(con);
	if (fd[POLL_BELL].revents)
		take_bell(con, watch->bell_fd);
	if (con->away && term_in_front(con->term))
		come_back(con);
	if (!con->away && fd[POLL_TTY].revents)
		take_keys(con, fd[POLL_TTY].revents);
	now = clock_now();
	if (atomic_load(&con->alive) && now.mono >= next_frame(con))
		frame(con, now);
	return true;
}

/* In this thread, which may wait for a disk: nothing else does for it. */
static void
load_state(struct console *con)
{
	char text[STATE_MOST];
	struct control_status s;

	control_status(con->ui.control, &s);
	con->state_name =
	    s.state == LIFE_RECORDING ? STATE_NAME_RECORDING : STATE_NAME;
	if (state_file_read(con->state_name, text, sizeof text) > 0)
		state_take(con->ui.m, text);
}

/* Where it cannot be kept the next run begins as the first did. */
static void
save_state(struct console *con)
{
	char text[STATE_MOST];
	struct buf b = buf_over(text, sizeof text);

	state_put(con->ui.m, &b);
	(void)state_file_write(con->state_name, buf_span(&b));
}

static void *
run(void *arg)
{
	struct console *con = arg;

	thread_name("console");
	fit(con);
	load_state(con);
	frame(con, clock_now());
	while (turn(con))
		continue;
	save_state(con);
	if (atomic_load(&con->alive) && !con->away)
		frame(con, clock_now());
	term_stop(con->term);
	return NULL;
}

static void
free_console(struct console *con)
{
	int fds[] = { con->stop_fd, con->lost_fd, con->signal_fd };

	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
	model_free(con->ui.m);
	grid_free(&con->grid);
	con->magic = 0;
	free(con);
}

static struct console *
make_console(struct control *c, unsigned refresh_ms)
{
	struct console *con = calloc(1, sizeof *con);
	struct control_status status;
	sigset_t set;

	if (con == NULL)
		return NULL;
	con->magic = CONSOLE_MAGIC;
	con->refresh = (int64_t)(refresh_ms < 50 ? 50 : refresh_ms) * NS_PER_MS;
	con->pace = con->refresh;
	con->alive = true;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGWINCH);
	(void)sigaddset(&set, SIGCONT);
	con->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	con->lost_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	con->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	control_status(c, &status);
	con->ui.control = c;
	con->ui.m = model_new(status.connections_max);
	if (con->stop_fd < 0 || con->lost_fd < 0 || con->signal_fd < 0 ||
	    con->ui.m == NULL) {
		free_console(con);
		return NULL;
	}
	return con;
}

/* What was configured; it was looked at when it was read. */
static void
configure(struct console *con, const struct console_options *o)
{
	struct model *m = con->ui.m;
	uint32_t shown = 0;

	for (size_t i = 0; i + 1 < o->keys_n; i += 2)
		(void)keymap_bind(&con->ui.keys, span_str(o->keys[i]),
		    span_str(o->keys[i + 1]));
	m->keys = &con->ui.keys;
	con->ui.export_dir = o->export_dir;
	for (size_t i = 0; i < o->redact_n && i < CONSOLE_REDACT; i++)
		con->redact[i] = o->redact[i];
	con->ui.redact = o->redact_given ? con->redact : NULL;
	for (size_t i = 0; i < o->columns_n; i++)
		for (int c = 0; c < REQUEST_COL_N; c++)
			if (strcmp(o->columns[i], request_columns[c].name) == 0)
				shown |= 1u << c;
	m->columns_given = shown != 0;
	if (shown)
		m->look.list[PANE_REQUESTS].hidden =
		    ~shown & ((1u << REQUEST_COL_N) - 1);
}

struct console *
console_start(struct control *c, const struct console_options *o, char err[256])
{
	struct console *con = make_console(c, o->refresh_ms);
	int failed;

	if (con == NULL) {
		(void)snprintf(err, 256, "no memory or descriptors");
		return NULL;
	}
	configure(con, o);
	con->term = term_start(o->color, err);
	if (con->term == NULL) {
		free_console(con);
		return NULL;
	}
	if (isatty(STDERR_FILENO))
		notice_to_stderr(false);
	failed = pthread_create(&con->thread, NULL, run, con);
	if (failed) {
		notice_to_stderr(true);
		term_stop(con->term);
		free_console(con);
		(void)snprintf(err, 256, "no thread (errno %d)", failed);
		return NULL;
	}
	return con;
}

bool
console_alive(struct console *con, int *fd)
{
	CHECK_MAGIC(con, CONSOLE_MAGIC);
	if (fd)
		*fd = con->lost_fd;
	return atomic_load(&con->alive);
}

bool
console_stop(struct console *con)
{
	CHECK_MAGIC(con, CONSOLE_MAGIC);
	(void)bell_ring(con->stop_fd);
	if (thread_join_within(con->thread, STOP_WAIT)) {
		notice_to_stderr(true);
		free_console(con);
		return true;
	}
	/* Its write waits for a terminal that takes nothing: leave it there,
	 * with all that it may still touch. */
	term_abandon(con->term);
	(void)pthread_detach(con->thread);
	notice_to_stderr(true);
	return false;
}
