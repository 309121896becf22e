"""Clients that are slow, that vanish, and that reset."""

import json
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


def established(port):
    """Connections of the server's side, as the kernel has them."""
    suffix = f":{port:04X}"
    n = 0
    with open("/proc/net/tcp", encoding="ascii") as f:
        for line in f:
            part = line.split()
            # established, or the client has closed and the server not yet
            n += part[1].endswith(suffix) and part[3] in ("01", "08")
    return n


class Held:
    """How many connections were held when, while slowhttptest runs."""

    def __init__(self, kind, port, seconds, load_clients=2):
        self.load = Load(port, clients=load_clients, pause=0.005)
        begun = time.monotonic()
        process = slowhttptest(kind, port, seconds)
        self.peak, self.full_at, self.gone_at = 0, begun, None
        try:
            while process.poll() is None \
                    and time.monotonic() < begun + seconds + 15:
                self.look(established(port) - load_clients)
                time.sleep(0.1)
            if self.peak and self.gone_at is None:
                self.gone_at = time.monotonic()  # it ends when none is left
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            self.load.stop()

    def look(self, n):
        now = time.monotonic()
        if n > self.peak + 5:
            self.full_at, self.gone_at = now, None
        self.peak = max(self.peak, n)
        if n > self.peak // 50:
            self.gone_at = None
        elif self.peak > 100 and self.gone_at is None:
            self.gone_at = now

    @property
    def held(self):
        """Seconds from the last connection until they were gone."""
        return None if self.gone_at is None else self.gone_at - self.full_at


def judge(kind):
    need("slowhttptest")
    with folder() as top:
        (top / "site" / "big.bin").write_bytes(DATA)
        config = {f"timeouts_{k}": f"{DEADLINE}s" for k in (
            "header", "body", "write", "keepalive")}
        with serving(top, config={**config, "log_format": "json"}) as s:
            found = Held(kind, s.port, 20)
            hello(s.port)
            eventually(lambda: s.descriptors() < 60, 10)
            s.stop()
            cut = [json.loads(x) for x in s.log]
    cut = [x for x in cut if "timeout" in (x.get("close") or "")]
    longest = max(x["duration_us"] for x in cut) / 1e6
    p99 = found.load.quantile(.99)
    assert len(cut) > CONNECTIONS * 0.95, f"{len(cut)} were closed only"
    assert found.held is not None, "not closed while the test ran"
    assert longest < DEADLINE + 1, f"closed after {longest:.1f} s"
    assert found.load.failures == 0, found.load.failed
    assert p99 < HEALTHY, f"healthy clients' p99: {ms(p99)}"
    return (f"{len(cut)} closed, the last after {longest:.2f} s (deadline "
            f"{DEADLINE} s), {found.peak} at once; healthy p99 {ms(p99)}")


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
