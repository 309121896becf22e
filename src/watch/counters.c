#include "watch/counters.h"

const char *const counter_names[COUNTER_N] = {
#define X(id, name) [COUNTER_##id] = (name),
	COUNTER_TABLE(X)
#undef X
};

static void
sum(_Atomic uint64_t *to, const _Atomic uint64_t *from, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		counter_add(&to[i], counter_get(&from[i]));
}

void
counters_sum(struct counters *to, const struct counters *from)
{
	sum(to->v, from->v, COUNTER_N);
	sum(to->status, from->status, STATUS_N);
	sum(to->open, from->open, CONN_STATE_N);
	sum(to->closed, from->closed, CLOSE_N);
	hist_sum(&to->latency, &from->latency);
}
