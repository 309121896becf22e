/* What a counter did in each of the last seconds. */
#ifndef UI_SERIES_H
#define UI_SERIES_H

#include <stdint.h>

#define SERIES_SECONDS 120

struct series {
	uint64_t v[SERIES_SECONDS]; /* by second modulo SERIES_SECONDS */
	uint64_t peak;		    /* of all complete seconds so far */
	uint64_t last;		    /* the counter when it was read last */
	int64_t second;		    /* the one being filled */
	int started;
};

/* The counter stands at `value` at `mono` ns; time does not go back. */
void series_add(struct series *s, int64_t mono, uint64_t value);

/* Instead, when nobody looked for a while: what came since is shared out evenly
 * over the seconds, as nobody knows when in them it came. */
void series_spread(struct series *s, int64_t mono, uint64_t value);

/* Instead, for what goes up and down: the second's value is the highest. */
void series_level(struct series *s, int64_t mono, uint64_t level);

/* The sum over a complete second; 0 ago is the newest.  0 when unknown. */
uint64_t series_get(const struct series *s, int ago);

#endif
