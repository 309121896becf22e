#include "ui/theme.h"

#include <string.h>

const struct theme_row themes[THEME_N] = {
	[THEME_DARK] = { "dark", "for a dark background" },
	[THEME_LIGHT] = { "light", "for a light background" },
	[THEME_PLAIN] = { "plain", "without colours" },
};

static const struct ink dark[STYLE_N] = {
	[STYLE_PLAIN] = { -1, -1, -1, -1, 0, 0 },
	[STYLE_DIM] = { 245, -1, -1, -1, 0, INK_DIM },
	[STYLE_STRONG] = { -1, -1, -1, -1, INK_BOLD, INK_BOLD },
	[STYLE_TITLE] = { 252, 237, 7, 4, 0, INK_REVERSE },
	[STYLE_TITLE_STRONG] = { 231, 237, 7, 4, INK_BOLD,
	    INK_REVERSE | INK_BOLD },
	[STYLE_LIVE] = { 231, 28, 7, 2, INK_BOLD, INK_REVERSE | INK_BOLD },
	[STYLE_PAUSED] = { 16, 214, 0, 3, INK_BOLD, INK_BOLD | INK_UNDERLINE },
	[STYLE_DRAINING] = { 231, 161, 7, 5, INK_BOLD,
	    INK_BOLD | INK_UNDERLINE },
	[STYLE_RULE] = { 242, -1, -1, -1, 0, 0 },
	[STYLE_RULE_FOCUS] = { 45, -1, 6, -1, INK_BOLD, INK_BOLD },
	[STYLE_COLUMN] = { 110, -1, 6, -1, 0, INK_UNDERLINE },
	[STYLE_GOOD] = { 77, -1, 2, -1, 0, 0 },
	[STYLE_MOVED] = { 80, -1, 6, -1, 0, 0 },
	[STYLE_CLIENT] = { 220, -1, 3, -1, 0, INK_BOLD },
	[STYLE_SERVER] = { 203, -1, 1, -1, INK_BOLD, INK_BOLD },
	[STYLE_CUT] = { 176, -1, 5, -1, 0, INK_BOLD },
	[STYLE_SPARK] = { 39, -1, 6, -1, 0, 0 },
	[STYLE_BAR] = { 77, -1, 2, -1, 0, INK_BOLD },
	[STYLE_TIMEOUT] = { 67, -1, 4, -1, 0, 0 },
	[STYLE_REST] = { 239, -1, -1, -1, 0, INK_DIM },
	[STYLE_KEY] = { 45, -1, 6, -1, INK_BOLD, INK_BOLD },
	[STYLE_LABEL] = { 250, -1, -1, -1, 0, 0 },
	[STYLE_INFO] = { 255, 24, 7, 4, 0, INK_REVERSE },
	[STYLE_WARN] = { 16, 214, 0, 3, 0, INK_REVERSE },
	[STYLE_BAD] = { 231, 124, 7, 1, INK_BOLD, INK_REVERSE | INK_BOLD },
	[STYLE_FIELD] = { 110, -1, 6, -1, 0, 0 },
	[STYLE_UNSAFE] = { 213, -1, 5, -1, INK_BOLD, INK_BOLD },
	[STYLE_LINEEND] = { 243, -1, 4, -1, 0, INK_DIM },
	[STYLE_CARET] = { 203, -1, 1, -1, INK_BOLD, INK_BOLD },
	[STYLE_FOUND] = { 16, 220, 0, 3, 0, INK_UNDERLINE | INK_BOLD },
	[STYLE_BOX] = { 252, 235, 7, 0, 0, 0 },
	[STYLE_QR] = { 231, 16, 7, 0, INK_BOLD, 0 },
	[STYLE_INPUT] = { 231, 235, 7, 0, INK_BOLD, INK_BOLD },
};

