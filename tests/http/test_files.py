"""Files: what is given out, how it is described, and what never is."""

import hashlib
import os
import re
import shutil
import signal
import socket
import tempfile
import time
from pathlib import Path

import pytest

from conftest import (
    SECRET, SIZES, Server, eventually, fill_site, noise)
from raw import Ended, parse_date, request


def assert_no_secret(r):
    assert r.status in (400, 403, 404), r.head
    assert SECRET.strip() not in r.body
    assert r.get("etag") is None and r.get("last-modified") is None


# --------------------------------------------------- what a file looks like

@pytest.mark.parametrize("name, kind", [
    ("a.html", "text/html; charset=utf-8"),
    ("a.htm", "text/html; charset=utf-8"),
    ("a.txt", "text/plain; charset=utf-8"),
    ("a.css", "text/css; charset=utf-8"),
    ("a.js", "text/javascript; charset=utf-8"),
    ("a.mjs", "text/javascript; charset=utf-8"),
    ("a.md", "text/markdown; charset=utf-8"),
    ("a.csv", "text/csv; charset=utf-8"),
    ("a.json", "application/json"), ("a.wasm", "application/wasm"),
    ("a.svg", "image/svg+xml"), ("a.png", "image/png"),
    ("a.jpg", "image/jpeg"), ("a.JPEG", "image/jpeg"), ("a.gif", "image/gif"),
    ("a.webp", "image/webp"), ("a.avif", "image/avif"),
    ("a.mp4", "video/mp4"), ("a.mp3", "audio/mpeg"), ("a.woff2", "font/woff2"),
    ("a.pdf", "application/pdf"), ("a.zip", "application/zip"),
    ("a.b.Html", "text/html; charset=utf-8"), ("a.tar.gz", "application/gzip"),
    ("a.xyzzy", "application/octet-stream"), ("a", "application/octet-stream"),
    ("a.", "application/octet-stream"), ("html", "application/octet-stream"),
    ("a.html.xyzzy", "application/octet-stream"),
])
def test_the_type_follows_from_the_name(shared, tmp_path_factory, name, kind):
    """RFC 9110 8.3; types of mime-db."""
    folder = tmp_path_factory.getbasetemp() / "types"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"x")
    r = shared.of("types", folder).get("/" + name)
    # mime-db has application/xml and the like with or without charset
    assert r.get("content-type").split(";")[0] == kind.split(";")[0]
    assert ("charset" in kind) <= ("charset" in r.get("content-type"))
    assert r.get("x-content-type-options") == "nosniff"


def test_svgz_is_an_encoded_image(start, tmp_path):
    """RFC 9110 8.4: the coding is no part of the type."""
    (tmp_path / "a.svgz").write_bytes(b"\x1f\x8b")
    r = start(tmp_path).get("/a.svgz")
    assert r.get("content-type").startswith("image/svg+xml")
    assert r.get("content-encoding") == "gzip"


def test_charset_default_type_and_headers_are_configurable(start):
    s = start(files_charset="iso-8859-1", files_default_type="text/x-unknown",
              cache="max-age=60", server_header="false",
              security_headers="false")
    (s.folder / "thing").write_text("x")
    r = s.get("/hello.txt")
    assert r.get("content-type") == "text/plain; charset=iso-8859-1"
    assert r.get("cache-control") == "max-age=60"
    for name in ("server", "x-content-type-options", "referrer-policy"):
        assert r.get(name) is None
    assert s.get("/thing").get("content-type").startswith("text/x-unknown")


def test_the_fields_of_a_file(server, site):
    """RFC 9110 6.6.1, 8.3 to 8.8."""
    r = server.get("/hello.txt")
    assert (r.status, r.phrase, r.body) == (200, "OK", b"hello, world\n")
    assert r.length == 13
    assert parse_date(r.get("last-modified")) == int(
        (site / "hello.txt").stat().st_mtime)
    assert re.fullmatch(r'"[^"]+"', r.get("etag")), "a strong validator"
    inode = (site / "hello.txt").stat().st_ino
    assert f"{inode:x}" not in r.get("etag")
    assert r.get("cache-control") == "no-cache"
    assert r.get("server") == "httpconsole"
    assert r.get("referrer-policy")


