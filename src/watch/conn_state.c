#include "watch/conn_state.h"

#define S(id) (1u << CONN_##id)

const struct conn_state_row conn_state_rows[CONN_STATE_N] = {
#define X(id, label, deadline, text)                                           \
	[CONN_##id] = { label, DEADLINE_##deadline, text },
	CONN_STATE_TABLE(X)
#undef X
};

/* The legal successors of each state.  SENDING goes to HEAD when the next
 * request's bytes are there already. */
static const unsigned successors[CONN_STATE_N] = {
	[CONN_CLOSED] = S(NEW),
	[CONN_NEW] = S(HEAD) | S(PROXY) | S(CLOSED),
	[CONN_HEAD] = S(BODY) | S(WAITING) | S(SENDING) | S(LINGER) | S(CLOSED),
	[CONN_BODY] = S(WAITING) | S(SENDING) | S(LINGER) | S(CLOSED),
	[CONN_WAITING] = S(SENDING) | S(CLOSED),
	[CONN_SENDING] = S(IDLE) | S(HEAD) | S(LINGER) | S(CLOSED),
	[CONN_IDLE] = S(HEAD) | S(CLOSED),
	[CONN_LINGER] = S(CLOSED),
	[CONN_PROXY] = S(NEW) | S(HEAD) | S(SENDING) | S(CLOSED),
};

const struct close_reason_row close_reason_rows[CLOSE_N] = {
#define X(id, label, text) [CLOSE_##id] = { label, text },
	CLOSE_REASON_TABLE(X)
#undef X
};

bool
conn_state_follows(enum conn_state from, enum conn_state to)
{
	unsigned f = (unsigned)from;
	unsigned t = (unsigned)to;

	return f < CONN_STATE_N && t < CONN_STATE_N && successors[f] >> t & 1;
}
