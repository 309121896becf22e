"""What every fault needs: the server on a folder of known files, clients that
say exactly what became of a request, and the table of faults.

A fault is a function that injects it for real, asserts what counts as
surviving (AssertionError otherwise) and returns the figure it measured.
"""

import base64
import contextlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parents[1]
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent / "http"))

import conftest  # noqa: E402
from conftest import PROGRAM, eventually, noise  # noqa: E402
from raw import Client, Ended, Response, request  # noqa: E402

# The sanitizers' build of the same sources, where one is given.
ASAN = os.environ.get("FAULTS_ASAN")
BIG = 16 << 20
DATA = noise(BIG)

FAULTS = []  # in the order of the table
# What a server that does not start says: who, or what of the configuration.
MESSAGE = re.compile(r"^(httpconsole|\S+\.yaml|error|--\S+|HTTPCONSOLE_\w+)"
                     r".*: .+", re.M)
ACCOUNTED = []  # servers whose end told that nothing was unaccounted for


class Fault:
    def __init__(self, run, how, criterion, short, twin=False):
        self.name = run.__name__.replace("_", " ")
        self.run, self.how, self.criterion = run, how, criterion
        self.short, self.twin = short, twin


def fault(how, criterion, short=False, twin=False):
    """Enters a function into the table.  `short`: some seconds at most, part
    of the tests; `twin`: a shorter form of another one, for the tests only."""
    def enter(run):
        FAULTS.append(Fault(run, how, criterion, short or twin, twin))
        return run
    return enter


class Server(conftest.Server):
    """Whatever was injected: a server that ends in order has recorded or
    counted as dropped every event and every line of the log, and says so.
    `mute`: what it says at the end may not be written."""

    mute = False

    def __init__(self, folder, *args, config=None, **more):
        super().__init__(folder, *args, config=told(config), **more)
        self.accounts = True

    def wait_end(self, status=0, deadline=conftest.DEADLINE):
        super().wait_end(status, deadline)
        if self.accounts and status == 0:
            assert self.accounted or self.mute, \
                "no account at the end: " + "\n".join(self.err.lines[-9:])
            if self.accounted:
                ACCOUNTED.append(self.pid)


def told(config):
    """The level at which the end tells what became of all."""
    return {**(config or {}), "log_level": "debug"}


class NotHere(Exception):
    """The fault cannot be injected on this machine; the text says why."""


def need(*tools):
    for tool in tools:
        if not shutil.which(tool):
            raise NotHere(f"{tool} is not installed")


def need_plain():
    """A library is put before all others, which sanitizers do not have."""
    data = PROGRAM.read_bytes()
    if b"libasan" in data or b"libtsan" in data:
        raise NotHere("the program is built with sanitizers")


def sanitized():
    """The sanitizers' build where there is one, else the one under test."""
    return ASAN or PROGRAM


def quiet_asan(leaks):
    """Sanitizer options; a tracer and the leak checker exclude each other."""
    return {"ASAN_OPTIONS": f"detect_leaks={int(leaks)}:abort_on_error=1",
            "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"}


TEXT = "".join(f"line {i}\n" for i in range(3000))


def fill(site):
    (site / "folder").mkdir(parents=True)
    (site / "index.html").write_text("home\n")
    (site / "hello.txt").write_text("hello, world\n")
    (site / "text.txt").write_text(TEXT)
    (site / "changing.txt").write_text("0\n")
    (site / "folder" / "inner.txt").write_text("inner\n")
    (site / "mega.bin").write_bytes(DATA[:1 << 20])
    return site


def write_config(folder, **keys):
    """A configuration file on a port of the kernel's choice."""
    lines = ["version: 1", "listen: [127.0.0.1:0]", "root: site"]
    lines += [f"{k}: {v}" for k, v in keys.items()]
    new = folder / "conf.new"
    new.write_text("\n".join(lines) + "\n")
    new.rename(folder / "conf.yaml")  # a reload may be reading it
    return folder / "conf.yaml"


@contextlib.contextmanager
def folder():
    """A folder of one's own with a filled site in it."""
    top = Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        fill(top / "site")
        yield top
    finally:
        shutil.rmtree(top, ignore_errors=True)


@contextlib.contextmanager
def serving(top, *args, workers=2, config=None, **more):
    """The server on top/site, headless; what is left of it is killed."""
    base = more.pop("base", None) or ["--headless", "-p", "0", "--no-config",
                                      "-w", str(workers)]
    s = Server(top / "site", *args, base=base, config=config or {}, **more)
    try:
        yield s
        s.stop()
    finally:
        if s.process.poll() is None:
            s.process.kill()
            s.process.wait()


def file_of(server, suffix):
    """The `suffix` lines of /proc/PID/status as a number."""
    with open(f"/proc/{server.pid}/status", encoding="ascii") as f:
        for line in f:
            if line.startswith(suffix + ":"):
                return int(line.split()[1])
    raise AssertionError(f"no {suffix}")


def settled_descriptors(server, most=None, deadline=5):
    """Open descriptors once they are `most` or fewer; or after a while."""
    until = time.monotonic() + deadline
    while True:
        n = server.descriptors()
        if most is not None and n <= most or time.monotonic() > until:
            return n
        time.sleep(0.05)


