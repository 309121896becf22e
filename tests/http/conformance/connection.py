"""Persistence, pipelining, splits, HTTP/1.0, errors, caching."""

from raw import request

from .case import (CHOICE, MUST, SHOULD, SMUGGLED, Part, check_status, fetch,
                   has, head, lacks, lists, refused, same, steps)
from .folder import ALPHABET, BIG, HELLO
from .wire import want

conn = Part("conn", "Persistence, pipelining, ends")
conn("kept", "9112 9.3", SHOULD, "HTTP/1.1 is kept by default.",
     fetch(kept=True))
for name, value in [("close", "close"), ("case", "Close"),
                    ("list", "x, close"), ("list-first", "close, x"),
                    ("both", "keep-alive, close")]:
    conn(f"asked-{name}", "9112 9.6", MUST,
         f"Connection: {value} ends the connection after the answer.",
         fetch("/hello.txt", f"Connection: {value}", body=HELLO, kept=False))
conn("asked-lines", "9112 9.6", MUST,
     "close in a second Connection line ends the connection too.",
     fetch("/hello.txt", "Connection: x", "Connection: close", kept=False))
conn("asked-said", "9112 9.6", SHOULD,
     "The last answer of a connection says Connection: close.",
     fetch("/hello.txt", "Connection: close",
           checks=[lists("connection", "close")]))
conn("asked-nothing-behind", "9112 9.6", MUST,
     "What follows a request with close is not answered.",
     refused(head("Connection: close"), 200))
conn("within-a-word", "9110 7.6.1", MUST,
     "An option that contains close is not close.",
     fetch("/hello.txt", "Connection: closed, x-close", kept=True))
conn("options-of-fields", "9110 7.6.1", MUST,
     "An option that names a field does no harm.",
     fetch("/hello.txt", "Connection: keep-alive, Host", body=HELLO,
           kept=True))
conn("upgrade", "9110 7.8", MUST,
     "An upgrade to what is not spoken is ignored.",
     fetch("/hello.txt", "Connection: Upgrade", "Upgrade: IRC/6.9, x/1",
           body=HELLO, kept=True))
conn("te", "9110 10.1.4", MUST, "TE: trailers does no harm.",
     fetch("/hello.txt", "TE: trailers, deflate;q=0.5", "Connection: TE",
           body=HELLO, kept=True))


def _pipeline(c):
    c.send(b"".join(head(line=f"GET {t} HTTP/1.1")
                    for t in ("/hello.txt", "/abc.txt", "/missing",
                              "/big.bin", "/other.txt")))
    for status, body in ((200, HELLO), (200, ALPHABET), (404, None),
                         (200, BIG), (200, b"other\n")):
        r = c.read()
        check_status(r, (status,))
        want(body is None or r.body == body, f"content {r.body[:20]!r}")
    c.goes_on()


def _pipeline_mixed(c):
    c.send(head(line="HEAD /abc.txt HTTP/1.1") +
           head("If-None-Match: *") + head("Range: bytes=1-2") +
           head(line="OPTIONS /hello.txt HTTP/1.1") + head())
    check_status(c.read("HEAD"), (200,))
    check_status(c.read(), (304,))
    r = c.read()
    want(r.status == 206 and r.body == HELLO[1:3], f"206: {r.status}")
    c.read()
    want(c.read().body == HELLO, "out of step")


def _pipeline_many(c):
    n = 500
    c.send(b"".join(head(line=f"GET /{'hello' if i % 3 else 'abc'}.txt"
                         " HTTP/1.1") for i in range(n)))
    for i in range(n):
        r = c.read()
        want(r.status == 200 and r.body == (HELLO if i % 3 else ALPHABET),
             f"answer {i}: {r.status} {r.body[:20]!r}")


def _pipeline_content(c):
    post = "POST /hello.txt HTTP/1.1"
    c.send(head("Content-Length: 3", line=post, body=b"\r\n\r") + head() +
           head("Transfer-Encoding: chunked", line=post,
                body=b"2;a=b\r\n\r\n\r\n0\r\nX: y\r\n\r\n") + head())
    for _ in range(2):
        c.read()
        r = c.read()
        want(r.status == 200 and r.body == HELLO, f"{r.status}")


def _pipeline_error(bad, statuses):
    def go(c):
        c.send(head() + bad + SMUGGLED)
        r = c.read()
        want(r.status == 200 and r.body == HELLO, f"first: {r.status}")
        r = c.read()
        check_status(r, statuses)
        c.ends()
    return steps(go)


