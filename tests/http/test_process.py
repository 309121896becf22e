"""The program: how it starts, reloads, drains and ends, and what it says."""

import base64
import ctypes
import fcntl
import json
import os
import platform
import re
import resource
import select
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import time

import pytest

from conftest import (PRELOADS, PROGRAM, Lines, Server, environment,
                      eventually, noise, run)
from raw import Client, request

BIG = 16 << 20
SCHED_GETATTR = 315


@pytest.fixture
def downloads(start, tmp_path):
    """A server with a file that no socket buffer holds."""
    def begin(**config):
        s = start(**config)
        (s.folder / "big.bin").write_bytes(noise(BIG))
        return s
    return begin


def begin_download(server):
    c = server.client(receive_buffer=65536)
    c.send(request("/big.bin"))
    c.read_head()
    c.wait_for(1000)
    return c


def refuses(port):
    """Whether a new connection is refused."""
    try:
        Client(port).close()
    except ConnectionRefusedError:
        return True
    return False


# ----------------------------------------------------------------- threads

def turn_of(thread):
    """(policy, nice value, ns of a turn) of a thread, by sched_getattr(2)."""
    attr = ctypes.create_string_buffer(56)
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.syscall(SCHED_GETATTR, thread, attr, len(attr), 0) == 0
    _, policy, _, nice, _, turn = struct.unpack_from("=IIQiIQ", attr)
    return policy, nice, turn


def turns_of(process):
    """turn_of each thread, by its name."""
    found = {}
    for task in os.listdir(f"/proc/{process}/task"):
        with open(f"/proc/{process}/task/{task}/comm") as f:
            found[f.read().strip()] = turn_of(int(task))
    return found


@pytest.mark.skipif(platform.machine() != "x86_64",
                    reason="the call's number is that of x86-64")
def test_a_worker_takes_the_processor_from_what_works_beside_it(start):
    """A thread that wakes interrupts one that has longer turns; the jobs' are
    as short, and it gives them up by itself."""
    if turn_of(0)[2] == 0:
        pytest.skip("Linux has no turns of one's own before 6.12")
    s = start()
    own = os.nice(0)
    wanted = {"worker-0": (os.SCHED_OTHER, own, 100_000),
              "jobs": (os.SCHED_BATCH, min(own + 10, 19), 100_000)}
    # a thread begins with the name and the turns of who made it
    eventually(lambda: wanted.items() <= turns_of(s.pid).items())
    eventually(lambda: "recorder" in turns_of(s.pid))
    assert turns_of(s.pid)["recorder"][2] > 100_000


# ------------------------------------------------------------- descriptors

@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&-"])
def test_a_closed_descriptor_is_nobodys(site, closed):
    """Else it would be a socket's or an eventfd's, and get what is printed."""
    s = Server(site, prefix=("sh", "-c", f'exec "$@" {closed}', "sh"))
    try:
        assert s.get("/hello.txt").status == 200
        held = {fd: os.readlink(f"/proc/{s.pid}/fd/{fd}") for fd in (0, 1)}
        assert held[0] == "/dev/null"
        assert held[1] == "/dev/null" or closed == "<&-"
    finally:
        s.stop()


# ------------------------------------------------------------------ memory

def huge_pages():
    """Whether memory that is touched in one place comes 2 MiB at a time."""
    try:
        with open("/sys/kernel/mm/transparent_hugepage/enabled") as f:
            return "[always]" in f.read()
    except OSError:
        return False


@pytest.mark.skipif(not PRELOADS, reason="a sanitizer has memory of its own")
@pytest.mark.skipif(huge_pages(), reason="a page is not a page here")
def test_what_nobody_has_used_yet_takes_no_memory(start):
    """Room for connections, jobs, events and history is there from the start;
    it is filled as they come."""
    s = start()
    assert s.get("/").status == 200
    with open(f"/proc/{s.pid}/smaps_rollup") as f:
        own = int(re.search(r"^Anonymous: +(\d+) kB", f.read(), re.M)[1])
    assert own < 1536


# ------------------------------------------------------------------ ending

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_status_0(start, number):
    s = start()
    assert s.get("/").status == 200
    s.stop(number)
    assert refuses(s.port)


def test_idle_connections_do_not_delay_the_end(start):
    s = start(timeouts_shutdown="60s")
    clients = [s.client() for _ in range(20)]
    for c in clients[::2]:
        c.ask("/")
    s.notify(signal.SIGTERM)
    s.wait_end(deadline=10)
    for c in clients:
        c.assert_ends()


