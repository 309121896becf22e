#include "app/probe_url.h"

#include "base/buf.h"
#include "base/num.h"

static bool
copy(char *out, size_t cap, struct span s)
{
	struct buf b = buf_over(out, cap);

	buf_put(&b, s);
	buf_putc(&b, '\0');
	return !b.full;
}

static size_t
find_any(struct span s, const char *set)
{
	size_t i = 0;

	while (i < s.n && (s.p[i] == '\0' || strchr(set, s.p[i]) == NULL))
		i++;
	return i;
}

static bool
all_of(struct span s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_digit(s.p[i]) &&
		    strchr(set, ascii_lower(s.p[i])) == NULL)
			return false;
	return s.n > 0;
}

static const char *
read_port(struct probe_url *u, struct span s)
{
	uint64_t port;

	if (!num_dec(s, &port) || port == 0 || port > 65535)
		return "the port is a number from 1 to 65535";
	struct buf b = buf_over(u->port, sizeof(u->port));
	buf_putu(&b, port);
	buf_putc(&b, '\0');
	return NULL;
}

/* host[:port] (RFC 3986 3.2), without user information. */
static const char *
read_authority(struct probe_url *u, struct span s)
{
	struct span host, port = SPAN("80"), full = s;
	const char *letters = "abcdefghijklmnopqrstuvwxyz-._~";
	size_t end;

	if (memchr(s.p, '@', s.n) != NULL)
		return "a user name in the URL is not sent by this client";
	if (s.n && s.p[0] == '[') {
		end = find_any(s, "]");
		if (end == s.n)
			return "the ] after the IPv6 address is missing";
		host = span_of(s.p + 1, end - 1);
		s = span_skip(s, end + 1);
		letters = "abcdef:.";
	} else {
		end = find_any(s, ":");
		host = span_of(s.p, end);
		s = span_skip(s, end);
	}
	if (s.n && s.p[0] != ':')
		return "after the host comes :port or /path";
	if (s.n)
		port = span_skip(s, 1);
	const char *wrong = read_port(u, port);
	if (wrong != NULL)
		return wrong;

	char local[sizeof("127.0.0.1:65535")];
	if (host.n == 0 && s.n) { /* ":8000" */
		struct buf b = buf_over(local, sizeof(local));

		host = SPAN("127.0.0.1");
		buf_put(&b, host);
		buf_putc(&b, ':');
		buf_put(&b, span_of(u->port, strlen(u->port)));
		full = buf_span(&b);
	}
	if (!all_of(host, letters))
		return "the host is missing, or is not a name or an address";
	if (!copy(u->host, sizeof(u->host), host) ||
	    !copy(u->authority, sizeof(u->authority), full))
		return "the host is too long";
	return NULL;
}

static const char *
read_target(struct probe_url *u, struct span s)
{
	struct buf b = buf_over(u->target, sizeof(u->target));

	s.n = find_any(s, "#");
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return "write blanks and non-ASCII bytes of the path "
			       "as %XX";
	if (s.n == 0 || s.p[0] != '/')
		buf_putc(&b, '/');
	buf_put(&b, s);
	buf_putc(&b, '\0');
	return b.full ? "the path is too long" : NULL;
}

const char *
probe_url_parse(struct probe_url *u, const char *text)
{
	const struct span scheme = SPAN("http://");
	struct span s = span_str(text), site = span_str(PROBE_URL_DEFAULT);
	const char *mark = strstr(text, "://");
	size_t path;

	if (s.n >= scheme.n && span_eq_nocase(span_of(s.p, scheme.n), scheme)) {
		s = span_skip(s, scheme.n);
	} else if (mark != NULL && (size_t)(mark - text) < find_any(s, "/?#")) {
		return "only http:// is spoken here";
	} else if (s.n && s.p[0] == '/') {
		site = span_skip(site, scheme.n);
		site.n = find_any(site, "/");
		const char *wrong = read_authority(u, site);
		return wrong != NULL ? wrong : read_target(u, s);
	}
	path = find_any(s, "/?#");
	const char *wrong = read_authority(u, span_of(s.p, path));
	return wrong != NULL ? wrong : read_target(u, span_skip(s, path));
}
