"""RESULTS.md: the table of faults with what was measured, and the soak."""

import os
import platform
import re
import subprocess
import time

from harness import FAULTS, HERE, TOP

TOOLS = {"strace": ["strace", "-V"], "nginx": ["nginx", "-v"],
         "lighttpd": ["lighttpd", "-v"], "slowhttptest": ["slowhttptest",
                                                          "-h"]}
PATH = HERE / "RESULTS.md"
SOAK = "## Soak"


def first_line(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              check=False)
    except OSError:
        return None
    text = (done.stdout + done.stderr).strip()
    match = re.search(r"\d+\.\d+(\.\d+)?", text)
    return match[0] if match else None


def git(*command):
    return subprocess.run(["git", "-C", str(TOP), *command],
                          capture_output=True, text=True, check=False)


def commit():
    """What was run; "+" behind it: and what was not committed."""
    name = git("rev-parse", "--short", "HEAD").stdout.strip() or "unknown"
    changed = git("diff", "--quiet", "HEAD", "--", "src", "ui", "tests",
                  ":!tests/faults/RESULTS.md")
    return name + "+" * (changed.returncode != 0)


def machine():
    versions = [f"{name} {v}" for name, command in TOOLS.items()
                if (v := first_line(command))]
    return (f"Linux {platform.release()}, {os.cpu_count()} processors, load "
            f"{os.getloadavg()[0]:.1f} at the end of the last run; "
            f"{', '.join(versions)}.")


def cell(text):
    return " ".join(text.replace("|", "\\|").split())[:600]


def row(f, verdict, text, at):
    return (f"| {f.name} | {cell(f.how)} | {cell(f.criterion)} | {verdict} | "
            f"{cell(text)} | {at} |")


def old():
    """({fault: its row}, the section of the soak) as they were written."""
    text = PATH.read_text() if PATH.exists() else ""
    table, _, soak = text.partition(SOAK)
    rows = {line.split(" | ")[0][2:]: line for line in table.splitlines()
            if line.startswith("| ")}
    return rows, SOAK + soak if soak else ""


def save(rows, soak):
    """The rows in the table's order; those of faults no more are gone."""
    lines = ["# Faults, and what became of them", "",
             "Written by `make faults`, `make race` and `make soak`; each row "
             "with the commit", "and the day of its run.", machine(), "",
             "| fault | how | what counts as surviving | | measured | at |",
             "|---|---|---|---|---|---|"]
    lines += [rows[f.name] for f in FAULTS if f.name in rows]
    PATH.write_text("\n".join(lines) + "\n" + ("\n" + soak if soak else ""))


def write(found, at):
    """Those that were run, with the commit when they began; the others' rows
    stay."""
    rows, soak = old()
    at = f"{at}, {time.strftime('%Y-%m-%d')}"
    for f, verdict, text, _ in found:
        if not f.twin:
            rows[f.name] = row(f, verdict, text, at)
    save(rows, soak)


def write_soak(verdict, figures, at):
    """`figures`: (what, measured) of each row; text where it failed.  `at`:
    the commit when it began."""
    rows, _ = old()
    if isinstance(figures, str):
        figures = [("failed", figures)]
    lines = [SOAK, "",
             f"Written by `make soak` at {at}, "
             f"{time.strftime('%Y-%m-%d')}: {verdict}.", "",
             "| | measured |", "|---|---|"]
    lines += [f"| {cell(what)} | {cell(text)} |" for what, text in figures]
    save(rows, "\n".join(lines) + "\n")
