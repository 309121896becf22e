#include "tests/console/fake_control.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/tell.h"

#define SLOTS 64

struct control *
fake_control_new(unsigned workers, int64_t started)
{
	struct control *c = calloc(1, sizeof *c);
	struct journal *j = journal_new(1000, 4u << 20);

	if (c == NULL || j == NULL ||
	    !watch_init(&c->watch, workers, SLOTS, j, NULL))
		abort();
	(void)pthread_mutex_init(&c->lock, NULL);
	c->status.started = started;
	c->status.workers = workers;
	c->status.connections_max = 512;
	c->status.listeners = 1;
	c->status.loopback_only = true;
	c->status.log.on = true;
	c->load = (struct control_load){ 0, 128, 17, 1024 };
	(void)snprintf(c->status.root, sizeof c->status.root, "~/site");
	(void)snprintf(
	    c->status.url, sizeof c->status.url, "http://127.0.0.1:8000/");
	(void)snprintf(
	    c->status.log.path, sizeof c->status.log.path, "access.log");
	return c;
}

void
fake_control_free(struct control *c)
{
	watch_stop(&c->watch);
	watch_fini(&c->watch);
	free(c);
}

void
control_status(struct control *c, struct control_status *out)
{
	(void)pthread_mutex_lock(&c->lock);
	*out = c->status;
	(void)pthread_mutex_unlock(&c->lock);
}

void
control_load(struct control *c, struct control_load *out)
{
	*out = c->load;
}

void
control_account(struct control *c, struct watch_account *out)
{
	watch_account(&c->watch, out);
	if (c->account.events)
		*out = c->account;
}

void
control_sandbox(struct control *c, struct control_sandbox *out)
{
	(void)c;
	*out = (struct control_sandbox){
		.layer = { { "files beneath the root (openat2)", "on", true,
			       "" },
		    { "no new privileges", "on", true, "" },
		    { "an ordinary user", "off", true, "user is not set" },
		    { "files and ports (Landlock)", "partly", false,
			"ABI 4 of 7: TCP ports, not sockets" },
		    { "system calls (seccomp)", "on", true, "71 allowed" } },
		.on = 3,
		.violations = 2,
	};
}

bool
control_address(struct control *c, struct sockaddr_storage *out, socklen_t *n)
{
	*out = c->address;
	*n = c->address_n;
	return c->address_n > 0;
}

struct watch *
control_watch(struct control *c)
{
	return &c->watch;
}

/* Ends what a pthread_mutex_lock began. */
static struct control_result
result(struct control *c, bool ok, const char *text)
{
	struct control_result r = { .ok = ok };

	(void)snprintf(r.text, sizeof r.text, "%s", text);
	(void)pthread_mutex_unlock(&c->lock);
	return r;
}

struct control_result
control_pause(struct control *c, bool paused)
{
	(void)pthread_mutex_lock(&c->lock);
	(void)snprintf(
	    c->said, sizeof c->said, "pause %s", paused ? "on" : "off");
	c->status.state = paused ? LIFE_PAUSED : LIFE_LIVE;
	return result(
	    c, true, paused ? "paused: new requests wait" : "going on");
}

struct control_result
control_set_root(struct control *c, const char *path)
{
	(void)pthread_mutex_lock(&c->lock);
	(void)snprintf(c->said, sizeof c->said, "root %.200s", path);
	if (strstr(path, "missing"))
		return result(
		    c, false, "no such folder; still serving the old one");
	(void)snprintf(c->status.root, sizeof c->status.root, "%s", path);
	return result(c, true, "another root is served");
}

struct control_result
control_log(struct control *c, bool on)
{
	(void)pthread_mutex_lock(&c->lock);
	(void)snprintf(c->said, sizeof c->said, "log %s", on ? "on" : "off");
	c->status.log.on = on;
	return result(
	    c, true, on ? "access log on: access.log" : "access log off");
}

struct control_result
control_stop(struct control *c, bool now)
{
	(void)pthread_mutex_lock(&c->lock);
	(void)snprintf(c->said, sizeof c->said, "stop %s",
	    now || c->stops ? "now" : "drain");
	c->now = now || c->stops;
	c->stops++;
	if (!c->now) {
		c->status.state = LIFE_DRAINING;
		c->status.drain_deadline = clock_mono() + 10 * NS_PER_S;
	}
	return result(c, true, "");
}

struct control_result
control_close(struct control *c, const struct conn_row *row)
{
	(void)pthread_mutex_lock(&c->lock);
	(void)snprintf(c->said, sizeof c->said, "close %llu",
	    (unsigned long long)row->conn);
	c->closed = row->conn;
	return result(c, true, "connection closed");
}

/* As it would look over a long way: told from the number alone. */
void
control_look(struct control *c, const struct conn_row *rows, unsigned n)
{
	c->looked++;
	for (unsigned i = 0; i < WATCH_PATHS; i++) {
		struct conn_path p = { 0 };
		if (i < n)
			p = (struct conn_path){ .conn = rows[i].conn,
				.at = rows[i].since + c->looked,
				.bytes_out = rows[i].bytes_out,
				.acked = rows[i].state == CONN_IDLE
				    ? rows[i].bytes_out
				    : rows[i].bytes_out -
					rows[i].bytes_out / 50,
				.busy_us = 5900000,
				.window_us = 4838000,
				.buffer_us = 236000,
				.rtt_us = 100 * (uint32_t)rows[i].conn,
				.rtt_var_us = 600,
				.rtt_min_us = 3200,
				.cwnd = 42,
				.ssthresh = 38,
				.mss = 1448,
				.retransmits = (uint32_t)rows[i].conn % 3,
				.unacked = 44,
				.unsent = 16384,
				.window = 65536 };
		path_write(&c->watch.worker[0].paths[i], &p);
	}
}

