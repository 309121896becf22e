/* A YAML file as libyaml's events, with this program's bounds: size, depth, no
 * aliases, anchors, tags.  Whatever is wrong is said with its place.  Only
 * config_yaml.c. */
#ifndef APP_CONFIG_EVENTS_H
#define APP_CONFIG_EVENTS_H

#include <yaml.h>

#include "app/config_key.h"

/* From 1; line 0: nowhere. */
struct place {
	size_t line;
	size_t column; /* characters, as libyaml counts */
};

struct events {
	yaml_parser_t parser;
	bool open;
	bool stopped; /* nothing more comes */
	unsigned depth;
	struct config_errors *errors;
	char shown[CONFIG_PLACE_MAX - 44]; /* the file's name, printable */
	char *memory;			   /* owned; the whole file */
	struct span bytes;
	size_t fed; /* bytes that libyaml has taken */
};

/* Read the file and make ready.  False when that fails, which is said; there
 * is then nothing to close.  *in must stay where it is. */
bool events_open(struct events *in, const char *path, struct config_errors *e);
void events_close(struct events *in);

/* The next event, which the caller deletes.  False at the error that ends
 * reading: it is said, and *ev is empty. */
bool events_next(struct events *in, yaml_event_t *ev);

/* Whether a list or group begins. */
bool events_is_start(const yaml_event_t *ev);

/* Whether it is a null: nothing at all, or one of YAML's words for it without
 * quotes. */
bool events_is_null(const yaml_event_t *ev);

/* The text of a scalar. */
struct span events_text(const yaml_event_t *ev);

/* Whether a NUL byte is in a scalar, an error then: the rest would be lost
 * where C reads the text. */
bool events_has_nul(struct events *in, const yaml_event_t *ev, const char *key);

/* Whether a key, or group, that stands at `at` is there for the first time, by
 * *seen, where it is noted; an error when not. */
bool events_is_first(
    struct events *in, struct place *seen, struct place at, const char *name);

/* *ev stands where a key must and is none: say so, and read past its value. */
void events_skip_key(struct events *in, const yaml_event_t *ev);

/* Read past the rest of the value that *ev begins; past the value to come. */
void events_skip(struct events *in, const yaml_event_t *ev);
void events_skip_next(struct events *in);

struct place events_place(yaml_mark_t mark);

/* "server.yaml:14:9". */
const char *events_place_text(
    const struct events *in, struct place at, char out[CONFIG_PLACE_MAX]);

/* Add an error at that place; key may be NULL. */
void events_fail(struct events *in, struct place at, const char *key,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* --- values of many parts (config_yaml_many.c) --- */

/* Read what *start begins into *out, which the caller frees.  False when
 * anything is wrong, which is said. */
bool events_read_list(struct events *in, const yaml_event_t *start,
    const struct config_key *k, struct config_list *out);
bool events_read_map(struct events *in, const yaml_event_t *start,
    const struct config_key *k, struct config_list *out);
bool events_read_entries(struct events *in, const yaml_event_t *start,
    const struct config_key *k, struct config_entries *out);

/* Say that a value of that shape is not what the key takes, and read past
 * it. */
void events_refuse_shape(
    struct events *in, const yaml_event_t *ev, const struct config_key *k);

#endif
