"""The access log's disk is full, or its file moves away."""

import re
import shutil
import signal
import subprocess
import time

from harness import (Client, Load, NotHere, eventually, fault, folder, hello,
                     ms, request, serving)

DISK = 64 << 10
LINE = re.compile(rb'[^"]+"[^"]*" \d+ \S+ "[^"]*" "[^"]*" \S+ \S+')


def mount_small(path):
    path.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}",
                           "faults", path], capture_output=True, check=False)
    if done.returncode:
        raise NotHere("no tmpfs can be mounted: "
                      + done.stderr.decode().strip())


def ask_many(port, n, name):
    with Client(port) as c:
        for i in range(0, n, 10):
            for k in range(10):
                c.send(request(f"/{name}{i + k}"))
            for _ in range(10):
                r = c.read()
                assert r.status == 404, r.head
                if r.closes:
                    c = Client(port)


def lost_lines(s):
    """The count of the last "written again" line."""
    found = re.findall(r"written again; (\d+) lines", "\n".join(s.err.lines))
    return int(found[-1]) if found else None


@fault("the log on a tmpfs of 64 KiB, 4,000 requests; then room again",
       "serving goes on, lines written and lines counted as lost are all "
       "requests, it resumes by itself")
def log_disk_full():
    with folder() as top:
        disk = top / "disk"
        mount_small(disk)
        try:
            return full_disk(top, disk)
        finally:
            subprocess.run(["umount", disk], check=True)


def full_disk(top, disk):
    with serving(top, "--log-file", disk / "access.log") as s:
        ask_many(s.port, 4000, "full")
        s.wait_err("space")
        said = len([x for x in s.err.lines if "space" in x])
        subprocess.run(["mount", "-o", "remount,size=16M", disk], check=True)
        begun = time.monotonic()
        n = 4000
        while lost_lines(s) is None:
            hello(s.port)
            n += 1
            time.sleep(0.05)
            assert time.monotonic() - begun < 10, \
                f"does not resume: {s.err.lines}"
        back = time.monotonic() - begun
        ask_many(s.port, 10, "after")
        n += 10
        time.sleep(0.1)
        s.stop()
        lost = lost_lines(s)
        lines = (disk / "access.log").read_bytes().split(b"\n")
    assert lines.pop() == b"", "the last line is cut"
    for line in lines:
        assert LINE.fullmatch(line), line
    assert len(lines) + lost == n, f"{len(lines)} + {lost} of {n}"
    assert said <= 2, f"said {said} times"
    return (f"{n} requests: {len(lines)} lines, {lost} counted as lost; "
            f"again after {back:.1f} s")


@fault("rename, SIGUSR1, ten times under load",
       "the new file within 1 s, no line lost", short=True)
def log_moved_under_load():
    with folder() as top:
        path = top / "access.log"
        with serving(top, "--log-file", path) as s:
            load = Load(s.port, clients=2, pause=0.0005)
            slowest = 0.0
            for i in range(10):
                eventually(lambda: path.exists() and path.stat().st_size)
                path.rename(top / f"access.log.{i}")
                begun = time.monotonic()
                s.notify(signal.SIGUSR1)
                eventually(path.exists)
                slowest = max(slowest, time.monotonic() - begun)
            load.stop()
            s.stop()
        n = sum(p.read_bytes().count(b"\n")
                for p in top.glob("access.log*"))
    assert load.failures == 0, load.failed
    assert n == len(load.times), f"{n} lines of {len(load.times)} requests"
    assert slowest < 1, f"after {ms(slowest)}"
    return f"{n} requests, {n} lines; new file after {ms(slowest)} at most"
