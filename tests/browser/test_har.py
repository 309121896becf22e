"""A HAR that the console wrote, read by Chromium's DevTools.

What reads it is the importer of the Network panel, which knows nothing of us:
the page of DevTools is opened and its module given the file's text.
"""

import socket
from urllib.parse import urlsplit

import pytest

from test_media import Console
from test_page import DEADLINE, chromium  # noqa: F401

DEVTOOLS = "devtools://devtools/bundled/devtools_app.html"
IMPORT = """
const [text, done] = arguments;
import('devtools://devtools/bundled/models/har/har.js').then(har => {
  const root = new har.HARFormat.HARRoot(JSON.parse(text));
  const requests = har.Importer.Importer.requestsFromHARLog(root.log);
  done(requests.map(r => ({
    method: r.requestMethod, url: r.url(), status: r.statusCode,
    reason: r.statusText, type: r.mimeType, size: r.resourceSize,
    sent: r.transferSize, host: r.requestHeaderValue('Host'),
    server: r.remoteAddress(), duration: r.duration, latency: r.latency,
    query: r.queryParameters, version: r.requestHttpVersion(),
    length: r.responseHeaderValue('Content-Length') || null,
  })));
}).catch(error => done(`${error}\\n${error.stack}`));
"""
HELLO = b"hello, world\n"
REQUESTS = [
    b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\nCookie: s=1\r\n\r\n",
    b"GET /none?a=1&b=%20 HTTP/1.1\r\nHost: {server}\r\n\r\n",
    b"POST /hello.txt HTTP/1.1\r\nHost: {server}\r\nContent-Length: 3\r\n\r\n"
    b"abc",
    b"GET /hello.txt HTTP/1.0\r\n\r\n",
    b"GET /\xff HTTP/1.1\r\nHost: {server}\r\n\r\n",
]


@pytest.fixture
def console(tmp_path, monkeypatch):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "hello.txt").write_bytes(HELLO)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("HTTPCONSOLE_CONSOLE_EXPORT_DIR", str(tmp_path))
    # of two, one may stand still between an answer and telling of it, while
    # the other answers and tells of what came after
    monkeypatch.setenv("HTTPCONSOLE_WORKERS", "1")
    c = Console(folder, tmp_path / "log", tmp_path / "tmux")
    yield c
    c.stop()


def ask(authority, request):
    """The answer's bytes; the server closes behind it, or is told the end."""
    host, port = authority.split(":")
    with socket.create_connection((host, int(port)), DEADLINE) as s:
        s.sendall(request.replace(b"{server}", authority.encode()))
        s.shutdown(socket.SHUT_WR)
        answer = b""
        while part := s.recv(65536):
            answer += part
    return answer


def imported(driver, path):
    driver.get(DEVTOOLS)
    driver.set_script_timeout(DEADLINE)
    found = driver.execute_async_script(IMPORT, path.read_text())
    assert isinstance(found, list), found
    return found


def test_devtools_shows_what_happened(
        chromium, console, tmp_path):  # noqa: F811
    server = urlsplit(console.url).netloc
    answers = [ask(server, request) for request in REQUESTS]
    console.wait(rf" 3 Requests .* {len(REQUESTS)}  FOLLOWING")
    console.type(":export har visit.har")
    console.type("Enter")
    console.wait(rf"{len(REQUESTS)} exchanges, all \(.* written to")

    found = imported(chromium, tmp_path / "visit.har")
    assert [(r["method"], r["url"], r["status"]) for r in found] == [
        ("GET", f"http://{server}/hello.txt", 200),
        ("GET", f"http://{server}/none?a=1&b=%20", 404),
        ("POST", f"http://{server}/hello.txt", 405),
        ("GET", f"http://{server}/hello.txt", 200),
        ("GET", f"http://{server}/", 400)]
    assert [r["host"] for r in found] == [
        "localhost", server, server, None, server]
    assert found[1]["query"] == [{"name": "a", "value": "1"},
                                 {"name": "b", "value": "%20"}]
    for r, answer in zip(found, answers):
        head, _, content = answer.partition(b"\r\n\r\n")
        assert f"{r['status']} {r['reason']}" == \
            head.split(b"\r\n")[0].decode().partition(" ")[2]
        assert f"\r\nContent-Type: {r['type']}\r\n".encode() in head
        assert (r["size"], r["sent"]) == (len(content), len(answer))
        assert r["server"].startswith("127.0.0.1:")
        assert 0 < r["latency"] <= r["duration"] < DEADLINE
    assert "s=1" not in (tmp_path / "visit.har").read_text()
