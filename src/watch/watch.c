#include "watch/watch.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/thread.h"
#include "watch/recorder.h"

/* Of the time that the end may take: for the log's reader, and when to give up
 * a recorder that hangs, with how long a look at it takes. */
#define END_READER_NS NS_PER_S
#define END_NS	      (2 * NS_PER_S)
#define END_LOOK_NS   (50 * NS_PER_MS)

/* A turn that ends thousands of connections fills a ring: what is not published
 * by then is, so that the recorder can begin to empty it. */
#define UNPUBLISHED_MAX (LIMIT_RING / 16)

/* Zeroed, aligned to a page; pages that are never written cost nothing. */
static void *
map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static size_t
rows_size(const struct watch_worker *w)
{
	return w->rows_n * sizeof(struct row_cell);
}

static void
worker_fini(struct watch_worker *w)
{
	if (w->ring.mem)
		ring_fini(&w->ring);
	if (w->rows)
		munmap(w->rows, rows_size(w));
}

static bool
worker_init(struct watch_worker *w, struct watch *watch, uint32_t slots)
{
	w->watch = watch;
	atomic_init(&w->room[0], WATCH_KEPT_BURST);
	atomic_init(&w->room[1], WATCH_KEPT_BURST);
	w->rows_n = slots;
	w->rows = map(rows_size(w));
	return w->rows && ring_init(&w->ring, LIMIT_RING);
}

static void
release(struct watch *w)
{
	for (unsigned i = 0; w->worker && i < w->workers; i++)
		worker_fini(&w->worker[i]);
	if (w->worker)
		munmap(w->worker, w->workers * sizeof(*w->worker));
	if (w->wake_fd >= 0)
		close(w->wake_fd);
	if (w->bell_fd >= 0)
		close(w->bell_fd);
}

bool
watch_init(struct watch *w, unsigned workers, uint32_t slots,
    struct journal *journal, struct accesslog *log)
{
	CHECK(workers >= 1 && workers <= LIMIT_WORKERS && slots >= 1);
	memset(w, 0, sizeof(*w));
	w->workers = workers;
	w->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->worker = map(workers * sizeof(*w->worker));
	w->bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->wake_fd < 0 || w->bell_fd < 0 || w->worker == NULL)
		goto fail;
	for (unsigned i = 0; i < workers; i++)
		if (!worker_init(&w->worker[i], w, slots))
			goto fail;
	w->journal = journal;
	w->keeps = journal != NULL;
	w->log = log;
	if (log)
		accesslog_wake_by(log, w->wake_fd);
	return true;
fail:
	release(w);
	memset(w, 0, sizeof(*w));
	return false;
}

bool
watch_start(struct watch *w)
{
	sigset_t all;
	sigset_t before;
	int error;

	/* inherited by the thread, which so never handles a signal; but a
	 * fault of its own must find the handler that restores the terminal */
	sigfillset(&all);
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGFPE);
	sigdelset(&all, SIGILL);
	sigdelset(&all, SIGABRT);
	sigdelset(&all, SIGSYS); /* a call that the sandbox refuses */
	pthread_sigmask(SIG_BLOCK, &all, &before);
	error = pthread_create(&w->recorder, NULL, recorder_run, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error) {
		errno = error;
		return false;
	}
	w->recorder_runs = true;
	return true;
}

static void
wake(struct watch *w)
{
	(void)bell_ring(w->wake_fd);
}

/* Whether the recorder ended, in a short while. */
static bool
recorder_joined(struct watch *w)
{
	return thread_join_within(w->recorder, END_LOOK_NS);
}

void
watch_stop(struct watch *w)
{
	int64_t now = clock_mono();

	if (w->log)
		accesslog_end_by(w->log, now + END_READER_NS);
	if (!w->recorder_runs) {
		recorder_finish(w);
		return;
	}
	atomic_store(&w->stop, 1);
	wake(w);
	while (!w->recorder_left && !recorder_joined(w))
		w->recorder_left = w->log && clock_mono() > now + END_NS &&
		    accesslog_leave(w->log);
	if (w->recorder_left)
		pthread_detach(w->recorder);
	w->recorder_runs = false;
}

void
watch_fini(struct watch *w)
{
	CHECK(!w->recorder_runs);
	if (w->worker == NULL || w->recorder_left)
		return;
	journal_free(w->journal);
	accesslog_free(w->log);
	release(w);
	memset(w, 0, sizeof(*w));
}

static struct span
at_most(struct span s, size_t max)
{
	return span_of(s.p, s.n < max ? s.n : max);
}

/* Whether the end of a connection is worth telling: only a history, in which
 * its exchanges may be, wants to know. */
static bool
watch_tells_end(const struct watch_worker *w)
{
	return w->watch->keeps &&
	    atomic_load_explicit(&w->room[0], memory_order_relaxed) > 0;
}

/* Whether the history has no room for the exchange. */
static bool
watch_samples(struct watch_worker *w, const struct event *e)
{
	_Atomic int64_t *room = &w->room[e->status == 0 || e->status >= 400];
	int64_t left = atomic_load_explicit(room, memory_order_relaxed);

	if (e->kind != EVENT_EXCHANGE)
		return false;
	if (!w->watch->keeps)
		return true;
	if (left <= 0) {
		counter_add(&w->counters.v[COUNTER_EVENTS_SAMPLED], 1);
		return true;
	}
	/* Room that the recorder gives at this very moment may be lost. */
	atomic_store_explicit(room, left - 1, memory_order_relaxed);
	return false;
}

/* Append to what is reserved; returns the place behind it. */
static char *
put(char *p, struct span s)
{
	if (s.n)
		memcpy(p, s.p, s.n);
	return p + s.n;
}

