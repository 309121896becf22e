"""Starting, feeding and ending the servers under measurement.

Every process that is started here is known by its pid and ended by its pid,
its children included; nothing is ever ended by name.
"""
import contextlib
import fcntl
import os
import pwd
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

HOST = "127.0.0.1"
START_LIMIT = 10   # seconds until a server must answer
STOP_LIMIT = 3     # seconds it has to end by itself


class Trouble(Exception):
    """A server did not start, or ended, or does not answer."""


def flag(name):
    """Whether a switch is set in the environment, as by `make bench QUICK=1`.
    """
    return os.environ.get(name, "") not in ("", "0", "no", "false")


def in_folder(body):
    """Runs body(folder) in a folder of its own, which goes in any case; the
    exit status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # a shell starts what it puts into the background with SIGINT ignored
    signal.signal(signal.SIGINT, signal.default_int_handler)
    folder = tempfile.mkdtemp(prefix="httpconsole-bench-")
    os.chmod(folder, 0o755)    # daemons that give up root read it too
    try:
        body(folder)
    except KeyboardInterrupt:
        print("\nInterrupted; nothing was written.", file=sys.stderr)
        return 130
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def find(program):
    """Where `program` is, looking where daemons are kept too."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin"
    return shutil.which(program, path=path)


def raise_descriptors(want=0):
    """As many descriptors as are allowed, for us and whom we start."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    try:
        if want > hard:
            resource.setrlimit(resource.RLIMIT_NOFILE, (want, want))
            return want
    except (ValueError, OSError):
        pass
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def other_user(*names):
    """The user that a daemon becomes when root starts it; else ourselves."""
    me = pwd.getpwuid(os.geteuid()).pw_name
    for name in names if os.geteuid() == 0 else ():
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    return me


def free_port():
    with socket.socket() as s:
        s.bind((HOST, 0))
        return s.getsockname()[1]


def tree(pid):
    """`pid` and its descendants."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as f:
                    parent = int(f.read().rpartition(")")[2].split()[1])
            except OSError:
                continue
            parents.setdefault(parent, []).append(int(entry))
    found = [pid]
    for p in found:
        found += parents.get(p, [])
    return found


def exchange(port, request, timeout=START_LIMIT):
    """One request on a connection of its own: (status, fields, bytes of the
    answer, bytes of its body as they travelled)."""
    with socket.create_connection((HOST, port), timeout=timeout) as s:
        s.sendall(request)
        data = b""

        def more():
            part = s.recv(1 << 20)
            if not part:
                raise Trouble("connection closed before the end of an answer")
            return part

        while b"\r\n\r\n" not in data:
            data += more()
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        fields = {k.lower(): v.strip()
                  for k, _, v in (line.partition(":") for line in lines[1:])}
        status, size, tail = int(lines[0].split()[1]), len(body), body[-5:]
        if status not in (204, 304):
            chunked = "chunked" in fields.get("transfer-encoding", "")
            while (tail != b"0\r\n\r\n") if chunked else \
                    size < int(fields.get("content-length", 0)):
                part = more()
                size += len(part)
                tail = (tail + part)[-5:]
        return status, fields, len(head) + 4 + size, size


def first_line(argv):
    """The first line that a command prints, such as its version."""
    out = subprocess.run(argv, stdout=subprocess.PIPE, timeout=10,
                         stderr=subprocess.STDOUT, text=True).stdout
    return (out.strip().splitlines() or [""])[0]


