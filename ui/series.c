#include "ui/series.h"

#include "base/clock.h"

static uint64_t *
bucket(struct series *s, int64_t second)
{
	return &s->v[(uint64_t)second % SERIES_SECONDS];
}

/* Come to the second of `mono`; seconds passed over have `idle`. */
static void
advance(struct series *s, int64_t mono, uint64_t idle)
{
	int64_t second = mono / NS_PER_S;

	if (!s->started) {
		s->started = 1;
		s->second = second;
	}
	if (second - s->second > SERIES_SECONDS)
		s->second = second - SERIES_SECONDS;
	while (s->second < second) {
		if (*bucket(s, s->second) > s->peak)
			s->peak = *bucket(s, s->second);
		s->second++;
		*bucket(s, s->second) = idle;
	}
}

void
series_add(struct series *s, int64_t mono, uint64_t value)
{
	if (!s->started)
		s->last = value;
	advance(s, mono, 0);
	*bucket(s, s->second) += value - s->last;
	s->last = value;
}

void
series_spread(struct series *s, int64_t mono, uint64_t value)
{
	int64_t n = mono / NS_PER_S - s->second;
	uint64_t share;

	if (!s->started || n < 1) {
		series_add(s, mono, value);
		return;
	}
	share = (value - s->last) / (uint64_t)(n + 1);
	*bucket(s, s->second) += share;
	s->last += share * (uint64_t)(n + 1);
	advance(s, mono, share);
	series_add(s, mono, value);
}

void
series_level(struct series *s, int64_t mono, uint64_t level)
{
	uint64_t *now;

	advance(s, mono, s->last);
	now = bucket(s, s->second);
	if (level > *now)
		*now = level;
	if (level > s->peak)
		s->peak = level; /* held already, unlike a sum */
	s->last = level;
}

uint64_t
series_get(const struct series *s, int ago)
{
	if (!s->started || ago < 0 || ago >= SERIES_SECONDS - 1)
		return 0;
	return s->v[(uint64_t)(s->second - 1 - ago) % SERIES_SECONDS];
}
