"""Validators and preconditions: RFC 9110 8.8 and 13."""

import os
import re
import time

import pytest

from raw import format_date, parse_date

MTIME = 784111777  # Sun, 06 Nov 1994 08:49:37 GMT, the RFC's own example


@pytest.fixture
def dated(shared, tmp_path_factory):
    """A server with one file of a known time and one page without."""
    folder = tmp_path_factory.getbasetemp() / "dated"
    if not folder.exists():
        folder.mkdir()
        (folder / "f.txt").write_text("dated\n")
        os.utime(folder / "f.txt", ns=(MTIME * 10**9 + 5,) * 2)
        (folder / "d").mkdir()
    s = shared.of("dated", folder)
    yield s
    s.assert_alive()


@pytest.fixture
def tag(dated):
    return dated.get("/f.txt").get("etag")


def assert_304(r, full):
    """RFC 9110 15.4.5: no content, and the fields that a cache needs."""
    assert r.status == 304
    assert r.body == b""
    for name in ("etag", "cache-control", "content-location", "vary",
                 "last-modified"):
        assert r.get(name) == full.get(name)
    assert r.length in (None, full.length)
    assert r.get("content-encoding") is None


@pytest.mark.parametrize("value, status", [
    pytest.param("Sun, 06 Nov 1994 08:49:37 GMT", 304, id="13.1.3-equal"),
    pytest.param("Sun, 06 Nov 1994 08:49:36 GMT", 200, id="13.1.3-older"),
    pytest.param("Sun, 06 Nov 1994 08:49:38 GMT", 304, id="13.1.3-newer"),
    pytest.param("Sunday, 06-Nov-94 08:49:37 GMT", 304, id="5.6.7-rfc850"),
    pytest.param("Sunday, 06-Nov-94 08:49:36 GMT", 200,
                 id="5.6.7-rfc850-older"),
    pytest.param("Sun Nov  6 08:49:37 1994", 304, id="5.6.7-asctime"),
    pytest.param("Sun Nov  6 08:49:36 1994", 200, id="5.6.7-asctime-older"),
    pytest.param("Thu, 01 Jan 1970 00:00:00 GMT", 200, id="epoch"),
    pytest.param("Fri, 31 Dec 9999 23:59:59 GMT", 304, id="far-future"),
    pytest.param("Mon, 01 Jan 0001 00:00:00 GMT", 200, id="first-year"),
    pytest.param("", 200, id="13.1.3-empty"),
    pytest.param("yesterday", 200, id="13.1.3-no-date"),
    pytest.param("784111777", 200, id="13.1.3-number"),
    pytest.param("Sun, 06 Nov 1994 08:49:37", 200, id="5.6.7-without-GMT"),
    pytest.param("Sun, 06 Nov 1994 08:49:37 CET", 200, id="5.6.7-other-zone"),
    pytest.param("Sun, 06 Nov 1994 08:49:37 +0000", 200, id="5.6.7-offset"),
    pytest.param("Sun, 6 Nov 1994 08:49:37 GMT", 200, id="5.6.7-one-digit"),
    pytest.param("Sun, 31 Feb 2030 08:49:37 GMT", 200, id="5.6.7-no-such-day"),
    pytest.param("Sun, 06 Nov 2030 24:49:37 GMT", 200, id="5.6.7-no-such-hour"),
    pytest.param("Sun, 06 Nov 2030 08:60:37 GMT", 200, id="5.6.7-no-minute"),
    pytest.param("Sun, 06 Nov 2030 08:49:61 GMT", 200, id="5.6.7-no-second"),
    pytest.param("Sun, 06 Foo 2030 08:49:37 GMT", 200, id="5.6.7-no-month"),
    pytest.param("Sun, 06 Nov 2030 08:49:37 GMT, Sun, 06 Nov 2030 08:49:37 GMT",
                 200, id="13.1.3-two-members"),
    pytest.param('"Sun, 06 Nov 2030 08:49:37 GMT"', 200, id="13.1.3-quoted"),
    pytest.param("Sun, 06 Nov 99999 08:49:37 GMT", 200, id="5.6.7-five-digits"),
    pytest.param("Sun, 06 Nov -030 08:49:37 GMT", 200, id="5.6.7-negative"),
])
def test_if_modified_since(dated, value, status):
    """RFC 9110 13.1.3: what is no date is ignored."""
    with dated.client() as c:
        full = c.ask("/f.txt")
        assert full.get("last-modified") == "Sun, 06 Nov 1994 08:49:37 GMT"
        r = c.ask("/f.txt", "If-Modified-Since: " + value)
        assert r.status == status
        if status == 304:
            assert_304(r, full)
        # the connection goes on right behind a 304
        assert c.ask("/f.txt").text == "dated\n"


