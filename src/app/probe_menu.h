/* The probe's questions: what to do next with the connection. */
#ifndef APP_PROBE_MENU_H
#define APP_PROBE_MENU_H

#include "app/probe_show.h"

enum probe_choice {
	PROBE_QUIT,
	PROBE_SEND_KEEP,
	PROBE_SEND_CLOSE,
	PROBE_CONNECT,
};

/* Lines of standard input as they come; zero-initialised. */
struct probe_menu {
	char line[256];
	size_t n;
};

/* Ask until there is an answer, or input ends (PROBE_QUIT), watching the
 * connection meanwhile: that the server closes it, or says something unasked,
 * is told with the seconds since the last traffic. */
enum probe_choice probe_menu_ask(
    struct probe_menu *m, const struct probe_show *s, struct probe_conn *c);

#endif
