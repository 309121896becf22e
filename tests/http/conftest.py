"""The program under test, started on a folder of known files.

HTTPCONSOLE (or SERVER_BINARY) names the program; by default it is
./httpconsole at the project's root.  It is judged from outside only: sockets,
signals, what it prints, how it ends, and /proc.
"""

import atexit
import functools
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from raw import DEADLINE, Client, get  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("HTTPCONSOLE")
               or os.environ.get("SERVER_BINARY")
               or ROOT / "httpconsole").resolve()
BANNER = re.compile(r"Serving (.+) at http://\S+:(\d+)/ \(.+\)")

# Builds with sanitizers or coverage, and old kernels, have layers 0 to 2 of the
# sandbox alone.
SANDBOXED = len(re.findall(
    r"\((?:Landlock|seccomp)\): on: ", subprocess.run(
        [PROGRAM, "--no-config", "--check"], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, check=False).stdout.decode())) == 2

# A sanitizer's runtime must come before anything that is preloaded.
PRELOADS = not any(w in str(PROGRAM) for w in ("asan", "tsan"))

SECRET = b"secret: nobody outside of the folder may read this\n"
# Sizes around the bounds of buffers, pages, segments and one turn of sending.
SIZES = [0, 1, 2, 1459, 4095, 4096, 4097, 15000, 16000, 16383, 16384, 16385,
         65535, 65536, 65537, 1048575, 1048576, 1048577, 3000001]


def noise(n, seed=1):
    return random.Random(seed).randbytes(n)


def sanitizer_files(pid):
    """Reports that the sanitizers write elsewhere than to stderr."""
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
        match = re.search(r"log_path=([^:]+)", os.environ.get(name, ""))
        if match and Path(f"{match[1]}.{pid}").exists():
            yield Path(f"{match[1]}.{pid}")


def environment(config):
    """Nothing of the caller's configuration; `config` as variables."""
    env = {k: v for k, v in os.environ.items()
           if not k.startswith("HTTPCONSOLE") and k != "SERVER_BINARY"}
    # A call that the sandbox does not know ends the program, and the test;
    # only root may look into the /proc of what cannot be traced.
    env.update(LC_ALL="C.UTF-8", TZ="UTC", HOME="/nonexistent",
               XDG_CONFIG_HOME="/nonexistent",
               SANDBOX_TEST="kill" if os.getuid() == 0 else "kill,traceable")
    for key, value in config.items():
        env["HTTPCONSOLE_" + key.upper()] = str(value)
    return env