/* A part of the head, and where it stands from now on; all together are no more
 * than the head. */
static char *
put_part(struct event *e, char *p, struct span request, struct head_part *part)
{
	struct span s = event_part(request, *part);

	if (e->request_n + s.n > request.n)
		s.n = 0;
	part->at = (uint16_t)e->request_n;
	part->n = (uint16_t)s.n;
	e->request_n += (uint32_t)s.n;
	return put(p, s);
}

/* What the log needs, and nothing more: of the reasons the one that explains
 * the status. */
static char *
put_sample(
    struct event *e, char *p, const struct trail *trail, struct span request)
{
	e->sampled = true;
	e->request_n = e->response_n = 0;
	e->trail.n = trail->n != 0;
	e->trail.why = 0;
	p = put(p,
	    span_of((const char *)&trail->r[trail->why],
		e->trail.n * sizeof(trail->r[0])));
	if (e->major == 0) {
		/* only the line is there, and nothing of it is known */
		struct span line =
		    at_most(event_unread_line(e, request), ACCESSLOG_UNREAD);

		e->method = e->target = (struct head_part){ 0, 0 };
		e->request_n = (uint32_t)line.n;
		return put(p, line);
	}
	p = put_part(e, p, request, &e->method);
	p = put_part(e, p, request, &e->target);
	p = put_part(e, p, request, &e->host);
	p = put_part(e, p, request, &e->referer);
	return put_part(e, p, request, &e->user_agent);
}

static char *
put_whole(struct event *e, char *p, const struct trail *trail,
    struct span request, struct span response)
{
	e->trail.n = trail->n;
	e->trail.why = trail->why;
	e->request_n = (uint32_t)request.n;
	e->response_n = (uint32_t)response.n;
	p = put(
	    p, span_of((const char *)trail->r, trail->n * sizeof(trail->r[0])));
	return put(put(p, request), response);
}

/* No more of them than room is reserved for. */
static void
cut_heads(struct span *request, struct span *response)
{
	*request = at_most(*request, LIMIT_HEAD_MAX);
	*response = at_most(*response, LIMIT_RESPONSE_BUFFER);
}

struct event *
watch_begin(struct watch_worker *w, enum event_kind kind, struct span request,
    struct span response)
{
	struct event *e;

	watch_touch(w);
	if (kind == EVENT_CONN_CLOSED && !watch_tells_end(w))
		return NULL;
	counter_add(&w->counters.v[COUNTER_EVENTS], 1);
	cut_heads(&request, &response);
	e = ring_reserve(&w->ring, sizeof(*e) + request.n + response.n);
	if (e == NULL) {
		counter_add(&w->counters.v[COUNTER_EVENTS_DROPPED], 1);
		return NULL;
	}
	event_init(e, kind);
	return e;
}

void
watch_end(struct watch_worker *w, struct event *e, const struct trail *trail,
    struct span request, struct span response)
{
	char *p = (char *)e + offsetof(struct event, trail.r);

	cut_heads(&request, &response);
	if (watch_samples(w, e))
		p = put_sample(e, p, trail, request);
	else
		p = put_whole(e, p, trail, request, response);
	ring_push(&w->ring, (size_t)(p - (char *)e));
	if (ring_unpublished(&w->ring) > UNPUBLISHED_MAX)
		watch_publish(w);
}

void
watch_touch(struct watch_worker *w)
{
	w->told = true;
}

void
watch_publish(struct watch_worker *w)
{
	struct watch *watch = w->watch;

	if (!w->told)
		return;
	w->told = false;
	ring_publish(&w->ring);
	/* the exchange: of several workers one wakes it */
	if (atomic_load(&watch->recorder_asleep) &&
	    atomic_exchange(&watch->recorder_asleep, 0))
		wake(watch);
}

void
watch_bell_arm(struct watch *w)
{
	atomic_store(&w->bell_armed, 1);
}

void
watch_ring(struct watch *w)
{
	if (atomic_load(&w->bell_armed) && atomic_exchange(&w->bell_armed, 0))
		(void)bell_ring(w->bell_fd);
}

void
watch_counters(const struct watch *w, struct counters *out)
{
	memset(out, 0, sizeof(*out));
	for (unsigned i = 0; i < w->workers; i++)
		counters_sum(out, &w->worker[i].counters);
}

void
watch_rows(const struct watch *w,
    bool (*take)(void *ctx, const struct conn_row *row), void *ctx)
{
	struct conn_row row;

	for (unsigned i = 0; i < w->workers; i++) {
		const struct watch_worker *worker = &w->worker[i];
		uint32_t top =
		    atomic_load_explicit((_Atomic uint32_t *)&worker->rows_top,
			memory_order_acquire);

		if (top > worker->rows_n)
			top = worker->rows_n;
		for (uint32_t k = 0; k < top; k++)
			if (row_read(&worker->rows[k], &row) &&
			    !take(ctx, &row))
				return;
	}
}

bool
watch_row(const struct watch *w, unsigned worker, uint32_t slot, uint64_t conn,
    struct conn_row *out)
{
	return worker < w->workers && slot < w->worker[worker].rows_n &&
	    row_read(&w->worker[worker].rows[slot], out) && out->conn == conn;
}

unsigned
watch_paths(const struct watch *w, struct conn_path *out, unsigned max)
{
	unsigned n = 0;

	for (unsigned i = 0; i < w->workers; i++)
		for (unsigned k = 0; k < WATCH_PATHS && n < max; k++)
			if (path_read(&w->worker[i].paths[k], &out[n]))
				n++;
	return n;
}
