/* server.yaml, by libyaml's event interface: nothing is built in memory but
 * the configuration itself, and every error has its line and column.
 *
 * Quotes do not change what a value is ("8K" and 8K are the same size), with
 * one exception: null and nothing are null only without them. */
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/config_events.h"
#include "base/printable.h"

struct reader {
	struct events in;
	struct config *c;
	const char *folder; /* that paths are relative to, or NULL */
	struct place key_at[CONFIG_KEYS_MAX];
	struct place group_at[CONFIG_KEYS_MAX]; /* at its first key */
};

static bool
is_null(const yaml_event_t *ev)
{
	static const char *const names[] = { "", "~", "null", "Null", "NULL" };

	if (ev->type != YAML_SCALAR_EVENT ||
	    ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp((const char *)ev->data.scalar.value, names[i]) == 0)
			return true;
	return false;
}

static struct span
scalar_span(const yaml_event_t *ev)
{
	return span_of(
	    (const char *)ev->data.scalar.value, ev->data.scalar.length);
}

/* "\0" in double quotes: the rest would be lost where C reads the text. */
static bool
has_nul(struct reader *r, const yaml_event_t *ev, const char *key)
{
	struct span s = scalar_span(ev);

	if (memchr(s.p, '\0', s.n) == NULL)
		return false;
	events_fail(&r->in, events_place(ev->start_mark), key,
	    "a NUL byte in the text");
	return true;
}

static void
read_item(struct reader *r, const yaml_event_t *ev, const struct config_key *k,
    struct config_list *list)
{
	struct place at = events_place(ev->start_mark);
	char where[CONFIG_PLACE_MAX];
	const struct config_from from = { events_place_text(&r->in, at, where),
		r->folder, r->in.errors };

	if (ev->type == YAML_ALIAS_EVENT)
		return;
	if (ev->type != YAML_SCALAR_EVENT) {
		events_fail(&r->in, at, k->name,
		    "an entry must be a single text%s",
		    k->wrong == config_wrong_listen
			? " (write '[::1]:8000' with quotes)"
			: "");
		events_skip(&r->in, ev);
	} else if (is_null(ev)) {
		events_fail(&r->in, at, k->name, "an entry has no value");
	} else if (!has_nul(r, ev, k->name) &&
	    config_key_check_item(k, scalar_span(ev), &from) &&
	    !config_list_add(list, scalar_span(ev))) {
		events_fail(&r->in, at, k->name, "out of memory");
	}
}

static void
read_list(
    struct reader *r, const yaml_event_t *start, const struct config_key *k)
{
	struct place at = events_place(start->start_mark);
	char where[CONFIG_PLACE_MAX];
	const struct config_from from = { events_place_text(&r->in, at, where),
		r->folder, r->in.errors };
	struct config_list list = { NULL, 0 };
	unsigned before = r->in.errors->count;
	bool ended = false;
	yaml_event_t ev;

	while (!ended && events_next(&r->in, &ev)) {
		ended = ev.type == YAML_SEQUENCE_END_EVENT;
		if (!ended)
			read_item(r, &ev, k, &list);
		yaml_event_delete(&ev);
	}
	if (r->in.errors->count == before)
		config_key_assign_list(r->c, k, &list, &from);
	config_list_free(&list);
}

/* A list where a value must be, a group where a list must be, ... */
static void
refuse_shape(
    struct reader *r, const yaml_event_t *ev, const struct config_key *k)
{
	struct place at = events_place(ev->start_mark);
	char shown[CONFIG_SHOWN_MAX];

	if (ev->type == YAML_ALIAS_EVENT)
		return;
	if (ev->type == YAML_SCALAR_EVENT)
		events_fail(&r->in, at, k->name, "takes a list (write ['%s'])",
		    config_shown(scalar_span(ev), shown));
	else if (k->type == CONFIG_LIST)
		events_fail(
		    &r->in, at, k->name, "takes a list, not a group of keys");
	else if (strcmp(k->name, "cache") == 0)
		events_fail(&r->in, at, k->name,
		    "takes one value for all files (write no-cache or null)");
	else
		events_fail(&r->in, at, k->name, "takes one value, not %s",
		    ev->type == YAML_SEQUENCE_START_EVENT ? "a list"
							  : "a group of keys");
	events_skip(&r->in, ev);
}

