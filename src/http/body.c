#include "http/body.h"

#include "base/num.h"
#include "http/token.h"

/* A size of 16 hexadecimal digits is the largest that 64 bits hold. */
enum { SIZE_DIGITS = 16, EXTENSION_MAX = 256, TRAILERS_MAX = 4096 };

enum phase {
	PHASE_CONTENT, /* of the length that Content-Length said */
	PHASE_SIZE,
	PHASE_EXT_NAME,	 /* first character of an extension's name */
	PHASE_EXT_NAMED, /* further ones */
	PHASE_EXT_VALUE, /* after '=' */
	PHASE_EXT_TOKEN,
	PHASE_EXT_QUOTED,
	PHASE_EXT_ESCAPED, /* after a backslash in the quotes */
	PHASE_EXT_END,	   /* after the closing quote */
	PHASE_SIZE_LF,
	PHASE_CHUNK,
	PHASE_CHUNK_CR,
	PHASE_CHUNK_LF,
	PHASE_TRAILER, /* at the start of a line */
	PHASE_TRAILER_NAME,
	PHASE_TRAILER_VALUE,
	PHASE_TRAILER_LF,
	PHASE_END_LF,
	/* for good */
	PHASE_COMPLETE,
	PHASE_BAD,
	PHASE_OVER,
};

void
body_init(struct body_reader *b, enum body_framing framing,
    uint64_t content_length, uint64_t budget)
{
	*b = (struct body_reader){ .budget = budget };
	switch (framing) {
	case BODY_NONE:
		b->phase = PHASE_COMPLETE;
		break;
	case BODY_LENGTH:
		b->left = content_length;
		b->phase = content_length ? PHASE_CONTENT : PHASE_COMPLETE;
		break;
	case BODY_CHUNKED:
		b->phase = PHASE_SIZE;
		break;
	}
}

static bool
go(struct body_reader *b, enum phase next)
{
	b->phase = (uint8_t)next;
	return true;
}

/* Expect that byte and no other. */
static bool
expect(struct body_reader *b, char c, char wanted, enum phase next)
{
	return c == wanted && go(b, next);
}

static bool
step_size(struct body_reader *b, char c)
{
	int digit = num_hexdigit(c);

	if (digit >= 0) {
		if (b->digits == SIZE_DIGITS)
			return false;
		b->digits++;
		b->left = b->left << 4 | (unsigned)digit;
		return true;
	}
	if (b->digits == 0)
		return false;
	if (c == ';') {
		b->line = 1;
		return go(b, PHASE_EXT_NAME);
	}
	return expect(b, c, '\r', PHASE_SIZE_LF);
}

/* What may follow a complete extension. */
static bool
step_extension_end(struct body_reader *b, char c)
{
	if (c == ';')
		return go(b, PHASE_EXT_NAME);
	return expect(b, c, '\r', PHASE_SIZE_LF);
}

/* chunk-ext (RFC 9112 7.1.1), but without the "bad" whitespace that the
 * grammar only tolerates. */
static bool
step_extension(struct body_reader *b, char c)
{
	if (c != '\r' && b->line++ == EXTENSION_MAX)
		return false;
	switch ((enum phase)b->phase) {
	case PHASE_EXT_NAME:
		return token_char(c) && go(b, PHASE_EXT_NAMED);
	case PHASE_EXT_NAMED:
		if (token_char(c))
			return true;
		if (c == '=')
			return go(b, PHASE_EXT_VALUE);
		return step_extension_end(b, c);
	case PHASE_EXT_VALUE:
		if (c == '"')
			return go(b, PHASE_EXT_QUOTED);
		return token_char(c) && go(b, PHASE_EXT_TOKEN);
	case PHASE_EXT_TOKEN:
		return token_char(c) || step_extension_end(b, c);
	case PHASE_EXT_QUOTED:
		if (c == '"')
			return go(b, PHASE_EXT_END);
		if (c == '\\')
			return go(b, PHASE_EXT_ESCAPED);
		return token_text_char(c);
	case PHASE_EXT_ESCAPED:
		return token_text_char(c) && go(b, PHASE_EXT_QUOTED);
	default: /* PHASE_EXT_END */
		return step_extension_end(b, c);
	}
}