def _pipeline_close(c):
    c.send(head() + head("Connection: close") + SMUGGLED)
    want(c.read().body == HELLO, "first")
    want(c.read().body == HELLO, "second")
    c.ends()


conn("pipeline", "9112 9.3.2", MUST,
     "Pipelined requests are answered in their order.", steps(_pipeline))
conn("pipeline-500", "9112 9.3.2", MUST,
     "500 requests sent at once are answered, one by one.",
     steps(lambda c: _pipeline_many(c)))
conn("pipeline-content", "9112 9.3.2", CHOICE,
     "Pipelined requests with content are all answered, whatever the"
     " framing.",
     steps(lambda c: _pipeline_content(c)))
conn("pipeline-mixed", "9112 9.3.2", MUST,
     "Pipelined HEAD, conditional, range and OPTIONS stay in step.",
     steps(_pipeline_mixed))
for name, bad, statuses, what in [
    ("syntax", head("X : y"), (400,), "white space before a colon"),
    ("line", head(line="GET /hello.txt JUNK"), (400,), "a bad version"),
    ("length", head("Content-Length: x"), (400,), "a bad Content-Length"),
    ("chunk", head("Transfer-Encoding: chunked", body=b"z\r\n"), (400,),
     "a bad chunk"),
    ("coding", head("Transfer-Encoding: x"), (400, 501), "a bad coding"),
]:
    conn(f"pipeline-{name}", "9112 2.2", SHOULD,
         f"An error in the middle of a pipeline ({what}) is answered in its"
         " place, and ends the connection.", _pipeline_error(bad, statuses))
conn("pipeline-close", "9112 9.6", MUST,
     "close in the middle of a pipeline is the last that is answered.",
     steps(_pipeline_close))


def _split(data, read, at_all=False):
    def go(c):
        c.send_split(data, range(1, len(data)), 0.0005)
        read(c)
    return steps(go)


def _hello(c):
    r = c.read()
    want(r.status == 200 and r.body == HELLO, f"{r.status}")
    c.goes_on()


def _bad(c):
    check_status(c.read(), (400,))
    c.ends()


conn("split", "9112 2.2", MUST,
     "A request that comes byte by byte is the same request.",
     _split(head("Accept: */*"), _hello))
conn("split-post", "9112 2.2", MUST,
     "A request with content that comes byte by byte stays in step.",
     _split(head("Content-Length: 5", body=b"AAAAA"), lambda c: c.settle(
         c.read())))
conn("split-bad", "9112 2.2", MUST,
     "A bad request that comes byte by byte is refused as in one piece.",
     _split(head("X : y"), _bad))
conn("split-crlf", "9112 2.2", MUST,
     "A pause between CR and LF changes nothing.",
     steps(lambda c: (c.send_split(head(), [24, len(head()) - 1], 0.05),
                      _hello(c))))


def _half_close(c):
    c.send(head(line="GET /big.bin HTTP/1.1"))
    c.finish()
    r = c.read()
    want(r.status == 200 and r.body == BIG, f"{r.status}")
    c.ends(c.deadline)


def _half_close_pipeline(c):
    c.send(head() + head(line="GET /other.txt HTTP/1.1"))
    c.finish()
    want(c.read().body == HELLO, "first")
    want(c.read().body == b"other\n", "second")
    c.ends(c.deadline)


