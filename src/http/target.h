/* From the path of a request target to the path of a file: decoded once,
 * dot segments removed, bounded.  Only what comes out of here is ever given
 * to the file system. */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

#include "base/limits.h"
#include "base/span.h"
#include "http/reason.h"

/* Begins with one '/'; no empty, "." or ".." segment; no NUL, no control
 * byte; NUL-terminated.  Runs of slashes are one slash. */
struct target_path {
	uint16_t n;	    /* bytes, without the NUL */
	bool folder;	    /* ends in '/' */
	char s[LIMIT_PATH]; /* the path */
};

/* A byte that no path may have, decoded or not. */
static inline bool
target_is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* Decode and normalise.  REASON_NONE, or why not, with the offset in `raw` of
 * the byte that is at fault (PATH_LONG: the bound) in *at.  Status: 400, for
 * PATH_LONG 414. */
enum reason_id target_decode(
    struct span raw, struct target_path *out, size_t *at);

#endif