@pytest.mark.parametrize("n", SIZES)
def test_every_byte_of_a_file_is_sent(server, n):
    """And not one more: the connection goes on right behind."""
    with server.client() as c:
        r = c.ask(f"/size/{n}.bin")
        assert r.length == n
        assert hashlib.sha256(r.body).digest() == hashlib.sha256(
            noise(n, n)).digest()
        assert c.ask("/hello.txt").text == "hello, world\n"


@pytest.mark.parametrize("target", [
    "/hello.txt", "/empty.txt", "/size/1048576.bin", "/size/16000.bin", "/",
    "/folder", "/folder/", "/missing", "/.hidden", "/outdir"])
def test_head_says_what_get_would(server, target):
    """RFC 9110 9.3.2: same fields, no content."""
    with server.client() as c:
        head = c.ask(target, method="HEAD")
        full = c.ask(target)
        assert head.status == full.status
        def described(r):
            return [f for f in r.fields if f[0] != "date"]
        assert described(head) == described(full)
        assert head.length == len(full.body)
        c.assert_open()


def test_an_empty_file_is_a_file(server):
    r = server.get("/empty.txt")
    assert (r.status, r.length, r.body) == (200, 0, b"")
    assert r.get("etag") and r.get("last-modified")


@pytest.mark.parametrize("target, text", [
    ("/a%20b.txt", "blank\n"), ("/100%25.txt", "percent\n"),
    ("/k%C3%A4se.txt", "umlaut\n"), ("/k%c3%a4se.txt", "umlaut\n"),
    ("/%68%65%6C%6c%6f.txt", "hello, world\n"), ("/hello%2etxt", "hello, world\n"),
    ("/x+y&z;=.txt", "signs\n"), ("/x%2By%26z%3B%3D.txt", "signs\n"),
    ("/hello.txt?", "hello, world\n"), ("/hello.txt?a=/../..", "hello, world\n"),
    ("/hello.txt?%zz%00", "hello, world\n"), ("/hello.txt?a?b", "hello, world\n"),
    ("/./hello.txt", "hello, world\n"), ("//hello.txt", "hello, world\n"),
    ("/folder/../hello.txt", "hello, world\n"),
    ("/missing/../hello.txt", "hello, world\n"),
    ("/folder/%2e%2e/hello.txt", "hello, world\n"),
    ("/folder/.%2E/hello.txt", "hello, world\n"),
    ("/folder/./../folder/./inner.txt", "inner\n"),
    ("/folder//inner.txt", "inner\n"), ("/folder/.", "folder\n"),
    ("/folder/inner.txt/..", "folder\n"),
])
def test_targets_are_decoded_once_and_normalised(server, target, text):
    """RFC 3986 6.2.2, 5.2.4."""
    r = server.get(target)
    assert (r.status, r.text) == (200, text)


@pytest.mark.parametrize("target, text", [
    ("/", "home"), ("/index.html", "home"), ("/folder/", "folder\n"),
    ("/folder/?x=1", "folder\n"), ("/old/", "htm\n"),
    ("/both/", "html first\n"), ("/gr%C3%B6%C3%9Fe/", "size\n"),
    ("/infolder/", "folder\n"),
])
def test_a_folder_shows_its_index(server, target, text):
    r = server.get(target)
    assert r.status == 200
    assert text in r.text
    assert r.get("content-type") == "text/html; charset=utf-8"


@pytest.mark.parametrize("target", ["/bare/", "/strange/"])
def test_a_folder_without_index_gives_nothing_away(start, site, target):
    r = start(site, "--no-listing").get(target)
    assert r.status in (403, 404)
    assert "file.txt" not in r.text


def test_index_names_are_configurable(start):
    s = start(None, "-i", "start.txt,hello.txt")
    assert s.get("/").text == "hello, world\n"
    (s.folder / "start.txt").write_text("start\n")
    assert s.get("/").text == "start\n"


@pytest.mark.parametrize("target", [
    "/missing", "/missing/", "/folder/missing", "/hello.txt/",
    "/hello.txt/x", "/hello.txt/..%2f", "/HELLO.TXT", "/hello.txt.",
    "/hello.txt%20", "/%20hello.txt", "/hello", "/" + "a" * 300,
    "/" + "a/" * 300, "/gone.txt", "/loop", "/loop1", "/loop/x", "/hello.tx",
    "/hello.txtt", "/hello.txt%3f", "/hello.txt%23",
])
def test_what_is_not_there_is_404(server, target):
    with server.client() as c:
        r = c.ask(target)
        assert r.status in ((400, 404) if "%2f" in target else (404,))
        assert c.ask("/hello.txt").status == 200, "a 404 ends no connection"


