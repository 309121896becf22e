#include "base/base64.h"

#include <stdint.h>

static const char standard[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_put(struct buf *b, struct span s)
{
	for (size_t i = 0; i < s.n; i += 3) {
		size_t left = s.n - i < 3 ? s.n - i : 3;
		char quad[4] = { '=', '=', '=', '=' };
		uint32_t v = 0;

		for (size_t k = 0; k < 3; k++)
			v = v << 8 |
			    (k < left ? (unsigned char)s.p[i + k] : 0u);
		for (size_t k = 0; k <= left; k++)
			quad[k] = standard[v >> (18 - 6 * k) & 63];
		buf_put(b, span_of(quad, 4));
	}
}

/* The value of a digit of the URL-safe alphabet, or -1. */
static int
base64url_digit(char c)
{
	const char *at;

	if (c == '-')
		return 62;
	if (c == '_')
		return 63;
	at = c == '\0' || c == '+' || c == '/' ? NULL : strchr(standard, c);
	return at ? (int)(at - standard) : -1;
}

bool
base64url_decode(struct buf *b, struct span s)
{
	uint32_t v = 0;
	unsigned bits = 0;

	if (s.n % 4 == 1)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int digit = base64url_digit(s.p[i]);

		if (digit < 0)
			return false;
		v = v << 6 | (uint32_t)digit;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			buf_putc(b, (char)(v >> bits & 0xff));
		}
	}
	return !b->full && (v & ((1u << bits) - 1)) == 0;
}