def test_a_download_under_way_finishes(downloads):
    s = downloads(timeouts_shutdown="60s")
    c = begin_download(s)
    s.notify(signal.SIGTERM)
    s.wait_err("drain")
    eventually(lambda: refuses(s.port))
    data = bytearray()
    for _ in range(10):  # slowly at first
        data += c.take(1000)
        time.sleep(0.02)
    data += c.take(BIG - len(data))
    assert data == noise(BIG)
    c.assert_ends()
    s.wait_end()
    assert "/big.bin" in s.log[-1]


def test_a_head_under_way_is_answered_and_closed(start):
    """What a client had begun is not thrown away."""
    s = start(timeouts_shutdown="60s")
    with s.client() as c:
        c.send(b"GET /hello.txt HTTP/1.1\r\nHo")
        time.sleep(0.1)
        s.notify(signal.SIGTERM)
        s.wait_err("drain")
        c.send(b"st: localhost\r\n\r\n" + request("/"))
        r = c.read()
        assert (r.text, r.closes) == ("hello, world\n", True)
        c.finish()
        c.assert_ends()
    s.wait_end()


def test_requests_sent_before_the_signal_are_answered(start):
    s = start()
    with s.client() as c:
        s.notify(signal.SIGSTOP)
        c.send(request("/hello.txt"))
        s.notify(signal.SIGTERM)
        s.notify(signal.SIGCONT)
        assert c.read().text == "hello, world\n"
    s.wait_end()


def test_connections_that_waited_before_the_signal_are_answered(start):
    s = start()
    s.notify(signal.SIGSTOP)
    clients = [s.client() for _ in range(10)]
    for c in clients:
        c.send(request("/hello.txt"))
    s.notify(signal.SIGTERM)
    s.notify(signal.SIGCONT)
    for c in clients:
        assert c.read().text == "hello, world\n"
        c.close()
    s.wait_end()


def test_the_drain_has_a_deadline(downloads):
    s = downloads(timeouts_shutdown="300ms")
    c = begin_download(s)
    s.notify(signal.SIGTERM)
    s.wait_end(deadline=10)
    assert "/big.bin" in s.log[-1]
    c.close()


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_now(downloads, first):
    s = downloads(timeouts_shutdown="60s")
    c = begin_download(s)
    s.notify(first)
    s.wait_err("drain")
    time.sleep(0.1)
    assert s.process.poll() is None, "it waits for the download"
    s.notify(signal.SIGTERM)
    s.wait_end(deadline=10)
    c.close()


def test_a_timeout_of_0_is_no_timeout(downloads):
    """timeouts.shutdown: 0 waits for as long as it takes."""
    s = downloads(timeouts_shutdown="0")
    c = begin_download(s)
    s.notify(signal.SIGTERM)
    s.wait_err("drain")
    time.sleep(0.3)
    assert c.take(BIG) == noise(BIG)
    c.assert_ends()
    s.wait_end()


@pytest.mark.parametrize("timeout, signals, why", [
    ("60s", 2, "ended now"), ("100ms", 1, "shutdown cut")])
def test_who_ended_a_download_is_told_apart(downloads, timeout, signals, why):
    s = downloads(timeouts_shutdown=timeout, log_format="json")
    c = begin_download(s)
    for _ in range(signals):
        after = len(s.err.lines)
        s.notify(signal.SIGTERM)
        s.wait_err("drain|now", after)
    s.wait_end(deadline=10)
    assert why in json.loads(s.log[-1])["close"]
    c.close()


def test_fifty_slow_downloads_and_a_drain(downloads):
    s = downloads(timeouts_shutdown="500ms")
    clients = [begin_download(s) for _ in range(50)]
    s.notify(signal.SIGTERM)
    s.wait_end(deadline=15)
    assert len(s.log) == 50, "each cut exchange is logged"
    for c in clients:
        c.close()


def test_killed_and_started_again_at_once(start, site):
    """SO_REUSEADDR: TIME_WAIT keeps nobody from the port."""
    s = start(site)
    with s.client() as c:
        c.ask("/hello.txt")
        s.process.kill()
        s.process.wait()
        s.stopped = True
    again = start(site, base=["--headless", "--no-config", "-p", str(s.port)])
    assert again.port == s.port
    assert again.get("/hello.txt").status == 200


# ------------------------------------------------------------------ reload

def write_config(path, **keys):
    """A file with listen on a free port and these lines."""
    lines = ["version: 1", "listen: [127.0.0.1:0]"]
    lines += [f"{k}: {v}" for k, v in keys.items()]
    new = path.with_suffix(".new")
    new.write_text("\n".join(lines) + "\n")
    new.rename(path)  # a reload may be reading it: never a part


