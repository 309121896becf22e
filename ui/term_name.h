/* What the environment says about the terminal. */
#ifndef UI_TERM_NAME_H
#define UI_TERM_NAME_H

#include <stdbool.h>

/* The value, "" when it is not set. */
const char *term_variable(const char *name);

/* Terminals whose font has letters and little else, whatever the locale. */
bool term_poor_font(void);

/* Terminals that put what is pasted in brackets, when they are asked to. */
bool term_pastes(void);

#endif
