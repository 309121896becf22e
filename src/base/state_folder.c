#include "base/state_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A relative path is to be ignored, says the specification. */
static const char *
state_variable(const char *name)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): the environment is constant */
	const char *value = getenv(name);

	return value != NULL && value[0] == '/' ? value : NULL;
}

bool
state_folder(char out[PATH_MAX])
{
	const char *state = state_variable("XDG_STATE_HOME");
	const char *home = state_variable("HOME");
	int n = -1;

	if (state != NULL)
		n = snprintf(out, PATH_MAX, "%s/httpconsole", state);
	else if (home != NULL)
		n = snprintf(
		    out, PATH_MAX, "%s/.local/state/httpconsole", home);
	return n > 0 && n < PATH_MAX - STATE_NAME_MAX;
}

bool
state_folder_make(char out[PATH_MAX])
{
	char *p;

	if (!state_folder(out))
		return false;
	for (p = strchr(out + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
		*p = '\0';
		(void)mkdir(out, 0700);
		*p = '/';
	}
	(void)mkdir(out, 0700);
	return access(out, W_OK | X_OK) == 0;
}
