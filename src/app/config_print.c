/* The configuration as YAML that config_read_file takes. */
#include <limits.h>
#include <unistd.h>

#include "app/config_key.h"
#include "base/printable.h"

#define PRINT_COMMENT_COLUMN 34

/* Plain is safe for these alone: never a YAML indicator, a comment, null. */
static bool
is_plain(struct span s)
{
	static const char inside[] = "_./:-+=";

	if (s.n == 0 || s.p[s.n - 1] == ':' || span_eq(s, SPAN("null")) ||
	    span_eq(s, SPAN("Null")) || span_eq(s, SPAN("NULL")) ||
	    (s.p[0] != '/' && s.p[0] != '.' && strchr(inside, s.p[0])))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = ascii_lower(s.p[i]);

		if (!ascii_is_digit(c) && !(c >= 'a' && c <= 'z') &&
		    (c == '\0' || strchr(inside, c) == NULL))
			return false;
	}
	return true;
}

static bool
is_printable_ascii(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7E)
			return false;
	return true;
}

static size_t
put_single_quoted(FILE *out, struct span s)
{
	size_t width = 2;

	putc('\'', out);
	for (size_t i = 0; i < s.n; i++, width++) {
		if (s.p[i] == '\'')
			putc('\'', out), width++;
		putc(s.p[i], out);
	}
	putc('\'', out);
	return width;
}

/* One character that a screen shows as it is. */
static bool
is_visible(struct span s)
{
	char out[16];
	struct buf b = buf_over(out, sizeof(out));

	printable_put(&b, s, PRINTABLE_UTF8);
	return span_eq(buf_span(&b), s);
}

/* Bytes that are no UTF-8 have no form in YAML: they come back as the code
 * points of the same number. */
static size_t
put_double_quoted(FILE *out, struct span s)
{
	size_t width = 2;

	putc('"', out);
	while (s.n > 0) {
		uint32_t cp;
		size_t n = utf8_decode(s, &cp);

		if (n == 0)
			n = 1, cp = (unsigned char)s.p[0];
		if (cp == '"' || cp == '\\')
			width += (size_t)fprintf(out, "\\%c", (char)cp);
		else if (is_visible(span_of(s.p, n)))
			fwrite(s.p, 1, n, out), width++;
		else if (cp <= 0xFFFF)
			width += (size_t)fprintf(out, "\\u%04X", cp);
		else
			width += (size_t)fprintf(out, "\\U%08X", cp);
		s = span_skip(s, n);
	}
	putc('"', out);
	return width;
}

static size_t
put_text(FILE *out, const char *text)
{
	struct span s = span_str(text);

	if (text == NULL)
		return (size_t)fprintf(out, "null");
	if (is_plain(s))
		return fwrite(s.p, 1, s.n, out);
	return is_printable_ascii(s) ? put_single_quoted(out, s)
				     : put_double_quoted(out, s);
}

static size_t
put_list(FILE *out, const struct config_list *list)
{
	size_t width = 2;

	putc('[', out);
	for (size_t i = 0; i < list->n; i++) {
		if (i > 0)
			width += (size_t)fprintf(out, ", ");
		width += put_text(out, list->v[i]);
	}
	putc(']', out);
	return width;
}

static size_t
put_map(FILE *out, const struct config_list *map)
{
	size_t width = 2;

	putc('{', out);
	for (size_t i = 0; i + 1 < map->n; i += 2) {
		if (i > 0)
			width += (size_t)fprintf(out, ", ");
		width += put_text(out, map->v[i]);
		width += (size_t)fprintf(out, ": ");
		width += put_text(out, map->v[i + 1]);
	}
	putc('}', out);
	return width;
}

/* The parts that are not as if they had not been given. */
static size_t
put_entry(FILE *out, const struct config_entry *e, const struct config_key *k)
{
	size_t width = 2;

	putc('{', out);
	for (size_t i = 0; k->parts[i].name; i++) {
		const struct config_key *part = &k->parts[i];
		const struct config_list *list = &e->part[i];

		if (part->type != CONFIG_TEXT && list->n == 0)
			continue;
		width += (size_t)fprintf(out, "%s%s: ", i > 0 ? ", " : "",
		    config_name_last(span_str(part->name)).p);
		width += part->type == CONFIG_MAP ? put_map(out, list)
		    : part->type == CONFIG_LIST
		    ? put_list(out, list)
		    : put_text(out, list->n > 0 ? list->v[0] : NULL);
	}
	putc('}', out);
	return width;
}

