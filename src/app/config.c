/* The configuration's life: defaults, environment, errors, finding a file. */
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/config_key.h"
#include "base/near.h"
#include "base/printable.h"
#include "site/rules.h"

char *
config_strndup(struct span s)
{
	char *copy = malloc(s.n + 1);

	if (copy) {
		memcpy(copy, s.p ? s.p : "", s.n);
		copy[s.n] = '\0';
	}
	return copy;
}

bool
config_list_add(struct config_list *list, struct span item)
{
	char **v = realloc(list->v, (list->n + 2) * sizeof(*v));

	if (v == NULL)
		return false;
	list->v = v;
	v[list->n] = config_strndup(item);
	if (v[list->n] == NULL)
		return false;
	v[++list->n] = NULL;
	return true;
}

void
config_list_free(struct config_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
	*list = (struct config_list){ NULL, 0 };
}

const char *
config_shown(struct span s, char out[CONFIG_SHOWN_MAX])
{
	printable_str(out, CONFIG_SHOWN_MAX, s, PRINTABLE_UTF8);
	return out;
}

/* Longer lines are cut; lines past the bound are only counted. */
void
config_error(struct config_errors *e, const char *where, const char *key,
    const char *fmt, ...)
{
	char what[1024];
	char line[CONFIG_PLACE_MAX + sizeof(what) + CONFIG_NAME_MAX + 32];
	size_t used = e->text ? strlen(e->text) : 0;
	size_t n;
	char *text;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(line, sizeof(line), "%s%serror: %s%s%s\n", where ? where : "",
	    where ? ": " : "", key ? key : "", key ? ": " : "", what);
	e->count++;
	n = strlen(line);
	if (used + n >= CONFIG_ERRORS_MAX)
		return;
	text = realloc(e->text, used + n + 1);
	if (text == NULL)
		return;
	/* -Wanalyzer-malloc-leak: it is e's in the next line */
	memcpy(text + used, line, n + 1);
	e->text = text;
}

void
config_errors_free(struct config_errors *e)
{
	free(e->text);
	*e = (struct config_errors){ NULL, 0 };
}

/* Outside of YAML null is the word, or nothing. */
static struct span
span_or_null(const struct config_key *k, const char *value)
{
	if (k->nullable && (*value == '\0' || strcmp(value, "null") == 0))
		return span_of(NULL, 0);
	return span_str(value);
}

static bool
set_defaults(struct config *c, struct config_errors *e)
{
	const struct config_from from = { .errors = e };

	for (size_t i = 0; i < config_keys_n; i++) {
		const struct config_key *k = &config_keys[i];

		if (!config_key_assign(c, k, span_or_null(k, k->deflt), &from))
			return false;
	}
	c->listen_given = false;
	return true;
}

struct config *
config_new(void)
{
	struct config_errors e = { NULL, 0 };
	struct config *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->places = calloc(CONFIG_KEYS_MAX, sizeof(*c->places));
	if (c->places == NULL || !set_defaults(c, &e)) {
		config_errors_free(&e);
		config_free(c);
		return NULL;
	}
	if (config_settle(c))
		return c;
	config_free(c);
	return NULL;
}

void
config_free(struct config *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < config_keys_n; i++) {
		const struct config_key *k = &config_keys[i];

		if (k->type == CONFIG_LIST || k->type == CONFIG_MAP)
			config_list_free(config_key_list(c, k));
		else if (k->type == CONFIG_ENTRIES)
			config_entries_free(config_key_entries(c, k));
	}
	free(c->file);
	free(c->root);
	free(c->console_export_dir);
	free(c->charset);
	free(c->default_type);
	free(c->spa_asked);
	free(c->spa);
	rules_unref(c->rules);
	free(c->log_access);
	free(c->user);
	for (size_t i = 0; c->places && i < CONFIG_KEYS_MAX; i++)
		free(c->places[i]);
	free(c->places);
	free(c);
}

const char *
config_place(const struct config *c, const char *key)
{
	const struct config_key *k = config_key_find(span_str(key));

	return k ? c->places[config_key_index(k)] : NULL;
}

/* The key for a setter of one value, or NULL, which is said. */
static const struct config_key *
find_key(const char *key, const char *where, struct config_errors *e)
{
	const struct config_key *k = config_key_find(span_str(key));

	if (k == NULL)
		config_error(e, where, key, "unknown key");
	return k;
}

static bool
settle(struct config *c, const struct config_from *from)
{
	if (config_settle(c))
		return true;
	config_error(from->errors, from->where, NULL, "out of memory");
	return false;
}

