/* Entity tags (RFC 9110 8.8.3) and lists of them (13.1.1, 13.1.2). */
#ifndef HTTP_ETAG_H
#define HTTP_ETAG_H

#include <stdint.h>

#include "base/buf.h"

#define ETAG_MAX 48

/* Append the strong tag of a file: size and modification time in nanoseconds,
 * nothing of this machine, so that replicas agree (Apache CVE-2003-1418); of a
 * coded representation also the coding's name (RFC 9110 8.8.3.3), NULL for
 * none.  At most ETAG_MAX bytes. */
void etag_put(
    struct buf *b, uint64_t size, int64_t mtime_ns, const char *coding);

enum etag_match { ETAG_NO_MATCH, ETAG_MATCH, ETAG_STAR, ETAG_BAD_LIST };

/* Look for `etag` in one field value: a list of tags, or "*".  `strong`: the
 * strong comparison, by which weak tags never match; else the weak one.
 * *counted grows by the tags that were looked at, up to the one that matched.
 * A value that is not a list is ETAG_BAD_LIST, even if a tag before the fault
 * would have matched. */
enum etag_match etag_list_match(
    struct span list, struct span etag, bool strong, unsigned *counted);

#endif
