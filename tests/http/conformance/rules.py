"""The operator's rules.  All but what RFCs say of redirects, caching and
negotiation is our choice; the configurations are beneath."""

from raw import request

from .case import (CHOICE, MUST, SHOULD, Part, check_status, fetch, has,
                   hides, lacks, lists, same, says, steps)
from .folder import FILES, HELLO, HIDDEN
from .wire import want

# What a server needs for the cases that need it, by the name of the feature.
CONFIGURATIONS = {
    "rules": """
version: 1
files:
  clean_urls: true
  error_pages: {404: /404.html}
  types: {foo: application/x-foo}
cache:
  - {match: '/assets/**', value: 'public, max-age=31536000, immutable'}
  - {match: '**/*.css', value: max-age=60}
  - {match: '**', value: no-cache}
headers:
  - {match: '**/*.wasm', set: {X-A: b}, unset: [Server]}
  - {match: '/folder/**', set: {X-Folder: inside}}
cors: {origins: ['https://app.example', 'http://localhost:3000']}
redirects:
  - {from: /old/*, to: /new/:1, status: 308}
  - {from: /gone.html, to: 'https://elsewhere.example/x', status: 302}
  - {from: /pair/*/x/*, to: '/p/:2/:1', status: 301}
  - {from: /bare-host/*, to: '/:1', status: 301}
""",
    "spa": """
version: 1
files: {spa: true}
""",
}

ABOUT = FILES["about.html"]
LOST = FILES["404.html"]
HOME = FILES["index.html"]
HTML = "Accept: text/html,application/xhtml+xml,*/*;q=0.8"

clean = Part("clean", "clean_urls", needs="rules")
clean("found", "9110 7.1", CHOICE, "/about finds about.html.",
      fetch("/about", body=ABOUT, kept=True,
            checks=[has("content-type", "text/html.*")]))
clean("query", "9110 7.1", CHOICE, "/about finds it with a query too.",
      fetch("/about?x=1", body=ABOUT))
clean("head", "9110 9.3.2", CHOICE, "HEAD of /about is as GET.",
      fetch("/about", method="HEAD", checks=[
          has("content-length", str(len(ABOUT))), same("etag")]))
clean("304", "9110 13.1.2", MUST, "/about is conditional.",
      fetch("/about", "If-None-Match: {etag}", status=304, kept=True))
clean("range", "9110 14.2", CHOICE, "/about has ranges.",
      fetch("/about", "Range: bytes=0-3", status=206, body=ABOUT[:4]))
clean("escaped", "3986 6.2.2", MUST, "An escaped /about is the same.",
      fetch("/%61bout", body=ABOUT))
clean("by-name", "9110 7.1", CHOICE,
      "about.html is served by its whole name, or leads to /about.",
      steps(lambda c: _by_name(c)))
clean("other-suffix", "9110 15.5.5", CHOICE, "/hello does not find"
      " hello.txt.", fetch("/hello", status=404))
clean("missing", "9110 15.5.5", SHOULD, "What is not there stays 404.",
      fetch("/abou", status=404))
clean("folder", "9110 15.4", CHOICE, "A folder is redirected as before.",
      fetch("/folder", status=(301, 308), checks=[has("location")]))
clean("post", "9110 9.1", CHOICE, "POST to /about is 405.",
      fetch("/about", method="POST", status=405))


def _by_name(c):
    c.send(request("/about.html", host="localhost"))
    r = c.read()
    check_status(r, (200, 301, 308))
    want(r.status == 200 and r.body == ABOUT or r.get("location") in (
        "/about", "about"), f"{r.status} {r.get('location')}")


lost = Part("page", "error_pages", needs="rules")
lost("404", "9110 15.5.5", CHOICE, "A 404 has the page, and stays a 404.",
     fetch("/missing", status=404, body=LOST, kept=True,
           checks=[has("content-type", "text/html.*")]))
