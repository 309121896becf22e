"""No descriptor, no memory, no watch left; and very many connections."""

import os
import re
import resource
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from harness import (Client, eventually, fault, folder, hello, ms, need,
                     request, serving)
from syscalls import Tracer

HELD = 9.0     # s: less than the 10 in which the same is not said again
IDLE = 10000


def allow_no_more(pid):
    """No descriptor more; the limits as they were.  A limit is a bound of
    numbers, and numbers below the highest can be free."""
    used = set(map(int, os.listdir(f"/proc/{pid}/fd")))
    room = next(n for n in range(len(used) + 1) if n not in used)
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (room, hard))
    return soft, hard


def park_lines(s):
    return [x for x in s.err.lines if "cannot accept" in x]


def judge_parked(tries, seconds, s):
    rate = tries / seconds
    assert 0 < rate < 21, f"{rate:.1f} tries a second"
    assert len(park_lines(s)) == 1, s.err.lines
    return f"{rate:.1f} tries a second"


class Watching:
    """Counts the calls of one name, by strace, for as long as it lasts."""

    def __init__(self, pid, call, *inject):
        self.dir = tempfile.TemporaryDirectory()
        self.call, self.out = call, Path(self.dir.name) / "calls"
        self.process = subprocess.Popen(
            ["strace", "-f", "-q", "-o", str(self.out), "-e", f"trace={call}",
             *inject, "-p", str(pid)], stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        time.sleep(0.3)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        text = self.out.read_text(errors="replace")
        self.dir.cleanup()
        return len(re.findall(rf"\b{self.call}\(", text))


@fault("prlimit: no descriptor more, 40 clients wait",
       "at most 20 tries a second, one line in 10 s, the CPU rests; answered "
       "within 200 ms when there are descriptors again")
def no_descriptor_left():
    need("strace")
    with folder() as top, serving(top) as s:
        old = allow_no_more(s.pid)
        clients = [Client(s.port) for _ in range(40)]
        for c in clients:
            c.send(request("/hello.txt", "Connection: close"))
        watch, begun, ticks = (Watching(s.pid, "accept4"), time.monotonic(),
                               s.cpu_ticks())
        time.sleep(HELD - 2)
        ticks, seconds = s.cpu_ticks() - ticks, time.monotonic() - begun
        tries = watch.stop()
        said = judge_parked(tries, seconds, s)
        resource.prlimit(s.pid, resource.RLIMIT_NOFILE, old)
        begun = time.monotonic()
        for c in clients:
            assert c.read().status == 200
            c.close()
        took = time.monotonic() - begun
        assert took < 0.2, f"recovered after {ms(took)}"
        assert ticks < seconds * 5, f"{ticks} ticks of CPU"
        hello(s.port)
    return f"{said}, CPU {ticks / seconds:.1f} %, back after {ms(took)}"


@fault("strace -e inject=accept4:error=ENFILE, every call of 7 s",
       "the same")
def no_file_left_in_the_system():
    need("strace")
    with folder() as top, serving(top) as s:
        watch = Watching(s.pid, "accept4", "-e",
                         "inject=accept4:error=ENFILE:syscall=getpid:when=1+")
        begun = time.monotonic()
        c = Client(s.port)
        c.send(request("/hello.txt"))
        time.sleep(HELD - 2)
        tries, seconds = watch.stop(), time.monotonic() - begun
        begun = time.monotonic()
        said = judge_parked(tries, seconds, s)
        assert c.read().status == 200
        took = time.monotonic() - begun
        c.close()
        assert took < 0.2, f"recovered after {ms(took)}"
    return f"{said}, back after {ms(took)}"


@fault("accept4 fails with EMFILE and then epoll_ctl with ENOSPC, once each",
       "the listener is tried again: the next request is answered",
       short=True)
def the_listener_cannot_be_watched():
    need("strace")
    with folder() as top, serving(top, workers=1) as s:
        with tempfile.TemporaryDirectory() as d:
            # its calls: out of the set, into it again (which fails)
            tracer = Tracer(s.pid, Path(d) / "out", more=[
                "-e", "trace=accept4,epoll_ctl",
                "-e", "inject=accept4:error=EMFILE:syscall=getpid:when=1",
                "-e", "inject=epoll_ctl:error=ENOSPC:syscall=getpid:when=2"])
            try:
                took = hello(s.port)
            finally:
                tracer.detach()
            text = tracer.out.read_text()
        assert text.count("(INJECTED)") == 2, text
        hello(s.port)
    return f"answered after {ms(took)}"


@fault("strace -e inject=inotify_add_watch:error=ENOSPC, every call",
       "every answer is as new as its file", short=True)
def no_watch_left():
    need("strace")
    with folder() as top, serving(top) as s:
        watch = Watching(s.pid, "inotify_add_watch", "-e", "inject="
                         "inotify_add_watch:error=ENOSPC:syscall=getpid"
                         ":when=1+")
        path = top / "site" / "changing.txt"
        with Client(s.port) as c:
            for i in range(300):
                path.write_text(f"{i}\n" * (i % 3 + 1))
                for _ in range(2):
                    r = c.ask("/changing.txt")
                    assert r.text == f"{i}\n" * (i % 3 + 1), i
        tries = watch.stop()
        assert tries > 0, "no watch was wanted"
    return f"600 answers, {tries} watches refused"


def fill_rings(port):
    """So many requests that what is used by turns has been used: the rings
    of the workers, 8 MiB each."""
    data = request("/hello.txt", "User-Agent: " + "x" * 400,
                   "Referer: " + "x" * 400) * 10
    for _ in range(30):
        clients = [Client(port) for _ in range(6)]
        for _ in range(80):
            for c in clients:
                c.send(data)
            for c in clients:
                for _ in range(10):
                    assert c.read().status == 200
        for c in clients:
            c.close()


def open_many(port, n):
    """Kept-alive connections that asked once, from 127.0.0.1 and .2."""
    clients = []
    for i in range(n):
        c = socket.socket()
        c.bind((f"127.0.0.{1 + i % 2}", 0))
        c.connect(("127.0.0.1", port))
        c.sendall(request("/hello.txt"))
        clients.append(c)
        if i % 100 == 99:
            for c in clients[-100:]:
                assert b"hello, world" in c.recv(4096)
    return clients


@fault("own client on two loopback addresses; each asked once",
       "at most 400 bytes of own memory each, CPU below 1 %, a new request "
       "under 50 ms")
def ten_thousand_idle_connections():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with folder() as top, serving(top, config={
            "timeouts_keepalive": "10m"}) as s:
        fill_rings(s.port)
        warm = open_many(s.port, 64)
        before = rss(s)
        clients = open_many(s.port, IDLE)
        ticks, begun = s.cpu_ticks(), time.monotonic()
        time.sleep(5)
        each = (rss(s) - before) / IDLE  # of idle ones: what requests took
        cpu = (s.cpu_ticks() - ticks) / (time.monotonic() - begun)
        took = max(hello(s.port) for _ in range(50))
        for c in clients + warm:
            c.close()
        assert each <= 400, f"{each:.0f} bytes for each"
        assert cpu < 1, f"{cpu:.1f} % of a CPU"
        assert took < 0.05, f"a new request took {ms(took)}"
        eventually(lambda: s.descriptors() < 100)
    return (f"{each:.0f} bytes each, CPU {cpu:.1f} %, slowest of 50 new "
            f"requests {ms(took)}")


def rss(s):
    """Resident memory in bytes, files aside."""
    with open(f"/proc/{s.pid}/status", encoding="ascii") as f:
        return int(re.search(r"RssAnon:\s+(\d+)", f.read())[1]) * 1024
