/* The console over a server that is not there: to look at it.
 * console-demo [seconds]; q or Ctrl-C ends it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/notice.h"
#include "tests/console/fake_control.h"
#include "ui/console.h"

#define CONNS 9

struct visitor {
	struct conn_row row;
	int64_t next; /* when it does something */
	uint64_t rate;
};

struct demo {
	struct control *c;
	struct visitor v[CONNS];
	uint64_t conns;
	unsigned seed;
};

static unsigned
chance(struct demo *d, unsigned n)
{
	return (unsigned)rand_r(&d->seed) % n;
}

static const struct fake_exchange kinds[] = {
	{ .request = "GET /style.css HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n"
		     "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) "
		     "Gecko/20100101 Firefox/128.0\r\nAccept: text/css,*/*;q="
		     "0.1\r\nIf-None-Match: \"32b-1c9d\"\r\n\r\n",
	    .response = "HTTP/1.1 304 Not Modified\r\nDate: Sun, 22 Nov 2026 "
			"14:02:14 GMT\r\nETag: \"32b-1c9d\"\r\n\r\n",
	    .status = 304,
	    .why = REASON_INM_MATCHED,
	    .a = 1,
	    .b = 1 },
	{ .request = "GET /index.html HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n"
		     "User-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n",
	    .response = "HTTP/1.1 200 OK\r\nContent-Type: text/html; "
			"charset=utf-8\r\nContent-Length: 4123\r\n\r\n",
	    .status = 200,
	    .why = REASON_FILE_FOUND,
	    .a = 4123,
	    .body = 4123 },
	{ .request = "GET /favicon.ico HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
	    .response = "HTTP/1.1 404 Not Found\r\nContent-Type: text/html"
			"\r\nContent-Length: 162\r\n\r\n",
	    .status = 404,
	    .why = REASON_FILE_MISSING,
	    .body = 162 },
	{ .request = "GET /docs HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
	    .response = "HTTP/1.1 301 Moved Permanently\r\nLocation: /docs/"
			"\r\nContent-Length: 0\r\n\r\n",
	    .status = 301,
	    .why = REASON_FOLDER_SLASH },
	{ .request = "GET / HTTP/1.1\r\nHost : evil\r\n\r\n",
	    .response = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n"
			"Content-Length: 171\r\n\r\n",
	    .status = 400,
	    .close = CLOSE_REFUSED,
	    .why = REASON_SPACE_BEFORE_COLON,
	    .a = 20,
	    .refused_at = 20,
	    .body = 171 },
	{ .request = "POST /api/save HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Evil: "
		     "\033[31mred\xE2\x80\xAE caf\xC3\xA9\r\n\r\n",
	    .response = "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, "
			"OPTIONS\r\nContent-Length: 54\r\n\r\n",
	    .status = 405,
	    .why = REASON_METHOD_NOT_ALLOWED,
	    .body = 54 },
	{ .request = "GET /app.js HT",
	    .response = "",
	    .status = 0,
	    .close = CLOSE_CLIENT_IN_HEAD,
	    .why = REASON_CUT_HEAD,
	    .a = 14 },
};

static void
go_to(struct demo *d, struct visitor *v, enum conn_state state, int64_t limit)
{
	int64_t now = clock_mono();

	v->row.state = (uint8_t)state;
	v->row.since = now;
	v->row.deadline = limit ? now + limit : 0;
	fake_row(d->c, &v->row);
}

static void
ask(struct demo *d, struct visitor *v)
{
	struct fake_exchange x =
	    kinds[chance(d, 10) < 7 ? chance(d, 2) : chance(d, 7)];
	struct moment now = clock_now();

	x.conn = v->row.conn;
	x.number = ++v->row.requests;
	x.wall = now.wall;
	x.done_ns = 90000 + (int64_t)chance(d, 3000) * (int64_t)chance(d, 900);
	v->row.bytes_out += x.body + 200;
	fake_exchange(d->c, &x);
	if (x.close != CLOSE_NONE) {
		go_to(d, v, CONN_CLOSED, 0);
		v->row.conn = 0;
		v->next = now.mono + NS_PER_S;
		return;
	}
	go_to(d, v, CONN_IDLE, 15 * NS_PER_S);
	v->next = now.mono + (int64_t)chance(d, 4000) * NS_PER_MS;
}

static void
download(struct demo *d, struct visitor *v)
{
	struct conn_row *r = &v->row;

	r->body_sent += v->rate / 20;
	r->bytes_out += v->rate / 20;
	counter_add(
	    &d->c->watch.worker[0].counters.v[COUNTER_BYTES_OUT], v->rate / 20);
	if (r->body_sent >= r->body_total) {
		r->body_sent = r->body_total = 0;
		go_to(d, v, CONN_IDLE, 15 * NS_PER_S);
		return;
	}
	r->deadline = clock_mono() + 30 * NS_PER_S;
	fake_row(d->c, r);
}

static void
arrive(struct demo *d, struct visitor *v)
{
	int64_t now = clock_mono();

	v->row.conn = ++d->conns;
	v->row.slot = (uint32_t)(v - d->v);
	v->row.opened = now;
	v->row.requests = 0;
	v->row.bytes_out = 0;
	v->next = now + 300 * NS_PER_MS;
	go_to(d, v, CONN_NEW, 15 * NS_PER_S);
}

static void
begin_download(struct demo *d, struct visitor *v)
{
	v->row.body_total = 30003112;
	v->row.body_sent = 0;
	v->row.requests++;
	v->row.target_n = 9;
	memcpy(v->row.target, "/talk.mp4", 9);
	v->rate = 1500000 + chance(d, 3000000);
	go_to(d, v, CONN_SENDING, 30 * NS_PER_S);
}

static void
tick(struct demo *d)
{
	int64_t now = clock_mono();

	for (int i = 0; i < CONNS; i++) {
		struct visitor *v = &d->v[i];
		if (v->row.state == CONN_SENDING && v->row.conn)
			download(d, v);
		else if (now < v->next)
			continue;
		else if (v->row.conn == 0)
			arrive(d, v);
		else if (i == 0)
			begin_download(d, v);
		else if (i == 1) {
			v->row.head_bytes = 212;
			go_to(d, v, CONN_HEAD, 10 * NS_PER_S);
			v->next = now + 10 * NS_PER_S;
		} else
			ask(d, v);
	}
	counter_add(&d->c->watch.worker[0].counters.v[COUNTER_BUSY_NS],
	    chance(d, 40) * 1000000);
}

int
main(int argc, char **argv)
{
	static struct demo d = { .seed = 7 };
	struct console_options o = { .refresh_ms = 100 };
	bool idle = argc > 2;
	int ticks = argc > 1 ? atoi(argv[1]) * 20 : 20 * 3600;
	struct console *con;
	char err[256];
	sigset_t all;
	int lost;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, NULL);
	d.c = fake_control_new(4, clock_mono());
	(void)watch_start(&d.c->watch);
	con = console_start(d.c, &o, err);
	if (con == NULL) {
		(void)fprintf(stderr, "demo: %s\n", err);
		return 1;
	}
	notice(NOTICE_INFO, "the demonstration has begun");
	for (int i = 0; i < ticks && !fake_control_over(d.c, clock_mono());
	     i++) {
		if (!idle)
			tick(&d);
		(void)usleep(50000);
		if (!console_alive(con, &lost)) {
			(void)fprintf(stderr, "demo: terminal lost\n");
			break;
		}
	}
	fake_control_end(d.c);
	(void)console_stop(con);
	return 0;
}
