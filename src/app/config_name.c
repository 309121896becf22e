/* Names of keys: finding one, and the one that was meant. */
#include "app/config_key.h"
#include "base/near.h"

const struct config_key *
config_key_find(struct span name)
{
	for (size_t i = 0; i < config_keys_n; i++)
		if (span_eq(name, span_str(config_keys[i].name)))
			return &config_keys[i];
	return NULL;
}

struct span
config_name_group(struct span name)
{
	const char *dot = name.n ? memrchr(name.p, '.', name.n) : NULL;

	return span_of(name.p, dot ? (size_t)(dot - name.p) : 0);
}

struct span
config_name_last(struct span name)
{
	struct span group = config_name_group(name);

	return group.n ? span_skip(name, group.n + 1) : name;
}

const struct config_key *
config_key_group(struct span group)
{
	for (size_t i = 0; i < config_keys_n && group.n > 0; i++) {
		struct span name = span_str(config_keys[i].name);

		if (span_starts(name, group) && name.n > group.n &&
		    name.p[group.n] == '.')
			return &config_keys[i];
	}
	return NULL;
}

void
config_key_variable(const struct config_key *k, char out[80])
{
	struct buf b = buf_over(out, 80);

	buf_puts(&b, "HTTPCONSOLE_");
	for (const char *p = k->name; *p; p++) {
		if (*p >= 'a' && *p <= 'z')
			buf_putc(&b, (char)(*p - 'a' + 'A'));
		else
			buf_putc(&b, '_');
	}
	buf_cstr(&b);
}

/* How far a key's name is from what was typed: the whole name, or the same
 * key of another group. */
static unsigned
name_distance(struct span typed, struct span name)
{
	unsigned d = near_distance(typed, name);

	if (d > 1 &&
	    span_eq_nocase(config_name_last(typed), config_name_last(name)))
		d = 1;
	return d;
}

const char *
config_key_nearest(struct span typed, char out[CONFIG_NAME_MAX])
{
	unsigned best = CONFIG_NAME_MAX;
	struct span name = { NULL, 0 };

	for (size_t i = 0; i < config_keys_n; i++) {
		struct span full = span_str(config_keys[i].name);
		struct span group = config_name_group(full);
		unsigned d = name_distance(typed, full);
		unsigned g = group.n ? name_distance(typed, group) : d;

		if (d < best)
			best = d, name = full;
		if (g < best)
			best = g, name = group;
	}
	if (name.p == NULL || !near_enough(best, typed.n))
		return NULL;
	memcpy(out, name.p, name.n);
	out[name.n] = '\0';
	return out;
}

const struct config_key *
config_part_find(const struct config_key *k, struct span name)
{
	for (const struct config_key *p = k->parts; p->name; p++)
		if (span_eq(name, config_name_last(span_str(p->name))))
			return p;
	return NULL;
}

const struct config_key *
config_part_nearest(const struct config_key *k, struct span typed)
{
	const struct config_key *near = NULL;
	unsigned best = CONFIG_NAME_MAX;

	for (const struct config_key *p = k->parts; p->name; p++) {
		unsigned d =
		    near_distance(typed, config_name_last(span_str(p->name)));

		if (d < best)
			best = d, near = p;
	}
	return near_enough(best, typed.n) ? near : NULL;
}
