"""RESULTS.md: the table of faults with what was measured."""

import os
import platform
import re
import subprocess
import time

from harness import HERE, TOP

TOOLS = {"strace": ["strace", "-V"], "nginx": ["nginx", "-v"],
         "lighttpd": ["lighttpd", "-v"], "slowhttptest": ["slowhttptest",
                                                          "-h"]}


def first_line(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              check=False)
    except OSError:
        return None
    text = (done.stdout + done.stderr).strip()
    match = re.search(r"\d+\.\d+(\.\d+)?", text)
    return match[0] if match else None


def commit():
    done = subprocess.run(["git", "-C", str(TOP), "rev-parse", "--short",
                           "HEAD"], capture_output=True, text=True,
                          check=False)
    return done.stdout.strip() or "unknown"


def machine():
    versions = [f"{name} {v}" for name, command in TOOLS.items()
                if (v := first_line(command))]
    return (f"Commit {commit()}, {time.strftime('%Y-%m-%d')}; Linux "
            f"{platform.release()}, {os.cpu_count()} processors, load "
            f"{os.getloadavg()[0]:.1f} at the end; {', '.join(versions)}.")


def cell(text):
    return " ".join(text.replace("|", "\\|").split())[:600]


def write(found):
    lines = ["# Faults, and what became of them", "",
             "Written by `make faults`.", machine(), "",
             "| fault | how | what counts as surviving | | measured |",
             "|---|---|---|---|---|"]
    for f, verdict, text, _ in found:
        lines.append(f"| {f.name} | {cell(f.how)} | {cell(f.criterion)} | "
                     f"{verdict} | {cell(text)} |")
    (HERE / "RESULTS.md").write_text("\n".join(lines) + "\n")
