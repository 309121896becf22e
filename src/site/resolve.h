/* From a normalised path to an open file and the facts about it: the only
 * place that opens what a client names. */
#ifndef SITE_RESOLVE_H
#define SITE_RESOLVE_H

#include "http/target.h"
#include "site/site.h"

struct site_file {
	int fd; /* the caller closes it; -1 unless facts.kind is FILE */
	struct file_facts facts;
};

/* Open beneath the root (openat2(2), RESOLVE_BENEATH: no symbolic link and no
 * renaming attacker leads outside).  Always fills *out; what was not found,
 * hidden, forbidden is said in out->facts.  Never blocks on a FIFO. */
void site_resolve(const struct site *s, const struct target_path *path,
    struct site_file *out);

/* The parts of that, for whoever else reads beneath the root: whether a name
 * (one segment) may be served at all, and opening by a path relative to the
 * root ("." for the root itself; `flags` as for open(2); -1 with errno). */
bool resolve_name_allowed(const struct site *s, const char *name);
int resolve_open_beneath(const struct site *s, const char *relative, int flags);

/* The reason for an errno of such an open; REASON_FILE_ERROR when it has none
 * of its own. */
enum reason_id resolve_errno_reason(int error);

#endif
