/* A request whose fields have values from a fuzzer. */
#ifndef TESTS_FUZZ_REQUEST_OF_H
#define TESTS_FUZZ_REQUEST_OF_H

#include "base/buf.h"
#include "fuzz.h"
#include "http/request.h"

struct request_of {
	struct buf b;
	struct http_head h;
	struct http_request r;
	char mem[LIMIT_HEAD_MAX];
};

static inline void
request_begin(struct request_of *q, const char *method)
{
	q->b = buf_over(q->mem, sizeof(q->mem));
	buf_puts(&q->b, method);
	buf_puts(&q->b, " / HTTP/1.1\r\nHost: h\r\n");
}

static inline void
request_field(struct request_of *q, enum field_id id, struct span value)
{
	buf_puts(&q->b, field_name(id));
	buf_puts(&q->b, ": ");
	buf_put(&q->b, value);
	buf_puts(&q->b, "\r\n");
}

/* False when the values are none that a field can have. */
static inline bool
request_end(struct request_of *q)
{
	static const struct head_limits l = { LIMIT_REQUEST_LINE_MAX,
		LIMIT_HEADER_SIZE_MAX, LIMIT_FIELDS_MAX };

	buf_puts(&q->b, "\r\n");
	head_init(&q->h);
	return !q->b.full &&
	    head_parse(&q->h, &l, NULL, q->mem, q->b.n) == HEAD_DONE &&
	    q->h.length == q->b.n && request_read(&q->r, &q->h, q->mem, NULL);
}

#endif
