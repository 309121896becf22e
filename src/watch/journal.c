#include "watch/journal.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/check.h"
#include "base/printable.h"

#define JOURNAL_MAGIC 0x4a524e4cu

#define ENDS	4096 /* ends of connections that are remembered */
#define BUCKETS 4096
#define NO_END	UINT16_MAX
#define NO_HEAD UINT64_MAX

/* An entry, and where its heads begin in the bytes ever stored. */
struct slot {
	struct journal_entry entry;
	uint64_t heads_at; /* NO_HEAD: they were never stored */
};

struct conn_end {
	uint64_t conn;
	int64_t wall;
	uint16_t reason;
	uint16_t next; /* older one of the same bucket, or NO_END */
};

/* The last ENDS ends in a ring, found by a hash of the connection. */
struct ends {
	uint64_t added;
	struct conn_end end[ENDS];
	uint16_t bucket[BUCKETS]; /* newest of the bucket, or NO_END */
};

struct journal {
	uint32_t magic;
	unsigned cap;	  /* entries */
	size_t memory;	  /* bytes at heads */
	size_t slot_size; /* bytes mapped at slots */
	pthread_mutex_t mutex;
	/* guarded by mutex; written by the recorder */
	uint64_t last;	 /* seq of the newest entry, 0: none */
	uint64_t stored; /* bytes of heads ever stored */
	struct slot *slots;
	char *heads;
	struct ends ends;
};

_Static_assert(ENDS < NO_END, "an index is 16 bits");

/* Pages that were never written cost nothing: a history sized for a million
 * exchanges is paid for as it fills. */
