/* A key of the table takes a value. */
#include <stdlib.h>

#include "app/config_key.h"
#include "base/check.h"
#include "base/near.h"

static void *
member(struct config *c, const struct config_key *k)
{
	return (char *)c + k->offset;
}

uint64_t
config_key_number(const struct config *c, const struct config_key *k)
{
	const char *at = (const char *)c + k->offset;
	bool flag;
	uint32_t small;
	uint64_t large = 0;

	switch (k->width) {
	case sizeof(flag):
		memcpy(&flag, at, sizeof(flag));
		return flag;
	case sizeof(small):
		memcpy(&small, at, sizeof(small));
		return small;
	default:
		CHECK(k->width == sizeof(large));
		memcpy(&large, at, sizeof(large));
		return large;
	}
}

static void
set_number(struct config *c, const struct config_key *k, uint64_t v)
{
	bool flag = v != 0;
	uint32_t small = (uint32_t)v;

	switch (k->width) {
	case sizeof(flag):
		memcpy(member(c, k), &flag, sizeof(flag));
		break;
	case sizeof(small):
		memcpy(member(c, k), &small, sizeof(small));
		break;
	default:
		CHECK(k->width == sizeof(v));
		memcpy(member(c, k), &v, sizeof(v));
		break;
	}
}

struct config_list *
config_key_list(struct config *c, const struct config_key *k)
{
	CHECK(k->type == CONFIG_LIST || k->type == CONFIG_MAP);
	return member(c, k);
}

struct config_entries *
config_key_entries(struct config *c, const struct config_key *k)
{
	CHECK(k->type == CONFIG_ENTRIES);
	return member(c, k);
}

bool
config_key_no_memory(const struct config_key *k, const struct config_from *from)
{
	config_error(from->errors, from->where, k->name, "out of memory");
	return false;
}

bool
config_key_refuse(const struct config_key *k, struct span s,
    const char *expected, const struct config_from *from)
{
	char shown[CONFIG_SHOWN_MAX];

	config_error(from->errors, from->where, k->name, "'%s' is not %s",
	    config_shown(s, shown), expected);
	return false;
}

bool
config_key_note_place(struct config *c, const struct config_key *k,
    const struct config_from *from)
{
	char **place = &c->places[config_key_index(k)];

	if (from->where == NULL)
		return true;
	free(*place);
	*place = config_strndup(span_str(from->where));
	return *place != NULL || config_key_no_memory(k, from);
}

static bool
parse_number(const struct config_key *k, struct span s, uint64_t *v)
{
	const struct config_word *w = config_value_word(k->words, s);

	if (w) {
		*v = w->value;
		return true;
	}
	switch (k->type) {
	case CONFIG_DURATION:
		return config_value_duration(s, v);
	case CONFIG_SIZE:
		return config_value_size(s, v);
	default:
		/* A size without a unit is a whole number. */
		return s.n > 0 && ascii_is_digit(s.p[s.n - 1]) &&
		    config_value_size(s, v);
	}
}

static const char *
number_expected(const struct config_key *k)
{
	if (k->type == CONFIG_SIZE)
		return "a size (use 123, 64K, 10M)";
	if (k->type == CONFIG_DURATION)
		return "a duration (use 500ms, 15s, 10m, 2h; 0 is off)";
	return k->words ? "auto or a whole number" : "a whole number";
}

static bool
assign_number(struct config *c, const struct config_key *k, struct span s,
    const struct config_from *from)
{
	char shown[CONFIG_SHOWN_MAX], text[2][32];
	struct buf min = buf_over(text[0], sizeof(text[0]));
	struct buf max = buf_over(text[1], sizeof(text[1]));
	struct config_key plain = { .type = k->type };
	uint64_t v;

	if (!parse_number(k, s, &v))
		return config_key_refuse(k, s, number_expected(k), from);
	if ((v < k->min || v > k->max) && !config_value_word(k->words, s)) {
		config_put_number(&min, &plain, k->min);
		config_put_number(&max, &plain, k->max);
		config_error(from->errors, from->where, k->name,
		    "'%s' is out of range (%s%s to %s)", config_shown(s, shown),
		    k->words ? "auto, or " : "", buf_cstr(&min),
		    buf_cstr(&max));
		return false;
	}
	set_number(c, k, v);
	return config_key_note_place(c, k, from);
}

static bool
assign_bool(struct config *c, const struct config_key *k, struct span s,
    const struct config_from *from)
{
	static const struct config_word words[] = { { "true", true },
		{ "false", false }, { NULL, 0 } };
	const char *meant = config_value_synonym(words, s);
	char expected[64];
	bool v;

	if (!config_value_bool(s, &v)) {
		snprintf(expected, sizeof(expected), "true or false%s%s%s",
		    meant ? " (write " : "", meant ? meant : "",
		    meant ? ")" : "");
		return config_key_refuse(k, s, expected, from);
	}
	set_number(c, k, v);
	return config_key_note_place(c, k, from);
}

