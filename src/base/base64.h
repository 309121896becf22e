/* Base 64 (RFC 4648). */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"

/* Append `s` in the standard alphabet, padded (RFC 4648 4). */
void base64_put(struct buf *b, struct span s);

/* Append what `s`, in the URL-safe alphabet without padding, stands for
 * (RFC 4648 5).  False when it is not that, or does not fit. */
bool base64url_decode(struct buf *b, struct span s);

#endif
