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

/* A listing; many may read it, each through a reference.  A large one grows
 * while it is read: its size is known from the names alone, the looking at the
 * files and the writing of the rows goes on. */
enum listing_state { LISTING_GROWS, LISTING_WHOLE, LISTING_FAILED };

struct listing {
	_Atomic uint32_t refs;
	int fd;		  /* memfd with the content, closed with the last
			   * reference; -1: none */
	uint64_t size;	  /* bytes of all of it */
	uint64_t entries; /* listed */
	/* FOLDER_LISTED; fd is -1: why not, as in struct file_facts */
	enum reason_id reason;
	uint64_t reason_a;
	_Atomic uint64_t ready; /* bytes that are in fd by now */
	_Atomic enum listing_state state;
};

/* With one reference, and nothing in it; NULL when memory is short. */
struct listing *listing_new(void);
struct listing *listing_ref(struct listing *l);
/* NULL is none.  True when it was the last one. */
bool listing_unref(struct listing *l);

/* How a listing is made when others wait meanwhile. */
struct listing_pace {
	/* A folder with more names is large: only of such a one the content
	 * grows, and only when sorted by name. */
	size_t small;
	bool only_small; /* of a large one make nothing */
	/* Called (unless NULL) every now and then, with what is there so far:
	 * `size` is 0 until it is known.  0, or an errno to end with. */
	int (*step)(void *arg, struct listing *l);
	void *arg;
};

/* Names of a folder that is not large: some milliseconds. */
#define LISTING_SMALL 2000

/* Fill sort and descending from the undecoded query ({NULL, 0}: none): by
 * name, ascending, where it says nothing; what is said last counts. */
void listing_query(struct listing_request *r, struct span query);

/* Make the listing of a folder of the site, opened beneath the root: what the
 * site would not serve (hidden, denied, special, leading outside) is not in
 * it.  The path itself is one that site_resolve answered with
 * FOLDER_NO_INDEX: its segments are not looked at again.  Folders come first,
 * in every order.  Without a pace (NULL) it is whole when it is there.  False,
 * and nothing is made, of a large one when only_small.  Any thread but a
 * worker's; allocates. */
bool listing_make(const struct site *s, const struct listing_request *r,
    const struct listing_pace *pace, struct listing *out);

#endif
