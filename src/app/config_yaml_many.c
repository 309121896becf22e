/* Values of many parts in YAML: lists, names with values, lists of groups.
 * Whatever is wrong is said at the very text that is. */
#include "app/config_events.h"

/* What an error and a check want to know of the text that *ev is. */
static struct config_from
from_of(struct events *in, const yaml_event_t *ev, char where[CONFIG_PLACE_MAX])
{
	return (struct config_from){
		.where =
		    events_place_text(in, events_place(ev->start_mark), where),
		.errors = in->errors,
	};
}

void
events_refuse_shape(
    struct events *in, const yaml_event_t *ev, const struct config_key *k)
{
	struct place at = events_place(ev->start_mark);
	const char *shape = ev->type == YAML_SCALAR_EVENT ? "one value"
	    : ev->type == YAML_SEQUENCE_START_EVENT	  ? "a list"
							  : "a group of keys";
	char shown[CONFIG_SHOWN_MAX];

	if (ev->type == YAML_ALIAS_EVENT)
		return;
	if (k->type == CONFIG_MAP)
		events_fail(in, at, k->name,
		    "takes names with values, not %s (write {NAME: VALUE})",
		    shape);
	else if (k->type == CONFIG_ENTRIES)
		events_fail(in, at, k->name,
		    "takes a list of groups, not %s (write [{%s: ...}])", shape,
		    config_name_last(span_str(k->parts->name)).p);
	else if (ev->type == YAML_SCALAR_EVENT)
		events_fail(in, at, k->name, "takes a list (write ['%s'])",
		    config_shown(events_text(ev), shown));
	else
		events_fail(in, at, k->name, "takes %s, not %s",
		    k->type == CONFIG_LIST ? "a list" : "one value", shape);
	events_skip(in, ev);
}

/* --- lists --- */

static void
read_item(struct events *in, const yaml_event_t *ev, const struct config_key *k,
    struct config_list *list)
{
	char where[CONFIG_PLACE_MAX];
	const struct config_from from = from_of(in, ev, where);
	struct place at = events_place(ev->start_mark);

	if (ev->type == YAML_ALIAS_EVENT)
		return;
	if (ev->type != YAML_SCALAR_EVENT) {
		events_fail(in, at, k->name, "an entry must be a single text%s",
		    k->wrong == config_wrong_listen
			? " (write '[::1]:8000' with quotes)"
			: "");
		events_skip(in, ev);
	} else if (events_is_null(ev)) {
		events_fail(in, at, k->name, "an entry has no value");
	} else if (!events_has_nul(in, ev, k->name) &&
	    config_key_check_next(k, list, events_text(ev), &from) &&
	    !config_list_add(list, events_text(ev))) {
		config_key_no_memory(k, &from);
	}
}

bool
events_read_list(struct events *in, const yaml_event_t *start,
    const struct config_key *k, struct config_list *out)
{
	unsigned before = in->errors->count;
	bool ended = start->type != YAML_SEQUENCE_START_EVENT;
	yaml_event_t ev;

	while (!ended && events_next(in, &ev)) {
		ended = ev.type == YAML_SEQUENCE_END_EVENT;
		if (!ended)
			read_item(in, &ev, k, out);
		yaml_event_delete(&ev);
	}
	return in->errors->count == before;
}

/* --- names with values --- */

struct map_reader {
	struct events *in;
	const struct config_key *k;
	struct config_list *out;
	struct config_list names; /* also those whose values were wrong */
	struct place seen[CONFIG_ENTRIES_MAX];
};

/* Whether the name, which stands at `at`, may have a value; an error when
 * not. */
static bool
check_name(struct map_reader *r, const yaml_event_t *ev, const char *key)
{
	struct span name = events_text(ev);
	struct place at = events_place(ev->start_mark);
	char where[CONFIG_PLACE_MAX];
	const struct config_from from = from_of(r->in, ev, where);
	const char *expected = r->k->wrong_name(name);
	size_t i = config_list_find(&r->names, 1, name);

	if (expected)
		return config_key_refuse(r->k, name, expected, &from);
	if (i < r->names.n && i < CONFIG_ENTRIES_MAX)
		return events_is_first(r->in, &r->seen[i], at, key);
	if (i < CONFIG_ENTRIES_MAX)
		r->seen[i] = at;
	return config_list_add(&r->names, name) ||
	    config_key_no_memory(r->k, &from);
}