static void
read_key_value(
    struct reader *r, const yaml_event_t *ev, const struct config_key *k)
{
	char where[CONFIG_PLACE_MAX];
	const struct config_from from = {
		events_place_text(&r->in, events_place(ev->start_mark), where),
		r->folder, r->in.errors
	};

	if (is_null(ev))
		config_key_assign(r->c, k, span_of(NULL, 0), &from);
	else if (k->type == CONFIG_LIST &&
	    ev->type == YAML_SEQUENCE_START_EVENT)
		read_list(r, ev, k);
	else if (k->type == CONFIG_LIST || ev->type != YAML_SCALAR_EVENT)
		refuse_shape(r, ev, k);
	else if (!has_nul(r, ev, k->name))
		config_key_assign(r->c, k, scalar_span(ev), &from);
}

/* Whether the key, or group, is there for the first time; an error when not. */
static bool
is_first(
    struct reader *r, struct place *seen, struct place at, const char *name)
{
	char where[CONFIG_PLACE_MAX];

	if (seen->line == 0) {
		*seen = at;
		return true;
	}
	events_fail(&r->in, at, name, "set twice (the first is at %s)",
	    events_place_text(&r->in, *seen, where));
	return false;
}

static void
unknown_key(
    struct reader *r, struct place at, struct span group, struct span key)
{
	char name[CONFIG_NAME_MAX], near[CONFIG_NAME_MAX];
	char shown[CONFIG_SHOWN_MAX];
	char text[2 * CONFIG_NAME_MAX + 2];
	struct buf full = buf_over(text, sizeof(text));
	bool dotted = group.n == 0 && config_key_find(key) != NULL;
	const char *meant;

	buf_put(&full, group);
	if (group.n)
		buf_putc(&full, '.');
	buf_put(&full, key);
	/* What did not fit is too long to be near anything. */
	meant = dotted || full.full ? NULL
				    : config_key_nearest(buf_span(&full), near);
	printable_str(name, sizeof(name), buf_span(&full), PRINTABLE_UTF8);
	if (full.full)
		config_shown(key, shown);
	events_fail(&r->in, at, full.full ? shown : name, "unknown key%s%s%s%s",
	    dotted ? " (write the part before the dot as a group)" : "",
	    meant ? ", did you mean " : "", meant ? meant : "",
	    meant ? "?" : "");
}

/* What stands at a group's key.  When it is a mapping, *group is where reading
 * goes on. */
static void
read_group(struct reader *r, const yaml_event_t *ev, const struct config_key *k,
    struct span *group)
{
	struct span name = config_key_group_name(k);
	char text[CONFIG_NAME_MAX];
	struct buf b = buf_over(text, sizeof(text));

	buf_put(&b, name);
	if (ev->type == YAML_MAPPING_START_EVENT) {
		*group = name;
	} else if (!is_null(ev) && ev->type != YAML_ALIAS_EVENT) {
		/* Nothing at all is a group whose keys are commented out. */
		events_fail(&r->in, events_place(ev->start_mark), buf_cstr(&b),
		    "is a group of keys, not %s (write {%s: ...})",
		    events_is_start(ev) ? "a list" : "a value",
		    k->name + name.n + 1);
		events_skip(&r->in, ev);
	}
}

/* The value of the key `key`, which stood at `at`. */
static void
read_member(
    struct reader *r, struct place at, struct span *group, struct span key)
{
	char name[CONFIG_NAME_MAX];
	struct buf full = buf_over(name, sizeof(name));
	const struct config_key *k = NULL, *g = NULL;
	bool wanted = false;
	yaml_event_t ev;

