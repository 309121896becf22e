/* What the program has to say to whoever runs it: log trouble, a refused
 * reload, descriptors exhausted.  Any thread may say something; a bounded list
 * keeps the newest for the console, and each is written to stderr when there
 * is no console. */
#ifndef BASE_NOTICE_H
#define BASE_NOTICE_H

#include <stdint.h>

#include "base/span.h"

#define NOTICE_TEXT 240 /* bytes with the NUL; longer is cut */
#define NOTICE_KEPT 64

enum notice_level { NOTICE_DEBUG, NOTICE_INFO, NOTICE_WARN, NOTICE_ERROR };

struct notice {
	uint64_t seq; /* from 1 */
	int64_t wall; /* ns since 1970 */
	enum notice_level level;
	char text[NOTICE_TEXT]; /* printable */
};

/* Say it.  Bytes that are not printable are escaped.  Never waits for a reader
 * of stderr: what that does not take at once is only kept, as is everything
 * with stderr off (a console owns the screen). */
void notice(enum notice_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The same, but a text that comes from the same `key` place again within
 * 10 seconds is counted and not said. */
struct notice_gate {
	_Atomic int64_t next; /* ns, monotonic */
	_Atomic uint32_t held;
};
void notice_gated(struct notice_gate *gate, enum notice_level level,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Copy the newest notices with seq > after, oldest first, at most `max`.
 * Returns how many. */
unsigned notice_read(uint64_t after, struct notice *out, unsigned max);

/* Whether notices are written to stderr (default true), and from which level
 * on (default NOTICE_INFO).  NOTICE_DEBUG is not even kept unless the level
 * admits it: it would push out what matters. */
void notice_to_stderr(bool on);
void notice_min_level(enum notice_level level);

#endif