/* The name and its value, which is to come. */
static void
read_pair(struct map_reader *r, const yaml_event_t *name)
{
	char text[2 * CONFIG_NAME_MAX], where[CONFIG_PLACE_MAX];
	char shown[CONFIG_SHOWN_MAX];
	struct config_key named = *r->k;
	bool wanted;
	yaml_event_t ev;

	snprintf(text, sizeof(text), "%s.%s", r->k->name,
	    config_shown(events_text(name), shown));
	named.name = text;
	wanted = check_name(r, name, text);
	if (!events_next(r->in, &ev))
		return;
	if (wanted && ev.type == YAML_SCALAR_EVENT && !events_is_null(&ev)) {
		const struct config_from from = from_of(r->in, &ev, where);

		if (!events_has_nul(r->in, &ev, text) &&
		    config_key_check_item(&named, events_text(&ev), &from) &&
		    (!config_list_add(r->out, events_text(name)) ||
			!config_list_add(r->out, events_text(&ev))))
			config_key_no_memory(&named, &from);
	} else if (wanted && ev.type != YAML_ALIAS_EVENT) {
		events_fail(r->in, events_place(ev.start_mark), text,
		    events_is_start(&ev) ? "takes one value" : "has no value");
	}
	events_skip(r->in, &ev);
	yaml_event_delete(&ev);
}

bool
events_read_map(struct events *in, const yaml_event_t *start,
    const struct config_key *k, struct config_list *out)
{
	struct map_reader r = { .in = in, .k = k, .out = out };
	unsigned before = in->errors->count;
	bool ended = start->type != YAML_MAPPING_START_EVENT;
	yaml_event_t ev;

	while (!ended && events_next(in, &ev)) {
		ended = ev.type == YAML_MAPPING_END_EVENT;
		if (ev.type == YAML_SCALAR_EVENT)
			read_pair(&r, &ev);
		else if (!ended)
			events_skip_key(in, &ev);
		yaml_event_delete(&ev);
	}
	config_list_free(&r.names);
	return in->errors->count == before;
}

/* --- lists of groups --- */

struct entry_reader {
	struct events *in;
	const struct config_key *k;
	struct config_entry entry;
	struct place key_at[CONFIG_PARTS_MAX];
	struct place value_at[CONFIG_PARTS_MAX];
};

static void
read_text(struct events *in, const yaml_event_t *ev, const struct config_key *k,
    struct config_list *out)
{
	char where[CONFIG_PLACE_MAX];
	const struct config_from from = from_of(in, ev, where);

	if (ev->type != YAML_SCALAR_EVENT)
		events_refuse_shape(in, ev, k);
	else if (events_is_null(ev) && !k->nullable)
		config_error(from.errors, where, k->name, "has no value");
	else if (!events_is_null(ev) && !events_has_nul(in, ev, k->name) &&
	    config_key_check_item(k, events_text(ev), &from) &&
	    !config_list_add(out, events_text(ev)))
		config_key_no_memory(k, &from);
}

static void
read_part(struct events *in, const yaml_event_t *ev, const struct config_key *k,
    struct config_list *out)
{
	char where[CONFIG_PLACE_MAX];
	const struct config_from from = from_of(in, ev, where);
	bool map = k->type == CONFIG_MAP;

	if (k->type == CONFIG_TEXT)
		read_text(in, ev, k, out);
	else if (ev->type !=
	    (map ? YAML_MAPPING_START_EVENT : YAML_SEQUENCE_START_EVENT))
		events_refuse_shape(in, ev, k);
	else if (map ? events_read_map(in, ev, k, out)
		     : events_read_list(in, ev, k, out))
		config_key_check_count(k, map ? out->n / 2 : out->n, &from);
}

static void
unknown_part(struct entry_reader *r, const yaml_event_t *ev)
{
	const struct config_key *meant =
	    config_part_nearest(r->k, events_text(ev));
	char text[2 * CONFIG_NAME_MAX], shown[CONFIG_SHOWN_MAX];

	snprintf(text, sizeof(text), "%s.%s", r->k->name,
	    config_shown(events_text(ev), shown));
	events_fail(r->in, events_place(ev->start_mark), text,
	    "unknown key%s%s%s", meant ? ", did you mean " : "",
	    meant ? meant->name : "", meant ? "?" : "");
}

