"""Each system call of the program fails once, with each errno of its man page:
at the start, as root becomes the user, while it serves, while the console is
used, and while it ends (strace -e inject)."""

import collections
import concurrent.futures
import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from harness import (MESSAGE, PROGRAM, Client, Ended, NotHere, Server,
                     exercise, fault, folder, need, quiet_asan, sanitized,
                     write_config)
from terminal import Console

MOST = 8     # occurrences of one call in one phase that are made to fail
JOBS = 3     # runs at a time: most of a run is waiting
LINE = re.compile(r"^(?:\[pid +)?(\d+)\]? +(\w+)\(")

# Section ERRORS of man 2, Linux.
IO = "EAGAIN EBADF EFAULT EINTR EINVAL EIO"
OPEN = ("EACCES EBADF EBUSY EDQUOT EEXIST EFAULT EFBIG EINTR EINVAL EISDIR "
        "ELOOP EMFILE ENAMETOOLONG ENFILE ENODEV ENOENT ENOMEM ENOSPC ENOTDIR "
        "ENXIO EOPNOTSUPP EOVERFLOW EPERM EROFS ETXTBSY")
STAT = ("EACCES EBADF EFAULT EINVAL ELOOP ENAMETOOLONG ENOENT ENOMEM ENOTDIR "
        "EOVERFLOW")
