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

/* Returns the columns written. */
static size_t
put_value(FILE *out, const struct config *c, const struct config_key *k)
{
	const char *at = (const char *)c + k->offset;
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
		memcpy(&list, at, sizeof(list));
		return put_list(out, &list);
	default:
		config_put_number(&b, k, config_key_number(c, k));
		return fwrite(b.p, 1, b.n, out);
	}
}

/* A default binding stays out of effect, so that it is still the default one
 * when the text is read: then a taken port may give way to the next. */
static void
print_key(FILE *out, const struct config *c, const struct config_key *k)
{
	struct span group = config_key_group_name(k);
	const char *name = k->name + (group.n ? group.n + 1 : 0);
	bool off =
	    strcmp(k->name, "listen") == 0 && config_place(c, k->name) == NULL;
	size_t width = (size_t)fprintf(
	    out, "%s%s%s: ", group.n ? "  " : "", off ? "#" : "", name);

	width += put_value(out, c, k);
	do
		putc(' ', out);
	while (++width < PRINT_COMMENT_COLUMN);
	fprintf(out, " # %s\n", k->doc);
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
		struct span of = config_key_group_name(&config_keys[i]);

		if (!span_eq(of, group)) {
			putc('\n', out);
			if (of.n)
				fprintf(out, "%.*s:\n", (int)of.n, of.p);
			group = of;
		}
		print_key(out, c, &config_keys[i]);
	}
}