/* One alone stands in the key's line, more follow it. */
static size_t
put_entries(
    FILE *out, const struct config_entries *list, const struct config_key *k)
{
	size_t width = 2;

	if (list->n > 1)
		return 0;
	putc('[', out);
	if (list->n == 1)
		width += put_entry(out, &list->v[0], k);
	putc(']', out);
	return width;
}

/* Returns the columns written. */
static size_t
put_value(FILE *out, const struct config *c, const struct config_key *k)
{
	const char *at = (const char *)c + k->offset;
	struct config_entries entries;
	struct config_list list;
	char number[32], *text;
	struct buf b = buf_over(number, sizeof(number));

	switch (k->type) {
	case CONFIG_VERSION:
		return (size_t)fprintf(out, "1");
	case CONFIG_TEXT:
	case CONFIG_PATH:
		memcpy(&text, at, sizeof(text));
		return put_text(out, text);
	case CONFIG_LIST:
	case CONFIG_MAP:
		memcpy(&list, at, sizeof(list));
		return k->type == CONFIG_LIST ? put_list(out, &list)
					      : put_map(out, &list);
	case CONFIG_ENTRIES:
		memcpy(&entries, at, sizeof(entries));
		return put_entries(out, &entries, k);
	default:
		config_put_number(&b, k, config_key_number(c, k));
		return fwrite(b.p, 1, b.n, out);
	}
}

/* What did not go into the key's line. */
static void
print_entries(FILE *out, const struct config *c, const struct config_key *k)
{
	struct config_entries entries;

	memcpy(&entries, (const char *)c + k->offset, sizeof(entries));
	for (size_t i = 0; entries.n > 1 && i < entries.n; i++) {
		fputs("  - ", out);
		put_entry(out, &entries.v[i], k);
		putc('\n', out);
	}
}

/* Two columns for each group that the name is in. */
static int
indent_of(struct span name)
{
	int columns = 0;

	while ((name = config_name_group(name)).n > 0)
		columns += 2;
	return columns;
}

/* A default binding stays out of effect, so that it is still the default one
 * when the text is read: then a taken port may give way to the next. */
static void
print_key(FILE *out, const struct config *c, const struct config_key *k)
{
	struct span name = span_str(k->name);
	bool off =
	    strcmp(k->name, "listen") == 0 && config_place(c, k->name) == NULL;
	size_t width = (size_t)fprintf(out, "%*s%s%s: ", indent_of(name), "",
	    off ? "#" : "", config_name_last(name).p);

	width += put_value(out, c, k);
	do
		putc(' ', out);
	while (++width < PRINT_COMMENT_COLUMN);
	fprintf(out, " # %s\n", k->doc);
	if (k->type == CONFIG_ENTRIES)
		print_entries(out, c, k);
}

static bool
is_within(struct span name, struct span group)
{
	return span_starts(name, group) &&
	    (name.n == group.n || name.p[group.n] == '.');
}

/* The lines of the groups that `group` is in, itself too, and `last` is not,
 * outermost first; after an empty line when that is at the top. */
static void
print_group(FILE *out, struct span group, struct span last)
{
	for (size_t n = 1; n <= group.n; n++) {
		struct span part = span_of(group.p, n), name;

		if (!is_within(group, part) ||
		    (last.n > 0 && is_within(last, part)))
			continue;
		name = config_name_last(part);
		fprintf(out, "%s%*s%.*s:\n", name.n == n ? "\n" : "",
		    indent_of(part), "", (int)name.n, name.p);
	}
}

void
config_print(const struct config *c, FILE *out)
{
	struct span group = { NULL, 0 };
	char cwd[PATH_MAX], shown[2 * PATH_MAX];

	fprintf(out, "# httpconsole: the configuration in effect.\n");
	if (getcwd(cwd, sizeof(cwd))) {
		printable_str(
		    shown, sizeof(shown), span_str(cwd), PRINTABLE_UTF8);
		fprintf(out,
		    "# Relative paths are relative to this file; printed "
		    "in %s\n",
		    shown);
	}
	for (size_t i = 0; i < config_keys_n; i++) {
		struct span of =
		    config_name_group(span_str(config_keys[i].name));

		if (of.n == 0 && group.n > 0)
			putc('\n', out);
		print_group(out, of, group);
		group = of;
		print_key(out, c, &config_keys[i]);
	}
}
