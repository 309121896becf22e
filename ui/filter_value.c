/* What stands behind an operator: numbers with units, addresses. */
#include <arpa/inet.h>

#include "base/clock.h"
#include "base/num.h"
#include "ui/filter_parts.h"

/* Whole and fraction of "12.5", in thousandths; *rest is what follows. */
static bool
take_number(struct span s, uint64_t *milli, struct span *rest)
{
	size_t n = 0;
	uint64_t unit = 1000;
	uint64_t v = 0;

	while (n < s.n && ascii_is_digit(s.p[n]))
		n++;
	if (!num_dec(span_of(s.p, n), &v) || v > UINT64_MAX / 1000)
		return false;
	v *= 1000;
	if (n < s.n && s.p[n] == '.') {
		size_t digits = n + 1;

		for (; digits < s.n && ascii_is_digit(s.p[digits]); digits++) {
			unit /= 10;
			v += unit * (uint64_t)(s.p[digits] - '0');
		}
		if (digits == n + 1)
			return false;
		n = digits;
	}
	*milli = v;
	*rest = span_skip(s, n);
	return true;
}

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit sizes[] = {
	{ "", 1 },
	{ "B", 1 },
	{ "K", 1u << 10 },
	{ "KB", 1u << 10 },
	{ "KiB", 1u << 10 },
	{ "M", 1u << 20 },
	{ "MB", 1u << 20 },
	{ "MiB", 1u << 20 },
	{ "G", 1u << 30 },
	{ "GB", 1u << 30 },
	{ "GiB", 1u << 30 },
	{ "T", 1ull << 40 },
	{ "TB", 1ull << 40 },
	{ "TiB", 1ull << 40 },
	{ NULL, 0 },
};

static const struct unit times[] = {
	{ "", NS_PER_MS },
	{ "ns", 1 },
	{ "us", NS_PER_US },
	{ "ms", NS_PER_MS },
	{ "s", NS_PER_S },
	{ "m", 60 * NS_PER_S },
	{ "min", 60 * NS_PER_S },
	{ NULL, 0 },
};

static bool
take_measure(struct span s, const struct unit *units, uint64_t *out)
{
	struct span rest;
	uint64_t milli;

	if (!take_number(s, &milli, &rest))
		return false;
	for (; units->name; units++) {
		if (!span_eq_nocase(rest, span_str(units->name)))
			continue;
		/* thousandths of one byte are none */
		if (milli / 1000 > UINT64_MAX / 2 / units->factor)
			return false;
		*out = milli / 1000 * units->factor +
		    milli % 1000 * units->factor / 1000;
		return true;
	}
	return false;
}

/* "4xx": 400 to 499. */
static bool
take_class(struct span s, uint64_t *low, uint64_t *high)
{
	if (s.n != 3 || s.p[0] < '1' || s.p[0] > '9' ||
	    !span_eq_nocase(span_skip(s, 1), SPAN("xx")))
		return false;
	*low = (uint64_t)(s.p[0] - '0') * 100;
	*high = *low + 99;
	return true;
}

static bool
take_version(struct span s, uint64_t *v)
{
	if (s.n > 5 && span_eq_nocase(span_of(s.p, 5), SPAN("HTTP/")))
		s = span_skip(s, 5);
	if (s.n != 3 || !ascii_is_digit(s.p[0]) || s.p[1] != '.' ||
	    !ascii_is_digit(s.p[2]))
		return false;
	*v = (uint64_t)(s.p[0] - '0') * 10 + (uint64_t)(s.p[2] - '0');
	return true;
}

bool
filter_take_value(
    const struct filter_key *key, struct span s, uint64_t *low, uint64_t *high)
{
	bool ok;

	switch ((enum key_form)key->form) {
	case FORM_STATUS:
		if (take_class(s, low, high))
			return true;
		if (span_eq_nocase(s, SPAN("none"))) {
			*low = *high = 0;
			return true;
		}
		ok = s.n <= 3 && num_dec(s, low);
		break;
	case FORM_SIZE:
		ok = take_measure(s, sizes, low);
		break;
	case FORM_TIME:
		ok = take_measure(s, times, low);
		break;
	case FORM_VERSION:
		ok = take_version(s, low);
		break;
	default:
		ok = num_dec(s, low);
	}
	*high = *low;
	return ok;
}

/* The leading octets of "10.0.0." or "10.0.0.7". */
static bool
take_octets(struct filter_term *t, struct span s)
{
	unsigned n = 0;

	while (s.n) {
		const char *dot = memchr(s.p, '.', s.n);
		size_t digits = dot ? (size_t)(dot - s.p) : s.n;
		uint64_t v;

		if (n == 4 || !num_dec(span_of(s.p, digits), &v) || v > 255)
			return false;
		t->addr[n++] = (uint8_t)v;
		/* without a dot behind it, a part may go on: 10.1 is 10.17 */
		if ((dot == NULL) != (n == 4))
			return false;
		s = span_skip(s, dot ? digits + 1 : digits);
	}
	t->family = AF_INET;
	t->bits = (uint8_t)(8 * n);
	return n > 0;
}

/* "192.0.2.0/24", "::1", "2001:db8::/32" */
static bool
take_network(struct filter_term *t, struct span s)
{
	const char *slash = memchr(s.p, '/', s.n);
	size_t n = slash ? (size_t)(slash - s.p) : s.n;
	char text[INET6_ADDRSTRLEN];
	uint64_t bits;

	if (n >= sizeof(text))
		return false;
	memcpy(text, s.p, n);
	text[n] = '\0';
	t->family = memchr(s.p, ':', n) ? AF_INET6 : AF_INET;
	if (inet_pton(t->family, text, t->addr) != 1)
		return false;
	bits = t->family == AF_INET ? 32 : 128;
	if (slash) {
		uint64_t given;

		if (!num_dec(span_skip(s, n + 1), &given) || given > bits)
			return false;
		bits = given;
	}
	t->bits = (uint8_t)bits;
	return true;
}

bool
filter_take_address(struct filter_term *t, struct span s)
{
	return take_octets(t, s) || take_network(t, s);
}
