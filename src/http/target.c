#include "http/target.h"

#include "base/num.h"

/* One byte of the path, decoded.  REASON_NONE and the number of raw bytes in
 * *used, or why it is refused. */
static enum reason_id
target_byte(struct span raw, size_t at, char *out, size_t *used)
{
	int high, low;
	char c = raw.p[at];

	*used = 1;
	*out = c;
	if (c != '%')
		return target_is_control(c) ? REASON_PATH_CONTROL : REASON_NONE;
	high = raw.n - at >= 3 ? num_hexdigit(raw.p[at + 1]) : -1;
	low = raw.n - at >= 3 ? num_hexdigit(raw.p[at + 2]) : -1;
	if (high < 0 || low < 0)
		return REASON_PATH_BAD_ESCAPE;
	*used = 3;
	*out = (char)(high * 16 + low);
	if (*out == '\0')
		return REASON_PATH_NUL;
	if (*out == '/')
		return REASON_PATH_SLASH;
	if (target_is_control(*out))
		return REASON_PATH_CONTROL;
	return REASON_NONE;
}

/* The segment s[from..n) is complete: take a dot segment away (RFC 3986
 * 5.2.4).  s[from - 1] is '/'.  False when ".." would leave the root. */
static bool
target_end_segment(struct target_path *t, size_t from)
{
	size_t n = t->n - from;

	if (n == 1 && t->s[from] == '.') {
		t->n = (uint16_t)from;
	} else if (n == 2 && t->s[from] == '.' && t->s[from + 1] == '.') {
		if (from == 1)
			return false;
		t->n = (uint16_t)(from - 1);
		while (t->s[t->n - 1] != '/')
			t->n--;
	}
	return true;
}

/* Offset behind the last '/': where the open segment begins. */
static size_t
target_segment(const struct target_path *t)
{
	size_t n = t->n;

	while (t->s[n - 1] != '/')
		n--;
	return n;
}

enum reason_id
target_decode(struct span raw, struct target_path *out, size_t *at)
{
	size_t i, used, segment;

	out->n = 0;
	out->s[out->n++] = '/';
	i = segment = raw.n && raw.p[0] == '/';
	for (; i < raw.n; i += used) {
		char c;
		enum reason_id why = target_byte(raw, i, &c, &used);

		*at = i;
		if (why != REASON_NONE)
			return why;
		if (c == '/') {
			if (!target_end_segment(out, target_segment(out)))
				return *at = segment, REASON_PATH_ABOVE;
			segment = i + 1;
			if (out->s[out->n - 1] == '/')
				continue;
		}
		if (out->n == sizeof(out->s) - 1)
			return *at = sizeof(out->s) - 1, REASON_PATH_LONG;
		out->s[out->n++] = c;
	}
	if (!target_end_segment(out, target_segment(out)))
		return *at = segment, REASON_PATH_ABOVE;
	out->s[out->n] = '\0';
	out->folder = out->s[out->n - 1] == '/';
	return REASON_NONE;
}
