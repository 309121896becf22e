/* HTTP dates (RFC 9110 5.6.7), and dates for pages and JSON. */
#ifndef HTTP_DATE_H
#define HTTP_DATE_H

#include <stdint.h>

#include "base/span.h"

#define DATE_LEN     29
#define DATE_ISO_LEN 20

/* Write IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT", without a NUL.  `secs`
 * since 1970 is clamped to the years 0001 to 9999.  No locale, no libc. */
void date_format(char out[DATE_LEN], int64_t secs);

/* Write "1994-11-06T08:49:37Z" (RFC 3339), likewise. */
void date_format_iso(char out[DATE_ISO_LEN], int64_t secs);

/* Any of the three formats; `now` (seconds since 1970) settles two-digit
 * years: more than 50 years ahead means the past.  A leap second (23:59:60)
 * counts as the second after.  The weekday must be one, but not that day's.
 * False when it is none of them, or no such day exists; *secs is then
 * unchanged.  There is no year 0000. */
bool date_parse(struct span s, int64_t now, int64_t *secs);

#endif
