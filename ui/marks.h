/* Exchanges that a person marked, by their numbers. */
#ifndef UI_MARKS_H
#define UI_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#define MARKS_MOST 4096

struct marks {
	unsigned n;
	uint64_t seq[MARKS_MOST]; /* rising */
};

bool marks_has(const struct marks *m, uint64_t seq);

/* Mark it, or take its mark away; false when there are too many. */
bool marks_toggle(struct marks *m, uint64_t seq);

/* Take all away. */
void marks_clear(struct marks *m);

#endif
