#include "site/files_marks.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* File systems that nobody changes but through this kernel, which then tells
 * inotify (of an overlay's layers that are written under it: undefined). */
static bool
is_local(int fd)
{
	static const long local[] = { EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,
		BTRFS_SUPER_MAGIC, TMPFS_MAGIC, RAMFS_MAGIC,
		OVERLAYFS_SUPER_MAGIC, F2FS_SUPER_MAGIC, SQUASHFS_MAGIC,
		EROFS_SUPER_MAGIC_V1, ISOFS_SUPER_MAGIC, MSDOS_SUPER_MAGIC,
		EXFAT_SUPER_MAGIC, 0x2fc12fc1 /* ZFS */ };
	struct statfs fs;

	if (fstatfs(fd, &fs) != 0)
		return false;
	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
		if (fs.f_type == local[i])
			return true;
	return false;
}

static struct watch_mark *
mark_free(struct files_entry *e)
{
	return e->marks < FILES_MARKS ? &e->mark[e->marks] : NULL;
}

static bool
mark_folder(struct watches *w, struct files_entry *e, int fd)
{
	struct watch_mark *m = mark_free(e);
	bool ok = m != NULL && is_local(fd) && watches_folder(w, fd, m);

	e->marks += ok;
	return ok;
}

bool
files_mark_way(struct watches *w, struct files_entry *e, const struct site *s,
    const struct target_path *path)
{
	char name[LIMIT_PATH];

	if (!mark_folder(w, e, s->root_fd))
		return false;
	for (uint16_t i = 1; i < path->n; i++) {
		bool ok;
		int fd;

		if (path->s[i] != '/')
			continue;
		memcpy(name, path->s + 1, i - 1u);
		name[i - 1] = '\0';
		fd = resolve_open_plain(
		    s, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return errno == ENOENT || errno == ENOTDIR;
		ok = mark_folder(w, e, fd);
		close(fd);
		if (!ok)
			return false;
	}
	return true;
}

/* Watch a file, and see that it is as it was when its facts were taken. */
static bool
mark_file(
    struct watches *w, struct files_entry *e, int fd, struct gzip_key *key)
{
	struct watch_mark *m = mark_free(e);
	struct gzip_key now;
	struct stat st;

	if (m == NULL || !is_local(fd) || !watches_file(w, fd, m) ||
	    fstat(fd, &st) != 0)
		return false;
	e->marks++;
	gzip_key_of(&now, &st);
	if (key == NULL)
		return true;
	return gzip_key_eq(&now, key);
}

/* A sibling tells of itself by size and time only; one that is older than the
 * file must still be. */
static bool
mark_sibling(struct watches *w, struct files_entry *e, enum coding c)
{
	const struct variant *v = &e->file.facts.variant[c];
	struct gzip_key now;
	struct stat st;

	if (!mark_file(w, e, e->file.sibling[c], NULL) ||
	    fstat(e->file.sibling[c], &st) != 0)
		return false;
	gzip_key_of(&now, &st);
	if (v->state != VARIANT_SIBLING)
		return now.mtime_ns < e->file.facts.mtime_ns;
	return now.size == v->size && now.mtime_ns == v->mtime_ns;
}

bool
files_mark_files(struct watches *w, struct files_entry *e)
{
	if (e->file.linked)
		return false;
	if (e->file.fd < 0)
		return true;
	if (!mark_file(w, e, e->file.fd, &e->file.key))
		return false;
	for (int c = 0; c < CODING_N; c++)
		if (e->file.sibling[c] >= 0 &&
		    !mark_sibling(w, e, (enum coding)c))
			return false;
	return true;
}
