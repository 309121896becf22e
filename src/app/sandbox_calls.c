/* Layer 4 of the sandbox: the system calls that go on being needed, seccomp(2).
 * A list of what is allowed: what the kernel will learn is denied. */
#include <asm/termbits.h>
#include <errno.h>
#include <linux/prctl.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <ucontext.h>
#include <unistd.h>

#include "app/sandbox_parts.h"
#include "base/error.h"

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41 /* names of memory, by the C library */
#endif

/* With any arguments.  A name that the machine does not have is passed over. */
static const char *const allowed[] = {
	/* descriptors */
	"read", "write", "readv", "writev", "pread64", "pwrite64", "preadv",
	"pwritev", "preadv2", "pwritev2", "close", "lseek", "_llseek", "fstat",
	"fstat64", "fstatfs", "fstatfs64", "ftruncate", "ftruncate64", "fsync",
	"fdatasync", "fcntl", "fcntl64", "flock", "dup", "dup2", "dup3", "pipe",
	"pipe2", "sendfile", "sendfile64", "fadvise64", "fadvise64_64",
	"memfd_create",
	/* names: layers 0 and 3 say which */
	"open", "openat", "openat2", "stat", "stat64", "lstat", "lstat64",
	"newfstatat", "fstatat64", "statx", "statfs", "statfs64", "access",
	"faccessat", "faccessat2", "readlink", "readlinkat", "getcwd",
	"getdents", "getdents64", "mkdir", "mkdirat", "rename", "renameat",
	"renameat2", "unlink", "unlinkat", "umask", "inotify_init1",
	"inotify_add_watch", "inotify_rm_watch",
	/* waiting, time */
	"poll", "ppoll", "ppoll_time64", "select", "_newselect", "pselect6",
	"pselect6_time64", "epoll_create1", "epoll_ctl", "epoll_wait",
	"epoll_pwait", "epoll_pwait2", "eventfd2", "signalfd4",
	"timerfd_create", "timerfd_settime", "timerfd_gettime", "nanosleep",
	"clock_nanosleep", "clock_nanosleep_time64", "clock_gettime",
	"clock_gettime64", "clock_getres", "gettimeofday", "time", "pause",
	"restart_syscall",
	/* connections; socket and what sends below */
	"accept", "accept4", "connect", "shutdown", "recvfrom", "recvmsg",
	"recv", "getsockname", "getpeername", "getsockopt", "setsockopt",
	/* rings that were made before, each held to recv(2), write(2) */
	"io_uring_enter",
	/* memory; mmap and mprotect below */
	"brk", "munmap", "mremap", "madvise",
	/* threads; clone below */
	"futex", "futex_time64", "set_robust_list", "get_robust_list", "rseq",
	"exit", "exit_group", "sched_yield", "sched_getaffinity",
	"sched_getscheduler", "sched_getparam", "getpriority", "membarrier",
	"getcpu",
	/* signals; kill below */
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn",
	"rt_sigtimedwait", "rt_sigpending", "rt_sigsuspend", "sigaltstack",
	/* who and what we are */
	"getpid", "gettid", "getppid", "getpgrp", "getpgid", "getsid", "getuid",
	"geteuid", "getgid", "getegid", "getresuid", "getresgid", "getrandom",
	"uname", "sysinfo", "getrlimit", "ugetrlimit", "getrusage", "times"
};

/* Written by a signal handler. */
static _Atomic uint64_t refused;

uint64_t
sandbox_calls_refused(void)
{
	return atomic_load_explicit(&refused, memory_order_relaxed);
}

