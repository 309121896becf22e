"""Who edits files and asks for them at once, and who makes load meanwhile.

Programs of their own, started by test_edits.py, so that they do not wait for
each other:

    edits.py rounds PORT SITE FOLDER N SEED     ends with 1 at a stale answer
    edits.py load PORT TARGET...                until it is ended
"""

import os
import random
import select
import shutil
import socket
import sys

from raw import Client, Response, request

GZIP = "Accept-Encoding: gzip"


class Folder:
    """A folder of the site that nobody else edits, and all ways to edit it.

    A way gives False where it does not apply, having changed nothing.
    """

    def __init__(self, site, name, seed):
        self.site = site
        self.name = name
        self.random = random.Random(seed)
        self.serial = 0
        self.targets = [f"/{name}/{t}" for t in (
            "f.txt", "d/b/g.txt", "s.js", "i/", "page", "none/sub/n.txt",
            "x", "f%2Etxt", "d//b/./g.txt")] + [f"/{name}-top.txt"]
        for folder in ("d/b", "i", "away", "none"):
            os.makedirs(self.at(folder))
        for file in ("f.txt", "d/b/g.txt", "s.js", "i/index.htm",
                     "page.html", "x"):
            self.write(file)

    def at(self, path):
        return f"{self.site}/{self.name}/{path}"

    def fresh(self):
        self.serial += 1
        return b"%s %09d\n" % (self.name.encode(), self.serial)

    def write(self, path, mode="wb"):
        with open(self.at(path), mode) as f:
            f.write(self.fresh())
        if self.random.random() < 0.7:
            # no finished answers are kept of what was changed just now
            os.utime(self.at(path), (self.serial, self.serial + 1e9))

    # --- a file's content

    def rewrite(self, path):
        self.write(path)

    def append(self, path):
        if os.path.getsize(self.at(path)) > 500:
            return False
        return self.write(path, "ab")

    def truncate(self, path):
        os.truncate(self.at(path), os.path.getsize(self.at(path)) // 2)

    def same_size_same_time(self, path):
        st = os.stat(self.at(path))
        with open(self.at(path), "r+b") as f:
            f.write(self.fresh()[-st.st_size:])
            f.truncate(st.st_size)
        os.utime(self.at(path), ns=(st.st_atime_ns, st.st_mtime_ns))

    def replace(self, path):
        self.write("away/new")
        os.rename(self.at("away/new"), self.at(path))

    def remove(self, path):
        os.unlink(self.at(path))

    def by_hard_link(self, path):
        other = self.at("away/hard")
        if os.path.lexists(other):
            os.unlink(other)
        os.link(self.at(path), other)
        self.write("away/hard")

    def link_another(self, path):
        self.write("away/other")
        os.unlink(self.at(path))
        os.link(self.at("away/other"), self.at(path))
        os.unlink(self.at("away/other"))

    def change_mode(self, path):
        mode = os.stat(self.at(path)).st_mode & 0o777
        os.chmod(self.at(path), 0o200 if mode & 0o400 else 0o644)

    def symlink(self, path):
        self.write("away/target")
        os.unlink(self.at(path))
        up = "../" * path.count("/")
        os.symlink(up + "away/target", self.at(path))

    def edit_file(self, path):
        if not os.path.lexists(self.at(path)):
            return self.write(path)
        if os.path.islink(self.at(path)):
            if self.random.random() < 0.5:
                return self.replace(path)
            return self.write("away/target")
        if not os.stat(self.at(path)).st_mode & 0o400:
            return self.change_mode(path)
        return self.random.choice([
            self.rewrite, self.append, self.truncate,
            self.same_size_same_time, self.replace, self.remove,
            self.by_hard_link, self.link_another, self.change_mode,
            self.symlink])(path)

    # --- what is around it

    def edit_way(self):
        """The folders on the way to d/b/g.txt."""
        part = self.random.choice(["d", "d/b"])
        spare = self.at("away/" + os.path.basename(part))
        here = self.at(part)
        if not os.path.lexists(self.at("d")):
            os.makedirs(self.at("d/b"))
            return self.write("d/b/g.txt")
        if os.path.islink(here):
            return os.unlink(here)
        if not os.path.lexists(here):
            os.makedirs(self.at("d/b"))
            return self.write("d/b/g.txt")
        if os.path.lexists(spare):
            shutil.rmtree(spare)
        how = self.random.randrange(5)
        if how == 0:
            shutil.rmtree(here)
        elif how == 1:
            os.rename(here, spare)
        elif how == 2:
            os.rename(here, spare)
            up = "../" * part.count("/")
            os.symlink(f"{up}away/{os.path.basename(part)}", here)
        elif how == 3:
            os.rename(here, spare)
            os.makedirs(self.at("d/b"), exist_ok=True)
            self.write("d/b/g.txt")
        elif os.path.exists(self.at("d/b/g.txt")):
            self.edit_file("d/b/g.txt")
        else:
            return False
        return None

    def edit_sibling(self):
        sibling = self.at("s.js.gz")
        if not os.path.lexists(sibling):
            return self.write("s.js.gz")
        return self.random.choice([
            lambda: self.edit_file("s.js"),
            lambda: self.edit_file("s.js.gz"),
            lambda: os.utime(sibling, (1, 1)),
            lambda: self.write("s.js.gz"),
            lambda: os.unlink(sibling)])()

    def toggle(self, path):
        if os.path.lexists(self.at(path)) and self.random.random() < 0.5:
            return os.unlink(self.at(path))
        return self.write(path)

    def edit_index(self):
        return self.toggle(
            "i/" + self.random.choice(["index.html", "index.htm"]))

    def edit_clean(self):
        return self.toggle(self.random.choice(["page", "page.html"]))

    def edit_missing(self):
        here = self.at("none/sub")
        if not os.path.isdir(here):
            return os.mkdir(here)
        if self.random.random() < 0.3:
            return shutil.rmtree(here)
        return self.toggle("none/sub/n.txt")

    def edit_kind(self):
        here = self.at("x")
        if os.path.isdir(here):
            os.rmdir(here)
            return self.write("x")
        os.unlink(here)
        return os.mkdir(here)

    def edit_top(self):
        return self.toggle("../" + self.name + "-top.txt")

    def choose(self):
        """(target, what makes it another)"""
        ways = [(30, 0, lambda: self.edit_file("f.txt")),
                (5, 7, lambda: self.edit_file("f.txt")),
                (15, 1, self.edit_way), (5, 8, self.edit_way),
                (15, 2, self.edit_sibling), (8, 3, self.edit_index),
                (8, 4, self.edit_clean), (8, 5, self.edit_missing),
                (4, 6, self.edit_kind), (2, 9, self.edit_top)]
        _, target, how = self.random.choices(ways, [w[0] for w in ways])[0]
        return self.targets[target], how

    # --- what is to be answered

    def read(self, path):
        """(status, content, its times) of a file as the server sees it."""
        path = f"{self.site}{path}"
        try:
            st = os.stat(path)
            if os.path.isdir(path):
                return 301, None, None
            if not st.st_mode & 0o400 and os.geteuid() != 0:
                return 403, None, None
            with open(path, "rb") as f:
                return 200, f.read(), (st.st_size, st.st_mtime_ns)
        except (FileNotFoundError, NotADirectoryError):
            return 404, None, None

    def expected(self, target, gzip):
        path = target.replace("%2E", ".").replace("//", "/").replace("/./",
                                                                     "/")
        if path.endswith("/i/"):
            found = self.read(path + "index.html")
            return found if found[0] != 404 else self.keep_403(
                self.read(path + "index.htm"))
        plain = self.read(path)
        if path.endswith("/page") and plain[0] == 404:
            plain = self.read(path + ".html")
        if gzip and plain[0] == 200 and path.endswith(".js"):
            coded = self.read(path + ".gz")
            if coded[0] == 200 and coded[2][1] >= plain[2][1]:
                return coded
        return plain

    @staticmethod
    def keep_403(found):
        return found if found[0] != 404 else (403, None, None)


class Answer(Response):
    """What holds for all answers is looked at by other tests."""

    def check(self, method):
        return self


class Editor(Client):
    response = Answer


class Rounds:
    def __init__(self, port, folder):
        self.port = port
        self.folder = folder
        self.kept = [Editor(port) for _ in range(4)]
        self.conditional = 0

    def check(self, response, target, gzip, how):
        status, content, _ = self.folder.expected(target, gzip)
        if response.status != status or (
                content is not None and response.body != content):
            raise AssertionError(
                f"stale: {how}: {target} gzip={gzip}: want {status}"
                f" {content}, got {response.status} {response.body}")

    def round(self, number):
        target, edit = self.folder.choose()
        first, second = self.folder.random.sample(self.kept, 2)
        for c in (first, second):
            c.send(request(target, GZIP) + request(target))
        for c in (first, second):
            self.check(c.read(), target, True, "before")
            old = c.read()
            self.check(old, target, False, "before")
        was = self.folder.expected(target, False)
        etag = f"If-None-Match: {old.get('etag')}"
        first.send(request("/other.txt"))
        if edit() is False:
            first.read()
            return False
        first.send(request(target) + request(target, GZIP)
                   + request(target, etag) + request(target, method="HEAD"))
        second.send(request(target, GZIP) + request(target))
        with Editor(self.port) as new:
            new.send(request(target, *([GZIP] if number % 2 else [])))
            self.check(new.read(), target, number % 2 == 1, "new connection")
        first.read()
        self.check(first.read(), target, False, "pipelined")
        self.check(first.read(), target, True, "pipelined")
        self.check_conditional(first.read(), target, old, was)
        head = first.read("HEAD")
        assert head.status == self.folder.expected(target, False)[0], target
        self.check(second.read(), target, True, "kept alive")
        self.check(second.read(), target, False, "kept alive")
        return True

    def check_conditional(self, response, target, old, was):
        """Not changed, is said only where size and time are the same: that is
        all that the tag is made of."""
        now = self.folder.expected(target, False)
        if old.status == 200 and now[0] == 200 and now[2] == was[2]:
            assert response.status in (200, 304), target
            return
        self.conditional += old.status == 200
        self.check(response, target, False, "conditional")

    def reconnect(self):
        for c in self.kept:
            c.close()
        self.kept = [Editor(self.port) for _ in range(4)]


def rounds(port, site, name, n, seed):
    folder = Folder(site, name, seed)
    r = Rounds(port, folder)
    done = 0
    print("ready", flush=True)
    sys.stdin.readline()
    while done < n:
        done += r.round(done)
        if done % 100 == 0:  # they have a bounded number of requests
            r.reconnect()
    print(done, r.conditional, flush=True)


def load(port, targets):
    """Requests as fast as the server takes them; answers are thrown away."""
    os.nice(19)  # it takes what the others leave
    several = b"".join(request(t, *f) for t in targets for f in ((), (GZIP,)))
    sockets = {}
    while True:
        while len(sockets) < 2:
            s = socket.create_connection(("127.0.0.1", port))
            s.setblocking(False)
            sockets[s] = b""
        readable, writable, _ = select.select(sockets, sockets, [], 1)
        for s in readable:
            try:
                if s.recv(1 << 18):
                    continue
            except BlockingIOError:
                continue
            except OSError:
                pass
            s.close()
            del sockets[s]
        for s in writable:
            if s not in sockets:
                continue
            try:
                left = sockets[s] or several
                sockets[s] = left[s.send(left):]
            except BlockingIOError:
                pass
            except OSError:
                s.close()
                del sockets[s]


if __name__ == "__main__":
    if sys.argv[1] == "rounds":
        rounds(int(sys.argv[2]), sys.argv[3], sys.argv[4], int(sys.argv[5]),
               int(sys.argv[6]))
    else:
        load(int(sys.argv[2]), sys.argv[3:])
