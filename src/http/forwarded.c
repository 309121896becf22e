#include "http/forwarded.h"

#include "http/token.h"

/* What the elements so far, from the left, have come to. */
struct reading {
	const struct forwarded_trust *trust;
	enum forwarded_result result;
	struct http_address last;
};

/* address, v4:port, [v6] or [v6]:port.  False when it is none of these. */
static bool
forwarded_read_node(struct span s, bool bare_v6, struct http_address *a)
{
	const char *end;
	struct span port = { NULL, 0 };

	if (s.n != 0 && s.p[0] == '[') {
		end = memchr(s.p, ']', s.n);
		if (end == NULL)
			return false;
		port = span_skip(s, (size_t)(end - s.p) + 1);
		if (!address_read(span_of(s.p + 1, (size_t)(end - s.p) - 1), a))
			return false;
		if (a->version != ADDRESS_V6)
			return false;
	} else if (bare_v6 && address_read(s, a)) {
		return true;
	} else {
		end = s.n != 0 ? memchr(s.p, ':', s.n) : NULL;
		if (end != NULL) {
			port = span_skip(s, (size_t)(end - s.p));
			s.n -= port.n;
		}
		/* without a colon it is no IPv6 address */
		if (!address_read(s, a))
			return false;
	}
	if (port.n == 0)
		return true;
	return port.p[0] == ':' &&
	    address_read_port(span_skip(port, 1), &a->port);
}

/* The next element, from the left. */
static void
forwarded_note(struct reading *g, bool good, const struct http_address *a)
{
	if (!good) {
		g->result = FORWARDED_BAD;
	} else if (!g->trust->has(g->trust->arg, a)) {
		g->result = FORWARDED_FOUND;
		g->last = *a;
	}
}

static void
forwarded_read_list(struct reading *g, struct span list)
{
	struct http_address a;
	struct span member;

	while (list_next(&list, &member))
		if (member.n != 0)
			forwarded_note(
			    g, forwarded_read_node(member, true, &a), &a);
}

/* Take `name=value` with the value's quotes taken off; false when it is no
 * such pair. */
static bool
forwarded_take_pair(struct span *s, struct span *name, struct span *value)
{
	size_t n = token_length(*s);

	*name = span_of(s->p, n);
	if (n == 0 || n == s->n || s->p[n] != '=')
		return false;
	*s = span_skip(*s, n + 1);
	n = token_length(*s);
	*value = span_of(s->p, n);
	if (n == 0) {
		n = token_quoted_length(*s);
		if (n == 0)
			return false;
		*value = span_of(s->p + 1, n - 2);
	}
	*s = span_trim(span_skip(*s, n));
	return true;
}

/* Take an element up to its comma, with the value of its `for`, of which there
 * must be one.  False when it is malformed: then nobody knows where it ends. */
static bool
forwarded_take_element(struct span *s, struct span *node)
{
	struct span name, value;
	unsigned times = 0;

	do {
		if (!forwarded_take_pair(s, &name, &value))
			return false;
		if (span_eq_nocase(name, SPAN("for"))) {
			*node = value;
			times++;
		}
		if (s->n == 0 || s->p[0] != ';')
			break;
		*s = span_trim(span_skip(*s, 1));
	} while (true);
	return times == 1 && (s->n == 0 || s->p[0] == ',');
}

static void
forwarded_read_elements(struct reading *g, struct span s)
{
	struct http_address a;
	struct span node;

	for (s = span_trim(s); s.n != 0; s = span_trim(s)) {
		if (s.p[0] == ',') {
			s = span_skip(s, 1);
			continue;
		}
		if (!forwarded_take_element(&s, &node)) {
			g->result = FORWARDED_BAD;
			return;
		}
		forwarded_note(g, forwarded_read_node(node, false, &a), &a);
	}
}

static void
forwarded_read_field(
    struct reading *g, const struct http_request *r, enum field_id id)
{
	struct span value;

	for (int i = 0; request_each(r, id, &i, &value);)
		if (id == FIELD_FORWARDED)
			forwarded_read_elements(g, value);
		else
			forwarded_read_list(g, value);
}

enum forwarded_result
forwarded_read(const struct http_request *r,
    const struct forwarded_trust *trust, struct http_address *out)
{
	struct reading g = { .trust = trust }, x = { .trust = trust };

	forwarded_read_field(&g, r, FIELD_FORWARDED);
	forwarded_read_field(&x, r, FIELD_X_FORWARDED_FOR);
	if (request_count(r, FIELD_FORWARDED) == 0)
		g = x;
	else if (request_count(r, FIELD_X_FORWARDED_FOR) != 0 &&
	    (g.result != x.result || !address_same(&g.last, &x.last)))
		return FORWARDED_DIFFERS;
	if (g.result == FORWARDED_FOUND)
		*out = g.last;
	return g.result;
}
