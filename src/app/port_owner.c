/* Who has the port: /proc/net/tcp names the socket's inode, /proc/PID/fd the
 * process that holds it. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/server.h"

#define STATE_LISTEN 0x0a

/* The inode of the socket that listens on the port, from one table; 0: none. */
static unsigned long
port_inode(const char *table, unsigned port)
{
	char line[512];
	unsigned long found = 0;
	FILE *f = fopen(table, "re");

	if (f == NULL)
		return 0;
	while (found == 0 && fgets(line, sizeof(line), f) != NULL) {
		unsigned local, state;
		unsigned long inode;

		/* The kernel wrote it: the numbers are in range.
		 * NOLINTNEXTLINE(cert-err34-c) */
		if (sscanf(line,
			"%*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*x:%*x "
			"%*x:%*x %*x %*u %*u %lu",
			&local, &state, &inode) == 3 &&
		    local == port && state == STATE_LISTEN)
			found = inode;
	}
	fclose(f);
	return found;
}

/* Whether the process has a descriptor of that name ("socket:[1234]"). */
static bool
process_has(const char *pid, const char *name)
{
	char path[300], link[64];
	bool found = false;
	struct dirent *d;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	if (dir == NULL)
		return false;
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): a folder of its own */
	while (!found && (d = readdir(dir)) != NULL) {
		ssize_t n =
		    readlinkat(dirfd(dir), d->d_name, link, sizeof(link) - 1);

		link[n > 0 ? n : 0] = '\0';
		found = strcmp(link, name) == 0;
	}
	closedir(dir);
	return found;
}

static void
process_name(char out[128], const char *pid)
{
	char path[300], name[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	f = fopen(path, "re");
	if (f != NULL && fgets(name, sizeof(name), f) != NULL)
		name[strcspn(name, "\n")] = '\0';
	if (f != NULL)
		fclose(f);
	snprintf(out, 128, "%s (pid %.10s)", name[0] ? name : "a program", pid);
}

void
port_owner(char out[128], unsigned port)
{
	unsigned long inode = port_inode("/proc/net/tcp", port);
	struct dirent *d;
	char name[64];
	DIR *proc;

	snprintf(out, 128, "another program");
	if (inode == 0)
		inode = port_inode("/proc/net/tcp6", port);
	proc = inode ? opendir("/proc") : NULL;
	if (proc == NULL)
		return;
	snprintf(name, sizeof(name), "socket:[%lu]", inode);
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): a folder of its own */
	while ((d = readdir(proc)) != NULL) {
		if (!ascii_is_digit(d->d_name[0]) ||
		    !process_has(d->d_name, name))
			continue;
		process_name(out, d->d_name);
		break;
	}
	closedir(proc);
}
