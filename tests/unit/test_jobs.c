/* What waits for the jobs thread: in which order it is taken, what is shared,
 * who is refused; and the thread itself, held where a test wants it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/jobs_queue.h"

/* More than LISTING_SMALL. */
#define LARGE 3000

/* In it /small/x, /gate/x, /large/0000 and on. */
static char top[] = "/tmp/httpconsole-jobs-XXXXXX";
static int top_fd;
static struct gzip_store *gzip;

/* ---- the tree ---- */

static int
make_file(const char *name)
{
	return mknodat(top_fd, name, S_IFREG | 0644, 0);
}

static int
make_tree(void **state)
{
	struct gzip_options o = { .level = 1, .memory = 1 << 20, .copies = 8 };
	char name[64];

	(void)state;
	gzip = gzip_store_new(&o);
	if (gzip == NULL || mkdtemp(top) == NULL)
		return -1;
	top_fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mkdirat(top_fd, "small", 0755) || mkdirat(top_fd, "gate", 0755) ||
	    mkdirat(top_fd, "large", 0755) || make_file("small/x") ||
	    make_file("gate/x"))
		return -1;
	for (unsigned i = 0; i < LARGE; i++) {
		snprintf(name, sizeof(name), "large/%04u", i);
		if (make_file(name))
			return -1;
	}
	return 0;
}

static int
remove_tree(void **state)
{
	char name[64];
	int bad = 0;

	(void)state;
	for (unsigned i = 0; i < LARGE; i++) {
		snprintf(name, sizeof(name), "large/%04u", i);
		bad |= unlinkat(top_fd, name, 0);
	}
	bad |= unlinkat(top_fd, "small/x", 0) | unlinkat(top_fd, "gate/x", 0);
	bad |= unlinkat(top_fd, "small", AT_REMOVEDIR) |
	    unlinkat(top_fd, "gate", AT_REMOVEDIR) |
	    unlinkat(top_fd, "large", AT_REMOVEDIR);
	close(top_fd);
	gzip_store_free(gzip);
	return bad | rmdir(top);
}

/* ---- a site with a gate: the thread stops when it looks at that file ---- */

static _Atomic uint64_t gate_inode; /* 0: none */
static sem_t gate_reached, gate_open;

static bool
gate(const void *arg, uint64_t device, uint64_t inode)
{
	(void)arg, (void)device;
	if (inode == atomic_load(&gate_inode)) {
		atomic_store(&gate_inode, 0);
		sem_post(&gate_reached);
		sem_wait(&gate_open);
	}
	return false;
}

static void
gate_at(const char *name)
{
	struct stat st;

	assert_int_equal(fstatat(top_fd, name, &st, 0), 0);
	atomic_store(&gate_inode, st.st_ino);
}

static struct site *
open_site(void)
{
	static const char *const none[] = { NULL };
	char err[256];
	struct site_options o = { .root = top,
		.index = none,
		.deny = none,
		.default_type = "application/octet-stream",
		.gzip = gzip,
		.listing = true,
		.excluded = gate };
	struct site *s = site_open(&o, err);

	assert_non_null(s);
	return s;
}

/* ---- jobs ---- */

static struct job
listing_job(struct site *s, const char *path, uint32_t slot)
{
	struct job job = { .kind = JOB_LISTING, .slot = slot, .site = s };

	job.path.n = (uint16_t)strlen(path);
	job.path.folder = true;
	memcpy(job.path.s, path, job.path.n);
	return job;
}

