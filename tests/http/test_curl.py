"""The clients that people type: curl and wget, compared byte by byte."""

import email
import email.policy
import os
import re
import shutil
import subprocess

import pytest

from conftest import noise
from raw import DEADLINE, format_date, parse_date

NAME = "size/1048577.bin"
DATA = noise(1048577, 1048577)
HALF = 500001
TEXT = "".join(f"{i}: a line of text, to be compressed\n" for i in range(9000))


def client(*command, cwd=None):
    """stdout of the command, which must succeed."""
    if not shutil.which(command[0]):
        pytest.skip(f"no {command[0]}")
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, stdin=subprocess.DEVNULL,
        capture_output=True, timeout=DEADLINE, check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C"})
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def curl(*options, **more):
    return client("curl", "-qsS", "--noproxy", "*", *options, **more)


def head_of(text):
    """(status line, fields) of the last head in the bytes."""
    head = text.decode().replace("\r\n", "\n").rstrip("\n").split("\n\n")[-1]
    line, _, fields = head.partition("\n")
    return line, email.message_from_string(fields, policy=email.policy.HTTP)


@pytest.fixture
def url(server):
    return f"http://127.0.0.1:{server.port}/"


def test_a_download_is_the_file(url, tmp_path):
    out = tmp_path / "out"
    said = curl("-o", out, "-w", "%{http_code} %{size_download}", url + NAME)
    assert said == b"200 1048577"
    assert out.read_bytes() == DATA


def test_compressed_is_the_same_after_decoding(start, tmp_path):
    """What is offered (--compressed: all that curl knows) may be taken or not:
    decoded it is the file, and the coded bytes are fewer if it was taken."""
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "text.txt").write_text(TEXT)
    s = start(folder)
    for _ in range(3):  # a coded form may be made only after the first
        out, head = tmp_path / "out", tmp_path / "head"
        size = int(curl("--compressed", "-o", out, "-D", head, "-w",
                        "%{size_download}",
                        f"http://127.0.0.1:{s.port}/text.txt"))
        line, fields = head_of(head.read_bytes())
        assert line == "HTTP/1.1 200 OK"
        assert out.read_text() == TEXT
        assert int(fields["Content-Length"]) == size
        if "Content-Encoding" in fields:
            assert size < len(TEXT)
            assert "accept-encoding" in fields["Vary"].lower()
        else:
            assert size == len(TEXT)


def test_a_half_file_is_resumed(url, server, tmp_path):
    """-C - asks for what is missing, and for no byte more (RFC 9110 14)."""
    out = tmp_path / "out"
    out.write_bytes(DATA[:HALF])
    said = curl("-C", "-", "-o", out, "-w", "%{http_code} %{size_download}",
                url + NAME)
    assert said == f"206 {len(DATA) - HALF}".encode()
    assert out.read_bytes() == DATA
    assert '" 206 ' in server.wait_logged(f'" 206 {len(DATA) - HALF} ')


def test_a_whole_file_is_not_resumed(url, tmp_path):
    """Nothing is missing: 416 with the length, which curl takes as done."""
    out, head = tmp_path / "out", tmp_path / "head"
    out.write_bytes(DATA)
    curl("-C", "-", "-o", out, "-D", head, url + NAME)
    line, fields = head_of(head.read_bytes())
    assert line.startswith("HTTP/1.1 416 ")
    assert fields["Content-Range"] == f"bytes */{len(DATA)}"
    assert out.read_bytes() == DATA


def test_wget_resumes_a_half_file(url, tmp_path):
    out = tmp_path / "1048577.bin"
    out.write_bytes(DATA[:HALF])
    client("wget", "-q", "--no-config", "--no-proxy", "-c", url + NAME,
           cwd=tmp_path)
    assert out.read_bytes() == DATA


def test_time_condition_with_a_date(url, tmp_path):
    _, fields = head_of(curl("-I", url + NAME))
    modified = parse_date(fields["Last-Modified"])
    for shift, status, size in ((0, 304, 0), (60, 304, 0),
                                (-60, 200, len(DATA))):
        out = tmp_path / f"out{shift}"
        said = curl("-z", format_date(modified + shift), "-o", out, "-w",
                    "%{http_code} %{size_download}", url + NAME)
        assert said == f"{status} {size}".encode()
        if status == 200:
            assert out.read_bytes() == DATA
        else:
            assert not out.exists() or out.read_bytes() == b""


