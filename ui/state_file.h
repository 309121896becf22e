/* Files of our own in $XDG_STATE_HOME, or ~/.local/state where that is not
 * set. */
#ifndef UI_STATE_FILE_H
#define UI_STATE_FILE_H

#include <limits.h>
#include <stdbool.h>

#include "base/span.h"

/* The path of httpconsole/NAME there; false when there is no home. */
bool state_file_path(char out[PATH_MAX], const char *name);

/* Write it anew, readable by its owner alone, making the folder if need be.
 * False with errno; there may be half of it then. */
bool state_file_write(const char *name, struct span bytes);

/* Read at most `cap` - 1 bytes and a NUL; -1 when it cannot be read. */
long state_file_read(const char *name, char *out, size_t cap);

#endif
