"""Load, slow clients and faults together, for minutes or hours: memory and
descriptors must stay flat.

Both are looked at between rounds of trouble, always in the same state: the
troubles rest, the slow clients are gone, the deadlines over, the window is as
large as it ever gets, for curses keeps some of what the largest one needed.
"""

import os
import random
import shutil
import signal
import socket
import threading
import time

from clients import in_some_state, vanish
from exhaustion import fill_rings, rss
from harness import (DATA, LAB, Client, Ended, Load, NotHere, eventually,
                     folder, hello, ms, write_config)
from terminal import Console, resize
from conftest import ACCOUNT

ROUNDS = 24          # at least; a round of trouble takes a minute at most
SMALL, LARGEST = (40, 120), (200, 500)   # rows, columns of the window
GROWTH = 512 << 10   # bytes of memory after the first quarter
DESCRIPTORS = 4      # the same
DEADLINE = 3         # s: each of the server's
KEYS = [b"1", b"2", b"3", b"4", b"z", b"\t", b"\x1b[A", b"\x1b[B"]


class Trouble(threading.Thread):
    """One kind of fault, again and again, until told to stop; it rests while
    its lock is held."""

    def __init__(self, soak, step, pause):
        super().__init__(daemon=True)
        self.soak, self.step, self.pause = soak, step, pause
        self.times, self.error, self.lock = 0, None, threading.Lock()
        self.start()

    def run(self):
        try:
            while not self.soak.done.wait(self.pause):
                with self.lock:
                    self.step()
                self.times += 1
        except (Exception, AssertionError) as e:
            self.error = e


class Soak:
    def __init__(self, top, server):
        self.top, self.s = top, server
        self.done = threading.Event()
        self.r = random.Random(1)
        self.slow, self.memory, self.descriptors = [], [], []

    def begin(self):
        self.troubles = [Trouble(self, step, pause) for step, pause in (
            (self.reset, 0.01), (self.vanish, 0.2), (self.slow_client, 0.1),
            (self.ask, 0.02), (self.reload, 0.5), (self.swap, 0.7),
            (self.rotate, 1.1), (self.edit, 0.05), (self.truncate, 0.9),
            (self.window, 0.1), (self.key, 0.3))]

    def stop(self):
        self.done.set()
        for t in self.troubles:
            t.join(30)
        self.look_for_errors()

    def look_for_errors(self):
        for t in self.troubles:
            if t.error:
                raise AssertionError(f"{t.step.__name__}: {t.error!r}")

    def rest(self):
        """All troubles rest; the state is that of every other rest."""
        for t in self.troubles:
            t.lock.acquire()
        while self.slow:
            self.slow.pop().close()
        for size in (SMALL, LARGEST):
            drawn = self.s.drawn
            resize(self.s.master, *size)
            eventually(lambda: self.s.drawn > drawn)
        time.sleep(DEADLINE + 2)
        self.memory.append(rss(self.s))
        self.descriptors.append(self.s.descriptors())
        for t in self.troubles:
            t.lock.release()

    def window(self):
        resize(self.s.master, self.r.randint(1, LARGEST[0]),
               self.r.randint(1, LARGEST[1]))

    def key(self):
        os.write(self.s.master, self.r.choice(KEYS))

    def reset(self):
        try:
            in_some_state(self.s.port, self.r).reset()
        except OSError:
            pass  # cut before it had said all

    def vanish(self):
        try:
            vanish(self.s.port, self.r.randrange(4))
        except (NotHere, Ended, OSError):
            pass

    def slow_client(self):
        """Fifty that stand still in some state, the oldest let go."""
        try:
            self.slow.append(in_some_state(self.s.port, self.r))
        except OSError:
            pass
        if len(self.slow) > 50:
            self.slow.pop(0).close()

    def ask(self):
        target = self.r.choice(["/text.txt", "/folder/", "/mega.bin", "/none",
                                "/changing.txt", "/page.txt", LAB])
        # each version of a file would be a copy that is kept for a while
        fields = [] if target == "/changing.txt" else \
            ["Accept-Encoding: gzip"] * self.r.randrange(2)
        try:
            with Client(self.s.port) as c:
                r = c.ask(target, *fields)
            assert r.status in (200, 404), r.head
        except Ended:
            assert target in ("/changing.txt", "/mega.bin"), target

    def reload(self):
        self.s.notify(signal.SIGHUP)

    def swap(self):
        site, other = self.top / "site", self.top / "next"
        site.rename(self.top / "old")
        other.rename(site)
        (self.top / "old").rename(other)

    def rotate(self):
        path = self.top / "access.log"
        if path.exists():
            path.rename(self.top / "access.log.1")
        self.s.notify(signal.SIGUSR1)

    def edit(self):
        path = self.top / "site" / "changing.txt"
        try:
            path.write_text("x" * self.r.randrange(100000))
        except OSError:
            pass  # between two trees

    def truncate(self):
        try:
            path = self.top / "site" / "big.bin"
            os.truncate(path, self.r.randrange(1 << 20))
            path.write_bytes(DATA[:4 << 20])
        except OSError:
            pass