@pytest.fixture
def configured(request, tmp_path):
    """A server of a configuration file, and two folders to serve."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "hello.txt").write_text(name + "\n")
    path = tmp_path / "conf.yaml"
    log = getattr(request, "param", None)
    write_config(path, root="one", **({"log": log} if log else {}))
    s = Server(None, base=["--headless", "-c", str(path)])
    s.path = path
    yield s
    try:
        s.stop()
    finally:
        if s.process.poll() is None:
            s.process.kill()
        for big in tmp_path.rglob("*.bin"):
            big.unlink()


def reload(server, pattern):
    after = len(server.err.lines)
    server.notify(signal.SIGHUP)
    return server.wait_err(pattern, after)


def test_the_file_is_named_and_paths_are_relative_to_it(configured, tmp_path):
    s = configured
    assert s.root == str(tmp_path / "one")
    s.wait_err(re.escape(str(s.path)))
    assert s.get("/hello.txt").text == "one\n"


def test_a_reload_takes_the_new_file_over(configured):
    s = configured
    with s.client() as c:
        assert c.ask("/hello.txt").text == "one\n"
        write_config(s.path, root="two", cache="no-store",
                     limits="{header_count: 3}",
                     files="{index: [hello.txt]}")
        reload(s, "reloaded")
        # a connection that was there moves to it between requests
        eventually(lambda: c.ask("/hello.txt").text == "two\n")
        assert c.ask("/").text == "two\n"
        assert c.ask("/").get("cache-control") == "no-store"
        r = c.ask("/", "A: 1", "B: 2", "C: 3")
        assert r.status == 431


def test_a_reload_of_an_emptied_file_changes_nothing(configured):
    """An editor may empty the file before it writes it."""
    s = configured
    before = s.get("/hello.txt").body
    s.path.write_text("")
    reload(s, "empty")
    assert s.get("/hello.txt").body == before


def test_a_download_goes_on_over_a_reload(configured, tmp_path):
    s = configured
    (tmp_path / "one" / "big.bin").write_bytes(noise(BIG))
    c = begin_download(s)
    write_config(s.path, root="two")
    reload(s, "reloaded")
    assert c.take(BIG) == noise(BIG)
    assert c.ask("/hello.txt").text == "two\n"
    c.close()


@pytest.mark.parametrize("text, place", [
    ("nonsense: 1\n", ":1:1:"), ("root: [\n", "conf.yaml"),
    ("root: two\nworkers: many\n", ":2:10:"),
    ("root: two\nroot: two\n", ":2:1:"), ("root: nowhere\n", ":1:7:"),
    ("\t\n\troot: two", "conf.yaml"), ("root: two\n---\nroot: one\n", ":2:"),
    ("limits:\n  header_size: 12X\n", ":2:16:"),
])
def test_a_bad_file_changes_nothing(configured, text, place):
    s = configured
    s.path.write_text(text)
    reload(s, re.escape(place))
    assert s.get("/hello.txt").text == "one\n"
    write_config(s.path, root="two")
    reload(s, "reloaded")
    eventually(lambda: s.get("/hello.txt").text == "two\n")


def test_a_file_that_is_gone_changes_nothing(configured):
    s = configured
    s.path.unlink()
    reload(s, "conf.yaml")
    assert s.get("/hello.txt").text == "one\n"


def test_a_hundred_reloads_under_load(configured):
    """No request fails, no descriptor stays."""
    s = configured
    def turn(i):
        write_config(s.path, root=("one", "two")[i % 2])
        s.notify(signal.SIGHUP)
        text = c.ask("/hello.txt").text
        assert text in ("one\n", "two\n")
    with s.client() as c:
        turn(0)
        reload(s, "reloaded")
        before = s.descriptors()
        for i in range(100):
            turn(i)
        reload(s, "reloaded")
        eventually(lambda: s.descriptors() <= before)


def test_a_reload_without_a_file(start):
    s = start()
    reload(s, "reloaded")
    assert s.get("/hello.txt").status == 200


@pytest.mark.parametrize("configured", ["{access: first.log}"],
                         indirect=True)
def test_a_reload_of_the_log(configured, tmp_path):
    s = configured
    write_config(s.path, root="one", log="{access: new.log}")
    reload(s, "reloaded")
    eventually(lambda: s.get("/hello.txt").status == 200
               and (tmp_path / "new.log").exists()
               and (tmp_path / "new.log").read_text())


@pytest.mark.skipif(os.getuid() == 0, reason="root writes everywhere")
@pytest.mark.parametrize("configured", ["{access: first.log}"],
                         indirect=True)
def test_a_reload_of_the_log_to_a_file_that_is_not_ours(configured, tmp_path):
    """It is the file's mode, not the sandbox, and no start will help."""
    (tmp_path / "other.log").touch(mode=0o444)
    write_config(configured.path, root="one", log="{access: other.log}")
    reload(configured, "cannot open the access log")
    assert not any("sandbox" in x for x in configured.err.lines)


