/* The inside of exports, for src/watch/export*.c only. */
#ifndef WATCH_EXPORT_PARTS_H
#define WATCH_EXPORT_PARTS_H

#include <stdio.h>

#include "watch/export.h"

/* The names that the options mean. */
const char *const *export_names(const struct export_options *o);
bool export_is_named(const char *const *names, struct span name);

/* Where a request went: to the server, "127.0.0.1:8000", whatever its Host
 * field names; that one when the server is not known and it is a plain host and
 * port, else "localhost". */
struct span export_authority(
    const struct exchange_copy *e, const struct export_options *o);

/* Method and target as they came, or as they were kept. */
struct span export_method(const struct exchange_copy *e);
struct span export_target(const struct exchange_copy *e);

/* Whether the request could be read as HTTP. */
bool export_is_wellformed(const struct exchange_copy *e);

/* What begins and ends a HAR, and an entry; false when memory is short or the
 * file took no more (errno). */
bool export_har_begin(FILE *f);
bool export_har_entry(FILE *f, bool first, const struct exchange_copy *e,
    const struct export_options *o);
bool export_har_end(FILE *f);

#endif
