"""Request line, versions, line ends, fields and Host."""

from raw import request

from .case import (CHOICE, MUST, SHOULD, Part, closes, fetch, head, refused,
                   rejected, steps, check_status)
from .folder import HELLO
from .wire import want

line = Part("line", "Request line and version")


def start(text):
    return head(line=text)


GRAMMAR = ("A request line that does not match the grammar ({}) is refused and"
           " the connection closed.")

for name, text, what in [
    ("method-alone", "GET", "a method alone"),
    ("tab-for-blank", "GET\t/hello.txt\tHTTP/1.1", "tabs for blanks"),
    ("form-feed", "GET\x0c/hello.txt HTTP/1.1", "a form feed for a blank"),
    ("target-blank", "GET /hello .txt HTTP/1.1", "a blank in the target"),
    ("method-at", "G@T /hello.txt HTTP/1.1", "a method that is no token"),
    ("method-quoted", '"GET" /hello.txt HTTP/1.1', "a method in quotes"),
    ("method-colon", "GET: /hello.txt HTTP/1.1", "a colon in the method"),
    ("method-nul", "G\0ET /hello.txt HTTP/1.1", "NUL in the method"),
    ("method-8-bits", "G\xc9T /hello.txt HTTP/1.1", "a byte above 7F in the"
     " method"),
    ("first-nul", "\0GET /hello.txt HTTP/1.1", "NUL first"),
    ("target-nul", "GET /hello.txt\0 HTTP/1.1", "NUL in the target"),
    ("target-esc", "GET /hello.txt\x1b HTTP/1.1", "ESC in the target"),
    ("target-del", "GET /hello.txt\x7f HTTP/1.1", "DEL in the target"),
    ("empty-target", "GET  HTTP/1.1", "an empty target"),
    ("lower-case", "GET /hello.txt http/1.1", "HTTP in lower case"),
    ("no-minor", "GET /hello.txt HTTP/1", "no minor version"),
    ("dot-no-minor", "GET /hello.txt HTTP/1.", "a dot and no minor version"),
    ("comma", "GET /hello.txt HTTP/1,1", "a comma for the dot"),
    ("major-two-digits", "GET /hello.txt HTTP/01.1", "two digits of major"),
    ("minor-two-digits", "GET /hello.txt HTTP/1.10", "two digits of minor"),
    ("three-parts", "GET /hello.txt HTTP/1.1.1", "three parts of version"),
    ("sign", "GET /hello.txt HTTP/+1.1", "a sign in the version"),
    ("letter-minor", "GET /hello.txt HTTP/1.x", "a letter as minor"),
    ("other-protocol", "GET /hello.txt ICY/1.1", "another protocol's name"),
    ("slash-missing", "GET /hello.txt HTTP1.1", "no slash in the version"),
    ("version-nul", "GET /hello.txt HTTP/1.1\0", "NUL behind the version"),
]:
    # 9110 9.1 and 15.6.6 ask for 501 and 505 with the same right
    line(name, "9112 2.2", SHOULD, GRAMMAR.format(what),
         refused(start(text), 400, 501, 505))
    line(name + "-400", "9112 2.2", CHOICE, f"The answer to {what} is 400.",
         rejected(start(text)))
for name, text, what in [
    ("no-version", "GET /hello.txt", "no version"),
    ("blank-no-version", "GET /hello.txt ", "a blank and no version"),
]:
    line(name, "9112 3", CHOICE,
         f"HTTP/0.9 is not spoken: a request line with {what} is answered 400"
         " and closed.", refused(start(text)))

for name, text, what in [
    ("two-blanks", "GET  /hello.txt HTTP/1.1", "two blanks before the target"),
    ("two-blanks-version", "GET /hello.txt  HTTP/1.1",
     "two blanks before the version"),
    ("blank-behind", "GET /hello.txt HTTP/1.1 ", "a blank behind the version"),
    ("blank-before", " GET /hello.txt HTTP/1.1", "a blank before the method"),
    ("fragment", "GET /hello.txt#top HTTP/1.1", "a fragment"),
    ("target-8-bits", "GET /k\xc3\xa4se.txt HTTP/1.1",
     "a byte above 7F in the target"),
]:
    line(name, "9112 3", CHOICE, f"A request line with {what}, which a"
         " recipient may also pass over, is refused with 400.",
         refused(start(text)))

