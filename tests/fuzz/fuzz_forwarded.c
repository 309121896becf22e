/* Forwarded and X-Forwarded-For, against a reading that is slow and plain; what
 * a proxy adds on the right holds whatever a client wrote to the left of it. */
#include <arpa/inet.h>
#include <regex.h>
#include <strings.h>

#include "http/forwarded.h"
#include "request_of.h"

static const int token; /* what the callback must be handed */

/* 10.0.0.0/8 and ::1 are trusted. */
static bool
trusts(const void *arg, const struct http_address *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	MUST(arg == &token);
	return a->version == ADDRESS_V4 ? a->addr[0] == 10
					: memcmp(a->addr, one, 16) == 0;
}

/* ---- the plain reading ---- */

/* What a field says: the last that is not an address that is trusted. */
struct said {
	enum forwarded_result result;
	struct http_address a;
};

static bool
plain_address(const char *s, size_t n, int family, struct http_address *a)
{
	char text[64];

	if (n >= sizeof(text))
		return false;
	(void)snprintf(text, sizeof(text), "%.*s", (int)n, s);
	*a = (struct http_address){ .version = family == AF_INET ? ADDRESS_V4
								 : ADDRESS_V6 };
	return inet_pton(family, text, a->addr) == 1;
}

/* Nothing, or a colon and a number. */
static bool
plain_port(const char *s, uint16_t *port)
{
	char again[8];

	if (*s == '\0')
		return true;
	*port = (uint16_t)strtoul(s + 1, NULL, 10);
	(void)snprintf(again, sizeof(again), ":%u", *port);
	return strcmp(s, again) == 0;
}

/* Every way to cut it into an address and a port is tried. */
static bool
plain_node(const char *s, bool bare_v6, struct http_address *a)
{
	size_t n = strlen(s);

	for (size_t cut = 0; cut <= n; cut++) {
		bool good = plain_address(s, cut, AF_INET, a);

		if (!good && cut == n && bare_v6)
			good = plain_address(s, cut, AF_INET6, a);
		if (!good && cut > 2 && s[0] == '[' && s[cut - 1] == ']')
			good = plain_address(s + 1, cut - 2, AF_INET6, a);
		if (good && plain_port(s + cut, &a->port))
			return true;
	}
	return false;
}

static void
plain_note(struct said *said, const char *s, size_t n, bool bare_v6)
{
	char *text = strndup(s, n);
	struct http_address a;

	MUST(text != NULL);
	if (!plain_node(text, bare_v6, &a))
		said->result = FORWARDED_BAD;
	else if (!trusts(&token, &a))
		*said = (struct said){ FORWARDED_FOUND, a };
	free(text);
}

static void
plain_list(struct said *said, char *line)
{
	char *rest = line;

	for (char *s; (s = strsep(&rest, ",")) != NULL;) {
		size_t n;

		s += strspn(s, " \t");
		for (n = strlen(s); n > 0 && strchr(" \t", s[n - 1]);)
			n--;
		if (n > 0)
			plain_note(said, s, n, true);
	}
}

#define TOKEN  "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
#define QUOTED "\"([^\"\\]|\\\\.)*\""
#define PAIR   "(" TOKEN ")=(" TOKEN "|" QUOTED ")"

static size_t
length_of(const regex_t *re, const char *s)
{
	regmatch_t m;

	return regexec(re, s, 1, &m, 0) == 0 ? (size_t)m.rm_eo : 0;
}

/* The element's pairs; whether just one is `for`. */
static bool
plain_element(struct said *said, const regex_t *pair, const char *s, size_t n)
{
	const char *end = s + n, *value = NULL;
	size_t value_n = 0;
	unsigned times = 0;

	while (s < end) {
		size_t length = length_of(pair, s);

		if (length >= 4 && strncasecmp(s, "for=", 4) == 0) {
			bool quoted = s[4] == '"';

			times++;
			value = s + 4 + quoted;
			value_n = length - 4 - 2 * quoted;
		}
		s += length;
		s += strspn(s, " \t;");
	}
	if (times != 1)
		return false;
	plain_note(said, value, value_n, false);
	return true;
}

/* A line of elements; what is malformed hides what follows it. */
static void
plain_elements(struct said *said, const char *s)
{
	static regex_t element, pair;
	static bool made;

	if (!made) {
		MUST(regcomp(&pair, "^" PAIR, REG_EXTENDED) == 0);
		MUST(regcomp(&element,
			 "^" PAIR "([ \t]*;[ \t]*" PAIR ")*[ \t]*(,|$)",
			 REG_EXTENDED) == 0);
		made = true;
	}
	for (s += strspn(s, " \t,"); *s != '\0'; s += strspn(s, " \t,")) {
		size_t n = length_of(&element, s);

		if (n == 0 ||
		    !plain_element(said, &pair, s, n - (s[n - 1] == ','))) {
			said->result = FORWARDED_BAD;
			return;
		}
		s += n;
	}
}

/* ---- what is compared ---- */

enum { LINES = 4 };
struct lines {
	enum field_id id[LINES];
	struct span value[LINES];
	int n;
};

static void
add_line(struct lines *l, enum field_id id, struct span value)
{
	l->id[l->n] = id;
	l->value[l->n++] = value;
}

