/* An export on its way: some exchanges for each picture, so that keys go on
 * being answered. */
#ifndef UI_EXPORTING_H
#define UI_EXPORTING_H

#include "watch/export.h"

struct exporting;

/* `seq`, allocated, passes to it: the numbers to write.  The names to redact
 * must last as long as it does.  NULL, and `seq` freed, with a text when the
 * file cannot be made. */
struct exporting *exporting_begin(const char *path,
    const struct export_options *options, uint64_t *seq, size_t n,
    char text[EXPORT_TEXT]);

/* Go on for some milliseconds; true when all is written. */
bool exporting_step(struct exporting *e, struct journal *j);

/* Permille that is done. */
unsigned exporting_done(const struct exporting *e);

/* End and free it; false when there is no file, and why. */
bool exporting_end(struct exporting *e, char text[EXPORT_TEXT]);
void exporting_cancel(struct exporting *e); /* NULL is allowed */

#endif