line("empty-line-before", "9112 2.2", SHOULD,
     "An empty line before the request line is ignored.",
     steps(lambda c: _after(c)))


def _after(c):
    c.send(b"\r\n" + head())
    r = c.read()
    check_status(r, (200,))
    want(r.body == HELLO, f"content {r.body!r}")
    c.goes_on()


line("empty-line-between", "9112 2.2", SHOULD,
     "An empty line between two requests is ignored.",
     steps(lambda c: _between(c)))


def _between(c):
    c.send(head() + b"\r\n" + head(line="GET /other.txt HTTP/1.1"))
    check_status(c.read(), (200,))
    r = c.read()
    want(r.status == 200 and r.body == b"other\n", f"second: {r.status}")


for name, pre, what in [("lf-before", b"\n", "LF"), ("cr-before", b"\r", "CR"),
                        ("blanks-before", b" \r\n", "a blank line")]:
    line(name, "9112 2.2", CHOICE,
         f"An empty line that is not CRLF ({what}) before the request line is"
         " refused.", refused(pre + head()))

for version, name in [("2.0", "2-0"), ("2.7", "2-7"), ("3.0", "3-0"),
                      ("0.9", "0-9"), ("9.9", "9-9")]:
    line(f"version-{name}", "9110 15.6.6", CHOICE,
         f"A major version that is not spoken (HTTP/{version}) is answered"
         " 505.", rejected(start(f"GET /hello.txt HTTP/{version}"), 505))
line("h2-preface", "9110 15.6.6", CHOICE,
     "The preface of HTTP/2 on a connection that speaks HTTP/1 is answered"
     " 505 and closed.",
     closes(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505))
for version in ("1.2", "1.9"):
    line("version-" + version.replace(".", "-"), "9110 2.5", SHOULD,
         f"HTTP/{version} is processed as the highest minor version that is"
         " spoken.", fetch(version=version, body=HELLO, kept=True))
line("response-version", "9110 6.2", SHOULD,
     "An answer to HTTP/1.0 says the server's own highest minor version.",
     fetch(version="1.0", checks=[
         lambda r, _: want(r.minor == 1, "status line of HTTP/1.0")]))
line("tls", "9112 2.2", CHOICE,
     "A TLS handshake on a cleartext port is answered at once and closed.",
     refused(bytes.fromhex("16030100c8010000c40303") + b"\0\r\n\r\n",
             after=b""))
line("8000-bytes", "9112 3", SHOULD,
     "A request line of 8000 octets is supported.",
     fetch("/hello.txt?" + "x" * 7950, body=HELLO, kept=True))
line("too-long", "9112 3", MUST,
     "A target longer than the server wishes to parse is answered 414.",
     rejected(start("GET /" + "x" * 12000 + " HTTP/1.1"), 414))

for name, data, what in [
    ("bare-lf-line", b"GET /hello.txt HTTP/1.1\nHost: localhost\r\n\r\n",
     "behind the request line"),
    ("bare-lf-field", b"GET /hello.txt HTTP/1.1\r\nHost: localhost\nX: y"
     b"\r\n\r\n", "behind a field"),
    ("bare-lf-end", b"GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\n",
     "as the empty line"),
    ("bare-lf-all", b"GET /hello.txt HTTP/1.1\nHost: localhost\n\n",
     "everywhere"),
]:
    line(name, "9112 2.2", CHOICE,
         f"A bare LF as a line end ({what}), which a recipient may accept, is"
         " refused.", refused(data))

CR = ("A bare CR {} is either invalid or replaced by a blank before it is"
      " used.")
line("bare-cr-line", "9112 2.2", MUST, CR.format("behind the request line"),
     refused(b"GET /hello.txt HTTP/1.1\rHost: localhost\r\n\r\n"))
line("cr-cr-lf", "9112 2.2", MUST, CR.format("before the CRLF of the request"
     " line"), refused(b"GET /hello.txt HTTP/1.1\r\r\nHost: localhost"
                       b"\r\n\r\n"))

# ------------------------------------------------------------------ fields

field = Part("field", "Field lines")
for name, text in [("blank-colon", "X : y"), ("tab-colon", "X\t: y"),
                   ("host-blank-colon", "Accept : */*"),
                   ("length-blank-colon", "Content-Length : 0"),
                   ("coding-blank-colon", "Transfer-Encoding : chunked")]:
    field(name, "9112 5.1", MUST,
          f"White space between name and colon ({text.split(':')[0]!r}) is"
          " rejected with 400.", refused(head(text)))
