/* A server on the invented network: a site of real files that all have one
 * pattern, short bounds, and what must hold after each turn and at the end.
 * Included by the tests of connections. */
#ifndef TESTS_UNIT_FAKE_SERVER_H
#define TESTS_UNIT_FAKE_SERVER_H

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fake_net.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

static struct fake_net net;

/* ---- the site: real files, all of one pattern ---- */

static char root[] = "/tmp/httpconsole-conn-XXXXXX";

#define SMALL 1000
#define BIG   200000
#define HUGE  3000000

static inline char
pattern(size_t i)
{
	return (char)('A' + (i * 7 + i / 251) % 26);
}

static inline int
write_pattern(const char *name, size_t n)
{
	char path[128], *bytes = malloc(n + 1);
	FILE *f;
	bool ok;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	f = fopen(path, "w");
	if (f == NULL || bytes == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		bytes[i] = pattern(i);
	ok = fwrite(bytes, 1, n, f) == n;
	free(bytes);
	return fclose(f) == 0 && ok ? 0 : -1;
}

static inline int
make_root(void **state)
{
	char sub[64];

	(void)state;
	if (mkdtemp(root) == NULL)
		return -1;
	snprintf(sub, sizeof(sub), "%s/sub", root);
	return mkdir(sub, 0755) || write_pattern("a.txt", SMALL) ||
	    write_pattern("big.bin", BIG) || write_pattern("huge.bin", HUGE) ||
	    write_pattern("empty.txt", 0) ||
	    write_pattern("sub/index.html", 50);
}

static inline int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

static inline int
remove_root(void **state)
{
	(void)state;
	fake_free(&net);
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline struct site *
open_site_at(const char *path)
{
	static const char *const index[] = { "index.html", NULL };
	struct site_options o = { .root = path,
		.index = index,
		.default_type = "application/octet-stream",
		.ranges = 4 };
	char err[256];

	return site_open(&o, err);
}

static inline struct site *
open_site(void)
{
	return open_site_at(root);
}

#define LINE_MAX_   400
#define DISCARD	    300
#define HEADER_S    10
#define BODY_S	    30
#define IDLE_S	    15
#define IDLE_FULL_S 2
#define WRITE_S	    25
#define LINGER_S    3

static inline struct net_settings
settings_of_test(void)
{
	struct net_settings s = { .head = { LINE_MAX_, 1000, 16 },
		.discard_body = DISCARD };

	s.timeout[DEADLINE_HEADER] = HEADER_S * NS_PER_S;
	s.timeout[DEADLINE_BODY] = BODY_S * NS_PER_S;
	s.timeout[DEADLINE_KEEPALIVE] = IDLE_S * NS_PER_S;
	s.timeout[DEADLINE_KEEPALIVE_FULL] = IDLE_FULL_S * NS_PER_S;
	s.timeout[DEADLINE_WRITE] = WRITE_S * NS_PER_S;
	s.timeout[DEADLINE_LINGER] = LINGER_S * NS_PER_S;
	s.timeout[DEADLINE_LAB] = 2 * NS_PER_S;
	return s;
}

#define SLOTS 10

static inline void
begin(void)
{
	struct net_settings s = settings_of_test();

	if (!fake_begin(&net, open_site(), SLOTS, &s))
		fail_msg("no memory");
}

static inline uint64_t
counted(enum counter_id id)
{
	return counter_get(&net.cs.watch->counters.v[id]);
}

static inline uint64_t
closed_for(enum close_reason why)
{
	return counter_get(&net.cs.watch->counters.closed[why]);
}

/* ---- what holds after every turn ---- */

static inline void
check_connection(const struct conn *c)
{
	bool reading = c->state == CONN_NEW || c->state == CONN_IDLE ||
	    c->state == CONN_HEAD || c->state == CONN_BODY ||
	    c->state == CONN_PROXY;
	bool works = c->state == CONN_PROXY || c->state == CONN_HEAD ||
	    c->state == CONN_BODY || c->state == CONN_SENDING;
	struct conn_row row;

	if ((c->work != NULL) != works)
		fake_wrong(&net, "a work is there exactly during a request");
	if (c->timer.next == NULL)
		fake_wrong(&net, "a state without a deadline");
	if (c->held && (!net.cs.paused || !reading))
		fake_wrong(&net, "held without a pause");
	if (c->held && (c->readable || c->writable))
		fake_wrong(&net, "held, and waits all the same");
	if (!c->held && (reading || c->state == CONN_LINGER) && !c->readable)
		fake_wrong(&net, "reads, and is not woken by bytes");
	if (!c->held && !c->writable && c->state == CONN_HEAD &&
	    c->work->in_n - c->work->in_at > c->work->head.scanned)
		fake_wrong(
		    &net, "has bytes to go on with, and nobody wakes it");
	if (fake_socket(&net.cs.io, c->fd)->corked &&
	    (c->work == NULL || c->work->file_left == 0))
		fake_wrong(&net, "bytes are held back, and nothing follows");
	if (fake_socket(&net.cs.io, c->fd)->plugged && c->state != CONN_SENDING)
		fake_wrong(&net, "corked, and nothing is sent");
	if (!c->held && c->state == CONN_SENDING && !c->writable)
		fake_wrong(&net, "sends, and is not woken by room");
	if (!row_read(&net.cs.watch->rows[c->slot], &row) ||
	    row.conn != c->id || row.state != c->state)
		fake_wrong(&net, "the row is not the connection");
	else if (c->state == CONN_SENDING && row.body_sent > row.body_total)
		fake_wrong(&net, "more content sent than there is");
}

static inline void
check_turn(void)
{
	struct counters *n = &net.cs.watch->counters;
	uint64_t open[CONN_STATE_N] = { 0 };
	unsigned works = 0, all = 0;

	for (uint32_t i = 0; i < net.cs.max; i++) {
		const struct conn *c = &net.cs.slots[i];

		if (c->id == 0)
			continue;
		all++;
		open[c->state]++;
		works += c->work != NULL;
		check_connection(c);
	}
	if (all != net.cs.open)
		fake_wrong(&net, "open connections miscounted");
	for (int s = 0; s < CONN_STATE_N; s++)
		if (counter_get(&n->open[s]) != open[s])
			fake_wrong(&net, "a gauge is wrong");
	for (struct work *w = net.cs.free_work; w; w = w->next_free)
		works++;
	if (works != net.cs.work_made)
		fake_wrong(&net, "a work was lost");
}

/* At the end: nothing is left, and the figures agree. */
static inline void
check_end(void)
{
	struct counters *n = &net.cs.watch->counters;
	uint64_t closed = 0, in = 0, out = 0;
	struct conn_row row;

	check_turn();
	if (net.cs.open != 0)
		fake_wrong(&net, "a connection was left open");
	for (int i = 0; i < CLOSE_N; i++)
		closed += counter_get(&n->closed[i]);
	if (counter_get(&n->closed[CLOSE_NONE]) != 0)
		fake_wrong(&net, "closed without a reason");
	for (unsigned i = 0; i < net.sockets; i++) {
		in += net.socket[i].taken;
		out += net.socket[i].out_n;
		if (!net.socket[i].closed)
			fake_wrong(&net, "a socket was left open");
	}
	if (closed != counted(COUNTER_ACCEPTED) || closed != net.sockets)
		fake_wrong(&net, "accepted and closed disagree");
	if (counted(COUNTER_EVENTS) != closed + counted(COUNTER_REQUESTS))
		fake_wrong(&net, "events produced are not what ended");
	if (counted(COUNTER_EVENTS_DROPPED) != 0)
		fake_wrong(&net, "events were dropped");
	if (counted(COUNTER_FIRST) + counted(COUNTER_REUSED) !=
	    counted(COUNTER_REQUESTS))
		fake_wrong(&net, "first and reused disagree with requests");
	if (counted(COUNTER_BYTES_IN) != in ||
	    counted(COUNTER_BYTES_OUT) != out)
		fake_wrong(&net, "bytes miscounted");
	for (uint32_t i = 0; i < net.cs.max; i++)
		if (row_read(&net.cs.watch->rows[i], &row))
			fake_wrong(&net, "a row of nobody");
	files_expire(net.cs.files, INT64_MAX);
	if (fake_descriptors() != net.descriptors)
		fake_wrong(&net, "a file was left open");
	if (conns_next_deadline(&net.cs) != INT64_MAX)
		fake_wrong(&net, "a deadline of nobody");
}

/* ---- one story: clients come, turns pass, all ends ---- */

/* A client whose first `arrived` bytes are there already. */
static inline struct fake_socket *
arrive_in_part(const char *text, size_t arrived)
{
	struct fake_socket *s = fake_connect(&net, text, strlen(text));

	if (s == NULL)
		abort();
	s->arrived = arrived;
	s->window = FAKE_OUT;
	return s;
}

static inline struct fake_socket *
arrive(const char *text)
{
	return arrive_in_part(text, strlen(text));
}

static inline void
settle(void)
{
	if (!fake_settle(&net, 100000))
		fail_msg("turns without end");
	check_turn();
	if (net.wrong)
		fail_msg("%s", net.wrong);
}

/* Every client takes what is left and ends; so does the server. */
static inline void
finish(void)
{
	for (unsigned i = 0; i < net.sockets; i++) {
		struct fake_socket *s = &net.socket[i];

		s->arrived = s->in_n;
		s->window = FAKE_OUT;
		s->fin = true;
	}
	if (!fake_settle(&net, 100000))
		fake_wrong(&net, "turns without end");
	check_end();
	fake_end(&net);
	if (net.wrong != NULL)
		fail_msg("%s", net.wrong);
}

#endif
