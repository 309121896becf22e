/* Text in lines: widget.h. */
#include <stdio.h>
#include <string.h>

#include "base/printable.h"
#include "ui/glyph.h"
#include "ui/widget.h"

size_t
text_break(const char *s, int w)
{
	size_t n = 0, blank = 0;
	int used = 0;

	while (s[n]) {
		struct span rest = span_str(s + n);
		uint32_t cp;
		size_t step = utf8_decode(rest, &cp);
		used += step ? glyph_width(cp) : 1;
		if (used > w)
			return blank ? blank : n ? n : 1;
		if (s[n] == ' ')
			blank = n + 1;
		n += step ? step : 1;
	}
	return n;
}

int
text_lines(const char *s, int w)
{
	int lines = 0;

	do {
		s += text_break(s, w);
		lines++;
	} while (*s);
	return lines;
}

void
text_wrap(struct grid *g, struct rect r, enum style style, const char *text)
{
	for (int i = 0; i < r.h && *text; i++) {
		char line[1024];
		size_t n = text_break(text, r.w);
		bool cut = i == r.h - 1 && text[n];
		if (cut)
			n = text_break(text, r.w - 1);
		(void)snprintf(
		    line, sizeof line, "%.*s%s", (int)n, text, cut ? "…" : "");
		(void)grid_put(g, r.y + i, r.x, r.w, style, line);
		text += n;
	}
}
