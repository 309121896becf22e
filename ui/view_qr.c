/* The address as a QR code: two modules to a cell, one above the other, dark
 * on light whatever the terminal's colours. */
#include <qrencode.h>
#include <stdio.h>

#include "ui/glyph.h"
#include "ui/view.h"

#define QUIET 2 /* modules around it; 4 would be the standard's */

/* Whether a module is dark; outside it is light. */
static bool
is_dark(const QRcode *qr, int y, int x)
{
	if (y < 0 || x < 0 || y >= qr->width || x >= qr->width)
		return false;
	return qr->data[y * qr->width + x] & 1;
}

static void
put_code(const QRcode *qr, struct grid *g, int top, int left)
{
	int side = qr->width + 2 * QUIET;

	for (int y = 0; y < side; y += 2)
		for (int x = 0; x < side; x++) {
			bool above = is_dark(qr, y - QUIET, x - QUIET);
			bool below = is_dark(qr, y + 1 - QUIET, x - QUIET);
			uint32_t cp = above && below ? 0x20
			    : above		     ? 0x2584
			    : below		     ? 0x2580
						     : 0x2588;
			grid_fill(g, top + y / 2, left + x, 1, STYLE_QR, cp);
		}
}

/* In ASCII a module is two blanks or two hashes. */
static void
put_ascii(const QRcode *qr, struct grid *g, int top, int left)
{
	int side = qr->width + 2 * QUIET;

	for (int y = 0; y < side; y++)
		for (int x = 0; x < side; x++)
			grid_fill(g, top + y, left + 2 * x, 2, STYLE_QR,
			    is_dark(qr, y - QUIET, x - QUIET) ? ' ' : '#');
}

void
view_qr(const struct model *m, struct grid *g)
{
	const char *note = m->status.loopback_only
	    ? "only this computer can open it (listen)"
	    : "Esc closes";
	QRcode *qr = QRcode_encodeString8bit(m->status.url, 0, QR_ECLEVEL_L);
	int side = qr ? qr->width + 2 * QUIET : 0;
	int w = g->ascii ? side * 2 : side,
	    h = g->ascii ? side : (side + 1) / 2;
	int text_w = glyph_text_width(m->status.url) > glyph_text_width(note)
	    ? glyph_text_width(m->status.url)
	    : glyph_text_width(note);
	bool fits = qr && w + 2 <= g->w && h + 4 <= g->h;
	struct rect box;

	box.w = (fits && w > text_w ? w : text_w) + 4;
	box.w = box.w > g->w ? g->w : box.w;
	box.h = (fits ? h : 1) + 4;
	box.y = (g->h - box.h) / 2;
	box.x = (g->w - box.w) / 2;
	view_box(g, box, "Address");
	if (fits && g->ascii)
		put_ascii(qr, g, box.y + 1, box.x + (box.w - w) / 2);
	else if (fits)
		put_code(qr, g, box.y + 1, box.x + (box.w - w) / 2);
	else
		(void)grid_put(g, box.y + 1, box.x + 2, box.w - 4, STYLE_BOX,
		    "no room for its QR code");
	(void)grid_put(g, box.y + box.h - 3, box.x + 2, box.w - 4, STYLE_INPUT,
	    m->status.url);
	(void)grid_put(
	    g, box.y + box.h - 2, box.x + 2, box.w - 4, STYLE_BOX, note);
	QRcode_free(qr);
}
