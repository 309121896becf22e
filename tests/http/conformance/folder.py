"""The files that the cases ask for.  `fill` makes them, beneath a folder that
also holds what must never be served."""

import gzip
import os
import random
import string

HELLO = b"hello, world\n"
ALPHABET = string.ascii_lowercase.encode()
BIG = random.Random(9112).randbytes(1 << 20)
INDEX = b"<!doctype html><title>index</title>index of folder\n"
SECRET = b"secret: outside of the folder\n"
HIDDEN = b"secret: a name that begins with a dot\n"
# Text that any coding makes smaller, past every server's least size.
PLAIN = b"".join(b"line %d of a text that compresses well\n" % i
                 for i in range(600))
SCRIPT = b"".join(b"export const n%d = %d;\n" % (i, i) for i in range(600))
# No decoder looks at these: the client checks the bytes only.
SIBLINGS = {
    "br": b"br: " + b"\x8b\x02\x80" * 300,
    "zstd": b"\x28\xb5\x2f\xfd zstd " + b"\x00\x58" * 400,
    "gzip": gzip.compress(SCRIPT, mtime=0),
}
SUFFIX = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}
MTIME = 784111777      # Sun, 06 Nov 1994 08:49:37 GMT, RFC 9110's example
FUTURE = 4102444800    # the year 2100

FILES = {
    "index.html": b"<!doctype html><title>home</title>home\n",
    "1k.html": b"<!doctype html><title>1k</title>\n" * 30,  # servers.py waits
    "hello.txt": HELLO,
    "other.txt": b"other\n",
    "abc.txt": ALPHABET,
    "copy/of-abc.txt": ALPHABET,
    "empty.txt": b"",
    "one.txt": b"1",
    "big.bin": BIG,
    "future.txt": b"not yet\n",
    "page.html": b"<!doctype html><title>page</title>\n",
    "a b.txt": b"blank\n",
    "100%.txt": b"percent\n",
    "k\u00e4se.txt": b"umlaut\n",
    "x+y&z;=,'!.txt": b"signs\n",
    "plus+.txt": b"plus\n",
    "%2e%2e": b"double\n",
    "folder/index.html": INDEX,
    "folder/inner.txt": b"inner\n",
    "folder/deep/er.txt": b"deeper\n",
    "evil.example/index.html": b"evil\n",
    "we ird/index.html": b"weird\n",
    "bare/<b>&'\".txt": b"markup\n",
    "bare/zero.txt": b"",
    "bare/.secret": HIDDEN,
    "bare/sub/x.txt": b"x\n",
    ".hidden": HIDDEN,
    ".git/config": HIDDEN,
    ".well-known/security.txt": b"contact\n",
    "plain.txt": PLAIN,
    "lib.js": SCRIPT,
    **{"lib.js" + SUFFIX[c]: data for c, data in SIBLINGS.items()},
    "onlygz.css": b"a { color: red }\n" * 400,
    "onlygz.css.gz": gzip.compress(b"a { color: red }\n" * 400, mtime=0),
    "stale.css": b"c { color: new }\n" * 400,
    "stale.css.gz": gzip.compress(b"c { color: old }\n" * 400, mtime=0),
    "noise.png": BIG[:20000],
    "style.css": b"b { color: blue }\n" * 400,
    "tiny.html": b"<p>tiny\n",
    "about.html": b"<!doctype html><title>about</title>\n",
    "404.html": b"<!doctype html><title>lost</title>the site's own page\n",
    "app.webmanifest": b"{}\n",
    "mod.mjs": b"export {}\n",
    "code.wasm": b"\0asm\1\0\0\0",
    "data.json": b"{}\n",
    "pic.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>\n",
    "film.mp4": BIG[:4096],
    "data.foo": b"foo\n",
    "unknown.qqq": b"?\n",
    "README": b"readme\n",
    "assets/app.3f2a.js": b"let a\n",
}


def fill(top):
    """Make `top`/site, and `top`/secret.txt beside it; the site's path."""
    site = top / "site"
    for name, data in FILES.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (MTIME, MTIME))
    os.utime(site / "future.txt", (FUTURE, FUTURE))
    os.utime(site / "stale.css", (MTIME + 100, MTIME + 100))
    (top / "secret.txt").write_bytes(SECRET)
    (site / "out.txt").symlink_to("../secret.txt")
    for path in [top, *top.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)
    return site
