"""Connections: kept, closed, pipelined, slow, silent, and their deadlines.
RFC 9112 6 to 9, RFC 9110 7.6.1 and 10.1.1.
"""

import contextlib
import os
import re
import socket
import threading
import time

import pytest

from conftest import eventually, noise
from raw import DEADLINE, Ended, request

SHORT = "300ms"
ENOUGH = 3.0  # s: until something that happens after SHORT has happened


# ------------------------------------------------------------ keep or close

@pytest.mark.parametrize("version, fields, kept", [
    pytest.param("1.1", [], True, id="9112-9.3-1.1"),
    pytest.param("1.1", ["Connection: close"], False, id="9112-9.6-close"),
    pytest.param("1.1", ["Connection: keep-alive"], True, id="1.1-keep-alive"),
    pytest.param("1.1", ["connection: CLOSE"], False, id="9110-7.6.1-case"),
    pytest.param("1.1", ["Connection: x, close"], False, id="9110-7.6.1-list"),
    pytest.param("1.1", ["Connection: close,x"], False, id="list-first"),
    pytest.param("1.1", ["Connection: ,close,"], False, id="5.6.1-empty"),
    pytest.param("1.1", ["Connection: keep-alive", "Connection: close"],
                 False, id="9110-5.3-two-lines"),
    pytest.param("1.1", ["Connection: keep-alive, close"], False,
                 id="9112-9.3-close-wins"),
    pytest.param("1.1", ["Connection: closed"], True, id="longer-token"),
    pytest.param("1.1", ["Connection: x-close"], True, id="other-token"),
    pytest.param("1.1", ["X: Connection: close"], True, id="in-a-value"),
    pytest.param("1.1", ["Connection:"], True, id="empty"),
    pytest.param("1.0", [], False, id="9112-9.3-1.0"),
    pytest.param("1.0", ["Connection: keep-alive"], True, id="1.0-keep-alive"),
    pytest.param("1.0", ["Connection: Keep-Alive"], True, id="1.0-case"),
    pytest.param("1.0", ["Connection: keep-alive, x"], True, id="1.0-list"),
    pytest.param("1.0", ["Connection: close"], False, id="1.0-close"),
    pytest.param("1.0", ["Connection: keep-alive, close"], False,
                 id="1.0-close-wins"),
    pytest.param("1.0", ["Keep-Alive: timeout=9"], False,
                 id="1.0-other-field"),
    pytest.param("1.0", ["Proxy-Connection: keep-alive"], False,
                 id="1.0-proxy-connection"),
])
@pytest.mark.parametrize("target, method", [
    ("/hello.txt", "GET"), ("/hello.txt", "HEAD"), ("/missing", "GET"),
    ("/folder", "GET"), ("/size/1048577.bin", "GET"), ("/empty.txt", "GET"),
    ("/hello.txt", "POST"), ("/", "OPTIONS")])
def test_the_connection_field_is_followed_and_said(
        server, version, fields, kept, target, method):
    """What the response says is what happens."""
    with server.client() as c:
        r = c.ask(target, *fields, method=method, version=version)
        assert r.closes == (not kept)
        if not kept:
            assert r.get("keep-alive") is None
            c.assert_ends()
            return
        # a 1.0 client must be told that the connection is kept
        assert "keep-alive" in r.connection or version == "1.1"
        assert c.ask("/hello.txt").text == "hello, world\n"


def test_the_keep_alive_field_tells_the_timeout(shared, site):
    s = shared.of("seven", site, timeouts_keepalive="7s")
    for version in ("1.1", "1.0"):
        r = s.get("/hello.txt", "Connection: keep-alive", version=version)
        assert re.search(r"\btimeout=7\b", r.get("keep-alive"))
        assert "keep-alive" in r.connection