lost("deep", "9110 15.5.5", CHOICE, "A 404 far down has it too.",
     fetch("/a/b/c/missing.js", status=404, body=LOST))
lost("hidden", "9110 15.5.5", CHOICE,
     "A 404 for a hidden name has the same page.",
     fetch("/.hidden", status=404, body=LOST))
lost("head", "9110 9.3.2", MUST, "HEAD gets its head alone.",
     fetch("/missing", method="HEAD", status=404, kept=True))
lost("range", "9110 14.2", MUST, "Range is ignored on it.",
     fetch("/missing", "Range: bytes=0-1", status=404, body=LOST))
lost("conditional", "9110 13.2.1", MUST, "Preconditions are ignored on it.",
     fetch("/missing", "If-None-Match: *", 'If-Match: "x"',
           "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT", status=404))
lost("no-validators", "9110 15.5", CHOICE, "It has no validators of a file.",
     fetch("/missing", status=404, body=LOST,
           checks=[lacks("etag"), lacks("last-modified")]))
lost("itself", "9110 15.3.1", CHOICE, "The page itself is a 200.",
     fetch("/404.html", body=LOST))
lost("other-status", "9110 15.5.1", CHOICE, "Other errors do not have it.",
     fetch("/%zz", status=400, checks=[hides(b"own page")]))

moved = Part("moved", "redirects", needs="rules")


def leads(path, location, status, **more):
    return fetch(path, status=status, kept=True, checks=[
        lambda r, _: want(r.all("location") == [location],
                          f"Location {r.all('location')}")], **more)


for name, path, location, status, what in [
    ("star", "/old/a", "/new/a", 308, "what a star matched"),
    ("star-deep", "/old/a/b.txt", "/new/a/b.txt", 308, "slashes too"),
    ("blank", "/old/a%20b", "/new/a%20b", 308, "escaped again"),
    ("utf-8", "/old/k%c3%a4se", "/new/k%C3%A4se", 308, "UTF-8"),
    ("percent", "/old/100%25", "/new/100%25", 308, "a percent sign"),
    ("question", "/old/a%3Fb", "/new/a%3Fb", 308, "a question mark"),
    ("absolute", "/gone.html", "https://elsewhere.example/x", 302,
     "an absolute address"),
    ("two-stars", "/pair/1/x/2", "/p/2/1", 301, "two stars"),
    ("dots", "/folder/../old/a", "/new/a", 308, "a path with dot segments"),
]:
    moved(name, "9110 15.4", CHOICE,
          f"A redirect leads to its target: {what}.",
          leads(path, location, status))
moved("head", "9110 9.3.2", MUST, "HEAD is redirected without content.",
      leads("/old/a", "/new/a", 308, method="HEAD"))
moved("before-files", "9110 15.4", CHOICE,
      "A redirect comes before conditions.",
      fetch("/old/a", "If-None-Match: *", status=308))
for name, path in [("slashes", "/bare-host//evil.example"),
                   ("encoded", "/bare-host/%2fevil.example"),
                   ("backslash", "/bare-host/%5cevil.example"),
                   ("crlf", "/old/%0d%0aX-Injected:%20y"),
                   ("dots", "/old/../../x")]:
    def safe(c, path=path):
        c.send(request(path, host="localhost"))
        r = c.read()
        location = (r.get("location") or "/").replace("\\", "/")
        want(not location.startswith("//") and "evil.example" not in
             location.split("/")[2:3], f"leads to {location}")
        want(not r.all("x-injected"), "a field of the client's")
        want(r.status >= 300, f"{r.status}")
    moved(f"open-{name}", "9110 17.3", SHOULD,
          f"What a star matched never leads to another host ({name}).",
          steps(safe))

field = Part("set", "headers, types, cache", needs="rules")
field("set", "9110 5", CHOICE, "A field is set where the pattern matches.",
      fetch("/code.wasm", checks=[has("x-a", "b"), lacks("server")]))
