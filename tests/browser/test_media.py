"""A seek in a long recording: Chromium asks for the place by Range, the server
answers 206 from there, and the console shows it.

The console runs in tmux, so that its screen can be read and keys typed.
HTTPCONSOLE names the program, as in test_page.py.
"""

import json
import os
import re
import signal
import struct
import subprocess
import time

import pytest

from test_page import DEADLINE, PROGRAM, chromium  # noqa: F401

RATE = 44100 * 2 * 2  # bytes a second: 44.1 kHz, stereo, 16 bit
SECONDS = 600
SIZE = 44 + SECONDS * RATE
PLACE = 590.0  # s
PAGE = """<!doctype html><title>media</title><link rel=icon href=data:,>
<{tag} id=media preload=metadata src=/long.wav></{tag}>
"""
SEEK = """
const [place, done] = arguments;
const media = document.getElementById('media');
media.addEventListener('error', () => done(media.error.message));
media.addEventListener('seeked', () => done(media.currentTime));
const seek = () => { media.currentTime = place; };
if (media.readyState >= 1) seek();
else media.addEventListener('loadedmetadata', seek);
"""


def write_wav(path):
    """Ten minutes of silence, more than a browser fetches ahead; sparse."""
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", SIZE - 8, b"WAVE",
                       b"fmt ", 16, 1, 2, 44100, RATE, 4, 16, b"data",
                       SIZE - 44)
    with open(path, "wb") as f:
        f.write(head)
        f.truncate(SIZE)


class Console:
    """The program with its console, in a terminal of tmux's."""

    def __init__(self, folder, log, socket):
        self.tmux = ["tmux", "-S", str(socket), "-f", "/dev/null"]
        env = {**os.environ, "LC_ALL": "C.UTF-8", "HTTPCONSOLE_LOG_FORMAT":
               "json", "HTTPCONSOLE_LOG_ACCESS": str(log)}
        subprocess.run(
            [*self.tmux, "new-session", "-d", "-x", "160", "-y", "60", PROGRAM,
             "--no-config", "-p", "0", str(folder)], env=env, check=True)
        self.url = self.wait(r"httpconsole +(http://127\.0\.0\.1:\d+)/")[1]

    def screen(self):
        return subprocess.run(
            [*self.tmux, "capture-pane", "-p"], check=True,
            capture_output=True, text=True).stdout

    def wait(self, pattern):
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until:
            if match := re.search(pattern, self.screen(), re.M):
                return match
            time.sleep(0.05)
        raise AssertionError(f"not shown: {pattern}\n{self.screen()}")

    def type(self, key):
        subprocess.run([*self.tmux, "send-keys", key], check=True)

    def stop(self):
        """A server whose terminal goes away goes on without: end it first."""
        pid = int(subprocess.run(
            [*self.tmux, "display-message", "-p", "#{pane_pid}"], check=True,
            capture_output=True, text=True).stdout)
        os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + DEADLINE
        while os.path.exists(f"/proc/{pid}") and time.monotonic() < until:
            time.sleep(0.05)
        left = os.path.exists(f"/proc/{pid}")
        subprocess.run([*self.tmux, "kill-server"], check=False,
                       stderr=subprocess.DEVNULL)
        assert not left, "the server does not end"


@pytest.fixture
def console(tmp_path):
    folder = tmp_path / "media"
    folder.mkdir()
    for tag in ("audio", "video"):
        (folder / f"{tag}.html").write_text(PAGE.format(tag=tag))
    write_wav(folder / "long.wav")
    c = Console(folder, tmp_path / "log", tmp_path / "tmux")
    yield c
    c.stop()
    (folder / "long.wav").unlink()


def seek(driver, place):
    driver.set_script_timeout(DEADLINE)
    return driver.execute_async_script(SEEK, place)


def statuses(log):
    """Of the log's lines about the recording, once the answer from the start
    and the one from the place are among them."""
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until:
        rows = map(json.loads, log.read_text().splitlines())
        told = [r["status"] for r in rows if r["target"] == "/long.wav"]
        if told.count(206) >= 2:
            return told
        time.sleep(0.05)
    raise AssertionError(f"not logged: {log.read_text()}")


def shown_requests(console):
    """The details of all requests that ended, the newest first, as text."""
    console.type("G")
    console.type("Enter")
    while True:
        number = int(console.wait(r"Request (\d+)  GET ")[1])
        yield console.screen()
        if number == 1:
            break
        console.type("K")
        console.wait(rf"Request {number - 1}  GET ")
    console.type("Escape")
    console.wait(" TIME .* TARGET ")


def asked_range(screen):
    """The first byte that was asked for, or None."""
    match = re.search(r"^ Range: bytes=(\d+)-\d*\u240d\u240a$", screen, re.M)
    return int(match[1]) if match else None


def find_shown(console, wanted):
    """The newest request whose details satisfy, waited for."""
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until:
        for screen in shown_requests(console):
            if wanted(screen):
                return screen
    raise AssertionError("not shown\n" + console.screen())


@pytest.mark.parametrize("tag", ["audio", "video"])
def test_a_seek_is_a_range_that_the_console_shows(
        chromium, console, tmp_path, tag):  # noqa: F811
    chromium.get(f"{console.url}/{tag}.html")
    assert seek(chromium, PLACE) == PLACE
    duration = chromium.execute_script(
        "return document.getElementById('media').duration;")
    assert duration == SECONDS

    chromium.get("about:blank")  # answers under way end, and are told

    def is_the_seek(screen):
        first = asked_range(screen)
        return first is not None and " 206 Partial" in screen \
            and place - 4 * RATE < first <= place

    place = int(44 + PLACE * RATE)
    screen = find_shown(console, is_the_seek)
    assert re.search(rf"Content-Range: bytes {asked_range(screen)}-\d+/{SIZE}",
                     screen)
    assert re.search(r"^ \S* *\d+  Range: one range, from byte "
                     rf"{asked_range(screen)} ", screen, re.M)
    console.type("Escape")
    console.wait(r"^.*GET +206 .*/long\.wav")
    told = statuses(tmp_path / "log")
    assert set(told) <= {206, 304}  # 304: what the browser had kept