static void *
map_lazily(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

unsigned
journal_share(unsigned entries, size_t memory, size_t *heads)
{
	size_t most = memory / 4 * 3 / sizeof(struct slot);

	if (entries > most)
		entries = most ? (unsigned)most : 1;
	*heads = memory - entries * sizeof(struct slot);
	return entries;
}

struct journal *
journal_new(unsigned entries, size_t memory)
{
	struct journal *j = calloc(1, sizeof(*j));

	CHECK(entries > 0);
	if (j == NULL)
		return NULL;
	j->magic = JOURNAL_MAGIC;
	j->cap = entries;
	j->memory = memory;
	pthread_mutex_init(&j->mutex, NULL);
	j->slot_size = entries * sizeof(struct slot);
	j->slots = map_lazily(j->slot_size);
	j->heads = memory ? map_lazily(memory) : NULL;
	if (j->slots == NULL || (memory && j->heads == NULL)) {
		journal_free(j);
		return NULL;
	}
	memset(j->ends.bucket, 0xff, sizeof(j->ends.bucket)); /* NO_END */
	return j;
}

void
journal_free(struct journal *j)
{
	if (j == NULL)
		return;
	CHECK_MAGIC(j, JOURNAL_MAGIC);
	if (j->slots)
		munmap(j->slots, j->slot_size);
	if (j->heads)
		munmap(j->heads, j->memory);
	pthread_mutex_destroy(&j->mutex);
	j->magic = 0;
	free(j);
}

static struct slot *
slot_of(const struct journal *j, uint64_t seq)
{
	return &j->slots[seq % j->cap];
}

static uint64_t
first_seq(const struct journal *j)
{
	return j->last > j->cap ? j->last - j->cap + 1 : j->last != 0;
}

static size_t
heads_size(const struct slot *s)
{
	return (size_t)s->entry.e.request_n + s->entry.e.response_n;
}

/* Whether no byte of them has been overwritten. */
static bool
heads_kept(const struct journal *j, const struct slot *s)
{
	return s->heads_at != NO_HEAD && j->stored - s->heads_at <= j->memory;
}

static void
heads_store(struct journal *j, struct span s)
{
	if (s.n)
		memcpy(j->heads + j->stored % j->memory, s.p, s.n);
	j->stored += s.n;
}

/* Where both heads begin, which lie in one piece; what is left at the end of
 * the memory stays empty when they do not fit there. */
static uint64_t
heads_place(struct journal *j, size_t size)
{
	size_t left = j->memory - j->stored % j->memory;

	if (left < size)
		j->stored += left;
	return j->stored;
}

static struct span
heads_span(const struct journal *j, const struct slot *s)
{
	if (!heads_kept(j, s) || j->memory == 0)
		return span_of(NULL, 0);
	return span_of(j->heads + s->heads_at % j->memory, heads_size(s));
}

static unsigned
ends_bucket(uint64_t conn)
{
	/* Fibonacci hashing: numbers that differ in the low or in the high
	 * bits spread alike */
	return (unsigned)(conn * 0x9e3779b97f4a7c15u >> 52) % BUCKETS;
}

/* Take the oldest out of its bucket, where it is the last. */
static void
ends_forget(struct ends *e, uint16_t i)
{
	uint16_t *link = &e->bucket[ends_bucket(e->end[i].conn)];

	while (*link != i) {
		CHECK(*link != NO_END);
		link = &e->end[*link].next;
	}
	*link = NO_END;
}

static void
ends_add(struct ends *e, const struct event *ev)
{
	uint16_t i = (uint16_t)(e->added % ENDS);
	uint16_t *bucket = &e->bucket[ends_bucket(ev->conn)];

	if (e->added >= ENDS)
		ends_forget(e, i);
	e->end[i] = (struct conn_end){
		.conn = ev->conn,
		.wall = ev->wall,
		.reason = ev->close,
		.next = *bucket,
	};
	*bucket = i;
	e->added++;
}

/* Text of a part, "-" when there is none. */
static void
put_text(char *out, size_t cap, struct span s)
{
	printable_str(out, cap, s.n ? s : SPAN("-"), PRINTABLE_UTF8);
}

static void
add_exchange(struct journal *j, const struct event *e, struct span request,
    struct span response)
{
	struct journal_entry *entry;
	struct slot *s;

	/* Written in its place: a reader waits for some copies of bytes. */
	pthread_mutex_lock(&j->mutex);
	s = slot_of(j, j->last + 1);
	entry = &s->entry;
	entry->seq = j->last + 1;
	event_copy(&entry->e, e);
	entry->e.request_n = (uint32_t)request.n;
	entry->e.response_n = (uint32_t)response.n;
	put_text(entry->method, sizeof(entry->method),
	    event_part(request, e->method));
	put_text(entry->target, sizeof(entry->target),
	    event_part(request, e->target));
	s->heads_at = NO_HEAD;
	if (j->memory && request.n + response.n <= j->memory) {
		s->heads_at = heads_place(j, request.n + response.n);
		heads_store(j, request);
		heads_store(j, response);
	}
	j->last++;
	pthread_mutex_unlock(&j->mutex);
}

void
journal_add(struct journal *j, const struct event *e, struct span request,
    struct span response)
{
	CHECK_MAGIC(j, JOURNAL_MAGIC);
	if (e->kind == EVENT_EXCHANGE) {
		add_exchange(j, e, request, response);
	} else if (e->kind == EVENT_CONN_CLOSED) {
		pthread_mutex_lock(&j->mutex);
		ends_add(&j->ends, e);
		pthread_mutex_unlock(&j->mutex);
	}
}

void
journal_range(struct journal *j, uint64_t *first, uint64_t *last)
{
	CHECK_MAGIC(j, JOURNAL_MAGIC);
	pthread_mutex_lock(&j->mutex);
	*first = first_seq(j);
	*last = j->last;
	pthread_mutex_unlock(&j->mutex);
}

void
journal_used(struct journal *j, struct journal_use *out)
{
	CHECK_MAGIC(j, JOURNAL_MAGIC);
	pthread_mutex_lock(&j->mutex);
	out->entries = j->last < j->cap ? j->last : j->cap;
	out->bytes = j->stored < j->memory ? j->stored : j->memory;
	pthread_mutex_unlock(&j->mutex);
	out->entries_most = j->cap;
	out->bytes += out->entries * sizeof(struct slot);
	out->bytes_most = j->memory + j->slot_size;
}

/* With the mutex held: the slot of that number, NULL when it is not there. */
static const struct slot *
find(const struct journal *j, uint64_t seq)
{
	if (seq == 0 || seq < first_seq(j) || seq > j->last)
		return NULL;
	return slot_of(j, seq);
}

bool
journal_get(struct journal *j, uint64_t seq, struct journal_entry *out)
{
	CHECK_MAGIC(j, JOURNAL_MAGIC);
	pthread_mutex_lock(&j->mutex);

	const struct slot *s = find(j, seq);

	if (s) {
		*out = s->entry;
		out->heads_kept = heads_kept(j, s);
	}
	pthread_mutex_unlock(&j->mutex);
	return s != NULL;
}

bool
journal_heads(struct journal *j, uint64_t seq, struct buf *b, size_t *request_n)
{
	bool ok;

	CHECK_MAGIC(j, JOURNAL_MAGIC);
	pthread_mutex_lock(&j->mutex);

	const struct slot *s = find(j, seq);

	ok = s && heads_kept(j, s) && heads_size(s) <= b->cap - b->n;
	if (ok) {
		*request_n = s->entry.e.request_n;
		buf_put(b, heads_span(j, s));
	}
	pthread_mutex_unlock(&j->mutex);
	return ok;
}

/* Entries that are shown while the recorder waits. */
#define SCAN_BATCH 64

/* How far ahead a scan asks for memory: an entry lies in some ten lines of the
 * cache, and the next one too far off for the processor to guess it. */
#define SCAN_AHEAD 6

static void
scan_prefetch(const struct journal *j, uint64_t seq)
{
	const char *p = (const char *)slot_of(j, seq);

	for (size_t at = 0; at < sizeof(struct slot); at += 64)
		__builtin_prefetch(p + at);
}

/* One batch, locked; false when the visitor has seen enough. */
static bool
scan_batch(struct journal *j, uint64_t *from, uint64_t *n,
    bool (*visit)(void *ctx, const struct journal_view *v), void *ctx)
{
	bool on = true;

	if (*from < first_seq(j))
		*from = first_seq(j);
	for (int i = 0; on && i<SCAN_BATCH && * n> 0 && *from <= j->last; i++) {
		const struct slot *s = slot_of(j, *from);
		struct span heads = heads_span(j, s);
		struct journal_view v = { .entry = &s->entry };

		scan_prefetch(j, *from + SCAN_AHEAD);
		if (heads.n) {
			v.request = span_of(heads.p, s->entry.e.request_n);
			v.response = span_skip(heads, v.request.n);
		}
		on = visit(ctx, &v);
		++*from;
		--*n;
	}
	return on && *n > 0 && *from <= j->last;
}

uint64_t
journal_scan(struct journal *j, uint64_t from, uint64_t n,
    bool (*visit)(void *ctx, const struct journal_view *v), void *ctx)
{
	bool on = n > 0;

	CHECK_MAGIC(j, JOURNAL_MAGIC);
	if (from == 0)
		from = 1;
	while (on) {
		pthread_mutex_lock(&j->mutex);
		on = scan_batch(j, &from, &n, visit, ctx);
		pthread_mutex_unlock(&j->mutex);
	}
	return from;
}

enum close_reason
journal_conn_end(struct journal *j, uint64_t conn, int64_t *wall)
{
	const struct ends *e = &j->ends;
	enum close_reason reason = CLOSE_NONE;

	CHECK_MAGIC(j, JOURNAL_MAGIC);
	pthread_mutex_lock(&j->mutex);
	for (uint16_t i = e->bucket[ends_bucket(conn)]; i != NO_END;
	     i = e->end[i].next) {
		if (e->end[i].conn == conn) {
			reason = (enum close_reason)e->end[i].reason;
			*wall = e->end[i].wall;
			break;
		}
	}
	pthread_mutex_unlock(&j->mutex);
	return reason;
}
