/* Inside the files: what a kept one depends on, marked with watches. */
#ifndef SITE_FILES_MARKS_H
#define SITE_FILES_MARKS_H

#include "site/files.h"

/* Watch the folders on the way, from the root down, as far as they are there:
 * to be called before anything in them is looked at.  False when that cannot be
 * done, or there is a symbolic link: the entry cannot be kept. */
bool files_mark_way(struct watches *w, struct files_entry *e,
    const struct site *s, const struct target_path *path);

/* Watch the entry's file and siblings, and see that they are as they were when
 * their facts were taken.  False when they are not, or cannot be watched. */
bool files_mark_files(struct watches *w, struct files_entry *e);

#endif
