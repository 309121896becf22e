/* Keys that hold many: lists, maps, lists of groups. */
#include <stdlib.h>

#include "app/config_key.h"

/* --- entries --- */

void
config_entry_free(struct config_entry *entry)
{
	for (size_t i = 0; i < CONFIG_PARTS_MAX; i++)
		config_list_free(&entry->part[i]);
}

void
config_entries_free(struct config_entries *entries)
{
	for (size_t i = 0; i < entries->n; i++)
		config_entry_free(&entries->v[i]);
	free(entries->v);
	*entries = (struct config_entries){ NULL, 0 };
}

bool
config_entries_add(struct config_entries *entries, struct config_entry *entry)
{
	struct config_entry *v =
	    realloc(entries->v, (entries->n + 1) * sizeof(*v));

	if (v == NULL) {
		config_entry_free(entry);
		return false;
	}
	entries->v = v;
	v[entries->n++] = *entry;
	*entry = (struct config_entry){ 0 };
	return true;
}

size_t
config_entries_find(
    const struct config_entries *entries, const struct config_entry *entry)
{
	size_t i = 0;

	while (i < entries->n &&
	    strcmp(entries->v[i].part[0].v[0], entry->part[0].v[0]) != 0)
		i++;
	return i;
}

size_t
config_list_find(const struct config_list *list, size_t step, struct span item)
{
	size_t i = 0;

	while (i < list->n && !span_eq_nocase(span_str(list->v[i]), item))
		i += step;
	return i;
}

/* --- what is right --- */

bool
config_key_check_item(
    const struct config_key *k, struct span item, const struct config_from *f)
{
	const char *expected = k->wrong(item);

	return expected == NULL || config_key_refuse(k, item, expected, f);
}

bool
config_key_check_next(const struct config_key *k,
    const struct config_list *list, struct span item,
    const struct config_from *f)
{
	char shown[CONFIG_SHOWN_MAX];

	if (!config_key_check_item(k, item, f))
		return false;
	if (!k->unique || config_list_find(list, 1, item) == list->n)
		return true;
	config_error(f->errors, f->where, k->name, "'%s' is there twice",
	    config_shown(item, shown));
	return false;
}

bool
config_key_check_count(
    const struct config_key *k, size_t n, const struct config_from *from)
{
	if (n >= k->min && n <= k->max)
		return true;
	config_error(from->errors, from->where, k->name,
	    "%zu entries are out of range (%u to %u)", n, (unsigned)k->min,
	    (unsigned)k->max);
	return false;
}

/* A name and its value, and that the name is new. */
static bool
check_pair(const struct config_key *k, const struct config_list *map,
    struct span name, struct span value, const struct config_from *from)
{
	const char *expected = k->wrong_name(name);
	char shown[CONFIG_SHOWN_MAX];

	if (expected)
		return config_key_refuse(k, name, expected, from);
	if (config_list_find(map, 2, name) < map->n) {
		config_error(from->errors, from->where, k->name,
		    "'%s' is there twice", config_shown(name, shown));
		return false;
	}
	return config_key_check_item(k, value, from);
}

/* --- taking what was read --- */

/* Make the items paths that hold from where the process is. */
static bool
join_items(struct config_list *list, const char *folder)
{
	for (size_t i = 0; i < list->n; i++) {
		char *path = config_join_path(folder, span_str(list->v[i]));

		if (path == NULL)
			return false;
		free(list->v[i]);
		list->v[i] = path;
	}
	return true;
}

bool
config_key_assign_list(struct config *c, const struct config_key *k,
    struct config_list *list, const struct config_from *from)
{
	struct config_list *at = config_key_list(c, k);

	/* Readers may count on v[n]. */
	if (list->v == NULL && !(list->v = calloc(1, sizeof(*list->v))))
		return config_key_no_memory(k, from);
	if (!config_key_check_count(
		k, k->type == CONFIG_MAP ? list->n / 2 : list->n, from)) {
		config_list_free(list);
		return false;
	}
	if (k->paths && !join_items(list, from->folder)) {
		config_list_free(list);
		return config_key_no_memory(k, from);
	}
	config_list_free(at);
	*at = *list;
	*list = (struct config_list){ NULL, 0 };
	if (at == &c->listen)
		c->listen_given = true;
	return config_key_note_place(c, k, from);
}

bool
config_key_assign_entries(struct config *c, const struct config_key *k,
    struct config_entries *entries, const struct config_from *from)
{
	struct config_entries *at = config_key_entries(c, k);

	if (!config_key_check_count(k, entries->n, from)) {
		config_entries_free(entries);
		return false;
	}
	config_entries_free(at);
	*at = *entries;
	*entries = (struct config_entries){ NULL, 0 };
	return config_key_note_place(c, k, from);
}

