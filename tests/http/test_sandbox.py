"""The sandbox and the user, from outside: what it says, what it is, and that
nothing of the server's own work is lost in it."""

import os
import re
import signal
import socket

import pytest

from conftest import SANDBOXED, Server, eventually, run

AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root can become "
                             "another user")
CONFINED = pytest.mark.skipif(not SANDBOXED, reason="no Landlock or seccomp, "
                              "or a build that is instrumented")


def threads_status(server, name):
    """What /proc says of each thread."""
    found = set()
    for task in os.listdir(f"/proc/{server.pid}/task"):
        path = f"/proc/{server.pid}/task/{task}/status"
        with open(path, encoding="ascii") as f:
            found |= set(re.findall(rf"^{name}:\s*(.*?)\s*$", f.read(), re.M))
    return found


@pytest.fixture
def open_tmp(tmp_path):
    """tmp_path for every user: pytest's own folders are its own."""
    path = tmp_path
    while path != path.parent and path.stat().st_uid == os.getuid() \
            and str(path) != "/tmp":
        path.chmod(0o755)
        path = path.parent
    return tmp_path


# ------------------------------------------------------------- the layers

def test_check_shows_each_layer():
    status, out, _ = run("--no-config", "--check")
    assert status == 0
    lines = re.findall(r"^sandbox layer (\d), (.+): (on|partly|missing|off): "
                       r"(.+)$", out, re.M)
    assert [line[0] for line in lines] == list("01234")


def test_check_says_whether_there_is_a_ring():
    said = "several receives or sends by one call (io_uring): "
    _, out, _ = run("--no-config", "--check")
    assert said + "on\n" in out or said + "no io_uring: " in out
    _, out, _ = run("--no-config", "--check", io_uring="off")
    assert said + "io_uring is off\n" in out


def test_check_says_that_it_is_off():
    _, out, _ = run("--no-config", "--check", sandbox_mode="off")
    assert len(re.findall(r": off: sandbox.mode is off$", out, re.M)) == 3


@CONFINED
def test_every_thread_is_within(server):
    assert threads_status(server, "NoNewPrivs") == {"1"}
    assert threads_status(server, "Seccomp") == {"2"}


def test_threads_have_their_names(start):
    """Within, another thread's name could not be written."""
    s = start()
    names = {"worker-0", "worker-1", "recorder", "jobs", "root"}
    eventually(lambda: names <= threads_status(s, "Name"))


def test_off_is_off(start):
    s = start(sandbox_mode="off")
    assert s.get("/hello.txt").status == 200
    assert threads_status(s, "NoNewPrivs") == {"0"}
    assert threads_status(s, "Seccomp") == {"0"}


@CONFINED
def test_on_starts_where_all_is_there(start):
    assert start(sandbox_mode="on").get("/hello.txt").status == 200


@pytest.mark.skipif(SANDBOXED, reason="everything is there")
def test_on_does_not_start_without(tmp_path):
    status, _, err = run("--headless", "-p", "0", "--no-config", tmp_path,
                         sandbox_mode="on")
    assert status == 1
    assert "sandbox.mode is on, but" in err


# ------------------------------------------- the server's own work within

@CONFINED
def test_a_root_outside_of_the_allowed_is_refused(tmp_path):
    """At start, at a reload, and by a link that is switched."""
    for name in ("allowed/one", "allowed/two", "outside"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "x.txt").write_text(name + "\n")
    conf = tmp_path / "conf.yaml"
    text = ("listen: [127.0.0.1:0]\nsandbox: {{allowed_roots: [allowed]}}\n"
            "root: {}\n")
    conf.write_text(text.format("outside"))
    status, _, err = run("--headless", "-c", conf)
    assert status == 78
    assert re.search(r"conf.yaml:3:7: error: root: .*sandbox.allowed_roots",
                     err)
    conf.write_text(text.format("allowed/one"))
    s = Server(None, base=["--headless", "-c", str(conf)])
    try:
        conf.write_text(text.format("outside"))
        s.notify(signal.SIGHUP)
        s.wait_err("reload refused")
        s.wait_err("root: .*")
        assert s.get("/x.txt").text == "allowed/one\n"
        conf.write_text(text.format("allowed/two"))
        s.notify(signal.SIGHUP)
        s.wait_err("reloaded")
        assert s.get("/x.txt").text == "allowed/two\n"
    finally:
        s.stop()


