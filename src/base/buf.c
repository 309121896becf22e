#include "base/buf.h"

#include <stdio.h>

#include "base/printable.h"

static size_t
decimal_digits(uint64_t v)
{
	size_t n = 1;

	for (; v >= 10000; v /= 10000)
		n += 4;
	return n + (v >= 10) + (v >= 100) + (v >= 1000);
}

/* In place: two digits that are copied right after they were written, as one
 * word, make the processor wait for them. */
void
buf_putu(struct buf *b, uint64_t v)
{
	static const char pairs[] = "00010203040506070809"
				    "10111213141516171819"
				    "20212223242526272829"
				    "30313233343536373839"
				    "40414243444546474849"
				    "50515253545556575859"
				    "60616263646566676869"
				    "70717273747576777879"
				    "80818283848586878889"
				    "90919293949596979899";
	size_t n = decimal_digits(v);
	char *end;

	if (n > b->cap - b->n) {
		b->full = true;
		return;
	}
	b->n += n;
	for (end = b->p + b->n; v >= 100; v /= 100) {
		end -= 2;
		memcpy(end, pairs + v % 100 * 2, 2);
	}
	if (v >= 10)
		memcpy(end - 2, pairs + v * 2, 2);
	else
		end[-1] = (char)('0' + v);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	size_t room = b->cap - b->n;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = room ? vsnprintf(b->p + b->n, room, fmt, ap) : -1;
	va_end(ap);
	if (n < 0 || (size_t)n >= room)
		b->full = true;
	else
		b->n += (size_t)n;
}

static struct span
html_reference(char c)
{
	switch (c) {
	case '&':
		return SPAN("&amp;");
	case '<':
		return SPAN("&lt;");
	case '>':
		return SPAN("&gt;");
	case '"':
		return SPAN("&quot;");
	case '\'':
		return SPAN("&#39;");
	default:
		return span_of(NULL, 0);
	}
}

void
buf_put_html(struct buf *b, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		struct span ref = html_reference(s.p[i]);
		struct span unit = ref.n ? ref : span_of(s.p + i, 1);

		if (unit.n > b->cap - b->n) {
			b->full = true;
			return;
		}
		buf_put(b, unit);
	}
}

static bool
is_unreserved(char c)
{
	char low = ascii_lower(c);

	return (low >= 'a' && low <= 'z') || ascii_is_digit(c) || c == '-' ||
	    c == '.' || c == '_' || c == '~';
}

static void
put_escaped(struct buf *b, char c)
{
	static const char hex[] = "0123456789ABCDEF";
	unsigned char u = (unsigned char)c;
	char unit[3] = { '%', hex[u >> 4], hex[u & 15] };

	buf_put(b, span_of(unit, 3));
}

bool
buf_pct_plain(char c)
{
	return is_unreserved(c);
}

void
buf_put_pct(struct buf *b, struct span s)
{
	for (size_t i = 0; i < s.n && !b->full; i++)
		if (is_unreserved(s.p[i]) || s.p[i] == '/')
			buf_putc(b, s.p[i]);
		else
			put_escaped(b, s.p[i]);
}

/* gen-delims, sub-delims and '%' (RFC 3986 2.2, 2.1). */
static bool
is_delimiter(char c)
{
	return c != '\0' && strchr(":/?#[]@!$&'()*+,;=%", c) != NULL;
}

void
buf_put_uri(struct buf *b, struct span s)
{
	for (size_t i = 0; i < s.n && !b->full; i++)
		if (is_unreserved(s.p[i]) || is_delimiter(s.p[i]))
			buf_putc(b, s.p[i]);
		else
			put_escaped(b, s.p[i]);
}

/* The two-character escapes of RFC 8259 7, or 0. */
static char
json_short(uint32_t cp)
{
	switch (cp) {
	case '"':
	case '\\':
		return (char)cp;
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return 0;
	}
}

/* RFC 8259 demands it below U+0020 only; DEL and C1 would reach a terminal,
 * U+2028 and U+2029 end a line in old JavaScript. */
static bool
json_must_escape(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || cp == 0x2028 ||
	    cp == 0x2029;
}

/* One character of JSON text into unit[8]; returns its length. */
static size_t
json_unit(char unit[8], struct span raw, uint32_t cp)
{
	char c = json_short(cp);

	if (c) {
		unit[0] = '\\';
		unit[1] = c;
		return 2;
	}
	if (json_must_escape(cp))
		return (size_t)snprintf(unit, 8, "\\u%04x", cp & 0xffff);
	memcpy(unit, raw.p, raw.n);
	return raw.n;
}

void
buf_put_json(struct buf *b, struct span s)
{
	static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

	while (s.n) {
		uint32_t cp;
		size_t len = utf8_decode(s, &cp);
		char unit[8];
		size_t n = len ? json_unit(unit, span_of(s.p, len), cp) : 3;

		if (n > b->cap - b->n) {
			b->full = true;
			return;
		}
		buf_put(b, span_of(len ? unit : replacement, n));
		s = span_skip(s, len ? len : 1);
	}
}

const char *
buf_cstr(struct buf *b)
{
	if (b->n == b->cap) {
		b->n--;
		b->full = true;
	}
	b->p[b->n] = '\0';
	return b->p;
}
