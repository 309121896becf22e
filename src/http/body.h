/* The content of a request, read only to be thrown away and to find where the
 * next request begins (RFC 9112 6, 7.1).  Strict: chunk sizes are hexadecimal
 * digits only (at most 16), lines end in CRLF.  Chunk extensions are checked
 * and bounded to 256 bytes a line, trailers to 4096 together; blanks around
 * extensions are refused. */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include <stdint.h>

#include "http/request.h"

enum body_result {
	BODY_MORE,     /* give more bytes */
	BODY_COMPLETE, /* the content ended */
	BODY_BAD,      /* not valid framing */
	BODY_OVER,     /* more than the budget, framing bytes included */
};

struct body_reader {
	uint64_t budget;  /* bytes that may still come, framing included */
	uint64_t left;	  /* of the content, or of the chunk */
	uint64_t seen;	  /* bytes consumed, framing included */
	uint64_t content; /* of these, without framing */
	uint8_t phase;
	uint8_t digits; /* of the chunk size */
	uint16_t line;	/* bytes of the extensions, or of the trailers */
};

/* Make ready.  `budget`: bytes, framing included, that are acceptable. */
void body_init(struct body_reader *b, enum body_framing framing,
    uint64_t content_length, uint64_t budget);

/* Consume from `p`; *used says how many of the n bytes belong to the content.
 * With BODY_BAD, b->seen is the offset of the byte at fault.  A length or a
 * chunk larger than what is left of the budget is BODY_OVER as soon as it is
 * known.  Split anywhere, the result is the same; all but BODY_MORE stay. */
enum body_result body_read(
    struct body_reader *b, const char *p, size_t n, size_t *used);

#endif
