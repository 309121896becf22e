"""Files that are edited and asked for at once, under load: no answer may be
older than the request (edits.py)."""

import os
import subprocess
import sys
import time
from pathlib import Path

from raw import DEADLINE, Client, request

EDITS = Path(__file__).with_name("edits.py")
ROUNDS = int(os.environ.get("HTTPCONSOLE_EDIT_ROUNDS", "10000"))
EDITORS = 2


def begin(*args):
    return subprocess.Popen([sys.executable, EDITS, *map(str, args)],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


def test_no_answer_is_older_than_its_request(start):
    s = start(files_clean_urls="true", files_listing="false")
    (s.folder / "other.txt").write_text("other\n" * 10)
    editors, loads = [], []
    try:
        for i in range(EDITORS):
            editors.append(begin("rounds", s.port, s.folder, f"e{i}",
                                 ROUNDS // EDITORS, i))
            assert editors[-1].stdout.readline() == b"ready\n"
        targets = [f"/e{i}/{t}" for i in range(EDITORS) for t in (
            "f.txt", "d/b/g.txt", "s.js", "i/", "page", "none/sub/n.txt",
            "x", "f%2Etxt", "d//b/./g.txt")]
        loads.append(begin("load", s.port, "/other.txt", "/hello.txt",
                           *targets))
        for e in editors:
            e.stdin.write(b"go\n")
            e.stdin.flush()
        for e in editors:
            out, err = e.communicate(timeout=DEADLINE * 10)
            assert e.returncode == 0, err.decode()
            done, conditional = map(int, out.split())
            assert done == ROUNDS // EDITORS
            assert conditional > done // 4
        assert loads[0].poll() is None
    finally:
        for p in editors + loads:
            p.kill()
            p.communicate()