# -------------------------------------------------- what is never given out

@pytest.mark.parametrize("target", [
    "/.hidden", "/.git/config", "/.git/", "/.git", "/sub/.env",
    "/%2ehidden", "/%2Egit/config", "/.git%2fconfig", "/./.hidden",
    "/sub/../.hidden", "//.hidden", "/.hidden?x", "/...", "/..hidden",
    "/.hidden/", "/.well-known/.secret", "/tohidden.txt",
    "/.well-known/../.hidden", "/.WELL-KNOWN/security.txt",
])
def test_hidden_files_are_404(server, target):
    r = server.get(target)
    if target == "/tohidden.txt":
        # a link with a name of its own is the owner's word, not the client's
        assert r.status in (200, 404)
        return
    assert_no_secret(r)
    assert r.status == 404 or "%2f" in target


def test_hidden_looks_like_missing(server):
    """A 404 must not tell one from the other."""
    def shape(name):
        r = server.get(name)
        return (r.status, [n for n, _ in r.fields],
                r.text.replace(name, "NAME"))
    expected = shape("/missin")
    for name in ("/.hidde", "/.hidden", "/notes~", "/tls.key", "/out.txt"):
        found = shape(name)
        assert found[0] == expected[0]
        assert found[1] == expected[1]
        assert found[2] == expected[2]


def test_well_known_is_not_hidden(server):
    """RFC 8615."""
    assert server.get("/.well-known/security.txt").text == "contact\n"


def test_hidden_files_can_be_allowed(shared, site):
    s = shared.of("hidden", site, "--hidden")
    assert s.get("/.hidden").body == SECRET
    assert s.get("/sub/.env").body == SECRET
    for target in ("/..", "/../secret.txt", "/folder/../../secret.txt"):
        assert_no_secret(s.get(target))


@pytest.mark.parametrize("target", [
    "/notes~", "/page.bak", "/page.swp", "/tls.key", "/tls.pem",
    "/server.yaml", "/folder/server.yaml", "/tls%2ekey", "/notes%7E",
    "/tls.key/", "/folder/../tls.key", "/tls.key?x",
])
def test_denied_names_are_404(server, target):
    r = server.get(target)
    assert_no_secret(r)
    assert r.status == 404


TRAVERSALS = [
    "/..", "/../", "/../secret.txt", "/../../../../etc/passwd",
    "/folder/../../secret.txt", "/folder/../../../etc/passwd",
    "/%2e%2e/secret.txt", "/%2E%2E/secret.txt", "/.%2e/secret.txt",
    "/%2e./secret.txt", "/..%2fsecret.txt", "/..%2Fsecret.txt",
    "/%2e%2e%2fsecret.txt", "/folder%2f..%2f..%2fsecret.txt",
    "/..\\secret.txt", "/..%5csecret.txt", "/%5c..%5csecret.txt",
    "/..%5c..%2fsecret.txt", "/%252e%252e/secret.txt",
    "/%252e%252e%252fsecret.txt", "/..%252fsecret.txt",
    "/..%c0%afsecret.txt", "/%c0%ae%c0%ae/secret.txt",
    "/%e0%80%ae%e0%80%ae/secret.txt", "/..%ef%bc%8fsecret.txt",
    "/..;/secret.txt", "/..%00/secret.txt", "/..%0d/secret.txt",
    "/folder/..;/..;/secret.txt", "/....//secret.txt", "/.../secret.txt",
    "//../secret.txt", "///..//..//secret.txt", "/./../secret.txt",
    "/%2f../secret.txt", "/%2fetc%2fpasswd", "//etc/passwd",
    "/%2f%2fetc/passwd", "/folder/..//../secret.txt",
    "/../site/../secret.txt", "/..%u2215secret.txt", "/%u002e%u002e/secret.txt",
    "http://localhost/../secret.txt", "http://localhost/%2e%2e/secret.txt",
    "/out.txt", "/outdir/secret.txt", "/outdir/", "/outdir", "/absolute.txt",
    "/absolutedir/secret.txt", "/up/secret.txt", "/up/outside/secret.txt",
    "/rootlink/etc/passwd", "/rootlink", "/proc/environ", "/proc/root/etc/passwd",
    "/proc/cwd/", "/proc/fd/0", "/hop/", "/hop/index.html",
    "/folder/../out.txt", "/infolder/../../secret.txt",
]


