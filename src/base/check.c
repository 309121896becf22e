#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* One write(2): stdio may be in the state that is being reported. */
void
check_failed(const char *file, int line, const char *what)
{
	char text[512];
	int n = snprintf(text, sizeof(text),
	    "httpconsole: internal error at %s:%d: %s\n", file, line, what);

	if (n > 0) {
		size_t len =
		    (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;

		if (write(STDERR_FILENO, text, len) < 0)
			abort();
	}
	abort();
}
