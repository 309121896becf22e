"""What of the rules in src/SECURITY.md no other test shows, and that the list
there is of tests that exist."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from conftest import SECRET, noise, run
from raw import once, request

TOP = Path(__file__).resolve().parents[2]


def test_the_list_of_rules_is_the_tests():
    """Each rule has tests, each test exists: made anew it is the same."""
    made = subprocess.run([TOP / "tests/tools/security", "--print"],
                          capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    assert made.stdout == (TOP / "src/SECURITY.md").read_text(), \
        "run tests/tools/security"


@pytest.mark.parametrize("target", [
    "/big.txt%00.html", "/hello.txt%00", "/%00/hello.txt",
    "/folder%2finner.txt", "/%2e%2e%2f%2e%2e%2fsecret.txt",
    "/..%5c..%5csecret.txt", "/%252e%252e/secret.txt",
    "/%c0%ae%c0%ae/secret.txt", "/%e0%80%ae%e0%80%ae/secret.txt",
    "/folder/%2e%2e/%2e%2e/secret.txt", "/.%2e/.%2e/secret.txt",
    "/hello.txt%0d%0aX-Injected:%20yes", "/\\..\\secret.txt"])
def test_what_is_decoded_twice_elsewhere_gives_nothing_away(server, target):
    r = once(server.port, request(target))
    assert r.status in (400, 404), target
    assert SECRET not in r.body
    assert r.get("x-injected") is None


@pytest.mark.parametrize("field", [
    "bytes=" + ",".join(f"{i}-" for i in range(1000)),
    "bytes=" + ",".join(["0-"] * 1300), "bytes=" + "0-," * 9 + "0-",
    "bytes=" + ",".join(f"{i}-{i}" for i in range(9))])
def test_ranges_never_ask_for_more_than_the_file(server, field):
    """CVE-2011-3192: the whole file once, or less."""
    r = once(server.port, request("/size/65537.bin", "Range: " + field))
    assert r.status == 200
    assert r.length == 65537


def test_tags_are_of_size_and_time_alone(start, tmp_path):
    """The same on every replica; the inode is nobody's business."""
    tags = set()
    for name in ("one", "two"):
        site = tmp_path / name
        site.mkdir()
        (site / f"other-{name}").write_text("takes an inode\n")
        (site / "x.txt").write_text("same\n")
        os.utime(site / "x.txt", ns=(10 ** 18, 10 ** 18 + 7))
        assert start(site).get("/x.txt").status == 200
        tags.add(start(site).get("/x.txt").get("etag"))
    assert len(tags) == 1
    inode = (tmp_path / "one/x.txt").stat().st_ino
    assert f"{inode:x}" not in tags.pop().strip('"').split("-")


@pytest.mark.parametrize("text", [
    "[" * 65000, "{a: " * 16000, "- " * 30000,
    "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "x: " + "y" * 70000, "\n".join("k%d: 1" % i for i in range(6000))],
    ids=["lists", "groups", "items", "aliases", "size", "keys"])
def test_a_hostile_configuration_is_refused_at_once(tmp_path, text):
    """CVE-2019-11253; libyaml's own loader takes 10 s for the first."""
    path = tmp_path / "server.yaml"
    path.write_text(text)
    began = time.monotonic()
    status, _, err = run("--check", "-c", path)
    assert status == 78
    assert "error" in err
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("method", [
    "POST", "PUT", "DELETE", "PATCH", "CONNECT", "TRACE", "MKCOL", "PURGE"])
def test_nothing_is_changed_over_http(start, method):
    """No method and no path of its own changes server or site."""
    s = start()
    before = {p: p.read_bytes() for p in s.folder.iterdir()}
    for target in ("/hello.txt", "/new.txt", "/.httpconsole/exchange",
                   "/.httpconsole/stop", "/.httpconsole/root", "/"):
        r = once(s.port, request(target, "Content-Length: 4",
                                 method=method) + b"evil", method)
        assert r.status >= 400, (method, target)
    assert {p: p.read_bytes() for p in s.folder.iterdir()} == before
    assert s.get("/hello.txt").status == 200


def test_what_is_sent_is_never_mapped(start):
    """A file that is cut while it is sent would be SIGBUS."""
    s = start()
    path = s.folder / "big.bin"
    path.write_bytes(noise(8 << 20))
    with s.client(receive_buffer=4096) as c:
        c.send(request("/big.bin"))
        c.wait_for(1000)
        with open(f"/proc/{s.pid}/maps", encoding="ascii") as f:
            assert "big.bin" not in f.read()
        os.truncate(path, 0)
        while c.receive():
            pass
    assert s.get("/hello.txt").status == 200
