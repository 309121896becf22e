/* Work that may take long or block on a disk, done by one thread of its own so
 * that no worker waits: listings of folders, files to be coded.
 *
 * What is short goes first: files to be coded and small folders in the order in
 * which they were asked for, large folders after them; and while a large one is
 * under way what is short has its turn every millisecond or two.  Requests for
 * the same that were posted before it was begun share one result. */
#ifndef NET_JOBS_H
#define NET_JOBS_H

#include "site/listing.h"
#include "watch/peer.h"

/* Requests that wait at a time, of all workers, and of one address: one client
 * leaves room for others. */
#define JOBS_QUEUE  256
#define JOBS_CLIENT 192

/* Bytes of listings in memory at a time: who asks for more gets a 503. */
#define JOBS_BYTES (256u << 20)

struct jobs;

enum job_kind { JOB_LISTING, JOB_CODING };

struct job {
	enum job_kind kind;
	void *to; /* whom `deliver` is to tell; NULL: nobody waits */
	uint32_t slot, generation; /* of the connection that waits */
	uint32_t turn;		   /* its request: a HEAD does not wait for the
				    * last result, and others follow it */
	struct peer peer;	   /* of that; AF_UNSPEC: nobody's */
	struct site *site;	   /* a reference, passes with the job */
	/* LISTING */
	struct target_path path;
	struct listing_request request; /* its path is set by the thread */
	/* CODING */
	struct gzip_key key;
	int fd;	    /* of the file, passes with the job */
	bool begun; /* gzip_begin was true: it is for this job to make */
};

struct job_result {
	enum job_kind kind;
	uint32_t slot, generation, turn;
	/* A reference, which passes; NULL, or without content: there is none.
	 * A large one is delivered when it begins to grow, and again as it
	 * does. */
	struct listing *listing;
	bool last; /* nothing more will be delivered for that job */
};

/* Start the thread; `deliver` is called on it with each result.  NULL with
 * errno. */
struct jobs *jobs_start(void (*deliver)(void *to, const struct job_result *r));

/* Whether a job was taken in, or why not. */
enum jobs_room { JOBS_POSTED, JOBS_FULL, JOBS_CLIENT_FULL, JOBS_NONE };

/* From any thread, without waiting for work.  Unless POSTED, what passes stays
 * the caller's. */
enum jobs_room jobs_post(struct jobs *j, const struct job *job);

/* Give a listing's reference back (NULL is none). */
void jobs_release(struct jobs *j, struct listing *l);

/* How many listings were made, and files coded, for how many requests. */
struct jobs_counts {
	uint64_t made, coded, answered;
};
void jobs_count(struct jobs *j, struct jobs_counts *out);

/* End the thread; what is in the queue is dropped.  A thread that a disk holds
 * is waited for a second and then left alone: it delivers nothing more. */
void jobs_stop(struct jobs *j);

#endif
