#include "ui/connections.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"

#define LONG_AT_IT (500 * NS_PER_MS)

void
conn_target_text(char out[CONN_TARGET_TEXT], const struct conn_row *r)
{
	size_t n = r->target_n > ROW_TARGET ? ROW_TARGET : r->target_n;

	if (r->state == CONN_HEAD)
		(void)snprintf(out, CONN_TARGET_TEXT, "head, %" PRIu32 " bytes",
		    r->head_bytes);
	else if (r->state == CONN_PROXY)
		(void)snprintf(out, CONN_TARGET_TEXT,
		    "PROXY line, %" PRIu32 " bytes", r->head_bytes);
	else if (r->state == CONN_NEW)
		(void)snprintf(out, CONN_TARGET_TEXT, "no byte yet");
	else
		(void)printable_str(out, CONN_TARGET_TEXT,
		    span_of(r->target, n), PRINTABLE_UTF8);
}

bool
conn_is_asked(enum conn_state state)
{
	return state == CONN_HEAD || state == CONN_BODY ||
	    state == CONN_WAITING || state == CONN_SENDING;
}

bool
conn_column_is_path(int column)
{
	return column == CONN_COL_RTT || column == CONN_COL_RETRANSMITS ||
	    column == CONN_COL_CWND || column == CONN_COL_RATE;
}

struct order {
	const struct model *m;
	const struct list_look *list;
	int64_t now;
};

/* What is known of a path; all 0 where it is not. */
static struct conn_path
path_of(const struct order *o, const struct conn_row *r)
{
	const struct conn_path *p = model_path(o->m, r->conn);

	return p ? *p : (struct conn_path){ 0 };
}

static bool
is_slow(const struct conn_row *r, int64_t now)
{
	return r->state != CONN_IDLE && r->state != CONN_NEW &&
	    now - r->since >= LONG_AT_IT;
}

/* Eight bytes of a text, or of an address, that compare as these do. */
static uint64_t
part_of(const void *bytes, size_t n, unsigned part)
{
	const unsigned char *p = bytes;
	uint64_t key = 0;

	for (size_t i = (size_t)part * 8; i < (size_t)part * 8 + 8; i++)
		key = key << 8 | (i < n ? p[i] : 0);
	return key;
}

static uint64_t
key_of_peer(const struct peer *p, unsigned part)
{
	if (part == 0)
		return p->family;
	return part < 3 ? part_of(p->addr, sizeof p->addr, part - 1) : p->port;
}

static uint64_t
key_of_target(const struct conn_row *r, unsigned part)
{
	char text[CONN_TARGET_TEXT];

	conn_target_text(text, r);
	return part_of(text, strlen(text), part);
}

/* Part of what a column is sorted by, from the least on. */
static uint64_t
key_of_column(const struct order *o, const struct conn_row *r, unsigned part)
{
	switch ((enum conn_column)o->list->sort) {
	case CONN_COL_CLIENT:
		return key_of_peer(&r->peer, part);
	case CONN_COL_STATE:
		return r->state;
	case CONN_COL_PROGRESS: /* what has no deadline comes last */
		return r->deadline ? (uint64_t)r->deadline : UINT64_MAX;
	case CONN_COL_REQUESTS:
		return r->requests;
	case CONN_COL_OUT:
		return r->bytes_out;
	case CONN_COL_RTT:
		return path_of(o, r).rtt_us;
	case CONN_COL_RETRANSMITS:
		return path_of(o, r).retransmits;
	case CONN_COL_CWND:
		return path_of(o, r).cwnd;
	case CONN_COL_RATE:
		return model_rate(o->m, r->conn);
	case CONN_COL_AGE:
		return UINT64_MAX - (uint64_t)r->opened;
	case CONN_COL_TARGET:
		return key_of_target(r, part);
	case CONN_COL_ID:
	case CONN_COL_N:
		break;
	}
	return r->conn;
}

static unsigned
parts_of(int column)
{
	return column == CONN_COL_CLIENT ? 4
	    : column == CONN_COL_TARGET	 ? (CONN_TARGET_TEXT + 7) / 8
					 : 1;
}

static uint64_t
key_of(const struct order *o, const struct conn_row *r, unsigned part)
{
	uint64_t key;

	if (o->list->sort < 0)
		return is_slow(r, o->now) ? 0 : 1;
	key = key_of_column(o, r, part);
	return conn_columns[o->list->sort].rising == o->list->reverse ? ~key
								      : key;
}

static int
compare_places(const void *a, const void *b)
{
	const struct conn_place *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->conn < y->conn ? -1 : x->conn > y->conn;
}

/* Sort by one part; which of them are alike so far is noted.  A row that has
 * ended since stays as it is. */
static void
sort_run(const struct order *o, const struct watch *w, struct conn_place *at,
    unsigned n, unsigned part)
{
	struct conn_row row;

	for (unsigned i = 0; i < n; i++)
		if (model_row_at(o->m, w, &at[i], &row))
			at[i].key = key_of(o, &row, part);
	qsort(at, n, sizeof *at, compare_places);
	for (unsigned i = 0; i < n; i++)
		at[i].alike = i > 0 && at[i].key == at[i - 1].key;
}

void
conn_sort(struct model *m, const struct watch *w)
{
	struct order o = { m, &m->look.list[PANE_CONNECTIONS], m->at.mono };
	unsigned parts = parts_of(o.list->sort);

	sort_run(&o, w, m->place, m->places, 0);
	for (unsigned part = 1; part < parts; part++) {
		bool any = false;

		for (unsigned from = 0, to; from < m->places; from = to) {
			for (to = from + 1;
			     to < m->places && m->place[to].alike; to++)
				;
			if (to - from > 1)
				sort_run(
				    &o, w, m->place + from, to - from, part);
			any = any || to - from > 1;
		}
		if (!any)
			return;
	}
}
