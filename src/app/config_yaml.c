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

static void
read_many(struct reader *r, const yaml_event_t *ev, const struct config_key *k,
    const struct config_from *from)
{
	struct config_list list = { NULL, 0 };
	struct config_entries entries = { NULL, 0 };

	if (k->type == CONFIG_ENTRIES) {
		if (events_read_entries(&r->in, ev, k, &entries))
			config_key_assign_entries(r->c, k, &entries, from);
		config_entries_free(&entries);
		return;
	}
	if (k->type == CONFIG_MAP ? events_read_map(&r->in, ev, k, &list)
				  : events_read_list(&r->in, ev, k, &list))
		config_key_assign_list(r->c, k, &list, from);
	config_list_free(&list);
}

static void
read_key_value(
    struct reader *r, const yaml_event_t *ev, const struct config_key *k)
{
	bool many = k->type == CONFIG_LIST || k->type == CONFIG_MAP;
	char where[CONFIG_PLACE_MAX];
	const struct config_from from = {
		events_place_text(&r->in, events_place(ev->start_mark), where),
		r->folder, r->in.errors
	};

	if (events_is_null(ev))
		config_key_assign(r->c, k, span_of(NULL, 0), &from);
	else if (ev->type ==
		(k->type == CONFIG_MAP ? YAML_MAPPING_START_EVENT
				       : YAML_SEQUENCE_START_EVENT) &&
	    (many || k->type == CONFIG_ENTRIES))
		read_many(r, ev, k, &from);
	else if (many || ev->type != YAML_SCALAR_EVENT)
		events_refuse_shape(&r->in, ev, k);
	else if (!events_has_nul(&r->in, ev, k->name))
		config_key_assign(r->c, k, events_text(ev), &from);
}

static void
unknown_key(
    struct reader *r, struct place at, struct span group, struct span key)
{
	char name[CONFIG_NAME_MAX], near[CONFIG_NAME_MAX];
	char shown[CONFIG_SHOWN_MAX];
	char text[2 * CONFIG_NAME_MAX + 2];
	struct buf full = buf_over(text, sizeof(text));
	bool dotted = group.n == 0 && config_name_group(key).n > 0 &&
	    (config_key_find(key) || config_key_group(key));
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

/* What stands at the key of the group `name`, of which k is the first key. When
 * it is a mapping, *group is where reading goes on. */
static void
read_group(struct reader *r, const yaml_event_t *ev, const struct config_key *k,
    struct span name, struct span *group)
{
	char text[CONFIG_NAME_MAX];
	struct buf b = buf_over(text, sizeof(text));

	buf_put(&b, name);
	if (ev->type == YAML_MAPPING_START_EVENT) {
		*group = span_of(k->name, name.n);
	} else if (!events_is_null(ev) && ev->type != YAML_ALIAS_EVENT) {
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
	if (k == NULL && !full.full && memchr(key.p, '.', key.n) == NULL)
		g = config_key_group(buf_span(&full));
	if (k)
		wanted = events_is_first(
		    &r->in, &r->key_at[config_key_index(k)], at, k->name);
	else if (g)
		wanted = events_is_first(&r->in,
		    &r->group_at[config_key_index(g)], at, buf_cstr(&full));
	else
		unknown_key(r, at, *group, key);
	if (!events_next(&r->in, &ev))
		return;
	if (!wanted)
		events_skip(&r->in, &ev);
	else if (k)
		read_key_value(r, &ev, k);
	else
		read_group(r, &ev, g, buf_span(&full), group);
	yaml_event_delete(&ev);
}

/* The mapping at the top and, one at a time, the groups in it and in them. */
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
			group = config_name_group(group);
		} else if (ev.type == YAML_SCALAR_EVENT) {
			read_member(r, at, &group, events_text(&ev));
		} else {
			events_skip_key(&r->in, &ev);
		}
		yaml_event_delete(&ev);
	}
}

static void
read_top(struct reader *r, const yaml_event_t *ev)
{
	if (ev->type == YAML_MAPPING_START_EVENT) {
		read_mapping(r);
	} else if (!events_is_null(ev) && ev->type != YAML_ALIAS_EVENT) {
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
	if (e->count == before && !config_settle(c))
		config_error(e, NULL, NULL, "out of memory");
	free(folder);
	return e->count == before;
}
