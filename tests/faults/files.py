"""The served files change, shrink, or go away while they are sent."""

import os
import shutil
import threading
import time

from harness import (BIG, DATA, Client, Ended, Response, eventually, fault,
                     folder, hello, request, serving)

SWAPS = 300
SIZE = 200000   # of the files of each tree: several turns of sending


def begin_download(port, response=Response):
    c = Client(port, receive_buffer=65536)
    c.deadline, c.response = 15, response
    c.send(request("/big.bin"))
    head = c.read_head()
    assert head.length == BIG
    c.wait_for(1000)
    return c


def rest_of(c):
    """What came of the file: all bytes that were announced, or the end."""
    got = bytearray()
    try:
        while len(got) < BIG:
            if not c.buffer and not c.receive():
                break
            got += c.take(len(c.buffer))
    except ConnectionResetError:
        pass
    return bytes(got)


@fault("ftruncate to a half, to nothing, while 16 MiB are sent, 20 times",
       "the announced bytes, or fewer and a closed connection",
       short=True)
def file_truncated_while_sent():
    with folder() as top, serving(top) as s:
        path = top / "site" / "big.bin"
        whole = cut = 0
        for i in range(20):
            path.write_bytes(DATA)
            c = begin_download(s.port)
            os.truncate(path, (BIG // 2, 0, BIG - 1, 4096)[i % 4])
            got = rest_of(c)
            c.close()
            # what waits in the kernel is the file's own memory, which it
            # clears behind the new end (sendfile(2), NOTES)
            assert got == DATA[:len(got)] or len(got) < BIG and not any(
                a and a != b for a, b in zip(got, DATA)), \
                "other bytes than the file's"
            whole += len(got) == BIG
            cut += len(got) < BIG
        hello(s.port)
        assert cut > 0, "nothing was truncated in time"
    return f"{cut} closed, {whole} whole"


@fault("appended to while 16 MiB are sent, 10 times",
       "the announced bytes, and the connection stays", short=True)
def file_grown_while_sent():
    with folder() as top, serving(top) as s:
        path = top / "site" / "big.bin"
        for _ in range(10):
            path.write_bytes(DATA)
            c = begin_download(s.port)
            with open(path, "ab") as f:
                f.write(b"more" * 100000)
            assert rest_of(c) == DATA
            assert c.ask("/hello.txt").status == 200
            c.close()
    return "10 whole"


def plant(tree, letter):
    tree.mkdir()
    (tree / "page.txt").write_bytes(letter * SIZE)
    (tree / "hello.txt").write_text("hello, world\n")


@fault("two trees renamed over each other 300 times under load",
       "the old tree or the new one, never a mix in one file; 404 between "
       "only", short=True)
def root_swapped_under_load():
    with folder() as top:
        shutil.rmtree(top / "site")
        plant(top / "site", b"a")
        plant(top / "next", b"b")
        with serving(top) as s:
            load = Mixed(s.port)
            begun, swaps = time.monotonic(), 0
            while swaps < SWAPS or len(load.seen) < 2 \
                    and time.monotonic() < begun + 20:
                (top / "site").rename(top / "old")
                (top / "next").rename(top / "site")
                (top / "old").rename(top / "next")
                swaps += 1
                time.sleep(0.011)
            load.stop()
            eventually(lambda: answers(s.port), 5)
    assert not load.wrong, load.wrong[:5]
    assert load.seen.get(b"a") and load.seen.get(b"b"), load.seen
    return (f"{swaps} swaps: {load.seen[b'a']} of one tree, {load.seen[b'b']} "
            f"of the other, {load.missing} not found")


def answers(port):
    try:
        hello(port)
    except AssertionError:
        return False
    return True


class Mixed:
    """Asks for a file that holds one letter; looks for a second one."""

    def __init__(self, port):
        self.port, self.seen, self.wrong, self.missing = port, {}, [], 0
        self.done = threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(2)]
        for t in self.threads:
            t.start()

    def run(self):
        c = None
        while not self.done.is_set():
            try:
                c = c or Client(self.port)
                r = c.ask("/page.txt")
                letters = set(r.body)
                if r.status == 404:
                    self.missing += 1
                elif r.status != 200 or len(letters) != 1 \
                        or len(r.body) != SIZE:
                    self.wrong.append((r.status, letters, len(r.body)))
                else:
                    key = r.body[:1]
                    self.seen[key] = self.seen.get(key, 0) + 1
                if r.closes:
                    c = c.close()
            except (Ended, OSError, AssertionError) as e:
                self.wrong.append(repr(e))
                c = None

    def stop(self):
        self.done.set()
        for t in self.threads:
            t.join(30)


@fault("rm -r of the root under load; made anew", "404, and it is said; the "
       "new one is served within 2 s", short=True)
def root_deleted():
    with folder() as top, serving(top) as s:
        hello(s.port)
        shutil.rmtree(top / "site")
        s.wait_err("document root is gone")
        with Client(s.port) as c:
            assert c.ask("/hello.txt").status in (404, 503)
        (top / "site").mkdir()
        (top / "site" / "hello.txt").write_text("hello, world\n")
        begun = time.monotonic()
        eventually(lambda: answers(s.port), 5)
        took = time.monotonic() - begun
        assert took < 2, f"after {took:.1f} s"
    return f"said; served again after {took:.1f} s"
