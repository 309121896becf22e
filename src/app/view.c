#include "app/view.h"

#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "app/config.h"
#include "app/config_key.h"
#include "app/server_plan.h"
#include "base/notice.h"
#include "base/printable.h"
#include "ui/console.h"
#include "watch/recording.h"

#define EXIT_USAGE  2
#define EXIT_CONFIG 78

/* Exchanges and bytes that are kept of a long file, the last ones, where the
 * configuration does not say; memory is used as it fills. */
#define VIEW_EXCHANGES	1000000
#define VIEW_MEMORY_MIB 256

/* What the command line and the configuration ask for. */
struct view_options {
	const char *file;
	unsigned exchanges;
	size_t memory;
};

struct viewer {
	struct control c;
	struct recording *recording;
	_Atomic bool stop;
	uint64_t read;
	uint64_t unreadable;
	uint64_t line; /* of the first that was unreadable */
};

/* As a worker would have counted it. */
static void
count(struct counters *n, const struct event *e)
{
	counter_add(&n->v[COUNTER_REQUESTS], 1);
	counter_add(&n->v[COUNTER_BYTES_OUT], e->bytes_out);
	if (e->status != 0)
		counter_add(&n->status[status_slot(e->status)], 1);
	if (event_knows(e, FACT_TIME))
		hist_add(&n->latency, (uint64_t)e->done_ns);
}

/* From when to when it is, in whatever order. */
static void
note_span(struct control *c, int64_t wall)
{
	int64_t earliest = atomic_load(&c->earliest);

	if (earliest == 0 || wall < earliest)
		atomic_store(&c->earliest, wall);
	if (wall > atomic_load(&c->latest))
		atomic_store(&c->latest, wall);
}

static void
take(struct viewer *v, const struct recorded *r)
{
	struct event e = recording_event(r);

	note_span(&v->c, e.wall);
	journal_add(v->c.watch.journal, &e, r->x.request, r->x.response);
	count(&v->c.watch.worker[0].counters, &e);
	v->read++;
	if (v->read % 1024 == 1)
		watch_ring(&v->c.watch);
}

static void
say_end(const struct viewer *v, const char *text)
{
	notice(NOTICE_INFO, "%llu exchange%s read", (unsigned long long)v->read,
	    v->read == 1 ? "" : "s");
	if (v->unreadable > 0)
		notice(NOTICE_WARN,
		    "%llu could not be read, the first in line %llu",
		    (unsigned long long)v->unreadable,
		    (unsigned long long)v->line);
	if (text[0] != '\0')
		notice(NOTICE_WARN, "%s", text);
}

/* A thread of its own: the file may be long, or a pipe that is slow. */
static void *
view_read(void *arg)
{
	struct viewer *v = arg;
	struct recorded r;
	enum recording_result got = RECORDING_GOT;

	while (!atomic_load(&v->stop) &&
	    (got = recording_next(v->recording, &r)) <= RECORDING_UNREADABLE) {
		if (got == RECORDING_GOT) {
			take(v, &r);
		} else if (v->unreadable++ == 0) {
			v->line = r.line;
		}
	}
	if (got == RECORDING_FAILED)
		notice(NOTICE_ERROR, "%s", r.text);
	else if (got == RECORDING_END)
		say_end(v, r.text);
	atomic_store(&v->c.reading, false);
	watch_ring(&v->c.watch);
	return NULL;
}

static bool
view_prepare(struct viewer *v, const struct view_options *o)
{
	size_t heads;
	unsigned kept = journal_share(o->exchanges, o->memory, &heads);
	struct journal *j = journal_new(kept, heads);

	v->c.magic = CONTROL_MAGIC;
	v->c.recording = o->file;
	v->c.reading = true;
	v->c.state = LIFE_RECORDING;
	v->c.started = clock_mono();
	pthread_mutex_init(&v->c.lock, NULL);
	pthread_cond_init(&v->c.changed, NULL);
	v->c.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return j != NULL && v->c.wake_fd >= 0 &&
	    watch_init(&v->c.watch, 1, 1, j, NULL);
}

static bool
view_has_ended(struct viewer *v)
{
	bool ended;

	pthread_mutex_lock(&v->c.lock);
	ended = v->c.state == LIFE_ENDED;
	pthread_mutex_unlock(&v->c.lock);
	return ended;
}

