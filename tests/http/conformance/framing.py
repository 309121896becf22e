"""Content-Length, Transfer-Encoding, chunks, Expect: where a request ends."""

from raw import request

from .case import (CHOICE, MUST, SHOULD, SMUGGLED, Part, check_status, closes,
                   head, not_taken, refused, rejected, steps)
from .wire import want

POST = "POST /hello.txt HTTP/1.1"
LAST = b"0\r\n\r\n"
HELD = 405   # what POST to a file is answered by a server of files


def post(*fields, body=b"", line=POST):
    return head(*fields, line=line, body=body)


length = Part("length", "Content-Length")
for name, value, what in [
    ("negative", "-1", "negative"), ("plus", "+5", "signed"),
    ("hex", "0x5", "hexadecimal"), ("exponent", "1e1", "an exponent"),
    ("fraction", "5.0", "a fraction"), ("blank-inside", "4 4", "a blank"),
    ("underscore", "4_4", "an underscore"), ("quoted", '"5"', "quoted"),
    ("comma-behind", "5,", "an empty second member"),
    ("comma-before", ",5", "an empty first member"),
    ("words", "five", "a word"), ("8-bits", "5\xb2", "a superscript digit"),
    ("empty", "", "empty"), ("list-differs", "5, 6", "a list that differs"),
    ("semicolon", "5;q=1", "a parameter"),
]:
    length(name, "9112 6.3", MUST,
           f"An invalid Content-Length ({what}) is answered 400 and the"
           " connection closed.",
           refused(post(f"Content-Length: {value}", body=b"AAAAA")))
for name, value in [("2-64", "18446744073709551616"),
                    ("2-64-5", "18446744073709551621"),
                    ("2-63", "9223372036854775808"),
                    ("2-32-5", "4294967301"),
                    ("30-digits", "9" * 30)]:
    length(name, "9110 8.6", MUST,
           f"A Content-Length of {value} does not overflow: nothing behind"
           " the head is taken for a request.",
           not_taken(post(f"Content-Length: {value}", body=b"AAAAA")))
    length(f"{name}-closed", "9110 8.6", CHOICE,
           f"A Content-Length of {value} is refused and closed.",
           refused(post(f"Content-Length: {value}", body=b"AAAAA"),
                   400, 413))
for name, fields, what in [
    ("two-differ", ["Content-Length: 5", "Content-Length: 6"], "two lines"),
    ("two-one-0", ["Content-Length: 0", "Content-Length: 44"],
     "two lines, one 0"),
    ("three", ["Content-Length: 5", "Content-Length: 5",
               "Content-Length: 6"], "three lines"),
]:
    length(name, "9112 6.3", MUST,
           f"Content-Lengths that differ ({what}) are answered 400 and the"
           " connection closed.", refused(post(*fields, body=b"AAAAA")))
for name, fields in [("two-equal", ["Content-Length: 5"] * 2),
                     ("list-equal", ["Content-Length: 5, 5"])]:
    length(name, "9112 6.3", CHOICE,
           "Equal Content-Lengths, which may also be taken as one"
           f" ({name}), are refused and closed.",
           refused(post(*fields, body=b"AAAAA")))
length("zeros", "9110 8.6", MUST,
       "Leading zeros of a Content-Length are digits like others: 000.",
       steps(lambda c: _kept(c, post("Content-Length: 000"))))


def _kept(c, data, *statuses):
    """Read whole: the next request is in step, or the connection ends."""
    c.send(data)
    r = c.read()
    if statuses:
        check_status(r, statuses)
    want(r.status not in (400, 413), f"{r.status} for a valid request")
    if r.stays:
        c.goes_on()
    else:
        c.ends()


def _in_step(c, data, strict=True):
    """A body that looks like a request is not answered as one.  Content of
    other methods than POST may be refused (RFC 9110 9.3.1)."""
    c.send(data + SMUGGLED)
    r = c.read()
    want(r.status != 400 or not strict, "400 for a valid request")
    if not r.stays:
        c.ends()
        return
    r = c.read()
    want(r.body == b"other\n", f"out of step: {r.status} {r.body[:30]!r}")


