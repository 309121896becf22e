#include "site/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "site/variants.h"

/* A renaming attacker can make the kernel give up; honest renames do not last
 * over this many tries. */
#define RESOLVE_TRIES 4

static const struct {
	int error;
	enum reason_id reason;
} errno_reasons[] = {
	{ ENOENT, REASON_FILE_MISSING },
	{ ENOTDIR, REASON_FILE_UNDER_FILE },
	{ EACCES, REASON_FILE_FORBIDDEN },
	{ EPERM, REASON_FILE_FORBIDDEN },
	{ EXDEV, REASON_FILE_OUTSIDE },
	{ ELOOP, REASON_FILE_SYMLINK },
	{ ENAMETOOLONG, REASON_FILE_NAME_LONG },
	{ ENXIO, REASON_FILE_SPECIAL },
	{ ENODEV, REASON_FILE_SPECIAL },
	{ EMFILE, REASON_FILE_EXHAUSTED },
	{ ENFILE, REASON_FILE_EXHAUSTED },
	{ ENOMEM, REASON_FILE_EXHAUSTED },
};

static const struct site_file site_file_none = { .fd = -1,
	.sibling = { -1, -1, -1, -1 } };
_Static_assert(CODING_N == 4, "siblings begin closed");

void
site_file_init(struct site_file *f)
{
	*f = site_file_none;
}

void
site_file_close(struct site_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	for (int c = 0; c < CODING_N; c++) {
		if (f->sibling[c] >= 0)
			close(f->sibling[c]);
		f->sibling[c] = -1;
	}
	gzip_copy_unref(f->made);
	f->made = NULL;
}

int
site_file_fd(const struct site_file *f, enum coding c)
{
	if (c == CODING_IDENTITY)
		return f->fd;
	return f->facts.variant[c].state == VARIANT_MADE ? f->made->fd
							 : f->sibling[c];
}

static void
resolve_fail(struct site_file *out, enum reason_id why, uint64_t a)
{
	site_file_close(out);
	out->facts.kind = FILE_KIND_NONE;
	out->facts.reason = why;
	out->facts.reason_a = a;
}

enum reason_id
resolve_errno_reason(int error)
{
	size_t n = sizeof(errno_reasons) / sizeof(errno_reasons[0]);

	for (size_t i = 0; i < n; i++)
		if (errno_reasons[i].error == error)
			return errno_reasons[i].reason;
	return REASON_FILE_ERROR;
}

static void
resolve_fail_errno(struct site_file *out, int error)
{
	resolve_fail(out, resolve_errno_reason(error), (uint64_t)error);
}

