/* Who and what was asked for most: hits, bytes, errors and times of the most
 * frequent paths, clients, agents, statuses and types since the start.
 *
 * Space-saving counters (Metwally, Agrawal, El Abbadi 2005): TOP_KEPT of a
 * kind whatever comes.  While there are no more different ones every figure is
 * exact; then the rarest gives its place to what is new, whose hits may be too
 * high by what it had (`over`), and whose other figures begin there. */
#ifndef UI_TOP_H
#define UI_TOP_H

#include <stdbool.h>
#include <stdint.h>

#include "watch/journal.h"

#define TOP_KEPT 256
#define TOP_NAME 128 /* longer ones count as one when they begin so */

/* kind, title, column, key that a filter knows it by */
#define TOP_TABLE(X)                                                           \
	X(PATHS, "paths", "PATH", "path")                                      \
	X(CLIENTS, "clients", "CLIENT", "client")                              \
	X(AGENTS, "agents", "AGENT", "ua")                                     \
	X(STATUSES, "statuses", "STATUS", "status")                            \
	X(TYPES, "types", "TYPE", "type")

enum top_kind {
#define X(id, title, column, key) TOP_##id,
	TOP_TABLE(X)
#undef X
	    TOP_KINDS
};

enum top_order { TOP_HITS, TOP_BYTES, TOP_P99, TOP_ERRORS, TOP_NAMES };

struct top_line {
	const char *name; /* printable; valid until the next top_take */
	uint64_t hits;
	uint64_t over; /* of these perhaps not its own */
	uint64_t bytes;
	uint64_t errors; /* statuses from 400 on, or none */
	int64_t p99;	 /* ns, the upper bound of a bucket; -1: not known */
};

struct top;

/* NULL when memory is short. */
struct top *top_new(void);
void top_free(struct top *t);

/* Count what has come since the last call, at most `most` exchanges. */
void top_take(struct top *t, struct journal *j, uint64_t most);

/* Exchanges counted; *missed of those before were overwritten uncounted. */
uint64_t top_counted(const struct top *t, uint64_t *missed);

/* How many there are of a kind. */
unsigned top_count(const struct top *t, enum top_kind kind);

/* The first `n` in that order, the biggest first (names: from A on), the other
 * way round if `reverse`.  Returns how many were written. */
unsigned top_lines(struct top *t, enum top_kind kind, enum top_order order,
    bool reverse, struct top_line *out, unsigned n);

#endif