bool
sandbox_calls_there(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

/* A refused call comes as a signal to the thread that made it: counted, and
 * made to return EPERM. */
#if defined(__x86_64__)
#define CAN_COUNT true
static void
set_result(ucontext_t *u, long v)
{
	u->uc_mcontext.gregs[REG_RAX] = v;
}
#elif defined(__aarch64__)
#define CAN_COUNT true
static void
set_result(ucontext_t *u, long v)
{
	u->uc_mcontext.regs[0] = (unsigned long long)v;
}
#else
#define CAN_COUNT false
static void
set_result(ucontext_t *u, long v)
{
	(void)u;
	(void)v;
}
#endif

static void
on_refused(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	atomic_fetch_add_explicit(&refused, 1, memory_order_relaxed);
	set_result(context, -EPERM);
}

static bool
take_refusals(void)
{
	struct sigaction act = { .sa_flags = SA_SIGINFO };
	sigset_t set;

	act.sa_sigaction = on_refused;
	sigemptyset(&act.sa_mask);
	sigemptyset(&set);
	sigaddset(&set, SIGSYS);
	return sigaction(SIGSYS, &act, NULL) == 0 &&
	    pthread_sigmask(SIG_UNBLOCK, &set, NULL) == 0;
}

/* One more call with one argument to be so; a call that this machine does not
 * have is no fault. */
static int
add(scmp_filter_ctx f, int call, struct scmp_arg_cmp argument)
{
	int r = seccomp_rule_add(f, SCMP_ACT_ALLOW, call, 1, argument);

	return r == -EDOM || r == -EINVAL ? 0 : r;
}

static int
add_allowed(scmp_filter_ctx f)
{
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		int call = seccomp_syscall_resolve_name(allowed[i]);
		int r;

		if (call == __NR_SCMP_ERROR || call < 0)
			continue;
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, call, 0);
		if (r != 0)
			return r;
	}
	return 0;
}

/* Threads, no processes: clone3(2) hides its flags from the filter, and the C
 * library goes on with clone(2) when it is not there. */
static int
add_threads(scmp_filter_ctx f)
{
	int r = add(f, SCMP_SYS(clone),
	    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));

	if (r == 0)
		r = seccomp_rule_add(
		    f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return r;
}

/* Memory that can be executed is there already. */
static int
add_memory(scmp_filter_ctx f)
{
	const struct scmp_arg_cmp plain =
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	int r = add(f, SCMP_SYS(mmap), plain);

	if (r == 0)
		r = add(f, SCMP_SYS(mmap2), plain);
	return r == 0 ? add(f, SCMP_SYS(mprotect), plain) : r;
}

/* What the C library and ncurses ask of a terminal, later versions of them too.
 * Nothing that types into one (TIOCSTI, TIOCLINUX) or speaks to another device.
 * The kernel looks at the lower half of the number alone. */
static int
add_terminal(scmp_filter_ctx f)
{
	static const scmp_datum_t request[] = {
		TCGETS, TCSETS, TCSETSW, TCSETSF, TCSBRK, TCXONC, TCFLSH,
		TIOCGWINSZ, TIOCGPGRP, TIOCGSID, TIOCOUTQ, FIONREAD,
#ifdef TCGETS2
		TCGETS2, TCSETS2, TCSETSW2, TCSETSF2
#endif
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(request) / sizeof(request[0]);
	     i++)
		r = add(f, SCMP_SYS(ioctl),
		    SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, request[i]));
	return r;
}

/* The kernel's SOCK_TYPE_MASK: what is not a flag in socket(2)'s type. */
#define SOCKET_TYPE 0xf

/* TCP and nothing else, whose connections layer 3 confines to our own
 * listeners: it knows of no datagrams, nor of Multipath TCP. */
static int
add_sockets(scmp_filter_ctx f)
{
	static const scmp_datum_t family[] = { AF_INET, AF_INET6 };
	static const scmp_datum_t protocol[] = { 0, IPPROTO_TCP };
	int r = 0;

	for (unsigned i = 0; r == 0 && i < 4; i++) {
		struct scmp_arg_cmp is[] = { SCMP_A0(
						 SCMP_CMP_EQ, family[i % 2], 0),
			SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_TYPE, SOCK_STREAM),
			SCMP_A2(SCMP_CMP_EQ, protocol[i / 2], 0) };

		r = seccomp_rule_add_array(
		    f, SCMP_ACT_ALLOW, SCMP_SYS(socket), 3, is);
	}
	return r;
}

