/* Inside the listing: the entries of a folder, and the file that the content
 * is written to. */
#ifndef SITE_LISTING_ENTRY_H
#define SITE_LISTING_ENTRY_H

#include <dirent.h>

#include "base/buf.h"
#include "site/listing.h"

/* NAME_MAX is not it: 255 characters of some file systems are more bytes. */
#define LISTING_NAME 1024

/* Whether the file of a name was looked at: it may be gone, or be nothing that
 * is served. */
enum listing_look { LISTING_UNSEEN, LISTING_SEEN, LISTING_GONE };

struct listing_entry {
	uint64_t prefix; /* of the name, for sorting */
	uint32_t name;	 /* where it begins in `names` of all entries */
	uint16_t name_n;
	bool folder;
	uint8_t look;  /* enum listing_look */
	uint64_t size; /* bytes; 0 for a folder */
	int64_t mtime; /* seconds since 1970 */
};

_Static_assert(
    (uint64_t)LISTING_ENTRIES *LISTING_NAME <= UINT32_MAX, "offsets of names");

/* A folder that is open, and what is in it. */
struct listing_entries {
	const struct site *site;
	DIR *dir;
	size_t path_n; /* bytes of the folder's part of `path` */
	/* relative to the root; a link's name is put behind */
	char path[LIMIT_PATH + LISTING_NAME + 1];
	struct listing_entry *p;
	size_t n, cap;
	char *names; /* one after the other, not terminated */
	size_t names_n, names_cap;
	uint64_t omitted; /* names over the limit, or with control bytes, which
			   * no request may have: not looked at */
	/* Files are looked at as their rows are written; the space of a row is
	 * given by the name alone, whatever is found. */
	bool late;
	bool all; /* more than the limit is E2BIG */
	/* called now and then; NULL: no need to */
	int (*step)(void *arg);
	void *arg;
};

/* Read the names of the folder, `limit` at most, looking at the files of those
 * only that may be folders or not.  0 or an errno; free the entries in either
 * case.  `all`, `step` and `arg` are set before. */
int listing_entries_names(struct listing_entries *e, const struct site *s,
    const struct target_path *path, size_t limit);
void listing_entries_free(struct listing_entries *e);

/* Look at the file, once.  0 or an errno that ends the listing. */
int listing_entries_look(struct listing_entries *e, size_t i);

/* Look at all files, forget what is not to be listed, close the folder.
 * Likewise. */
int listing_entries_look_all(struct listing_entries *e);

/* Folders first; what is equal goes by name, names without regard to ASCII
 * case first and then by their bytes.  0 or an errno that ends the listing. */
int listing_entries_sort(
    struct listing_entries *e, enum listing_sort sort, bool descending);

static inline struct span
listing_entry_name(const struct listing_entries *e, size_t i)
{
	return span_of(e->names + e->p[i].name, e->p[i].name_n);
}

/* Where the content goes.  The first error stays and ends all writing. */
struct listing_out {
	int fd;
	int error;	/* errno, or 0 */
	uint64_t size;	/* written */
	uint64_t total; /* of a late listing, from its first row on */
	/* called when something was written; NULL: no need to */
	int (*wrote)(struct listing_out *o);
	const struct listing_pace *pace;
	struct listing *listing;
	struct buf b;
	char bytes[64 << 10];
};

/* The buffer, with room for n bytes, which is at most its size. */
struct buf *listing_out_room(struct listing_out *o, size_t n);

/* Bytes of the content so far. */
static inline uint64_t
listing_out_at(const struct listing_out *o)
{
	return o->size + o->b.n;
}

/* Append blanks until `width` bytes follow on `from`. */
void listing_put_blanks(struct buf *b, size_t from, size_t width);

/* Write the whole content, all but what is still in the buffer. */
void listing_put_html(struct listing_out *o, const struct listing_request *r,
    struct listing_entries *e);
void listing_put_json(struct listing_out *o, const struct listing_request *r,
    struct listing_entries *e);

/* Whether the name stands for itself in addresses, HTML and JSON. */
bool listing_name_is_plain(struct span name);

/* Append "./" and the percent-encoded name, a folder's with its slash: what
 * begins so can be no scheme, host, query or fragment. */
void listing_put_href(
    struct buf *b, const struct listing_entry *entry, struct span name);

#endif
