/* From a normalised path to an open file and the facts about it: the only
 * place that opens what a client names. */
#ifndef SITE_RESOLVE_H
#define SITE_RESOLVE_H

#include "http/target.h"
#include "site/gzip.h"
#include "site/site.h"

/* A path's answer: the open file, in each form that it can be had in. */
struct site_file {
	int fd;			/* -1 unless facts.kind is FILE */
	int sibling[CODING_N];	/* -1: there is none; one that is older than the
				 * file is not in facts.variant, but may change
				 */
	struct gzip_copy *made; /* where it is MADE, else NULL; a reference */
	struct gzip_key key;	/* of the file as it is */
	bool begun;		/* the server was told to code it */
	bool linked; /* there is a symbolic link on the way, to it or a sibling
		      */
	struct file_facts facts;
};

/* Whether the file could be coded now: it has settled. */
static inline bool
site_file_is_settled(const struct site_file *f, int64_t wall_ns)
{
	return wall_ns - f->key.ctime_ns > GZIP_SETTLE;
}

/* The descriptor of the file in a coding that the facts have. */
int site_file_fd(const struct site_file *f, enum coding c);

/* Nothing is open, nothing known. */
void site_file_init(struct site_file *f);

/* Close all that is open. */
void site_file_close(struct site_file *f);

/* Open beneath the root (openat2(2), RESOLVE_BENEATH: no symbolic link and no
 * renaming attacker leads outside).  Always fills *out, which the caller
 * closes; what was not found, hidden, forbidden is said in out->facts.  Never
 * blocks on a FIFO. */
void site_resolve(const struct site *s, const struct target_path *path,
    struct site_file *out);

/* The regular file of a path that the operator names ("/404.html"), which is
 * not asked whether it may be served, for that reason.  False, and *out without
 * anything open, when it cannot be had. */
bool site_resolve_page(const struct site *s, const char *path,
    enum reason_id why, struct site_file *out);

/* The parts of that, for whoever else reads beneath the root: whether a name
 * (one segment) may be served at all, and opening by a path relative to the
 * root ("." for the root itself; `flags` as for open(2); -1 with errno). */
bool resolve_name_allowed(const struct site *s, const char *name);
int resolve_open_beneath(const struct site *s, const char *relative, int flags);

/* The same for reading; out->linked is set when a symbolic link leads there. */
int resolve_open(
    const struct site *s, const char *relative, struct site_file *out);

/* The same where no symbolic link is on the way; ELOOP when there is one. */
int resolve_open_plain(const struct site *s, const char *relative, int flags);

/* Whether the opened file is one that is never served (the server's log). */
bool resolve_is_excluded(const struct site *s, const struct stat *st);

/* The reason for an errno of such an open; REASON_FILE_ERROR when it has none
 * of its own. */
enum reason_id resolve_errno_reason(int error);

#endif
