#include "app/server_plan.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/state_folder.h"

unsigned
plan_workers(const struct config *cf)
{
	long cpus;

	if (cf->workers != 0)
		return cf->workers;
	cpus = sysconf(_SC_NPROCESSORS_ONLN);
	return cpus < 2 ? 2 : cpus > 64 ? 64 : (unsigned)cpus;
}

static bool
plan_is_log(const void *arg, uint64_t device, uint64_t inode)
{
	return accesslog_is_file(arg, device, inode);
}

void
plan_site_options(
    const struct control *c, const struct config *cf, struct site_options *o)
{
	const bool coded = cf->compress_codecs.n > 0;

	*o = (struct site_options){
		.root = cf->root,
		.index = (const char *const *)cf->index.v,
		.deny = (const char *const *)cf->deny.v,
		.hosts = (const char *const *)cf->hosts.v,
		.charset = cf->charset,
		.default_type = cf->default_type,
		.hidden_allowed = cf->hidden_allowed,
		.symlinks_allowed = cf->symlinks == SYMLINKS_INSIDE,
		.server_header = cf->server_header,
		.security_headers = cf->security_headers,
		.loopback_only = c->loopback_only,
		.listing = cf->listing,
		.ranges = cf->ranges,
		.excluded = plan_is_log,
		.excluded_arg = c->watch.log,
		.rules = cf->rules,
		.origins = (const char *const *)cf->cors_origins.v,
		.spa = cf->spa,
		.clean_urls = cf->clean_urls,
		.gzip = coded ? c->gzip : NULL,
		.gzip_level = (uint8_t)cf->compress_level,
		.gzip_min = cf->compress_min_size,
		.gzip_max = cf->compress_max_size,
	};
	for (size_t i = 0; i < cf->precompressed.n; i++)
		o->codings[o->codings_n++] =
		    (uint8_t)coding_find(span_str(cf->precompressed.v[i]));
}

void
plan_gzip_options(
    const struct control *c, const struct config *cf, struct gzip_options *o)
{
	*o = (struct gzip_options){
		.level = cf->compress_level,
		.memory = cf->compress_memory,
		.copies = c->gzip_copies,
	};
}

void
plan_net_settings(
    const struct control *c, const struct config *cf, struct net_settings *s)
{
	*s = (struct net_settings){
		.head = cf->head,
		.discard_body = cf->discard_body,
		.requests_per_connection = cf->requests_per_connection,
		.connections_per_ip = cf->connections_per_ip,
		.when_full_refuse = cf->when_full_refuse,
		/* its own connections come without a PROXY line */
		.lab = !cf->proxy_required &&
		    (cf->lab == CONFIG_ON ||
			(cf->lab == CONFIG_AUTO && c->loopback_only)),
		.proxy_required = cf->proxy_required,
	};
	for (size_t i = 0; i < cf->trusted_proxies.n; i++)
		(void)trust_add(&s->trust, span_str(cf->trusted_proxies.v[i]));
	s->timeout[DEADLINE_HEADER] = cf->timeout_header * NS_PER_MS;
	s->timeout[DEADLINE_BODY] = cf->timeout_body * NS_PER_MS;
	s->timeout[DEADLINE_KEEPALIVE] = cf->timeout_keepalive * NS_PER_MS;
	s->timeout[DEADLINE_KEEPALIVE_FULL] =
	    cf->timeout_keepalive > 0 && cf->timeout_keepalive < 2000
	    ? cf->timeout_keepalive * NS_PER_MS
	    : 2 * NS_PER_S;
	s->timeout[DEADLINE_WRITE] = cf->timeout_write * NS_PER_MS;
	s->timeout[DEADLINE_LINGER] = cf->timeout_linger * NS_PER_MS;
	s->timeout[DEADLINE_LAB] = 2 * NS_PER_S;
	s->timeout[DEADLINE_LISTING] = 30 * NS_PER_S;
}

/* Whether the working directory is the document root or beneath it. */
static bool
plan_cwd_is_served(const struct config *cf)
{
	char root[PATH_MAX], cwd[PATH_MAX];
	size_t n;

	if (realpath(cf->root, root) == NULL ||
	    getcwd(cwd, sizeof(cwd)) == NULL)
		return false;
	n = strlen(root);
	if (n == 1)
		return true;
	return strncmp(cwd, root, n) == 0 && (cwd[n] == '/' || cwd[n] == '\0');
}

/* The log of a console whose working directory is being served. */
static bool
plan_state_log(char path[PATH_MAX])
{
	if (!state_folder_make(path))
		return false;
	return snprintf(path + strlen(path), STATE_NAME_MAX, "/access.log") > 0;
}

bool
plan_log_path(const struct config *cf, bool console, char path[PATH_MAX])
{
	const char *a = cf->log_access;

	if (strcmp(a, "off") == 0)
		return false;
	if (strcmp(a, "stdout") == 0 || (strcmp(a, "auto") == 0 && !console)) {
		snprintf(path, PATH_MAX, "-");
		return true;
	}
	if (strcmp(a, "auto") == 0 && plan_cwd_is_served(cf))
		return plan_state_log(path);
	snprintf(
	    path, PATH_MAX, "%s", strcmp(a, "auto") == 0 ? "access.log" : a);
	return true;
}
