"""The console's terminal changes its size, stands still, or goes away."""

import contextlib
import fcntl
import os
import pty
import random
import select
import signal
import struct
import subprocess
import termios
import threading
import time

from harness import (Load, Server, eventually, fault, folder, hello, ms,
                     quiet_asan, sanitized, told)
from conftest import BANNER, PROGRAM, Lines, environment

STORM = 10000
ROUNDS = 6      # of measuring, at most
NEAR = 0.95     # of the rate before


def resize(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns,
                                                    0, 0))


class Console(Server):
    """The server on a terminal of its own, which is read until told not
    to."""

    def __init__(self, top, program=None, args=None):
        self.master, slave = pty.openpty()
        resize(self.master, 40, 120)
        reading, writing = os.pipe()

        def controlling():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            [program or PROGRAM, *(args or (
                "--no-config", "-w", "2", "-p", "0", "--log-file",
                top / "access.log", top / "site"))],
            stdin=slave, stdout=slave, stderr=writing,
            env={**environment(told(None)), **quiet_asan(True),
                 "TERM": "xterm-256color", "XDG_STATE_HOME": str(top)},
            preexec_fn=controlling)
        os.close(slave)
        os.close(writing)
        self.pid, self.out, self.stopped = self.process.pid, None, False
        self.accounts = True
        self.folder = top / "site"
        self.err = Lines(os.fdopen(reading, "rb"))
        self.drawn = 0
        self.reads = True
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.read_banner()
        eventually(lambda: self.drawn > 500)

    def read(self):
        while self.reads:
            try:
                if select.select([self.master], [], [], 0.05)[0]:
                    self.drawn += len(os.read(self.master, 65536))
            except (OSError, ValueError):
                return

    def stand_still(self):
        self.reads = False
        self.reader.join()

    def hang_up(self):
        self.stand_still()
        os.close(self.master)
        self.master = -1

    def close(self):
        self.reads = False
        if self.master >= 0:
            os.close(self.master)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def console(top, program=None):
    s = Console(top, program)
    try:
        yield s
    finally:
        s.close()


def running_ns(pid):
    """Processor time of all threads, those that have ended too: the process's
    own clock (clock_getcpuclockid(3), whose id is made as glibc makes it)."""
    return time.clock_gettime_ns((~pid << 3) | 2)


def rate(s, seconds=0.7):
    """Requests for each second of the server's own CPU time: what it can do,
    whatever else runs on the machine.  None may fail."""
    begun = running_ns(s.pid)
    load = Load(s.port, clients=2)
    time.sleep(seconds)
    load.stop()
    assert load.failures == 0, load.failed
    return len(load.times) / (running_ns(s.pid) - begun) * 1e9


def serves_as(s, other):
    """The share of the other one's rate that it reaches, the two measured by
    turns; the best of some rounds, for one is not enough on a busy machine."""
    best = 0.0
    for _ in range(ROUNDS):
        best = max(best, rate(s) / rate(other))
        if best >= NEAR:
            break
    assert best >= NEAR, f"{best:.0%} of the rate with a terminal"
    return best


def end(s):
    begun = time.monotonic()
    s.notify(signal.SIGTERM)
    s.wait_end(deadline=12)
    return time.monotonic() - begun


@fault("pty: TIOCSWINSZ 10,000 times, 1x1 to 200 rows of 500, under load "
       "(sanitizers' build)", "no crash, no failed request; exit 0")
def window_size_storm():
    return storm(STORM)


@fault("the same, 1,000 times", "the same", twin=True)
def window_size_squall():
    return storm(1000)


def storm(n):
    r = random.Random(1)
    with folder() as top, console(top, sanitized()) as s:
        load = Load(s.port, clients=2, pause=0.001)
        edges = [(1, 1), (1, 500), (200, 1), (200, 500), (2, 2), (24, 80)]
        for i in range(n):
            resize(s.master, *(edges[i % 6] if i % 3 == 0 else
                               (r.randint(1, 200), r.randint(1, 500))))
            if i % 20 == 0:
                time.sleep(0.005)
        load.stop()
        drawn = s.drawn
        resize(s.master, 40, 120)
        eventually(lambda: s.drawn > drawn)
        hello(s.port)
        took = end(s)
    assert load.failures == 0, load.failed
    return (f"{n} sizes in {load.seconds:.1f} s, {len(load.times)} requests, "
            f"none failed; ended after {took:.1f} s")


@fault("the pty's other end is closed", "serving within 5 % of one with a "
       "terminal, by CPU time; said; "
       "SIGTERM ends it, status 0", short=True)
def terminal_gone():
    with folder() as top, console(top) as s, console(top) as other:
        s.hang_up()
        share = serves_as(s, other)
        end(other)
        s.assert_alive()
        ticks = s.cpu_ticks()
        time.sleep(1)
        ticks = s.cpu_ticks() - ticks
        assert ticks < 10, f"{ticks} ticks of CPU in an idle second"
        said = any("terminal is gone" in x for x in s.err.lines)
        took = end(s)
    assert said, s.err.lines
    return f"{share:.0%} of the rate of one with a terminal; ended after {took:.2f} s"


def stand_still(seconds):
    with folder() as top, console(top) as s, console(top) as other:
        s.stand_still()
        begun = time.monotonic()
        share = serves_as(s, other)
        while time.monotonic() < begun + seconds:
            hello(s.port)
            time.sleep(0.2)
        share = max(share, serves_as(s, other))
        end(other)
        n = (top / "access.log").read_text().count("\n")
        took = end(s)
        logged = (top / "access.log").read_text().count("\n")
        assert logged >= n > 0
    assert took < 11, f"ended after {took:.1f} s"
    return f"{share:.0%} of the rate of one with a terminal; ended after {took:.1f} s"


@fault("nobody reads the pty for 60 s", "serving within 5 % of one with a "
       "terminal, by CPU time; "
       "SIGTERM still ends it in time")
def terminal_stopped():
    return stand_still(60)


@fault("the same for 3 s", "the same", twin=True)
def terminal_stopped_shortly():
    return stand_still(3)
