/* Making a HAR's entry, for src/watch/export_har*.c only.  Memory that is short
 * is noted in the entry, so that nobody asks at each step. */
#ifndef WATCH_EXPORT_HAR_PARTS_H
#define WATCH_EXPORT_HAR_PARTS_H

#include <jansson.h>

#include "watch/export_parts.h"

/* An entry that is being made. */
struct har {
	const struct exchange_copy *e;
	const struct export_options *o;
	struct span request; /* heads without secrets */
	struct span response;
	bool failed; /* memory is short */
};

bool har_knows(const struct har *h, enum fact fact);

/* Give a value away to an object or an array. */
void har_put(struct har *h, json_t *to, const char *key, json_t *value);
void har_append(struct har *h, json_t *to, json_t *value);

json_t *har_array(struct har *h);
json_t *har_object(struct har *h);
json_t *har_ms(int64_t ns);
json_t *har_integer(uint64_t v);
json_t *har_pair(struct har *h, struct span name, struct span value);

/* Untrusted bytes as a string: what is not UTF-8, and NUL, which some readers
 * stumble over, become U+FFFD. */
json_t *har_text(struct span s);

/* Whether har_text changes nothing. */
bool har_is_text(struct span s);

/* The members "request" and "response" (export_har_message.c). */
json_t *har_request(struct har *h);
json_t *har_response(struct har *h);

#endif
