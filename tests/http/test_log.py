"""The access log: one line per exchange, safe to read, never in the way."""

import json
import os
import re
import resource
import shutil
import signal
import stat
import threading
import time

import pytest

from conftest import SANDBOXED, Server, eventually, run
from raw import DEADLINE, request

COMBINED = re.compile(
    r"(?P<host>\S+) - - "
    r"\[(?P<time>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "
    r'"(?P<request>[^"]*)" (?P<status>\d{3}|-) (?P<bytes>\d+|-) '
    r'"(?P<referer>[^"]*)" "(?P<agent>[^"]*)" '
    r"conn=(?P<conn>\d+) us=(?P<us>\d+)")


def parse(line):
    match = COMBINED.fullmatch(line)
    assert match, f"not combined format: {line!r}"
    assert re.fullmatch(r"[\x20-\x7e]*", line), line
    return match.groupdict()


def lines_of(path):
    return path.read_text(encoding="ascii").splitlines()


def test_a_line_in_combined_format(start):
    s = start()
    before = int(time.time())
    r = s.get("/hello.txt?x=1", "Referer: http://localhost/from",
              "User-Agent: test/1.0 (x; y)")
    line = parse(s.wait_log(1)[0])
    assert line["host"] == "127.0.0.1"
    assert line["request"] == "GET /hello.txt?x=1 HTTP/1.1"
    assert line["status"] == "200"
    assert int(line["bytes"]) == len(r.body) == 13
    assert line["referer"] == "http://localhost/from"
    assert line["agent"] == "test/1.0 (x; y)"
    assert int(line["conn"]) >= 1
    when = time.mktime(time.strptime(line["time"], "%d/%b/%Y:%H:%M:%S +0000"))
    when -= time.timezone
    assert before - 1 <= when <= time.time() + 1


@pytest.mark.parametrize("method, target, version, status, size", [
    ("GET", "/", "1.0", "200", "5"), ("HEAD", "/hello.txt", "1.1", "200", None),
    ("POST", "/", "1.1", "405", ""), ("GET", "/nope", "1.1", "404", ""),
    ("BREW", "/", "1.1", "501", ""), ("OPTIONS", "*", "1.1", "204", None),
    ("GET", "/%00", "1.1", "400", ""), ("GET", "/", "1.9", "200", "5"),
])
def test_what_was_asked_and_answered(start, method, target, version, status,
                                     size):
    s = start()
    r = s.get(target, method=method, version=version)
    line = parse(s.wait_log(1)[0])
    assert line["request"].startswith(f"{method} {target} HTTP/1.")
    assert line["status"] == status
    if size is None:
        assert line["bytes"] in ("0", "-")
    else:
        assert int(line["bytes"]) == len(r.body)
    assert (line["referer"], line["agent"]) == ("-", "-")


def test_one_line_per_exchange(start):
    """Of kept, pipelined, refused and conditional ones alike, each with the
    number of its connection."""
    s = start()
    asked = []
    with s.client() as c:
        for i in range(20):
            c.ask(f"/a{i}")
            asked.append(f"/a{i}")
        c.send(b"".join(request(f"/b{i}") for i in range(50)))
        for i in range(50):
            c.read()
            asked.append(f"/b{i}")
        tag = c.ask("/hello.txt").get("etag")
        assert c.ask("/hello.txt", "If-None-Match: " + tag).status == 304
        asked += ["/hello.txt", "/hello.txt"]
    for i in range(10):
        s.get(f"/c{i}")
        asked.append(f"/c{i}")
    s.stop()
    lines = [parse(line) for line in s.log]
    assert sorted(line["request"].split()[1] for line in lines) \
        == sorted(asked)
    kept = [line for line in lines if line["request"][5:6] in "abh"]
    assert len({line["conn"] for line in kept}) == 1
    # the order of one connection's exchanges is kept
    assert [line["request"].split()[1] for line in kept] == asked[:72]
    others = [line["conn"] for line in lines if line["request"][5:6] == "c"]
    assert len(set(others)) == 10 and kept[0]["conn"] not in others