static int
resolve_openat2(
    const struct site *s, const char *relative, int flags, uint64_t resolve)
{
	struct open_how how = {
		.flags = (unsigned)flags,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | resolve,
	};
	long fd = -1;

	for (int i = 0; i < RESOLVE_TRIES; i++) {
		fd = syscall(
		    SYS_openat2, s->root_fd, relative, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return (int)fd;
}

int
resolve_open_plain(const struct site *s, const char *relative, int flags)
{
	return resolve_openat2(s, relative, flags, RESOLVE_NO_SYMLINKS);
}

int
resolve_open_beneath(const struct site *s, const char *relative, int flags)
{
	return resolve_openat2(s, relative, flags,
	    s->o.symlinks_allowed ? 0 : RESOLVE_NO_SYMLINKS);
}

/* Open what may be served, noting whether a symbolic link leads there. */
int
resolve_open(const struct site *s, const char *relative, struct site_file *out)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = resolve_open_plain(s, relative, flags);

	if (fd >= 0 || errno != ELOOP || !s->o.symlinks_allowed)
		return fd;
	out->linked = true;
	return resolve_open_beneath(s, relative, flags);
}

static bool
pattern_matches(const struct site_pattern *p, struct span segment)
{
	char text[NAME_MAX + 1];

	switch (p->kind) {
	case PATTERN_LITERAL:
		return span_eq(segment, p->text);
	case PATTERN_SUFFIX:
		return span_ends(segment, p->text);
	case PATTERN_GLOB:
		break;
	}
	if (segment.n > NAME_MAX)
		return false; /* no file has that name */
	memcpy(text, segment.p, segment.n);
	text[segment.n] = '\0';
	return fnmatch(p->text.p, text, 0) == 0;
}

/* Whether the segment may be asked for; else the refusal is in *out. */
static bool
resolve_segment_allowed(const struct site *s, struct span segment,
    unsigned number, struct site_file *out)
{
	if (segment.n > 0 && segment.p[0] == '.' && !s->o.hidden_allowed &&
	    !span_eq(segment, SPAN(".well-known"))) {
		resolve_fail(out, REASON_FILE_HIDDEN, number);
		return false;
	}
	for (size_t i = 0; i < s->deny_n; i++)
		if (pattern_matches(&s->deny[i], segment)) {
			resolve_fail(out, REASON_FILE_DENIED_RULE, i + 1);
			return false;
		}
	return true;
}

bool
resolve_name_allowed(const struct site *s, const char *name)
{
	struct site_file unused = site_file_none;

	return resolve_segment_allowed(s, span_str(name), 1, &unused);
}

/* Every segment against the hidden-file rule and the deny patterns. */
static bool
resolve_allowed(
    const struct site *s, const struct target_path *path, struct site_file *out)
{
	unsigned number = 0;

	for (size_t i = 1; i < path->n;) {
		const char *slash = memchr(path->s + i, '/', path->n - i);
		size_t n = slash ? (size_t)(slash - path->s) - i : path->n - i;

		if (!resolve_segment_allowed(
			s, span_of(path->s + i, n), ++number, out))
			return false;
		i += n + 1;
	}
	return true;
}

bool
resolve_is_excluded(const struct site *s, const struct stat *st)
{
	return s->o.excluded &&
	    s->o.excluded(s->o.excluded_arg, st->st_dev, st->st_ino);
}

/* Facts of the opened descriptor; false when it is not a file or folder that
 * may be served. */
static bool
resolve_facts(const struct site *s, struct site_file *out, struct stat *st)
{
	if (fstat(out->fd, st) != 0) {
		/* It is there, whatever the error: nothing to remember. */
		resolve_fail(out,
		    errno == ENOMEM ? REASON_FILE_EXHAUSTED : REASON_FILE_ERROR,
		    (uint64_t)errno);
		return false;
	}
	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode)) {
		resolve_fail(out, REASON_FILE_SPECIAL, 0);
		return false;
	}
	if (S_ISDIR(st->st_mode) && st->st_nlink == 0) {
		/* the root: it is held open, and nothing is in it any more */
		resolve_fail(out, REASON_FILE_MISSING, ENOENT);
		return false;
	}
	if (resolve_is_excluded(s, st)) {
		resolve_fail(out, REASON_FILE_OWN_LOG, 0);
		return false;
	}
	return true;
}

/* Whether coding with gzip pays for files of that type, where the table does
 * not tell: text by its name. */
static bool
resolve_is_text(struct span type)
{
	return span_starts(type, SPAN("text/")) ||
	    span_ends(type, SPAN("+json")) || span_ends(type, SPAN("+xml")) ||
	    span_ends(type, SPAN("/json")) || span_ends(type, SPAN("/xml")) ||
	    span_ends(type, SPAN("javascript"));
}

/* What the name says of the file: the operator's type or the table's. */
static void
resolve_type(const struct site *s, const char *name, struct file_facts *f,
    bool *compressible)
{
	struct span n = span_str(name);
	const struct media_type *m =
	    s->o.rules ? rules_type(s->o.rules, n) : NULL;
	bool own = m != NULL;

	if (m == NULL)
		m = media_find(n);
	f->type = m ? m->type : s->o.default_type;
	f->charset = m ? m->charset : false;
	f->coding = m ? m->coding : NULL;
	*compressible = m != NULL &&
	    (m->compressible || (own && resolve_is_text(span_str(m->type))));
}

/* What the operator's rules say of the file at that path ("/a/b.css"). */
static void
resolve_rules(const struct site *s, const char *path, struct file_facts *f)
{
	struct span p = span_str(path);

	if (s->o.rules == NULL)
		return;
	f->cache_rule = rules_cache(s->o.rules, p, &f->cache_control);
	f->edits_n = rules_fields(s->o.rules, p, f->edits, LIMIT_EDITS);
}

/* The regular file is open: all that is to be known of it.  `path` begins with
 * '/'. */
