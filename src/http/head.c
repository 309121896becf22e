#include "http/head.h"

#include "base/check.h"
#include "http/scan.h"

/* A kept line gives way to each eighth line that is not it. */
#define HEAD_MISSES 8

enum head_phase {
	PHASE_EMPTY_LINE, /* nothing yet: one CRLF is tolerated */
	PHASE_REQUEST_LINE,
	PHASE_FIELDS,
};

void
head_init(struct http_head *h)
{
	/* Everything but the fields themselves, which `fields` bounds. */
	memset(h, 0, offsetof(struct http_head, field));
}

static enum head_result
head_refuse(struct http_head *h, uint16_t status, enum reason_id why, size_t at)
{
	h->status = status;
	h->error = (uint16_t)why;
	h->error_at = (uint32_t)at;
	return HEAD_BAD;
}

static inline struct head_part
head_part(size_t from, size_t to)
{
	return (struct head_part){ (uint16_t)from, (uint16_t)(to - from) };
}

/* A byte that does not belong, or the end of the line where one is missing: a
 * CR inside a line has a rule of its own. */
static enum head_result
head_refuse_byte(struct http_head *h, const char *p, size_t at, size_t end,
    enum reason_id why)
{
	if (at < end && p[at] == '\r')
		why = REASON_BARE_CR;
	return head_refuse(h, 400, why, at);
}

/* HTTP-version = "HTTP/" DIGIT "." DIGIT, in [at, end). */
static enum head_result
head_version(struct http_head *h, const char *p, size_t at, size_t end)
{
	static const char form[] = "HTTP/0.0", usual[] = "HTTP/1.1";
	size_t i;

	if (end - at == sizeof(usual) - 1 &&
	    memcmp(p + at, usual, sizeof(usual) - 1) == 0) {
		h->major = h->minor = 1;
		return HEAD_MORE;
	}
	for (i = 0; i < sizeof(form) - 1; i++) {
		size_t o = at + i;

		if (o == end)
			return head_refuse(h, 400, REASON_BAD_VERSION, o);
		if (form[i] == '0' ? !ascii_is_digit(p[o]) : p[o] != form[i])
			return head_refuse_byte(
			    h, p, o, end, REASON_BAD_VERSION);
	}
	if (at + i != end)
		return head_refuse_byte(h, p, at + i, end, REASON_BAD_VERSION);
	h->major = (uint8_t)(p[at + 5] - '0');
	h->minor = (uint8_t)(p[at + 7] - '0');
	if (h->major == 1)
		return HEAD_MORE;
	return head_refuse(h, 505,
	    h->method_id == METHOD_PRI ? REASON_H2_PREFACE
				       : REASON_VERSION_UNSUPPORTED,
	    at);
}

/* request-line = method SP request-target SP HTTP-version (RFC 9112 3). */
static enum head_result
head_request_line(
    struct http_head *h, const char *p, size_t at, size_t end, size_t n)
{
	size_t method_end, target, target_end;

	method_end = scan_token(p, at, end, n);
	if (method_end == at || (method_end < end && p[method_end] != ' '))
		return head_refuse_byte(
		    h, p, method_end, end, REASON_BAD_METHOD);
	h->method = head_part(at, method_end);
	h->method_id = (uint8_t)method_find(head_span(p, h->method));
	if (method_end == end)
		return head_refuse(h, 400, REASON_NO_VERSION, end);

	target = method_end + 1;
	target_end = scan_target(p, target, end, n);
	if (target_end == target || (target_end < end && p[target_end] != ' '))
		return head_refuse_byte(
		    h, p, target_end, end, REASON_BAD_TARGET);
	h->target = head_part(target, target_end);
	if (target_end == end)
		return head_refuse(h, 400, REASON_NO_VERSION, end);
	return head_version(h, p, target_end + 1, end);
}

/* Of what may stand in a value, nothing else is below. */
static inline bool
head_is_blank(char c)
{
	return (unsigned char)c <= ' ';
}

static inline void
head_add(struct http_head *h, struct head_field f)
{
	h->field[h->fields++] = f;
	if (h->count[f.id]++ == 0)
		h->first[f.id] = h->fields;
}

/* The field line [at, end) with its colon there is right: add its field. */
static inline void
head_take_field(
    struct http_head *h, const char *p, size_t at, size_t colon, size_t end)
{
	enum field_id id = field_find(span_of(p + at, colon - at));
	size_t value = colon + 1;

	while (value < end && head_is_blank(p[value]))
		value++;
	while (end > value && head_is_blank(p[end - 1]))
		end--;
	head_add(h,
	    (struct head_field){ .name = head_part(at, colon),
		.value = head_part(value, end),
		.id = (uint8_t)id });
}

