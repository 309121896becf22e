/* The bounded history of exchanges: the recorder appends, anyone reads copies.
 * Entries are numbered from 1 and never change; the oldest go first. */
#ifndef WATCH_JOURNAL_H
#define WATCH_JOURNAL_H

#include "watch/event.h"

#define JOURNAL_TARGET 160
#define JOURNAL_METHOD 24

struct journal;

/* What a list shows of an exchange.  Text is printable (base/printable.h,
 * UTF-8 mode) and NUL-terminated; what is cut ends in "...". */
struct journal_entry {
	uint64_t seq; /* from 1 */
	struct event e;
	char method[JOURNAL_METHOD]; /* "-" when there is none */
	char target[JOURNAL_TARGET]; /* "-" when there is none */
	bool heads_kept;	     /* journal_heads can still give them */
};

/* How much of what it may have is in use. */
struct journal_use {
	uint64_t entries;
	uint64_t entries_most;
	uint64_t bytes; /* entries and heads */
	uint64_t bytes_most;
};

/* How `memory` bytes are shared between entries and their heads: at most three
 * quarters are for entries, which become fewer when they do not fit; *heads is
 * what is left for heads. */
unsigned journal_share(unsigned entries, size_t memory, size_t *heads);

/* `entries` 100 to 1000000, `memory` bytes for the heads.  NULL when memory is
 * short. */
struct journal *journal_new(unsigned entries, size_t memory);
void journal_free(struct journal *j);

/* Recorder only: keep an exchange (EVENT_EXCHANGE) with its heads, or note how
 * a connection ended (EVENT_CONN_CLOSED). */
void journal_add(struct journal *j, const struct event *e, struct span request,
    struct span response);

/* The numbers that exist now: *first to *last, both 0 when empty. */
void journal_range(struct journal *j, uint64_t *first, uint64_t *last);

void journal_used(struct journal *j, struct journal_use *out);

/* Copy an entry; false when it is gone or not there yet. */
bool journal_get(struct journal *j, uint64_t seq, struct journal_entry *out);

/* Copy the two heads, raw bytes as they travelled, into `b` one after the
 * other; *request_n says where the second begins.  False when they are gone or
 * do not fit. */
bool journal_heads(
    struct journal *j, uint64_t seq, struct buf *b, size_t *request_n);

/* An entry where it lies, with its heads; empty when these are gone. */
struct journal_view {
	const struct journal_entry *entry;
	struct span request;
	struct span response;
};

/* Show `visit` the entries from number `from` on, in order, at most `n` of
 * them, those that are gone left out, until it returns false.  Nothing is
 * copied: what it is shown may be used within the call alone, and the recorder
 * waits meanwhile for some dozens of calls at most.  Returns the number behind
 * the last one that was shown or is gone. */
uint64_t journal_scan(struct journal *j, uint64_t from, uint64_t n,
    bool (*visit)(void *ctx, const struct journal_view *v), void *ctx);

/* How and when the connection ended, from the last 4096 ends; CLOSE_NONE when
 * it is still open or that is forgotten. */
enum close_reason journal_conn_end(
    struct journal *j, uint64_t conn, int64_t *wall);

#endif