/* --- from a text --- */

/* Take the next item off "a,b": blanks around it do not count, nothing is no
 * item. */
static bool
next_item(struct span *rest, struct span *item)
{
	const char *comma = rest->n ? memchr(rest->p, ',', rest->n) : NULL;
	size_t n = comma ? (size_t)(comma - rest->p) : rest->n;

	if (rest->n == 0)
		return false;
	*item = span_trim(span_of(rest->p, n));
	*rest = span_skip(*rest, comma ? n + 1 : n);
	return true;
}

static bool
read_list(const struct config_key *k, struct span s, struct config_list *list,
    const struct config_from *from)
{
	struct span item;
	bool good = true;

	while (next_item(&s, &item)) {
		good &= config_key_check_next(k, list, item, from);
		if (good && !config_list_add(list, item))
			good = config_key_no_memory(k, from);
	}
	return good;
}

/* "name=value,name=value". */
static bool
read_map(const struct config_key *k, struct span s, struct config_list *map,
    const struct config_from *from)
{
	struct span item;
	bool good = true;

	while (next_item(&s, &item)) {
		const char *equals =
		    item.n ? memchr(item.p, '=', item.n) : NULL;
		size_t n = equals ? (size_t)(equals - item.p) : item.n;
		struct span name = span_trim(span_of(item.p, n));
		struct span value;

		if (equals == NULL) {
			good = config_key_refuse(k, item, "NAME=VALUE", from);
			continue;
		}
		value = span_trim(span_skip(item, n + 1));
		good &= check_pair(k, map, name, value, from);
		if (good &&
		    (!config_list_add(map, name) ||
			!config_list_add(map, value)))
			good = config_key_no_memory(k, from);
	}
	return good;
}

/* The texts of a part; errors are the whole key's. */
static bool
check_part(const struct config_key *k, const struct config_key *part,
    const struct config_list *list, const struct config_from *from)
{
	struct config_key as_key = *part;
	struct config_list none = { NULL, 0 };
	bool good = true;

	as_key.name = k->name;
	if ((list->n == 0 && part->deflt == NULL && !part->nullable) ||
	    (part->type == CONFIG_MAP && list->n % 2 != 0))
		return config_key_no_memory(k, from);
	if (part->type == CONFIG_MAP) {
		for (size_t i = 0; i + 1 < list->n; i += 2)
			good &= check_pair(&as_key, &none, span_str(list->v[i]),
			    span_str(list->v[i + 1]), from);
		return good;
	}
	for (size_t i = 0; i < list->n; i++)
		good &=
		    config_key_check_item(&as_key, span_str(list->v[i]), from);
	return good;
}

bool
config_key_read_entry(const struct config_key *k, struct span text,
    struct config_entry *entry, const struct config_from *from)
{
	const char *wrong = k->in_short(entry, text);
	bool good = wrong == NULL || config_key_refuse(k, text, wrong, from);
	unsigned part = 0;

	for (; good && k->parts[part].name; part++)
		good = config_entry_default(entry, k, part)
		    ? check_part(k, &k->parts[part], &entry->part[part], from)
		    : config_key_no_memory(k, from);
	if (good && k->wrong_entry && (wrong = k->wrong_entry(entry, &part))) {
		config_error(from->errors, from->where, k->name, "%s", wrong);
		good = false;
	}
	if (!good)
		config_entry_free(entry);
	return good;
}

bool
config_entry_default(
    struct config_entry *entry, const struct config_key *k, unsigned part)
{
	const char *deflt = k->parts[part].deflt;
	struct config_list *list = &entry->part[part];

	return deflt == NULL || deflt[0] == '\0' || list->n > 0 ||
	    config_list_add(list, span_str(deflt));
}

static bool
assign_short(struct config *c, const struct config_key *k, struct span text,
    const struct config_from *from)
{
	struct config_entries entries = { NULL, 0 };
	struct config_entry entry = { 0 };

	if (text.n > 0 || k->nullable) {
		if (!config_key_read_entry(k, text, &entry, from))
			return false;
		if (!config_entries_add(&entries, &entry))
			return config_key_no_memory(k, from);
	}
	return config_key_assign_entries(c, k, &entries, from);
}

bool
config_key_assign_many(struct config *c, const struct config_key *k,
    struct span text, const struct config_from *from)
{
	struct config_list list = { NULL, 0 };
	bool good;

	if (k->type == CONFIG_ENTRIES)
		return assign_short(c, k, text, from);
	good = k->type == CONFIG_MAP ? read_map(k, text, &list, from)
				     : read_list(k, text, &list, from);
	if (good)
		return config_key_assign_list(c, k, &list, from);
	config_list_free(&list);
	return false;
}
