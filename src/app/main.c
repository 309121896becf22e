#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/aside.h"
#include "app/options.h"
#include "app/probe.h"
#include "app/view.h"
#include "app/server.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/num.h"
#include "base/printable.h"
#include "ui/console.h"

enum { EXIT_RUN = 1, EXIT_USAGE = 2, EXIT_CONFIG = 78 };

/* What main needs for its loop and for a reload. */
struct program {
	struct control *control;
	struct console *console; /* NULL: headless */
	int signal_fd;
	int argc;
	char **argv;
};

/* Signals that are answered by the main loop are blocked in every thread. */
static int
signals_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN); /* a log at its size limit: EFBIG */
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* What the console's thread takes by a signalfd, and job control, which it does
 * itself so as to leave the screen first. */
static void
console_signals_block(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGCONT);
	sigaddset(&set, SIGTSTP);
	sigaddset(&set, SIGTTIN);
	sigaddset(&set, SIGTTOU);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* *why_not: NULL, or why a terminal gets none unasked. */
static bool
console_wanted(const struct config *cf, const char **why_not)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread yet */
	const char *term = getenv("TERM");

	*why_not = NULL;
	if (cf->console_mode != CONFIG_AUTO)
		return cf->console_mode == CONFIG_ON;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return false;
	if (term == NULL || term[0] == '\0')
		*why_not = "TERM is not set";
	else if (strcmp(term, "dumb") == 0)
		*why_not = "TERM is dumb";
	return *why_not == NULL;
}

static void
banner(struct control *c, FILE *out)
{
	char root[PATH_MAX], shown[PATH_MAX];
	struct control_status s;

	control_status(c, &s);
	server_root(c, root);
	printable_str(shown, sizeof(shown), span_str(root), PRINTABLE_UTF8);
	fprintf(out, "Serving %s at %s %s\n", shown, s.url,
	    s.loopback_only ? "(this computer only; --lan to share)"
			    : "(whoever can reach this computer)");
	for (unsigned i = 1; i < c->shared.n; i++)
		fprintf(out, "    and at %s\n", c->listeners[i].url);
	if (s.config[0] != '\0')
		fprintf(out, "Configuration: %s\n", s.config);
	fflush(out);
}

/* What to say at the end, when there was a console to look at until now. */
static void
farewell(struct control *c)
{
	static struct counters n;
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
	unsigned long long asked, came;
	char bytes[8];

	/* A terminal that stands still would hold the end for ever. */
	if (poll(&out, 1, 0) <= 0)
		return;
	watch_counters(&c->watch, &n);
	asked = counter_get(&n.v[COUNTER_REQUESTS]);
	came = counter_get(&n.v[COUNTER_ACCEPTED]);
	num_human(bytes, counter_get(&n.v[COUNTER_BYTES_OUT]));
	printf("httpconsole: %llu request%s on %llu connection%s, %s sent\n",
	    asked, asked == 1 ? "" : "s", came, came == 1 ? "" : "s", bytes);
}

/* Whether all that happened is accounted for, in one line.  Nothing is said of
 * a recorder that hangs on a dead disk: it was left where it is. */
static void
say_account(struct control *c)
{
	struct watch_account a;

	if (c->watch.recorder_left)
		return;
	control_account(c, &a);
	notice(watch_account_holds(&a) ? NOTICE_DEBUG : NOTICE_ERROR,
	    "account: %llu events = %llu journalled + %llu passed + "
	    "%llu dropped; %llu lines = %llu written + %llu lost + "
	    "%llu suppressed",
	    (unsigned long long)a.events, (unsigned long long)a.journalled,
	    (unsigned long long)a.passed, (unsigned long long)a.dropped,
	    (unsigned long long)a.lines, (unsigned long long)a.written,
	    (unsigned long long)a.lost, (unsigned long long)a.suppressed);
	if (a.lost > 0)
		notice(NOTICE_WARN,
		    "access log: %llu of %llu lines could not be written and "
		    "are lost",
		    (unsigned long long)a.lost, (unsigned long long)a.lines);
}

static void
reopen_log(struct control *c)
{
	struct accesslog *log = control_watch(c)->log;
	struct accesslog_status s;

	accesslog_reopen(log);
	accesslog_status(log, &s);
	if (s.path[0] != '\0' && strcmp(s.path, "stdout") != 0)
		notice(
		    NOTICE_INFO, "access log will be opened anew: %s", s.path);
}