def test_time_condition_with_a_file(url, tmp_path):
    """-R gives the file the server's time, -z FILE asks by it."""
    out = tmp_path / "out"
    curl("-R", "-o", out, url + NAME)
    again = ("-z", out, "-o", out, "-w", "%{http_code}", url + NAME)
    assert curl(*again) == b"304"
    assert out.read_bytes() == DATA
    old = out.stat().st_mtime - 3600
    out.write_bytes(b"old")
    os.utime(out, (old, old))
    assert curl(*again) == b"200"
    assert out.read_bytes() == DATA


def test_the_etag_that_curl_keeps(url, tmp_path):
    tag, out = tmp_path / "tag", tmp_path / "out"
    keep = ("--etag-save", tag, "--etag-compare", tag, "-o", out, "-w",
            "%{http_code}", url + NAME)
    tag.touch()
    assert curl(*keep) == b"200"
    assert curl(*keep) == b"304"
    assert out.read_bytes() == DATA


def test_http_1_0(url, tmp_path):
    """The answer is HTTP/1.1's, unchunked, and the connection closes."""
    out, head = tmp_path / "out", tmp_path / "head"
    curl("--http1.0", "-o", out, "-D", head, url + NAME)
    line, fields = head_of(head.read_bytes())
    assert line == "HTTP/1.1 200 OK"
    assert "Transfer-Encoding" not in fields
    assert fields["Connection"] == "close"
    assert out.read_bytes() == DATA


@pytest.mark.parametrize("asked, first, last", [
    ("-500", len(DATA) - 500, len(DATA) - 1), ("0-0", 0, 0), ("7-106", 7, 106),
    ("1048570-", 1048570, 1048576), ("1048570-9999999", 1048570, 1048576),
    ("-9999999", 0, 1048576),
])
def test_one_range(url, tmp_path, asked, first, last):
    out, head = tmp_path / "out", tmp_path / "head"
    curl("-r", asked, "-o", out, "-D", head, url + NAME)
    line, fields = head_of(head.read_bytes())
    assert line == "HTTP/1.1 206 Partial Content"
    assert fields["Content-Range"] == f"bytes {first}-{last}/{len(DATA)}"
    assert out.read_bytes() == DATA[first:last + 1]


def test_several_ranges(url, tmp_path):
    """Each part is delimited, labelled and the file's (RFC 9110 14.6)."""
    out, head = tmp_path / "out", tmp_path / "head"
    wanted = [(0, 99), (5000, 5999), (len(DATA) - 7, len(DATA) - 1)]
    curl("--range", "0-99,5000-5999,-7", "-o", out, "-D", head, url + NAME)
    line, fields = head_of(head.read_bytes())
    assert line == "HTTP/1.1 206 Partial Content"
    boundary = re.fullmatch(r"multipart/byteranges; boundary=\"?([^\"]+)\"?",
                            fields["Content-Type"])[1]
    body = out.read_bytes()
    assert int(fields["Content-Length"]) == len(body)
    for first, last in wanted:
        part = body.split(f"--{boundary}\r\n".encode(), 1)[1]
        label, body = part.split(b"\r\n\r\n", 1)
        place = f"Content-Range: bytes {first}-{last}/{len(DATA)}"
        assert place.encode() in label.split(b"\r\n")
        assert body[:last - first + 1] == DATA[first:last + 1]
        body = body[last - first + 1:]
    assert body == f"\r\n--{boundary}--\r\n".encode()


def test_the_head_alone(url):
    """-I: HEAD has the fields of GET, Date aside (RFC 9110 9.3.2)."""
    head = head_of(curl("-I", url + NAME))
    get = head_of(curl("-D", "-", "-o", "/dev/null", url + NAME))
    assert head[0] == get[0] == "HTTP/1.1 200 OK"
    assert [f for f in head[1].items() if f[0] != "Date"] \
        == [f for f in get[1].items() if f[0] != "Date"]
    assert head[1]["Content-Length"] == str(len(DATA))


def test_one_connection_for_many(url, tmp_path):
    """curl keeps the connection for the next of its arguments."""
    said = curl("-w", "%{num_connects}\n", *sum(
        (["-o", tmp_path / f"n{i}", f"{url}n{i}.txt"] for i in range(10)), []))
    assert said.split() == [b"1"] + [b"0"] * 9
    assert (tmp_path / "n9").read_text() == "this is number 9\n" * 10
