"""Files that are edited and asked for at once, under load: no answer may be
older than the request (edits.py)."""

import calendar
import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import BANNER, Lines, Server, eventually
from raw import DEADLINE, Client, request
from test_process import (begin_limited, configured, reload,  # noqa: F401
                          write_config)

EDITS = Path(__file__).with_name("edits.py")
ROUNDS = int(os.environ.get("HTTPCONSOLE_EDIT_ROUNDS", "10000"))
EDITORS = 4


def begin(*args):
    return subprocess.Popen([sys.executable, EDITS, *map(str, args)],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


def test_no_answer_is_older_than_its_request(start):
    s = start(files_clean_urls="true", files_listing="false")
    (s.folder / "other.txt").write_text("other\n" * 10)
    editors, loads = [], []
    try:
        for i in range(EDITORS):
            editors.append(begin("rounds", s.port, s.folder, f"e{i}",
                                 ROUNDS // EDITORS, i))
            assert editors[-1].stdout.readline() == b"ready\n"
        targets = [f"/e{i}/{t}" for i in range(EDITORS) for t in (
            "f.txt", "d/b/g.txt", "s.js", "i/", "page", "none/sub/n.txt",
            "x", "f%2Etxt", "d//b/./g.txt")]
        loads.append(begin("load", s.port, "/other.txt", "/hello.txt",
                           *targets))
        for e in editors:
            e.stdin.write(b"go\n")
            e.stdin.flush()
        for e in editors:
            out, err = e.communicate(timeout=DEADLINE * 10)
            assert e.returncode == 0, err.decode()
            done, conditional = map(int, out.split())
            assert done == ROUNDS // EDITORS
            assert conditional > done // 4
        assert loads[0].poll() is None
    finally:
        for p in editors + loads:
            p.kill()
            p.communicate()


@pytest.mark.parametrize("io_uring", ["auto", "off"])
def test_no_answer_is_older_than_a_reload(configured, io_uring):  # noqa: F811
    """However busy the worker is when it is told."""
    s = configured
    write_config(s.path, root="one", workers=1, io_uring=io_uring)
    s = Server(None, base=["--headless", "-c", str(s.path)])
    s.path = configured.path
    loads = [begin("load", s.port, *[f"/none/{i}" for i in range(50)])
             for _ in range(3)]
    try:
        clients = [s.client() for _ in range(6)]
        for c in clients:
            assert c.ask("/hello.txt").status == 200
        for i in range(30):
            root = ("two", "one")[i % 2]
            write_config(s.path, root=root, workers=1, io_uring=io_uring)
            reload(s, "reloaded")
            new = [s.client() for _ in range(4)]
            for c in clients + new:
                c.send(request("/hello.txt"))
            assert [c.read().text for c in clients + new] == \
                [root + "\n"] * 10
            for c in new:
                c.close()
    finally:
        for p in loads:
            p.kill()
            p.communicate()
        s.stop()


def test_what_one_did_not_get_is_kept_for_nobody(start):
    """A file is edited while a client waits for its gzip form, and wants no
    other: it is told 406, and who comes after waits in turn."""
    s = start(None, "-w", "1")
    path = s.folder / "a.txt"
    only = "Accept-Encoding: gzip, identity;q=0"

    def edit():
        path.write_bytes(os.urandom(50).hex().encode() * 90)

    for _ in range(3):
        edit()
        with s.client() as waiting, s.client() as c:
            for _ in range(2):
                assert c.ask("/a.txt").status == 200
            edit()
            waiting.send(request("/a.txt", only))
            time.sleep(0.03)
            edit()
            for _ in range(3):
                assert c.ask("/a.txt").status == 200
            assert waiting.read().status in (200, 406)
            for _ in range(2):
                r = c.ask("/a.txt", only)
                assert (r.status, r.get("content-encoding")) == (200, "gzip")


@pytest.mark.parametrize("target, status", [("/a.html", 404), ("/x/", 200)])
def test_what_is_waited_for_is_gone(start, target, status):
    """Whoever waited for the gzip form gets what all get now: nothing, or the
    folder's listing."""
    s = start(None, "-w", "1")
    path = s.folder / (target.strip("/") + "/index.html" * target.endswith("/"))
    path.parent.mkdir(exist_ok=True)
    only = "Accept-Encoding: gzip, identity;q=0"
    for i in range(4):
        path.write_bytes(os.urandom(1000000).hex().encode())
        os.utime(path, (1000 + i, 1000 + i))
        with s.client() as waiting, s.client() as c:
            waiting.send(request(target, only))
            time.sleep(0.01)  # it is not coded before it has settled
            path.unlink()
            r = waiting.read()
            assert r.status == c.ask(target, only).status == status
            assert r.status != 404 or "Encoding" not in (r.get("vary") or "")


def test_removed_files_are_closed_soon(start):
    """Their room on the disk is free again, their file system not busy."""
    s = start()
    name = str(s.folder / "hello.txt")

    def opened():
        links = []
        for fd in Path(f"/proc/{s.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                links.append(os.readlink(fd))
        return any(link.startswith(name) for link in links)

    with s.client() as c:
        for _ in range(4):
            c.ask("/hello.txt")
        assert opened()
        os.unlink(name)
        eventually(lambda: not opened())
        assert c.ask("/hello.txt").status == 404


def test_an_idle_server_sleeps(start):
    s = start()
    with s.client() as c:
        for _ in range(4):
            c.ask("/hello.txt")
        time.sleep(3)
        before = s.cpu_ticks()
        time.sleep(1)
        assert s.cpu_ticks() - before <= 1


@pytest.mark.parametrize("n", [96, 128, 256, 1024])
def test_few_descriptors_are_enough(tmp_path, n):
    """What is kept never takes those that requests need: no 503."""
    for i in range(100):
        (tmp_path / f"n{i}.txt").write_text(f"{i}\n")
        (tmp_path / f"n{i}.txt.gz").write_text(f"{i} coded\n")
    p = begin_limited(n, "-w", "2", tmp_path)
    try:
        port = int(Lines(p.stderr).wait(lambda ls: next(
            filter(None, map(BANNER.search, ls)), None))[2])
        with Client(port) as c:
            for i in range(100):
                for spelling in (f"/n{i}.txt", f"/%6e{i}.txt",
                                 f"/./n{i}.txt") * 2:
                    r = c.ask(spelling)
                    assert (r.status, r.text) == (200, f"{i}\n")
                assert c.ask(f"/missing-{i}").status == 404
        assert len(os.listdir(f"/proc/{p.pid}/fd")) < n
        p.terminate()
        assert p.wait(DEADLINE) == 0
    finally:
        p.kill()


def test_a_redirect_of_a_reload_is_not_passed_over(configured):  # noqa: F811
    s = configured
    for _ in range(3):
        assert s.get("/hello.txt").status == 200
    write_config(s.path, root="one",
                 redirects="[{from: /hello.txt, to: /two.txt}]")
    reload(s, "reloaded")
    for _ in range(4):
        assert s.get("/hello.txt").status in (301, 302, 307, 308)


def test_denied_by_a_reload(configured):  # noqa: F811
    s = configured
    for _ in range(3):
        assert s.get("/hello.txt").status == 200
    write_config(s.path, root="one", files="{deny: ['*.txt']}")
    reload(s, "reloaded")
    assert s.get("/hello.txt").status == 404
    write_config(s.path, root="two")
    reload(s, "reloaded")
    assert s.get("/hello.txt").text == "two\n"


def test_a_slow_client_gets_whole_answers(start):
    """Each of many answers, most of which wait within their bytes, is one
    state of the file, and none is older than the one before."""
    s = start()
    path, new = s.folder / "v.txt", s.folder / "new"
    path.write_bytes(b"%09d\n" % 0 * 1000)
    os.utime(path, (1, 1))
    states, dates = [], set()
    with s.client(receive_buffer=4096) as slow, s.client() as c:
        for i in range(1, 301):
            slow.send(request("/v.txt"))
            if i % 3 == 0:
                new.write_bytes(b"%09d\n" % i * 1000)
                os.utime(new, (i, i))
                os.rename(new, path)
            for _ in range(2):
                assert c.ask("/v.txt").body == b"%09d\n" % (i // 3 * 3) * 1000
            if i > 30:
                r = slow.read()
                states.append(r.body[:10])
                assert r.body == states[-1] * 1000
                assert max(int(states[-1]), 1) == calendar.timegm(time.strptime(
                    r.get("last-modified"), "%a, %d %b %Y %H:%M:%S GMT"))
                dates.add(r.get("date"))
                time.sleep(0.005)
    assert states == sorted(states)
    assert len(dates) > 1
