/* What no single key can tell: relations, and what is on the disk. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/config_key.h"
#include "app/sandbox.h"
#include "base/error.h"

static void
check_head(const struct config *c, struct config_errors *e)
{
	uint64_t sum = (uint64_t)c->head.request_line + c->head.header_size;

	if (sum > LIMIT_HEAD_MAX)
		config_error(e, config_place(c, "limits.header_size"),
		    "limits.header_size",
		    "with limits.request_line %llu bytes, %u at most",
		    (unsigned long long)sum, LIMIT_HEAD_MAX);
}

/* Whether binding one leaves nothing of the other to bind. */
static bool
collide(const struct config_listen *a, const struct config_listen *b)
{
	if (a->port != b->port || a->port == 0)
		return false;
	return a->host[0] == '\0' || b->host[0] == '\0' ||
	    span_eq_nocase(span_str(a->host), span_str(b->host));
}

static void
check_listen(const struct config *c, struct config_errors *e)
{
	const char *place = config_place(c, "listen");
	struct config_listen l[LIMIT_LISTENERS];

	for (size_t i = 0; i < c->listen.n && i < LIMIT_LISTENERS; i++) {
		if (!config_listen_parse(c->listen.v[i], &l[i])) {
			config_error(e, place, "listen",
			    "'%s' is not an address to listen on",
			    c->listen.v[i]);
			return;
		}
		for (size_t j = 0; j < i; j++) {
			if (!collide(&l[i], &l[j]))
				continue;
			config_error(e, place, "listen",
			    "'%s' and '%s' are the same port of one address",
			    c->listen.v[j], c->listen.v[i]);
			return;
		}
	}
}

/* NULL when the folder can be served, else what is wrong with it. */
static const char *
folder_trouble(const char *path)
{
	struct stat st;
	int fd;

	if (stat(path, &st) < 0)
		return errno == ENOENT ? "does not exist" : error_text(errno);
	if (!S_ISDIR(st.st_mode))
		return "is not a folder";
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == EACCES && sandbox_confines_files())
		return "cannot be read, perhaps by the sandbox "
		       "(sandbox.allowed_roots, from the next start on)";
	if (fd < 0)
		return "cannot be read (needs permission r and x)";
	close(fd);
	return access(path, X_OK) < 0
	    ? "cannot be entered (needs permission r and x)"
	    : NULL;
}

static bool
check_root(const struct config *c, struct config_errors *e)
{
	const char *trouble = folder_trouble(c->root);
	char shown[CONFIG_SHOWN_MAX];

	if (trouble)
		config_error(e, config_place(c, "root"), "root",
		    "'%s' %s; name a folder that can be read",
		    config_shown(span_str(c->root), shown), trouble);
	return trouble == NULL;
}

static bool
is_beneath(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 &&
	    (path[n] == '/' || path[n] == '\0' || strcmp(folder, "/") == 0);
}

