"""Clients that are slow, that vanish, and that reset."""

import random
import socket
import subprocess
import time

from harness import (DATA, Client, Load, NotHere, eventually, fault, folder,
                     hello, ms, need, request, serving)

CONNECTIONS = 1000
DEADLINE = 3      # s: each of the server's
HEALTHY = 0.05    # s: their 99th percentile
TCP_REPAIR = 19

SLOW = {
    # a field, a chunk of the body, 32 bytes read: each less often than the
    # deadline
    "head": ["-H", "-i", "5"],
    "body": ["-B", "-i", "5", "-s", "8192", "-t", "POST"],
    "reader": ["-X", "-w", "512", "-y", "1024", "-n", "9", "-z", "32",
               "-k", "3"],
}


def slowhttptest(kind, port, seconds=10, connections=CONNECTIONS):
    target = "big.bin" if kind == "reader" else "hello.txt"
    return subprocess.Popen(
        ["slowhttptest", *SLOW[kind], "-c", str(connections), "-r",
         str(connections // 5), "-l", str(seconds), "-p", "2", "-u",
         f"http://127.0.0.1:{port}/{target}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)


def held_by(port):
    """{client's address: (bytes that wait to be acknowledged, bytes that the
    client has and did not read)} of the server's connections that it has not
    closed, as the kernel has them."""
    suffix, found, unread = f":{port:04X}", {}, {}
    with open("/proc/net/tcp", encoding="ascii") as f:
        next(f)
        for line in f:
            part = line.split()
            sent, received = part[4].split(":")
            if part[2].endswith(suffix):
                unread[part[1]] = int(received, 16)
            # established, or closed by the client only
            if part[1].endswith(suffix) and part[3] in ("01", "08"):
                found[part[2]] = int(sent, 16)
    return {k: (v, unread.get(k)) for k, v in found.items()}


class Held:
    """How long each connection is held while slowhttptest runs, and how
    others are served meanwhile.  It ends when none is open any more; or lets
    go of all in its last second, which is no longer looked at: `left` were
    held until then."""

    def __init__(self, kind, port, seconds, strict=True):
        self.since, self.waits, self.lasted = {}, {}, []
        self.progress = kind == "reader"
        self.peak = self.left = 0
        self.load = Load(port, clients=2, pause=0.005, strict=strict)
        self.aside = set(held_by(port))
        begun = time.monotonic()
        process = slowhttptest(kind, port, seconds)
        try:
            while process.poll() is None \
                    and time.monotonic() < begun + seconds - 1:
                self.look(held_by(port))
                time.sleep(0.1)
            if process.poll() is None:
                self.left = len(self.since)
            else:
                self.look({})
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            self.load.stop()

    def look(self, held):
        """A reader is given the time since it took something, from the first
        byte for it on; all others that since they came."""
        now = time.monotonic()
        for key in self.since.keys() - held.keys():
            # so long at least; this look may have come late
            self.lasted.append(self.looked - self.since.pop(key))
        for key in held.keys() - self.aside:
            if self.progress and held[key][0] == 0:
                self.since.pop(key, None)  # it has taken all there was
                continue
            if key not in self.since or (
                    self.progress and self.waits.get(key) != held[key]):
                self.since[key] = now
            self.waits[key] = held[key]
        self.peak = max(self.peak, len(held.keys() - self.aside))
        self.looked = now

    @property
    def longest(self):
        return max(self.lasted)


def judge(kind):
    need("slowhttptest")
    with folder() as top:
        (top / "site" / "big.bin").write_bytes(DATA)
        config = {f"timeouts_{k}": f"{DEADLINE}s" for k in (
            "header", "body", "write", "keepalive")}
        config["limits_requests_per_connection"] = "0"  # of the healthy ones
        with serving(top, config=config) as s:
            found = Held(kind, s.port, 20)
            hello(s.port)
            eventually(lambda: s.descriptors() < 60, 10)
    p99 = found.load.quantile(.99)
    assert len(found.lasted) > CONNECTIONS * 0.95, \
        f"{len(found.lasted)} were closed only"
    assert found.longest < DEADLINE + 1, f"closed after {found.longest:.1f} s"
    assert found.load.failures == 0, found.load.failed
    assert p99 < HEALTHY, f"healthy clients' p99: {ms(p99)}"
    return (f"{len(found.lasted)} closed, the last after {found.longest:.1f} s "
            f"(deadline {DEADLINE} s), {found.peak} at once; healthy p99 "
            f"{ms(p99)}")


@fault("slowhttptest -H, 1,000 connections",
       "closed by the deadline plus 1 s; healthy clients' p99 under 50 ms")
def slow_head():
    return judge("head")


@fault("slowhttptest -B, 1,000 connections", "the same")
def slow_body():
    return judge("body")


@fault("slowhttptest -X, 1,000 connections, 32 bytes every 5 s", "the same")
def slow_reader():
    return judge("reader")


def in_some_state(port, r):
    """A connection that has done a part of an exchange."""
    c = Client(port, receive_buffer=4096)
    c.send(r.choice([
        b"", b"GET /big.bin HTTP/1.1\r\nHo", request("/big.bin"),
        request("/hello.txt"), request("/hello.txt") * 20,
        request("/", "Content-Length: 1000", method="POST") + b"x" * 10,
        request("/folder/"), b"\x00nonsense\r\n\r\n"]))
    return c


@fault("SO_LINGER 0 in every state of an exchange, 1,000 times",
       "descriptors freed within 1 s, the next request answered", short=True)
def resets():
    r = random.Random(1)
    with folder() as top:
        (top / "site" / "big.bin").write_bytes(DATA[:4 << 20])
        with serving(top) as s:
            hello(s.port)
            before = s.descriptors()
            for i in range(1000):
                c = in_some_state(s.port, r)
                if i % 3 == 0:
                    time.sleep(0.001)
                c.reset()
            begun = time.monotonic()
            eventually(lambda: s.descriptors() <= before + 8, 3)
            took = time.monotonic() - begun
            hello(s.port)
    assert took < 1, f"after {took:.1f} s"
    return f"1000 resets, descriptors free after {ms(took)}"


@fault("TCP_REPAIR and close: 200 clients vanish without a FIN, in a head, a "
       "body, a download and between requests (deadlines 2 s)",
       "descriptors freed by the deadline plus 1 s")
def half_open_clients():
    with folder() as top:
        (top / "site" / "big.bin").write_bytes(DATA)
        with serving(top, config={f"timeouts_{k}": "2s" for k in (
                "header", "body", "write", "keepalive")}) as s:
            hello(s.port)
            before = s.descriptors()
            for i in range(200):
                vanish(s.port, i)
            begun = time.monotonic()
            held = s.descriptors() - before
            eventually(lambda: s.descriptors() <= before + 8, 8)
            took = time.monotonic() - begun
            hello(s.port)
    assert held > 100, f"{held} were held only"
    assert took < 3, f"after {took:.1f} s"
    return f"{held} held, free after {took:.1f} s"


def vanish(port, i):
    c = Client(port, receive_buffer=4096)
    c.send([b"GET /hello.txt HTTP/1.1\r\nHo", request("/big.bin"),
            request("/", "Content-Length: 9", method="POST") + b"x",
            request("/hello.txt")][i % 4])
    if i % 4 == 3:
        c.read()
    try:
        c.socket.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    except OSError as e:
        raise NotHere(f"TCP_REPAIR: {e}") from None
    c.close()
