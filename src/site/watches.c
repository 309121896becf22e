#include "site/watches.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/error.h"
#include "base/notice.h"

/* Reads of one drain; a storm of more changes than they hold voids all. */
#define WATCHES_READS 16

#define FILE_MASK (IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF)
#define FOLDER_MASK                                                            \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB |     \
	    IN_MOVE_SELF | IN_DELETE_SELF | IN_ONLYDIR)

static struct notice_gate refused_gate;

/* The user's inotify is used up, or memory: files are served as right as ever,
 * but read anew for each request.  It is tried again with the next. */
static void
watches_refused(struct watches *w, int error, const char *limit)
{
	if (error != ENOSPC && error != EMFILE && error != ENFILE &&
	    error != ENOMEM)
		return;
	w->refused++;
	notice_gated(&refused_gate, NOTICE_WARN,
	    "files cannot be watched and are not kept open: inotify: %s "
	    "(fs.inotify.%s)",
	    error_text(error), limit);
}

bool
watches_open(struct watches *w)
{
	if (w->fd >= 0)
		return true;
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd < 0)
		watches_refused(w, errno, "max_user_instances");
	return w->fd >= 0;
}

void
watches_close(struct watches *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	w->epoch++;
}

/* Paths may be renamed between two calls; the name of a descriptor cannot.
 *
 * IN_MASK_ADD: most of what is watched is watched already, and without it Linux
 * takes the old mask away before it sets the new one: what is changed between
 * the two, on another processor, is never told of. */
static bool
watches_add(struct watches *w, int fd, uint32_t mask, struct watch_mark *m)
{
	char path[40];
	int wd;

	if (w->fd < 0)
		return false;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	wd = inotify_add_watch(w->fd, path, mask | IN_MASK_ADD);
	if (wd < 0) {
		watches_refused(w, errno, "max_user_watches");
		return false;
	}
	if (wd >= WATCHES_MAX) {
		/* Numbers are not given twice: the time has come. */
		watches_close(w);
		return false;
	}
	m->wd = (uint32_t)wd;
	m->generation = w->generation[wd];
	return true;
}

bool
watches_file(struct watches *w, int fd, struct watch_mark *m)
{
	return watches_add(w, fd, FILE_MASK, m);
}

bool
watches_folder(struct watches *w, int fd, struct watch_mark *m)
{
	return watches_add(w, fd, FOLDER_MASK, m);
}

/* Note a reading's events. */
static void
watches_note(struct watches *w, const char *p, size_t n)
{
	struct inotify_event ev;

	for (size_t at = 0; at + sizeof(ev) <= n; at += sizeof(ev) + ev.len) {
		memcpy(&ev, p + at, sizeof(ev));
		if (ev.mask & IN_Q_OVERFLOW)
			w->epoch++;
		else if (ev.wd > 0 && ev.wd < WATCHES_MAX)
			w->generation[ev.wd]++;
	}
}

void
watches_drain(struct watches *w)
{
	char buf[8192];

	for (int i = 0; w->fd >= 0 && i < WATCHES_READS; i++) {
		ssize_t n = read(w->fd, buf, sizeof(buf));

		if (n < 0 && errno == EAGAIN)
			return;
		if (n > 0)
			watches_note(w, buf, (size_t)n);
		else if (n == 0 || errno != EINTR)
			watches_close(w);
	}
	/* What is still in the queue can only make more void. */
	w->epoch++;
}
