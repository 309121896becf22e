/* The files of one worker: open while they are sent, and kept open while they
 * are likely to be asked for again.
 *
 * A kept file answers only while nothing has changed: neither it nor its
 * siblings, nor a folder on its way from the root (site/watches.h), nor the
 * site.  Inotify does not see everything (who writes by mmap, what is mounted):
 * nothing is kept for longer than FILES_AGE, but loaded anew.  It does not see
 * other machines: nothing is kept of file systems that are not known to be
 * local. */
#ifndef SITE_FILES_H
#define SITE_FILES_H

#include "base/clock.h"
#include "site/resolve.h"
#include "site/watches.h"

/* Folders on the way to a kept file, the file and its siblings. */
#define FILES_MARKS 16

/* Files kept by one worker, at most. */
#define FILES_KEPT_MAX 1024

/* Ns that a file is kept, at most.  Its times would not tell of all changes: a
 * page that is written by mmap a second time does not touch them. */
#define FILES_AGE NS_PER_S

/* Ns without a kept file after which the watches are given back: whoever has
 * few may want them. */
#define FILES_WATCHES_REST (10 * NS_PER_S)

/* Bytes of the target of a kept file. */
#define FILES_TARGET 200

/* Bytes that may be kept with a file: finished answers. */
#define FILES_STORE 16384

/* An answer as it is sent, but for its date: the bytes are in the entry's
 * store.  What made it is told by `key`, which is the user's. */
struct files_image {
	uint32_t key; /* 0: there is none */
	uint32_t at;  /* where it begins in the store */
	uint32_t head_n;
	uint32_t n;
	int64_t date; /* seconds since 1970, in its head */
};
#define FILES_IMAGES 4

struct files_entry {
	struct site_file file;
	/* --- for the owner's use, while it is kept --- */
	struct files_image image[FILES_IMAGES];
	uint32_t store_n; /* bytes used */
	/* --- of files.c --- */
	uint32_t refs;
	bool kept; /* in the table */
	bool used; /* since the hand passed (clock algorithm) */
	uint32_t hash;
	uint32_t next; /* in bucket, or free: index + 1 */
	uint32_t epoch;
	int64_t loaded; /* ns monotonic */
	unsigned marks;
	struct watch_mark mark[FILES_MARKS];
	uint16_t target_n;
	char target[FILES_TARGET];
};

struct files;

/* For at most `in_use` files at a time, and `kept` more that nobody uses (0:
 * none are kept).  Memory is touched when it is used.  NULL when it is short.
 */
struct files *files_new(uint32_t in_use, uint32_t kept);
void files_free(struct files *f);

/* Take over what has changed until now: to be called after a request's first
 * byte has arrived and before it is answered. */
void files_refresh(struct files *f);

/* The kept file of that site and undecoded path, with a reference; NULL when
 * there is none, or it is no longer so. */
struct files_entry *files_find(
    struct files *f, const struct site *s, struct span target, int64_t now);

/* Resolve the decoded path of that target, and keep what comes of it if it may
 * be and was asked for lately.  Never NULL; with a reference. */
struct files_entry *files_load(struct files *f, const struct site *s,
    struct span target, const struct target_path *path, int64_t now);

/* An entry with nothing in it, with a reference. */
struct files_entry *files_take(struct files *f);

/* Keep it for nobody else: who has just loaded it, and has the only reference,
 * may change its facts then. */
void files_forget(struct files *f, struct files_entry *e);

/* Give the reference back. */
void files_release(struct files *f, struct files_entry *e);

/* Bytes of the entry's store for a new answer of n bytes; NULL when there is no
 * room, or the entry is not kept. */
char *files_store(
    struct files *f, struct files_entry *e, uint32_t n, uint32_t *at);
char *files_stored(struct files *f, const struct files_entry *e, uint32_t at);

/* Forget all that is kept. */
void files_flush(struct files *f);

/* Let go of what is older than FILES_AGE: a file that was removed would take
 * room on its disk for as long as it is open, and hold its file system.  And
 * when that is due next, ns monotonic; INT64_MAX: nothing is kept. */
void files_expire(struct files *f, int64_t now);
int64_t files_next_expiry(const struct files *f);

/* How often a file could not be watched since this was asked last, because
 * inotify is used up. */
uint32_t files_take_unwatched(struct files *f);

#endif
