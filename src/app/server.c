#include "app/server.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/aside.h"
#include "app/rings.h"
#include "app/sandbox.h"
#include "app/server_plan.h"
#include "base/error.h"
#include "base/state_folder.h"

#define PORT_TRIES 20

/* An entry before that has the port, or NULL. */
static const char *
server_own(const struct control *c, unsigned port)
{
	for (unsigned i = 0; i < c->shared.n; i++)
		if (listener_port(&c->listeners[i]) == port)
			return c->config->listen.v[i];
	return NULL;
}

/* One entry of listen; a taken default port on a terminal moves on. */
static bool
server_listen(struct control *c, const char *entry, char err[512])
{
	const struct config *cf = c->config;
	bool fallback = cf->port_fallback || (!cf->listen_given && c->console);
	struct listener *l = &c->listeners[c->shared.n];
	enum listener_result r = LISTENER_FAILED;
	struct config_listen at;
	char why[256], owner[128];
	const char *own;

	if (!config_listen_parse(entry, &at)) {
		snprintf(err, 512, "listen: '%.100s' is not host:port", entry);
		return false;
	}
	for (unsigned i = 0; i < PORT_TRIES; i++) {
		r = listener_open(
		    l, at.host, at.port + i, (int)cf->backlog, why);
		if (r != LISTENER_IN_USE || !fallback ||
		    at.port + i == UINT16_MAX)
			break;
	}
	if (r == LISTENER_OK) {
		if (fallback && at.port != 0 && listener_port(l) != at.port)
			notice(NOTICE_WARN,
			    "port %u is in use; serving on port %u", at.port,
			    listener_port(l));
		c->shared.n++;
		return true;
	}
	if (r == LISTENER_IN_USE && (own = server_own(c, at.port)) != NULL) {
		snprintf(err, 512,
		    "listen: '%s' is in use, perhaps by '%s' of the same list",
		    entry, own);
	} else if (r == LISTENER_IN_USE) {
		port_owner(owner, at.port);
		snprintf(err, 512, "port %u is in use by %s; try -p %u",
		    at.port, owner, at.port + 1u);
	} else {
		snprintf(err, 512, "%s", why);
	}
	return false;
}

static bool
server_listen_all(struct control *c, char err[512])
{
	const struct config_list *list = &c->config->listen;

	c->shared.listeners = c->listeners;
	c->loopback_only = true;
	for (size_t i = 0; i < list->n; i++) {
		if (i == LIMIT_LISTENERS) {
			snprintf(err, 512, "listen: more than %d entries",
			    LIMIT_LISTENERS);
			return false;
		}
		if (!server_listen(c, list->v[i], err))
			return false;
		c->loopback_only &= c->listeners[i].loopback;
	}
	return true;
}

/* How many connections the descriptors allow: an eighth of them is for files,
 * 64 are for the rest of the program.  At least 1. */
static uint32_t
server_room(rlim_t *limit)
{
	struct rlimit r;
	rlim_t rest;

	*limit = RLIM_INFINITY;
	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return LIMIT_CONNECTIONS;
	if (r.rlim_cur != r.rlim_max) {
		struct rlimit most = { r.rlim_max, r.rlim_max };

		if (setrlimit(RLIMIT_NOFILE, &most) == 0)
			r = most;
	}
	*limit = r.rlim_cur;
	rest = r.rlim_cur / 8 + 64;
	if (r.rlim_cur <= rest)
		return 1;
	return r.rlim_cur - rest > LIMIT_CONNECTIONS
	    ? LIMIT_CONNECTIONS
	    : (uint32_t)(r.rlim_cur - rest);
}

/* Of the eighth of the descriptors that is for files, a part is for those that
 * are kept open (three each, with siblings), a part for coded copies. */
static void
server_share_files(struct control *c, rlim_t limit)
{
	rlim_t files = limit / 8, each = files / 2 / 3 / c->workers;

	c->shared.files_kept =
	    each < FILES_KEPT_MAX ? (uint32_t)each : FILES_KEPT_MAX;
	c->gzip_copies = files / 4 < GZIP_COPIES_MAX ? (unsigned)(files / 4)
						     : GZIP_COPIES_MAX;
}

/* As many connections as the configuration wants and descriptors allow; of
 * workers no more than that. */
