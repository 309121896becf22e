#include "http/lines.h"

struct span
lines_take(struct span *s)
{
	const char *lf = s->n ? memchr(s->p, '\n', s->n) : NULL;
	struct span line = *s;

	if (lf != NULL)
		line.n = (size_t)(lf - s->p);
	*s = span_skip(*s, lf != NULL ? line.n + 1 : line.n);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

struct span
lines_first(struct span head, struct span *rest)
{
	struct span line = { NULL, 0 };

	*rest = head;
	if (rest->n)
		line = lines_take(rest);
	if (line.n == 0 && rest->n)
		line = lines_take(rest);
	return line;
}

bool
lines_next(struct span *rest, struct head_line *out)
{
	const char *colon;
	struct span line;

	if (rest->n == 0)
		return false;
	line = lines_take(rest);
	if (line.n == 0)
		return false;
	*out = (struct head_line){ .value = line };
	if (line.p[0] == ' ' || line.p[0] == '\t')
		return true;
	colon = memchr(line.p, ':', line.n);
	if (colon == NULL)
		return true;
	out->name = span_trim(span_of(line.p, (size_t)(colon - line.p)));
	out->value = span_trim(span_skip(line, (size_t)(colon - line.p) + 1));
	return true;
}

struct span
lines_value(struct span head, struct span name)
{
	struct head_line line;
	struct span rest;

	lines_first(head, &rest);
	while (lines_next(&rest, &line))
		if (line.name.n && span_eq_nocase(line.name, name))
			return line.value;
	return span_of(NULL, 0);
}
