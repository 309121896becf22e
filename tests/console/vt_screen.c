/* The screen of a virtual terminal: libvterm, and looking at its cells. */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "tests/console/vt_private.h"
#include "ui/glyph.h"

#define SWITCH_N 8 /* bytes of \033[?1049h and \033[?1049l */

static int
on_property(VTermProp prop, VTermValue *val, void *user)
{
	struct vt *t = user;

	if (prop == VTERM_PROP_ALTSCREEN)
		t->altscreen = val->boolean;
	if (prop == VTERM_PROP_CURSORVISIBLE)
		t->cursor = val->boolean;
	if (prop == VTERM_PROP_TITLE)
		(void)snprintf(t->title, sizeof t->title, "%s", val->string);
	return 1;
}

static int
on_bell(void *user)
{
	struct vt *t = user;

	t->bells++;
	return 1;
}

void
vt_screen_make(struct vt *t, VTermOutputCallback *answer)
{
	static const VTermScreenCallbacks callbacks = {
		.settermprop = on_property,
		.bell = on_bell,
	};

	t->term = vterm_new(t->h, t->w);
	assert_non_null(t->term);
	t->cursor = true;
	vterm_set_utf8(t->term, 1);
	vterm_output_set_callback(t->term, answer, t);
	t->screen = vterm_obtain_screen(t->term);
	vterm_screen_enable_altscreen(t->screen, 1);
	vterm_screen_set_callbacks(t->screen, &callbacks, t);
	vterm_screen_reset(t->screen, 1);
}

void
vt_spoil(struct vt *t, const char *bytes)
{
	(void)vterm_input_write(t->term, bytes, strlen(bytes));
}

/* libvterm 0.1.4 has one saved cursor for both screens, and takes its being
 * shown from there too.  Terminals keep one for each, and its place only. */
static void
switch_screen(struct vt *t, const char *sequence)
{
	VTermState *state = vterm_obtain_state(t->term);
	const char *cursor = t->cursor ? "\033[?25h" : "\033[?25l";
	char back[32];

	if (sequence[SWITCH_N - 1] == 'h' && !t->altscreen)
		vterm_state_get_cursorpos(state, &t->main_at);
	(void)vterm_input_write(t->term, sequence, SWITCH_N);
	(void)snprintf(back, sizeof back, "\033[%d;%dH", t->main_at.row + 1,
	    t->main_at.col + 1);
	if (sequence[SWITCH_N - 1] == 'l')
		vt_spoil(t, back);
	vt_spoil(t, cursor);
}

/* Where a switch between the screens begins, or may begin when more bytes
 * come; `n` when neither. */
static size_t
find_switch(const char *s, size_t n)
{
	static const char begin[] = "\033[?1049";
	const size_t len = sizeof begin - 1;

	for (size_t i = 0; i < n; i++)
		if (memcmp(s + i, begin, n - i < len ? n - i : len) == 0)
			return i;
	return n;
}

/* Show what was written and not yet shown. */
static void
feed(struct vt *t)
{
	while (t->fed < t->output_n) {
		const char *s = t->output + t->fed;
		size_t n = t->output_n - t->fed, at = find_switch(s, n);
		(void)vterm_input_write(t->term, s, at);
		t->fed += at;
		if (n - at < SWITCH_N)
			return; /* its end has not come yet */
		switch_screen(t, s + at);
		t->fed += SWITCH_N;
	}
}

void
vt_screen_take(struct vt *t, const char *bytes, size_t n)
{
	if (t->output_n + n > t->output_cap) {
		t->output_cap = (t->output_n + n) * 2;
		t->output = realloc(t->output, t->output_cap);
		assert_non_null(t->output);
	}
	memcpy(t->output + t->output_n, bytes, n);
	t->output_n += n;
	feed(t);
}

const char *
vt_output(const struct vt *t, size_t *n)
{
	*n = t->output_n;
	return t->output;
}

VTermScreenCell
vt_cell(struct vt *t, int y, int x)
{
	VTermScreenCell cell = { 0 };

	(void)vterm_screen_get_cell(t->screen, (VTermPos){ y, x }, &cell);
	return cell;
}

const char *
vt_row(struct vt *t, int y)
{
	struct buf b = buf_over(t->row, sizeof t->row - 1);

	for (int x = 0; x < t->w; x++) {
		VTermScreenCell cell = vt_cell(t, y, x);
		if (cell.chars[0] == (uint32_t)-1)
			continue; /* the right half of a wide one */
		if (cell.chars[0] == 0)
			buf_putc(&b, ' ');
		for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i];
		     i++)
			glyph_put(&b, cell.chars[i]);
	}
	while (b.n > 0 && t->row[b.n - 1] == ' ')
		b.n--;
	t->row[b.n] = '\0';
	return t->row;
}

bool
vt_shows(struct vt *t, const char *text)
{
	for (int y = 0; y < t->h; y++)
		if (strstr(vt_row(t, y), text))
			return true;
	return false;
}

/* The row, and where the first parenthesis begins in t->row. */
static int
match(struct vt *t, int y, const char *regex, int *at)
{
	regmatch_t m[2] = { { -1, -1 }, { -1, -1 } };
	regex_t re;

	assert_int_equal(regcomp(&re, regex, REG_EXTENDED), 0);
	while (y < t->h && regexec(&re, vt_row(t, y), 2, m, 0) != 0)
		y++;
	regfree(&re);
	*at = m[1].rm_so;
	return y < t->h ? y : -1;
}

int
vt_find(struct vt *t, int y, const char *regex)
{
	int at;

	return match(t, y, regex, &at);
}

long
vt_number(struct vt *t, const char *regex)
{
	int at, y = match(t, 0, regex, &at);

	return y < 0 || at < 0 ? -1 : strtol(t->row + at, NULL, 10);
}

int
vt_column(struct vt *t, int y, const char *text)
{
	char *at;

	(void)vt_row(t, y);
	at = strstr(t->row, text);
	if (at == NULL)
		return -1;
	*at = '\0';
	return glyph_text_width(t->row);
}

void
vt_size(const struct vt *t, int *w, int *h)
{
	*w = t->w;
	*h = t->h;
}

bool
vt_altscreen(const struct vt *t)
{
	return t->altscreen;
}

bool
vt_cursor_shown(const struct vt *t)
{
	return t->cursor;
}

unsigned
vt_bells(const struct vt *t)
{
	return t->bells;
}

const char *
vt_title(const struct vt *t)
{
	return t->title;
}

void
vt_dump(struct vt *t)
{
	print_error("screen %dx%d%s, program %d, status 0x%x\n", t->w, t->h,
	    t->altscreen ? "" : " (main)", (int)t->pid, (unsigned)t->status);
	for (int y = 0; y < t->h; y++)
		print_error("%3d|%s\n", y, vt_row(t, y));
}