/* "auto, on or off", and the one that was probably meant. */
static void
describe_words(struct buf *b, const struct config_key *k, struct span typed)
{
	const char *meant = config_value_synonym(k->words, typed);

	for (const struct config_word *w = k->words; w->name; w++) {
		if (w != k->words)
			buf_puts(b, w[1].name ? ", " : " or ");
		buf_puts(b, w->name);
		if (!meant &&
		    near_enough(
			near_distance(typed, span_str(w->name)), typed.n))
			meant = w->name;
	}
	if (meant) {
		buf_puts(b, " (did you mean ");
		buf_puts(b, meant);
		buf_puts(b, "?)");
	}
}

static bool
assign_word(struct config *c, const struct config_key *k, struct span s,
    const struct config_from *from)
{
	const struct config_word *w = config_value_word(k->words, s);
	char text[160];
	struct buf expected = buf_over(text, sizeof(text));

	if (w == NULL) {
		describe_words(&expected, k, s);
		return config_key_refuse(k, s, buf_cstr(&expected), from);
	}
	set_number(c, k, w->value);
	return config_key_note_place(c, k, from);
}

static bool
assign_string(struct config *c, const struct config_key *k, char *value,
    const struct config_from *from)
{
	char **at = member(c, k);

	free(*at);
	*at = value;
	return config_key_note_place(c, k, from);
}

static bool
assign_text(struct config *c, const struct config_key *k, struct span s,
    const struct config_from *from)
{
	const char *expected = s.p ? k->wrong(s) : NULL;
	char *value = NULL;

	if (expected)
		return config_key_refuse(k, s, expected, from);
	if (s.p && (value = config_strndup(s)) == NULL)
		return config_key_no_memory(k, from);
	return assign_string(c, k, value, from);
}

char *
config_join_path(const char *folder, struct span path)
{
	char *joined = NULL;

	if (folder == NULL || path.p[0] == '/')
		return config_strndup(path);
	if (span_eq(path, SPAN(".")))
		return config_strndup(span_str(folder));
	while (path.n > 2 && span_starts(path, SPAN("./")))
		path = span_skip(path, 2);
	if (asprintf(&joined, "%s%s%.*s", folder,
		strcmp(folder, "/") == 0 ? "" : "/", (int)path.n, path.p) < 0)
		return NULL;
	return joined;
}

static bool
assign_path(struct config *c, const struct config_key *k, struct span s,
    const struct config_from *from)
{
	bool word = config_value_word(k->words, s) != NULL;
	char *value;

	if (s.n == 0 || s.n >= LIMIT_PATH)
		return config_key_refuse(k, s, "a path", from);
	value = word ? config_strndup(s) : config_join_path(from->folder, s);
	if (value == NULL)
		return config_key_no_memory(k, from);
	return assign_string(c, k, value, from);
}

static bool
assign_null(struct config *c, const struct config_key *k,
    const struct config_from *from)
{
	const char *none = k->type == CONFIG_MAP ? " (write {} for none)"
	    : k->type == CONFIG_LIST || k->type == CONFIG_ENTRIES
	    ? " (write [] for none)"
	    : "";

	if (k->nullable && k->type == CONFIG_TEXT)
		return assign_text(c, k, span_of(NULL, 0), from);
	if (k->nullable)
		return config_key_assign_many(c, k, span_of(NULL, 0), from);
	config_error(
	    from->errors, from->where, k->name, "has no value%s", none);
	return false;
}

bool
config_key_assign(struct config *c, const struct config_key *k,
    struct span text, const struct config_from *from)
{
	if (text.p == NULL)
		return assign_null(c, k, from);
	switch (k->type) {
	case CONFIG_VERSION:
		return span_eq(text, SPAN("1")) ||
		    config_key_refuse(
			k, text, "a version of this format (write 1)", from);
	case CONFIG_BOOL:
		return assign_bool(c, k, text, from);
	case CONFIG_COUNT:
	case CONFIG_SIZE:
	case CONFIG_DURATION:
		return assign_number(c, k, text, from);
	case CONFIG_WORD:
		return assign_word(c, k, text, from);
	case CONFIG_TEXT:
		return assign_text(c, k, text, from);
	case CONFIG_PATH:
		return assign_path(c, k, text, from);
	case CONFIG_LIST:
	case CONFIG_MAP:
	case CONFIG_ENTRIES:
		break;
	}
	return config_key_assign_many(c, k, text, from);
}
