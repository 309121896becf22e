#include "http/request.h"

#include <arpa/inet.h>

#include "base/check.h"
#include "base/num.h"
#include "http/scan.h"
#include "http/token.h"

/* Note a refusal; the first one stands. */
static void
request_refuse(struct http_request *r, uint16_t status, enum reason_id why,
    struct head_part at)
{
	if (r->status != 0)
		return;
	r->status = status;
	r->error = (uint16_t)why;
	r->error_at = at.at;
}

/* The place of the first field of that name, for an error. */
static struct head_part
request_place(const struct http_head *h, enum field_id id)
{
	if (h->first[id] == 0)
		return (struct head_part){ 0, 0 };
	return h->field[h->first[id] - 1].value;
}

/* The place of the second, which is one too many. */
static struct head_part
request_place_again(const struct http_head *h, enum field_id id)
{
	return h->field[head_next(h, h->first[id] - 1)].value;
}

void
connection_read(struct span list, bool *close, bool *keep_alive)
{
	struct span member;

	while (list_next(&list, &member)) {
		*close |= span_eq_nocase(member, SPAN("close"));
		*keep_alive |= span_eq_nocase(member, SPAN("keep-alive"));
	}
}

/* Whether the coding list of all Transfer-Encoding lines is "chunked" and
 * nothing else; *ends_chunked tells a coding that is ours not to implement
 * (501) from the client's fault (400). */
static bool
request_coding_is_chunked(
    const struct http_head *h, const char *p, bool *ends_chunked)
{
	unsigned members = 0, times = 0;
	bool chunked = false;
	int i = h->first[FIELD_TRANSFER_ENCODING] - 1;

	for (; i >= 0; i = head_next(h, i)) {
		struct span list = head_span(p, h->field[i].value), member;

		while (list_next(&list, &member)) {
			if (member.n == 0)
				continue; /* counts for nothing (RFC 9110 5.6.1)
					   */
			members++;
			chunked = span_eq_nocase(member, SPAN("chunked"));
			times += chunked;
		}
	}
	*ends_chunked = chunked && times == 1;
	return chunked && members == 1;
}

/* Where the content ends (RFC 9112 6.1, 6.3). */
static void
request_read_framing(
    struct http_request *r, const struct http_head *h, const char *p)
{
	struct head_part coding = request_place(h, FIELD_TRANSFER_ENCODING);
	struct head_part length = request_place(h, FIELD_CONTENT_LENGTH);
	bool ends_chunked;

	r->framing_sure = false;
	if (h->count[FIELD_TRANSFER_ENCODING] != 0) {
		r->framing = BODY_CHUNKED;
		if (h->minor == 0)
			request_refuse(r, 400, REASON_CODING_IN_10, coding);
		else if (h->count[FIELD_CONTENT_LENGTH] != 0)
			request_refuse(
			    r, 400, REASON_LENGTH_AND_CODING, length);
		else if (!request_coding_is_chunked(h, p, &ends_chunked))
			request_refuse(r, ends_chunked ? 501 : 400,
			    REASON_CODING_BAD, coding);
		else
			r->framing_sure = true;
	} else if (h->count[FIELD_CONTENT_LENGTH] > 1) {
		request_refuse(r, 400, REASON_LENGTH_TWICE,
		    request_place_again(h, FIELD_CONTENT_LENGTH));
	} else if (h->count[FIELD_CONTENT_LENGTH] == 1) {
		if (!num_dec(head_value(h, p, FIELD_CONTENT_LENGTH),
			&r->content_length))
			request_refuse(r, 400, REASON_LENGTH_BAD, length);
		else
			r->framing_sure = true;
		r->framing = r->content_length ? BODY_LENGTH : BODY_NONE;
	} else {
		r->framing_sure = true;
	}
}

/* Length of the valid IP-literal in brackets at the start of `s`, or 0. */
static size_t
host_literal_length(struct span s)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr a;
	const char *end = s.n ? memchr(s.p, ']', s.n) : NULL;
	size_t n;

	if (end == NULL)
		return 0;
	n = (size_t)(end - s.p) - 1;
	if (n >= sizeof(text))
		return 0;
	memcpy(text, s.p + 1, n);
	text[n] = '\0';
	if (strlen(text) != n || inet_pton(AF_INET6, text, &a) != 1)
		return 0;
	return n + 2;
}

