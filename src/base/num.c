#include "base/num.h"

#include <stdio.h>

bool
num_dec(struct span s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_is_digit(s.p[i]))
			return false;

		unsigned digit = (unsigned)(s.p[i] - '0');

		if (v > (UINT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*out = v;
	return true;
}

bool
num_hex(struct span s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int digit = num_hexdigit(s.p[i]);

		if (digit < 0 || v >> 60)
			return false;
		v = v << 4 | (unsigned)digit;
	}
	*out = v;
	return true;
}

int
num_hexdigit(char c)
{
	char low = ascii_lower(c);

	if (ascii_is_digit(c))
		return c - '0';
	if (low >= 'a' && low <= 'f')
		return low - 'a' + 10;
	return -1;
}

/* Rounded down, so that nothing is said to be more than it is. */
void
num_human(char out[8], uint64_t bytes)
{
	static const char units[] = " KMGTPE";
	unsigned unit = 0;
	unsigned rest = 0;

	while (bytes >= 1024) {
		rest = (unsigned)(bytes & 1023);
		bytes >>= 10;
		unit++;
	}

	unsigned whole = (unsigned)(bytes & 1023);

	if (unit == 0)
		snprintf(out, 8, "%u", whole);
	else if (whole >= 100)
		snprintf(out, 8, "%u%c", whole, units[unit]);
	else
		snprintf(out, 8, "%u.%u%c", whole, rest * 10 / 1024 % 10,
		    units[unit]);
}