INNER = head(line="GET /one.txt HTTP/1.1")
for method in ("GET", "HEAD", "POST", "OPTIONS", "BREW"):
    def body_of(method=method):
        data = head(f"Content-Length: {len(INNER)}", body=INNER,
                    line=f"{method} /hello.txt HTTP/1.1")
        if method != "HEAD":
            return steps(lambda c: _in_step(c, data, method == "POST"))

        def go(c):
            c.send(data + SMUGGLED)
            r = c.read("HEAD")
            if r.stays:
                r = c.read()
                want(r.body == b"other\n", f"out of step: {r.status}")
            else:
                c.ends()
        return steps(go)
    length(f"body-of-{method.lower()}", "9112 9.3", MUST,
           f"The content of {method} is read whole, or the connection"
           " closed: never taken for a request.", body_of())
length("all-taken", "9110 15.5.14", CHOICE,
       "Content of 64 KiB is read, and the connection kept.",
       steps(lambda c: _kept(c, head("Content-Length: 65536", line=POST,
                                     body=b"A" * 65536), HELD)))
length("ok-blanks", "9110 5.5", MUST,
       "Blanks around a Content-Length are no part of it.",
       steps(lambda c: _kept(c, head("Content-Length: \t 5 \t ",
                                     line=POST, body=b"AAAAA"))))
length("body-late", "9112 9.3", CHOICE,
       "Content that comes after its head is waited for and the connection"
       " kept.", steps(lambda c: _late(c)))


def _late(c):
    data = post("Content-Length: 5", body=b"AAAAA")
    c.send_split(data, [len(data) - 5, len(data) - 2], 0.05)
    check_status(c.read(), (HELD,))
    c.goes_on()


length("too-much", "9110 15.5.14", CHOICE,
       "More content than the server takes is answered 413, and closed,"
       " before it comes.",
       refused(post("Content-Length: 99999999999"), 413, after=b""))
length("cut", "9112 8", CHOICE,
       "A request whose content is cut by the end of the connection is not"
       " taken as complete: an error or nothing.",
       lambda at: _cut(at, post("Content-Length: 50", body=b"AAAA")))


def _cut(at, data):
    with at.connect() as c:
        c.send(data)
        c.finish()
        got = c.rest()
        want(not got or got[9:10] == b"4" or got[9:10] == b"5",
             f"answered {got[9:12].decode('latin-1')}")


# ------------------------------------------------------- Transfer-Encoding

coding = Part("coding", "Transfer-Encoding")
both = [("length-first", ["Content-Length: 5", "Transfer-Encoding: chunked"]),
        ("chunked-first", ["Transfer-Encoding: chunked", "Content-Length: 5"]),
        ("length-0", ["Transfer-Encoding: chunked", "Content-Length: 0"]),
        ("length-fits", ["Content-Length: 5", "Transfer-Encoding: chunked"])]
for name, fields in both:
    coding(f"{name}-closes", "9112 6.1", MUST,
           "Transfer-Encoding with Content-Length: whatever the answer, the"
           f" connection is closed ({name}).", closes(post(*fields,
                                                           body=LAST)))
    coding(f"{name}-400", "9112 6.1", CHOICE,
           "Transfer-Encoding with Content-Length, which may also be"
           f" processed, is answered 400 ({name}).",
           refused(post(*fields, body=LAST)))
