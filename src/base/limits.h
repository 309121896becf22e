/* The fixed bounds that more than one folder goes by, and how they hang
 * together; those of a single module are in its header.  What an operator may
 * choose is in server.yaml; here are the walls around that. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* A request head, start line and fields, in one buffer addressed by 16 bits. */
#define LIMIT_REQUEST_LINE_MAX 16384
#define LIMIT_HEADER_SIZE_MAX  45056
#define LIMIT_FIELDS_MAX       200
#define LIMIT_HEAD_MAX	       (LIMIT_REQUEST_LINE_MAX + LIMIT_HEADER_SIZE_MAX)

/* A decoded, normalised path with its NUL: Linux's PATH_MAX. */
#define LIMIT_PATH 4096

/* A response head and a generated body (error page, small file) together. */
#define LIMIT_RESPONSE_BUFFER 16384
/* The same with parts of a multipart answer, each of which costs two calls when
 * it is sent from the file. */
#define LIMIT_PARTS_BUFFER 65536

/* Names from the configuration that go into response heads. */
#define LIMIT_MEDIA_TYPE 127
#define LIMIT_CHARSET	 40

/* An address that is redirected to: longer targets of folders get a 414.  With
 * it in the head, and a page, a response fits its buffer. */
#define LIMIT_REDIRECT 4096

/* Rules for fields that one answer goes by: as many as there can be; and what
 * all of them together may add to a head: names, values and what stands between
 * them, bytes. */
#define LIMIT_EDITS	  64
#define LIMIT_RULE_FIELDS 2560

/* A page made by the server: an error's, a redirect's. */
#define LIMIT_PAGE 7168

/* Names of fields that a CORS preflight asks for, answered as they came. */
#define LIMIT_CORS_FIELDS 512

/* Steps in the trail of reasons of one exchange. */
#define LIMIT_TRAIL 16

/* Parts of a multipart/byteranges answer. */
#define LIMIT_RANGES 32

#define LIMIT_WORKERS	  256
#define LIMIT_LISTENERS	  16
#define LIMIT_CONNECTIONS 1000000

/* Turns of a worker's loop: what one wake-up may do before others' turn. */
#define LIMIT_EVENTS_PER_WAKE	256
#define LIMIT_ACCEPTS_PER_WAKE	32
#define LIMIT_ACCEPTS_IN_TURN	4	/* where there are other workers */
#define LIMIT_REQUESTS_PER_TURN 32	/* pipelined, per connection */
#define LIMIT_SEND_PER_TURN	1048576 /* bytes of a file, or of a part of it */

/* Events of one worker on their way to the recorder, bytes. */
#define LIMIT_RING (8u << 20)

_Static_assert(LIMIT_HEAD_MAX < 65536, "offsets in a head are 16 bits");
_Static_assert(LIMIT_RING / 4 > LIMIT_HEAD_MAX + LIMIT_RESPONSE_BUFFER + 1024,
    "an event with its two heads fits the ring");
_Static_assert(
    LIMIT_REDIRECT + LIMIT_RULE_FIELDS + LIMIT_CORS_FIELDS + 1024 + LIMIT_PAGE <
	LIMIT_RESPONSE_BUFFER,
    "a head with Location, and a page, fit the buffer");

#endif
