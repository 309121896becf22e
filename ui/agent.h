/* Whose program asked: a User-Agent field in a few words. */
#ifndef UI_AGENT_H
#define UI_AGENT_H

#include <stddef.h>

#include "base/span.h"

#define AGENT_TEXT 32

/* "Firefox 128", "Safari 17", "Googlebot 2.1", "curl 8.5.0"; "-" when the
 * field is missing.  Printable and NUL-terminated; returns the length. */
size_t agent_name(char out[AGENT_TEXT], struct span field);

#endif
