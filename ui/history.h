/* Lines that were typed before. */
#ifndef UI_HISTORY_H
#define UI_HISTORY_H

#include "ui/prompt.h"

#define HISTORY_LINES 50
#define HISTORY_LINE  256

struct history {
	unsigned n;
	struct {
		enum prompt_kind kind;
		char text[HISTORY_LINE];
	} line[HISTORY_LINES];	  /* oldest first */
	unsigned at;		  /* shown now, n: none of them */
	char typed[HISTORY_LINE]; /* what was typed before the first step */
};

/* Remember what was submitted; the last of equal ones stays. */
void history_add(struct history *h, const struct prompt *p);

/* A prompt was opened. */
void history_begin(struct history *h);

/* Put the line before (-1) or behind (1) that of the same kind which begins
 * with what was typed into the prompt; stays where there is none. */
void history_step(struct history *h, struct prompt *p, int by);

#endif
