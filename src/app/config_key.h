/* The inside of the configuration: its table of keys, its values as text, and
 * how a key takes a value.  Only config*.c, options.c and their tests. */
#ifndef APP_CONFIG_KEY_H
#define APP_CONFIG_KEY_H

#include <stddef.h>

#include "app/config.h"
#include "base/buf.h"

#define CONFIG_FILE_MAX	   65536 /* bytes of a file */
#define CONFIG_DEPTH_MAX   8	 /* lists and groups inside each other */
#define CONFIG_KEYS_MAX	   96	 /* rows of the table */
#define CONFIG_NAME_MAX	   64	 /* bytes of a key's dotted name with its NUL */
#define CONFIG_PLACE_MAX   300	 /* bytes of "FILE:LINE:COLUMN" with its NUL */
#define CONFIG_SHOWN_MAX   64 /* bytes of a wrong value as an error shows it */
#define CONFIG_ENTRIES_MAX 64 /* groups of a list, names of a map */
#define CONFIG_FIELDS_MAX  16 /* that one rule sets, or leaves out */
#define CONFIG_VALUE_MAX   1024	 /* bytes of a field's value, of an address */
#define CONFIG_ERRORS_MAX  16384 /* bytes of text kept of all errors */

enum config_type {
	CONFIG_VERSION, /* the file's format: 1; has no place in the struct */
	CONFIG_BOOL,
	CONFIG_COUNT,	 /* a whole number */
	CONFIG_SIZE,	 /* bytes */
	CONFIG_DURATION, /* milliseconds */
	CONFIG_WORD,	 /* one of `words` */
	CONFIG_TEXT,
	CONFIG_PATH,
	CONFIG_LIST,
	CONFIG_MAP,	/* names with values */
	CONFIG_ENTRIES, /* a list of groups */
};

/* A word and the number that it stands for; a NULL name ends the array. */
struct config_word {
	const char *name;
	unsigned value;
};

/* A key, or a part of an entry of a list of groups. */
struct config_key {
	const char *name; /* dotted: "limits.connections" */
	enum config_type type;
	bool nullable; /* texts, CONFIG_ENTRIES in short: null is a value */
	bool paths;    /* a list's items are relative to the file's folder */
	bool unique;   /* no item twice, no two entries of one first part */
	size_t offset; /* in struct config; of a part: unused */
	size_t width;  /* of the member: 1, 4 or 8 for numbers */
	/* Numbers: least and greatest; lists and maps: how many items. */
	uint64_t min;
	uint64_t max;
	/* What is taken beside (numbers, paths) or only (CONFIG_WORD). */
	const struct config_word *words;
	/* Of a text, an item or a map's value: NULL when it is right, else
	 * what it should be, to follow "is not ". */
	const char *(*wrong)(struct span s);
	const char *(*wrong_name)(struct span s); /* of a map's name */
	/* CONFIG_ENTRIES: the parts, texts, lists and maps; a NULL name ends
	 * the array. */
	const struct config_key *parts;
	/* Of an entry whose parts are right, each: NULL, or what is wrong, and
	 * with which part. */
	const char *(*wrong_entry)(
	    const struct config_entry *entry, unsigned *part);
	/* Make an entry, to be checked, of a text (NULL, 0: null).  NULL when
	 * it is one, else what it should be.  Memory being short leaves a part
	 * empty. */
	const char *(*in_short)(struct config_entry *entry, struct span text);
	/* As config_set takes it; of a part NULL: it must be given. */
	const char *deflt;
	const char *doc; /* one line; of a part NULL */
};

/* The parts of entries, in the order of their tables. */
enum { CACHE_MATCH, CACHE_VALUE };
enum { HEADER_MATCH, HEADER_SET, HEADER_UNSET };
enum { REDIRECT_FROM, REDIRECT_TO, REDIRECT_STATUS };

/* The table; keys of a group stand together.  A row's index is its number in
 * struct config's places. */
extern const struct config_key config_keys[];
extern const size_t config_keys_n;

