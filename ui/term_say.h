/* Sequences that curses does not know, written to the terminal on stdout.  All
 * but `say` are left out where term_pastes() says that they would be seen. */
#ifndef UI_TERM_SAY_H
#define UI_TERM_SAY_H

#include <stdbool.h>
#include <stddef.h>

void say(const char *sequence);

/* Put what is pasted in brackets. */
void say_pastes(bool on);

/* Report presses and the wheel (1000), in decimal (1006). */
void say_mouse(bool on);

/* Into the clipboard (OSC 52). */
void say_copy(const char *text, size_t n);

/* What follows is a link to this (OSC 8); "": it ends. */
void say_link(const char *url);

#endif