def test_a_reload_turns_the_laboratory_off(configured):
    """Or says that it does not: who switches it off must not be mistaken."""
    s = configured
    target = "/.httpconsole/exchange?send="
    target += base64.urlsafe_b64encode(request()).rstrip(b"=").decode()
    assert s.get(target).status == 200
    write_config(s.path, root="one", lab="false")
    reload(s, "reloaded|lab")
    time.sleep(0.1)
    said = any(re.search(r"\blab\b", line) for line in s.err.lines)
    assert said or s.get(target).status == 404


def test_a_reload_that_cannot_change_the_address_says_so(configured):
    s = configured
    s.path.write_text("listen: [127.0.0.1:1]\nroot: two\n")
    reload(s, "listen")
    assert s.get("/hello.txt").status == 200


@pytest.mark.parametrize("text, key", [
    ("backlog: 9\n", "backlog"), ("port_fallback: true\n", "port_fallback"),
    ("workers: 99\n", "workers"),
    ("console: {refresh: 1s}\n", "console.refresh"),
    ("console: {history: 200}\n", "console.history"),
    ("console: {history_memory: 1M}\n", "console.history_memory"),
    ("console: {color: never}\n", "console.color"),
    ("limits: {connections: 77}\n", "limits.connections"),
    ("backlog: 9\nconsole: {refresh: 1s, color: never}\n",
     "backlog, console.refresh, console.color")])
def test_what_a_reload_cannot_change_is_named(tmp_path, text, key):
    """By its name, and it alone, until it is taken back: by what runs, not by
    what the reload before said."""
    (tmp_path / "one").mkdir()
    path = tmp_path / "conf.yaml"
    common = "version: 1\nlisten: [127.0.0.1:0]\nroot: one\n"
    path.write_text(common)
    s = Server(None, base=["--headless", "-c", str(path)])
    try:
        path.write_text(common + text)
        for _ in range(2):
            after = len(s.err.lines)
            reload(s, f"next start: {re.escape(key)}$")
            s.wait_err("reloaded", after)
        path.write_text(common)
        after = len(s.err.lines)
        reload(s, "reloaded")
        assert not any("next" in line for line in s.err.lines[after:])
    finally:
        s.stop()


def test_a_reload_of_the_level_of_diagnostics(configured):
    s = configured
    write_config(s.path, root="one", log="{level: error}")
    s.wait_err("Configuration")  # the banner's last line
    after = len(s.err.lines)
    for _ in range(2):
        s.notify(signal.SIGHUP)
        time.sleep(0.2)
    assert s.err.lines[after:] == []
    write_config(s.path, root="one")
    reload(s, "reloaded")


def test_a_root_that_is_a_link_follows_it(start, tmp_path):
    """current -> releases/42: a release is a switched link."""
    for n in ("41", "42"):
        (tmp_path / "releases" / n).mkdir(parents=True)
        (tmp_path / "releases" / n / "hello.txt").write_text(n + "\n")
    current = tmp_path / "current"
    current.symlink_to("releases/41")
    s = start(current)
    assert s.root == str(tmp_path / "releases" / "41")
    assert s.get("/hello.txt").text == "41\n"
    (tmp_path / "new").symlink_to("releases/42")
    (tmp_path / "new").rename(current)
    s.wait_err("replaced.*releases/42")
    eventually(lambda: s.get("/hello.txt").text == "42\n")
    # gone, which is said, and the same again
    current.rename(tmp_path / "away")
    s.wait_err("root is gone")
    assert s.get("/hello.txt").text == "42\n"
    (tmp_path / "away").rename(current)
    s.wait_err("there again")


def test_a_signal_for_the_log_says_what_will_be(start, tmp_path):
    s = start(None, "--log-file", tmp_path / "a.log")
    s.notify(signal.SIGUSR1)
    s.wait_err("access log will be opened anew")
    for where in ("stdout", "off"):
        s = start(log_access=where)
        s.notify(signal.SIGUSR1)
        reload(s, "reloaded")  # the signals are answered by one thread
        assert not any("anew" in line or "reopened" in line
                       for line in s.err.lines)


def test_signals_in_a_storm(start):
    s = start()
    for i in range(60):
        s.notify((signal.SIGHUP, signal.SIGUSR1, signal.SIGWINCH,
                  signal.SIGPIPE)[i % 4])
        assert s.get("/hello.txt").status == 200


# ---------------------------------------------------------- how it starts

def test_the_banner_is_on_stderr(start, tmp_path):
    s = start()
    assert re.fullmatch(
        r"Serving \S+ at http://127\.0\.0\.1:\d+/ "
        r"\(this computer only; --lan to share\)", s.err.lines[0])
    assert s.root == str(s.folder) and os.path.isabs(s.root)
    s.stop()
    assert s.out.lines == []


