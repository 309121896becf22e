#include "http/media.h"

#include "http/media_table.h"

#define MEDIA_ROWS (sizeof(media_table) / sizeof(media_table[0]))

struct span
media_extension(struct span name)
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
	struct span ext = media_extension(name);

	if (ext.n == 0 || ext.n > MEDIA_EXT_MAX || memchr(ext.p, 0, ext.n))
		return NULL;
	for (size_t i = 0; i < ext.n; i++)
		lower[i] = ascii_lower(ext.p[i]);
	lower[ext.n] = '\0';

	size_t low = 0;
	size_t high = MEDIA_ROWS;
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

const struct media_type *
media_find_type(struct span type)
{
	for (size_t i = 0; i < MEDIA_ROWS; i++) {
		const struct media_type *m = &media_table[i];

		if (!m->coding && span_eq_nocase(type, span_str(m->type)))
			return m;
	}
	return NULL;
}
