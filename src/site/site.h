/* What is served: an immutable snapshot made from a configuration.  Workers
 * hold a reference and move to a newer one between requests; the last user
 * frees it. */
#ifndef SITE_SITE_H
#define SITE_SITE_H

#include <limits.h>
#include <stdatomic.h>

#include "site/gzip.h"
#include "site/rules.h"

/* Lists are NULL-terminated.  site_open copies everything. */
struct site_options {
	const char *root; /* a folder */
	const char *const *index;
	const char *const *deny; /* fnmatch(3) patterns of one segment */
	const char *const *hosts;
	const char *charset; /* or NULL */
	const char *default_type;
	struct rules *rules;	    /* NULL: none; a reference is taken */
	const char *const *origins; /* of CORS */
	const char *spa;	    /* path beneath the root, or NULL */
	bool clean_urls;
	uint8_t codings[CODING_N]; /* looked for beside files, best first */
	unsigned codings_n;
	struct gzip_store *gzip; /* NULL: nothing is coded; not owned */
	uint8_t gzip_level;	 /* of copies that are still to be made */
	uint64_t gzip_min;	 /* bytes of files that are */
	uint64_t gzip_max;
	bool hidden_allowed;
	bool symlinks_allowed; /* those whose target stays beneath the root */
	bool server_header;
	bool security_headers;
	bool loopback_only;
	bool listing;	 /* folders without index are listed */
	unsigned ranges; /* most in one answer, to LIMIT_RANGES */
	/* Whether a file (device, inode) is never served; may be NULL. */
	bool (*excluded)(const void *arg, uint64_t device, uint64_t inode);
	const void *excluded_arg;
};

/* A deny pattern, looked at once: fnmatch(3) on every segment of every request
 * was two fifths of all instructions. */
struct site_pattern {
	enum { PATTERN_LITERAL, PATTERN_SUFFIX, PATTERN_GLOB } kind;
	struct span text; /* SUFFIX: without the '*' */
};

struct site {
	uint32_t magic;
	_Atomic uint32_t refs;
	uint64_t serial;     /* of all snapshots of this process, from 1 */
	int root_fd;	     /* O_PATH */
	char root[PATH_MAX]; /* absolute, without symbolic links: to be shown */
	char path[PATH_MAX]; /* absolute, as given: a link may be switched */
	uint64_t root_device;
	uint64_t root_inode;
	struct site_options o;	   /* strings owned */
	struct site_pattern *deny; /* [deny_n], of o.deny */
	size_t deny_n;
	struct plan_rules rules;
};

/* Open the root and make the snapshot, with one reference.  NULL with a
 * sentence in err[256] when the root is not a readable folder or memory is
 * short. */
struct site *site_open(const struct site_options *o, char err[256]);

/* The same options with another root. */
struct site *site_reopen(const struct site *s, const char *root, char err[256]);

struct site *site_ref(struct site *s);
void site_unref(struct site *s);

/* Whether the path that was given still names the folder that is served. */
bool site_root_is_there(const struct site *s);

#endif
