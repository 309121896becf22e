/* Values as text: what the file, the environment and the command line share. */
#include <arpa/inet.h>
#include <stdio.h>

#include "app/config_key.h"
#include "net/trust.h"
#include "base/num.h"

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit size_units[] = {
	{ "G", 1u << 30 },
	{ "M", 1u << 20 },
	{ "K", 1u << 10 },
	{ "", 1 },
	{ NULL, 0 },
};

static const struct unit duration_units[] = {
	{ "h", 3600000 },
	{ "m", 60000 },
	{ "s", 1000 },
	{ "ms", 1 },
	{ NULL, 0 },
};

/* Digits and one of the units, nothing between them. */
static bool
parse_scaled(struct span s, const struct unit *units, uint64_t *out)
{
	uint64_t v;
	size_t digits = 0;

	while (digits < s.n && ascii_is_digit(s.p[digits]))
		digits++;
	if (!num_dec(span_of(s.p, digits), &v))
		return false;
	for (const struct unit *u = units; u->name; u++) {
		if (!span_eq(span_skip(s, digits), span_str(u->name)))
			continue;
		if (__builtin_mul_overflow(v, u->factor, &v))
			return false;
		*out = v;
		return true;
	}
	return false;
}

bool
config_value_size(struct span s, uint64_t *bytes)
{
	return parse_scaled(s, size_units, bytes);
}

bool
config_value_duration(struct span s, uint64_t *ms)
{
	if (span_eq(s, SPAN("0"))) {
		*ms = 0;
		return true;
	}
	return parse_scaled(s, duration_units, ms);
}

bool
config_value_bool(struct span s, bool *out)
{
	if (!span_eq(s, SPAN("true")) && !span_eq(s, SPAN("false")))
		return false;
	*out = s.p[0] == 't';
	return true;
}

const struct config_word *
config_value_word(const struct config_word *words, struct span s)
{
	for (const struct config_word *w = words; w && w->name; w++)
		if (span_eq(s, span_str(w->name)))
			return w;
	return NULL;
}

/* Ends in NULL. */
static bool
is_one_of(struct span s, const char *const *names)
{
	for (; *names; names++)
		if (span_eq_nocase(s, span_str(*names)))
			return true;
	return false;
}

const char *
config_value_synonym(const struct config_word *words, struct span typed)
{
	static const char *const yes[] = { "true", "yes", "on", "1", "always",
		"allow", "y", NULL };
	static const char *const no[] = { "false", "no", "off", "0", "never",
		"deny", "n", NULL };
	const char *const *class = is_one_of(typed, yes) ? yes
	    : is_one_of(typed, no)			 ? no
							 : NULL;

	if (class == NULL)
		return NULL;
	for (const struct config_word *w = words; w && w->name; w++)
		if (is_one_of(span_str(w->name), class))
			return w->name;
	return NULL;
}

static void
put_scaled(struct buf *b, uint64_t v, const struct unit *u)
{
	while (u->factor > 1 && v % u->factor != 0)
		u++;
	buf_putu(b, v / u->factor);
	buf_puts(b, u->name);
}

void
config_put_size(struct buf *b, uint64_t bytes)
{
	if (bytes == 0)
		buf_putc(b, '0');
	else
		put_scaled(b, bytes, size_units);
}

void
config_put_duration(struct buf *b, uint64_t ms)
{
	if (ms == 0)
		buf_putc(b, '0');
	else
		put_scaled(b, ms, duration_units);
}

void
config_put_number(struct buf *b, const struct config_key *k, uint64_t value)
{
	for (const struct config_word *w = k->words; w && w->name; w++) {
		if (w->value == value) {
			buf_puts(b, w->name);
			return;
		}
	}
	switch (k->type) {
	case CONFIG_BOOL:
		buf_puts(b, value ? "true" : "false");
		break;
	case CONFIG_SIZE:
		config_put_size(b, value);
		break;
	case CONFIG_DURATION:
		config_put_duration(b, value);
		break;
	default:
		buf_putu(b, value);
		break;
	}
}

bool
config_is_made_of(struct span s, const char *more)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = ascii_lower(s.p[i]);

		if (!ascii_is_digit(c) && !(c >= 'a' && c <= 'z') &&
		    (c == '\0' || strchr(more, c) == NULL))
			return false;
	}
	return s.n > 0;
}

static bool
parse_port(struct span s, uint16_t *port)
{
	uint64_t v;

	if (s.n > 5 || !num_dec(s, &v) || v > UINT16_MAX)
		return false;
	*port = (uint16_t)v;
	return true;
}

/* The zone (RFC 4007 11) names an interface and is not looked up here. */
static bool
is_v6(const char *host)
{
	char address[INET6_ADDRSTRLEN];
	struct in6_addr in;
	size_t n = strcspn(host, "%");

	if (n >= sizeof(address) || (host[n] == '%' && host[n + 1] == '\0'))
		return false;
	memcpy(address, host, n);
	address[n] = '\0';
	return inet_pton(AF_INET6, address, &in) == 1;
}

static bool
is_v4_or_name(const char *host)
{
	struct in_addr in;

	if (host[0] == '\0')
		return true;
	if (strspn(host, "0123456789.") == strlen(host))
		return inet_pton(AF_INET, host, &in) == 1;
	/* Words of listen entries of other kinds. */
	if (strcmp(host, "unix") == 0 || strcmp(host, "fd") == 0)
		return false;
	return config_is_made_of(span_str(host), ".-_");
}