def test_port_0_lets_the_kernel_pick(start):
    a, b = start(), start()
    assert a.port != b.port and a.port > 1023
    assert a.get("/").status == b.get("/").status == 200


def test_quiet_says_no_banner(start, tmp_path):
    (tmp_path / "q").mkdir()
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    s = start(tmp_path / "q", "-q", banner=False,
              base=["--headless", "--no-config", "-p", str(port)])
    eventually(lambda: not refuses(port))
    s.stop()
    assert not any("Serving" in line for line in s.err.lines)


def test_without_a_terminal_there_is_no_console(start):
    """--headless is not needed when stdin and stdout are none."""
    s = start(base=["-p", "0", "--no-config"])
    assert s.get("/hello.txt").status == 200
    assert "hello.txt" in s.wait_log(1)[0]
    s.stop()
    assert "\x1b" not in "".join(s.out.lines + s.err.lines)


def test_ipv6_and_several_addresses(start, site):
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
    except OSError:
        pytest.skip("no IPv6")
    s = start(site, "-b", "127.0.0.1", "-b", "::1")
    line = s.wait_err(r"http://\[::1\]:\d+/")
    port = int(re.search(r"\]:(\d+)/", line)[1])
    with Client(port, host="::1") as c:
        r = c.ask("/hello.txt", host=f"[::1]:{port}")
        assert r.status == 200
    assert s.get("/hello.txt").status == 200
    assert any(line.startswith("::1 ") for line in s.wait_log(2))


BASE = ["--headless", "--no-config", "-p", "0"]

COMMANDS = [
    ("help", ["--help"], 0, "Usage", ""),
    ("help, short", ["-h"], 0, "--port", ""),
    ("version", ["--version"], 0, r"httpconsole \d", ""),
    ("version, short", ["-V"], 0, r"httpconsole \d", ""),
    ("unknown option", ["--prot", "1"], 2, "", "--prot.*--port"),
    ("unknown letter", ["-Z"], 2, "", "-Z"),
    ("unknown, nothing near", ["--xyzzyplugh"], 2, "", "--xyzzyplugh"),
    ("two folders", ["a", "b"], 2, "", "one DIR"),
    ("no value", ["-p"], 2, "", "-p.*needs a value"),
    ("value not wanted", ["--help=x"], 2, "", "takes no value"),
    ("port is a word", ["-p", "http"], 2, "", "http"),
    ("port too large", ["-p", "65536"], 2, "", "65536"),
    ("port negative", ["-p", "-1"], 2, "", "-1"),
    ("port empty", ["-p", ""], 2, "", "port"),
    ("port overflows", ["-p", "18446744073709551616"], 2, "", "port"),
    ("workers 0", [*BASE, "-w", "0"], 2, "", "workers|-w"),
    ("workers too many", [*BASE, "-w", "257"], 2, "", "workers|-w"),
    ("bad format", [*BASE, "--log-format", "x"], 2, "", "combined"),
    ("missing folder", [*BASE, "nowhere"], 1, "", "nowhere"),
    ("a file as folder", [*BASE, "/etc/passwd"], 1, "", "passwd"),
    ("empty folder name", [*BASE, ""], (1, 2), "", "folder|DIR|root"),
    ("a number as folder", ["9000"], 1, "", "did you mean -p 9000"),
    ("address as folder", ["127.0.0.1:9000"], 1, "", "-b 127.0.0.1:9000"),
    ("a URL as folder", ["http://localhost/"], 1, "", "probe"),
    ("missing configuration", ["-c", "nowhere.yaml", "--check"], 78, "",
     "nowhere.yaml"),
    ("both ways", ["-c", "x", "--no-config"], 2, "", "choose"),
    ("not our address", ["--headless", "--no-config", "-b", "192.0.2.1",
                         "-p", "0"], 1, "", "192.0.2.1"),
    ("a name that is none", ["--headless", "--no-config", "-b",
                             "no-such-host.invalid", "-p", "0"], (1, 2), "",
     "no-such-host"),
    ("hostile option", ["--\x1b[31mx"], 2, "", "unknown"),
    ("view help", ["view", "--help"], 0,
     r"^Usage: httpconsole view [\s\S]* newest .* 256M of memory", ""),
    ("view without a file", ["view"], 2, "", "^Usage: httpconsole view"),
    ("view hostile option", ["view", "--\x1b[31mx", "x"], 2, "",
     "^httpconsole: view has no option --[^\x1b]*31mx; httpconsole view --help"),
    ("view unknown letter", ["view", "-zx", "x"], 2, "",
     "^httpconsole: view has no option -z; "),
    ("view without a configuration", ["view", "-c"], 2, "",
     "^httpconsole: -c needs the name of a file; "),
    ("view no such file", ["view", "nowhere.log"], 1, "", "nowhere.log"),
    ("view no configuration", ["view", "-c", "nowhere.yaml", "x"], 78, "",
     "nowhere.yaml"),
    ("hostile folder", [*BASE, "\x1b]0;x\x07"], 1, "", "folder"),
]


