/* Lines of an access log: common and combined, of other servers too, and our
 * JSON lines. */
#include "base/clock.h"
#include "base/num.h"
#include "watch/recording_parts.h"

#define FIELD_MAX 32768 /* bytes of a quoted part */

/* What is left of a line. */
struct words {
	struct span all;
	struct span rest;
};

static size_t
place(const struct words *w)
{
	return w->all.n - w->rest.n;
}

static void
skip_blanks(struct words *w)
{
	while (w->rest.n && w->rest.p[0] == ' ')
		w->rest = span_skip(w->rest, 1);
}

/* The next word, up to a blank. */
static struct span
take_word(struct words *w)
{
	struct span word;
	const char *blank;

	skip_blanks(w);
	word = w->rest;
	blank = word.n ? memchr(word.p, ' ', word.n) : NULL;
	word.n = blank ? (size_t)(blank - word.p) : word.n;
	w->rest = span_skip(w->rest, word.n);
	return word;
}

/* The inside of "..." with \" in it; false when there is none. */
static bool
take_quoted(struct words *w, struct span *out)
{
	skip_blanks(w);
	if (w->rest.n == 0 || w->rest.p[0] != '"')
		return false;
	for (size_t i = 1; i < w->rest.n; i++) {
		if (w->rest.p[i] == '\\') {
			i++;
		} else if (w->rest.p[i] == '"') {
			*out = span_of(w->rest.p + 1, i - 1);
			w->rest = span_skip(w->rest, i + 1);
			return true;
		}
	}
	return false;
}

/* "[23/Nov/2026:14:02:11 +0100]", whatever stands before it. */
static bool
take_time(struct made *m, struct words *w)
{
	const char *open = memmem(w->rest.p, w->rest.n, " [", 2);
	const char *close;

	if (open == NULL)
		return false;
	w->rest = span_skip(w->rest, (size_t)(open - w->rest.p) + 2);
	close = w->rest.n ? memchr(w->rest.p, ']', w->rest.n) : NULL;
	if (close == NULL ||
	    !made_time_clf(m, span_of(w->rest.p, (size_t)(close - w->rest.p))))
		return false;
	w->rest = span_skip(w->rest, (size_t)(close - w->rest.p) + 1);
	return true;
}

/* "GET /x HTTP/1.1"; what is not like that is kept as it is. */
static void
put_request(struct made *m, struct span escaped)
{
	char mem[FIELD_MAX];
	struct buf b = buf_over(mem, sizeof(mem));
	struct span line;
	const char *first;
	const char *last;

	if (span_eq(escaped, SPAN("-")) || escaped.n == 0)
		return;
	made_put_unescaped(&b, escaped);
	m->cut |= b.full;
	line = buf_span(&b);
	first = memchr(line.p, ' ', line.n);
	last = memrchr(line.p, ' ', line.n);
	if (first == NULL || first == line.p || first + 1 == line.p + line.n) {
		made_raw(m, line);
		return;
	}

	struct span method = span_of(line.p, (size_t)(first - line.p));
	struct span target = span_skip(line, method.n + 1);
	struct span version = { NULL, 0 };

	if (last > first &&
	    span_starts(
		span_skip(line, (size_t)(last - line.p) + 1), SPAN("HTTP/"))) {
		version = span_skip(line, (size_t)(last - line.p) + 1);
		target.n -= version.n + 1;
	}
	made_request(m, method, target, version);
}

static void
put_quoted_field(struct made *m, struct span name, struct span escaped)
{
	char mem[FIELD_MAX];
	struct buf b = buf_over(mem, sizeof(mem));

	if (span_eq(escaped, SPAN("-")) || escaped.n == 0)
		return;
	made_put_unescaped(&b, escaped);
	if (!b.full)
		made_field(m, name, buf_span(&b));
}

/* " conn=41 us=312", which our own lines end with; 0 where what was written
 * was itself read from a log that does not say it. */
static void
take_own(struct made *m, struct words *w)
{
	struct exchange_copy *x = &m->out->x;

	for (;;) {
		struct span word = take_word(w);
		uint64_t v;

		if (word.n == 0)
			return;
		if (span_starts(word, SPAN("conn=")) &&
		    num_dec(span_skip(word, 5), &v) && v > 0) {
			x->e.conn = v;
			x->known |= FACT_CONN;
		} else if (span_starts(word, SPAN("us=")) &&
		    num_dec(span_skip(word, 3), &v) && v > 0 &&
		    v < INT64_MAX / NS_PER_US) {
			x->e.done_ns = (int64_t)v * NS_PER_US;
			x->known |= FACT_TIME;
		}
	}
}

/* A number, "-" for 0 as the format has it. */
static bool
take_count(struct words *w, uint64_t max, uint64_t *out)
{
	struct span word = take_word(w);

	*out = 0;
	return span_eq(word, SPAN("-")) || (num_dec(word, out) && *out <= max);
}

