#include "base/clock.h"

#include <time.h>

static int64_t
clock_read(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

struct moment
clock_now(void)
{
	return (struct moment){
		.mono = clock_read(CLOCK_MONOTONIC),
		.wall = clock_read(CLOCK_REALTIME),
	};
}

int64_t
clock_mono(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

int64_t
clock_thread(void)
{
	return clock_read(CLOCK_THREAD_CPUTIME_ID);
}

int64_t
clock_file_ns(struct timespec t)
{
	const int64_t far = INT64_MAX / NS_PER_S - 1;
	int64_t secs = t.tv_sec;

	secs = secs > far ? far : secs < -far ? -far : secs;
	return secs * NS_PER_S + t.tv_nsec;
}
