#include "ui/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The environment is constant. */
static const char *
variable(const char *name)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	const char *value = getenv(name);

	return value && value[0] == '/' ? value : NULL;
}

bool
state_file_path(char out[PATH_MAX], const char *name)
{
	const char *state = variable("XDG_STATE_HOME");
	const char *home = variable("HOME");
	int n = -1;

	if (state)
		n = snprintf(out, PATH_MAX, "%s/httpconsole/%s", state, name);
	else if (home)
		n = snprintf(out, PATH_MAX, "%s/.local/state/httpconsole/%s",
		    home, name);
	return n > 0 && n < PATH_MAX;
}

/* Every folder of the path, from the root on. */
static void
make_folders(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		(void)mkdir(path, 0700);
		*p = '/';
	}
}

bool
state_file_write(const char *name, struct span bytes)
{
	char path[PATH_MAX];
	bool ok;
	int fd;

	if (!state_file_path(path, name)) {
		errno = ENOENT;
		return false;
	}
	make_folders(path);
	/* never through a link to somewhere else */
	fd = open(path,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
	    0600);
	if (fd < 0)
		return false;
	ok = write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n;
	return close(fd) == 0 && ok;
}

long
state_file_read(const char *name, char *out, size_t cap)
{
	char path[PATH_MAX];
	ssize_t n;
	int fd;

	if (!state_file_path(path, name))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return -1;
	n = read(fd, out, cap - 1);
	(void)close(fd);
	if (n < 0)
		return -1;
	out[n] = '\0';
	return n;
}
