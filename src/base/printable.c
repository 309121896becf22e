#include "base/printable.h"

#include "base/check.h"

/* Code points above 0x7F that are not shown, in order (Unicode 14): categories
 * Cc, Cf, Cs, Co, Zs, Zl, Zp, noncharacters, Default_Ignorable_Code_Point
 * whatever its category, and what is unassigned in runs of 64 or more.  Shorter
 * unassigned runs inside a script's block pass: they have no glyph and no
 * effect, and newer versions of Unicode fill them with letters. */
static const struct {
	uint32_t first;
	uint32_t last;
} hidden[] = {
	/* clang-format off */
	{ 0x0080, 0x00a0 }, /* C1 controls, no-break space */
	{ 0x00ad, 0x00ad }, /* soft hyphen */
	{ 0x034f, 0x034f }, /* combining grapheme joiner */
	{ 0x0600, 0x0605 }, /* Arabic format characters */
	{ 0x061c, 0x061c }, /* Arabic letter mark (bidi) */
	{ 0x06dd, 0x06dd },
	{ 0x070f, 0x070f },
	{ 0x0890, 0x0891 },
	{ 0x08e2, 0x08e2 },
	{ 0x115f, 0x1160 }, /* Hangul fillers: letters without a glyph */
	{ 0x1680, 0x1680 }, /* Ogham space */
	{ 0x17b4, 0x17b5 }, /* invisible Khmer vowels */
	{ 0x180b, 0x180f }, /* Mongolian selectors and separator */
	{ 0x2000, 0x200f }, /* spaces, zero-width, LRM and RLM */
	{ 0x2028, 0x202f }, /* line and paragraph ends, bidi embeddings */
	{ 0x205f, 0x206f }, /* word joiner, invisible operators, isolates */
	{ 0x2800, 0x2800 }, /* blank Braille pattern */
	{ 0x3000, 0x3000 }, /* ideographic space */
	{ 0x3164, 0x3164 }, /* Hangul filler */
	{ 0xd800, 0xf8ff }, /* surrogates, private use */
	{ 0xfdd0, 0xfdef }, /* noncharacters */
	{ 0xfe00, 0xfe0f }, /* variation selectors */
	{ 0xfeff, 0xfeff }, /* byte order mark */
	{ 0xffa0, 0xffa0 }, /* halfwidth Hangul filler */
	{ 0xfff0, 0xfffb }, /* interlinear annotation */
	{ 0xfffe, 0xffff }, /* noncharacters */
	/* above the BMP: mostly unassigned; also format characters for
	 * shorthand, music and hieroglyphs, and at the end the planes of tags,
	 * selectors and private use */
	{ 0x101fe, 0x1027f }, { 0x105bd, 0x105ff },
	{ 0x107bb, 0x107ff }, { 0x10940, 0x1097f },
	{ 0x10bb0, 0x10bff }, { 0x10d3a, 0x10e5f },
	{ 0x10eb2, 0x10eff }, { 0x110bd, 0x110bd },
	{ 0x110cd, 0x110cd }, { 0x1123f, 0x1127f },
	{ 0x11375, 0x113ff }, { 0x114da, 0x1157f },
	{ 0x11747, 0x117ff }, { 0x1183c, 0x1189f },
	{ 0x1195a, 0x1199f }, { 0x11af9, 0x11bff },
	{ 0x11cb7, 0x11cff }, { 0x11daa, 0x11edf },
	{ 0x11ef9, 0x11faf }, { 0x1239a, 0x123ff },
	{ 0x12544, 0x12f8f }, { 0x13430, 0x143ff },
	{ 0x14647, 0x167ff }, { 0x16b90, 0x16e3f },
	{ 0x16e9b, 0x16eff }, { 0x16fa0, 0x16fdf },
	{ 0x18d09, 0x1afef }, { 0x1b2fc, 0x1bbff },
	{ 0x1bca0, 0x1ceff }, { 0x1d173, 0x1d17a },
	{ 0x1d246, 0x1d2df }, { 0x1d379, 0x1d3ff },
	{ 0x1dab0, 0x1deff }, { 0x1df1f, 0x1dfff },
	{ 0x1e02b, 0x1e0ff }, { 0x1e150, 0x1e28f },
	{ 0x1e300, 0x1e7df }, { 0x1e960, 0x1ec70 },
	{ 0x1ecb5, 0x1ed00 }, { 0x1ed3e, 0x1edff },
	{ 0x1eef2, 0x1efff }, { 0x1f266, 0x1f2ff },
	{ 0x1f8b2, 0x1f8ff }, { 0x1fbfa, 0x1ffff },
	{ 0x2ebe1, 0x2f7ff }, { 0x2fa1e, 0x2ffff },
	{ 0x3134b, 0x10ffff },
	/* clang-format on */
};

