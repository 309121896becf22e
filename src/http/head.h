/* The head of a request: start line and field lines (RFC 9112 2 to 5).
 *
 * Strict: CRLF only, no folding, no blank before the colon, no control bytes.
 * One empty line before the request line is tolerated (RFC 9112 2.2).  The
 * result depends on the bytes alone, never on how they were split over reads,
 * and an error is exact: reason, status and byte offset. */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include <stdint.h>

#include "base/limits.h"
#include "base/span.h"
#include "http/field.h"
#include "http/method.h"
#include "http/reason.h"

struct head_limits {
	uint32_t
	    request_line; /* bytes without CRLF, to LIMIT_REQUEST_LINE_MAX */
	uint32_t header_size;  /* bytes of all field lines with their CRLFs */
	uint32_t header_count; /* field lines, to LIMIT_FIELDS_MAX */
};

/* A part of the head by place, valid wherever the bytes are moved to. */
struct head_part {
	uint16_t at;
	uint16_t n;
};

struct head_field {
	struct head_part name;
	struct head_part value; /* without the blanks around it */
	uint8_t id;		/* enum field_id */
};

enum head_result {
	HEAD_MORE, /* so far so good: give more bytes */
	HEAD_DONE, /* complete; `length` bytes belong to it */
	HEAD_BAD,  /* refused; status, error, error_at are set */
};

struct http_head {
	/* result */
	struct head_part method;
	struct head_part target;
	uint8_t method_id; /* enum http_method */
	uint8_t major;	   /* HTTP/major.minor */
	uint8_t minor;
	uint16_t fields; /* count */
	uint32_t length; /* bytes up to and with the empty line */
	/* first field of each known name as index + 1, 0: none; and how many */
	uint16_t first[FIELD_N];
	uint16_t count[FIELD_N];
	/* refusal */
	uint16_t status;
	uint16_t error;	   /* enum reason_id */
	uint32_t error_at; /* byte offset from the start of the message */
	/* where parsing stands */
	uint8_t phase;
	uint32_t line;	  /* start of the line being read */
	uint32_t scanned; /* bytes searched for its end */
	uint32_t header;  /* start of the first field line */
	struct head_field field[LIMIT_FIELDS_MAX];
};

/* Field lines as they stood in heads before, each at its place among them.  A
 * client repeats itself: all fields of a browser but one to three are, byte for
 * byte and at the same place, those of its request before, and a line that is
 * the one kept is not parsed again.  Zero-initialised it has none. */
#define HEAD_LINES_KEPT 32  /* of a head the first */
#define HEAD_LINE_KEPT	176 /* bytes with CRLF; no longer line is kept */

struct head_kept_line {
	struct head_field field; /* as if the line began at 0 */
	uint8_t n;		 /* bytes with CRLF; 0: none is kept */
	uint8_t misses;		 /* lines at its place that were not it */
	char bytes[HEAD_LINE_KEPT];
};

struct head_kept {
	struct head_kept_line line[HEAD_LINES_KEPT];
};

/* Make ready for a new message. */
void head_init(struct http_head *h);

/* Go on with the message whose first `n` bytes are at `p`: always all of them
 * from its start, those of earlier calls unchanged.  Work is linear in the
 * bytes that are new.  After DONE or BAD, call head_init first.  What is in
 * `before` (NULL: nothing, ever) changes no result, and is brought up to date.
 */
enum head_result head_parse(struct http_head *h,
    const struct head_limits *limits, struct head_kept *before, const char *p,
    size_t n);

static inline struct span
head_span(const char *p, struct head_part part)
{
	return span_of(p + part.at, part.n);
}

/* The value of the first field of that name, {NULL, 0} when there is none. */
static inline struct span
head_value(const struct http_head *h, const char *p, enum field_id id)
{
	if (h->first[id] == 0)
		return span_of(NULL, 0);
	return head_span(p, h->field[h->first[id] - 1].value);
}

/* The field of the same name after index `i` (an index, not + 1), or -1. */
int head_next(const struct http_head *h, int i);

#endif