for name, fields, what in [
    ("not-last", ["Transfer-Encoding: chunked, gzip"], "gzip last"),
    ("identity-last", ["Transfer-Encoding: chunked, identity"],
     "identity last"),
    ("other-line", ["Transfer-Encoding: chunked", "Transfer-Encoding: cow"],
     "another coding in a second line"),
    ("without", ["Transfer-Encoding: gzip"], "gzip alone"),
    ("identity", ["Transfer-Encoding: identity"], "identity alone"),
    ("longer", ["Transfer-Encoding: xchunked"], "xchunked"),
    ("longer-behind", ["Transfer-Encoding: chunkedx"], "chunkedx"),
    ("quoted", ['Transfer-Encoding: "chunked"'], "quoted"),
    ("blank-inside", ["Transfer-Encoding: chun ked"], "a blank inside"),
    ("no-comma", ["Transfer-Encoding: gzip chunked"], "no comma"),
    ("nbsp", ["Transfer-Encoding: chunked\xa0"], "A0 behind"),
]:
    coding(f"bad-{name}", "9112 6.3", MUST,
           f"A Transfer-Encoding whose last coding is not chunked ({what}) is"
           " refused and the connection closed.",
           refused(post(*fields, body=LAST), 400, 501))
for name, value in [("empty", ""), ("comma", " ,")]:
    coding(f"bad-{name}", "9112 6.3", CHOICE,
           f"A Transfer-Encoding without a member ({name}) is answered 400 and"
           " the connection closed.",
           refused(post(f"Transfer-Encoding:{value}", body=LAST)))
for name, fields, what in [
    ("gzip-chunked", ["Transfer-Encoding: gzip, chunked"], "gzip, chunked"),
    ("two-lines", ["Transfer-Encoding: gzip", "Transfer-Encoding: chunked"],
     "gzip and chunked in two lines"),
    ("parameter", ["Transfer-Encoding: cow;q=1, chunked"], "with parameter"),
]:
    coding(f"unknown-{name}", "9112 6.1", SHOULD,
           f"A coding that is not understood ({what}) is answered 501.",
           rejected(post(*fields, body=LAST), 501,
                    *([400] if name == "two-lines" else [])))
for name, fields, what in [
    ("twice", ["Transfer-Encoding: chunked, chunked"], "in a list"),
    ("twice-lines", ["Transfer-Encoding: chunked"] * 2, "in two lines"),
]:
    coding(name, "9112 7.1", CHOICE,
           f"chunked given twice ({what}) is refused and closed.",
           refused(post(*fields, body=LAST), 400, 501))
for name, value in [("case", "Chunked"), ("upper", "CHUNKED"),
                    ("tab", "\tchunked\t"), ("empty-members", ", chunked ,")]:
    coding(f"ok-{name}", "9112 7" if "em" not in name else "9110 5.6.1", MUST,
           f"A valid way to say chunked is understood ({name}).",
           steps(lambda c, v=value: _kept(
               c, post(f"Transfer-Encoding: {v}", body=LAST))))
ONE_ZERO = request("/hello.txt", "Transfer-Encoding: chunked",
                   "Connection: keep-alive", method="POST", version="1.0",
                   host="localhost", body=LAST)
coding("1-0-closes", "9112 6.1", MUST,
       "Transfer-Encoding in HTTP/1.0 is faulty framing: the connection is"
       " closed after the answer.", closes(ONE_ZERO))
coding("1-0-refused", "9112 6.1", CHOICE,
       "Transfer-Encoding in HTTP/1.0 is answered 400.", refused(ONE_ZERO))
coding("get", "9112 6.3", MUST, "chunked content of GET is read as content.",
       steps(lambda c: _in_step(c, head(
           "Transfer-Encoding: chunked",
           body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(INNER), INNER)), False)))

# ------------------------------------------------------------------ chunks

chunk = Part("chunk", "Chunked content of requests")
CODED = "Transfer-Encoding: chunked"


def chunked(body):
    return post(CODED, body=body)


