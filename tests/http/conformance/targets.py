"""Targets, methods, folders and redirects."""

import html
import re
from urllib.parse import unquote, urljoin, urlsplit

from raw import request

from .case import (CHOICE, MUST, SHOULD, Part, check_status, fetch, has, head,
                   hides, lists, rejected, same_if_sent, says, steps)
from .folder import FILES, HELLO, HIDDEN, SECRET
from .wire import want

target = Part("target", "Targets")


def get(path, **more):
    return rejected(head(line=f"GET {path} HTTP/1.1"), **more)


for name, path, file in [
    ("blank", "/a%20b.txt", "a b.txt"), ("percent", "/100%25.txt", "100%.txt"),
    ("utf-8", "/k%C3%A4se.txt", "k\u00e4se.txt"),
    ("lower-hex", "/k%c3%a4se.txt", "k\u00e4se.txt"),
    ("signs", "/x+y&z;=,'!.txt", "x+y&z;=,'!.txt"),
    ("signs-escaped", "/x%2By%26z%3B%3D%2C%27%21.txt", "x+y&z;=,'!.txt"),
    ("plus", "/plus+.txt", "plus+.txt"),
    ("unreserved-escaped", "/%68ello%2Etxt", "hello.txt"),
    ("all-escaped", "/" + "".join(f"%{b:02X}" for b in b"hello.txt"),
     "hello.txt"),
    ("query", "/hello.txt?x=/../y%zz", "hello.txt"),
    ("query-empty", "/hello.txt?", "hello.txt"),
    ("query-question", "/hello.txt?a?b", "hello.txt"),
    ("double-once", "/%252e%252e", "%2e%2e"),
]:
    target(f"ok-{name}", "3986 2.1", MUST,
           f"A path is decoded once and its file served: {name}.",
           fetch(path, body=FILES[file], kept=True))
for name, path, file in [
    ("dot", "/./hello.txt", "hello.txt"),
    ("dots", "/folder/../hello.txt", "hello.txt"),
    ("dots-deep", "/folder/deep/../../hello.txt", "hello.txt"),
    ("dots-escaped", "/folder/%2e%2E/hello.txt", "hello.txt"),
    ("dot-escaped", "/%2e/hello.txt", "hello.txt"),
    ("dots-missing", "/missing/../hello.txt", "hello.txt"),
    ("dots-mixed", "/folder/.%2e/hello.txt", "hello.txt"),
    ("trailing-dot", "/folder/.", "folder/index.html"),
    ("trailing-dots", "/folder/deep/..", "folder/index.html"),
]:
    target(f"segments-{name}", "3986 5.2.4", CHOICE,
           f"Dot segments are removed before the file is looked for: {name}.",
           fetch(path, body=FILES[file], kept=True))
for name, path, what in [
    ("not-hex", "/hello%zz.txt", "no hexadecimal digits"),
    ("one-digit", "/hello%4.txt", "one digit"),
    ("cut", "/hello.txt%", "nothing behind %"),
    ("cut-digit", "/hello.txt%4", "one digit at the end"),
    ("u", "/%u0068ello.txt", "%u"),
]:
    target(f"escape-{name}", "3986 2.1", SHOULD,
           f"A bad escape ({what}) is answered 400.", get(path))
for name, path, what in [
    ("nul", "/hello.txt%00", "NUL"),
    ("nul-inside", "/hello.txt%00.html", "NUL inside"),
    ("lf", "/hello.txt%0a", "LF"), ("cr", "/%0dhello.txt", "CR"),
    ("esc", "/hello%1b.txt", "ESC"), ("del", "/hello%7f.txt", "DEL"),
    ("tab", "/hello%09.txt", "a tab"),
]:
    target(f"control-{name}", "9110 17.3", CHOICE,
           f"An escaped control byte ({what}) is answered 400.", get(path))
target("nul-no-file", "9110 17.3", SHOULD,
       "A path is not cut at an escaped NUL.",
       rejected(head(line="GET /hello.txt%00.html HTTP/1.1"), 400, 403, 404))
for name, path, what in [
    ("slash", "/folder%2Finner.txt", "slash"),
    ("slash-lower", "/folder%2finner.txt", "slash, lower case"),
    ("dots-slash", "/folder/..%2Fhello.txt", "slash behind dots"),
]:
    target(f"encoded-{name}", "3986 2.2", CHOICE,
           f"An encoded {what} is refused with 400.", get(path))
