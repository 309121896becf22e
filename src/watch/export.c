#include "watch/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/error.h"
#include "base/num.h"
#include "base/printable.h"
#include "watch/accesslog.h"
#include "watch/export_parts.h"

#define EXPORT_MAGIC 0x4558504fu
#define TRIES	     16 /* names that are tried for the file while it grows */

const struct export_row export_rows[EXPORT_N] = {
#define X(id, label, suffix) [EXPORT_##id] = { label, suffix },
	EXPORT_TABLE(X)
#undef X
};

struct export
{
	uint32_t magic;
	struct export_options o;
	int folder;
	FILE *file;
	int error; /* errno of the first failure */
	uint64_t added;
	uint64_t untold;  /* of which nothing is kept that could be written */
	uint64_t lacking; /* written without their content */
	char *path;	  /* as given */
	const char *name; /* its last part */
	char temporary[40];
	size_t heads_cap;
	char *heads; /* room for two heads, or a line */
};

static void
say(char out[EXPORT_TEXT], const char *what, const char *path, int error)
{
	struct buf b = buf_over(out, EXPORT_TEXT - 1);
	char shown[160];

	printable_str(shown, sizeof(shown), span_str(path), PRINTABLE_UTF8);
	buf_printf(&b, "%s %s: %s", what, shown, error_text(error));
	if (error == EEXIST)
		buf_puts(&b, "; it is not overwritten, give another name");
	out[b.n] = '\0';
}

static void
export_free(struct export *x)
{
	if (x->file)
		fclose(x->file);
	if (x->folder >= 0)
		close(x->folder);
	free(x->path);
	free(x->heads);
	x->magic = 0;
	free(x);
}

static struct export *
export_new(const char *path, const struct export_options *o)
{
	struct export *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return NULL;
	x->magic = EXPORT_MAGIC;
	x->o = *o;
	x->folder = -1;
	x->path = strdup(path);
	/* the longest of what is put together here */
	x->heads_cap = EXPORT_CURL_MAX;
	x->heads = malloc(x->heads_cap);
	if (x->path == NULL || x->heads == NULL) {
		export_free(x);
		return NULL;
	}
	return x;
}

/* Open the folder, so that what happens to its name from now on changes
 * nothing; x->name is what is behind the last slash. */
static int
open_folder(struct export *x)
{
	char *slash = strrchr(x->path, '/');
	const char *folder = ".";

	x->name = slash ? slash + 1 : x->path;
	if (*x->name == '\0' || strcmp(x->name, ".") == 0 ||
	    strcmp(x->name, "..") == 0)
		return EISDIR;
	if (slash == x->path)
		folder = "/";
	else if (slash)
		*slash = '\0', folder = x->path;
	/* only a place: in the sandbox it may be written and not be listed */
	x->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (slash && slash != x->path)
		*slash = '/';
	return x->folder < 0 ? errno : 0;
}