ERRORS = {
    "accept4": "EAGAIN EBADF ECONNABORTED EFAULT EINTR EINVAL EMFILE ENFILE "
               "ENOBUFS ENOMEM ENOTSOCK EOPNOTSUPP EPERM EPROTO ENETDOWN "
               "ENOPROTOOPT EHOSTDOWN ENONET EHOSTUNREACH ENETUNREACH",
    "access": "EACCES EBADF EFAULT EINVAL EIO ELOOP ENAMETOOLONG ENOENT "
              "ENOMEM ENOTDIR EPERM EROFS ETXTBSY",
    "bind": "EACCES EADDRINUSE EBADF EINVAL ENOTSOCK EADDRNOTAVAIL EFAULT "
            "ELOOP ENAMETOOLONG ENOENT ENOMEM ENOTDIR EROFS",
    "capset": "EFAULT EINVAL EPERM",
    "clone": "EAGAIN EINVAL ENOMEM ENOSPC EPERM",
    "clone3": "EAGAIN EINVAL ENOMEM ENOSPC EPERM",
    "clock_gettime": "EFAULT EINVAL ENODEV EOPNOTSUPP EPERM",
    "close": "EBADF EINTR EIO ENOSPC EDQUOT",
    "connect": "EACCES EPERM EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN "
               "EALREADY EBADF ECONNREFUSED EFAULT EINPROGRESS EINTR EISCONN "
               "ENETUNREACH ENOTSOCK EPROTOTYPE ETIMEDOUT",
    "epoll_create1": "EINVAL EMFILE ENFILE ENOMEM",
    "epoll_ctl": "EBADF EEXIST EINVAL ELOOP ENOENT ENOMEM ENOSPC EPERM",
    "epoll_wait": "EBADF EFAULT EINTR EINVAL",
    "eventfd2": "EINVAL EMFILE ENFILE ENODEV ENOMEM",
    "fcntl": "EACCES EAGAIN EBADF EBUSY EDEADLK EFAULT EINTR EINVAL EMFILE "
             "ENOLCK EPERM",
    "fstatfs": "EACCES EBADF EFAULT EINTR EIO ELOOP ENAMETOOLONG ENOENT "
               "ENOMEM ENOSYS ENOTDIR EOVERFLOW",
    "ftruncate": "EACCES EFAULT EFBIG EINTR EINVAL EIO EISDIR ELOOP "
                 "ENAMETOOLONG ENOENT ENOTDIR EPERM EROFS ETXTBSY EBADF",
    "getdents64": "EBADF EFAULT EINVAL ENOENT ENOTDIR",
    "getpeername": "EBADF EFAULT EINVAL ENOBUFS ENOTCONN ENOTSOCK",
    "getrandom": "EAGAIN EFAULT EINTR EINVAL ENOSYS",
    "getsockname": "EBADF EFAULT EINVAL ENOBUFS ENOTSOCK",
    "getsockopt": "EBADF EFAULT EINVAL ENOPROTOOPT ENOTSOCK",
    "inotify_add_watch": "EACCES EBADF EEXIST EFAULT EINVAL ENAMETOOLONG "
                         "ENOENT ENOMEM ENOSPC ENOTDIR",
    "inotify_init1": "EINVAL EMFILE ENOMEM",
    "inotify_rm_watch": "EBADF EINVAL",
    "io_uring_enter": "EAGAIN EBADF EBADFD EBADR EBUSY EEXIST EFAULT EINVAL "
                      "EINTR ENXIO EOPNOTSUPP EOWNERDEAD",
    "io_uring_register": "EACCES EBADF EBADFD EBADR EBUSY EEXIST EFAULT "
                         "EINVAL EMFILE ENOMEM ENXIO EOPNOTSUPP EPERM",
    "io_uring_setup": "EFAULT EINVAL EMFILE ENFILE ENOMEM ENOSYS EPERM",
    "ioctl": "EBADF EFAULT EINVAL ENOTTY",
    "landlock_add_rule": "EOPNOTSUPP EINVAL ENOMSG EBADF EBADFD EPERM EFAULT",
    "landlock_create_ruleset": "EOPNOTSUPP EINVAL E2BIG EFAULT ENOMSG",
    "landlock_restrict_self": "EOPNOTSUPP EINVAL EBADF EBADFD EPERM E2BIG",
    "listen": "EADDRINUSE EBADF ENOTSOCK EOPNOTSUPP",
    "lseek": "EBADF EINVAL ENXIO EOVERFLOW ESPIPE",
    "madvise": "EACCES EAGAIN EBADF EINVAL EIO ENOMEM EPERM",
    "memfd_create": "EFAULT EINVAL EMFILE ENFILE ENOMEM EPERM",
    "mmap": "EACCES EAGAIN EBADF EEXIST EINVAL ENFILE ENODEV ENOMEM "
            "EOVERFLOW EPERM ETXTBSY",
    "mprotect": "EACCES EINVAL ENOMEM",
    "munmap": "EINVAL ENOMEM",
    "newfstatat": STAT,
    "openat": OPEN,
    "openat2": OPEN + " E2BIG EAGAIN EXDEV",
    "poll": "EFAULT EINTR EINVAL ENOMEM",
    "pread64": IO + " EISDIR ENXIO EOVERFLOW ESPIPE",
    "prlimit64": "EFAULT EINVAL EPERM ESRCH",
    "pwrite64": IO + " EDQUOT EFBIG ENOSPC EPERM EPIPE ENXIO EOVERFLOW ESPIPE",
    "read": IO + " EISDIR",
    "readlink": "EACCES EFAULT EINVAL EIO ELOOP ENAMETOOLONG ENOENT ENOMEM "
                "ENOTDIR",
    "renameat2": "EACCES EBUSY EDQUOT EEXIST EFAULT EINVAL EISDIR ELOOP EMLINK "
                 "ENAMETOOLONG ENOENT ENOMEM ENOSPC ENOTDIR ENOTEMPTY EPERM "
                 "EROFS EXDEV",
    "recvfrom": "EAGAIN EBADF ECONNREFUSED EFAULT EINTR EINVAL ENOMEM "
                "ENOTCONN ENOTSOCK ECONNRESET",
    "prctl": "EACCES EBADF EBUSY EFAULT EINVAL ENODEV ENXIO EOPNOTSUPP EPERM "
             "ERANGE",
    "sched_setattr": "EINVAL ESRCH E2BIG EBUSY EPERM",
    "seccomp": "EACCES EBUSY ECANCELED EFAULT EINVAL ENOMEM ENOSYS EOPNOTSUPP "
               "ESRCH",
    "rt_sigaction": "EFAULT EINVAL",
    "sendfile": "EAGAIN EBADF EFAULT EINVAL EIO ENOMEM EOVERFLOW ESPIPE "
                "EPIPE ECONNRESET",
    "sendto": "EACCES EAGAIN EALREADY EBADF ECONNRESET EDESTADDRREQ EFAULT "
              "EINTR EINVAL EISCONN EMSGSIZE ENOBUFS ENOMEM ENOTCONN "
              "ENOTSOCK EOPNOTSUPP EPIPE",
    "setsockopt": "EBADF EFAULT EINVAL ENOPROTOOPT ENOTSOCK",
    "shutdown": "EBADF EINVAL ENOTCONN ENOTSOCK",
    "signalfd4": "EBADF EINVAL EMFILE ENFILE ENODEV ENOMEM",
    "socket": "EACCES EAFNOSUPPORT EINVAL EMFILE ENFILE ENOBUFS ENOMEM "
              "EPROTONOSUPPORT",
    "socketpair": "EAFNOSUPPORT EFAULT EMFILE ENFILE EOPNOTSUPP "
                  "EPROTONOSUPPORT",
    "statx": STAT,
    "write": IO + " EDESTADDRREQ EDQUOT EFBIG ENOSPC EPERM EPIPE",
    "writev": IO + " EDESTADDRREQ EDQUOT EFBIG ENOSPC EPERM EPIPE",
}
ERRORS["faccessat2"] = ERRORS["access"]

