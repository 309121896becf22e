/* A head as its bytes: head_text.h. */
#include "ui/head_text.h"

#define WIDE 76 /* columns for 16 bytes */

static char
letter(char c)
{
	if (c >= ' ' && c <= '~')
		return c;
	return '.';
}

static enum style
style_of_byte(char c)
{
	return c >= ' ' && c <= '~'  ? STYLE_PLAIN
	    : c == '\r' || c == '\n' ? STYLE_LINEEND
				     : STYLE_UNSAFE;
}

/* One line: offset, bytes with a gap in the middle, text. */
static void
put_line(struct pen *pen, struct span s, size_t at, size_t n, uint32_t mark)
{
	int text = pen->x + 7 + (int)n * 3 + 2, byte = pen->x + 7;
	struct pen p = *pen;

	pen_put(&p, STYLE_DIM, " %05zx", at);
	for (size_t i = 0; i < n && at + i < s.n; i++) {
		char c = s.p[at + i];
		enum style style =
		    mark == at + i ? STYLE_CARET : style_of_byte(c);
		p.x = byte + (int)i * 3 + (i >= n / 2 ? 1 : 0);
		pen_put(&p, style, "%02x", (unsigned)(unsigned char)c);
		p.x = text + (int)i;
		pen_put(&p, style, "%c", letter(c));
	}
}

void
head_hex_put(struct pager *p, struct span head, uint32_t mark)
{
	size_t n = p->r.w >= WIDE ? 16 : 8;
	struct pen pen;

	for (size_t at = 0; at < head.n; at += n) {
		if (pager_line(p, &pen))
			put_line(&pen, head, at, n, mark);
		if (mark == EVENT_NOWHERE || mark < at || mark >= at + n)
			continue;
		if (pager_line(p, &pen)) {
			pen.x += 7 + (int)(mark - at) * 3 +
			    (mark - at >= n / 2 ? 1 : 0);
			pen_put(
			    &pen, STYLE_CARET, "▲ refused at byte %u", mark);
		}
	}
}