/* The part's key, and its value, which is to come. */
static void
read_member(struct entry_reader *r, const yaml_event_t *key)
{
	const struct config_key *k = config_part_find(r->k, events_text(key));
	size_t i = k ? (size_t)(k - r->k->parts) : 0;
	bool wanted = false;
	yaml_event_t ev;

	if (k)
		wanted = events_is_first(r->in, &r->key_at[i],
		    events_place(key->start_mark), k->name);
	else
		unknown_part(r, key);
	if (!events_next(r->in, &ev))
		return;
	if (wanted) {
		r->value_at[i] = events_place(ev.start_mark);
		read_part(r->in, &ev, k, &r->entry.part[i]);
	} else {
		events_skip(r->in, &ev);
	}
	yaml_event_delete(&ev);
}

/* What only the whole entry tells. */
static void
check_entry(struct entry_reader *r, const yaml_event_t *start)
{
	char where[CONFIG_PLACE_MAX];
	const struct config_from from = from_of(r->in, start, where);
	unsigned before = r->in->errors->count;
	const char *wrong = NULL;
	unsigned part = 0;

	for (; r->k->parts[part].name; part++) {
		const struct config_key *k = &r->k->parts[part];

		if (k->deflt == NULL && r->key_at[part].line == 0)
			config_error(from.errors, where, k->name,
			    "is missing in this entry");
		else if (!config_entry_default(&r->entry, r->k, part))
			config_key_no_memory(k, &from);
	}
	if (r->in->errors->count == before && r->k->wrong_entry)
		wrong = r->k->wrong_entry(&r->entry, &part);
	if (wrong && r->value_at[part].line > 0)
		events_fail(r->in, r->value_at[part], r->k->parts[part].name,
		    "%s", wrong);
	else if (wrong)
		config_error(from.errors, where, r->k->name, "%s", wrong);
}

/* Every part of the group that *start begins.  False when anything is wrong,
 * which is said. */
static bool
read_entry(struct entry_reader *r, const yaml_event_t *start)
{
	unsigned before = r->in->errors->count;
	bool ended = false;
	yaml_event_t ev;

	while (!ended && events_next(r->in, &ev)) {
		ended = ev.type == YAML_MAPPING_END_EVENT;
		if (ev.type == YAML_SCALAR_EVENT)
			read_member(r, &ev);
		else if (!ended)
			events_skip_key(r->in, &ev);
		yaml_event_delete(&ev);
	}
	if (r->in->errors->count == before)
		check_entry(r, start);
	return r->in->errors->count == before;
}

/* The first entry with the same first part is the one that counts: another is
 * a slip. */
static bool
is_new(struct entry_reader *r, const struct config_entries *entries,
    struct place seen[CONFIG_ENTRIES_MAX])
{
	size_t i =
	    r->k->unique ? config_entries_find(entries, &r->entry) : entries->n;

	if (i < entries->n && i < CONFIG_ENTRIES_MAX)
		return events_is_first(
		    r->in, &seen[i], r->value_at[0], r->k->parts->name);
	if (i < CONFIG_ENTRIES_MAX)
		seen[i] = r->value_at[0];
	return true;
}

bool
events_read_entries(struct events *in, const yaml_event_t *start,
    const struct config_key *k, struct config_entries *out)
{
	struct place seen[CONFIG_ENTRIES_MAX] = { { 0 } };
	unsigned before = in->errors->count;
	bool ended = start->type != YAML_SEQUENCE_START_EVENT;
	yaml_event_t ev;

	while (!ended && events_next(in, &ev)) {
		struct entry_reader r = { .in = in, .k = k };

		ended = ev.type == YAML_SEQUENCE_END_EVENT;
		if (ev.type == YAML_MAPPING_START_EVENT) {
			if (read_entry(&r, &ev) && is_new(&r, out, seen) &&
			    !config_entries_add(out, &r.entry))
				events_fail(in, events_place(ev.start_mark),
				    k->name, "out of memory");
			config_entry_free(&r.entry);
		} else if (!ended && ev.type != YAML_ALIAS_EVENT) {
			events_fail(in, events_place(ev.start_mark), k->name,
			    "an entry must be a group (write {%s: ...})",
			    config_name_last(span_str(k->parts->name)).p);
			events_skip(in, &ev);
		}
		yaml_event_delete(&ev);
	}
	return in->errors->count == before;
}