def test_requests_behind_a_close_are_not_answered(server):
    """RFC 9112 9.6."""
    with server.client() as c:
        c.send(request("/n1.txt", "Connection: close") + request("/n2.txt"))
        assert "number 1" in c.read().text
        c.finish()
        c.assert_ends()
    with server.client() as c:
        c.send(request("/n1.txt", version="1.0") + request("/n2.txt"))
        assert "number 1" in c.read().text
        c.finish()
        c.assert_ends()


def test_a_closed_connection_loses_no_byte_to_a_reset(server):
    """RFC 9112 9.6: unread bytes must not reset what was answered."""
    for _ in range(10):
        with server.client(receive_buffer=16384) as c:
            c.send(request("/size/1048576.bin", "Connection: close")
                   + b"junk" * 20000)
            r = c.read()
            assert r.body == noise(1048576, 1048576)
            c.finish()
            c.assert_ends()


def test_many_requests_on_one_connection(server):
    with server.client() as c:
        for i in range(300):
            r = c.ask(f"/n{i % 10}.txt")
            assert r.text.startswith(f"this is number {i % 10}\n")


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_requests_of_a_connection_are_limited(shared, site, limit):
    s = shared.of(f"limit{limit}", site,
                  limits_requests_per_connection=limit)
    with s.client() as c:
        for i in range(limit):
            r = c.ask("/hello.txt", "Connection: keep-alive",
                      version="1.0" if i % 2 else "1.1")
            assert r.closes == (i == limit - 1)
        c.assert_ends()
    with s.client() as c:  # pipelined: what is too much is not answered
        c.send(request("/hello.txt") * (limit + 3))
        for _ in range(limit):
            r = c.read()
        assert r.closes
        c.finish()
        c.assert_ends()


def test_zero_is_no_limit(shared, site):
    s = shared.of("nolimit", site, limits_requests_per_connection=0)
    with s.client() as c:
        for _ in range(22):
            c.send(request("/n1.txt") * 50)
            for _ in range(50):
                assert not c.read().closes


# --------------------------------------------------------------- pipelining

def test_pipelined_answers_come_in_order(server):
    """RFC 9112 9.3.2, a hundred deep, of every kind."""
    targets = [("/n%d.txt" % (i % 10), "GET") for i in range(60)]
    targets += [("/size/65537.bin", "GET"), ("/missing", "GET"),
                ("/size/1048577.bin", "HEAD"), ("/folder?q", "GET"),
                ("/empty.txt", "GET"), ("/hello.txt", "POST"),
                ("/size/1048577.bin", "GET"), ("/hello.txt", "BREW"),
                ("/%00", "GET"), ("/", "OPTIONS")] * 4
    assert len(targets) == 100
    with server.client() as c:
        alone = {}
        for t in set(targets):
            r = c.ask(t[0], method=t[1])
            alone[t] = (r.status, r.length, r.body)
        data = b"".join(request(t, method=m) for t, m in targets)
        sender = threading.Thread(target=c.send, args=(data,))
        sender.start()
        for t in targets:
            r = c.read(t[1])
            assert (r.status, r.length, r.body) == alone[t]
        sender.join()
        c.assert_open()


def test_pipelining_a_thousand_deep_before_reading(server):
    """The client reads nothing until all is sent; the limit ends it."""
    with server.client() as c:
        c.send(request("/n0.txt") * 1000)
        c.finish()
        for i in range(1000):
            assert c.read().closes == (i == 999)
        c.assert_ends()


def test_a_bad_request_in_a_pipeline_ends_it_there(server):
    with server.client() as c:
        c.send(request("/n1.txt") * 5 + b"GET / HTTP/1.1\r\nX : y\r\n\r\n"
               + request("/n2.txt") * 5)
        for _ in range(5):
            assert "number 1" in c.read().text
        r = c.read()
        assert (r.status, r.closes) == (400, True)
        c.finish()
        c.assert_ends()