def test_if_modified_since_given_twice_is_ignored(dated):
    """RFC 9110 13.1.3: more than one member."""
    field = "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT"
    assert dated.get("/f.txt", field, field).status == 200


def test_two_digit_years_are_not_far_in_the_future(dated):
    """RFC 9110 5.6.7: more than 50 years ahead means the past."""
    ahead = (time.gmtime().tm_year + 60) % 100
    field = f"If-Modified-Since: Sunday, 06-Nov-{ahead:02} 08:49:37 GMT"
    past = dated.get("/f.txt", field).status
    century = time.gmtime().tm_year + 60 - 100
    assert past == (304 if century >= 1995 else 200)


NONE_MATCH = [
    ("13.1.2 the tag", "{}", 304), ("13.1.2 weak", "W/{}", 304),
    ("13.1.2 star", "*", 304), ("13.1.2 list", '"a", {}, "b"', 304),
    ("13.1.2 list without blanks", '"a",{},"b"', 304),
    ("5.6.1 empty members", ',, {} ,', 304),
    ("8.8.3 a comma in a tag", '"a,b", {}', 304),
    ("13.1.2 other", '"other"', 200), ("13.1.2 weak other", 'W/"other"', 200),
    ("13.1.2 list of others", '"a", W/"b"', 200),
    ("8.8.3 the tag within another", '"x{bare}"', 200),
    ("8.8.3 a beginning of the tag", '"{part}"', 200),
    ("8.8.3 without quotes", "{bare}", 200),
    ("8.8.3 lower case w", "w/{}", 200),
    ("8.8.3 other case", "{upper}", 200),
    ("8.8.3 open quote", '"{bare}', 200),
    ("13.1.2 garbage", "@@@", 200), ("13.1.2 empty", "", 200),
    ("13.1.2 quoted star", '"*"', 200),
    ("8.8.3 no comma", '"a" {}', 200),
    ("13.1.2 many", ", ".join(f'"{i}"' for i in range(500)) + ", {}", 304),
]


@pytest.mark.parametrize(
    "value, status", [pytest.param(*r[1:], id=r[0].replace(" ", "-"))
                      for r in NONE_MATCH])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_if_none_match(dated, tag, value, status, method):
    """RFC 9110 13.1.2, by weak comparison."""
    bare = tag.strip('"')
    value = value.replace("{bare}", bare).replace("{part}", bare[:-1])
    value = value.replace("{upper}", tag.swapcase()).replace("{}", tag)
    with dated.client() as c:
        full = c.ask("/f.txt")
        r = c.ask("/f.txt", "If-None-Match: " + value, method=method)
        assert r.status == status
        if status == 304:
            assert_304(r, full)
        assert c.ask("/f.txt").text == "dated\n"


def test_if_none_match_in_several_lines_is_one_list(dated, tag):
    """RFC 9110 5.3."""
    assert dated.get("/f.txt", 'If-None-Match: "a"',
                     "If-None-Match: " + tag).status == 304
    assert dated.get("/f.txt", 'If-None-Match: "a"',
                     'If-None-Match: "b"').status == 200


@pytest.mark.parametrize("value, since, status", [
    ("{}", "Thu, 01 Jan 1970 00:00:00 GMT", 304),
    ('"other"', "Fri, 31 Dec 9999 23:59:59 GMT", 200),
    ("{}", "no date", 304),
])
def test_if_none_match_comes_before_if_modified_since(
        dated, tag, value, since, status):
    """RFC 9110 13.2.2."""
    r = dated.get("/f.txt", "If-None-Match: " + value.replace("{}", tag),
                  "If-Modified-Since: " + since)
    assert r.status == status


@pytest.mark.parametrize("fields, status", [
    (["If-Match: {}"], 200), (["If-Match: *"], 200),
    (['If-Match: "a", {}'], 200), (['If-Match: "a"', "If-Match: {}"], 200),
    (['If-Match: "other"'], 412),
    (["If-Match: W/{}"], 412),          # 13.1.1: strong comparison
    (["If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT"], 200),
    (["If-Unmodified-Since: Sun, 06 Nov 1994 08:49:38 GMT"], 200),
    (["If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT"], 412),
    (["If-Unmodified-Since: no date"], 200),
    # 13.2.2: If-Match decides before If-Unmodified-Since
    (["If-Match: {}", "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT"],
     200),
    # and both before If-None-Match
    (['If-Match: "other"', "If-None-Match: {}"], 412),
    (["If-Match: {}", "If-None-Match: {}"], 304),
])
def test_preconditions_in_their_order(dated, tag, fields, status):
    """RFC 9110 13.1.1, 13.1.4, 13.2.2."""
    with dated.client() as c:
        r = c.ask("/f.txt", *[f.replace("{}", tag) for f in fields])
        assert r.status == status
        assert "dated" not in r.text or status == 200
        assert c.ask("/f.txt").status == 200


