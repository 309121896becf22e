/* Completion for prompts. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/printable.h"
#include "ui/prompt.h"

#define CANDIDATES_READ	 10000 /* entries of a folder that are looked at */
#define CANDIDATES_NAMED 64    /* that are shown */

struct candidates {
	struct span prefix;
	bool nocase;
	char common[NAME_MAX + 1]; /* the longest beginning all share */
	size_t common_n;
	unsigned n;
	char name[CANDIDATES_NAMED][NAME_MAX + 1];
};

static bool
is_printable(const char *name)
{
	char out[NAME_MAX * 4 + 1];
	struct buf b = buf_over(out, sizeof out);

	printable_put(&b, span_str(name), PRINTABLE_UTF8);
	return span_eq(buf_span(&b), span_str(name));
}

static void
consider(struct candidates *c, const char *name)
{
	size_t n = strlen(name), same = 0;

	if (n < c->prefix.n || n > NAME_MAX ||
	    !(c->nocase ? span_eq_nocase : span_eq)(
		span_of(name, c->prefix.n), c->prefix))
		return;
	if (c->n == 0) {
		memcpy(c->common, name, n);
		c->common_n = n;
	}
	while (same < c->common_n && same < n && name[same] == c->common[same])
		same++;
	/* Never half a character. */
	while (same > 0 && same < c->common_n &&
	    ((unsigned char)c->common[same] & 0xC0) == 0x80)
		same--;
	c->common_n = same;
	if (c->n < CANDIDATES_NAMED)
		memcpy(c->name[c->n], name, n + 1);
	c->n++;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* All that were kept and have room, in order, in a line. */
static void
list_names(struct prompt *p, struct candidates *c)
{
	unsigned n = c->n < CANDIDATES_NAMED ? c->n : CANDIDATES_NAMED;
	struct buf b = buf_over(p->hint, sizeof p->hint - 8);
	size_t whole = 0;

	qsort(c->name, n, sizeof c->name[0], compare_names);
	for (unsigned i = 0; i < n && !b.full; i++) {
		whole = b.n;
		buf_printf(&b, "%s%s", i ? "  " : "", c->name[i]);
	}
	if (b.full || n < c->n)
		(void)snprintf(p->hint + (b.full ? whole : b.n), 8, "  …");
	else
		(void)buf_cstr(&b);
}

/* Put what all candidates share in the place of the prefix. */
static void
apply(struct prompt *p, struct candidates *c, const char *single)
{
	char add[NAME_MAX + 2];
	struct buf b = buf_over(add, sizeof add);

	buf_put(&b, span_of(c->common, c->common_n));
	if (c->n == 1)
		buf_puts(&b, single);
	if (b.n < c->prefix.n || p->n - c->prefix.n + b.n >= sizeof p->text)
		return;
	size_t start = p->at - c->prefix.n;
	if (c->n == 1 && *single && p->text[p->at] == *single)
		b.n--;
	memmove(p->text + start + b.n, p->text + p->at, p->n - p->at + 1);
	memcpy(p->text + start, add, b.n);
	p->n += b.n - c->prefix.n;
	p->at = start + b.n;
}

static void
finish(struct prompt *p, struct candidates *c, const char *single)
{
	p->hint[0] = '\0';
	if (c->n == 0) {
		(void)snprintf(p->hint, sizeof p->hint, "nothing begins so");
		return;
	}
	if (c->n > 1)
		list_names(p, c);
	apply(p, c, single);
}

static bool
is_folder(DIR *dir, const struct dirent *d)
{
	struct stat st;

	if (d->d_type == DT_DIR)
		return true;
	if (d->d_type != DT_LNK && d->d_type != DT_UNKNOWN)
		return false;
	return fstatat(dirfd(dir), d->d_name, &st, 0) == 0 &&
	    S_ISDIR(st.st_mode);
}

/* The folder to look in: what stands before the last slash. */
static bool
folder_path(char out[PATH_MAX], const char *text, size_t n)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it */
	const char *home = getenv("HOME");
	struct buf b = buf_over(out, PATH_MAX - 1);

	if (n > 0 && text[0] == '~' && home) {
		buf_puts(&b, home);
		text++, n--;
	}
	buf_put(&b, span_of(text, n));
	if (b.n == 0)
		buf_puts(&b, ".");
	out[b.n] = '\0';
	return !b.full;
}

void
prompt_complete_folder(struct prompt *p, size_t from)
{
	char path[PATH_MAX];
	struct candidates c = { .n = 0 };
	size_t start;
	const struct dirent *d;
	DIR *dir;

	if (p->n == from + 1 && p->at == p->n && p->text[from] == '~')
		(void)prompt_key(p, '/');
	start = p->at;
	while (start > from && p->text[start - 1] != '/')
		start--;
	c.prefix = span_of(p->text + start, p->at - start);
	if (!folder_path(path, p->text + from, start - from))
		return;
	dir = opendir(path);
	if (dir == NULL) {
		(void)snprintf(p->hint, sizeof p->hint, "no such folder");
		return;
	}
	for (int i = 0; i < CANDIDATES_READ; i++) {
		/* NOLINTNEXTLINE(concurrency-mt-unsafe): a folder of its own */
		d = readdir(dir);
		if (d == NULL)
			break;
		if (d->d_name[0] == '.' &&
		    (c.prefix.n == 0 || strcmp(d->d_name, ".") == 0 ||
			strcmp(d->d_name, "..") == 0))
			continue;
		if (is_printable(d->d_name) && is_folder(dir, d))
			consider(&c, d->d_name);
	}
	(void)closedir(dir);
	finish(p, &c, "/");
}

void
prompt_insert(struct prompt *p, size_t at, const char *text)
{
	size_t n = strlen(text);

	if (p->n + n >= sizeof p->text)
		return;
	memmove(p->text + at + n, p->text + at, p->n - at + 1);
	memcpy(p->text + at, text, n);
	p->n += n;
	if (p->at >= at)
		p->at += n;
}

void
prompt_complete_word(struct prompt *p, const char *const *words, size_t n,
    size_t from, const char *behind)
{
	struct candidates c = { .nocase = true };

	c.prefix = span_of(p->text + from, p->at - from);
	for (size_t i = 0; i < n; i++)
		consider(&c, words[i]);
	finish(p, &c, behind);
}
