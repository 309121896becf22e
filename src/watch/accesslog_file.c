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

/* A terminal may be writable and yet not take the next byte: pause that long.
 */
#define PAUSE_MS 1

static void
add(_Atomic uint64_t *c, uint64_t v)
{
	atomic_fetch_add_explicit(c, v, memory_order_relaxed);
}

void
logfile_init(struct logfile *f)
{
	memset(f, 0, sizeof(*f));
	f->out = OUTLET_NONE;
}

/* Around what a disk or a foreign file system can hold for ever: at the end the
 * thread may be left there, and then must touch nothing any more. */
static void
enter_call(struct logfile *f)
{
	atomic_store(&f->where, LOGFILE_IN_CALL);
}

static void
leave_call(struct logfile *f)
{
	int was = LOGFILE_IN_CALL;

	if (!atomic_compare_exchange_strong(&f->where, &was, LOGFILE_HERE))
		for (;;)
			pause();
}

bool
logfile_leave(struct logfile *f)
{
	int was = LOGFILE_IN_CALL;

	return atomic_compare_exchange_strong(&f->where, &was, LOGFILE_LEFT);
}

void
logfile_end_by(struct logfile *f, int64_t mono)
{
	atomic_store(&f->end_by, mono);
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
static struct outlet
open_path(struct logfile *f)
{
	struct outlet o = { .own = true };
	int error;

	if (f->kind == LOGFILE_STDOUT)
		return outlet_onto(STDOUT_FILENO);
	enter_call(f);
	o.fd = open(f->path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY |
		O_NONBLOCK,
	    0640);
	error = errno;
	leave_call(f);
	errno = error;
	return o.fd < 0 ? OUTLET_NONE : o;
}

/* The cell that names that file; 2: none. */
static unsigned
find_id(const struct logfile *f, uint64_t device, uint64_t inode)
{
	unsigned i;

	for (i = 0; i < 2; i++) {
		const struct logfile_id *id = &f->id[i];

		if (inode != 0 &&
		    atomic_load((_Atomic uint64_t *)&id->inode) == inode &&
		    atomic_load((_Atomic uint64_t *)&id->device) == device)
			break;
	}
	return i;
}

/* Into the cell of the file before the last, so that a reader finds the one
 * that is being written at any moment. */
static void
publish_id(struct logfile *f, const struct stat *st)
{
	unsigned next = f->id_current ^ 1;
	unsigned found = find_id(f, (uint64_t)st->st_dev, (uint64_t)st->st_ino);

	if (!S_ISREG(st->st_mode))
		return;
	if (found < 2) {
		f->id_current = found;
		return;
	}
	atomic_store(&f->id[next].inode, 0);
	atomic_store(&f->id[next].device, (uint64_t)st->st_dev);
	atomic_store(&f->id[next].inode, (uint64_t)st->st_ino);
	f->id_current = next;
}

/* A file that was deleted and not renamed leaves its inode to whatever is made
 * next, perhaps to a file that is to be served. */
static void
forget_if_deleted(struct logfile *f)
{
	struct stat st;
	unsigned i;

	if (f->out.fd < 0 || fstat(f->out.fd, &st) < 0 || st.st_nlink > 0)
		return;
	i = find_id(f, (uint64_t)st.st_dev, (uint64_t)st.st_ino);
	if (i < 2)
		atomic_store(&f->id[i].inode, 0);
}

static void
close_old(struct logfile *f)
{
	forget_if_deleted(f);
	outlet_close(&f->out);
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
mend_cut_line(struct logfile *f, const struct outlet *o, const struct stat *st)
{
	bool same = same_file(f->out.fd, st);

	if (f->sent == 0 || (same && st->st_size == f->sent_end))
		return true;
	if (same && st->st_size > 0 && outlet_write(o, "\n", 1) != 1)
		return false;
	f->sent = 0;
	return true;
}

/* `keeps`: when it fails, the old one goes on. */
static bool
open_new(struct logfile *f, bool keeps)
{
	struct outlet o = open_path(f);
	struct stat st = { 0 };
	int error =
	    o.fd < 0 || fstat(o.fd, &st) < 0 ? errno : check_type(f, &st);

	if (error == 0 && !mend_cut_line(f, &o, &st))
		error = errno;
	if (error) {
		outlet_close(&o);
		fail(f, error);
		notice_gated(&f->gate_open, NOTICE_WARN,
		    "cannot open the access log %s: %s; trying on%s", f->path,
		    error_text(error),
		    keeps && f->out.fd >= 0 ? ", and writing to the old file"
					    : "");
		return false;
	}
	close_old(f);
	f->out = o;
	f->stream = !S_ISREG(st.st_mode);
	f->stalled = f->unfit = f->retry = false;
	publish_id(f, &st);
	return true;
}

/* Wait until a stream that took nothing takes something; false when it is
 * `until` (ns, monotonic; 0: do not wait).  A reader that was given its time
 * and did not take all is not waited for again until it did. */
static bool
wait_for_reader(struct logfile *f, int64_t until)
{
	struct pollfd p = { .fd = f->out.fd, .events = POLLOUT };
	int64_t left = until - clock_mono();

	if (!f->stream || f->stalled || until == 0)
		return false;
	if (left <= 0) {
		f->stalled = true;
		return false;
	}
	if (poll(&p, 1, (int)(left / NS_PER_MS) + 1) > 0)
		(void)poll(NULL, 0, PAUSE_MS);
	return true;
}

/* Line ends in the first n bytes; of all of them their number is known. */
static unsigned
count_lines(const struct logfile *f, size_t n)
{
	const char *p = f->lines, *end = p + n;
	unsigned lines = 0;

	if (n == f->n)
		return f->lines_n;
	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		lines++;
		p++;
	}
	return lines;
}

/* Drop the lines that are out entirely from the front. */
static void
forget_written(struct logfile *f)
{
	size_t end = f->sent;
	unsigned lines;

	while (end > 0 && f->lines[end - 1] != '\n')
		end--;
	lines = count_lines(f, end);
	add(&f->written, lines);
	f->lines_n -= lines;
	memmove(f->lines, f->lines + end, f->n - end);
	f->n -= end;
	f->sent -= end;
}

static void
lose_all(struct logfile *f)
{
	add(&f->lost, f->lines_n);
	f->n = f->lines_n = 0;
	f->sent = 0;
}

static void
write_failed(struct logfile *f, int error)
{
	struct stat st;

	f->sent_end = fstat(f->out.fd, &st) == 0 ? (int64_t)st.st_size : -1;
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
write_some(struct logfile *f, int64_t until)
{
	ssize_t r;
	int error;

	enter_call(f);
	r = outlet_write(&f->out, f->lines + f->sent, f->n - f->sent);
	error = errno;
	leave_call(f);
	if (r > 0) {
		f->sent += (size_t)r;
		return 0;
	}
	if (r == 0)
		return EIO;
	if (error == EINTR || (error == EAGAIN && wait_for_reader(f, until)))
		return 0;
	return error;
}

/* Until when a reader is waited for: the time of its own that it has, all in
 * all and not for each byte, ends where the server's does. */
static int64_t
patience_ends(const struct logfile *f, int patience)
{
	int64_t end_by = atomic_load((_Atomic int64_t *)&f->end_by);
	int64_t until = clock_mono() + patience * NS_PER_MS;

	if (patience == 0)
		return 0;
	return end_by != 0 && end_by < until ? end_by : until;
}

/* Write until all is out, the reader has had its `patience` (ms), or it fails.
 */
static void
write_lines(struct logfile *f, int patience)
{
	int64_t until = patience_ends(f, patience);
	int error = 0;

	if (f->out.fd < 0 || f->unfit)
		return;
	while (f->sent < f->n && error == 0)
		error = write_some(f, until);
	forget_written(f);
	if (error == 0)
		f->stalled = false;
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
		f->lines_n++;
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
		open_new(f, true);
	write_lines(f, 0);
}

/* Give up the lines of which nothing is out yet. */
static void
lose_waiting(struct logfile *f)
{
	const char *end = f->sent ? memchr(f->lines, '\n', f->n) : NULL;
	unsigned kept = end != NULL;

	add(&f->lost, f->lines_n - kept);
	f->n = end ? (size_t)(end + 1 - f->lines) : 0;
	f->lines_n = kept;
}

void
logfile_rest(struct logfile *f)
{
	if (f->n > 0)
		write_lines(f, 0);
	lose_waiting(f);
	/* switched on again it is opened at once */
	if (f->unfit || f->retry) {
		f->retry = true;
		f->retry_at = f->now;
	}
	atomic_store(&f->error, 0);
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
	if (f->kind != LOGFILE_NONE && open_new(f, false))
		return;
	/* the old one is no longer wanted */
	if (f->kind == LOGFILE_NONE)
		lose_all(f);
	close_old(f);
	f->sent = 0;
}

void
logfile_reopen(struct logfile *f)
{
	if (f->kind != LOGFILE_PATHNAME)
		return;
	write_lines(f, 0);
	open_new(f, true);
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
	outlet_close(&f->out);
}

bool
logfile_is(const struct logfile *f, uint64_t device, uint64_t inode)
{
	return find_id(f, device, inode) < 2;
}