@CONFINED
def test_a_reload_that_the_sandbox_refuses_says_so(tmp_path):
    for name in ("a/site", "b"):
        (tmp_path / name).mkdir(parents=True)
    conf = tmp_path / "conf.yaml"
    text = "listen: [127.0.0.1:0]\n{}: {}\n"
    conf.write_text(text.format("root", "a/site"))
    s = Server(None, base=["--headless", "-c", str(conf)])
    try:
        conf.write_text(text.format("root", "b"))
        s.notify(signal.SIGHUP)
        s.wait_err(r"conf.yaml:2:7: error: root: .*sandbox.allowed_roots")
        conf.write_text(text.format("rot", "b"))
        s.notify(signal.SIGHUP)
        s.wait_err("unknown key")
        default = s.wait_err(r"error: root: '\.'")  # it has no place
        assert "error: error:" not in default
    finally:
        s.stop()


@CONFINED
def test_a_link_to_a_folder_outside_is_not_followed(start, tmp_path):
    """The root is a link; what it is switched to is not to be read."""
    for name in ("in/one", "in/two", "outside"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "x.txt").write_text(name + "\n")
    link = tmp_path / "in" / "current"

    def switch(to):
        new = tmp_path / "in" / "new"
        new.symlink_to(to)
        new.rename(link)

    switch("one")
    s = start(link)
    assert s.get("/x.txt").text == "in/one\n"
    switch("two")
    eventually(lambda: s.get("/x.txt").text == "in/two\n")
    switch("../outside")
    s.wait_err(r"root is gone.*sandbox\.allowed_roots")
    assert s.get("/x.txt").text != "outside\n"
    switch("one")
    eventually(lambda: s.get("/x.txt").text == "in/one\n")


def test_a_replaced_root_is_served(start, tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "x.txt").write_text("old\n")
    s = start(site)
    assert s.get("/x.txt").text == "old\n"
    site.rename(tmp_path / "gone")
    site.mkdir()
    (site / "x.txt").write_text("new\n")
    eventually(lambda: s.get("/x.txt").text == "new\n")


@CONFINED
def test_a_log_elsewhere_waits_for_the_next_start(tmp_path):
    """The old one goes on, and that is said."""
    for name in ("logs", "other", "site"):
        (tmp_path / name).mkdir()
    conf = tmp_path / "conf.yaml"
    text = "listen: [127.0.0.1:0]\nroot: site\nlog: {{access: {}}}\n"
    conf.write_text(text.format("logs/a.log"))
    s = Server(None, base=["--headless", "-c", str(conf)])
    try:
        conf.write_text(text.format("logs/b.log"))
        s.notify(signal.SIGHUP)
        s.wait_err("reloaded")

        def is_there():
            s.get("/second")
            return (tmp_path / "logs/b.log").exists() \
                and "/second" in (tmp_path / "logs/b.log").read_text()
        eventually(is_there)
        for _ in range(2):
            after = len(s.err.lines)
            conf.write_text(text.format("other/c.log"))
            s.notify(signal.SIGHUP)
            s.wait_err(r"log\.access comes at the next start: the sandbox",
                       after)
        s.get("/third")
        eventually(lambda: "/third"
                   in (tmp_path / "logs/b.log").read_text())
        assert not (tmp_path / "other/c.log").exists()
    finally:
        s.stop()


# ------------------------------------------------------------- the user

def identity(server):
    return {name: threads_status(server, name)
            for name in ("Uid", "Gid", "Groups", "CapEff", "CapPrm", "CapBnd")}


@AS_ROOT
@pytest.mark.parametrize("user", ["nobody", "nobody:nogroup", "65534:65534"])
@pytest.mark.parametrize("sandbox", ["auto", "off"])
def test_root_becomes_the_user(start, open_tmp, user, sandbox):
    s = start(USER=user, sandbox_mode=sandbox)
    four = "\t".join(["65534"] * 4)
    assert identity(s) == {
        "Uid": {four}, "Gid": {four}, "Groups": {"65534"},
        "CapEff": {"0" * 16}, "CapPrm": {"0" * 16}, "CapBnd": {"0" * 16}}
    with s.client() as c:
        for _ in range(5):
            assert c.ask("/hello.txt").text == "hello, world\n"


@AS_ROOT
def test_port_80_as_root_then_nobody(start, open_tmp):
    """Or another port below 1024, where 80 is taken."""
    for port in range(80, 1024):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                break
            except OSError:
                continue
    s = start(None, base=["--headless", "--no-config", "-p", str(port)],
              USER="nobody")
    assert s.port == port
    assert s.get("/hello.txt").status == 200
    assert threads_status(s, "Uid") == {"\t".join(["65534"] * 4)}