@pytest.mark.parametrize("args, status, out, err", [
    pytest.param(*row[1:], id=row[0].replace(" ", "-")) for row in COMMANDS])
def test_command_lines(tmp_path, args, status, out, err):
    found, stdout, stderr = run(*args, cwd=tmp_path)
    assert found == status if isinstance(status, int) else found in status, \
        stderr
    assert re.search(out, stdout)
    assert re.search(err, stderr, re.S)
    assert "\x1b" not in stdout + stderr
    if found == 0:
        assert stderr == ""
    else:
        assert stdout == "" and 0 < len(stderr.splitlines()) < 6


def test_a_taken_port_names_who_has_it(tmp_path):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = s.getsockname()[1]
        status, _, err = run("--headless", "--no-config", "-p", port,
                             tmp_path)
    assert status == 1
    assert f"port {port} is in use by " in err
    assert f"pid {os.getpid()}" in err and "python" in err
    assert f"-p {port + 1}" in err


def test_a_port_taken_by_itself(start, tmp_path):
    s = start()
    status, _, err = run("--headless", "--no-config", "-p", s.port, tmp_path)
    assert status == 1
    # the kernel keeps 15 bytes of a program's name
    assert f"{PROGRAM.name[:15]} (pid {s.pid})" in err
    assert s.get("/hello.txt").status == 200


def test_port_fallback_takes_the_next(start, site):
    s = start()
    if s.port > 65500:
        pytest.skip("no next port")
    t = start(site, base=["--headless", "--no-config", "-p", str(s.port)],
              port_fallback="true")
    assert s.port < t.port <= s.port + 20
    t.wait_err(f"port {s.port} is in use")
    assert t.get("/hello.txt").status == 200


