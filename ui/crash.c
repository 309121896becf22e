#include "ui/crash.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

/* Bracketed paste and mouse off, main screen, cursor shown, attributes and
 * character sets as at start, keypad off, a new line.  Terminals ignore what
 * they do not know. */
static const char reset[] =
    "\033[?2004l\033[?1006l\033[?1000l\033[?1049l\033[?25h\033[m\033(B\017"
    "\033[?1l\033>\r\n";

static const int faults[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };
#define FAULTS (sizeof faults / sizeof *faults)

/* A signal handler has no argument of its own: hence static. */
static struct {
	int fd;
	struct termios saved;
	struct sigaction before[FAULTS];
	bool on;
	atomic_bool struck;
} guard;

static void
restore_and_die(int sig, siginfo_t *info, void *context)
{
	(void)context;
	atomic_store(&guard.struck, true);
	ssize_t n = write(guard.fd, reset, sizeof reset - 1);
	(void)n;
	(void)tcsetattr(guard.fd, TCSANOW, &guard.saved);
	for (size_t i = 0; i < FAULTS; i++)
		(void)sigaction(faults[i], &guard.before[i], NULL);
	/* A fault comes again when its instruction is run again, with all that
	 * a debugger or sanitizer wants to know; what was sent does not. */
	if (info->si_code <= 0)
		(void)raise(sig);
}

bool
crash_under_way(void)
{
	return atomic_load_explicit(&guard.struck, memory_order_relaxed);
}

static void
faults_set(sigset_t *set)
{
	(void)sigemptyset(set);
	for (size_t i = 0; i < FAULTS; i++)
		(void)sigaddset(set, faults[i]);
}

void
crash_guard(int fd, const struct termios *saved)
{
	struct sigaction act = { .sa_flags = SA_SIGINFO | SA_NODEFER };
	sigset_t set;

	guard.fd = fd;
	guard.saved = *saved;
	act.sa_sigaction = restore_and_die;
	(void)sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < FAULTS; i++)
		(void)sigaction(faults[i], &act, &guard.before[i]);
	faults_set(&set);
	(void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	guard.on = true;
}

void
crash_unguard(void)
{
	if (!guard.on)
		return;
	for (size_t i = 0; i < FAULTS; i++)
		(void)sigaction(faults[i], &guard.before[i], NULL);
	guard.on = false;
}