@AS_ROOT
def test_what_the_user_may_not_read_is_not_served(start, open_tmp):
    s = start(USER="nobody")
    (s.folder / "roots.txt").write_text("for root alone\n")
    (s.folder / "roots.txt").chmod(0o600)
    assert s.get("/roots.txt").status == 403


@AS_ROOT
def test_a_root_that_the_user_cannot_read_is_said(open_tmp):
    site = open_tmp / "site"
    site.mkdir(0o700)
    status, _, err = run("--headless", "-p", "0", "--no-config", site,
                         USER="nobody")
    assert status == 1
    assert re.search(r"cannot serve .*site: .*[Pp]ermission denied", err)


@AS_ROOT
@pytest.mark.parametrize("root, log, text", [
    (0o700, 0o666, r":1:7: error: root: '.*site' cannot be read by user "
     "'nobody'"),
    (0o755, 0o600, r":3:11: error: log\.access: '.*old\.log' cannot be "
     "written to by user 'nobody'"),
    (0o755, 0o666, "")])
def test_a_check_is_that_of_the_user(open_tmp, root, log, text):
    """What only root can read or write is no use to the server."""
    (open_tmp / "site").mkdir(root)
    (open_tmp / "old.log").touch()
    (open_tmp / "old.log").chmod(log)
    config = open_tmp / "server.yaml"
    config.write_text("root: site\nlog:\n  access: old.log\nuser: nobody\n")
    status, out, err = run("-c", config, "--check")
    assert (status == 0) == (": ok" in out) == (text == "")
    assert re.search(text, err)


@AS_ROOT
def test_the_users_log_that_cannot_be_written_is_told_of(start, open_tmp):
    log = open_tmp / "old.log"
    log.touch(mode=0o600)
    s = start(None, "--log-file", log, USER="nobody")
    assert s.get("/hello.txt").status == 200
    s.notify(signal.SIGHUP)
    s.wait_err("reloaded")
    assert not any("sandbox does not let" in x for x in s.err.lines)
    s.stop()
    s.wait_err("1 of 1 lines could not be written and are lost")


@AS_ROOT
def test_the_log_is_the_users_and_can_be_reopened(start, open_tmp):
    logs = open_tmp / "logs"
    logs.mkdir()
    os.chown(logs, 65534, 65534)
    path = logs / "access.log"
    s = start(None, "--log-file", path, USER="nobody")
    s.get("/first")
    eventually(lambda: path.exists() and "/first" in path.read_text())
    assert (path.stat().st_uid, path.stat().st_mode & 0o777) == (65534, 0o640)
    path.rename(logs / "old.log")
    s.notify(signal.SIGUSR1)

    def is_there():
        s.get("/second")
        return path.exists() and "/second" in path.read_text()
    eventually(is_there)
    assert path.stat().st_uid == 65534


@AS_ROOT
def test_a_file_of_the_logs_name_is_not_given_away(start, open_tmp):
    """A hard link in the log's folder must not hand over what it names."""
    secret = open_tmp / "secret"
    secret.write_text("roots\n")
    secret.chmod(0o600)
    logs = open_tmp / "logs"
    logs.mkdir()
    os.chown(logs, 65534, 65534)
    os.link(secret, logs / "access.log")
    s = start(None, "--log-file", logs / "access.log", USER="nobody")
    s.get("/x")
    s.wait_err("cannot open the access log")
    assert secret.stat().st_uid == 0
    assert secret.read_text() == "roots\n"


@AS_ROOT
@pytest.mark.parametrize("user, text", [
    ("nosuchuser", "no user 'nosuchuser'"), ("root", "is root"),
    ("nobody:nosuchgroup", "no group 'nosuchgroup'")])
def test_who_cannot_be_become(tmp_path, user, text):
    config = tmp_path / "server.yaml"
    config.write_text(f"log:\n  access: off\nuser: {user}\n")
    for args in (("--headless", "-p", "0", tmp_path), ("--check",)):
        status, _, err = run("--no-config", *args, USER=user)
        assert status == 78
        assert text in err
        status, out, err = run("-c", config, *args)
        assert status == 78
        assert err.startswith(f"{config}:3:7: error: user: ") and text in err
        assert ": ok" not in out


@AS_ROOT
def test_only_root_becomes_another(open_tmp):
    site = open_tmp / "site"
    site.mkdir()
    status, _, err = run("--headless", "-p", "0", "--no-config", site,
                         user=65534, USER="daemon")
    assert status == 78
    assert "only root can become 'daemon'" in err