/* Of an open file without a name. */
static struct job
coding_job(struct site *s, uint32_t slot)
{
	static const char text[] = "the same line again and again\n";
	struct job job = { .kind = JOB_CODING, .slot = slot, .site = s };
	struct stat st;

	job.fd = openat(top_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	assert_true(job.fd >= 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(
		    write(job.fd, text, sizeof(text) - 1), sizeof(text) - 1);
	assert_int_equal(fstat(job.fd, &st), 0);
	gzip_key_of(&job.key, &st);
	return job;
}

static struct peer
peer_of(uint8_t last)
{
	return (struct peer){ .family = AF_INET, .addr = { 10, 0, 0, last } };
}

/* ---- the queue alone ---- */

/* The slot of the next task, which is freed; -1: none. */
static int
take(struct jobs_queue *q, int64_t now, bool short_only)
{
	int64_t due;
	struct task *t = jobs_queue_take(q, now, short_only, &due);
	int slot = t != NULL ? (int)t->job.slot : -1;

	if (t != NULL)
		jobs_queue_free(q, t);
	return slot;
}

static void
short_ones_go_before_large_ones(void **state)
{
	struct jobs_queue *q = malloc(sizeof(*q));
	struct site *s = open_site();
	struct job job;
	int64_t due;

	(void)state;
	jobs_queue_init(q);
	job = listing_job(s, "/large/", 1);
	assert_int_equal(jobs_queue_add(q, &job), JOBS_POSTED);
	jobs_queue_large(q, jobs_queue_take(q, 0, false, &due));
	job = listing_job(s, "/a/", 2);
	assert_int_equal(jobs_queue_add(q, &job), JOBS_POSTED);
	job = listing_job(s, "/b/", 3);
	assert_int_equal(jobs_queue_add(q, &job), JOBS_POSTED);
	assert_int_equal(take(q, 0, false), 2);
	assert_int_equal(take(q, 0, true), 3);
	assert_int_equal(take(q, 0, true), -1);
	assert_int_equal(take(q, 0, false), 1);
	assert_int_equal(take(q, 0, false), -1);
	assert_int_equal(q->n, 0);
	site_unref(s);
	free(q);
}

static void
a_large_one_has_its_turn_however_many_are_short(void **state)
{
	struct jobs_queue *q = malloc(sizeof(*q));
	struct site *s = open_site();
	struct job job = listing_job(s, "/large/", 1000);
	int64_t due;
	unsigned before = 0;

	(void)state;
	jobs_queue_init(q);
	assert_int_equal(jobs_queue_add(q, &job), JOBS_POSTED);
	jobs_queue_large(q, jobs_queue_take(q, 0, false, &due));
	for (;; before++) {
		char path[16];

		snprintf(path, sizeof(path), "/%u/", before);
		job = listing_job(s, path, before);
		assert_int_equal(jobs_queue_add(q, &job), JOBS_POSTED);
		if (take(q, 0, false) == 1000)
			break;
		assert_true(before < JOBS_QUEUE);
	}
	assert_int_equal(before, JOBS_SHORT_IN_A_ROW);
	site_unref(s);
	free(q);
}

static void
what_is_put_back_comes_when_it_is_due(void **state)
{
	struct jobs_queue *q = malloc(sizeof(*q));
	struct site *s = open_site();
	struct job job = coding_job(s, 1);
	int64_t due;

	(void)state;
	jobs_queue_init(q);
	assert_int_equal(jobs_queue_add(q, &job), JOBS_POSTED);
	jobs_queue_later(q, jobs_queue_take(q, 0, false, &due), 100);
	close(job.fd);
	job = listing_job(s, "/a/", 2);
	assert_int_equal(jobs_queue_add(q, &job), JOBS_POSTED);
	assert_int_equal(take(q, 99, false), 2);
	assert_null(jobs_queue_take(q, 99, false, &due));
	assert_int_equal(due, 100);
	assert_int_equal(take(q, 100, true), 1);
	assert_null(jobs_queue_take(q, 100, false, &due));
	assert_true(due == INT64_MAX);
	site_unref(s);
	free(q);
}

static void
equal_ones_go_together_and_others_do_not(void **state)
{
	struct jobs_queue *q = malloc(sizeof(*q));
	struct site *s = open_site(), *other = open_site();
	struct job jobs[7];
	struct task *t;
	int64_t due;

	(void)state;
	jobs_queue_init(q);
	for (uint32_t i = 0; i < 7; i++)
		jobs[i] = listing_job(s, "/a/", i);
	jobs[1].request.format = LISTING_JSON;
	jobs[2].request.sort = LISTING_BY_SIZE;
	jobs[3].request.descending = true;
	jobs[4].site = other;
	jobs[5].path.s[1] = 'b';
	for (int i = 0; i < 7; i++)
		assert_int_equal(jobs_queue_add(q, &jobs[i]), JOBS_POSTED);
	t = jobs_queue_take(q, 0, false, &due);
	assert_int_equal(t->job.slot, 0);
	assert_int_equal(t->same->job.slot, 6);
	assert_null(t->same->same);
	for (uint32_t i = 1; i < 6; i++) {
		t = jobs_queue_take(q, 0, false, &due);
		assert_int_equal(t->job.slot, i);
		assert_null(t->same);
	}
	/* what was begun is not joined: the folder may have changed since */
	assert_int_equal(jobs_queue_add(q, &jobs[0]), JOBS_POSTED);
	assert_non_null(jobs_queue_take(q, 0, false, &due));
	site_unref(s);
	site_unref(other);
	free(q);
}

static void
one_address_leaves_room_for_others(void **state)
{
	struct jobs_queue *q = malloc(sizeof(*q));
	struct site *s = open_site();
	struct job job = listing_job(s, "/a/", 0);

	(void)state;
	jobs_queue_init(q);
	job.peer = peer_of(1);
	for (int i = 0; i < JOBS_CLIENT; i++)
		assert_int_equal(jobs_queue_add(q, &job), JOBS_POSTED);
	assert_int_equal(jobs_queue_add(q, &job), JOBS_CLIENT_FULL);
	job.peer.port = 7; /* another connection of the same */
	assert_int_equal(jobs_queue_add(q, &job), JOBS_CLIENT_FULL);
	job.peer = peer_of(2);
	for (int i = JOBS_CLIENT; i < JOBS_QUEUE; i++)
		assert_int_equal(jobs_queue_add(q, &job), JOBS_POSTED);
	assert_int_equal(jobs_queue_add(q, &job), JOBS_FULL);
	site_unref(s);
	free(q);
}

static void
what_is_done_makes_room_for_its_address(void **state)
{
	struct jobs_queue *q = malloc(sizeof(*q));
	struct site *s = open_site();
	struct job job;

	(void)state;
	jobs_queue_init(q);
	for (unsigned i = 0; i < 3 * JOBS_QUEUE; i++) {
		job = listing_job(s, "/a/", i);
		job.peer = peer_of(1);
		assert_int_equal(jobs_queue_add(q, &job), JOBS_POSTED);
		assert_int_equal(take(q, 0, false), i);
	}
	site_unref(s);
	free(q);
}

/* ---- the thread ---- */

static struct {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct job_result r[64];
	unsigned n;
} got = { .lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER };

static void
deliver(void *to, const struct job_result *r)
{
	(void)to;
	pthread_mutex_lock(&got.lock);
	assert_true(got.n < 64);
	got.r[got.n++] = *r;
	pthread_cond_signal(&got.more);
	pthread_mutex_unlock(&got.lock);
}

/* The result number `i`, when it is there. */
static struct job_result
result(unsigned i)
{
	struct job_result r;

	pthread_mutex_lock(&got.lock);
	while (got.n <= i)
		pthread_cond_wait(&got.more, &got.lock);
	r = got.r[i];
	pthread_mutex_unlock(&got.lock);
	return r;
}

static void
post(struct jobs *j, struct job job)
{
	job.to = &got;
	(void)site_ref(job.site);
	assert_int_equal(jobs_post(j, &job), JOBS_POSTED);
}

static struct jobs *
start(void)
{
	struct jobs *j = jobs_start(deliver);

	assert_non_null(j);
	got.n = 0;
	sem_init(&gate_reached, 0, 0);
	sem_init(&gate_open, 0, 0);
	return j;
}

/* End the thread; what was delivered and not taken is given back. */
static void
stop(struct jobs *j, struct site *s)
{
	jobs_stop(j); /* nothing is delivered any more */
	for (unsigned i = 0; i < got.n; i++)
		listing_unref(got.r[i].listing);
	site_unref(s);
}

static void
equal_listings_are_made_once(void **state)
{
	struct jobs *j = start();
	struct site *s = open_site();
	struct jobs_counts counts;

	(void)state;
	gate_at("gate/x");
	post(j, listing_job(s, "/gate/", 0));
	sem_wait(&gate_reached);
	for (uint32_t i = 1; i <= 20; i++)
		post(j, listing_job(s, "/small/", i));
	sem_post(&gate_open);
	for (unsigned i = 1; i <= 20; i++) {
		struct job_result r = result(i);

		assert_true(r.last);
		assert_ptr_equal(r.listing, result(1).listing);
		assert_int_equal(r.listing->entries, 1);
	}
	jobs_count(j, &counts);
	assert_int_equal(counts.answered, 21);
	assert_true(counts.made <= 2);
	stop(j, s);
}

static void
short_jobs_have_their_turn_while_a_large_one_is_made(void **state)
{
	struct jobs *j = start();
	struct site *s = open_site();
	struct job_result first, last;
	struct job coding;
	unsigned i = 0;

	(void)state;
	gate_at("large/1500");
	post(j, listing_job(s, "/large/", 1));
	sem_wait(&gate_reached);
	first = result(0); /* its beginning is there already */
	assert_false(first.last);
	assert_int_equal(first.listing->state, LISTING_GROWS);
	assert_int_equal(first.listing->entries, LARGE);
	assert_true(first.listing->ready < first.listing->size);
	coding = coding_job(s, 2);
	coding.key.ctime_ns = 0; /* it has settled */
	post(j, coding);
	post(j, listing_job(s, "/small/", 3));
	sem_post(&gate_open);
	assert_int_equal(result(1).slot, 2);
	assert_int_equal(result(2).slot, 3);
	do
		last = result(3 + i++);
	while (!last.last);
	assert_int_equal(last.slot, 1);
	assert_ptr_equal(last.listing, first.listing);
	assert_int_equal(last.listing->state, LISTING_WHOLE);
	assert_int_equal(last.listing->ready, last.listing->size);
	stop(j, s);
}

static void
a_listing_that_nobody_reads_any_more_is_given_up(void **state)
{
	struct jobs *j = start();
	struct site *s = open_site();
	struct job_result last;

	(void)state;
	gate_at("large/1500");
	post(j, listing_job(s, "/large/", 1));
	sem_wait(&gate_reached);
	jobs_release(j, result(0).listing);
	got.r[0].listing = NULL;
	sem_post(&gate_open);
	last = result(1);
	assert_true(last.last);
	assert_int_equal(last.listing->state, LISTING_FAILED);
	assert_true(last.listing->ready < last.listing->size);
	stop(j, s);
}

/* Another worker has begun the copy and not posted its job yet. */
static void
a_copy_that_is_begun_elsewhere_is_waited_for(void **state)
{
	struct jobs *j = start();
	struct site *s = open_site();
	struct job waits = coding_job(s, 1), makes = waits;
	struct gzip_copy *copy;

	(void)state;
	assert_true(gzip_begin(gzip, &waits.key));
	post(j, waits);
	post(j, listing_job(s, "/small/", 2)); /* which does not wait */
	assert_int_equal(result(0).slot, 2);
	makes.slot = 3;
	makes.begun = true;
	makes.fd = fcntl(waits.fd, F_DUPFD_CLOEXEC, 0);
	post(j, makes);
	(void)result(2);
	assert_int_equal(gzip_find(gzip, &waits.key, &copy), GZIP_READY);
	gzip_copy_unref(copy);
	stop(j, s);
}

static void
a_copy_that_was_given_up_elsewhere_is_made(void **state)
{
	struct jobs *j = start();
	struct site *s = open_site();
	struct job waits = coding_job(s, 1);
	struct gzip_copy *copy;

	(void)state;
	assert_true(gzip_begin(gzip, &waits.key));
	post(j, waits);
	gzip_give_up(gzip, &waits.key);
	(void)result(0);
	assert_int_equal(gzip_find(gzip, &waits.key, &copy), GZIP_READY);
	gzip_copy_unref(copy);
	stop(j, s);
}

/* Seen from the thread itself, which delivers. */
static _Atomic int seen_policy, seen_nice;

static void
deliver_and_look(void *to, const struct job_result *r)
{
	errno = 0;
	atomic_store(&seen_policy, sched_getscheduler(0));
	atomic_store(&seen_nice, getpriority(PRIO_PROCESS, (id_t)gettid()));
	deliver(to, r);
}

static void
the_thread_goes_after_workers(void **state)
{
	struct jobs *j = jobs_start(deliver_and_look);
	struct site *s = open_site();
	int own;

	(void)state;
	assert_non_null(j);
	got.n = 0;
	post(j, listing_job(s, "/small/", 1));
	(void)result(0);
	assert_int_equal(seen_policy, SCHED_BATCH);
	own = getpriority(PRIO_PROCESS, (id_t)gettid());
	assert_int_equal(seen_nice, own + 10 < 19 ? own + 10 : 19);
	stop(j, s);
}

static void
what_waits_at_the_end_is_dropped(void **state)
{
	struct jobs *j = start();
	struct site *s = open_site();

	(void)state;
	gate_at("large/1500");
	post(j, listing_job(s, "/large/", 1));
	sem_wait(&gate_reached);
	post(j, listing_job(s, "/small/", 2));
	post(j, coding_job(s, 3));
	sem_post(&gate_open);
	stop(j, s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_ones_go_before_large_ones),
		cmocka_unit_test(
		    a_large_one_has_its_turn_however_many_are_short),
		cmocka_unit_test(what_is_put_back_comes_when_it_is_due),
		cmocka_unit_test(equal_ones_go_together_and_others_do_not),
		cmocka_unit_test(one_address_leaves_room_for_others),
		cmocka_unit_test(what_is_done_makes_room_for_its_address),
		cmocka_unit_test(equal_listings_are_made_once),
		cmocka_unit_test(
		    short_jobs_have_their_turn_while_a_large_one_is_made),
		cmocka_unit_test(
		    a_listing_that_nobody_reads_any_more_is_given_up),
		cmocka_unit_test(a_copy_that_is_begun_elsewhere_is_waited_for),
		cmocka_unit_test(a_copy_that_was_given_up_elsewhere_is_made),
		cmocka_unit_test(the_thread_goes_after_workers),
		cmocka_unit_test(what_waits_at_the_end_is_dropped),
	};

	return cmocka_run_group_tests_name(
	    "jobs", tests, make_tree, remove_tree);
}
