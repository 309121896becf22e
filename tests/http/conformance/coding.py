"""Content codings: RFC 9110 8.4, 8.8.3.3, 12.5.3, 12.5.5."""

import time
import zlib

from raw import request

from .case import (CHOICE, MUST, SHOULD, Part, check_status, has, lacks,
                   lists)
from .folder import BIG, FILES, PLAIN, SCRIPT, SIBLINGS
from .wire import Wrong, want

code = Part("coded", "Content codings", needs="coding")
SCRIPT_PATH = "/lib.js"   # with siblings .br .zst .gz
MADE_PATH = "/plain.txt"  # without: what is made of it
ALL = "br, zstd, gzip"


def ask(at, path, accept, *fields, method="GET", version="1.1"):
    """accept: the value of Accept-Encoding, a list of several, or None."""
    values = [accept] if isinstance(accept, str) else accept or []
    with at.connect() as c:
        c.send(request(path, *[f"Accept-Encoding: {v}" for v in values],
                       *fields, method=method, version=version,
                       host="localhost"))
        r = c.read(method)
        c.settle(r)
        return r


def coding_of(r):
    """br, zstd, gzip; "" for none."""
    return (r.get("content-encoding") or "").lower().removeprefix("x-")


def plain_of(r):
    """The content as it was before a coding of gzip."""
    if coding_of(r) == "gzip":
        d = zlib.decompressobj(31)
        data = d.decompress(r.body) + d.flush()
        want(d.eof and not d.unused_data, "the gzip data is not whole")
        return data
    want(coding_of(r) == "", f"Content-Encoding: {coding_of(r)}")
    return r.body


def chosen(accept, *codings, status=200, **more):
    """lib.js with that Accept-Encoding: one of `codings`, and its bytes."""
    def go(at):
        r = ask(at, SCRIPT_PATH, accept, **more)
        check_status(r, (status,))
        got = coding_of(r)
        want(got in codings, f"{got or 'identity'} instead of " +
             " or ".join(c or "identity" for c in codings))
        if got in ("br", "zstd"):
            want(r.body == SIBLINGS[got], f"other content than that of {got}")
        else:
            want(plain_of(r) == SCRIPT, "decodes to other content")
        has("content-type", "(text|application)/javascript.*")(r, None)
    return go


for name, accept, codings, what in [
    ("none", None, [""], "no Accept-Encoding"),
]:
    code(name, "9110 12.5.3", CHOICE,
         f"Without Accept-Encoding the file is sent as it is: {what}.",
         chosen(accept, *codings))
for name, accept, codings, what in [
    ("br", "br", ["br", ""], "br alone"),
    ("zstd", "zstd", ["zstd", ""], "zstd alone"),
    ("gzip", "gzip", ["gzip", ""], "gzip alone"),
    ("case", "GZIP", ["gzip", ""], "in other case"),
    ("x-gzip", "x-gzip", ["gzip", ""], "x-gzip"),
    ("empty", "", [""], "an empty value: identity alone"),
    ("identity", "identity", [""], "identity"),
    ("unknown", "cow, deflate", [""], "codings that are not there"),
    ("gzip-q0", "gzip;q=0", [""], "gzip;q=0"),
    ("gzip-q000", "gzip;q=0.000", [""], "gzip;q=0.000"),
    ("gzip-q0-blanks", "gzip ; q=0", [""], "q=0 behind blanks"),
    ("gzip-q0-case", "gzip;Q=0", [""], "Q=0 in upper case"),
    ("all-q0", "br;q=0, zstd;q=0, gzip;q=0", [""], "q=0 for each"),
    ("star-q0", "*;q=0, gzip", ["gzip", ""], "*;q=0 beside gzip"),
    ("star-but", "br;q=0, *", ["zstd", "gzip", ""], "* and br;q=0"),
    ("star", "*", ["br", "zstd", "gzip", ""], "*"),
    ("q0-wins", "*, gzip;q=0, br;q=0, zstd;q=0", [""],
     "* with q=0 for each by name"),
]:
    code(f"ok-{name}", "9110 12.5.3", SHOULD,
         f"Only an acceptable coding is sent: {what}.",
         chosen(accept, *codings))