void
control_slept(struct control *c, int64_t gap_ns)
{
	c->slept += gap_ns;
}

bool
fake_control_over(struct control *c, int64_t mono)
{
	bool over;

	(void)pthread_mutex_lock(&c->lock);
	over = c->now || (c->stops && mono > c->status.drain_deadline);
	(void)pthread_mutex_unlock(&c->lock);
	return over;
}

void
fake_control_end(struct control *c)
{
	(void)pthread_mutex_lock(&c->lock);
	c->status.state = LIFE_ENDED;
	(void)pthread_mutex_unlock(&c->lock);
}

static struct peer
peer_of(uint64_t conn)
{
	struct peer p = { .family = AF_INET, .port = (uint16_t)(39000 + conn) };

	(void)inet_pton(
	    AF_INET, conn % 3 == 2 ? "192.168.1.7" : "127.0.0.1", p.addr);
	return p;
}

/* METHOD SP target SP: good enough for what is made up here. */
static void
find_parts(struct event *e, const char *request)
{
	const char *a = strchr(request, ' ');
	const char *b = a ? strpbrk(a + 1, " \r\n") : NULL;

	if (a == NULL || b == NULL || e->refused_at == 0)
		return;
	e->method = (struct head_part){ 0, (uint16_t)(a - request) };
	e->target = (struct head_part){ (uint16_t)(a + 1 - request),
		(uint16_t)(b - a - 1) };
	e->method_id = (uint8_t)method_find(span_of(request, e->method.n));
}

/* A field's value, by its name with colon and blank. */
static struct head_part
find_field(const char *request, const char *name)
{
	const char *at = strstr(request, name);

	if (at == NULL)
		return (struct head_part){ 0, 0 };
	at += strlen(name);
	return (struct head_part){ (uint16_t)(at - request),
		(uint16_t)strcspn(at, "\r") };
}

/* The version, where the first line ends with one. */
static void
find_version(struct event *e, const char *request)
{
	const char *end = strchr(request, '\r');

	if (end == NULL || end - request < 9 ||
	    strncmp(end - 9, " HTTP/", 6) != 0 || end[-2] != '.')
		return;
	e->major = (uint8_t)(end[-3] - '0');
	e->minor = (uint8_t)(end[-1] - '0');
}

static void
count(struct counters *n, const struct event *e)
{
	counter_add(&n->v[COUNTER_REQUESTS], 1);
	counter_add(&n->v[e->number > 1 ? COUNTER_REUSED : COUNTER_FIRST], 1);
	counter_add(&n->v[COUNTER_BYTES_OUT], e->bytes_out);
	counter_add(&n->v[COUNTER_BYTES_IN], e->bytes_in);
	if (e->status)
		counter_add(&n->status[status_slot(e->status)], 1);
	hist_add(&n->latency, (uint64_t)e->done_ns);
}

void
fake_exchange(struct control *c, const struct fake_exchange *x)
{
	struct watch_worker *w = &c->watch.worker[0];
	struct event e = { .kind = EVENT_EXCHANGE,
		.status = (uint16_t)x->status,
		.close = (uint16_t)x->close,
		.conn = x->conn,
		.number = x->number,
		.wall = x->wall,
		.queued_ns = x->queued_ns,
		.head_ns = x->done_ns / 10,
		.asked_ns = strncmp(x->request, "POST", 4) == 0
		    ? x->done_ns / 7
		    : x->done_ns / 10,
		.decided_ns = x->done_ns / 5,
		.first_ns = x->done_ns / 4,
		.done_ns = x->done_ns,
		.body_sent = x->body,
		.body_length = x->body_length ? x->body_length : x->body,
		.bytes_out = x->body + strlen(x->response),
		.bytes_in = strlen(x->request),
		.request_n = (uint32_t)strlen(x->request),
		.response_n = (uint32_t)strlen(x->response),
		.refused_at = x->refused_at ? x->refused_at : EVENT_NOWHERE,
		.peer = peer_of(x->conn) };

	find_parts(&e, x->request);
	find_version(&e, x->request);
	e.user_agent = find_field(x->request, "User-Agent: ");
	e.host = find_field(x->request, "Host: ");
	if (x->refused_at == 0 && strstr(x->request, "\r\n\r\n"))
		trail_add(&e.trail, REASON_HEAD_READ, e.request_n, 5);
	trail_why(&e.trail, x->why, x->a, x->b);
	if (x->close == CLOSE_NONE)
		trail_add(&e.trail, REASON_KEEP_11, x->number, 1000);
	else
		trail_add(&e.trail, REASON_CLOSE_ASKED, 0, 0);
	count(&w->counters, &e);
	if (c->watch.recorder_runs)
		tell(w, &e, span_str(x->request), span_str(x->response));
	else
		journal_add(c->watch.journal, &e, span_str(x->request),
		    span_str(x->response));
}

void
fake_row(struct control *c, const struct conn_row *row)
{
	struct watch_worker *w = &c->watch.worker[0];
	struct conn_row before, now = *row;

	if (row_read(&w->rows[row->slot], &before))
		counter_add(&w->counters.open[before.state], (uint64_t)-1);
	else
		counter_add(&w->counters.v[COUNTER_ACCEPTED], 1);
	if (row->state == CONN_CLOSED)
		now.conn = 0;
	else
		counter_add(&w->counters.open[row->state], 1);
	now.peer = peer_of(row->conn);
	row_write(&w->rows[row->slot], &now);
	if (w->rows_top <= row->slot)
		atomic_store(&w->rows_top, row->slot + 1);
}
