#include "app/control.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/server_plan.h"
#include "base/check.h"
#include "base/error.h"
#include "base/printable.h"

static struct control_result __attribute__((format(printf, 2, 3)))
result(bool ok, const char *fmt, ...)
{
	struct control_result r = { .ok = ok };
	char text[sizeof(r.text)];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n > 0)
		printable_str(
		    r.text, sizeof(r.text), span_str(text), PRINTABLE_UTF8);
	return r;
}

static void
control_wake_main(struct control *c)
{
	uint64_t one = 1;

	if (write(c->wake_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		notice(NOTICE_ERROR, "eventfd: %s", error_text(errno));
}

static const char *
home_folder(void)
{
	/* The environment is constant. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	return getenv("HOME");
}

/* A path as people write it: "~" for the home folder. */
static void
control_short_path(char out[PATH_MAX], const char *path)
{
	const char *home = home_folder();
	size_t n = home ? strlen(home) : 0;
	char text[PATH_MAX];

	if (n > 1 && strncmp(path, home, n) == 0 &&
	    (path[n] == '/' || path[n] == '\0'))
		snprintf(text, sizeof(text), "~%s", path + n);
	else
		snprintf(text, sizeof(text), "%s", path);
	printable_str(out, PATH_MAX, span_str(text), PRINTABLE_UTF8);
}

void
control_status(struct control *c, struct control_status *out)
{
	CHECK_MAGIC(c, CONTROL_MAGIC);
	memset(out, 0, sizeof(*out));
	pthread_mutex_lock(&c->lock);
	out->state = c->state;
	control_short_path(out->root, c->site->root);
	if (c->config->file != NULL)
		control_short_path(out->config, c->config->file);
	out->root_gone = c->root_gone;
	out->drain_deadline = c->drain_deadline;
	pthread_mutex_unlock(&c->lock);
	snprintf(out->url, sizeof(out->url), "%s", c->listeners[0].url);
	out->listeners = c->shared.n;
	out->loopback_only = c->loopback_only;
	out->started = c->started;
	out->workers = c->workers;
	out->connections_max = c->connections;
	accesslog_status(c->watch.log, &out->log);
}

struct watch *
control_watch(struct control *c)
{
	CHECK_MAGIC(c, CONTROL_MAGIC);
	return &c->watch;
}

struct control_result
control_pause(struct control *c, bool paused)
{
	struct control_result r;

	pthread_mutex_lock(&c->lock);
	if (c->state >= LIFE_DRAINING) {
		r = result(false, "the server is shutting down");
	} else {
		c->state = paused ? LIFE_PAUSED : LIFE_LIVE;
		for (unsigned i = 0; i < c->workers; i++)
			worker_pause(&c->worker[i], paused);
		r = paused ? result(true, "paused: clients wait")
			   : result(true, "serving again");
	}
	pthread_mutex_unlock(&c->lock);
	return r;
}

/* Make `site` the one that is served; its reference passes.  Locked. */
static void
control_publish(struct control *c, struct site *site)
{
	for (unsigned i = 0; i < c->workers; i++)
		worker_set_site(&c->worker[i], site_ref(site));
	site_unref(c->site);
	c->site = site;
	c->root_gone = false;
}

/* "~" and "~/x" as the shell has them. */
static void
control_expand(char out[PATH_MAX], const char *path)
{
	const char *home = home_folder();

	if (path[0] == '~' && (path[1] == '/' || path[1] == '\0') && home)
		snprintf(out, PATH_MAX, "%s%s", home, path + 1);
	else
		snprintf(out, PATH_MAX, "%s", path);
}

struct control_result
control_set_root(struct control *c, const char *path)
{
	char full[PATH_MAX], shown[PATH_MAX], err[256];
	struct control_result r;
	struct site *site;

	if (path[0] == '\0')
		return result(false, "no folder was named");
	control_expand(full, path);
	pthread_mutex_lock(&c->lock);
	if (c->state >= LIFE_DRAINING) {
		r = result(false, "the server is shutting down");
	} else if ((site = site_reopen(c->site, full, err)) == NULL) {
		r = result(false, "%s", err);
	} else {
		control_publish(c, site);
		control_short_path(shown, site->root);
		r = result(true, "serving %.200s", shown);
	}
	pthread_mutex_unlock(&c->lock);
	return r;
}

struct control_result
control_log(struct control *c, bool on)
{
	struct accesslog_status s;

	accesslog_status(c->watch.log, &s);
	if (s.path[0] == '\0')
		return result(
		    false, "there is no access log (log.access: off)");
	accesslog_switch(c->watch.log, on);
	return on ? result(true, "access log on: %.200s", s.path)
		  : result(true, "access log off");
}

struct control_result
control_stop(struct control *c, bool now)
{
	struct control_result r;

	pthread_mutex_lock(&c->lock);
	now |= c->state == LIFE_DRAINING;
	if (c->state == LIFE_ENDED) {
		r = result(false, "the server has ended");
	} else if (now) {
		c->drain_deadline = clock_mono();
		c->state = LIFE_DRAINING;
		for (unsigned i = 0; i < c->workers; i++)
			worker_cut(&c->worker[i], CLOSE_DRAIN_DEADLINE);
		r = result(true, "ending now");
	} else {
		int64_t limit = c->config->timeout_shutdown * NS_PER_MS;

		c->drain_deadline = clock_mono() + limit;
		c->state = LIFE_DRAINING;
		for (unsigned i = 0; i < c->workers; i++)
			worker_drain(&c->worker[i]);
		r = result(true, "draining: responses under way finish");
	}
	pthread_mutex_unlock(&c->lock);
	control_wake_main(c);
	return r;
}

struct control_result
control_close(struct control *c, const struct conn_row *row)
{
	if (row->worker >= c->workers ||
	    !worker_close(&c->worker[row->worker], row->slot, row->generation))
		return result(false, "too many closes at a time; try again");
	return result(
	    true, "closing connection %llu", (unsigned long long)row->conn);
}

void
control_slept(struct control *c, int64_t gap_ns)
{
	pthread_mutex_lock(&c->lock);
	if (c->drain_deadline != 0)
		c->drain_deadline += gap_ns;
	for (unsigned i = 0; i < c->workers; i++)
		worker_slept(&c->worker[i], gap_ns);
	pthread_mutex_unlock(&c->lock);
}

/* Say what a reload cannot change. */
static void
control_note_fixed(struct control *c, struct config *new)
{
	const struct config *old = c->config;
	bool listen = old->listen.n != new->listen.n;

	for (size_t i = 0; !listen && i < old->listen.n; i++)
		listen = strcmp(old->listen.v[i], new->listen.v[i]) != 0;
	if (listen)
		notice(NOTICE_WARN, "reload: listen changes at the next start");
	if (plan_workers(new) != c->workers)
		notice(
		    NOTICE_WARN, "reload: workers changes at the next start");
	if (new->connections != old->connections)
		notice(NOTICE_WARN,
		    "reload: limits.connections changes at the next start");
	if (new->head.request_line + new->head.header_size > c->buffered) {
		notice(NOTICE_WARN,
		    "reload: larger limits.request_line and "
		    "limits.header_size come at the next start");
		new->head = old->head;
	}
}

struct control_result
server_configure(struct control *c, struct config *config)
{
	struct net_settings settings;
	struct control_result r;
	struct site_options o;
	char path[PATH_MAX], err[256];
	struct site *site;
	bool log;

	pthread_mutex_lock(&c->lock);
	plan_site_options(c, config, &o);
	site = c->state < LIFE_DRAINING ? site_open(&o, err) : NULL;
	if (site == NULL) {
		r = c->state < LIFE_DRAINING
		    ? result(false, "reload: cannot serve %s", err)
		    : result(false, "reload: the server is shutting down");
		config_free(config);
	} else {
		control_note_fixed(c, config);
		control_publish(c, site);
		plan_net_settings(c, config, &settings);
		for (unsigned i = 0; i < c->workers; i++)
			worker_set_settings(&c->worker[i], &settings);
		log = plan_log_path(config, c->console, path);
		accesslog_set_path(
		    c->watch.log, log ? path : NULL, config->log_format);
		config_free(c->config);
		c->config = config;
		r = result(true, "configuration reloaded");
	}
	pthread_mutex_unlock(&c->lock);
	return r;
}

/* The root may be deleted, or replaced by another folder of the same name (a
 * build does that): say that it is gone, and serve the new one. */
static void
server_check_root(struct control *c)
{
	struct site *site;
	char err[256];

	if (site_root_is_there(c->site))
		return;
	site = site_reopen(c->site, c->site->root, err);
	if (site != NULL) {
		control_publish(c, site);
		notice(NOTICE_INFO,
		    "the document root was replaced: serving "
		    "the new folder");
	} else if (!c->root_gone) {
		c->root_gone = true;
		notice(NOTICE_ERROR, "the document root is gone: %s", err);
	}
}

int
server_tick(struct control *c)
{
	int64_t now = clock_mono(), left = 1000;
	bool over;

	pthread_mutex_lock(&c->lock);
	over = c->state == LIFE_DRAINING && now >= c->drain_deadline;
	if (c->state == LIFE_DRAINING && !over)
		left = (c->drain_deadline - now) / NS_PER_MS + 1;
	else if (c->state < LIFE_DRAINING)
		server_check_root(c);
	for (unsigned i = 0; over && i < c->workers; i++)
		worker_cut(&c->worker[i], CLOSE_DRAIN_DEADLINE);
	pthread_mutex_unlock(&c->lock);
	return left > 1000 ? 1000 : (int)left;
}
