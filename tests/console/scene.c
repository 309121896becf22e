#include "tests/console/scene.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define START_MONO (1000 * NS_PER_S)
#define START_WALL                                                             \
	(1795356094 * NS_PER_S) /* 22 November 2026, 14:01:34 UTC              \
				 */

#define BROWSER                                                                \
	"Host: 127.0.0.1:8000\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; " \
	"rv:128.0) Gecko/20100101 Firefox/128.0\r\nAccept: text/html,"         \
	"application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"

static const struct fake_exchange shown[] = {
	{ .conn = 38,
	    .number = 11,
	    .request = "GET /style.css HTTP/1.1\r\n" BROWSER
		       "If-None-Match: \"32b-1c9d\"\r\n\r\n",
	    .response = "HTTP/1.1 304 Not Modified\r\nDate: Sun, 22 Nov 2026 "
			"14:02:11 GMT\r\nETag: \"32b-1c9d\"\r\n\r\n",
	    .status = 304,
	    .why = REASON_INM_MATCHED,
	    .a = 1,
	    .b = 1,
	    .done_ns = 212345 },
	{ .conn = 39,
	    .number = 3,
	    .request = "GET /favicon.ico HTTP/1.1\r\n" BROWSER "\r\n",
	    .response = "HTTP/1.1 404 Not Found\r\nContent-Type: text/html; "
			"charset=utf-8\r\nContent-Length: 162\r\n\r\n",
	    .status = 404,
	    .why = REASON_FILE_MISSING,
	    .done_ns = 301000,
	    .body = 162 },
	{ .conn = 38,
	    .number = 12,
	    .request = "GET /docs HTTP/1.1\r\n" BROWSER "\r\n",
	    .response = "HTTP/1.1 301 Moved Permanently\r\nLocation: /docs/"
			"\r\nContent-Length: 0\r\n\r\n",
	    .status = 301,
	    .why = REASON_FOLDER_SLASH,
	    .done_ns = 98000 },
	{ .conn = 42,
	    .number = 1,
	    .request = "GET / HTTP/1.1\r\nHost : example.org\r\n"
		       "Accept: */*\r\n\r\n",
	    .response = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n"
			"Content-Length: 171\r\n\r\n",
	    .status = 400,
	    .close = CLOSE_REFUSED,
	    .why = REASON_SPACE_BEFORE_COLON,
	    .a = 20,
	    .refused_at = 20,
	    .queued_ns = 38000,
	    .done_ns = 87000,
	    .body = 171 },
	{ .conn = 43,
	    .number = 1,
	    .request = "GET /app.js HT",
	    .response = "",
	    .close = CLOSE_CLIENT_IN_HEAD,
	    .why = REASON_CUT_HEAD,
	    .a = 14,
	    .done_ns = 2100000000 },
	{ .conn = 40,
	    .number = 2,
	    .request = "POST /caf\xC3\xA9/save HTTP/1.1\r\n" BROWSER
		       "X-Evil: \033[31mred\xE2\x80\xAE\xFF\r\n\r\n",
	    .response = "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, "
			"OPTIONS\r\nContent-Length: 54\r\n\r\n",
	    .status = 405,
	    .why = REASON_METHOD_NOT_ALLOWED,
	    .done_ns = 154000,
	    .body = 54 },
	{ .conn = 40,
	    .number = 3,
	    .request = "GET /index.html HTTP/1.1\r\n" BROWSER "\r\n",
	    .response = "HTTP/1.1 200 OK\r\nContent-Type: text/html; "
			"charset=utf-8\r\nContent-Length: 4123\r\n\r\n",
	    .status = 200,
	    .why = REASON_FILE_FOUND,
	    .a = 4123,
	    .done_ns = 611000,
	    .body = 4123 },
};

static void
live(struct scene *s, struct conn_row row, int64_t age, int64_t since,
    int64_t left)
{
	row.opened = s->now.mono - age;
	row.since = s->now.mono - since;
	row.deadline = s->now.mono + left;
	fake_row(s->ui.control, &row);
}

