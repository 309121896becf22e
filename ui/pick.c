#include "ui/pick.h"

#include <stdlib.h>
#include <string.h>

#include "ui/order.h"

/* Places of what was picked begin far from 0, so that older ones can be put
 * before them. */
#define BASE (1ull << 40)

/* Exchanges between two looks at the clock: so many to begin with, more while
 * they take little of a stretch.  The recorder waits while some are looked at.
 */
#define LOOK_FIRST 64
#define LOOK	   2048

/* Sorting anew costs at most this part of the time. */
#define SORT_SHARE 20

/* Numbers that grow at both ends. */
struct deque {
	uint64_t *v;
	size_t cap;
	size_t at; /* first used */
	size_t n;
};

struct pick {
	struct pick_rule rule;
	uint64_t first; /* exchanges there are */
	uint64_t last;
	uint64_t low;  /* looked through from here */
	uint64_t high; /* to here; 0: not begun */
	unsigned look; /* exchanges until the clock is looked at, 1 to LOOK */
	/* picked, as they came */
	struct deque found;
	uint64_t base; /* place of the first in `found` */
	/* sorted: those that came since behind those in order */
	struct order_item *item;
	size_t cap;
	size_t n;
	size_t sorted;
	struct order order;
	bool whole;	    /* all of the history was sorted once */
	int64_t sort_again; /* not before */
	bool lost;	    /* memory was short */
};

struct pick *
pick_new(void)
{
	return calloc(1, sizeof(struct pick));
}

void
pick_free(struct pick *p)
{
	if (p == NULL)
		return;
	free(p->found.v);
	free(p->item);
	free(p);
}

/* Nothing is picked, nothing looked through; what there is stays known. */
static void
forget_all(struct pick *p)
{
	free(p->found.v);
	free(p->item);
	p->found = (struct deque){ 0 };
	p->item = NULL;
	p->cap = p->n = p->sorted = 0;
	p->low = p->high = 0;
	p->look = LOOK_FIRST;
	p->base = BASE;
	p->sort_again = 0;
	p->whole = false;
	p->lost = false;
}

void
pick_by(struct pick *p, const struct pick_rule *rule)
{
	forget_all(p);
	p->rule = *rule;
}

bool
pick_sorted(const struct pick *p)
{
	return p->rule.key != NULL;
}

bool
pick_plain(const struct pick *p)
{
	return p->rule.wanted == NULL && p->rule.key == NULL;
}

/* Room for one more at both ends. */
static bool
deque_grow(struct deque *d)
{
	size_t cap = d->n * 2 + 1024;
	size_t at = (cap - d->n) / 2;
	uint64_t *v;

	if (d->at > 0 && d->at + d->n < d->cap)
		return true;
	v = malloc(cap * sizeof *v);
	if (v == NULL)
		return false;
	if (d->n)
		memcpy(v + at, d->v + d->at, d->n * sizeof *v);
	free(d->v);
	d->v = v;
	d->cap = cap;
	d->at = at;
	return true;
}

static bool
add_item(struct pick *p, const struct journal_view *v)
{
	struct order_item *item;
	struct pick_key key;

	if (p->n == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 1024;
		item = realloc(p->item, cap * sizeof *item);
		if (item == NULL)
			return false;
		p->item = p->order.item = item;
		p->cap = cap;
	}
	p->rule.key(p->rule.ctx, v, &key);
	item = &p->item[p->n++];
	item->seq = v->entry->seq;
	for (int i = 0; i < 3; i++)
		item->k[i] = p->rule.falling ? ~key.k[i] : key.k[i];
	return true;
}

/* The numbers found in a stretch that lies before all others. */
struct stretch {
	struct pick *p;
	uint64_t end; /* not from here on */
	uint64_t found[LOOK];
	unsigned n;
};

static bool
look(void *ctx, const struct journal_view *v)
{
	struct stretch *s = ctx;
	struct pick *p = s->p;

	if (v->entry->seq >= s->end)
		return false;
	if (p->rule.wanted && !p->rule.wanted(p->rule.ctx, v))
		return true;
	if (pick_sorted(p))
		p->lost |= !add_item(p, v);
	else
		s->found[s->n++] = v->entry->seq;
	return true;
}

static void
take_newer(struct pick *p, const struct stretch *s)
{
	struct deque *d = &p->found;

	for (unsigned i = 0; i < s->n; i++) {
		if (!deque_grow(d)) {
			p->lost = true;
			return;
		}
		d->v[d->at + d->n++] = s->found[i];
	}
}

static void
take_older(struct pick *p, const struct stretch *s)
{
	struct deque *d = &p->found;

	for (unsigned i = s->n; i-- > 0;) {
		if (!deque_grow(d)) {
			p->lost = true;
			return;
		}
		d->v[--d->at] = s->found[i];
		d->n++;
		p->base--;
	}
}

/* Look at what has come since. */
static void
look_newer(struct pick *p, struct journal *j)
{
	struct stretch s = { .p = p, .end = p->high + 1 + p->look };

	if (s.end > p->last + 1)
		s.end = p->last + 1;
	(void)journal_scan(j, p->high + 1, p->look, look, &s);
	take_newer(p, &s);
	p->high = s.end - 1;
}

