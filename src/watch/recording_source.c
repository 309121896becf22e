/* The bytes of a recording, one at a time and by line. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "watch/recording_parts.h"

int
source_open(struct source *s, const char *path)
{
	struct stat st = { 0 };

	s->line = 1;
	s->fd = strcmp(path, "-") == 0
	    ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
	    : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (s->fd < 0)
		return errno;
	if (fstat(s->fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		s->size = (uint64_t)st.st_size;
	return S_ISDIR(st.st_mode) ? EISDIR : 0;
}

void
source_close(struct source *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

/* Read more behind what is there. */
static void
read_more(struct source *s)
{
	ssize_t n;

	if (s->at == s->n)
		s->at = s->n = 0;
	do
		n = read(s->fd, s->mem + s->n, sizeof(s->mem) - s->n);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		s->error = errno;
	if (n <= 0)
		s->end = true;
	else
		s->n += (size_t)n;
}

struct span
source_ahead(struct source *s)
{
	/* a pipe may give little at a time */
	while (!s->end && s->n - s->at < 64)
		read_more(s);
	return span_of(s->mem + s->at, s->n - s->at);
}

int
source_peek(struct source *s)
{
	if (s->at == s->n && !s->end)
		read_more(s);
	return s->at == s->n ? -1 : (unsigned char)s->mem[s->at];
}

int
source_take(struct source *s)
{
	int c = source_peek(s);

	if (c < 0)
		return c;
	s->at++;
	s->read++;
	s->line += c == '\n';
	return c;
}

bool
source_line(struct source *s, struct buf *b)
{
	if (source_peek(s) < 0)
		return false;
	for (bool ended = false; !ended && source_peek(s) >= 0;) {
		const char *from = s->mem + s->at;
		const char *lf = memchr(from, '\n', s->n - s->at);
		size_t n = lf ? (size_t)(lf - from) : s->n - s->at;

		buf_put(b, span_of(from, n));
		ended = lf != NULL;
		n += ended;
		s->at += n;
		s->read += n;
		s->line += ended;
	}
	if (b->n && b->p[b->n - 1] == '\r')
		b->n--;
	return true;
}
