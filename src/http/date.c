#include "http/date.h"

enum {
	SECS_PER_DAY = 86400,
	DAYS_PER_ERA = 146097, /* 400 years */
	DAYS_TO_1970 = 719468, /* from 0000-03-01 */
};

/* 0001-01-01 00:00:00 and 9999-12-31 23:59:59 */
#define SECS_MIN (-62135596800)
#define SECS_MAX 253402300799

static const char sample[] = "Sun, 06 Nov 1994 08:49:37 GMT";
_Static_assert(sizeof(sample) - 1 == DATE_LEN, "the length of every date");

static const char sample_iso[] = "1994-11-06T08:49:37Z";
_Static_assert(sizeof(sample_iso) - 1 == DATE_ISO_LEN, "likewise");

struct civil {
	int64_t year;
	unsigned month; /* 1 to 12 */
	unsigned day;	/* 1 to 31 */
	unsigned hour;
	unsigned minute;
	unsigned second;
};

static const char weekdays[][10] = { "Sunday", "Monday", "Tuesday", "Wednesday",
	"Thursday", "Friday", "Saturday" };

static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

/* Days since 1970-01-01, proleptic Gregorian.  A year is counted from March,
 * so that the leap day is its last: then months have a regular length. */
static int64_t
days_of(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year =
	    (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + (int64_t)day -
	    1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 -
	    year_of_era / 100 + day_of_year;
	return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

static int64_t
secs_of(const struct civil *c)
{
	return days_of(c->year, c->month, c->day) * SECS_PER_DAY +
	    (int64_t)c->hour * 3600 + (int64_t)c->minute * 60 + c->second;
}

/* The inverse; `secs` within the years 0001 to 9999. */
static struct civil
civil_of(int64_t secs)
{
	int64_t since = secs + (int64_t)DAYS_TO_1970 * SECS_PER_DAY;
	unsigned second = (unsigned)(since % SECS_PER_DAY);
	int64_t era = since / SECS_PER_DAY / DAYS_PER_ERA;
	unsigned doe = (unsigned)(since / SECS_PER_DAY % DAYS_PER_ERA);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned march = (5 * doy + 2) / 153; /* months since March */

	struct civil c = {
		.year = era * 400 + yoe + (march >= 10),
		.month = march < 10 ? march + 3 : march - 9,
		.day = doy - (153 * march + 2) / 5 + 1,
		.hour = second / 3600,
		.minute = second / 60 % 60,
		.second = second % 60,
	};
	return c;
}

static int64_t
clamp(int64_t secs)
{
	if (secs < SECS_MIN)
		return SECS_MIN;
	return secs > SECS_MAX ? SECS_MAX : secs;
}

static void
put_number(char *at, unsigned digits, unsigned v)
{
	while (digits-- > 0) {
		at[digits] = (char)('0' + v % 10);
		v /= 10;
	}
}

void
date_format(char out[DATE_LEN], int64_t secs)
{
	secs = clamp(secs);
	struct civil c = civil_of(secs);
	/* 0001-01-01 was a Monday */
	int64_t weekday = ((secs - SECS_MIN) / SECS_PER_DAY + 1) % 7;

	memcpy(out, sample, sizeof(sample) - 1);
	memcpy(out, weekdays[weekday], 3);
	put_number(out + 5, 2, c.day);
	memcpy(out + 8, months[c.month - 1], 3);
	put_number(out + 12, 4, (unsigned)c.year);
	put_number(out + 17, 2, c.hour);
	put_number(out + 20, 2, c.minute);
	put_number(out + 23, 2, c.second);
}

void
date_format_iso(char out[DATE_ISO_LEN], int64_t secs)
{
	struct civil c = civil_of(clamp(secs));

	memcpy(out, sample_iso, sizeof(sample_iso) - 1);
	put_number(out, 4, (unsigned)c.year);
	put_number(out + 5, 2, c.month);
	put_number(out + 8, 2, c.day);
	put_number(out + 11, 2, c.hour);
	put_number(out + 14, 2, c.minute);
	put_number(out + 17, 2, c.second);
}

/* Whether `s` has the shape: '9' stands for a digit, '*' for any byte. */
static bool
shaped(struct span s, struct span shape)
{
	if (s.n != shape.n)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char want = shape.p[i];
		if (want == '9' ? !ascii_is_digit(s.p[i])
				: want != '*' && want != s.p[i])
			return false;
	}
	return true;
}

static unsigned
number_at(const char *p, unsigned digits)
{
	unsigned v = 0;
	while (digits-- > 0)
		v = v * 10 + (unsigned)(*p++ - '0');
	return v;
}

/* The month, 1 to 12, whose name is at `p`, or 0. */
static unsigned
month_at(const char *p)
{
	for (unsigned i = 0; i < 12; i++)
		if (memcmp(p, months[i], 3) == 0)
			return i + 1;
	return 0;
}

/* Whether a weekday's name is at `p`, the first `n` bytes of it (0: all).
 * Which one is not compared with the date: it adds nothing, RFC 9110 5.6.7
 * asks for robustness, and other servers do not compare it either. */
static bool
weekday_is(struct span s, size_t n)
{
	for (size_t i = 0; i < 7; i++) {
		struct span name = span_str(weekdays[i]);
		if (span_eq(s, span_of(name.p, n ? n : name.n)))
			return true;
	}
	return false;
}

/* "08:49:37", of the right shape. */
static void
read_time(struct civil *c, const char *p)
{
	c->hour = number_at(p, 2);
	c->minute = number_at(p + 3, 2);
	c->second = number_at(p + 6, 2);
}

static bool
read_imf(struct civil *c, struct span s)
{
	if (!shaped(s, SPAN("***, 99 *** 9999 99:99:99 GMT")) ||
	    !weekday_is(span_of(s.p, 3), 3))
		return false;
	c->day = number_at(s.p + 5, 2);
	c->month = month_at(s.p + 8);
	c->year = number_at(s.p + 12, 4);
	read_time(c, s.p + 17);
	return true;
}

static bool
read_asctime(struct civil *c, struct span s)
{
	if (!shaped(s, SPAN("*** *** *9 99:99:99 9999")) ||
	    !weekday_is(span_of(s.p, 3), 3))
		return false;
	if (s.p[8] == ' ')
		c->day = number_at(s.p + 9, 1);
	else if (ascii_is_digit(s.p[8]))
		c->day = number_at(s.p + 8, 2);
	else
		return false;
	c->month = month_at(s.p + 4);
	read_time(c, s.p + 11);
	c->year = number_at(s.p + 20, 4);
	return true;
}

/* The latest year that ends in these two digits and does not put the date
 * more than 50 years after `now`. */
static int64_t
century_for(struct civil c, unsigned two_digits, int64_t now)
{
	struct civil limit = civil_of(clamp(now));
	limit.year += 50;
	c.year = limit.year - limit.year % 100 + two_digits;
	if (secs_of(&c) > secs_of(&limit))
		c.year -= 100;
	return c.year;
}

static bool
read_rfc850(struct civil *c, struct span s, int64_t now)
{
	const char *comma = s.n ? memchr(s.p, ',', s.n) : NULL;
	if (!comma)
		return false;
	size_t name = (size_t)(comma - s.p);
	s = span_skip(s, name);
	if (!shaped(s, SPAN(", 99-***-99 99:99:99 GMT")) ||
	    !weekday_is(span_of(comma - name, name), 0))
		return false;
	c->day = number_at(s.p + 2, 2);
	c->month = month_at(s.p + 5);
	read_time(c, s.p + 12);
	if (c->month == 0)
		return false;
	c->year = century_for(*c, number_at(s.p + 9, 2), now);
	return true;
}

static unsigned
days_in_month(int64_t year, unsigned month)
{
	if (month == 12)
		return 31;
	return (
	    unsigned)(days_of(year, month + 1, 1) - days_of(year, month, 1));
}

/* There was no year 0, and seconds are inserted only at the end of a day. */
static bool
exists(const struct civil *c)
{
	if (c->year < 1 || c->month < 1 || c->day < 1 ||
	    c->day > days_in_month(c->year, c->month))
		return false;
	if (c->second == 60)
		return c->hour == 23 && c->minute == 59;
	return c->hour < 24 && c->minute < 60 && c->second < 60;
}

bool
date_parse(struct span s, int64_t now, int64_t *secs)
{
	struct civil c = { 0 };

	if (!read_imf(&c, s) && !read_rfc850(&c, s, now) &&
	    !read_asctime(&c, s))
		return false;
	if (!exists(&c))
		return false;
	*secs = secs_of(&c);
	return true;
}
