/* The content of a folder as a page, or as JSON.
 *
 * Reading a large folder takes long and may block on a disk: never call this
 * on a worker's thread (net/jobs.h has one for it). */
#ifndef SITE_LISTING_H
#define SITE_LISTING_H

#include "http/target.h"
#include "site/site.h"

/* Most entries of one listing; what is left out is said on the page. */
#define LISTING_ENTRIES 200000

enum listing_format { LISTING_HTML, LISTING_JSON };

/* From the query: ?sort=name|size|time&order=asc|desc; anything else in it is
 * passed over. */
enum listing_sort { LISTING_BY_NAME, LISTING_BY_SIZE, LISTING_BY_TIME };

struct listing_request {
	const struct target_path *path; /* ends in '/' */
	enum listing_format format;
	enum listing_sort sort;
	bool descending;
};

struct listing {
	int fd;		  /* memfd with the whole content; the caller closes */
	uint64_t size;	  /* bytes in it */
	uint64_t entries; /* listed */
	/* FOLDER_LISTED; fd is -1: why not, as in struct file_facts */
	enum reason_id reason;
	uint64_t reason_a;
};

/* Fill sort and descending from the undecoded query ({NULL, 0}: none): by
 * name, ascending, where it says nothing; what is said last counts. */
void listing_query(struct listing_request *r, struct span query);

/* Make the listing of a folder of the site, opened beneath the root: what the
 * site would not serve (hidden, denied, special, leading outside) is not in
 * it.  The path itself is one that site_resolve answered with
 * FOLDER_NO_INDEX: its segments are not looked at again.  Folders come first,
 * in every order.  Any thread but a worker's; allocates. */
void listing_make(
    const struct site *s, const struct listing_request *r, struct listing *out);

#endif