#define HIDDEN_N (sizeof(hidden) / sizeof(hidden[0]))

static bool
is_visible(uint32_t cp)
{
	size_t low = 0;
	size_t high = HIDDEN_N;

	/* U+xFFFE and U+xFFFF of every plane are noncharacters */
	if ((cp & 0xfffe) == 0xfffe)
		return false;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (cp > hidden[mid].last)
			low = mid + 1;
		else
			high = mid;
	}
	return low == HIDDEN_N || cp < hidden[low].first;
}

/* The shortest form that a sequence of each length may have (RFC 3629 3). */
static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };

static size_t
utf8_length(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead < 0xe0)
		return 2;
	if (lead >= 0xe0 && lead < 0xf0)
		return 3;
	if (lead >= 0xf0 && lead < 0xf5)
		return 4;
	return 0;
}

size_t
utf8_decode(struct span s, uint32_t *cp)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n = s.n ? utf8_length(p[0]) : 0;

	if (n == 0 || n > s.n)
		return 0;

	uint32_t v = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));

	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (p[i] & 0x3fu);
	}
	if (v < least[n] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return 0;
	*cp = v;
	return n;
}

/* One unit of output for the bytes at s.p, which is not empty: out[4] or the
 * bytes themselves.  *used says how many bytes of s it stands for. */
static struct span
printable_unit(
    char out[4], struct span s, enum printable_mode mode, size_t *used)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char c = (unsigned char)s.p[0];
	uint32_t cp;

	*used = 1;
	if (c == '\\')
		return SPAN("\\\\");
	if (c >= 0x20 && c <= 0x7e)
		return span_of(s.p, 1);
	if (c >= 0x80 && mode == PRINTABLE_UTF8) {
		size_t n = utf8_decode(s, &cp);

		if (n && is_visible(cp)) {
			*used = n;
			return span_of(s.p, n);
		}
	}
	out[0] = '\\';
	out[1] = 'x';
	out[2] = hex[c >> 4];
	out[3] = hex[c & 15];
	return span_of(out, 4);
}

/* How many bytes from the beginning stand for themselves. */
static size_t
plain_run(struct span s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= 0x20 && s.p[n] <= 0x7e && s.p[n] != '\\')
		n++;
	return n;
}

void
printable_put(struct buf *b, struct span s, enum printable_mode mode)
{
	while (s.n && !b->full) {
		char escape[4];
		size_t used = plain_run(s), room = b->cap - b->n;

		if (used > room) { /* what fits */
			buf_put(b, span_of(s.p, room));
			b->full = true;
		} else if (used != 0) {
			buf_put(b, span_of(s.p, used));
		} else { /* an escape goes in whole or not at all */
			buf_put(b, printable_unit(escape, s, mode, &used));
		}
		s = span_skip(s, used);
	}
}

size_t
printable_str(char *out, size_t cap, struct span s, enum printable_mode mode)
{
	struct buf b = buf_over(out, cap - 1);

	CHECK(cap >= 8);
	printable_put(&b, s, mode);
	if (b.full) {
		b = buf_over(out, cap - 4);
		printable_put(&b, s, mode);
		b.cap = cap - 1;
		buf_puts(&b, "...");
	}
	out[b.n] = '\0';
	return b.n;
}