static inline size_t
config_key_index(const struct config_key *k)
{
	return (size_t)(k - config_keys);
}

/* The key of that dotted name, or NULL. */
const struct config_key *config_key_find(struct span name);

/* The first key of that group ("limits", "files.compress"), or NULL when there
 * is none. */
const struct config_key *config_key_group(struct span group);

/* The group that a key or group is in ("files.compress" of
 * "files.compress.level"), empty at the top. */
struct span config_name_group(struct span name);

/* The last part of a dotted name. */
struct span config_name_last(struct span name);

/* The key's variable: "HTTPCONSOLE_LIMITS_CONNECTIONS". */
void config_key_variable(const struct config_key *k, char out[80]);

/* The name of the key or group that was probably meant, or NULL. */
const char *config_key_nearest(struct span typed, char out[CONFIG_NAME_MAX]);

/* The part of an entry by its last name, or NULL; the nearest one, or NULL. */
const struct config_key *config_part_find(
    const struct config_key *k, struct span name);
const struct config_key *config_part_nearest(
    const struct config_key *k, struct span typed);

/* --- values as text (config_value.c) --- */

/* 123, 64K, 10M, 2G, powers of 1024.  False on anything else or overflow. */
bool config_value_size(struct span s, uint64_t *bytes);

/* 500ms, 15s, 10m, 2h, or 0. */
bool config_value_duration(struct span s, uint64_t *ms);

/* true or false, in these letters. */
bool config_value_bool(struct span s, bool *out);

/* The word's row, or NULL. */
const struct config_word *config_value_word(
    const struct config_word *words, struct span s);

/* The word of yes or no that a list of words has for what was typed: "on" for
 * "true".  NULL when there is none, or what was typed means neither. */
const char *config_value_synonym(
    const struct config_word *words, struct span typed);

/* The shortest exact form that the parsers above take. */
void config_put_size(struct buf *b, uint64_t bytes);
void config_put_duration(struct buf *b, uint64_t ms);
void config_put_number(
    struct buf *b, const struct config_key *k, uint64_t value);

/* For struct config_key's wrong. */
const char *config_wrong_listen(struct span s);
const char *config_wrong_file_name(struct span s);
const char *config_wrong_pattern(struct span s);
const char *config_wrong_host(struct span s);
const char *config_wrong_network(struct span s);
const char *config_wrong_folder(struct span s);
const char *config_wrong_user(struct span s);
const char *config_wrong_charset(struct span s);
const char *config_wrong_media(struct span s);
const char *config_wrong_field(struct span s);

/* Whether a control byte is in it, HTAB and NUL too. */
bool config_has_control(struct span s);

/* Letters, digits and what `more` lists; not empty. */
bool config_is_made_of(struct span s, const char *more);

/* Whether it is host or host:port, [v6] or [v6]:port. */
bool config_is_authority(struct span s);

/* --- rules as text (config_rule.c) --- */

const char *config_wrong_match(struct span s);
const char *config_wrong_field_name(struct span s); /* to be set */
const char *config_wrong_unset_name(struct span s);
const char *config_wrong_field_value(struct span s);
const char *config_wrong_target(struct span s);
const char *config_wrong_redirect(struct span s); /* the status */
const char *config_wrong_error_status(struct span s);
const char *config_wrong_site_path(struct span s);
const char *config_wrong_spa(struct span s);
const char *config_wrong_extension(struct span s);
const char *config_wrong_coding(struct span s);
const char *config_wrong_codec(struct span s);
const char *config_wrong_origin(struct span s);

/* For struct config_key's wrong_entry and in_short. */
const char *config_wrong_header(const struct config_entry *e, unsigned *part);
const char *config_wrong_redirection(
    const struct config_entry *e, unsigned *part);
const char *config_short_cache(struct config_entry *e, struct span text);
const char *config_short_header(struct config_entry *e, struct span text);
const char *config_short_redirect(struct config_entry *e, struct span text);

/* --- config_settle.c --- */

/* Make what is made of several keys: rules, spa.  False when memory is
 * short. */
bool config_settle(struct config *c);