/* Whether the name can be had. */
static int
look_at_name(const struct export *x)
{
	struct stat st;

	if (fstatat(x->folder, x->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : errno;
	if (!x->o.replace)
		return EEXIST;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	/* a link is replaced by the file, not followed; a device is not */
	return S_ISREG(st.st_mode) || S_ISLNK(st.st_mode) ? 0 : EINVAL;
}

static int
open_temporary(struct export *x)
{
	int fd = -1;

	for (unsigned i = 0; i < TRIES && fd < 0; i++) {
		uint64_t id = 0;

		if (getrandom(&id, sizeof(id), 0) != sizeof(id))
			return EAGAIN;
		snprintf(x->temporary, sizeof(x->temporary), ".export-%016llx",
		    (unsigned long long)id);
		fd = openat(x->folder, x->temporary,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST)
			return errno;
	}
	if (fd < 0)
		return EEXIST;
	x->file = fdopen(fd, "w");
	if (x->file == NULL) {
		int error = errno;

		close(fd);
		unlinkat(x->folder, x->temporary, 0);
		return error;
	}
	return 0;
}

struct export *
export_open(
    const char *path, const struct export_options *o, char text[EXPORT_TEXT])
{
	struct export *x = export_new(path, o);
	int error = x ? open_folder(x) : ENOMEM;

	if (error == 0)
		error = look_at_name(x);
	if (error == 0)
		error = open_temporary(x);
	if (error) {
		say(text, "cannot write", path, error);
		if (x)
			export_free(x);
		return NULL;
	}
	if (o->format == EXPORT_HAR && !export_har_begin(x->file))
		x->error = errno;
	return x;
}

/* A head for a request whose own is no longer kept, so that a line of the log
 * has what is known of it. */
static struct exchange_copy
with_head(struct buf *b, const struct exchange_copy *e)
{
	struct exchange_copy made = *e;
	struct span method = export_method(e);
	struct span target = export_target(e);

	if (e->request.n || (method.n == 0 && target.n == 0))
		return made;
	buf_put(b, method);
	buf_putc(b, ' ');
	buf_put(b, target);
	made.request = buf_span(b);
	made.e.method = (struct head_part){ 0, (uint16_t)method.n };
	made.e.target =
	    (struct head_part){ (uint16_t)(method.n + 1), (uint16_t)target.n };
	made.e.host = made.e.referer = made.e.user_agent =
	    (struct head_part){ 0, 0 };
	return made;
}

static void
add_line(struct export *x, const struct exchange_copy *e)
{
	enum log_format format =
	    x->o.format == EXPORT_JSON ? LOG_JSON : LOG_COMBINED;
	const char *const *names = export_names(&x->o);
	char mem[512];
	struct buf head = buf_over(mem, sizeof(mem));
	struct buf line = buf_over(x->heads, x->heads_cap);
	struct exchange_copy made = with_head(&head, e);

	if (export_is_named(names, SPAN("Referer")))
		made.e.referer.n = 0;
	if (export_is_named(names, SPAN("User-Agent")))
		made.e.user_agent.n = 0;
	accesslog_put_line(&line, format, &made.e, made.request);
	if (fwrite(line.p, 1, line.n, x->file) != line.n)
		x->error = errno;
	else
		x->added++;
}

static void
add_curl(struct export *x, const struct exchange_copy *e)
{
	struct buf b = buf_over(x->heads, x->heads_cap - 1);

	if (!export_put_curl(&b, e, &x->o)) {
		x->untold++;
		return;
	}
	x->lacking += export_lacks_content(e);
	b.p[b.n++] = '\n';
	if (fwrite(b.p, 1, b.n, x->file) != b.n)
		x->error = errno;
	else
		x->added++;
}

static void
add_har(struct export *x, const struct exchange_copy *e)
{
	errno = ENOMEM;
	if (export_har_entry(x->file, x->added == 0, e, &x->o))
		x->added++;
	else
		x->error = errno;
}

void
export_add(struct export *x, const struct exchange_copy *e)
{
	CHECK_MAGIC(x, EXPORT_MAGIC);
	if (x->error)
		return;
	switch (x->o.format) {
	case EXPORT_HAR:
		add_har(x, e);
		break;
	case EXPORT_CURL:
		add_curl(x, e);
		break;
	default:
		add_line(x, e);
	}
}

/* One of the journal; its heads are copied only when it is wanted. */
static bool
add_seq(struct export *x, struct journal *j, uint64_t seq,
    bool (*wanted)(void *, const struct journal_entry *), void *arg)
{
	char mem[LIMIT_HEAD_MAX + LIMIT_RESPONSE_BUFFER];
	struct buf b = buf_over(mem, sizeof(mem));
	struct journal_entry entry;
	struct exchange_copy e;
	size_t request_n = 0;

	if (!journal_get(j, seq, &entry) || (wanted && !wanted(arg, &entry)))
		return false;
	if (!journal_heads(j, seq, &b, &request_n))
		b.n = request_n = 0;
	e = exchange_of_entry(&entry, span_of(b.p, request_n),
	    span_of(b.p + request_n, b.n - request_n));
	export_add(x, &e);
	return x->error == 0;
}

uint64_t
export_add_journal(struct export *x, struct journal *j, uint64_t first,
    uint64_t last, bool (*wanted)(void *arg, const struct journal_entry *e),
    void *arg)
{
	uint64_t oldest;
	uint64_t newest;
	uint64_t n = 0;

	journal_range(j, &oldest, &newest);
	first = first > oldest ? first : oldest;
	last = last < newest ? last : newest;
	for (uint64_t seq = first; seq && seq <= last && !x->error; seq++)
		n += add_seq(x, j, seq, wanted, arg);
	return n;
}

/* Give the file its name.  Where the file system cannot refuse to replace, the
 * name is looked at once more. */
static int
name_file(const struct export *x)
{
	unsigned flags = x->o.replace ? 0 : RENAME_NOREPLACE;

	if (renameat2(x->folder, x->temporary, x->folder, x->name, flags) == 0)
		return 0;
	if (errno != EINVAL || flags == 0)
		return errno;
	if (look_at_name(x) != 0)
		return EEXIST;
	return renameat(x->folder, x->temporary, x->folder, x->name) < 0 ? errno
									 : 0;
}

static void
say_written(const struct export *x, long bytes, char out[EXPORT_TEXT])
{
	struct buf b = buf_over(out, EXPORT_TEXT - 1);
	char path[160];
	char size[8];

	printable_str(path, sizeof(path), span_str(x->path), PRINTABLE_UTF8);
	num_human(size, bytes > 0 ? (uint64_t)bytes : 0);
	buf_printf(&b, "%llu exchange%s%s (%s) written to %s",
	    (unsigned long long)x->added, x->added == 1 ? "" : "s",
	    x->o.what ? x->o.what : "", size, path);
	if (x->untold)
		buf_printf(&b, "; of %llu the head is no longer kept",
		    (unsigned long long)x->untold);
	if (x->lacking)
		buf_printf(&b, "; content of %llu is not kept and left out",
		    (unsigned long long)x->lacking);
	out[b.n] = '\0';
}

bool
export_finish(struct export *x, char text[EXPORT_TEXT])
{
	long bytes;
	int closed;
	bool ok;

	CHECK_MAGIC(x, EXPORT_MAGIC);
	if (!x->error && x->o.format == EXPORT_HAR && !export_har_end(x->file))
		x->error = errno;
	bytes = ftell(x->file);
	closed = fclose(x->file);
	x->file = NULL;
	if (closed != 0 && !x->error)
		x->error = errno;
	if (!x->error)
		x->error = name_file(x);
	ok = x->error == 0;
	if (ok) {
		say_written(x, bytes, text);
	} else {
		say(text, "cannot write", x->path, x->error);
		unlinkat(x->folder, x->temporary, 0);
	}
	export_free(x);
	return ok;
}

void
export_cancel(struct export *x)
{
	CHECK_MAGIC(x, EXPORT_MAGIC);
	unlinkat(x->folder, x->temporary, 0);
	export_free(x);
}
