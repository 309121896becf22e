/* From what a recording says to an exchange like a live one. */
#include <arpa/inet.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/printable.h"
#include "http/date.h"
#include "watch/recording_parts.h"

void
made_begin(struct made *m, struct recorded *out, uint64_t line)
{
	m->out = out;
	m->request = buf_over(m->request_mem, sizeof(m->request_mem));
	m->response = buf_over(m->response_mem, sizeof(m->response_mem));
	m->texts = buf_over(m->texts_mem, sizeof(m->texts_mem));
	m->cut = false;
	*out = (struct recorded){ .line = line };
	out->x.e.kind = EVENT_EXCHANGE;
	out->x.e.refused_at = EVENT_NOWHERE;
	out->x.method = out->x.target = SPAN("-");
}

enum recording_result
made_fault(struct made *m, const char *fmt, ...)
{
	char text[RECORDING_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	printable_str(
	    m->out->text, sizeof(m->out->text), span_str(text), PRINTABLE_UTF8);
	return RECORDING_UNREADABLE;
}

/* Append; what would end a line or is no text becomes \xHH. */
static struct head_part
put_safe(struct buf *b, struct span s)
{
	size_t at = b->n;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			printable_put(b, span_of(s.p + i, 1), PRINTABLE_ASCII);
		else
			buf_putc(b, s.p[i]);
	}
	return (struct head_part){ (uint16_t)at, (uint16_t)(b->n - at) };
}

/* "HTTP/1.1", also as browsers write others: "h2", "http/2.0". */
static bool
take_version(struct span s, uint8_t *major, uint8_t *minor)
{
	if (s.n == 2 && (s.p[0] == 'h' || s.p[0] == 'H') &&
	    ascii_is_digit(s.p[1])) {
		*major = (uint8_t)(s.p[1] - '0');
		*minor = 0;
		return true;
	}
	if (s.n != 8 || !span_eq_nocase(span_of(s.p, 5), SPAN("HTTP/")) ||
	    !ascii_is_digit(s.p[5]) || s.p[6] != '.' || !ascii_is_digit(s.p[7]))
		return false;
	*major = (uint8_t)(s.p[5] - '0');
	*minor = (uint8_t)(s.p[7] - '0');
	return true;
}

void
made_request(
    struct made *m, struct span method, struct span target, struct span version)
{
	struct event *e = &m->out->x.e;

	e->method = put_safe(&m->request, method);
	buf_putc(&m->request, ' ');
	e->target = put_safe(&m->request, target);
	e->method_id = (uint8_t)method_find(method);
	if (take_version(version, &e->major, &e->minor))
		buf_printf(&m->request, " HTTP/%u.%u", e->major, e->minor);
	buf_puts(&m->request, "\r\n");
	m->cut |= m->request.full;
}

static struct head_part
put_field(struct buf *b, struct span name, struct span value)
{
	struct head_part part;

	put_safe(b, name);
	buf_puts(b, value.n ? ": " : ":");
	part = put_safe(b, value);
	buf_puts(b, "\r\n");
	return part;
}

void
made_field(struct made *m, struct span name, struct span value)
{
	struct event *e = &m->out->x.e;
	size_t before = m->request.n;
	struct head_part part = put_field(&m->request, name, value);

	if (m->request.full) {
		m->request.n = before; /* none or all of a field */
		m->request.full = false;
		return;
	}
	switch (field_find(name)) {
	case FIELD_HOST:
		e->host = e->host.n ? e->host : part;
		break;
	case FIELD_REFERER:
		e->referer = part;
		break;
	case FIELD_USER_AGENT:
		e->user_agent = part;
		break;
	default:
		break;
	}
}

/* The parts of bytes that came so. */
static void
find_parts(struct made *m)
{
	static const struct head_limits limits = { LIMIT_REQUEST_LINE_MAX,
		LIMIT_HEADER_SIZE_MAX, LIMIT_FIELDS_MAX };
	struct event *e = &m->out->x.e;
	struct http_head h;

	head_init(&h);
	head_parse(&h, &limits, NULL, m->request.p, m->request.n);
	e->method = h.method;
	e->target = h.target;
	e->method_id = h.method_id;
	e->major = h.major;
	e->minor = h.minor;
	for (unsigned i = 0; i < h.fields; i++) {
		struct head_part value = h.field[i].value;

		if (h.field[i].id == FIELD_HOST)
			e->host = value;
		else if (h.field[i].id == FIELD_REFERER)
			e->referer = value;
		else if (h.field[i].id == FIELD_USER_AGENT)
			e->user_agent = value;
	}
}

