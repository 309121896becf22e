#include "base/strings.h"

#include <stdlib.h>
#include <string.h>

void
strings_free(const char *const *list)
{
	if (list == NULL)
		return;
	for (size_t i = 0; list[i] != NULL; i++)
		free((void *)list[i]);
	free((void *)list);
}

const char *const *
strings_copy(const char *const *list)
{
	const char **copy;
	size_t n = 0;

	while (list != NULL && list[n] != NULL)
		n++;
	copy = calloc(n + 1, sizeof(*copy));
	for (size_t i = 0; copy != NULL && i < n; i++) {
		/* -Wanalyzer-possible-null-dereference: the loop asks */
		copy[i] = strdup(list[i]);
		/* -Wanalyzer-malloc-leak: the list owns what is in it */
		if (copy[i] == NULL) {
			strings_free(copy);
			return NULL;
		}
	}
	return copy;
}