/* field-line = field-name ":" OWS field-value OWS (RFC 9112 5). */
static enum head_result
head_field_line(
    struct http_head *h, const char *p, size_t at, size_t end, size_t n)
{
	size_t colon = scan_token(p, at, end, n);
	size_t bad;

	if (p[at] == ' ' || p[at] == '\t')
		return head_refuse(h, 400, REASON_OBS_FOLD, at);
	if (colon == end || colon == at)
		return head_refuse_byte(
		    h, p, colon, end, REASON_BAD_FIELD_NAME);
	if (p[colon] == ' ' || p[colon] == '\t')
		return head_refuse(h, 400, REASON_SPACE_BEFORE_COLON, colon);
	if (p[colon] != ':')
		return head_refuse_byte(
		    h, p, colon, end, REASON_BAD_FIELD_NAME);
	bad = scan_value(p, colon + 1, end, n);
	if (bad != end)
		return head_refuse_byte(h, p, bad, end, REASON_BAD_FIELD_VALUE);
	head_take_field(h, p, at, colon, end);
	return HEAD_MORE;
}

/* A request line of HTTP/1.1 that is whole and right, as nearly all are, in one
 * pass; false, and nothing noted, for what has to be looked at. */
static bool
head_plain_request_line(
    struct http_head *h, const struct head_limits *l, const char *p, size_t n)
{
	static const char version[] = " HTTP/1.1\r\n";
	const size_t ending = sizeof(version) - 1;
	size_t at = h->line, method_end = scan_token(p, at, n, n), target, end;

	if (method_end == at || method_end == n || p[method_end] != ' ')
		return false;
	target = method_end + 1;
	end = scan_target(p, target, n, n);
	if (end == target || n - end < ending ||
	    memcmp(p + end, version, ending) != 0 ||
	    end + ending - 2 - at > l->request_line)
		return false;
	h->method = head_part(at, method_end);
	h->method_id = (uint8_t)method_find(head_span(p, h->method));
	h->target = head_part(target, end);
	h->major = h->minor = 1;
	h->phase = PHASE_FIELDS;
	h->header = h->line = h->scanned = (uint32_t)(end + ending);
	return true;
}

/* The field of a line that begins `by` bytes further behind. */
static inline struct head_field
head_field_moved(struct head_field f, size_t by)
{
	f.name.at = (uint16_t)(f.name.at + by);
	f.value.at = (uint16_t)(f.value.at + by);
	return f;
}

/* Take the line kept, if it is what [at, last) begins with: its bytes, else 0.
 */
static inline size_t
head_take_kept(struct http_head *h, const struct head_kept_line *kept,
    const char *p, size_t at, size_t last)
{
	if (kept->n == 0 || kept->n > last - at ||
	    memcmp(p + at, kept->bytes, kept->n) != 0)
		return 0;
	head_add(h, head_field_moved(kept->field, at));
	return kept->n;
}

/* Keep the line [at, next), whose field was added last.  Not each time that
 * another was kept: copying costs as much as it saves, and would be for nothing
 * where clients of several kinds take turns. */
static inline void
head_keep(struct head_kept_line *kept, const struct http_head *h, const char *p,
    size_t at, size_t next)
{
	_Static_assert(HEAD_LINE_KEPT <= UINT8_MAX, "its length fits");
	if (next - at > HEAD_LINE_KEPT)
		return;
	if (kept->n != 0 && ++kept->misses % HEAD_MISSES != 0)
		return;
	kept->n = (uint8_t)(next - at);
	kept->field = head_field_moved(h->field[h->fields - 1], (size_t)0 - at);
	memcpy(kept->bytes, p + at, kept->n);
}

/* The same for field lines, up to one that has to be looked at; true when the
 * head is complete. */
static bool
head_plain_fields(struct http_head *h, const struct head_limits *l,
    struct head_kept *before, const char *p, size_t n)
{
	size_t at = h->line, last = h->header + (size_t)l->header_size;

	if (last > n)
		last = n;
	while (h->fields < l->header_count) {
		struct head_kept_line *kept =
		    before != NULL && h->fields < HEAD_LINES_KEPT
		    ? &before->line[h->fields]
		    : NULL;
		size_t known =
		    kept != NULL ? head_take_kept(h, kept, p, at, last) : 0;
		size_t colon, end;

		if (known != 0) {
			at += known;
			continue;
		}
		colon = scan_token(p, at, n, n);

		if (colon == at || colon == n || p[colon] != ':')
			break;
		end = scan_value(p, colon + 1, n, n);
		if (end + 2 > last || p[end] != '\r' || p[end + 1] != '\n')
			break;
		head_take_field(h, p, at, colon, end);
		if (kept != NULL)
			head_keep(kept, h, p, at, end + 2);
		at = end + 2;
	}
	h->line = h->scanned = (uint32_t)at;
	if (n - at < 2 || p[at] != '\r' || p[at + 1] != '\n')
		return false;
	h->length = h->line = h->scanned = (uint32_t)at + 2;
	return true;
}

