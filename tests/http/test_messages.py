"""Syntax and meaning of request heads: RFC 9112 2 to 7, RFC 9110 5 and 7.

Most tables are attacks.  What is refused must be refused exactly once, with a
reason on the page, and with the end of the connection wherever the place of
the next request is in doubt: each attack carries a second request behind it,
and an answer to that one is a smuggled request.
"""

import random
import re

import pytest

from raw import Client, once, request

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
ERROR_PHRASES = {
    400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed",
    408: "Request Timeout", 413: "Content Too Large", 414: "URI Too Long",
    417: "Expectation Failed", 421: "Misdirected Request",
    431: "Request Header Fields Too Large", 501: "Not Implemented",
    505: "HTTP Version Not Supported"}


def table(*rows):
    """pytest parameters: the first member of a row is its id."""
    return [pytest.param(*row[1:], id=row[0].replace(" ", "-"))
            for row in rows]


def assert_refused(server, data, statuses):
    """One error with a reason, then the end; nothing behind it is read as a
    request.  What the client still had to say must not reset the answer."""
    if isinstance(statuses, int):
        statuses = (statuses,)
    with server.client() as c:
        c.send(data)
        r = c.read()
        assert r.status in statuses, (data[:200], r.head)
        assert r.phrase == ERROR_PHRASES[r.status]
        assert r.closes, f"framing in doubt, but kept: {r.head!r}"
        c.finish()
        assert c.rest() == b"", "answered more than once"
    page = r.text
    assert f"{r.status} {r.phrase}" in page
    assert re.search(r"Why: \S+ ", page), page
    return r


def head(*lines, start="GET /hello.txt HTTP/1.1"):
    """A head with Host from lines as they are, CRLF added."""
    text = [start, "Host: localhost", *lines, "", ""]
    return "\r\n".join(text).encode("latin-1")


# ------------------------------------------------------------ request line

BAD_REQUEST_LINES = table(
    ("9112-3 two blanks before the target", b"GET  / HTTP/1.1", 400),
    ("9112-3 two blanks before the version", b"GET /  HTTP/1.1", 400),
    ("9112-3 blank behind the version", b"GET / HTTP/1.1 ", 400),
    ("9112-3 blank before the method", b" GET / HTTP/1.1", 400),
    ("9112-3 tab for blank", b"GET\t/ HTTP/1.1", 400),
    ("9112-3 tab before the version", b"GET /\tHTTP/1.1", 400),
    ("9112-3 form feed for blank", b"GET\x0c/ HTTP/1.1", 400),
    ("9112-3 blank in the target", b"GET /a b HTTP/1.1", 400),
    ("9112-3 method alone", b"GET", 400),
    ("9112-3 method and blank", b"GET ", 400),
    ("9112-3 HTTP-0.9", b"GET /", 400),
    ("9112-3 HTTP-0.9 with blank", b"GET / ", 400),
    ("9110-5.6.2 method is no token", b"G@T / HTTP/1.1", 400),
    ("9110-5.6.2 method in quotes", b'"GET" / HTTP/1.1', 400),
    ("9110-5.6.2 method with NUL", b"GE\x00T / HTTP/1.1", 400),
    ("9110-5.6.2 method with 8 bits", b"G\xc9T / HTTP/1.1", 400),
    ("9112-2.2 first byte NUL", b"\x00GET / HTTP/1.1", 400),
    ("9112-2.2 byte order mark", b"\xef\xbb\xbfGET / HTTP/1.1", 400),
    ("9112-3.2 target with NUL", b"GET /\x00 HTTP/1.1", 400),
    ("9112-3.2 target with DEL", b"GET /\x7f HTTP/1.1", 400),
    ("9112-3.2 target with ESC", b"GET /\x1b[2J HTTP/1.1", 400),
    ("9112-3.2 target with 8 bits", b"GET /\xc3\xa4 HTTP/1.1", 400),
    ("9112-3.2 fragment", b"GET /#top HTTP/1.1", 400),
    ("9112-3.2 relative target", b"GET hello.txt HTTP/1.1", 400),
    ("9112-3.2 query only", b"GET ?x HTTP/1.1", 400),
    ("9112-3.2.4 asterisk with GET", b"GET * HTTP/1.1", 400),
    ("9112-3.2.3 authority with GET", b"GET localhost:80 HTTP/1.1", 400),
    ("9110-4.2.1 empty authority", b"GET http:///x HTTP/1.1", 400),
    ("9110-4.2.1 scheme only", b"GET http:// HTTP/1.1", 400),
    ("9110-4.2.1 port only", b"GET http://:80/ HTTP/1.1", 400),
    ("9110-4.2.4 userinfo", b"GET http://me@localhost/ HTTP/1.1", 400),
    ("9110-4.2 other scheme", b"GET ftp://localhost/ HTTP/1.1", 400),
    ("9110-4.2 file scheme", b"GET file:///etc/passwd HTTP/1.1", 400),
    ("9112-2.3 lower case", b"GET / http/1.1", 400),
    ("9112-2.3 mixed case", b"GET / Http/1.1", 400),
    ("9112-2.3 no digits", b"GET / HTTP/", 400),
    ("9112-2.3 no minor", b"GET / HTTP/1", 400),
    ("9112-2.3 dot and no minor", b"GET / HTTP/1.", 400),
    ("9112-2.3 comma", b"GET / HTTP/1,1", 400),
    ("9112-2.3 two digits before", b"GET / HTTP/01.1", 400),
    ("9112-2.3 two digits behind", b"GET / HTTP/1.10", 400),
    ("9112-2.3 three parts", b"GET / HTTP/1.1.1", 400),
    ("9112-2.3 sign", b"GET / HTTP/+1.1", 400),
    ("9112-2.3 hexadecimal", b"GET / HTTP/1.a", 400),
    ("9112-2.3 other protocol", b"GET / ICY/1.1", 400),
    ("9112-2.3 NUL behind", b"GET / HTTP/1.1\x00", 400),
    ("9110-15.6.6 HTTP-0.9 spelled out", b"GET / HTTP/0.9", 505),
    ("9110-15.6.6 HTTP-2.0", b"GET / HTTP/2.0", 505),
    ("9110-15.6.6 HTTP-2.7", b"GET / HTTP/2.7", 505),
    ("9110-15.6.6 HTTP-3.0", b"GET / HTTP/3.0", 505),
    ("9110-15.6.6 HTTP-9.9", b"GET / HTTP/9.9", 505),
)


