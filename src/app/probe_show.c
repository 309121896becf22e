#include "app/probe_show.h"

#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/printable.h"

#define SENT_COLOR     "\033[36m"
#define RECEIVED_COLOR "\033[32m"
#define GOOD_COLOR     "\033[1m"
#define BAD_COLOR      "\033[1;31m"
#define PLAIN	       "\033[0m"

void
probe_show_init(struct probe_show *s)
{
	/* nothing else runs in this process */
	const char *no = getenv("NO_COLOR"); /* NOLINT(concurrency-mt-unsafe) */
	const char *term = getenv("TERM");   /* NOLINT(concurrency-mt-unsafe) */

	setlocale(LC_CTYPE, ""); /* NOLINT(concurrency-mt-unsafe) */
	s->utf8 =
	    strcmp(nl_langinfo(CODESET), /* NOLINT(concurrency-mt-unsafe) */
		"UTF-8") == 0;
	s->color = isatty(STDOUT_FILENO) && (no == NULL || *no == '\0') &&
	    term != NULL && strcmp(term, "dumb") != 0;
}

static void
set_color(const struct probe_show *s, const char *color)
{
	if (s->color)
		fputs(color, stdout);
}

static void
show_text(const struct probe_show *s, struct span text)
{
	char out[4 * REPLY_HEAD_MAX]; /* an escape is four bytes for one */
	struct buf b = buf_over(out, sizeof(out));

	printable_put(&b, text, s->utf8 ? PRINTABLE_UTF8 : PRINTABLE_ASCII);
	fwrite(b.p, 1, b.n, stdout);
}

/* One line with its end made visible. */
static void
show_line(const struct probe_show *s, struct span line)
{
	const char *end = "";

	if (span_ends(line, SPAN("\r\n"))) {
		end = s->utf8 ? "\u240d\u240a" : "\\r\\n";
		line.n -= 2;
	} else if (span_ends(line, SPAN("\n"))) {
		end = s->utf8 ? "\u240a" : "\\n";
		line.n -= 1;
	}
	show_text(s, line);
	fputs(end, stdout);
}

static void
show_lines(const struct probe_show *s, const char *mark, const char *color,
    struct span bytes)
{
	while (bytes.n) {
		const char *lf = memchr(bytes.p, '\n', bytes.n);
		size_t n = lf != NULL ? (size_t)(lf - bytes.p) + 1 : bytes.n;

		set_color(s, color);
		fputs(mark, stdout);
		show_line(s, span_of(bytes.p, n));
		set_color(s, PLAIN);
		putchar('\n');
		bytes = span_skip(bytes, n);
	}
}

void
probe_show_connected(const struct probe_show *s, const struct probe_conn *c)
{
	probe_say(s, true,
	    "connection %u: to %s, from port %u, connected in %.3f ms",
	    c->number, c->peer, c->port,
	    (double)c->connect_ns / (double)NS_PER_MS);
}

void
probe_show_sent(const struct probe_show *s, struct span bytes)
{
	if (!s->quiet)
		show_lines(s, "> ", SENT_COLOR, bytes);
}

void
probe_show_unasked(const struct probe_show *s, struct span bytes)
{
	if (!s->quiet)
		show_lines(s, "< ", RECEIVED_COLOR, bytes);
}

/* Text: UTF-8 (the end may be cut) without controls but TAB, CR, LF. */
static bool
is_text(struct span s)
{
	uint32_t cp;

	while (s.n) {
		size_t n = utf8_decode(s, &cp);

		if (n == 0)
			return s.n < 4 && (s.p[0] & 0xC0) == 0xC0;
		if ((cp < ' ' && cp != '\t' && cp != '\r' && cp != '\n') ||
		    cp == 0x7F)
			return false;
		s = span_skip(s, n);
	}
	return true;
}

/* What is enough to know the content by: the heads are the subject here, and
 * shall not scroll away. */
static struct span
beginning(struct span s)
{
	size_t n = 0;

	for (int lines = 0; n < s.n && n < 160 && lines < 3; n++)
		lines += s.p[n] == '\n';
	return span_of(s.p, n);
}