for name, body, what in [
    ("size-empty", b"\r\nhello\r\n" + LAST, "no size"),
    ("size-letter", b"g\r\nhello\r\n" + LAST, "no hexadecimal digit"),
    ("size-0x", b"0x5\r\nhello\r\n" + LAST, "0x"),
    ("size-negative", b"-5\r\nhello\r\n" + LAST, "a minus"),
    ("size-plus", b"+5\r\nhello\r\n" + LAST, "a plus"),
    ("size-blank-before", b" 5\r\nhello\r\n" + LAST, "a blank before"),
    ("size-blank-behind", b"5 \r\nhello\r\n" + LAST, "a blank behind"),
    ("size-tab-behind", b"5\t\r\nhello\r\n" + LAST, "a tab behind"),
    ("size-blank-inside", b"0 5\r\nhello\r\n" + LAST, "a blank inside"),
    ("size-underscore", b"0_5\r\nhello\r\n" + LAST, "an underscore"),
    ("size-comma", b"5,\r\nhello\r\n" + LAST, "a comma"),
    ("size-nul", b"5\0\r\nhello\r\n" + LAST, "NUL behind"),
    ("size-cr", b"5\rhello\r\n" + LAST, "a bare CR as line end"),
    ("size-crcrlf", b"5\r\r\nhello\r\n" + LAST, "two CRs"),
    ("data-no-crlf", b"5\r\nhello0\r\n\r\n", "no CRLF behind the data"),
    ("data-longer", b"3\r\nhello\r\n" + LAST, "data longer than said"),
    ("data-shorter", b"6\r\nhello\r\n" + LAST, "data shorter than said"),
    ("data-junk", b"5\r\nhelloXX0\r\n\r\n", "other bytes for CRLF"),
    ("data-cr", b"5\r\nhello\r0\r\n\r\n", "CR alone behind the data"),
    ("ext-nul", b"5;a=\0\r\nhello\r\n" + LAST, "NUL in an extension"),
    ("ext-cr", b"5;a\rb\r\nhello\r\n" + LAST, "CR in an extension"),
    ("ext-no-name", b"5;=b\r\nhello\r\n" + LAST, "an extension without name"),
    ("ext-no-value", b"5;a=\r\nhello\r\n" + LAST, "an extension that ends"
     " in ="),
    ("ext-semicolon", b"5;\r\nhello\r\n" + LAST, "an empty extension"),
    ("ext-open-quote", b'5;a="b\r\nhello\r\n' + LAST, "an open quote"),
    ("ext-behind-quote", b'5;a="b"c\r\nhello\r\n' + LAST, "a byte behind a"
     " quote"),
    ("trailer-no-colon", b"0\r\nnonsense\r\n\r\n", "a trailer without colon"),
    ("trailer-nul", b"0\r\nX: \0\r\n\r\n", "NUL in a trailer"),
    ("trailer-blank-colon", b"0\r\nX : y\r\n\r\n",
     "white space before a trailer's colon"),
    ("trailer-name-nul", b"0\r\nX\0: y\r\n\r\n", "NUL in a trailer's name"),
]:
    chunk(name, "9112 2.2", SHOULD,
          f"Chunked content that does not match the grammar ({what}) ends the"
          " connection: what is behind it is not answered.",
          not_taken(chunked(body)))
    chunk(name + "-400", "9112 7.1", CHOICE,
          f"Chunked content is read before the answer, which is 400 for"
          f" {what}.", refused(chunked(body)))
for name, body, what in [
    ("lf-size", b"5\nhello\r\n" + LAST, "behind the size"),
    ("lf-data", b"5\r\nhello\n" + LAST, "behind the data"),
    ("lf-last", b"0\n\r\n", "behind the last chunk"),
    ("lf-end", b"0\r\n\n", "as the end"),
    ("lf-ext", b"5;a=b\nhello\r\n" + LAST, "in an extension"),
    ("lf-hides", b"2;\nxx\r\n4b\r\n0\r\n\r\n", "that hides a chunk"),
    ("lf-trailer", b"0\r\nX: a\nY: b\r\n\r\n", "in a trailer"),
]:
    chunk(name, "9112 7.1", CHOICE,
          f"A bare LF in chunked content ({what}) is refused and closed.",
          refused(chunked(body)))