static const struct ink light[STYLE_N] = {
	[STYLE_PLAIN] = { -1, -1, -1, -1, 0, 0 },
	[STYLE_DIM] = { 243, -1, -1, -1, 0, INK_DIM },
	[STYLE_STRONG] = { -1, -1, -1, -1, INK_BOLD, INK_BOLD },
	[STYLE_TITLE] = { 236, 252, 0, 7, 0, INK_REVERSE },
	[STYLE_TITLE_STRONG] = { 16, 252, 0, 7, INK_BOLD,
	    INK_REVERSE | INK_BOLD },
	[STYLE_LIVE] = { 231, 28, 7, 2, INK_BOLD, INK_REVERSE | INK_BOLD },
	[STYLE_PAUSED] = { 16, 214, 0, 3, INK_BOLD, INK_BOLD | INK_UNDERLINE },
	[STYLE_DRAINING] = { 231, 161, 7, 5, INK_BOLD,
	    INK_BOLD | INK_UNDERLINE },
	[STYLE_RULE] = { 248, -1, -1, -1, 0, 0 },
	[STYLE_RULE_FOCUS] = { 25, -1, 4, -1, INK_BOLD, INK_BOLD },
	[STYLE_COLUMN] = { 24, -1, 4, -1, 0, INK_UNDERLINE },
	[STYLE_GOOD] = { 28, -1, 2, -1, 0, 0 },
	[STYLE_MOVED] = { 30, -1, 6, -1, 0, 0 },
	[STYLE_CLIENT] = { 130, -1, 1, -1, 0, INK_BOLD },
	[STYLE_SERVER] = { 160, -1, 1, -1, INK_BOLD, INK_BOLD },
	[STYLE_CUT] = { 127, -1, 5, -1, 0, INK_BOLD },
	[STYLE_SPARK] = { 25, -1, 4, -1, 0, 0 },
	[STYLE_BAR] = { 28, -1, 2, -1, 0, INK_BOLD },
	[STYLE_TIMEOUT] = { 67, -1, 4, -1, 0, 0 },
	[STYLE_REST] = { 252, -1, -1, -1, 0, INK_DIM },
	[STYLE_KEY] = { 25, -1, 4, -1, INK_BOLD, INK_BOLD },
	[STYLE_LABEL] = { 240, -1, -1, -1, 0, 0 },
	[STYLE_INFO] = { 255, 24, 7, 4, 0, INK_REVERSE },
	[STYLE_WARN] = { 16, 214, 0, 3, 0, INK_REVERSE },
	[STYLE_BAD] = { 231, 124, 7, 1, INK_BOLD, INK_REVERSE | INK_BOLD },
	[STYLE_FIELD] = { 24, -1, 4, -1, 0, 0 },
	[STYLE_UNSAFE] = { 162, -1, 5, -1, INK_BOLD, INK_BOLD },
	[STYLE_LINEEND] = { 247, -1, 4, -1, 0, INK_DIM },
	[STYLE_CARET] = { 160, -1, 1, -1, INK_BOLD, INK_BOLD },
	[STYLE_FOUND] = { 16, 220, 0, 3, 0, INK_UNDERLINE | INK_BOLD },
	[STYLE_BOX] = { 236, 254, 0, 7, 0, 0 },
	[STYLE_QR] = { 231, 16, 7, 0, INK_BOLD, 0 },
	[STYLE_INPUT] = { 16, 254, 0, 7, INK_BOLD, INK_BOLD },
};

const struct ink *
theme_ink(enum theme theme, enum style style)
{
	return theme == THEME_LIGHT ? &light[style] : &dark[style];
}

short
theme_chosen(enum theme theme, short *ink)
{
	*ink = theme == THEME_LIGHT ? 16 : 255;
	return theme == THEME_LIGHT ? 153 : 24;
}

bool
theme_drowns(enum theme theme, int fg)
{
	if (theme == THEME_LIGHT)
		return fg == -1 || fg >= 240;
	return fg == -1 || (fg >= 232 && fg < 252);
}

bool
theme_find(const char *name, enum theme *out)
{
	for (int i = 0; i < THEME_N; i++)
		if (strcmp(themes[i].name, name) == 0) {
			*out = (enum theme)i;
			return true;
		}
	return false;
}
