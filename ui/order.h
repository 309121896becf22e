/* Things that come to be in order where somebody looks: the first screen of a
 * million is there in the time of going through them once, and what nobody
 * looks at is never sorted.  The order is by key, then by number: there is one
 * alone, whichever way it comes about. */
#ifndef UI_ORDER_H
#define UI_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct order_item {
	uint64_t k[3]; /* compared one after the other */
	uint64_t seq;
};

/* Stretches that follow each other, each with all that belongs in it: items of
 * one come before those of the next. */
#define ORDER_PARTS 256

struct order_part {
	size_t end;
	bool sorted;
};

struct order {
	struct order_item *item; /* the caller's */
	uint32_t dice;
	struct order_item pivot; /* of the last division */
	unsigned parts;		 /* 0: there are no items */
	struct order_part part[ORDER_PARTS];
};

/* Begin anew with `n` items in whatever order. */
void order_begin(struct order *o, struct order_item *item, size_t n);

/* Have the right item at `at`, which is one of them.  Others move. */
void order_settle(struct order *o, size_t at);

/* Where the item that is now at `at` comes to be, when it is there. */
size_t order_place(struct order *o, size_t at);

#endif