@pytest.mark.parametrize("line, status", BAD_REQUEST_LINES)
def test_a_bad_request_line_is_refused(server, line, status):
    data = line + b"\r\nHost: localhost\r\n\r\n"
    r = assert_faulty(server, data, status)
    assert r.text.count("<script") == 0


def assert_faulty(server, data, statuses):
    """Refused; whether the connection goes on is the server's choice only
    when the head could be read to its end (RFC 9112 2.2, 9.6)."""
    if isinstance(statuses, int):
        statuses = (statuses,)
    with server.client() as c:
        c.send(data)
        r = c.read()
        assert r.status in statuses, (data[:200], r.head)
        assert re.search(r"Why: \S+ ", r.text), r.text
        if r.closes:
            c.finish()
            c.assert_ends()
        else:
            assert c.ask("/hello.txt").status == 200
    return r


@pytest.mark.parametrize("ending, status", table(
    ("9112-2.2 bare LF", b"\n", 400),
    ("9112-2.2 bare CR", b"\r", 400),
    ("9112-2.2 two CRs", b"\r\r\n", 400),
    ("9112-2.2 LF CR", b"\n\r", 400),
    ("9112-2.2 vertical tab", b"\x0b\r\n", 400),
))
def test_a_request_line_ends_in_crlf_alone(server, ending, status):
    data = b"GET / HTTP/1.1" + ending + b"Host: localhost\r\n\r\n"
    assert_refused(server, data + SMUGGLED, status)


def test_an_empty_line_before_the_request_is_passed_over(server):
    """RFC 9112 2.2: at least one CRLF SHOULD be ignored."""
    assert once(server.port, b"\r\n" + request("/hello.txt")).status == 200


def test_an_empty_line_between_requests_is_passed_over(server):
    """RFC 9112 2.2: old clients send a CRLF behind a content."""
    with server.client() as c:
        c.send(request("/n1.txt") + b"\r\n" + request("/n2.txt"))
        assert "number 1" in c.read().text
        assert "number 2" in c.read().text


@pytest.mark.parametrize("data", table(
    ("bare LF", b"\n" + request()), ("two bare LFs", b"\n\n" + request()),
    ("bare CR", b"\r" + request()),
))
def test_an_empty_line_must_be_crlf(server, data):
    assert_refused(server, data, 400)


def test_empty_lines_without_end_are_bounded(start):
    s = start(timeouts_header="500ms")
    with s.client() as c:
        c.send(b"\r\n" * 20000)
        assert c.read().status in (400, 408, 414, 431)