enum recording_result
recording_line_common(struct made *m, struct span line)
{
	struct words w = { line, line };
	struct exchange_copy *x = &m->out->x;
	struct span client = take_word(&w);
	struct span request;
	struct span text;
	uint64_t status;
	uint64_t bytes;

	if (client.n == line.n || !take_time(m, &w))
		return made_fault(m,
		    "byte %zu: a time like [23/Nov/2026:14:02:11 +0100] is "
		    "wanted",
		    place(&w));
	if (!take_quoted(&w, &request))
		return made_fault(m,
		    "byte %zu: a quoted request like \"GET / HTTP/1.1\" is "
		    "wanted",
		    place(&w));
	if (!take_count(&w, 999, &status))
		return made_fault(
		    m, "byte %zu: a status like 200 is wanted", place(&w));
	if (!take_count(&w, UINT64_MAX, &bytes))
		return made_fault(m,
		    "byte %zu: a number of bytes, or -, is wanted", place(&w));
	made_client(m, client, 0);
	put_request(m, request);
	made_code(m, (unsigned)status);
	x->e.body_sent = bytes;
	x->known |= FACT_SIZE;
	if (take_quoted(&w, &text))
		put_quoted_field(m, SPAN("Referer"), text);
	if (take_quoted(&w, &text))
		put_quoted_field(m, SPAN("User-Agent"), text);
	take_own(m, &w);
	return made_end(m);
}

struct span
recording_text(const json_t *o, const char *name)
{
	const json_t *s = json_object_get(o, name);

	return span_of(json_string_value(s), json_string_length(s));
}

bool
recording_number(const json_t *o, const char *name, uint64_t *out)
{
	const json_t *n = json_object_get(o, name);

	if (!json_is_integer(n) || json_integer_value(n) < 0)
		return false;
	*out = (uint64_t)json_integer_value(n);
	return true;
}

json_t *
recording_parse(struct made *m, struct span text)
{
	json_error_t error;
	json_t *o = json_loadb(text.p, text.n, JSON_ALLOW_NUL, &error);

	if (o == NULL)
		made_fault(
		    m, "byte %d: not JSON: %s", error.position, error.text);
	if (json_is_object(o))
		return o;
	if (o)
		made_fault(m, "an object, {...}, is wanted");
	json_decref(o);
	return NULL;
}

static void
json_field(
    struct made *m, const json_t *o, const char *member, struct span name)
{
	struct span text = recording_text(o, member);

	if (text.n)
		put_quoted_field(m, name, text);
}

static void
json_request(struct made *m, const json_t *o)
{
	struct span method = recording_text(o, "method");
	struct span line = recording_text(o, "line");
	char mem[FIELD_MAX];
	struct buf b = buf_over(mem, sizeof(mem));
	size_t n;

	if (line.n) {
		made_put_unescaped(&b, line);
		m->cut |= b.full;
		made_raw(m, buf_span(&b));
		return;
	}
	made_put_unescaped(&b, method);
	n = b.n;
	made_put_unescaped(&b, recording_text(o, "target"));
	m->cut |= b.full;
	if (n && b.n > n)
		made_request(m, span_of(b.p, n), span_of(b.p + n, b.n - n),
		    recording_text(o, "version"));
	if (m->request.n == 0)
		return;
	json_field(m, o, "host", SPAN("Host"));
	json_field(m, o, "referer", SPAN("Referer"));
	json_field(m, o, "agent", SPAN("User-Agent"));
}

static void
json_numbers(struct made *m, const json_t *o)
{
	struct exchange_copy *x = &m->out->x;
	uint64_t v;

	if (recording_number(o, "bytes", &x->e.body_sent))
		x->known |= FACT_SIZE;
	/* the next three begin with 1, and are 0 as in take_own */
	if (recording_number(o, "conn", &x->e.conn) && x->e.conn > 0)
		x->known |= FACT_CONN;
	if (recording_number(o, "exchange", &v) && v > 0 && v <= UINT32_MAX) {
		x->e.number = (uint32_t)v;
		x->known |= FACT_NUMBER;
	}
	if (recording_number(o, "duration_us", &v) && v > 0 &&
	    v < INT64_MAX / NS_PER_US) {
		x->e.done_ns = (int64_t)v * NS_PER_US;
		x->known |= FACT_TIME;
	}
	if (recording_number(o, "status", &v) && v <= 999)
		made_code(m, (unsigned)v);
}

static enum recording_result
json_exchange(struct made *m, const json_t *o)
{
	uint64_t port = 0;

	if (!made_time_iso(m, recording_text(o, "time")))
		return made_fault(m,
		    "a member \"time\" like \"2026-11-23T14:02:11.123Z\" is "
		    "wanted");
	if (!recording_number(o, "port", &port) || port > UINT16_MAX)
		port = 0;
	made_client(m, recording_text(o, "client"), (uint16_t)port);
	json_request(m, o);
	json_numbers(m, o);
	made_why(m, recording_text(o, "why"));
	if (json_is_null(json_object_get(o, "close")))
		made_closed(m, SPAN("")); /* kept alive */
	else if (json_object_get(o, "close"))
		made_closed(m, recording_text(o, "close"));
	return made_end(m);
}

enum recording_result
recording_line_json(struct made *m, struct span line)
{
	json_t *o = recording_parse(m, line);
	enum recording_result got = RECORDING_UNREADABLE;

	if (o)
		got = json_exchange(m, o);
	json_decref(o);
	return got;
}