static void
show_body(const struct probe_show *s, const struct http_reply *r)
{
	static const char *const how[] = {
		[REPLY_NO_CONTENT] = "no content, by its status or to HEAD",
		[REPLY_LENGTH] = "as Content-Length says",
		[REPLY_CHUNKED] = "in chunks, their framing included",
		[REPLY_UNTIL_CLOSE] = "until the connection's end",
	};
	struct span kept = beginning(span_of(r->body, r->kept));
	bool text = is_text(kept);

	if (!r->in_body)
		return;
	if (r->framing == REPLY_NO_CONTENT) {
		printf("  body: none (%s)\n", how[r->framing]);
		return;
	}
	printf("  body: %" PRIu64 " bytes", r->body_n);
	if (r->framing == REPLY_LENGTH && r->body_n < r->length)
		printf(" of %" PRIu64, r->length);
	printf(", %s%s", how[r->framing], text ? "" : "; not text");
	if (text && kept.n < r->body_n)
		printf("; the first %zu", kept.n);
	putchar('\n');
	if (text)
		show_lines(s, "| ", "", kept);
}

const char *
probe_describe_end(
    char out[160], enum probe_end end, int error, const char *wrong)
{
	const char *name = strerrorname_np(error);
	const char *text = strerrordesc_np(error);

	name = name != NULL ? name : "?";
	text = text != NULL ? text : "?";
	switch (end) {
	case PROBE_ANSWERED:
		snprintf(out, 160, "the response is complete");
		break;
	case PROBE_SEND_FAILED:
		snprintf(out, 160,
		    "send() returned -1, %s (%s): the server "
		    "has closed",
		    name, text);
		break;
	case PROBE_ENDED:
		snprintf(out, 160, "recv() returned 0: the server has closed");
		break;
	case PROBE_RECV_FAILED:
		snprintf(out, 160, "recv() returned -1, %s (%s)%s", name, text,
		    error == ECONNRESET ? ": the server has closed" : "");
		break;
	case PROBE_LATE:
		snprintf(out, 160, "nothing came in time");
		break;
	case PROBE_NOT_HTTP:
		snprintf(out, 160, "not a valid response: %s",
		    wrong != NULL ? wrong : "bytes that belong to none");
		break;
	}
	return out;
}

/* What the response means for the connection. */
static void
show_prospect(const struct probe_show *s, const struct http_reply *r, bool keep)
{
	if (r->closes != NULL)
		probe_say(s, true, "the server will close: %s", r->closes);
	else if (!keep)
		probe_say(s, true,
		    "the response does not say Connection: close, as it "
		    "should (RFC 9112 9.6)");
	else
		probe_say(s, true, "the connection is kept: HTTP/1.%u%s",
		    r->minor,
		    r->minor == 0 ? " with Connection: keep-alive" : "");
}

void
probe_show_exchange(const struct probe_show *s, const struct probe_conn *c,
    const struct http_reply *r, const struct probe_exchange *x, bool keep)
{
	char text[160];

	if (s->quiet)
		return;
	show_lines(s, "< ", RECEIVED_COLOR, span_of(r->head, r->head_n));
	show_body(s, r);
	if (x->end != PROBE_ANSWERED) {
		if (x->end != PROBE_SEND_FAILED)
			printf("  send() took %zu bytes\n", x->sent);
		probe_say(s, false, "%s",
		    probe_describe_end(text, x->end, x->error, r->wrong));
		return;
	}
	printf("  first byte after %.3f ms, complete after %.3f ms; port %u, "
	       "request %u on this connection\n",
	    (double)x->first_ns / (double)NS_PER_MS,
	    (double)x->whole_ns / (double)NS_PER_MS, c->port, c->exchanges);
	if (x->extra)
		probe_say(s, false, "%zu bytes more came after the response",
		    x->extra);
	show_prospect(s, r, keep);
}

void
probe_say(const struct probe_show *s, bool good, const char *fmt, ...)
{
	va_list ap;

	if (s->quiet && good)
		return;
	FILE *out = s->quiet ? stderr : stdout;
	if (out == stdout)
		set_color(s, good ? GOOD_COLOR : BAD_COLOR);
	fputs("  ", out);
	va_start(ap, fmt);
	vfprintf(out, fmt, ap);
	va_end(ap);
	if (out == stdout)
		set_color(s, PLAIN);
	fputc('\n', out);
}
