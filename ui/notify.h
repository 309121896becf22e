/* Ringing a bell when an exchange comes that meets a filter. */
#ifndef UI_NOTIFY_H
#define UI_NOTIFY_H

#include "ui/filter.h"
#include "watch/journal.h"

struct notify;

/* NULL, with *err, when the text is no filter; those up to `seen` have been. */
struct notify *notify_new(
    const char *text, uint64_t seen, struct filter_error *err);
void notify_free(struct notify *n);

/* Look at what came since, as far as some 20 ms last; how many met it, and the
 * last of them in *out. */
unsigned notify_take(
    struct notify *n, struct journal *j, struct journal_entry *out);

const char *notify_text(const struct notify *n);

#endif
