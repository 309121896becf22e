/* The characters of tokens and quoted strings (RFC 9110 5.6.2, 5.6.4). */
#ifndef HTTP_TOKEN_H
#define HTTP_TOKEN_H

#include <stdint.h>

#include "base/span.h"

/* tchar: letters, digits and !#$%&'*+-.^_`|~ */
static inline bool
token_char(char c)
{
	/* one bit a character, 32 a word */
	static const uint32_t set[8] = { 0x00000000, 0x03ff6cfa, 0xc7fffffe,
		0x57ffffff, 0, 0, 0, 0 };
	unsigned char u = (unsigned char)c;
	return set[u / 32] >> (u % 32) & 1;
}

/* field-vchar, SP or HTAB (RFC 9110 5.5): what a field value is made of, and,
 * after a backslash, a quoted-pair. */
static inline bool
token_text_char(char c)
{
	unsigned char u = (unsigned char)c;
	return u == '\t' || (u >= 0x20 && u != 0x7f);
}

/* The number of token characters that `s` begins with. */
static inline size_t
token_length(struct span s)
{
	size_t i = 0;
	while (i < s.n && token_char(s.p[i]))
		i++;
	return i;
}

/* The number of bytes of the quoted-string that `s` begins with, quotes
 * included; 0 when there is none. */
static inline size_t
token_quoted_length(struct span s)
{
	if (s.n == 0 || s.p[0] != '"')
		return 0;
	for (size_t i = 1; i < s.n && token_text_char(s.p[i]); i++) {
		if (s.p[i] == '"')
			return i + 1;
		if (s.p[i] == '\\' && (++i == s.n || !token_text_char(s.p[i])))
			return 0;
	}
	return 0;
}

/* Take the next member of a comma-separated list (RFC 9110 5.6.1), trimmed;
 * false at the end.  Empty members are given too. */
static inline bool
list_next(struct span *list, struct span *member)
{
	const char *comma;

	if (list->p == NULL)
		return false;
	comma = list->n ? memchr(list->p, ',', list->n) : NULL;
	if (comma == NULL) {
		*member = span_trim(*list);
		list->p = NULL;
		return true;
	}
	*member = span_trim(span_of(list->p, (size_t)(comma - list->p)));
	*list = span_skip(*list, (size_t)(comma - list->p) + 1);
	return true;
}

#endif