static void
live_connections(struct scene *s)
{
	struct conn_row sending = { .conn = 41,
		.slot = 0,
		.state = CONN_SENDING,
		.requests = 7,
		.bytes_out = 19083928,
		.body_sent = 18300000,
		.body_total = 30003112,
		.target_n = 9,
		.target = "/talk.mp4" };
	struct conn_row head = {
		.conn = 44, .slot = 1, .state = CONN_HEAD, .head_bytes = 212
	};
	struct conn_row idle = { .conn = 38,
		.slot = 2,
		.state = CONN_IDLE,
		.requests = 12,
		.bytes_out = 245760,
		.target_n = 5,
		.target = "/docs" };

	live(s, sending, 31 * NS_PER_S, 6 * NS_PER_S, 30 * NS_PER_S);
	live(s, head, 200 * NS_PER_MS, 200 * NS_PER_MS, 9800 * NS_PER_MS);
	live(s, idle, 75 * NS_PER_S, 9 * NS_PER_S, 6 * NS_PER_S);
	idle.conn = 39, idle.slot = 3, idle.requests = 3;
	live(s, idle, 40 * NS_PER_S, 3 * NS_PER_S, 12 * NS_PER_S);
	idle.conn = 40, idle.slot = 4, idle.requests = 3;
	live(s, idle, 12 * NS_PER_S, 0, 15 * NS_PER_S);
}

static void
make(struct scene *s, struct control *control)
{
	(void)setenv("TZ", "UTC", 1);
	tzset();
	*s = (struct scene){ .now = { START_MONO, START_WALL } };
	s->ui.control = control;
	s->ui.m = model_new(512);
	if (s->ui.m == NULL)
		abort();
	/* Notices of other tests are not this scene's. */
	s->ui.m->notice_seen = UINT64_MAX;
	(void)model_sample(s->ui.m, s->ui.control, s->now);
}

struct control *
scene_control(void)
{
	return fake_control_new(4, START_MONO - 721 * NS_PER_S);
}

void
scene_make_over(struct scene *s, struct control *control)
{
	make(s, control);
}

void
scene_make_empty(struct scene *s)
{
	make(s, scene_control());
}

void
scene_pass(struct scene *s, int64_t ns)
{
	s->now.mono += ns;
	s->now.wall += ns;
	(void)model_sample(s->ui.m, s->ui.control, s->now);
}

void
scene_make(struct scene *s)
{
	struct counters *n;
	static const unsigned per_second[] = { 0, 1, 1, 2, 3, 5, 8, 13, 21, 34,
		21, 13, 8, 5, 3, 2, 1, 1, 0, 0 };

	make(s, scene_control());
	n = &((struct control *)s->ui.control)->watch.worker[0].counters;
	for (int i = 0; i < 40; i++) {
		for (unsigned k = 0; k < per_second[i % 20]; k++) {
			struct fake_exchange x = shown[(k * 3) % 7];
			x.wall = s->now.wall;
			fake_exchange(s->ui.control, &x);
		}
		counter_add(&n->v[COUNTER_BUSY_NS], 1520000000);
		scene_pass(s, NS_PER_S);
	}
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
		struct fake_exchange x = shown[i];
		x.wall = s->now.wall - 3000000000 + (int64_t)i * 411000000;
		fake_exchange(s->ui.control, &x);
	}
	live_connections(s);
	scene_pass(s, 0);
	/* how large an entry is says nothing about the picture */
	s->ui.m->kept = (struct journal_use){ 291, 1000, 232448, 4718592 };
}

void
scene_free(struct scene *s)
{
	model_free(s->ui.m);
	fake_control_free(s->ui.control);
}

void
scene_type(struct scene *s, const char *keys)
{
	while (*keys)
		ui_key(&s->ui, (unsigned char)*keys++);
}