def test_pipelines_on_several_connections_do_not_mix(server):
    clients = [server.client() for _ in range(10)]
    for i, c in enumerate(clients):
        c.send(request(f"/n{i}.txt") * 30)
    for _ in range(30):
        for i, c in enumerate(clients):
            assert c.read().text.startswith(f"this is number {i}\n")
    for c in clients:
        c.close()


STREAM = (request("/n1.txt", "X: y")
          + request("/n2.txt", "Content-Length: 4", method="POST",
                    body=b"abcd")
          + request("/n3.txt", "Transfer-Encoding: chunked",
                    body=b"3;x=y\r\nabc\r\n0\r\nT: u\r\n\r\n")
          + request("/n4.txt"))


def assert_stream_answered(c):
    assert "number 1" in c.read().text
    assert c.read().status == 405
    assert "number 3" in c.read().text
    assert "number 4" in c.read().text


@pytest.mark.parametrize("part", range(4))
def test_a_stream_cut_in_two_at_every_byte(server, part):
    """The answers depend on the bytes alone, never on the packets."""
    with server.client() as c:
        for at in range(part, len(STREAM), 4):
            c.send_split(STREAM, [at], pause=0.001)
            assert_stream_answered(c)


def test_a_stream_of_single_bytes(server):
    with server.client() as c:
        c.send_split(STREAM, range(len(STREAM)), pause=0.0005)
        assert_stream_answered(c)
        c.assert_open()


@pytest.mark.parametrize("data", [
    b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", b"GET / HTTP/1.1\nHost: x\r\n\r\n",
    b"GET / HTTP/3.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nX: a\r\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: \x01\r\n\r\n",
    b"GET /%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
])
def test_a_refusal_is_the_same_however_it_is_split(server, data):
    def answer(at):
        with server.client() as c:
            try:
                c.send_split(data, at, pause=0.001)
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused before it was complete
            r = c.read()
            return r.status, re.sub(r".*<h1>", "", r.text, flags=re.S)
    whole = answer([])
    for at in range(1, len(data), 3):
        assert answer([at]) == whole, f"split at {at}"


# --------------------------------------------------------- request content

@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE",
                                    "OPTIONS", "BREW"])
@pytest.mark.parametrize("n", [0, 1, 10, 4096, 60000])
def test_content_is_thrown_away_and_the_connection_kept(server, method, n):
    """RFC 9112 9.3: or the content would be the next request."""
    body = (b"GET /evil HTTP/1.1\r\nHost: x\r\n\r\n" * 2000)[:n]
    with server.client() as c:
        c.send(request("/hello.txt", f"Content-Length: {n}", method=method,
                       body=body) + request("/n7.txt"))
        r = c.read(method)
        assert not r.closes
        assert "number 7" in c.read().text


@pytest.mark.parametrize("body", [
    pytest.param(b"0\r\n\r\n", id="empty"),
    pytest.param(b"5\r\nhello\r\n0\r\n\r\n", id="one"),
    pytest.param(b"1\r\nh\r\n" * 300 + b"0\r\n\r\n", id="many"),
    pytest.param(b"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", id="case"),
    pytest.param(b"0005\r\nhello\r\n000\r\n\r\n", id="7.1-leading-zeros"),
    pytest.param(b"5;a\r\nhello\r\n0;b\r\n\r\n", id="7.1.1-extension"),
    pytest.param(b'5;a=b;c="d;e"\r\nhello\r\n0\r\n\r\n', id="7.1.1-quoted"),
    pytest.param(b"5\r\nhello\r\n0\r\nX: y\r\nZ: \r\n\r\n",
                 id="7.1.2-trailers"),
    pytest.param(b"5\r\n0\r\n\r\n\r\n0\r\n\r\n", id="looks-like-the-end"),
    pytest.param(b"0\r\nContent-Length: 99\r\nConnection: close\r\n\r\n",
                 id="7.1.2-trailers-frame-nothing"),
    pytest.param(b"ea60\r\n" + b"x" * 60000 + b"\r\n0\r\n\r\n", id="large"),
])
def test_chunked_content_is_thrown_away_too(server, body):
    """RFC 9112 7.1."""
    with server.client() as c:
        for coding in ("chunked", "Chunked"):
            c.send(request("/hello.txt", "Transfer-Encoding: " + coding,
                           method="POST", body=body) + request("/n7.txt"))
            assert c.read().status == 405
            assert "number 7" in c.read().text


