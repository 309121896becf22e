#include "base/near.h"

static unsigned
min3(unsigned a, unsigned b, unsigned c)
{
	unsigned ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Optimal string alignment, three rows at a time. */
unsigned
near_distance(struct span a, struct span b)
{
	unsigned row[3][NEAR_MAX + 1];
	unsigned *before = row[0], *above = row[1], *now = row[2];

	if (a.n >= NEAR_MAX || b.n >= NEAR_MAX || a.n > b.n + NEAR_EDITS ||
	    b.n > a.n + NEAR_EDITS)
		return NEAR_MAX;
	for (unsigned j = 0; j <= b.n; j++)
		now[j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		unsigned *spare = before;
		unsigned least = i;
		char x = ascii_lower(a.p[i - 1]);

		before = above, above = now, now = spare;
		now[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			char y = ascii_lower(b.p[j - 1]);

			now[j] = min3(above[j] + 1, now[j - 1] + 1,
			    above[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == ascii_lower(b.p[j - 2]) &&
			    y == ascii_lower(a.p[i - 2]))
				now[j] =
				    min3(now[j], now[j], before[j - 2] + 1);
			if (now[j] < least)
				least = now[j];
		}
		if (least > NEAR_EDITS) /* no row has less than one above */
			return NEAR_MAX;
	}
	return now[b.n];
}

bool
near_enough(unsigned distance, size_t n)
{
	return distance <= (n < 4 ? 1u : n < 8 ? 2u : NEAR_EDITS);
}
