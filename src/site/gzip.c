#include "site/gzip.h"

#include <errno.h>
#include <libdeflate.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define GZIP_BUCKETS GZIP_COPIES_MAX

/* One file's copy, or what is known of it. */
struct entry {
	struct entry *next; /* of the bucket */
	struct gzip_key key;
	enum gzip_state state;
	struct gzip_copy *copy; /* READY */
	uint64_t used;		/* the store's clock at the last use */
};

struct gzip_store {
	pthread_mutex_t lock;
	struct gzip_options o;
	struct entry *bucket[GZIP_BUCKETS];
	struct entry *free;
	struct entry pool[GZIP_BUCKETS]; /* workers allocate nothing */
	uint64_t bytes;
	unsigned copies;
	uint64_t uses;
};

void
gzip_key_of(struct gzip_key *k, const struct stat *st)
{
	*k = (struct gzip_key){
		.device = st->st_dev,
		.inode = st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime_ns = clock_file_ns(st->st_mtim),
		.ctime_ns = clock_file_ns(st->st_ctim),
	};
}

bool
gzip_key_eq(const struct gzip_key *a, const struct gzip_key *b)
{
	return a->inode == b->inode && a->device == b->device &&
	    a->size == b->size && a->mtime_ns == b->mtime_ns &&
	    a->ctime_ns == b->ctime_ns;
}

static void
gzip_copy_ref(struct gzip_copy *c)
{
	atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
}