@pytest.mark.parametrize("data, word", table(
    ("TLS", bytes.fromhex("16030100c8010000c40303") + b"\x00" * 40, "TLS"),
    ("SSH", b"SSH-2.0-OpenSSH_9.2\r\n", ""),
    ("SMTP", b"EHLO localhost\r\n", ""),
    ("NULs", b"\x00" * 64, ""),
    ("PROXY v1", b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n" + request(), ""),
    ("PROXY v2", b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + b"\0" * 12, ""),
))
def test_other_protocols_are_told_at_once(server, data, word):
    r = assert_refused(server, data, (400, 505))
    assert word in r.text


def test_the_http2_preface_is_answered_505(server):
    """RFC 9113 3.4; RFC 9110 15.6.6."""
    r = assert_refused(
        server, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0" * 9, 505)
    assert "HTTP/2" in r.text


@pytest.mark.parametrize("version", ["1.1", "1.2", "1.9"])
def test_a_higher_minor_version_is_answered(server, version):
    """RFC 9110 2.5: as the highest minor version that is spoken."""
    with server.client() as c:
        assert c.ask("/hello.txt", version=version).status == 200
        assert c.ask("/hello.txt", version=version).status == 200


# ----------------------------------------------------------------- methods

@pytest.mark.parametrize("method, status", table(
    ("9110-9.1 unknown", "BREW", 501),
    ("9110-9.1 lower case", "get", 501),
    ("9110-9.1 mixed case", "Get", 501),
    ("9110-9.1 prefix", "GE", 501),
    ("9110-9.1 longer", "GETS", 501),
    ("9110-9.1 all token characters", "!#$%&'*+-.^_`|~09azAZ", 501),
    ("9110-9.3.3 POST", "POST", 405), ("9110-9.3.4 PUT", "PUT", 405),
    ("9110-9.3.5 DELETE", "DELETE", 405), ("9110-9.3.8 TRACE", "TRACE", 405),
    ("5789 PATCH", "PATCH", 405), ("4918 PROPFIND", "PROPFIND", 405),
))
def test_methods_other_than_get_and_head(server, method, status):
    with server.client() as c:
        r = c.ask("/hello.txt", "X-Echo: canary", method=method)
        assert r.status == status
        assert "canary" not in r.text  # TRACE must not reflect
        if status == 405:
            allowed = re.split(r", *", r.get("allow"))
            assert {"GET", "HEAD"} <= set(allowed)
            assert method not in allowed
        assert not r.closes
        assert c.ask("/hello.txt").text == "hello, world\n"


@pytest.mark.parametrize("target", ["*", "/", "/hello.txt", "/missing"])
def test_options_says_what_is_allowed(server, target):
    """RFC 9110 9.3.7."""
    with server.client() as c:
        r = c.ask(target, method="OPTIONS")
        assert r.status in (200, 204)
        assert {"GET", "HEAD"} <= set(re.split(r", *", r.get("allow")))
        assert c.ask("/hello.txt").status == 200


def test_connect_opens_no_tunnel(server):
    """RFC 9110 9.3.6."""
    with server.client() as c:
        r = c.ask("localhost:22", method="CONNECT", host="localhost:22")
        assert r.status in (400, 405, 501)
        assert c.ask("/hello.txt").status == 200 if not r.closes else True


# ------------------------------------------------------------ target, host

@pytest.mark.parametrize("target, host, status", table(
    ("9112-3.2.2 absolute", "http://localhost/hello.txt", "localhost", 200),
    ("9112-3.2.2 upper case scheme", "HTTP://localhost/hello.txt", "x", 200),
    ("9112-3.2.2 replaces Host", "http://127.0.0.1/hello.txt", "evil.example",
     200),
    ("9112-3.2.2 with port", "http://localhost:99/hello.txt", "x", 200),
    ("9112-3.2.2 without path", "http://localhost", "localhost", 200),
    ("9112-3.2.2 query without path", "http://localhost?x=/y", "localhost",
     200),
    ("9110-7.4 foreign replaces Host", "http://evil.example/", "localhost",
     421),
    ("9110-7.4 https", "https://localhost/", "localhost", (400, 421)),
))
def test_absolute_targets(server, target, host, status):
    r = server.get(target, host=host)
    assert r.status == status if isinstance(status, int) else r.status in status


@pytest.mark.parametrize("host", [
    "localhost", "LocalHost", "localhost:80", "localhost:", "localhost:65535",
    "127.0.0.1", "127.0.0.1:1", "127.8.9.10", "[::1]", "[::1]:8000",
    "[0:0:0:0:0:0:0:1]", "192.0.2.7:8000", "app.localhost",
])
def test_on_loopback_addresses_and_localhost_are_answered(server, host):
    assert server.get("/hello.txt", host=host).status == 200


@pytest.mark.parametrize("host", [
    "evil.example", "evil.example:8000", "localhost.evil.example",
    "127.0.0.1.evil.example", "evil-localhost", "xlocalhost", "127.1",
    "0x7f000001", "2130706433", "0177.0.0.1", "127.0.0.1x", "127.0.0.1.2",
    "local", "localhos%74", "localhost,evil.example", "256.0.0.1", "_",
])
def test_on_loopback_foreign_names_are_misdirected(server, host):
    """DNS rebinding; RFC 9110 15.5.20.  Never a page, whatever the target."""
    r = server.get("/hello.txt", host=host)
    assert r.status in (400, 421)
    assert "hello, world" not in r.text


def test_configured_names_are_answered_on_loopback(shared, site):
    s = shared.of("hosts", site, hosts="my.example,Other.example")
    for host in ("my.example", "MY.EXAMPLE:8000", "other.example"):
        assert s.get("/hello.txt", host=host).status == 200
    for host in ("not.my.example", "my.example.evil", "y.example"):
        assert s.get("/hello.txt", host=host).status == 421


@pytest.mark.parametrize("fields", table(
    ("none", []),
    ("two", ["Host: localhost", "Host: evil.example"]),
    ("two alike", ["Host: localhost", "Host: localhost"]),
    ("two, one empty", ["Host: localhost", "Host:"]),
    ("two, other case", ["host: localhost", "HOST: localhost"]),
    ("empty", ["Host:"]), ("blank", ["Host: \t "]),
    ("list", ["Host: localhost, localhost"]),
    ("blank inside", ["Host: local host"]),
    ("slash", ["Host: localhost/x"]), ("backslash", ["Host: localhost\\x"]),
    ("userinfo", ["Host: me@localhost"]),
    ("scheme", ["Host: http://localhost"]),
    ("port not a number", ["Host: localhost:http"]),
    ("two ports", ["Host: localhost:80:80"]),
    ("negative port", ["Host: localhost:-1"]),
    ("port too large", ["Host: localhost:65536"]),
    ("port overflows", ["Host: localhost:18446744073709551617"]),
    ("bracket open", ["Host: [::1"]), ("bracket closed", ["Host: ::1]"]),
    ("bare IPv6", ["Host: ::1"]), ("no IPv6", ["Host: [::g]"]),
    ("behind the bracket", ["Host: [::1]x"]),
    ("empty brackets", ["Host: []"]),
    ("zone", ["Host: [fe80::1%25lo]"]),
    ("port only", ["Host: :80"]),
    ("percent", ["Host: local%zzhost"]),
    ("8 bits", ["Host: l\xf6calhost"]), ("quote", ['Host: "localhost"']),
    ("angle", ["Host: <script>alert(1)</script>"]),
))
def test_a_request_has_one_valid_host(server, fields):
    """RFC 9112 3.2: 400."""
    r = assert_faulty(server, request("/hello.txt", *fields, host=None), 400)
    assert "Host" in r.text
    assert "<script" not in r.text


def test_host_is_required_with_an_absolute_target_too(server):
    """RFC 9112 3.2.2: the client MUST send it even then."""
    data = request("http://localhost/hello.txt", host=None)
    assert_faulty(server, data, 400)


def test_http_1_0_needs_no_host(server):
    with server.client() as c:
        r = c.ask("/hello.txt", host=None, version="1.0")
        assert (r.status, r.text) == (200, "hello, world\n")
        c.assert_ends()


@pytest.mark.parametrize("host", ["evil.example", "a b"])
def test_http_1_0_with_a_bad_host_is_no_way_around(server, host):
    r = server.get("/hello.txt", host=host, version="1.0")
    assert r.status in (400, 421)


# ------------------------------------------------------------- field lines

BAD_FIELDS = table(
    ("9112-5.1 blank before the colon", b"X : y"),
    ("9112-5.1 tab before the colon", b"X\t: y"),
    ("9112-5.1 length, blank, colon", b"Content-Length : 44"),
    ("9112-5.1 coding, blank, colon", b"Transfer-Encoding : chunked"),
    ("9112-5.2 folded", b"X: a\r\n b"),
    ("9112-5.2 folded by tab", b"X: a\r\n\tb"),
    ("9112-5.2 folded blank line", b"X: a\r\n "),
    ("9112-5 no colon", b"nonsense"),
    ("9112-5 empty name", b": y"),
    ("9112-5 blank begins", b" X: y"),
    ("9110-5.6.2 name with at", b"X@Y: y"),
    ("9110-5.6.2 name with parenthesis", b"X(Y): y"),
    ("9110-5.6.2 name with blank", b"X Y: y"),
    ("9110-5.6.2 name with NUL", b"X\x00Y: y"),
    ("9110-5.6.2 name with 8 bits", b"X\xe4: y"),
    ("9110-5.6.2 name with quotes", b'"X": y'),
    ("9110-5.6.2 name with slash", b"X/Y: y"),
    ("9110-5.5 NUL", b"X: a\x00b"), ("9110-5.5 ESC", b"X: a\x1b[2Jb"),
    ("9110-5.5 DEL", b"X: a\x7fb"), ("9110-5.5 BEL", b"X: \x07"),
    ("9110-5.5 vertical tab", b"X: a\x0bb"),
    ("9110-5.5 form feed", b"X: a\x0cb"),
    ("9112-2.2 bare LF", b"X: y\nZ: z"),
    ("9112-2.2 LF ends the field", b"X: y\n"),
    ("9112-2.2 bare CR", b"X: a\rb"),
    ("9112-2.2 CR before the colon", b"X\r: b"),
    ("9112-2.2 CR begins the value", b"X:\rb"),
    ("9112-2.2 two CRs", b"X: y\r"),
    ("9112-2.2 CR and a hidden field", b"X: y\rTransfer-Encoding: chunked"),
    ("9112-2.2 LF and a hidden length", b"X: y\nContent-Length: 44"),
)


@pytest.mark.parametrize("line", BAD_FIELDS)
@pytest.mark.parametrize("place", ["first", "last"])
def test_a_bad_field_line_is_refused(server, line, place):
    lines = [b"Host: localhost", b"Accept: */*"]
    lines.insert(0 if place == "first" else 2, line)
    data = b"GET / HTTP/1.1\r\n" + b"\r\n".join([*lines, b"", b""])
    assert_refused(server, data + SMUGGLED, 400)


@pytest.mark.parametrize("ending", [b"\n\n", b"\n\r\n", b"\r\n\n", b"\r\r\n",
                                    b"\r\n\r", b"\r\n \r\n", b"\r\n\x00\r\n"])
def test_a_head_ends_in_an_empty_line_of_crlf_alone(server, ending):
    data = b"GET / HTTP/1.1\r\nHost: localhost" + ending
    assert_refused(server, data + SMUGGLED, 400)


@pytest.mark.parametrize("field", [
    "X:", "X: ", "X:y", "X: \t y \t ", "X: a:b:c", "X: \xe4\xf6\xfc\xff",
    "!#$%&'*+-.^_`|~1aZ: y", "X: a\tb", 'X: "quoted, \\"string\\""',
    "X: (comment)", "Content_Length: 99", "Content-Length2: 99",
    "Transfer_Encoding: chunked",
])
def test_unusual_but_valid_fields_are_taken(server, field):
    with server.client() as c:
        assert c.ask("/hello.txt", field).status == 200
        assert c.ask("/hello.txt").status == 200


@pytest.mark.parametrize("data, offset", table(
    ("blank before colon", b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 20),
    ("bare LF", b"GET / HTTP/1.1\nHost: x\r\n\r\n", 14),
    ("bad method", b"G@T / HTTP/1.1\r\n\r\n", 1),
    ("bad target", b"GET /\x01 HTTP/1.1\r\n\r\n", 5),
    ("bad version", b"GET / HTTQ/1.1\r\n\r\n", 9),
    ("bad value", b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x01\r\n\r\n", 29),
    ("bad escape", b"GET /ab%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 7),
    ("bad host", b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 23),
    ("empty line first", b"\r\nG@T / HTTP/1.1\r\n\r\n", 3),
))
def test_the_page_names_the_byte_at_fault(server, data, offset):
    r = once(server.port, data)
    assert r.status == 400
    assert f"byte {offset}:" in r.text


def test_the_byte_at_fault_is_counted_from_its_own_request(server):
    with server.client() as c:
        c.send(request("/hello.txt") + b"GET / HTTP/1.1\r\nHost : x\r\n\r\n")
        assert c.read().status == 200
        assert "byte 20:" in c.read().text


# -------------------------------------------------- framing and smuggling

BAD_FRAMING = table(
    ("9112-6.1 length and chunked",
     ["Content-Length: 5", "Transfer-Encoding: chunked"], 400),
    ("9112-6.1 chunked and length",
     ["Transfer-Encoding: chunked", "Content-Length: 5"], 400),
    ("9112-6.1 chunked and length 0",
     ["Transfer-Encoding: chunked", "Content-Length: 0"], 400),
    ("9112-6.3 two lengths", ["Content-Length: 5", "Content-Length: 6"], 400),
    ("9112-6.3 two lengths, one 0",
     ["Content-Length: 0", "Content-Length: 44"], 400),
    ("9112-6.3 length is a list", ["Content-Length: 5, 6"], 400),
    ("9112-6.3 empty length", ["Content-Length:"], 400),
    ("9112-6.3 negative length", ["Content-Length: -1"], 400),
    ("9112-6.3 signed length", ["Content-Length: +5"], 400),
    ("9112-6.3 hexadecimal length", ["Content-Length: 0x5"], 400),
    ("9112-6.3 exponent", ["Content-Length: 1e1"], 400),
    ("9112-6.3 fraction", ["Content-Length: 5.0"], 400),
    ("9112-6.3 blank in length", ["Content-Length: 4 4"], 400),
    ("9112-6.3 underscore in length", ["Content-Length: 4_4"], 400),
    ("9112-6.3 quoted length", ['Content-Length: "5"'], 400),
    ("9112-6.3 comma behind", ["Content-Length: 5,"], 400),
    ("9112-6.3 length is words", ["Content-Length: five"], 400),
    ("9112-6.3 8 bits", ["Content-Length: 5\xb2"], 400),
    ("9112-6.3 length of 2^64", ["Content-Length: 18446744073709551616"],
     (400, 413)),
    ("9112-6.3 length of 2^64+5", ["Content-Length: 18446744073709551621"],
     (400, 413)),
    ("9112-6.3 length of 2^63", ["Content-Length: 9223372036854775808"],
     (400, 413)),
    ("9112-6.3 length of 30 digits", ["Content-Length: " + "9" * 30],
     (400, 413)),
    ("9112-6.1 unknown coding", ["Transfer-Encoding: gzip"], (400, 501)),
    ("9112-6.1 identity", ["Transfer-Encoding: identity"], (400, 501)),
    ("9112-6.1 gzip and chunked", ["Transfer-Encoding: gzip, chunked"],
     (400, 501)),
    ("9112-6.3 chunked not last", ["Transfer-Encoding: chunked, gzip"], 400),
    ("9112-6.3 chunked, identity",
     ["Transfer-Encoding: chunked, identity"], 400),
    ("9112-6.1 chunked twice", ["Transfer-Encoding: chunked, chunked"],
     (400, 501)),
    ("9112-6.1 chunked in two lines",
     ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
     (400, 501)),
    ("9112-6.1 chunked, then other line",
     ["Transfer-Encoding: chunked", "Transfer-Encoding: cow"], 400),
    ("9112-6.1 longer name", ["Transfer-Encoding: xchunked"], (400, 501)),
    ("9112-6.1 longer name behind", ["Transfer-Encoding: chunkedx"],
     (400, 501)),
    ("9112-6.1 quoted", ['Transfer-Encoding: "chunked"'], (400, 501)),
    ("9112-6.1 with parameter", ["Transfer-Encoding: chunked;q=1"],
     (400, 501)),
    ("9112-6.1 empty", ["Transfer-Encoding:"], 400),
    ("9112-6.1 comma", ["Transfer-Encoding: ,"], 400),
    ("9112-6.1 8 bits", ["Transfer-Encoding: chunked\xa0"], (400, 501)),
)
CHUNKED_END = b"0\r\n\r\n"


@pytest.mark.parametrize("fields, status", BAD_FRAMING)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_framing_in_doubt_is_refused_and_closed(
        server, fields, status, method):
    data = request("/hello.txt", *fields, method=method)
    assert_refused(server, data + CHUNKED_END + SMUGGLED, status)


def test_transfer_encoding_in_http_1_0_is_refused(server):
    """RFC 9112 6.1: faulty framing, even with Connection: keep-alive."""
    data = request("/", "Transfer-Encoding: chunked",
                   "Connection: keep-alive", method="POST", version="1.0")
    assert_refused(server, data + CHUNKED_END + SMUGGLED, 400)


def test_equal_lengths_are_refused_or_taken_as_one(server):
    """RFC 9112 6.3 allows both; never a body read as a request."""
    data = request("/hello.txt", "Content-Length: 5", "Content-Length: 5",
                   body=b"AAAAA")
    with server.client() as c:
        r = c.send(data).read()
        if r.closes:
            c.finish()
            c.assert_ends()
        else:
            assert c.ask("/n1.txt").status == 200


BAD_CHUNKS = table(
    ("9112-7.1 empty size", b"\r\nhello\r\n0\r\n\r\n"),
    ("9112-7.1 no hexadecimal", b"g\r\nhello\r\n0\r\n\r\n"),
    ("9112-7.1 prefix 0x", b"0x5\r\nhello\r\n0\r\n\r\n"),
    ("9112-7.1 negative", b"-5\r\nhello\r\n0\r\n\r\n"),
    ("9112-7.1 signed", b"+5\r\nhello\r\n0\r\n\r\n"),
    ("9112-7.1 blank before", b" 5\r\nhello\r\n0\r\n\r\n"),
    ("9112-7.1 underscore", b"0_5\r\nhello\r\n0\r\n\r\n"),
    ("9112-7.1 bare LF behind the size", b"5\nhello\r\n0\r\n\r\n"),
    ("9112-7.1 bare CR behind the size", b"5\rhello\r\n0\r\n\r\n"),
    ("9112-7.1 bare LF behind the data", b"5\r\nhello\n0\r\n\r\n"),
    ("9112-7.1 nothing behind the data", b"5\r\nhello0\r\n\r\n"),
    ("9112-7.1 data longer than said", b"3\r\nhello\r\n0\r\n\r\n"),
    ("9112-7.1 data shorter than said", b"6\r\nhello\r\n0\r\n\r\n"),
    ("9112-7.1 two bytes of junk", b"5\r\nhelloXX0\r\n\r\n"),
    ("9112-7.1 17 digits", b"00000000000000005\r\nhello\r\n0\r\n\r\n"),
    ("9112-7.1 overflow", b"10000000000000005\r\nhello\r\n0\r\n\r\n"),
    ("9112-7.1 2^64-1", b"ffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
    ("9112-7.1 last chunk ends in LF", b"0\n\r\n"),
    ("9112-7.1 end in LF", b"0\r\n\n"),
    ("9112-7.1.1 NUL in extension", b"5;a=\x00\r\nhello\r\n0\r\n\r\n"),
    ("9112-7.1.1 LF in extension", b"5;a=b\nhello\r\n0\r\n\r\n"),
    ("9112-7.1.1 LF hides a chunk", b"2;\nxx\r\n4b\r\n0\r\n\r\n"),
    ("9112-7.1.1 CR in extension", b"5;a\rb\r\nhello\r\n0\r\n\r\n"),
    ("9112-7.1.1 extension of 5000 bytes",
     b"5;" + b"a" * 5000 + b"\r\nhello\r\n0\r\n\r\n"),
    ("9112-7.1.2 trailer of 9000 bytes",
     b"0\r\nX: " + b"a" * 9000 + b"\r\n\r\n"),
    ("9112-7.1.2 NUL in trailer", b"0\r\nX: \x00\r\n\r\n"),
    ("9112-7.1.2 LF in trailer", b"0\r\nX: a\nY: b\r\n\r\n"),
    ("9112-7.1.2 no colon in trailer", b"0\r\nnonsense\r\n\r\n"),
    ("9112-7.1.2 blank in trailer name", b"0\r\nX : a\r\n\r\n"),
    ("9112-7.1.2 folded trailer", b"0\r\nX: a\r\n b\r\n\r\n"),
)


@pytest.mark.parametrize("body", BAD_CHUNKS)
def test_bad_chunks_are_refused_and_closed(server, body):
    data = request("/hello.txt", "Transfer-Encoding: chunked", method="POST")
    assert_refused(server, data + body + SMUGGLED, (400, 413, 431))


def test_what_was_refused_is_never_read_as_a_request(server):
    """The log of all those attacks names no smuggled request."""
    server.get("/sentinel")
    server.wait_logged("/sentinel")
    assert not [s for s in server.log if '"GET /smuggled' in s]


# ------------------------------------------------------------------ limits

def line_of(n):
    """A request line of n bytes without CRLF."""
    text = "GET /hello.txt?{} HTTP/1.1"
    return text.format("q" * (n - len(text) + 2))


@pytest.mark.parametrize("n, status", [
    (8191, 200), (8192, 200), (8193, 414), (9000, 414), (70000, 414)])
def test_the_request_line_has_a_limit(server, n, status):
    """RFC 9110 15.5.15, RFC 9112 3."""
    data = head(start=line_of(n))
    assert len(data.split(b"\r\n")[0]) == n
    if status == 200:
        with server.client() as c:
            assert c.send(data).read().status == 200
            assert c.ask("/hello.txt").status == 200
    else:
        r = assert_refused(server, data, status)
        assert "8192" in r.text


def test_an_endless_request_line_is_refused_before_it_ends(server):
    with server.client() as c:
        c.send(b"GET /" + b"a" * 9000)
        assert c.read().status == 414


def test_an_endless_method_is_refused(server):
    """RFC 9112 3: 501, unless the line passes its limit."""
    with server.client() as c:
        c.send(b"A" * 20000)
        assert c.read().status in (400, 414, 501)


def field_lines(n):
    """Field lines of n bytes together, CRLFs counted, Host first."""
    lines = b"Host: localhost\r\n"
    while len(lines) < n:
        size = min(n - len(lines), 8000)
        if 0 < n - len(lines) - size < 8:
            size -= 8
        lines += b"X: " + b"y" * (size - 5) + b"\r\n"
    assert len(lines) == n
    return lines


@pytest.mark.parametrize("n, status", [
    (32767, 200), (32768, 200), (32769, 431), (60000, 431)])
def test_the_field_section_has_a_limit(server, n, status):
    """RFC 6585 5."""
    data = b"GET /hello.txt HTTP/1.1\r\n" + field_lines(n) + b"\r\n"
    if status == 200:
        with server.client() as c:
            assert c.send(data).read().status == 200
            assert c.ask("/hello.txt").status == 200
    else:
        assert "32768" in assert_refused(server, data, status).text


def test_one_field_without_end_is_refused_before_it_ends(server):
    with server.client() as c:
        c.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 40000)
        assert c.read().status == 431


@pytest.mark.parametrize("n, status", [(99, 200), (100, 200), (101, 431),
                                       (1000, 431)])
def test_the_number_of_fields_has_a_limit(server, n, status):
    data = head(*[f"X{i}: y" for i in range(n - 1)])
    if status == 200:
        assert once(server.port, data).status == 200
    else:
        assert "100" in assert_refused(server, data, status).text


def test_longest_line_and_fields_fit_together(server):
    line = line_of(8192).encode()
    data = line + b"\r\n" + field_lines(32768) + b"\r\n"
    with server.client() as c:
        for _ in range(3):
            assert c.send(data).read().status == 200
        c.send(data * 3)
        for _ in range(3):
            assert c.read().status == 200


@pytest.mark.parametrize("end", [1, 2, 3, 4, 5])
def test_the_longest_head_may_come_in_two_parts(server, end):
    """With the empty line before it: a buffer that is just large enough."""
    data = (b"\r\n" + line_of(8192).encode() + b"\r\n" + field_lines(32768)
            + b"\r\n")
    with server.client() as c:
        for _ in range(2):
            c.send_split(data, [len(data) - end])
            assert c.read().status == 200


def test_the_largest_limits(start):
    s = start(limits_request_line="16K", limits_header_size="44K",
              limits_header_count="200")
    for n, m, status in ((16384, 45056, 200), (16385, 45056, 414),
                         (16384, 45057, 431)):
        data = b"\r\n" + line_of(n).encode() + b"\r\n" + field_lines(m)
        with s.client() as c:
            c.send_split(data + b"\r\n", [len(data)])
            assert c.read().status == status
    assert once(s.port, head(*["X: y"] * 199)).status == 200
    assert once(s.port, head(*["X: y"] * 200)).status == 431


def test_limits_are_configurable(start):
    s = start(limits_request_line="64", limits_header_size="128",
              limits_header_count="3")
    assert once(s.port, head(start=line_of(64))).status == 200
    assert once(s.port, head(start=line_of(65))).status == 414
    assert once(s.port, head("A: 1", "B: 2")).status == 200
    assert once(s.port, head("A: 1", "B: 2", "C: 3")).status == 431
    assert once(s.port, head("A: " + "a" * 150)).status == 431


@pytest.mark.parametrize("unit", ["/a", "/%61", "/..", "/.", "//", "%2e"])
def test_paths_at_the_limits_are_answered(server, unit):
    for n in (4000, 4094, 4095, 4096, 8100):
        path = ("/" + unit * (n // len(unit) + 1))[:n]
        r = server.get(path)
        assert r.status in (200, 400, 404, 414), (unit, n, r.head)


# -------------------------------------------------------------- error pages

MARKUP = "/<script>alert(1)</script>\"'&"


@pytest.mark.parametrize("target", [
    MARKUP, MARKUP.replace("<", "%3C").replace(">", "%3e"),
    "/%22onload=%22x", "/%26lt;", "/folder/%3Cimg%20src=x%3E",
    "/%E2%80%AE%F0%9F%92%A9", "/%ff%fe"])
def test_error_pages_never_carry_a_clients_markup(server, target):
    r = server.get(target)
    assert r.status in (400, 404)
    assert r.get("content-type") == "text/html; charset=utf-8"
    for word in ("<script", "<img", '"onload', "\u202e"):
        assert word not in r.text
    assert "default-src 'none'" in r.get("content-security-policy")
    assert r.get("x-content-type-options") == "nosniff"


@pytest.mark.parametrize("accept, kind", table(
    ("9110-12.5.1 none", None, "text/html"),
    ("9110-12.5.1 all", "*/*", "text/html"),
    ("9110-12.5.1 browser", "text/html,application/xhtml+xml,*/*;q=0.8",
     "text/html"),
    ("9110-12.5.1 text", "text/plain", "text/plain"),
    ("9110-12.5.1 image", "image/*", None),
    ("9110-12.5.1 html refused", "text/html;q=0, */*", "text/plain"),
    ("9110-12.5.1 text rather", "text/html;q=0.5, text/plain", "text/plain"),
    ("9110-12.5.1 json", "application/json", "text/plain"),
    ("9110-12.5.1 garbage", ";;;,,,q=/", None),
))
@pytest.mark.parametrize("target, status", [("/missing", 404),
                                            ("/a%zz", 400), ("/folder", 301)])
def test_pages_are_html_or_text(server, accept, kind, target, status):
    fields = [] if accept is None else ["Accept: " + accept]
    r = server.get(target, *fields)
    assert r.status == status
    assert r.get("content-type").split(";")[0] in (
        [kind] if kind else ["text/html", "text/plain"])
    assert ("<html" in r.text) == r.get("content-type").startswith("text/html")


def test_a_page_chosen_by_accept_says_so(server):
    """RFC 9110 12.5.5: Vary where a cacheable answer was negotiated."""
    assert "accept" in (server.get("/missing").get("vary") or "").lower()


@pytest.mark.parametrize("target, method", [
    ("/missing", "HEAD"), ("/a%zz", "HEAD"), ("/folder", "HEAD")])
def test_pages_for_head_have_no_content(server, target, method):
    """RFC 9110 9.3.2: the same fields, no content."""
    with server.client() as c:
        r = c.ask(target, method=method)
        full = c.ask(target)
        assert r.status == full.status
        assert r.length == full.length == len(full.body)
        c.assert_open()


def test_a_malformed_head_request_is_answered_by_its_framing(server):
    """Whatever is refused in a HEAD request has no content either."""
    with server.client() as c:
        c.send(b"HEAD /hello.txt HTTP/1.1\r\nHost: a b\r\n\r\n")
        r = c.read("HEAD")
        assert r.status == 400
        c.finish()
        assert c.rest() == b""


@pytest.mark.parametrize("tail, status", table(
    ("bad name", b"Host : x\r\n\r\n", 400),
    ("bad value", b"Host: localhost\r\nX: \x01\r\n\r\n", 400),
    ("too many fields", b"X: y\r\n" * 101 + b"\r\n", 431),
    ("bad chunk", b"Host: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
     b"zz\r\n", 400),
    ("too much content", b"Host: localhost\r\nContent-Length: 999999\r\n\r\n",
     413),
))
def test_a_head_request_that_is_refused_late_has_no_content(
        server, tail, status):
    """RFC 9110 9.3.2: the method was understood when the rest was not."""
    with server.client() as c:
        c.send(b"HEAD /hello.txt HTTP/1.1\r\n" + tail)
        assert c.read("HEAD").status == status
        c.finish()
        assert c.rest() == b""


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes_never_stop_the_server(server, seed):
    """Mutations of a good request: an answer or a close, nothing else."""
    rng = random.Random(seed)
    good = request("/hello.txt", "Accept: */*", "Content-Length: 3",
                   "Connection: keep-alive", body=b"abc")
    for _ in range(60):
        data = bytearray(good)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(data))
            what = rng.randrange(4)
            if what == 0:
                data[at] = rng.randrange(256)
            elif what == 1:
                del data[at]
            elif what == 2:
                data.insert(at, rng.choice(b"\r\n\0 :,;%/\x7f\xff"))
            else:
                data[at:at] = data[at:at + rng.randint(1, 20)]
        with Client(server.port) as c:
            c.send(bytes(data))
            c.finish()
            answer = c.rest()
            assert not answer or answer.startswith(b"HTTP/1.1 "), data
    assert server.get("/hello.txt").status == 200
