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
listing_put_href(
    struct buf *b, const struct listing_entry *entry, struct span name)
{
	buf_put(b, SPAN("./"));
	buf_put_pct(b, name);
	if (entry->folder)
		buf_putc(b, '/');
}

/* Into the memfd `fd`; 0 or an errno. */
static int
write_content(int fd, const struct listing_request *r,
    const struct listing_entries *e, uint64_t *size)
{
	struct listing_out *o = malloc(sizeof(*o));
	int error;

	if (o == NULL)
		return ENOMEM;
	o->fd = fd;
	o->error = 0;
	o->size = 0;
	o->b = buf_over(o->bytes, sizeof(o->bytes));
	if (r->format == LISTING_JSON)
		listing_put_json(o, r, e);
	else
		listing_put_html(o, r, e);
	out_flush(o);
	*size = o->size;
	error = o->error;
	free(o);
	if (error == 0 && lseek(fd, 0, SEEK_SET) != 0)
		error = errno;
	return error;
}

/* ---- all of it ---- */

static void
listing_fail(struct listing *out, int error)
{
	if (out->fd >= 0)
		close(out->fd);
	*out = (struct listing){
		.fd = -1,
		.reason = error == ENOSPC ? REASON_FILE_EXHAUSTED
					  : resolve_errno_reason(error),
		.reason_a = (uint64_t)error,
	};
}

/* 0 or an errno. */
static int
listing_fill(struct listing *out, const struct listing_request *r,
    const struct listing_entries *e)
{
	out->fd = memfd_create("listing", MFD_CLOEXEC);
	if (out->fd < 0)
		return errno;
	out->entries = e->n;
	out->reason = REASON_FOLDER_LISTED;
	out->reason_a = e->n;
	return write_content(out->fd, r, e, &out->size);
}

void
listing_make(
    const struct site *s, const struct listing_request *r, struct listing *out)
{
	struct listing_entries e = { .p = NULL };
	int error;

	*out = (struct listing){ .fd = -1 };
	error = listing_entries_read(&e, s, r->path, LISTING_ENTRIES);
	if (error == 0) {
		listing_entries_sort(&e, r->sort, r->descending);
		error = listing_fill(out, r, &e);
	}
	if (error != 0)
		listing_fail(out, error);
	listing_entries_free(&e);
}
