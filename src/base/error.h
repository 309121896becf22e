/* What an errno means, in English whatever the locale, from any thread:
 * strerror(3) promises neither. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <string.h>

/* "No such file or directory"; never NULL.  Static. */
const char *error_text(int error);

/* Once, before there are threads: what EACCES means from now on, because not
 * only the file's permissions deny.  The text stays the caller's. */
void error_explain_denied(const char *text);

#endif
