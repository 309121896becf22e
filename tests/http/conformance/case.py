"""What a case is, and the few shapes that most cases have."""

import dataclasses
import re
from typing import Callable

from raw import Ended, request

from .wire import Wire, Wrong, want

MUST = "MUST"
SHOULD = "SHOULD"
CHOICE = "our choice"   # others may answer otherwise and be right


@dataclasses.dataclass(frozen=True)
class At:
    """Where the server under test is."""
    port: int
    host: str = "127.0.0.1"
    deadline: float = 5.0
    pieces: int = 0   # in how many what is sent is split, 0: not

    def connect(self):
        return Wire(self)


@dataclasses.dataclass(frozen=True)
class Case:
    id: str
    section: str       # "9112 6.3"
    level: str
    text: str          # the requirement in one sentence
    go: Callable       # go(at) raises when the requirement is not met
    title: str         # of its part of the table
    needs: str         # "": any server; else a feature, see cases.py

    def fault(self, at):
        """None, or what the server at `at` gets wrong, in a line."""
        try:
            self.go(at)
        except Ended as e:
            return f"closed early, {e}"
        except (AssertionError, OSError) as e:
            return " ".join(str(e).split())[:160] or type(e).__name__
        return None


class Part:
    """A part of the table, filled row by row."""

    def __init__(self, prefix, title, needs=""):
        self.prefix, self.title, self.needs = prefix, title, needs
        self.cases = []

    def __call__(self, name, section, level, text, go):
        self.cases.append(Case(f"{self.prefix}-{name}", section, level, text,
                               go, self.title, self.needs))


# ------------------------------------------------------------------ bytes

def head(*fields, line="GET /hello.txt HTTP/1.1", host="localhost", body=b""):
    """A request's bytes from strings or bytes, CRLF added."""
    lines = [line] + ([] if host is None else [f"Host: {host}"]) + [*fields]
    raw = [x if isinstance(x, bytes) else x.encode("latin-1") for x in lines]
    return b"\r\n".join([*raw, b"", b""]) + body


# Behind what must be refused: an answer to this is a smuggled request.
SMUGGLED = head(line="GET /other.txt HTTP/1.1")


def check_status(r, statuses):
    if r.status not in statuses:
        known = " or ".join(map(str, statuses))
        raise Wrong(f"{r.status}" + (f" instead of {known}"
                                     if len(known) < 30 else ""))


# ----------------------------------------------------------------- shapes

def refused(data, *statuses, after=SMUGGLED):
    """One error, then the end at once; nothing behind it is answered."""
    statuses = statuses or (400,)

    def go(at):
        with at.connect() as c:
            c.send(data + after)
            check_status(c.read(), statuses)
            c.ends()
    return go


def rejected(data, *statuses, method="GET"):
    """That status, whether the connection is kept or not."""
    statuses = statuses or (400,)

    def go(at):
        with at.connect() as c:
            c.send(data)
            r = c.read(method)
            check_status(r, statuses)
            c.settle(r)
    return go


def closes(data, *statuses):
    """Whatever the answer (one of `statuses`, if given), one only and then
    the end."""
    def go(at):
        with at.connect() as c:
            c.send(data + SMUGGLED)
            r = c.read()
            if statuses:
                check_status(r, statuses)
            c.ends()
    return go


def not_taken(data):
    """Whatever the answer, or none: what is behind is never answered."""
    def go(at):
        with at.connect() as c:
            c.send(data + SMUGGLED)
            c.silent(b"\r\n\r\nother\n")
    return go


def fill_in(text, first):
    etag = first.get("etag") or ""
    return (text.replace("{etag}", etag)
            .replace("{opaque}", etag.removeprefix("W/").strip('"'))
            .replace("{strong}", etag.removeprefix("W/"))
            .replace("{modified}", first.get("last-modified") or ""))


def fetch(target="/hello.txt", *fields, status=200, checks=(), kept=None,
          body=None, method="GET", content=b"", version="1.1",
          host="localhost"):
    """One request.  {etag} and {modified} in a field are those that the file
    has; `checks` are called with (answer, plain answer).  kept: the
    connection goes on (True), ends (False), or as the server says."""
    statuses = (status,) if isinstance(status, int) else status
    learn = any("{" in f for f in fields) or any(
        getattr(c, "compares", False) for c in checks)

    def go(at):
        first = None
        with at.connect() as c:
            if learn:
                c.send(request(target, host="localhost"))
                first = c.read()
                want(first.status == 200, f"plain GET: {first.status}")
        with at.connect() as c:
            lines = [fill_in(f, first) if first else f for f in fields]
            c.send(request(target, *lines, method=method, version=version,
                           host=host, body=content))
            r = c.read(method)
            check_status(r, statuses)
            if body is not None:
                want(r.body == body, f"content {r.body[:40]!r}"
                     f" ({len(r.body)} bytes)")
            for check in checks:
                check(r, first)
            if kept is None:
                c.settle(r)
            elif kept:
                c.goes_on()
            else:
                c.ends()
    return go


def steps(function):
    """function(c) on one connection."""
    def go(at):
        with at.connect() as c:
            function(c)
    return go


# ----------------------------------------------------------------- checks

def has(name, pattern=".*"):
    def check(r, _):
        values = r.all(name)
        want(len(values) == 1, f"{name}: {values or 'missing'}")
        want(re.fullmatch(pattern, values[0], re.S | re.I),
             f"{name}: {values[0]}")
    return check


def lacks(name):
    def check(r, _):
        want(not r.all(name), f"{name}: {', '.join(r.all(name))}")
    return check


def lists(name, *members):
    """The field's lines are one list that has these members."""
    def check(r, _):
        there = [m.strip().lower() for v in r.all(name) for m in v.split(",")]
        for member in members:
            want(member.lower() in there, f"{name}: {there or 'missing'}")
    return check


def same(*names):
    """As the plain answer has it, there or not."""
    def check(r, first):
        for name in names:
            want(r.all(name) == first.all(name),
                 f"{name}: {r.all(name)}, of GET: {first.all(name)}")
    check.compares = True
    return check


def same_if_sent(*names):
    def check(r, first):
        for name in names:
            want(not r.all(name) or r.all(name) == first.all(name),
                 f"{name}: {r.all(name)}, of GET: {first.all(name)}")
    check.compares = True
    return check


def says(*words):
    def check(r, _):
        for word in words:
            want(word in r.body, f"content without {word!r}")
    return check


def hides(*words):
    def check(r, _):
        for word in words:
            want(word not in r.body, f"content has {word!r}")
    return check
