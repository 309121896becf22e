#include "base/error.h"

#include <errno.h>
#include <stddef.h>

/* Set before the first thread. */
static const char *denied;

void
error_explain_denied(const char *text)
{
	denied = text;
}

const char *
error_text(int error)
{
	const char *text = strerrordesc_np(error);

	if (error == EACCES && denied != NULL)
		return denied;
	return text != NULL ? text : "unknown error";
}
