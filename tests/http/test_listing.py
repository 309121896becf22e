"""Folders without an index file: what is in them, as HTML or JSON."""

import gzip
import json
import os

import pytest

from conftest import eventually
from raw import request


@pytest.fixture
def listed(start, tmp_path):
    folder = tmp_path / "listed"
    (folder / "d" / "sub").mkdir(parents=True)
    d = folder / "d"
    (d / "b.txt").write_bytes(b"x" * 2000)
    (d / "a <i>&\"'.html").write_bytes(b"y" * 10)
    (d / "javascript:alert(1)").write_bytes(b"z" * 100)
    (d / ".hidden").write_text("no")
    (d / "old.bak").write_text("no")
    (d / "out").symlink_to("/etc/passwd")
    (d / "in.txt").symlink_to("b.txt")
    os.mkfifo(d / "fifo")
    (folder / "index.html").write_text("home\n")
    return start(folder)


def names(r):
    return [e["name"] for e in json.loads(r.body)["entries"]]


def as_json(server, target):
    r = server.get(target, "Accept: application/json")
    assert r.status == 200
    assert r.get("content-type") == "application/json"
    return r


def test_what_may_be_had_is_listed_and_nothing_else(listed):
    assert names(as_json(listed, "/d/")) == [
        "sub", "a <i>&\"'.html", "b.txt", "in.txt", "javascript:alert(1)"]


def test_names_that_nobody_could_ask_for_are_counted(start):
    """A control byte may be in no target (target.c), so there is no link to
    such a file; but nothing is left out in silence."""
    s = start()
    folder = s.folder / "odd"
    folder.mkdir()
    for name in ("plain", "a\nb", "c\td", ".hidden", ".h\ty"):
        (folder / name).write_text("x")
    (folder / "e\rf").mkdir()
    listing = json.loads(as_json(s, "/odd/").body)
    assert names(as_json(s, "/odd/")) == ["plain"]
    assert listing["omitted"] == 3
    assert "3 more are not shown" in s.get("/odd/", "Accept: text/html").text


def test_a_page_for_people(listed):
    r = listed.get("/d/", "Accept: text/html")
    assert r.status == 200
    assert r.get("content-type") == "text/html; charset=utf-8"
    assert "default-src 'none'" in r.get("content-security-policy")
    assert r.get("cache-control") == "no-cache"
    assert "accept" in r.get("vary").lower()
    assert "a &lt;i&gt;&amp;&quot;" in r.text
    assert "a <i>" not in r.text and 'href="javascript' not in r.text
    for name in (".hidden", "old.bak", "out", "fifo"):
        assert f">{name}" not in r.text


def test_who_has_a_listing_is_told_to_ask_again(listed):
    """A 304 has the fields that the 200 would have (RFC 9110 15.4.5)."""
    r = listed.get("/d/", "If-None-Match: *")
    assert r.status == 304
    assert r.get("cache-control") == "no-cache"
    assert "accept" in r.get("vary").lower()


def test_every_link_of_the_page_leads_somewhere(listed):
    for e in json.loads(as_json(listed, "/d/").body)["entries"]:
        target = "/d/" + e["href"].removeprefix("./")
        assert listed.get(target).status == 200, target


@pytest.mark.parametrize("query, want", [
    ("sort=size&order=asc",
     ["a <i>&\"'.html", "javascript:alert(1)", "b.txt", "in.txt"]),
    ("sort=name&order=desc",
     ["javascript:alert(1)", "in.txt", "b.txt", "a <i>&\"'.html"]),
    ("sort=nonsense&x=%zz",
     ["a <i>&\"'.html", "b.txt", "in.txt", "javascript:alert(1)"]),
])
def test_it_sorts(listed, query, want):
    assert names(as_json(listed, "/d/?" + query))[1:] == want


def test_head_says_what_get_would(listed):
    with listed.client() as c:
        head = c.ask("/d/", method="HEAD")
        full = c.ask("/d/")
        assert (head.status, head.length) == (200, len(full.body))
        c.assert_open()


def test_many_on_one_connection_in_order(listed):
    with listed.client() as c:
        one = (b"GET /d/ HTTP/1.1\r\nHost: localhost\r\n\r\n"
               b"GET /index.html HTTP/1.1\r\nHost: localhost\r\n\r\n")
        c.send(one * 10)
        for _ in range(10):
            assert "javascript" in c.read().text
            assert c.read().text == "home\n"


def test_the_root_may_be_listed_and_has_no_parent(start, tmp_path):
    folder = tmp_path / "bare"
    folder.mkdir()
    (folder / "x.txt").write_text("x")
    r = start(folder).get("/")
    assert r.status == 200
    assert "x.txt" in r.text
    assert "../" not in r.text


@pytest.fixture
def large(start, tmp_path):
    """A folder of 10,000 files, one small one, and 100 that gzip makes
    smaller."""
    folder = tmp_path / "large"
    for name in ("many", "few", "text"):
        (folder / name).mkdir(parents=True)
    (folder / "index.html").write_text("home\n")
    (folder / "few" / "one.txt").touch()
    for i in range(10000):
        (folder / "many" / f"file-{i:05}.txt").touch()
    for i in range(100):
        (folder / "text" / f"{i}.txt").write_text(f"line of {i}\n" * 500)
    return start(folder)


def ask(server, target, *fields):
    c = server.client()
    c.send(request(target, *fields))
    return c


def test_a_large_folder_delays_nobody(large):
    """It is made once for all who ask meanwhile, by a thread of its own:
    nobody is refused, and others are answered in between."""
    askers = [ask(large, "/many/", "Accept: application/json")
              for _ in range(100)]
    for _ in range(20):
        assert large.get("/").text == "home\n"
    for c in askers[50:]:
        c.close()  # leaves before the answer
    assert "one.txt" in large.get("/few/").text
    for c in askers[:50]:
        r = c.read()
        assert r.status == 200
        assert len(names(r)) == 10000
        c.close()


def test_a_large_listing_is_framed_like_a_file(large):
    with large.client() as c:
        head = c.ask("/many/", method="HEAD")
        full = c.ask("/many/")
        assert head.length == full.length == len(full.body)
        assert b"<footer>0 folders, 10000 files, " in full.body[-300:]
        again = c.ask("/many/?sort=size", "Accept: application/json")
        assert len(names(again)) == 10000
        c.assert_open()


def test_nobody_is_refused_while_a_hundred_files_are_coded(large):
    """Who takes nothing but gzip waits for it, on the same queue."""
    askers = [ask(large, f"/text/{i}.txt",
                  "Accept-Encoding: gzip, identity;q=0") for i in range(100)]
    for i, c in enumerate(askers):
        r = c.read()
        assert (r.status, r.get("content-encoding")) == (200, "gzip")
        assert gzip.decompress(r.body).startswith(f"line of {i}\n".encode())
        c.close()


def test_who_leaves_a_large_listing_leaves_nothing_behind(large):
    large.get("/many/")
    before = large.descriptors()
    for _ in range(30):
        c = ask(large, "/many/")
        c.read_head()
        c.reset()
    assert len(names(as_json(large, "/many/"))) == 10000
    # files that are kept open are closed when nobody asks for them
    eventually(lambda: large.descriptors() <= before)
