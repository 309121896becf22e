/* Untrusted bytes made fit for a screen, a log and a terminal.
 *
 * Only 0x20 to 0x7E pass, and valid UTF-8 that is a letter, mark, number,
 * punctuation or symbol: never controls, bidirectional marks, zero-width or
 * tag characters, surrogates, noncharacters, private use.  Everything else is
 * written \xHH, a backslash itself \\ so that nothing can be forged.  What
 * comes out is valid UTF-8 and can be put through again for the screen alone
 * by nothing: do it once, where the bytes enter (DESIGN.md). */
#ifndef BASE_PRINTABLE_H
#define BASE_PRINTABLE_H

#include "base/buf.h"

enum printable_mode {
	PRINTABLE_ASCII, /* everything above 0x7E escaped: for log files */
	PRINTABLE_UTF8,	 /* visible UTF-8 kept: for the screen */
};

/* Append `s` made printable.  When it does not fit, as many whole units
 * (a character or an escape, never half of one) as fit, and b->full. */
void printable_put(struct buf *b, struct span s, enum printable_mode mode);

/* As printable_put into out[cap], NUL-terminated; a cut is shown by a final
 * "..." ( cap at least 8).  Returns the length without the NUL. */
size_t printable_str(
    char *out, size_t cap, struct span s, enum printable_mode mode);

/* Length in bytes (1 to 4) of the valid UTF-8 sequence at s.p, its code point
 * in *cp; 0 when there is none (cut, overlong, surrogate, above U+10FFFF). */
size_t utf8_decode(struct span s, uint32_t *cp);

#endif