# By which root becomes the configuration's user.
BECOMING = {
    "setgroups": "EFAULT EINVAL ENOMEM EPERM",
    "setresgid": "EAGAIN EINVAL EPERM",
    "setresuid": "EAGAIN EINVAL EPERM",
}

# brk: the kernel tells of its failure by the old end, never by an errno.
# Not the program's: libc and the sanitizers make them for themselves and end
# the process when they fail in a way that the kernel does not let them.
LIBC = {"brk", "futex", "rt_sigprocmask", "set_robust_list", "rseq", "arch_prctl",
        "set_tid_address", "restart_syscall", "exit", "exit_group", "execve",
        "getpid", "gettid", "umask", "sigaltstack", "sched_yield",
        "sched_getaffinity", "clock_nanosleep", "getuid", "geteuid",
        "getegid", "getgid", "getpgrp", "rt_sigreturn", "tgkill",
        "personality", "wait4", "ptrace", "process_vm_readv"}
# Of workers: they fail while it serves.
WORKERS = {"accept4", "epoll_ctl", "epoll_wait", "inotify_add_watch",
           "inotify_init1", "openat2", "pread64", "recvfrom", "sendto"}
# What the sanitizers' allocator calls too: failed in the plain build.
MEMORY = {"mmap", "munmap", "mprotect", "madvise", "clone", "clone3",
          "prlimit64", "getrandom"}


# Help and a search in it, a request and a connection, an export, the log off
# and on, marks, a pause, figures, a command that is none.
CONSOLE_KEYS = ("?/the\r", "\x1b", "3", "\r", "\x1b", "2", "\r", "\x1b",
                ":export har visit.har\r", ":export har visit.har\r", "\x1b",
                "l", "l", "p", "p", "4", "z", ":stats\r", "\x1b", ":none\r",
                "\x1b", "\x0c")


class Case(collections.namedtuple("Case", "phase call error n")):
    def __str__(self):
        return f"{self.phase}: {self.call} {self.error} at {self.n}"