field("elsewhere", "9110 5", CHOICE, "It is not set elsewhere.",
      fetch("/hello.txt", checks=[lacks("x-a"), has("server")]))
field("folder", "9110 5", CHOICE, "A pattern of a folder matches beneath it.",
      fetch("/folder/deep/er.txt", checks=[has("x-folder", "inside")]))
field("folder-not", "9110 5", CHOICE, "And not what begins like it.",
      fetch("/page.html", checks=[lacks("x-folder")]))
field("escaped", "3986 6.2.2", MUST,
      "An escaped path does not get around a pattern.",
      fetch("/%63ode.w%61sm", checks=[has("x-a", "b")]))
field("dots", "3986 6.2.2", MUST,
      "A path with dot segments does not get around a pattern.",
      fetch("/./folder/../folder/inner.txt",
            checks=[has("x-folder", "inside")]))
field("head", "9110 9.3.2", SHOULD, "HEAD has the field too.",
      fetch("/code.wasm", method="HEAD", checks=[has("x-a", "b")]))
field("206", "9110 15.3.7", CHOICE, "A 206 has the field too.",
      fetch("/code.wasm", "Range: bytes=0-1", status=206,
            checks=[has("x-a", "b")]))
field("type", "9110 8.3", CHOICE, "A type is set by extension.",
      fetch("/data.foo", checks=[has("content-type", "application/x-foo")]))
for name, path, value, what in [
    ("first", "/assets/app.3f2a.js", "public, max-age=31536000, immutable",
     "the first rule that matches"),
    ("second", "/style.css", "max-age=60", "the second"),
    ("last", "/hello.txt", "no-cache", "the last"),
]:
    field(f"cache-{name}", "9111 5.2", CHOICE,
          f"Cache-Control is that of the rules: {what}.",
          fetch(path, checks=[has("cache-control", value)]))
    field(f"cache-304-{name}", "9110 15.4.5", MUST,
          f"A 304 has the same Cache-Control: {what}.",
          fetch(path, "If-None-Match: {etag}", status=304,
                checks=[same("cache-control", "etag", "vary"),
                        has("cache-control", value)]))
field("cache-404", "9111 5.2", CHOICE,
      "A 404 is not to be kept as long as the file would be.",
      fetch("/assets/missing.js", status=404, body=LOST, checks=[
          lambda r, _: want("immutable" not in (r.get("cache-control") or ""),
                            r.get("cache-control"))]))

cors = Part("cors", "cors", needs="rules")
APP = "https://app.example"
ALLOWS = "access-control-allow-origin"
PREFLIGHT = "Access-Control-Request-Method: GET"
for name, more in [("200", {"checks": []}),
                   ("304", {"fields": ["If-None-Match: *"], "status": 304}),
                   ("206", {"fields": ["Range: bytes=0-1"], "status": 206}),
                   ("404", {"target": "/missing", "status": 404}),
                   ("head", {"method": "HEAD"})]:
    given = dict(more)
    cors(name, "9110 12.5.5", CHOICE,
         f"An origin of the list is allowed, by its name, with Vary ({name}).",
         fetch(given.pop("target", "/hello.txt"), f"Origin: {APP}",
               *given.pop("fields", []), kept=True, **{
                   **given, "checks": [has(ALLOWS, APP),
                                       lists("vary", "origin")]}))
cors("second", "9110 12.5.5", CHOICE, "The second of the list too.",
     fetch("/hello.txt", "Origin: http://localhost:3000",
           checks=[has(ALLOWS, "http://localhost:3000")]))
for name, origin in [("foreign", "https://evil.example"), ("null", "null"),
                     ("suffix", APP + ".evil.example"),
                     ("prefix", "https://evilapp.example"),
                     ("scheme", "http://app.example"),
                     ("port", APP + ":8443"), ("list", APP + ", " + APP),
                     ("slash", APP + "/")]:
    cors(f"not-{name}", "9110 12.5.5", CHOICE,
         f"Another origin is not allowed, but served, with Vary ({name}).",
         fetch("/hello.txt", f"Origin: {origin}", body=HELLO,
               checks=[lacks(ALLOWS), lists("vary", "origin")]))
