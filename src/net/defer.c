#include "net/defer.h"

/* Whether n in that time are many. */
static bool
defer_many(uint64_t n, int64_t ns)
{
	return n >= DEFER_RATE * DEFER_LOOK / NS_PER_S &&
	    n >= (uint64_t)(ns / (NS_PER_S / DEFER_RATE));
}

bool
defer_note(struct defer *d, int64_t now, uint64_t ended)
{
	bool was = d->on;

	if (now - d->looked < DEFER_LOOK)
		return false;
	if (defer_many(ended - d->seen, now - d->looked)) {
		d->on = true;
		d->until = now + DEFER_FOR;
	} else if (now >= d->until) {
		d->on = false;
	}
	d->looked = now;
	d->seen = ended;
	return d->on != was;
}

int64_t
defer_next(const struct defer *d)
{
	if (!d->on)
		return INT64_MAX;
	return d->until > d->looked + DEFER_LOOK ? d->until
						 : d->looked + DEFER_LOOK;
}
