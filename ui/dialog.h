/* A question that must be answered before anything else; the harmless answer
 * is the default. */
#ifndef UI_DIALOG_H
#define UI_DIALOG_H

#include <stdint.h>

#include "watch/rows.h"

enum dialog_kind { DIALOG_NONE, DIALOG_QUIT, DIALOG_CLOSE };

enum dialog_answer {
	DIALOG_STAYS, /* no answer yet */
	DIALOG_CANCEL,
	DIALOG_DRAIN,
	DIALOG_NOW,
	DIALOG_YES,
};

struct dialog {
	enum dialog_kind kind;
	struct conn_row row; /* CLOSE: which */
};

/* What a key answers. */
enum dialog_answer dialog_key(const struct dialog *d, uint32_t key);

#endif
