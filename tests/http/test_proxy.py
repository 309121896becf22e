"""Clients behind proxies: PROXY lines, Forwarded, X-Forwarded-For.

The tests are the proxy: 127.0.0.1, and others of this computer's addresses."""

import re
import signal
import socket
import struct

import pytest

from conftest import eventually, run
from raw import Client, request

LINE = b"PROXY TCP4 192.0.2.7 192.0.2.8 4711 80\r\n"
SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"


def header(command, family, block):
    return SIGNATURE + struct.pack("!BBH", command, family, len(block)) + block


def v2(address, port, more=b""):
    packed = socket.inet_pton(
        socket.AF_INET6 if ":" in address else socket.AF_INET, address)
    family = 0x21 if ":" in address else 0x11
    return header(0x21, family,
                  2 * packed + struct.pack("!HH", port, 80) + more)


@pytest.fixture
def behind(start):
    def begin(**config):
        return start(None, **{"trusted_proxies": "127.0.0.1",
                              "proxy_protocol": "require", **config})
    return begin


@pytest.mark.parametrize("line, address", [
    (LINE, "192.0.2.7"),
    (b"PROXY TCP6 2001:db8::7 ::1 4711 80\r\n", "2001:db8::7"),
    (v2("192.0.2.7", 4711), "192.0.2.7"),
    (v2("2001:db8::7", 4711, b"\x04\x00\x01x"), "2001:db8::7"),
    (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
    (header(0x20, 0, b""), "127.0.0.1"),
    (header(0x21, 0, b""), "127.0.0.1"),
    (header(0x21, 0x31, b"\0" * 216), "127.0.0.1"),
], ids=range(8))
def test_the_address_in_the_line_is_logged(behind, line, address):
    s = behind()
    with s.client() as c:
        assert c.send(line + request("/hello.txt")).read().status == 200
        assert c.ask("/hello.txt").status == 200  # no line before the second
    for entry in s.wait_log(2):
        assert entry.startswith(address + " ")


def test_a_line_in_pieces_is_the_same(behind):
    s = behind()
    data = LINE + request("/hello.txt")
    for at in (1, 5, 20, len(LINE) - 1, len(LINE), len(LINE) + 4):
        with s.client() as c:
            c.send_split(data, [at])
            assert c.read().status == 200
    assert all(e.startswith("192.0.2.7 ") for e in s.wait_log(6))


def test_a_line_without_a_request_yet_is_a_new_connection(behind):
    """Browsers open some ahead of need: no 408 for those."""
    s = behind(timeouts_header="200ms")
    with s.client() as c:
        c.send(LINE)
        c.assert_open(0.6)
        assert c.ask("/hello.txt").status == 200


@pytest.mark.parametrize("data", [
    request("/hello.txt"), b"PROXY TCP4 1.2.3.4\r\n" + request(),
    b"PROXY " + b"x" * 120, SIGNATURE + b"\x22", SIGNATURE + b"\x21\x12",
    header(0x21, 0x11, b"\0" * 11), header(0x20, 0, b"\0" * 4081),
], ids=["none", "short", "long", "version", "datagrams", "block", "TLVs"])
def test_without_a_good_line_nothing_is_answered(behind, data):
    """CVE-2021-23409: where it is on, it must be there."""
    s = behind()
    with s.client() as c:
        c.send(data)
        assert not reset_or_rest(c)
    with s.client() as c:
        assert c.send(LINE + request("/hello.txt")).read().status == 200


def reset_or_rest(c):
    try:
        return c.rest()
    except ConnectionResetError:
        return b""


def test_a_line_that_does_not_end_is_cut(behind):
    s = behind(timeouts_header="300ms")
    with s.client() as c:
        c.send(LINE[:10])
        assert not reset_or_rest(c)


def test_who_is_not_trusted_cannot_speak_for_anybody(start):
    s = start(None, "-b", "0.0.0.0", trusted_proxies="127.0.0.2",
              proxy_protocol="require")
    with s.client() as c:
        try:
            c.send(LINE + request("/hello.txt"))
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert not reset_or_rest(c)
    s.wait_err(r"127\.0\.0\.1 is none of trusted_proxies")
    assert not s.log


def test_where_it_is_off_a_line_is_no_request(start):
    s = start(None, trusted_proxies="127.0.0.1")
    with s.client() as c:
        assert c.send(LINE + request()).read().status in (400, 505)


def test_the_limit_per_address_is_that_of_the_line(behind):
    s = behind(limits_connections_per_ip="2")
    held = []
    for _ in range(2):
        c = s.client()
        assert c.send(LINE + request("/hello.txt")).read().status == 200
        held.append(c)
    with s.client() as c:
        assert c.send(LINE + request("/hello.txt")).read().status == 503
        c.assert_ends()
    with s.client() as c:  # another client of the same proxy
        c.send(LINE.replace(b".7", b".9") + request("/hello.txt"))
        assert c.read().status == 200
    held.pop().close()

    def room_again():
        with s.client() as c:
            return c.send(LINE + request("/hello.txt")).read().status == 200
    eventually(room_again)
    for c in held:
        c.close()


@pytest.mark.parametrize("fields, address", [
    (["X-Forwarded-For: 203.0.113.1, 192.0.2.7, 127.0.0.9"], "192.0.2.7"),
    (['Forwarded: for=203.0.113.1, for="[2001:db8::7]:80"'], "2001:db8::7"),
    (["X-Forwarded-For: 192.0.2.7", "Forwarded: for=192.0.2.7"], "192.0.2.7"),
    (["X-Forwarded-For: 192.0.2.7", "Forwarded: for=192.0.2.9"], "127.0.0.1"),
    (["X-Forwarded-For: 192.0.2.7, unknown"], "127.0.0.1"),
    (["Forwarded: for=_x"], "127.0.0.1"),
    ([], "127.0.0.1"),
], ids=range(7))
def test_a_trusted_proxy_says_whom_a_request_is_from(start, fields, address):
    s = start(None, trusted_proxies="127.0.0.0/8")
    with s.client() as c:
        assert c.ask("/hello.txt", *fields).status == 200
        assert c.ask("/none").status == 404  # for itself
    entries = s.wait_log(2)
    assert entries[0].startswith(address + " ")
    assert entries[1].startswith("127.0.0.1 ")


def test_nobody_else_is_believed(start):
    for config in ({}, {"trusted_proxies": "10.0.0.0/8,::1"}):
        s = start(None, **config)
        with s.client() as c:
            assert c.ask("/hello.txt", "X-Forwarded-For: 192.0.2.7",
                         "Forwarded: for=192.0.2.7").status == 200
        assert s.wait_log(1)[0].startswith("127.0.0.1 ")


def test_a_client_behind_a_line_is_not_believed(behind):
    """The line names the client: what it forwards itself is its invention."""
    s = behind()
    with s.client() as c:
        c.send(LINE + request("/hello.txt", "X-Forwarded-For: 203.0.113.1"))
        assert c.read().status == 200
    assert s.wait_log(1)[0].startswith("192.0.2.7 ")


def test_required_of_nobody_is_an_error(site):
    status, _, err = run("--no-config", "--check", site,
                         proxy_protocol="require")
    assert status != 0
    assert re.search(r"proxy_protocol: require, but trusted_proxies", err)


def test_a_laboratory_that_cannot_work_is_an_error(site):
    def check(lab):
        return run("--no-config", "--check", site, lab=lab,
                   proxy_protocol="require", trusted_proxies="127.0.0.1")

    status, _, err = check("true")
    assert status != 0
    assert "lab: cannot work with proxy_protocol: require" in err
    assert check("auto")[0] == 0


@pytest.mark.parametrize("network", ["10.0.0.1/8", "10.0.0.0/33", "proxy"])
def test_what_is_no_network_is_an_error(site, network):
    status, _, err = run("--no-config", "--check", site,
                         trusted_proxies=network)
    assert status != 0
    assert f"trusted_proxies: '{network}' is not a network" in err


def test_a_reload_changes_who_is_believed(start, tmp_path, site):
    file = tmp_path / "server.yaml"
    file.write_text("trusted_proxies: [127.0.0.1]\n")
    s = start(site, base=["--headless", "-p", "0", "-w", "2", "-c", file])
    field = "X-Forwarded-For: 192.0.2.7"
    with s.client() as kept:
        assert kept.ask("/hello.txt", field).status == 200
        assert s.wait_log(1)[-1].startswith("192.0.2.7 ")
        file.write_text("trusted_proxies: []\n")
        s.notify(signal.SIGHUP)
        s.wait_err("configuration reloaded")
        n = len(s.log)

        def no_longer():
            nonlocal n
            n += 1
            assert kept.ask("/hello.txt", field).status == 200
            return s.wait_log(n)[-1].startswith("127.0.0.1 ")
        eventually(no_longer)
    file.write_text("trusted_proxies: [127.0.0.1]\nproxy_protocol: require\n")
    s.notify(signal.SIGHUP)

    def required():
        with s.client() as c:
            c.send(LINE + request("/hello.txt"))
            try:
                return c.read().status == 200
            except (ConnectionResetError, AssertionError):
                return False
    eventually(required)