for name, body, what in [
    ("overflow-2-64-5", b"10000000000000005\r\nhello\r\n" + LAST,
     "2^64+5"),
    ("overflow-2-64", b"ffffffffffffffff\r\nhello\r\n" + LAST, "2^64-1"),
    ("overflow-2-63", b"8000000000000005\r\nhello\r\n" + LAST, "2^63+5"),
    ("overflow-f", b"f" * 40 + b"\r\nhello\r\n" + LAST, "40 digits"),
    ("overflow-2-32", b"100000005\r\nhello\r\n" + LAST, "2^32+5"),
]:
    chunk(name, "9112 7.1", MUST,
          f"A chunk size of {what} does not overflow: what is behind it is"
          " not answered.", not_taken(chunked(body)))
    chunk(name + "-closed", "9112 7.1", CHOICE,
          f"A chunk size of {what} is refused and closed.",
          refused(chunked(body), 400, 413))
chunk("zeros", "9112 7.1", CHOICE,
      "A size of 17 digits is refused, zeros or not.",
      refused(chunked(b"0" * 16 + b"5\r\nhello\r\n" + LAST)))
chunk("ext-blank", "9112 7.1.1", CHOICE,
      "\"Bad\" white space before an extension, which a recipient is asked"
      " to remove (9110 5.6.3), is refused.",
      refused(chunked(b"5 ;a=b\r\nhello\r\n" + LAST)))
chunk("ext-long", "9112 7.1.1", CHOICE,
      "Extensions without measure are refused with a 4xx.",
      refused(chunked(b"5;" + b"a" * 70000 + b"\r\nhello\r\n" + LAST),
              400, 413, 431, after=b""))
chunk("trailer-long", "9112 7.1.2", CHOICE,
      "Trailers above 4 KiB are refused with a 4xx and closed.",
      refused(chunked(b"0\r\nX: " + b"a" * 9000 + b"\r\n\r\n"), 400, 413,
              431))
chunk("trailer-fold", "9112 5.2", CHOICE,
      "A folded trailer is refused with 400 and closed.",
      refused(chunked(b"0\r\nX: a\r\n b\r\n\r\n")))
chunk("budget", "9110 15.5.14", CHOICE,
      "More chunked content than is taken is answered 413 and closed.",
      refused(chunked(b"186a0\r\n"), 413, after=b""))
chunk("overhead", "9112 7.1", CHOICE,
      "The overhead of chunks counts as content: 20000 chunks of a byte are"
      " answered 413 and closed.",
      refused(chunked(b"1\r\nx\r\n" * 20000 + LAST), 413, after=b""))
for name, body, what in [
    ("one", b"5\r\nhello\r\n" + LAST, "one chunk"),
    ("none", LAST, "no chunk but the last"),
    ("many", b"1\r\nh\r\n" * 40 + LAST, "40 chunks"),
    ("hex-case", b"a\r\n0123456789\r\nA\r\n0123456789\r\n" + LAST,
     "digits of both cases"),
    ("leading-zeros", b"0005\r\nhello\r\n" + LAST, "leading zeros"),
    ("last-zeros", b"5\r\nhello\r\n000\r\n\r\n", "a last chunk of 000"),
    ("ext", b"5;a\r\nhello\r\n" + LAST, "an extension"),
    ("ext-value", b"5;a=b;c=d\r\nhello\r\n" + LAST, "two extensions"),
    ("ext-quoted", b'5;a="b;\\"c"\r\nhello\r\n' + LAST, "a quoted value"),
    ("ext-last", b"5\r\nhello\r\n0;a=b\r\n\r\n", "extension of the last"),
    ("trailer", b"5\r\nhello\r\n0\r\nX: y\r\nZ:\r\n\r\n", "trailers"),
    ("crlf-inside", b"7\r\na\r\n0\r\nb\r\n" + LAST, "CRLF in the data"),
]:
    chunk(f"ok-{name}", "9112 7.1", MUST,
          f"Valid chunked content is understood: {what}.",
          steps(lambda c, b=body: _in_step(c, chunked(b))))