/* Not by TCP Fast Open, which connects as it sends, and unseen by layer 3. */
static int
add_sends(scmp_filter_ctx f)
{
	int r = add(
	    f, SCMP_SYS(sendto), SCMP_A3(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0));

	if (r == 0)
		r = add(f, SCMP_SYS(send),
		    SCMP_A3(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0));
	return r == 0 ? add(f, SCMP_SYS(sendmsg),
			    SCMP_A2(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0))
		      : r;
}

/* Signals to ourselves and, by the suspend key, to those who were started with
 * us. */
static int
add_signals(scmp_filter_ctx f)
{
	const scmp_datum_t self = (scmp_datum_t)getpid();
	int r = add(f, SCMP_SYS(kill), SCMP_A0(SCMP_CMP_EQ, 0, 0));

	if (r == 0)
		r = add(f, SCMP_SYS(kill), SCMP_A0(SCMP_CMP_EQ, self, 0));
	return r == 0 ? add(f, SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_EQ, self, 0))
		      : r;
}

static int
add_process(scmp_filter_ctx f)
{
	static const unsigned options[] = { PR_SET_NAME, PR_GET_NAME,
		PR_GET_DUMPABLE, PR_SET_VMA };
	int r = add(f, SCMP_SYS(prlimit64), SCMP_A0(SCMP_CMP_EQ, 0, 0));

	/* a thread steps back behind the workers */
	if (r == 0)
		r = add(f, SCMP_SYS(sched_setattr), SCMP_A0(SCMP_CMP_EQ, 0, 0));

	for (size_t i = 0; r == 0 && i < sizeof(options) / sizeof(options[0]);
	     i++)
		r = add(
		    f, SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, options[i], 0));
	return r;
}

/* What a debugger or strace(1) makes of a call that it takes over: no call. */
static int
add_skipped(scmp_filter_ctx f)
{
	int r = seccomp_attr_set(f, SCMP_FLTATR_API_TSKIP, 1);

	return r == 0 ? seccomp_rule_add(f, SCMP_ACT_ALLOW, -1, 0) : r;
}

static int
load(scmp_filter_ctx f)
{
	int r = seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);

	/* A tree instead of a list, where the library can. */
	(void)seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	r = r == 0 ? add_skipped(f) : r;
	r = r == 0 ? add_allowed(f) : r;
	r = r == 0 ? add_threads(f) : r;
	r = r == 0 ? add_memory(f) : r;
	r = r == 0 ? add_terminal(f) : r;
	r = r == 0 ? add_sockets(f) : r;
	r = r == 0 ? add_sends(f) : r;
	r = r == 0 ? add_signals(f) : r;
	r = r == 0 ? add_process(f) : r;
	return r == 0 ? seccomp_load(f) : r;
}

enum sandbox_result
sandbox_calls_enter(bool kill, struct sandbox_status *s, char err[512])
{
	uint32_t otherwise = kill ? SCMP_ACT_KILL_PROCESS
	    : CAN_COUNT		  ? SCMP_ACT_TRAP
				  : SCMP_ACT_ERRNO(EPERM);
	scmp_filter_ctx f;
	int r = -ENOMEM;

	if (!sandbox_calls_there()) {
		sandbox_say(s, SANDBOX_CALLS, SANDBOX_MISSING,
		    "the kernel has no seccomp filters");
		return SANDBOX_ABSENT;
	}
	f = seccomp_init(otherwise);
	if (f != NULL)
		r = take_refusals() ? load(f) : -errno;
	seccomp_release(f);
	/* as under valgrind(1), which knows no filters */
	if (r == -EOPNOTSUPP || r == -ENOSYS) {
		sandbox_say(s, SANDBOX_CALLS, SANDBOX_MISSING, "seccomp: %s",
		    error_text(-r));
		return SANDBOX_ABSENT;
	}
	if (r != 0) {
		snprintf(err, 512, "sandbox: seccomp: %s", error_text(-r));
		return SANDBOX_FAILED;
	}
	sandbox_say(s, SANDBOX_CALLS, SANDBOX_ON, "others %s",
	    kill	    ? "end the process (tests)"
		: CAN_COUNT ? "fail and are counted"
			    : "fail");
	return SANDBOX_DONE;
}
