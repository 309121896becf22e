/* The real program on a virtual terminal: a pseudo terminal whose other end
 * is read into libvterm.  Tests look at cells, type keys, and wait until the
 * screen shows what they expect; they never wait for quiet.
 *
 * Between terminal and program stands a shell of our own, as people have one:
 * it makes the program its foreground job, sees it stop, and wakes it again. */
#ifndef TESTS_CONSOLE_VT_H
#define TESTS_CONSOLE_VT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>
#include <vterm.h>

#define VT_DEADLINE_S 20 /* generous: only a failure waits for it */
#define VT_ROW	      2048

struct vt_options {
	int w, h;
	const char *term;	/* NULL: xterm-256color */
	const char *locale;	/* NULL: C.UTF-8 */
	const char *folder;	/* working directory of the program */
	const char *const *env; /* "NAME=value", NULL at the end; may be NULL */
	const char *input; /* a file in it to be stdin; NULL: the terminal */
	const char *const *args; /* behind the program's name, likewise */
};

struct vt;

/* Start $HTTPCONSOLE, or ./httpconsole.  The test fails when it cannot. */
struct vt *vt_start(const struct vt_options *o);

/* End what still runs, and free; NULL is allowed. */
void vt_free(struct vt *t);

pid_t vt_pid(const struct vt *t);

/* The program's modes of the terminal, as they are now. */
struct termios vt_modes(const struct vt *t);

/* Feed what the program wrote to the screen, waiting for it at most so long.
 * False when nothing came. */
bool vt_pump(struct vt *t, int timeout_ms);

/* What was written since the start, as bytes; all of it is kept. */
const char *vt_output(const struct vt *t, size_t *n);

/* Write to the screen as if another program did. */
void vt_spoil(struct vt *t, const char *bytes);

/* What the screen shows. */
bool vt_shows(struct vt *t, const char *text);
const char *vt_row(struct vt *t, int y); /* until the next call */
/* First row from `y` on that the extended regular expression matches, -1. */
int vt_find(struct vt *t, int y, const char *regex);
/* The number that the first parenthesis matches in the first such row, -1. */
long vt_number(struct vt *t, const char *regex);
/* The column in which `text`, all ASCII or one character, begins in a row, -1.
 */
int vt_column(struct vt *t, int y, const char *text);
VTermScreenCell vt_cell(struct vt *t, int y, int x);
void vt_size(const struct vt *t, int *w, int *h);
bool vt_altscreen(const struct vt *t);
bool vt_cursor_shown(const struct vt *t);
unsigned vt_bells(const struct vt *t);
const char *vt_title(const struct vt *t); /* set by an escape sequence */
void vt_dump(struct vt *t);

typedef bool vt_test(struct vt *t, const void *arg);

/* Pump until the test holds; the cmocka test fails at the deadline, showing
 * the screen. */
void vt_wait_at(struct vt *t, vt_test *test, const void *arg, const char *what,
    const char *file, int line);
bool vt_test_shows(struct vt *t, const void *text);
bool vt_test_lacks(struct vt *t, const void *text);
bool vt_test_row(struct vt *t, const void *regex);
bool vt_test_no_row(struct vt *t, const void *regex);
bool vt_test_altscreen(struct vt *t, const void *unused);
bool vt_test_stopped(struct vt *t, const void *unused);

#define vt_wait(t, test, arg)                                                  \
	vt_wait_at(t, test, arg, #test "(" #arg ")", __FILE__, __LINE__)
#define vt_wait_text(t, text)                                                  \
	vt_wait_at(t, vt_test_shows, text, text, __FILE__, __LINE__)
#define vt_wait_gone(t, text)                                                  \
	vt_wait_at(t, vt_test_lacks, text, "no " text, __FILE__, __LINE__)
#define vt_wait_row(t, regex)                                                  \
	vt_wait_at(t, vt_test_row, regex, regex, __FILE__, __LINE__)
#define vt_wait_no_row(t, regex)                                               \
	vt_wait_at(t, vt_test_no_row, regex, "no " regex, __FILE__, __LINE__)

/* Fail the test with the screen, unless it holds now. */
void vt_check_at(
    struct vt *t, bool holds, const char *what, const char *file, int line);
#define vt_check(t, holds) vt_check_at(t, holds, #holds, __FILE__, __LINE__)

/* Keys, as the bytes that terminals send. */
#define VT_UP	  "\033OA"
#define VT_DOWN	  "\033OB"
#define VT_RIGHT  "\033OC"
#define VT_LEFT	  "\033OD"
#define VT_HOME	  "\033OH"
#define VT_END	  "\033OF"
#define VT_PGUP	  "\033[5~"
#define VT_PGDN	  "\033[6~"
#define VT_ENTER  "\r"
#define VT_ESC	  "\033"
#define VT_TAB	  "\t"
#define VT_CTRL_C "\003"
#define VT_CTRL_L "\014"
#define VT_CTRL_U "\025"
#define VT_CTRL_Z "\032"
void vt_type(struct vt *t, const char *bytes);

/* Without reading the terminal when it takes nothing for now. */
void vt_type_blind(struct vt *t, const char *bytes);

/* Paste, in brackets when the program asked for them. */
void vt_paste(struct vt *t, const char *text);

void vt_resize(struct vt *t, int w, int h);

/* Do something that shows and take it back: whatever was typed before has
 * been dealt with, and a frame drawn, when this returns. */
void vt_settle_at(struct vt *t, const char *file, int line);
#define vt_settle(t) vt_settle_at(t, __FILE__, __LINE__)

/* How the program ended, as waitpid(2) tells it; the test fails when it does
 * not.  Reads the terminal meanwhile, unless `deaf`. */
int vt_end_at(struct vt *t, bool deaf, const char *file, int line);
#define vt_end(t)      vt_end_at(t, false, __FILE__, __LINE__)
#define vt_end_deaf(t) vt_end_at(t, true, __FILE__, __LINE__)

/* Whether it runs and is not stopped, as the shell knows. */
bool vt_runs(struct vt *t);
bool vt_stopped(struct vt *t);

/* The shell's fg: the terminal is the program's again, and it goes on. */
void vt_foreground(struct vt *t);

/* Close the terminal, as closing its window does. */
void vt_hang_up(struct vt *t);

#endif
