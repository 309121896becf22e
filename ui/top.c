#include "ui/top.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/printable.h"
#include "ui/agent.h"
#include "watch/facts.h"

#define TOP_BUCKETS 512
#define TOP_NONE    (-1)

/* Durations by powers of two cut in four: within a quarter. */
#define TIMES 160

struct top_row {
	uint64_t hash;
	uint64_t over;
	uint64_t bytes;
	uint64_t errors;
	uint64_t longest; /* ns */
	uint32_t times[TIMES];
	int16_t next; /* of the same bucket */
	uint8_t n;
	char name[TOP_NAME];
};

struct top_table {
	unsigned n;
	uint64_t hits[TOP_KEPT]; /* apart: the least is looked for among them */
	int16_t bucket[TOP_BUCKETS];
	struct top_row row[TOP_KEPT];
};

struct top {
	uint64_t seen; /* number of the last exchange counted or missed */
	uint64_t counted;
	uint64_t missed;
	struct top_table table[TOP_KINDS];
};

_Static_assert(TOP_NAME <= UINT8_MAX, "a length is 8 bits");

struct top *
top_new(void)
{
	struct top *t = calloc(1, sizeof *t);

	for (int k = 0; t && k < TOP_KINDS; k++) /* TOP_NONE */
		memset(t->table[k].bucket, 0xff, sizeof t->table[k].bucket);
	return t;
}

void
top_free(struct top *t)
{
	free(t);
}

static unsigned
time_bucket(uint64_t ns)
{
	unsigned high;

	if (ns < 8)
		return (unsigned)ns;
	high = 63u - (unsigned)__builtin_clzll(ns);
	high = (high - 1) * 4 + (unsigned)(ns >> (high - 2) & 3);
	return high < TIMES ? high : TIMES - 1;
}

/* The greatest duration that falls into the bucket. */
static uint64_t
time_upper(unsigned i)
{
	unsigned high = i / 4 + 1;

	if (i < 8)
		return i;
	return ((uint64_t)(i % 4 + 5) << (high - 2)) - 1;
}

static uint64_t
hash_of(struct span s)
{
	uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
	return h ^ h >> 32;
}

static int16_t *
bucket_of(struct top_table *t, uint64_t hash)
{
	return &t->bucket[hash % TOP_BUCKETS];
}

static int
lookup(struct top_table *t, uint64_t hash, struct span name)
{
	for (int i = *bucket_of(t, hash); i != TOP_NONE; i = t->row[i].next)
		if (t->row[i].hash == hash &&
		    span_eq(span_of(t->row[i].name, t->row[i].n), name))
			return i;
	return TOP_NONE;
}

static void
unlink_row(struct top_table *t, int16_t i)
{
	int16_t *link = bucket_of(t, t->row[i].hash);

	while (*link != i) {
		CHECK(*link != TOP_NONE);
		link = &t->row[*link].next;
	}
	*link = t->row[i].next;
}

/* A free place, or that of the rarest. */
static int16_t
make_place(struct top_table *t, uint64_t *over)
{
	unsigned least = 0;

	*over = 0;
	if (t->n < TOP_KEPT)
		return (int16_t)t->n++;
	for (unsigned i = 1; i < TOP_KEPT; i++)
		if (t->hits[i] < t->hits[least])
			least = i;
	unlink_row(t, (int16_t)least);
	*over = t->hits[least];
	return (int16_t)least;
}

static int
add_row(struct top_table *t, uint64_t hash, struct span name)
{
	uint64_t over;
	int16_t i = make_place(t, &over);
	struct top_row *r = &t->row[i];

	memset(r, 0, sizeof *r);
	r->hash = hash;
	r->over = over;
	r->n = (uint8_t)name.n;
	memcpy(r->name, name.p, name.n);
	r->next = *bucket_of(t, hash);
	*bucket_of(t, hash) = i;
	t->hits[i] = over;
	return i;
}

static void
count(struct top_table *t, struct span name, const struct event *e)
{
	uint64_t hash;
	struct top_row *r;
	int i;

	if (name.n > TOP_NAME - 1) {
		name.n = TOP_NAME - 1;
		while (name.n && ((unsigned char)name.p[name.n] & 0xC0) == 0x80)
			name.n--; /* never half a character */
	}
	hash = hash_of(name);
	i = lookup(t, hash, name);
	if (i == TOP_NONE)
		i = add_row(t, hash, name);
	r = &t->row[i];
	t->hits[i]++;
	r->bytes += e->bytes_out;
	r->errors += e->status == 0 || e->status >= 400;
	if (event_knows(e, FACT_TIME)) {
		uint64_t took = e->done_ns < 0 ? 0 : (uint64_t)e->done_ns;

		r->times[time_bucket(took)]++;
		if (took > r->longest)
			r->longest = took;
	}
}

