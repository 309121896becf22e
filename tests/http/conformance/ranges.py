"""Ranges (RFC 9110 13.1.5, 14)."""

import re

from raw import request

from .case import (CHOICE, MUST, SHOULD, Part, check_status, fetch, has,
                   lacks, same)
from .conditional import NEWER, OLDER
from .folder import ALPHABET, BIG
from .wire import want

rng = Part("range", "Ranges")


def part(value, first, last, path="/abc.txt", data=ALPHABET, fields=(),
         kept=True, checks=(), **more):
    return fetch(path, f"Range: {value}", *fields, status=206, kept=kept,
                 body=data[first:last + 1], **more,
                 checks=[has("content-range",
                             f"bytes {first}-{last}/{len(data)}"), *checks])


def part_or_whole(value, first, last):
    """That part, or Range ignored, as any server may (RFC 9110 14.2)."""
    def check(r, _):
        if r.status == 200:
            want(r.body == ALPHABET, f"content {r.body[:30]!r}")
        else:
            want(r.body == ALPHABET[first:last + 1], f"content {r.body!r}")
            has("content-range", f"bytes {first}-{last}/26")(r, None)
    return fetch("/abc.txt", f"Range: {value}", status=(200, 206), kept=True,
                 checks=[check])


def whole(*fields, path="/abc.txt", data=ALPHABET, **more):
    return fetch(path, *fields, status=200, body=data, kept=True,
                 checks=[lacks("content-range")], **more)


for name, value, first, last, what in [
    ("first", "bytes=0-0", 0, 0, "the first byte"),
    ("begin", "bytes=0-4", 0, 4, "a beginning"),
    ("middle", "bytes=5-9", 5, 9, "a middle"),
    ("open", "bytes=20-", 20, 25, "open"),
    ("open-0", "bytes=0-", 0, 25, "all of it, open"),
    ("last", "bytes=25-25", 25, 25, "the last byte"),
    ("suffix", "bytes=-5", 21, 25, "a suffix"),
    ("suffix-1", "bytes=-1", 25, 25, "a suffix of one"),
    ("suffix-all", "bytes=-26", 0, 25, "a suffix of all"),
    ("suffix-more", "bytes=-99", 0, 25, "a suffix longer than the file"),
    ("clamped", "bytes=20-99", 20, 25, "a last position past the end"),
    ("clamped-far", "bytes=20-9223372036854775807", 20, 25,
     "a last position of 2^63-1"),
    ("zeros", "bytes=0005-0009", 5, 9, "leading zeros"),
    ("unit-case", "BYTES=0-4", 0, 4, "the unit in other case"),
    ("empty-members", "bytes=,0-4,", 0, 4, "empty members of the list"),
]:
    rng(name, "9110 14.1.2", SHOULD,
        f"A range is answered exactly, or ignored: {what}.",
        part_or_whole(value, first, last))
    rng(name + "-206", "9110 14.2", CHOICE,
        f"A range is answered 206: {what}.", part(value, first, last))
rng("big", "9110 14.1.2", SHOULD, "A range inside of a large file is exact.",
    part("bytes=70000-700000", 70000, 700000, "/big.bin", BIG))
rng("fields", "9110 15.3.7", MUST,
    "A 206 has the ETag, Cache-Control, Vary that a 200 has.",
    part("bytes=1-2", 1, 2, checks=[
        same("etag", "cache-control", "expires", "vary"),
        has("content-length", "2")]))
rng("accept-ranges", "9110 14.3", SHOULD,
    "A file says Accept-Ranges: bytes.",
    fetch(checks=[has("accept-ranges", "bytes")]))
for name, value, what in [
    ("past", "bytes=26-", "from behind the end"),
    ("past-closed", "bytes=26-30", "behind the end"),
    ("far", "bytes=9223372036854775807-", "2^63-1"),
    ("several-past", "bytes=26-,30-40", "two behind the end"),
]:
    rng(f"416-{name}", "9110 15.5.17", SHOULD,
        f"A range that cannot be satisfied ({what}) is answered 416 with"
        " Content-Range.",
        fetch("/abc.txt", f"Range: {value}", status=416, kept=None,
              checks=[has("content-range", r"bytes \*/26")]))
rng("416-suffix-0", "9110 14.1.2", CHOICE,
    "A suffix of no bytes cannot be satisfied: 416.",
    fetch("/abc.txt", "Range: bytes=-0", status=416,
          checks=[has("content-range", r"bytes \*/26")]))
rng("416-keeps", "9112 9.3", CHOICE, "The connection is kept behind a 416.",
    fetch("/abc.txt", "Range: bytes=26-", status=416, kept=True))
rng("empty-file", "9110 14.1.2", SHOULD,
    "A range of a file of no bytes is 416 with Content-Range, or ignored.",
    lambda at: _empty(at, "bytes=0-"))
rng("empty-file-suffix", "9110 14.1.2", SHOULD,
    "A suffix of a file of no bytes is 416 with Content-Range, or ignored.",
    lambda at: _empty(at, "bytes=-5"))