/* Offset of the first byte that is not part of a reg-name. */
static size_t
host_name_length(struct span s)
{
	uint64_t byte;
	size_t i = 0;

	while (i < s.n) {
		if (scan_is(s.p[i], SCAN_HOST))
			i++;
		else if (s.p[i] == '%' && s.n - i >= 3 &&
		    num_hex(span_of(s.p + i + 1, 2), &byte))
			i += 3;
		else
			break;
	}
	return i;
}

/* localhost and what is beneath it (RFC 6761 6.3). */
static bool
host_is_localhost(struct span host)
{
	if (host.n < 9)
		return false;
	return span_eq_nocase(host, SPAN("localhost")) ||
	    span_eq_nocase(host, SPAN("localhost.")) ||
	    (host.n >= 10 &&
		span_eq_nocase(
		    span_skip(host, host.n - 10), SPAN(".localhost")));
}

/* Length of the IPv4 address that `s` is, up to its end or a colon, or 0: four
 * numbers to 255 without leading zeros, as inet_pton(3) takes them.  Asked for
 * every request. */
static size_t
host_ipv4_length(struct span s)
{
	size_t i = 0;

	for (int number = 1;; number++) {
		unsigned v, digit;

		if (i == s.n || !ascii_is_digit(s.p[i]))
			return 0;
		v = (unsigned)(s.p[i++] - '0');
		while (i < s.n && (digit = (unsigned char)s.p[i] - '0') <= 9) {
			if (v == 0 || (v = v * 10 + digit) > 255)
				return 0;
			i++;
		}
		if (number == 4)
			return i == s.n || s.p[i] == ':' ? i : 0;
		if (i == s.n || s.p[i++] != '.')
			return 0;
	}
}

/* Whether `s` is empty or ":" and a port, which may be empty too; *bad is the
 * offset of what is not. */
static bool
host_port_valid(struct span s, size_t *bad)
{
	unsigned port = 0;

	*bad = 0;
	if (s.n == 0)
		return true;
	if (s.p[0] != ':')
		return false;
	for (*bad = 1; *bad < s.n; ++*bad) {
		if (!ascii_is_digit(s.p[*bad]))
			return false;
		if (port <= UINT16_MAX)
			port = port * 10 + (unsigned)(s.p[*bad] - '0');
	}
	*bad = 1;
	return port <= UINT16_MAX;
}

/* Whether `s` is host[:port] as RFC 9110 7.2 and RFC 3986 3.2.2 allow (IPv6 in
 * brackets); *bad_at is the offset of the first byte that is not, *local: the
 * host is an IP literal or localhost. */
static bool
host_read(struct span s, size_t *bad_at, bool *local)
{
	bool literal = s.n != 0 && s.p[0] == '[';
	size_t n = host_ipv4_length(s), bad;

	*local = n != 0 || literal;
	if (n == 0)
		n = literal ? host_literal_length(s) : host_name_length(s);
	*bad_at = 0;
	if (n == 0)
		return false;
	CHECK(n <= s.n);
	if (!*local)
		*local = host_is_localhost(span_of(s.p, n));
	if (host_port_valid(span_skip(s, n), &bad))
		return true;
	*bad_at = n + bad;
	return false;
}

/* As host_read; what was valid, and is not long, is kept in *last. */
static bool
host_read_again(
    struct span s, struct http_host *last, size_t *bad_at, bool *local)
{
	if (last == NULL || s.n == 0 || s.n > sizeof(last->text))
		return host_read(s, bad_at, local);
	if (s.n == last->n && memcmp(s.p, last->text, s.n) == 0) {
		*local = last->local;
		return true;
	}
	if (!host_read(s, bad_at, local))
		return false;
	memcpy(last->text, s.p, s.n);
	last->n = (uint8_t)s.n;
	last->local = *local;
	return true;
}

