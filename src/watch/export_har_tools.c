/* Values of a HAR. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/printable.h"
#include "watch/export_har_parts.h"

void
har_put(struct har *h, json_t *to, const char *key, json_t *value)
{
	if (json_object_set_new(to, key, value) < 0)
		h->failed = true;
}

void
har_append(struct har *h, json_t *to, json_t *value)
{
	if (json_array_append_new(to, value) < 0)
		h->failed = true;
}

json_t *
har_array(struct har *h)
{
	json_t *a = json_array();

	h->failed |= a == NULL;
	return a;
}

json_t *
har_object(struct har *h)
{
	json_t *o = json_object();

	h->failed |= o == NULL;
	return o;
}

bool
har_is_text(struct span s)
{
	while (s.n) {
		uint32_t cp;
		size_t n = utf8_decode(s, &cp);

		if (n == 0 || cp == 0)
			return false;
		s = span_skip(s, n);
	}
	return true;
}

json_t *
har_text(struct span s)
{
	json_t *made;
	struct buf b;

	if (har_is_text(s))
		return json_stringn(s.p ? s.p : "", s.n);
	b = buf_over(malloc(3 * s.n), 3 * s.n);
	if (b.p == NULL)
		return NULL;
	while (s.n) {
		uint32_t cp;
		size_t n = utf8_decode(s, &cp);
		bool ok = n > 0 && cp != 0;

		buf_put(&b, ok ? span_of(s.p, n) : SPAN("\xef\xbf\xbd"));
		s = span_skip(s, ok ? n : 1);
	}
	made = json_stringn(b.p, b.n);
	free(b.p);
	return made;
}

json_t *
har_ms(int64_t ns)
{
	return json_real((double)ns / (double)NS_PER_MS);
}

json_t *
har_integer(uint64_t v)
{
	return json_integer(v > INT64_MAX ? INT64_MAX : (json_int_t)v);
}

json_t *
har_pair(struct har *h, struct span name, struct span value)
{
	json_t *o = har_object(h);

	har_put(h, o, "name", har_text(name));
	har_put(h, o, "value", har_text(value));
	return o;
}

bool
har_knows(const struct har *h, enum fact fact)
{
	return (h->e->known & fact) != 0;
}
