"""Readers that are slow, and readers that have stopped.  A client is cut when
it has acknowledged nothing for timeouts.write, and not before: what the kernel
holds for it may last a slow one for minutes."""

import time

from conftest import noise
from raw import request

WRITE = 3.0  # s, timeouts.write
LATE = 2 * WRITE + 1  # when the kernel does not tell since when, one late
BIG = 16 << 20  # more than the kernel takes at once


def begin(start):
    s = start(timeouts_write=f"{WRITE:.0f}s", log_format="json")
    (s.folder / "big.bin").write_bytes(noise(BIG))
    return s


def seconds_until_logged(s, since):
    line = s.wait_logged("/big.bin")
    return time.monotonic() - since, line


def test_a_steady_slow_reader_is_not_cut(start):
    s = begin(start)
    with s.client(receive_buffer=4096) as c:
        c.send(request("/big.bin"))
        began = time.monotonic()
        read = 0
        while time.monotonic() - began < 3 * WRITE:
            data = c.socket.recv(2048)
            assert data, "cut"
            read += len(data)
            time.sleep(0.2)
        assert not any("/big.bin" in line for line in s.log)
        assert read < 200 << 10, "not slow: the kernel's buffer has opened"
        stopped = time.monotonic()
        took, line = seconds_until_logged(s, stopped)
    assert "write timeout" in line
    assert took < LATE, "cut that long after the last byte"


def test_a_reader_that_takes_nothing_is_cut_in_time(start):
    s = begin(start)
    with s.client(receive_buffer=4096) as c:
        began = time.monotonic()
        c.send(request("/big.bin"))
        took, line = seconds_until_logged(s, began)
    assert "write timeout" in line
    assert WRITE - 0.1 < took < LATE


def test_a_reader_that_stops_is_cut_in_time(start):
    """It had read for longer than timeouts.write."""
    s = begin(start)
    with s.client(receive_buffer=65536) as c:
        c.send(request("/big.bin"))
        until = time.monotonic() + 1.5 * WRITE
        while time.monotonic() < until:
            c.socket.recv(16384)
            time.sleep(0.1)
        assert not any("/big.bin" in line for line in s.log)
        took, line = seconds_until_logged(s, time.monotonic())
    assert "write timeout" in line
    assert took < LATE
