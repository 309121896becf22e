/* Exchanges for tests, made from bytes in the way the server makes them. */
#ifndef TESTS_EXCHANGE_EXAMPLE_H
#define TESTS_EXCHANGE_EXAMPLE_H

#include <sys/socket.h>

#include "base/clock.h"
#include "watch/facts.h"

#define EXAMPLE_WALL 1795442531123000000 /* 2026-11-23 14:02:11.123 UTC */

static inline struct head_part
example_field(const struct http_head *h, enum field_id id)
{
	if (h->first[id] == 0)
		return (struct head_part){ 0, 0 };
	return h->field[h->first[id] - 1].value;
}

static inline struct exchange_copy
example_exchange(struct span request, struct span response, uint16_t status)
{
	static const struct head_limits limits = { LIMIT_REQUEST_LINE_MAX,
		LIMIT_HEADER_SIZE_MAX, LIMIT_FIELDS_MAX };
	static struct http_head h;
	struct exchange_copy x = {
		.known = FACTS_ALL,
		.request = request,
		.response = response,
		.method = SPAN("-"),
		.target = SPAN("-"),
		.e = {
			.kind = EVENT_EXCHANGE,
			.status = status,
			.close = CLOSE_NONE,
			.conn = 41,
			.number = 3,
			.wall = EXAMPLE_WALL,
			.head_ns = 100 * NS_PER_US,
			.asked_ns = 100 * NS_PER_US,
			.decided_ns = 150 * NS_PER_US,
			.first_ns = 200 * NS_PER_US,
			.done_ns = 312900,
			.body_sent = 1234,
			.body_length = 1234,
			.bytes_in = request.n,
			.bytes_out = response.n + 1234,
			.request_n = (uint32_t)request.n,
			.response_n = (uint32_t)response.n,
			.refused_at = EVENT_NOWHERE,
			.peer = { .family = AF_INET,
			    .port = 4711,
			    .addr = { 192, 0, 2, 7 } },
		},
	};

	head_init(&h);
	if (head_parse(&h, &limits, NULL, request.p, request.n) == HEAD_BAD) {
		x.e.refused_at = h.error_at;
		trail_why(&x.e.trail, h.error, h.error_at, 0);
	} else {
		trail_add(&x.e.trail, REASON_HEAD_READ, request.n, h.fields);
		trail_why(&x.e.trail, REASON_FILE_FOUND, 1234, 0);
		trail_add(&x.e.trail, REASON_KEEP_11, 3, 1000);
	}
	x.e.major = h.major;
	x.e.minor = h.minor;
	x.e.method_id = h.method_id;
	x.e.method = h.method;
	x.e.target = h.target;
	x.e.host = example_field(&h, FIELD_HOST);
	x.e.referer = example_field(&h, FIELD_REFERER);
	x.e.user_agent = example_field(&h, FIELD_USER_AGENT);
	return x;
}

#endif