@pytest.mark.parametrize("target", TRAVERSALS)
def test_nothing_outside_of_the_root_is_given_out(server, target):
    """Neither by the path nor by links, under any spelling."""
    for method in ("GET", "HEAD"):
        r = server.get(target, method=method)
        assert_no_secret(r)
        assert b"root:" not in r.body


@pytest.mark.parametrize("target, status", [
    ("/%00", 400), ("/hello.txt%00", 400), ("/hello.txt%00.html", 400),
    ("/secret%00/../hello.txt", 400), ("/%", 400), ("/%4", 400), ("/%zz", 400),
    ("/%-1", 400), ("/%+1", 400), ("/% 1", 400), ("/%0", 400), ("/a%", 400),
    ("/%%41", 400), ("/%0a", 400), ("/%0d%0aX:%20y", 400), ("/%1b[2J", 400),
    ("/%7f", 400), ("/a%2Fb", 400), ("/hello.txt%2f", 400),
])
def test_bad_escapes_are_400(server, target, status):
    """RFC 3986 2.1; and what no file name should carry."""
    with server.client() as c:
        r = c.ask(target)
        assert r.status == status
        assert "Why: byte" in r.text
        assert r.closes or c.ask("/hello.txt").status == 200


@pytest.mark.parametrize("target, text", [
    ("/inside.txt", "hello, world\n"), ("/folder/up.txt", "hello, world\n"),
    ("/infolder/inner.txt", "inner\n"),
])
def test_links_within_the_root_are_followed(server, target, text):
    assert server.get(target).text == text


def test_links_can_be_denied(shared, site):
    s = shared.of("nolinks", site, files_symlinks="deny")
    for target in ("/inside.txt", "/folder/up.txt", "/infolder/",
                   "/infolder/inner.txt", "/out.txt", "/loop"):
        assert_no_secret(s.get(target))
    assert s.get("/hello.txt").status == 200


def test_a_root_may_itself_be_a_link(start, site, tmp_path):
    (tmp_path / "link").symlink_to(site)
    s = start(tmp_path / "link", files_symlinks="deny")
    assert s.get("/hello.txt").status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_fifo_neither_blocks_nor_is_served(server, method):
    with server.client() as c:
        assert c.ask("/fifo", method=method).status in (403, 404)
        assert c.ask("/hello.txt").status == 200


def test_sockets_and_devices_are_not_served(start):
    s = start()
    with socket.socket(socket.AF_UNIX) as u:
        u.bind(str(s.folder / "sock"))
        assert s.get("/sock").status in (403, 404)
    try:
        os.mknod(s.folder / "zero", 0o20666, os.makedev(1, 5))
    except OSError:
        return
    assert s.get("/zero").status in (403, 404)


def test_what_may_not_be_read_is_403():
    """Permissions, as an ordinary user."""
    folder = Path(tempfile.mkdtemp())
    server = None
    try:
        folder.chmod(0o755)
        site = fill_site(folder / "site")
        for path in (site, site.parent):
            path.chmod(0o755)
        user = 65534 if os.geteuid() == 0 else None
        server = Server(site, user=user)
        with server.client() as c:
            for target in ("/forbidden.txt", "/locked/", "/locked/file.txt"):
                assert c.ask(target).status == 403, target
            assert c.ask("/locked").status in (301, 403)
            assert c.ask("/hello.txt").status == 200
        server.stop()
    finally:
        if server and server.process.poll() is None:
            server.process.kill()
        for name in ("forbidden.txt", "locked"):
            (folder / "site" / name).chmod(0o700)
        shutil.rmtree(folder)


# ---------------------------------------------------------------- redirects

