"""The faults of tests/faults that take some seconds only; `make faults` does
all of them.  A few system calls fail here, each of which once broke it."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "faults"))

import harness  # noqa: E402
from syscalls import Case, Run  # noqa: E402

for name in ("memory", "exhaustion", "clients", "log_disk", "files",
             "terminal", "clock", "life", "race"):
    __import__(name)

SHORT = [f for f in harness.FAULTS if f.short]


@pytest.mark.parametrize("fault", SHORT, ids=lambda f: f.name)
def test_survives(fault):
    try:
        print(fault.run())
    except harness.NotHere as e:
        pytest.skip(str(e))


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is missing")
@pytest.mark.parametrize("phase, call, error, n", [
    ("start", "poll", "ENOMEM", 1),      # ended it
    ("serve", "write", "EPERM", 1),      # a listing waited for ever
    ("serve", "write", "EPERM", 2),
    ("serve", "newfstatat", "ENOTDIR", 2),   # 404 until the file changed
    ("serve", "accept4", "ENFILE", 1),
    ("serve", "epoll_ctl", "ENOMEM", 1),
    ("finish", "write", "EIO", 1),       # a drain without end
    ("finish", "write", "EIO", 2),
])
def test_a_system_call_fails_once(phase, call, error, n):
    wrong = Run(Case(phase, call, error, n)).judge()
    assert wrong is None, wrong
