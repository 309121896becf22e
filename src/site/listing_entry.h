/* Inside the listing: the entries of a folder, and the file that the content
 * is written to. */
#ifndef SITE_LISTING_ENTRY_H
#define SITE_LISTING_ENTRY_H

#include "base/buf.h"
#include "site/listing.h"

/* NAME_MAX is not it: 255 characters of some file systems are more bytes. */
#define LISTING_NAME 1024

struct listing_entry {
	uint32_t name; /* where it begins in `names` of all entries */
	uint16_t name_n;
	bool folder;
	uint64_t size; /* bytes; 0 for a folder */
	int64_t mtime; /* seconds since 1970 */
};

_Static_assert(
    (uint64_t)LISTING_ENTRIES *LISTING_NAME <= UINT32_MAX, "offsets of names");

struct listing_entries {
	struct listing_entry *p;
	size_t n, cap;
	char *names; /* one after the other, not terminated */
	size_t names_n, names_cap;
	uint64_t omitted; /* names over the limit, not looked at */
};

/* Read the folder, `limit` entries at most.  0 or an errno; free the entries
 * in either case. */
int listing_entries_read(struct listing_entries *e, const struct site *s,
    const struct target_path *path, size_t limit);
void listing_entries_free(struct listing_entries *e);

/* Folders first; what is equal goes by name, names without regard to ASCII
 * case first and then by their bytes. */
void listing_entries_sort(
    struct listing_entries *e, enum listing_sort sort, bool descending);

static inline struct span
listing_entry_name(const struct listing_entries *e, size_t i)
{
	return span_of(e->names + e->p[i].name, e->p[i].name_n);
}

/* Where the content goes.  The first error stays and ends all writing. */
struct listing_out {
	int fd;
	int error; /* errno, or 0 */
	uint64_t size;
	struct buf b;
	char bytes[64 << 10];
};

/* The buffer, with room for n bytes, which is at most its size. */
struct buf *listing_out_room(struct listing_out *o, size_t n);

/* Write the whole content, all but what is still in the buffer. */
void listing_put_html(struct listing_out *o, const struct listing_request *r,
    const struct listing_entries *e);
void listing_put_json(struct listing_out *o, const struct listing_request *r,
    const struct listing_entries *e);

/* Append "./" and the percent-encoded name, a folder's with its slash: what
 * begins so can be no scheme, host, query or fragment. */
void listing_put_href(
    struct buf *b, const struct listing_entry *entry, struct span name);

#endif
