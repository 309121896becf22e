#include "site/listing_entry.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
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
entries_add(struct listing_entries *e, struct span name, const struct stat *st)
{
	void *p = e->p, *names = e->names;
	bool folder = S_ISDIR(st->st_mode);
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
		.size = folder ? 0 : (uint64_t)st->st_size,
		.mtime = st->st_mtim.tv_sec,
	};
	memcpy(e->names + e->names_n, name.p, name.n);
	e->names_n += name.n;
	return 0;
}

void
listing_entries_free(struct listing_entries *e)
{
	free(e->p);
	free(e->names);
	*e = (struct listing_entries){ .p = NULL };
}

/* ---- reading ---- */

struct folder {
	const struct site *site;
	DIR *dir;
	size_t path_n; /* bytes of the folder's part of `path` */
	/* relative to the root; a link's name is put behind */
	char path[LIMIT_PATH + LISTING_NAME + 1];
};

/* Out of something that may be there again in a moment: then nothing is left
 * out, the whole listing fails. */
static bool
is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM;
}

/* What a symbolic link leads to.  0 or an errno. */
static int
folder_stat_link(struct folder *f, struct span name, struct stat *st)
{
	int fd, error = 0;

	memcpy(f->path + f->path_n, name.p, name.n);
	f->path[f->path_n + name.n] = '\0';
	fd = resolve_open_beneath(f->site, f->path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (fstat(fd, st) != 0)
		error = errno;
	close(fd);
	return error;
}

/* 0, or the errno of what makes that file impossible to serve. */
static int
folder_stat(struct folder *f, const char *name, size_t n, struct stat *st)
{
	int fd = dirfd(f->dir);

	if (fstatat(fd, name, st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0)
		return errno;
	if (S_ISLNK(st->st_mode))
		return folder_stat_link(f, span_of(name, n), st);
	return 0;
}

static bool
is_served(const struct site *s, const struct stat *st)
{
	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode))
		return false;
	return s->o.excluded == NULL ||
	    !s->o.excluded(s->o.excluded_arg, st->st_dev, st->st_ino);
}

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

/* Add the entry if it is one.  0 or an errno. */
static int
folder_take(struct folder *f, struct listing_entries *e, const char *name)
{
	size_t n = strlen(name);
	struct stat st;
	int error = folder_stat(f, name, n, &st);

	if (is_shortage(error))
		return error;
	if (error != 0 || !is_served(f->site, &st))
		return 0;
	return entries_add(e, span_of(name, n), &st);
}

/* 0 or an errno. */
static int
folder_read(struct folder *f, struct listing_entries *e, size_t limit)
{
	const struct dirent *d;
	int error = 0;

	while (error == 0) {
		errno = 0;
		d = readdir(f->dir); /* NOLINT: a stream of our own */
		if (d == NULL)
			return errno;
		if (!is_listable(f->site, d))
			continue;
		if (e->n == limit)
			e->omitted++;
		else
			error = folder_take(f, e, d->d_name);
	}
	return error;
}

/* 0 or an errno. */
static int
folder_open(
    struct folder *f, const struct site *s, const struct target_path *path)
{
	int fd, error;

	CHECK(path->folder);
	f->site = s;
	f->path_n = path->n - 1u;
	memcpy(f->path, path->s + 1, f->path_n);
	f->path[f->path_n] = '\0';
	fd = resolve_open_beneath(s, f->path_n ? f->path : ".",
	    O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno;
	f->dir = fdopendir(fd);
	if (f->dir != NULL)
		return 0;
	error = errno;
	close(fd);
	return error;
}

int
listing_entries_read(struct listing_entries *e, const struct site *s,
    const struct target_path *path, size_t limit)
{
	struct folder f;
	int error = folder_open(&f, s, path);

	*e = (struct listing_entries){ .p = NULL };
	if (error != 0)
		return error;
	error = folder_read(&f, e, limit);
	closedir(f.dir);
	return error;
}

/* ---- order ---- */

struct order {
	const char *names;
	enum listing_sort sort;
	bool descending;
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
	const struct order *o = arg;
	int by = 0;

	if (x->folder != y->folder)
		return x->folder ? -1 : 1;
	if (o->sort == LISTING_BY_SIZE)
		by = compare_numbers((int64_t)x->size, (int64_t)y->size);
	else if (o->sort == LISTING_BY_TIME)
		by = compare_numbers(x->mtime, y->mtime);
	if (by != 0)
		return o->descending ? -by : by;
	by = compare_names(span_of(o->names + x->name, x->name_n),
	    span_of(o->names + y->name, y->name_n));
	return o->sort == LISTING_BY_NAME && o->descending ? -by : by;
}

void
listing_entries_sort(
    struct listing_entries *e, enum listing_sort sort, bool descending)
{
	struct order o = {
		.names = e->names, .sort = sort, .descending = descending
	};

	if (e->n > 1)
		qsort_r(e->p, e->n, sizeof(*e->p), compare_entries, &o);
}
