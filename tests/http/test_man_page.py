"""The man page says what the program says."""
import re
import subprocess

import pytest

from conftest import PROGRAM, ROOT

PAGE = ROOT / "packaging" / "httpconsole.1"


def shown():
    """The page as one reads it, without what only troff sees."""
    text = PAGE.read_text(encoding="utf-8")
    return text.replace(r"\-", "-").replace(r"\&", "").replace(r"\e", "\\")


def options():
    for argv in ["--help"], ["probe", "--help"]:
        text = subprocess.run([PROGRAM, *argv], stdout=subprocess.PIPE,
                              check=True).stdout.decode()
        yield from re.findall(r"^ +(?:-\w, )?(--[\w.-]+)", text, re.M)


def keys():
    text = (ROOT / "src/app/config_keys.c").read_text(encoding="utf-8")
    table = text[text.index("config_keys[] = {"):]
    return re.findall(r'\{ \.name = "([\w.]+)"', table)


def commands():
    text = (ROOT / "ui/command.c").read_text(encoding="utf-8")
    return re.findall(r'^\t\{ "([\w-]+)", \{', text, re.M)


@pytest.mark.parametrize("all_of, least, entry", [
    (options, 30, r'^\.B "(-\w, )?{}[ "\[]'),
    (keys, 50, r'^\.B "{}: '),
    (commands, 40, r'^\.B "(\S.*  )?:{}"$'),
])
def test_every_one_is_in_it(all_of, least, entry):
    page = shown()
    names = list(all_of())
    assert len(names) >= least
    assert [name for name in names if not re.search(
        entry.format(re.escape(name)), page, re.M)] == []


def test_it_is_of_this_program():
    made = subprocess.run(
        [ROOT / "tests" / "tools" / "man-page", "--server", PROGRAM],
        stdout=subprocess.PIPE, check=True).stdout.decode()
    assert PAGE.read_text(encoding="utf-8") == made, "run: make man"


def test_troff_takes_it_without_a_warning():
    run = subprocess.run(["groff", "-man", "-ww", "-z", PAGE], check=False,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert (run.returncode, run.stdout.decode()) == (0, "")
