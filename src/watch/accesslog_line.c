/* The lines of the access log. */
#include "watch/accesslog.h"

#include <time.h>

#include "base/clock.h"
#include "base/printable.h"
#include "http/scan.h"
#include "watch/facts.h"

/* Bytes that a field may take in the line; all together stay below
 * ACCESSLOG_LINE. */
#define TARGET_MAX  16384
#define REFERER_MAX 4096
#define AGENT_MAX   2048
#define METHOD_MAX  256
#define HOST_MAX    512

_Static_assert(
    TARGET_MAX + REFERER_MAX + AGENT_MAX + METHOD_MAX + 4 * HOST_MAX + 1024 <
	ACCESSLOG_LINE,
    "a line fits");

/* How a byte that is not plain (http/scan.h) is written. */
static struct span
escape(char out[8], char c, enum log_format format)
{
	char text[4];
	struct buf t = buf_over(text, sizeof(text));
	struct buf b = buf_over(out, 8);

	if (c == '"' && format != LOG_JSON)
		return SPAN("\\x22");
	printable_put(&t, span_of(&c, 1), PRINTABLE_ASCII);
	if (format != LOG_JSON)
		buf_put(&b, buf_span(&t));
	else
		buf_put_json(&b, buf_span(&t));
	return buf_span(&b);
}

/* Append untrusted bytes as at most `max` bytes of text; what is cut ends in
 * "...".  As many as `readable` may be read. */
static void
put_untrusted(struct buf *b, struct span s, size_t readable, size_t max,
    enum log_format format)
{
	size_t end = b->n + max;

	while (s.n) {
		size_t run = scan_plain(s.p, 0, s.n, readable);
		char out[8];
		struct span unit =
		    run ? span_of(s.p, run) : escape(out, s.p[0], format);

		if (b->n + unit.n + 3 > end) {
			/* a run is cut; an escape is not begun */
			if (run && end > b->n + 3)
				buf_put(b, span_of(unit.p, end - b->n - 3));
			buf_puts(b, "...");
			return;
		}
		buf_put(b, unit);
		s = span_skip(s, run ? run : 1);
		readable -= run ? run : 1;
	}
}

/* A part of the request; "-" when it is not there. */
static void
put_part(struct buf *b, struct span request, struct head_part part, size_t max)
{
	struct span s = event_part(request, part);

	if (s.n)
		put_untrusted(b, s, request.n - part.at, max, LOG_COMBINED);
	else
		buf_putc(b, '-');
}

static void
put_padded(struct buf *b, int v, int width)
{
	char digit[8];

	for (int i = width; i > 0; i--) {
		digit[i - 1] = (char)('0' + v % 10);
		v /= 10;
	}
	buf_put(b, span_of(digit, (size_t)width));
}

static void
put_clock(struct buf *b, const struct tm *tm)
{
	put_padded(b, tm->tm_hour, 2);
	buf_putc(b, ':');
	put_padded(b, tm->tm_min, 2);
	buf_putc(b, ':');
	put_padded(b, tm->tm_sec, 2);
}

/* [23/Nov/2026:14:02:11 +0100], months in English whatever the locale. */
static void
put_second_clf(struct buf *b, time_t seconds)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm tm;

	localtime_r(&seconds, &tm);

	int offset = (int)(tm.tm_gmtoff / 60);
	int minutes = offset < 0 ? -offset : offset;

	buf_putc(b, '[');
	put_padded(b, tm.tm_mday, 2);
	buf_putc(b, '/');
	buf_put(b, span_of(months + 3 * (size_t)tm.tm_mon, 3));
	buf_putc(b, '/');
	put_padded(b, tm.tm_year + 1900, 4);
	buf_putc(b, ':');
	put_clock(b, &tm);
	buf_puts(b, offset < 0 ? " -" : " +");
	put_padded(b, minutes / 60 * 100 + minutes % 60, 4);
	buf_putc(b, ']');
}

/* 2026-11-23T13:02:11, UTC, to which put_line_json adds milliseconds (RFC
 * 3339). */
