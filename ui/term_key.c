/* Keys and the mouse, as the terminal tells of them. */
#include "ui/term_parts.h"
#include "ui/term_say.h"

#define CURSES_CODE (KEY_MAX + 1) /* free for define_key */

void
term_key_begin(struct term *t)
{
	t->keys = newpad(1, 1);
	(void)keypad(t->keys, TRUE);
	(void)nodelay(t->keys, TRUE);
	(void)set_escdelay(25);
	(void)typeahead(-1); /* no half-drawn frames */
	(void)define_key("\033[200~", CURSES_CODE);
	(void)define_key("\033[201~", CURSES_CODE + 1);
	(void)define_key("\033[<", CURSES_CODE + 2); /* a mouse: SGR 1006 */
	say_pastes(true);
}

struct term_mouse
term_mouse(const struct term *t)
{
	return t->at;
}

/* The rest of a report: "button;column;row" and M, or m when it was let go. */
static uint32_t
read_mouse(struct term *t)
{
	unsigned n[3] = { 0 }, field = 0;
	wint_t c = 0;

	for (int i = 0; i < 20; i++) {
		if (wget_wch(t->keys, &c) == ERR)
			return TERM_KEY_OTHER;
		if (c >= '0' && c <= '9' && n[field] < 100000)
			n[field] = n[field] * 10 + (unsigned)(c - '0');
		else if (c == ';' && field < 2)
			field++;
		else
			break;
	}
	if (c != 'M' || field != 2 || n[1] == 0 || n[2] == 0)
		return TERM_KEY_OTHER;
	t->at.y = (int)n[2] - 1;
	t->at.x = (int)n[1] - 1;
	switch (n[0] & ~0x1Cu) { /* without Shift, Alt and Ctrl */
	case 0:
		t->at.button = TERM_LEFT;
		return TERM_KEY_MOUSE;
	case 64:
		t->at.button = TERM_WHEEL_UP;
		return TERM_KEY_MOUSE;
	case 65:
		t->at.button = TERM_WHEEL_DOWN;
		return TERM_KEY_MOUSE;
	default:
		return TERM_KEY_OTHER;
	}
}

static uint32_t
special_key(wint_t code)
{
	static const struct {
		wint_t curses;
		uint32_t key;
	} table[] = {
		{ KEY_UP, TERM_KEY_UP },
		{ KEY_DOWN, TERM_KEY_DOWN },
		{ KEY_LEFT, TERM_KEY_LEFT },
		{ KEY_RIGHT, TERM_KEY_RIGHT },
		{ KEY_HOME, TERM_KEY_HOME },
		{ KEY_FIND, TERM_KEY_HOME },
		{ KEY_END, TERM_KEY_END },
		{ KEY_SELECT, TERM_KEY_END },
		{ KEY_PPAGE, TERM_KEY_PAGE_UP },
		{ KEY_NPAGE, TERM_KEY_PAGE_DOWN },
		{ KEY_BTAB, TERM_KEY_BACK_TAB },
		{ KEY_BACKSPACE, TERM_KEY_BACKSPACE },
		{ KEY_DC, TERM_KEY_DELETE },
		{ KEY_ENTER, TERM_KEY_ENTER },
		{ CURSES_CODE, TERM_KEY_PASTE_BEGIN },
		{ CURSES_CODE + 1, TERM_KEY_PASTE_END },
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].curses == code)
			return table[i].key;
	if (code >= KEY_F(1) && code <= KEY_F(12))
		return TERM_KEY_F1 + (uint32_t)(code - KEY_F(1));
	return TERM_KEY_OTHER;
}

uint32_t
term_key(struct term *t)
{
	wint_t code;
	int kind;

	CHECK_MAGIC(t, TERM_MAGIC);
	kind = wget_wch(t->keys, &code);
	if (kind == ERR)
		return TERM_KEY_NONE;
	if (kind == KEY_CODE_YES && code == CURSES_CODE + 2)
		return read_mouse(t);
	if (kind == KEY_CODE_YES)
		return special_key(code);
	if (code == 0x7F || code == 8)
		return TERM_KEY_BACKSPACE;
	if (code == '\n')
		return TERM_KEY_ENTER;
	return code == 0 || code >= TERM_KEY_SPECIAL ? TERM_KEY_OTHER
						     : (uint32_t)code;
}
