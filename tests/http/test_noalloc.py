"""No allocation on a worker's thread once it runs: whatever clients do.

A preloaded allocator (noalloc.c) ends the process when one happens.  The
last test shows that it would."""

import base64
import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from conftest import PRELOADS, eventually, noise
from raw import Ended, request

SOURCE = Path(__file__).with_name("noalloc.c")
pytestmark = pytest.mark.skipif(not PRELOADS, reason="a sanitizer allocates")


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    path = tmp_path_factory.mktemp("noalloc") / "noalloc.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", path, SOURCE],
                   check=True)
    return path


@pytest.fixture
def guarded(start, library, tmp_path):
    """A server that dies of a worker's allocation, armed."""
    armed = tmp_path / "armed"

    def begin(folder=None, *args, **more):
        s = start(folder, *args, env={"LD_PRELOAD": str(library),
                                      "NOALLOC_ARMED": str(armed)}, **more)
        # both workers run, and have their names
        eventually(lambda: sum(
            Path(f"/proc/{s.pid}/task/{t}/comm").read_text()
            .startswith("worker-")
            for t in os.listdir(f"/proc/{s.pid}/task")) == 2)
        armed.touch()
        return s
    return begin


def ask_all(s, targets):
    for data in targets:
        with s.client() as c:
            c.send(data)
            c.finish()
            try:
                c.rest()
            except (Ended, ConnectionResetError):
                pass
        s.assert_alive()


def test_requests_of_every_kind(guarded, site):
    s = guarded(site)
    exchange = base64.urlsafe_b64encode(request("/hello.txt")).decode()
    ask_all(s, [
        request("/"), request("/hello.txt"), request("/hello.txt") * 50,
        request("/hello.txt", method="HEAD"),
        request("/hello.txt", method="OPTIONS"),
        request("/hello.txt", method="DELETE"), request("*", method="OPTIONS"),
        request("/size/3000001.bin"), request("/empty.txt"),
        request("/missing"), request("/.git/config"), request("/forbidden.txt"),
        request("/folder"), request("/bare/"), request("/bare/",
                                                      "Accept: */json"),
        request("/fifo"), request("/out.txt"), request("/loop"),
        request("/a%20b.txt"), request("/..%2f"), request("/%00"),
        request("/hello.txt", "Range: bytes=0-1"),
        request("/size/65537.bin", "Range: bytes=0-1,5-9,-3"),
        request("/hello.txt", "Range: bytes=99999-"),
        request("/hello.txt", "If-None-Match: \"x\", W/\"y\""),
        request("/hello.txt", "If-Modified-Since: "
                "Sun, 06 Nov 1994 08:49:37 GMT"),
        request("/hello.txt", "Accept-Encoding: gzip, br;q=0.5"),
        request("/hello.txt", "Expect: 100-continue", "Content-Length: 3"),
        request("/hello.txt", "Content-Length: 3") + b"abc",
        request("/hello.txt", "Transfer-Encoding: chunked")
        + b"3\r\nabc\r\n0\r\n\r\n",
        request("/hello.txt", "Content-Length: 3", "Content-Length: 4"),
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", b"\x16\x03\x01\x02",
        b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n\r\n",
        request("/", "X: " + "y" * 40000), b"GET / HT",
        request("/.httpconsole/exchange?send=" + exchange),
        request("/.httpconsole/exchange?send=!"), b"",
    ])


def test_files_that_change_under_it(guarded, tmp_path):
    """Kept files, their watches, compressed copies, a root that is swapped."""
    s = guarded()
    text = s.folder / "text.txt"
    for i in range(30):
        text.write_text(f"{i}\n" * 2000)
        ask_all(s, [request("/text.txt", "Accept-Encoding: gzip") * 3])
        if i % 7 == 0:
            text.unlink()
            ask_all(s, [request("/text.txt")] * 2)
    s.folder.rename(tmp_path / "old")
    s.folder.mkdir()
    (s.folder / "text.txt").write_text("new\n")
    eventually(lambda: s.get("/text.txt").text == "new\n")


def test_many_connections_cut_and_slow(guarded):
    s = guarded(timeouts_write="200ms", timeouts_header="200ms",
                limits_connections="64", limits_when_full="503",
                limits_connections_per_ip="50")
    (s.folder / "big.bin").write_bytes(noise(4 << 20))
    clients = [s.client(receive_buffer=4096) for _ in range(100)]
    for i, c in enumerate(clients):
        try:
            c.send((request("/big.bin"), b"GET /", b"")[i % 3])
        except OSError:
            pass
    for c in clients[::2]:
        c.reset()
    threading.Event().wait(0.6)
    for c in clients:
        c.close()
    eventually(lambda: s.get("/hello.txt").status == 200)


def test_orders_while_it_runs(guarded):
    """A reload, the log opened anew, a drain with a download under way."""
    s = guarded()
    (s.folder / "big.bin").write_bytes(noise(16 << 20))
    for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGHUP):
        s.notify(number)
        assert s.get("/hello.txt").status == 200
    s.wait_err("reloaded")
    with s.client(receive_buffer=65536) as c:
        c.send(request("/big.bin"))
        c.wait_for(1000)
        s.notify(signal.SIGTERM)
        s.wait_err("drain")
        c.rest()
    s.wait_end()


def test_the_guard_sees_an_allocation(library, tmp_path):
    """Of a thread of that name, in a small program of its own."""
    source = tmp_path / "probe.c"
    source.write_text(
        "#include <stdlib.h>\n#include <sys/prctl.h>\n"
        "int main(int n, char **v) {\n"
        "  prctl(PR_SET_NAME, v[1]);\n"
        "  void *volatile p = malloc(10); free(p); return n - 2; }\n")
    program = tmp_path / "probe"
    subprocess.run(["cc", "-O0", "-o", program, source], check=True)
    env = {"LD_PRELOAD": str(library), "NOALLOC_ARMED": str(source)}

    def ends_with(name):
        return subprocess.run([program, name], env=env, check=False,
                              stderr=subprocess.PIPE).returncode
    assert ends_with("worker-0") == -signal.SIGABRT
    assert ends_with("recorder") == 0