/* The response's Content-Type without parameters. */
static void
type_text(char out[64], struct span head)
{
	static const char name[] = "\nContent-Type: ";
	const char *p =
	    head.n ? memmem(head.p, head.n, name, sizeof name - 1) : NULL;
	size_t n = 0;

	(void)snprintf(out, 64, "-");
	if (p == NULL)
		return;
	head = span_skip(head, (size_t)(p - head.p) + sizeof name - 1);
	while (n < head.n && !strchr(";\r\n", head.p[n]))
		n++;
	(void)printable_str(out, 64, span_of(head.p, n), PRINTABLE_ASCII);
}

static bool
take(void *ctx, const struct journal_view *v)
{
	struct top *t = ctx;
	const struct event *e = &v->entry->e;
	char client[PEER_TEXT], agent[AGENT_TEXT], status[8], type[64];

	t->missed += v->entry->seq - t->seen - 1;
	t->seen = v->entry->seq;
	t->counted++;
	peer_host_text(client, &e->peer);
	(void)agent_name(agent, event_part(v->request, e->user_agent));
	(void)snprintf(status, sizeof status, e->status ? "%u" : "---",
	    (unsigned)e->status);
	count(&t->table[TOP_PATHS],
	    span_of(v->entry->target, strcspn(v->entry->target, "?")), e);
	count(&t->table[TOP_CLIENTS], span_str(client), e);
	count(&t->table[TOP_AGENTS], span_str(agent), e);
	count(&t->table[TOP_STATUSES], span_str(status), e);
	type_text(type, v->response);
	count(&t->table[TOP_TYPES], span_str(type), e);
	return true;
}

void
top_take(struct top *t, struct journal *j, uint64_t most)
{
	(void)journal_scan(j, t->seen + 1, most, take, t);
}

uint64_t
top_counted(const struct top *t, uint64_t *missed)
{
	*missed = t->missed;
	return t->counted;
}

unsigned
top_count(const struct top *t, enum top_kind kind)
{
	return t->table[kind].n;
}

/* From the bucket upwards a hundredth of all that have a time lie. */
static int64_t
p99_of(const struct top_row *r)
{
	uint64_t all = 0, seen = 0;

	for (unsigned i = 0; i < TIMES; i++)
		all += r->times[i];
	for (unsigned i = TIMES; i-- > 0;) {
		seen += r->times[i];
		if (seen * 100 > all)
			return (int64_t)(time_upper(i) < r->longest
				? time_upper(i)
				: r->longest);
	}
	return -1;
}

struct order {
	enum top_order by;
	bool reverse;
};

static int
compare_figures(uint64_t a, uint64_t b)
{
	return a > b ? -1 : a < b;
}

static int
compare_lines(const void *a, const void *b, void *ctx)
{
	const struct top_line *x = a, *y = b;
	const struct order *o = ctx;
	int c = 0;

	switch (o->by) {
	case TOP_HITS:
		c = compare_figures(x->hits, y->hits);
		break;
	case TOP_BYTES:
		c = compare_figures(x->bytes, y->bytes);
		break;
	case TOP_P99:
		c = x->p99 > y->p99 ? -1 : x->p99 < y->p99;
		break;
	case TOP_ERRORS:
		c = compare_figures(x->errors, y->errors);
		break;
	case TOP_NAMES:
		break;
	}
	if (c == 0)
		c = strcmp(x->name, y->name);
	return o->reverse ? -c : c;
}

unsigned
top_lines(struct top *t, enum top_kind kind, enum top_order order, bool reverse,
    struct top_line *out, unsigned n)
{
	struct top_table *table = &t->table[kind];
	struct top_line all[TOP_KEPT];
	struct order o = { order, reverse };

	for (unsigned i = 0; i < table->n; i++) {
		struct top_row *r = &table->row[i];
		all[i] = (struct top_line){ r->name, table->hits[i], r->over,
			r->bytes, r->errors, p99_of(r) };
	}
	qsort_r(all, table->n, sizeof *all, compare_lines, &o);
	if (n > table->n)
		n = table->n;
	memcpy(out, all, n * sizeof *out);
	return n;
}
