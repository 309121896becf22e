/* A bounded buffer that is appended to.  What does not fit is not written and
 * sets `full`, which stays set: a caller appends freely and asks once, at the
 * end (Varnish's workspace habit).  The bytes belong to whoever made it. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdint.h>

#include "base/span.h"

struct buf {
	char *p;    /* not owned */
	size_t cap; /* bytes at p */
	size_t n;   /* bytes used */
	bool full;  /* something did not fit */
};

static inline struct buf
buf_over(char *p, size_t cap)
{
	return (struct buf){ .p = p, .cap = cap };
}

static inline struct span
buf_span(const struct buf *b)
{
	return span_of(b->p, b->n);
}

/* Append the bytes, all or none. */
static inline void
buf_put(struct buf *b, struct span s)
{
	if (s.n > b->cap - b->n) {
		b->full = true;
		return;
	}
	if (s.n)
		memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

static inline void
buf_putc(struct buf *b, char c)
{
	if (b->n == b->cap) {
		b->full = true;
		return;
	}
	b->p[b->n++] = c;
}

/* Append a NUL-terminated string; of a literal's the compiler knows the length.
 */
static inline void
buf_puts(struct buf *b, const char *s)
{
	buf_put(b, span_str(s));
}

/* Append in decimal. */
void buf_putu(struct buf *b, uint64_t v);

/* printf into the buffer: all or none; needs room for one byte more than it
 * appends.  Not for a request's way. */
void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Append with & < > " ' as character references, so that the bytes are text
 * in HTML, in an attribute's value too. */
void buf_put_html(struct buf *b, struct span s);

/* Append percent-encoded (RFC 3986 2.1): unreserved characters and '/' pass,
 * every other byte becomes %XX. */
void buf_put_pct(struct buf *b, struct span s);

/* Append a part of a URI that came from outside: what no URI may have (RFC 3986
 * 2) becomes %XX, everything else passes, '%' and delimiters included. */
void buf_put_uri(struct buf *b, struct span s);

/* Whether buf_put_pct leaves the character as it is, '/' aside. */
bool buf_pct_plain(char c);

/* Append as the inside of a JSON string (RFC 8259 7), without the quotes.
 * Bytes that are not valid UTF-8 become U+FFFD. */
void buf_put_json(struct buf *b, struct span s);

/* Terminate with NUL inside the capacity, cutting the last byte if need be.
 * cap must be at least 1.  Returns p. */
const char *buf_cstr(struct buf *b);

#endif
