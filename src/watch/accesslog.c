/* The access log: what is shared with other threads.  Writing the file is in
 * accesslog_file.c.
 *
 * The mutex guards what other threads want (path, format, reopening) and is
 * held for copies only, never during open(2) or write(2), which may take as
 * long as a disk or a reader likes. */
#include "watch/accesslog.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/check.h"
#include "base/notice.h"
#include "base/printable.h"
#include "watch/accesslog_file.h"

#define ACCESSLOG_MAGIC 0x4c4f4721u

struct accesslog {
	uint32_t magic;
	int wake_fd;
	_Atomic bool on; /* as wished; there may be no file */
	_Atomic uint64_t suppressed;
	struct logfile file;	/* recorder; its figures: anybody */
	enum log_format format; /* recorder */
	pthread_mutex_t mutex;
	struct {
		char path[LOGFILE_PATH]; /* "" none, "-" stdout */
		enum log_format format;
		bool path_new;
		bool reopen;
	} want; /* guarded by mutex */
};

static void
want_path(struct accesslog *log, const char *path, enum log_format format)
{
	size_t n = path ? strlen(path) : 0;

	if (n >= sizeof(log->want.path)) {
		notice(NOTICE_ERROR, "access log: the path is too long");
		n = 0;
	}
	memcpy(log->want.path, path ? path : "", n);
	log->want.path[n] = '\0';
	log->want.format = format;
	log->want.path_new = true;
}

/* Recorder: do what others asked for. */
static void
take_wishes(struct accesslog *log)
{
	char path[LOGFILE_PATH];
	bool path_new;
	bool reopen;

	pthread_mutex_lock(&log->mutex);
	path_new = log->want.path_new;
	reopen = log->want.reopen;
	if (path_new)
		memcpy(path, log->want.path, sizeof(path));
	log->format = log->want.format;
	log->want.path_new = false;
	log->want.reopen = false;
	pthread_mutex_unlock(&log->mutex);

	if (path_new)
		logfile_set_path(&log->file, path);
	else if (reopen)
		logfile_reopen(&log->file);
}

/* A reader that left stdout does not come back. */
static void
turn_off_if_broken(struct accesslog *log)
{
	if (!log->file.broken)
		return;
	log->file.broken = false;
	atomic_store(&log->on, false);
	notice(NOTICE_WARN,
	    "access log: nobody reads stdout any more; switched off");
}

struct accesslog *
accesslog_new(const char *path, enum log_format format)
{
	struct accesslog *log = calloc(1, sizeof(*log));

	if (log == NULL)
		return NULL;
	/* localtime_r(3) need not read the zone's file later, when a sandbox
	 * may forbid it */
	tzset();
	log->magic = ACCESSLOG_MAGIC;
	log->wake_fd = -1;
	atomic_init(&log->on, true);
	pthread_mutex_init(&log->mutex, NULL);
	logfile_init(&log->file);
	want_path(log, path, format);
	take_wishes(log);
	return log;
}

void
accesslog_write(
    struct accesslog *log, const struct event *e, struct span request)
{
	CHECK_MAGIC(log, ACCESSLOG_MAGIC);
	if (log->file.kind == LOGFILE_NONE || !atomic_load(&log->on)) {
		atomic_fetch_add_explicit(
		    &log->suppressed, 1, memory_order_relaxed);
		return;
	}

	struct buf b = logfile_room(&log->file);

	accesslog_put_line(&b, log->format, e, request);
	if (b.full) {
		logfile_make_room(&log->file);
		b = logfile_room(&log->file);
		accesslog_put_line(&b, log->format, e, request);
	}
	logfile_take(&log->file, &b);
	turn_off_if_broken(log);
}

void
accesslog_flush(struct accesslog *log, int64_t mono)
{
	CHECK_MAGIC(log, ACCESSLOG_MAGIC);
	log->file.now = mono;
	take_wishes(log);
	if (atomic_load(&log->on))
		logfile_flush(&log->file);
	else
		logfile_rest(&log->file);
	turn_off_if_broken(log);
}

bool
accesslog_pending(const struct accesslog *log)
{
	CHECK_MAGIC(log, ACCESSLOG_MAGIC);
	return atomic_load((_Atomic bool *)&log->on) &&
	    (log->file.n > 0 || atomic_load((_Atomic int *)&log->file.error));
}

void
accesslog_wake_by(struct accesslog *log, int event_fd)
{
	CHECK_MAGIC(log, ACCESSLOG_MAGIC);
	log->wake_fd = event_fd;
}

void
accesslog_end_by(struct accesslog *log, int64_t mono)
{
	CHECK_MAGIC(log, ACCESSLOG_MAGIC);
	logfile_end_by(&log->file, mono);
}

bool
accesslog_leave(struct accesslog *log)
{
	CHECK_MAGIC(log, ACCESSLOG_MAGIC);
	return logfile_leave(&log->file);
}

void
accesslog_finish(struct accesslog *log)
{
	CHECK_MAGIC(log, ACCESSLOG_MAGIC);
	logfile_finish(&log->file);
}

void
accesslog_free(struct accesslog *log)
{
	if (log == NULL)
		return;
	CHECK_MAGIC(log, ACCESSLOG_MAGIC);
	logfile_fini(&log->file);
	pthread_mutex_destroy(&log->mutex);
	log->magic = 0;
	free(log);
}

static void
wake(const struct accesslog *log)
{
	if (log->wake_fd >= 0)
		(void)bell_ring(log->wake_fd);
}

void
accesslog_switch(struct accesslog *log, bool on)
{
	CHECK_MAGIC(log, ACCESSLOG_MAGIC);
	atomic_store(&log->on, on);
	wake(log);
}

void
accesslog_reopen(struct accesslog *log)
{
	CHECK_MAGIC(log, ACCESSLOG_MAGIC);
	pthread_mutex_lock(&log->mutex);
	log->want.reopen = true;
	pthread_mutex_unlock(&log->mutex);
	wake(log);
}

void
accesslog_set_path(
    struct accesslog *log, const char *path, enum log_format format)
{
	CHECK_MAGIC(log, ACCESSLOG_MAGIC);
	pthread_mutex_lock(&log->mutex);
	want_path(log, path, format);
	pthread_mutex_unlock(&log->mutex);
	wake(log);
}

void
accesslog_status(struct accesslog *log, struct accesslog_status *out)
{
	char path[LOGFILE_PATH];

	CHECK_MAGIC(log, ACCESSLOG_MAGIC);
	pthread_mutex_lock(&log->mutex);
	memcpy(path, log->want.path, sizeof(path));
	pthread_mutex_unlock(&log->mutex);

	struct span shown =
	    strcmp(path, "-") == 0 ? SPAN("stdout") : span_str(path);

	printable_str(out->path, sizeof(out->path), shown, PRINTABLE_UTF8);
	out->on = path[0] != '\0' && atomic_load(&log->on);
	out->error = atomic_load(&log->file.error);
	out->failing = out->error != 0;
	out->written = atomic_load(&log->file.written);
	out->lost = atomic_load(&log->file.lost);
	out->suppressed = atomic_load(&log->suppressed);
}

bool
accesslog_is_file(const struct accesslog *log, uint64_t device, uint64_t inode)
{
	CHECK_MAGIC(log, ACCESSLOG_MAGIC);
	return logfile_is(&log->file, device, inode);
}
