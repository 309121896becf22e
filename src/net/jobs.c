#include "net/jobs.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

struct jobs {
	pthread_mutex_t lock;
	pthread_cond_t more;
	pthread_t thread;
	void (*deliver)(void *to, const struct job_result *r);
	bool stop;
	unsigned first, n;	/* of the ring */
	_Atomic uint64_t bytes; /* of listings that are held */
	struct job ring[JOBS_QUEUE];
};

/* The oldest job into *out; false when the thread is to end. */
static bool
jobs_take(struct jobs *j, struct job *out)
{
	bool some;

	pthread_mutex_lock(&j->lock);
	while (j->n == 0 && !j->stop)
		pthread_cond_wait(&j->more, &j->lock);
	some = !j->stop;
	if (some) {
		*out = j->ring[j->first];
		j->first = (j->first + 1) % JOBS_QUEUE;
		j->n--;
	}
	pthread_mutex_unlock(&j->lock);
	return some;
}

void
jobs_release(struct jobs *j, uint64_t bytes)
{
	atomic_fetch_sub(&j->bytes, bytes);
}

/* Count what is held, and hold no more than the bound. */
static void
jobs_account(struct jobs *j, struct listing *l)
{
	if (l->fd < 0)
		return;
	if (atomic_fetch_add(&j->bytes, l->size) + l->size <= JOBS_BYTES)
		return;
	jobs_release(j, l->size);
	close(l->fd);
	l->fd = -1;
	l->reason = REASON_OVERLOADED;
}

/* Hand the result over, unless nobody is there any more: jobs_stop may have
 * given up on this thread while a disk held it. */
static void
jobs_deliver(struct jobs *j, const struct job *job, const struct job_result *r)
{
	pthread_mutex_lock(&j->lock);
	if (!j->stop)
		j->deliver(job->to, r);
	else if (r->listing.fd >= 0)
		close(r->listing.fd);
	pthread_mutex_unlock(&j->lock);
}

static void
job_list(struct jobs *j, struct job *job, struct job_result *r)
{
	job->request.path = &job->path;
	listing_make(job->site, &job->request, &r->listing);
	jobs_account(j, &r->listing);
}

/* Wait until the file has settled, if it was changed just now. */
static void
job_settle(const struct job *job)
{
	int64_t left =
	    job->key.ctime_ns + GZIP_SETTLE - clock_now().wall + NS_PER_MS;
	struct timespec t = { .tv_nsec = left };

	if (left > 0 && left <= GZIP_SETTLE + NS_PER_MS)
		nanosleep(&t, NULL);
}

static void
job_code(struct jobs *j, struct job *job, struct job_result *r)
{
	(void)j;
	r->listing.fd = -1;
	if (!job->begun)
		return; /* an earlier job has done it */
	job_settle(job);
	gzip_make(job->site->o.gzip, &job->key, job->fd);
}

/* Let go of what the job came with. */
static void
job_end(struct job *job)
{
	if (job->kind == JOB_CODING)
		close(job->fd);
	site_unref(job->site);
}

static void *
jobs_run(void *arg)
{
	static void (*const run[])(
	    struct jobs * j, struct job * job, struct job_result * r) = {
		[JOB_LISTING] = job_list,
		[JOB_CODING] = job_code,
	};
	struct jobs *j = arg;
	struct job job;

	while (jobs_take(j, &job)) {
		struct job_result r = { .kind = job.kind,
			.slot = job.slot,
			.generation = job.generation };

		run[job.kind](j, &job, &r);
		job_end(&job);
		if (job.to != NULL)
			jobs_deliver(j, &job, &r);
	}
	return NULL;
}

struct jobs *
jobs_start(void (*deliver)(void *to, const struct job_result *r))
{
	struct jobs *j = calloc(1, sizeof(*j));
	int error;

	if (j == NULL)
		return NULL;
	j->deliver = deliver;
	pthread_mutex_init(&j->lock, NULL);
	pthread_cond_init(&j->more, NULL);
	error = pthread_create(&j->thread, NULL, jobs_run, j);
	if (error != 0) {
		free(j);
		errno = error;
		return NULL;
	}
	pthread_setname_np(j->thread, "jobs");
	return j;
}

bool
jobs_post(struct jobs *j, const struct job *job)
{
	bool room;

	pthread_mutex_lock(&j->lock);
	room = j->n < JOBS_QUEUE;
	if (room) {
		j->ring[(j->first + j->n) % JOBS_QUEUE] = *job;
		j->n++;
		pthread_cond_signal(&j->more);
	}
	pthread_mutex_unlock(&j->lock);
	return room;
}

void
jobs_stop(struct jobs *j)
{
	struct timespec until;

	if (j == NULL)
		return;
	pthread_mutex_lock(&j->lock);
	j->stop = true;
	pthread_cond_signal(&j->more);
	pthread_mutex_unlock(&j->lock);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec++;
	if (pthread_timedjoin_np(j->thread, NULL, &until) != 0) {
		/* A disk holds it: it keeps what it has, and ends alone. */
		pthread_detach(j->thread);
		return;
	}
	for (; j->n > 0; j->n--, j->first = (j->first + 1) % JOBS_QUEUE)
		job_end(&j->ring[j->first]);
	pthread_cond_destroy(&j->more);
	pthread_mutex_destroy(&j->lock);
	free(j);
}