for name, accept, wanted, what in [
    ("br-first", ALL, "br", "br, the smallest, of equal q"),
    ("br-any-order", "gzip, zstd, br", "br", "whatever the order"),
    ("zstd-next", "gzip, zstd", "zstd", "zstd before gzip"),
    ("gzip-by-q", "br;q=0.5, gzip;q=1.0", "gzip", "the higher q"),
    ("q-thousandth", "br;q=0.998, gzip;q=0.999", "gzip",
     "q of three digits"),
    ("q-low", "gzip;q=0.001", "gzip", "the least q"),
    ("star", "*", "br", "*"),
    ("star-but-br", "br;q=0, *;q=0.5", "zstd", "* and br;q=0"),
    ("lines", ["br;q=0", "gzip"], "gzip", "two lines as one list"),
    ("unknown-too", "cow, deflate, gzip", "gzip", "among unknown ones"),
    ("browser", "gzip, deflate, br, zstd", "br", "as browsers ask"),
    ("empty-members", ", gzip ,", "gzip", "among empty members"),
    ("identity-q0", "identity;q=0, gzip", "gzip", "identity;q=0"),
    ("identity-first", "identity, gzip;q=0.5", "", "identity preferred"),
    ("identity-low", "identity;q=0.5, gzip;q=0.6", "gzip",
     "identity with a lower q"),
    ("q-bad", "gzip;q=2, br;q=0.5", "br", "a q above 1 is no q"),
]:
    code(f"choice-{name}", "9110 12.4.2", CHOICE,
         f"The coding that is preferred is sent: {what}.",
         chosen(accept, wanted))
for name, path, accept in [
    ("none-left", SCRIPT_PATH, "identity;q=0, br;q=0, zstd;q=0, gzip;q=0"),
    ("star-q0", "/noise.png", "*;q=0"),
    # what is not listed is not acceptable, only identity without being so
    ("identity-q0", SCRIPT_PATH, "identity;q=0"),
]:
    def no_identity(at, path=path, accept=accept):
        r = ask(at, path, accept)
        check_status(r, (406,))
    code(f"406-{name}", "9110 15.5.7", CHOICE,
         f"Nothing that is acceptable is answered 406 ({name}).", no_identity)


def _vary(path, accept, *fields, **more):
    def go(at):
        r = ask(at, path, accept, *fields, **more)
        check_status(r, (200, 206))
        lists("vary", "accept-encoding")(r, None)
    return go


for name, accept, fields, more, what in [
    ("identity", None, [], {}, "identity"), ("br", "br", [], {}, "br"),
    ("gzip", "gzip", [], {}, "gzip"), ("q0", "gzip;q=0", [], {}, "gzip;q=0"),
    ("head", "gzip", [], {"method": "HEAD"}, "HEAD"),
    ("head-identity", None, [], {"method": "HEAD"}, "HEAD of identity"),
    ("206", "gzip", ["Range: bytes=0-1"], {}, "a range"),
    ("206-identity", None, ["Range: bytes=0-1"], {}, "a range of identity"),
]:
    code(f"vary-{name}", "9110 12.5.5", SHOULD,
         f"Every variant says Vary: Accept-Encoding: {what}.",
         _vary(SCRIPT_PATH, accept, *fields, **more))
code("vary-made", "9110 12.5.5", SHOULD,
     "A file whose gzip is made says Vary before it is made too.",
     _vary(MADE_PATH, None))


def _tags(at):
    tags = {}
    for accept in ("", "br", "zstd", "gzip"):
        r = ask(at, SCRIPT_PATH, accept)
        if coding_of(r) == accept and not (r.get("etag") or "W/").startswith(
                "W/"):
            tags[accept] = r.get("etag")
    want(len(set(tags.values())) == len(tags), f"ETags {tags}")
    want(tags, "no strong ETag")


code("etag-differs", "9110 8.8.3.3", MUST,
     "Each variant has a strong ETag of its own, or a weak one.", _tags)


def _variant_304(coding):
    def go(at):
        full = ask(at, SCRIPT_PATH, coding or None)
        want(coding_of(full) == coding,
             f"sent as {coding_of(full) or 'identity'}")
        r = ask(at, SCRIPT_PATH, coding or None,
                f"If-None-Match: {full.get('etag')}")
        check_status(r, (304,))
        want(r.get("etag") == full.get("etag"), f"ETag {r.get('etag')}")
        lists("vary", "accept-encoding")(r, None)
        lacks("content-encoding")(r, None)
    return go


for coding in ("", "br", "zstd", "gzip"):
    code(f"304-{coding or 'identity'}", "9110 15.4.5", MUST if not coding
         else CHOICE, "A 304 has the ETag and Vary of its variant:"
         f" {coding or 'identity'}.", _variant_304(coding))


def _other_tag(have, accept):
    def go(at):
        tag = ask(at, SCRIPT_PATH, have or None).get("etag")
        other = ask(at, SCRIPT_PATH, accept or None)
        if coding_of(other) == have or (tag or "W/").startswith("W/"):
            raise Wrong("no variants with strong ETags to tell apart")
        r = ask(at, SCRIPT_PATH, accept or None, f"If-None-Match: {tag}")
        check_status(r, (200,))
        want(r.body == other.body, "other content")
        r = ask(at, SCRIPT_PATH, accept or None, f"If-Match: {tag}")
        check_status(r, (412,))
        r = ask(at, SCRIPT_PATH, accept or None, "Range: bytes=0-3",
                f"If-Range: {tag}")
        check_status(r, (200,))
    return go