void
gzip_copy_unref(struct gzip_copy *c)
{
	if (c == NULL)
		return;
	if (atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
		return;
	close(c->fd);
	free(c);
}

struct gzip_store *
gzip_store_new(const struct gzip_options *o)
{
	struct gzip_store *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	pthread_mutex_init(&g->lock, NULL);
	g->o = *o;
	for (int i = 0; i < GZIP_BUCKETS; i++) {
		g->pool[i].next = g->free;
		g->free = &g->pool[i];
	}
	return g;
}

void
gzip_store_configure(struct gzip_store *g, const struct gzip_options *o)
{
	pthread_mutex_lock(&g->lock);
	g->o = *o;
	pthread_mutex_unlock(&g->lock);
}

/* --- the table; all under the lock --- */

static struct entry **
entry_place(struct gzip_store *g, const struct gzip_key *k)
{
	uint64_t h = (k->inode ^ k->device << 32) * 0x9e3779b97f4a7c15u;
	struct entry **at = &g->bucket[h >> 32 & (GZIP_BUCKETS - 1)];

	while (*at != NULL && !gzip_key_eq(&(*at)->key, k))
		at = &(*at)->next;
	return at;
}

static void
entry_remove(struct gzip_store *g, struct entry **at)
{
	struct entry *e = *at;

	*at = e->next;
	if (e->copy != NULL) {
		g->bytes -= e->copy->size;
		g->copies--;
		gzip_copy_unref(e->copy);
	}
	e->next = g->free;
	g->free = e;
}

/* Drop the entry that was not used for longest, one with a copy if there are
 * any; false when nothing can go. */
static bool
entry_evict(struct gzip_store *g, bool copy)
{
	struct entry **oldest = NULL;

	for (int i = 0; i < GZIP_BUCKETS; i++)
		for (struct entry **at = &g->bucket[i]; *at != NULL;
		     at = &(*at)->next)
			if ((*at)->state != GZIP_PENDING &&
			    (!copy || (*at)->copy != NULL) &&
			    (oldest == NULL || (*at)->used < (*oldest)->used))
				oldest = at;
	if (oldest == NULL)
		return false;
	entry_remove(g, oldest);
	return true;
}

void
gzip_store_free(struct gzip_store *g)
{
	if (g == NULL)
		return;
	for (int i = 0; i < GZIP_BUCKETS; i++)
		while (g->bucket[i] != NULL)
			entry_remove(g, &g->bucket[i]);
	pthread_mutex_destroy(&g->lock);
	free(g);
}

enum gzip_state
gzip_find(
    struct gzip_store *g, const struct gzip_key *k, struct gzip_copy **copy)
{
	enum gzip_state state = GZIP_ABSENT;
	struct entry *e;

	*copy = NULL;
	pthread_mutex_lock(&g->lock);
	e = *entry_place(g, k);
	if (e != NULL) {
		e->used = ++g->uses;
		state = e->state;
		*copy = e->copy;
		if (e->copy != NULL)
			gzip_copy_ref(e->copy);
	}
	pthread_mutex_unlock(&g->lock);
	return state;
}

bool
gzip_begin(struct gzip_store *g, const struct gzip_key *k)
{
	struct entry **at, *e = NULL;

	pthread_mutex_lock(&g->lock);
	at = entry_place(g, k);
	if (*at == NULL && (g->free != NULL || entry_evict(g, false))) {
		e = g->free;
		g->free = e->next;
		*e = (struct entry){
			.key = *k, .state = GZIP_PENDING, .used = ++g->uses
		};
		*entry_place(g, k) = e;
	}
	pthread_mutex_unlock(&g->lock);
	return e != NULL;
}

void
gzip_give_up(struct gzip_store *g, const struct gzip_key *k)
{
	struct entry **at;

	pthread_mutex_lock(&g->lock);
	at = entry_place(g, k);
	if (*at != NULL && (*at)->state == GZIP_PENDING)
		entry_remove(g, at);
	pthread_mutex_unlock(&g->lock);
}

/* Take the copy, which may be NULL: the file is better sent as it is. */
static void
gzip_keep(
    struct gzip_store *g, const struct gzip_key *k, struct gzip_copy *copy)
{
	struct entry *e;

	pthread_mutex_lock(&g->lock);
	while (copy != NULL &&
	    (g->bytes + copy->size > g->o.memory || g->copies >= g->o.copies) &&
	    entry_evict(g, true))
		;
	e = *entry_place(g, k);
	if (e != NULL && e->state == GZIP_PENDING) {
		e->state = copy != NULL ? GZIP_READY : GZIP_USELESS;
		e->copy = copy;
		g->bytes += copy != NULL ? copy->size : 0;
		g->copies += copy != NULL;
		copy = NULL;
	}
	pthread_mutex_unlock(&g->lock);
	gzip_copy_unref(copy);
}

uint64_t
gzip_bytes(struct gzip_store *g, unsigned *copies)
{
	uint64_t bytes;

	pthread_mutex_lock(&g->lock);
	bytes = g->bytes;
	*copies = g->copies;
	pthread_mutex_unlock(&g->lock);
	return bytes;
}

/* --- coding --- */

/* The whole file as it is now; NULL when it is not the one of the key. */
static unsigned char *
gzip_read(const struct gzip_key *k, int fd)
{
	unsigned char *bytes = malloc(k->size);
	struct gzip_key now;
	struct stat st;
	uint64_t n = 0;

	while (bytes != NULL && n < k->size) {
		ssize_t got = pread(fd, bytes + n, k->size - n, (off_t)n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += (uint64_t)got;
	}
	if (n == k->size && fstat(fd, &st) == 0) {
		gzip_key_of(&now, &st);
		if (gzip_key_eq(&now, k))
			return bytes;
	}
	free(bytes);
	return NULL;
}

/* A memfd with these bytes, as a copy with one reference; NULL when there is no
 * memory or descriptor for it. */
static struct gzip_copy *
gzip_store_bytes(const unsigned char *bytes, size_t size)
{
	struct gzip_copy *c = calloc(1, sizeof(*c));
	int fd = memfd_create("gzip", MFD_CLOEXEC);
	size_t n = 0;

	while (c != NULL && fd >= 0 && n < size) {
		ssize_t put = pwrite(fd, bytes + n, size - n, (off_t)n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			break;
		n += (size_t)put;
	}
	if (c == NULL || fd < 0 || n < size) {
		if (fd >= 0)
			close(fd);
		free(c);
		return NULL;
	}
	atomic_init(&c->refs, 1);
	c->fd = fd;
	c->size = size;
	return c;
}

/* Code it; 0 when it does not fit the room, or there is no memory. */
static size_t
gzip_code(const unsigned char *bytes, size_t n, unsigned level,
    unsigned char *out, size_t room)
{
	struct libdeflate_compressor *c =
	    libdeflate_alloc_compressor((int)level);
	size_t size;

	if (c == NULL)
		return 0;
	size = libdeflate_gzip_compress(c, bytes, n, out, room);
	libdeflate_free_compressor(c);
	return size;
}

void
gzip_make(struct gzip_store *g, const struct gzip_key *k, int fd)
{
	size_t room = k->size - k->size / 10; /* else it is not worth it */
	unsigned char *bytes, *out;
	struct gzip_copy *copy = NULL;
	struct gzip_options o;
	size_t size = 0;

	pthread_mutex_lock(&g->lock);
	o = g->o;
	pthread_mutex_unlock(&g->lock);
	bytes = gzip_read(k, fd);
	out = malloc(room + 1);
	if (bytes != NULL && out != NULL)
		size = gzip_code(bytes, k->size, o.level, out, room);
	if (size != 0 && size <= o.memory)
		copy = gzip_store_bytes(out, size);
	if (copy != NULL)
		copy->level = (uint8_t)o.level;
	if (bytes == NULL || out == NULL ||
	    (size != 0 && size <= o.memory && copy == NULL))
		gzip_give_up(g, k);
	else
		gzip_keep(g, k, copy);
	free(bytes);
	free(out);
}
