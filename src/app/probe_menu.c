#include "app/probe_menu.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

static void
prompt(const struct probe_conn *c)
{
	printf("\n1 send again with keep-alive, 2 send with close, %s0 quit: ",
	    c->ended ? "3 connect again, " : "");
	fflush(stdout);
}

/* Take the first line off the input.  False when none is complete; one that
 * is longer than the buffer counts as complete. */
static bool
take_line(struct probe_menu *m, char *first)
{
	const char *lf = memchr(m->line, '\n', m->n);
	size_t n;

	if (lf == NULL && m->n < sizeof(m->line))
		return false;
	n = lf != NULL ? (size_t)(lf - m->line) + 1 : m->n;
	struct span s = span_trim(span_of(m->line, lf != NULL ? n - 1 : n));
	*first = '?';
	if (s.n == 1 && s.p[0] > ' ' && s.p[0] <= '~')
		*first = s.p[0];
	m->n -= n;
	memmove(m->line, m->line + n, m->n);
	return true;
}

/* The server did something while nobody asked. */
static void
tell_unasked(const struct probe_show *s, struct probe_conn *c)
{
	char bytes[512], text[160];
	struct buf b = buf_over(bytes, sizeof(bytes));
	double waited =
	    (double)(clock_mono() - c->quiet_since) / (double)NS_PER_S;
	int error;
	enum probe_end end = probe_conn_await_end(c, &b, &error, 0);

	if (end == PROBE_LATE)
		return;
	putchar('\n');
	if (end == PROBE_NOT_HTTP) {
		probe_say(s, false,
		    "unasked, after %.1f s of waiting, the "
		    "server sent:",
		    waited);
		probe_show_unasked(s, buf_span(&b));
		c->quiet_since = clock_mono();
	} else {
		probe_say(s, false, "after %.1f s of waiting: %s", waited,
		    probe_describe_end(text, end, error, NULL));
	}
	prompt(c);
}

/* True when the line is a choice. */
static bool
read_choice(char first, enum probe_choice *choice)
{
	switch (first) {
	case '0':
	case 'q':
		*choice = PROBE_QUIT;
		return true;
	case '1':
		*choice = PROBE_SEND_KEEP;
		return true;
	case '2':
		*choice = PROBE_SEND_CLOSE;
		return true;
	case '3':
		*choice = PROBE_CONNECT;
		return true;
	default:
		return false;
	}
}

enum probe_choice
probe_menu_ask(
    struct probe_menu *m, const struct probe_show *s, struct probe_conn *c)
{
	enum probe_choice choice = PROBE_QUIT;
	char first;

	prompt(c);
	for (;;) {
		/* a negative descriptor is not watched */
		struct pollfd p[2] = {
			{ .fd = STDIN_FILENO, .events = POLLIN },
			{ .fd = c->ended ? -1 : c->fd, .events = POLLIN },
		};

		if (take_line(m, &first)) {
			if (!isatty(STDIN_FILENO)) /* nobody echoed it */
				printf("%c\n", first);
			if (read_choice(first, &choice))
				return choice;
			printf("  answer with one of the numbers\n");
			prompt(c);
			continue;
		}
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return PROBE_QUIT;
		if (p[1].revents)
			tell_unasked(s, c);
		if (!p[0].revents)
			continue;
		ssize_t n =
		    read(STDIN_FILENO, m->line + m->n, sizeof(m->line) - m->n);
		if (n == 0 || (n < 0 && errno != EINTR))
			return PROBE_QUIT;
		m->n += n > 0 ? (size_t)n : 0;
	}
}
