/* What vt.c and vt_screen.c share, and nobody else. */
#ifndef TESTS_CONSOLE_VT_PRIVATE_H
#define TESTS_CONSOLE_VT_PRIVATE_H

#include "tests/console/vt.h"

struct vt {
	VTerm *term;
	VTermScreen *screen;
	int master; /* -1: hung up */
	int report;
	pid_t shell;
	pid_t pid;
	int status; /* of the program, the latest; -1: started */
	int w, h;
	bool altscreen;
	bool cursor;
	unsigned bells;
	char title[256];
	char *output;
	size_t output_n, output_cap;
	size_t fed;	  /* of output, to the screen */
	VTermPos main_at; /* cursor of the main screen, on the other */
	char row[VT_ROW];
};

/* Make the screen, of t->w and t->h.  `answer` takes what the terminal sends
 * to the program. */
void vt_screen_make(struct vt *t, VTermOutputCallback *answer);

/* Keep bytes that the program wrote, and show them. */
void vt_screen_take(struct vt *t, const char *bytes, size_t n);

#endif