class Tracer:
    """strace on a process, ended by a signal to it alone."""

    def __init__(self, pid, out, inject=None, more=()):
        self.out = out
        self.process = subprocess.Popen(
            ["strace", "-f", "-q", "-o", str(out), "-p", str(pid),
             *inject_of(inject), *more], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        tasks = Path(f"/proc/{pid}/task")
        until = time.monotonic() + 10
        while not all(traced(t) for t in tasks.iterdir()):
            assert time.monotonic() < until, "strace does not attach"
            time.sleep(0.005)

    def detach(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait(10)


def traced(task):
    try:
        text = (task / "status").read_text()
    except OSError:
        return True  # it has ended
    return re.search(r"TracerPid:\t[1-9]", text) is not None


def inject_of(case):
    # getpid in its place: the sandbox ends who makes no known call at all
    if case is None:
        return []
    return ["-e", f"trace={case.call}", "-e",
            f"inject={case.call}:error={case.error}:syscall=getpid"
            f":when={case.n}"]


def injected(out):
    try:
        return out.read_text(errors="replace").count("(INJECTED)")
    except OSError:
        return 0


def count_calls(out, after=None):
    """{call: (first, last)}: which occurrences of each call were seen in one
    thread; those of the main thread count from its first `after` on."""
    seen = collections.defaultdict(collections.Counter)
    span = {}
    main, begun = None, after is None
    for line in out.read_text(errors="replace").splitlines():
        match = LINE.match(line)
        if not match:
            continue
        tid, call = match.groups()
        main = main or tid
        seen[tid][call] += 1
        begun = begun or (tid == main and call == after)
        if begun and (after is None or tid == main):
            n = seen[tid][call]
            low, high = span.get(call, (n, n))
            span[call] = (min(low, n), max(high, n))
    return span


class Run:
    """One case on a server of its own: what it broke, or None."""

    def __init__(self, case, calls_out=None):
        self.case = case
        self.calls_out = calls_out  # no fault: write the calls here
        # the sanitizers' own start is nothing to count in
        plain = case.phase == "start" or case.call in MEMORY
        self.program = PROGRAM if plain else sanitized()
        self.pid = self.slips = 0

    def judge(self):
        with folder() as top:
            self.site = top / "site"
            self.out = self.calls_out or top / "strace"
            more = {}
            if self.case.phase == "console":
                more["console"] = f"{{export_dir: {top}, mode: on}}"
            if self.case.phase == "become":
                top.chmod(0o755)  # to be served by somebody else
                more["user"] = "nobody"
            config = write_config(
                top, workers=1, log=f"{{access: {top}/access.log}}",
                timeouts="{shutdown: 3s, linger: 500ms}", **more)
            self.base = ["--headless", "-c", str(config)]
            self.console_args = ["--console", "-c", str(config)]
            try:
                getattr(self, self.case.phase)()
            except AssertionError as e:
                if self.slipped(str(e)):
                    return self.judge()
                return f"{self.case}: {str(e)[:600]}"
        return None

    def slipped(self, text):
        """Whether strace let go between the call that stands in for the one
        that fails (getpid) and its end: its result, the process's number, is
        then the other call's.  The sanitizer sees a write of so many bytes."""
        self.slips += 1
        return self.slips < 4 and \
            f"READ of size {self.pid} " in text and "interceptor_" in text

    def begin(self, **more):
        leaks = self.case.phase == "serve"
        s = Server(None, base=self.base, program=self.program,
                   env=quiet_asan(leaks), **more)
        self.pid = s.pid
        s.mute = self.may_mute()
        return s

    def may_mute(self):
        """A line of stderr fails, or the recorder is taken to hang."""
        return self.case.call in ("write", "writev", "poll")

    def next_request(self, s):
        """Answered, unless the fault struck just now."""
        for _ in range(3):
            before = injected(self.out)
            try:
                with Client(s.port) as c:
                    c.deadline = 8.0
                    r = c.ask("/hello.txt", "Connection: close")
                    assert (r.status, r.text) == (200, "hello, world\n"), \
                        f"the next request: {r.head!r}"
                return
            except (Ended, OSError, AssertionError) as e:
                time.sleep(0.05)
                s.assert_alive()
                assert injected(self.out) > before, \
                    f"the next request is not answered: {e!r}"
        raise AssertionError("three requests not answered")

    def traced_from_main(self):
        return Server(
            None, base=self.base, program=self.program, banner=False,
            env=quiet_asan(False), prefix=(
                "strace", "-D", "-f", "-q", "-o", str(self.out),
                *inject_of(None if self.calls_out else self.case)))

    def start(self):
        """From the first call of main to the banner."""
        s = self.traced_from_main()
        s.mute = self.may_mute()
        try:
            mute = self.case.call == "write"
            try:
                s.err.wait(lambda ls: any("Serving" in x for x in ls),
                           3 if mute else 15)
            except AssertionError:
                if not mute or s.process.poll() is not None:
                    self.refused(s)
                    return
                s.notify(signal.SIGTERM)  # the banner itself was not written
                s.wait_end(deadline=8)
                return
            s.read_banner()
            if not self.calls_out:
                self.next_request(s)
            s.notify(signal.SIGTERM)
            s.wait_end(deadline=8)
        finally:
            if s.process.poll() is None:
                s.process.kill()

    def become(self):
        """It never serves as who started it."""
        s = self.traced_from_main()
        try:
            self.refused(s)
            assert injected(self.out) > 0, "the call was not made"
            text = "\n".join(s.err.lines)
            assert self.case.call in text, f"not named: {text}"
        finally:
            if s.process.poll() is None:
                s.process.kill()

    def refused(self, s):
        """It did not start: status 1 (or 78, of the file) and one message."""
        try:
            s.process.wait(5)
        except subprocess.TimeoutExpired:
            raise AssertionError("neither starts nor ends") from None
        s.err.thread.join(5)
        text = "\n".join(s.err.lines)
        assert "Sanitizer" not in text and "runtime error" not in text, text
        assert s.process.returncode in (1, 2, 78), \
            f"status {s.process.returncode}: {text}"
        # a message that could not be written is not there to be read
        if self.case.call != "write":
            assert MESSAGE.search(text), f"no message: {text!r}"

    def serve(self):
        s = self.begin()
        try:
            tracer = Tracer(s.pid, self.out,
                            None if self.calls_out else self.case)
            before = s.descriptors()
            try:
                exercise(s, self.site)
                s.notify(signal.SIGUSR1)
                s.notify(signal.SIGHUP)
                time.sleep(0.1)
                if not self.calls_out:
                    self.next_request(s)
            finally:
                tracer.detach()
            if not self.calls_out:
                exercise(s, self.site)
                self.next_request(s)
                self.no_leak(s, before)
            s.notify(signal.SIGTERM)
            s.wait_end(deadline=8)
        finally:
            if s.process.poll() is None:
                s.process.kill()

    def no_leak(self, s, before):
        """Kept files, a copy or two and a tracer's moment aside."""
        # an injected failure of close(2) leaves the descriptor open
        most = before + 24 + (self.case.call == "close")
        n = s.descriptors()
        assert n <= most, f"{n} descriptors, {before} before"

    def console(self):
        """Keys that look at everything, write files and change the server;
        then the fault is over, and the server serves on."""
        top = self.site.parent
        s = Console(top, self.program, self.console_args)
        s.mute = self.may_mute()
        try:
            tracer = Tracer(s.pid, self.out,
                            None if self.calls_out else self.case)
            try:
                for keys in CONSOLE_KEYS:
                    with contextlib.suppress(OSError):  # it may be gone
                        os.write(s.master, keys.encode())
                    with contextlib.suppress(Ended, OSError, AssertionError):
                        with Client(s.port) as c:
                            c.deadline = 3.0
                            c.ask("/hello.txt", "Connection: close")
                    time.sleep(0.03)
                time.sleep(0.2)
            finally:
                tracer.detach()
            s.assert_alive()
            if not self.calls_out:
                self.next_request(s)
            s.notify(signal.SIGTERM)
            s.wait_end(deadline=8)
        finally:
            s.close()

    def end_phase(self):
        s = self.begin()
        try:
            exercise(s, self.site)
            idle = Client(s.port)
            tracer = Tracer(s.pid, self.out,
                            None if self.calls_out else self.case)
            s.notify(signal.SIGTERM)
            s.wait_end(deadline=8)
            tracer.process.wait(10)
            idle.close()
        finally:
            if s.process.poll() is None:
                s.process.kill()


Run.finish = Run.end_phase


def occurrences(phase):
    with tempfile.TemporaryDirectory() as d:
        out = Path(d) / "calls"
        wrong = Run(Case(phase, "none", "none", 0), out).judge()
        assert wrong is None, wrong
        return count_calls(out, "umask" if phase == "start" else None)


def plan(phases):
    """Each errno at the call's first occurrence and one of them at each later
    one; with FAULTS_FULL in the environment each errno at each occurrence."""
    full = "FAULTS_FULL" in os.environ
    cases, unknown = [], set()
    for phase in phases:
        for call, (low, high) in sorted(occurrences(phase).items()):
            if call in LIBC or phase == "console" and call in WORKERS:
                continue
            if call not in ERRORS:
                unknown.add(call)
                continue
            errors = ERRORS[call].split()
            for i, error in enumerate(errors):
                ns = {low} | {n for n in range(low, min(high, low + MOST) + 1)
                              if full or (n + i) % len(errors) == 0 or i == 0}
                cases += [Case(phase, call, error, n) for n in sorted(ns)]
    assert not unknown, f"calls without a list of errors: {sorted(unknown)}"
    return cases


def sweep(phases):
    need("strace")
    begun = time.monotonic()
    cases = plan(phases)
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        wrong = [w for w in pool.map(lambda c: Run(c).judge(), cases) if w]
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong)
    calls = len({(c.phase, c.call) for c in cases})
    return (f"{len(cases)} failures of {calls} calls, "
            f"{time.monotonic() - begun:.0f} s")


@fault("strace -f -e inject=CALL:error=E:when=N, from main to the banner",
       "it serves, or ends with status 1 and a message; no crash, no hang")
def each_call_fails_at_the_start():
    return sweep(["start"])


@fault("the same of what root becomes `user:` by",
       "it ends with status 1 and a message that names the call")
def each_call_fails_by_which_root_becomes_the_user():
    need("strace")
    if os.geteuid() != 0:
        raise NotHere("only root becomes another user")
    cases = [Case("become", call, error, 1)
             for call, errors in BECOMING.items() for error in errors.split()]
    wrong = [w for w in (Run(c).judge() for c in cases) if w]
    assert not wrong, "\n".join(wrong)
    return f"{len(cases)} failures of {len(BECOMING)} calls"


@fault("the same by strace -p, while one of everything is asked for, with "
       "SIGHUP and SIGUSR1",
       "no crash, hang or leak (sanitizers); the next request is answered; "
       "exit 0")
def each_call_fails_while_it_serves():
    return sweep(["serve"])


@fault("the same by strace -p, while keys are pressed at the console",
       "no crash, no hang; the next request is answered; exit 0")
def each_call_fails_while_the_console_is_used():
    return sweep(["console"])


@fault("the same from SIGTERM on", "it ends in time, status 0")
def each_call_fails_while_it_ends():
    return sweep(["finish"])
