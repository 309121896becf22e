#include "site/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"

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

static void
resolve_fail(struct site_file *out, enum reason_id why, uint64_t a)
{
	if (out->fd >= 0)
		close(out->fd);
	out->fd = -1;
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

int
resolve_open_beneath(const struct site *s, const char *relative, int flags)
{
	struct open_how how = {
		.flags = (unsigned)flags,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	if (!s->o.symlinks_allowed)
		how.resolve |= RESOLVE_NO_SYMLINKS;
	for (int i = 0; i < RESOLVE_TRIES; i++) {
		fd = syscall(
		    SYS_openat2, s->root_fd, relative, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return (int)fd;
}

static int
resolve_open(const struct site *s, const char *relative)
{
	return resolve_open_beneath(
	    s, relative, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
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
	struct site_file unused = { .fd = -1 };

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

/* Facts of the opened descriptor; false when it is not a file or folder that
 * may be served. */
static bool
resolve_facts(const struct site *s, struct site_file *out, struct stat *st)
{
	if (fstat(out->fd, st) != 0) {
		resolve_fail_errno(out, errno);
		return false;
	}
	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode)) {
		resolve_fail(out, REASON_FILE_SPECIAL, 0);
		return false;
	}
	if (s->o.excluded &&
	    s->o.excluded(s->o.excluded_arg, st->st_dev, st->st_ino)) {
		resolve_fail(out, REASON_FILE_OWN_LOG, 0);
		return false;
	}
	return true;
}

static void
resolve_file(const struct site *s, struct site_file *out, const struct stat *st,
    const char *name, enum reason_id why)
{
	const struct media_type *m = media_find(span_str(name));
	const int64_t far =
	    INT64_MAX / NS_PER_S - 1; /* clamped, from there on */
	int64_t secs = st->st_mtim.tv_sec;

	secs = secs > far ? far : secs < -far ? -far : secs;
	out->facts = (struct file_facts){
		.kind = FILE_KIND_FILE,
		.reason = why,
		.reason_a = (uint64_t)st->st_size,
		.size = (uint64_t)st->st_size,
		.mtime_ns = secs * NS_PER_S + st->st_mtim.tv_nsec,
		.type = m ? m->type : s->o.default_type,
		.charset = m ? m->charset : false,
		.coding = m ? m->coding : NULL,
	};
}

/* The folder `path` (ends in '/') is open: find its index file. */
static void
resolve_index(
    const struct site *s, const struct target_path *path, struct site_file *out)
{
	char name[LIMIT_PATH + NAME_MAX + 1];
	struct stat st;
	unsigned i;

	close(out->fd);
	for (i = 0; s->o.index[i] != NULL; i++) {
		size_t n = strlen(s->o.index[i]);

		if (n > NAME_MAX)
			continue;
		memcpy(name, path->s + 1, path->n - 1u);
		memcpy(name + path->n - 1, s->o.index[i], n + 1);
		out->fd = resolve_open(s, name);
		if (out->fd < 0 && (errno == ENOENT || errno == ENOTDIR))
			continue;
		if (out->fd < 0) {
			resolve_fail_errno(out, errno);
			return;
		}
		if (!resolve_facts(s, out, &st))
			return;
		if (S_ISREG(st.st_mode)) {
			resolve_file(
			    s, out, &st, s->o.index[i], REASON_INDEX_FOUND);
			return;
		}
		close(out->fd);
	}
	out->fd = -1;
	resolve_fail(out, REASON_FOLDER_NO_INDEX, i);
}

void
site_resolve(
    const struct site *s, const struct target_path *path, struct site_file *out)
{
	char relative[LIMIT_PATH];
	struct stat st;
	size_t n = path->n - 1u;

	*out = (struct site_file){ .fd = -1 };
	if (!resolve_allowed(s, path, out))
		return;
	if (n > 0 && path->folder)
		n--;
	memcpy(relative, n ? path->s + 1 : ".", n ? n : 1);
	relative[n ? n : 1] = '\0';

	out->fd = resolve_open(s, relative);
	if (out->fd < 0)
		resolve_fail_errno(out, errno);
	else if (!resolve_facts(s, out, &st))
		return;
	else if (S_ISREG(st.st_mode) && path->folder)
		resolve_fail(out, REASON_FILE_SLASH, 0);
	else if (S_ISREG(st.st_mode))
		resolve_file(s, out, &st, relative, REASON_FILE_FOUND);
	else if (path->folder)
		resolve_index(s, path, out);
	else {
		close(out->fd);
		*out = (struct site_file){ .fd = -1,
			.facts = { .kind = FILE_KIND_FOLDER,
			    .reason = REASON_FOLDER_SLASH } };
	}
}
