/* openat2(2) for programs under valgrind, whose version 3.19 does not know the
 * call and answers ENOSYS: preloaded, it stands in for syscall(3) and walks the
 * path itself, a name at a time.  Not safe against renaming; tests under
 * valgrind are about memory, and the same tests run on the kernel's own call.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LINKS 40 /* as many as the kernel follows */

struct walk {
	int from, at; /* the folders where it began, and that it reached */
	int depth;    /* how far below where it began */
	int links;    /* followed so far */
	char left[8192];
};

static int
fail(int error)
{
	errno = error;
	return -1;
}

static void
walk_end(const struct walk *w)
{
	if (w->at != w->from)
		(void)close(w->at);
}

/* Puts what the link says before what is left of the path. */
static int
walk_follow(struct walk *w, int link)
{
	char text[sizeof(w->left)];
	ssize_t n = readlinkat(link, "", text, sizeof(text) - 1);

	if (n < 0)
		return -1;
	if (w->links++ == LINKS)
		return fail(ELOOP);
	if (n > 0 && text[0] == '/')
		return fail(EXDEV);
	if ((size_t)n + 1 + strlen(w->left) >= sizeof(text))
		return fail(ENAMETOOLONG);
	text[n] = '/';
	(void)strcpy(text + n + (w->left[0] != '\0'), w->left);
	(void)strcpy(w->left, text);
	return 0;
}

/* Takes the next name of what is left, without the slashes behind it; whether
 * there were any. */
static int
walk_take(struct walk *w, char name[sizeof(w->left)])
{
	size_t n = strcspn(w->left, "/");
	size_t slashes = strspn(w->left + n, "/");

	(void)memcpy(name, w->left, n);
	name[n] = '\0';
	(void)memmove(
	    w->left, w->left + n + slashes, strlen(w->left + n + slashes) + 1);
	return slashes > 0;
}

static int
walk_into(struct walk *w, const char *name)
{
	int fd;

	if (strcmp(name, "..") == 0 && w->depth-- == 0)
		return fail(EXDEV);
	fd = openat(w->at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	w->depth += strcmp(name, "..") != 0 && strcmp(name, ".") != 0;
	walk_end(w);
	w->at = fd;
	return 0;
}

/* 1: `name` was a symbolic link, and is followed; 0: it is none. */
static int
walk_link(struct walk *w, const char *name, const struct open_how *how)
{
	struct stat st;
	int fd, done;

	if (fstatat(w->at, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (!S_ISLNK(st.st_mode))
		return 0;
	if (how->resolve & RESOLVE_NO_SYMLINKS)
		return fail(ELOOP);
	fd = openat(w->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	done = walk_follow(w, fd);
	(void)close(fd);
	return done < 0 ? -1 : 1;
}

/* The descriptor at the end of the path, or -1. */
static int
walk_to_end(struct walk *w, const struct open_how *how)
{
	char name[sizeof(w->left)];

	for (;;) {
		int more = walk_take(w, name);
		int last = w->left[0] == '\0', link = 0;

		if (strcmp(name, "..") != 0)
			link = walk_link(w, name, how);
		if (link < 0)
			return -1;
		if (link > 0)
			continue;
		if (last && strcmp(name, "..") != 0)
			return openat(w->at, name,
			    (int)how->flags | O_NOFOLLOW |
				(more ? O_DIRECTORY : 0));
		if (walk_into(w, name) < 0)
			return -1;
		if (last)
			return openat(w->at, ".", (int)how->flags);
	}
}

static int
open_beneath(int folder, const char *path, const struct open_how *how)
{
	/* no descriptor more than the kernel takes, for a name in the folder */
	struct walk w = { .from = folder, .at = folder };
	int fd, error;

	if (path[0] == '\0')
		return fail(ENOENT);
	if (path[0] == '/')
		return fail(EXDEV);
	if (strlen(path) >= sizeof(w.left))
		return fail(ENAMETOOLONG);
	(void)strcpy(w.left, path);
	fd = walk_to_end(&w, how);
	error = errno;
	walk_end(&w);
	errno = error;
	return fd;
}

long
syscall(long number, ...)
{
	static long (*real)(long, ...);
	long a[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_openat2)
		return open_beneath(
		    (int)a[0], (const char *)a[1], (const void *)a[2]);
	if (number == SYS_landlock_create_ruleset)
		return fail(ENOSYS); /* as valgrind does, but without a word */
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