/* One Host, valid, required in HTTP/1.1 (RFC 9112 3.2). */
static void
request_read_host(struct http_request *r, const struct http_head *h,
    const char *p, struct http_host *last)
{
	struct head_part place = request_place(h, FIELD_HOST);
	size_t bad_at;

	if (h->count[FIELD_HOST] == 0) {
		/* where the fields end, and it has not come */
		struct head_part end = { (uint16_t)(h->length - 2), 2 };

		if (r->minor >= 1)
			request_refuse(r, 400, REASON_HOST_MISSING, end);
		return;
	}
	if (h->count[FIELD_HOST] > 1) {
		request_refuse(r, 400, REASON_HOST_TWICE,
		    request_place_again(h, FIELD_HOST));
		return;
	}
	r->host = head_value(h, p, FIELD_HOST);
	if (!host_read_again(r->host, last, &bad_at, &r->host_local)) {
		place.at = (uint16_t)(place.at + bad_at);
		request_refuse(r, 400, REASON_HOST_BAD, place);
	}
}

static void
request_split_query(struct http_request *r, struct span target)
{
	const char *mark = target.n ? memchr(target.p, '?', target.n) : NULL;

	r->path = target;
	if (mark == NULL)
		return;
	r->path.n = (size_t)(mark - target.p);
	r->query = span_skip(target, r->path.n + 1);
}

/* absolute-form = absolute-URI (RFC 9112 3.2.2): its authority replaces Host.
 * `rest` begins after "scheme://". */
static void
request_read_absolute(
    struct http_request *r, struct span rest, struct head_part place)
{
	size_t n = 0, bad_at;

	while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '?')
		n++;
	r->form = TARGET_ABSOLUTE;
	r->host = span_of(rest.p, n);
	if (!host_read(r->host, &bad_at, &r->host_local)) {
		place.at = (uint16_t)(place.at + place.n - rest.n + bad_at);
		request_refuse(r, 400, REASON_HOST_BAD, place);
	}
	request_split_query(r, span_skip(rest, n));
	if (r->path.n == 0) {
		bool all = r->method == METHOD_OPTIONS && r->query.p == NULL;

		r->path = all ? SPAN("*") : SPAN("/");
		if (all)
			r->form = TARGET_ASTERISK;
	}
}

/* The four forms of a target (RFC 9112 3.2); authority-form goes with CONNECT
 * only, which no file answers to. */
static void
request_read_target(
    struct http_request *r, const struct http_head *h, const char *p)
{
	struct span t = head_span(p, h->target);

	r->path = SPAN("/");
	if (span_starts(t, SPAN("/"))) {
		r->form = TARGET_ORIGIN;
		request_split_query(r, t);
	} else if (span_eq(t, SPAN("*")) && r->method == METHOD_OPTIONS) {
		r->form = TARGET_ASTERISK;
		r->path = t;
	} else if (t.n > 7 &&
	    span_eq_nocase(span_of(t.p, 7), SPAN("http://"))) {
		request_read_absolute(r, span_skip(t, 7), h->target);
	} else if (t.n > 8 &&
	    span_eq_nocase(span_of(t.p, 8), SPAN("https://"))) {
		request_refuse(r, 421, REASON_TARGET_SCHEME, h->target);
	} else if (r->method != METHOD_CONNECT) {
		request_refuse(r, 400, REASON_TARGET_FORM, h->target);
	}
}

/* Expect = #expectation (RFC 9110 10.1.1): all lines are one list.  A client
 * that named 100-continue waits, whatever else it expects. */
static void
request_read_expect(
    struct http_request *r, const struct http_head *h, const char *p)
{
	int i = h->first[FIELD_EXPECT] - 1;

	for (; r->minor != 0 && i >= 0; i = head_next(h, i)) {
		struct span list = head_span(p, h->field[i].value), member;

		while (list_next(&list, &member))
			if (span_eq_nocase(member, SPAN("100-continue")))
				r->expects_continue = true;
			else if (member.n != 0)
				request_refuse(r, 417, REASON_EXPECT_UNKNOWN,
				    h->field[i].value);
	}
}

bool
request_read(struct http_request *r, const struct http_head *h, const char *p,
    struct http_host *last)
{
	*r = (struct http_request){
		.head = h,
		.bytes = p,
		.method = (enum http_method)h->method_id,
		.minor = h->minor ? 1 : 0,
	};
	request_read_framing(r, h, p);
	request_read_host(r, h, p, last);
	request_read_target(r, h, p);
	request_read_expect(r, h, p);
	for (int i = h->first[FIELD_CONNECTION] - 1; i >= 0;
	     i = head_next(h, i))
		connection_read(head_span(p, h->field[i].value),
		    &r->wants_close, &r->wants_keep_alive);
	return r->status == 0;
}