/* False when these lines are none that a request can have. */
static bool
read_lines(const struct lines *l, struct said *said)
{
	static struct request_of q;
	const struct forwarded_trust trust = { trusts, &token };
	struct http_request r;
	char *copy;

	request_begin(&q, "GET");
	for (int i = 0; i < l->n; i++)
		request_field(&q, l->id[i], l->value[i]);
	if (!request_end(&q))
		return false;
	copy = copy_of(buf_span(&q.b));
	MUST(request_read(&r, &q.h, copy, NULL));
	*said = (struct said){ .a = { .version = 9 } };
	said->result = forwarded_read(&r, &trust, &said->a);
	MUST(said->result == FORWARDED_FOUND || said->a.version == 9);
	free(copy);
	return true;
}

static bool
same(const struct said *x, const struct said *y)
{
	return x->result == y->result &&
	    (x->result != FORWARDED_FOUND ||
		(address_same(&x->a, &y->a) && x->a.port == y->a.port));
}

static void
check_plain(const struct lines *l, const struct said *got)
{
	struct said f = { FORWARDED_NONE, { 0 } }, x = f;
	bool has_f = false, has_x = false;

	for (int i = 0; i < l->n; i++) {
		char *line = strndup(l->value[i].p, l->value[i].n);

		MUST(line != NULL);
		if (l->id[i] == FIELD_FORWARDED)
			has_f = true, plain_elements(&f, line);
		else
			has_x = true, plain_list(&x, line);
		free(line);
	}
	if (!has_f)
		f = x;
	else if (has_x &&
	    (f.result != x.result ||
		(f.result == FORWARDED_FOUND && !address_same(&f.a, &x.a))))
		f.result = FORWARDED_DIFFERS;
	/* two that are malformed may have named others before */
	if (has_f && has_x && f.result == FORWARDED_BAD)
		MUST(got->result == FORWARDED_BAD ||
		    got->result == FORWARDED_DIFFERS);
	else
		MUST(same(&f, got));
}

/* One line behind the other says what both joined say. */
static void
check_joined(enum field_id id, struct span a, struct span b)
{
	static char mem[8192];
	struct buf joined = buf_over(mem, sizeof(mem));
	struct lines l = { .n = 0 };
	struct said alone, two, one;

	add_line(&l, id, a);
	if (!read_lines(&l, &alone) ||
	    (id == FIELD_FORWARDED && alone.result == FORWARDED_BAD))
		return; /* its quotes may be open */
	add_line(&l, id, b);
	if (!read_lines(&l, &two))
		return;
	buf_put(&joined, a);
	buf_puts(&joined, ",");
	buf_put(&joined, b);
	l.n = 0;
	add_line(&l, id, buf_span(&joined));
	if (!joined.full && read_lines(&l, &one))
		MUST(same(&one, &two));
}

/* A line that names an address, written in one of the ways there are. */
static struct said
write_line(struct feed *f, enum field_id id, char *out, size_t cap)
{
	uint8_t how = feed_byte(f);
	bool v6 = how & 1, port = how & 2, quoted = v6 || port || how & 4;
	struct said said = { FORWARDED_FOUND, { 0 } };
	char text[INET6_ADDRSTRLEN], node[80], number[8] = "";

	said.a.version = v6 ? ADDRESS_V6 : ADDRESS_V4;
	for (int i = 0; i < (v6 ? 16 : 4); i++)
		said.a.addr[i] = feed_byte(f);
	if (port)
		said.a.port = (uint16_t)feed_number(f, 2);
	if (port)
		(void)snprintf(number, sizeof(number), ":%u", said.a.port);
	inet_ntop(v6 ? AF_INET6 : AF_INET, said.a.addr, text, sizeof(text));
	(void)snprintf(
	    node, sizeof(node), v6 ? "[%s]%s" : "%s%s", text, number);
	if (id == FIELD_X_FORWARDED_FOR)
		(void)snprintf(
		    out, cap, "%s", v6 && !port && how & 8 ? text : node);
	else
		(void)snprintf(out, cap, quoted ? "%s\"%s\"%s" : "%s%s%s",
		    how & 16 ? "proto=https; For=" : "for=", node,
		    how & 32 ? ";by=\"_a,;\\\"\"" : "");
	return said;
}

/* What a proxy adds holds, whatever it got. */
static void
check_added(struct feed *f, enum field_id id, struct span a)
{
	char text[160];
	struct said added = write_line(f, id, text, sizeof(text)), got;
	struct lines l = { .n = 0 };

	add_line(&l, id, a);
	add_line(&l, id, span_str(text));
	if (!trusts(&token, &added.a) && read_lines(&l, &got))
		MUST(same(&got, &added));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = { data, size };
	uint8_t which = feed_byte(&f);
	struct lines l = { .n = 0 };
	struct said got;

	for (int i = 0; i < LINES && f.n > 0; i++)
		add_line(&l,
		    which >> i & 1 ? FIELD_FORWARDED : FIELD_X_FORWARDED_FOR,
		    feed_line(&f));
	if (!read_lines(&l, &got))
		return 0;
	check_plain(&l, &got);
	if (l.n == 0)
		return 0;
	if (l.n > 1)
		check_joined(l.id[0], l.value[0], l.value[1]);
	f = (struct feed){ data, size };
	check_added(&f, l.id[0], l.value[0]);
	return 0;
}