bool
config_set(struct config *c, const char *key, const char *value,
    const char *where, struct config_errors *e)
{
	const struct config_from from = { .where = where, .errors = e };
	const struct config_key *k = find_key(key, where, e);

	return k && config_key_assign(c, k, span_or_null(k, value), &from) &&
	    settle(c, &from);
}

bool
config_add(struct config *c, const char *key, const char *value,
    const char *where, struct config_errors *e)
{
	const struct config_from from = { .where = where, .errors = e };
	const struct config_key *k = find_key(key, where, e);
	struct config_entry entry = { 0 };
	struct config_entries *entries;

	if (!k)
		return false;
	entries = config_key_entries(c, k);
	if (!config_key_check_count(k, entries->n + 1, &from) ||
	    !config_key_read_entry(k, span_or_null(k, value), &entry, &from))
		return false;
	if (!config_entries_add(entries, &entry))
		return config_key_no_memory(k, &from);
	return config_key_note_place(c, k, &from) && settle(c, &from);
}

#define PREFIX "HTTPCONSOLE_"

/* HTTPCONSOLE_VERSION is a habit of container images, the others are what
 * Kubernetes sets in every container beside a service of that name. */
static bool
is_foreign(struct span name, const char *value)
{
	if (span_eq(name, SPAN(PREFIX "PORT")))
		return strstr(value, "://") != NULL;
	return span_eq(name, SPAN(PREFIX "VERSION")) ||
	    span_starts(name, SPAN(PREFIX "SERVICE_")) ||
	    (span_starts(name, SPAN(PREFIX "PORT_")) &&
		ascii_is_digit(
		    span_skip(name, sizeof(PREFIX "PORT_") - 1).p[0]));
}

static void
unknown_variable(struct span name, struct config_errors *e)
{
	char shown[CONFIG_SHOWN_MAX], variable[80], near[80] = "";
	unsigned best = CONFIG_NAME_MAX;

	for (size_t i = 0; i < config_keys_n; i++) {
		unsigned d;

		config_key_variable(&config_keys[i], variable);
		d = near_distance(name, span_str(variable));
		if (d < best && near_enough(d, name.n)) {
			best = d;
			memcpy(near, variable, sizeof(near));
		}
	}
	if (span_eq(name, SPAN(PREFIX "PORT")))
		memcpy(near, PREFIX "LISTEN", sizeof(PREFIX "LISTEN"));
	config_error(e, config_shown(name, shown), NULL,
	    "unknown variable%s%s%s", near[0] ? ", did you mean " : "", near,
	    near[0] ? "?" : "");
}

static void
read_variable(struct config *c, struct span name, const char *value,
    struct config_errors *e)
{
	char variable[80];

	for (size_t i = 0; i < config_keys_n; i++) {
		const struct config_key *k = &config_keys[i];

		config_key_variable(k, variable);
		if (k->type == CONFIG_VERSION ||
		    !span_eq(name, span_str(variable)))
			continue;
		config_set(c, k->name, value, variable, e);
		return;
	}
	if (!is_foreign(name, value))
		unknown_variable(name, e);
}

bool
config_read_env(struct config *c, char **env, struct config_errors *e)
{
	unsigned before = e->count;

	for (; env && *env; env++) {
		const char *equals = strchr(*env, '=');

		if (equals == NULL ||
		    !span_starts(span_str(*env), SPAN(PREFIX)))
			continue;
		read_variable(
		    c, span_of(*env, (size_t)(equals - *env)), equals + 1, e);
	}
	return e->count == before;
}

/* Whether there is a file folder/rest, which then is in `path`. */
static bool
find_below(char path[PATH_MAX], const char *folder, const char *rest)
{
	/* XDG: a relative path in such a variable is to be ignored. */
	return folder != NULL && folder[0] == '/' &&
	    snprintf(path, PATH_MAX, "%s%s", folder, rest) < PATH_MAX &&
	    access(path, F_OK) == 0;
}

bool
config_find(const char *given, char **file)
{
	static const char own[] = "server.yaml";

	/* Nobody calls setenv(3).  NOLINTBEGIN(concurrency-mt-unsafe) */
	const char *xdg = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	/* NOLINTEND(concurrency-mt-unsafe) */
	char path[PATH_MAX];
	bool in_xdg = xdg && *xdg;

	*file = NULL;
	if (given == NULL && access(own, F_OK) == 0)
		given = own;
	if (given == NULL &&
	    (find_below(path, in_xdg ? xdg : home,
		 in_xdg ? "/httpconsole/server.yaml"
			: "/.config/httpconsole/server.yaml") ||
		find_below(path, "/etc", "/httpconsole/server.yaml")))
		given = path;
	if (given == NULL)
		return true;
	*file = config_strndup(span_str(given));
	return *file != NULL;
}
