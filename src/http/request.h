/* What a complete head means: version, framing, host, form of the target,
 * persistence (RFC 9112 3.2, 6, 9.3; RFC 9110 7.2, 10.1.1). */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "http/head.h"

enum body_framing { BODY_NONE, BODY_LENGTH, BODY_CHUNKED };

enum target_form {
	TARGET_ORIGIN,	 /* /path?query */
	TARGET_ABSOLUTE, /* http://host/path?query */
	TARGET_ASTERISK, /* *, with OPTIONS */
};

struct http_request {
	const struct http_head *head; /* where it was read from */
	const char *bytes;	      /* of the head */
	enum http_method method;
	uint8_t minor; /* HTTP/1.minor */
	enum target_form form;
	struct span path;  /* undecoded, begins with '/'; "*" for asterisk */
	struct span query; /* without '?'; {NULL, 0}: none, not even empty */
	struct span host;  /* host[:port] of target or Host; n 0 when none */
	bool host_local;   /* it is an IP literal or localhost */
	enum body_framing framing;
	uint64_t content_length;
	bool wants_close;      /* Connection: close */
	bool wants_keep_alive; /* Connection: keep-alive */
	bool expects_continue;
	/* refusal: 0, or the status with reason and offset as in http_head */
	uint16_t status;
	uint16_t error;
	uint32_t error_at;
	bool framing_sure; /* whether the next request's place is known */
};

/* How many lines of that field there are; the value of the first. */
static inline unsigned
request_count(const struct http_request *r, enum field_id id)
{
	return r->head->count[id];
}

static inline struct span
request_value(const struct http_request *r, enum field_id id)
{
	return head_value(r->head, r->bytes, id);
}

/* The values of all lines of the field in turn: begin with *i = 0; false when
 * there are no more. */
static inline bool
request_each(
    const struct http_request *r, enum field_id id, int *i, struct span *value)
{
	*i = *i == 0 ? r->head->first[id] : head_next(r->head, *i - 1) + 1;
	if (*i == 0)
		return false;
	*value = head_span(r->bytes, r->head->field[*i - 1].value);
	return true;
}

/* A host that was valid, all zero: none.  Nearly every request names that of
 * the one before, and need not have it looked at again. */
struct http_host {
	uint8_t n;
	bool local;
	char text[62];
};

/* Interpret the head `h` of the bytes `p` (HEAD_DONE).  Always fills *r; the
 * spans point into `p`, which must not move.  Returns false when the request is
 * refused.  *last is the host of a request before, and becomes that of this
 * one; NULL: none is known, or kept. */
bool request_read(struct http_request *r, const struct http_head *h,
    const char *p, struct http_host *last);

/* What the value of a Connection field (RFC 9110 7.6.1, 9112 9.6) says of the
 * end: *close and *keep_alive become true when the list has that token, in any
 * case, and stay as they are else. */
void connection_read(struct span list, bool *close, bool *keep_alive);

#endif
