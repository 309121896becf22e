/* Which exchanges an export writes, and how many these are. */
#ifndef UI_EXPORT_SET_H
#define UI_EXPORT_SET_H

#include "ui/model.h"

enum export_set { SET_MARKED, SET_FILTERED, SET_ALL, SET_N };

/* As `:export` knows them. */
extern const char *const export_set_words[SET_N];

struct export_sets {
	uint64_t n[SET_N]; /* FILTERED without a filter: 0 */
	bool partly;	   /* the filter's are still looked for */
	unsigned hidden;   /* of the marked, by the filter */
};

/* Count them as they are now. */
void export_sets_count(
    struct model *m, struct journal *j, struct export_sets *out);

/* What is meant when nothing is said: the marked, if any of them is shown, else
 * what meets the filter, if there is one, else all. */
enum export_set export_sets_usual(
    const struct model *m, const struct export_sets *s);

/* "3 marked, 1 hidden by the filter", "46 of the filter", "49, all". */
#define EXPORT_SET_TEXT 56
void export_set_text(char out[EXPORT_SET_TEXT], const struct export_sets *s,
    enum export_set set);

/* What follows "3 exchanges" when they were written: " of the filter". */
void export_set_written(char out[EXPORT_SET_TEXT], const struct export_sets *s,
    enum export_set set);

/* Their numbers, in the order of the list where it shows them; the caller's to
 * free.  NULL when memory is short. */
uint64_t *export_set_numbers(struct model *m, enum export_set set, size_t *n);

#endif