static void
server_limit_connections(struct control *c)
{
	uint32_t wanted = c->config->connections;
	rlim_t limit;
	uint32_t room = server_room(&limit);

	if (c->workers > wanted) {
		notice(NOTICE_WARN,
		    "workers lowered from %u to %u, which is all the "
		    "connections there may be (limits.connections)",
		    c->workers, wanted);
		c->workers = wanted;
	}
	if (c->workers > room) {
		notice(NOTICE_WARN,
		    "workers lowered from %u to %u: the descriptor limit is "
		    "%llu (ulimit -n)",
		    c->workers, room, (unsigned long long)limit);
		c->workers = room;
	}
	server_share_files(c, limit);
	c->connections = c->shared.connections = wanted < room ? wanted : room;
	c->shared.workers = c->workers;
	if (c->connections == wanted)
		return;
	notice(NOTICE_WARN,
	    "limits.connections lowered from %u to %u: the descriptor limit "
	    "is %llu (ulimit -n)",
	    wanted, c->connections, (unsigned long long)limit);
}

/* The sentence for what `errno` says; false.  Where there is no room for a
 * thread's stack, pthread_create(3) says EAGAIN. */
static bool
server_cannot_start(const char *what, char err[512])
{
	snprintf(err, 512, "cannot start %s: %s", what,
	    errno == EAGAIN ? "no memory for a thread, or too many threads"
			    : error_text(errno));
	return false;
}

static bool
server_make_watch(struct control *c, char err[512])
{
	const struct config *cf = c->config;
	char path[PATH_MAX];
	size_t heads;
	unsigned kept = journal_share(
	    cf->console_history, cf->console_history_memory, &heads);
	/* Without a console nobody would read it. */
	struct journal *journal = c->console ? journal_new(kept, heads) : NULL;
	struct accesslog *log = accesslog_new(
	    plan_log_path(cf, c->console, path) ? path : NULL, cf->log_format);

	if (c->console && kept < cf->console_history)
		notice(NOTICE_WARN,
		    "console.history: %u of %u exchanges fit into "
		    "console.history_memory",
		    kept, cf->console_history);
	errno = ENOMEM;
	if ((c->console && journal == NULL) || log == NULL ||
	    !watch_init(&c->watch, c->workers, worker_slots(&c->shared, 0),
		journal, log)) {
		server_cannot_start("the recorder", err);
		/* Nothing of it is held: server_free shall not look. */
		memset(&c->watch, 0, sizeof(c->watch));
		journal_free(journal);
		accesslog_free(log);
		return false;
	}
	return true;
}

static bool
server_start_recorder(struct control *c, char err[512])
{
	return watch_start(&c->watch) ||
	    server_cannot_start("the recorder", err);
}

static bool
server_open_site(struct control *c, char err[512])
{
	struct site_options o;
	struct gzip_options g;
	char why[256];

	plan_gzip_options(c, c->config, &g);
	c->gzip = gzip_store_new(&g);
	if (c->gzip == NULL) {
		snprintf(err, 512, "no memory");
		return false;
	}
	plan_site_options(c, c->config, &o);
	c->site = site_open(&o, why);
	if (c->site == NULL)
		snprintf(err, 512, "cannot serve %s", why);
	return c->site != NULL;
}

static bool
server_start_workers(struct control *c, char err[512])
{
	struct net_settings settings;

	plan_net_settings(c, c->config, &settings);
	c->buffered = settings.head.request_line + settings.head.header_size;
	c->shared.jobs = jobs_start(worker_deliver);
	if (c->shared.jobs == NULL)
		return server_cannot_start("the jobs' thread", err);
	c->shared.tally = tally_new(c->connections);
	c->worker = calloc(c->workers, sizeof(*c->worker));
	if (c->shared.tally == NULL || c->worker == NULL) {
		snprintf(err, 512, "no memory");
		return false;
	}
	for (unsigned i = 0; i < c->workers; i++)
		if (!worker_init(&c->worker[i], (uint8_t)i, &c->shared,
			&c->watch.worker[i], site_ref(c->site), &settings))
			return server_cannot_start("a worker", err);
	for (unsigned i = 0; i < c->workers; i++) {
		if (!worker_start(&c->worker[i]))
			return server_cannot_start("a worker", err);
		atomic_fetch_add(&c->shared.accepting, 1);
	}
	return true;
}