@pytest.mark.parametrize("target, location", [
    ("/folder", "/folder/"), ("/folder?", "/folder/?"),
    ("/folder?a=1&b=%20c", "/folder/?a=1&b=%20c"),
    ("/folder?/../x", "/folder/?/../x"),
    ("/folder?//evil.example", "/folder/?//evil.example"),
    ("/folder?a?b", "/folder/?a?b"), ("/%66older", "/folder/"),
    ("/./folder", "/folder/"), ("/folder/../folder", "/folder/"),
    ("/infolder", "/infolder/"), ("/gr%C3%B6%C3%9Fe", "/gr%C3%B6%C3%9Fe/"),
    ("//folder", "/folder/"), ("///folder?x", "/folder/?x"),
    ("http://localhost/folder?x=1", "/folder/?x=1"),
    ("//evil.example", "/evil.example/"),
    ("////evil.example", "/evil.example/"),
    ("/.//evil.example", "/evil.example/"),
    ("/x/..//evil.example", "/evil.example/"),
    ("/%5Cevil.example", "/%5Cevil.example/"),
    ("/\\evil.example", "/%5Cevil.example/"),
])
def test_a_folder_without_slash_is_redirected(server, target, location):
    """RFC 9110 15.4.2, 10.2.2: the query kept, never to another server."""
    r = server.get(target)
    if "\\" in target and r.status == 400:
        return  # RFC 3986: a backslash is no character of a target
    assert r.status == 301
    found = r.get("location")
    assert found.lower() == location.lower()
    assert re.match(r"/(?![/\\])", found), "an open redirect"
    # what the page links to is the same
    assert f'href="{location.replace("&", "&amp;")}"'.lower() in r.text.lower()
    assert server.get(found).status == 200


def test_a_redirect_encodes_what_is_special(server):
    name = "/we%20ird%22%3Cb%3E%27%26%3F%23%25"
    r = server.get(name + "?x=%22")
    assert r.status == 301
    path, _, query = r.get("location").partition("?")
    assert query == "x=%22"
    assert not re.search(r"[\"<> #]", path)
    assert server.get(path).text == "weird\n"
    assert "<b>" not in r.text


@pytest.mark.parametrize("query", ["'\"<script>", "%0d%0aX:y", "\"onclick=x"])
def test_a_redirects_query_is_no_markup(server, query):
    r = server.get("/folder?" + query)
    assert r.status in (301, 400)
    assert "<script" not in r.text and '"onclick' not in r.text
    assert r.get("x") is None


@pytest.mark.parametrize("accept", ["text/html", "text/plain"])
@pytest.mark.parametrize("n", [3000, 7900, 8000, 8050, 8100, 8160])
def test_a_redirect_with_a_long_query(shared, site, accept, n):
    """The target comes twice, in Location and on the page: both fit, or the
    answer is another one."""
    s = shared.of("longquery", site)
    r = s.get("/folder?" + "q" * n, "Accept: " + accept)
    assert r.status in (301, 414)
    if r.status == 301:
        assert r.get("location") == "/folder/?" + "q" * n


@pytest.mark.parametrize("accept", ["text/html", "text/plain"])
@pytest.mark.parametrize("n", [8100, 12000, 15000, 15900, 16100, 16300])
def test_a_redirect_with_the_longest_query(shared, site, accept, n):
    s = shared.of("longestquery", site, limits_request_line="16K")
    r = s.get("/folder?" + "q" * n, "Accept: " + accept)
    assert r.status in (301, 414)
    if r.status == 301:
        assert r.get("location") == "/folder/?" + "q" * n


@pytest.mark.parametrize("name, encoded, deep", [
    ("ä" * 120, "%C3%A4" * 120, 5), ('"' * 250, "%22" * 250, 15)],
    ids=["escaped", "raw"])
