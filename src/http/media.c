#include "http/media.h"

#include "http/media_table.h"

/* What follows the last dot of the last segment.  A dot that begins the name
 * hides the file and does not begin an extension (".gitignore"). */
static struct span
extension_of(struct span name)
{
	size_t at = name.n;
	while (at > 0 && name.p[at - 1] != '.' && name.p[at - 1] != '/')
		at--;
	if (at < 2 || name.p[at - 1] == '/' || name.p[at - 2] == '/')
		return span_of(NULL, 0);
	return span_skip(name, at);
}

const struct media_type *
media_find(struct span name)
{
	char lower[MEDIA_EXT_MAX + 1];
	struct span ext = extension_of(name);

	if (ext.n == 0 || ext.n > MEDIA_EXT_MAX || memchr(ext.p, 0, ext.n))
		return NULL;
	for (size_t i = 0; i < ext.n; i++)
		lower[i] = ascii_lower(ext.p[i]);
	lower[ext.n] = '\0';

	size_t low = 0;
	size_t high = sizeof(media_table) / sizeof(media_table[0]);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(lower, media_table[middle].ext);
		if (order == 0)
			return &media_table[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
