#include "ui/order.h"

#include <stdlib.h>
#include <string.h>

/* A part of no more is sorted at once. */
#define SMALL 2048

/* Items looked at for where to cut a part, and how far beside the place that
 * is looked for, so that it is mostly on the smaller side. */
#define SAMPLE 64
#define MARGIN 3

_Static_assert(SMALL > SAMPLE, "each item of a sample is another");

static inline bool
before(const struct order_item *x, const struct order_item *y)
{
	for (int i = 0; i < 3; i++)
		if (x->k[i] != y->k[i])
			return x->k[i] < y->k[i];
	return x->seq < y->seq;
}

static int
compare(const void *a, const void *b)
{
	return before(a, b) ? -1 : before(b, a);
}

void
order_begin(struct order *o, struct order_item *item, size_t n)
{
	o->item = item;
	o->dice = 1;
	o->parts = n > 0;
	o->part[0] = (struct order_part){ n, n < 2 };
}

static size_t
part_from(const struct order *o, unsigned i)
{
	return i ? o->part[i - 1].end : 0;
}

/* The part that a place is in. */
static unsigned
part_at(const struct order *o, size_t at)
{
	unsigned low = 0, high = o->parts - 1;

	while (low < high) {
		unsigned mid = (low + high) / 2;
		if (o->part[mid].end <= at)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* An item that about as many come before as before `at`, and not the first. */
static struct order_item
choose_pivot(struct order *o, size_t from, size_t n, size_t at)
{
	struct order_item sample[SAMPLE];
	size_t stride = n / SAMPLE, rank = (at - from) / (stride + 1);

	for (size_t i = 0; i < SAMPLE; i++) {
		o->dice = o->dice * 1664525u + 1013904223u;
		sample[i] =
		    o->item[from + i * stride + (o->dice >> 8) % stride];
	}
	qsort(sample, SAMPLE, sizeof *sample, compare);
	if (rank < SAMPLE / 2)
		rank += MARGIN;
	else
		rank -= MARGIN;
	return sample[rank];
}

/* Put those before `p` in front, and return where the others begin. */
static size_t
divide(struct order_item *item, size_t from, size_t end,
    const struct order_item *p)
{
	for (;;) {
		struct order_item t;

		while (from < end && before(&item[from], p))
			from++;
		while (from < end && !before(&item[end - 1], p))
			end--;
		if (from == end)
			return from;
		t = item[from];
		item[from++] = item[--end];
		item[end] = t;
	}
}

static void
sort_part(struct order *o, unsigned i)
{
	size_t from = part_from(o, i);

	qsort(o->item + from, o->part[i].end - from, sizeof *o->item, compare);
	o->part[i].sorted = true;
}

static void
take_part(struct order *o, unsigned i)
{
	o->parts--;
	memmove(&o->part[i], &o->part[i + 1], (o->parts - i) * sizeof *o->part);
}

/* Neighbours in order are one part. */
static void
join(struct order *o, unsigned i)
{
	if (i + 1 < o->parts && o->part[i + 1].sorted)
		take_part(o, i);
	if (i > 0 && o->part[i - 1].sorted)
		take_part(o, i - 1);
}

/* Divide part `i` near a place in it. */
static void
cut(struct order *o, unsigned i, size_t at)
{
	size_t from = part_from(o, i), end = o->part[i].end;

	o->pivot = choose_pivot(o, from, end - from, at);
	memmove(&o->part[i + 1], &o->part[i], (o->parts - i) * sizeof *o->part);
	o->parts++;
	o->part[i].end = divide(o->item, from, end, &o->pivot);
}

/* Narrow the part that `at` is in; whether it is in order then. */
static bool
narrow(struct order *o, size_t at)
{
	unsigned i = part_at(o, at);

	if (o->part[i].sorted)
		return true;
	if (o->parts == ORDER_PARTS) { /* so many places: all of it, then */
		o->part[0].end = o->part[o->parts - 1].end;
		o->parts = 1;
		sort_part(o, 0);
		return true;
	}
	if (o->part[i].end - part_from(o, i) > SMALL) {
		cut(o, i, at);
		return false;
	}
	sort_part(o, i);
	join(o, i);
	return true;
}

void
order_settle(struct order *o, size_t at)
{
	while (!narrow(o, at))
		continue;
}

/* Where `item` is, in a part that is in order. */
static size_t
seek(const struct order *o, const struct order_item *item, size_t from,
    size_t end)
{
	while (from < end) {
		size_t mid = from + (end - from) / 2;
		if (before(&o->item[mid], item))
			from = mid + 1;
		else
			end = mid;
	}
	return from;
}

size_t
order_place(struct order *o, size_t at)
{
	struct order_item item = o->item[at];
	unsigned i = part_at(o, at);
	size_t from = part_from(o, i);

	/* the part that begins at `from` has it */
	while (!narrow(o, from + (o->part[i].end - from) / 2)) {
		if (!before(&item, &o->pivot))
			from = o->part[i].end;
		i = part_at(o, from);
	}
	i = part_at(o, from);
	return seek(o, &item, part_from(o, i), o->part[i].end);
}