for name in ("Content-Length: 50", "Host: evil.example",
             "Transfer-Encoding: gzip"):
    field = name.split(":")[0].lower()
    chunk(f"trailer-{field}", "9110 6.5.1", MUST,
          f"{field} in a trailer is not merged into the head.",
          steps(lambda c, n=name: _in_step(c, chunked(
              b"5\r\nhello\r\n0\r\n" + n.encode() + b"\r\n\r\n"))))
chunk("cut", "9112 8", CHOICE,
      "Chunked content that ends without its last chunk is not complete: an"
      " error or nothing.",
      lambda at: _cut(at, chunked(b"5\r\nhello\r\n")))
chunk("split", "9112 2.2", MUST,
      "Chunked content split at every byte reads the same.",
      steps(lambda c: _split_body(c)))


def _split_body(c):
    data = chunked(b'5;a="b"\r\nhello\r\n0\r\nX: y\r\n\r\n')
    c.send_split(data, range(len(data) - 32, len(data)))
    r = c.read()
    want(r.status != 400, "400 for a valid request")
    c.settle(r)


# ------------------------------------------------------------------ Expect

expect = Part("expect", "Expect")
expect("417", "9110 10.1.1", CHOICE,
       "An expectation other than 100-continue is answered 417.",
       rejected(head("Expect: the-unexpected"), 417))
expect("417-list", "9110 10.1.1", CHOICE,
       "An unknown expectation beside 100-continue is answered 417.",
       rejected(head("Expect: 100-continue, x"), 417))


def at_once(*statuses, expect=("Expect: 100-continue",)):
    """100 or a final answer without the content, or one of `statuses`."""
    def go(c):
        c.send(post(*expect, "Content-Length: 5"))
        while b"\r\n\r\n" not in c.buffer and c.receive():
            pass
        got = bytes(c.buffer[9:12]).decode("latin-1")
        want(got != "400" and got != "417" and
             (not statuses or int(got) in statuses), f"{got or 'nothing'}")
    return steps(go)


expect("answered", "9110 10.1.1", MUST,
       "100-continue with content to come is answered, by 100 or by a final"
       " status, before the content.",
       at_once())
expect("final", "9110 10.1.1", CHOICE,
       "Content that no file wants is not asked for: the final status comes"
       " at once.",
       at_once(HELD))
expect("case", "9110 10.1.1", MUST, "100-continue is compared without case.",
       at_once(expect=["Expect: 100-Continue"]))


def _expect_body_skipped(c):
    """A client that is refused may leave the content out, or send it: a
    server that cannot know closes."""
    c.send(post("Expect: 100-continue", f"Content-Length: {len(INNER)}"))
    while not c.buffer and c.receive():
        pass
    c.send(INNER)
    r = c.read()
    if r.stays:
        c.goes_on()
    else:
        c.ends()


expect("in-step", "9110 10.1.1", MUST,
       "Content sent after an early final answer is not taken for a request.",
       steps(_expect_body_skipped))


def _expect_1_0(c):
    c.send(request("/hello.txt", "Expect: 100-continue", "Content-Length: 5",
                   method="POST", version="1.0", host="localhost",
                   body=b"AAAAA"))
    c.read()
    want(not c.interim, "100 to a client of HTTP/1.0")


def _expect_no_content(c):
    c.send(head("Expect: 100-continue"))
    r = c.read()
    check_status(r, (200,))
    c.settle(r)


expect("1-0", "9110 10.1.1", MUST,
       "Expect in HTTP/1.0 is ignored: no 100 is sent.", steps(_expect_1_0))
expect("no-content", "9110 10.1.1", MUST,
       "100-continue without content changes nothing.",
       steps(_expect_no_content))
expect("twice", "9110 5.3", SHOULD,
       "100-continue in two lines is no other expectation: not 417.",
       at_once(expect=["Expect: 100-continue"] * 2))