def on_a_terminal(*args, cwd):
    """Start it with a terminal of its own: (process, master, stderr)."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 24, 120, 0, 0))
    env = environment({})
    env["TERM"] = "xterm"
    p = subprocess.Popen(
        [PROGRAM, "--no-config", *args], stdin=slave, stdout=slave,
        stderr=subprocess.PIPE, env=env, cwd=cwd, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    os.close(slave)
    return p, master, Lines(p.stderr)


def read_terminal(master, pattern):
    """What is on it, until the pattern comes."""
    seen = b""
    until = time.monotonic() + 20
    while not re.search(pattern, seen) and time.monotonic() < until:
        if select.select([master], [], [], 0.1)[0]:
            seen += os.read(master, 65536)
    return seen


def test_the_default_port_is_taken_on_a_terminal(tmp_path):
    """The next is said to be served, in banner and title, and is."""
    (tmp_path / "hello.txt").write_text("next\n")
    with socket.socket() as taken:
        try:
            taken.bind(("127.0.0.1", 8000))
            taken.listen()
        except OSError:
            pass  # by somebody else: as good
        p, master, err = on_a_terminal(".", cwd=tmp_path)
        try:
            line = err.wait(lambda ls: next(
                (s for s in ls if s.startswith("Serving ")), None))
            port = int(re.search(r"127\.0\.0\.1:(\d+)/", line)[1])
            assert 8000 < port <= 8019
            assert any(f"port 8000 is in use; serving on port {port}" in s
                       for s in err.lines)
            title = b"http://127.0.0.1:%d/" % port
            assert title in read_terminal(master, re.escape(title))
            with Client(port) as c:
                assert c.ask("/hello.txt").text == "next\n"
            p.terminate()
            read_terminal(master, rb"httpconsole: 1 request")
            assert p.wait(20) == 0
        finally:
            p.kill()
            p.wait()
            os.close(master)


def test_an_unreadable_folder():
    """As an ordinary user: to root nothing is unreadable."""
    user = 65534 if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        os.mkdir(folder + "/locked", mode=0)
        status, _, err = run(*BASE, folder + "/locked", user=user)
    assert status == 1 and "locked" in err


# ----------------------------------------------------------- configuration

def test_check_says_ok(tmp_path):
    (tmp_path / "server.yaml").write_text("version: 1\n")
    status, out, err = run("--check", cwd=tmp_path)
    assert (status, err) == (0, "")
    assert "server.yaml" in out and "ok" in out


BAD_FILES = [
    ("unknown key", "rooot: 1\n", ["server.yaml:1:1: ", "root"]),
    ("unknown, nothing near", "xyzzy: 1\n", ["server.yaml:1:1: ", "xyzzy"]),
    ("nearest key", "limits:\n  header_sise: 1K\n",
     ["server.yaml:2:3: ", "header_size"]),
    ("duplicate", "workers: 2\nworkers: 3\n", ["server.yaml:2:1: ", "1:1"]),
    ("size", "limits:\n  header_size: 12X\n",
     ["server.yaml:2:16: ", "limits.header_size", "12X"]),
    ("duration", "timeouts: {header: 10}\n", ["server.yaml:1:20: "]),
    ("bool", "security_headers: yes\n", ["server.yaml:1:19: ", "true"]),
    ("negative", "workers: -1\n", ["server.yaml:1:10: "]),
    ("overflow", "limits: {discard_body: 99999999999999999999G}\n",
     ["server.yaml:1:24: "]),
    ("list for value", "workers: [1]\n", ["server.yaml:1:"]),
    ("group for value", "workers: {a: 1}\n", ["server.yaml:1:"]),
    ("value for group", "limits: 3\n", ["server.yaml:1:"]),
    ("alias", "cache: &a x\nroot: *a\n", ["server.yaml:1:8: "]),
    ("tag", "cache: !!str x\n", ["server.yaml:1:"]),
    ("two documents", "workers: 1\n---\nworkers: 2\n", ["server.yaml:2:"]),
    ("tab", "limits:\n\theader_size: 1K\n", ["server.yaml:2:"]),
    ("open", "listen: [a\n", ["server.yaml:"]),
    ("deep", "limits: " + "[" * 2000, ["server.yaml:1:"]),
    ("not UTF-8", b"root: \xff\xfe\n", ["server.yaml:"]),
    ("NUL", b"root: a\0b\n", ["server.yaml:"]),
    ("large", b"# " + b"x" * 70000 + b"\n", ["server.yaml"]),
    ("version 2", "version: 2\n", ["server.yaml:1:10: "]),
    ("control in a field", 'cache: "a\\r\\nX: y"\n', ["server.yaml:1:8: "]),
    ("bad listen", "listen: ['host:port:x']\n", ["server.yaml:1:10: "]),
    ("no root", "root: nowhere\n", ["server.yaml:1:7: ", "nowhere"]),
    ("several at once", "prot: 1\nworkers: x\nlimits: {ranges: y}\n",
     ["server.yaml:1:1: ", "server.yaml:2:10: ", "server.yaml:3:"]),
    ("ESC in a key", '"\\e[31mx": 1\n', ["server.yaml:1:1: "]),
]


@pytest.mark.parametrize("text, words", [
    pytest.param(*row[1:], id=row[0].replace(" ", "-")) for row in BAD_FILES])
def test_errors_of_a_configuration_have_their_place(tmp_path, text, words):
    path = tmp_path / "server.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    for args in (["--check"], ["--headless"]):
        status, out, err = run(*args, cwd=tmp_path)
        assert (status, out) == (78, ""), err
        for word in words:
            assert word in err
        assert "\x1b" not in err
        assert all(len(line) < 400 for line in err.splitlines())


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "{}\n",
                                  "\ufeffversion: 1\n", "version: 1\r\n"])
def test_files_that_say_nothing_are_right(tmp_path, text):
    (tmp_path / "server.yaml").write_text(text, encoding="utf-8", newline="")
    status, _, err = run("--check", cwd=tmp_path)
    assert status == 0, err


def test_print_config_round_trip(tmp_path):
    """What is printed is a configuration with the same effect."""
    for name in ("hello.txt", "it's: a #folder"):
        (tmp_path / name).mkdir()
    changes = dict(
        root=str(tmp_path / "it's: a #folder"), workers="3",
        limits_header_size="12345", timeouts_header="1500ms",
        files_index="a b.html,'x'.htm", cache="max-age=60, \"x\"",
        hosts="a.example,b.example", log_access="off", files_deny="*.x,[a]",
        security_headers="false", timeouts_keepalive="0")
    for config in ({}, changes):
        status, first, err = run("--no-config", "--print-config",
                                 cwd=tmp_path, **config)
        assert (status, err) == (0, "")
        (tmp_path / "out.yaml").write_text(first)
        status, second, err = run("-c", "out.yaml", "--print-config",
                                  cwd=tmp_path)
        assert (status, err) == (0, "")
        assert second == first
        assert run("-c", "out.yaml", "--check", cwd=tmp_path)[0] == 0
    assert "12345" in first and "1500ms" in first


@pytest.mark.parametrize("key", ["files_charset", "cache", "hosts",
                                 "files_default_type", "files_index"])
def test_a_very_long_value_is_refused_or_works(start, tmp_path, key):
    """It must fit a response head; what does not is a configuration error."""
    value = "text/" * (key == "files_default_type") + "x" * 20000
    (tmp_path / "t").mkdir()
    status, _, err = run("--no-config", "--check", cwd=tmp_path,
                         **{key: value})
    if status == 0:
        s = start(**{key: value})
        assert s.get("/hello.txt").status == 200
    else:
        assert status == 78 and len(err) < 1000


def test_precedence(tmp_path):
    """Command line over environment over file."""
    (tmp_path / "server.yaml").write_text(
        "workers: 5\nlimits: {header_count: 50}\nbacklog: 7\n")
    _, out, _ = run("-w", 7, "--print-config", cwd=tmp_path,
                    workers="6", limits_header_count="60")
    assert re.search(r"^workers: 7\b", out, re.M)
    assert re.search(r"^ +header_count: 60\b", out, re.M)
    assert re.search(r"^backlog: 7\b", out, re.M)


@pytest.mark.parametrize("name, value", [
    ("WORKERS", "x"), ("NONSENSE", "1"), ("LIMITS_HEADER_SIZE", "12X"),
    ("WORKERS", ""), ("TIMEOUTS_HEADER", "10"), ("LOG_FORMAT", "\x1b[31m")])
def test_bad_variables_are_bad_configuration(tmp_path, name, value):
    status, _, err = run("--no-config", "--check", cwd=tmp_path,
                         **{name: value})
    assert status == 78
    assert f"HTTPCONSOLE_{name}" in err
    assert "\x1b" not in err


def test_a_configuration_in_the_served_folder_is_not_taken(start, tmp_path):
    """Only in the working directory: a download must not configure."""
    (tmp_path / "away").mkdir()
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "server.yaml").write_text("nonsense: 1\n")
    (tmp_path / "site" / "hello.txt").write_text("hello, world\n")
    s = start(tmp_path / "site", base=["--headless", "-p", "0"],
              cwd=tmp_path / "away")
    assert s.get("/hello.txt").status == 200
    assert s.get("/server.yaml").status == 404


def test_the_working_directorys_file_is_taken(start, tmp_path):
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "index.html").write_text("www\n")
    write_config(tmp_path / "server.yaml", root="www")
    s = Server(None, base=["--headless"], cwd=tmp_path)
    assert s.get("/").text == "www\n"
    s.wait_err("server.yaml")
    s.stop()


def test_the_limit_of_descriptors_is_respected(start):
    """limits.connections is lowered, and it is said."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
    try:
        s = start(limits_connections="1000000")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    s.wait_err("limits.connections lowered")
    assert s.get("/hello.txt").status == 200


