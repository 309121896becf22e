/* Where a run of bytes of one class ends: the inner loops of the head parser.
 * With SSE2, which every x86-64 has, 16 bytes at a time; else, and where fewer
 * are left, by a table.  Both give the same (tests/unit/test_scan.c). */
#ifndef HTTP_SCAN_H
#define HTTP_SCAN_H

#include <stdbool.h>
#include <stddef.h>

/* What a byte may be part of. */
enum scan_class {
	SCAN_TOKEN = 1,	 /* tchar (RFC 9110 5.6.2) */
	SCAN_TARGET = 2, /* visible ASCII without '#' (RFC 9112 3.2) */
	SCAN_VALUE = 4,	 /* field-content, blanks, obs-text (RFC 9110 5.5) */
	SCAN_HOST = 8,	 /* reg-name but for '%' (RFC 3986 3.2.2) */
};

extern const unsigned char scan_classes[256];

static inline bool
scan_is(char c, enum scan_class class)
{
	return (scan_classes[(unsigned char)c] & class) != 0;
}

/* The first offset in [from, to) whose byte is not of the class, else `to`.
 * Bytes up to n, which is at least `to`, may be read. */
size_t scan_token(const char *p, size_t from, size_t to, size_t n);
size_t scan_target(const char *p, size_t from, size_t to, size_t n);
size_t scan_value(const char *p, size_t from, size_t to, size_t n);

/* The same byte by byte. */
size_t scan_bytes(const char *p, size_t from, size_t to, enum scan_class class);

#endif
