"""An attacker who may write beneath the root swaps names for symbolic links
that lead out of it, while they are opened: nothing from outside is sent."""

import collections
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import (TOP, Client, Ended, NotHere, fault, fill, hello, request,
                     serving)

OPENS = int(os.environ.get("RACE_OPENS") or 1000000)
REQUESTS = 200000
DEPTH = 20      # requests that are under way at once
SECRET = b"secret: nobody outside of the folder may read this\n"
OPENER = TOP / "build/default/tests/unit/test_race"
LINE = re.compile(r"race: .+: (\d+) opens, (\d+) inside, (\d+) refused, "
                  r"(\d+) escaped, (\d+) swaps")
CAUGHT = re.compile(r"([a-z ]+): .+: escaped at open (\d+)")


@fault(f"the server's own opening function, {OPENS:,} times, while the last "
       "or a middle component, or a coded sibling, is exchanged (renameat2) "
       "or renamed over, and a folder moved up under a link; three careless "
       "ways to open, too", "none of the server's leads out of the root; "
       "each of the others does")
def race_of_the_opening():
    if not OPENER.exists():
        raise NotHere(f"{OPENER} is not built (make race)")
    done = subprocess.run([OPENER], capture_output=True, text=True,
                          env={**os.environ, "RACE_OPENS": str(OPENS)},
                          timeout=1800, check=False)
    rows = [list(map(int, m)) for m in LINE.findall(done.stdout)]
    caught = collections.Counter(m[0] for m in CAUGHT.findall(done.stdout))
    opens, inside, refused, escaped, swaps = map(sum, zip(*rows))
    assert done.returncode == 0 and escaped == 0, done.stdout + done.stderr
    return (f"{opens} opens, {swaps} swaps: {inside} inside, {refused} "
            f"refused, {escaped} escaped; seen to escape: " + ", ".join(
                f"{way} by {n} attacks" for way, n in caught.items()))


class Attacker:
    """Swaps names in the root in a tight loop, in a process of its own; `stop`
    gives how often."""

    SOURCE = """
import ctypes, os, sys, threading
os.chdir(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
def exchange(a, b):
    if libc.renameat2(-100, a, -100, b, 2):
        raise OSError(ctypes.get_errno(), a)
done = threading.Event()
def wait():
    sys.stdin.readline()
    done.set()
threading.Thread(target=wait, daemon=True).start()
print("ready", flush=True)
n = 0
while not done.is_set():
    exchange(b"last.txt", b"last.link")
    exchange(b"middle", b"middle.link")
    exchange(b"coded.css.gz", b"coded.link")
    os.symlink("../secret.txt", "new")
    os.rename("new", "over.txt")
    os.link("kept.txt", "new")
    os.rename("new", "over.txt")
    os.rename("deep/er", "er")
    os.rename("er", "deep/er")
    n += 6
print(n)
"""

    def __init__(self, site):
        self.process = subprocess.Popen(
            [sys.executable, "-c", self.SOURCE, str(site)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == b"ready\n"

    def stop(self):
        out, _ = self.process.communicate(b"\n", timeout=60)
        assert self.process.returncode == 0, "the attacker has failed"
        return int(out)


def plant(top):
    """The root and what lies outside; {target: what it holds inside}."""
    site = fill(top / "site")
    (top / "outside").mkdir()
    for name in ("secret.txt", "hello.txt", "outside/in.txt",
                 "outside/index.html"):
        (top / name).write_bytes(SECRET)
    (site / "middle").mkdir()
    (site / "deep" / "er").mkdir(parents=True)
    inside = {}
    for name in ("last.txt", "kept.txt", "over.txt", "coded.css",
                 "coded.css.gz", "middle/in.txt", "middle/index.html"):
        (site / name).write_text(f"this is {name}\n")
        os.utime(site / name, (1000, 1000))
        inside["/" + name] = f"this is {name}\n".encode()
    inside["/over.txt"] = inside["/kept.txt"]
    os.link(site / "kept.txt", site / "new")
    (site / "new").rename(site / "over.txt")
    (site / "last.link").symlink_to("../secret.txt")
    (site / "coded.link").symlink_to("../secret.txt")
    (site / "middle.link").symlink_to("../outside")
    (site / "deep" / "er" / "up.txt").symlink_to("../../hello.txt")
    inside["/middle/"] = inside["/middle/index.html"]
    inside["/deep/er/up.txt"] = b"hello, world\n"
    del inside["/kept.txt"], inside["/coded.css.gz"]
    return inside


def ask(c, targets):
    """Their answers, asked for at once."""
    c.send(b"".join(request(t, "Accept-Encoding: gzip") for t in targets))
    return [c.read() for _ in targets]


def judge(target, r, inside):
    """What became of it: "inside" or the status of a refusal."""
    assert SECRET not in r.body, f"{target}: the secret was sent"
    if r.status != 200:
        assert r.status in (403, 404), f"{target}: {r.head!r}"
        return str(r.status)
    name = "/coded.css.gz" if r.get("content-encoding") else target
    expected = inside.get(name, f"this is {name[1:]}\n".encode())
    assert r.body == expected, f"{target}: {r.body[:80]!r}"
    return "inside"


@fault(f"{REQUESTS:,} requests while the names are swapped in the same ways, "
       "by a process of its own", "each answer is the file in the root, or "
       "404 or 403; never what lies outside")
def race_of_the_server():
    return raced(REQUESTS)


@fault("the same, 10,000 requests", "the same", twin=True)
def race_of_the_server_shortly():
    return raced(10000)


def raced(n):
    counts = collections.Counter()
    where = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="faults-", dir=where) as d:
        top = Path(d)
        inside = plant(top)
        targets = (list(inside) * DEPTH)[:DEPTH * len(inside)]
        with serving(top, config={"limits_requests_per_connection": "0"}) as s:
            attacker = Attacker(top / "site")
            try:
                with Client(s.port) as c:
                    for i in range(0, n, DEPTH):
                        some = [targets[(i + k) % len(targets)]
                                for k in range(DEPTH)]
                        for target, r in zip(some, ask(c, some)):
                            counts[judge(target, r, inside)] += 1
            except Ended:
                s.assert_alive()
                raise AssertionError("a connection was closed") from None
            finally:
                swaps = attacker.stop()
            hello(s.port)
    assert counts["inside"] and counts["404"] + counts["403"], counts
    return (f"{sum(counts.values())} requests, {swaps} swaps: " + ", ".join(
        f"{v} {k}" for k, v in sorted(counts.items(), reverse=True)))
