/* What a code point takes on a screen, and what stands for it where only ASCII
 * can be shown.  Own tables: the result must not depend on the locale. */
#ifndef UI_GLYPH_H
#define UI_GLYPH_H

#include <stdint.h>

#include "base/buf.h"

/* Columns of a code point: 0 (combining), 1 or 2 (East Asian wide). */
int glyph_width(uint32_t cp);

/* The ASCII character that stands for it; '?' when none was chosen. */
char glyph_ascii(uint32_t cp);

/* Columns of a NUL-terminated UTF-8 text; a byte that is not UTF-8 counts 1. */
int glyph_text_width(const char *s);

/* Append a code point (not a surrogate) as UTF-8. */
void glyph_put(struct buf *out, uint32_t cp);

#endif