@contextlib.contextmanager
def on_cpus(cpus):
    """What is started within is on these, "0" or "0,1"; None: on any.  Unlike
    taskset it is not one more program to start."""
    before = os.sched_getaffinity(0)
    if cpus is not None:
        os.sched_setaffinity(0, {int(c) for c in str(cpus).split(",")})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Server:
    """One server of the comparison, at most once running.

    argv(port) gives its command and may write configuration into `dir`.
    """

    def __init__(self, name, folder, argv, *, env=None, ours=False,
                 floor=False, closing=None, pty=False, log=None, version=()):
        self.name, self.argv, self.env = name, argv, env or {}
        self.ours, self.floor, self.pty, self.log = ours, floor, pty, log
        self.closing = closing    # None: either; else only such works
        self.version_argv = version
        self.dir = os.path.join(folder, name.replace(" ", "-"))
        self.process = self.terminal = None
        self.port = 0

    def version(self):
        return first_line(self.version_argv) if self.version_argv else ""

    def start(self, cpu=None):
        """Starts it, on one CPU when said; seconds to its first answer."""
        os.makedirs(self.dir, exist_ok=True)
        self.port = free_port()
        argv = [str(a) for a in self.argv(self.port, self.dir)]
        # what the caller has set for our program is not what is measured
        env = {k: v for k, v in os.environ.items()
               if not k.startswith("HTTPCONSOLE")}
        env.update(self.env, HOME=self.dir, LC_ALL="C.UTF-8")
        files = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL,
                 "stderr": open(os.path.join(self.dir, "stderr"), "wb")}
        if self.pty:
            self.terminal = Terminal()
            env["TERM"] = "xterm-256color"
            files["stdin"] = files["stdout"] = self.terminal.slave
            files["preexec_fn"] = Terminal.take
        begin = time.monotonic()
        try:
            with on_cpus(cpu):
                self.process = subprocess.Popen(
                    argv, cwd=self.dir, env=env, start_new_session=True,
                    **files)
        finally:
            files["stderr"].close()
            if self.pty:
                self.terminal.follow()
        try:
            self.await_answer(begin + START_LIMIT)
            took = time.monotonic() - begin
            if self.pty:
                self.await_console()
        except BaseException:
            self.stop()
            raise
        return took

    def await_console(self):
        """Without its console it is not what is to be measured."""
        for _ in range(10):
            if self.shown(r"events lost\s+(\d+)") is not None:
                return
        raise Trouble(f"{self.name}: no console: {self.complaint()}")

    def shown(self, pattern):
        """The number in a pattern's first group on the screen, or None."""
        found = re.search(pattern, self.terminal.screen(pattern))
        return int(found[1]) if found else None

    def events_lost(self):
        return self.shown(r"events lost\s+(\d+)") if self.pty else None

    def await_answer(self, deadline):
        ask = f"GET /1k.html HTTP/1.1\r\nHost: {HOST}:{self.port}\r\n\r\n"
        while True:
            try:
                status = exchange(self.port, ask.encode(), 2)[0]
                if status != 200:
                    raise Trouble(f"{self.name}: first answer is {status}")
                return
            except OSError:
                if self.process.poll() is not None or \
                        time.monotonic() > deadline:
                    raise Trouble(f"{self.name} did not start: "
                                  + self.complaint()) from None
                time.sleep(0.0002)

    def complaint(self):
        with open(os.path.join(self.dir, "stderr"), errors="replace") as f:
            return " / ".join(f.read().strip().splitlines()[-3:])

    def stop(self, limit=STOP_LIMIT):
        """Ends it and its children, politely first."""
        if self.process is None:
            return
        pids = tree(self.process.pid) if self.process.poll() is None else []
        signal_all(pids[:1], signal.SIGTERM)
        try:
            self.process.wait(limit)
        except subprocess.TimeoutExpired:
            pass
        # children that outlived it, told from reused pids by their session
        signal_all([p for p in pids if session(p) == self.process.pid],
                   signal.SIGKILL)
        self.process.wait()
        if self.terminal is not None:
            self.terminal.close()
        self.process = self.terminal = None


def stop_all(everyone):
    """Ends all; a second Ctrl-C does not keep it from doing so."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    for server in everyone:
        server.stop()
    signal.signal(signal.SIGINT, before)


def session(pid):
    try:
        return os.getsid(pid)
    except OSError:
        return None


def signal_all(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


class Terminal:
    """A terminal that keeps up with what is written to it."""

    ESCAPE = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[()][A-Z0-9]|[=>78])")

    def __init__(self, columns=120, rows=40):
        self.master, self.slave = os.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))
        self.seen = bytearray()
        self.reader = threading.Thread(target=self.read, daemon=True)

    @staticmethod
    def take():
        """In the new process: it is in the foreground of this terminal."""
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def follow(self):
        os.close(self.slave)
        self.reader.start()

    def read(self):
        """Ends with the terminal."""
        try:
            while part := os.read(self.master, 65536):
                self.seen += part
                del self.seen[:-100_000]
        except OSError:
            pass

    def screen(self, until, limit=1):
        """What it shows, painted anew, in words, not places: as soon as the
        pattern `until` is there, and something after it."""
        self.seen.clear()
        os.write(self.master, b"\x0c")
        deadline = time.monotonic() + limit
        while True:
            time.sleep(0.02)
            text = self.ESCAPE.sub(" ", self.seen.decode(errors="replace"))
            if re.search(until + r"[\s\S]{9}", text) or \
                    time.monotonic() > deadline:
                return text

    def close(self):
        os.close(self.master)
        self.reader.join(1)
