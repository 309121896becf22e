/* The terminal taken over and given back: its screen, its modes, its size. */
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ui/crash.h"
#include "ui/term_name.h"
#include "ui/term_parts.h"
#include "ui/term_say.h"

static bool
refuse(char err[256], const char *why)
{
	(void)snprintf(err, 256, "%s", why);
	return false;
}

static bool
usable(struct term *t, char err[256])
{
	const char *name = term_variable("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return refuse(err, "stdin and stdout are not a terminal");
	if (*name == '\0' || strcmp(name, "dumb") == 0)
		return refuse(err, "TERM names no terminal with a screen");
	if (tcgetpgrp(STDIN_FILENO) != getpgrp())
		return refuse(err, "the terminal belongs to another job");
	if (tcgetattr(STDIN_FILENO, &t->saved) != 0)
		return refuse(err, "the terminal does not tell its modes");
	return true;
}

/* curses takes signals over that are main's, or have their default action:
 * give them back. */
static bool
open_screen(struct term *t, char err[256])
{
	static const int taken[] = { SIGINT, SIGTERM, SIGTSTP, SIGWINCH };
	struct sigaction before[4];
	const char *place;

	for (int i = 0; i < 4; i++)
		(void)sigaction(taken[i], NULL, &before[i]);
	t->screen = newterm(NULL, stdout, stdin);
	for (int i = 0; i < 4; i++)
		(void)sigaction(taken[i], &before[i], NULL);
	if (t->screen == NULL)
		return refuse(err, "no description of this TERM is installed");
	(void)set_term(t->screen);
	place = tigetstr("cup");
	if (place == NULL || (intptr_t)place == -1) {
		(void)endwin();
		delscreen(t->screen);
		return refuse(err, "this TERM cannot place its cursor");
	}
	return true;
}

/* Signals come as keys (main's SIGINT stays for kill(1)), and Ctrl-S must not
 * stop the console for ever. */
static void
set_modes(struct term *t)
{
	(void)cbreak();
	(void)noecho();
	(void)nonl();
	(void)tcgetattr(STDIN_FILENO, &t->raw);
	t->raw.c_lflag &= ~(tcflag_t)(ISIG | IEXTEN);
	t->raw.c_iflag &= ~(tcflag_t)(IXON | IXOFF | ICRNL | INLCR);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &t->raw);
	(void)def_prog_mode();
}

struct term *
term_start(int color, char err[256])
{
	struct term *t = calloc(1, sizeof *t);
	const char *codeset;

	if (t == NULL) {
		(void)refuse(err, "out of memory");
		return NULL;
	}
	t->magic = TERM_MAGIC;
	/* No other thread asks for the locale. */
	(void)setlocale(LC_ALL, ""); /* NOLINT(concurrency-mt-unsafe) */
	if (!usable(t, err) || !open_screen(t, err)) {
		free(t);
		return NULL;
	}
	crash_guard(STDOUT_FILENO, &t->saved);
	codeset = nl_langinfo(CODESET); /* NOLINT(concurrency-mt-unsafe) */
	t->ascii = strcmp(codeset, "UTF-8") != 0 || term_poor_font();
	set_modes(t);
	term_key_begin(t);
	(void)curs_set(0);
	(void)leaveok(stdscr, FALSE);
	(void)scrollok(stdscr, FALSE);
	term_show_begin(t, color);
	return t;
}

/* One without delays, where the terminal has it. */
static void
say_capability(const char *name)
{
	const char *text = tigetstr(name);

	if (text != NULL && (intptr_t)text != -1 && !strchr(text, '$'))
		say(text);
}

/* Some terminals keep a cursor for each screen: the one that comes back with
 * the main screen is shown too. */
static void
give_back(struct term *t)
{
	say_pastes(false);
	if (t->mouse)
		say_mouse(false);
	(void)curs_set(1);
	(void)endwin();
	/* Where there is one screen only, what follows is written over its last
	 * line. */
	say_capability("el");
	say_capability("cnorm");
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &t->saved);
}

void
term_stop(struct term *t)
{
	CHECK_MAGIC(t, TERM_MAGIC);
	/* In the background the screen and its modes are another's. */
	if (!t->left && term_in_front(t))
		give_back(t);
	crash_unguard();
	(void)delwin(t->keys);
	delscreen(t->screen);
	grid_free(&t->shown);
	t->magic = 0;
	free(t);
}

void
term_abandon(struct term *t)
{
	CHECK_MAGIC(t, TERM_MAGIC);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &t->saved);
}

void
term_leave(struct term *t, const char *message)
{
	CHECK_MAGIC(t, TERM_MAGIC);
	give_back(t);
	t->left = true;
	if (message) {
		say(message);
		say("\n");
	}
}

void
term_return(struct term *t)
{
	CHECK_MAGIC(t, TERM_MAGIC);
	/* The shell may have changed the modes that a start would find. */
	if (t->left)
		(void)tcgetattr(STDIN_FILENO, &t->saved);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &t->raw);
	t->left = false;
	(void)reset_prog_mode();
	(void)clearok(curscr, TRUE);
	(void)curs_set(0);
	say_pastes(true);
	if (t->mouse)
		say_mouse(true);
	grid_free(&t->shown);
}

bool
term_in_front(const struct term *t)
{
	pid_t front = tcgetpgrp(STDIN_FILENO);

	CHECK_MAGIC(t, TERM_MAGIC);
	/* No answer means no terminal: reading will say so. */
	return front < 0 || front == getpgrp();
}

bool
term_ascii(const struct term *t)
{
	return t->ascii;
}

void
term_resize(struct term *t, int *w, int *h)
{
	struct winsize size;

	CHECK_MAGIC(t, TERM_MAGIC);
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row &&
	    size.ws_col && (size.ws_row != LINES || size.ws_col != COLS))
		(void)resizeterm(size.ws_row, size.ws_col);
	*w = COLS < 1 ? 1 : COLS;
	*h = LINES < 1 ? 1 : LINES;
}

void
term_mouse_on(struct term *t, bool on)
{
	CHECK_MAGIC(t, TERM_MAGIC);
	if (on == t->mouse)
		return;
	t->mouse = on;
	if (!t->left)
		say_mouse(on);
}

void
term_bell(const struct term *t)
{
	CHECK_MAGIC(t, TERM_MAGIC);
	if (!t->left)
		say("\a");
}

void
term_copy(const struct term *t, const char *text, size_t n)
{
	CHECK_MAGIC(t, TERM_MAGIC);
	if (!t->left)
		say_copy(text, n);
}
