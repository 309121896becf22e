/* What the parts of the server need, derived from the configuration. */
#ifndef APP_SERVER_PLAN_H
#define APP_SERVER_PLAN_H

#include "app/server.h"

#define CONTROL_MAGIC 0xc0274011u

/* Workers: as configured, or the online CPUs, at least 2, at most 64. */
unsigned plan_workers(const struct config *cf);

/* The pointers in *o are the configuration's. */
void plan_site_options(
    const struct control *c, const struct config *cf, struct site_options *o);

/* gzip_copies is set before. */
void plan_gzip_options(
    const struct control *c, const struct config *cf, struct gzip_options *o);

void plan_net_settings(
    const struct control *c, const struct config *cf, struct net_settings *s);

/* Where the access log goes: a path, or "-" for stdout; false for nowhere. */
bool plan_log_path(const struct config *cf, bool console, char path[PATH_MAX]);

#endif
