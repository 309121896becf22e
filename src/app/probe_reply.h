/* A response as a client reads it: where its head ends, how its content is
 * delimited, and whether the connection goes on (RFC 9112 4, 6.3, 9.3). */
#ifndef APP_PROBE_REPLY_H
#define APP_PROBE_REPLY_H

#include <stdint.h>

#include "http/body.h"

#define PROBE_HEAD_MAX	32768 /* bytes, interim responses included */
#define PROBE_BODY_KEPT 512

enum probe_framing {
	PROBE_NO_CONTENT, /* 204, 304, or the answer to HEAD */
	PROBE_LENGTH,
	PROBE_CHUNKED,
	PROBE_UNTIL_CLOSE,
};

enum probe_progress {
	PROBE_MORE,
	PROBE_COMPLETE,
	PROBE_WRONG, /* not a response, or cut short; `wrong` says how */
};

struct probe_reply {
	/* result, valid from the end of the head on */
	int status;	/* 0: no status line yet */
	unsigned minor; /* HTTP/1.minor */
	enum probe_framing framing;
	uint64_t length; /* what Content-Length says */
	uint64_t body_n; /* bytes after the head, framing included */
	/* why the connection ends after this response, NULL: it goes on */
	const char *closes;
	const char *wrong;
	/* the bytes: all heads, interim ones too, and how the body begins */
	size_t head_n;
	size_t kept;
	char head[PROBE_HEAD_MAX];
	char body[PROBE_BODY_KEPT];
	/* where reading stands */
	bool to_head; /* answers HEAD */
	bool in_body;
	enum probe_progress progress;
	size_t head_at; /* start of the head being read */
	size_t line_at; /* start of the line being read */
	struct body_reader reader;
};

/* Make ready for the answer to a HEAD request, or to another. */
void probe_reply_init(struct probe_reply *r, bool to_head);

/* Take bytes as they come, split anywhere; *used of them belong to this
 * response, fewer than n only with PROBE_COMPLETE and PROBE_WRONG. */
enum probe_progress probe_reply_read(
    struct probe_reply *r, const char *p, size_t n, size_t *used);

/* The server has ended the connection. */
enum probe_progress probe_reply_eof(struct probe_reply *r);

#endif
