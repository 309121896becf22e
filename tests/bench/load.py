"""The works, one run of wrk on one of them, and what it cost the server."""
import dataclasses
import gzip
import json
import os
import random
import signal
import subprocess
import time

from servers import HOST, Trouble, exchange, find, tree

KIB, MIB = 1024, 1024 * 1024
SETTLE = 0.05      # seconds for a server to finish with the last connections

# What a current browser sends when a link is followed.
BROWSER = [
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,"
    "image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7",
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Accept-Language: en-GB,en;q=0.9,de;q=0.8",
    "Connection: keep-alive",
    'sec-ch-ua: "Chromium";v="124", "Not-A.Brand";v="99"',
    "sec-ch-ua-mobile: ?0",
    'sec-ch-ua-platform: "Linux"',
    "Sec-Fetch-Dest: document",
    "Sec-Fetch-Mode: navigate",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-User: ?1",
    "Upgrade-Insecure-Requests: 1",
    "Referer: http://127.0.0.1/index.html",
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark",
]


@dataclasses.dataclass(frozen=True)
class Work:
    key: str
    title: str
    path: str = "/1k.html"
    connections: int = 64
    fields: tuple = ()
    status: int = 200
    depth: int = 1          # requests sent at once on a connection
    conditional: bool = False
    closing: bool = False
    large: bool = False     # answers are counted by their bytes
    floor: bool = True      # the yardstick can do it
    length: int | None = None    # of the body, checked before it is timed
    holds: tuple = ()       # (field, text in its value), checked as well
    like: str | None = None      # key of the plain file it is compared with
    threads: int = 1        # wrk's
    times: int = 1          # in a round: more where little must be seen
    ours: bool = False      # only for comparison within ours


PARTS = ((0, 16383), (32768, 49151), (65536, 81919))
PARTS_LENGTH = sum(last - first + 1 for first, last in PARTS)
LARGE_PARTS = ((0, MIB - 1), (10 * MIB, 11 * MIB - 1),
               (50 * MIB, 51 * MIB - 1))


def range_of(parts):
    return ("Range: bytes=" + ",".join(f"{a}-{b}" for a, b in parts),)


WORKS = [
    Work("1k", "1 KiB, 64 connections", length=KIB, times=3),
    Work("browser", "1 KiB, a browser's request fields",
         fields=tuple(BROWSER), length=KIB),
    Work("1000", "1 KiB, 1,000 connections", connections=1000, length=KIB),
    Work("304", "304 to If-None-Match", status=304, conditional=True,
         length=0),
    Work("404", "404", path="/none.html", status=404),
    Work("close", "1 KiB, a connection per request", closing=True,
         fields=("Connection: close",), length=KIB),
    Work("100k", "100 KiB", path="/100k.bin", large=True, floor=False,
         length=100 * KIB),
    Work("1m", "1 MiB", path="/1m.bin", connections=16, large=True,
         floor=False, length=MIB),
    Work("100m", "100 MiB", path="/100m.bin", connections=2, large=True,
         floor=False, length=100 * MIB),
    Work("pipelined", "1 KiB, pipelined 16 deep", depth=16, floor=False,
         length=KIB),
    Work("gzip", "100 KiB of text as gzip, kept", path="/kept.txt",
         floor=False, fields=("Accept-Encoding: gzip",), like="gzip-like",
         holds=("content-encoding", "gzip"), ours=True),
    Work("gzip-file", "100 KiB of text as gzip, a file beside it",
         path="/100k.txt", floor=False, fields=("Accept-Encoding: gzip",),
         like="gzip-like", holds=("content-encoding", "gzip")),
    Work("gzip-like", "a file as long as that gzip", path="/gzip.bin",
         floor=False, ours=True),
    Work("ranges", "206 of three parts, 48 KiB", path="/100k.bin",
         status=206, floor=False, like="ranges-like",
         fields=range_of(PARTS),
         holds=("content-type", "multipart/byteranges")),
    Work("ranges-like", "a file of 48 KiB", path="/48k.bin", floor=False,
         ours=True, length=PARTS_LENGTH),
    Work("ranges-3m", "206 of three parts, 3 MiB", path="/100m.bin",
         connections=16, status=206, floor=False, large=True,
         like="ranges-3m-like", fields=range_of(LARGE_PARTS),
         holds=("content-type", "multipart/byteranges")),
    Work("ranges-3m-like", "a file of 3 MiB", path="/3m.bin", connections=16,
         floor=False, large=True, ours=True, length=3 * MIB),
]

