#include "net/timers.h"

#include <stddef.h>

void
timers_init(struct timers *t)
{
	t->used = 0;
	for (int c = 0; c < DEADLINE_N; c++)
		t->head[c].prev = t->head[c].next = &t->head[c];
}

void
timer_disarm(struct timer *m)
{
	if (m->next == NULL)
		return;
	m->prev->next = m->next;
	m->next->prev = m->prev;
	m->prev = m->next = NULL;
	m->deadline = 0;
}

void
timer_arm(
    struct timers *t, struct timer *m, enum deadline_class c, int64_t deadline)
{
	struct timer *head = &t->head[c];
	struct timer *before;

	timer_disarm(m);
	t->used |= 1u << c;
	before = head->prev;
	/* after TIMER_LOOKS steps it takes the deadline it has come to */
	for (unsigned i = 0; before != head && before->deadline > deadline; i++)
		if (i == TIMER_LOOKS)
			deadline = before->deadline;
		else
			before = before->prev;
	m->deadline = deadline;
	m->prev = before;
	m->next = before->next;
	before->next->prev = m;
	before->next = m;
}

uint32_t
timers_used(struct timers *t)
{
	for (uint32_t left = t->used; left != 0; left &= left - 1) {
		int c = __builtin_ctz(left);

		if (t->head[c].next == &t->head[c])
			t->used &= ~(1u << c);
	}
	return t->used;
}

struct timer *
timers_due(const struct timers *t, enum deadline_class c, int64_t now)
{
	struct timer *first = t->head[c].next;

	return first != &t->head[c] && first->deadline <= now ? first : NULL;
}

int64_t
timers_next(const struct timers *t, enum deadline_class c)
{
	const struct timer *first = t->head[c].next;

	return first == &t->head[c] ? INT64_MAX : first->deadline;
}

void
timers_shift(struct timers *t, enum deadline_class c, int64_t ns)
{
	struct timer *m;

	for (m = t->head[c].next; m != &t->head[c]; m = m->next)
		m->deadline += ns;
}

void
timers_resume(struct timers *t, enum deadline_class c, int64_t timeout,
    int64_t from, int64_t to)
{
	struct timer *m;

	for (m = t->head[c].next; m != &t->head[c]; m = m->next) {
		int64_t armed = m->deadline - timeout;

		m->deadline += to - (armed > from ? armed : from);
	}
}
