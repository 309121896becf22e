#include "ui/requests.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void
request_why_text(char out[REQUEST_WHY], const struct event *e)
{
	struct buf b = buf_over(out, REQUEST_WHY - 1);

	if (e->trail.why < e->trail.n && e->trail.n <= LIMIT_TRAIL)
		reason_put_why(&b, &e->trail.r[e->trail.why]);
	else if (e->close != CLOSE_NONE && e->close < CLOSE_N)
		buf_puts(&b, close_reason_rows[e->close].label);
	out[b.n] = '\0';
}

static uint64_t
figure_of(enum request_column column, const struct event *e)
{
	switch (column) {
	case REQUEST_COL_TIME:
	case REQUEST_COL_WATERFALL:
		return (uint64_t)e->wall;
	case REQUEST_COL_CONN:
		return e->conn;
	case REQUEST_COL_STATUS:
		return e->status;
	case REQUEST_COL_SIZE:
		return e->body_sent;
	case REQUEST_COL_IN:
		return e->bytes_in;
	case REQUEST_COL_TOOK:
		return (uint64_t)e->done_ns;
	case REQUEST_COL_FIRST:
		return (uint64_t)e->first_ns;
	case REQUEST_COL_END:
		return e->close;
	default:
		return 0;
	}
}

static void
key_peer(struct pick_key *key, const struct peer *p)
{
	char text[24] = { 0 };

	text[0] = (char)p->family;
	memcpy(text + 1, p->addr, sizeof p->addr);
	for (size_t i = 0; i < sizeof text; i++)
		key->k[i / 8] = key->k[i / 8] << 8 | (unsigned char)text[i];
}

/* Programs are few and their fields long: names that were made lately are kept,
 * of fields up to FIELD bytes, by the length and four bytes spread over them:
 * to look at all would take as long as to name most. */
#define NAMES 64
#define FIELD 256

static void
key_agent(struct pick_key *key, struct span field)
{
	/* the console's thread alone */
	static struct {
		size_t n; /* 0: free */
		char field[FIELD];
		struct pick_key key;
	} names[NAMES], *at;
	char text[AGENT_TEXT];
	size_t slot = field.n;

	for (size_t i = 1; i <= 4 && i < field.n; i++)
		slot = slot * 31 +
		    (unsigned char)field.p[field.n - (field.n - 1) / i];
	at = &names[slot % NAMES];
	if (field.n && at->n == field.n &&
	    memcmp(at->field, field.p, field.n) == 0) {
		*key = at->key;
		return;
	}
	(void)agent_name(text, field);
	pick_key_text(key, text);
	if (field.n == 0 || field.n > FIELD)
		return;
	at->n = field.n;
	memcpy(at->field, field.p, field.n);
	at->key = *key;
}

void
request_key(enum request_column column, const struct journal_view *v,
    struct pick_key *key)
{
	const struct event *e = &v->entry->e;
	char text[REQUEST_WHY];

	*key = (struct pick_key){ 0 };
	switch (column) {
	case REQUEST_COL_CLIENT:
		key_peer(key, &e->peer);
		break;
	case REQUEST_COL_METHOD:
		pick_key_text(key, v->entry->method);
		break;
	case REQUEST_COL_TARGET:
		pick_key_text(key, v->entry->target);
		break;
	case REQUEST_COL_WHY:
		request_why_text(text, e);
		pick_key_text(key, text);
		break;
	case REQUEST_COL_AGENT:
		key_agent(key, event_part(v->request, e->user_agent));
		break;
	default:
		key->k[0] = figure_of(column, e);
	}
}

void
request_line_text(char out[REQUEST_LINE], const struct journal_view *v)
{
	const struct event *e = &v->entry->e;
	char peer[PEER_TEXT], why[REQUEST_WHY], agent[AGENT_TEXT];

	peer_text(peer, &e->peer);
	request_why_text(why, e);
	(void)agent_name(agent, event_part(v->request, e->user_agent));
	(void)snprintf(out, REQUEST_LINE, "#%" PRIu64 " %s %s %u %s %s %s",
	    e->conn, peer, v->entry->method, (unsigned)e->status,
	    v->entry->target, why, agent);
}