@functools.cache
def reachable_program():
    """A copy that another user can run, wherever the checkout is."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    folder.chmod(0o755)
    shutil.copy(PROGRAM, folder / "httpconsole")
    (folder / "httpconsole").chmod(0o755)
    return folder / "httpconsole"


def run(*args, cwd=None, user=None, **config):
    """The program until it ends by itself: (status, stdout, stderr)."""
    who = {} if user is None else {"user": user, "group": user,
                                   "extra_groups": []}
    done = subprocess.run(
        [PROGRAM if user is None else reachable_program(),
         *map(str, args)], stdin=subprocess.DEVNULL,
        capture_output=True, env=environment(config), cwd=cwd,
        timeout=DEADLINE, check=False, **who)
    out, err = done.stdout.decode(), done.stderr.decode()
    assert not re.search(r"Sanitizer|runtime error:", err), err
    return done.returncode, out, err


class Lines:
    """What comes out of a pipe, line by line, as it comes."""

    def __init__(self, pipe):
        self.pipe = pipe
        self.lines = []
        self.changed = threading.Condition()
        self.ended = False
        self.thread = threading.Thread(target=self.follow, daemon=True)
        self.thread.start()

    def follow(self):
        with self.pipe:
            for line in self.pipe:
                with self.changed:
                    self.lines.append(
                        line.decode("utf-8", "backslashreplace").rstrip("\n"))
                    self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait(self, what, deadline=DEADLINE):
        """Until what(lines) is true, which is returned."""
        with self.changed:
            self.changed.wait_for(
                lambda: what(self.lines) or self.ended, deadline)
            found = what(self.lines)
        assert found, "not said: " + "\n".join(self.lines[-20:])
        return found


ACCOUNT = re.compile(
    r"account: (\d+) events = (\d+) journalled \+ (\d+) passed \+ "
    r"(\d+) dropped; (\d+) lines = (\d+) written \+ (\d+) lost \+ "
    r"(\d+) suppressed")


def check_account(text):
    """Everything that happened went somewhere (src/DESIGN.md, Threads).  False
    when nothing was said of it."""
    found = ACCOUNT.search(text)
    if found is None:  # stderr was full or closed, or a disk hung
        return False
    (events, journalled, passed, dropped,
     lines, written, lost, suppressed) = map(int, found.groups())
    assert events == journalled + passed + dropped, found[0]
    assert lines == written + lost + suppressed, found[0]
    assert events >= lines, found[0]
    return True


class Server:
    """The running program.  `program` is another build of it, `prefix` what it
    is started through, `env` goes on top of the environment."""

    accounts = False   # its end tells what became of every event
    accounted = False  # it has, and the two sides were equal

    def __init__(self, folder, *args, config=None, base=None, user=None,
                 cwd=None, banner=True, stdout=subprocess.PIPE, program=None,
                 prefix=(), env=None):
        own_base = base is None
        base = ["--headless", "-p", "0", "--no-config", "-w", "2"] \
            if base is None else base
        who = {} if user is None else {"user": user, "group": user,
                                       "extra_groups": []}
        # by the environment, which a file does not change: where a test does
        # not look at the level itself, the end says what became of all
        config = dict(config or {})
        self.accounts = own_base and config.setdefault(
            "log_level", "debug") == "debug"
        self.folder = folder
        self.process = subprocess.Popen(
            [*prefix, program or
             (PROGRAM if user is None else reachable_program()), *base,
             *map(str, args),
             *([] if folder is None else [str(folder)])],
            stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
            env={**environment(config), **(env or {})}, cwd=cwd, **who)
        self.pid = self.process.pid
        self.out = Lines(self.process.stdout) if self.process.stdout else None
        self.err = Lines(self.process.stderr)
        self.stopped = False
        self.port = self.root = None
        try:
            if banner:
                self.read_banner()
        except BaseException:
            self.process.kill()
            raise

    def read_banner(self):
        match = self.err.wait(
            lambda ls: next(filter(None, map(BANNER.search, ls)), None))
        self.root, self.port = match[1], int(match[2])

    @property
    def log(self):
        """Lines of the access log on stdout so far."""
        return self.out.lines

    def wait_log(self, n):
        """The first lines of the access log, once there are n."""
        self.out.wait(lambda ls: len(ls) >= n)
        return list(self.out.lines)

    def wait_logged(self, text):
        """The first line that contains the text."""
        return self.out.wait(
            lambda ls: next((s for s in ls if text in s), None))

    def wait_err(self, pattern, after=0):
        return self.err.wait(
            lambda ls: next((s for s in ls[after:]
                             if re.search(pattern, s, re.I)), None))

    def notify(self, number):
        self.process.send_signal(number)

    def threads(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def cpu_ticks(self):
        """Processor time used so far, in hundredths of a second."""
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as f:
            part = f.read().rsplit(")", 1)[1].split()
        return int(part[11]) + int(part[12])

    def client(self, **more):
        return Client(self.port, **more)

    def get(self, target="/", *fields, **more):
        return get(self.port, target, *fields, **more)

    def assert_alive(self):
        if self.process.poll() is None:
            return
        self.err.thread.join(DEADLINE)  # all that it has said
        raise AssertionError(
            f"the server has ended with {self.process.returncode}: "
            + "\n".join(self.err.lines[-99:]))

    def wait_end(self, status=0, deadline=DEADLINE):
        """It ends, with that status, and no sanitizer has complained."""
        try:
            self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.stopped = True
            raise AssertionError("the server does not end") from None
        self.stopped = True
        self.err.thread.join(DEADLINE)
        if self.out:
            self.out.thread.join(DEADLINE)
        text = "\n".join(self.err.lines)
        for path in sanitizer_files(self.pid):
            text += path.read_text(errors="replace")
        assert not re.search(r"Sanitizer|runtime error:", text), text
        assert "the sandbox refused a system call" not in text, text
        assert self.process.returncode == status, (
            f"exit status {self.process.returncode}\n{text}")
        if self.accounts and status == 0:
            self.accounted = check_account(text)

    def stop(self, number=signal.SIGTERM):
        if not self.stopped:
            self.assert_alive()
            self.notify(number)
            self.wait_end()


def fill_site(site):
    """A folder with one of everything."""
    def put(name, data=b"x\n"):
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    put("index.html", "<!doctype html><title>home</title>home\n")
    put("hello.txt", "hello, world\n")
    put("empty.txt", "")
    put("a b.txt", "blank\n")
    put("100%.txt", "percent\n")
    put("käse.txt", "umlaut\n")
    put("x+y&z;=.txt", "signs\n")
    for i in range(10):
        put(f"n{i}.txt", f"this is number {i}\n" * (i + 1))
    for n in SIZES:
        put(f"size/{n}.bin", noise(n, n))
    put("folder/index.html", "folder\n")
    put("folder/inner.txt", "inner\n")
    put("old/index.htm", "htm\n")
    put("both/index.html", "html first\n")
    put("both/index.htm", "htm second\n")
    put("bare/file.txt")
    put("strange/index.html/file.txt")
    put("evil.example/index.html", "evil\n")
    put("\\evil.example/index.html", "evil\n")
    put("we ird\"<b>'&?#%/index.html", "weird\n")
    put("größe/index.html", "size\n")
    put(".hidden", SECRET)
    put(".git/config", SECRET)
    put("sub/.env", SECRET)
    put("...", SECRET)
    put("..hidden", SECRET)
    put(".well-known/security.txt", "contact\n")
    put(".well-known/.secret", SECRET)
    for name in ("notes~", "page.bak", "page.swp", "tls.key", "tls.pem",
                 "server.yaml", "folder/server.yaml"):
        put(name, SECRET)
    outside = site.parent / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_bytes(SECRET)
    (outside / "index.html").write_bytes(SECRET)
    (site.parent / "secret.txt").write_bytes(SECRET)
    links = {
        "inside.txt": "hello.txt", "folder/up.txt": "../hello.txt",
        "infolder": "folder", "tohidden.txt": ".hidden",
        "out.txt": "../secret.txt", "outdir": "../outside",
        "absolute.txt": str(outside / "secret.txt"),
        "absolutedir": str(outside), "loop": "loop",
        "loop1": "loop2", "loop2": "loop1", "gone.txt": "nowhere",
        "proc": "/proc/self", "rootlink": "/", "up": "..",
        "hop/index.html": "../../outside/index.html",
    }
    for name, target in links.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)
    os.mkfifo(site / "fifo")
    put("forbidden.txt").chmod(0)
    (site / "locked").mkdir()
    put("locked/file.txt")
    (site / "locked").chmod(0)
    return site


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Read-only for tests: those that write use `start` with their own."""
    return fill_site(tmp_path_factory.mktemp("wire") / "site")