SCRIPT = """
local depth = %d
if depth > 1 then
    local batch
    function init() batch = string.rep(wrk.format(), depth) end
    function request() return batch end
end
function done(sum, latency)
    local e = sum.errors
    io.write(string.format('RESULT {"us":%%d,"requests":%%d,"bytes":%%.0f,' ..
        '"p50":%%d,"p99":%%d,"connect":%%d,"read":%%d,"write":%%d,' ..
        '"timeout":%%d,"status":%%d}\\n', sum.duration, sum.requests,
        sum.bytes, latency:percentile(50), latency:percentile(99), e.connect,
        e.read, e.write, e.timeout, e.status))
end
"""


def script(folder, depth):
    """Where wrk's script for requests sent `depth` at once is."""
    path = os.path.join(folder, f"depth{depth}.lua")
    if not os.path.exists(path):
        with open(path, "w") as f:
            f.write(SCRIPT % depth)
    return path


def processors():
    """(server's, client's): None where there is one CPU only."""
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2 or not find("taskset"):
        print("Not pinned: two CPUs and taskset are needed.  What is "
              "measured is less sure.")
        return None, None
    os.sched_setaffinity(0, {cpus[1]})
    return cpus[0], cpus[1]


def text(size):
    """Text that compresses as text does, the same each time."""
    pick = random.Random(2)
    words = ["".join(pick.choices("etaoinshrdlucm", k=pick.randint(2, 9)))
             for _ in range(900)]
    lines = []
    while sum(map(len, lines)) < size:
        lines.append(" ".join(pick.choices(words, k=11)) + "\n")
    return "".join(lines)[:size].encode()


def make_root(folder, large=True):
    """The files that are served; the binary ones do not compress."""
    root = os.path.join(folder, "root")
    os.mkdir(root)
    block = random.Random(1).randbytes(MIB)
    prose = text(100 * KIB)
    packed = gzip.compress(prose, 6, mtime=0)
    files = {"1k.html": block[:KIB], "48k.bin": block[:PARTS_LENGTH],
             "100k.bin": block[:100 * KIB], "1m.bin": block,
             "100k.txt": prose, "100k.txt.gz": packed, "kept.txt": prose,
             "gzip.bin": block[:len(packed)]}
    for name, data in files.items():
        with open(os.path.join(root, name), "wb") as f:
            f.write(data)
    if large:
        for name, times in (("3m.bin", 3), ("100m.bin", 100)):
            with open(os.path.join(root, name), "wb") as f:
                for _ in range(times):
                    f.write(block)
    # a file that was changed in this second is not what is measured
    for name in os.listdir(root):
        os.utime(os.path.join(root, name), (1_700_000_000, 1_700_000_000))
    return root


def cpu_times(pid):
    """Nanoseconds on a CPU of each thread of a process and its children:
    {(pid, tid): (name, ns)}."""
    times = {}
    tick = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    for p in tree(pid):
        base = f"/proc/{p}/task"
        try:
            threads = os.listdir(base)
        except OSError:
            continue
        for t in threads:
            try:
                with open(f"{base}/{t}/stat") as f:
                    head, _, rest = f.read().rpartition(")")
                try:    # exact; stat counts in ticks of 10 ms
                    with open(f"{base}/{t}/schedstat") as f:
                        ns = int(f.read().split()[0])
                except (OSError, ValueError, IndexError):
                    user, system = rest.split()[11:13]
                    ns = (int(user) + int(system)) * tick
            except OSError:
                continue
            times[p, t] = head.partition("(")[2], ns
    return times


def cpu_busy(cpu):
    """Nanoseconds that one CPU has not been idle, whoever it worked for."""
    with open("/proc/stat") as f:
        for line in f:
            if line.startswith(f"cpu{cpu} "):
                user, nice, system, _, _, *rest = map(int, line.split()[1:9])
                ticks = user + nice + system + sum(rest)
                return ticks * 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    return None


def cpu_used(before, after):
    """Nanoseconds by thread name."""
    used = {}
    for key, (name, ns) in after.items():
        spent = ns - before.get(key, (name, 0))[1]
        used[name] = used.get(name, 0) + spent
    return used


def fields_of(work, port):
    """The request fields of a work; validators are asked of the server."""
    fields = list(work.fields)
    if work.conditional:
        ask = f"GET {work.path} HTTP/1.1\r\nHost: {HOST}:{port}\r\n\r\n"
        given = exchange(port, ask.encode())[1]
        if "etag" in given:
            fields.append(f"If-None-Match: {given['etag']}")
        elif "last-modified" in given:
            fields.append(f"If-Modified-Since: {given['last-modified']}")
    return fields


