#include "http/proxy.h"

#include "http/reason.h"

#define HEADER_FIXED 16 /* bytes of version 2 before the addresses */

static enum proxy_result
proxy_refuse(struct proxy_head *h, enum reason_id why, size_t at)
{
	h->error = (uint16_t)why;
	h->error_at = (uint32_t)at;
	return PROXY_BAD;
}

/* Whether `s` begins with `start`, as far as it goes. */
static enum proxy_result
proxy_begins(struct span s, struct span start, struct proxy_head *h)
{
	for (size_t i = 0; i < s.n && i < start.n; i++)
		if (s.p[i] != start.p[i])
			return proxy_refuse(h, REASON_PROXY_MISSING, i);
	return s.n < start.n ? PROXY_MORE : PROXY_DONE;
}

/* --- version 1: "PROXY TCP4 192.0.2.1 192.0.2.2 4711 80" --- */

/* Take a blank and the word behind it; *at is where either is missing or the
 * word begins. */
static bool
proxy_take_word(struct span line, size_t *next, size_t *at, struct span *word)
{
	size_t end;

	*at = *next;
	if (*at == line.n || line.p[*at] != ' ')
		return false;
	end = ++*at;
	while (end < line.n && line.p[end] != ' ')
		end++;
	*word = span_of(line.p + *at, end - *at);
	*next = end;
	return true;
}

static bool
proxy_read_word(
    unsigned i, struct span word, uint8_t version, struct http_address *a)
{
	if (i >= 2)
		return address_read_port(word, &a->port);
	return address_read(word, a) && a->version == version;
}

/* Addresses and ports of the client, and of where it connected to. */
static enum proxy_result
proxy_read_words(
    struct span line, size_t next, uint8_t version, struct proxy_head *h)
{
	struct http_address end[2];
	struct span word;
	size_t at;

	for (unsigned i = 0; i < 4; i++)
		if (!proxy_take_word(line, &next, &at, &word) ||
		    !proxy_read_word(i, word, version, &end[i % 2]))
			return proxy_refuse(h, REASON_PROXY_LINE, at);
	if (next != line.n)
		return proxy_refuse(h, REASON_PROXY_LINE, next);
	h->source = end[0];
	return PROXY_DONE;
}

static enum proxy_result
proxy_parse_line(struct span s, struct proxy_head *h)
{
	static const struct span start = { "PROXY", 5 };
	enum proxy_result r = proxy_begins(s, start, h);
	size_t most = s.n < PROXY_LINE_MAX ? s.n : PROXY_LINE_MAX, next, at;
	struct span line, word;
	const char *lf;

	if (r != PROXY_DONE)
		return r;
	h->version = 1;
	lf = memchr(s.p, '\n', most);
	if (lf == NULL)
		return s.n < PROXY_LINE_MAX
		    ? PROXY_MORE
		    : proxy_refuse(h, REASON_PROXY_LONG, PROXY_LINE_MAX - 1);
	h->length = (uint32_t)(lf - s.p) + 1;
	line = span_of(s.p, h->length - 2u);
	if (line.p[line.n] != '\r')
		return proxy_refuse(h, REASON_PROXY_LINE, line.n + 1);
	next = start.n;
	if (!proxy_take_word(line, &next, &at, &word))
		return proxy_refuse(h, REASON_PROXY_LINE, start.n);
	if (span_eq(word, SPAN("UNKNOWN")))
		return PROXY_DONE; /* whatever else the line says */
	if (span_eq(word, SPAN("TCP4")))
		return proxy_read_words(line, next, ADDRESS_V4, h);
	if (span_eq(word, SPAN("TCP6")))
		return proxy_read_words(line, next, ADDRESS_V6, h);
	return proxy_refuse(h, REASON_PROXY_LINE, at);
}

/* --- version 2: binary --- */

/* Of each family, with TCP or its like behind it, the bytes of its addresses;
 * an HTTP client came by nothing else. */
static const struct {
	uint8_t family; /* and transport */
	uint8_t version;
	uint8_t bytes;
} families[] = {
	{ 0x00, ADDRESS_NONE, 0 },
	{ 0x11, ADDRESS_V4, 12 },
	{ 0x21, ADDRESS_V6, 36 },
	{ 0x31, ADDRESS_NONE, 216 },
};

static unsigned
proxy_byte(struct span s, size_t at)
{
	return (unsigned char)s.p[at];
}

/* The row of what byte 13 says; of LOCAL it says nothing, and is skipped.
 * False when there is none. */
static bool
proxy_find_family(struct span s, unsigned *row)
{
	*row = 0;
	if (proxy_byte(s, 12) == 0x20)
		return true;
	for (; *row < sizeof(families) / sizeof(families[0]); ++*row)
		if (families[*row].family == proxy_byte(s, 13))
			return true;
	return false;
}

/* Both addresses stand before both ports. */
static void
proxy_read_source(struct span s, unsigned row, struct http_address *source)
{
	size_t n = families[row].version == ADDRESS_V4 ? 4 : 16;
	size_t port = HEADER_FIXED + 2 * n;

	if (families[row].version == ADDRESS_NONE)
		return;
	source->version = families[row].version;
	memcpy(source->addr, s.p + HEADER_FIXED, n);
	source->port =
	    (uint16_t)(proxy_byte(s, port) << 8 | proxy_byte(s, port + 1));
}

static enum proxy_result
proxy_parse_header(struct span s, struct proxy_head *h)
{
	static const struct span start = { "\r\n\r\n\0\r\nQUIT\n", 12 };
	enum proxy_result r = proxy_begins(s, start, h);
	size_t length;
	unsigned row;

	if (r == PROXY_BAD || s.n <= 12)
		return r == PROXY_DONE ? PROXY_MORE : r;
	h->version = 2;
	if (proxy_byte(s, 12) != 0x20 && proxy_byte(s, 12) != 0x21)
		return proxy_refuse(h, REASON_PROXY_HEADER, 12);
	if (s.n <= 13)
		return PROXY_MORE;
	if (!proxy_find_family(s, &row))
		return proxy_refuse(h, REASON_PROXY_HEADER, 13);
	if (s.n < HEADER_FIXED)
		return PROXY_MORE;
	length = proxy_byte(s, 14) << 8 | proxy_byte(s, 15);
	if (length < families[row].bytes)
		return proxy_refuse(h, REASON_PROXY_HEADER, 14);
	if (HEADER_FIXED + length > PROXY_HEADER_MAX)
		return proxy_refuse(h, REASON_PROXY_LONG, 14);
	if (s.n < HEADER_FIXED + length)
		return PROXY_MORE;
	h->length = (uint32_t)(HEADER_FIXED + length);
	proxy_read_source(s, row, &h->source);
	return PROXY_DONE;
}

enum proxy_result
proxy_parse(struct span s, struct proxy_head *out)
{
	*out = (struct proxy_head){ .version = 0 };
	if (s.n == 0)
		return PROXY_MORE;
	return s.p[0] == 'P' ? proxy_parse_line(s, out)
			     : proxy_parse_header(s, out);
}