static void
resolve_file(const struct site *s, struct site_file *out, const struct stat *st,
    const char *path, enum reason_id why)
{
	bool compressible;

	out->facts = (struct file_facts){
		.kind = FILE_KIND_FILE,
		.reason = why,
		.reason_a = (uint64_t)st->st_size,
		.size = (uint64_t)st->st_size,
		.mtime_ns = clock_file_ns(st->st_mtim),
	};
	gzip_key_of(&out->key, st);
	resolve_type(s, path, &out->facts, &compressible);
	resolve_rules(s, path, &out->facts);
	if (out->facts.coding == NULL)
		variants_find(s, path, compressible, out);
}

bool
site_resolve_page(const struct site *s, const char *path, enum reason_id why,
    struct site_file *out)
{
	struct stat st;

	*out = site_file_none;
	out->fd = resolve_open(s, path + 1, out);
	if (out->fd < 0 || !resolve_facts(s, out, &st))
		return false;
	if (!S_ISREG(st.st_mode)) {
		site_file_close(out);
		return false;
	}
	resolve_file(s, out, &st, path, why);
	return true;
}

/* The folder `path` (ends in '/') is open: find its index file. */
static void
resolve_index(
    const struct site *s, const struct target_path *path, struct site_file *out)
{
	char name[LIMIT_PATH + NAME_MAX + 1];
	struct stat st;
	unsigned i;

	site_file_close(out);
	for (i = 0; s->o.index[i] != NULL; i++) {
		size_t n = strlen(s->o.index[i]);

		if (n > NAME_MAX)
			continue;
		memcpy(name, path->s, path->n);
		memcpy(name + path->n, s->o.index[i], n + 1);
		out->fd = resolve_open(s, name + 1, out);
		if (out->fd < 0 && (errno == ENOENT || errno == ENOTDIR))
			continue;
		if (out->fd < 0) {
			resolve_fail_errno(out, errno);
			return;
		}
		if (!resolve_facts(s, out, &st))
			return;
		if (S_ISREG(st.st_mode)) {
			resolve_file(s, out, &st, name, REASON_INDEX_FOUND);
			return;
		}
		site_file_close(out);
	}
	resolve_fail(out, REASON_FOLDER_NO_INDEX, i);
}

/* The path with .html behind it (files.clean_urls). */
static bool
resolve_clean(
    const struct site *s, const struct target_path *path, struct site_file *out)
{
	char name[LIMIT_PATH + sizeof(".html")];
	bool linked = out->linked, found;
	const char *last;

	if (!s->o.clean_urls || path->folder)
		return false;
	memcpy(name, path->s, path->n);
	memcpy(name + path->n, ".html", sizeof(".html"));
	last = strrchr(name, '/') + 1;
	found = resolve_name_allowed(s, last) &&
	    site_resolve_page(s, name, REASON_CLEAN_URL, out);
	out->linked |= linked;
	return found;
}

/* A folder, named without its slash. */
static void
resolve_folder(
    const struct site *s, const struct target_path *path, struct site_file *out)
{
	site_file_close(out);
	if (resolve_clean(s, path, out))
		return;
	out->facts.kind = FILE_KIND_FOLDER;
	out->facts.reason = REASON_FOLDER_SLASH;
}

void
site_resolve(
    const struct site *s, const struct target_path *path, struct site_file *out)
{
	char name[LIMIT_PATH + 1]; /* with its slash before it */
	struct stat st;
	size_t n = path->n;
	int error;

	*out = site_file_none;
	if (!resolve_allowed(s, path, out))
		return;
	if (n > 1 && path->folder)
		n--;
	memcpy(name, path->s, n);
	name[n] = '\0';

	out->fd = resolve_open(s, n > 1 ? name + 1 : ".", out);
	error = errno;
	if (out->fd < 0 && (error == ENOENT || error == ENOTDIR) &&
	    resolve_clean(s, path, out))
		return;
	if (out->fd < 0)
		resolve_fail_errno(out, error);
	else if (!resolve_facts(s, out, &st))
		return;
	else if (S_ISREG(st.st_mode) && path->folder)
		resolve_fail(out, REASON_FILE_SLASH, 0);
	else if (S_ISREG(st.st_mode))
		resolve_file(s, out, &st, name, REASON_FILE_FOUND);
	else if (path->folder)
		resolve_index(s, path, out);
	else
		resolve_folder(s, path, out);
}
