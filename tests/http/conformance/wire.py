"""Raw exchanges, judged by what RFC 9112 lets any server do: the client of
raw.py, which also reads what other servers send (chunked, HTTP/1.0, content
that the end of the connection ends)."""

import random
import re
import socket

from raw import Client, Ended, Response, request

PATIENCE = 1.5  # s in which an announced end must come


class Wrong(AssertionError):
    """The server does not do what a case requires."""


def want(true, text):
    if not true:
        raise Wrong(text)


class Answer(Response):
    status_line = re.compile(
        rb"HTTP/1\.[01] ([1-5][0-9]{2}) ([\t\x20-\x7e]*)\r\n")
    field_line = re.compile(
        rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([\t\x20-\x7e]*?)[\t ]*\r\n")
    by_end = False  # the end of the connection ended the content

    @property
    def minor(self):
        return int(self.head[7:8])

    @property
    def stays(self):
        """Whether the server says that the connection goes on."""
        return not self.by_end and "close" not in self.connection and (
            self.minor == 1 or "keep-alive" in self.connection)


class Wire(Client):
    response = Answer

    def __init__(self, at):
        self.deadline = at.deadline
        self.interim = []
        self.pieces = at.pieces
        super().__init__(at.port, at.host)

    def receive(self, most=65536, deadline=None):
        try:
            return super().receive(most, deadline)
        except ConnectionResetError:
            raise Wrong("connection reset") from None

    def send(self, data):
        try:
            if not 1 < self.pieces < len(data) < 4096:
                return super().send(data)
            at = random.Random(len(data)).sample(range(1, len(data)),
                                                 self.pieces - 1)
            pieces, self.pieces = self.pieces, 0   # send_split sends
            self.send_split(data, sorted(at), 0.0003)
            self.pieces = pieces
            return self
        except (BrokenPipeError, ConnectionResetError):
            return self  # what came before the end can still be read

    def read_line(self):
        while b"\r\n" not in self.buffer:
            if not self.receive():
                raise Ended("within a chunk's line")
        line = self.take(self.buffer.index(b"\r\n") + 2)[:-2]
        want(b"\n" not in line and b"\r" not in line, f"bad line {line!r}")
        return line

    def read_chunks(self):
        data = b""
        while True:
            size = self.read_line()
            want(re.fullmatch(rb"[0-9A-Fa-f]{1,16}", size),
                 f"chunk size {size!r}")
            if int(size, 16) == 0:
                break
            data += self.take(int(size, 16))
            want(self.take(2) == b"\r\n", "no CRLF behind a chunk")
        while self.read_line():
            pass
        return data

    def read_content(self, r):
        coding = r.get("transfer-encoding")
        if coding is not None:
            want(coding.lower() == "chunked", f"coded as {coding}")
            want(r.length is None, "Transfer-Encoding with Content-Length")
            return self.read_chunks()
        lengths = r.all("content-length")
        if lengths:
            want(len(lengths) == 1 and re.fullmatch("[0-9]+", lengths[0]),
                 f"Content-Length {lengths}")
            return self.take(int(lengths[0]))
        r.by_end = True
        return self.rest()

    def read(self, method="GET"):
        """The next final answer, exactly; those of 1xx go to `interim`."""
        while True:
            if not self.buffer and not self.receive():
                raise Wrong("closed without an answer")
            r = self.read_head()
            if r.status >= 200:
                break
            self.interim.append(r.status)
        bare = method == "HEAD" or r.status in (204, 304)
        if r.status == 204:
            want(not r.all("content-length") and
                 not r.all("transfer-encoding"), "204 with framing")
        if not bare:
            r.body = self.read_content(r)
        return r

    def ends(self, within=PATIENCE):
        """The end comes by itself, soon, and without another byte."""
        self.socket.settimeout(min(within, self.deadline))
        if self.ended:
            want(not self.buffer, f"{bytes(self.buffer[:60])!r} at the end")
            return
        try:
            data = self.socket.recv(4096)
        except socket.timeout:
            raise Wrong("connection stays open") from None
        except ConnectionResetError:
            raise Wrong("reset instead of closed") from None
        data = bytes(self.buffer) + data
        if data.startswith(b"HTTP/"):
            raise Wrong("a further answer: " +
                        data[9:60].split(b"\r")[0].decode("latin-1"))
        want(not data, f"bytes behind the answer: {data[:60]!r}")

    def goes_on(self):
        """The connection is kept, and in step: nothing was left over."""
        want(not self.buffer,
             f"bytes behind the answer: {bytes(self.buffer[:60])!r}")
        self.send(request("/other.txt", host="localhost"))
        try:
            r = self.read()
        except Ended:
            raise Wrong("connection not kept") from None
        except Wrong as e:
            raise Wrong("connection not kept" if "closed without" in str(e)
                        else str(e)) from None
        want(r.status == 200 and r.body == b"other\n",
             f"out of step: {r.status} {r.body[:30]!r}")

    def settle(self, r):
        """Whether the connection goes on or not, nothing is out of step.
        A server may end any connection at any time (RFC 9112 9.5)."""
        if not r.stays:
            if not r.by_end:
                self.ends()
            return
        try:
            self.goes_on()
        except Wrong as e:
            if "not kept" not in str(e) and "reset" not in str(e):
                raise

    def silent(self, but, seconds=0.5):
        """Whatever else comes, `but` is not among it."""
        self.socket.settimeout(min(seconds, self.deadline))
        try:
            while data := self.socket.recv(65536):
                self.buffer += data
        except (socket.timeout, ConnectionResetError):
            pass
        want(but not in self.buffer, "goes on and answers what is behind it")
