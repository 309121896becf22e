/* The shell between a virtual terminal and the program: the leader of the
 * terminal's session, which runs one job in the foreground. */
#ifndef TESTS_CONSOLE_SHELL_H
#define TESTS_CONSOLE_SHELL_H

#include <stdnoreturn.h>
#include <sys/types.h>

#define SHELL_PROMPT "$ httpconsole"

struct shell_job {
	const char *program; /* absolute */
	char *const *argv;
	char *const *env;
	const char *folder; /* NULL: stay */
	const char *input;  /* NULL: the terminal */
};

/* What it writes to its report descriptor: once at the start, and whenever
 * the job stops, goes on, or ends. */
struct shell_report {
	pid_t pid;
	int status; /* as of waitpid(2); -1: started */
};

/* Be the shell, with the terminal on the standard descriptors.  Does not
 * return: ends by SIGKILL, or when the caller's process ends.  SIGUSR1 means
 * fg; SIGHUP is passed on to the job, as shells do. */
noreturn void shell_run(const struct shell_job *job, int report_fd);

#endif
