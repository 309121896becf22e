#include "net/jobs.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "net/jobs_queue.h"

/* While others code a file, or are about to, it is looked for again after. */
#define JOBS_NAP NS_PER_MS

/* Short ones at a time while a large one waits for its next step. */
#define JOBS_BETWEEN 4

/* Bytes of a listing between two deliveries to those who read it. */
#define JOBS_TELL (1u << 20)

struct jobs {
	pthread_mutex_t lock;
	pthread_cond_t more;
	pthread_t thread;
	void (*deliver)(void *to, const struct job_result *r);
	bool stop;
	struct jobs_counts counts;
	_Atomic uint64_t bytes; /* of listings that are held */
	struct jobs_queue q;
};

/* A job under way. */
struct run {
	struct jobs *jobs;
	struct task *task;
	struct listing *listing;
	bool counted;  /* the listing, in `bytes` */
	uint64_t told; /* bytes that its readers know of */
};

/* ---- results ---- */

void
jobs_release(struct jobs *j, struct listing *l)
{
	uint64_t size = l != NULL ? l->size : 0;

	if (listing_unref(l))
		atomic_fetch_sub(&j->bytes, size);
}

/* Tell those who wait, unless nobody is there any more: jobs_stop may have
 * given up on this thread while a disk held it.  Under the lock. */
static void
run_tell(struct run *run, struct listing *l, bool last)
{
	struct jobs *j = run->jobs;

	for (struct task *t = run->task; t != NULL && !j->stop; t = t->same) {
		struct job_result r = { .kind = t->job.kind,
			.slot = t->job.slot,
			.generation = t->job.generation,
			.turn = t->job.turn,
			.listing = l != NULL ? listing_ref(l) : NULL,
			.last = last };

		if (t->job.to != NULL)
			j->deliver(t->job.to, &r);
		else
			jobs_release(j, r.listing);
		j->counts.answered += last;
	}
}

/* Let go of what the job came with. */
static void
job_end(struct job *job)
{
	if (job->kind == JOB_CODING)
		close(job->fd);
	site_unref(job->site);
}

/* The task and all with it are done. */
static void
run_end(struct run *run, struct listing *l)
{
	struct jobs *j = run->jobs;
	struct task *t = run->task;

	pthread_mutex_lock(&j->lock);
	run_tell(run, l, true);
	pthread_mutex_unlock(&j->lock);
	while (t != NULL) {
		struct task *same = t->same;

		job_end(&t->job);
		pthread_mutex_lock(&j->lock);
		jobs_queue_free(&j->q, t);
		pthread_mutex_unlock(&j->lock);
		t = same;
	}
}

/* ---- beside workers ---- */

/* What the thread is worth on the same processor as a worker: a tenth of the
 * time, when workers want all of it, so that nothing waits for ever.  It takes
 * that in turns of 0.1 ms and gives each up by itself: a worker that wakes
 * within one, and has had its share, would wait for the next tick of the clock,
 * which may be 4 ms away.  As a batch it never interrupts another that runs. */
#define JOBS_NICER 10
#define JOBS_TURN  (100 * NS_PER_US)

/* ---- listings ---- */

/* Count what is held, once its size is known; false when it is more than the
 * bound. */
static bool
run_account(struct run *run)
{
	uint64_t size = run->listing->size;

	if (run->counted || size == 0)
		return true;
	run->counted = true;
	return atomic_fetch_add(&run->jobs->bytes, size) + size <= JOBS_BYTES;
}

static bool run_next(struct jobs *j, bool short_only);

/* A large listing is under way: tell its readers, and do what is short. */
static int
run_step(void *arg, struct listing *l)
{
	struct run *run = arg;
	uint64_t ready = atomic_load(&l->ready);
	bool stop, first = !run->counted;

	(void)sched_yield(); /* see JOBS_TURN */
	if (!run_account(run))
		return ENOMEM;
	if (run->told != 0 && atomic_load(&l->refs) == 1)
		return ECANCELED; /* all its readers have left */
	pthread_mutex_lock(&run->jobs->lock);
	if (run->counted && (first || ready - run->told >= JOBS_TELL)) {
		run_tell(run, l, false);
		run->told = ready;
	}
	stop = run->jobs->stop;
	pthread_mutex_unlock(&run->jobs->lock);
	for (int i = 0; i < JOBS_BETWEEN && !stop; i++)
		if (!run_next(run->jobs, true))
			break;
	return stop ? ECANCELED : 0;
}

/* False when it is large, which was not known before. */
static bool
run_listing(struct run *run)
{
	struct task *t = run->task;
	struct job *job = &t->job;
	struct listing_pace pace = {
		.small = LISTING_SMALL,
		.only_small = !t->large,
		.step = t->large ? run_step : NULL,
		.arg = run,
	};
	struct listing *l = listing_new();

	job->request.path = &job->path;
	run->listing = l;
	if (l != NULL && !listing_make(job->site, &job->request, &pace, l)) {
		jobs_release(run->jobs, l);
		return false;
	}
	/* over the bound: then it was not told of, and is none */
	if (l != NULL &&
	    (!run_account(run) ||
		(run->told == 0 && l->size != 0 &&
		    atomic_load(&l->state) == LISTING_FAILED)))
		run_end(run, NULL);
	else
		run_end(run, l);
	jobs_release(run->jobs, l);
	return true;
}

/* ---- codings ---- */