/* Look at what came before. */
static void
look_older(struct pick *p, struct journal *j)
{
	struct stretch s = { .p = p, .end = p->low };
	uint64_t from =
	    p->low > p->first + p->look ? p->low - p->look : p->first;

	(void)journal_scan(j, from, p->low - from, look, &s);
	take_older(p, &s);
	p->low = from;
}

/* Those that are gone are the first in `found`. */
static void
forget_old(struct pick *p)
{
	struct deque *d = &p->found;

	while (d->n && d->v[d->at] < p->first) {
		d->at++;
		d->n--;
		p->base++;
	}
}

/* What was looked through first is sorted for a start, then all of it, then
 * now and then what has come. */
static bool
sort_due(const struct pick *p, int64_t mono, bool all)
{
	if (p->n == p->sorted)
		return false;
	if (!p->whole)
		return p->sorted == 0 || all;
	return mono >= p->sort_again;
}

static void
sort_items(struct pick *p, int64_t mono, bool all)
{
	int64_t from = clock_mono();
	size_t n = 0;

	if (!sort_due(p, mono, all))
		return;
	p->whole = all;
	for (size_t i = 0; i < p->n; i++)
		if (p->item[i].seq >= p->first)
			p->item[n++] = p->item[i];
	p->n = n;
	p->sorted = n;
	order_begin(&p->order, p->item, n);
	if (n)
		order_settle(&p->order, 0); /* what is looked at mostly */
	p->sort_again = mono + (clock_mono() - from) * SORT_SHARE;
}

/* Look on at some; returns when that was done. */
static int64_t
look_on(struct pick *p, struct journal *j, int64_t from)
{
	uint64_t before = p->high - p->low;
	int64_t now;

	if (p->high < p->last)
		look_newer(p, j);
	else
		look_older(p, j);
	now = clock_mono();
	if (now - from > PICK_STRETCH / 4 && p->look > 1)
		p->look /= 2;
	else if (now - from < PICK_STRETCH / 16 && p->look < LOOK &&
	    p->high - p->low - before == p->look)
		p->look *= 2;
	return now;
}

bool
pick_update(struct pick *p, struct journal *j, uint64_t first, uint64_t last,
    int64_t mono)
{
	int64_t now = clock_mono(), until = now + PICK_STRETCH;
	bool more = true;

	p->first = first;
	p->last = last;
	if (pick_plain(p))
		return false;
	if (last == 0) {
		forget_all(p);
		return false;
	}
	if (p->high < first) { /* nothing of what there was is left */
		forget_all(p);
		p->low = last + 1;
		p->high = last;
	}
	while (more && (p->high < last || p->low > first)) {
		now = look_on(p, j, now);
		more = now < until;
	}
	forget_old(p);
	if (p->low < first)
		p->low = first;
	more = p->high < last || p->low > first;
	if (pick_sorted(p))
		sort_items(p, mono, !more);
	return more;
}

void
pick_range(const struct pick *p, uint64_t *first, uint64_t *last)
{
	size_t n = pick_sorted(p) ? p->sorted : p->found.n;

	*first = *last = 0;
	if (pick_plain(p)) {
		*first = p->first;
		*last = p->last;
	} else if (n) {
		*first = pick_sorted(p) ? 1 : p->base;
		*last = *first + n - 1;
	}
}

uint64_t
pick_seq(struct pick *p, uint64_t place)
{
	uint64_t first, last;

	pick_range(p, &first, &last);
	if (place == 0 || place < first || place > last)
		return 0;
	if (pick_plain(p))
		return place;
	if (pick_sorted(p)) {
		order_settle(&p->order, place - 1);
		return p->item[place - 1].seq;
	}
	return p->found.v[p->found.at + (place - first)];
}

static uint64_t
place_found(const struct pick *p, uint64_t seq)
{
	const uint64_t *v = p->found.v + p->found.at;
	size_t low = 0, high = p->found.n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		if (v[mid] < seq)
			low = mid + 1;
		else
			high = mid;
	}
	return p->base + (low < p->found.n ? low : p->found.n - 1);
}

uint64_t
pick_place(struct pick *p, uint64_t seq)
{
	uint64_t first, last;

	pick_range(p, &first, &last);
	if (last == 0)
		return 0;
	if (pick_plain(p))
		return seq < first ? first : seq > last ? last : seq;
	if (!pick_sorted(p))
		return place_found(p, seq);
	for (size_t i = 0; i < p->sorted; i++)
		if (p->item[i].seq == seq)
			return order_place(&p->order, i) + 1;
	return first;
}

unsigned
pick_done(const struct pick *p)
{
	uint64_t all = p->last - p->first + 1;

	if (pick_plain(p) || p->last == 0 || p->low <= p->first)
		return 1000;
	return (unsigned)((p->high - p->low + 1) * 1000 / all);
}

size_t
pick_memory(const struct pick *p)
{
	return p->found.cap * sizeof *p->found.v + p->cap * sizeof *p->item;
}

void
pick_key_text(struct pick_key *key, const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < 24; i++) {
		unsigned char c = (unsigned char)(i < n ? text[i] : '\0');
		key->k[i / 8] = key->k[i / 8] << 8 | c;
	}
}
