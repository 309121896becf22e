/* What the configuration makes of several keys, whenever one has changed. */
#include <stdlib.h>

#include "app/config_key.h"
#include "base/num.h"
#include "site/rules.h"

/* The text of a part, NULL for null. */
static const char *
text_of(const struct config_entry *e, unsigned part)
{
	return e->part[part].n > 0 ? e->part[part].v[0] : NULL;
}

static const char *const *
list_of(const struct config_entry *e, unsigned part)
{
	return (const char *const *)e->part[part].v;
}

/* Of digits that were checked. */
static uint16_t
status_of(const char *text)
{
	uint64_t v = 0;

	num_dec(span_str(text), &v);
	return (uint16_t)v;
}

static bool
add_entries(struct rules *r, const struct config *c)
{
	bool good = true;

	for (size_t i = 0; i < c->cache.n; i++) {
		const struct config_entry *e = &c->cache.v[i];

		good &= rules_add_cache(
		    r, text_of(e, CACHE_MATCH), text_of(e, CACHE_VALUE));
	}
	for (size_t i = 0; i < c->headers.n; i++) {
		const struct config_entry *e = &c->headers.v[i];

		good &= rules_add_fields(r, text_of(e, HEADER_MATCH),
		    list_of(e, HEADER_SET), list_of(e, HEADER_UNSET));
	}
	for (size_t i = 0; i < c->redirects.n; i++) {
		const struct config_entry *e = &c->redirects.v[i];

		good &= rules_add_redirect(
		    r, text_of(e, 0), text_of(e, 1), status_of(text_of(e, 2)));
	}
	return good;
}

static bool
add_maps(struct rules *r, const struct config *c)
{
	bool good = true;

	for (size_t i = 0; i + 1 < c->types.n; i += 2)
		good &= rules_add_type(r, c->types.v[i], c->types.v[i + 1]);
	for (size_t i = 0; i + 1 < c->error_pages.n; i += 2)
		good &= rules_add_error_page(
		    r, status_of(c->error_pages.v[i]), c->error_pages.v[i + 1]);
	return good;
}

static bool
settle_rules(struct config *c)
{
	struct rules *r = rules_new();

	if (r == NULL)
		return false;
	if (!add_entries(r, c) || !add_maps(r, c)) {
		rules_unref(r);
		return false;
	}
	rules_unref(c->rules);
	c->rules = r;
	return true;
}

/* true is the first name of files.index, without one it is off. */
static bool
settle_spa(struct config *c)
{
	char *path = NULL;
	bool on = strcmp(c->spa_asked, "true") == 0;

	if (on && c->index.n > 0) {
		if (asprintf(&path, "/%s", c->index.v[0]) < 0)
			return false;
	} else if (!on && c->spa_asked[0] == '/') {
		path = config_strndup(span_str(c->spa_asked));
		if (path == NULL)
			return false;
	}
	free(c->spa);
	c->spa = path;
	return true;
}

bool
config_settle(struct config *c)
{
	return settle_rules(c) && settle_spa(c);
}
