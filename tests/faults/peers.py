"""The same faults on nginx and lighttpd, where they can be run: figures to
compare with, not to judge."""

import collections
import contextlib
import os
import resource
import shutil
import signal
import socket
import subprocess
import time

from clients import CONNECTIONS, DEADLINE, Held
from exhaustion import Watching, allow_no_more
from files import begin_download, rest_of
from harness import (BIG, DATA, Client, Ended, Load, NotHere, Response,
                     eventually, fault, folder, median, ms, need, request)
from soak import free_port

RELOADS = 50
MEASURED = 3    # s, of each figure while descriptors lack
NGINX_WORKERS = 2


def nginx(top, port):
    path = top / "nginx.conf"
    temporary = " ".join(f"{n}_temp_path {top}/{n};" for n in (
        "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    path.write_text(f"""
daemon off; worker_processes {NGINX_WORKERS}; pid {top}/pid; error_log {top}/error crit;
user root;
events {{ worker_connections 4096; }}
http {{
    types {{ text/plain txt; }}
    default_type application/octet-stream;
    access_log {top}/access; sendfile on; {temporary}
    client_header_timeout {DEADLINE}s; client_body_timeout {DEADLINE}s;
    send_timeout {DEADLINE}s; keepalive_timeout {DEADLINE}s;
    keepalive_requests 100000000;
    server {{ listen 127.0.0.1:{port}; root {top}/site; }}
}}
""")
    return [shutil.which("nginx", path=PATH), "-p", top, "-e",
            top / "error", "-c", path], signal.SIGHUP


def lighttpd(top, port):
    path = top / "lighttpd.conf"
    path.write_text(f"""
server.modules = ( "mod_accesslog" )
server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{top}/site"
server.errorlog = "{top}/error"
accesslog.filename = "{top}/access"
server.max-fds = 8192
server.max-connections = 4096
server.max-read-idle = {DEADLINE}
server.max-write-idle = {DEADLINE}
server.max-keep-alive-idle = {DEADLINE}
server.max-keep-alive-requests = 65535
mimetype.assign = ( ".txt" => "text/plain", "" => "application/octet-stream" )
""")
    return [shutil.which("lighttpd", path=PATH), "-D", "-f",
            path], signal.SIGUSR1


PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin"


class Peer:
    def __init__(self, make, top):
        self.port = free_port()
        argv, self.reload = make(top, self.port)
        if argv[0] is None:
            raise NotHere(f"{make.__name__} is not installed")
        self.children = NGINX_WORKERS if make is nginx else 0
        self.process = subprocess.Popen(
            list(map(str, argv)), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            eventually(lambda: listens(self.port) and self.is_ready(), 5)
        except AssertionError:
            self.stop()
            raise NotHere(f"{make.__name__} does not start here") from None

    def is_ready(self):
        """It listens before its workers are there, and they exist before they
        wait for connections."""
        pids = self.workers()
        return len(pids) == (self.children or 1) and all(map(waits, pids))

    def workers(self):
        """The processes that serve: the children, or the one itself."""
        pid = self.process.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            children = list(map(int, f.read().split()))
        return children if self.children else [pid]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except ConnectionRefusedError:
        return False
    return True


def waits(pid):
    """Whether the process sleeps, with an epoll instance to be woken by."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            state = f.read().rsplit(")", 1)[1].split()[0]
        links = [os.readlink(f"/proc/{pid}/fd/{n}")
                 for n in os.listdir(f"/proc/{pid}/fd")]
    except OSError:
        return False
    return state == "S" and "anon_inode:[eventpoll]" in links


@contextlib.contextmanager
def peer(make):
    with folder() as top:
        top.chmod(0o755)
        (top / "site" / "big.bin").write_bytes(DATA)
        p = Peer(make, top)
        try:
            yield p, top
        finally:
            p.stop()


class Foreign(Response):
    def check(self, method):
        return self


def slow(make, kind):
    need("slowhttptest")
    with peer(make) as (p, _):
        found = Held(kind, p.port, 20, strict=False)
    held = found.lasted or [0.0]
    failed = f", {found.load.failures} healthy requests failed" \
        if found.load.failures else ""
    return (f"of {CONNECTIONS} {found.peak} at once at most; held "
            f"{median(held):.1f} s (median), {max(held):.1f} s at most, "
            f"{found.left} until the clients gave up (19 s); healthy p99 "
            f"{ms(found.load.quantile(.99))}{failed}")


def answer_of(c):
    """The status, or how the connection ended without one."""
    c.deadline = 5
    try:
        return str(c.read().status)
    except Ended:
        return "closed"
    except (OSError, AssertionError):
        return "without an answer"
    finally:
        c.close()


def no_descriptor(make):
    """CPU and, later, tries of accept while clients wait; the way back."""
    need("strace")
    with peer(make) as (p, _):
        pids = p.workers()
        old = {pid: allow_no_more(pid) for pid in pids}
        clients = [Client(p.port) for _ in range(40)]
        for c in clients:
            c.response = Foreign
            c.send(request("/hello.txt", "Connection: close"))
        used = -sum(map(cpu, pids))
        time.sleep(MEASURED)
        used += sum(map(cpu, pids))
        watches = [Watching(pid, "accept4") for pid in pids]
        begun = time.monotonic()
        time.sleep(MEASURED)
        seconds = time.monotonic() - begun
        tries = sum(w.stop() for w in watches)
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, old[pid])
        begun = time.monotonic()
        got = collections.Counter(map(answer_of, clients))
        took = time.monotonic() - begun
    return (f"{tries / seconds:.1f} tries a second (strace slows them), CPU "
            f"{used / MEASURED:.0f} %; of 40 clients: " + ", ".join(
                f"{n} {what}" for what, n in got.items())
            + f", after {ms(took)}")


def cpu(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        part = f.read().rsplit(")", 1)[1].split()
    return int(part[11]) + int(part[12])


def truncated(make):
    whole = cut = hung = 0
    with peer(make) as (p, top):
        path = top / "site" / "big.bin"
        for size in (BIG // 2, 0, BIG - 1):
            path.write_bytes(DATA)
            c = begin_download(p.port, Foreign)
            os.truncate(path, size)
            try:
                got = rest_of(c)
                whole += len(got) == BIG
                cut += len(got) < BIG
            except AssertionError:
                hung += 1
            c.close()
    return f"{cut} closed, {whole} whole, {hung} left open for 15 s"


def reloaded(make):
    with peer(make) as (p, _):
        load = Load(p.port, clients=3, strict=False)
        for _ in range(RELOADS):
            p.process.send_signal(p.reload)
            time.sleep(0.1)
        alive = p.process.poll() is None
        load.stop()
    kinds = ", ".join(sorted({x.split("(")[0] for x in load.failed}))
    return (f"{RELOADS} reloads, {len(load.times)} requests, "
            f"{load.failures} failed ({kinds}), p99 "
            f"{ms(load.quantile(.99))}"
            + ("" if alive else "; it has ended"))


def enter(make):
    for name, how, run in (
            ("slow head", "slowhttptest -H", lambda: slow(make, "head")),
            ("slow body", "slowhttptest -B", lambda: slow(make, "body")),
            ("slow reader", "slowhttptest -X", lambda: slow(make, "reader")),
            ("no descriptor left", "prlimit", lambda: no_descriptor(make)),
            ("file truncated while sent", "ftruncate",
             lambda: truncated(make)),
            ("reloaded under load", "SIGHUP, SIGUSR1",
             lambda: reloaded(make))):
        run.__name__ = f"{make.__name__}: {name}"
        fault(how, "(for comparison)")(run)


enter(nginx)
enter(lighttpd)
