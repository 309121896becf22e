#include "site/listing_entry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/check.h"
#include "site/resolve.h"

/* ---- the array ---- */

/* Room for `need` elements; false when memory is short. */
static bool
grow(void **p, size_t *cap, size_t need, size_t first, size_t element)
{
	size_t wanted = *cap ? *cap : first;
	void *more;

	if (need <= *cap)
		return true;
	while (wanted < need)
		wanted *= 2;
	more = reallocarray(*p, wanted, element);
	if (more == NULL)
		return false;
	*p = more;
	*cap = wanted;
	return true;
}

/* 0 or an errno. */
static int
entries_add(struct listing_entries *e, struct span name, bool folder)
{
	void *p = e->p, *names = e->names;
	bool room = grow(&p, &e->cap, e->n + 1, 64, sizeof(*e->p)) &&
	    grow(&names, &e->names_cap, e->names_n + name.n, 2048, 1);

	e->p = p;
	e->names = names;
	if (!room)
		return ENOMEM;
	e->p[e->n++] = (struct listing_entry){
		.name = (uint32_t)e->names_n,
		.name_n = (uint16_t)name.n,
		.folder = folder,
	};
	CHECK(e->names != NULL);
	memcpy(e->names + e->names_n, name.p, name.n);
	e->names_n += name.n;
	return 0;
}

void
listing_entries_free(struct listing_entries *e)
{
	if (e->dir != NULL)
		closedir(e->dir);
	free(e->p);
	free(e->names);
	e->dir = NULL;
	e->p = NULL;
	e->names = NULL;
	e->n = e->cap = e->names_n = e->names_cap = 0;
}

/* ---- looking at a file ---- */

/* Out of something that may be there again in a moment: then nothing is left
 * out, the whole listing fails. */
static bool
is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM;
}

/* No more than a row says and is_served asks: and what a file server in the
 * network knows of it by now is new enough. */
static int
look_statx(int fd, const char *name, int flags, struct statx *st)
{
	const unsigned what = STATX_TYPE | STATX_SIZE | STATX_MTIME | STATX_INO;

	if (statx(fd, name, flags | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, what,
		st) != 0)
		return errno;
	return 0;
}

/* What a symbolic link leads to.  0 or an errno. */
static int
look_link(struct listing_entries *e, const char *name, struct statx *st)
{
	int fd, error;

	memcpy(e->path + e->path_n, name, strlen(name) + 1);
	fd = resolve_open_beneath(e->site, e->path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return errno;
	error = look_statx(fd, "", AT_EMPTY_PATH, st);
	close(fd);
	return error;
}

static bool
is_served(const struct site *s, const struct statx *st)
{
	if (!S_ISREG(st->stx_mode) && !S_ISDIR(st->stx_mode))
		return false;
	return s->o.excluded == NULL ||
	    !s->o.excluded(s->o.excluded_arg,
		makedev(st->stx_dev_major, st->stx_dev_minor), st->stx_ino);
}

int
listing_entries_look(struct listing_entries *e, size_t i)
{
	struct listing_entry *at = &e->p[i];
	char name[LISTING_NAME + 1];
	struct statx st;
	int error;

	if (at->look != LISTING_UNSEEN)
		return 0;
	at->look = LISTING_GONE;
	memcpy(name, e->names + at->name, at->name_n);
	name[at->name_n] = '\0';
	error = look_statx(dirfd(e->dir), name, AT_SYMLINK_NOFOLLOW, &st);
	if (error == 0 && S_ISLNK(st.stx_mode))
		error = look_link(e, name, &st);
	if (is_shortage(error))
		return error;
	if (error != 0 || !is_served(e->site, &st))
		return 0;
	at->look = LISTING_SEEN;
	at->folder = S_ISDIR(st.stx_mode);
	at->size = at->folder ? 0 : st.stx_size;
	at->mtime = st.stx_mtime.tv_sec;
	return 0;
}

/* How many names are read, or files looked at, and how many entries compared,
 * between two steps: about a tenth of a millisecond. */
#define ENTRIES_PER_STEP  64
#define COMPARES_PER_STEP 8192

static int
entries_step(const struct listing_entries *e, size_t i)
{
	if (e->step == NULL || i % ENTRIES_PER_STEP != 0)
		return 0;
	return e->step(e->arg);
}

int
listing_entries_look_all(struct listing_entries *e)
{
	size_t kept = 0;

	for (size_t i = 0; i < e->n; i++) {
		int error = listing_entries_look(e, i);

		if (error == 0)
			error = entries_step(e, i);
		if (error != 0)
			return error;
		if (e->p[i].look == LISTING_SEEN)
			e->p[kept++] = e->p[i];
	}
	e->n = kept;
	closedir(e->dir);
	e->dir = NULL;
	return 0;
}

/* ---- reading ---- */

/* Whether a name may be listed, as far as can be told without looking at the
 * file. */
static bool
is_listable(const struct site *s, const struct dirent *d)
{
	if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0 ||
	    strlen(d->d_name) > LISTING_NAME)
		return false;
	if (d->d_type != DT_REG && d->d_type != DT_DIR && d->d_type != DT_LNK &&
	    d->d_type != DT_UNKNOWN)
		return false;
	return resolve_name_allowed(s, d->d_name);
}