/* What can be said of the very first byte, before its line is complete: a
 * client that speaks another protocol would otherwise wait for the timeout. */
static enum head_result
head_first_byte(struct http_head *h, const char *p, size_t at)
{
	if (scan_is(p[at], SCAN_TOKEN) || p[at] == '\r' || p[at] == '\n')
		return HEAD_MORE;
	return head_refuse(h, 400,
	    p[at] == 0x16 ? REASON_TLS_HELLO : REASON_BAD_FIRST_BYTE, at);
}

/* Bounds of the line [h->line, end), of which `ending` more bytes are certain
 * to follow.  Asked with every arrival, and before anything else is said of a
 * line, so that the answer does not depend on how the bytes were split. */
static enum head_result
head_bounds(
    struct http_head *h, const struct head_limits *l, size_t end, size_t ending)
{
	if (h->phase != PHASE_FIELDS && end - h->line > l->request_line)
		return head_refuse(h, 414, REASON_LINE_TOO_LONG,
		    h->line + (size_t)l->request_line);
	if (h->phase == PHASE_FIELDS && end > h->line &&
	    end + ending - h->header > l->header_size)
		return head_refuse(h, 431, REASON_HEADER_TOO_LARGE,
		    h->header + (size_t)l->header_size);
	return HEAD_MORE;
}

/* One whole line: its bytes are [h->line, end), before CRLF; of all n. */
static enum head_result
head_line(struct http_head *h, const struct head_limits *l, const char *p,
    size_t end, size_t next, size_t n)
{
	enum head_result r;

	switch (h->phase) {
	case PHASE_EMPTY_LINE:
		if (end == h->line) {
			h->phase = PHASE_REQUEST_LINE;
			return HEAD_MORE;
		}
		/* fallthrough */
	case PHASE_REQUEST_LINE:
		r = head_request_line(h, p, h->line, end, n);
		h->phase = PHASE_FIELDS;
		h->header = (uint32_t)next;
		return r;
	default:
		CHECK(h->phase == PHASE_FIELDS);
		if (end == h->line) {
			h->length = (uint32_t)next;
			return HEAD_DONE;
		}
		if (h->fields == l->header_count)
			return head_refuse(
			    h, 431, REASON_TOO_MANY_FIELDS, h->line);
		return head_field_line(h, p, h->line, end, n);
	}
}

/* The line has not ended yet. */
static enum head_result
head_partial(
    struct http_head *h, const struct head_limits *l, const char *p, size_t n)
{
	size_t end = n;

	h->scanned = (uint32_t)n;
	if (end > h->line && p[end - 1] == '\r')
		end--;
	return head_bounds(h, l, end, end == n ? 1 : 2);
}

enum head_result
head_parse(struct http_head *h, const struct head_limits *l,
    struct head_kept *before, const char *p, size_t n)
{
	enum head_result r = HEAD_MORE;

	while (r == HEAD_MORE) {
		const char *lf;
		size_t next, end;

		if (h->phase != PHASE_FIELDS && h->scanned == h->line &&
		    n > h->line && !head_plain_request_line(h, l, p, n)) {
			r = head_first_byte(h, p, h->line);
			if (r != HEAD_MORE)
				break;
		}
		if (h->phase == PHASE_FIELDS && h->scanned == h->line &&
		    head_plain_fields(h, l, before, p, n))
			return HEAD_DONE;
		lf = n > h->scanned
		    ? memchr(p + h->scanned, '\n', n - h->scanned)
		    : NULL;
		if (lf == NULL)
			return head_partial(h, l, p, n);
		next = (size_t)(lf - p) + 1;
		end = next - 1;
		if (end > h->line && p[end - 1] == '\r')
			end--;
		r = head_bounds(h, l, end, next - end);
		if (r == HEAD_MORE && next - end != 2)
			r = head_refuse(h, 400, REASON_BARE_LF, end);
		if (r == HEAD_MORE)
			r = head_line(h, l, p, end, next, n);
		h->line = h->scanned = (uint32_t)next;
	}
	return r;
}

int
head_next(const struct http_head *h, int i)
{
	unsigned id = h->field[i].id;

	if (id != FIELD_OTHER && h->count[id] == 1)
		return -1;
	for (int k = i + 1; k < h->fields; k++)
		if (h->field[k].id == id)
			return k;
	return -1;
}
