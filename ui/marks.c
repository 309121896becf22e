#include "ui/marks.h"

#include <string.h>

/* Where the number is, or would be. */
static unsigned
place(const struct marks *m, uint64_t seq)
{
	unsigned low = 0, high = m->n;

	while (low < high) {
		unsigned mid = (low + high) / 2;
		if (m->seq[mid] < seq)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool
marks_has(const struct marks *m, uint64_t seq)
{
	unsigned at = place(m, seq);

	return at < m->n && m->seq[at] == seq;
}

bool
marks_toggle(struct marks *m, uint64_t seq)
{
	unsigned at = place(m, seq);
	uint64_t *p = &m->seq[at];

	if (at < m->n && *p == seq) {
		m->n--;
		memmove(p, p + 1, (m->n - at) * sizeof *p);
		return true;
	}
	if (m->n == MARKS_MOST)
		return false;
	memmove(p + 1, p, (m->n - at) * sizeof *p);
	*p = seq;
	m->n++;
	return true;
}

void
marks_clear(struct marks *m)
{
	m->n = 0;
}