@pytest.mark.parametrize("target, method, status", [
    ("/missing", "GET", 404), ("/d", "GET", 301), ("/f.txt", "POST", 405),
    ("/a%zz", "GET", 400), ("/f.txt", "BREW", 501),
])
def test_other_answers_are_not_conditional(dated, target, method, status):
    """RFC 9110 13.2.1: only where the answer would be 2xx or 412."""
    r = dated.get(target, "If-None-Match: *",
                  "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT",
                  method=method)
    assert r.status == status


def test_a_304_on_http_1_0(dated, tag):
    with dated.client() as c:
        r = c.ask("/f.txt", "If-None-Match: " + tag, version="1.0")
        assert r.status == 304
        c.assert_ends()


def test_the_tag_is_the_same_on_every_replica(start, tmp_path):
    """Size and time alone: no inode, no host."""
    tags = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "filler").write_text("x")
        (folder / "f.txt").write_text("same\n")
        os.utime(folder / "f.txt", ns=(MTIME * 10**9 + 5,) * 2)
        tags.append(start(folder).get("/f.txt").get("etag"))
    assert tags[0] == tags[1]


def test_the_tag_changes_with_size_and_with_nanoseconds(start):
    s = start()
    path = s.folder / "f.txt"
    tags = set()
    for text, ns in (("a\n", 1), ("b\n", 2), ("bb\n", 2), ("b\n", 3)):
        path.write_text(text)
        os.utime(path, ns=(MTIME * 10**9 + ns,) * 2)
        r = s.get("/f.txt")
        assert r.text == text
        tags.add(r.get("etag"))
    assert len(tags) == 4


def test_an_old_tag_gets_the_new_file(start):
    s = start()
    path = s.folder / "f.txt"
    path.write_text("old\n")
    with s.client() as c:
        tag = c.ask("/f.txt").get("etag")
        assert c.ask("/f.txt", "If-None-Match: " + tag).status == 304
        path.write_text("new\n")
        r = c.ask("/f.txt", "If-None-Match: " + tag)
        assert (r.status, r.text) == (200, "new\n")
        assert r.get("etag") != tag


@pytest.mark.parametrize("seconds", [
    -62135596800 + 86400, -86400 * 365 * 100, -1, 0, 1, 2**31 - 1, 2**31,
    2**32, 2**33, 2**34 - 1])
def test_files_of_any_age(start, seconds):
    """RFC 9110 8.8.2.1: Last-Modified is never later than Date; a file from
    the future is not "not modified" for ever."""
    s = start()
    path = s.folder / "f.txt"
    path.write_text("x\n")
    try:
        os.utime(path, (seconds, seconds))
    except OverflowError:
        pytest.skip("the file system holds no such time")
    kept = int(path.stat().st_mtime)  # as the file system could hold it
    r = s.get("/f.txt")
    assert r.status == 200
    modified = parse_date(r.get("last-modified"))
    if kept <= time.time():
        assert modified == kept
    else:
        assert modified <= parse_date(r.get("date"))
    r = s.get("/f.txt", "If-None-Match: " + r.get("etag"))
    assert r.status == 304
    r = s.get("/f.txt",
              "If-Modified-Since: " + format_date(max(modified - 1, 0)))
    assert r.status == (304 if modified <= max(modified - 1, 0) else 200)


def test_folders_index_is_conditional_too(server):
    with server.client() as c:
        full = c.ask("/folder/")
        r = c.ask("/folder/", "If-None-Match: " + full.get("etag"))
        assert_304(r, full)
        r = c.ask("/folder/",
                  "If-Modified-Since: " + full.get("last-modified"))
        assert_304(r, full)


def test_an_empty_file_and_a_big_one_are_conditional(server):
    with server.client() as c:
        for target in ("/empty.txt", "/size/3000001.bin"):
            full = c.ask(target)
            for _ in range(3):
                r = c.ask(target, "If-None-Match: " + full.get("etag"))
                assert_304(r, full)
        assert c.ask("/hello.txt").status == 200


def test_the_tag_reveals_no_path(server):
    assert re.fullmatch(r'"[0-9A-Za-z._+/=-]+"',
                        server.get("/hello.txt").get("etag"))
