#include "site/listing.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"
#include "site/listing_entry.h"
#include "site/resolve.h"

static void
query_sort(struct listing_request *r, struct span value)
{
	if (span_eq(value, SPAN("name")))
		r->sort = LISTING_BY_NAME;
	else if (span_eq(value, SPAN("size")))
		r->sort = LISTING_BY_SIZE;
	else if (span_eq(value, SPAN("time")))
		r->sort = LISTING_BY_TIME;
}

static void
query_order(struct listing_request *r, struct span value)
{
	if (span_eq(value, SPAN("asc")))
		r->descending = false;
	else if (span_eq(value, SPAN("desc")))
		r->descending = true;
}

void
listing_query(struct listing_request *r, struct span query)
{
	static const struct span sort = { "sort=", 5 }, order = { "order=", 6 };

	r->sort = LISTING_BY_NAME;
	r->descending = false;
	while (query.n) {
		const char *end = memchr(query.p, '&', query.n);
		size_t n = end != NULL ? (size_t)(end - query.p) : query.n;
		struct span pair = span_of(query.p, n);

		if (span_starts(pair, sort))
			query_sort(r, span_skip(pair, sort.n));
		else if (span_starts(pair, order))
			query_order(r, span_skip(pair, order.n));
		query = span_skip(query, end != NULL ? n + 1 : n);
	}
}

/* ---- references ---- */

struct listing *
listing_new(void)
{
	struct listing *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	atomic_init(&l->refs, 1);
	l->fd = -1;
	return l;
}

struct listing *
listing_ref(struct listing *l)
{
	atomic_fetch_add_explicit(&l->refs, 1, memory_order_relaxed);
	return l;
}

bool
listing_unref(struct listing *l)
{
	if (l == NULL ||
	    atomic_fetch_sub_explicit(&l->refs, 1, memory_order_acq_rel) != 1)
		return false;
	if (l->fd >= 0)
		close(l->fd);
	free(l);
	return true;
}

/* ---- writing ---- */

static void
out_flush(struct listing_out *o)
{
	size_t done = 0;

	CHECK(!o->b.full);
	while (done < o->b.n && o->error == 0) {
		ssize_t n = write(o->fd, o->b.p + done, o->b.n - done);

		if (n > 0)
			done += (size_t)n;
		else if (n == 0)
			o->error = ENOSPC;
		else if (errno != EINTR)
			o->error = errno;
	}
	o->size += done;
	o->b.n = 0;
	if (o->error == 0 && o->wrote != NULL)
		o->error = o->wrote(o);
}

struct buf *
listing_out_room(struct listing_out *o, size_t n)
{
	CHECK(n <= sizeof(o->bytes));
	if (n > o->b.cap - o->b.n)
		out_flush(o);
	return &o->b;
}

void
listing_put_blanks(struct buf *b, size_t from, size_t width)
{
	CHECK(b->n - from <= width);
	while (b->n - from < width && !b->full)
		buf_putc(b, ' ');
}

bool
listing_name_is_plain(struct span name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!buf_pct_plain(name.p[i]))
			return false;
	return true;
}

void
listing_put_href(
    struct buf *b, const struct listing_entry *entry, struct span name)
{
	buf_put(b, SPAN("./"));
	if (listing_name_is_plain(name))
		buf_put(b, name);
	else
		buf_put_pct(b, name);
	if (entry->folder)
		buf_putc(b, '/');
}

/* The next rows of a listing that grows are there. */
static int
tell_rows(struct listing_out *o)
{
	struct listing *l = o->listing;

	if (o->total != 0 && l->size == 0) {
		l->size = o->total;
		l->reason = REASON_FOLDER_LISTED;
	}
	atomic_store_explicit(&l->ready, o->size, memory_order_release);
	return o->pace->step(o->pace->arg, l);
}

/* Into the memfd; 0 or an errno. */
static int
write_content(struct listing *l, const struct listing_request *r,
    struct listing_entries *e, const struct listing_pace *pace)
{
	struct listing_out *o = malloc(sizeof(*o));
	int error;

	if (o == NULL)
		return ENOMEM;
	o->fd = l->fd;
	o->error = 0;
	o->size = o->total = 0;
	o->listing = l;
	o->pace = pace;
	o->wrote = pace != NULL && pace->step != NULL ? tell_rows : NULL;
	o->b = buf_over(o->bytes, sizeof(o->bytes));
	if (r->format == LISTING_JSON)
		listing_put_json(o, r, e);
	else
		listing_put_html(o, r, e);
	o->wrote = NULL; /* what follows is told at the end */
	out_flush(o);
	error = o->error;
	CHECK(error != 0 || o->total == 0 || o->total == o->size);
	if (error == 0 && l->size == 0) { /* else it is read already */
		l->size = o->size;
		l->reason = REASON_FOLDER_LISTED;
	}
	if (error == 0)
		atomic_store(&l->ready, o->size);
	free(o);
	return error;
}

/* ---- all of it ---- */

/* Who reads it already finds its end too early. */
static void
listing_fail(struct listing *l, int error)
{
	if (l->size == 0) {
		if (l->fd >= 0)
			close(l->fd);
		l->fd = -1;
		l->entries = 0;
		l->reason = error == ENOSPC ? REASON_FILE_EXHAUSTED
					    : resolve_errno_reason(error);
		l->reason_a = (uint64_t)error;
	}
	atomic_store(&l->state, LISTING_FAILED);
}

/* 0 or an errno. */
static int
listing_fill(struct listing *l, const struct listing_request *r,
    struct listing_entries *e, const struct listing_pace *pace)
{
	int error = e->late ? 0 : listing_entries_look_all(e);

	if (error != 0)
		return error;
	error = listing_entries_sort(e, r->sort, r->descending);
	if (error != 0)
		return error;
	l->fd = memfd_create("listing", MFD_CLOEXEC);
	if (l->fd < 0)
		return errno;
	l->entries = l->reason_a = e->n;
	error = write_content(l, r, e, pace);
	if (error != 0)
		return error;
	atomic_store(&l->state, LISTING_WHOLE);
	return 0;
}

/* While names are read and files looked at there is nothing to tell, but others
 * have their turn. */
struct step_of_entries {
	const struct listing_pace *pace;
	struct listing *listing;
};

static int
step_entries(void *arg)
{
	struct step_of_entries *s = arg;

	return s->pace->step(s->pace->arg, s->listing);
}

bool
listing_make(const struct site *s, const struct listing_request *r,
    const struct listing_pace *pace, struct listing *out)
{
	struct step_of_entries step = { pace, out };
	struct listing_entries *e = malloc(sizeof(*e));
	bool only_small = pace != NULL && pace->only_small;
	int error = ENOMEM;

	if (e != NULL) {
		e->all = only_small;
		e->step =
		    pace != NULL && pace->step != NULL ? step_entries : NULL;
		e->arg = &step;
		error = listing_entries_names(
		    e, s, r->path, only_small ? pace->small : LISTING_ENTRIES);
	}
	if (error == 0) {
		e->late = pace != NULL && r->sort == LISTING_BY_NAME &&
		    e->n > pace->small;
		error = listing_fill(out, r, e, pace);
	}
	if (e != NULL)
		listing_entries_free(e);
	free(e);
	if (only_small && error == E2BIG)
		return false;
	if (error != 0)
		listing_fail(out, error);
	return true;
}
