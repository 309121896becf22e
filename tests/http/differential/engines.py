"""The parsers, one process each.  Each gives for every request a Result.

This server and nginx are driven over sockets and judged by what they answer
and log.  All of a case is sent, then the end; each case comes from an address
of its own in 127.0.0.0/8, by which its lines are found in the log.
"""

import base64
import json
import re
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from raw import DEADLINE

HERE = Path(__file__).resolve().parent
# What the parser says; other statuses are about a request that it understood.
REFUSALS = {400, 408, 413, 414, 417, 421, 431, 494, 501, 505}
LAST_HEAD = re.compile(rb"HTTP/1\.1 \d{3} [^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n")


@dataclass
class Entry:
    """A request whose end was found."""

    method: str
    target: str
    length: int | None  # of the content in bytes; None: not told
    ok: bool  # False: answered as an error, and the connection kept


@dataclass
class Result:
    """`end`: 'refused', 'waits' (within a message), 'idle' (between two) or
    'closed' (what follows is not read, as a request or its version asked)."""

    entries: list = field(default_factory=list)
    end: str = "idle"


def printable(text):
    """As this server's log has it; bytes as latin-1."""
    return "".join("\\\\" if c == "\\" else c if " " <= c <= "~"
                   else f"\\x{ord(c):02X}" for c in text)


def over_pipe(command, cases):
    """An engine that reads base64 and writes JSON, a line each."""
    lines = b"".join(base64.b64encode(data) + b"\n" for data in cases)
    done = subprocess.run(command, input=lines, stdout=subprocess.PIPE,
                          check=True, timeout=DEADLINE)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == len(cases), command
    return [Result([Entry(m, printable(t), n, ok)
                    for m, t, n, ok in row["entries"]], row["end"])
            for row in rows]


def node(cases):
    return over_pipe(["node", str(HERE / "node_engine.js")], cases)


def h11(cases):
    return over_pipe([sys.executable, str(HERE / "h11_engine.py")], cases)


def address(i):
    return f"127.77.{i >> 8}.{i & 255}"


def exchange(port, i, data):
    """Send it and the end; all that is answered."""
    answer = bytearray()
    with socket.socket() as s:
        s.settimeout(DEADLINE)
        s.bind((address(i), 0))
        s.connect(("127.0.0.1", port))
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            while part := s.recv(65536):
                answer += part
        except (ConnectionResetError, BrokenPipeError, OSError) as error:
            assert not isinstance(error, TimeoutError), (data, bytes(answer))
    return bytes(answer)


def says_close(answer):
    heads = LAST_HEAD.findall(answer)
    return not heads or b"\r\nconnection: close\r\n" in heads[-1].lower()


def by_address(rows, n, key):
    place = {address(i): i for i in range(n)}
    found = [[] for _ in range(n)]
    for row in rows:
        found[place[row[key]]].append(row)
    return found


def own_result(rows, answer):
    result = Result()
    for row in rows:
        if row["status"] in (0, 408):
            result.end = "waits"
            return result
        ok = row["status"] not in REFUSALS
        if row["close"] is not None and not ok and says_close(answer):
            result.end = "refused"
            return result
        result.entries.append(Entry(row["method"], row["target"], None, ok))
    if rows and says_close(answer):
        result.end = "closed"
    return result


def ours(cases, start):
    """This server, by its log in JSON.  It throws content away: how long it
    was is seen by where the next request begins."""
    s = start(log_format="json", limits_discard_body="1M")
    answers = [exchange(s.port, i, data) for i, data in enumerate(cases)]
    s.stop()
    rows = by_address(map(json.loads, s.log), len(cases), "client")
    return [own_result(rows[i], answers[i]) for i in range(len(cases))]


NGINX = """
daemon off; master_process off; pid {folder}/pid;
error_log {folder}/error crit;
events {{ worker_connections 512; }}
http {{
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
  scgi_temp_path {folder}/s;
  log_format framed escape=json '{{"client":"$remote_addr",'
    '"method":"$request_method","target":"$request_uri","status":$status,'
    '"sent":$bytes_sent,"content":"$request_body"}}';
  client_body_buffer_size 1m; lingering_close off; keepalive_requests 1000;
  proxy_ignore_client_abort on; proxy_method GET; proxy_pass_request_body off;
  proxy_pass_request_headers off; proxy_set_header Content-Length "";
  server {{
    listen 127.0.0.1:{port};
    access_log {folder}/log framed;
    location / {{ proxy_pass http://unix:{folder}/sink:/; }}
  }}
  server {{ listen unix:{folder}/sink; access_log off; return 200 ""; }}
}}
"""


def nginx_program():
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_listening(process, port):
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.01)
    raise AssertionError("nginx does not listen")


def nginx_result(rows, answer):
    result = Result()
    for row in rows:
        if row["sent"] == 0:
            result.end = "waits"
            return result
        if row["status"] >= 400:
            result.end = "refused"
            return result
        result.entries.append(Entry(
            row["method"], printable(row["target"]), len(row["content"]), True))
    if rows and says_close(answer):
        result.end = "closed"
    return result


def nginx(cases, folder):
    """nginx in front of itself, so that it reads the content to its end."""
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port))
    process = subprocess.Popen(
        [nginx_program(), "-c", str(config), "-p", str(folder), "-e",
         str(folder / "error")], stdin=subprocess.DEVNULL)
    try:
        wait_listening(process, port)
        answers = [exchange(port, i, data) for i, data in enumerate(cases)]
    finally:
        process.terminate()
        process.wait(DEADLINE)
    lines = (folder / "log").read_bytes().decode("latin-1").split("\n")
    rows = [row for row in map(json.loads, filter(None, lines))
            if row["client"].startswith("127.77.")]
    rows = by_address(rows, len(cases), "client")
    return [nginx_result(rows[i], answers[i]) for i in range(len(cases))]
