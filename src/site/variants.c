#include "site/variants.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

/* A path and the name of an index file behind it. */
#define VARIANT_PATH (LIMIT_PATH + NAME_MAX)

/* A file beside the file, coded beforehand: path and suffix.  One that is older
 * than the file was not made from it as it is now, and an edit must be seen at
 * once. */
static void
variants_sibling(const struct site *s, const char *path, enum coding c,
    struct site_file *out)
{
	char name[VARIANT_PATH + 8];
	struct span suffix = span_str(coding_suffix(c));
	struct variant *v = &out->facts.variant[c];
	size_t n = strlen(path);
	struct stat st;
	int fd;

	if (n > VARIANT_PATH)
		return;
	memcpy(name, path, n);
	memcpy(name + n, suffix.p, suffix.n);
	name[n + suffix.n] = '\0';
	if (!resolve_name_allowed(s, strrchr(name, '/') + 1))
		return;
	fd = resolve_open(s, name + 1, out);
	if (fd < 0)
		return;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    resolve_is_excluded(s, &st)) {
		close(fd);
		return;
	}
	v->mtime_ns = clock_file_ns(st.st_mtim);
	v->size = (uint64_t)st.st_size;
	out->facts.negotiated = true;
	out->sibling[c] = fd;
	v->state =
	    v->mtime_ns < out->facts.mtime_ns ? VARIANT_OLDER : VARIANT_SIBLING;
}

/* What the server has coded, or would. */
static void
variants_made(const struct site *s, struct site_file *out)
{
	struct variant *v = &out->facts.variant[CODING_GZIP];

	if (out->facts.size < s->o.gzip_min || out->facts.size > s->o.gzip_max)
		return;
	out->facts.negotiated = true;
	v->level = s->o.gzip_level;
	switch (gzip_find(s->o.gzip, &out->key, &out->made)) {
	case GZIP_READY:
		v->state = VARIANT_MADE;
		v->size = out->made->size;
		v->level = out->made->level;
		break;
	case GZIP_ABSENT:
	case GZIP_PENDING:
		v->state = VARIANT_PENDING;
		break;
	case GZIP_USELESS:
		v->state = VARIANT_USELESS;
		break;
	}
}

void
variants_find(const struct site *s, const char *path, bool compressible,
    struct site_file *out)
{
	for (unsigned i = 0; i < s->o.codings_n; i++)
		variants_sibling(s, path, (enum coding)s->o.codings[i], out);
	if (compressible && s->o.gzip != NULL &&
	    out->facts.variant[CODING_GZIP].state <= VARIANT_OLDER)
		variants_made(s, out);
}