ABOVE = [
    ("plain", "/../secret.txt"), ("escaped", "/%2e%2e/secret.txt"),
    ("upper", "/%2E%2E/secret.txt"), ("mixed", "/.%2e/secret.txt"),
    ("deep", "/folder/../../secret.txt"), ("far", "/" + "../" * 30
                                           + "etc/passwd"),
    ("encoded-slash", "/..%2fsecret.txt"),
    ("encoded-all", "/%2e%2e%2fsecret.txt"),
    ("double", "/%252e%252e/secret.txt"),
    ("double-slash", "/%252e%252e%252fsecret.txt"),
    ("backslash", "/..\\secret.txt"), ("backslash-escaped",
                                       "/..%5csecret.txt"),
    ("backslash-all", "/%2e%2e%5csecret.txt"),
    ("overlong", "/%c0%ae%c0%ae/secret.txt"),
    ("overlong-slash", "/..%c0%afsecret.txt"),
    ("wide", "/%ff%0e%ff%0e/secret.txt"),
    ("nul", "/..%00/secret.txt"), ("semicolon", "/..;/secret.txt"),
    ("query", "/?/../../secret.txt"), ("slashes", "//../secret.txt"),
    ("absolute", "http://localhost/../secret.txt"),
    ("absolute-escaped", "http://localhost/%2e%2e/secret.txt"),
    ("link", "/out.txt"),
]


def _outside(path):
    def go(c):
        c.send(head(line=f"GET {path} HTTP/1.1"))
        r = c.read()
        want(SECRET not in r.body and b"root:" not in r.body,
             "gives out a file that is outside of the folder")
    return steps(go)


for name, path in ABOVE:
    target(f"above-{name}", "9110 17.3", SHOULD if name != "link" else CHOICE,
           f"Nothing outside of the folder is served ({name}).",
           _outside(path))
for name, path in [("plain", "/../secret.txt"),
                   ("escaped", "/%2e%2e/hello.txt"),
                   ("deep", "/folder/../../hello.txt")]:
    target(f"above-400-{name}", "3986 5.2.4", CHOICE,
           f"A path above the root is answered 400 ({name}).", get(path))
for name, path in [("file", "/.hidden"), ("folder", "/.git/config"),
                   ("escaped", "/%2ehidden"), ("dots", "/folder/../.hidden")]:
    target(f"hidden-{name}", "9110 17.3", CHOICE,
           f"Names that begin with a dot are not served ({name}).",
           fetch(path, status=404, checks=[hides(HIDDEN)]))
target("well-known", "8615 3", SHOULD, "/.well-known/ is served.",
       fetch("/.well-known/security.txt", body=b"contact\n"))
target("under-file", "9110 15.5.5", CHOICE,
       "A file is not served under a name with a slash behind.",
       fetch("/hello.txt/", status=404))
target("case", "9110 4.2.3", MUST, "Paths are compared with case.",
       fetch("/HELLO.TXT", status=404))
target("backslash", "3986 2.4", CHOICE,
       "A backslash is no separator of segments.",
       fetch("/folder\\inner.txt", status=(400, 404)))

form = Part("form", "Forms of targets")
for name, text in [("absolute", "http://localhost/hello.txt"),
                   ("absolute-scheme-case", "HTTP://localhost/hello.txt"),
                   ("absolute-port", "http://localhost:8080/hello.txt"),
                   ("absolute-query", "http://localhost/hello.txt?a=b"),
                   ("absolute-v4", "http://127.0.0.1/hello.txt")]:
    form(name, "9112 3.2.2", MUST, f"The absolute form is accepted ({name}).",
         fetch(text, host=text.split("/")[2], body=HELLO, kept=True))
form("absolute-no-path", "9112 3.2.1", MUST,
     "An absolute target without a path asks for /.",
     fetch("http://localhost", body=FILES["index.html"]))
form("absolute-no-path-query", "9112 3.2.1", MUST,
     "An absolute target without a path but with a query asks for /.",
     fetch("http://localhost?x=/y", body=FILES["index.html"]))
form("absolute-over-host", "9112 3.2.2", MUST,
     "The authority of an absolute target replaces Host.",
     fetch("http://localhost/hello.txt", host="evil.example", body=HELLO))
for name, text, what in [
    ("no-host", "http:///hello.txt", "no host"),
    ("port-alone", "http://:80/hello.txt", "a port alone"),
]:
    form(name, "9110 4.2.1", MUST, f"An http URI with {what} is rejected.",
         get(text))
form("userinfo", "9110 4.2.4", SHOULD,
     "User information in the authority is treated as an error.",
     get("http://me@localhost/hello.txt"))
form("absolute-bad-port", "9112 3.2", SHOULD,
     "An absolute target with an invalid port is answered 400.",
     get("http://localhost:x/hello.txt"))