def wrk(work, port, fields, seconds, cpu, script):
    """One run: wrk's own figures.  SIGINT ends it, as wrk knows only whole
    seconds; -d is for the case that nobody is left to send it."""
    argv = ["taskset", "-c", str(cpu)] if cpu is not None else []
    argv += ["wrk", f"-t{work.threads}", f"-c{work.connections}", f"-d{int(seconds) + 5}s",
             "--timeout", "5s", "-s", script]
    for field in fields:
        argv += ["-H", field]
    argv.append(f"http://{HOST}:{port}{work.path}")
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT) as p:
        try:
            time.sleep(seconds)
            p.send_signal(signal.SIGINT)
            out = p.communicate(timeout=10)[0]
        except BaseException:
            p.kill()
            raise
    for line in out.splitlines():
        if line.startswith("RESULT "):
            return json.loads(line[7:])
    raise Trouble("wrk said: " + " / ".join(out.split("\n")[-4:]))


def faults(work, seen, status, size, floor):
    """What was not as it should be in a run, in words."""
    if status != work.status and not floor:
        yield f"status {status}, not {work.status}"
    for kind in ("connect", "read", "write", "timeout"):
        if seen[kind]:
            yield f"{seen[kind]} {kind} errors"
    expected = seen["requests"] if status > 399 else 0
    if seen["status"] != expected:
        yield f"{seen['status']} of {seen['requests']} above 399"
    # Each answer is as long as the one looked at before the run, but for
    # those under way at the end: another answer under load shows here.
    answers = seen["bytes"] / size
    slack = work.connections * work.depth + 1 + seen["requests"] * 0.001
    if abs(answers - seen["requests"]) > slack:
        yield (f"{seen['bytes']} bytes are not {seen['requests']} answers"
               f" of {size}")


def lines_lost(server, answered):
    """How many answers are not in the log, once it has stopped growing."""
    size = -1
    for _ in range(40):
        now = os.path.getsize(server.log)
        if now == size:
            break
        size = now
        time.sleep(0.05)
    with open(server.log, "rb") as f:
        lines = sum(part.count(b"\n")
                    for part in iter(lambda: f.read(MIB), b""))
    os.truncate(server.log, 0)
    return max(0, answered - lines)


def checked(work, server, fields):
    """(status, bytes) of one answer; Trouble when it is not what the work is
    about: such an answer is not timed."""
    ask = [f"GET {work.path} HTTP/1.1", f"Host: {HOST}:{server.port}",
           *fields, "", ""]
    name, value = work.holds or ("", "")
    for i in range(30):    # the first may fill a cache, or have it filled
        status, given, size, body = exchange(server.port,
                                             "\r\n".join(ask).encode())
        if i >= 2 and value in given.get(name, ""):
            break
        time.sleep(0.05 if i >= 2 else 0)
    if server.floor:
        return status, size
    if status != work.status:
        raise Trouble(f"answers {status}, not {work.status}")
    if work.length is not None and body != work.length:
        raise Trouble(f"{body} bytes of body, not {work.length}")
    if value not in given.get(name, ""):
        raise Trouble(f"no {name}: {value} in its answer")
    return status, size


def measure(work, server, seconds, cpus, script):
    """One run of one work on one running server, as a dict of figures; cpus:
    the server's and the client's, None where they are not pinned."""
    fields = fields_of(work, server.port)
    status, size = checked(work, server, fields)
    events_lost = server.events_lost()
    if server.log:
        time.sleep(SETTLE)
        os.truncate(server.log, 0)
    busy, before = cpu_busy(cpus[0]), cpu_times(server.process.pid)
    seen = wrk(work, server.port, fields, seconds, cpus[1], script)
    others = cpu_busy(cpus[0])
    time.sleep(SETTLE)
    used = cpu_used(before, cpu_times(server.process.pid))
    if busy is not None:
        others = max(0, others - busy - sum(used.values())) / 1e3 / seen["us"]
    answers = seen["bytes"] / size if work.large else seen["requests"]
    if not answers:
        raise Trouble("no answer at all")
    errors = list(faults(work, seen, status, size, server.floor))
    if server.log:
        lost = lines_lost(server, seen["requests"])
        if lost:
            errors.append(f"{lost} of {seen['requests']} log lines missing")
    now = server.events_lost()
    lost = None if None in (now, events_lost) else now - events_lost
    if lost:
        errors.append(f"{lost} events lost of {seen['requests']} requests")
    elif server.pty and lost is None:
        errors.append("the console did not say how many events it lost")
    return {"size": size, "events_lost": lost, "cpu_us": sum(used.values()) / 1e3 / answers,
            "rps": answers / (seen["us"] / 1e6),
            "busy": sum(used.values()) / 1e3 / seen["us"], "others": others,
            "p50_us": seen["p50"], "p99_us": seen["p99"], "errors": errors,
            "threads": {n: ns / 1e3 / answers for n, ns in used.items()}}