for name, text, what in [
    ("no-colon", b"nonsense", "no colon"),
    ("empty-name", b": y", "an empty name"),
    ("name-at", b"X@Y: z", "'@' in the name"),
    ("name-slash", b"X/Y: z", "'/' in the name"),
    ("name-quotes", b'"X": z', "quotes around the name"),
    ("name-blank", b"X Y: z", "a blank in the name"),
    ("name-parenthesis", b"X(Y): z", "'(' in the name"),
    ("name-nul", b"X\0: z", "NUL in the name"),
    ("name-control", b"X\x01: z", "a control byte in the name"),
    ("name-8-bits", b"X\xe4: z", "a byte above 7F in the name"),
    ("name-cr", b"X\r: z", "CR in the name"),
]:
    field(name, "9112 2.2", SHOULD,
          f"A field line that does not match the grammar ({what}) is answered"
          " 400 and the connection closed.", refused(head(text)))
for name, text, what in [("nul", b"a\0b", "NUL"), ("cr", b"a\rb", "CR")]:
    field(f"value-{name}", "9110 5.5", CHOICE,
          f"{what} in a value, which a recipient may also replace by a blank,"
          " is refused.", refused(head(b"X: " + text)))
for name, text, what in [
    ("esc", b"a\x1bb", "ESC"), ("del", b"a\x7fb", "DEL"),
    ("bel", b"\x07", "BEL"), ("vt", b"a\x0bb", "a vertical tab"),
    ("ff", b"a\x0cb", "a form feed"),
]:
    field(f"value-{name}", "9110 5.5", CHOICE,
          f"{what} in a value, which a recipient may also retain, is"
          " refused.", refused(head(b"X: " + text)))
field("cr-hides-coding", "9112 2.2", MUST,
      "A bare CR does not begin a line: what is behind it is no field.",
      refused(head(b"X: y\rTransfer-Encoding: chunked")))
for name, text in [("fold", "X: a\r\n b"), ("fold-tab", "X: a\r\n\tb"),
                   ("fold-empty", "X: a\r\n "),
                   ("fold-length", "Content-Length:\r\n 0")]:
    field(name, "9112 5.2", CHOICE,
          "Obsolete line folding, which a server may also join, is rejected"
          f" ({name}).", refused(head(text)))
field("fold-first", "9112 2.2", MUST,
      "White space between the request line and the first field is rejected"
      " or its lines are passed over.",
      lambda at: _space_first(at))


def _space_first(at):
    with at.connect() as c:
        c.send(b"GET /hello.txt HTTP/1.1\r\n Host: evil.example\r\n"
               b"Host: localhost\r\n\r\n")
        check_status(c.read(), (400, 200))
    with at.connect() as c:   # the indented Host does not count as one
        c.send(b"GET /hello.txt HTTP/1.1\r\n Host: localhost\r\n\r\n")
        check_status(c.read(), (400,))


for name, text, what in [
    ("no-blank", "X:y", "no blank behind the colon"),
    ("many-blanks", "X: \t  y \t ", "blanks around the value"),
    ("empty", "X:", "an empty value"),
    ("colons", "X: a:b:c", "colons in the value"),
    ("obs-text", "X: \xe4\xff", "bytes above 7F in the value"),
    ("tab", "X: a\tb", "a tab in the value"),
    ("all-tchar", "!#$%&'*+-.^_`|~1aZ: y", "every character of a token in"
     " the name"),
    ("underscore", "Content_Length: 99", "an underscore in the name"),
]:
    field(f"ok-{name}", "9112 5", MUST,
          f"A valid field line is accepted: {what}.",
          fetch("/hello.txt", text, body=HELLO, kept=True))
field("case", "9110 5.1", MUST, "Field names are compared without case.",
      fetch("/abc.txt", "rAnGe: bytes=0-1", status=206, body=b"ab"))
field("line-431", "6585 5", CHOICE,
      "A field line that is too large is answered 431.",
      rejected(head("X: " + "y" * 60000), 431))
field("count-431", "6585 5", CHOICE, "500 fields are answered 431.",
      rejected(head(*["X: y"] * 500), 431))
field("large-is-4xx", "9110 5.4", MUST,
      "Fields larger than the server wishes to process are answered with a"
      " 4xx.", rejected(head(*["X: " + "y" * 4000] * 60),
                        *range(400, 500)))

