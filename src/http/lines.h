/* The field lines of a head as they travelled, read leniently: for looking at
 * what was kept, malformed heads included.  What a request means is decided by
 * http/head.h and by nothing else. */
#ifndef HTTP_LINES_H
#define HTTP_LINES_H

#include "base/span.h"

struct head_line {
	struct span name;  /* trimmed; empty when the line has no colon */
	struct span value; /* trimmed; the whole line when it has none */
};

/* Take the next line of *s, without its end, which is CRLF or a lone LF. */
struct span lines_take(struct span *s);

/* The first line of a head, without its end; an empty line before it is passed
 * over.  *rest is what follows. */
struct span lines_first(struct span head, struct span *rest);

/* Take the next field line; false at the empty line that ends the head, or at
 * the end of the bytes.  Lines end with CRLF or LF.  A folded line (RFC 9112
 * 5.2) comes as one without a name. */
bool lines_next(struct span *rest, struct head_line *out);

/* The value of the first field of that name, without regard to case; p is NULL
 * when there is none. */
struct span lines_value(struct span head, struct span name);

#endif