def _empty(at, value):
    with at.connect() as c:
        c.send(request("/empty.txt", f"Range: {value}", host="localhost"))
        r = c.read()
        check_status(r, (200, 416))
        if r.status == 416:
            has("content-range", r"bytes \*/0")(r, None)
        else:
            want(r.body == b"", f"content {r.body[:20]!r}")
        c.settle(r)


for name, value, what in [
    ("unit", "lines=0-4", "an unknown unit"),
    ("no-equals", "bytes 0-4", "no ="), ("reversed", "bytes=9-5", "reversed"),
    ("words", "bytes=a-b", "letters"), ("empty", "bytes=", "nothing"),
    ("dash", "bytes=-", "a dash alone"), ("one", "bytes=5", "no dash"),
    ("sign", "bytes=+1-4", "a sign"), ("two-dashes", "bytes=1--4", "two"
                                       " dashes"),
    ("hex", "bytes=0x1-4", "hexadecimal"), ("tail", "bytes=1-4x", "a tail"),
    ("blank-inside", "bytes=1 -4", "a blank inside"),
    ("no-comma", "bytes=0-1 3-4", "no comma"),
    ("one-bad", "bytes=0-1,x-y", "one of two"),
    ("overflow", "bytes=0-99999999999999999999999x", "an overflow and a"
     " tail"),
]:
    rng(f"bad-{name}", "9110 14.2", CHOICE if name != "unit" else MUST,
        f"A Range that is not valid ({what}) is ignored.",
        whole(f"Range: {value}"))
    if name != "unit":
        rng(f"guess-{name}", "9110 14.2", SHOULD,
            f"A Range that is not valid ({what}) is ignored or rejected, not"
            " guessed at.", fetch("/abc.txt", f"Range: {value}",
                                  status=(200, 400, 416),
                                  checks=[lambda r, _: want(
                                      r.status != 200 or r.body == ALPHABET,
                                      "another content")]))
rng("overflow-wraps", "9110 14.1.2", SHOULD,
    "A first position of 2^64 does not wrap to 0: 416 or ignored.",
    fetch("/abc.txt", "Range: bytes=18446744073709551616-"
          "18446744073709551620", status=(416, 200)))
rng("overflow-last", "9110 14.1.2", SHOULD,
    "A last position of 2^64+4 does not wrap: clamped or ignored.",
    lambda at: _no_wrap(at))


def _no_wrap(at):
    with at.connect() as c:
        c.send(request("/abc.txt", "Range: bytes=2-18446744073709551620",
                       host="localhost"))
        r = c.read()
        check_status(r, (200, 206))
        want(r.body == (ALPHABET if r.status == 200 else ALPHABET[2:]),
             f"{r.status} with {len(r.body)} bytes")


rng("twice", "9110 14.2", CHOICE, "Two Range lines are ignored.",
    whole("Range: bytes=0-4", "Range: bytes=5-9"))
rng("head", "9110 14.2", MUST, "Range on HEAD is ignored.",
    fetch("/abc.txt", "Range: bytes=0-4", method="HEAD", status=200,
          kept=True, checks=[lacks("content-range"),
                             has("content-length", "26")]))
rng("head-bad", "9110 14.2", MUST,
    "A Range that cannot be satisfied is ignored on HEAD too.",
    fetch("/abc.txt", "Range: bytes=99-", method="HEAD", status=200))
rng("404", "9110 14.2", MUST, "Range is ignored where nothing is found.",
    fetch("/missing", "Range: bytes=0-4", status=404))
rng("1-0", "9110 14.2", CHOICE, "HTTP/1.0 gets ranges too.",
    part("bytes=0-4", 0, 4, version="1.0", kept=False))


def several(value, wanted):
    """A multipart/byteranges whose parts are exactly those."""
    def go(at):
        with at.connect() as c:
            c.send(request("/abc.txt", f"Range: {value}", host="localhost"))
            r = c.read()
            check_status(r, (206,))
            lacks("content-range")(r, None)
            kind = r.get("content-type") or ""
            m = re.fullmatch(r'multipart/byteranges; ?boundary="?'
                             r"([0-9A-Za-z'()+_,./:=?-]{1,70})\"?", kind)
            want(m, f"Content-Type {kind}")
            border = b"--" + m[1].encode()
            pieces = (b"\r\n" + r.body).split(b"\r\n" + border)
            want(pieces[0] in (b"", b"\r\n"), f"preamble {pieces[0]!r}")
            want(pieces[-1].rstrip(b"\r\n") == b"--", "no closing boundary")
            got = []
            for piece in pieces[1:-1]:
                top, gap, data = piece.partition(b"\r\n\r\n")
                want(gap, "part without a head")
                m = re.search(rb"\r\ncontent-range: bytes (\d+)-(\d+)/26",
                              top, re.I)
                want(m, "part without Content-Range")
                first, last = int(m[1]), int(m[2])
                want(data == ALPHABET[first:last + 1],
                     f"part {first}-{last} is {data!r}")
                want(re.search(rb"\r\ncontent-type: text/plain", top, re.I),
                     "part without Content-Type")
                got.append((first, last))
            want(got == wanted, f"parts {got}")
            c.goes_on()
    return go


