"""Inputs to begin fuzzing with, made from what the other tests have: the
requests of tests/http/differential and the texts in the unit tests."""
import pathlib
import random
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/http"))

LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
TEXTS = re.compile(r'"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*')
LARGEST = 4096


def unescape(text):
    return text.encode().decode("unicode_escape").encode("latin-1", "replace")


def literals(*patterns):
    """The string literals of C files, adjacent ones joined."""
    for pattern in patterns:
        for path in sorted(TOP.glob(pattern)):
            for match in TEXTS.finditer(path.read_text()):
                parts = LITERAL.findall(match.group())
                yield b"".join(map(unescape, parts))


def requests():
    from differential import corpus
    return [data for _, data in corpus.written()]


def noise(count):
    source = random.Random(1)
    return [source.randbytes(source.randrange(10, 400)) for _ in range(count)]


REPLIES = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5;a=\"b\"\r\nhello\r\n0\r\nT: x\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 304 Not Modified\r\n\r\n",
    b"HTTP/1.0 200\nConnection: keep-alive\n\nuntil the end",
    b"HTTP/1.1 204 No Content\r\nConnection: a, close\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\x00\x01",
]

# begins a header of version 2 of the PROXY protocol
V2 = b"\r\n\r\n\0\r\nQUIT\n"


def pairs(texts):
    texts = [t for t in texts if b"\n" not in t]
    return [b"\n".join(texts[i:i + 3]) for i in range(len(texts) - 2)]


def forwarded():
    for t in of_unit("forwarded"):
        lines = [line.rpartition(b"d: ")[2] for line in t.splitlines()]
        which = sum(1 << i for i, v in enumerate(lines[:4]) if b"=" in v)
        yield b"%c" % which + b"\n".join(lines)
    yield b"\1for=192.0.2.1\n203.0.113.9, 192.0.2.1"


def bodies():
    for r in requests():
        yield b"\0\1\0\xff\xff\x05" + r.partition(b"\r\n\r\n")[2]


def of_unit(*names):
    return literals(*(f"tests/unit/test_{n}.c" for n in names))


SEEDS = {
    "head": lambda: [b"\0\1\0" + r for r in requests()],
    "request": lambda: requests() + list(of_unit("target", "request")),
    "body": bodies,
    "reply": lambda: [b"\0\1\0" + r for r in REPLIES],
    "range": lambda: [b"\2\3\xe8\x1f" + r for r in of_unit("range", "plan")],
    "date": lambda: [b"\0" * 4 + b"\x66\0\0\0" + t for t in of_unit("date")],
    "tags": lambda: [b"%c" % (ord("0") + i % 6) + t for i, t in
                     enumerate(of_unit("etag", "date", "plan"))],
    "accept": lambda: pairs(of_unit("accept", "select", "listing")),
    "config": lambda: [(TOP / "server.yaml").read_bytes()] + list(
        of_unit("config", "config_rules", "config_value")),
    "glob": lambda: pairs(of_unit("glob", "rules")),
    "printable": lambda: [b"\1\5" + t for t in of_unit("printable")],
    "filter": lambda: of_unit("filter"),
    "recording": lambda: of_unit("recording", "accesslog", "export"),
    "keys": lambda: of_unit("ui_keys", "ui_prompt", "ui_views"),
    "proxy": lambda: [b"PROXY TCP4 192.0.2.1 192.0.2.2 4711 80\r\nGET",
                      b"PROXY TCP6 2001:db8::1 ::1 65535 443\r\n",
                      b"PROXY UNKNOWN x\r\n",
                      *(V2 + r for r in (
                          b"\x21\x11\0\x0c" + b"\1" * 12 + b"GET",
                          b"\x21\x21\0\x28" + b"\1" * 40,
                          b"\x21\x31\0\xd8" + b"\1" * 216,
                          b"\x20\0\0\0", b"\x21\0\0\1x"))],
    "forwarded": forwarded,
    "ring": lambda: noise(20),
    "conn": lambda: noise(100),
}
WORDS = {
    "head": ["src/http/field.h", "src/http/method.h"],
    "request": ["src/http/field.h", "src/http/request.c"],
    "reply": ["src/http/reply.c"],
    "accept": ["src/http/coding.h"],
    "config": ["src/app/config_keys.c", "src/app/config_value.c"],
    "filter": ["ui/filter_term.c", "ui/filter_parse.c", "ui/filter_value.c"],
    "recording": ["src/watch/recording_*.c", "src/watch/accesslog_line.c"],
    "keys": ["ui/command.c", "ui/pane.c", "ui/filter_term.c"],
}


def write(name, folder):
    """Seeds into the folder; the path of a dictionary beside it, or None."""
    folder.mkdir(parents=True, exist_ok=True)
    for i, seed in enumerate(SEEDS[name]()):
        if len(seed) <= LARGEST:
            (folder / f"{i:05}").write_bytes(seed)
    words = {w for w in literals(*WORDS.get(name, [])) if 2 <= len(w) <= 24}
    if not words:
        return None
    path = folder.parent / f"{name}.dict"
    path.write_text("".join(
        '"' + "".join(f"\\x{b:02x}" for b in w) + '"\n' for w in sorted(words)))
    return path