def test_what_could_not_be_read_is_logged_once_too(start):
    s = start(timeouts_header="200ms")
    attacks = [b"\x16\x03\x01\x02\x00\x01\r\n", b"GET / HTTP/9.9\r\n\r\n",
               b"nonsense\r\n\r\n", b"GET /" + b"a" * 9000,
               b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", b"GET / HT"]
    for data in attacks:
        with s.client() as c:
            c.send(data)
            c.read()
    s.stop()
    # workers are read in turn: only a connection's own lines are in order
    assert sorted(parse(line)["status"] for line in s.log) \
        == ["400", "400", "400", "408", "414", "505"]


@pytest.mark.parametrize("data", [
    b"GET / HT", request("/", "Content-Length: 9", method="POST", body=b"x")])
def test_what_ended_before_an_answer_is_one_line_without_status(start, data):
    s = start()
    with s.client() as c:
        c.send(data)
        c.finish()
        assert c.rest() == b""
    s.stop()
    assert [parse(line)["status"] for line in s.log] in ([], ["-"])


def test_a_download_that_is_cut_says_what_was_sent(start, site):
    s = start(site)
    with s.client(receive_buffer=4096) as c:
        c.send(request("/size/3000001.bin"))
        c.wait_for(2000)
        c.reset()
    line = parse(s.wait_log(1)[0])
    assert 0 < int(line["bytes"]) <= 3000001
    assert line["status"] == "200"


HOSTILE = [
    '"', '" 200 5 "-" "-" conn=1 us=1', "\\", '\\"', "\\x22", "a\tb",
    "\xff\xfe\x80", "\xc3\xa4", "\xe2\x80\xae", "\xc2\x9b2J", "%0a%0d", "'`$(",
    "%s%n%d", "A" * 7000, "<b>", "\x85", "\xe2\x80\xa8", "{}",
]


@pytest.mark.parametrize("field", ["User-Agent", "Referer"])
def test_hostile_fields_forge_nothing(start, field):
    s = start()
    with s.client() as c:
        for value in HOSTILE:
            assert c.ask("/hello.txt", f"{field}: {value}").status == 200
    s.stop()
    assert len(s.log) == len(HOSTILE)
    key = {"User-Agent": "agent", "Referer": "referer"}[field]
    other = {"agent": "referer", "referer": "agent"}[key]
    for value, line in zip(HOSTILE, s.log):
        line = parse(line)
        assert line["status"] == "200" and line[other] == "-"
        if re.fullmatch(r"[!#-\[\]-~]+", value) and len(value) < 1000:
            assert line[key] == value
    # what is different stays different: nothing is silently dropped
    assert len({parse(line)[key] for line in s.log}) >= len(HOSTILE) - 1


def test_hostile_targets_and_heads_forge_nothing(start):
    s = start()
    attacks = [b'GET /"%22 HTTP/1.1\r\nHost: x"\r\n\r\n',
               b"GET /\x1b]0;owned\x07 HTTP/1.1\r\n\r\n",
               b"GET /\n127.0.0.1 - - [x] \"GET / HTTP/1.1\" 200 1\r\n\r\n",
               b"\x1b[2J\x1b[31m\r\n\r\n", b"G\"T / HTTP/1.1\r\n\r\n",
               b"GET /\xff\xfe\xe2\x80\xae HTTP/1.1\r\nHost: x\r\n\r\n",
               b"GET /a\x00b HTTP/1.1\r\nHost: x\r\n\r\n",
               b"GET /a HTTP/1.1\r\nUser-Agent: a\rb\nc\r\n\r\n",
               b"GET /a HTTP/1.1\r\nUser-Agent: \x1b[2J\r\n\r\n",
               b'GET / HTTP/1.1" 200 1 "\r\nHost: x\r\n\r\n',
               b"\\ / HTTP/1.1\r\nHost: x\r\n\r\n"]
    for data in attacks:
        with s.client() as c:
            c.send(data)
            assert c.read().status == 400
    s.stop()
    assert len(s.log) == len(attacks)
    for line in s.log:
        assert parse(line)["status"] == "400"


def test_json_lines(start):
    s = start(None, "--log-format", "json")
    with s.client() as c:
        for value in HOSTILE:
            c.ask("/hello.txt?" + "q\"\\", "User-Agent: " + value)
    with s.client() as c:
        c.send(b"\x00\xff\x1b\"\\\r\n\r\n")
        c.read()
    s.stop()
    assert len(s.log) == len(HOSTILE) + 1
    for line in s.log:
        assert re.fullmatch(r"[\x20-\x7e]*", line), line
        parsed = json.loads(line)
        assert 200 in parsed.values() or 400 in parsed.values()


def test_common_format(start):
    s = start(None, "--log-format", "common")
    s.get("/hello.txt", "User-Agent: x")
    assert re.fullmatch(
        r'\S+ - - \[[^]]+\] "GET /hello.txt HTTP/1.1" 200 13', s.wait_log(1)[0])


def test_no_log(start):
    s = start(None, "--no-log")
    assert s.get("/hello.txt").status == 200
    s.stop()
    assert s.log == []


def test_lines_come_while_the_server_runs(start):
    """Line by line, also into a pipe."""
    s = start()
    for i in range(3):
        s.get(f"/x{i}")
        assert f"/x{i}" in s.wait_log(i + 1)[i]


# ------------------------------------------------------------------- files

def test_a_log_file(start, tmp_path):
    path = tmp_path / "access.log"
    s = start(None, "--log-file", path)
    s.get("/hello.txt")
    eventually(lambda: path.exists() and lines_of(path))
    s.get("/nope")
    s.stop()
    assert [parse(line)["status"] for line in lines_of(path)] == ["200", "404"]
    assert s.log == []
    assert stat.S_IMODE(path.stat().st_mode) & 0o137 == 0, "not for others"


def test_a_log_file_is_appended_to(start, tmp_path):
    path = tmp_path / "access.log"
    path.write_text("before\n")
    for _ in range(2):
        s = start(None, "--log-file", path)
        s.get("/hello.txt")
        s.stop()
    lines = lines_of(path)
    assert lines[0] == "before" and len(lines) == 3


def test_a_log_that_is_a_link_is_not_followed(start, tmp_path):
    """nginx CVE-2016-1247: a log as a way to write elsewhere."""
    victim = tmp_path / "victim"
    victim.write_text("precious\n")
    (tmp_path / "access.log").symlink_to(victim)
    s = start(None, "--log-file", tmp_path / "access.log")
    assert s.get("/hello.txt").status == 200
    s.wait_err("access.log")
    s.stop()
    assert victim.read_text() == "precious\n"


def test_a_log_that_is_a_fifo_blocks_nothing(start, tmp_path):
    os.mkfifo(tmp_path / "access.log")
    s = start(None, "--log-file", tmp_path / "access.log")
    assert s.get("/hello.txt").status == 200
    s.notify(signal.SIGUSR1)
    assert s.get("/hello.txt").status == 200


def test_a_log_beneath_the_root_is_refused(tmp_path):
    (tmp_path / "sub").mkdir()
    for path in (tmp_path / "access.log", tmp_path / "sub" / "x.txt",
                 tmp_path / "sub" / ".." / "y.txt"):
        status, _, err = run("--headless", "-p", 0, "--no-config",
                             "--log-file", path, tmp_path)
        assert status in (1, 2, 78)
        assert "root" in err
        assert not path.exists()


def test_a_log_that_came_beneath_the_root_is_not_served(start, tmp_path):
    """A hard link, made later."""
    path = tmp_path / "access.log"
    s = start(None, "--log-file", path)
    s.get("/hello.txt")
    eventually(path.exists)
    os.link(path, s.folder / "log.txt")
    assert s.get("/log.txt").status in (403, 404)


def test_renamed_and_reopened_loses_nothing(start, tmp_path):
    """logrotate's way, five times, under load: each line is in one file."""
    path = tmp_path / "access.log"
    s = start(None, "--log-file", path)
    done = threading.Event()
    asked = []

    def load():
        with s.client() as c:
            while not done.is_set() and len(asked) < 900:
                asked.append(f"/r{len(asked)}")
                c.ask(asked[-1])

    thread = threading.Thread(target=load)
    thread.start()
    for i in range(5):
        time.sleep(0.03)
        eventually(path.exists)
        path.rename(tmp_path / f"access.log.{i}")
        s.notify(signal.SIGUSR1)
        eventually(path.exists)
    done.set()
    thread.join(DEADLINE)
    s.get("/last")
    s.stop()
    found = []
    for i in range(5):
        found += lines_of(tmp_path / f"access.log.{i}")
    last = lines_of(path)
    assert any("/last" in line for line in last), "the new file is used"
    assert [parse(line)["request"].split()[1] for line in found + last] \
        == [*asked, "/last"]


def test_deleted_and_reopened(start, tmp_path):
    path = tmp_path / "access.log"
    s = start(None, "--log-file", path)
    s.get("/a")
    eventually(lambda: path.exists() and lines_of(path))
    path.unlink()
    s.notify(signal.SIGUSR1)
    eventually(path.exists)
    s.get("/b")
    s.stop()
    assert len(lines_of(path)) == 1


def test_what_cannot_be_reopened_goes_on_in_the_old_file(start, tmp_path):
    path, old = tmp_path / "access.log", tmp_path / "old.log"
    s = start(None, "--log-file", path)
    s.get("/a")
    eventually(lambda: path.exists() and lines_of(path))
    path.rename(old)
    path.mkdir()
    s.notify(signal.SIGUSR1)
    s.wait_err("cannot open the access log .*, and writing to the old file")
    s.get("/b")
    eventually(lambda: len(lines_of(old)) == 2)
    s.stop()


def test_sigusr1_without_a_file_is_no_trouble(start):
    s = start()
    for _ in range(3):
        s.notify(signal.SIGUSR1)
        assert s.get("/hello.txt").status == 200
    assert len(s.wait_log(3)) == 3


# ---------------------------------------------------- a log that cannot be

@pytest.mark.parametrize("sandbox", ["auto", "off"])
def test_a_log_whose_folder_vanished(start, tmp_path, sandbox):
    """It is said, serving goes on, and the log comes back with the folder; in
    the sandbox, which knows only the folder that was there, that is said."""
    folder = tmp_path / "logs"
    folder.mkdir()
    path = folder / "access.log"
    s = start(None, "--log-file", path, sandbox_mode=sandbox)
    s.get("/first")
    eventually(lambda: path.exists() and lines_of(path))
    shutil.rmtree(folder)
    s.notify(signal.SIGUSR1)
    s.wait_err(r"log.*(no such file|cannot)")
    for i in range(50):
        assert s.get(f"/during{i}").status == 404
    folder.mkdir()
    if sandbox == "auto" and SANDBOXED:
        s.wait_err(r"access log.*sandbox")
        assert s.get("/after").status == 404
        return
    eventually(path.exists)
    s.get("/after")
    s.stop()
    text = "\n".join(lines_of(path))
    assert "/after" in text
    for line in lines_of(path):
        parse(line)


def test_a_full_disk(start):
    s = start(None, "--log-file", "/dev/full")
    for _ in range(100):
        assert s.get("/hello.txt").status == 200
    s.wait_err("/dev/full.*space")
    assert len(s.err.lines) < 20, "said, but not for each line"
    s.stop()


def test_a_size_limit_of_files(start, tmp_path):
    """RLIMIT_FSIZE: EFBIG instead of death by SIGXFSZ."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    s = start(None, "--log-file", tmp_path / "access.log")
    resource.prlimit(s.pid, resource.RLIMIT_FSIZE, (2000, old[1]))
    for _ in range(100):
        assert s.get("/hello.txt").status == 200
    s.wait_err(r"access\.log")
    assert (tmp_path / "access.log").stat().st_size <= 2000


def test_a_reader_of_stdout_that_left(site):
    """SIGPIPE ends nothing."""
    reading, writing = os.pipe()
    s = Server(site, stdout=writing)
    os.close(writing)
    s.get("/hello.txt")
    os.close(reading)
    for _ in range(50):
        assert s.get("/hello.txt").status == 200
    s.wait_err("stdout|log")
    s.stop()


def test_a_reader_of_stdout_that_stands_still(site):
    """A full pipe is no reason to stop serving, nor to stop ending."""
    reading, writing = os.pipe()
    s = Server(site, stdout=writing)
    os.close(writing)
    with s.client() as c:
        for _ in range(60):
            c.send(request("/hello.txt", "User-Agent: " + "a" * 4000) * 10)
            for _ in range(10):
                assert c.read().status == 200
    s.stop()
    os.close(reading)


@pytest.mark.parametrize("path", ["/nonexistent/folder/access.log", "/"])
def test_a_log_that_cannot_be_from_the_start_is_an_error(site, path):
    status, _, err = run("--headless", "-p", 0, "--no-config",
                         "--log-file", path, site)
    assert status in (1, 2, 78)
    assert path.rstrip("/") in err


@pytest.mark.parametrize("sent, logged", [
    (b"GET /v HTTP/2.0\r\n\r\n", '"GET /v HTTP/2.0" 505'),
    (b"GET /v HTTP/1.0\r\n\r\n", '"GET /v HTTP/1.0" 404'),
    (b"GET /v\r\n\r\n", '"GET /v" 400'),
    (b"GET /v HTTQ/1.1\r\n\r\n", '"GET /v HTTQ/1.1" 400'),
])
def test_no_version_is_invented(start, sent, logged):
    s = start()
    with s.client() as c:
        c.send(sent)
        c.read()
    assert logged in s.wait_log(1)[0]


@pytest.mark.parametrize("sent, line", [
    ("GET /a b HTTP/1.1", "GET /a b HTTP/1.1"),
    ("\r\nGET /\xe9 HTTP/1.1", r"GET /\xe9 HTTP/1.1"),
    ("\x16\x03\x01 \"\x7f", r'\x16\x03\x01 "\x7f'),
    ("GET /" + "x" * 9000, "GET /" + "x" * 1016 + "..."),
])
def test_a_line_that_cannot_be_read_is_there_as_it_came(start, sent, line):
    """Who looks after a site must see which link is broken."""
    sent = sent.encode("latin-1") + b"\r\n\r\n"
    s = start(log_format="json")
    with s.client() as c:
        c.send(sent)
        c.read()
    assert json.loads(s.wait_log(1)[0])["line"] == line
    s = start()
    with s.client() as c:
        c.send(sent)
        c.read()
    quoted = line.replace('"', r"\x22")
    assert f' "{quoted}" 4' in s.wait_log(1)[0]
    s.get("/hello.txt")
    assert '"GET /hello.txt HTTP/1.1" 200' in s.wait_log(2)[1]
