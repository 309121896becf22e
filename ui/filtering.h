/* The filter that a person chose, over the exchanges of the journal. */
#ifndef UI_FILTERING_H
#define UI_FILTERING_H

#include "ui/filter.h"
#include "ui/model.h"

bool filtering_match(
    struct filter *f, const struct journal_view *v, bool marked);

/* Whether the model's filter wants it; `model` is a struct model. */
bool filtering_wants(void *model, const struct journal_view *v);

/* Show what meets this text from now on, "" for all.  False with *err when it
 * is no filter; what there was stays then. */
bool filtering_set(struct model *m, const char *text, struct filter_error *err);

#endif
