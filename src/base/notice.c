#include "base/notice.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/outlet.h"
#include "base/printable.h"

#define GATE_NS (10 * NS_PER_S)

/* Global, because whoever is in trouble must be able to say so without having
 * been handed anything. */
static struct {
	pthread_mutex_t mutex;
	uint64_t last; /* seq of the newest */
	struct notice kept[NOTICE_KEPT];
	_Atomic bool to_stderr;
	_Atomic int min_level;
} notices = {
	.mutex = PTHREAD_MUTEX_INITIALIZER,
	.to_stderr = true,
	.min_level = NOTICE_INFO,
};

/* The way to stderr, and what that was when it was opened.  A mutex of its own:
 * the list is read by a console that must not wait for a disk. */
static struct {
	pthread_mutex_t mutex;
	struct outlet out;
	struct stat is;
	bool cut; /* the last line was not taken whole */
} err = {
	.mutex = PTHREAD_MUTEX_INITIALIZER,
	.out = { .fd = -1 },
};

static void
notice_keep(enum notice_level level, const char *text)
{
	int64_t wall = clock_now().wall;

	pthread_mutex_lock(&notices.mutex);

	struct notice *n = &notices.kept[++notices.last % NOTICE_KEPT];

	n->seq = notices.last;
	n->wall = wall;
	n->level = level;
	memcpy(n->text, text, NOTICE_TEXT);
	pthread_mutex_unlock(&notices.mutex);
}

/* Opened anew when stderr has become another file, or when what it was could
 * not be opened: descriptors may have run out for a while. */
static void
open_stderr(void)
{
	struct stat is = { 0 };

	(void)fstat(STDERR_FILENO, &is);
	if (err.out.own && is.st_dev == err.is.st_dev &&
	    is.st_ino == err.is.st_ino)
		return;
	outlet_close(&err.out);
	err.out = outlet_onto(STDERR_FILENO);
	err.is = is;
	err.cut = false;
}

/* What is not taken at once is given up: whoever has something to say, a
 * worker perhaps, has better things to do than wait. */
static void
write_stderr(struct span line)
{
	pthread_mutex_lock(&err.mutex);
	open_stderr();
	if (!err.cut)
		line = span_skip(line, 1);
	for (size_t at = 0; at < line.n;) {
		ssize_t r = outlet_write(&err.out, line.p + at, line.n - at);

		if (r <= 0) {
			/* of a line not begun nothing needs to be ended */
			err.cut = at > 0 || err.cut;
			break;
		}
		at += (size_t)r;
		err.cut = at < line.n;
	}
	pthread_mutex_unlock(&err.mutex);
}

static void
notice_write(enum notice_level level, const char *text)
{
	static const char *const label[] = { "debug: ", "",
		"warning: ", "error: " };
	char line[NOTICE_TEXT + 32];
	struct buf b = buf_over(line, sizeof(line));

	/* the first ends a line that was cut */
	buf_puts(&b, "\nhttpconsole: ");
	buf_puts(&b, label[level]);
	buf_puts(&b, text);
	buf_putc(&b, '\n');
	write_stderr(buf_span(&b));
}

static void __attribute__((format(printf, 3, 0)))
notice_say(enum notice_level level, uint32_t held, const char *fmt, va_list ap)
{
	char raw[1024];
	char text[NOTICE_TEXT] = "";
	int min =
	    atomic_load_explicit(&notices.min_level, memory_order_relaxed);
	int n;

	if ((int)level < min && level < NOTICE_INFO)
		return;
	n = vsnprintf(raw, sizeof(raw), fmt, ap);
	if (n < 0)
		return;

	size_t len = (size_t)n < sizeof(raw) ? (size_t)n : sizeof(raw) - 1;

	if (held && len < sizeof(raw) - 64)
		len += (size_t)snprintf(raw + len, sizeof(raw) - len,
		    " (%u like it were not said)", held);
	printable_str(text, sizeof(text), span_of(raw, len), PRINTABLE_UTF8);
	notice_keep(level, text);
	if ((int)level >= min &&
	    atomic_load_explicit(&notices.to_stderr, memory_order_relaxed))
		notice_write(level, text);
}

void
notice(enum notice_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	notice_say(level, 0, fmt, ap);
	va_end(ap);
}

/* Whether the gate lets one through now. */
static bool
gate_opens(struct notice_gate *gate, int64_t now)
{
	int64_t next = atomic_load(&gate->next);

	return now >= next &&
	    atomic_compare_exchange_strong(&gate->next, &next, now + GATE_NS);
}

void
notice_gated(
    struct notice_gate *gate, enum notice_level level, const char *fmt, ...)
{
	va_list ap;

	if (!gate_opens(gate, clock_mono())) {
		atomic_fetch_add(&gate->held, 1);
		return;
	}
	va_start(ap, fmt);
	notice_say(level, atomic_exchange(&gate->held, 0), fmt, ap);
	va_end(ap);
}

unsigned
notice_read(uint64_t after, struct notice *out, unsigned max)
{
	unsigned n = 0;

	pthread_mutex_lock(&notices.mutex);

	uint64_t wanted = notices.last > after ? notices.last - after : 0;

	if (wanted > NOTICE_KEPT)
		wanted = NOTICE_KEPT;
	if (wanted > max)
		wanted = max;
	for (uint64_t i = notices.last - wanted + 1; n < wanted; i++)
		out[n++] = notices.kept[i % NOTICE_KEPT];
	pthread_mutex_unlock(&notices.mutex);
	return n;
}

void
notice_to_stderr(bool on)
{
	atomic_store(&notices.to_stderr, on);
}

void
notice_min_level(enum notice_level level)
{
	atomic_store(&notices.min_level, (int)level);
}
