#include "net/jobs_queue.h"

/* ---- lists ---- */

static void
tasks_append(struct tasks *l, struct task *t)
{
	t->next = NULL;
	*l->end = t;
	l->end = &t->next;
}

/* Take out the one that `at` points to. */
static struct task *
tasks_remove(struct tasks *l, struct task **at)
{
	struct task *t = *at;

	*at = t->next;
	if (l->end == &t->next)
		l->end = at;
	t->next = NULL;
	return t;
}

void
jobs_queue_init(struct jobs_queue *q)
{
	q->free = NULL;
	q->used = q->n = q->in_a_row = 0;
	q->soon = (struct tasks){ NULL, &q->soon.first };
	q->large = (struct tasks){ NULL, &q->large.first };
	q->later = (struct tasks){ NULL, &q->later.first };
}

/* ---- taking in ---- */

/* Whether one result is good for both: an equal listing, or the copy of the
 * same file. */
static bool
jobs_are_same(const struct job *a, const struct job *b)
{
	const struct listing_request *x = &a->request, *y = &b->request;

	if (a->kind != b->kind)
		return false;
	if (a->kind == JOB_CODING)
		return a->site->o.gzip == b->site->o.gzip &&
		    gzip_key_eq(&a->key, &b->key);
	return a->site == b->site && x->format == y->format &&
	    x->sort == y->sort && x->descending == y->descending &&
	    span_eq(
		span_of(a->path.s, a->path.n), span_of(b->path.s, b->path.n));
}

static struct task *
tasks_find(const struct tasks *l, const struct job *job)
{
	struct task *t = l->first;

	while (t != NULL && !jobs_are_same(&t->job, job))
		t = t->next;
	return t;
}

/* The one that it can go with. */
static struct task *
queue_find(const struct jobs_queue *q, const struct job *job)
{
	struct task *t = tasks_find(&q->soon, job);

	if (t == NULL)
		t = tasks_find(&q->later, job);
	return t != NULL ? t : tasks_find(&q->large, job);
}

/* Whether both come from one address, of those that tell clients apart. */
static bool
peers_are_same(const struct peer *a, const struct peer *b)
{
	return (a->family == AF_INET || a->family == AF_INET6) &&
	    peer_same_host(a, b);
}

/* How many requests of that client are here.  A free task is nobody's. */
static unsigned
queue_count(const struct jobs_queue *q, const struct peer *peer)
{
	unsigned n = 0;

	for (unsigned i = 0; i < q->used; i++)
		n += peers_are_same(&q->pool[i].job.peer, peer);
	return n;
}

/* One that is free; there is one. */
static struct task *
queue_task(struct jobs_queue *q)
{
	struct task *t = q->free;

	if (t == NULL)
		return &q->pool[q->used++];
	q->free = t->next;
	return t;
}

enum jobs_room
jobs_queue_add(struct jobs_queue *q, const struct job *job)
{
	struct task *t, *with;

	if (q->n == JOBS_QUEUE)
		return JOBS_FULL;
	if (queue_count(q, &job->peer) >= JOBS_CLIENT)
		return JOBS_CLIENT_FULL;
	t = queue_task(q);
	q->n++;
	t->job = *job;
	t->same = t->next = NULL;
	t->large = false;
	with = queue_find(q, job);
	if (with == NULL) {
		tasks_append(&q->soon, t);
		return JOBS_POSTED;
	}
	t->same = with->same;
	with->same = t;
	with->job.begun |= job->begun; /* the copy is made once */
	return JOBS_POSTED;
}

/* ---- taking out ---- */

/* The first that is due; else when the next one is. */
static struct task *
queue_take_due(struct jobs_queue *q, int64_t now, int64_t *due)
{
	*due = INT64_MAX;
	for (struct task **at = &q->later.first; *at != NULL;
	     at = &(*at)->next) {
		if ((*at)->due <= now)
			return tasks_remove(&q->later, at);
		if ((*at)->due < *due)
			*due = (*at)->due;
	}
	return NULL;
}

struct task *
jobs_queue_take(
    struct jobs_queue *q, int64_t now, bool short_only, int64_t *due)
{
	bool large = !short_only && q->large.first != NULL;
	struct task *t = NULL;

	*due = INT64_MAX;
	if (!large || q->in_a_row < JOBS_SHORT_IN_A_ROW) {
		t = queue_take_due(q, now, due);
		if (t == NULL && q->soon.first != NULL)
			t = tasks_remove(&q->soon, &q->soon.first);
	}
	if (large && t != NULL)
		q->in_a_row++;
	if (!large || t != NULL)
		return t;
	q->in_a_row = 0;
	return tasks_remove(&q->large, &q->large.first);
}

void
jobs_queue_later(struct jobs_queue *q, struct task *t, int64_t due)
{
	t->due = due;
	tasks_append(&q->later, t);
}

void
jobs_queue_large(struct jobs_queue *q, struct task *t)
{
	t->large = true;
	tasks_append(&q->large, t);
}

void
jobs_queue_free(struct jobs_queue *q, struct task *t)
{
	t->job.peer.family = AF_UNSPEC;
	t->next = q->free;
	q->free = t;
	q->n--;
}