form("https", "9110 7.4", MUST,
     "An https target on a cleartext connection is rejected.",
     rejected(head(line="GET https://localhost/hello.txt HTTP/1.1"),
              *range(400, 500)))
form("https-421", "9110 15.5.20", CHOICE,
     "An https target on a cleartext connection is answered 421.",
     rejected(head(line="GET https://localhost/hello.txt HTTP/1.1"), 421))
for scheme in ("ftp", "file", "javascript"):
    form(f"scheme-{scheme}", "9110 7.4", SHOULD,
         f"A target of the scheme {scheme} is refused.",
         rejected(head(line=f"GET {scheme}://localhost/hello.txt HTTP/1.1"),
                  *range(400, 600)))
form("relative", "9112 3.2", SHOULD, "A target without slash is refused with"
     " 400.", get("hello.txt"))
form("query-alone", "9112 3.2", SHOULD, "A query alone is no target: 400.",
     get("?x=/hello.txt"))
form("asterisk-get", "9112 3.2.4", SHOULD, "The asterisk goes with OPTIONS"
     " alone.", get("*"))
form("authority-get", "9112 3.2.3", SHOULD, "The authority form goes with"
     " CONNECT alone.", get("localhost:80"))

# ----------------------------------------------------------------- methods

method = Part("method", "Methods")
method("get", "9110 9.1", MUST, "GET is supported.",
       fetch(body=HELLO, kept=True))
method("head", "9110 9.1", MUST, "HEAD is supported and has no content.",
       fetch(method="HEAD", kept=True, checks=[
           same_if_sent("content-length", "content-type", "etag",
                        "last-modified", "accept-ranges", "cache-control")]))
method("head-length", "9110 9.3.2", SHOULD,
       "HEAD has the fields of GET, Content-Length too.",
       fetch(method="HEAD", checks=[has("content-length", str(len(HELLO)))]))
method("head-404", "9110 9.3.2", MUST, "A 404 of HEAD has no content.",
       fetch("/missing", method="HEAD", status=404, kept=None))
method("head-redirect", "9110 9.3.2", MUST,
       "A redirect of HEAD has no content.",
       fetch("/folder", method="HEAD", status=(301, 302, 307, 308),
             checks=[has("location")]))
for name in ("get", "Get", "HEad"):
    method(f"case-{name}", "9110 9.1", MUST,
           f"Methods are compared with case: {name} is not served as"
           f" {name.upper()}.",
           rejected(head(line=f"{name} /hello.txt HTTP/1.1"), 400, 405, 501))
for name, verb, what in [
    ("word", "BREW", "BREW"), ("longer", "GETS", "GETS"),
    ("prefix", "GE", "GE"), ("long", "X-" + "M" * 40, "42 characters"),
    ("signs", "!#$%&'*+-.^_`|~", "every sign that a token may have"),
]:
    method(f"unknown-{name}", "9110 9.1", SHOULD,
           f"A method that is not recognized ({what}) is answered 501.",
           rejected(head(line=f"{verb} /hello.txt HTTP/1.1"), 501))
for name in ("POST", "PUT", "DELETE", "PATCH", "PROPFIND"):
    data = head("Content-Length: 0", line=f"{name} /hello.txt HTTP/1.1")
    method(f"405-{name.lower()}", "9110 9.1", CHOICE,
           f"{name}, known and not allowed on a file, is answered 405.",
           rejected(data, 405))
    if name != "POST":
        method(f"refused-{name.lower()}", "9110 9.1", SHOULD,
               f"{name} is refused: 405 if known, 501 if not implemented.",
               rejected(data, 405, 501))


def _allow(name):
    def go(c):
        c.send(head("Content-Length: 0", line=f"{name} /hello.txt HTTP/1.1"))
        r = c.read()
        if r.status == 405:
            lists("allow", "GET", "HEAD")(r, None)
            there = [m.strip() for m in (r.get("allow") or "").split(",")]
            want(name not in there, f"405, and Allow has {name}")
    return steps(go)


for name in ("POST", "PUT", "DELETE", "PATCH", "TRACE"):
    method(f"allow-{name.lower()}", "9110 15.5.6", MUST,
           f"A 405 of {name} has Allow, with what is allowed.", _allow(name))
method("trace", "9110 9.3.8", CHOICE, "TRACE is refused.",
       rejected(head("X-Canary: zwitscher", line="TRACE / HTTP/1.1"), 405,
                501))
