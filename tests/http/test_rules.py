"""The operator's rules where a configuration of its own shows them best, and a
configuration that changes while a request waits."""

import signal

import pytest

from raw import request

BASE = ["--headless", "-w", "2", "--no-log"]
FOREIGN = "Origin: https://app.example"
ALLOWS = "access-control-allow-origin"


@pytest.fixture
def ruled(start, tmp_path):
    """ruled(text): a server with these rules."""
    path = tmp_path / "server.yaml"

    def begin(text):
        folder = tmp_path / "site"
        folder.mkdir(exist_ok=True)
        (folder / "hello.txt").write_text("hello, world\n")
        path.write_text(f"version: 1\nlisten: ['127.0.0.1:0']\n"
                        f"root: site\n{text}")
        s = start(folder, base=[*BASE, "-c", str(path)])
        s.path = path
        return s
    return begin


def test_any_origin_is_allowed_in_every_answer(ruled):
    """What is cached without Origin may be used for a page of another site:
    it must say so too (the Fetch standard, CORS protocol and HTTP caches)."""
    s = ruled("cors: {origins: ['*']}\n")
    for target in ("/hello.txt", "/missing", "/"):
        for fields in ((), (FOREIGN,)):
            for _ in range(3):  # kept files and finished answers, too
                r = s.get(target, *fields)
                assert r.get(ALLOWS) == "*", (target, fields)
                assert "origin" not in (r.get("vary") or "").lower()
    assert s.get("/hello.txt", "If-None-Match: *").get(ALLOWS) == "*"


def test_a_preflight_needs_an_origin(ruled):
    s = ruled("cors: {origins: ['*']}\n")
    asked = "Access-Control-Request-Method: GET"
    allowed = "access-control-allow-methods"
    assert s.get("/", asked, method="OPTIONS").get(allowed) is None
    assert s.get("/", asked, FOREIGN, method="OPTIONS").get(allowed)


@pytest.mark.parametrize("method, status", [
    ("GET", 200), ("OPTIONS", 204), ("POST", 405), ("BREW", 501)])
def test_fields_go_by_path_whatever_the_method(ruled, method, status):
    s = ruled("headers: [{match: '/hello.*', set: {X-A: b}, "
              "unset: [Server]}]\n")
    r = s.get("/hello.txt", method=method)
    assert (r.status, r.get("x-a"), r.get("server")) == (status, "b", None)
    r = s.get("/other.txt", method=method)
    assert (r.get("x-a"), r.get("server")) == (None, "httpconsole")


def test_every_rule_that_matches_counts(ruled):
    """As many as a configuration can have, and the last one wins."""
    rules = "".join(f"  - {{match: '**', set: {{X-{i}: a, X-Last: '{i}'}}}}\n"
                    for i in range(64))
    s = ruled(f"headers:\n{rules}")
    for target in ("/hello.txt", "/missing"):
        r = s.get(target)
        assert r.get("x-last") == "63"
        assert [r.get(f"x-{i}") for i in range(64)] == ["a"] * 64


def test_origins_may_change_while_a_listing_is_made(ruled):
    """The answer is that of the rules when the request came; nothing that the
    old configuration had is touched after it is gone."""
    s = ruled("cors: {origins: ['https://app.example']}\n")
    many = s.folder / "many"
    many.mkdir()
    for i in range(4000):
        (many / f"{i}.txt").touch()
    old = s.path.read_text()
    new = old.replace("https://app", "https://elsewhere")
    said = set()
    for turn in range(6):
        clients = [s.client() for _ in range(8)]
        for c in clients:
            c.send(request("/many/", FOREIGN))
        s.path.write_text(old if turn % 2 else new)
        done = len(s.err.lines)
        s.notify(signal.SIGHUP)
        s.wait_err("reloaded", done)
        for c in clients:
            r = c.read()
            assert r.status == 200
            said.add(r.get(ALLOWS))
            c.socket.close()
    assert said <= {"https://app.example", None}


def test_other_bytes_have_another_tag(ruled):
    """A download of the coded form never goes on with bytes of another level
    (RFC 9110 8.8.1: a strong tag)."""
    coded = "Accept-Encoding: gzip, identity;q=0"
    rule = "files: {{compress: {{level: {}}}}}\n"
    s = ruled(rule.format(1))
    text = "".join(f"{i * i} of them\n" for i in range(5000))
    (s.folder / "long.txt").write_text(text)
    first = s.get("/long.txt", coded)
    s.stop()
    s = ruled(rule.format(9))
    again = s.get("/long.txt", coded)
    assert first.body != again.body
    assert first.get("etag") != again.get("etag")
    tag = first.get("etag")
    r = s.get("/long.txt", coded, "Range: bytes=100-", f"If-Range: {tag}")
    assert (r.status, r.body) == (200, again.body)
    # a copy that is kept over a change of the level is as it was
    s.path.write_text(s.path.read_text().replace("level: 9", "level: 2"))
    s.notify(signal.SIGHUP)
    s.wait_err("reloaded")
    r = s.get("/long.txt", coded)
    assert (r.get("etag") == again.get("etag")) == (r.body == again.body)
