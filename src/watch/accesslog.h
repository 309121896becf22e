/* The access log: one line per exchange, batched writes, trouble counted. */
#ifndef WATCH_ACCESSLOG_H
#define WATCH_ACCESSLOG_H

#include "watch/event.h"

enum log_format { LOG_COMMON, LOG_COMBINED, LOG_JSON };

/* Bytes that are written of a request line that could not be read. */
#define ACCESSLOG_UNREAD 1024

/* Room that every line fits in: long fields are cut and end in "...". */
#define ACCESSLOG_LINE 65536

/* Append the line of an exchange, '\n' included:
 *   host - - [time] "METHOD target HTTP/1.1" status bytes "referer" "agent"
 *   conn=ID us=MICROSECONDS
 * LOG_COMMON ends after bytes.  What is not there is "-" (JSON: null), a
 * request that could not be read too.  Untrusted bytes are printable ASCII,
 * '"' is \x22; in JSON that text is a string. */
void accesslog_put_line(struct buf *b, enum log_format format,
    const struct event *e, struct span request);

struct accesslog;

struct accesslog_status {
	bool on;	     /* lines are being written, or tried to */
	bool failing;	     /* the last open or write failed */
	int error;	     /* its errno */
	char path[256];	     /* printable; "stdout"; "" when there is none */
	uint64_t written;    /* lines */
	uint64_t lost;	     /* lines that could not be written */
	uint64_t suppressed; /* lines not wanted while switched off */
};

/* `path`: a file, "-" for stdout, NULL for none.  Never fails: a file that
 * cannot be opened is reported by notice() and tried again once a second. */
struct accesslog *accesslog_new(const char *path, enum log_format format);

/* Recorder only. */
void accesslog_write(
    struct accesslog *log, const struct event *e, struct span request);
void accesslog_flush(struct accesslog *log, int64_t mono);

/* Recorder only: whether accesslog_flush has something left to do a second
 * from now: lines that wait, a file that could not be opened. */
bool accesslog_pending(const struct accesslog *log);

/* Before the recorder starts: the eventfd to write to when another thread
 * changed something, so that the next flush comes soon.  -1: none. */
void accesslog_wake_by(struct accesslog *log, int event_fd);

/* Any thread: the end has come, wait for no reader after that (ns, monotonic).
 */
void accesslog_end_by(struct accesslog *log, int64_t mono);

/* Any thread, at the end: whether the recorder hangs in open(2) or write(2),
 * which a dead disk can hold for ever.  If so it never returns from there, and
 * neither the log nor what the recorder uses may be freed. */
bool accesslog_leave(struct accesslog *log);

/* At the end: write what can be written, count the rest lost.  From then on
 * lines handed to accesslog_write = written + lost + suppressed. */
void accesslog_finish(struct accesslog *log);
void accesslog_free(struct accesslog *log);

/* Any thread: switch, reopen (at the next flush), look, replace the file. Lines
 * that the file does not take when it is switched off are counted lost. */
void accesslog_switch(struct accesslog *log, bool on);
void accesslog_reopen(struct accesslog *log);
void accesslog_set_path(
    struct accesslog *log, const char *path, enum log_format format);
void accesslog_status(struct accesslog *log, struct accesslog_status *out);

/* Whether that file is the log: device and inode.  Any thread, no lock. */
bool accesslog_is_file(
    const struct accesslog *log, uint64_t device, uint64_t inode);

#endif