/* Ns until the file has settled, if it was changed just now; 0: it has. */
static int64_t
coding_unsettled(const struct job *job)
{
	int64_t left =
	    job->key.ctime_ns + GZIP_SETTLE - clock_now().wall + NS_PER_MS;

	return left > 0 && left <= GZIP_SETTLE + NS_PER_MS ? left : 0;
}

/* Whether the copy is another's to make, who has begun it but not posted it
 * yet.  One that nobody has begun, or that was given up, is this job's. */
static bool
coding_is_others(struct job *job)
{
	struct gzip_store *gzip = job->site->o.gzip;
	struct gzip_copy *copy;
	enum gzip_state state = gzip_find(gzip, &job->key, &copy);

	gzip_copy_unref(copy);
	if (state == GZIP_ABSENT)
		job->begun = gzip_begin(gzip, &job->key);
	return state == GZIP_PENDING;
}

/* False, and *wait is for how long, when it cannot be done now. */
static bool
run_coding(struct run *run, int64_t *wait)
{
	struct job *job = &run->task->job;

	*wait = JOBS_NAP;
	if (!job->begun && coding_is_others(job))
		return false;
	if (job->begun) {
		*wait = coding_unsettled(job);
		if (*wait != 0)
			return false;
		gzip_make(job->site->o.gzip, &job->key, job->fd);
	}
	run_end(run, NULL);
	return true;
}

/* ---- the thread ---- */

static void
run_task(struct jobs *j, struct task *t)
{
	struct run run = { .jobs = j, .task = t };
	bool coding = t->job.kind == JOB_CODING, done;
	int64_t wait = 0;

	done = coding ? run_coding(&run, &wait) : run_listing(&run);
	pthread_mutex_lock(&j->lock);
	if (done && coding)
		j->counts.coded++;
	else if (done)
		j->counts.made++;
	else if (coding)
		jobs_queue_later(&j->q, t, clock_mono() + wait);
	else
		jobs_queue_large(&j->q, t);
	pthread_mutex_unlock(&j->lock);
}

/* Do the next; false when there is none now. */
static bool
run_next(struct jobs *j, bool short_only)
{
	struct task *t;
	int64_t due;

	pthread_mutex_lock(&j->lock);
	t = jobs_queue_take(&j->q, clock_mono(), short_only, &due);
	pthread_mutex_unlock(&j->lock);
	if (t != NULL)
		run_task(j, t);
	return t != NULL;
}

/* Wait for something to do; false when the thread is to end. */
static bool
jobs_wait(struct jobs *j, struct task **t)
{
	int64_t due;

	pthread_mutex_lock(&j->lock);
	*t = NULL;
	while (!j->stop && *t == NULL) {
		struct timespec until;

		*t = jobs_queue_take(&j->q, clock_mono(), false, &due);
		if (*t != NULL)
			break;
		until.tv_sec = due / NS_PER_S;
		until.tv_nsec = due % NS_PER_S;
		if (due == INT64_MAX)
			pthread_cond_wait(&j->more, &j->lock);
		else
			pthread_cond_timedwait(&j->more, &j->lock, &until);
	}
	pthread_mutex_unlock(&j->lock);
	return *t != NULL;
}

static void *
jobs_run(void *arg)
{
	struct jobs *j = arg;
	struct task *t;

	thread_name("jobs");
	thread_schedule(SCHED_BATCH, JOBS_NICER, JOBS_TURN);
	while (jobs_wait(j, &t))
		run_task(j, t);
	return NULL;
}

/* What jobs_wait waits on: deadlines are monotonic. */
static void
jobs_init_sync(struct jobs *j)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&j->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&j->more, &attr);
	pthread_condattr_destroy(&attr);
}

struct jobs *
jobs_start(void (*deliver)(void *to, const struct job_result *r))
{
	struct jobs *j = calloc(1, sizeof(*j));
	int error;

	if (j == NULL)
		return NULL;
	j->deliver = deliver;
	jobs_queue_init(&j->q);
	jobs_init_sync(j);
	error = pthread_create(&j->thread, NULL, jobs_run, j);
	if (error != 0) {
		free(j);
		errno = error;
		return NULL;
	}
	return j;
}

enum jobs_room
jobs_post(struct jobs *j, const struct job *job)
{
	enum jobs_room room;

	pthread_mutex_lock(&j->lock);
	room = jobs_queue_add(&j->q, job);
	if (room == JOBS_POSTED)
		pthread_cond_signal(&j->more);
	pthread_mutex_unlock(&j->lock);
	return room;
}

void
jobs_count(struct jobs *j, struct jobs_counts *out)
{
	pthread_mutex_lock(&j->lock);
	*out = j->counts;
	pthread_mutex_unlock(&j->lock);
}

/* Drop what waits. */
static void
jobs_drop(struct jobs *j)
{
	int64_t due;
	struct task *t;

	while ((t = jobs_queue_take(&j->q, INT64_MAX, false, &due)) != NULL) {
		struct run run = { .jobs = j, .task = t };

		run_end(&run, NULL);
	}
}

void
jobs_stop(struct jobs *j)
{
	if (j == NULL)
		return;
	pthread_mutex_lock(&j->lock);
	j->stop = true;
	pthread_cond_signal(&j->more);
	pthread_mutex_unlock(&j->lock);
	if (!thread_join_within(j->thread, NS_PER_S)) {
		/* A disk holds it: it keeps what it has, and ends alone. */
		pthread_detach(j->thread);
		return;
	}
	jobs_drop(j);
	pthread_cond_destroy(&j->more);
	pthread_mutex_destroy(&j->lock);
	free(j);
}
