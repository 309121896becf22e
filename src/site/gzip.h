/* Files coded with gzip by the server: made once for each state of a file, by a
 * thread that may take its time, and kept within a bound of memory.
 *
 * A copy belongs to a file as it was: device, inode, size and both times are
 * its key, and of these the change time cannot be set by anybody.  Two changes
 * within one tick of the file system's clock are the same to it; that is why a
 * file is left alone until it has not changed for GZIP_SETTLE. */
#ifndef SITE_GZIP_H
#define SITE_GZIP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* Ns without a change: several ticks of any file system's clock. */
#define GZIP_SETTLE 100000000

/* Copies kept, at most. */
#define GZIP_COPIES_MAX 1024

struct gzip_key {
	uint64_t device, inode, size;
	int64_t mtime_ns, ctime_ns;
};

void gzip_key_of(struct gzip_key *k, const struct stat *st);
bool gzip_key_eq(const struct gzip_key *a, const struct gzip_key *b);

/* A coded file.  Whoever holds a reference may read from fd, a memfd. */
struct gzip_copy {
	_Atomic uint32_t refs;
	int fd;
	uint64_t size; /* bytes */
	uint8_t level; /* that it was made with */
};

void gzip_copy_unref(struct gzip_copy *c);

struct gzip_options {
	unsigned level;	 /* of libdeflate, 1 to 12 */
	uint64_t memory; /* bytes of all copies */
	unsigned copies; /* how many: each has a descriptor */
};

struct gzip_store;

/* NULL when memory is short.  Free it after all who use it have ended; copies
 * that are still referenced live on. */
struct gzip_store *gzip_store_new(const struct gzip_options *o);
void gzip_store_free(struct gzip_store *g);

/* Other options, from now on; copies that are there stay. */
void gzip_store_configure(struct gzip_store *g, const struct gzip_options *o);

enum gzip_state {
	GZIP_ABSENT,  /* never made, or no longer kept */
	GZIP_PENDING, /* being made */
	GZIP_USELESS, /* it would not be smaller */
	GZIP_READY,
};

/* Ask for the copy of a file; READY: *copy, with a reference for the caller. */
enum gzip_state gzip_find(
    struct gzip_store *g, const struct gzip_key *k, struct gzip_copy **copy);

/* Whether the caller is to have the copy made: it is then PENDING until
 * gzip_make or gzip_give_up.  False when it is there, or being made, or there
 * is no place. */
bool gzip_begin(struct gzip_store *g, const struct gzip_key *k);
void gzip_give_up(struct gzip_store *g, const struct gzip_key *k);

/* Make the copy that was begun, reading from the descriptor, which stays the
 * caller's.  A file that has changed meanwhile, or cannot be read, or is larger
 * than memory allows, leaves the copy ABSENT.  May take long and block: any
 * thread but a worker's. */
void gzip_make(struct gzip_store *g, const struct gzip_key *k, int fd);

/* Bytes of the copies that are kept, and how many. */
uint64_t gzip_bytes(struct gzip_store *g, unsigned *copies);

#endif
