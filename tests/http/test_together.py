"""Requests that come at once are received and answered together, by io_uring
where the kernel has it: nobody may notice but by the processor's time."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from conftest import PRELOADS, SIZES, Server, eventually, noise, run
from raw import request

SOURCE = Path(__file__).with_name("noring.c")
RINGS = run("--no-config", "--check", io_uring="on")[0] == 0
BOTH = pytest.mark.parametrize("io_uring", [
    pytest.param("on", marks=pytest.mark.skipif(
        not RINGS, reason="no io_uring here")), "off"])


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    if not PRELOADS:
        pytest.skip("a sanitizer comes before what is preloaded")
    path = tmp_path_factory.mktemp("noring") / "noring.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", path, SOURCE,
                    "-ldl"], check=True)
    return path


def rings(s):
    """Descriptors that are io_uring's."""
    links = []
    for fd in os.listdir(f"/proc/{s.pid}/fd"):
        try:
            links.append(os.readlink(f"/proc/{s.pid}/fd/{fd}"))
        except FileNotFoundError:
            pass
    return links.count("anon_inode:[io_uring]")


class Stopped:
    """What is sent meanwhile is there at once when the server goes on."""

    def __init__(self, server):
        self.server = server

    def __enter__(self):
        self.server.notify(signal.SIGSTOP)
        eventually(lambda: "T (stopped)" in Path(
            f"/proc/{self.server.pid}/status").read_text())

    def __exit__(self, *_):
        self.server.notify(signal.SIGCONT)


def idle_clients(s, n):
    """That have had an answer: their next request finds them idle."""
    clients = [s.client() for _ in range(n)]
    for c in clients:
        c.send(request("/hello.txt"))
        assert c.read().status == 200
    return clients


def ask_together(s):
    """Twelve clients, four requests each: 48 lines of the log."""
    clients = idle_clients(s, 12)
    for _ in range(3):
        with Stopped(s):
            for c in clients:
                c.send(request("/n5.txt"))
        for c in clients:
            assert c.read().body == b"this is number 5\n" * 6
    end_all(clients)


def end_all(clients):
    for c in clients:
        c.close()


@BOTH
def test_each_gets_its_own_answer(start, site, io_uring):
    """Of every kind, whoever is beside it."""
    s = start(site, "-w", "1", io_uring=io_uring)
    etag = s.get("/hello.txt").get("etag")
    size = max(SIZES)
    asked = []
    for i in range(8):
        asked += [
            (request(f"/n{i}.txt"), 200,
             f"this is number {i}\n".encode() * (i + 1)),
            (request("/hello.txt", f"If-None-Match: {etag}"), 304, b""),
            (request(f"/nowhere{i}"), 404, None),
            (request(f"/size/{size}.bin"), 200, noise(size, size)),
            (request("/hello.txt", "Range: bytes=0-3"), 206, b"hell"),
            (request("/hello.txt", "Range: bytes=0-1,5-6"), 206, None),
            (request("/hello.txt", "Bad Field: x"), 400, None),
            (request("/folder"), 301, None),
        ]
    clients = idle_clients(s, len(asked))
    before = len(s.wait_log(1 + len(asked)))
    with Stopped(s):
        for c, (data, _, _) in zip(clients, asked):
            c.send(data)
    for c, (data, status, body) in zip(clients, asked):
        r = c.read()
        assert r.status == status, (data, r.head)
        if body is not None:
            assert r.body == body
    assert len(s.wait_log(before + len(asked))) == before + len(asked)
    # and where they were kept they go on, several requests of one at once
    kept = [(c, i) for i, c in enumerate(clients) if asked[i][1] == 200]
    with Stopped(s):
        for c, i in kept:
            c.send(request(f"/n{i % 8}.txt") * 3)
    for c, i in kept:
        for _ in range(3):
            assert c.read().body == \
                f"this is number {i % 8}\n".encode() * (i % 8 + 1)
    end_all(clients)
    s.stop()


