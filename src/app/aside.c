#include "app/aside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/options.h"
#include "app/sandbox.h"
#include "base/error.h"
#include "base/thread.h"

#define ROOT_LOOKED_AT (1 * NS_PER_S)
#define JOIN_WAIT      (500 * NS_PER_MS)

/* Wait for a change of life or of asides, until `at` (ns monotonic).  Locked.
 * False when the time has come. */
static bool
aside_wait(struct control *c, int64_t at)
{
	struct timespec ts = { .tv_sec = (time_t)(at / NS_PER_S),
		.tv_nsec = (long)(at % NS_PER_S) };

	return pthread_cond_timedwait(&c->changed, &c->lock, &ts) == 0;
}

bool
aside_enter(struct control *c)
{
	bool alive;

	pthread_mutex_lock(&c->lock);
	alive = c->state < LIFE_DRAINING;
	c->asides += alive;
	pthread_mutex_unlock(&c->lock);
	return alive;
}

void
aside_leave(struct control *c)
{
	pthread_mutex_lock(&c->lock);
	c->asides--;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
}

void
aside_join(struct control *c)
{
	int64_t until = clock_mono() + JOIN_WAIT;

	pthread_mutex_lock(&c->lock);
	while (c->asides > 0 && aside_wait(c, until))
		continue;
	pthread_mutex_unlock(&c->lock);
}

/* Start a thread that has entered already; 0 or an errno. */
static int
aside_thread(struct control *c, void *(*run)(void *))
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, run, c);

	if (error != 0)
		return error;
	pthread_detach(thread);
	return 0;
}

/* ---- the look at the root ---- */

/* Whether the root has gone or come back; said once. */
static void
root_note(
    struct control *c, const struct site *site, bool gone, const char *why)
{
	bool news;

	pthread_mutex_lock(&c->lock);
	news = c->site == site && c->root_gone != gone;
	if (news)
		c->root_gone = gone;
	pthread_mutex_unlock(&c->lock);
	if (news && gone)
		notice(NOTICE_ERROR, "the document root is gone: %s", why);
	else if (news)
		notice(NOTICE_INFO, "the document root is there again");
}

/* The root may be deleted, or replaced by another folder of the same name (a
 * build does that, or a link is switched): say that it is gone, and serve the
 * new one. */
static void
root_look(struct control *c, const struct site *site)
{
	char err[256], shown[PATH_MAX];
	struct site *next;

	if (site_root_is_there(site)) {
		root_note(c, site, false, NULL);
		return;
	}
	next = site_reopen(site, site->path, err);
	if (next == NULL) {
		root_note(c, site, true, err);
		return;
	}
	snprintf(shown, sizeof(shown), "%s", next->root);
	if (control_replace_site(c, site, next))
		notice(NOTICE_INFO,
		    "the document root was replaced: serving the new folder "
		    "%s",
		    shown);
}

/* What a front end shows and no event tells of. */
struct shown {
	struct control_status status;
	uint64_t notices;
	int64_t offset; /* of the clock on the wall from the monotonic one */
};

static bool
same_log(const struct accesslog_status *a, const struct accesslog_status *b)
{
	return a->on == b->on && a->failing == b->failing &&
	    a->error == b->error && strcmp(a->path, b->path) == 0;
}

static bool
same_status(const struct control_status *a, const struct control_status *b)
{
	return a->state == b->state && a->root_gone == b->root_gone &&
	    a->drain_deadline == b->drain_deadline &&
	    strcmp(a->root, b->root) == 0 &&
	    strcmp(a->config, b->config) == 0 && same_log(&a->log, &b->log);
}

/* A console that stands still is rung for it: for a pause by signal, a notice,
 * a clock that was set. */
static void
ring_for_news(struct control *c, struct shown *was)
{
	struct shown now = *was;
	struct notice last;
	struct moment at = clock_now();

	control_status(c, &now.status);
	if (notice_read(was->notices, &last, 1) > 0)
		now.notices = last.seq;
	if (llabs(at.wall - at.mono - was->offset) > NS_PER_S / 2)
		now.offset = at.wall - at.mono;
	if (now.notices != was->notices || now.offset != was->offset ||
	    !same_status(&now.status, &was->status))
		watch_ring(&c->watch);
	*was = now;
}

static void *
root_run(void *arg)
{
	struct control *c = arg;
	struct shown shown = { 0 };
	struct site *site;

	thread_name("root");
	while ((site = control_site(c)) != NULL) {
		int64_t next;

		root_look(c, site);
		site_unref(site);
		sandbox_note_violations();
		ring_for_news(c, &shown);
		next = clock_mono() + ROOT_LOOKED_AT;
		pthread_mutex_lock(&c->lock);
		while (c->state < LIFE_DRAINING && aside_wait(c, next))
			continue;
		pthread_mutex_unlock(&c->lock);
	}
	aside_leave(c);
	return NULL;
}

bool
aside_start(struct control *c)
{
	if (!aside_enter(c))
		return true;
	errno = aside_thread(c, root_run);
	if (errno != 0)
		aside_leave(c);
	return errno == 0;
}

/* ---- reload ---- */

static void
reload_once(struct control *c)
{
	struct config_errors e = { 0 };
	struct config *cf =
	    options_reload(c->reload.argc, c->reload.argv, environ, &e);
	char *line, *rest = e.text;

	if (cf != NULL) {
		struct control_result r = server_configure(c, cf);

		notice(r.ok ? NOTICE_INFO : NOTICE_ERROR, "%s", r.text);
	} else {
		notice(NOTICE_ERROR,
		    "reload refused: %u error%s; the old configuration stays",
		    e.count, e.count == 1 ? "" : "s");
		while ((line = strsep(&rest, "\n")) != NULL) {
			/* without a place it is called an error already */
			if (strncmp(line, "error: ", 7) == 0)
				line += 7;
			if (line[0] != '\0')
				notice(NOTICE_ERROR, "%s", line);
		}
	}
	config_errors_free(&e);
}

static void *
reload_run(void *arg)
{
	struct control *c = arg;
	bool again;

	thread_name("reload");
	do {
		reload_once(c);
		pthread_mutex_lock(&c->lock);
		again = c->reload.again && c->state < LIFE_DRAINING;
		c->reload.again = false;
		c->reload.runs = again;
		pthread_mutex_unlock(&c->lock);
	} while (again);
	aside_leave(c);
	return NULL;
}

void
aside_reload(struct control *c, int argc, char **argv)
{
	bool start;
	int error;

	pthread_mutex_lock(&c->lock);
	start = c->state < LIFE_DRAINING && !c->reload.runs;
	c->reload.again = c->reload.runs;
	if (start) {
		c->reload.argc = argc;
		c->reload.argv = argv;
		c->reload.runs = true;
		c->asides++;
	}
	pthread_mutex_unlock(&c->lock);
	if (!start)
		return;
	error = aside_thread(c, reload_run);
	if (error == 0)
		return;
	notice(NOTICE_ERROR, "reload: %s", error_text(error));
	pthread_mutex_lock(&c->lock);
	c->reload.runs = false;
	pthread_mutex_unlock(&c->lock);
	aside_leave(c);
}