for name, value, wanted, what in [
    ("two", "bytes=0-1,5-6", [(0, 1), (5, 6)], "two"),
    ("blanks", "bytes=0-1 , 5-6", [(0, 1), (5, 6)], "with blanks"),
    ("suffix", "bytes=0-1,-2", [(0, 1), (24, 25)], "one a suffix"),
    ("open", "bytes=0-1,24-", [(0, 1), (24, 25)], "one open"),
    ("clamped", "bytes=0-1,24-99", [(0, 1), (24, 25)], "one past the end"),
    ("backwards", "bytes=5-6,0-1", [(5, 6), (0, 1)], "in the order asked"),
    ("three", "bytes=0-0,2-2,4-4", [(0, 0), (2, 2), (4, 4)], "three"),
]:
    rng(f"several-{name}", "9110 15.3.7.2", CHOICE,
        f"Several ranges are answered by multipart/byteranges: {what}.",
        several(value, wanted))
rng("several-8", "9110 14.2", CHOICE, "Eight ranges are answered.",
    several("bytes=" + ",".join(f"{i}-{i}" for i in range(0, 16, 2)),
            [(i, i) for i in range(0, 16, 2)]))
rng("several-9", "9110 14.2", CHOICE,
    "More than eight ranges, unless configured, are answered 200.",
    whole("Range: bytes=" + ",".join(f"{i}-{i}" for i in range(0, 18, 2))))
rng("several-sum", "9110 14.2", CHOICE,
    "Ranges that ask for more than the file are answered 200.",
    whole("Range: bytes=0-19,5-24"))
rng("several-one-left", "9110 15.3.7", CHOICE,
    "Of several ranges those that cannot be satisfied are left out; one that"
    " is left is no multipart.", part("bytes=0-1,99-", 0, 1))


def _absurd(value):
    def go(at):
        with at.connect() as c:
            c.send(request("/big.bin", f"Range: {value}", host="localhost"))
            r = c.read()
            check_status(r, (200, 206, 416))
            want(len(r.body) <= len(BIG) + 65536,
                 f"{len(r.body)} bytes of a file of {len(BIG)}")
            want(r.status != 200 or r.body == BIG, "not the file")
            c.settle(r)
    return go


ABSURD = [("overlapping", "bytes=" + ",".join(["0-"] * 500), "500 times all"),
          ("apache-killer", "bytes=0-," + ",".join(
              f"5-{i}" for i in range(5, 700)), "CVE-2011-3192"),
          ("tiny", "bytes=" + ",".join(f"{i}-{i}" for i in range(0, 1400, 2)),
           "700 of one byte")]
for name, value, what in ABSURD:
    rng(f"absurd-{name}", "9110 14.2", SHOULD,
        f"An absurd set of ranges ({what}) gets no more than the file.",
        _absurd(value))
    rng(f"absurd-200-{name}", "9110 14.2", CHOICE,
        f"An absurd set of ranges ({what}) is answered 200.",
        whole(f"Range: {value}", path="/big.bin", data=BIG))
for name, value, what in [("tag", "{strong}", "the tag"),
                          ("date", "{modified}", "the exact date"),
                          ("date-850", "Sunday, 06-Nov-94 08:49:37 GMT",
                           "the date in RFC 850's format")]:
    rng(f"if-range-{name}", "9110 13.1.5", SHOULD if name != "date-850"
        else CHOICE, f"If-Range that matches ({what}) lets Range count.",
        part("bytes=0-4", 0, 4, fields=[f"If-Range: {value}"]))
for name, value, what in [
    ("other", '"other"', "another tag"),
    ("weak", "W/{strong}", "a weak tag: the comparison is strong"),
    ("older", OLDER, "an older date"),
    ("newer", NEWER, "a later date: only the exact one counts"),
    ("list", '"a", {strong}', "a list"), ("star", "*", "*"),
    ("words", "yesterday", "no validator"), ("empty", "", "empty"),
]:
    rng(f"if-range-not-{name}", "9110 13.1.5", MUST,
        f"If-Range that does not match ({what}) makes Range ignored.",
        whole("Range: bytes=0-4", f"If-Range: {value}"))
rng("if-range-not-416", "9110 13.1.5", MUST,
    "If-Range that does not match makes a bad Range ignored too.",
    whole("Range: bytes=99-", 'If-Range: "other"'))
rng("if-range-416", "9110 15.5.17", SHOULD,
    "If-Range that matches lets a bad Range be answered 416.",
    fetch("/abc.txt", "Range: bytes=99-", "If-Range: {strong}", status=416))
rng("if-range-alone", "9110 13.1.5", MUST,
    "If-Range without Range is ignored.",
    whole('If-Range: "other"'))
