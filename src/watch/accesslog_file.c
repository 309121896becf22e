#include "watch/accesslog_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"

#define RETRY_NS NS_PER_S

/* How long a slow reader is waited for before lines are lost.  Only the
 * recorder waits; the workers' rings hold what comes meanwhile. */
#define STALL_MS 1000

/* What a pipe takes without blocking when poll(2) says that it is writable. */
#define STREAM_CHUNK 4096

static void
add(_Atomic uint64_t *c, uint64_t v)
{
	atomic_fetch_add_explicit(c, v, memory_order_relaxed);
}

void
logfile_init(struct logfile *f)
{
	memset(f, 0, sizeof(*f));
	f->fd = -1;
}

/* Remember the trouble, and to open the file again in a while. */
static void
fail(struct logfile *f, int error)
{
	atomic_store(&f->error, error);
	f->retry = true;
	f->retry_at = f->now + RETRY_NS;
}

static void
went_well(struct logfile *f)
{
	if (!f->retry && atomic_exchange(&f->error, 0))
		notice_gated(&f->gate_again, NOTICE_INFO,
		    "access log: written again; %llu lines were lost so far",
		    (unsigned long long)atomic_load(&f->lost));
}

/* A regular file, or one that is a stream by nature; never a folder, socket or
 * disk.  0 or an errno. */
static int
check_type(const struct logfile *f, const struct stat *st)
{
	if (f->kind == LOGFILE_STDOUT || S_ISREG(st->st_mode) ||
	    S_ISFIFO(st->st_mode) || S_ISCHR(st->st_mode))
		return 0;
	return S_ISDIR(st->st_mode) ? EISDIR : EINVAL;
}

/* O_NOFOLLOW: a link planted in the log's folder must not choose the file.
 * O_NONBLOCK: a FIFO without reader must not hold anybody. */
static int
open_path(const struct logfile *f)
{
	if (f->kind == LOGFILE_STDOUT)
		return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	return open(f->path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY |
		O_NONBLOCK,
	    0640);
}

/* Into the cell of the file before the last, so that a reader finds the one
 * that is being written at any moment. */
static void
publish_id(struct logfile *f, const struct stat *st)
{
	unsigned next = f->id_current ^ 1;

	if (!S_ISREG(st->st_mode) ||
	    logfile_is(f, (uint64_t)st->st_dev, (uint64_t)st->st_ino))
		return;
	atomic_store(&f->id[next].inode, 0);
	atomic_store(&f->id[next].device, (uint64_t)st->st_dev);
	atomic_store(&f->id[next].inode, (uint64_t)st->st_ino);
	f->id_current = next;
}

static bool
same_file(int fd, const struct stat *st)
{
	struct stat old = { 0 };

	return fd >= 0 && fstat(fd, &old) == 0 && old.st_dev == st->st_dev &&
	    old.st_ino == st->st_ino;
}

/* The first line was cut in the middle when the old file failed.  In the same
 * file, untouched, its rest may follow; elsewhere it begins anew, and what
 * stands there of it is ended so that no line is glued to it. */
static bool
mend_cut_line(struct logfile *f, int fd, const struct stat *st)
{
	bool same = same_file(f->fd, st);

	if (f->sent == 0 || (same && st->st_size == f->sent_end))
		return true;
	if (same && st->st_size > 0 && write(fd, "\n", 1) != 1)
		return false;
	f->sent = 0;
	return true;
}

static bool
open_new(struct logfile *f)
{
	int fd = open_path(f);
	struct stat st = { 0 };
	int error = fd < 0 || fstat(fd, &st) < 0 ? errno : check_type(f, &st);

	if (error == 0 && !mend_cut_line(f, fd, &st))
		error = errno;
	if (error) {
		if (fd >= 0)
			close(fd);
		fail(f, error);
		notice_gated(&f->gate_open, NOTICE_WARN,
		    "cannot open the access log %s: %s; trying on", f->path,
		    error_text(error));
		return false;
	}
	if (f->fd >= 0)
		close(f->fd);
	f->fd = fd;
	f->stream = !S_ISREG(st.st_mode);
	f->stalled = f->unfit = f->retry = false;
	publish_id(f, &st);
	return true;
}

/* Whether a stream takes something now, or before `patience` ms have gone.
 * Having waited in vain once it is not waited for again until it did. */