static bool
step_size_end(struct body_reader *b, char c)
{
	b->digits = 0;
	b->line = 0;
	return expect(b, c, '\n', b->left ? PHASE_CHUNK : PHASE_TRAILER);
}

/* Field lines as RFC 9112 5 has them, and no folded ones.  All of them
 * together are bounded; the empty line that ends them is not one. */
static bool
step_trailer(struct body_reader *b, char c)
{
	if (b->phase == PHASE_TRAILER && c == '\r')
		return go(b, PHASE_END_LF);
	if (b->line++ == TRAILERS_MAX)
		return false;
	switch ((enum phase)b->phase) {
	case PHASE_TRAILER:
		return token_char(c) && go(b, PHASE_TRAILER_NAME);
	case PHASE_TRAILER_NAME:
		if (token_char(c))
			return true;
		return expect(b, c, ':', PHASE_TRAILER_VALUE);
	case PHASE_TRAILER_VALUE:
		if (token_text_char(c))
			return true;
		return expect(b, c, '\r', PHASE_TRAILER_LF);
	default: /* PHASE_TRAILER_LF */
		return expect(b, c, '\n', PHASE_TRAILER);
	}
}

/* Take one byte of framing; false when it is at fault. */
static bool
step(struct body_reader *b, char c)
{
	switch ((enum phase)b->phase) {
	case PHASE_SIZE:
		return step_size(b, c);
	case PHASE_SIZE_LF:
		return step_size_end(b, c);
	case PHASE_CHUNK_CR:
		return expect(b, c, '\r', PHASE_CHUNK_LF);
	case PHASE_CHUNK_LF:
		return expect(b, c, '\n', PHASE_SIZE);
	case PHASE_TRAILER:
	case PHASE_TRAILER_NAME:
	case PHASE_TRAILER_VALUE:
	case PHASE_TRAILER_LF:
		return step_trailer(b, c);
	case PHASE_END_LF:
		return expect(b, c, '\n', PHASE_COMPLETE);
	default:
		return step_extension(b, c);
	}
}

/* Content is counted and not looked at; returns how many of `n` bytes it is. */
static size_t
skip_content(struct body_reader *b, size_t n)
{
	if (n >= b->left) {
		n = (size_t)b->left;
		b->phase =
		    b->phase == PHASE_CHUNK ? PHASE_CHUNK_CR : PHASE_COMPLETE;
	}
	b->left -= n;
	b->content += n;
	return n;
}

static void
consume(struct body_reader *b, size_t n, size_t *used)
{
	b->budget -= n;
	b->seen += n;
	*used += n;
}

enum body_result
body_read(struct body_reader *b, const char *p, size_t n, size_t *used)
{
	*used = 0;
	for (;;) {
		switch ((enum phase)b->phase) {
		case PHASE_COMPLETE:
			return BODY_COMPLETE;
		case PHASE_BAD:
			return BODY_BAD;
		case PHASE_OVER:
			return BODY_OVER;
		case PHASE_CONTENT:
		case PHASE_CHUNK:
			/* said beforehand, so refused beforehand */
			if (b->left > b->budget) {
				b->phase = PHASE_OVER;
				break;
			}
			if (*used == n)
				return BODY_MORE;
			consume(b, skip_content(b, n - *used), used);
			break;
		default:
			if (*used == n)
				return BODY_MORE;
			if (b->budget == 0)
				b->phase = PHASE_OVER;
			else if (step(b, p[*used]))
				consume(b, 1, used);
			else
				b->phase = PHASE_BAD;
		}
	}
}