@BOTH
def test_who_sends_a_part_or_leaves_is_told_apart(start, site, io_uring):
    """Half a head, nothing, the end, a reset, beside whole requests."""
    s = start(site, "-w", "1", io_uring=io_uring)
    clients = idle_clients(s, 16)
    with Stopped(s):
        for i, c in enumerate(clients):
            if i % 4 == 0:
                c.send(request("/hello.txt"))
            elif i % 4 == 1:
                c.send(request("/n3.txt")[:20])
            elif i % 4 == 2:
                c.finish()
            else:
                c.reset()
    for i, c in enumerate(clients):
        if i % 4 == 0:
            assert c.read().body == b"hello, world\n"
        elif i % 4 == 1:
            c.send(request("/n3.txt")[20:])
            assert c.read().body == b"this is number 3\n" * 4
        elif i % 4 == 2:
            assert c.rest() == b""
    end_all(clients)
    s.stop()


@BOTH
def test_who_does_not_read_holds_up_nobody(start, site, io_uring):
    """Answer by answer the kernel's buffers fill up, for some who read none;
    others, on the same worker, are answered all the same."""
    s = start(site, "-w", "1", io_uring=io_uring)
    stalled = [s.client(receive_buffer=4096) for _ in range(4)]
    clients = idle_clients(s, 4)
    for round_ in range(300):
        with Stopped(s):
            for c, size in zip(stalled, (15000, 16000, 4096, 16384)):
                c.send(request(f"/size/{size}.bin"))
            for c in clients:
                c.send(request("/n5.txt"))
        for c in clients:
            assert c.read().body == b"this is number 5\n" * 6, round_
    # none of theirs is lost
    for c, size in zip(stalled, (15000, 16000, 4096, 16384)):
        for _ in range(300):
            assert c.read().body == noise(size, size)
    end_all(clients + stalled)
    s.stop()


@pytest.mark.skipif(not RINGS, reason="no io_uring here")
@pytest.mark.parametrize("io_uring, count", [("auto", 3), ("on", 3),
                                             ("off", 0)])
def test_each_worker_has_a_ring_unless_it_is_off(start, site, io_uring, count):
    s = start(site, "-w", "3", io_uring=io_uring)
    assert rings(s) == count
    assert s.get("/hello.txt").status == 200


def test_without_it_serves_or_does_not_start(start, library, tmp_path):
    """As in a container that forbids it."""
    without = {"LD_PRELOAD": str(library), "NORING": "never"}
    s = start(env=without)
    s.wait_err("no io_uring: Operation not permitted")
    assert rings(s) == 0
    clients = idle_clients(s, 4)
    end_all(clients)
    conf = tmp_path / "server.yaml"
    conf.write_text("listen: [127.0.0.1:0]\nroot: .\nio_uring: 'on'\n")
    for more, status, place in ((["--check"], 78, f"{conf}:3:11: error: "),
                                (["--headless"], 1, "httpconsole: ")):
        done = subprocess.run(
            [s.process.args[0], "-c", conf, *more], env={
                **os.environ, **without}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=20, check=False)
        assert done.stderr == \
            f"{place}io_uring is on, but Operation not permitted\n"
        assert done.returncode == status


@pytest.mark.skipif(not RINGS, reason="no io_uring here")
def test_who_is_interrupted_goes_on(start, site, library):
    s = start(site, "-w", "1", env={"LD_PRELOAD": str(library),
                                    "NORING": "interrupted"})
    assert rings(s) == 1
    ask_together(s)
    assert len(s.wait_log(48)) == 48
    assert not any("io_uring" in line for line in s.err.lines)
    s.stop()


@pytest.mark.skipif(not RINGS, reason="no io_uring here")
@pytest.mark.parametrize("limit, count", [(320, 0), (2000, 40)])
def test_descriptors_are_for_workers_first(site, limit, count):
    """Where there are few, a server starts without rings as before."""
    s = Server(site, "-w", "40", prefix=["prlimit", f"-n{limit}:{limit}"])
    try:
        assert rings(s) == count
        assert s.get("/hello.txt").status == 200
        if count == 0:
            s.wait_err("no io_uring: Too many open files")
        s.stop()
    finally:
        s.process.kill()


@pytest.mark.skipif(not RINGS, reason="no io_uring here")
@pytest.mark.parametrize("calls", [2, 3, 9])
def test_a_ring_that_fails_is_done_without(start, site, library, calls):
    """From one call to the next: no request is lost, or answered twice."""
    s = start(site, "-w", "1", env={"LD_PRELOAD": str(library),
                                    "NORING": str(calls)})
    ask_together(s)
    s.wait_err("io_uring: Cannot allocate memory; each call is made by itself")
    assert len(s.wait_log(48)) == 48
    s.stop()