static bool
stream_ready(struct logfile *f, int patience)
{
	struct pollfd p = { .fd = f->fd, .events = POLLOUT };
	int n;

	do
		n = poll(&p, 1, f->stalled ? 0 : patience);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		f->stalled = false;
	else if (patience)
		f->stalled = true;
	return n > 0;
}

/* Drop the lines that are out entirely from the front. */
static void
forget_written(struct logfile *f)
{
	size_t end = f->sent;
	uint64_t lines = 0;

	while (end > 0 && f->lines[end - 1] != '\n')
		end--;
	for (size_t i = 0; i < end; i++)
		lines += f->lines[i] == '\n';
	add(&f->written, lines);
	memmove(f->lines, f->lines + end, f->n - end);
	f->n -= end;
	f->sent -= end;
}

static void
lose_all(struct logfile *f)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < f->n; i++)
		lines += f->lines[i] == '\n';
	add(&f->lost, lines);
	f->n = f->sent = 0;
}

static void
write_failed(struct logfile *f, int error)
{
	struct stat st;

	f->sent_end = fstat(f->fd, &st) == 0 ? (int64_t)st.st_size : -1;
	f->unfit = true;
	fail(f, error);
	if (error == EPIPE && f->kind == LOGFILE_STDOUT) {
		f->broken = true;
		lose_all(f);
		return;
	}
	notice_gated(&f->gate_write, NOTICE_WARN,
	    "cannot write the access log %s: %s; trying on", f->path,
	    error_text(error));
}

/* One write(2); 0, EAGAIN or another errno. */
static int
write_some(struct logfile *f, int patience)
{
	size_t n = f->n - f->sent;
	ssize_t r;

	if (f->stream && !stream_ready(f, patience))
		return EAGAIN;
	if (f->stream && n > STREAM_CHUNK)
		n = STREAM_CHUNK;
	r = write(f->fd, f->lines + f->sent, n);
	if (r < 0)
		return errno == EINTR ? 0 : errno;
	if (r == 0)
		return EIO;
	f->sent += (size_t)r;
	return 0;
}

/* Write until all is out, the reader has had its time, or it fails. */
static void
write_lines(struct logfile *f, int patience)
{
	int error = 0;

	if (f->fd < 0 || f->unfit)
		return;
	while (f->sent < f->n && error == 0)
		error = write_some(f, patience);
	forget_written(f);
	if (error == 0)
		went_well(f);
	else if (error != EAGAIN)
		write_failed(f, error);
}

struct buf
logfile_room(struct logfile *f)
{
	return buf_over(f->lines + f->n, sizeof(f->lines) - f->n);
}

void
logfile_take(struct logfile *f, const struct buf *b)
{
	if (!b->full) {
		f->n += b->n;
		return;
	}
	add(&f->lost, 1);
	notice_gated(&f->gate_lost, NOTICE_WARN,
	    "access log: lines are lost, it does not take them in time");
}

void
logfile_make_room(struct logfile *f)
{
	write_lines(f, STALL_MS);
}

void
logfile_flush(struct logfile *f)
{
	if (f->retry && f->now >= f->retry_at)
		open_new(f);
	write_lines(f, 0);
}

static enum logfile_kind
kind_of(const char *path)
{
	if (path[0] == '\0')
		return LOGFILE_NONE;
	return strcmp(path, "-") == 0 ? LOGFILE_STDOUT : LOGFILE_PATHNAME;
}

void
logfile_set_path(struct logfile *f, const char *path)
{
	write_lines(f, 0);
	f->kind = kind_of(path);
	memcpy(f->path, path, strlen(path) + 1);
	f->retry = false;
	atomic_store(&f->error, 0);
	if (f->kind != LOGFILE_NONE && open_new(f))
		return;
	/* the old one is no longer wanted */
	if (f->kind == LOGFILE_NONE)
		lose_all(f);
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	f->sent = 0;
}

void
logfile_reopen(struct logfile *f)
{
	if (f->kind != LOGFILE_PATHNAME)
		return;
	write_lines(f, 0);
	open_new(f);
}

void
logfile_finish(struct logfile *f)
{
	write_lines(f, STALL_MS);
	lose_all(f);
}

void
logfile_fini(struct logfile *f)
{
	logfile_finish(f);
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

bool
logfile_is(const struct logfile *f, uint64_t device, uint64_t inode)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct logfile_id *id = &f->id[i];

		if (inode != 0 &&
		    atomic_load((_Atomic uint64_t *)&id->inode) == inode &&
		    atomic_load((_Atomic uint64_t *)&id->device) == device)
			return true;
	}
	return false;
}
