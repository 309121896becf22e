#include "site/site.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/check.h"
#include "base/error.h"
#include "base/strings.h"

#define SITE_MAGIC 0x51732001u

static _Atomic uint64_t serials;

/* What the snapshot owns is const to everybody else. */
static void
owned_free(const void *p)
{
	free((void *)p);
}

static void
site_free(struct site *s)
{
	if (s->root_fd >= 0)
		close(s->root_fd);
	free(s->deny);
	strings_free(s->o.index);
	strings_free(s->o.deny);
	strings_free(s->o.hosts);
	owned_free(s->o.charset);
	owned_free(s->o.default_type);
	strings_free(s->o.origins);
	owned_free(s->o.spa);
	rules_unref(s->o.rules);
	s->magic = 0;
	free(s);
}

/* Sort the deny patterns by how they are to be compared. */
static bool
site_compile_deny(struct site *s)
{
	size_t n = 0;

	while (s->o.deny[n] != NULL)
		n++;
	s->deny = calloc(n + 1, sizeof(*s->deny));
	for (size_t i = 0; s->deny != NULL && i < n; i++) {
		struct span text = span_str(s->o.deny[i]);
		bool star = text.n > 0 && text.p[0] == '*';
		struct span rest = star ? span_skip(text, 1) : text;
		bool plain = strpbrk(rest.p, "*?[\\") == NULL;

		s->deny[i].kind = !plain ? PATTERN_GLOB
		    : star		 ? PATTERN_SUFFIX
					 : PATTERN_LITERAL;
		s->deny[i].text = plain ? rest : text;
	}
	s->deny_n = n;
	return s->deny != NULL;
}

/* Which coding is preferred where the client does not care; gzip that the
 * server makes has the place of gzip, or is the last. */
static void
site_order_codings(struct site *s)
{
	struct plan_rules *r = &s->rules;
	bool gzip = false;

	for (unsigned i = 0; i < s->o.codings_n; i++) {
		gzip = gzip || s->o.codings[i] == CODING_GZIP;
		r->coding_order[r->coding_order_n++] = s->o.codings[i];
	}
	if (s->o.gzip != NULL && !gzip)
		r->coding_order[r->coding_order_n++] = CODING_GZIP;
}

/* Own copies of all that the options point to; false when memory is short. */
static bool
site_copy_options(struct site *s, const struct site_options *o)
{
	s->o = *o;
	s->o.root = s->path;
	s->o.index = strings_copy(o->index);
	s->o.deny = strings_copy(o->deny);
	s->o.hosts = strings_copy(o->hosts);
	s->o.charset = o->charset ? strdup(o->charset) : NULL;
	s->o.default_type = strdup(o->default_type);
	s->o.origins = strings_copy(o->origins);
	s->o.spa = o->spa ? strdup(o->spa) : NULL;
	s->o.rules = o->rules ? rules_ref(o->rules) : NULL;
	s->rules = (struct plan_rules){
		.charset = s->o.charset,
		.origins = s->o.origins,
		.server_header = o->server_header,
		.security_headers = o->security_headers,
		.loopback_only = o->loopback_only,
		.hosts = s->o.hosts,
		.ranges = o->ranges,
	};
	site_order_codings(s);
	return s->o.index && s->o.deny && site_compile_deny(s) && s->o.hosts &&
	    s->o.default_type && (s->o.charset || !o->charset) &&
	    s->o.origins && (s->o.spa || !o->spa);
}

/* Whether the kernel has the call that keeps every open beneath the root:
 * there is no safe way to go on without. */
static bool
site_can_resolve(const struct site *s)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH };
	long fd = syscall(SYS_openat2, s->root_fd, ".", &how, sizeof(how));

	if (fd >= 0)
		close((int)fd);
	return fd >= 0;
}

/* Note the path, whatever the working directory will be. */
static bool
site_note_path(struct site *s, const char *root)
{
	size_t n = 0;

	if (root[0] != '/') {
		if (getcwd(s->path, sizeof(s->path)) == NULL)
			return false;
		n = strlen(s->path);
		if (n > 1 && n < sizeof(s->path) - 1)
			s->path[n++] = '/';
	}
	if (strlen(root) >= sizeof(s->path) - n) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(s->path + n, root, strlen(root) + 1);
	return true;
}

/* By its mode, and by the sandbox, which only an open asks. */
static bool
site_can_read(const struct site *s)
{
	int fd;

	if (faccessat(AT_FDCWD, s->root, R_OK | X_OK, AT_EACCESS) != 0)
		return false;
	fd = open(s->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* Open the folder and note which one it is. */
static bool
site_open_root(struct site *s, const char *root, char err[256])
{
	struct stat st;

	if (realpath(root, s->root) == NULL || !site_note_path(s, root)) {
		snprintf(err, 256, "%.150s: %s", root, error_text(errno));
		return false;
	}
	s->root_fd = open(s->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (s->root_fd < 0 || fstat(s->root_fd, &st) != 0) {
		snprintf(err, 256, "%.150s: %s", root,
		    errno == ENOTDIR ? "not a folder" : error_text(errno));
		return false;
	}
	if (!site_can_read(s)) {
		snprintf(err, 256, "%.150s: cannot be read: %s", root,
		    error_text(errno));
		return false;
	}
	if (!site_can_resolve(s)) {
		bool absent = errno == ENOSYS || errno == EPERM;

		snprintf(err, 256, "%.150s: %s%s", root,
		    absent ? "openat2(2) is not available (Linux 5.6 or "
			     "later, not filtered by a sandbox): "
			   : "",
		    error_text(errno));
		return false;
	}
	s->root_device = st.st_dev;
	s->root_inode = st.st_ino;
	return true;
}

struct site *
site_open(const struct site_options *o, char err[256])
{
	struct site *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		snprintf(err, 256, "no memory");
		return NULL;
	}
	s->magic = SITE_MAGIC;
	s->serial = atomic_fetch_add(&serials, 1) + 1;
	s->root_fd = -1;
	atomic_init(&s->refs, 1);
	if (!site_copy_options(s, o)) {
		snprintf(err, 256, "no memory");
		site_free(s);
		return NULL;
	}
	if (!site_open_root(s, o->root, err)) {
		site_free(s);
		return NULL;
	}
	return s;
}

struct site *
site_reopen(const struct site *s, const char *root, char err[256])
{
	struct site_options o = s->o;

	CHECK_MAGIC(s, SITE_MAGIC);
	o.root = root;
	return site_open(&o, err);
}

struct site *
site_ref(struct site *s)
{
	CHECK_MAGIC(s, SITE_MAGIC);
	atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
	return s;
}

void
site_unref(struct site *s)
{
	if (s == NULL)
		return;
	CHECK_MAGIC(s, SITE_MAGIC);
	if (atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1)
		site_free(s);
}

bool
site_root_is_there(const struct site *s)
{
	struct stat st;

	return stat(s->path, &st) == 0 && st.st_dev == s->root_device &&
	    st.st_ino == s->root_inode;
}