@pytest.mark.parametrize("n, status", [(65536, 405), (65537, 413),
                                       (10**6, 413), (2**62, 413)])
def test_content_has_a_budget(server, n, status):
    """limits.discard_body; RFC 9110 15.5.14."""
    with server.client() as c:
        c.send(request("/hello.txt", f"Content-Length: {n}", method="POST"))
        if status == 405:
            c.send(b"x" * n)
        r = c.read()
        assert r.status == status
        assert r.closes == (status == 413)
        if status == 405:
            assert c.ask("/hello.txt").status == 200
        else:
            assert "65536" in r.text
            c.finish()
            c.assert_ends()


@pytest.mark.parametrize("chunk", [
    pytest.param(b"1000\r\n" + b"x" * 4096 + b"\r\n", id="data"),
    pytest.param(b"1\r\nx\r\n", id="CVE-2024-22019-tiny-chunks"),
    pytest.param(b"1;" + b"e" * 200 + b"\r\nx\r\n", id="extensions"),
])
def test_chunks_count_against_the_budget_with_their_framing(server, chunk):
    with server.client() as c:
        c.send(request("/", "Transfer-Encoding: chunked", method="POST"))
        try:
            for _ in range(70000 // len(chunk) + 2):
                c.send(chunk)
        except (BrokenPipeError, ConnectionResetError):
            pass
        r = c.read()
        assert (r.status, r.closes) == (413, True)


def test_a_413_reaches_a_client_that_goes_on_sending(server):
    """RFC 9112 9.6: a bounded wait, no reset before the answer is read."""
    with server.client() as c:
        c.send(request("/", f"Content-Length: {1 << 20}", method="POST"))
        c.send(b"x" * 300000)
        time.sleep(0.1)
        assert c.read().status == 413


# ------------------------------------------------------------------- Expect

@pytest.mark.parametrize("value", ["100-continue", "100-Continue"])
def test_expect_continue_is_answered_at_once(server, value):
    """RFC 9110 10.1.1: 100, or the final answer, without the content."""
    with server.client() as c:
        c.send(request("/hello.txt", "Expect: " + value,
                       "Content-Length: 5", method="POST"))
        r = c.read()
        if r.status == 100:
            c.send(b"hello")
            r = c.read()
        assert r.status == 405
        if r.closes:
            c.finish()
            c.assert_ends()
        else:
            c.send(request("/n1.txt"))
            assert "number 1" in c.read().text


def test_content_behind_expect_is_never_a_request(server):
    """The client sends it all the same: it must not be read as a request."""
    body = request("/smuggled")
    with server.client() as c:
        c.send(request("/hello.txt", "Expect: 100-continue",
                       f"Content-Length: {len(body)}", method="POST",
                       body=body))
        c.finish()
        answers = c.rest()
        assert answers.count(b"HTTP/1.1 4") == 1
        assert answers.count(b"HTTP/1.1 404") == 0


def test_expect_without_content_changes_nothing(server):
    with server.client() as c:
        r = c.ask("/hello.txt", "Expect: 100-continue")
        assert (r.status, r.text) == (200, "hello, world\n")
        assert c.ask("/hello.txt").status == 200


def test_expect_in_http_1_0_is_ignored(server):
    """RFC 9110 10.1.1."""
    with server.client() as c:
        c.send(request("/hello.txt", "Expect: 100-continue",
                       "Connection: keep-alive", "Content-Length: 2",
                       method="POST", version="1.0"))
        c.assert_open()
        c.send(b"hi")
        assert c.read().status == 405
        assert c.ask("/hello.txt").status == 200


@pytest.mark.parametrize("value", ["200-ok", "100-continue, x", ""])
def test_an_unknown_expectation_is_417_or_ignored(server, value):
    """RFC 9110 10.1.1: MAY respond with 417."""
    r = server.get("/hello.txt", "Expect: " + value)
    assert r.status in (200, 417)


def test_no_100_without_being_asked(server):
    with server.client() as c:
        c.send(request("/", "Content-Length: 5", method="POST"))
        c.assert_open(0.1)
        c.send(b"hello")
        assert c.read().status == 405


# ---------------------------------------------------------------- deadlines

@pytest.fixture
def hasty(shared, site):
    s = shared.of("hasty", site, timeouts_header=SHORT, timeouts_body=SHORT,
                  timeouts_keepalive=SHORT, timeouts_write=SHORT,
                  timeouts_linger=SHORT)
    yield s
    s.assert_alive()


def test_a_silent_client_is_closed(hasty):
    with hasty.client() as c:
        answer = c.rest(ENOUGH)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 408 ")


def test_an_idle_connection_is_closed_orderly(hasty):
    """RFC 9112 9.5."""
    with hasty.client() as c:
        assert c.ask("/hello.txt").status == 200
        c.assert_ends(ENOUGH)


def test_each_request_begins_the_idle_time_anew(hasty):
    with hasty.client() as c:
        for _ in range(5):
            assert c.ask("/hello.txt").status == 200
            time.sleep(0.1)


@pytest.mark.parametrize("data", [
    b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\n",
    b"\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r",
])
def test_an_incomplete_head_is_408(hasty, data):
    """RFC 9110 15.5.9."""
    with hasty.client() as c:
        r = c.send(data).read()
        assert (r.status, r.closes) == (408, True)
        assert "timeouts.header" in r.text
        c.finish()
        c.assert_ends(ENOUGH)


def test_the_second_head_has_a_deadline_too(hasty):
    with hasty.client() as c:
        assert c.ask("/hello.txt").status == 200
        c.send(b"GET / HT")
        assert c.read().status == 408


def test_the_heads_deadline_is_absolute(hasty):
    """slowloris: a byte now and then buys no time."""
    with hasty.client() as c:
        c.send(b"GET / HTTP/1.1\r\nX: ")
        began = time.monotonic()
        try:
            while time.monotonic() - began < ENOUGH:
                c.send(b"a")
                time.sleep(0.02)
                c.socket.setblocking(False)
                try:
                    c.buffer += c.socket.recv(65536)
                except BlockingIOError:
                    continue
                break
        except (BrokenPipeError, ConnectionResetError):
            pass
        c.socket.settimeout(DEADLINE)
        assert time.monotonic() - began < ENOUGH, "kept alive by drops"
        assert c.read().status == 408


@pytest.mark.parametrize("fields, body", [
    (["Content-Length: 10"], b"abc"), (["Content-Length: 10"], b""),
    (["Transfer-Encoding: chunked"], b""),
    (["Transfer-Encoding: chunked"], b"5\r\nab"),
    (["Transfer-Encoding: chunked"], b"5\r\nhello\r\n0\r\n"),
])
def test_incomplete_content_is_408(hasty, fields, body):
    with hasty.client() as c:
        r = c.send(request("/", *fields, method="POST", body=body)).read()
        assert (r.status, r.closes) == (408, True)
        assert "timeouts.body" in r.text
        c.finish()
        c.assert_ends(ENOUGH)


def test_a_client_that_takes_no_byte_is_cut(hasty):
    with hasty.client(receive_buffer=4096) as c:
        c.send(request("/size/3000001.bin") * 8)
        hasty.wait_logged("/size/3000001.bin")
        eventually(lambda: not any(
            f":{c.socket.getsockname()[1]:04X} " in line
            for line in established(hasty)))
    assert hasty.get("/hello.txt").status == 200


def established(server):
    """The server's own sockets, by /proc/net/tcp: local port is its port."""
    with open("/proc/net/tcp", encoding="ascii") as f:
        for line in f:
            part = line.split()
            if part[1].endswith(f":{server.port:04X}") and part[3] == "01":
                yield line


def test_a_slow_reader_that_takes_bytes_is_served_to_the_end(hasty):
    """timeouts.write is about no byte at all."""
    with hasty.client(receive_buffer=65536) as c:
        c.send(request("/size/3000001.bin"))
        began = time.monotonic()
        while len(c.buffer) < 3000001 and c.receive(65536):
            time.sleep(0.02)
        assert time.monotonic() - began > 0.4, "not slow enough to tell"
        r = c.read()
        assert r.body == noise(3000001, 3000001)


def test_a_client_that_does_not_close_is_lingered_for_only_so_long(hasty):
    """timeouts.linger: the descriptor is given back without its doing."""
    before = hasty.descriptors()
    clients = [hasty.client() for _ in range(10)]
    for c in clients:
        c.send(b"nonsense\r\n\r\n")
        assert c.read().status == 400
    eventually(lambda: hasty.descriptors() <= before)
    for c in clients:
        c.close()


def test_all_deadlines_off(shared, site):
    s = shared.of("patient", site, timeouts_header="0", timeouts_body="0",
                  timeouts_keepalive="0", timeouts_write="0")
    with s.client() as c:
        c.send_split(request("/hello.txt"), [5, 20], pause=0.2)
        r = c.read()
        assert r.status == 200
        assert "timeout=0" not in (r.get("keep-alive") or "")
        time.sleep(0.2)
        assert c.ask("/hello.txt").status == 200


# ------------------------------------------------------ clients of all kinds

@pytest.mark.parametrize("n", [1, 10])
def test_a_client_that_half_closes_gets_every_answer(server, n):
    """RFC 9112 9.6: an end of sending is no end of reading."""
    with server.client() as c:
        c.send(request("/size/65537.bin") * n)
        c.finish()
        for _ in range(n):
            assert c.read().body == noise(65537, 65537)
        c.assert_ends()


def test_half_closed_while_a_big_answer_is_under_way(server):
    with server.client(receive_buffer=4096) as c:
        c.send(request("/size/3000001.bin"))
        c.wait_for(1000)
        c.finish()
        assert c.read().body == noise(3000001, 3000001)
        c.assert_ends()


@pytest.mark.parametrize("data", [
    b"", b"G", b"GET / HTTP/1.1\r\n", request("/")[:-2],
    request("/", "Content-Length: 5", method="POST", body=b"abc"),
    request("/", "Transfer-Encoding: chunked", method="POST", body=b"5\r\na"),
])
def test_half_closed_within_a_message_is_the_end(server, data):
    """RFC 9112 8: an incomplete request is answered by an error or not."""
    with server.client() as c:
        c.send(data)
        c.finish()
        answer = c.rest()
        assert answer == b"" or answer.startswith(b"HTTP/1.1 4")


def test_resets_are_survived(server):
    for data in (b"", b"GET", request("/hello.txt"),
                 request("/size/3000001.bin"), request("/n1.txt") * 50,
                 request("/", "Content-Length: 9", method="POST"),
                 b"nonsense\r\n\r\n"):
        for _ in range(10):
            c = server.client()
            c.send(data)
            c.reset()
    assert server.get("/hello.txt").status == 200


STATES = {
    "new": b"", "head": b"GET / HT", "idle": request("/hello.txt"),
    "body": request("/", "Content-Length: 9", method="POST"),
    "chunk": request("/", "Transfer-Encoding: chunked", method="POST"),
    "refused": b"nonsense\r\n\r\n", "sending": request("/size/3000001.bin") * 4,
    "413": request("/", "Content-Length: 9999999", method="POST"),
    "laboratory": request("/.httpconsole/exchange?send=R0VU"),
}


@pytest.mark.parametrize("then", ["stays", "finish", "reset"])
def test_no_state_of_a_connection_spins(start, site, then):
    """A client that does nothing, half closes or resets costs no processor:
    an event that nobody takes comes again for ever."""
    s = start(site, timeouts_linger="10s", timeouts_shutdown="100ms")
    clients = []
    for data in STATES.values():
        clients.append(s.client(receive_buffer=4096))
        clients[-1].send(data)
    time.sleep(0.1)
    for c in clients:
        if then != "stays":
            getattr(c, then)()
    time.sleep(0.05)
    before = s.cpu_ticks()
    time.sleep(0.5)
    assert s.cpu_ticks() - before < 15
    for c in clients:
        c.close()


def test_a_slow_reader_gets_every_byte(server):
    with server.client(receive_buffer=4096) as c:
        c.send(request("/size/1048577.bin") + request("/n5.txt"))
        while len(c.buffer) < 300000:
            c.receive(3001)
        time.sleep(0.1)
        assert c.read().body == noise(1048577, 1048577)
        assert "number 5" in c.read().text


def test_silent_and_slow_clients_do_not_delay_others(server):
    """Forty of them, on both workers, and one that does not read."""
    idle = [server.client() for _ in range(40)]
    for i, c in enumerate(idle):
        if i % 4 == 1:
            c.send(b"GET / HTTP/1.1\r\nX")
        elif i % 4 == 2:
            c.send(request("/", "Content-Length: 5", method="POST"))
        elif i % 4 == 3:
            c.send(request("/size/3000001.bin") * 3)
    for _ in range(20):
        with server.client() as c:
            c.send(request("/hello.txt"))
            assert c.read().text == "hello, world\n"
    for c in idle:
        c.close()


def test_idle_connections_hold_no_thread(server):
    before = server.threads()
    idle = [server.client() for _ in range(200)]
    for c in idle[::2]:
        assert c.ask("/hello.txt").status == 200
    assert server.threads() == before
    for c in idle:
        assert c.ask("/hello.txt").status == 200
    assert server.threads() == before
    for c in idle:
        c.close()


def test_threads_are_as_many_as_asked_for(start):
    """main, recorder, listings, the root's watcher, and the workers."""
    counts = {n: start(None, "-w", n).threads() for n in (1, 2, 5)}
    assert counts[5] - counts[1] == 4
    assert counts[2] - counts[1] == 1
    assert counts[1] <= 6  # one more with the thread sanitizer


def test_more_clients_than_connections_wait_or_are_told(start):
    """limits.connections: no crash, no loss, and room again afterwards."""
    s = start(limits_connections="4", timeouts_keepalive="20s")
    held = [s.client() for _ in range(4)]
    for c in held:
        assert c.ask("/hello.txt").status == 200
    late = [s.client() for _ in range(6)]
    for c in late:
        c.send(request("/hello.txt", "Connection: close"))
    time.sleep(0.2)
    for c in held:
        c.close()
    for c in late:
        try:
            assert c.read().status in (200, 503)
        except (Ended, ConnectionResetError):
            raise AssertionError("dropped without a word") from None
        c.close()
    assert s.get("/hello.txt").status == 200


def test_every_connection_of_the_limit_can_be_used(start):
    """As many as are configured, wherever the kernel hands them."""
    s = start(limits_connections="8", timeouts_keepalive="20s")
    clients = [s.client() for _ in range(8)]
    for c in clients:
        assert c.ask("/hello.txt").status == 200
    for c in clients:
        assert c.ask("/hello.txt").status == 200
        c.close()


def test_many_clients_at_once(server):
    """Eight threads, mixed requests: each answer whole, each its own."""
    wrong = []

    def work(i):
        try:
            for turn in range(15):
                with server.client() as c:
                    k = (i + turn) % 10
                    c.send(request(f"/n{k}.txt") * 3
                           + request("/size/65537.bin"))
                    for _ in range(3):
                        assert c.read().text.startswith(
                            f"this is number {k}\n")
                    assert c.read().body == big
        except BaseException as e:  # shown by the main thread
            wrong.append(e)

    big = noise(65537, 65537)
    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(DEADLINE)
    assert not wrong


def test_memory_does_not_grow_with_requests(server):
    """After the first ones, nothing is allocated for a request."""
    if any(w in os.readlink(f"/proc/{server.pid}/exe")
           for w in ("asan", "tsan")):
        pytest.skip("sanitizers keep what was freed")

    def resident():
        with open(f"/proc/{server.pid}/statm", encoding="ascii") as f:
            return int(f.read().split()[1])

    def load():
        for _ in range(20):
            with server.client() as c:
                c.send(request("/n1.txt") * 100)
                for _ in range(100):
                    c.read()
    load()
    load()
    before = resident()
    load()
    # the history of exchanges may fill its bound; 2,000 heads are < 4 MB
    assert resident() - before < 2048


# ------------------------------------------- connections told of late, and not

def short_ones(s, n):
    """n connections, one after the other, for a request each."""
    for _ in range(n):
        assert s.get("/hello.txt", "Connection: close").status == 200


def seen_at_once(s):
    """Whether a connection that sends nothing is accepted right away."""
    before = s.descriptors()
    with s.client():
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            if s.descriptors() > before:
                return True
            time.sleep(0.01)
    return False


def test_after_many_short_connections_silent_ones_are_seen_at_once(start):
    """While they come by the thousand the kernel tells only of connections with
    bytes; when they have ended, of all again."""
    s = start()
    short_ones(s, 1500)
    eventually(lambda: seen_at_once(s))


# ------------------------------------------------------- who has accepted it

def per_worker(pid):
    """How many sockets each epoll instance watches beside its own."""
    watched = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            if "eventpoll" in os.readlink(f"/proc/{pid}/fd/{fd}"):
                with open(f"/proc/{pid}/fdinfo/{fd}") as f:
                    watched.append(f.read().count("tfd:"))
    return watched


@pytest.mark.parametrize("n", [2, 5])
def test_workers_share_the_connections(start, n):
    """Not all are the first worker's, which then works alone."""
    s = start(None, "-w", str(n))
    eventually(lambda: len(set(per_worker(s.pid))) == 1
               and min(per_worker(s.pid)) > 1)  # all listen
    own = per_worker(s.pid)[0]
    clients = []
    for _ in range(n * 8):
        clients.append(s.client())
        assert clients[-1].ask("/hello.txt").status == 200
    # one that had its turn takes the listeners out and in again
    eventually(lambda: sum(per_worker(s.pid)) == n * (own + 8))
    shares = [k - own for k in per_worker(s.pid)]
    assert min(shares) >= 4, shares
    for c in clients:
        assert c.ask("/hello.txt").status == 200
        c.close()


def test_urgent_data_holds_up_nothing(start):
    """A read ends where urgent data begins (tcp(7)), whatever is behind it:
    here the rest of a head, which came while an answer was sent."""
    s = start(timeouts_header="60s")
    (s.folder / "big.bin").write_bytes(noise(16 << 20))
    with s.client(receive_buffer=4096) as c:
        c.send(request("/big.bin"))
        time.sleep(0.2)  # the kernel takes no more of it
        c.send(b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n")
        c.socket.send(b"!", socket.MSG_OOB)
        c.send(b"Connection: close\r\n\r\n")
        time.sleep(0.1)
        assert len(c.read().body) == 16 << 20
        assert c.read().body == b"hello, world\n"
