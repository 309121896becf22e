/* A reload's second half: the configuration is read, and goes into force. */
#include <stdlib.h>

#include "app/server_plan.h"

/* Keys whose change comes into force at the next start, in the order of
 * server.yaml. */
static void
fixed_keys(const struct config *old, const struct config *new, struct buf *b)
{
	bool listen = old->listen.n != new->listen.n;

	for (size_t i = 0; !listen && i < old->listen.n; i++)
		listen = strcmp(old->listen.v[i], new->listen.v[i]) != 0;

	const struct {
		const char *key;
		bool differs;
	} rows[] = {
		{ "listen", listen },
		{ "port_fallback", old->port_fallback != new->port_fallback },
		{ "backlog", old->backlog != new->backlog },
		{ "workers", plan_workers(old) != plan_workers(new) },
		{ "console.mode", old->console_mode != new->console_mode },
		{ "console.refresh",
		    old->console_refresh != new->console_refresh },
		{ "console.history",
		    old->console_history != new->console_history },
		{ "console.history_memory",
		    old->console_history_memory !=
			new->console_history_memory },
		{ "console.color", old->console_color != new->console_color },
		{ "limits.connections", old->connections != new->connections },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].differs) {
			buf_puts(b, b->n > 0 ? ", " : "");
			buf_puts(b, rows[i].key);
		}
}

/* Say what a reload cannot change. */
static void
control_note_fixed(struct control *c, struct config *new)
{
	char text[NOTICE_TEXT];
	struct buf b = buf_over(text, sizeof(text));

	fixed_keys(c->config, new, &b);
	if (b.n > 0)
		notice(
		    NOTICE_WARN, "reload: at the next start: %s", buf_cstr(&b));
	if (new->head.request_line + new->head.header_size > c->buffered) {
		notice(NOTICE_WARN,
		    "reload: larger limits.request_line and "
		    "limits.header_size come at the next start");
		new->head = c->config->head;
	}
}

/* Put into force what has been prepared, which passes.  False, and all is let
 * go, when the server is shutting down meanwhile. */
static bool
control_configure(struct control *c, struct config *config, struct site *site,
    const char *log_path)
{
	struct net_settings settings;
	struct gzip_options gzip;
	struct config *old = config;
	bool alive;

	plan_net_settings(c, config, &settings);
	plan_gzip_options(c, config, &gzip);
	pthread_mutex_lock(&c->lock);
	alive = c->state < LIFE_DRAINING;
	if (alive) {
		control_publish_locked(c, site);
		gzip_store_configure(c->gzip, &gzip);
		for (unsigned i = 0; i < c->workers; i++)
			worker_set_settings(&c->worker[i], &settings);
		accesslog_set_path(c->watch.log, log_path, config->log_format);
		old = c->config;
		c->config = config;
	}
	pthread_mutex_unlock(&c->lock);
	if (alive)
		notice_min_level(config->log_level);
	else
		site_unref(site);
	config_free(old);
	return alive;
}

struct control_result
server_configure(struct control *c, struct config *config)
{
	char path[PATH_MAX], err[256];
	struct site_options o;
	struct site *site;
	bool log;

	plan_site_options(c, config, &o);
	site = site_open(&o, err);
	if (site == NULL) {
		config_free(config);
		return control_say(false, "reload: cannot serve %s", err);
	}
	log = plan_log_path(config, c->console, path);
	control_note_fixed(c, config);
	if (!control_configure(c, config, site, log ? path : NULL))
		return control_say(
		    false, "reload: the server is shutting down");
	return control_say(true, "configuration reloaded");
}
