#include "ui/term_name.h"

#include <stdlib.h>
#include <string.h>

/* Nobody sets the environment once threads run. */
const char *
term_variable(const char *name)
{
	const char *v = getenv(name); /* NOLINT(concurrency-mt-unsafe) */

	return v ? v : "";
}

bool
term_poor_font(void)
{
	static const char *const names[] = { "linux", "vt100", "vt102", "vt220",
		"vt52", "ansi", "cons25" };
	const char *name = term_variable("TERM");

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

bool
term_pastes(void)
{
	const char *name = term_variable("TERM");

	return strstr(name, "xterm") || strstr(name, "tmux") ||
	    strstr(name, "screen") || strstr(name, "rxvt") ||
	    strstr(name, "256color");
}
