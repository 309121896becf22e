"""Too many: connections in all, of one address, and readers that take
nothing.  Each has its rule, its counter or notice, and its end."""

import json
import os
import re
import resource
import socket
import subprocess
import threading
import time

import pytest

from conftest import ACCOUNT, PRELOADS, eventually, noise
from raw import Client, Ended, request


def own_address():
    """An address of this computer that is not a loopback one, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.connect(("192.0.2.1", 9))  # nothing is sent
        except OSError:
            return None
        found = s.getsockname()[0]
    return None if found.startswith(("127.", "0.")) else found


ADDRESS = own_address()
FROM_OUTSIDE = pytest.mark.skipif(
    ADDRESS is None, reason="this computer has no address but loopback")


def outside(server):
    """A client that the server does not see as this computer."""
    return Client(server.port, host=ADDRESS)


def refused(client):
    """Told so, and closed."""
    r = client.send(request("/hello.txt")).read()
    client.assert_ends()
    return r.status == 503 and r.get("retry-after") == "5"


# ---------------------------------------------------------- of one address

@FROM_OUTSIDE
def test_one_address_has_its_share(start):
    s = start(None, "-b", "0.0.0.0", limits_connections_per_ip="3")
    held = [outside(s) for _ in range(3)]
    for c in held:
        assert c.ask("/hello.txt").status == 200
    for _ in range(3):
        with outside(s) as c:
            assert refused(c)
    s.wait_err(rf"refused: {re.escape(ADDRESS)} has "
               r"limits\.connections_per_ip")
    eventually(lambda: sum('"-" 503' in x for x in s.log) == 3)
    for c in held:  # whom it did not concern
        assert c.ask("/hello.txt").status == 200
    with s.client() as c:  # loopback is exempt
        assert c.ask("/hello.txt").status == 200
    held.pop().close()

    def room_again():
        with outside(s) as c:
            try:
                c.send(request("/hello.txt"))
                return c.read().status == 200
            except (Ended, ConnectionResetError):
                return False
    eventually(room_again)
    for c in held:
        c.close()


@FROM_OUTSIDE
def test_the_share_is_of_all_workers_together(start):
    """Whichever accepts: ten workers do not give ten shares."""
    s = start(None, "-b", "0.0.0.0", base=["--headless", "-p", "0",
                                           "--no-config", "-w", "8"],
              limits_connections_per_ip="5")
    clients = [outside(s) for _ in range(40)]
    statuses = [c.send(request("/hello.txt")).read().status for c in clients]
    assert statuses.count(200) == 5
    assert statuses.count(503) == 35
    for c in clients:
        c.close()


@FROM_OUTSIDE
def test_a_reload_changes_the_share(start, tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "hello.txt").write_text("hello, world\n")
    conf = tmp_path / "conf.yaml"
    text = ("listen: ['0.0.0.0:0']\nroot: site\n"
            "limits: {{connections_per_ip: {}}}\n")
    conf.write_text(text.format(1))
    s = start(site, base=["--headless", "-c", str(conf)])
    first = outside(s)
    assert first.ask("/hello.txt").status == 200
    with outside(s) as c:
        assert refused(c)
    conf.write_text(text.format(2))
    s.notify(1)
    s.wait_err("reloaded")

    def let_in():
        with outside(s) as c:
            return c.send(request("/hello.txt")).read().status == 200
    eventually(let_in)
    first.close()


# -------------------------------------------------------------- in all

def test_above_the_limit_503_when_asked_for(start):
    s = start(None, "-w", "2", limits_connections="4",
              limits_when_full="503", timeouts_keepalive="20s",
              log_format="json")
    held = [s.client() for _ in range(4)]
    for c in held:
        assert c.ask("/hello.txt").status == 200

    def is_refused():
        with s.client() as c:
            try:
                c.send(request("/hello.txt"))
                return c.read().status == 503
            except (Ended, ConnectionResetError):
                return False
    for _ in range(20):
        eventually(is_refused)
    s.wait_err("refused: all connections are taken")
    # each was answered, so each has its line
    line = json.loads(s.wait_logged('"status":503'))
    assert line["why"] == "too many connections"
    assert (line["client"], line["method"]) == ("127.0.0.1", None)
    eventually(lambda: sum('"status":503' in x for x in s.log) >= 20)
    for c in held:
        assert c.ask("/hello.txt").status == 200, "who is in is served"
    held.pop().close()

    def is_served():
        with s.client() as c:
            c.send(request("/hello.txt"))
            return c.read().status == 200
    eventually(is_served)
    for c in held:
        c.close()


@pytest.mark.parametrize("workers, limit", [(4, 5), (2, 1), (8, 3)])
def test_the_limit_is_that_of_all_workers(start, workers, limit):
    """Not of each, rounded up."""
    s = start(None, "-w", str(workers), limits_connections=str(limit),
              limits_when_full="503", timeouts_keepalive="20s")
    held = []
    while len(held) <= limit + workers:
        c = s.client()
        try:
            if c.ask("/hello.txt").status == 503:
                break
        except (Ended, ConnectionResetError):
            break
        held.append(c)
    assert len(held) == limit
    if workers > limit:
        s.wait_err(f"workers lowered from {workers} to {limit}")


def test_503_is_not_given_while_another_worker_has_room(start):
    """One worker full, the other not: nobody is refused."""
    s = start(None, "-w", "2", limits_connections="2",
              limits_when_full="503", timeouts_keepalive="20s")
    for _ in range(30):
        with s.client() as first, s.client() as second:
            assert first.ask("/hello.txt").status == 200
            assert second.ask("/hello.txt").status == 200
        # until both slots are free again
        eventually(lambda: s.get("/hello.txt").status == 200)
        time.sleep(0.02)


def test_above_the_limit_they_wait_unless_asked_for(start):
    s = start(limits_connections="2", timeouts_keepalive="20s")
    held = [s.client() for _ in range(2)]
    for c in held:
        assert c.ask("/hello.txt").status == 200
    late = s.client()
    late.send(request("/hello.txt"))
    late.assert_open(0.3)
    held.pop().close()
    assert late.read().status == 200
    late.close()
    held.pop().close()


def test_a_flood_of_refused_costs_nobody_else(start):
    """Hundreds that are too many; who is in is answered meanwhile."""
    s = start(None, "-w", "2", limits_connections="4",
              limits_when_full="503", timeouts_keepalive="20s")
    held = [s.client() for _ in range(4)]
    for c in held:
        c.ask("/hello.txt")
    before = s.descriptors()
    stop = threading.Event()

    def flood():
        while not stop.is_set():
            with socket.socket() as c:
                c.connect(("127.0.0.1", s.port))
    threads = [threading.Thread(target=flood) for _ in range(2)]
    for t in threads:
        t.start()
    slowest = 0
    for _ in range(50):
        began = time.monotonic()
        assert held[0].ask("/hello.txt").status == 200
        slowest = max(slowest, time.monotonic() - began)
    stop.set()
    for t in threads:
        t.join()
    assert slowest < 2
    eventually(lambda: s.descriptors() <= before)
    for c in held:
        c.close()


# ------------------------------------------------------------ slow readers

def test_a_reader_without_progress_is_cut(start):
    s = start(timeouts_write="300ms", log_format="json")
    (s.folder / "big.bin").write_bytes(noise(8 << 20))
    with s.client(receive_buffer=4096) as c:
        c.send(request("/big.bin"))
        c.read_head()
        assert "write timeout" in s.wait_logged("/big.bin")


def test_a_reader_that_drips_is_cut_too(start):
    """A byte now and then is no progress: the kernel wakes nobody for it."""
    s = start(timeouts_write="500ms", log_format="json")
    (s.folder / "big.bin").write_bytes(noise(8 << 20))
    with s.client(receive_buffer=4096) as c:
        c.send(request("/big.bin"))
        c.read_head()
        until = time.monotonic() + 15
        while not any("/big.bin" in line for line in s.log):
            assert time.monotonic() < until, "it may go on for ever"
            c.socket.recv(1)
            time.sleep(0.05)
    assert "write timeout" in s.wait_logged("/big.bin")


def test_a_slow_reader_that_goes_on_is_not_cut(start):
    """By progress, not by the whole time that it takes."""
    s = start(timeouts_write="500ms", log_format="json")
    (s.folder / "big.bin").write_bytes(noise(6 << 20))
    with s.client(receive_buffer=65536) as c:
        c.send(request("/big.bin"))
        head = c.read_head()
        left = head.length
        began = time.monotonic()
        while left:
            n = len(c.take(min(left, 128 << 10)))
            left -= n
            time.sleep(0.04)
        assert time.monotonic() - began > 1.5, "longer than timeouts.write"
    assert "write timeout" not in s.wait_logged("/big.bin")


# ---------------------------------------------------------- the account

def test_the_end_accounts_for_every_event_and_line(start):
    s = start()
    n = 300
    for _ in range(n // 10):
        with s.client() as c:
            c.send(request("/hello.txt") * 10)
            for _ in range(10):
                c.read()
    s.stop()
    found = ACCOUNT.search("\n".join(s.err.lines))
    assert found, "the account is not said"
    numbers = list(map(int, found.groups()))
    assert numbers[4] == numbers[5] == n, "each exchange is a line"
    assert numbers[0] >= n


def test_lost_lines_are_in_the_account(start):
    s = start(None, "--log-file", "/dev/full")
    for _ in range(20):
        assert s.get("/hello.txt").status == 200
    s.stop()
    found = ACCOUNT.search("\n".join(s.err.lines))
    assert int(found[5]) == int(found[7]) == 20, "all are lost, and counted"


# ------------------------------------------------- what is used up returns

# an inotify that gives no watch while a file is there
USED_UP = r"""
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
int
inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	if (access(getenv("INOTIFY_USED_UP"), F_OK) == 0) {
		errno = ENOSPC;
		return -1;
	}
	return (int)syscall(SYS_inotify_add_watch, fd, path, mask);
}
"""


@pytest.mark.skipif(not PRELOADS, reason="a sanitizer comes first")
def test_inotify_used_up_and_back(start, tmp_path):
    """Files are served right without; said once; kept again afterwards."""
    source, library = tmp_path / "used.c", tmp_path / "used.so"
    source.write_text(USED_UP)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source],
                   check=True)
    used_up = tmp_path / "used_up"
    used_up.touch()
    s = start(None, "-w", "1", env={"LD_PRELOAD": str(library),
                                    "INOTIFY_USED_UP": str(used_up)})

    def is_open(name):
        fds = f"/proc/{s.pid}/fd"
        links = []
        for fd in os.listdir(fds):
            try:
                links.append(os.readlink(f"{fds}/{fd}"))
            except FileNotFoundError:
                pass
        return any(link.endswith(name) for link in links)

    with s.client() as c:
        for i in range(10):
            (s.folder / "hello.txt").write_text(f"{i}\n")
            assert c.ask("/hello.txt").text == f"{i}\n"
        # the one before is over when this is answered
        assert c.ask("/none").status == 404
        assert not is_open("/hello.txt"), "it could not see a change"
        said = [line for line in s.err.lines if "max_user_watches" in line]
        assert len(said) == 1, "said, but not each time"
        used_up.unlink()

        def is_kept():
            assert c.ask("/hello.txt").text == "9\n"
            return is_open("/hello.txt")
        eventually(is_kept)


def test_descriptors_used_up_and_back(start):
    """Accepting rests and goes on; who is in is answered, a file's want of a
    descriptor is a 503."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    s = start(None, "-w", "1", timeouts_keepalive="20s")
    inside = s.client()
    assert inside.ask("/hello.txt").status == 200
    resource.prlimit(s.pid, resource.RLIMIT_NOFILE,
                     (s.descriptors(), hard))
    waits = s.client().send(request("/hello.txt"))
    s.wait_err("cannot accept connections")
    assert inside.ask("/missing").status in (404, 503)
    before = s.cpu_ticks()
    time.sleep(0.5)
    assert s.cpu_ticks() - before < 10, "it does not spin"
    resource.prlimit(s.pid, resource.RLIMIT_NOFILE, (soft, hard))
    # accepted by a descriptor that was let go, there was none for the file
    assert waits.read().status in (200, 503)
    assert s.get("/hello.txt").status == 200
    # said once it has gone well for a while, and then once
    again = "connections are accepted again"
    eventually(lambda: s.get("/hello.txt").status == 200 and
               any(again in line for line in s.err.lines))
    assert s.get("/hello.txt").status == 200
    assert sum(again in line for line in s.err.lines) == 1
    inside.close()
    waits.close()


@pytest.mark.parametrize("workers, limit", [(2, 2), (2, 6), (4, 4)])
def test_who_comes_when_another_worker_has_room_is_served(start, workers,
                                                          limit):
    """A full worker that watches to refuse takes nobody's wake-up: at once,
    and not when something else wakes the one that has room, in two seconds."""
    s = start(None, "-w", str(workers), limits_connections=str(limit),
              limits_when_full="503")
    held = []
    for _ in range(limit):
        held.append(s.client())
        assert held[-1].ask("/hello.txt").status == 200
    with s.client() as c:
        assert c.ask("/hello.txt").status == 503
    for i in range(limit):
        held[i].close()
        time.sleep(0.1)  # seen by its worker
        held[i] = s.client()
        held[i].deadline = 1.0
        assert held[i].ask("/hello.txt").status == 200
