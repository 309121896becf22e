"""Load, slow clients and faults together, for minutes or hours: memory and
descriptors must stay flat."""

import os
import random
import re
import shutil
import signal
import socket
import threading
import time

from clients import in_some_state, vanish
from exhaustion import fill_rings, rss
from files import plant
from harness import (DATA, Client, Ended, Load, NotHere, Server, eventually,
                     folder, hello, ms, request, write_config)

SAMPLE = 1.0    # s
GROWTH = 512 << 10   # bytes of memory after the first quarter
DESCRIPTORS = 16     # the same


class Trouble(threading.Thread):
    """One kind of fault, again and again, until told to stop."""

    def __init__(self, soak, step, pause):
        super().__init__(daemon=True)
        self.soak, self.step, self.pause = soak, step, pause
        self.times, self.error = 0, None
        self.start()

    def run(self):
        try:
            while not self.soak.done.wait(self.pause):
                self.step()
                self.times += 1
        except (Exception, AssertionError) as e:
            self.error = e


class Soak:
    def __init__(self, top, server):
        self.top, self.s = top, server
        self.done = threading.Event()
        self.r = random.Random(1)
        self.slow = []
        self.log_n = 0

    def begin(self):
        self.troubles = [Trouble(self, step, pause) for step, pause in (
            (self.reset, 0.01), (self.vanish, 0.2), (self.slow_client, 0.1),
            (self.ask, 0.02), (self.reload, 0.5), (self.swap, 0.7),
            (self.rotate, 1.1), (self.edit, 0.05), (self.truncate, 0.9))]

    def stop(self):
        self.done.set()
        for t in self.troubles:
            t.join(30)
            if t.error:
                raise AssertionError(f"{t.step.__name__}: {t.error!r}")
        for c in self.slow:
            c.close()

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
                                "/changing.txt", "/page.txt"])
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
    assert late - early <= most, f"{name} grew from {early} to {late}"
    return early, late


def soak(minutes):
    """What was measured, as text."""
    with folder() as top:
        plant_both(top)
        config = write_config(
            top, log=f"{{access: {top}/access.log, level: error}}",
            timeouts="{header: 3s, body: 3s, write: 3s, keepalive: 3s}")
        s = Server(None, "-q", banner=False, base=[
            "--headless", "-c", str(config), "-p", str(free_port())])
        try:
            s.port = int(s.process.args[5])
            eventually(lambda: answers(s.port))
            return soak_server(Soak(top, s), minutes * 60)
        finally:
            if s.process.poll() is None:
                s.process.kill()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    try:
        hello(port)
    except (OSError, AssertionError):
        return False
    return True


def soak_server(k, seconds):
    s = k.s
    fill_rings(s.port)
    load = Load(s.port, clients=2, pause=0.002)
    k.begin()
    until = time.monotonic() + seconds
    memory, descriptors, slowest = [], [], 0.0
    while time.monotonic() < until:
        time.sleep(SAMPLE)
        s.assert_alive()
        slowest = max(slowest, hello(s.port, 30))
        memory.append(rss(s))
        if "SOAK_SAMPLES" in os.environ:
            print(memory[-1] >> 10, s.descriptors(), flush=True)
        descriptors.append(s.descriptors())
    k.stop()
    load.stop()
    left = settled(s)
    s.stop()
    m = flat(memory, GROWTH, "memory")
    d = flat(descriptors, DESCRIPTORS, "descriptors")
    assert load.failures == 0, load.failed
    counts = ", ".join(f"{t.times} {t.step.__name__}" for t in k.troubles)
    return (f"{seconds / 60:.1f} minutes, {len(load.times)} requests of the "
            f"load, none failed, p99 {ms(load.quantile(.99))}, slowest new "
            f"request {ms(slowest)}; memory {m[0] >> 10} KiB, then "
            f"{m[1] >> 10} KiB; descriptors {d[0]}, then {d[1]}, {left} at "
            f"the end; {counts}")


def settled(s):
    """Open descriptors when all clients have been gone for the deadlines."""
    time.sleep(5)
    n = s.descriptors()
    assert n < 40, f"{n} descriptors are left"
    return n
