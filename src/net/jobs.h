/* Work that may take long or block on a disk, done by one thread of its own so
 * that no worker waits: listings of folders, files to be coded. */
#ifndef NET_JOBS_H
#define NET_JOBS_H

#include "site/listing.h"

#define JOBS_QUEUE 32 /* waiting at a time, of all workers */

/* Bytes of listings in memory at a time: who asks for more gets a 503. */
#define JOBS_BYTES (256u << 20)

struct jobs;

enum job_kind { JOB_LISTING, JOB_CODING };

struct job {
	enum job_kind kind;
	void *to; /* whom `deliver` is to tell; NULL: nobody waits */
	uint32_t slot, generation; /* of the connection that waits */
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
	uint32_t slot, generation;
	struct listing listing;
};

/* Start the thread; `deliver` is called on it with each result, whose
 * descriptor passes.  NULL with errno. */
struct jobs *jobs_start(void (*deliver)(void *to, const struct job_result *r));

/* From any thread, without waiting for work.  False, and what passes stays the
 * caller's, when the queue is full. */
bool jobs_post(struct jobs *j, const struct job *job);

/* A listing of so many bytes is no longer held. */
void jobs_release(struct jobs *j, uint64_t bytes);

/* End the thread; what is in the queue is dropped.  A thread that a disk holds
 * is waited for a second and then left alone: it delivers nothing more. */
void jobs_stop(struct jobs *j);

#endif
