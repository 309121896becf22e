#include "base/thread.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

void
thread_name(const char *name)
{
	(void)prctl(PR_SET_NAME, name, 0, 0, 0);
}

#define NICE_MOST 19

/* Of sched_setattr(2), for which the C library has neither name nor struct. */
struct sched_turns {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period; /* ns */
};

void
thread_schedule(int policy, int nicer, uint64_t slice)
{
	/* on Linux all of it is the thread's alone */
	int nice = getpriority(PRIO_PROCESS, 0) + nicer;
	struct sched_turns turns = {
		.size = sizeof(turns),
		.policy = (uint32_t)policy,
		.nice = nice > NICE_MOST ? NICE_MOST : nice,
		.runtime = slice,
	};

	(void)syscall(SYS_sched_setattr, 0, &turns, 0);
}

/* GCC 12's ThreadSanitizer does not know pthread_clockjoin_np(3): what the
 * thread did would not have happened before. */
#if defined(__SANITIZE_THREAD__)
#define JOIN_CLOCK		  CLOCK_REALTIME
#define join_until(thread, until) pthread_timedjoin_np(thread, NULL, until)
#else
#define JOIN_CLOCK CLOCK_MONOTONIC
#define join_until(thread, until)                                              \
	pthread_clockjoin_np(thread, NULL, JOIN_CLOCK, until)
#endif

bool
thread_join_within(pthread_t thread, int64_t ns)
{
	struct timespec until;

	clock_gettime(JOIN_CLOCK, &until);
	ns += until.tv_nsec;
	until.tv_sec += (time_t)(ns / NS_PER_S);
	until.tv_nsec = (long)(ns % NS_PER_S);
	return join_until(thread, &until) == 0;
}