def plant_both(top):
    (top / "site" / "big.bin").write_bytes(DATA[:4 << 20])
    shutil.copytree(top / "site", top / "next")
    for tree, letter in (("site", b"a"), ("next", b"b")):
        (top / tree / "page.txt").write_bytes(letter * 200000)


def flat(samples, most, name):
    """The growth of the median from the second quarter to the last."""
    n = len(samples) // 4
    early = sorted(samples[n:2 * n])[n // 2]
    late = sorted(samples[-n:])[n // 2]
    assert late - early <= most, f"{name} grew from {early} to {late}: " \
        f"{samples}"
    return early, late


def soak(minutes):
    """[(what, measured)]"""
    with folder() as top:
        plant_both(top)
        # what is used by turns has soon been used whole
        config = write_config(
            top, console="{history: 1000, history_memory: 4M}",
            log=f"{{access: {top}/access.log}}", timeouts="{" + ", ".join(
                f"{k}: {DEADLINE}s" for k in (
                    "header", "body", "write", "keepalive")) + "}")
        s = Console(top, args=("-c", config))
        try:
            return soak_server(Soak(top, s), minutes * 60)
        finally:
            s.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def soak_server(k, seconds):
    s = k.s
    fill_rings(s.port)
    load = Load(s.port, clients=2, pause=0.002)
    k.begin()
    begun, slowest, asked = time.monotonic(), 0.0, 0
    while time.monotonic() < begun + seconds or len(k.memory) < ROUNDS:
        end = time.monotonic() + min(60, seconds / ROUNDS) - DEADLINE - 2
        while time.monotonic() < end:
            time.sleep(0.5)
            s.assert_alive()
            slowest = max(slowest, hello(s.port, 30))
            asked += 1
        k.look_for_errors()
        k.rest()
        if "SOAK_SAMPLES" in os.environ:
            print(k.memory[-1] >> 10, k.descriptors[-1], flush=True)
    k.stop()
    took = time.monotonic() - begun
    load.stop()
    left = settled(s)
    s.stop()
    m = flat(k.memory, GROWTH, "memory")
    d = flat(k.descriptors, DESCRIPTORS, "descriptors")
    assert load.failures == 0, load.failed
    return figures(k, load, took, slowest, asked) + [
        ("memory (RssAnon), KiB", f"{m[0] >> 10}, then {m[1] >> 10}: medians "
         f"of the second and the last quarter of {len(k.memory)} rests"),
        ("descriptors", f"{d[0]}, then {d[1]}; {left} when all clients are "
         "gone"), ("account", ACCOUNT.search(
             "\n".join(s.err.lines))[0].partition(": ")[2]),
        ("failures", "none")]


def figures(k, load, took, slowest, asked):
    counts = {t.step.__name__: t.times for t in k.troubles}
    return [
        ("minutes", f"{took / 60:.1f}"),
        ("requests of the load", f"{len(load.times)}, none failed, p99 "
         f"{ms(load.quantile(.99))}"),
        ("other requests", f"{counts.pop('ask')} of all kinds; {asked} on "
         f"connections of their own, the slowest {ms(slowest)}"),
        ("faults injected", ", ".join(
            f"{v} {name.replace('_', ' ')}" for name, v in counts.items()))]


def settled(s):
    """Open descriptors when all clients have been gone for the deadlines."""
    time.sleep(DEADLINE + 2)
    n = s.descriptors()
    assert n < 40, f"{n} descriptors are left"
    return n