def begin_limited(descriptors, *args):
    """The program with so many descriptors at most, and no more to be had."""
    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
    env = environment({})
    # the leak checker needs descriptors of its own, and hangs without
    env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    return subprocess.Popen(
        [PROGRAM, "--headless", "--no-config", "-p", "0", *args],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, env=env, preexec_fn=limit)


@pytest.mark.parametrize("descriptors, workers, room", [
    (200, 2, 111), (301, 3, 200), (77, 2, 4), (72, 2, 1), (40, 8, 1)])
def test_connections_are_what_descriptors_allow(tmp_path, descriptors,
                                                workers, room):
    """All but an eighth and 64, at least 1; of all workers."""
    p = begin_limited(descriptors, "-w", str(workers), tmp_path)
    lines = Lines(p.stderr)
    lines.wait(lambda ls: any("Serving" in line for line in ls))
    p.terminate()
    assert p.wait(20) == 0
    assert any(f"limits.connections lowered from 10000 to {room}:" in line
               for line in lines.lines)


def test_too_few_descriptors_to_start(tmp_path):
    """It says which thing could not be had, and ends with status 1."""
    refused = 0
    for n in range(4, 24):
        p = begin_limited(n, "-w", "2", tmp_path)
        lines = Lines(p.stderr)
        eventually(lambda: p.poll() is not None or
                   any("Serving" in line for line in lines.lines))
        if p.poll() is None:
            p.terminate()
            assert p.wait(20) == 0
            continue
        lines.thread.join(20)
        refused += 1
        assert p.returncode == 1, lines.lines
        assert re.fullmatch(r"httpconsole: [a-z][ -~]*: Too many open files",
                            lines.lines[-1]), lines.lines
    assert refused > 4


def test_descriptors_exhausted_and_free_again(start):
    """EMFILE in accept: clients wait, the server neither spins nor ends."""
    s = start()
    room = s.descriptors() + 8
    resource.prlimit(s.pid, resource.RLIMIT_NOFILE, (room, room))
    clients = [s.client() for _ in range(20)]
    for c in clients:
        c.send(request("/hello.txt", "Connection: close"))
    time.sleep(0.3)
    before = s.cpu_ticks()
    time.sleep(0.5)
    assert s.cpu_ticks() - before < 20, "spins"
    for c in clients:
        assert c.read().status in (200, 503)
        c.close()
    assert s.get("/hello.txt").status == 200
