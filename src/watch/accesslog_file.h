/* The file behind the access log: lines are collected and written in one go,
 * trouble is survived and counted.  The recorder's, but for what is atomic. */
#ifndef WATCH_ACCESSLOG_FILE_H
#define WATCH_ACCESSLOG_FILE_H

#include <limits.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/notice.h"
#include "base/outlet.h"
#include "watch/accesslog.h"

#define LOGFILE_PATH PATH_MAX

enum logfile_kind { LOGFILE_NONE, LOGFILE_STDOUT, LOGFILE_PATHNAME };

/* Whether its thread is in a call that a disk may hold for ever. */
enum logfile_where { LOGFILE_HERE, LOGFILE_IN_CALL, LOGFILE_LEFT };

/* Which file it is. */
struct logfile_id {
	_Atomic uint64_t device;
	_Atomic uint64_t inode;
};

struct logfile {
	enum logfile_kind kind;
	char path[LOGFILE_PATH];
	struct outlet out;
	bool stream;  /* a pipe, socket or terminal: its reader may be slow */
	bool stalled; /* it was waited for, and did not take all */
	bool unfit;   /* the last write to it failed */
	bool retry;   /* to be opened again at retry_at */
	bool broken;  /* out: stdout's reader has gone; taken by the owner */
	int64_t now;  /* ns, monotonic, of the last flush */
	int64_t retry_at;

	/* `n` bytes of `lines_n` whole lines, of the first of which `sent`
	 * bytes are written */
	char lines[ACCESSLOG_LINE];
	size_t n;
	unsigned lines_n;
	size_t sent;
	int64_t sent_end; /* the file's size when that happened */

	/* the file and the one before it: read without a lock */
	struct logfile_id id[2];
	unsigned id_current;

	/* each trouble is said once in a while */
	struct notice_gate gate_open;
	struct notice_gate gate_write;
	struct notice_gate gate_lost;
	struct notice_gate gate_again;

	_Atomic int64_t end_by; /* see logfile_end_by; 0: not ending */
	_Atomic int where;	/* enum logfile_where */

	_Atomic int error; /* of the last open or write; 0: it went well */
	_Atomic uint64_t written;
	_Atomic uint64_t lost;
};

void logfile_init(struct logfile *f);

/* Write what can be written, count the rest lost. */
void logfile_finish(struct logfile *f);
void logfile_fini(struct logfile *f);

/* Go on in another file: "" none, "-" stdout.  Lines not yet written go to the
 * old file if it takes them, else to the new one. */
void logfile_set_path(struct logfile *f, const char *path);

/* Open the same path again; when that fails the old file is kept. */
void logfile_reopen(struct logfile *f);

/* Where the next line goes.  After appending one whole line to it, hand it to
 * logfile_take: a line that did not fit is counted lost. */
struct buf logfile_room(struct logfile *f);
void logfile_take(struct logfile *f, const struct buf *b);

/* Write to make room, waiting for a slow reader, not for ever. */
void logfile_make_room(struct logfile *f);

/* Write what can be written without waiting for a reader.  When the file
 * failed a second ago, open it again first. */
void logfile_flush(struct logfile *f);

/* Switched off: what the file does not take now is lost, and trouble is
 * forgotten.  Only the rest of a line that is half out is kept, so that none is
 * ever glued to it. */
void logfile_rest(struct logfile *f);

/* Any thread: the end has come, wait for no reader after that (ns, monotonic).
 */
void logfile_end_by(struct logfile *f, int64_t mono);

/* Any thread: whether its thread hangs in open(2) or write(2).  Then it will
 * never come back from there, and whatever it uses must not be freed. */
bool logfile_leave(struct logfile *f);

bool logfile_is(const struct logfile *f, uint64_t device, uint64_t inode);

#endif
