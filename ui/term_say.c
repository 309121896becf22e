#include "ui/term_say.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "ui/term_name.h"

void
say(const char *sequence)
{
	/* Not through stdio: its lock would be held while write blocks, and
	 * exit(3) waits for it. */
	ssize_t n = write(STDOUT_FILENO, sequence, strlen(sequence));
	(void)n;
}

void
say_pastes(bool on)
{
	if (term_pastes())
		say(on ? "\033[?2004h" : "\033[?2004l");
}

void
say_mouse(bool on)
{
	if (term_pastes())
		say(on ? "\033[?1000h\033[?1006h" : "\033[?1006l\033[?1000l");
}

void
say_copy(const char *text, size_t n)
{
	size_t size = n / 3 * 4 + 32;
	char *out = term_pastes() ? malloc(size) : NULL;
	struct buf b = buf_over(out, size - 1);

	if (out == NULL)
		return;
	buf_puts(&b, "\033]52;c;");
	base64_put(&b, span_of(text, n));
	buf_puts(&b, "\a");
	say(buf_cstr(&b));
	free(out);
}

void
say_link(const char *url)
{
	if (!term_pastes())
		return;
	say("\033]8;;");
	say(url);
	say("\033\\");
}