cors("none", "9110 12.5.5", SHOULD,
     "Without Origin nothing is allowed, and Vary says Origin.",
     fetch("/hello.txt", checks=[lacks(ALLOWS), lists("vary", "origin")]))
cors("preflight", "9110 9.3.7", CHOICE, "A preflight is answered.",
     fetch("/hello.txt", f"Origin: {APP}", PREFLIGHT, method="OPTIONS",
           status=(200, 204), kept=True, checks=[
               has(ALLOWS, APP),
               lists("access-control-allow-methods", "GET", "HEAD")]))
cors("preflight-foreign", "9110 9.3.7", CHOICE,
     "A preflight of another origin allows nothing.",
     fetch("/hello.txt", "Origin: https://evil.example", PREFLIGHT,
           method="OPTIONS", status=tuple(range(200, 500)), checks=[
               lacks(ALLOWS), lists("vary", "origin")]))

spa = Part("spa", "spa", needs="spa")
spa("route", "9110 7.1", CHOICE, "A route is answered by the index.",
    fetch("/app/route", HTML, body=HOME, kept=True,
          checks=[has("content-type", "text/html.*")]))
spa("query", "9110 7.1", CHOICE, "A route with a query is too.",
    fetch("/app/route?x=a.js", HTML, body=HOME))
spa("head", "9110 9.3.2", CHOICE, "HEAD of a route is as GET.",
    fetch("/app/route", HTML, method="HEAD",
          checks=[has("content-length", str(len(HOME)))]))
spa("vary", "9110 12.5.5", SHOULD,
    "An answer that depends on Accept says Vary: Accept.",
    fetch("/app/route", HTML, checks=[lists("vary", "accept")]))
spa("vary-404", "9110 12.5.5", SHOULD,
    "So does the 404 for who does not accept HTML.",
    fetch("/app/route", "Accept: application/json", status=404,
          checks=[lists("vary", "accept")]))
for name, path, fields, status, what in [
    ("script", "/app/missing.js", [HTML], 404, "a name with a dot"),
    ("json", "/app/route", ["Accept: application/json"], 404,
     "who does not accept HTML"),
    ("q0", "/app/route", ["Accept: text/html;q=0, */*"], 404,
     "text/html;q=0"),
    ("hidden", "/.git/route", [HTML], 404, "a hidden name"),
    ("bad", "/%zz", [HTML], 400, "a bad escape"),
    ("above", "/../route", [HTML], 400, "a path above the root"),
]:
    spa(f"not-{name}", "9110 15.5.5", CHOICE,
        f"The index is not sent for {what}.",
        fetch(path, *fields, status=status,
              checks=[hides(b"home\n"), hides(HIDDEN)]))
spa("post", "9110 9.1", CHOICE, "POST to a route is 405.",
    fetch("/app/route", HTML, method="POST", status=405))
spa("file", "9110 7.1", CHOICE, "A file that is there is served.",
    fetch("/hello.txt", HTML, body=HELLO))
spa("folder", "9110 15.4", CHOICE, "A folder is redirected as before.",
    fetch("/folder", HTML, status=(301, 308)))
spa("304", "9110 13.1.2", MUST, "A route is conditional.",
    lambda at: _route_304(at))
spa("list", "9110 15.3.1", CHOICE, "A folder is listed as before.",
    fetch("/bare/", HTML, checks=[says(b"zero.txt")]))


def _route_304(at):
    with at.connect() as c:
        c.send(request("/app/route", HTML, host="localhost"))
        tag = c.read().get("etag")
        want(tag, "no ETag")
        c.send(request("/app/route", HTML, f"If-None-Match: {tag}",
                       host="localhost"))
        check_status(c.read(), (304,))
