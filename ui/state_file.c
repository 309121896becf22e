#include "ui/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/state_folder.h"

bool
state_file_path(char out[PATH_MAX], const char *name)
{
	CHECK(strlen(name) < STATE_NAME_MAX - 1);
	return state_folder(out) &&
	    snprintf(out + strlen(out), STATE_NAME_MAX, "/%s", name) > 0;
}

bool
state_file_write(const char *name, struct span bytes)
{
	char path[PATH_MAX];
	bool ok;
	int fd;

	if (!state_folder_make(path) || !state_file_path(path, name)) {
		errno = ENOENT;
		return false;
	}
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
