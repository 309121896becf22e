/* The folder for what is kept between runs (XDG Base Directory Specification):
 * $XDG_STATE_HOME/httpconsole, or ~/.local/state/httpconsole where that is not
 * set. */
#ifndef BASE_STATE_FOLDER_H
#define BASE_STATE_FOLDER_H

#include <limits.h>
#include <stdbool.h>

#define STATE_NAME_MAX 16

/* Its path, with room behind it for '/' and a name of less than STATE_NAME_MAX
 * bytes; false when the environment names none. */
bool state_folder(char out[PATH_MAX]);

/* The same, made where it is not there yet; false, too, when nothing can be
 * written in it. */
bool state_folder_make(char out[PATH_MAX]);

#endif
