/* The operator's rules for answers: Cache-Control, fields, redirects, media
 * types, pages for errors.  Built once from the configuration, then immutable
 * and shared by reference between snapshots of the site; any thread reads.
 *
 * Patterns are matched against a whole decoded path that begins with '/'.  `*`
 * is any run of bytes but '/', `**` any run at all (between slashes any number
 * of folders), `?` one byte but '/'; a pattern that does not begin with '/'
 * matches at any depth, as if it began with a "**" and a slash (glob.h). */
#ifndef SITE_RULES_H
#define SITE_RULES_H

#include "http/media.h"
#include "http/response.h"

struct rules;

/* Empty, with one reference; NULL when memory is short. */
struct rules *rules_new(void);
struct rules *rules_ref(struct rules *r);
void rules_unref(struct rules *r);

/* Add one, after those that are there; everything is copied.  False when
 * memory is short, or a pattern or target could not be used at all.  What the
 * values must be like was checked by the configuration (app/config_value.c). */

/* Cache-Control of files whose path matches; value NULL: the field is not
 * sent. */
bool rules_add_cache(struct rules *r, const char *match, const char *value);
/* Fields to set ({name, value, ..., NULL}) and to leave out ({name, ...,
 * NULL}); either may be NULL. */
bool rules_add_fields(struct rules *r, const char *match,
    const char *const *set, const char *const *unset);
/* `to` may hold :1 to :9 for what the stars of `from` matched; a star that
 * ends `from` matches all that is left, slashes too. */
bool rules_add_redirect(
    struct rules *r, const char *from, const char *to, uint16_t status);
/* A media type for an extension (without the dot). */
bool rules_add_type(struct rules *r, const char *ext, const char *type);
/* The path, beneath the root, of the page for a status 400 to 599. */
bool rules_add_error_page(struct rules *r, uint16_t status, const char *path);

/* The first cache rule that matches: its number, from 1, and its value (NULL:
 * no field).  0 when none does. */
unsigned rules_cache(
    const struct rules *r, struct span path, const char **value);

/* The field rules that match, in their order, at most `max`. */
unsigned rules_fields(const struct rules *r, struct span path,
    const struct field_edits *out[], unsigned max);

/* The first redirect that matches: its number from 1, with the status and
 * the address appended to *to, percent-encoded, never of another host than the
 * rule's own text names.  0 when none does.  to->full when it does not fit. */
unsigned rules_redirect(
    const struct rules *r, struct span path, struct buf *to, uint16_t *status);

/* The type that the operator gives to the name's extension, or NULL. */
const struct media_type *rules_type(const struct rules *r, struct span name);

/* The path of the page for that status ("/404.html"), or NULL. */
const char *rules_error_page(const struct rules *r, uint16_t status);

#endif