static bool
server_open_wakes(struct control *c, char err[512])
{
	c->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (c->wake_fd >= 0)
		c->shared.done_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (c->wake_fd >= 0 && c->shared.done_fd >= 0)
		return true;
	snprintf(err, 512, "eventfd: %s", error_text(errno));
	return false;
}

static bool
server_start_aside(struct control *c, char err[512])
{
	return aside_start(c) ||
	    server_cannot_start("the thread that looks at the root", err);
}

static struct control *
server_new(struct config *config, bool console)
{
	struct control *c = calloc(1, sizeof(*c));
	pthread_condattr_t attr;

	if (c == NULL)
		return NULL;
	c->magic = CONTROL_MAGIC;
	c->config = c->begun = config;
	c->console = console;
	c->workers = plan_workers(config);
	c->started = clock_mono();
	c->wake_fd = c->shared.done_fd = -1;
	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&c->changed, &attr);
	pthread_condattr_destroy(&attr);
	return c;
}

struct control *
server_open(struct config *config, bool console, char err[512])
{
	struct control *c = server_new(config, console);

	snprintf(err, 512, "no memory");
	if (c == NULL) {
		config_free(config);
		return NULL;
	}
	server_limit_connections(c);
	if (server_open_wakes(c, err) && server_listen_all(c, err) &&
	    rings_make(config, c->workers, c->shared.ring, err))
		return c;
	(void)server_free(c);
	return NULL;
}

bool
server_confine(struct control *c, char err[512])
{
	struct sandbox_needs n = { .config = c->config, .console = c->console };
	char log[PATH_MAX], state[PATH_MAX];

	if (plan_log_path(c->config, c->console, log) && strcmp(log, "-") != 0)
		n.log = log;
	if (c->console && state_folder_make(state))
		n.state = state;
	for (unsigned i = 0; i < c->shared.n; i++)
		n.ports[n.ports_n++] =
		    (uint16_t)listener_port(&c->listeners[i]);
	if (sandbox_enter(&n, err))
		return true;
	(void)server_free(c);
	return false;
}

bool
server_run(struct control *c, char err[512])
{
	if (server_make_watch(c, err) && server_start_recorder(c, err) &&
	    server_open_site(c, err) && server_start_workers(c, err) &&
	    server_start_aside(c, err))
		return true;
	for (unsigned i = 0; c->worker != NULL && i < c->workers; i++)
		if (c->worker[i].runs)
			worker_cut(&c->worker[i], CLOSE_DRAIN);
	server_join(c);
	(void)server_free(c);
	return false;
}

void
server_root(struct control *c, char root[PATH_MAX])
{
	pthread_mutex_lock(&c->lock);
	snprintf(root, PATH_MAX, "%s", c->site->root);
	pthread_mutex_unlock(&c->lock);
}

void
server_join(struct control *c)
{
	for (unsigned i = 0; c->worker != NULL && i < c->workers; i++)
		worker_join(&c->worker[i]);
	jobs_stop(c->shared.jobs);
	c->shared.jobs = NULL;
	if (c->watch.recorder_runs)
		watch_stop(&c->watch);
	pthread_mutex_lock(&c->lock);
	c->state = LIFE_ENDED;
	pthread_mutex_unlock(&c->lock);
	aside_join(c);
}

bool
server_free(struct control *c)
{
	bool used;

	pthread_mutex_lock(&c->lock);
	used = c->asides > 0;
	pthread_mutex_unlock(&c->lock);
	if (used)
		return false;
	for (unsigned i = 0; c->worker != NULL && i < c->workers; i++)
		if (c->worker[i].shared != NULL)
			worker_fini(&c->worker[i]);
	free(c->worker);
	rings_free(c->shared.ring);
	tally_free(c->shared.tally);
	if (c->watch.worker != NULL)
		watch_fini(&c->watch);
	site_unref(c->site);
	gzip_store_free(c->gzip);
	for (unsigned i = 0; i < c->shared.n; i++)
		listener_close(&c->listeners[i]);
	if (c->wake_fd >= 0)
		close(c->wake_fd);
	if (c->shared.done_fd >= 0)
		close(c->shared.done_fd);
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
	if (c->begun != c->config)
		config_free(c->begun);
	config_free(c->config);
	free(c);
	return true;
}
