"""Instructions that our worker needs for a request, by callgrind.

Each work is run with N and with 2 N requests; the difference of the worker's
instructions over N is one request: what starting takes falls out.
"""
import concurrent.futures
import contextlib
import glob
import json
import os
import platform
import re
import socket
import subprocess
import tempfile
import time

import load
import peers
import servers
import table

RECORD = table.INSTRUCTIONS
KEYS = ("1k", "browser", "304", "404", "pipelined")
REQUESTS = 1600     # a multiple of every depth
WARM = 320
SETTLED = 2.5       # seconds from the making of the files to the first request,
                    # should a server not yet trust what has just been made
INSTRUMENTED = (b"__asan_init", b"__tsan_init", b"__gcov_init")


def circumstances(program):
    """What a count hangs on besides the source: a record holds where these
    are the same."""
    with open(program, "rb") as f:
        data = f.read()
    compilers = set(re.findall(rb"GNU C\d+ [^\0]+|clang version [^\0]+", data)
                    ) or set(re.findall(rb"GCC: \([^\0]+", data))
    with open("/proc/cpuinfo") as f:
        flags = re.search(r"^(?:flags|Features)\s*:(.*)$", f.read(), re.M)
    return {"compiler": "; ".join(sorted(c.decode(errors="replace")
                                         for c in compilers)),
            "libc": " ".join(platform.libc_ver()),
            "valgrind": servers.first_line(["valgrind", "--version"]),
            "processor": platform.machine() + (
                " with AVX2" if flags and "avx2" in flags[1].split() else "")}


def obstacle():
    """Why nothing can be counted here, or None."""
    if not servers.find("valgrind"):
        return "valgrind is not installed"
    with open(peers.our_program(), "rb") as f:
        data = f.read()
    if any(name in data for name in INSTRUMENTED):
        return "the program is built for sanitizers or coverage"
    return None


def talk(work, port, fields, count):
    """`count` requests on one connection; every answer is waited for and
    looked at."""
    ask = [f"GET {work.path} HTTP/1.1", f"Host: {servers.HOST}:{port}",
           *fields, "", ""]
    batch = "\r\n".join(ask).encode() * work.depth
    first = f"HTTP/1.1 {work.status} ".encode()
    size = None
    with socket.create_connection((servers.HOST, port), timeout=60) as s:
        for _ in range(0, count, work.depth):
            s.sendall(batch)
            data = b""
            while size is None or len(data) < size * work.depth:
                part = s.recv(1 << 18)
                if not part:
                    raise servers.Trouble("closed instead of answering")
                data += part
                if size is None and b"\r\n\r\n" in data:
                    size = answer_size(work, data)
            if data.count(first) != work.depth or \
                    len(data) != size * work.depth:
                raise servers.Trouble(f"not {work.depth} answers with "
                                      f"{work.status}: {data[:40]!r}")


def answer_size(work, data):
    """Bytes of the first answer, head and body."""
    head = data.partition(b"\r\n\r\n")[0]
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    body = int(length[1]) if length and work.status != 304 else 0
    return len(head) + 4 + body


def worker_counts(pattern):
    """(file, instructions) of the thread that ran worker_run."""
    for path in glob.glob(pattern):
        with open(path, errors="replace") as f:
            text = f.read()
        total = re.search(r"^(?:totals|summary): (\d+)", text, re.M)
        if total and int(total[1]) and re.search(r"^c?fn=.* worker_run$",
                                                 text, re.M):
            return path, int(total[1])
    raise servers.Trouble("callgrind has not seen worker_run")


@contextlib.contextmanager
def counted(work, requests):
    """worker_counts of a life with so many requests."""
    with tempfile.TemporaryDirectory(prefix="httpconsole-count-") as folder:
        os.chmod(folder, 0o755)
        root = load.make_root(folder, large=False)
        under = ["valgrind", "-q", "--tool=callgrind",
                 "--separate-threads=yes",
                 f"--callgrind-out-file={folder}/callgrind.out"]
        server = next(s for s in peers.ours(folder, root, under=under)
                      if s.name == "ours+log")
        server.env = server.env | {"LD_PRELOAD": os.path.join(
            peers.BUILD, "openat2_shim.so")}
        server.start()
        try:
            fields = load.fields_of(work, server.port)
            time.sleep(SETTLED)
            talk(work, server.port, fields, WARM + requests)
        finally:
            server.stop(limit=30)
        yield worker_counts(f"{folder}/callgrind.out*")


def build_shim():
    peers.build("openat2_shim.c", "openat2_shim.so", "-shared", "-fPIC",
                "-Wl,--no-as-needed", "-ldl")


def count_run(work, requests):
    with counted(work, requests) as (_, total):
        return total


def functions(work, rows, requests=REQUESTS):
    """The functions that take most: lines of callgrind_annotate."""
    build_shim()
    with counted(work, requests) as (path, _):
        out = subprocess.run(
            ["callgrind_annotate", "--auto=no", "--threshold=100", path],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            check=True).stdout
    found = []
    for line in out.splitlines():
        m = re.match(r"\s*([\d,]+) \(\s*[\d.]+%\)\s+(\S.*)$", line)
        if m and "PROGRAM TOTALS" not in line:
            each = int(m[1].replace(",", "")) / (WARM + requests)
            name = re.sub(r"^\S*?:(?=\w)", "", m[2])
            found.append(f"{each:8.1f}  {name.partition(' [')[0]}")
    return found[:rows]


def count(keys=KEYS, requests=REQUESTS):
    """{work's key: instructions of a request}."""
    build_shim()
    works = [w for w in load.WORKS if w.key in keys]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {(w.key, n): pool.submit(count_run, w, n * requests)
                for w in works for n in (1, 2)}
    return {w.key: round((runs[w.key, 2].result() - runs[w.key, 1].result())
                         / requests, 1) for w in works}


def recorded():
    try:
        with open(RECORD) as f:
            return json.load(f)
    except (OSError, ValueError):
        return {}