method("trace-no-echo", "9110 17.2", CHOICE, "TRACE does not reflect fields.",
       steps(lambda c: _trace(c)))


def _trace(c):
    c.send(head("Cookie: zwitscher", line="TRACE /hello.txt HTTP/1.1"))
    r = c.read()
    want(b"zwitscher" not in r.body and r.status != 200, "reflects a cookie")


method("connect", "9110 9.3.6", SHOULD, "CONNECT opens no tunnel.",
       rejected(head(line="CONNECT localhost:22 HTTP/1.1",
                     host="localhost:22"), *range(400, 600)))
method("connect-origin", "9112 3.2.3", CHOICE,
       "CONNECT with a path is refused.",
       rejected(head(line="CONNECT /hello.txt HTTP/1.1"), 400, 405, 501))
for name, text in [("asterisk", "*"), ("path", "/hello.txt"),
                   ("absolute", "http://localhost")]:
    method(f"options-{name}", "9110 9.3.7", CHOICE,
           f"OPTIONS is answered with Allow ({name}).",
           fetch(text, method="OPTIONS", status=(200, 204), kept=True,
                 checks=[lists("allow", "GET", "HEAD", "OPTIONS")]))
method("post-is-not-get", "9110 9.3.3", CHOICE, "POST is not answered as GET.",
       fetch(method="POST", status=tuple(range(400, 600)),
             content=b"", checks=[hides(HELLO)]))
method("safe-unknown", "9110 9.1", MUST,
       "An unknown method is not served as GET.",
       fetch(method="BREW", status=tuple(range(400, 600)),
             checks=[hides(HELLO)]))

# ----------------------------------------------------- folders, redirects

folder = Part("folder", "Folders and redirects")
folder("index", "3986 6.2.3", CHOICE, "A folder is answered by its index.",
       fetch("/folder/", body=FILES["folder/index.html"], kept=True))
folder("slash", "9110 15.4", CHOICE,
       "A folder without slash is redirected to the one with it.",
       fetch("/folder", status=(301, 308), kept=True,
             checks=[lambda r, _: _place(r, "/folder", "/folder/")]))
folder("slash-query", "9110 15.4", CHOICE, "The redirect keeps the query.",
       fetch("/folder?a=b&c=%20d", status=(301, 308),
             checks=[lambda r, _: _place(r, "/folder", "/folder/",
                                         "a=b&c=%20d")]))
folder("slash-escaped", "9110 10.2.2", MUST,
       "Location is a valid reference to the folder.",
       fetch("/we%20ird", status=(301, 302, 307, 308),
             checks=[lambda r, _: _place(r, "/we%20ird", "/we ird/")]))


def _place(r, asked, path, query=""):
    location = r.get("location")
    want(location is not None, "no Location")
    want(re.fullmatch(r"[!#$%&'()*+,/0-9:;=?@A-Z\[\]_a-z~.-]+", location),
         f"Location {location!r} is no URI reference")
    at = urlsplit(urljoin("http://localhost" + asked, location))
    want(at.hostname == "localhost", f"leads to {at.netloc}")
    want(unquote(at.path) == path, f"leads to {at.path}")
    want(at.query == query, f"query {at.query!r}")


for name, path in [("slashes", "//evil.example"),
                   ("three", "///evil.example"),
                   ("dots", "/folder/..//evil.example"),
                   ("backslash", "/\\evil.example"),
                   ("escaped-backslash", "/%5cevil.example"),
                   ("escaped-slash", "/%2fevil.example"),
                   ("at", "//localhost@evil.example"),
                   ("crlf", "/folder%0d%0aX-Injected:%20y"),
                   ("query-crlf", "/folder?%0d%0aX-Injected:%20y")]:
    def no_open(path=path):
        def go(c):
            c.send(head(line=f"GET {path} HTTP/1.1"))
            r = c.read()
            want(not r.all("x-injected"), "a field of the client's")
            location = r.get("location")
            if location is not None:
                # as browsers read it
                at = urlsplit(urljoin("http://localhost/",
                                      location.replace("\\", "/")))
                want(at.hostname == "localhost", f"leads to {location}")
            else:
                want(r.status >= 400, f"{r.status}")
        return steps(go)
    folder(f"open-{name}", "9110 17.3", SHOULD,
           f"No redirect leads to another host ({name}).", no_open())
folder("missing", "9110 15.5.5", SHOULD, "What is not there is answered 404.",
       fetch("/missing", status=404, kept=True))
folder("missing-deep", "9110 15.5.5", CHOICE,
       "What is not there under a file is answered 404.",
       fetch("/hello.txt/x/y", status=404))
