/* What an errno means, in English whatever the locale, from any thread:
 * strerror(3) promises neither. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <string.h>

/* "No such file or directory"; never NULL.  Static. */
static inline const char *
error_text(int error)
{
	const char *text = strerrordesc_np(error);

	return text != NULL ? text : "unknown error";
}

#endif