def hello(port, deadline=5.0, source=None):
    """One request on a connection of its own, to the byte; seconds taken."""
    begun = time.monotonic()
    with Client(port) as c:
        c.deadline = deadline
        r = c.ask("/hello.txt", "Connection: close")
        assert (r.status, r.text) == (200, "hello, world\n"), r.head
        c.assert_ends()
    return time.monotonic() - begun


def outcome(port, target, *fields, method="GET", expect=None, deadline=8.0,
            body=b""):
    """What became of a request while a fault may strike: its status, or
    "closed".  An answer that does not come at all or is not what the file
    holds is an error."""
    try:
        with Client(port) as c:
            c.deadline = deadline
            c.send(request(target, *fields, method=method, body=body))
            r = c.read(method)
    except (Ended, OSError):
        return "closed"
    if r.status == 200 and expect is not None and method != "HEAD":
        assert r.body == expect, f"{target}: other bytes than the file's"
    return r.status


LAB = "/.httpconsole/exchange?send=" + base64.urlsafe_b64encode(
    request("/hello.txt", "Connection: close")).rstrip(b"=").decode()


def exercise(server, site):
    """One of everything that makes the server call the kernel."""
    port = server.port
    got = [
        outcome(port, "/hello.txt", expect=b"hello, world\n"),
        outcome(port, "/hello.txt", method="HEAD"),
        outcome(port, "/none.txt"),
        outcome(port, "/text.txt", "Accept-Encoding: gzip"),
        outcome(port, "/mega.bin", expect=DATA[:1 << 20]),
        outcome(port, "/folder/"),
        outcome(port, "/folder/inner.txt", "Range: bytes=0-1,3-4"),
        outcome(port, "/", "Content-Length: 5", method="POST", body=b"abcde"),
        outcome(port, "/bad target"),
        outcome(port, LAB),
    ]
    (site / "changing.txt").write_text("1\n")
    got.append(outcome(port, "/changing.txt", expect=b"1\n"))
    (site / "changing.txt").write_text("22\n")
    got.append(outcome(port, "/changing.txt", expect=b"22\n"))
    got.append(outcome(port, "/text.txt", "Accept-Encoding: gzip"))
    return got


class Load:
    """Clients that ask for a small file, in a process of their own, and are
    connected when this is made; `stop` gives the latencies (s) and what failed.  `strict`: a Date and all that is
    asked of this server, not of others."""

    SOURCE = """
import sys, time, json, threading
sys.path.insert(0, sys.argv[1])
from raw import Client, Ended
port, n, pause, target, strict = (int(sys.argv[2]), int(sys.argv[3]),
                                  float(sys.argv[4]), sys.argv[5],
                                  sys.argv[6] == "True")
if not strict:
    Client.response.check = lambda self, method: self
stop = threading.Event()
connected = threading.Semaphore(0)
times, failed, bodies = [], [], {}
def run():
    c = None
    try:
        c = Client(port)
    except OSError as e:
        failed.append(repr(e)[:200])
    connected.release()
    while not stop.is_set():
        try:
            if c is None:
                c = Client(port)
            begun = time.monotonic()
            r = c.ask(target)
            times.append(time.monotonic() - begun)
            bodies[r.body] = bodies.get(r.body, 0) + 1
            if r.status != 200:
                failed.append(str(r.status))
            if r.closes:
                c.close(); c = None
        except (Ended, OSError, AssertionError) as e:
            failed.append(repr(e)[:200]); c = None
        if pause:
            time.sleep(pause)
threads = [threading.Thread(target=run) for _ in range(n)]
for t in threads: t.start()
for t in threads: connected.acquire()
print("ready", flush=True)
sys.stdin.readline()
stop.set()
for t in threads: t.join(30)
json.dump({"times": times, "failed": failed[:20], "failures": len(failed),
           "bodies": {k.decode("latin-1")[:80]: v for k, v in
                      list(bodies.items())[:20]}}, sys.stdout)
"""

    def __init__(self, port, clients=2, pause=0.0, target="/hello.txt",
                 strict=True):
        self.process = subprocess.Popen(
            [sys.executable, "-c", self.SOURCE, str(HERE.parent / "http"),
             str(port), str(clients), str(pause), target, str(strict)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == b"ready\n"
        self.begun = time.monotonic()

    def stop(self):
        import json
        self.seconds = time.monotonic() - self.begun
        out, _ = self.process.communicate(b"\n", timeout=60)
        found = json.loads(out)
        self.times = sorted(found["times"])
        self.failed, self.failures = found["failed"], found["failures"]
        self.bodies = found["bodies"]
        return self

    @property
    def rate(self):
        return len(self.times) / self.seconds

    def quantile(self, q):
        return self.times[min(len(self.times) - 1, int(len(self.times) * q))]


class Background:
    """A function in a thread; `join` raises what it raised."""

    def __init__(self, run, *args):
        self.error = self.result = None
        self.thread = threading.Thread(target=self._run, args=(run, args),
                                       daemon=True)
        self.thread.start()

    def _run(self, run, args):
        try:
            self.result = run(*args)
        except BaseException as e:  # noqa: B036
            self.error = e

    def join(self, deadline=60):
        self.thread.join(deadline)
        assert not self.thread.is_alive(), "does not end"
        if self.error:
            raise self.error
        return self.result


def ms(seconds):
    return f"{seconds * 1000:.1f} ms"


def median(values):
    return statistics.median(values)


__all__ = [name for name in dir() if not name.startswith("_")]
