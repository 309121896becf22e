/* A reload's second half: the configuration is read, and goes into force. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/sandbox.h"
#include "app/server_plan.h"

static bool
same_list(const struct config_list *a, const struct config_list *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++)
		same = strcmp(a->v[i], b->v[i]) == 0;
	return same;
}

/* Keys whose change comes into force at the next start, in the order of
 * server.yaml. */
static void
fixed_keys(const struct config *old, const struct config *new, struct buf *b)
{
	const struct {
		const char *key;
		bool differs;
	} rows[] = {
		{ "listen", !same_list(&old->listen, &new->listen) },
		{ "port_fallback", old->port_fallback != new->port_fallback },
		{ "backlog", old->backlog != new->backlog },
		{ "workers", plan_workers(old) != plan_workers(new) },
		{ "io_uring", old->io_uring != new->io_uring },
		{ "console.mode", old->console_mode != new->console_mode },
		{ "console.refresh",
		    old->console_refresh != new->console_refresh },
		{ "console.history",
		    old->console_history != new->console_history },
		{ "console.history_memory",
		    old->console_history_memory !=
			new->console_history_memory },
		{ "console.color", old->console_color != new->console_color },
		{ "sandbox.mode", old->sandbox_mode != new->sandbox_mode },
		{ "sandbox.allowed_roots",
		    !same_list(&old->allowed_roots, &new->allowed_roots) },
		{ "user",
		    strcmp(old->user ? old->user : "",
			new->user ? new->user : "") != 0 },
		{ "limits.connections", old->connections != new->connections },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].differs) {
			buf_puts(b, b->n > 0 ? ", " : "");
			buf_puts(b, rows[i].key);
		}
}

/* Say what a reload cannot change. */
static void
control_note_fixed(struct control *c, struct config *new)
{
	char text[NOTICE_TEXT];
	struct buf b = buf_over(text, sizeof(text));

	fixed_keys(c->begun, new, &b);
	if (b.n > 0)
		notice(
		    NOTICE_WARN, "reload: at the next start: %s", buf_cstr(&b));
	if (new->head.request_line + new->head.header_size > c->buffered) {
		notice(NOTICE_WARN,
		    "reload: larger limits.request_line and "
		    "limits.header_size come at the next start");
		new->head = c->config->head;
	}
}

/* Whether modes and owners let the process write to the file, or make it.  The
 * sandbox has no say in that. */
static bool
modes_allow(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');

	if (faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) == 0)
		return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
	(void)snprintf(folder, sizeof(folder), "%.*s",
	    slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	return faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0;
}

/* Whether the sandbox, and nothing else, denies that file to a log. */
static bool
log_is_denied(const char *path)
{
	int fd;

	if (strcmp(path, "-") == 0 || !sandbox_confines_files())
		return false;
	fd = open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY |
		O_NONBLOCK,
	    0640);
	if (fd >= 0)
		close(fd);
	return fd < 0 && errno == EACCES && modes_allow(path);
}

/* Where the log is to go, NULL for nowhere.  One elsewhere than where the
 * sandbox lets it write stays where it is, which is said, and better than none.
 */
static const char *
control_log_path(struct control *c, struct config *config, char path[PATH_MAX])
{
	char *old;

	if (!plan_log_path(config, c->console, path))
		return NULL;
	if (!log_is_denied(path))
		return path;
	notice(NOTICE_WARN,
	    "reload: log.access comes at the next start: the sandbox does not "
	    "let it write to %s",
	    path);
	old = strdup(c->config->log_access);
	if (old != NULL) {
		free(config->log_access);
		config->log_access = old;
	}
	return plan_log_path(config, c->console, path) ? path : NULL;
}

/* Put into force what has been prepared, which passes.  False, and all is let
 * go, when the server is shutting down meanwhile. */
static bool
control_configure(struct control *c, struct config *config, struct site *site,
    const char *log_path, bool root_stays)
{
	struct net_settings settings;
	struct gzip_options gzip;
	struct config *old = config;
	bool alive;

	plan_net_settings(c, config, &settings);
	plan_gzip_options(c, config, &gzip);
	pthread_mutex_lock(&c->lock);
	alive = c->state < LIFE_DRAINING;
	if (alive) {
		control_publish_locked(c, site);
		c->root_chosen = root_stays;
		gzip_store_configure(c->gzip, &gzip);
		for (unsigned i = 0; i < c->workers; i++)
			worker_set_settings(&c->worker[i], &settings);
		accesslog_set_path(c->watch.log, log_path, config->log_format);
		old = c->config;
		c->config = config;
	}
	pthread_mutex_unlock(&c->lock);
	if (alive)
		notice_min_level(config->log_level);
	else
		site_unref(site);
	if (old != c->begun)
		config_free(old);
	return alive;
}

/* Whether a root that was chosen meanwhile stays, and which: the file has not
 * named another one since. */
static bool
control_root_stays(
    struct control *c, const struct config *new, char root[PATH_MAX])
{
	bool stays;

	pthread_mutex_lock(&c->lock);
	stays = c->root_chosen && strcmp(c->config->root, new->root) == 0;
	if (stays)
		(void)snprintf(root, PATH_MAX, "%s", c->site->root);
	pthread_mutex_unlock(&c->lock);
	return stays;
}

struct control_result
server_configure(struct control *c, struct config *config)
{
	char path[PATH_MAX], root[PATH_MAX], err[256];
	bool stays = control_root_stays(c, config, root);
	struct site_options o;
	struct site *site = NULL;
	const char *log;

	plan_site_options(c, config, &o);
	if (stays) {
		o.root = root;
		site = site_open(&o, err);
		stays = site != NULL;
		o.root = config->root;
	}
	if (site == NULL)
		site = site_open(&o, err);
	if (site == NULL) {
		config_free(config);
		return control_say(false, "reload: cannot serve %s", err);
	}
	log = control_log_path(c, config, path);
	control_note_fixed(c, config);
	if (!control_configure(c, config, site, log, stays))
		return control_say(
		    false, "reload: the server is shutting down");
	return control_say(true, CONTROL_RELOADED "%s",
	    stays ? "; the root stays as it was chosen" : "");
}