bool
config_listen_parse(const char *entry, struct config_listen *out)
{
	struct config_listen l = { 0 };
	const char *colon = strrchr(entry, ':');
	size_t n;

	if (colon == NULL || !parse_port(span_str(colon + 1), &l.port))
		return false;
	n = (size_t)(colon - entry);
	if (n >= 2 && entry[0] == '[' && entry[n - 1] == ']') {
		l.v6 = true;
		entry++;
		n -= 2;
	}
	if (n >= sizeof(l.host))
		return false;
	memcpy(l.host, entry, n);
	if (l.v6 ? !is_v6(l.host) : !is_v4_or_name(l.host))
		return false;
	*out = l;
	return true;
}

bool
config_is_authority(struct span s)
{
	const char *colon = s.n ? memrchr(s.p, ':', s.n) : NULL;
	const char *bracket = s.n ? memrchr(s.p, ']', s.n) : NULL;
	bool has_port = colon != NULL && (bracket == NULL || colon > bracket);
	char entry[320];
	struct buf b = buf_over(entry, sizeof(entry));
	struct config_listen l;

	/* A zone has no place in an address that others are to use. */
	if (s.n == 0 || memchr(s.p, '%', s.n) || memchr(s.p, '\0', s.n))
		return false;
	buf_put(&b, s);
	buf_puts(&b, has_port ? "" : ":1");
	return config_listen_parse(buf_cstr(&b), &l) && !b.full &&
	    l.host[0] != '\0';
}

const char *
config_wrong_listen(struct span s)
{
	char entry[320];
	struct config_listen l;

	if (s.n < sizeof(entry)) {
		memcpy(entry, s.p, s.n);
		entry[s.n] = '\0';
		if (config_listen_parse(entry, &l))
			return NULL;
	}
	return "an address to listen on (use 127.0.0.1:8000, '[::1]:8000' or "
	       ":8000 for every address)";
}

bool
config_has_control(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F)
			return true;
	return false;
}

static bool
is_segment(struct span s)
{
	return s.n > 0 && s.n < 256 && memchr(s.p, '/', s.n) == NULL &&
	    !config_has_control(s);
}

const char *
config_wrong_file_name(struct span s)
{
	if (is_segment(s) && !span_eq(s, SPAN(".")) && !span_eq(s, SPAN("..")))
		return NULL;
	return "a file name (such as index.html, no folder)";
}

const char *
config_wrong_pattern(struct span s)
{
	return is_segment(s) ? NULL
			     : "a pattern for one name (such as *.bak, no /)";
}

const char *
config_wrong_host(struct span s)
{
	return config_is_made_of(s, ".-_") && s.n < 256
	    ? NULL
	    : "a host name (such as example.org, no port)";
}

const char *
config_wrong_network(struct span s)
{
	return trust_add(NULL, s)
	    ? NULL
	    : "a network (10.0.0.0/8, 2001:db8::/32) or an address; no bit "
	      "may be set behind the prefix";
}

const char *
config_wrong_folder(struct span s)
{
	return s.n > 0 && s.n < LIMIT_PATH && memchr(s.p, '\0', s.n) == NULL
	    ? NULL
	    : "a path";
}

/* Names as useradd(8) takes them, or numbers. */
const char *
config_wrong_user(struct span s)
{
	const char *colon = s.n ? memchr(s.p, ':', s.n) : NULL;
	size_t n = colon ? (size_t)(colon - s.p) : s.n;

	if (n < 256 && s.n < 512 && config_is_made_of(span_of(s.p, n), "._-") &&
	    (colon == NULL || config_is_made_of(span_skip(s, n + 1), "._-")))
		return NULL;
	return "a user (name, name:group, or null for none)";
}

/* RFC 9110 5.6.2. */
#define TOKEN_SIGNS "!#$%&'*+-.^_`|~"

const char *
config_wrong_charset(struct span s)
{
	return config_is_made_of(s, TOKEN_SIGNS) && s.n <= LIMIT_CHARSET
	    ? NULL
	    : "the name of a charset (such as utf-8, or null for none)";
}

/* type/subtype, perhaps with parameters (RFC 9110 8.3.1). */
const char *
config_wrong_media(struct span s)
{
	const char *semicolon = s.n ? memchr(s.p, ';', s.n) : NULL;
	struct span type =
	    semicolon ? span_of(s.p, (size_t)(semicolon - s.p)) : s;
	const char *slash = s.n ? memchr(type.p, '/', type.n) : NULL;

	if (slash &&
	    config_is_made_of(
		span_of(s.p, (size_t)(slash - s.p)), TOKEN_SIGNS) &&
	    config_is_made_of(
		span_trim(span_skip(type, (size_t)(slash - s.p) + 1)),
		TOKEN_SIGNS) &&
	    config_wrong_field(s) == NULL && s.n <= LIMIT_MEDIA_TYPE)
		return NULL;
	return "a media type (such as text/plain)";
}

/* Goes into a response head: nothing that could begin another field. */
const char *
config_wrong_field(struct span s)
{
	bool right =
	    s.n > 0 && s.n <= 256 && s.p[0] != ' ' && s.p[s.n - 1] != ' ';

	for (size_t i = 0; i < s.n; i++)
		right &= s.p[i] >= 0x20 && s.p[i] <= 0x7E;
	return right ? NULL
		     : "a field value (printable ASCII, such as no-cache, or "
		       "null for none)";
}