/* Whether anybody could ask for it. */
static bool
is_askable(const char *name)
{
	while (*name != '\0' && !target_is_control(*name))
		name++;
	return *name == '\0';
}

/* Add the entry; one that may be a folder or not, or lead nowhere, only when it
 * is one.  0 or an errno. */
static int
entries_take(struct listing_entries *e, const struct dirent *d)
{
	int error = entries_add(e, span_str(d->d_name), d->d_type == DT_DIR);

	if (error != 0 || d->d_type == DT_REG || d->d_type == DT_DIR)
		return error;
	error = listing_entries_look(e, e->n - 1);
	if (e->p[e->n - 1].look == LISTING_GONE)
		e->names_n = e->p[--e->n].name;
	return error;
}

/* 0 or an errno. */
static int
entries_read(struct listing_entries *e, size_t limit)
{
	const struct dirent *d;
	int error = 0;

	for (size_t i = 1; error == 0; i++) {
		errno = 0;
		d = readdir(e->dir); /* NOLINT: a stream of our own */
		if (d == NULL)
			return errno;
		if (!is_listable(e->site, d))
			continue;
		if (is_askable(d->d_name) && e->n < limit)
			error = entries_take(e, d);
		else if (is_askable(d->d_name) && e->all)
			return E2BIG;
		else
			e->omitted++;
		if (error == 0)
			error = entries_step(e, i);
	}
	return error;
}

/* 0 or an errno. */
static int
entries_open(struct listing_entries *e, const struct target_path *path)
{
	int fd, error;

	CHECK(path->folder);
	e->path_n = path->n - 1u;
	memcpy(e->path, path->s + 1, e->path_n);
	e->path[e->path_n] = '\0';
	fd = resolve_open_beneath(e->site, e->path_n ? e->path : ".",
	    O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno;
	e->dir = fdopendir(fd);
	if (e->dir != NULL)
		return 0;
	error = errno;
	close(fd);
	return error;
}

int
listing_entries_names(struct listing_entries *e, const struct site *s,
    const struct target_path *path, size_t limit)
{
	int error;

	e->site = s;
	e->dir = NULL;
	e->p = NULL;
	e->names = NULL;
	e->n = e->cap = e->names_n = e->names_cap = 0;
	e->omitted = 0;
	e->late = false;
	error = entries_open(e, path);
	return error != 0 ? error : entries_read(e, limit);
}

/* ---- order ---- */

struct order {
	const struct listing_entries *e;
	enum listing_sort sort;
	bool descending;
	size_t compared;
	int error; /* of a step */
};

static int
compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
compare_names(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;

	for (size_t i = 0; i < n; i++) {
		unsigned char x = (unsigned char)ascii_lower(a.p[i]);
		unsigned char y = (unsigned char)ascii_lower(b.p[i]);

		if (x != y)
			return x < y ? -1 : 1;
	}
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return memcmp(a.p, b.p, n);
}

static int
compare_entries(const void *a, const void *b, void *arg)
{
	const struct listing_entry *x = a, *y = b;
	struct order *o = arg;
	int by = 0;

	if (++o->compared % COMPARES_PER_STEP == 0 && o->e->step != NULL &&
	    o->error == 0)
		o->error = o->e->step(o->e->arg);
	if (x->folder != y->folder)
		return x->folder ? -1 : 1;
	if (o->sort == LISTING_BY_SIZE)
		by = compare_numbers((int64_t)x->size, (int64_t)y->size);
	else if (o->sort == LISTING_BY_TIME)
		by = compare_numbers(x->mtime, y->mtime);
	if (by != 0)
		return o->descending ? -by : by;
	if (x->prefix != y->prefix)
		by = x->prefix < y->prefix ? -1 : 1;
	else
		by = compare_names(span_of(o->e->names + x->name, x->name_n),
		    span_of(o->e->names + y->name, y->name_n));
	return o->sort == LISTING_BY_NAME && o->descending ? -by : by;
}

/* How many bytes all names begin with alike, ASCII case aside. */
static size_t
common_n(const struct listing_entries *e)
{
	struct span first = listing_entry_name(e, 0);
	size_t n = first.n;

	for (size_t i = 1; i < e->n && n > 0; i++) {
		struct span name = listing_entry_name(e, i);
		size_t k = 0;

		while (k < n && k < name.n &&
		    ascii_lower(name.p[k]) == ascii_lower(first.p[k]))
			k++;
		n = k;
	}
	return n;
}

/* The eight bytes behind what all names have in common decide nearly always:
 * as a number they are compared at once. */
static void
put_prefixes(struct listing_entries *e)
{
	size_t from = common_n(e);

	for (size_t i = 0; i < e->n; i++) {
		struct span name = listing_entry_name(e, i);
		uint64_t v = 0;

		for (size_t k = from; k < from + 8; k++)
			v = v << 8 |
			    (k < name.n ? (unsigned char)ascii_lower(name.p[k])
					: 0u);
		e->p[i].prefix = v;
	}
}

int
listing_entries_sort(
    struct listing_entries *e, enum listing_sort sort, bool descending)
{
	struct order o = { .e = e, .sort = sort, .descending = descending };

	if (e->n < 2)
		return 0;
	put_prefixes(e);
	qsort_r(e->p, e->n, sizeof(*e->p), compare_entries, &o);
	return o.error;
}