for have, accept in [("gzip", ""), ("", "gzip"), ("gzip", "br"),
                     ("br", "gzip")]:
    code(f"tag-of-{have or 'identity'}-for-{accept or 'identity'}",
         "9110 13.1", CHOICE,
         f"The ETag of {have or 'identity'} does not match"
         f" {accept or 'identity'}, in any condition.",
         _other_tag(have, accept))


def _range_of(coding):
    def go(at):
        data = SIBLINGS[coding] if coding else SCRIPT
        tag = ask(at, SCRIPT_PATH, coding or None).get("etag")
        for fields in ([], [f"If-Range: {tag}"]):
            r = ask(at, SCRIPT_PATH, coding or None, "Range: bytes=5-24",
                    *fields)
            check_status(r, (206,))
            want(coding_of(r) == coding,
                 f"of {coding_of(r) or 'identity'}")
            has("content-range", f"bytes 5-24/{len(data)}")(r, None)
            want(r.body == data[5:25], f"content {r.body!r}")
            want(r.get("etag") == tag, f"ETag {r.get('etag')}")
    return go


for coding in ("", "br", "zstd", "gzip"):
    code(f"range-{coding or 'identity'}", "9110 14.2", CHOICE,
         f"A range is one of the chosen variant: {coding or 'identity'}.",
         _range_of(coding))


def _range_past(at):
    r = ask(at, SCRIPT_PATH, "gzip", f"Range: bytes={len(SCRIPT) - 1}-")
    check_status(r, (416,))
    has("content-range", rf"bytes \*/{len(SIBLINGS['gzip'])}")(r, None)


code("range-past", "9110 15.5.17", CHOICE,
     "A 416 names the length of the chosen variant.", _range_past)


def _head(accept):
    def go(at):
        full = ask(at, SCRIPT_PATH, accept)
        r = ask(at, SCRIPT_PATH, accept, method="HEAD")
        check_status(r, (200,))
        for name in ("content-encoding", "content-type", "etag", "vary",
                     "last-modified"):
            want(r.get(name) == full.get(name), f"{name}: {r.get(name)}")
        want(r.get("content-length") in (None, str(len(full.body))),
             f"Content-Length {r.get('content-length')}")
    return go


for accept in ("br", "gzip", ""):
    code(f"head-{accept or 'identity'}", "9110 9.3.2", SHOULD,
         f"HEAD has the fields of the variant: {accept or 'identity'}.",
         _head(accept))


# ------------------------------------------------------------ made by itself

def made(at, path=MADE_PATH, fields=(), seconds=5.0):
    """The answer once it is coded; the first may come as it is."""
    until = time.monotonic() + min(seconds, at.deadline)
    while True:
        r = ask(at, path, "gzip", *fields)
        check_status(r, (200,))
        want(plain_of(r) == FILES[path[1:]], "decodes to other content")
        if coding_of(r):
            return r
        want(time.monotonic() < until, "stays identity")
        time.sleep(0.02)


def _made_first(at):
    """Whatever the first answer is, it is whole and decodes to the file."""
    r = ask(at, "/style.css", "gzip")
    check_status(r, (200,))
    want(plain_of(r) == FILES["style.css"], "decodes to other content")


def _made_head(at):
    full = made(at)
    r = ask(at, MADE_PATH, "gzip", method="HEAD")
    for name in ("content-encoding", "etag"):
        want(r.get(name) == full.get(name), f"{name}: {r.get(name)}")


def _made_304(at):
    full = made(at)
    r = ask(at, MADE_PATH, "gzip", f"If-None-Match: {full.get('etag')}")
    check_status(r, (304,))
    want(r.get("etag") == full.get("etag"), f"ETag {r.get('etag')}")
    lists("vary", "accept-encoding")(r, None)


def _made_tags(at):
    full = made(at)
    plain = ask(at, MADE_PATH, None)
    want((full.get("etag") or "W/").startswith("W/") or
         full.get("etag") != plain.get("etag"), f"ETag {plain.get('etag')}")
    again = made(at)
    want(again.get("etag") == full.get("etag"), "another ETag again")


def _made_range(at):
    full = made(at)
    r = ask(at, MADE_PATH, "gzip", "Range: bytes=10-29")
    if r.status == 206:
        want(coding_of(r) == "gzip", "a range of another variant")
        has("content-range", f"bytes 10-29/{len(full.body)}")(r, None)
        want(r.body == full.body[10:30], "other bytes")
    else:
        check_status(r, (200,))
        want(plain_of(r) == PLAIN, "decodes to other content")