static void
take_signals(struct program *p)
{
	struct signalfd_siginfo si;

	while (read(p->signal_fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		switch (si.ssi_signo) {
		case SIGHUP:
			aside_reload(p->control, p->argc, p->argv);
			break;
		case SIGUSR1:
			reopen_log(p->control);
			break;
		default:
			notice(NOTICE_INFO, "%s",
			    control_stop(p->control, false).text);
			break;
		}
	}
}

/* For want of memory, mostly: look at everything, but not without pause. */
static void
main_poll_failed(struct pollfd fds[4])
{
	struct timespec rest = { .tv_nsec = 10 * NS_PER_MS };

	for (int i = 0; i < 4; i++)
		fds[i].revents = 0;
	if (errno != EINTR)
		nanosleep(&rest, NULL);
}

/* Until every worker's loop has ended. */
static void
main_loop(struct program *p)
{
	struct control *c = p->control;
	uint64_t ended = 0, n;
	int lost_fd = -1;
	struct pollfd fds[4] = {
		{ .fd = p->signal_fd, .events = POLLIN },
		{ .fd = c->wake_fd, .events = POLLIN },
		{ .fd = c->shared.done_fd, .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
	};

	if (p->console != NULL && console_alive(p->console, &lost_fd))
		fds[3].fd = lost_fd;
	while (ended < c->workers) {
		if (poll(fds, 4, server_tick(c)) < 0)
			main_poll_failed(fds);
		take_signals(p);
		if (read(c->wake_fd, &n, sizeof(n)) < 0)
			n = 0;
		if (read(c->shared.done_fd, &n, sizeof(n)) == sizeof(n))
			ended += n;
		if (fds[3].fd >= 0 && (fds[3].revents & POLLIN)) {
			fds[3].fd = -1;
			notice(NOTICE_WARN,
			    "the terminal is gone: going on without a console");
		}
	}
}

static int
serve(struct options *o, int argc, char **argv)
{
	struct program p = { .argc = argc, .argv = argv };
	struct console_options co = {
		.refresh_ms = o->config->console_refresh,
		.keys = o->config->console_keys.v,
		.keys_n = o->config->console_keys.n,
		.columns = o->config->console_columns.v,
		.columns_n = o->config->console_columns.n,
		.redact_given = true,
		.redact = o->config->console_redact.v,
		.redact_n = o->config->console_redact.n,
		.export_dir = o->config->console_export_dir,
		.color = o->config->console_color == COLOR_AUTO ? 0
		    : o->config->console_color == COLOR_ALWAYS	? 1
								: -1,
	};
	bool left = false;
	const char *why_not;
	bool wanted = console_wanted(o->config, &why_not);
	char err[512];

	notice_min_level(o->config->log_level);
	p.signal_fd = signals_open();
	if (p.signal_fd < 0) {
		fprintf(
		    stderr, "httpconsole: signalfd: %s\n", error_text(errno));
		config_free(o->config);
		return EXIT_RUN;
	}
	if (wanted)
		console_signals_block();
	p.control = server_open(o->config, wanted, err);
	if (p.control == NULL || !server_confine(p.control, err) ||
	    !server_run(p.control, err)) {
		fprintf(stderr, "httpconsole: %s\n", err);
		return EXIT_RUN;
	}
	if (!o->quiet)
		banner(p.control, stderr);
	if (wanted) {
		p.console = console_start(p.control, &co, err);
		if (p.console != NULL)
			notice_to_stderr(false);
		else
			notice(NOTICE_WARN, "no console: %s", err);
	} else if (why_not != NULL) {
		notice(NOTICE_WARN,
		    "no console: %s; its place is a terminal (TERM=xterm)",
		    why_not);
	}
	main_loop(&p);
	server_join(p.control);
	if (p.console != NULL) {
		left = !console_stop(p.console);
		notice_to_stderr(true);
		farewell(p.control);
	}
	say_account(p.control);
	if (!left) /* else the console may still look at it */
		(void)server_free(p.control);
	close(p.signal_fd);
	return EXIT_SUCCESS;
}

/* A standard descriptor that is closed would be the next socket or eventfd, and
 * get what is printed. */
static bool
open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	return fd >= 0 && close(fd) == 0;
}

int
main(int argc, char **argv)
{
	struct options o;

	if (!open_standard())
		return EXIT_RUN; /* with nowhere to say it */
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread yet */
	(void)setlocale(LC_CTYPE, "");
	(void)umask(027);
	options_read(&o, argc, argv, environ);
	switch (o.action) {
	case OPTIONS_SERVE:
		return serve(&o, argc, argv);
	case OPTIONS_PROBE:
		return probe_main(o.probe_argc, o.probe_argv);
	case OPTIONS_VIEW:
		return view_main(o.probe_argc, o.probe_argv);
	case OPTIONS_USAGE:
		return EXIT_USAGE;
	case OPTIONS_CONFIG_BAD:
		return EXIT_CONFIG;
	case OPTIONS_CANNOT_RUN:
		return EXIT_RUN;
	default:
		return EXIT_SUCCESS;
	}
}