static void
put_second_json(struct buf *b, time_t seconds)
{
	struct tm tm;

	gmtime_r(&seconds, &tm);
	put_padded(b, tm.tm_year + 1900, 4);
	buf_putc(b, '-');
	put_padded(b, tm.tm_mon + 1, 2);
	buf_putc(b, '-');
	put_padded(b, tm.tm_mday, 2);
	buf_putc(b, 'T');
	put_clock(b, &tm);
}

/* What many lines begin with, those of one client in one second. */
struct beginning {
	size_t n; /* 0: none yet */
	time_t seconds;
	struct peer peer;
	char text[PEER_TEXT + 40];
};

static void
make_beginning_clf(struct buf *b, const struct event *e)
{
	char host[PEER_TEXT];

	peer_host_text(host, &e->peer);
	buf_puts(b, host);
	buf_puts(b, " - - ");
	put_second_clf(b, (time_t)(e->wall / NS_PER_S));
}

static void
make_beginning_json(struct buf *b, const struct event *e)
{
	buf_puts(b, "{\"time\":\"");
	put_second_json(b, (time_t)(e->wall / NS_PER_S));
}

/* The one kept, or made and kept. */
static void
put_beginning(struct buf *b, const struct event *e, struct beginning *kept,
    void (*make)(struct buf *b, const struct event *e))
{
	time_t seconds = (time_t)(e->wall / NS_PER_S);

	if (kept->n == 0 || kept->seconds != seconds ||
	    !peer_same_host(&kept->peer, &e->peer)) {
		struct buf t = buf_over(kept->text, sizeof(kept->text));

		make(&t, e);
		kept->n = t.n;
		kept->seconds = seconds;
		kept->peer = e->peer;
	}
	buf_put(b, span_of(kept->text, kept->n));
}

static uint64_t
microseconds(const struct event *e)
{
	return e->done_ns > 0 ? (uint64_t)(e->done_ns / NS_PER_US) : 0;
}

/* A number, "-" for 0 as the common log format has it. */
static void
put_number_clf(struct buf *b, uint64_t v)
{
	buf_putc(b, ' ');
	if (v)
		buf_putu(b, v);
	else
		buf_putc(b, '-');
}

static void
put_quoted(
    struct buf *b, struct span request, struct head_part part, size_t max)
{
	buf_puts(b, " \"");
	put_part(b, request, part, max);
	buf_putc(b, '"');
}

static void
put_version(struct buf *b, const struct event *e)
{
	/* a digit each (RFC 9112 2.3) */
	buf_puts(b, "HTTP/");
	buf_putc(b, (char)('0' + e->major));
	buf_putc(b, '.');
	buf_putc(b, (char)('0' + e->minor));
}

static void
put_request_line(struct buf *b, const struct event *e, struct span request)
{
	bool there = event_part(request, e->method).n != 0 &&
	    event_part(request, e->target).n != 0;
	struct span line = event_unread_line(e, request);

	buf_puts(b, " \"");
	if (line.n) {
		put_untrusted(b, line, line.n, ACCESSLOG_UNREAD, LOG_COMBINED);
	} else if (there) {
		put_part(b, request, e->method, METHOD_MAX);
		buf_putc(b, ' ');
		put_part(b, request, e->target, TARGET_MAX);
		buf_putc(b, ' ');
		put_version(b, e);
	} else {
		buf_putc(b, '-');
	}
	buf_putc(b, '"');
}

/* "-" for what a recording does not say, which this is written from. */
static void
put_known(struct buf *b, const struct event *e, enum fact fact, uint64_t v)
{
	if (event_knows(e, fact))
		buf_putu(b, v);
	else
		buf_putc(b, '-');
}

static void
put_line_clf(struct buf *b, enum log_format format, const struct event *e,
    struct span request)
{
	/* of each thread that writes lines */
	static _Thread_local struct beginning kept;

	put_beginning(b, e, &kept, make_beginning_clf);
	put_request_line(b, e, request);
	put_number_clf(b, e->status);
	put_number_clf(b, e->body_sent);
	if (format == LOG_COMMON)
		return;
	put_quoted(b, request, e->referer, REFERER_MAX);
	put_quoted(b, request, e->user_agent, AGENT_MAX);
	buf_puts(b, " conn=");
	put_known(b, e, FACT_CONN, e->conn);
	buf_puts(b, " us=");
	put_known(b, e, FACT_TIME, microseconds(e));
}

