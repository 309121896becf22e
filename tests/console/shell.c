#include "tests/console/shell.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void
report(int fd, pid_t pid, int status)
{
	struct shell_report r = { pid, status };

	if (write(fd, &r, sizeof r) != sizeof r)
		_exit(1);
}

/* As "< FILE" does. */
static bool
take_input(const char *file)
{
	int fd;

	if (file == NULL)
		return true;
	fd = open(file, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO;
}

/* Become the job: a process group of its own, in the foreground, with signals
 * as a login leaves them.  A crash leaves no core file. */
static noreturn void
exec_job(const struct shell_job *job)
{
	static const int plain[] = { SIGTTOU, SIGTTIN, SIGTSTP, SIGPIPE };
	struct rlimit none = { 0, 0 };
	sigset_t empty;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setpgid(0, 0);
	(void)tcsetpgrp(STDIN_FILENO, getpid());
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		(void)signal(plain[i], SIG_DFL);
	sigemptyset(&empty);
	(void)sigprocmask(SIG_SETMASK, &empty, NULL);
	(void)setrlimit(RLIMIT_CORE, &none);
	if ((job->folder == NULL || chdir(job->folder) == 0) &&
	    take_input(job->input))
		(void)execve(job->program, job->argv, job->env);
	_exit(127);
}

static void
look_at_job(pid_t job, int report_fd)
{
	int status;

	while (waitpid(job, &status, WNOHANG | WUNTRACED | WCONTINUED) > 0) {
		if (!WIFCONTINUED(status))
			(void)tcsetpgrp(STDIN_FILENO, getpgrp());
		report(report_fd, job, status);
	}
}

noreturn void
shell_run(const struct shell_job *job, int report_fd)
{
	static const char prompt[] = SHELL_PROMPT "\n";
	sigset_t set;
	pid_t pid;
	int sig;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGTTOU, SIG_IGN);
	(void)signal(SIGTTIN, SIG_IGN);
	(void)signal(SIGTSTP, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	if (write(STDOUT_FILENO, prompt, sizeof prompt - 1) < 0)
		_exit(1);
	pid = fork();
	if (pid == 0)
		exec_job(job);
	if (pid < 0)
		_exit(1);
	(void)setpgid(pid, pid);
	report(report_fd, pid, -1);
	for (;;) {
		sig = sigwaitinfo(&set, NULL);
		if (sig == SIGCHLD) {
			look_at_job(pid, report_fd);
		} else if (sig == SIGUSR1) {
			(void)tcsetpgrp(STDIN_FILENO, pid);
			(void)kill(-pid, SIGCONT);
		} else if (sig == SIGHUP) {
			(void)kill(-pid, SIGHUP);
		}
	}
}
