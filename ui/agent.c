#include "ui/agent.h"

#include <stdio.h>

#include "base/printable.h"

/* Browsers name their ancestors too: the first of these that is found is who
 * it is. */
static const struct {
	const char *mark;
	const char *name;

} known[] = {
	{ "Edg/", "Edge" },
	{ "EdgA/", "Edge" },
	{ "OPR/", "Opera" },
	{ "SamsungBrowser/", "Samsung" },
	{ "Firefox/", "Firefox" },
	{ "FxiOS/", "Firefox iOS" },
	{ "CriOS/", "Chrome iOS" },
	{ "HeadlessChrome/", "Chrome headless" },
	{ "Chrome/", "Chrome" },
};

static bool
find(struct span s, const char *what, size_t *at)
{
	const char *p = memmem(s.p, s.n, what, strlen(what));

	if (s.n == 0 || p == NULL)
		return false;
	*at = (size_t)(p - s.p);
	return true;
}

/* What of a version is worth a column. */
static struct span
version(struct span s, bool whole)
{
	size_t n = 0;

	while (n < s.n && n < 12 &&
	    (ascii_is_digit(s.p[n]) || (whole && s.p[n] == '.')))
		n++;
	return span_of(s.p, n);
}

static size_t
put(char out[AGENT_TEXT], struct span name, struct span v)
{
	char text[AGENT_TEXT * 2];
	int n = snprintf(text, sizeof text, "%.*s%s%.*s",
	    (int)(name.n < 40 ? name.n : 40), name.p, v.n ? " " : "", (int)v.n,
	    v.p ? v.p : "");

	return printable_str(out, AGENT_TEXT,
	    span_of(text, n < 0 ? 0 : (size_t)n), PRINTABLE_ASCII);
}

/* A product, "name/1.2", at the beginning of `s`. */
static size_t
put_product(char out[AGENT_TEXT], struct span s)
{
	size_t n = 0;

	while (n < s.n && !strchr("/ ;)(", s.p[n]))
		n++;
	return put(out, span_of(s.p, n),
	    n < s.n && s.p[n] == '/' ? version(span_skip(s, n + 1), true)
				     : span_of(NULL, 0));
}

size_t
agent_name(char out[AGENT_TEXT], struct span field)
{
	size_t at;

	if (field.n == 0)
		return put(out, SPAN("-"), span_of(NULL, 0));
	if (!span_starts(field, SPAN("Mozilla/")))
		return put_product(out, field);
	if (find(field, "compatible; ", &at))
		return put_product(out, span_skip(field, at + 12));
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (find(field, known[i].mark, &at))
			return put(out, span_str(known[i].name),
			    version(
				span_skip(field, at + strlen(known[i].mark)),
				false));
	if (find(field, "Version/", &at))
		return put(out,
		    find(field, "iPhone", &(size_t){ 0 }) ? SPAN("Safari iOS")
							  : SPAN("Safari"),
		    version(span_skip(field, at + 8), false));
	return put_product(out, field);
}