# -------------------------------------------------------------------- host

host = Part("host", "Host")
for name, fields, what in [
    ("missing", [], "no Host"),
    ("two", ["Host: localhost", "Host: evil.example"], "two Hosts"),
    ("two-alike", ["Host: localhost", "Host: localhost"], "two equal Hosts"),
    ("two-one-empty", ["Host: localhost", "Host:"], "two Hosts, one empty"),
    ("two-cases", ["host: localhost", "HOST: localhost"],
     "two Hosts, in other case"),
]:
    host(name, "9112 3.2", MUST, f"A request of HTTP/1.1 with {what} is"
         " answered 400.", rejected(head(*fields, host=None)))
for name, value, what in [
    ("list", "localhost, localhost", "a list"),
    ("blank", "local host", "a blank inside"),
    ("slash", "localhost/x", "a slash"),
    ("backslash", "localhost\\x", "a backslash"),
    ("userinfo", "me@localhost", "user information"),
    ("scheme", "http://localhost", "a scheme"),
    ("port-letters", "localhost:http", "a port of letters"),
    ("two-ports", "localhost:80:80", "two ports"),
    ("port-negative", "localhost:-1", "a negative port"),
    ("port-plus", "localhost:+80", "a signed port"),
    ("bracket-open", "[::1", "an open bracket"),
    ("bracket-close", "::1]", "a closing bracket alone"),
    ("bare-v6", "::1", "IPv6 without brackets"),
    ("bad-v6", "[::g]", "no IPv6 in the brackets"),
    ("v6-tail", "[::1]x", "a tail behind the bracket"),
    ("v6-empty", "[]", "empty brackets"),
    ("v6-too-long", "[1:2:3:4:5:6:7:8:9]", "nine groups of IPv6"),
    ("percent", "local%zzhost", "a bad escape"),
    ("percent-cut", "localhost%4", "a cut escape"),
    ("8-bits", "l\xf6calhost", "a byte above 7F"),
    ("quotes", '"localhost"', "quotes"),
    ("angle", "<localhost>", "angle brackets"),
    ("hash", "localhost#x", "a fragment"),
    ("question", "localhost?x", "a query"),
    ("caret", "local^host", "a caret"),
    ("brace", "{localhost}", "braces"),
    ("pipe", "local|host", "a bar"),
]:
    host(f"bad-{name}", "9112 3.2", MUST,
         f"An invalid Host ({what}) is answered 400.",
         rejected(head(f"Host: {value}", host=None)))
for name, value, what in [
    ("port-65536", "localhost:65536", "a port above 65535"),
    ("port-overflow", "localhost:18446744073709551696",
     "a port of 64 bits that wraps to 80"),
    ("empty", "", "an empty value"), ("port-only", ":80", "a port alone"),
]:
    host(f"bad-{name}", "9110 4.2.1", CHOICE,
         f"A Host that no http URI can have ({what}) is answered 400.",
         rejected(head(f"Host: {value}", host=None)))
for name, value, what in [
    ("name", "localhost", "a name"), ("case", "LocalHost", "in other case"),
    ("port", "localhost:80", "with a port"),
    ("port-empty", "localhost:", "with an empty port"),
    ("v4", "127.0.0.1:8080", "an IPv4 address"),
    ("v6", "[::1]:8080", "an IPv6 address"),
    ("v6-v4", "[::ffff:127.0.0.1]", "IPv6 with IPv4 inside"),
]:
    host(f"ok-{name}", "9110 7.2", MUST, f"A valid Host is accepted: {what}.",
         rejected(head(f"Host: {value}", host=None), 200))
host("1-0-missing", "9112 3.2", MUST, "HTTP/1.0 needs no Host.",
     fetch(version="1.0", host=None, body=HELLO))
host("1-0-two", "9112 3.2", MUST, "Two Hosts are answered 400 in HTTP/1.0"
     " too.", rejected(request("/hello.txt", "Host: localhost", version="1.0",
                               host="localhost")))
host("absolute-missing", "9112 3.2", MUST,
     "Host is required with an absolute target too.",
     rejected(head(line="GET http://localhost/hello.txt HTTP/1.1",
                   host=None)))
host("foreign", "9110 7.4", CHOICE,
     "On loopback a name that is not this server's is answered 421.",
     rejected(head(host="evil.example"), 421))
