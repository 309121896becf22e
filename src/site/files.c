#include "site/files.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/check.h"
#include "site/files_marks.h"

/* Targets asked for lately, by their hash: a file is kept from the second
 * request on, so that a walk through a large tree costs nothing more. */
#define FILES_LATELY 4096

struct files {
	uint32_t max; /* entries */
	uint32_t kept_max, kept;
	uint32_t made;	     /* entries touched so far */
	uint32_t first_free; /* index + 1 */
	uint32_t hand;
	uint32_t mask;		   /* of buckets */
	uint32_t *bucket;	   /* index + 1 */
	struct files_entry *entry; /* [max] */
	char *store;		   /* [max][FILES_STORE] */
	uint64_t site;		   /* serial of the site that they are of */
	int64_t expire;		   /* when; ns monotonic */
	int64_t open_again;	   /* the watches; ns monotonic */
	uint32_t lately[FILES_LATELY];
	struct watches watches;
};

static void *
files_map(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

struct files *
files_new(uint32_t in_use, uint32_t kept)
{
	struct files *f = calloc(1, sizeof(*f));
	uint32_t buckets = 16;

	if (f == NULL)
		return NULL;
	while (buckets < kept * 2)
		buckets *= 2;
	f->max = in_use + kept + 1;
	f->kept_max = kept;
	f->mask = buckets - 1;
	f->bucket = calloc(buckets, sizeof(*f->bucket));
	f->entry = files_map(f->max * sizeof(*f->entry));
	f->store = files_map((size_t)f->max * FILES_STORE);
	f->watches.fd = -1;
	if (f->bucket == NULL || f->entry == NULL || f->store == NULL) {
		files_free(f);
		return NULL;
	}
	return f;
}

void
files_free(struct files *f)
{
	if (f == NULL)
		return;
	if (f->entry != NULL && f->bucket != NULL)
		files_flush(f);
	if (f->entry != NULL)
		munmap(f->entry, f->max * sizeof(*f->entry));
	if (f->store != NULL)
		munmap(f->store, (size_t)f->max * FILES_STORE);
	watches_close(&f->watches);
	free(f->bucket);
	free(f);
}

static uint32_t
files_index(const struct files *f, const struct files_entry *e)
{
	return (uint32_t)(e - f->entry);
}

/* --- entries --- */

struct files_entry *
files_take(struct files *f)
{
	struct files_entry *e;

	if (f->first_free != 0) {
		e = &f->entry[f->first_free - 1];
		f->first_free = e->next;
	} else {
		CHECK(f->made < f->max);
		e = &f->entry[f->made++];
	}
	site_file_init(&e->file);
	e->refs = 1;
	e->kept = false;
	e->marks = 0;
	e->store_n = 0;
	for (int i = 0; i < FILES_IMAGES; i++)
		e->image[i].key = 0;
	return e;
}

static void
files_drop(struct files *f, struct files_entry *e)
{
	site_file_close(&e->file);
	e->next = f->first_free;
	f->first_free = files_index(f, e) + 1;
}

void
files_release(struct files *f, struct files_entry *e)
{
	CHECK(e->refs > 0);
	if (--e->refs == 0 && !e->kept)
		files_drop(f, e);
}

char *
files_stored(struct files *f, const struct files_entry *e, uint32_t at)
{
	return f->store + (size_t)files_index(f, e) * FILES_STORE + at;
}

char *
files_store(struct files *f, struct files_entry *e, uint32_t n, uint32_t *at)
{
	if (!e->kept || n > FILES_STORE - e->store_n)
		return NULL;
	*at = e->store_n;
	e->store_n += n;
	return files_stored(f, e, *at);
}

/* --- the table --- */

static uint32_t
files_hash(struct span s)
{
	uint64_t h = s.n, word;

	for (; s.n >= 8; s = span_skip(s, 8)) {
		memcpy(&word, s.p, 8);
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	word = 0;
	memcpy(&word, s.p, s.n);
	h = (h ^ word) * 0x9e3779b97f4a7c15u;
	return (uint32_t)(h >> 32);
}

/* Out of the table; those who use it still may. */
static void
files_unkeep(struct files *f, struct files_entry *e)
{
	uint32_t me = files_index(f, e) + 1;
	uint32_t *at = &f->bucket[e->hash & f->mask];

	while (*at != me)
		at = &f->entry[*at - 1].next;
	*at = e->next;
	e->kept = false;
	f->kept--;
	if (e->refs == 0)
		files_drop(f, e);
}

void
files_forget(struct files *f, struct files_entry *e)
{
	CHECK(e->refs == 1);
	if (e->kept)
		files_unkeep(f, e);
}

/* Make room in the table: the clock algorithm. */
static void
files_evict(struct files *f)
{
	for (;;) {
		struct files_entry *e = &f->entry[f->hand];

		f->hand = (f->hand + 1) % f->made;
		if (!e->kept)
			continue;
		if (!e->used) {
			files_unkeep(f, e);
			return;
		}
		e->used = false;
	}
}

static void
files_keep(struct files *f, struct files_entry *e, struct span target,
    uint32_t hash, int64_t now)
{
	uint32_t *at = &f->bucket[hash & f->mask];

	if (f->kept == f->kept_max)
		files_evict(f);
	if (f->kept == 0)
		f->expire = now + FILES_AGE;
	memcpy(e->target, target.p, target.n);
	e->target_n = (uint16_t)target.n;
	e->hash = hash;
	e->epoch = f->watches.epoch;
	e->loaded = now;
	e->used = false; /* a walk does not put out what is asked for again */
	e->kept = true;
	e->next = *at;
	*at = files_index(f, e) + 1;
	f->kept++;
}

void
files_flush(struct files *f)
{
	for (uint32_t i = 0; i < f->made && f->kept > 0; i++)
		if (f->entry[i].kept)
			files_unkeep(f, &f->entry[i]);
}

void
files_refresh(struct files *f)
{
	if (f->kept > 0)
		watches_drain(&f->watches);
}

void
files_expire(struct files *f, int64_t now)
{
	if (now < files_next_expiry(f))
		return;
	for (uint32_t i = 0; i < f->made && f->kept > 0; i++)
		if (f->entry[i].kept && now - f->entry[i].loaded >= FILES_AGE)
			files_unkeep(f, &f->entry[i]);
	if (f->kept > 0) {
		f->expire = now + FILES_AGE;
		return;
	}
	if (now - f->expire >= FILES_WATCHES_REST)
		watches_close(&f->watches);
}

int64_t
files_next_expiry(const struct files *f)
{
	if (f->kept > 0)
		return f->expire;
	return f->watches.fd < 0 ? INT64_MAX : f->expire + FILES_WATCHES_REST;
}

/* Coded by now? */
static void
files_look_for_copy(const struct site *s, struct files_entry *e)
{
	struct variant *v = &e->file.facts.variant[CODING_GZIP];
	struct gzip_copy *copy;

	if (v->state != VARIANT_PENDING || !e->file.begun)
		return;
	switch (gzip_find(s->o.gzip, &e->file.key, &copy)) {
	case GZIP_READY:
		e->file.made = copy;
		v->state = VARIANT_MADE;
		v->size = copy->size;
		v->level = copy->level;
		break;
	case GZIP_USELESS:
		v->state = VARIANT_USELESS;
		break;
	case GZIP_ABSENT:
		e->file.begun = false;
		break;
	case GZIP_PENDING:
		break;
	}
}

struct files_entry *
files_find(
    struct files *f, const struct site *s, struct span target, int64_t now)
{
	uint32_t hash;

	if (f->kept == 0)
		return NULL;
	if (f->site != s->serial) {
		files_flush(f);
		return NULL;
	}
	hash = files_hash(target);
	for (uint32_t i = f->bucket[hash & f->mask]; i != 0;) {
		struct files_entry *e = &f->entry[i - 1];

		i = e->next;
		if (e->hash != hash ||
		    !span_eq(target, span_of(e->target, e->target_n)))
			continue;
		if (e->epoch != f->watches.epoch ||
		    !watches_hold(&f->watches, e->mark, e->marks) ||
		    now - e->loaded >= FILES_AGE) {
			files_unkeep(f, e);
			return NULL;
		}
		files_look_for_copy(s, e);
		e->used = true;
		e->refs++;
		return e;
	}
	return NULL;
}

/* --- loading --- */

/* What is worth keeping: a file, and that there is none. */
static bool
files_is_kept(const struct file_facts *facts)
{
	return facts->kind == FILE_KIND_FILE ||
	    facts->reason == REASON_FILE_MISSING ||
	    facts->reason == REASON_FILE_UNDER_FILE ||
	    facts->reason == REASON_FILE_HIDDEN ||
	    facts->reason == REASON_FILE_DENIED_RULE;
}

/* Whether the target was asked for lately; it is now. */
static bool
files_was_lately(struct files *f, uint32_t hash)
{
	uint32_t *at = &f->lately[hash % FILES_LATELY];
	bool was = *at == hash;

	*at = hash;
	return was;
}

/* Whether something can be kept. */
static bool
files_begin(struct files *f, int64_t now)
{
	if (f->watches.fd >= 0)
		return true;
	if (f->kept_max == 0 || now < f->open_again)
		return false;
	f->expire = now;
	if (watches_open(&f->watches))
		return true;
	f->open_again = now + NS_PER_S;
	return false;
}

/* What is kept must not be the reason that a file cannot be opened. */
static void
files_resolve(struct files *f, const struct site *s,
    const struct target_path *path, struct site_file *out)
{
	site_resolve(s, path, out);
	if (out->facts.reason != REASON_FILE_EXHAUSTED || f->kept == 0)
		return;
	files_flush(f);
	site_resolve(s, path, out);
}

struct files_entry *
files_load(struct files *f, const struct site *s, struct span target,
    const struct target_path *path, int64_t now)
{
	struct files_entry *e = files_take(f);
	uint32_t hash = files_hash(target), epoch;
	bool keep = target.n <= FILES_TARGET && files_was_lately(f, hash) &&
	    files_begin(f, now);

	if (f->kept == 0)
		f->site = s->serial;
	epoch = f->watches.epoch;
	keep = keep && files_mark_way(&f->watches, e, s, path);
	files_resolve(f, s, path, &e->file);
	keep = keep && files_is_kept(&e->file.facts) &&
	    files_mark_files(&f->watches, e) && epoch == f->watches.epoch;
	if (keep)
		files_keep(f, e, target, hash, now);
	return e;
}

uint32_t
files_take_unwatched(struct files *f)
{
	uint32_t n = f->watches.refused;

	f->watches.refused = 0;
	return n;
}