void
made_raw(struct made *m, struct span head)
{
	struct event *e = &m->out->x.e;
	const struct head_part none = { 0, 0 };

	e->method = e->target = e->host = e->referer = e->user_agent = none;
	e->major = e->minor = e->method_id = 0;
	m->request.n = 0;
	m->request.full = false;
	buf_put(&m->request, head);
	find_parts(m);
}

void
made_code(struct made *m, unsigned status)
{
	m->out->x.e.status = (uint16_t)status;
	m->out->x.known |= FACT_STATUS;
}

void
made_status(
    struct made *m, struct span version, unsigned status, struct span phrase)
{
	uint8_t major = 1;
	uint8_t minor = 1;

	made_code(m, status);
	if (status == 0)
		return;
	take_version(version, &major, &minor);
	buf_printf(&m->response, "HTTP/%u.%u %03u ", major, minor, status);
	put_safe(&m->response, phrase);
	buf_puts(&m->response, "\r\n");
}

void
made_answer_field(struct made *m, struct span name, struct span value)
{
	size_t before = m->response.n;

	put_field(&m->response, name, value);
	if (m->response.full) {
		m->response.n = before;
		m->response.full = false;
	}
}

/* Keep a text that is shorter than a line of it would be on the screen. */
static struct span
keep(struct made *m, struct span s)
{
	size_t at = m->texts.n;

	if (s.n > 512)
		s.n = 512;
	printable_put(&m->texts, s, PRINTABLE_UTF8);
	return span_of(m->texts.p + at, m->texts.n - at);
}

void
made_client(struct made *m, struct span address, uint16_t port)
{
	struct peer *peer = &m->out->x.e.peer;
	char text[INET6_ADDRSTRLEN];
	bool known = true;

	if (address.n == 0 || span_eq(address, SPAN("-")))
		return;
	snprintf(text, sizeof(text), "%.*s",
	    (int)(address.n < sizeof(text) ? address.n : 0), address.p);
	if (inet_pton(AF_INET, text, peer->addr) == 1)
		peer->family = AF_INET;
	else if (inet_pton(AF_INET6, text, peer->addr) == 1)
		peer->family = AF_INET6;
	else if (span_eq(address, SPAN("unix")))
		peer->family = AF_UNIX;
	else
		known = false;
	if (known) {
		peer->port = port;
		m->out->x.known |= FACT_PEER;
	}
	m->out->x.client = keep(m, address);
}

void
made_why(struct made *m, struct span text)
{
	struct trail *t = &m->out->x.e.trail;

	m->out->x.why = keep(m, text);
	if (text.n == 0)
		return;
	t->n = 1;
	t->why = 0;
	t->r[0] = recording_reason(text);
}

void
made_closed(struct made *m, struct span label)
{
	for (unsigned i = 0; i < CLOSE_N; i++) {
		if (!span_eq(label, span_str(close_reason_rows[i].label)))
			continue;
		m->out->x.e.close = (uint16_t)i;
		m->out->x.known |= FACT_CLOSE;
		return;
	}
	m->out->x.closed = keep(m, label);
}

enum recording_result
made_end(struct made *m)
{
	struct exchange_copy *x = &m->out->x;
	bool whole = (x->known & FACT_REQUEST) != 0;

	if (m->cut)
		return made_fault(m, "a request line of more than %d bytes",
		    LIMIT_HEAD_MAX / 2);

	if (!whole && m->request.n)
		buf_puts(&m->request, "\r\n");
	if (m->response.n && !(x->known & FACT_RESPONSE))
		buf_puts(&m->response, "\r\n");
	x->request = buf_span(&m->request);
	x->response = buf_span(&m->response);
	x->e.request_n = (uint32_t)m->request.n;
	x->e.response_n = (uint32_t)m->response.n;
	if ((x->known & FACT_SIZE) && x->e.body_length == 0)
		x->e.body_length = x->e.body_sent;
	return RECORDING_GOT;
}