static void
put_key(struct buf *b, const char *key)
{
	buf_puts(b, ",\"");
	buf_puts(b, key);
	buf_puts(b, "\":");
}

static void
put_member_number(struct buf *b, const char *key, uint64_t v)
{
	put_key(b, key);
	buf_putu(b, v);
}

static void
put_member_null(struct buf *b, const char *key)
{
	put_key(b, key);
	buf_puts(b, "null");
}

/* Null where it is not known. */
static void
put_member_known(struct buf *b, const char *key, const struct event *e,
    enum fact fact, uint64_t v)
{
	if (event_knows(e, fact))
		put_member_number(b, key, v);
	else
		put_member_null(b, key);
}

/* A string, or null when it is not there. */
static void
put_member(struct buf *b, const char *key, struct span s, size_t max)
{
	put_key(b, key);
	if (s.n) {
		buf_putc(b, '"');
		put_untrusted(b, s, s.n, max, LOG_JSON);
		buf_putc(b, '"');
	} else {
		buf_puts(b, "null");
	}
}

/* What the client said. */
static void
put_members_request(struct buf *b, const struct event *e, struct span request)
{
	struct span method = event_part(request, e->method);
	struct span target = event_part(request, e->target);
	char text[16];
	struct buf version = buf_over(text, sizeof(text));
	struct span unread = event_unread_line(e, request);

	if (method.n == 0 || target.n == 0)
		method = target = span_of(NULL, 0);
	else if (e->major != 0)
		put_version(&version, e);
	if (unread.n)
		put_member(b, "line", unread, ACCESSLOG_UNREAD);
	put_member(b, "method", method, METHOD_MAX);
	put_member(b, "target", target, TARGET_MAX);
	put_member(b, "version", buf_span(&version), HOST_MAX);
	put_member(b, "host", event_part(request, e->host), HOST_MAX);
	put_member(b, "referer", event_part(request, e->referer), REFERER_MAX);
	put_member(b, "agent", event_part(request, e->user_agent), AGENT_MAX);
}

/* Why the answer is what it is, and how the connection went on: null when it
 * was kept, so that what is not known is left out. */
static void
put_members_reason(struct buf *b, const struct event *e)
{
	char text[256];
	struct buf why = buf_over(text, sizeof(text));

	if (e->trail.n && e->trail.why < e->trail.n)
		reason_put_why(&why, &e->trail.r[e->trail.why]);
	put_member(b, "why", buf_span(&why), HOST_MAX);

	const char *close =
	    e->close < CLOSE_N ? close_reason_rows[e->close].label : "";

	if (event_knows(e, FACT_CLOSE))
		put_member(b, "close", span_str(close), HOST_MAX);
}

static void
put_line_json(struct buf *b, const struct event *e, struct span request)
{
	static _Thread_local struct beginning kept;
	char host[PEER_TEXT];

	peer_host_text(host, &e->peer);
	put_beginning(b, e, &kept, make_beginning_json);
	buf_putc(b, '.');
	put_padded(b, (int)(e->wall / NS_PER_MS % 1000), 3);
	buf_puts(b, "Z\"");
	put_member_known(b, "conn", e, FACT_CONN, e->conn);
	put_member_known(b, "exchange", e, FACT_NUMBER, e->number);
	put_member(b, "client", span_str(host), HOST_MAX);
	if (e->peer.port != 0)
		put_member_number(b, "port", e->peer.port);
	else
		put_member_null(b, "port");
	put_members_request(b, e, request);
	put_member_known(b, "status", e, FACT_STATUS, e->status);
	put_member_known(b, "bytes", e, FACT_SIZE, e->body_sent);
	put_member_known(b, "duration_us", e, FACT_TIME, microseconds(e));
	put_members_reason(b, e);
	buf_putc(b, '}');
}

void
accesslog_put_line(struct buf *b, enum log_format format, const struct event *e,
    struct span request)
{
	if (format == LOG_JSON)
		put_line_json(b, e, request);
	else
		put_line_clf(b, format, e, request);
	buf_putc(b, '\n');
}