def test_redirects_of_the_longest_paths(start, tmp_path, name, encoded, deep):
    """Location is encoded: three bytes for one of the target."""
    folder = tmp_path / "site"
    folder.mkdir()
    fd = os.open(folder, os.O_RDONLY)
    for _ in range(deep):
        os.mkdir(name, dir_fd=fd)
        below = os.open(name, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = below
    os.close(fd)
    path = ("/" + (name if name.isascii() else encoded)) * deep
    s = start(folder)
    for n in (0, 1000, 3000, 4000, 4300):
        for accept in ("text/html", "text/plain"):
            r = s.get(path + "?" + "q" * n, "Accept: " + accept)
            assert r.status in (301, 414)
            if r.status == 301:
                assert r.get("location") \
                    == ("/" + encoded) * deep + "/?" + "q" * n


def test_a_missing_folders_name_is_no_redirect(server):
    for target in ("/nofolder", "//evil", "/..//evil.example"):
        assert server.get(target).get("location") is None


# -------------------------------------------------------- files that change

def test_an_edit_is_seen_at_once(start):
    """Same length, within the same second, on one kept connection."""
    s = start()
    path = s.folder / "edit.txt"
    with s.client() as c:
        tags = set()
        for i in range(40):
            path.write_text(f"version {i:04}\n")
            r = c.ask("/edit.txt")
            assert r.text == f"version {i:04}\n"
            tags.add(r.get("etag"))
        assert len(tags) == 40, "each version has a tag of its own"


@pytest.mark.parametrize("size", [10, 100000])
def test_a_replaced_file_is_seen_at_once(start, size):
    s = start()
    with s.client() as c:
        for i in range(20):
            new = s.folder / "new.tmp"
            new.write_bytes(bytes([65 + i]) * (size + i))
            new.rename(s.folder / "page.txt")
            assert c.ask("/page.txt").body == bytes([65 + i]) * (size + i)


def test_files_and_folders_that_come_and_go(start):
    s = start()
    with s.client() as c:
        for _ in range(5):
            assert c.ask("/new/index.html").status == 404
            assert c.ask("/new").status == 404
            (s.folder / "new").mkdir()
            assert c.ask("/new").status == 301
            assert "Nothing to list" in c.ask("/new/").text  # its listing
            (s.folder / "new" / "index.html").write_text("new\n")
            assert c.ask("/new/").text == "new\n"
            shutil.rmtree(s.folder / "new")
            (s.folder / "new").write_text("a file now\n")
            assert c.ask("/new").text == "a file now\n"
            (s.folder / "new").unlink()


def test_a_folder_replaced_by_a_link_to_outside(start, tmp_path):
    s = start()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.txt").write_bytes(SECRET)
    (s.folder / "d").mkdir()
    (s.folder / "d" / "a.txt").write_text("inside\n")
    with s.client() as c:
        assert c.ask("/d/a.txt").text == "inside\n"
        shutil.rmtree(s.folder / "d")
        (s.folder / "d").symlink_to("../outside")
        assert_no_secret(c.ask("/d/a.txt"))


BIG = 16 << 20  # more than what socket buffers of both ends hold


def begin_download(server, name="/big.bin", **more):
    """A download of which the head and a little have come."""
    c = server.client(receive_buffer=65536)
    c.send(request(name, **more))
    r = c.read_head()
    assert (r.status, r.length) == (200, BIG)
    c.wait_for(1000)
    return c


def test_a_file_that_shrinks_while_it_is_sent(start):
    """Less than announced and then the end: nobody takes it for whole.
    What was still in the file is right; of what was cut off, bytes that
    sendfile(2) had queued are pages that the kernel may have zeroed."""
    s = start()
    big = s.folder / "big.bin"
    data = noise(BIG)
    big.write_bytes(data)
    with begin_download(s) as c:
        os.truncate(big, 1 << 20)  # more than 1000 and less than BIG
        try:
            got = c.rest()
        except ConnectionResetError:
            got = bytes(c.buffer)
        assert len(got) < BIG
        assert got[:1 << 20] == data[:min(len(got), 1 << 20)]
        for at in range(1 << 20, len(got), 4096):
            page = got[at:at + 4096]
            assert page in (data[at:at + len(page)], bytes(len(page)))
    s.wait_logged("/big.bin")
    big.write_bytes(b"short")
    assert s.get("/big.bin").body == b"short"


def test_a_file_that_grows_while_it_is_sent(start):
    """What was announced, and the connection goes on."""
    s = start()
    big = s.folder / "big.bin"
    data = noise(BIG)
    big.write_bytes(data)
    with begin_download(s) as c:
        with big.open("ab") as f:
            f.write(b"GROWN" * 1000)
        assert c.take(BIG) == data
        assert c.ask("/hello.txt").text == "hello, world\n"


def test_a_file_that_is_deleted_while_it_is_sent(start):
    s = start()
    big = s.folder / "big.bin"
    data = noise(BIG)
    big.write_bytes(data)
    with begin_download(s) as c:
        big.unlink()
        assert c.take(BIG) == data
        assert c.ask("/big.bin").status == 404


def test_a_file_of_more_than_4_gib(start):
    """RFC 9110 8.6: lengths are not 32 bits."""
    s = start()
    with (s.folder / "huge.bin").open("wb") as f:
        f.truncate((5 << 30) + 7)
    assert s.get("/huge.bin", method="HEAD").length == (5 << 30) + 7
    with s.client(receive_buffer=65536) as c:
        c.send(request("/huge.bin"))
        assert c.read_head().length == (5 << 30) + 7
        c.wait_for(100000)
        c.reset()
    assert s.get("/hello.txt").status == 200


def test_a_root_that_is_deleted_and_comes_back(start, tmp_path):
    """It is said, serving goes on, and the new folder is found."""
    s = start()
    assert s.get("/folder/../").status == 200
    shutil.rmtree(s.folder)
    assert s.get("/hello.txt").status in (404, 500, 503)
    s.wait_err("root is gone")
    r = s.get("/", "Accept: application/json")
    assert r.status == 404, "it is not there and empty"
    (tmp_path / "next").mkdir()
    (tmp_path / "next" / "hello.txt").write_text("again\n")
    (tmp_path / "next").rename(s.folder)
    eventually(lambda: s.get("/hello.txt").status == 200)
    assert s.get("/hello.txt").text == "again\n"


def test_a_root_that_is_replaced(start, tmp_path):
    s = start()
    (tmp_path / "next").mkdir()
    (tmp_path / "next" / "hello.txt").write_text("next\n")
    s.folder.rename(tmp_path / "before")
    (tmp_path / "next").rename(s.folder)
    eventually(lambda: s.get("/hello.txt").text == "next\n")


def test_a_folder_swapped_under_load_is_never_mixed(start):
    """Old or new, each whole."""
    s = start()
    for name in ("red", "blue"):
        (s.folder / name).mkdir()
        (s.folder / name / "f.txt").write_text(name * 3000)
    live, spare = s.folder / "live", s.folder / "spare"
    (s.folder / "red").rename(live)
    (s.folder / "blue").rename(spare)
    seen = set()
    with s.client() as c:
        for i in range(200):
            if i % 2:
                live.rename(s.folder / "x")
                spare.rename(live)
                (s.folder / "x").rename(spare)
            r = c.ask("/live/f.txt")
            assert r.text in ("red" * 3000, "blue" * 3000)
            seen.add(r.text[:3])
    assert seen == {"red", "blu"}


def test_descriptors_do_not_leak(start, site):
    s = start(site)
    def visit():
        with s.client() as c:
            for target in ("/hello.txt", "/size/1048576.bin", "/missing",
                           "/folder", "/bare/", "/fifo", "/out.txt", "/loop",
                           "/.hidden", "/%00", "/forbidden.txt", "/locked/"):
                for method in ("GET", "HEAD", "POST", "OPTIONS"):
                    c.ask(target, method=method)
            etag = c.ask("/size/1048576.bin").get("etag")
            assert c.ask("/size/1048576.bin",
                         "If-None-Match: " + etag).status == 304
            assert c.ask("/size/1048576.bin",
                         'If-Match: "x"').status == 412
        with s.client() as c:  # left in the middle
            c.send(request("/size/3000001.bin"))
            c.read_head()
            c.reset()
    before = eventually(lambda: s.descriptors())
    for _ in range(12):
        visit()
    # each of two workers may keep the four files that it is asked for often
    eventually(lambda: s.descriptors() <= before + 2 * 4)


@pytest.mark.parametrize("value", ["bytes=0-4", "bytes=5-", "bytes=-5",
                                   "bytes=0-0,2-2", "bytes=99-", "lines=1-2",
                                   "bytes=" + "0-," * 500, "garbage"])
def test_ranges_are_answered_rightly_or_not_at_all(server, value):
    """RFC 9110 14.2: a server MAY ignore Range."""
    r = server.get("/hello.txt", "Range: " + value)
    assert r.status in (200, 206, 416)
    if r.status == 200:
        assert r.text == "hello, world\n"
    if r.get("accept-ranges") not in (None, "none"):
        assert server.get("/hello.txt", "Range: bytes=0-4").status == 206


def test_a_download_survives_sigstop(server):
    """A stopped server is only slow."""
    server.notify(signal.SIGSTOP)
    with server.client() as c:
        c.send(request("/hello.txt"))
        time.sleep(0.05)
        server.notify(signal.SIGCONT)
        assert c.read().text == "hello, world\n"


def test_a_client_that_leaves_early_is_no_trouble(server):
    for n in (0, 1, 100, 5000, 200000):
        with server.client(receive_buffer=4096) as c:
            c.send(request("/size/3000001.bin"))
            if n:
                c.wait_for(n)
            c.reset()
    assert server.get("/hello.txt").status == 200
    with pytest.raises(Ended):
        with server.client() as c:
            c.send(b"GET /hel")
            c.finish()
            c.read()