/* The folder of the log, without links; false when there is none. */
static bool
real_folder_of(const char *path, char real[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	struct span name = slash
	    ? span_of(path, slash == path ? 1 : (size_t)(slash - path))
	    : SPAN(".");
	char *folder = config_strndup(name);
	bool found = folder && realpath(folder, real) != NULL;

	free(folder);
	return found;
}

/* Whether it can be written is seen when something is exported: the folder that
 * the program was started in, the default, often cannot. */
static void
check_export_dir(const struct config *c, struct config_errors *e)
{
	const char *dir = c->console_export_dir;
	char shown[CONFIG_SHOWN_MAX];
	struct stat st;

	if (stat(dir, &st) == 0 && S_ISDIR(st.st_mode))
		return;
	config_error(e, config_place(c, "console.export_dir"),
	    "console.export_dir", "'%s' is no folder; make it first",
	    config_shown(span_str(dir), shown));
}

/* A log that can be fetched tells everybody who else was here, and one that
 * replaces a page is a way to write to the site. */
static void
check_log(const struct config *c, bool root_good, struct config_errors *e)
{
	const char *place = config_place(c, "log.access");
	char shown[CONFIG_SHOWN_MAX];
	char folder[PATH_MAX], root[PATH_MAX];
	struct stat st;
	bool found;

	if (config_value_word(config_key_find(SPAN("log.access"))->words,
		span_str(c->log_access)))
		return;
	config_shown(span_str(c->log_access), shown);
	found = real_folder_of(c->log_access, folder);
	if (!found || stat(folder, &st) < 0 || !S_ISDIR(st.st_mode))
		config_error(e, place, "log.access",
		    "the folder of '%s' does not exist; make it first", shown);
	else if (stat(c->log_access, &st) == 0 && S_ISDIR(st.st_mode))
		config_error(e, place, "log.access",
		    "'%s' is a folder; name a file in it", shown);
	else if (root_good &&
	    (realpath(c->root, root) == NULL || is_beneath(folder, root)))
		config_error(e, place, "log.access",
		    "'%s' is beneath the document root, where everybody "
		    "could read it; name a file outside",
		    shown);
}

/* The folder without links, or NULL with an error.  Owned. */
static char *
real_allowed(const struct config *c, const char *path, struct config_errors *e)
{
	const char *trouble = folder_trouble(path);
	char shown[CONFIG_SHOWN_MAX];

	if (trouble == NULL)
		return realpath(path, NULL);
	config_error(e, config_place(c, "sandbox.allowed_roots"),
	    "sandbox.allowed_roots", "'%s' %s",
	    config_shown(span_str(path), shown), trouble);
	return NULL;
}

/* The root is beneath one of the folders that may be read. */
static void
check_allowed_roots(
    const struct config *c, bool root_good, struct config_errors *e)
{
	char *root = root_good ? realpath(c->root, NULL) : NULL;
	unsigned before = e->count;
	bool within = c->allowed_roots.n == 0 || root == NULL;
	char shown[CONFIG_SHOWN_MAX];

	for (size_t i = 0; i < c->allowed_roots.n; i++) {
		char *folder = real_allowed(c, c->allowed_roots.v[i], e);

		within |= folder && root && is_beneath(root, folder);
		free(folder);
	}
	if (!within && e->count == before)
		config_error(e, config_place(c, "root"), "root",
		    "'%s' is in none of sandbox.allowed_roots",
		    config_shown(span_str(c->root), shown));
	free(root);
}

/* The value of a rule may be long, and every rule may match one file. */
static void
check_headers(const struct config *c, struct config_errors *e)
{
	size_t sum = 0;

	for (size_t i = 0; i < c->headers.n; i++) {
		const struct config_list *set =
		    &c->headers.v[i].part[HEADER_SET];

		for (size_t j = 0; j < set->n; j++)
			sum += strlen(set->v[j]) + 2; /* ": ", CR LF */
	}
	if (sum > LIMIT_RULE_FIELDS)
		config_error(e, config_place(c, "headers"), "headers",
		    "together the rules set %zu bytes, %d at most", sum,
		    LIMIT_RULE_FIELDS);
}

static void
check_files(const struct config *c, struct config_errors *e)
{
	if (c->compress_min_size > c->compress_max_size)
		config_error(e, config_place(c, "files.compress.min_size"),
		    "files.compress.min_size",
		    "more than files.compress.max_size: no file is both");
	if (strcmp(c->spa_asked, "true") == 0 && c->index.n == 0)
		config_error(e, config_place(c, "files.spa"), "files.spa",
		    "true is the first name of files.index, which has none "
		    "(write a path)");
}

/* Nobody could connect. */
static void
check_proxies(const struct config *c, struct config_errors *e)
{
	if (c->proxy_required && c->trusted_proxies.n == 0)
		config_error(e, config_place(c, "proxy_protocol"),
		    "proxy_protocol",
		    "require, but trusted_proxies names nobody who may send a "
		    "PROXY line (trusted_proxies: [10.0.0.0/8])");
	if (c->proxy_required && c->lab == CONFIG_ON)
		config_error(e, config_place(c, "lab"), "lab",
		    "cannot work with proxy_protocol: require, as its own "
		    "connections come without a PROXY line (lab: auto)");
}

bool
config_validate(const struct config *c, struct config_errors *e)
{
	unsigned before = e->count;
	bool root_good;

	check_head(c, e);
	check_listen(c, e);
	root_good = check_root(c, e);
	check_log(c, root_good, e);
	check_export_dir(c, e);
	check_allowed_roots(c, root_good, e);
	check_files(c, e);
	check_headers(c, e);
	check_proxies(c, e);
	return e->count == before;
}
