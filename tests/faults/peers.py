"""The same faults on nginx and lighttpd, where they can be run: figures to
compare with, not to judge."""

import contextlib
import os
import resource
import shutil
import signal
import socket
import subprocess
import time

from clients import CONNECTIONS, DEADLINE, Held
from exhaustion import Watching
from files import begin_download, rest_of
from harness import (BIG, DATA, Client, Load, NotHere, Response, fault,
                     folder, ms, need, request)
from soak import answers, free_port

RELOADS = 50


def nginx(top, port):
    path = top / "nginx.conf"
    temporary = " ".join(f"{n}_temp_path {top}/{n};" for n in (
        "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    path.write_text(f"""
daemon off; worker_processes 2; pid {top}/pid; error_log {top}/error crit;
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
        self.process = subprocess.Popen(
            list(map(str, argv)), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 5
        while not listens(self.port):
            if time.monotonic() > until:
                raise NotHere(f"{make.__name__} does not start here")
            time.sleep(0.02)

    def workers(self):
        """The processes that serve: the children, or the one itself."""
        pid = self.process.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            return list(map(int, f.read().split())) or [pid]

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
    lasted = f"{found.longest:.1f} s" if found.lasted else "never"
    failed = f", {found.load.failures} healthy requests failed" \
        if found.load.failures else ""
    return (f"{len(found.lasted)} of {CONNECTIONS} closed, the last after "
            f"{lasted}; healthy p99 {ms(found.load.quantile(.99))}{failed}")


def no_descriptor(make):
    """Tries of accept and CPU while clients wait, and the way back."""
    need("strace")
    with peer(make) as (p, top):
        pids = p.workers()
        old = {}
        for pid in pids:
            old[pid] = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            room = len(os.listdir(f"/proc/{pid}/fd"))
            resource.prlimit(pid, resource.RLIMIT_NOFILE,
                             (room, old[pid][1]))
        clients = [Client(p.port) for _ in range(40)]
        for c in clients:
            c.response = Foreign
            c.send(request("/hello.txt", "Connection: close"))
        watches = [Watching(pid, "accept4") for pid in pids]
        begun, before = time.monotonic(), sum(map(cpu, pids))
        time.sleep(4)
        used = sum(map(cpu, pids)) - before
        seconds = time.monotonic() - begun
        tries = sum(w.stop() for w in watches)
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, old[pid])
        begun, served = time.monotonic(), 0
        for c in clients:
            c.deadline = 5
            try:
                served += c.read().status == 200
            except Exception:
                pass
            c.close()
        took = time.monotonic() - begun
    return (f"{tries / seconds:.1f} tries a second, CPU "
            f"{used / seconds:.0f} %, {served} of 40 served, after "
            f"{ms(took)}")


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
    return (f"{RELOADS} reloads, {len(load.times)} requests, "
            f"{load.failures} failed, p99 {ms(load.quantile(.99))}"
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
