#include "ui/series.h"

#include "base/clock.h"

static uint64_t *
bucket(struct series *s, int64_t second)
{
	return &s->v[(uint64_t)second % SERIES_SECONDS];
}

void
series_add(struct series *s, int64_t mono, uint64_t value)
{
	int64_t second = mono / NS_PER_S;

	if (!s->started) {
		s->started = 1;
		s->second = second;
		s->last = value;
	}
	if (second - s->second > SERIES_SECONDS) {
		uint64_t done = *bucket(s, s->second);
		if (done > s->peak)
			s->peak = done;
		for (int i = 0; i < SERIES_SECONDS; i++)
			s->v[i] = 0;
		s->second = second;
	}
	while (s->second < second) {
		if (*bucket(s, s->second) > s->peak)
			s->peak = *bucket(s, s->second);
		s->second++;
		*bucket(s, s->second) = 0;
	}
	*bucket(s, second) += value - s->last;
	s->last = value;
}

uint64_t
series_get(const struct series *s, int ago)
{
	if (!s->started || ago < 0 || ago >= SERIES_SECONDS - 1)
		return 0;
	return s->v[(uint64_t)(s->second - 1 - ago) % SERIES_SECONDS];
}
