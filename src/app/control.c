#include "app/control.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/aside.h"
#include "app/server_plan.h"
#include "base/bell.h"
#include "base/check.h"
#include "base/error.h"
#include "base/printable.h"

/* How often a folder is opened anew when the rest changed meanwhile. */
#define ROOT_TRIES 4

struct control_result
control_say(bool ok, const char *fmt, ...)
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

static struct control_result
control_refuse(const struct control *c)
{
	return control_say(false,
	    c->recording ? "this is a recording: nothing is served"
			 : "the server is shutting down");
}

static void
control_wake_main(struct control *c)
{
	if (!bell_ring(c->wake_fd))
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
	out->started = c->started;
	if (c->recording != NULL) {
		pthread_mutex_unlock(&c->lock);
		out->reading = atomic_load(&c->reading);
		out->earliest = atomic_load(&c->earliest);
		out->latest = atomic_load(&c->latest);
		printable_str(out->url, sizeof(out->url),
		    span_str(c->recording), PRINTABLE_UTF8);
		return;
	}
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
		r = control_refuse(c);
	} else {
		c->state = paused ? LIFE_PAUSED : LIFE_LIVE;
		for (unsigned i = 0; i < c->workers; i++)
			worker_pause(&c->worker[i], paused);
		r = paused ? control_say(true, "paused: clients wait")
			   : control_say(true, "serving again");
	}
	pthread_mutex_unlock(&c->lock);
	return r;
}

void
control_publish_locked(struct control *c, struct site *site)
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

struct site *
control_site(struct control *c)
{
	struct site *site;

	pthread_mutex_lock(&c->lock);
	site = c->state < LIFE_DRAINING ? site_ref(c->site) : NULL;
	pthread_mutex_unlock(&c->lock);
	return site;
}

bool
control_replace_site(
    struct control *c, const struct site *old, struct site *next)
{
	bool right;

	pthread_mutex_lock(&c->lock);
	right = c->state < LIFE_DRAINING && c->site == old;
	if (right) {
		control_publish_locked(c, next);
		c->root_chosen = true;
	}
	pthread_mutex_unlock(&c->lock);
	if (!right)
		site_unref(next);
	return right;
}

/* Serve the folder with the options that hold; once more when a reload came
 * in between, which is said by *again. */
static struct control_result
control_serve(struct control *c, const char *path, bool *again)
{
	struct site *old = control_site(c), *site;
	char shown[PATH_MAX], err[256];

	*again = false;
	if (old == NULL)
		return control_say(false, "the server is shutting down");
	site = site_reopen(old, path, err);
	if (site != NULL) {
		control_short_path(shown, site->root);
		*again = !control_replace_site(c, old, site);
	}
	site_unref(old);
	if (site == NULL)
		return control_say(false, "%s", err);
	if (*again)
		return control_say(false, "changed meanwhile; try again");
	return control_say(true, "serving %.200s", shown);
}

struct control_result
control_set_root(struct control *c, const char *path)
{
	struct control_result r;
	char full[PATH_MAX];
	bool again;

	if (c->recording != NULL)
		return control_refuse(c);
	if (path[0] == '\0')
		return control_say(false, "no folder was named");
	if (!aside_enter(c))
		return control_say(false, "the server is shutting down");
	control_expand(full, path);
	r = control_serve(c, full, &again);
	for (unsigned i = 1; again && i < ROOT_TRIES; i++)
		r = control_serve(c, full, &again);
	aside_leave(c);
	return r;
}

struct control_result
control_log(struct control *c, bool on)
{
	struct accesslog_status s;

	if (c->recording != NULL)
		return control_refuse(c);
	accesslog_status(c->watch.log, &s);
	if (s.path[0] == '\0')
		return control_say(
		    false, "there is no access log (log.access: off)");
	accesslog_switch(c->watch.log, on);
	return on ? control_say(true, "access log on: %.200s", s.path)
		  : control_say(true, "access log off");
}

/* Locked. */
static void
control_cut(struct control *c, enum close_reason why)
{
	if (c->cut)
		return;
	c->cut = true;
	for (unsigned i = 0; i < c->workers; i++)
		worker_cut(&c->worker[i], why);
}

/* Locked. */
static void
control_drain(struct control *c)
{
	int64_t limit = c->config->timeout_shutdown * NS_PER_MS;

	c->drain_deadline = limit > 0 ? clock_mono() + limit : 0;
	for (unsigned i = 0; i < c->workers; i++)
		worker_drain(&c->worker[i]);
}

struct control_result
control_stop(struct control *c, bool now)
{
	struct control_result r;

	pthread_mutex_lock(&c->lock);
	now |= c->state == LIFE_DRAINING;
	if (c->recording != NULL) {
		c->state = LIFE_ENDED;
		r = control_say(true, "%s", "");
	} else if (c->state == LIFE_ENDED) {
		r = control_say(false, "the server has ended");
	} else if (now) {
		c->drain_deadline = clock_mono();
		c->state = LIFE_DRAINING;
		control_cut(c, CLOSE_ENDED_NOW);
		r = control_say(true, "ending now");
	} else {
		c->state = LIFE_DRAINING;
		control_drain(c);
		r = control_say(true, "draining: responses under way finish");
	}
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
	control_wake_main(c);
	return r;
}

struct control_result
control_close(struct control *c, const struct conn_row *row)
{
	if (row->worker >= c->workers ||
	    !worker_close(&c->worker[row->worker], row->slot, row->generation))
		return control_say(
		    false, "too many closes at a time; try again");
	return control_say(
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

int
server_tick(struct control *c)
{
	int64_t left = -1;

	pthread_mutex_lock(&c->lock);
	if (c->state == LIFE_DRAINING && c->drain_deadline != 0 && !c->cut) {
		left = c->drain_deadline - clock_mono();
		if (left <= 0)
			control_cut(c, CLOSE_DRAIN_DEADLINE);
		/* Not all at once: suspended meanwhile, there is more left. */
		left = left <= 0 ? -1 : left / NS_PER_MS + 1;
		left = left > 1000 ? 1000 : left;
	}
	pthread_mutex_unlock(&c->lock);
	return (int)left;
}
