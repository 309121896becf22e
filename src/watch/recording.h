/* Reading what was recorded: a HAR, or an access log (common, combined, our
 * combined, our JSON lines).
 *
 * One exchange at a time, in memory that does not grow with the file; nothing
 * in a file is trusted.  A line, or an entry of a HAR, that makes no sense is
 * given as unreadable, and the next one is read. */
#ifndef WATCH_RECORDING_H
#define WATCH_RECORDING_H

#include "watch/facts.h"

#define RECORDING_TEXT 240 /* bytes of a sentence with its NUL */

/* Bytes of a log's line, and of a HAR's entry without its long strings (more
 * than RECORDING_STRING, which only content has); more is unreadable. */
#define RECORDING_LINE	 (1 << 17)
#define RECORDING_ENTRY	 (1 << 21)
#define RECORDING_STRING (1 << 16)
#define RECORDING_DEPTH	 64 /* of objects and arrays */

enum recording_form {
	RECORDING_UNKNOWN, /* nothing was read yet, or there is nothing */
	RECORDING_HAR,
	RECORDING_JSON,
	RECORDING_COMMON, /* combined too: each line says itself */
};

enum recording_result {
	RECORDING_GOT,	      /* an exchange */
	RECORDING_UNREADABLE, /* `text` says why, `line` where */
	RECORDING_END,	      /* all was read; `text` says if it was cut */
	RECORDING_FAILED,     /* the file could not be read, or is no recording;
			       * `text` says why */
};

/* What was read; valid until the next is. */
struct recorded {
	uint64_t line; /* of the file, from 1; where an entry begins */
	/* For journal_add, and all that shows exchanges: the parts of x.e lie
	 * in x.request, which is made of what is known where the bytes that
	 * came are not (FACT_REQUEST), and may be put into lists as it is. */
	struct exchange_copy x;
	char text[RECORDING_TEXT]; /* printable; "" when nothing is wrong */
};

struct recording;

/* "-" is stdin.  NULL when it cannot be opened; `text` says why. */
struct recording *recording_open(const char *path, char text[RECORDING_TEXT]);

/* Read on.  After END and FAILED the same comes again.  Waits for the file, so
 * not for a thread that must not. */
enum recording_result recording_next(struct recording *r, struct recorded *out);

enum recording_form recording_form(const struct recording *r);

/* What was read as the history keeps it: of what is not known, the figures that
 * are counted are 0, and the time is negative. */
struct event recording_event(const struct recorded *r);

/* Bytes read so far, and of the file; 0 when that is not known (a pipe). */
void recording_progress(
    const struct recording *r, uint64_t *read, uint64_t *size);

void recording_close(struct recording *r);

#endif
