/* Exchanges written to a file, or as text: HAR 1.2, curl commands, JSON lines,
 * the combined log.
 *
 * A file is written under a name of its own in the same folder, readable by its
 * owner alone, and gets its name when it is complete: nobody sees half of it,
 * and no symbolic link is followed.  One thread at a time; writes to disk, so
 * not for a worker.  Memory does not grow with the number of exchanges, and a
 * caller that must not stand still for long adds some at a time. */
#ifndef WATCH_EXPORT_H
#define WATCH_EXPORT_H

#include "base/buf.h"
#include "watch/facts.h"

#define EXPORT_TEXT 320 /* bytes of a sentence with its NUL */

/* Enough for any curl command: each byte of a head can take four. */
#define EXPORT_CURL_MAX (5 * LIMIT_HEAD_MAX + 4096)

/* id, what it is called, usual end of a name */
#define EXPORT_TABLE(X)                                                        \
	X(HAR, "HAR", "har")                                                   \
	X(CURL, "curl", "sh")                                                  \
	X(JSON, "JSON lines", "jsonl")                                         \
	X(COMBINED, "combined log", "log")

enum export_format {
#define X(id, label, suffix) EXPORT_##id,
	EXPORT_TABLE(X)
#undef X
	    EXPORT_N
};

struct export_row {
	const char *label;
	const char *suffix;
};
extern const struct export_row export_rows[EXPORT_N];

/* Fields whose values are secrets: Authorization, Proxy-Authorization, Cookie,
 * Set-Cookie.  Ends with NULL. */
extern const char *const export_secrets[];

struct export_options {
	enum export_format format;
	/* This server, "127.0.0.1:8000": where every request went; "": not
	 * known, as with a recording. */
	const char *server;
	/* Names of fields whose values become "[redacted]", in heads kept byte
	 * for byte too; ends with NULL.  NULL: export_secrets. */
	const char *const *redact;
	/* What follows "3 exchanges" when these were written, ", marked"; NULL:
	 * nothing. */
	const char *what;
	bool replace; /* a file of that name may be there */
};

struct export;

/* NULL when the file cannot be made; `text` then says why.  Options are copied,
 * the strings in them stay the caller's and must last until the end. */
struct export *export_open(
    const char *path, const struct export_options *o, char text[EXPORT_TEXT]);

/* Add one.  What fails is remembered and said at the end. */
void export_add(struct export *x, const struct exchange_copy *e);

/* Add those of `first` to `last` that the journal still has and `wanted` (NULL:
 * all) is true of; returns how many. */
uint64_t export_add_journal(struct export *x, struct journal *j, uint64_t first,
    uint64_t last, bool (*wanted)(void *arg, const struct journal_entry *e),
    void *arg);

/* Give the file its name, and free `x`.  `text` says what was written, or what
 * went wrong (false; there is no file then). */
bool export_finish(struct export *x, char text[EXPORT_TEXT]);

/* Leave nothing behind, and free `x`. */
void export_cancel(struct export *x);

/* Append a command that sends the request again: one line of printable ASCII,
 * without its end, safe to paste into any POSIX shell.  A request that curl
 * could not send, being malformed, goes byte for byte through printf(1) and
 * nc(1).  Content is not kept and so not sent.  False when the head is no
 * longer kept and cannot be told, or does not fit; `b` is then as before. */
bool export_put_curl(struct buf *b, const struct exchange_copy *e,
    const struct export_options *o);

/* Whether content came with it, which such a command leaves out. */
bool export_lacks_content(const struct exchange_copy *e);

/* Append as one word of a POSIX shell, in printable ASCII, that stands for
 * exactly these bytes (without NUL or a final LF, which no word can have). */
void export_put_sh(struct buf *b, struct span s);

/* Append a head with the values of those fields replaced. */
void export_put_redacted(
    struct buf *b, struct span head, const char *const *names);

#endif