folder("list", "9110 15.3.1", CHOICE, "A folder without index is listed.",
       fetch("/bare/", checks=[has("content-type", "text/html.*"),
                               says(b"zero.txt", b"sub/")]))
folder("list-escapes", "9110 17.11", SHOULD,
       "A listing escapes what names contain.",
       fetch("/bare/", checks=[says(b"zero.txt"), hides(b"<b>&")]))
folder("list-hides", "9110 17.3", CHOICE,
       "A listing has no names that begin with a dot.",
       fetch("/bare/", checks=[hides(b".secret"), says(b"zero.txt")]))
folder("list-links", "3986 2.1", SHOULD,
       "A listing's links are references to what they name.",
       fetch("/bare/", checks=[lambda r, _: _links(r)]))
folder("list-policy", "9110 17.11", CHOICE,
       "A listing forbids scripts, whatever its names are.",
       fetch("/bare/", checks=[has("content-security-policy",
                                   ".*default-src 'none'.*")]))
for key, order, first, last in [
    ("name", "asc", b"%3Cb%3E", b"zero.txt"),
    ("name", "desc", b"zero.txt", b"%3Cb%3E"),
    ("size", "asc", b"zero.txt", b"%3Cb%3E"),
    ("size", "desc", b"%3Cb%3E", b"zero.txt"),
]:
    def sorted_by(r, _, first=first, last=last):
        want(-1 < r.body.find(b'href="./' + first) <
             r.body.find(b'href="./' + last), "other order")
    folder(f"list-{key}-{order}", "9110 7.1", CHOICE,
           f"A listing is sorted by {key}, {order}, as its links ask.",
           fetch(f"/bare/?sort={key}&order={order}", checks=[sorted_by]))
folder("list-json", "9110 12.5.1", CHOICE, "A listing is JSON by Accept.",
       fetch("/bare/", "Accept: application/json",
             checks=[has("content-type", "application/json.*"),
                     lists("vary", "accept")]))
folder("list-json-q0", "9110 12.4.2", SHOULD,
       "A listing is not JSON with q=0.",
       fetch("/bare/", "Accept: text/html, application/json;q=0",
             checks=[has("content-type", "text/html.*")]))
folder("list-vary", "9110 12.5.5", CHOICE,
       "A listing that depends on Accept says Vary: Accept.",
       fetch("/bare/", checks=[lists("vary", "accept")]))
folder("list-head", "9110 9.3.2", MUST, "HEAD of a listing has no content.",
       fetch("/bare/", method="HEAD", kept=None,
             checks=[has("content-type", "text/html.*")]))
folder("list-if-match", "9110 13.1.1", MUST,
       "If-Match that cannot match a listing is answered 412.",
       fetch("/bare/", 'If-Match: "other"', status=412))
folder("list-if-match-star", "9110 13.1.1", MUST,
       "If-Match: * lets a listing pass.",
       fetch("/bare/", "If-Match: *", checks=[says(b"zero.txt")]))
folder("list-none-match-star", "9110 13.1.2", MUST,
       "If-None-Match: * is answered 304 for a listing too: it is there.",
       fetch("/bare/", "If-None-Match: *", status=304, kept=True))
folder("list-none-match", "9110 13.1.2", MUST,
       "If-None-Match that cannot match lets a listing pass.",
       fetch("/bare/", 'If-None-Match: "other"', checks=[says(b"zero.txt")]))
folder("list-head-length", "9110 9.3.2", SHOULD,
       "HEAD of a listing has the Content-Length of GET, if GET has one.",
       steps(lambda c: _list_head(c)))
folder("list-post", "9110 9.1", CHOICE, "POST to a folder is answered 405.",
       rejected(request("/bare/", "Content-Length: 0", method="POST",
                        host="localhost"), 405))


def _links(r):
    """A link leads to the file whose name is markup."""
    links = [a or b or c for a, b, c in re.findall(
        r"""href=(?:"([^"]*)"|'([^']*)'|([^ >]+))""", r.body.decode())]
    places = [unquote(urlsplit(urljoin("http://localhost/bare/",
                                       html.unescape(link))).path)
              for link in links]
    want("/bare/<b>&'\".txt" in places, f"links {links}")


def _list_head(c):
    c.send(request("/bare/", host="localhost"))
    r = c.read()
    check_status(r, (200,))
    c.send(request("/bare/", method="HEAD", host="localhost"))
    h = c.read("HEAD")
    check_status(h, (200,))
    want(h.get("content-length") in (None, str(len(r.body))),
         f"Content-Length {h.get('content-length')}, of GET {len(r.body)}")
