#include "http/reply.h"

#include "base/num.h"
#include "http/lines.h"

void
reply_init(struct http_reply *r, bool to_head)
{
	*r = (struct http_reply){ .to_head = to_head };
}

static enum reply_progress
wrong(struct http_reply *r, const char *why)
{
	r->wrong = why;
	return r->progress = REPLY_WRONG;
}

/* "HTTP/1.1 200 OK" (RFC 9112 4); the phrase, and the blank before it, may be
 * missing. */
static bool
read_status_line(struct http_reply *r, struct span s)
{
	uint64_t status;

	if (s.n < 12 || !span_starts(s, SPAN("HTTP/1.")) ||
	    !ascii_is_digit(s.p[7]) || s.p[8] != ' ' ||
	    !num_dec(span_of(s.p + 9, 3), &status) || status < 100 ||
	    (s.n > 12 && s.p[12] != ' '))
		return false;
	r->minor = (unsigned)(s.p[7] - '0');
	r->status = (int)status;
	return true;
}

/* What the fields of a head say that matters for its end. */
struct said {
	bool length;
	bool lengths_differ;
	bool coded; /* Transfer-Encoding is there */
	bool chunked;
	bool close;
	bool keep_alive;
};

static void
read_field(struct http_reply *r, struct said *said, struct span line)
{
	const char *colon = memchr(line.p, ':', line.n);
	uint64_t length;

	if (colon == NULL)
		return;
	struct span name = span_of(line.p, (size_t)(colon - line.p));
	struct span value = span_trim(span_skip(line, name.n + 1));
	if (span_eq_nocase(name, SPAN("Content-Length"))) {
		if (!num_dec(value, &length) ||
		    (said->length && length != r->length))
			said->lengths_differ = true;
		else
			r->length = length;
		said->length = true;
	} else if (span_eq_nocase(name, SPAN("Transfer-Encoding"))) {
		said->coded = true;
		said->chunked = value.n >= 7 &&
		    span_eq_nocase(
			span_skip(value, value.n - 7), SPAN("chunked"));
	} else if (span_eq_nocase(name, SPAN("Connection"))) {
		connection_read(value, &said->close, &said->keep_alive);
	}
}

/* RFC 9112 6.3, in its order. */
static enum reply_framing
framing_of(const struct http_reply *r, const struct said *said)
{
	if (r->to_head || r->status < 200 || r->status == 204 ||
	    r->status == 304)
		return REPLY_NO_CONTENT;
	if (said->coded)
		return said->chunked ? REPLY_CHUNKED : REPLY_UNTIL_CLOSE;
	return said->length ? REPLY_LENGTH : REPLY_UNTIL_CLOSE;
}

/* RFC 9112 9.3. */
static const char *
closes(const struct http_reply *r, const struct said *said)
{
	if (said->close)
		return "the response says Connection: close";
	if (r->framing == REPLY_UNTIL_CLOSE)
		return "only the end of the connection ends the content";
	if (r->minor == 0 && !said->keep_alive)
		return "HTTP/1.0 without Connection: keep-alive";
	return NULL;
}

/* The head from head_at on is complete. */
static enum reply_progress
end_head(struct http_reply *r)
{
	struct said said = { .length = false };
	struct span s = span_of(r->head + r->head_at, r->head_n - r->head_at);

	lines_take(&s); /* the status line has been read */
	r->length = 0;
	while (s.n)
		read_field(r, &said, lines_take(&s));
	if (said.lengths_differ && !said.coded)
		return wrong(r, "Content-Length is not one number");
	if (r->status < 200 && r->status != 101) {
		r->head_at = r->line_at = r->head_n;
		return REPLY_MORE;
	}
	r->framing = framing_of(r, &said);
	r->closes = closes(r, &said);
	r->in_body = true;
	if (r->framing == REPLY_LENGTH)
		body_init(&r->reader, BODY_LENGTH, r->length, UINT64_MAX);
	else if (r->framing == REPLY_CHUNKED)
		body_init(&r->reader, BODY_CHUNKED, 0, UINT64_MAX);
	if (r->framing == REPLY_NO_CONTENT ||
	    (r->framing == REPLY_LENGTH && r->length == 0))
		r->progress = REPLY_COMPLETE;
	return r->progress;
}

static enum reply_progress
read_head_byte(struct http_reply *r, char c)
{
	const char *start = "HTTP/1.";
	size_t at = r->head_n - r->head_at;

	if (r->head_n == sizeof(r->head))
		return wrong(r, "the header section is too large");
	r->head[r->head_n++] = c;
	if (at < strlen(start) && c != start[at])
		return wrong(r, "it does not begin with HTTP/1.");
	if (c != '\n')
		return REPLY_MORE;
	struct span rest =
	    span_of(r->head + r->line_at, r->head_n - r->line_at);
	struct span line = lines_take(&rest);
	bool first = r->line_at == r->head_at;
	r->line_at = r->head_n;
	if (first && !read_status_line(r, line))
		return wrong(r, "its first line is not a status line");
	return line.n == 0 ? end_head(r) : REPLY_MORE;
}

static enum reply_progress
read_body(struct http_reply *r, struct span s, size_t *used)
{
	size_t room = sizeof(r->body) - r->kept;

	*used = s.n;
	if (r->framing != REPLY_UNTIL_CLOSE) {
		switch (body_read(&r->reader, s.p, s.n, used)) {
		case BODY_MORE:
			break;
		case BODY_COMPLETE:
			r->progress = REPLY_COMPLETE;
			break;
		case BODY_BAD:
		case BODY_OVER:
			wrong(r,
			    "the chunks are not framed as RFC 9112 7.1 "
			    "says");
			break;
		}
	}
	if (room > *used)
		room = *used;
	memcpy(r->body + r->kept, s.p, room);
	r->kept += room;
	r->body_n += *used;
	return r->progress;
}

/* What is not a response is to be seen all the same, as far as it fits. */
static void
keep_rest(struct http_reply *r, struct span s)
{
	size_t room = sizeof(r->head) - r->head_n;

	if (room > s.n)
		room = s.n;
	memcpy(r->head + r->head_n, s.p, room);
	r->head_n += room;
}

enum reply_progress
reply_read(struct http_reply *r, const char *p, size_t n, size_t *used)
{
	size_t i = 0;

	while (i < n && !r->in_body && r->progress == REPLY_MORE)
		read_head_byte(r, p[i++]);
	*used = i;
	if (r->progress == REPLY_WRONG)
		keep_rest(r, span_of(p + i, n - i));
	if (i < n && r->progress == REPLY_MORE) {
		read_body(r, span_of(p + i, n - i), used);
		*used += i;
	}
	return r->progress;
}

enum reply_progress
reply_eof(struct http_reply *r)
{
	if (r->progress != REPLY_MORE)
		return r->progress;
	if (r->in_body && r->framing == REPLY_UNTIL_CLOSE)
		return r->progress = REPLY_COMPLETE;
	if (r->head_n == 0)
		return wrong(r, "the connection ended without a response");
	return wrong(r,
	    r->in_body ? "the connection ended in the content"
		       : "the connection ended in the head");
}
