#include "ui/still.h"

#define MINUTE (60 * NS_PER_S)

/* Whether no traffic is in sight that moves on with the seconds. */
static bool
is_flat(const struct series *s)
{
	for (int i = 0; i < SERIES_SECONDS; i++)
		if (s->v[i] != 0)
			return false;
	return true;
}

/* Whether nothing but the title's clocks goes on. */
static bool
is_still(const struct model *m)
{
	static const unsigned screens = 1u << SCREEN_MAIN |
	    1u << SCREEN_DETAIL | 1u << SCREEN_REPLAY | 1u << SCREEN_HELP;
	enum life_state state = m->status.state;

	return screens >> m->look.screen & 1 && m->open == 0 &&
	    m->places == 0 && !m->picking &&
	    (state == LIFE_LIVE || state == LIFE_PAUSED ||
		state == LIFE_RECORDING) &&
	    is_flat(&m->traffic.requests) && is_flat(&m->traffic.bytes) &&
	    is_flat(&m->traffic.open);
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t
still_until(const struct model *m)
{
	int64_t now = m->clock.mono, up = now - m->status.started;
	int64_t until = now + NS_PER_S - up % NS_PER_S;

	if (up < MINUTE || !is_still(m))
		return until;
	until = sooner(
	    now + MINUTE - up % MINUTE, now + MINUTE - m->clock.wall % MINUTE);
	for (unsigned i = 0; i < m->toasts; i++)
		until = sooner(until, m->toast[i].until);
	return until;
}

int64_t
still_pace(int64_t refresh, int64_t cost)
{
	int64_t pace = sooner(sooner(cost * 200, refresh * 4), NS_PER_S);

	return pace > refresh ? pace : refresh;
}

int64_t
still_next(int64_t framed, int64_t refresh, int64_t pace)
{
	int64_t second = (framed / NS_PER_S + 1) * NS_PER_S;

	return second < framed + refresh ? framed + pace
					 : sooner(second, framed + pace);
}