class Shared:
    """One server for many tests, begun anew when one has ended it."""

    def __init__(self):
        self.servers = {}

    def of(self, name, folder, *args, base=None, **config):
        server = self.servers.get(name)
        if server is None or server.process.poll() is not None:
            server = self.servers[name] = Server(folder, *args, base=base,
                                                 config=config)
        return server


@pytest.fixture(scope="module")
def shared():
    """Servers that a module's tests share; all must end well."""
    s = Shared()
    yield s
    for server in s.servers.values():
        server.stop()


@pytest.fixture
def server(shared, site):
    """A server on `site` with the default configuration."""
    s = shared.of("default", site)
    yield s
    s.assert_alive()


@pytest.fixture
def start(tmp_path):
    """start(folder=None, *args, **configuration): a server of one's own."""
    servers = []

    def begin(folder=None, *args, **more):
        keys = ("base", "user", "cwd", "banner", "stdout", "env")
        own = {k: more.pop(k) for k in keys if k in more}
        if folder is None:
            folder = tmp_path / "site"
            if not folder.exists():
                folder.mkdir()
                (folder / "index.html").write_text("home\n")
                (folder / "hello.txt").write_text("hello, world\n")
        servers.append(Server(folder, *args, config=more, **own))
        return servers[-1]

    yield begin
    try:
        for s in servers:
            s.stop()
    finally:
        for s in servers:
            if s.process.poll() is None:
                s.process.kill()
        for path in tmp_path.rglob("*.bin"):
            path.unlink()  # pytest keeps the folders of three runs


def eventually(what, deadline=DEADLINE):
    """Until what() is true, which is returned."""
    until = time.monotonic() + deadline
    while True:
        found = what()
        if found or time.monotonic() > until:
            assert found, "did not come true"
            return found
        time.sleep(0.01)