/* The byte that the escape at s stands for, its length in *n; -1: none. */
static int
escape(struct span s, size_t *n)
{
	int high;
	int low;

	*n = 2;
	if (s.n < 2)
		return -1;
	if (s.p[1] == '"' || s.p[1] == '\\')
		return (unsigned char)s.p[1];
	if (s.p[1] == 't')
		return '\t';
	if (s.p[1] != 'x' || s.n < 4)
		return -1;
	*n = 4;
	high = num_hexdigit(s.p[2]);
	low = num_hexdigit(s.p[3]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

void
made_put_unescaped(struct buf *b, struct span s)
{
	while (s.n) {
		size_t n = 1;
		int c = s.p[0] == '\\' ? escape(s, &n) : (unsigned char)s.p[0];

		if (c < 0) {
			n = 1;
			c = '\\'; /* means itself, in logs of others */
		}
		buf_putc(b, (char)c);
		s = span_skip(s, n);
	}
}

/* Seconds since 1970 of parts of a text, by way of an HTTP date. */
static bool
take_date(struct span day, struct span month, struct span year,
    struct span clock, int64_t *secs)
{
	char text[DATE_LEN + 1];
	struct buf b = buf_over(text, sizeof(text));

	buf_printf(&b, "Sun, %.2s %.3s %.4s %.8s GMT", day.p, month.p, year.p,
	    clock.p);
	return date_parse(buf_span(&b), 0, secs);
}

/* "+0100", "+01:00": seconds east of Greenwich. */
static bool
take_offset(struct span s, int64_t *east)
{
	bool colon = s.n == 6 && s.p[3] == ':';
	uint64_t hours;
	uint64_t minutes;

	if ((s.n != 5 && !colon) || (s.p[0] != '+' && s.p[0] != '-') ||
	    !num_dec(span_of(s.p + 1, 2), &hours) ||
	    !num_dec(span_of(s.p + (colon ? 4 : 3), 2), &minutes) ||
	    hours > 23 || minutes > 59)
		return false;
	*east = (int64_t)(hours * 3600 + minutes * 60);
	if (s.p[0] == '-')
		*east = -*east;
	return true;
}

bool
made_time_clf(struct made *m, struct span s)
{
	int64_t secs;
	int64_t east;

	if (s.n != 26 || s.p[2] != '/' || s.p[6] != '/' || s.p[11] != ':' ||
	    s.p[20] != ' ' || !take_offset(span_skip(s, 21), &east) ||
	    !take_date(
		s, span_skip(s, 3), span_skip(s, 7), span_skip(s, 12), &secs))
		return false;
	secs -= east;
	/* nanoseconds reach from 1678 to 2262 */
	if (secs < 0 || secs > INT64_MAX / NS_PER_S - 1)
		return false;
	m->out->x.e.wall = secs * NS_PER_S;
	return true;
}

/* ".123456" of a second; *n bytes. */
static int64_t
take_fraction(struct span s, size_t *n)
{
	int64_t unit = NS_PER_S / 10;
	int64_t ns = 0;

	*n = 0;
	if (s.n < 2 || s.p[0] != '.' || !ascii_is_digit(s.p[1]))
		return 0;
	for (*n = 1; *n < s.n && ascii_is_digit(s.p[*n]); ++*n) {
		ns += unit * (s.p[*n] - '0');
		unit /= 10;
	}
	return ns;
}

bool
made_time_iso(struct made *m, struct span s)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	uint64_t month;
	int64_t east = 0;
	int64_t secs;
	int64_t ns;
	size_t n;

	if (s.n < 20 || s.p[4] != '-' || s.p[7] != '-' ||
	    (s.p[10] != 'T' && s.p[10] != 't' && s.p[10] != ' ') ||
	    !num_dec(span_of(s.p + 5, 2), &month) || month < 1 || month > 12 ||
	    !take_date(span_skip(s, 8), span_of(months + 3 * (month - 1), 3), s,
		span_skip(s, 11), &secs))
		return false;
	s = span_skip(s, 19);
	ns = take_fraction(s, &n);
	s = span_skip(s, n);
	if (!span_eq_nocase(s, SPAN("Z")) && !take_offset(s, &east))
		return false;
	secs -= east;
	if (secs < 0 || secs > INT64_MAX / NS_PER_S - 1)
		return false;
	m->out->x.e.wall = secs * NS_PER_S + ns;
	if (n > 0)
		m->out->x.known |= FACT_MILLIS;
	return true;
}