/* --- lists, maps, lists of groups (config_lists.c) --- */

void config_entry_free(struct config_entry *entry);
void config_entries_free(struct config_entries *entries);

/* Take the entry, which is left empty in any case.  False when memory is
 * short. */
bool config_entries_add(
    struct config_entries *entries, struct config_entry *entry);

/* Give a part that was not given its default, when it has one.  False when
 * memory is short. */
bool config_entry_default(
    struct config_entry *entry, const struct config_key *k, unsigned part);

/* Where the item is without regard to case, of every `step`th; list->n when
 * nowhere.  2: among a map's names. */
size_t config_list_find(
    const struct config_list *list, size_t step, struct span item);

/* Where the same first part stands already, or entries->n. */
size_t config_entries_find(
    const struct config_entries *entries, const struct config_entry *entry);

/* --- keys take values (config_assign.c) --- */

/* Where a value comes from. */
struct config_from {
	const char *where;  /* begins an error; NULL: the defaults */
	const char *folder; /* that paths are relative to; NULL: working */
	struct config_errors *errors;
};

/* Give the key the value, {NULL, 0} for null; a list is split at its commas.
 * False, and an error, when it is not one for that key. */
bool config_key_assign(struct config *c, const struct config_key *k,
    struct span text, const struct config_from *from);

/* The same for a list, a map or a list of groups. */
bool config_key_assign_many(struct config *c, const struct config_key *k,
    struct span text, const struct config_from *from);

/* Relative to the folder (NULL: none): a path that means the same from where
 * the process is.  The folder itself for ".".  Owned; NULL when memory is
 * short. */
char *config_join_path(const char *folder, struct span path);

/* Remember where the key was set; it is for messages only. */
bool config_key_note_place(struct config *c, const struct config_key *k,
    const struct config_from *from);

/* Whether the text can be an item of the list; an error when not. */
bool config_key_check_item(
    const struct config_key *k, struct span item, const struct config_from *f);

/* The same with regard to the items that are there already. */
bool config_key_check_next(const struct config_key *k,
    const struct config_list *list, struct span item,
    const struct config_from *f);

/* Give the key the list, which is taken and left empty in any case.  The
 * items were checked. */
bool config_key_assign_list(struct config *c, const struct config_key *k,
    struct config_list *list, const struct config_from *from);

/* The same for entries. */
bool config_key_assign_entries(struct config *c, const struct config_key *k,
    struct config_entries *entries, const struct config_from *from);

/* An entry in short; everything is checked.  False, and an error, when it is
 * none. */
bool config_key_read_entry(const struct config_key *k, struct span text,
    struct config_entry *entry, const struct config_from *from);

/* Errors: "KEY: 'TEXT' is not EXPECTED", "KEY: out of memory".  False. */
bool config_key_refuse(const struct config_key *k, struct span text,
    const char *expected, const struct config_from *from);
bool config_key_no_memory(
    const struct config_key *k, const struct config_from *from);
/* The same for a number of items that is not in the key's range; true when it
 * is. */
bool config_key_check_count(
    const struct config_key *k, size_t n, const struct config_from *from);

/* A number (also a bool's or a word's) as it is in *c, and a list. */
uint64_t config_key_number(const struct config *c, const struct config_key *k);
struct config_list *config_key_list(
    struct config *c, const struct config_key *k);
struct config_entries *config_key_entries(
    struct config *c, const struct config_key *k);

/* --- for all of them (config.c) --- */

/* Add a line "WHERE: error: KEY: ..."; where or key may be NULL. */
void config_error(struct config_errors *e, const char *where, const char *key,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Bytes as an error shows them: printable, cut. */
const char *config_shown(struct span s, char out[CONFIG_SHOWN_MAX]);

/* An owned copy; NULL when memory is short. */
char *config_strndup(struct span s);

bool config_list_add(struct config_list *list, struct span item);
void config_list_free(struct config_list *list);

/* Where the key of that name was set, NULL for the default. */
const char *config_place(const struct config *c, const char *key);

#endif