def _half_request(c):
    c.send(b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n")
    c.finish()
    got = c.rest()
    want(not got or got[9:10] in (b"4", b"5"),
         f"answered {got[9:12].decode('latin-1')}")


conn("half-close", "9112 9.6", CHOICE,
     "A client that has closed its half still gets the answer, whole.",
     steps(_half_close))
conn("half-close-pipeline", "9112 9.6", CHOICE,
     "A client that has closed its half gets all answers.",
     steps(_half_close_pipeline))
conn("half-request", "9112 8", MUST,
     "A head that the end of the connection cuts is not taken as complete.",
     steps(_half_request))


def _linger(c):
    """A server that closed with these bytes unread would reset."""
    c.send(head("X : y"))
    c.send(b"x" * 200000)
    r = c.read()
    check_status(r, (400,))
    want(len(r.body) == (r.length or len(r.body)), "cut")
    c.ends()


conn("linger", "9112 9.6", SHOULD,
     "After an error the connection is closed in stages: the answer is not"
     " lost to a reset while the client still sends.", steps(_linger))


def _many(c):
    for _ in range(60):
        c.send(head())
        r = c.read()
        want(r.status == 200 and r.body == HELLO, f"{r.status}")
    c.goes_on()


conn("many", "9112 9.3", SHOULD, "60 requests on one connection.",
     steps(_many))

# ------------------------------------------- errors: kept, or closed at once

error = Part("error", "Errors: kept or closed")
for name, kind, status in [
    ("404", {"target": "/missing"}, 404),
    ("405", {"method": "DELETE"}, 405),
    ("412", {"fields": ['If-Match: "x"']}, 412),
    ("416", {"fields": ["Range: bytes=999-"]}, 416),
    ("417", {"fields": ["Expect: x"]}, 417),
    ("501", {"method": "BREW"}, 501),
    ("400-escape", {"target": "/%zz"}, 400),
    ("400-above", {"target": "/../x"}, 400),
    ("421", {"host": "evil.example"}, 421),
    ("403", {"target": "/.hidden"}, 404),
    ("301", {"target": "/folder"}, (301, 308)),
]:
    given = dict(kind)
    error(f"kept-{name}", "9112 9.3", CHOICE,
          f"A {name[:3]} that leaves framing sure keeps the connection"
          f" ({name}).",
          fetch(given.pop("target", "/hello.txt"), *given.pop("fields", []),
                status=status, kept=True, **given))


def _says_close(data):
    def go(c):
        c.send(data)
        r = c.read()
        want("close" in r.connection or r.minor == 0,
             f"{r.status} without Connection: close")
        c.ends()
    return steps(go)


for name, data, what in [
    ("line", head(line="GET /hello.txt JUNK"), "a bad request line"),
    ("field", head("X : y"), "a bad field"),
    ("length", head("Content-Length: x"), "a bad Content-Length"),
    ("coding", head("Transfer-Encoding: gzip"), "a bad coding"),
    ("both", head("Content-Length: 5", "Transfer-Encoding: chunked",
                  body=b"0\r\n\r\n"), "two framings"),
    ("chunk", head("Transfer-Encoding: chunked", body=b"z\r\n"),
     "a bad chunk"),
]:
    error(f"says-close-{name}", "9112 9.6", SHOULD,
          f"An answer that ends the connection says so, and the end comes at"
          f" once: {what}.", _says_close(data))


def _chunk_before_answer(c):
    c.send(head("Transfer-Encoding: chunked", body=b"5\r\nhello\r\nz\r\n"))
    check_status(c.read(), (400,))


error("content-first", "9112 7.1", CHOICE,
      "Content of GET is read and checked before the answer: a bad chunk is"
      " a 400.", steps(_chunk_before_answer))
error("no-echo", "9110 17.11", SHOULD,
      "An error page has no markup of the request's.",
      fetch("/<script>alert(1)</script>", status=(400, 404),
            checks=[lambda r, _: want(b"<script>alert" not in r.body,
                                      "reflects markup")]))
error("head-bad", "9110 9.3.2", MUST,
      "An error of HEAD has no content, a bad field included.",
      steps(lambda c: _head_bad(c)))


def _head_bad(c):
    c.send(head("X : y", line="HEAD /hello.txt HTTP/1.1"))
    r = c.read("HEAD")
    check_status(r, (400,))
    c.ends()


# ---------------------------------------------------------------- HTTP/1.0

old = Part("old", "HTTP/1.0")
old("closes", "9112 9.3", MUST, "HTTP/1.0 is closed after the answer.",
    fetch(version="1.0", body=HELLO, kept=False))
old("keep-alive", "9112 9.3", CHOICE,
    "HTTP/1.0 with Connection: keep-alive is kept, and told so.",
    fetch("/hello.txt", "Connection: keep-alive", version="1.0", body=HELLO,
          kept=True, checks=[lists("connection", "keep-alive")]))
old("keep-alive-case", "9112 9.3", CHOICE,
    "HTTP/1.0 with Connection: Keep-Alive is kept.",
    fetch("/hello.txt", "Connection: Keep-Alive", version="1.0", kept=True))
old("keep-alive-close", "9112 9.3", MUST,
    "HTTP/1.0 with keep-alive and close is closed.",
    fetch("/hello.txt", "Connection: keep-alive, close", version="1.0",
          kept=False))
old("no-chunks", "9112 7.1", MUST, "HTTP/1.0 gets no chunked content.",
    fetch("/bare/", version="1.0", kept=False,
          checks=[lacks("transfer-encoding")]))
old("no-chunks-coded", "9112 7.1", MUST,
    "HTTP/1.0 gets no chunked content where a coding is made either.",
    fetch("/plain.txt", "Accept-Encoding: gzip", version="1.0", kept=False,
          checks=[lacks("transfer-encoding")]))
old("big", "9112 9.3", MUST, "A large file to HTTP/1.0 is whole.",
    fetch("/big.bin", version="1.0", body=BIG, kept=False))
old("head", "9110 9.3.2", MUST, "HEAD of HTTP/1.0 has no content.",
    fetch(method="HEAD", version="1.0", kept=False))
old("404", "9112 9.3", MUST, "An error of HTTP/1.0 is closed too.",
    fetch("/missing", version="1.0", status=404, kept=False))


def _old_pipeline(c):
    c.send(request("/hello.txt", version="1.0") + SMUGGLED)
    want(c.read().body == HELLO, "first")
    c.ends()


old("nothing-behind", "9112 9.3", MUST,
    "What follows a request of HTTP/1.0 without keep-alive is not answered.",
    steps(_old_pipeline))

# ----------------------------------------------------- messages and caching

answer = Part("answer", "Answers and caching")
answer("length", "9110 8.6", SHOULD,
       "A file of known length is sent with Content-Length.",
       fetch(checks=[has("content-length", str(len(HELLO)))]))
answer("empty", "9110 8.6", MUST, "A file of no bytes is complete.",
       fetch("/empty.txt", body=b"", kept=True))
answer("big", "9112 6", MUST, "A large file is whole.",
       fetch("/big.bin", body=BIG, kept=True))
for name, path, kind in [
    ("html", "/page.html", "text/html"), ("txt", "/hello.txt", "text/plain"),
    ("js", "/lib.js", "(text|application)/javascript"),
    ("css", "/style.css", "text/css"), ("json", "/data.json",
                                        "application/json"),
    ("svg", "/pic.svg", r"image/svg\+xml"), ("png", "/noise.png", "image/png"),
    ("wasm", "/code.wasm", "application/wasm"), ("mjs", "/mod.mjs",
     "(text|application)/javascript"), ("mp4", "/film.mp4", "video/mp4"),
]:
    answer(f"type-{name}", "9110 8.3", SHOULD if name not in ("mjs",)
           else CHOICE, f"A file says its media type (.{name}).",
           fetch(path, checks=[has("content-type", kind + "( *;.*)?")]))
answer("charset", "9110 8.3", CHOICE, "Text says its charset.",
       fetch(checks=[has("content-type", "text/plain; ?charset=utf-8")]))
answer("unknown-type", "9110 8.3", CHOICE,
       "An unknown suffix is application/octet-stream.",
       fetch("/unknown.qqq", checks=[has("content-type",
                                         "application/octet-stream")]))
answer("nosniff", "9110 8.3", CHOICE, "Types are not to be sniffed.",
       fetch(checks=[has("x-content-type-options", "nosniff")]))
answer("cache-control", "9111 5.2", CHOICE,
       "Cache-Control is no-cache unless configured.",
       fetch(checks=[has("cache-control", "no-cache")]))
answer("cache-304", "9110 15.4.5", MUST,
       "A 304 has the Cache-Control, ETag and Vary of the 200.",
       fetch("/hello.txt", "If-None-Match: {etag}", status=304,
             checks=[same("cache-control", "etag", "vary", "expires")]))
answer("no-age", "9111 5.1", SHOULD, "An origin server sends no Age.",
       fetch(body=HELLO, checks=[lacks("age")]))
answer("request-cache-control", "9111 5.2.1", CHOICE,
       "Cache-Control in a request changes nothing.",
       fetch("/hello.txt", "Cache-Control: only-if-cached, max-age=0",
             "Pragma: no-cache", body=HELLO, kept=True))
answer("once", "9110 5.3", MUST,
       "No field that is no list is sent twice.",
       fetch(body=HELLO, checks=[lambda r, _: [want(
           len(r.all(n)) <= 1, f"{n} twice") for n in (
               "content-length", "content-type", "date", "etag",
               "last-modified", "server", "content-encoding")]]))
answer("404-type", "9110 8.3", SHOULD, "An error page says its type.",
       fetch("/missing", status=404, checks=[has("content-type",
                                                 "text/.*")]))
answer("404-text", "9110 12.5.1", CHOICE,
       "An error page is text for who asks for text.",
       fetch("/missing", "Accept: text/plain", status=404,
             checks=[has("content-type", "text/plain.*")]))
