#include "ui/glyph.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/printable.h"

struct range {
	uint32_t first;
	uint32_t last;
};

/* Blocks of combining marks; the ones that real text uses. */
static const struct range combining[] = {
	{ 0x0300, 0x036F },
	{ 0x0483, 0x0489 },
	{ 0x0591, 0x05BD },
	{ 0x05BF, 0x05BF },
	{ 0x05C1, 0x05C2 },
	{ 0x05C4, 0x05C5 },
	{ 0x05C7, 0x05C7 },
	{ 0x0610, 0x061A },
	{ 0x064B, 0x065F },
	{ 0x0670, 0x0670 },
	{ 0x06D6, 0x06DC },
	{ 0x06DF, 0x06E4 },
	{ 0x06E7, 0x06E8 },
	{ 0x06EA, 0x06ED },
	{ 0x0711, 0x0711 },
	{ 0x0730, 0x074A },
	{ 0x0900, 0x0902 },
	{ 0x093A, 0x093A },
	{ 0x093C, 0x093C },
	{ 0x0941, 0x0948 },
	{ 0x094D, 0x094D },
	{ 0x0951, 0x0957 },
	{ 0x0E31, 0x0E31 },
	{ 0x0E34, 0x0E3A },
	{ 0x0E47, 0x0E4E },
	{ 0x1AB0, 0x1AFF },
	{ 0x1DC0, 0x1DFF },
	{ 0x20D0, 0x20FF },
	{ 0x3099, 0x309A },
	{ 0xFE00, 0xFE0F },
	{ 0xFE20, 0xFE2F },
};

/* East Asian Wide and Fullwidth (Unicode annex 11), and pictographs. */
static const struct range wide[] = {
	{ 0x1100, 0x115F },
	{ 0x231A, 0x231B },
	{ 0x23E9, 0x23EC },
	{ 0x25FD, 0x25FE },
	{ 0x2614, 0x2615 },
	{ 0x2648, 0x2653 },
	{ 0x26A1, 0x26A1 },
	{ 0x26BD, 0x26BE },
	{ 0x2705, 0x2705 },
	{ 0x274C, 0x274C },
	{ 0x2753, 0x2755 },
	{ 0x2E80, 0x303E },
	{ 0x3041, 0x33FF },
	{ 0x3400, 0x4DBF },
	{ 0x4E00, 0x9FFF },
	{ 0xA000, 0xA4CF },
	{ 0xA960, 0xA97F },
	{ 0xAC00, 0xD7A3 },
	{ 0xF900, 0xFAFF },
	{ 0xFE30, 0xFE6F },
	{ 0xFF00, 0xFF60 },
	{ 0xFFE0, 0xFFE6 },
	{ 0x1F300, 0x1F64F },
	{ 0x1F680, 0x1F6FF },
	{ 0x1F900, 0x1F9FF },
	{ 0x20000, 0x3FFFD },
};

static bool
in_ranges(uint32_t cp, const struct range *r, size_t n)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		if (cp > r[mid].last)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && cp >= r[low].first;
}

int
glyph_width(uint32_t cp)
{
	if (cp < 0x300)
		return 1;
	if (in_ranges(cp, combining, sizeof combining / sizeof *combining))
		return 0;
	if (in_ranges(cp, wide, sizeof wide / sizeof *wide))
		return 2;
	return 1;
}

int
glyph_text_width(const char *s)
{
	struct span rest = span_str(s);
	int columns = 0;

	while (rest.n) {
		uint32_t cp;
		size_t n = utf8_decode(rest, &cp);
		columns += n ? glyph_width(cp) : 1;
		rest = span_skip(rest, n ? n : 1);
	}
	return columns;
}

char
glyph_ascii(uint32_t cp)
{
	static const struct {
		uint32_t cp;
		char ascii;
	} table[] = {
		{ 0x00B7, '.' },
		{ 0x00D7, 'x' },
		{ 0x2013, '-' },
		{ 0x2014, '-' },
		{ 0x2019, '\'' },
		{ 0x2022, '*' },
		{ 0x2026, '~' },
		{ 0x2190, '<' },
		{ 0x2191, '^' },
		{ 0x2192, '>' },
		{ 0x2193, 'v' },
		{ 0x23CE, '<' },
		{ 0x2500, '-' },
		{ 0x2501, '=' },
		{ 0x2502, '|' },
		{ 0x250C, '+' },
		{ 0x2510, '+' },
		{ 0x2514, '+' },
		{ 0x2518, '+' },
		{ 0x251C, '+' },
		{ 0x2524, '+' },
		{ 0x256D, '+' },
		{ 0x256E, '+' },
		{ 0x256F, '+' },
		{ 0x2570, '+' },
		{ 0x2578, '=' },
		{ 0x257A, '-' },
		{ 0x2580, '"' },
		{ 0x2581, '_' },
		{ 0x2582, '.' },
		{ 0x2583, '.' },
		{ 0x2584, ':' },
		{ 0x2585, '-' },
		{ 0x2586, '=' },
		{ 0x2587, '+' },
		{ 0x2588, '#' },
		{ 0x2589, '#' },
		{ 0x258A, '#' },
		{ 0x258B, '#' },
		{ 0x258C, ':' },
		{ 0x258D, ':' },
		{ 0x258E, ':' },
		{ 0x258F, '|' },
		{ 0x2590, '#' },
		{ 0x2591, '.' },
		{ 0x25A0, '#' },
		{ 0x25A1, '.' },
		{ 0x25B2, '^' },
		{ 0x25B6, '>' },
		{ 0x25BC, 'v' },
		{ 0x25CF, '*' },
	};

	if (cp < 0x7F)
		return (char)cp;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].cp == cp)
			return table[i].ascii;
	return '?';
}

void
glyph_put(struct buf *out, uint32_t cp)
{
	if (cp < 0x80) {
		buf_putc(out, (char)cp);
	} else if (cp < 0x800) {
		buf_putc(out, (char)(0xC0 | cp >> 6));
		buf_putc(out, (char)(0x80 | (cp & 0x3F)));
	} else if (cp < 0x10000) {
		buf_putc(out, (char)(0xE0 | cp >> 12));
		buf_putc(out, (char)(0x80 | (cp >> 6 & 0x3F)));
		buf_putc(out, (char)(0x80 | (cp & 0x3F)));
	} else {
		buf_putc(out, (char)(0xF0 | cp >> 18));
		buf_putc(out, (char)(0x80 | (cp >> 12 & 0x3F)));
		buf_putc(out, (char)(0x80 | (cp >> 6 & 0x3F)));
		buf_putc(out, (char)(0x80 | (cp & 0x3F)));
	}
}
