"""A raw HTTP/1 client: sends bytes, reads one response exactly by its framing.

It is strict where clients are lenient: what a server sends must be correct to
the byte, so each response that any test reads is checked against RFC 9110 and
RFC 9112 on the way.
"""

import calendar
import re
import select
import socket
import struct
import time

DEADLINE = 20.0  # s: far more than anything here takes

STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5][0-9]{2}) ([\t\x20-\x7e]+)\r\n")
FIELD_LINE = re.compile(
    rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\x21-\x7e]([\t\x20-\x7e]*[\x21-\x7e])?)"
    rb"\r\n")
IMF_FIXDATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d "
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"\d\d:\d\d:\d\d GMT")
ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e]*"')
ONCE = ("content-length", "content-type", "date", "etag", "last-modified",
        "location", "server", "content-encoding", "allow", "connection")


class Ended(Exception):
    """The server closed before the response was complete."""


def parse_date(text):
    """Seconds since 1970 of an IMF-fixdate; the weekday must be that day's."""
    assert IMF_FIXDATE.fullmatch(text), f"not IMF-fixdate: {text!r}"
    when = time.strptime(text, "%a, %d %b %Y %H:%M:%S GMT")
    seconds = calendar.timegm(when)
    assert format_date(seconds) == text, f"wrong weekday: {text!r}"
    return seconds


def format_date(seconds):
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(seconds))


def request(target="/", *fields, method="GET", version="1.1",
            host="127.0.0.1", body=b""):
    """A request's bytes; `host=None` leaves the Host field out."""
    lines = [f"{method} {target} HTTP/{version}"]
    if host is not None:
        lines.append(f"Host: {host}")
    lines.extend(fields)
    return "\r\n".join(lines + ["", ""]).encode("latin-1") + body


class Response:
    status_line = STATUS_LINE  # what is taken as one
    field_line = FIELD_LINE

    def __init__(self, head):
        match = self.status_line.match(head)
        assert match, f"bad status line: {head[:80]!r}"
        self.head = head
        self.status = int(match[1])
        self.phrase = match[2].decode()
        self.fields = []
        self.body = b""
        at = match.end()
        while head[at:at + 2] != b"\r\n":
            match = self.field_line.match(head, at)
            assert match, f"bad field line at {at}: {head[at:at + 80]!r}"
            self.fields.append((match[1].decode().lower(), match[2].decode()))
            at = match.end()
        assert at + 2 == len(head), f"bytes after the empty line: {head!r}"

    def get(self, name):
        values = self.all(name)
        return values[0] if values else None

    def all(self, name):
        return [v for n, v in self.fields if n == name.lower()]

    @property
    def length(self):
        value = self.get("content-length")
        return None if value is None else int(value)

    @property
    def connection(self):
        """The members of Connection, lower case."""
        return [m.strip().lower() for v in self.all("connection")
                for m in v.split(",")]

    @property
    def closes(self):
        return "close" in self.connection

    @property
    def text(self):
        return self.body.decode()

    def check(self, method):
        """What holds for each response of an origin server with a clock."""
        for name in ONCE:
            assert len(self.all(name)) <= 1, f"{name} twice: {self.head!r}"
        if self.status >= 200:
            now = time.time()
            date = self.get("date")
            assert date, f"no Date (RFC 9110 6.6.1): {self.head!r}"
            assert now - 60 < parse_date(date) < now + 2, date
        if self.status in (204, 304) or self.status < 200:
            # RFC 9110 8.6 for 1xx and 204; a 304 may say the 200's length
            if self.status != 304:
                assert self.length is None, self.head
        else:
            assert self.length is not None, f"unframed: {self.head!r}"
        assert self.get("transfer-encoding") is None, self.head
        if self.get("last-modified"):
            assert (parse_date(self.get("last-modified"))
                    <= parse_date(self.get("date"))), "RFC 9110 8.8.2.1"
        if self.get("etag"):
            assert ETAG.fullmatch(self.get("etag")), self.get("etag")
        if self.status == 405:
            assert self.get("allow"), "RFC 9110 15.5.6: 405 without Allow"
        if self.length and method != "HEAD" and self.status != 304:
            assert self.get("content-type"), self.head
        if self.get("content-type"):
            assert "/" in self.get("content-type")
        return self


class Client:
    """One connection.  Nothing here waits longer than its deadline."""

    deadline = DEADLINE
    response = Response  # what a head is read as

    def __init__(self, port, host="127.0.0.1", receive_buffer=None):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(
                socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(self.deadline)
        self.socket.connect((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        self.ended = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)
        return self

    def send_split(self, data, at, pause=0.002):
        """In pieces that end at the offsets of `at`, the server let in
        between."""
        start = 0
        for end in [*at, len(data)]:
            if end > start:
                self.send(data[start:end])
                time.sleep(pause)
            start = end

    def finish(self):
        """Half close: no more will be sent."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Close with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               struct.pack("ii", 1, 0))
        self.socket.close()

    def receive(self, most=65536, deadline=None):
        """More bytes into the buffer; False at the end of the connection."""
        deadline = self.deadline if deadline is None else deadline
        self.socket.settimeout(deadline)
        try:
            data = self.socket.recv(most)
        except socket.timeout:
            raise AssertionError(
                f"nothing came within {deadline:.1f} s; so far:"
                f" {bytes(self.buffer[:200])!r}") from None
        self.buffer += data
        self.ended = not data
        return bool(data)

    def wait_for(self, n):
        until = time.monotonic() + self.deadline
        while len(self.buffer) < n:
            left = until - time.monotonic()
            assert left > 0, "too slow"
            if not self.receive(deadline=left):
                raise Ended(f"{len(self.buffer)} of {n} bytes")

    def take(self, n):
        self.wait_for(n)
        data = bytes(self.buffer[:n])
        del self.buffer[:n]
        return data

    def read_head(self):
        while b"\r\n\r\n" not in self.buffer:
            if not self.receive():
                raise Ended(f"within a head: {self.buffer!r}")
        return self.response(
            self.take(self.buffer.index(b"\r\n\r\n") + 4))

    def read(self, method="GET"):
        """One response, to the last byte of its content and no further."""
        r = self.read_head()
        if method != "HEAD" and r.status >= 200 and r.status not in (204, 304):
            value = r.get("content-length")
            assert value and re.fullmatch(r"[0-9]+", value), r.head
            r.body = self.take(int(value))
        return r.check(method)

    def ask(self, target="/", *fields, method="GET", **more):
        self.send(request(target, *fields, method=method, **more))
        return self.read(method)

    def rest(self, deadline=None):
        """All that comes until the end.  A reset is an error."""
        until = time.monotonic() + (
            self.deadline if deadline is None else deadline)
        while True:
            left = until - time.monotonic()
            assert left > 0, f"still open; so far {self.buffer[:200]!r}"
            if not self.receive(deadline=left):
                return self.take(len(self.buffer))

    def assert_ends(self, deadline=None):
        """The server closes, orderly, without another byte."""
        assert self.rest(deadline) == b""

    def assert_open(self, seconds=0.05):
        """Neither bytes nor the end come for a moment."""
        assert self.buffer == b"", self.buffer
        ready, _, _ = select.select([self.socket], [], [], seconds)
        assert not ready, f"something came: {self.socket.recv(200)!r}"


def once(port, data, method="GET"):
    """Send bytes on a connection of their own: the first response."""
    with Client(port) as c:
        return c.send(data).read(method)


def get(port, target="/", *fields, **more):
    with Client(port) as c:
        return c.ask(target, *fields, **more)
