"""What changes while an answer is under way, or while clients wait."""

import signal
import time

import pytest

from raw import DEADLINE
from test_process import configured, reload, write_config  # noqa: F401


def request(target, *fields):
    lines = [f"GET {target} HTTP/1.1", "Host: localhost", *fields, "", ""]
    return "\r\n".join(lines).encode()


def test_parts_keep_the_site_they_were_begun_with(configured):  # noqa: F811
    """A reload between two parts: the length that was announced holds."""
    s = configured
    size = 3 << 20
    (s.path.parent / "one" / "big.txt").write_bytes(b"x" * size)
    write_config(s.path, root="one", files="{charset: null}")
    reload(s, "reloaded")
    with s.client(receive_buffer=4096) as c:
        half = size // 2
        c.send(request("/big.txt", f"Range: bytes=0-{half},{half + 1}-"
                       f"{size - 20},{size - 10}-{size - 1}"))
        while len(c.buffer) < 100000:
            c.receive(5000)
        write_config(s.path, root="two", files="{charset: utf-8}")
        reload(s, "reloaded")
        time.sleep(0.1)
        r = c.read()
        assert r.status == 206
        assert len(r.body) == r.length
        c.assert_open()
        assert c.ask("/hello.txt").text == "two\n"


def test_what_comes_behind_a_closing_request_costs_no_answer(server):
    """RFC 9112 9.6: unread bytes at a close would reset the connection."""
    for last in (request("/size/3000001.bin", "Connection: close"),
                 b"GET /size/3000001.bin HTTP/1.0\r\n\r\n"):
        with server.client(receive_buffer=4096) as c:
            c.send(last)
            while len(c.buffer) < 50000:
                c.receive(5000)
            c.send(b"\r\n")
            time.sleep(0.05)
            assert len(c.read().body) == 3000001


def test_a_full_worker_leaves_new_clients_to_the_others(start):
    s = start(None, "-w", "2", limits_connections="2",
              timeouts_keepalive="20s")
    first, second = s.client(), s.client()
    for c in (first, second):
        assert c.ask("/hello.txt").status == 200
    for gone in (first, second):
        gone.close()
        began = time.monotonic()
        with s.client() as c:
            assert c.ask("/hello.txt").status == 200
        assert time.monotonic() - began < DEADLINE / 2
        time.sleep(0.1)


def test_no_lingering_means_no_lingering(start):
    """timeouts.linger: 0 must not hold a slot for ever."""
    s = start(limits_connections="3", timeouts_linger="0")
    held = []
    for _ in range(6):
        held.append(s.client())
        held[-1].send(b"BAD\r\n\r\n")
    with s.client() as c:
        assert c.ask("/hello.txt").status == 200


@pytest.mark.parametrize("workers", [1, 2])
def test_a_drain_amid_accepting_is_no_error(start, workers):
    """What waited is accepted, the listener is closed: nothing to warn of."""
    for _ in range(12):
        s = start(None, "-w", str(workers))
        s.process.send_signal(signal.SIGSTOP)
        clients = [s.client() for _ in range(60)]
        for c in clients:
            c.send(request("/hello.txt") * 20)
        s.notify(signal.SIGTERM)
        s.process.send_signal(signal.SIGCONT)
        for c in clients:
            assert c.read().status == 200
            c.close()
        s.wait_end()
        assert not [line for line in s.err.lines if "cannot accept" in line]
