/* Writing to stdout or stderr without ever waiting for whoever reads it.
 *
 * O_NONBLOCK belongs to the open file, which the shell and others share:
 * setting it on what was inherited would change it for them.  So a pipe or
 * terminal is opened anew, as an open file of our own. */
#ifndef BASE_OUTLET_H
#define BASE_OUTLET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum outlet_kind {
	OUTLET_PLAIN,  /* write(2) does: a regular file, or one that is
			* O_NONBLOCK by itself */
	OUTLET_SOCKET, /* cannot be opened anew, but asked not to wait */
	OUTLET_SHARED, /* could not be opened anew: poll(2), then little */
};

struct outlet {
	int fd; /* -1: none */
	enum outlet_kind kind;
	bool own; /* to be closed with the outlet */
};

#define OUTLET_NONE ((struct outlet){ .fd = -1 })

/* Onto what `inherited` refers to now.  A regular file is written through the
 * inherited descriptor: the offset is shared with whoever else writes it.
 * Never fails; where nothing is open, writing does. */
struct outlet outlet_onto(int inherited);

/* As write(2), but -1 with EAGAIN where that would wait.  It may take only a
 * part.  Of a regular file the disk is waited for. */
ssize_t outlet_write(const struct outlet *o, const void *p, size_t n);

void outlet_close(struct outlet *o);

#endif