def _made_1_0(at):
    made(at)
    r = ask(at, MADE_PATH, "gzip", version="1.0")
    check_status(r, (200,))
    want(coding_of(r) == "gzip" and plain_of(r) == PLAIN, "not coded")
    lacks("transfer-encoding")(r, None)


code("made", "9110 8.4", CHOICE, "gzip is made of text by itself.",
     lambda at: made(at) and None)
code("made-first", "9110 8.4", MUST,
     "The first answer decodes to the file, coded or not yet.", _made_first)
code("made-type", "9110 8.4", MUST,
     "What is made keeps the type of the file.",
     lambda at: has("content-type", "text/plain.*")(made(at), None))
code("made-vary", "9110 12.5.5", SHOULD, "What is made says Vary.",
     lambda at: lists("vary", "accept-encoding")(made(at), None))
code("made-length", "9110 8.6", CHOICE,
     "What is made is sent with its length, and kept.",
     lambda at: has("content-length", "[0-9]+")(made(at), None))
code("made-smaller", "9110 8.4", CHOICE, "What is made is smaller.",
     lambda at: want(len(made(at).body) < len(PLAIN) // 2, "not smaller"))
code("made-head", "9110 9.3.2", CHOICE, "HEAD of what is made is as GET.",
     _made_head)
code("made-304", "9110 15.4.5", MUST,
     "What is made is conditional, with its ETag.", _made_304)
code("made-etag", "9110 8.8.3.3", MUST,
     "What is made has an ETag of its own, or a weak one, that stays.",
     _made_tags)
code("made-range", "9110 14.2", SHOULD,
     "A range of what is made is one of those bytes, or ignored.",
     _made_range)
code("made-1-0", "9110 8.4", CHOICE, "HTTP/1.0 gets what is made.", _made_1_0)
code("made-q0", "9110 12.5.3", SHOULD,
     "What is made is not sent to who says gzip;q=0.",
     lambda at: _not_coded(at, MADE_PATH, "gzip;q=0", PLAIN))
code("made-other", "9110 12.5.3", CHOICE,
     "br and zstd are not made.",
     lambda at: _not_coded(at, MADE_PATH, "br, zstd", PLAIN))


def _not_coded(at, path, accept, data):
    for _ in range(3):
        r = ask(at, path, accept)
        check_status(r, (200,))
        want(coding_of(r) == "" and r.body == data,
             f"coded as {coding_of(r)}")
        time.sleep(0.05)


for name, path, what in [("small", "/tiny.html", "a file below 1 KiB"),
                         ("image", "/noise.png", "an image"),
                         ("binary", "/big.bin", "an unknown type")]:
    def not_coded(at, path=path):
        _not_coded(at, path, ALL, FILES[path[1:]])
    code(f"not-{name}", "9110 8.4", CHOICE,
         f"What would gain nothing is not coded: {what}.", not_coded)


def _only_gz(at):
    r = ask(at, "/onlygz.css", ALL)
    check_status(r, (200,))
    want(r.body == FILES["onlygz.css.gz"] and coding_of(r) == "gzip",
         f"{coding_of(r) or 'identity'}")


def _sibling_itself(at):
    r = ask(at, "/lib.js.gz", None)
    check_status(r, (200,))
    want(r.body == SIBLINGS["gzip"], "other content")
    lacks("content-encoding")(r, None)
    has("content-type", "application/(x-)?gzip")(r, None)


def _stale(at):
    """stale.css is newer than stale.css.gz."""
    for _ in range(3):
        r = ask(at, "/stale.css", "gzip")
        want(plain_of(r) == FILES["stale.css"], "the older content")


code("only-gz", "9110 12.5.3", CHOICE,
     "The sibling that is there is chosen.", _only_gz)
code("sibling-itself", "9110 8.4", CHOICE,
     "A sibling asked for by its name is a file of its own type.",
     _sibling_itself)
code("stale", "9110 8.4", CHOICE,
     "A sibling that is older than its file is not sent for it.", _stale)


def _steps_between(at):
    """Coded and not, one after the other on one connection."""
    with at.connect() as c:
        for accept, data in (("gzip", SIBLINGS["gzip"]), ("", SCRIPT),
                             ("br", SIBLINGS["br"]), ("", SCRIPT)):
            c.send(request(SCRIPT_PATH, f"Accept-Encoding: {accept}",
                           host="localhost"))
            r = c.read()
            want(coding_of(r) == accept, "not coded")
            want(r.body == data, f"{accept or 'identity'}: other content")
        c.goes_on()


code("one-connection", "9112 9.3", CHOICE,
     "Variants follow one another on a connection.", _steps_between)
code("big-identity", "9110 8.4", MUST,
     "A large file of no coding is whole with Accept-Encoding.",
     lambda at: want(ask(at, "/big.bin", ALL).body == BIG, "not whole"))
