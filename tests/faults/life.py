"""Killed and started again, drained with slow downloads, reloaded under load."""

import json
import re
import signal
import socket
import subprocess
import time

from harness import (BIG, DATA, PROGRAM, Background, Client, Load, Server,
                     eventually, fault, file_of, folder, hello, median, ms,
                     request, serving, write_config)
from conftest import environment

KILLS = 100
RELOADS = 200


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except ConnectionRefusedError:
        return False
    return True


def kill_and_restart(top, port, idle):
    """Seconds from the start of the new process until a client is taken."""
    p = subprocess.Popen(
        [PROGRAM, "--headless", "--no-config", "-p", str(port), "-w", "2",
         "--log-file", top / "access.log", top / "site"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, env=environment({}))
    begun = time.monotonic()
    try:
        while not listens(port):
            assert p.poll() is None, f"ended with {p.returncode}"
            assert time.monotonic() - begun < 5, "does not listen"
            time.sleep(0.001)
        took = time.monotonic() - begun
        for _ in range(3):
            hello(port)
        idle.append(Client(port))
        idle[-1].ask("/hello.txt")
        return took
    finally:
        p.kill()
        p.wait()


@fault("kill -9 in the middle of kept connections, started on the same port, "
       "100 times", "listening again within 100 ms")
def killed_and_started_again():
    with folder() as top:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        idle = []
        times = [kill_and_restart(top, port, idle) for _ in range(KILLS)]
        for c in idle:
            c.close()
        logged = (top / "access.log").read_text().count("\n")
    assert max(times) < 0.1, f"after {ms(max(times))}"
    return (f"median {ms(median(times))}, slowest of {KILLS} {ms(max(times))}; "
            f"{logged} of {KILLS * 4} lines logged")


def slow_download(port, finishes):
    """To the end at 4 MB/s or so, or stalled after the head."""
    c = Client(port, receive_buffer=65536)
    c.deadline = 30
    c.send(request("/big.bin"))
    c.read_head()
    c.wait_for(1000)
    if not finishes:
        return c
    got = bytearray()
    while len(got) < BIG:
        got += c.take(min(1 << 20, BIG - len(got)))
        time.sleep(0.05)
    c.close()
    assert got == DATA, "other bytes than the file's"
    return c


@fault("SIGTERM with 50 downloads under way: 10 go on, 40 stand still",
       "the ten finish, the others are cut at the deadline (3 s) with a "
       "reason; exit 0", short=True)
def drained_with_fifty_slow_downloads():
    with folder() as top:
        (top / "site" / "big.bin").write_bytes(DATA)
        with serving(top, config={"timeouts_shutdown": "3s",
                                  "log_format": "json"}) as s:
            stalled = [slow_download(s.port, False) for _ in range(40)]
            going = [Background(slow_download, s.port, True)
                     for _ in range(10)]
            time.sleep(0.3)
            s.notify(signal.SIGTERM)
            begun = time.monotonic()
            for b in going:
                b.join()
            finished = time.monotonic() - begun
            s.wait_end(deadline=10)
            took = time.monotonic() - begun
            for c in stalled:
                c.close()
            lines = [json.loads(x) for x in s.log]
    cut = [x for x in lines if "shutdown cut" in (x.get("close") or "")]
    assert len(lines) == 50 and len(cut) == 40, \
        f"{len(lines)} lines, {len(cut)} cut"
    assert took < 4, f"ended after {took:.1f} s"
    return f"10 finished in {finished:.1f} s, 40 cut, ended after {took:.1f} s"


def reload_once(s, root):
    after = len(s.err.lines)
    s.notify(signal.SIGHUP)
    s.wait_err("reloaded|configuration", after)


@fault("SIGHUP 200 times under load, every time with another root",
       "no failed request, each answer of one root, descriptors constant",
       short=True)
def reloaded_two_hundred_times_under_load():
    with folder() as top:
        (top / "other").mkdir()
        (top / "other" / "hello.txt").write_text("hello, other\n")
        config = write_config(top, log=f"{{access: {top}/access.log}}")
        s = Server(None, base=["--headless", "-c", str(config)])
        try:
            for root in ("other", "site"):
                swap_root(top, root)
                reload_once(s, root)
            load = Load(s.port, clients=3)
            time.sleep(0.2)
            before = s.descriptors()
            for i in range(RELOADS):
                swap_root(top, ("other", "site")[i % 2])
                reload_once(s, i)
            time.sleep(0.2)
            after = s.descriptors()
            load.stop()
            s.stop()
        finally:
            if s.process.poll() is None:
                s.process.kill()
    assert load.failures == 0, load.failed
    assert set(load.bodies) <= {"hello, world\n", "hello, other\n"}, \
        load.bodies
    assert len(load.bodies) == 2, "both roots were served"
    assert after <= before + 2, f"{before} descriptors, then {after}"
    return (f"{len(load.times)} requests, none failed, p99 "
            f"{ms(load.quantile(.99))}; {before} descriptors, then {after}")


def swap_root(top, root):
    text = (top / "conf.yaml").read_text()
    new = top / "conf.new"
    new.write_text(re.sub("root: .*", f"root: {root}", text))
    new.rename(top / "conf.yaml")
