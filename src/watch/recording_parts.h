/* The inside of recordings, for src/watch/recording*.c only. */
#ifndef WATCH_RECORDING_PARTS_H
#define WATCH_RECORDING_PARTS_H

#include <jansson.h>

#include "watch/recording.h"

/* --- bytes of the file (recording_source.c) --- */

#define SOURCE_BUFFER 65536

struct source {
	int fd;
	int error;     /* errno of the read that failed */
	bool end;      /* nothing follows what is in mem */
	uint64_t line; /* of the next byte, from 1 */
	uint64_t read; /* bytes taken */
	uint64_t size; /* of the file; 0: not known */
	size_t at;     /* in mem */
	size_t n;
	char mem[SOURCE_BUFFER];
};

int source_open(struct source *s, const char *path); /* errno, 0 */
void source_close(struct source *s);

/* The next byte, -1 at the end; peek leaves it there. */
int source_peek(struct source *s);
int source_take(struct source *s);

/* The bytes that can be looked at without taking them, read at least once. */
struct span source_ahead(struct source *s);

/* Take a line without its end into `b` (then b->full: it was longer, and was
 * passed over whole).  False at the end. */
bool source_line(struct source *s, struct buf *b);

/* --- an exchange that is being made (recording_make.c) --- */

struct made {
	struct recorded *out;
	struct buf request;
	struct buf response;
	struct buf texts; /* client, why, closed */
	bool cut;	  /* the request line did not fit */
	char request_mem[LIMIT_HEAD_MAX];
	char response_mem[LIMIT_HEAD_MAX];
	char texts_mem[2048];
};

void made_begin(struct made *m, struct recorded *out, uint64_t line);

/* Say what is wrong with it; always RECORDING_UNREADABLE. */
enum recording_result made_fault(struct made *m, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The request line; a version that is none is left out.  Control bytes become
 * \xHH, so that a value makes no line of its own. */
void made_request(struct made *m, struct span method, struct span target,
    struct span version);
void made_field(struct made *m, struct span name, struct span value);

/* A request of which only these bytes are known. */
void made_raw(struct made *m, struct span head);

void made_status(
    struct made *m, struct span version, unsigned status, struct span phrase);
/* A status alone, of which no head is made. */
void made_code(struct made *m, unsigned status);
void made_answer_field(struct made *m, struct span name, struct span value);

void made_client(struct made *m, struct span address, uint16_t port);

/* The short text of a reason.  Its id and what its text says of the numbers
 * become the only step of the trail, of which FACT_TRAIL is not known: the
 * sentence has numbers that the text has not.  REASON_NONE: a text that no
 * reason of this version has. */
void made_why(struct made *m, struct span text);
void made_closed(struct made *m, struct span label);

/* End the heads. */
enum recording_result made_end(struct made *m);

/* Append with \xHH, \" and \\ undone; false when a backslash means nothing. */
void made_put_unescaped(struct buf *b, struct span s);

/* When it was, "23/Nov/2026:14:02:11 +0100" or as in RFC 3339; false when it
 * is not like that. */
bool made_time_clf(struct made *m, struct span s);
bool made_time_iso(struct made *m, struct span s);

/* The reason with that short text (recording_why.c); REASON_NONE: there is
 * none. */
struct reason recording_reason(struct span text);

/* --- forms --- */

enum recording_result recording_line_common(struct made *m, struct span line);
enum recording_result recording_line_json(struct made *m, struct span line);
enum recording_result recording_entry_har(struct made *m, const json_t *entry);

/* A member that is a string, else empty; that is a whole number that is not
 * negative, else false. */
struct span recording_text(const json_t *o, const char *name);
bool recording_number(const json_t *o, const char *name, uint64_t *out);

/* Parse; NULL: why, in m. */
json_t *recording_parse(struct made *m, struct span text);

/* Find log.entries: 1; 0: the file ends or is none (`text` says why). */
bool recording_har_find(struct source *s, char text[RECORDING_TEXT]);

enum har_value { HAR_VALUE, HAR_TOO_LARGE, HAR_LAST, HAR_CUT };

/* Take the next entry's text into `b`, its line into *line.  Long strings are
 * empty there. */
enum har_value recording_har_take(
    struct source *s, struct buf *b, uint64_t *line);

#endif