/* Until the person leaves, or the terminal does, or a signal comes. */
static void
view_wait(struct viewer *v, struct console *con)
{
	struct pollfd fds[2] = {
		{ .fd = v->c.wake_fd, .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
	};

	(void)console_alive(con, &fds[1].fd);
	while (!view_has_ended(v) && console_alive(con, NULL))
		(void)poll(fds, 2, -1);
}

/* A signal ends the program in its usual way; the terminal must be restored
 * first, which main's way of taking signals does. */
static void *
view_signals(void *arg)
{
	struct viewer *v = arg;
	sigset_t set;
	int got;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (sigwait(&set, &got) == 0)
		(void)control_stop(&v->c, true);
	return NULL;
}

static int
view_show(struct viewer *v)
{
	struct console_options o = { .refresh_ms = 100 };
	struct console *con;
	pthread_t reader, signals;
	sigset_t all;
	char err[256];

	sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, NULL);
	con = console_start(&v->c, &o, err);
	if (con == NULL) {
		fprintf(stderr, "httpconsole: no console: %s\n", err);
		return EXIT_FAILURE;
	}
	if (pthread_create(&signals, NULL, view_signals, v) == 0)
		pthread_detach(signals);
	if (pthread_create(&reader, NULL, view_read, v) == 0) {
		view_wait(v, con);
		atomic_store(&v->stop, true);
		/* It may wait for a pipe: the process ends over it. */
		pthread_detach(reader);
	}
	(void)console_stop(con);
	return EXIT_SUCCESS;
}

/* What is kept, as the server would take it from the same file and environment;
 * false when they are wrong, which is said. */
static bool
view_configure(struct view_options *o, const char *given)
{
	struct config *c = config_new();
	struct config_errors e = { NULL, 0 };
	char *file = NULL;
	bool ok = c != NULL && config_find(given, &file);

	if (!ok)
		config_error(&e, NULL, NULL, "out of memory");
	if (ok && file)
		ok = config_read_file(c, file, &e);
	ok = ok && config_read_env(c, environ, &e);
	if (ok && config_place(c, "console.history"))
		o->exchanges = c->console_history;
	if (ok && config_place(c, "console.history_memory"))
		o->memory = c->console_history_memory;
	if (!ok)
		fputs(e.text ? e.text : "httpconsole: out of memory\n", stderr);
	config_errors_free(&e);
	config_free(c);
	free(file);
	return ok;
}

static void
put_usage(FILE *to)
{
	fprintf(to,
	    "Usage: httpconsole view [-c CONFIG] FILE\n"
	    "A HAR, an access log (common, combined) or JSON lines in the "
	    "console; -: stdin.\n"
	    "Of a long one the newest %d at most, in %dM of memory, are "
	    "kept, or as\n"
	    "console.history and console.history_memory of the configuration "
	    "say;\n"
	    "1G of memory: HTTPCONSOLE_CONSOLE_HISTORY_MEMORY=1G.\n",
	    VIEW_EXCHANGES, VIEW_MEMORY_MIB);
}

/* `letter` is getopt's: 0 for a word. */
static void
say_option(const char *word, char letter)
{
	char text[80], one[3] = { '-', letter, '\0' };

	printable_str(
	    text, sizeof(text), span_str(letter ? one : word), PRINTABLE_UTF8);
	if (letter == 'c')
		fputs("httpconsole: -c needs the name of a file; httpconsole "
		      "view --help tells more\n",
		    stderr);
	else
		fprintf(stderr,
		    "httpconsole: view has no option %s; httpconsole view "
		    "--help tells which\n",
		    text);
}

/* The exit status when there is nothing to look at, else -1. */
static int
view_read_options(struct view_options *o, int argc, char **argv)
{
	static const struct option rows[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *config = NULL;
	int got;

	*o = (struct view_options){ .exchanges = VIEW_EXCHANGES,
		.memory = (size_t)VIEW_MEMORY_MIB << 20 };
	opterr = 0; /* it would write the bytes of an option as they are */
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread yet */
	while ((got = getopt_long(argc, argv, "c:h", rows, NULL)) != -1) {
		if (got == 'c') {
			config = optarg;
			continue;
		}
		if (got != 'h') {
			say_option(argv[optind - 1], (char)optopt);
			return EXIT_USAGE;
		}
		put_usage(stdout);
		return EXIT_SUCCESS;
	}
	if (optind + 1 != argc) {
		put_usage(stderr);
		return EXIT_USAGE;
	}
	o->file = argv[optind];
	return view_configure(o, config) ? -1 : EXIT_CONFIG;
}

/* Keys come from the terminal when the recording comes from stdin. */
static void
take_terminal(const char *file)
{
	int fd;

	if (strcmp(file, "-") != 0 || isatty(STDIN_FILENO))
		return;
	fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return; /* what the console says then is right */
	(void)dup2(fd, STDIN_FILENO);
	(void)close(fd);
}

int
view_main(int argc, char **argv)
{
	static struct viewer v;
	struct view_options o;
	char text[RECORDING_TEXT];
	int status;

	status = view_read_options(&o, argc, argv);
	if (status >= 0)
		return status;
	v.recording = recording_open(o.file, text);
	if (v.recording == NULL) {
		fprintf(stderr, "httpconsole: %s\n", text);
		return EXIT_FAILURE;
	}
	take_terminal(o.file);
	if (!view_prepare(&v, &o)) {
		fputs("httpconsole: no memory\n", stderr);
		return EXIT_FAILURE;
	}
	return view_show(&v);
}