	buf_put(&full, *group);
	if (group->n)
		buf_putc(&full, '.');
	buf_put(&full, key);
	/* "limits.connections" at the top is no key of the group's. */
	if (!full.full && memchr(key.p, '.', key.n) == NULL)
		k = config_key_find(buf_span(&full));
	if (k == NULL && group->n == 0)
		g = config_key_group(key);
	if (k)
		wanted =
		    is_first(r, &r->key_at[config_key_index(k)], at, k->name);
	else if (g)
		wanted = is_first(
		    r, &r->group_at[config_key_index(g)], at, buf_cstr(&full));
	else
		unknown_key(r, at, *group, key);
	if (!events_next(&r->in, &ev))
		return;
	if (!wanted)
		events_skip(&r->in, &ev);
	else if (k)
		read_key_value(r, &ev, k);
	else
		read_group(r, &ev, g, group);
	yaml_event_delete(&ev);
}

/* The mapping at the top and, one at a time, the groups in it. */
static void
read_mapping(struct reader *r)
{
	struct span group = { NULL, 0 };
	yaml_event_t ev;
	bool ended = false;

	while (!ended && events_next(&r->in, &ev)) {
		struct place at = events_place(ev.start_mark);

		if (ev.type == YAML_MAPPING_END_EVENT) {
			ended = group.n == 0;
			group = span_of(NULL, 0);
		} else if (ev.type == YAML_SCALAR_EVENT) {
			read_member(r, at, &group, scalar_span(&ev));
		} else {
			if (ev.type != YAML_ALIAS_EVENT)
				events_fail(&r->in, at, NULL,
				    "a key must be a single text");
			events_skip(&r->in, &ev);
			events_skip_next(&r->in);
		}
		yaml_event_delete(&ev);
	}
}

static void
read_top(struct reader *r, const yaml_event_t *ev)
{
	if (ev->type == YAML_MAPPING_START_EVENT) {
		read_mapping(r);
	} else if (!is_null(ev) && ev->type != YAML_ALIAS_EVENT) {
		events_fail(&r->in, events_place(ev->start_mark), NULL,
		    "the file must be keys and values (such as root: www)");
		events_skip(&r->in, ev);
	}
}

static void
read_stream(struct reader *r)
{
	unsigned documents = 0;
	bool ended = false;
	yaml_event_t ev;

	while (!ended && events_next(&r->in, &ev)) {
		switch (ev.type) {
		case YAML_DOCUMENT_START_EVENT:
			if (documents++ == 0)
				break;
			events_fail(&r->in, events_place(ev.start_mark), NULL,
			    "a second document begins: there can be only one");
			r->in.stopped = true;
			break;
		case YAML_STREAM_END_EVENT:
			ended = true;
			break;
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_END_EVENT:
			break;
		default:
			read_top(r, &ev);
			break;
		}
		yaml_event_delete(&ev);
	}
}

/* Absolute, owned; NULL when memory is short. */
static char *
absolute(const char *path)
{
	char *real = realpath(path, NULL);
	char cwd[PATH_MAX];

	if (real || path[0] == '/')
		return real ? real : config_strndup(span_str(path));
	if (getcwd(cwd, sizeof(cwd)) == NULL ||
	    asprintf(&real, "%s/%s", cwd, path) < 0)
		return NULL;
	return real;
}

bool
config_read_file(struct config *c, const char *path, struct config_errors *e)
{
	const char *slash = strrchr(path, '/');
	struct reader r = { .c = c };
	unsigned before = e->count;
	char *folder = NULL;

	free(c->file);
	c->file = absolute(path);
	/* A file beside the process needs no folder, one in "/" needs "/". */
	if (slash)
		folder = config_strndup(
		    span_of(path, slash == path ? 1 : (size_t)(slash - path)));
	r.folder = folder;
	if (c->file == NULL || (slash && folder == NULL)) {
		config_error(e, NULL, NULL, "out of memory");
	} else if (events_open(&r.in, path, e)) {
		read_stream(&r);
		events_close(&r.in);
	}
	free(folder);
	return e->count == before;
}
