/* Inside the jobs: what waits, and in which order it is taken.  All of it under
 * the lock of who uses it. */
#ifndef NET_JOBS_QUEUE_H
#define NET_JOBS_QUEUE_H

#include "net/jobs.h"

/* Short ones that are taken in a row while large ones wait. */
#define JOBS_SHORT_IN_A_ROW 32

/* A request that waits, or whose job is under way. */
struct task {
	struct job job;
	struct task *next; /* of the list, or of those that are free */
	struct task *same; /* the next that gets the same result */
	int64_t due;	   /* ns monotonic, in `later` */
	bool large;	   /* a folder that was found to be */
};

struct tasks {
	struct task *first, **end;
};

struct jobs_queue {
	struct task *free;	  /* of those that were in use before */
	unsigned n;		  /* in use */
	struct tasks soon, large; /* in order of arrival */
	struct tasks later;	  /* not before they are due */
	unsigned in_a_row;	  /* short ones taken since a large one */
	unsigned used;		  /* of the pool, ever: the rest, which may be
				   * memory that was never touched, costs nothing */
	struct task pool[JOBS_QUEUE];
};

void jobs_queue_init(struct jobs_queue *q);

/* Take it in: alone, or with one that asks for the same and waits. */
enum jobs_room jobs_queue_add(struct jobs_queue *q, const struct job *job);

/* The next to be done at `now` (ns monotonic), out of the queue; with
 * short_only no large one.  NULL: none; *due is then when to ask again,
 * INT64_MAX for never. */
struct task *jobs_queue_take(
    struct jobs_queue *q, int64_t now, bool short_only, int64_t *due);

/* Put back what was taken: until it is due, or behind the large ones. */
void jobs_queue_later(struct jobs_queue *q, struct task *t, int64_t due);
void jobs_queue_large(struct jobs_queue *q, struct task *t);

/* It is done; those with it are not touched. */
void jobs_queue_free(struct jobs_queue *q, struct task *t);

#endif
